"""One student's sheet, text or Markdown: ``1b: 34,848``, ``Aufgabe 2: 34,848``, several answers on a
line, or the question as a heading with the answer below.

Every line is accounted for: it is an answer, it labels one, it repeats the question or is a running
head, or it is handed on as not read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from ..matrices.asking import VALUES
from . import Fault, SheetAnswer
from .blocks import block
from .labels import END, LIKELY, PERHAPS, SPACE, SURE, AnswerLabel, label_at, widened
from .names import QuestionNames, bare
from .ordered import in_order
from .pages import page_lines, who, who_else
from .repeated import LinePart, QuestionTexts
from .tables import pipe_cells

# Lists, quotations, headings; `#2` is a number.
_MARK = re.compile(r"^\s*(?:[-*+>•◦▪‣·]\s+|#+(?:\s+|(?=[^\s#\d]))|\[[ xX✓✔]\]\s+)*")
# A line of a form to write on: `Q1 ____48x32x24____`.
_BLANKS = re.compile(r"_{3,}")
_RULE = re.compile(r"[\s|:=_*–—-]*")
# Where another label may begin in a line.
_NEXT = re.compile(r"(?<=[\s,;|)])(?=[^\W_]|[(\[*_`#№])")
_BRACKET = re.compile(r"[()\[\]{}]")
_GROUPED = re.compile(r"\d{1,3} \d{3}(?!\d)")
# Where a label may stand in a line that begins otherwise, and how much of such a line is looked at.
_SENTENCE = re.compile(r"[.!?;:,]?\s(?=[^\W_]|[(\[*_`])")
_LONGEST_LINE = 2_000
# Labels behind the first that make a list of one line.
_LEAST_LISTED = 2
# What refers to another question, and labels no answer.
_REFERS = re.compile(
    r"(?:see|from|in|of|as|to|than|using|like|with|siehe|aus|von|wie|voir|cf\.?|de|vgl\.?|ver|vedi)$",
    re.IGNORECASE,
)
_BEFORE = 24
# The signs of a line that is a label and nothing else.
_LABEL_ALONE = 80
# The faults of a sheet that are reported one by one.
MOST = 10
NO_ANSWER = "it answers no question"


class SheetLines(NamedTuple):
    """The lines of a sheet, read: answers, lines that look like answers to questions that there
    are not, lines that are neither answers nor headings, and what it says of its student."""

    entries: list[SheetAnswer]
    faults: list[Fault]
    aside: list[Fault]
    student: list[tuple[str, str]]


class _Row(NamedTuple):
    """A line of a sheet without its marks, and the labels in it."""

    number: int
    text: str
    wide: str
    heading: bool
    apart: bool
    labels: list[AnswerLabel]
    cells: tuple[str, ...] = ()


def read_lines(text: str, names: QuestionNames, answered: Collection[str] = ()) -> SheetLines:
    """The answers of a sheet. ``answered`` are questions that its tables answer: a number alone does not
    label them again."""
    found = SheetLines([], [], [], [])
    rows = list(_rows(text, names, found.student))
    kept = _weighed(rows, names, answered)
    if not any(label.question for labels in kept for label in labels):
        ordered = (
            []
            if answered
            else in_order([LinePart(row.number, row.text) for row in rows if not row.heading], names)
        )
        if ordered:
            found.entries.extend(ordered)
            found.aside.append(
                Fault("sheet", f"its {len(ordered)} answers have no labels, and are read in their order")
            )
            return found
    _Assembly(names, found).run(rows, kept)
    return found


def _rows(text: str, names: QuestionNames, student: list[tuple[str, str]]) -> Iterator[_Row]:
    lines = text.split("\n")
    texts = QuestionTexts(names.texts)
    rows: list[_Row] = []
    parts: QuestionNames | None = None
    apart = False
    first = len(lines)
    for at, line in enumerate(lines):
        stripped = _BLANKS.sub("  ", _MARK.sub("", line)).strip()
        if _RULE.fullmatch(stripped):
            apart = True
            continue
        if known := [*filter(None, [who(stripped)])] or who_else(stripped):
            student += known
            continue
        heading = line.lstrip().startswith("#") and not stripped.startswith("#")
        row = _row(at + 1, stripped, heading, apart, names, texts)
        named = any(label.question for label in row.labels)
        if row.labels and first == len(lines):
            first = at
        if not named and (below := _parts(stripped, names)):
            parts = below
            apart = True
            rows.append(row._replace(labels=[AnswerLabel("", "", 0, -1, 0, END)]))
            continue
        if parts and not any(label.question and label.sure == SURE for label in row.labels):
            inner = label_at(row.wide, parts)
            if inner is not None and inner.question:
                sure = inner.sign not in (END, SPACE)
                further = [label._replace(sure=SURE) for label in _further(row.wide, inner, parts)]
                row = row._replace(labels=[inner._replace(sure=SURE), *further] if sure else [])
        elif row.labels and row.labels[-1].question:
            parts = names.beside(row.labels[-1].question) or parts
        rows.append(row)
        apart = False
    pages = page_lines(lines, min(first, 12))
    yield from (row for row in rows if row.number - 1 not in pages or _is_surely_labelled(row))


def _is_surely_labelled(row: _Row) -> bool:
    return any(label.sure >= LIKELY or label.end < 0 for label in row.labels)


def _row(
    number: int, stripped: str, heading: bool, apart: bool, names: QuestionNames, texts: QuestionTexts
) -> _Row:
    wide = widened(stripped)
    if stripped.startswith("|"):
        cells = pipe_cells(stripped)
        label = label_at(widened(cells[0]), names)
        whole = label is not None and label.end == len(cells[0]) and label.question
        return _Row(number, stripped, wide, heading, apart, [label] if label and whole else [], cells)
    label = label_at(wide, names)
    asked = texts.asked_in(stripped) if label is None or not label.question else ""
    if asked:
        label = AnswerLabel(asked, asked, 0, 0, SURE, ":", True)
    if label is not None and label.question and label.sure < SURE and not asked:
        repeated = texts.asked_in(stripped[label.end :]) == label.question
        label = label._replace(sure=SURE, sign=":") if repeated else label  # `4 Parameters of fc5?`
    if label is None and (inside := _inside(wide, names)):
        return _Row(number, stripped, wide, heading, apart, inside)
    labels = [label, *_further(wide, label, names)] if label is not None else []
    return _Row(number, stripped, wide, heading, apart, labels)


def _inside(line: str, names: QuestionNames) -> list[AnswerLabel]:
    """The labels of a line that begins otherwise: of a sentence, ``Hello. For question 1 I got 27``, or of a
    list of answers behind some words, ``My answers: 1) 27 2) 9 3) 432``."""
    for found in _SENTENCE.finditer(line, 0, _LONGEST_LINE):
        label = label_at(line, names, found.end())
        if label is None or not label.question or label.sign == END or label.end >= len(line):
            continue
        further = list(_further(line, label, names))
        sentence = label.worded and label.sure == SURE and not line[: found.start()].rstrip().endswith(":")
        listed = found[0].isspace() is False or label.sign in (":", ")")
        if sentence and found[0].strip() and not _REFERS.search(line[: found.start()]):
            return [one._replace(sure=LIKELY) for one in (label, *further)]
        in_turn = names.place(label.question) == 0 and len(further) >= _LEAST_LISTED
        if in_turn and listed and label.sign in (":", ")", "."):
            return [one._replace(sure=LIKELY) for one in (label, *further)]
    return []


def _parts(stripped: str, names: QuestionNames) -> QuestionNames | None:
    """The questions of the exercise that a line names and nothing else, ``Exercise 1``, by what
    they are called below it: ``a``."""
    number = bare(stripped.rstrip(" :.)")) if len(stripped) < _LABEL_ALONE else ""
    return names.parts(number) or None if number.isdigit() and number not in names else None


def _further(line: str, first: AnswerLabel, names: QuestionNames) -> Iterator[AnswerLabel]:
    """Yield the labels behind the first of a line, ``Q1: 48x32x24, Q2: 3528``: none in brackets, each of
    a later question."""
    if not first.question:
        return
    last = first
    parts = names.beside(first.question)
    depth = at = 0
    brackets = _BRACKET.finditer(line, first.end)
    bracket = next(brackets, None)
    for found in _NEXT.finditer(line, first.end + 1):
        start = found.start()
        if start < at:
            continue
        while bracket is not None and bracket.start() < start:
            depth = depth + 1 if bracket[0] in "([{" else max(depth - 1, 0)
            bracket = next(brackets, None)
        if depth:
            continue
        label = label_at(line, names, start)
        if parts and (label is None or not label.question):
            label = label_at(line, parts, start)
        if label is None or not label.question or not _follows(line, label, last, first, names):
            continue
        yield label
        last = label
        at = label.end


def _follows(
    line: str, label: AnswerLabel, last: AnswerLabel, first: AnswerLabel, names: QuestionNames
) -> bool:
    """Whether a label in a line is one, behind the last."""
    step = names.place(label.question) - names.place(last.question)
    if step <= 0 or _REFERS.search(line[max(label.start - _BEFORE, 0) : label.start].rstrip()):
        return False
    if label.worded and label.sure == SURE:
        return label.sign == first.sign or label.sign not in (SPACE, END, "=", "==", "-", "\t")
    if label.sign != first.sign or (label.worded and not first.worded):
        return False
    if label.sure == SURE:
        return True
    numbered = label.sign == SPACE and "." in label.name and line[: label.start].rstrip().endswith((";", ","))
    return label.sign in (")", ":", ":=") or (step == 1 and (label.sign == "." or numbered))


def _weighed(
    rows: Sequence[_Row], names: QuestionNames, answered: Collection[str]
) -> list[list[AnswerLabel]]:
    """The labels of each row that are believed: those that say so, and numbers that no other label
    has, each of one form, and in their order where they may as well begin a text."""
    every = [label for row in rows for label in row.labels]
    sure = {label.question for label in every if label.sure == SURE and label.question}.union(answered)
    signs: dict[str, set[str]] = {}
    for label in every:
        if label.sure == LIKELY and label.question and label.question not in sure:
            signs.setdefault(label.sign, set()).add(label.question)
    best: dict[str, str] = {}
    for sign, questions in sorted(signs.items(), key=lambda one: -len(one[1])):
        for question in questions:
            best.setdefault(question, sign)
    claimed = sure | best.keys()
    weak = set() if not any(label.sure == PERHAPS for label in every) else _in_turn(rows, names, claimed)

    def believed(label: AnswerLabel, number: int) -> bool:
        if label.sure == SURE or label.end < 0:
            return True
        if not label.question:
            return not sure
        if label.sure == LIKELY:
            return label.question not in sure and best.get(label.question) == label.sign
        # `2.2 15` behind `2.1 27;` of the same line
        return (number, label.question) in weak or label in behind

    behind = [label for row in rows for label in row.labels[1:] if label.sure == PERHAPS]
    kept = []
    for row in rows:
        labels = []
        for label in row.labels:
            if not believed(label, row.number):
                break
            labels.append(label)
        kept.append(labels)
    return kept


def _in_turn(rows: Sequence[_Row], names: QuestionNames, claimed: set[str]) -> set[tuple[int, str]]:
    """The labels that may as well begin a text, and are in turn: their row and their question."""
    found: list[tuple[int, AnswerLabel]] = []
    left_out = _left_out(rows, names, claimed)
    last = -1
    for row in rows:
        for label in row.labels[:1]:
            place = names.place(label.question)
            if label.question in claimed and label.sure > PERHAPS:
                last = place
            elif label.sure == PERHAPS and label.question not in claimed and place > last:
                number = not label.worded and label.name.isdecimal()
                prose = label.sign == SPACE and number and row.wide[label.end : label.end + 1].isalpha()
                if not prose and (not (number and claimed) or row.number in left_out):
                    found.append((row.number, label))
                    last = place
    numbers = [label for _, label in found if label.name.isdecimal() and not label.worded]
    least = 2 if all(label.sign not in (END, SPACE) for label in numbers) else max(2, len(names.order) // 2)
    return {
        (number, label.question)
        for number, label in found
        if label not in numbers or claimed or len(numbers) >= min(least, max(len(names.order), 1))
    }


def _sure_places(rows: Sequence[_Row], names: QuestionNames, claimed: set[str]) -> list[int]:
    """The place of the question that each row labels surely; -1 where it labels none so."""
    return [
        names.place(row.labels[0].question)
        if row.labels and row.labels[0].question in claimed and row.labels[0].sure > PERHAPS
        else -1
        for row in rows
    ]


def _left_out(rows: Sequence[_Row], names: QuestionNames, claimed: set[str]) -> set[int]:
    """The rows whose numbers label what the labels above and below leave out: each of the questions between
    them once, in their order. ``3 528`` may be one number."""
    places = _sure_places(rows, names, claimed)
    matrices = {names.place(question) for question, asked in names.quantities.items() if asked == VALUES}
    labels = [label for row in rows for label in row.labels[:1] if label.question in claimed]
    plain = not any(label.worded for label in labels)
    found: set[int] = set()
    above = -1
    between: list[tuple[int, int]] = []
    # Behind the last label a sheet of numbers without words may go on to the end of the quiz.
    for row, place in [*zip(rows, places, strict=True), (None, len(names.order) if plain else -1)]:
        if place >= 0:
            wanted = range(above + 1, place)
            left = [(number, one) for number, one in between if one in wanted]
            if [one for _, one in left] == list(wanted):
                found |= {number for number, _ in left}
            above, between = place, []
        elif above in matrices:
            continue  # rows of numbers
        elif row is not None and row.labels and row.labels[0].sign != END and not _GROUPED.match(row.wide):
            between += [(row.number, names.place(label.question)) for label in row.labels]
    return found


# Between two answers of a line.
_AND = ("and", "und", "et", "y", "e", "en", "och", "i", "и", "&")


def _before_next(text: str) -> str:
    """An answer without what stands between it and the label of the next one of its line."""
    text = text.rstrip(",;|/ ")
    before, _, last = text.rpartition(" ")
    return before.rstrip(",;|/ ") if before and last.lower() in _AND else text


class _Assembly:
    """Puts the lines below each label together."""

    def __init__(self, names: QuestionNames, found: SheetLines):
        self.names = names
        self.found = found
        self.label: AnswerLabel | None = None
        self.place = ""
        self.pieces: list[LinePart] = []
        self.answers: dict[str, list[tuple[SheetAnswer, bool]]] = {}

    def run(self, rows: Sequence[_Row], kept: Sequence[list[AnswerLabel]]) -> None:
        aside, faults = self.found.aside, self.found.faults
        unknown: list[Fault] = []
        for row, labels in zip(rows, kept, strict=True):
            place = f"line {row.number}"
            if not labels:
                if row.heading and (self.label is None or self.pieces):
                    continue
                if self.label is not None:
                    self.pieces.append(LinePart(row.number, row.text, False, row.apart))
                else:
                    aside.append(Fault(place, NO_ANSWER, row.text))
                continue
            self.close()
            first = labels[0]
            if first.end < 0:
                continue
            if not first.question:
                unknown.append(Fault(place, f"there is no question `{first.name}`", row.text))
                continue
            if row.cells:
                self.answer(
                    first,
                    place,
                    [LinePart(row.number, row.cells[1], True)]
                    if row.cells[1:2] != ("",) and row.cells[1:]
                    else [],
                )
                aside += [Fault(place, NO_ANSWER, cell) for cell in row.cells[2:] if cell]
                continue
            if first.start and (before := row.text[: first.start].strip()):
                aside.append(Fault(place, NO_ANSWER, before))
            for label, following in zip(labels, [*labels[1:], None], strict=True):
                self.close()
                end = len(row.text) if following is None else following.start
                rest = row.text[label.end : end].strip()
                if following is not None:
                    rest = _before_next(rest)
                self.label, self.place = label, place
                self.pieces = [LinePart(row.number, rest, True)] if rest else []
        self.close()
        faults += unknown[:MOST]
        aside += unknown[MOST:]
        if len(unknown) > MOST:
            faults.append(
                Fault(unknown[MOST].place, f"{len(unknown) - MOST:,} more lines answer no question")
            )
        self.settle()

    def close(self) -> None:
        """End the lines below a label."""
        if self.label is not None:
            self.answer(self.label, self.place, self.pieces)
            self.label, self.pieces = None, []

    def answer(self, label: AnswerLabel, place: str, pieces: list[LinePart]) -> None:
        """Take the answer below a label."""
        made = block(label.question, place, pieces, self.names)
        self.answers.setdefault(label.question, []).append((made.entry, label.corrected))
        self.found.entries.append(made.entry)
        self.found.aside.extend(made.aside)

    def settle(self) -> None:
        """Where a student says that an answer takes the place of an earlier one, it does."""
        dropped = []
        for answers in self.answers.values():
            corrected = [entry for entry, is_correction in answers if is_correction and entry.text]
            if len(answers) < 2:
                continue
            if corrected:
                last = corrected[-1]
                why = f"the student's correction on {last.place} takes its place"
                for entry, _ in answers:
                    if entry is not last:
                        dropped.append(entry)
                        if entry.text:
                            self.found.aside.append(Fault(entry.place, why, entry.text))
            elif any(entry.text for entry, _ in answers):
                # A label that has nothing below it is a heading, where another has the answer.
                dropped += [entry for entry, _ in answers if not entry.text]
        if dropped:
            gone = {id(entry) for entry in dropped}
            self.found.entries[:] = [entry for entry in self.found.entries if id(entry) not in gone]
