"""What verdicts are worth: the shares of a question's points, and what is deducted once a sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import floor
from typing import ClassVar, NamedTuple

from ..analysis.durations import Duration
from ..diagnostics import did_you_mean, fail
from .assumptions import CUT_OFF, MISCONCEPTION, RIGHT_WORKING, SLIP, Reading
from .conventions import ALIASES, CONVENTION_WORDS, RULES, Conventions
from .misconceptions import CATALOGUE
from .misconceptions import CONVENTION as COUNTED_OTHERWISE
from .quiz_item import QuizItem
from .verdict import BLANK, CONVENTION, FOLLOWS, RIGHT, ROUNDED, UNREADABLE, WRONG, Verdict
from .vocabulary import FACTORS
from .written import WrittenNumber

COARSE = "coarse"
ShareOf = Callable[[tuple[str, ...]], Fraction]
# What is deducted once a sheet: conventions and misconceptions, conventions alone, or nothing.
ALL, CONVENTIONS_ALONE, NOTHING = "all", "conventions", "nothing"
# What explains an answer and is no belief of the catalogue, by the id of its reading.
OTHER_READINGS = {
    "unrounded": "the quotient left as it is, 13.5",
    "other-network": "the figure of another network of the family",
    "published": "a published figure that is another one",
    "tool-fault": "what another tool prints by a fault of its own",
    "factor": "right for another number of the task",
}


# Beliefs, and ids of conventions, that are one mistake with a convention.
_SAME = {"bias-forgotten": "bias", "bytes-forgotten": "memory"} | {
    id: names[0] for id, names in ALIASES.items() if id not in CONVENTION_WORDS
}


class Share(NamedTuple):
    """The share of a question's points that a verdict gives.

    share    0 to 1
    deducted  what the lost rest is deducted for: conventions and mistakes, which are deducted once
    counted  the question at which the same was deducted before; empty for none
    """

    share: Fraction
    deducted: tuple[str, ...] = ()
    counted: str = ""


class Marks:
    """The share of a question's points that each verdict gives.

    shares          the share of each verdict, and of what explains a wrong one: a figure cut off, a slip
                    of the pen, a right working with a wrong result; ``coarse``, of a number that is
                    rounded to too few digits
    misconceptions  the share of a wrong answer that one belief of the catalogue explains, by its id
    conventions     the share of an answer that is right by another convention, by the id of that
    once            what is deducted once a sheet: ``all``, ``conventions`` or ``nothing``
    least_digits    digits to which an answer is to be rounded at least
    cells           whether a wrong matrix has the share of its cells that are right
    """

    __slots__ = ("shares", "misconceptions", "conventions", "once", "least_digits", "cells", "_stated")

    USUAL: ClassVar[dict[str, Fraction]] = {
        RIGHT: Fraction(1),
        ROUNDED: Fraction(1, 2),
        COARSE: Fraction(0),
        CONVENTION: Fraction(1),
        FOLLOWS: Fraction(1),
        WRONG: Fraction(0),
        UNREADABLE: Fraction(0),
        BLANK: Fraction(0),
        CUT_OFF: Fraction(0),
        SLIP: Fraction(0),
        RIGHT_WORKING: Fraction(1, 2),
    }

    def __init__(
        self,
        shares: Mapping[str, Fraction] | None = None,
        misconceptions: Mapping[str, Fraction] | None = None,
        conventions: Mapping[str, Fraction] | None = None,
        once: str = ALL,
        least_digits: int = 1,
        cells: bool = False,
    ):
        """Raises SpecError for a misconception or a convention that does not exist."""
        self._stated = frozenset(shares or ())
        self.shares = {**self.USUAL, **(shares or {})}
        for kind in (CUT_OFF, SLIP):
            if kind not in self._stated:
                self.shares[kind] = self.shares[WRONG]
        self.shares[RIGHT_WORKING] = max(self.shares[RIGHT_WORKING], self.shares[WRONG])
        self.misconceptions: dict[str, Fraction] = {}
        self.conventions: dict[str, Fraction] = {}
        for id, share in (misconceptions or {}).items():
            if id not in CATALOGUE and id not in OTHER_READINGS:
                known = (*CATALOGUE, *OTHER_READINGS)
                raise fail("name", f"there is no misconception `{id}`", *did_you_mean(id, known))
            counted = id in CATALOGUE and CATALOGUE[id].scope == COUNTED_OTHERWISE
            (self.conventions if counted else self.misconceptions)[id] = share
        for id, share in (conventions or {}).items():
            if id not in convention_ids():
                known = tuple(convention_ids())
                raise fail("name", f"there is no convention `{id}`", *did_you_mean(id, known))
            self.conventions[id] = share
        self.once = once
        self.least_digits = least_digits
        self.cells = cells

    def never(self, held: Iterable[Conventions]) -> dict[str, str]:
        """The ids that have a share and can never be met, each with the reason: they are the rule
        under all conventions of a quiz."""
        every = [dict.fromkeys([id for _, id in conventions.rules]) for conventions in held]
        found: dict[str, str] = {}
        for (name, choice), id in RULES.items():
            if every and all(id in rules for rules in every):
                for given in (self.misconceptions, self.conventions):
                    if id in given:
                        found[id] = f"{name} = {choice} makes it the rule"
        return found

    def worth(self, kind: str, ids: tuple[str, ...] = ()) -> Fraction:
        """The share of a kind of verdict, for a choice between two that hold: of ``convention`` with the
        ids of the conventions."""
        return self._of_conventions(ids) if kind == CONVENTION and ids else self.shares[kind]

    def share(self, verdict: Verdict, item: QuizItem, deducted: Mapping[str, str] | None = None) -> Share:
        """The share that a verdict gives. ``deducted`` are the mistakes and conventions that were deducted
        on the sheet before, each with the question."""
        share = self._share(verdict, item, deducted or {})
        if self.cells and verdict.kind == WRONG and verdict.cells is not None:
            return share._replace(share=max(share.share, Fraction(verdict.cells.right, verdict.cells.of)))
        return share

    def _share(self, verdict: Verdict, item: QuizItem, deducted: Mapping[str, str]) -> Share:
        if verdict.kind == ROUNDED:
            return Share(self._rounded(verdict, item))
        if verdict.kind == CONVENTION:
            return self._once(verdict.convention_ids or ("",), deducted, self._of_conventions, "convention")
        if verdict.kind == WRONG and verdict.readings:
            reading = verdict.readings[0]
            if reading.kind == CUT_OFF:
                return self._once((CUT_OFF,), deducted, lambda ids: self.shares[CUT_OFF], CUT_OFF)
            if reading.kind == SLIP:
                kind = RIGHT_WORKING if reading.ids == (RIGHT_WORKING,) else SLIP
                return Share(self.shares[kind])
            if reading.kind == MISCONCEPTION:
                return self._misconception(verdict.readings, deducted)
            return Share(self.misconceptions.get(reading.ids[0], self.shares[WRONG]))
        return Share(self.shares.get(verdict.kind, Fraction(0)))

    def _rounded(self, verdict: Verdict, item: QuizItem) -> Fraction:
        """A rounded answer is worth a right one where it has as many digits as are enough."""
        if item.digits is not None and has_digits(verdict, item.digits):
            return self.shares[RIGHT]
        least = item.least_digits or self.least_digits
        return self.shares[ROUNDED if has_digits(verdict, least) else COARSE]

    def _misconception(self, readings: Iterable[Reading], deducted: Mapping[str, str]) -> Share:
        """Of several readings, one that was deducted before holds; else the first."""
        shares = [
            self._once(_charges(reading), deducted, self._of_misconceptions, "misconception")
            for reading in readings
            if reading.kind == MISCONCEPTION
        ]
        return next((share for share in shares if share.counted and not share.deducted), shares[0])

    def _of_conventions(self, ids: tuple[str, ...]) -> Fraction:
        return min([self._of_convention(id) for id in ids])

    def _of_convention(self, id: str) -> Fraction:
        for name in (id, *ALIASES.get(id, ())):
            for table in (self.conventions, self.misconceptions):
                if name in table:
                    return table[name]
        return self.shares[CONVENTION]

    def _of_misconceptions(self, ids: tuple[str, ...]) -> Fraction:
        """Two at once are two mistakes, which no share is for."""
        if len(ids) > 1:
            return self.shares[WRONG]
        return self.misconceptions.get(ids[0].partition(": ")[0], self.shares[WRONG])

    def _once(self, ids: tuple[str, ...], deducted: Mapping[str, str], worth: ShareOf, kind: str) -> Share:
        """The share for what of it was not deducted before."""
        single = self.once == ALL or (self.once == CONVENTIONS_ALONE and kind == "convention")
        left = tuple([id for id in ids if not (single and mistake(id) in deducted)])
        before = next((deducted[mistake(id)] for id in ids if id not in left), "")
        if not left and ids:
            whole = worth(ids) >= self.shares[RIGHT]
            return Share(self.shares[RIGHT], (), "" if whole else before)
        share = worth(left)
        lost = share < self.shares[RIGHT] and single
        return Share(share, tuple([mistake(id) for id in left if id]) if lost else ())


def mistake(id: str) -> str:
    """What a belief or a convention is deducted as. Biases that are forgotten in a layer, and not counted
    in a total, are one mistake."""
    return _SAME.get(id, id)


def convention_ids() -> dict[str, str]:
    """All conventions by which an answer may be right that is not so by the quiz's own: the ids, with
    the words for each."""
    counted = {b.id: b.name for b in CATALOGUE.values() if b.scope == COUNTED_OTHERWISE}
    return {**CONVENTION_WORDS, **counted}


def _charges(reading: Reading) -> tuple[str, ...]:
    """What a reading is deducted for. What stands for many mistakes is another one with each of its words."""
    families = [id for id in reading.ids if id in CATALOGUE and CATALOGUE[id].family]
    if families:
        return tuple([f"{id}: {reading.words}" if id in families else id for id in reading.ids])
    return reading.ids


def has_digits(verdict: Verdict, digits: int) -> bool:
    """Whether a number was given in so many digits, or is what the right one rounds to in so many."""
    if verdict.cells is not None:
        return not verdict.cells.digits or verdict.cells.digits >= digits
    if significant(verdict) >= digits:
        return True
    number, right = verdict.written, verdict.value
    if not isinstance(number, WrittenNumber) or not isinstance(right, int) or not right:
        return False
    return number.value == rounded(right, digits)


def rounded(value: int, digits: int) -> int:
    """A whole number rounded to some significant digits, halves up."""
    step = 10 ** max(len(str(abs(value))) - digits, 0)
    return int(floor(Fraction(value, step) + Fraction(1, 2)) * step)


def significant(verdict: Verdict) -> int:
    """How many digits a rounded number was given in: 2 for ``35K``."""
    number = verdict.written
    scale, unit = verdict.asked.stated_unit
    if (
        isinstance(verdict.value, Duration)
        and isinstance(number, WrittenNumber)
        and scale
        and not number.scale
    ):
        number = number.in_unit(scale, unit, FACTORS[scale])  # a time without its unit: 1285
    if not isinstance(number, WrittenNumber) or number.exact or not number.value:
        return 0
    return len(str(int(abs(number.value) / (number.high - number.low))))
