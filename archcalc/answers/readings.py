"""Readings of a wrong answer: beliefs of the catalogue, slips, the figures of other
networks, and what would make it right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from ..arithmetic import Expression
from ..shape import Shape
from .assumptions import RIGHT_WORKING, SLIP, Reading
from .diagnosis import Diagnosis
from .factors import solved
from .forms import AnswerForm
from .published import of_relatives, printed, printed_of_relatives
from .ratios import says_percent
from .slips import slips
from .written import WrittenNumber

_AXES = "Along which axes has a volume a size?"


def readings_of(
    diagnosis: Diagnosis, forms: Sequence[AnswerForm], follow_through: Diagnosis | None = None
) -> Iterator[Reading]:
    """Yield the readings of an answer: one misconception, a slip, an earlier answer and one
    misconception, two of them. Readings of the same words are given once.

    ``follow_through`` is the question as the student's own earlier answers put it."""
    seen: set[str] = set()
    for reading in _all(diagnosis, forms, follow_through):
        if reading.words not in seen:
            seen.add(reading.words)
            yield reading


def _all(
    diagnosis: Diagnosis, forms: Sequence[AnswerForm], follow_through: Diagnosis | None
) -> Iterator[Reading]:
    """One assumption, and only where none is enough two: those would explain too much."""
    found = [reading for form in forms for reading in _nearly(diagnosis, form)]
    if found:  # so near that nothing else is worth a word
        yield from found
        return
    found = [reading for form in forms for reading in _looked_up(diagnosis, form, pairs=False)]
    found += [reading for form in forms for reading in _slipped(diagnosis, form)]
    if follow_through is not None:
        for form in forms:
            for reading in _looked_up(follow_through, form, pairs=False):
                reading.follows = True
                found.append(reading)
    looked_up = [one.reading(diagnosis.value) for one in printed(diagnosis, forms)]
    if not found and not looked_up:
        found = [reading for form in forms for reading in _looked_up(diagnosis, form, pairs=True)]
    if not found:
        found = [reading for form in forms for reading in of_relatives(diagnosis, form)]
    # A depth is so small a number that what is printed of this very network is nearer.
    small = diagnosis.asked.quantity == "depth"
    found = [*looked_up, *found] if small else [*found, *looked_up]
    if not found:
        found = [one.reading(diagnosis.value) for one in printed_of_relatives(diagnosis, forms)]
    for reading in found:
        reading.worked = _as_worked(forms, reading)
    # What was shown decides; then what this layer has and others have not.
    yield from sorted(found, key=lambda reading: (not reading.worked, not reading.special))


def right_for(diagnosis: Diagnosis, forms: Iterable[AnswerForm]) -> Iterator[Reading]:
    """Where nothing else explains a count: the factors of it with which it would be right."""
    for form in forms:
        if form.number is not None and form.number.exact and form.number.value.denominator == 1:
            yield from solved(diagnosis, int(form.number.value))


def _nearly(diagnosis: Diagnosis, form: AnswerForm) -> Iterator[Reading]:
    """A right working with a wrong result behind it."""
    number, right = form.number, diagnosis.value
    if number is None or not isinstance(right, int):
        return
    made = number.working
    if made is not None and made.value == right and not number.covers(right):
        words = f"the working is right, and comes to {right:,}"
        yield Reading((RIGHT_WORKING,), words, right, None, "What does your working come to?", SLIP)


def _slip(words: str, value: Any, hint: str = "") -> Reading:
    """The reading of a slip of the pen."""
    return Reading(("slip",), words, value, None, hint, SLIP)


def _as_worked(forms: Iterable[AnswerForm], reading: Reading) -> bool:
    """Whether an answer was worked out in the numbers of a reading: 5*5*1 is no 5*5."""
    if reading.working is None:
        return False
    theirs = [
        form.number.working for form in forms if form.number is not None and form.number.working is not None
    ]
    return any(_numbers(made) == _numbers(line.made) for made in theirs for line in reading.working.lines)


def _numbers(made: Expression) -> list[Any]:
    """The numbers of an expression, sorted."""
    if not made.arguments:
        return [made.value]
    return sorted([number for part in made.arguments for number in _numbers(part)])


def _looked_up(diagnosis: Diagnosis, form: AnswerForm, pairs: bool) -> Iterator[Reading]:
    if not diagnosis.known:
        return
    if form.number is not None and not form.number.exact:
        found = diagnosis.within(form.number.low, form.number.high, pairs)
        if coarse(form.number):
            found = [
                (value, hypothesis)
                for value, hypothesis in found
                if value == form.number.value or hypothesis.of_the_whole
            ]
    else:
        value = form.value
        if form.number is not None:
            value = int(form.number.value) if form.number.value.denominator == 1 else form.number.value
        elif isinstance(diagnosis.value, Shape) and isinstance(value, tuple):
            value = Shape(value)
        elif isinstance(value, tuple) and len(set(value)) == 1:
            value = value[0]
        found = [(value, hypothesis) for hypothesis in diagnosis.readings(value, pairs)]
    for value, hypothesis in found:
        if hypothesis.ids == ("hundred-twice",) and form.number and not says_percent(form.number.text):
            continue  # no sign was put behind a share
        if pairs == (len(hypothesis.assumptions) > 1):
            yield diagnosis.reading(hypothesis, value)


def rough(form: AnswerForm) -> bool:
    """Whether an answer was given in so few digits."""
    return form.number is not None and coarse(form.number)


def coarse(number: WrittenNumber) -> bool:
    """Whether a number was given in one or two digits: those are met by chance, unless they are
    just what a reading comes to."""
    return (number.high - number.low) * 100 > abs(number.value)


def _slipped(diagnosis: Diagnosis, form: AnswerForm) -> Iterator[Reading]:
    right = diagnosis.value
    quotient = diagnosis.quotient
    if quotient is not None and form.number is not None and form.number.covers(quotient):
        yield Reading(
            ("unrounded",),
            "the quotient left as it is",
            quotient,
            None,
            "What becomes of a window that does not fit?",
        )
    if isinstance(right, int) and not isinstance(form.value, tuple):
        number = form.number.value if form.number is not None else Fraction(form.value)
        scaled = form.number is not None and not form.number.exact
        if scaled and form.number is not None:
            for power in (1, 2, 3, 6, 9):
                for factor, words in ((10**power, "large"), (Fraction(1, 10**power), "small")):
                    value = right * factor
                    if form.number.low <= value < form.number.high:
                        slip = f"{10**power:,} times too {words}: a slip of the unit"
                        yield _slip(slip, int(value), "Which unit is it given in?")
        elif number.denominator == 1:
            for words in slips(int(number), right):
                yield _slip(words, int(number))
        return
    if isinstance(right, Shape) and isinstance(form.value, tuple):
        if len(form.value) == 1 < len(right):
            if form.value[0] == right.values:
                yield _slip("its values counted, and no sizes given", form.value, _AXES)
            elif set(form.value) == set(right.spatial):
                yield _slip("one side alone", form.value, _AXES)
        elif tuple(form.value) == tuple(right.spatial):
            yield _slip("channels left out", form.value, _AXES)
        elif len(form.value) == len(right) and sorted(form.value) == sorted(right):
            yield _slip("sizes in another order", form.value)
