"""What a number was meant as, given its question: in the question's unit where it has none, and rounded
where the question allows that and noughts end it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction

from ..amounts import SCALES
from ..arithmetic import last_place
from .forms import STORED
from .judging import HOLDING, FollowThrough, Worth, judge
from .quiz_item import QuizItem
from .verdict import CONVENTION, RIGHT, ROUNDED, UNREADABLE, WRONG, Verdict
from .wording import normalised, suffix
from .written import Ambiguous, Written, WrittenNumber

Judge = Callable[[Written], Verdict]
# A unit that a question asks for in words: "(in KiB)".
_IN_UNIT = re.compile(r"\bin (?P<unit>[kmgt]?i?[bo]|(?:kilo|mega|giga|kibi|mebi|gibi)?(?:bytes?|bits?))\b")
# Units that somebody may have left out.
_LEFT_OUT = ("KiB", "MiB", "GiB", "kB", "MB", "GB")
_SURE = 3


def judge_as_meant(
    item: QuizItem, written: Written, follow_through: FollowThrough | None, worth: Worth
) -> Verdict:
    """The verdict on an answer to a question of a quiz."""

    def judged(meant: Written) -> Verdict:
        return judge(item.diagnosis, meant, follow_through, worth)

    bare = judged(written)
    if isinstance(written, Ambiguous) and item.unit:
        readings = [in_unit(one, item.unit) for one in written.readings if isinstance(one, WrittenNumber)]
        found = [one for one in readings if one is not None]
        meant = judged(written._replace(readings=(*found, *written.readings)))
        return meant if meant.kind in HOLDING else bare
    if not isinstance(written, WrittenNumber) or written.scale or written.unit:
        return _with_noughts(item, bare, judged)
    if not item.unit:
        found_unit = _unit_left_out(item, written) if bare.kind == WRONG else ""
        if found_unit:
            question = f"is that {written.text.strip()} {found_unit}? it has no unit"
            return Verdict(UNREADABLE, item.diagnosis, written, remark=question)
        return _with_noughts(item, bare, judged)
    scaled = in_unit(written, item.unit)
    if scaled is None:
        return _with_noughts(item, bare, judged)
    in_its_unit = judged(scaled)
    if in_its_unit.kind in (RIGHT, ROUNDED):
        return in_its_unit
    if bare.kind in (RIGHT, ROUNDED):
        words = f"in {item.asked.unit or 'units of 1'}, and not in {item.unit}"
        if not item.unit_stated:  # only the words of the question have it
            bare.remark = bare.remark or words
            return bare
        return Verdict(
            CONVENTION,
            item.diagnosis,
            written,
            convention=words,
            convention_ids=("unit",),
            remark=bare.remark,
        )
    if in_its_unit.kind in HOLDING or (bare.kind not in HOLDING and not bare.readings):
        return in_its_unit
    return bare


def in_unit(number: WrittenNumber, unit: str) -> WrittenNumber | None:
    """A number without a unit as if the unit stood behind it; None where that is no unit."""
    found = suffix(normalised(unit), True)
    if found is None or number.scale or number.unit:
        return None
    scale, name = found
    factor = Fraction(SCALES[scale]) if scale else Fraction(1)
    low, high = number.low, number.high
    if number.exact and scale:
        half = Fraction(last_place(int(abs(number.value))), 2)
        low, high = low - half, high + half
    return number._replace(
        value=number.value * factor,
        low=low * factor,
        high=high * factor,
        scale=scale,
        unit=name,
        working=None if scale else number.working,
    )


def unit_in_words(text: str) -> str:
    """The unit of bytes that a question asks for in its words; empty for none."""
    found = _IN_UNIT.search(text.lower())
    if found is None:
        return ""
    unit = text[found.start("unit") : found.end("unit")]
    return unit if suffix(normalised(unit), True) is not None else ""


def _unit_left_out(item: QuizItem, number: WrittenNumber) -> str:
    """The unit with which a number of bytes would be right; empty for none."""
    right = item.diagnosis.value
    if item.asked.quantity not in STORED or not isinstance(right, int) or right < 1 or number.value <= 0:
        return ""
    for unit in _LEFT_OUT:
        scaled = in_unit(number, unit)
        if scaled is None or not scaled.covers(right):
            continue
        digits = len(str(int(scaled.value / (scaled.high - scaled.low)))) if not scaled.exact else _SURE
        if scaled.value == right or digits >= _SURE:
            return unit
    return ""


def _with_noughts(item: QuizItem, verdict: Verdict, judged: Judge) -> Verdict:
    """The verdict on a number that is wrong as it stands, and right as a rounded one: 3,580,000 where
    three digits are enough."""
    number = verdict.written
    if verdict.kind != WRONG or item.digits is None or not isinstance(number, WrittenNumber):
        return verdict
    if not number.exact or number.working is not None or number.value.denominator != 1:
        return verdict
    for step, fine in _steps(int(abs(number.value)), item.digits):
        if verdict.readings and not fine:
            continue  # so coarse a figure says less than what explains it
        half = Fraction(step, 2)
        rounded = judged(number._replace(low=number.value - half, high=number.value + half))
        if rounded.kind in HOLDING:
            return rounded
    return verdict


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
