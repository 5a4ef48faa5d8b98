"""One student's sheet, text or Markdown: ``1b: 34,848``, ``Q1 (b) = 34,848``, ``| 1b | 34,848 |``,
or the question as a heading with the answer below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from . import Fault, SheetAnswer
from .names import QuestionNames, bare
from .tables import pipe_cells

# Lists, quotations, headings.
_MARK = re.compile(r"^\s*(?:[-*+>]\s+|#+\s*)*")
# Where a label may end.
_END = re.compile(r"[:=)\]\t|]|\.(?!\d)|(?<=\s)-(?=\s)|\s")
# What looks like a label, in single spaces.
_LABEL = re.compile(r"(?:q|question ?)?\(?\d{1,2} ?[.(]? ?[a-z]?\)? ?[:=)]", re.IGNORECASE)
_RULE = re.compile(r"[\s|:=_*-]*")
# The signs of a line in which a label is looked for.
LONGEST = 80
# The faults of a sheet that are reported one by one.
MOST = 10


class SheetLines(NamedTuple):
    """The lines of a sheet, read: answers, lines that look like answers to questions that there
    are not, and lines that are neither answers nor headings."""

    entries: list[SheetAnswer]
    faults: list[Fault]
    aside: list[Fault]


def read_lines(text: str, ids: QuestionNames) -> SheetLines:
    """The answers of a sheet. ``ids`` are the questions by their bare names."""
    entries: list[SheetAnswer] = []
    faults: list[Fault] = []
    aside: list[Fault] = []
    waiting = ""
    number = 0
    parts: dict[str, str] = {}  # of the exercise that a heading names, by their letters
    for number, line in enumerate(text.split("\n"), 1):
        stripped = _MARK.sub("", line).strip()
        if _RULE.fullmatch(stripped):
            continue
        place = f"line {number}"
        question, rest, more = _labelled(stripped, ids)
        if not question and (below := _parts(stripped, ids)):
            parts = below
            continue
        if not question and parts:
            question, rest, more = _labelled(stripped, parts)
        if question:
            if waiting:
                entries.append(SheetAnswer(waiting, "", place))
            waiting = "" if rest else question
            if rest:
                entries.append(SheetAnswer(question, rest, place))
            aside += [Fault(place, NO_ANSWER, cell) for cell in more]
        elif found := _LABEL.match(" ".join(stripped[:LONGEST].split())):
            why = f"there is no question `{found[0].rstrip(' :=)')}`"
            (faults if len(faults) < MOST else aside).append(Fault(place, why, stripped))
        elif waiting:
            entries.append(SheetAnswer(waiting, stripped, place))
            waiting = ""
        elif not line.lstrip().startswith("#"):
            aside.append(Fault(place, NO_ANSWER, stripped))
    if waiting:
        entries.append(SheetAnswer(waiting, "", f"line {number}"))
    left = [fault for fault in aside if fault.message != NO_ANSWER]
    if left:
        faults.append(Fault(left[0].place, f"{len(left):,} more lines answer no question"))
    return SheetLines(entries, faults, aside)


def _parts(stripped: str, ids: QuestionNames) -> dict[str, str]:
    """The questions of the exercise that a line names and nothing else, ``Exercise 1``, by what
    they are called below it: ``a``."""
    number = bare(stripped[:LONGEST].rstrip(" :.)")) if len(stripped) < LONGEST else ""
    if not number.isdigit():
        return {}
    return {
        id[len(number) :].lstrip("."): question
        for id, question in ids.items()
        if id.startswith(number) and id[len(number) :].lstrip(".").isalpha()
    }


NO_ANSWER = "it answers no question"


def _labelled(line: str, ids: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]]:
    """The question that a line answers, the answer, and cells of a table behind it; no question
    where it answers none."""
    if line.startswith("|"):
        cells = pipe_cells(line)
        question = ids.get(bare(cells[0]), "")
        if not question:
            return "", "", ()
        return question, " ".join(cells[1:2]), tuple([cell for cell in cells[2:] if cell])
    best = ""
    rest = ""
    for end in (*[found.start() for found in _END.finditer(line[:LONGEST])], len(line)):
        label = line[:end].rstrip()
        question = ids.get(bare(label), "")
        if not question or not (label[-1].isalnum() or label[-1] in ")]*_`"):
            continue
        behind = line[end:].lstrip()
        if end < len(line) and line[end].isspace() and not _separated(behind, label):
            continue
        best, rest = question, behind
    return best, _answer(rest, emphasised=line[0] in "*_`"), ()


def _answer(behind: str, emphasised: bool) -> str:
    """Return the text behind a label without what separates the two. ``**1b:** 760``: the marks that
    the label began are not the answer's."""
    marks = "*_`" if emphasised else ""
    rest = behind.lstrip(":=)]|. \t" + marks)
    return rest[1:].lstrip() if rest == behind and rest.startswith("- ") else rest


def _separated(behind: str, label: str) -> bool:
    """Whether a label ends at a space: prose may begin with a number too."""
    if behind[:1] in ":=)]|-":
        return True
    name = bare(label)
    return len(name) > 3 or (name.isalnum() and not name.isdigit() and not name.isalpha())
