"""The verdict on an answer in words: signs, sentences, and both workings, one above the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Any, NamedTuple

from ...analysis.notation import FormulaToken, Notation
from ...answers.assumptions import CUT_OFF, FACTOR, PUBLISHED, Reading
from ...answers.conventions import Conventions
from ...answers.misconceptions import explanations
from ...answers.question import QUANTITIES, UNFIT
from ...answers.quiz import Quiz
from ...answers.quiz_item import QuizItem
from ...answers.verdict import BLANK, CONVENTION, DECIDED, FOLLOWS, RIGHT, ROUNDED, UNREADABLE, WRONG, Verdict
from ...answers.working import Working, WorkingLine
from ...answers.written import WrittenNumber
from ...answers.written_kinds import WrittenMatrix
from ...shape import Shape
from ..lines import Line, clean, clean_line, hanging
from ..sheet import Space
from ..words import volume

# A sign and its role for every verdict.
SIGNS = {
    RIGHT: ("✓", "good"),
    ROUNDED: ("≈", "good"),
    CONVENTION: ("✓", "second"),
    FOLLOWS: ("↳", "second"),
    WRONG: ("✗", "bad"),
    DECIDED: ("•", "second"),
    UNREADABLE: ("?", "warn"),
    BLANK: (" ", "aside"),
}
# Verdicts of a sheet, counted.
COUNTED = {
    RIGHT: "right",
    ROUNDED: "rounded",
    CONVENTION: "by another convention",
    FOLLOWS: "follow",
    WRONG: "wrong",
    DECIDED: "decided by a person",
    UNREADABLE: "not read",
    BLANK: "blank",
}
# Columns of the word before a working.
_SIDE = 8
# Readings that are named below the first.
_OTHERS = 3


class MarkedAnswers(NamedTuple):
    """Answers with their verdicts, and what of these is shown.

    hint    a question that leads on, and nothing that gives the answer away
    taught  also why something is an error, for a student
    every   each cell of a table has a note of its own, though it is that of others too
    """

    items: Sequence[QuizItem]
    verdicts: Mapping[str, Verdict]
    conventions: Conventions
    hint: bool = False
    taught: bool = False
    every: bool = False

    @property
    def layout(self) -> str:
        """The order of axes in which shapes are written."""
        return self.conventions["layout"]

    def of(self, item: QuizItem) -> Verdict:
        """The verdict on an answer."""
        return self.verdicts[item.id]

    def sentence(self, item: QuizItem, space: Space) -> Line:
        """The sentence on an answer, or the hint."""
        verdict = self.of(item)
        layout = item.asked.conventions["layout"]
        line = self.hinted(verdict, space) if self.hint else format_verdict(verdict, space, layout)
        if verdict.counted and not self.hint:
            line = [*line, (f" (already counted at {clean(verdict.counted)})", "aside")]
        if verdict.kind != DECIDED and verdict.decision is not None and verdict.decision.reason:
            line = [*line, (f" (read so by a person: {clean_line(verdict.decision.reason)})", "aside")]
        return line

    def hinted(self, verdict: Verdict, space: Space) -> Line:
        """The hint. An answer that is right by another convention is no place to look at again."""
        before = self.verdicts.get(verdict.follows)
        if verdict.kind == FOLLOWS and before is not None and (before.right or before.kind == DECIDED):
            return [(f"right for your {earlier(verdict.follows)}, as it is by that convention", "")]
        return hinted(verdict, space)

    def details(self, item: QuizItem, space: Space) -> Iterator[Line]:
        """The lines below the sentence: none below a hint."""
        return (
            iter(())
            if self.hint
            else details(self.of(item), space, item.asked.conventions["layout"], self.taught)
        )


def signs_of(space: Space) -> Notation:
    """Signs of workings, of those that there are."""
    if space.shown("·") == "·":
        return Notation("·", "·", " − ", ("⌊", "⌋"), ("⌈", "⌉"), "…", True)
    return Notation("*", "*", " - ", ("floor(", ")"), ("ceil(", ")"), "..", True)


def format_value(value: Any, layout: str = "hwc") -> str:
    """A value for a reader: ``34,944``, ``55x55x96``, ``does not fit``."""
    if value is UNFIT:
        return repr(UNFIT)
    if isinstance(value, Shape):
        return volume(value, layout)
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def class_key(item: QuizItem) -> str:
    """The right value of a question of a class, of which variants have several."""
    if item.varies:
        return "by variant"
    return format_value(item.diagnosis.value, item.asked.conventions["layout"])


def class_words(quiz: Quiz, item: QuizItem) -> str:
    """A question of a class in words: those of its text, where all have the same."""
    return item.asked.words if item.varies else quiz.texts.get(item.id, item.asked.words)


def format_points(points: Fraction) -> str:
    """``13``, ``12.5``."""
    return str(points) if points.denominator == 1 else f"{float(points):.4g}"


# Signs of an answer that are shown: a matrix of a lecture has a few hundred.
LONGEST_ANSWER = 2_000


def format_answer(verdict: Verdict) -> str:
    """The answer as it was written, on one line and tame."""
    text = verdict.written.text
    if isinstance(verdict.written, WrittenMatrix):
        text = "; ".join([line.strip().rstrip(";,") for line in text.split("\n") if line.strip()])
    line = clean_line(text)
    return line if len(line) <= LONGEST_ANSWER else f"{line[:LONGEST_ANSWER]} …"


def format_numbers(made: Any, space: Space) -> str:
    """An expression in numbers."""
    return "".join([number for _, number in signs_of(space).tokens(made)])


def format_working(working: Working | None, space: Space) -> str:
    """A working on one line: ``5·5·3·32·32·10 = 768,000``; empty where it is but its value."""
    if working is None:
        return ""
    # The whole of what has sides; of a volume, its first axis.
    for step in [line for line in working.lines if not line.of] or working.lines:
        text = format_numbers(step.made, space)
        result = format_value(step.made.value)
        if text != result:
            return f"{text} = {result}"
    return ""


def format_verdict(verdict: Verdict, space: Space, layout: str = "hwc") -> Line:
    """The sentence on an answer."""
    kind = verdict.kind
    if kind == ROUNDED:
        made = format_working(verdict.working, space) or format_value(verdict.value, layout)
        return [(f"right, rounded: {made}", "")]
    if kind == CONVENTION:
        return [("right by another convention: ", ""), (verdict.convention, "title")]
    if kind == FOLLOWS:
        if verdict.asked.layer is None:
            return [(f"follows from your {'rows' if verdict.rows else earlier(verdict.follows)}", "")]
        made = format_working(verdict.follow_through, space)
        return [(f"follows from your {earlier(verdict.follows)}{': ' if made else ''}{made}", "")]
    if kind == WRONG and verdict.readings:
        first = verdict.readings[0]
        if first.slip:
            return [("wrong, perhaps a slip: ", ""), (first.words, "title")]
        if first.kind == CUT_OFF:
            return [("wrong, ", ""), (first.words, "title"), (f" ({first.reason})", "")]
        if first.kind == PUBLISHED:
            reason = f": {clean(first.reason)}" if first.reason else ""
            return [("wrong, ", ""), (clean(first.words), "title"), (reason, "")]
        if first.kind == FACTOR:
            return [("wrong, ", ""), (first.words, "title")]
        behind = f", starting from your {earlier(verdict.follows)}" if first.follows else ""
        return [("wrong, consistent with ", ""), (first.words, "title"), (behind, "")]
    if kind == UNREADABLE:
        return [(f"not read: {clean(verdict.remark)}", "")]
    if kind == DECIDED:
        reason = f": {clean_line(verdict.remark)}" if verdict.remark else ""
        return [(f"decided by a person, points {format_points(verdict.points)}{reason}", "")]
    remark = f": {clean(verdict.remark)}" if verdict.remark else ""
    return [(("no answer" if kind == BLANK else kind) + remark, "")]


def earlier(follows: str) -> str:
    """The earlier answer that another starts from: ``pool2``, ``conv1 rf``, ``1b``."""
    name, _, quantity = clean(follows).rpartition(".")
    if not name or quantity not in QUANTITIES:
        return clean(follows)
    return name if quantity in ("output", "size") else f"{name} {QUANTITIES[quantity]}"


def details(verdict: Verdict, space: Space, layout: str = "hwc", taught: bool = False) -> Iterator[Line]:
    """The lines below the sentence: both workings, other readings, remarks.
    ``taught``: why it is an error, for a student, too."""
    width_left = None if space.width is None else max(space.width - _SIDE, 24)

    def row(side: str, text: str, role: str = "") -> Iterator[Line]:
        rows: Iterator[Line] = ([(part, role)] for part in space.broken(text, width_left))
        return hanging([(side.ljust(_SIDE), "aside")], rows, _SIDE)

    kind, readings = verdict.kind, verdict.readings
    if kind == CONVENTION:
        other = format_working(verdict.other, space)
        made = format_working(verdict.working, space) if other else ""
        yield from row("here", made or format_value(verdict.value, layout))
        if other:
            yield from row("yours", other)
        return
    if kind == FOLLOWS and verdict.rows:
        yield from row("sum", format_working(verdict.follow_through, space))
        return
    if kind == ROUNDED and verdict.remark:
        yield from row("but", clean(verdict.remark))
        return
    if kind == ROUNDED and verdict.covers:
        names = [f"{reading.words} ({format_value(reading.value)})" for reading in verdict.covers]
        yield from row("or", f"rounds to the same: {'; '.join(names[:_OTHERS])}")
        return
    if kind != WRONG:
        return
    first = next((reading for reading in readings if not reading.slip), None)
    if first is not None and first is readings[0] and first.working is not None:
        base = (
            verdict.follow_through
            if first.follows and verdict.follow_through is not None
            else verdict.working
        )
        if base is not None and not base.lines:  # nothing fits, so there is nothing to set beside
            yield from row("right", format_value(verdict.value, layout))
            yield from row("yours", format_working(first.working, space))
        for right, yours in compared(base, first.working, space.of(width_left)):
            for side, texts in (("right", right), ("yours", yours)):
                yield from hanging([(side.ljust(_SIDE), "aside")], ([(text, "")] for text in texts), _SIDE)
    elif verdict.value is not None:
        made = format_working(verdict.working, space) or format_value(verdict.value, layout)
        yield from row("right", made)
        working = verdict.written.working if isinstance(verdict.written, WrittenNumber) else None
        if working is not None:
            yield from row("yours", f"{format_numbers(working, space)} = {format_value(working.value)}")
    if taught and readings and not readings[0].slip:
        for text in explanations(readings[0].ids):
            yield from row("", text, "aside")
    others = readings[1:]
    for reading in others[:_OTHERS]:
        yield from row("or", format_reading(reading))
    if len(others) > _OTHERS:
        more = len(others) - _OTHERS
        yield from row("", f"and {more} other{'s' if more > 1 else ''}", "aside")
    if verdict.remark and readings:
        yield from row("", clean(verdict.remark), "aside")


def hinted(verdict: Verdict, space: Space) -> Line:
    """The verdict and one step, for who wants to find the answer."""
    if verdict.kind == RIGHT or verdict.kind == ROUNDED:
        return [("right" if verdict.kind == RIGHT else "right, rounded", "")]
    if verdict.kind == FOLLOWS:
        return [(f"right for your {earlier(verdict.follows)}: look there again", "")]
    if verdict.kind != WRONG:
        return format_verdict(verdict, space)
    different = verdict.hints
    if not different:
        which = f": {clean(verdict.remark)}" if verdict.cells is not None and verdict.remark else ""
        return [(f"not yet{which}", "")]
    several = "; more than one thing may be behind it" if len(different) > 1 else ""
    return [(f"not yet{several}: {' '.join(different)}", "")]


def format_reading(reading: Reading) -> str:
    """A further reading."""
    if reading.kind == CONVENTION:
        return f"another convention: {reading.words}"
    if reading.kind == PUBLISHED and reading.reason:
        return clean(f"{reading.words}: {reading.reason}")
    return f"a slip: {reading.words}" if reading.slip else reading.words


def compared(right: Working | None, yours: Working, space: Space) -> Iterator[tuple[list[str], list[str]]]:
    """The lines in which two workings differ, sign below sign: gaps are what was forgotten."""
    width_left = space.width
    others = {step.of: step for step in right.lines} if right is not None else {}
    found = []
    for step in yours.lines:
        other = others.get(step.of) or (right.lines[0] if right and right.lines else None)
        if other is not None and (other.of != step.of or not _alike(other, step)):
            found.append((other, step))
    if not found and right is not None and right.lines and yours.lines:
        found = [(right.lines[0], yours.lines[0])]
    for a, b in found:
        above, below = aligned(signs_of(space).tokens(a.made), signs_of(space).tokens(b.made), space)
        label = f"{b.of}: " if b.of and b.of == a.of else ""
        ends = [f" = {format_value(a.made.value)}", f" = {format_value(b.made.value)}"]
        # A number that is its own working needs no sign of equality.
        if above.strip() == format_value(a.made.value):
            ends[0] = ""
        if below.strip() == format_value(b.made.value):
            ends[1] = ""
        one, other_text = f"{label}{above}{ends[0]}", f"{label}{below}{ends[1]}"
        if width_left is not None and max(space.width_of(one), space.width_of(other_text)) > width_left:
            one = f"{label}{format_numbers(a.made, space)}{ends[0]}"
            other_text = f"{label}{format_numbers(b.made, space)}{ends[1]}"
            yield space.broken(one, width_left), space.broken(other_text, width_left)
        else:
            yield [one], [other_text]


def _alike(a: WorkingLine, b: WorkingLine) -> bool:
    return bool(a.made.numbers == b.made.numbers)


def aligned(right: Sequence[FormulaToken], yours: Sequence[FormulaToken], space: Space) -> tuple[str, str]:
    """Two formulas in numbers, what they have in common in the same columns."""
    above, below = "", ""
    matcher = SequenceMatcher(
        None, [token[0] for token in right], [token[0] for token in yours], autojunk=False
    )
    for tag, a, b, c, d in matcher.get_opcodes():
        pieces = (
            [(right[a + i][1], yours[c + i][1]) for i in range(b - a)]
            if tag == "equal"
            else [("".join([token[1] for token in right[a:b]]), "".join([token[1] for token in yours[c:d]]))]
        )
        for one, other in pieces:
            width = max(space.width_of(one), space.width_of(other))
            above += one + " " * (width - space.width_of(one))
            below += other + " " * (width - space.width_of(other))
    return above, below


def format_score(marked: MarkedAnswers) -> str:
    """``1 of 3 right, 2 wrong``."""
    verdicts = [marked.of(item) for item in marked.items]
    right = sum(verdict.right for verdict in verdicts)
    rest = [
        (kind, sum(verdict.kind == kind for verdict in verdicts))
        for kind in (FOLLOWS, WRONG, UNREADABLE, BLANK)
    ]
    parts = [f"{right} of {len(verdicts)} right"]
    parts += [f"{number} {_plural(kind, number)}" for kind, number in rest if number]
    return ", ".join(parts)


def _plural(kind: str, number: int) -> str:
    return "follows" if kind == FOLLOWS and number == 1 else COUNTED[kind]
