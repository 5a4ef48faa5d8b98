"""What a number was meant as, given its question: with a unit that was left out, or rounded where the
question allows that and noughts end it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from .forms import STORED
from .judging import HOLDING, FollowThrough, Worth, judge
from .quiz_item import QuizItem
from .units import unit_called
from .verdict import CONVENTION, RIGHT, ROUNDED, UNREADABLE, WRONG, Verdict
from .vocabulary import FACTORS
from .written import Written, WrittenNumber

Judge = Callable[[Written], Verdict]
# Units that somebody may have left out.
_LEFT_OUT = ("KiB", "MiB", "GiB", "kB", "MB", "GB")
_SURE = 3


def judge_as_meant(
    item: QuizItem, written: Written, follow_through: FollowThrough | None, worth: Worth
) -> Verdict:
    """The verdict on an answer to a question of a quiz."""
    if item.marker is not None:
        return item.marker.verdict(item.diagnosis, written, follow_through)

    def judged(meant: Written) -> Verdict:
        return judge(item.diagnosis, meant, follow_through, of_item)

    def of_item(kind: str, ids: tuple[str, ...] = ()) -> Fraction:
        return worth(RIGHT if kind == ROUNDED and item.digits is not None else kind, ids)

    verdict = judged(written)
    if verdict.kind == WRONG and isinstance(written, WrittenNumber):
        unit = _unit_left_out(item, written)
        if unit:
            question = f"is that {written.text.strip()} {unit}? it has no unit"
            return Verdict(UNREADABLE, item.diagnosis, written, remark=question)
    if verdict.kind in (WRONG, CONVENTION):
        return _with_noughts(item, verdict, judged)
    return verdict


def _unit_left_out(item: QuizItem, number: WrittenNumber) -> str:
    """The unit with which a number of bytes would be right; empty for none."""
    right = item.diagnosis.value
    if number.scale or number.unit or number.value <= 0:
        return ""
    if item.asked.quantity not in STORED or not isinstance(right, int) or right < 1:
        return ""
    for word in _LEFT_OUT:
        scale, unit = unit_called(word) or ("", "")
        scaled = number.in_unit(scale, unit, FACTORS[scale])
        if not scaled.covers(right):
            continue
        digits = len(str(int(scaled.value / (scaled.high - scaled.low)))) if not scaled.exact else _SURE
        if scaled.value == right or digits >= _SURE:
            return word
    return ""


def _with_noughts(item: QuizItem, verdict: Verdict, judged: Judge) -> Verdict:
    """The verdict on a number that is wrong as it stands, or right by a convention alone, and right as a
    rounded one: 3,580,000 where three digits are enough, and ``3580000.0``, as platforms write it."""
    number = verdict.written
    if item.digits is None or not isinstance(number, WrittenNumber):
        return verdict
    if number.working is not None or number.value.denominator != 1:
        return verdict
    for step, fine in _steps(int(abs(number.value)), item.digits):
        if step <= number.high - number.low:
            continue  # it is as rough already
        if not fine and (verdict.readings or verdict.kind == CONVENTION or not _is_whole(number)):
            continue  # so coarse a figure says less than what explains it
        half = Fraction(step, 2)
        rounded = judged(number._replace(low=number.value - half, high=number.value + half))
        if rounded.kind in (HOLDING if verdict.kind == WRONG else (ROUNDED,)):
            return rounded
    return verdict


def _is_whole(number: WrittenNumber) -> bool:
    """Whether a number says one whole number alone, as ``760`` and ``760.0`` do."""
    return number.exact or (not number.scale and number.high - number.low <= 1)


def _steps(value: int, digits: int) -> Iterator[tuple[int, bool]]:
    """The steps to which a number that noughts end may be rounded, and whether that keeps as many digits
    as are enough."""
    text = str(value)
    noughts = len(text) - len(text.rstrip("0"))
    if not value or not noughts:
        return
    cut = len(text) - digits
    if 0 < cut <= noughts:
        yield 10**cut, True
    if cut != noughts:
        yield 10**noughts, noughts <= cut
