"""Figures that were cut off where they are to be rounded: 25.5M for 25,557,032."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import floor

from ..amounts import SCALES
from .assumptions import CUT_OFF, Reading
from .diagnosis import Diagnosis
from .forms import AnswerForm
from .written import WrittenNumber

# The words for it on every screen, of answers and of published figures.
WORDS = "cut off where it is to be rounded"
_HINT = "Was it rounded, or were its last digits dropped?"


def cut_off(diagnosis: Diagnosis, forms: Iterable[AnswerForm]) -> Iterator[Reading]:
    """Whether an answer is the right number, cut off."""
    for form in forms:
        if form.number is not None and cuts(form.number, diagnosis.value):
            words = f"{WORDS}, and {form.convention}" if form.convention else WORDS
            yield _reading(form.number, diagnosis.value, words)


def cut_off_by_convention(diagnosis: Diagnosis, forms: Iterable[AnswerForm]) -> Iterator[Reading]:
    """Whether it is the number of another convention, cut off: MACs called FLOPs, 15.4G."""
    for form in forms:
        for alternative in diagnosis.alternatives:
            if alternative.far or form.number is None:
                continue
            if cuts(form.number, alternative.value):
                words = f"{WORDS}, and {alternative.words}"
                yield _reading(form.number, alternative.value, words)


def cuts(number: WrittenNumber, value: object) -> bool:
    """Whether a number is what is left of a value whose last digits were dropped, and is not what
    it rounds to."""
    if not isinstance(value, int) or number.exact or number.covers(value):
        return False
    return number.value <= value < number.value + _step(number)


def _step(number: WrittenNumber) -> Fraction:
    """A unit of its last digit. One that was widened for its ``~`` covers several of them."""
    width = number.high - number.low
    return width / int(str(width.numerator)[0]) if number.approximate else width


def _reading(number: WrittenNumber, value: int, words: str) -> Reading:
    reason = f"{value:,} rounds to {rounded_like(number, value)}"
    return Reading((CUT_OFF,), words, value, None, _HINT, kind=CUT_OFF, reason=reason)


def rounded_like(number: WrittenNumber, value: int) -> str:
    """A value rounded to the digits of a number, and written in its scale: ``25.6M``."""
    step, unit = _step(number), Fraction(SCALES[number.scale])
    rounded = floor(value / step + Fraction(1, 2)) * step / unit
    digits = 0
    while digits < 12 and (step / unit * 10**digits).denominator != 1:
        digits += 1
    return f"{float(rounded):,.{digits}f}{number.scale}{'B' if number.unit == 'bytes' else ''}"
