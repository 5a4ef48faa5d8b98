"""Numbers of many designs at a time: a lane for each design.

Rules compute with :class:`Lanes` as with ints: numpy works an operation out for all designs. Nothing is
ever rounded, and nothing overflows: each number knows bounds of its lanes, and where a result might leave
int64 the lanes in question are computed with Python's integers.

Where Python needs a plain truth or a plain number, as in ``if`` or ``range``, and the lanes differ, no
answer would be right for all. :class:`LanesDifferError` then says how to divide the designs, so that in each
group all agree.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from ..arithmetic import Number, RuleNumber, RuleTruth, common_divisor, key_of, quotient
from .lane_operations import LEAST, MOST, OPERATIONS, LanesDifferError, Operand, exactly, over_one_line

# A number of lanes: int64, or Python's integers where those do not suffice.
LaneArray = Any


class LaneRun:
    """What one run over some designs works out: each operation on the same lanes only once.

    Args:
        count: How many designs there are.
        most: How many numbers it may hold: where it takes more the designs are divided in two.
    """

    def __init__(self, count: int, most: int | None = None):
        self.count = count
        self.most = most
        self.made: list[Lanes] = []
        self.known: dict[tuple[Any, ...], tuple[Any, Number, Number]] = {}

    def lanes(self, values: list[Any], places: np.ndarray) -> Number:
        """The numbers of an axis: for each design one of the values, whole or not."""
        below = lcm(*[Fraction(value).denominator for value in values])
        numbers = [int(value * below) for value in values]
        small = all(LEAST <= number <= MOST for number in numbers)
        table = np.array(numbers, np.int64 if small else object)
        found = table[places]
        return self.number(found, int(found.min()), int(found.max()), below)

    def number(self, numbers: LaneArray, low: int, high: int, below: int = 1) -> Number:
        """Lanes of these numbers, or the one number that all of them are."""
        if low == high:
            return quotient(low, below)
        return Lanes(self, numbers, low, high, below)

    def truth(self, mask: np.ndarray) -> LaneMask:
        """Whether something holds of each design."""
        return LaneMask(self, mask)

    @property
    def full(self) -> bool:
        """Whether it holds more numbers than it may."""
        return self.most is not None and len(self.made) > self.most

    def end(self) -> None:
        """Let go of all numbers."""
        for lanes in self.made:
            lanes.numbers = None
        self.made.clear()
        self.known.clear()


class Lanes(RuleNumber):
    """A number for each of many designs.

    Attributes:
        numbers: What is above the line, a number for each design.
        low: No number is less.
        high: No number is more.
        below: What is below the line, the same for all designs: 1 where all are whole numbers.
    """

    __slots__ = ("run", "numbers", "low", "high", "below", "_tight")

    def __init__(self, run: LaneRun, numbers: LaneArray, low: int, high: int, below: int = 1):
        self.run = run
        self.numbers = numbers
        self.low = low
        self.high = high
        self.below = below
        self._tight = False
        run.made.append(self)
        if run.full:
            raise LanesDifferError(np.arange(run.count) * 2 // run.count)

    @classmethod
    def operation(cls, operator: str, left: Number, right: Number) -> Any:
        for number in (left, right):
            if not isinstance(number, (int, Fraction, RuleNumber)):
                return NotImplemented
        if (
            type(right) is int
            and right in (0, 1)
            and (plain := _unchanged(operator, left, right)) is not None
        ):
            return plain
        if type(left) is int and left in (0, 1) and operator in ("+", "*"):
            plain = _unchanged(operator, right, left)
            if plain is not None:
                return plain
        run: LaneRun = (left if isinstance(left, (Lanes, LaneMask)) else right).run
        key = operator, key_of(left), key_of(right)
        known = run.known.get(key)
        if known is None:
            found = OPERATIONS[operator](run, _lanes_of(run, left), _lanes_of(run, right))
            # The operands stay as long as their names in the table do.
            run.known[key] = known = found, left, right
        return known[0]

    def __neg__(self) -> Number:
        return self.operation("-", 0, self)

    def __abs__(self) -> Number:
        return self.operation("max", self, -self)

    def __bool__(self) -> bool:
        return bool(self != 0)

    @property
    def certain(self) -> bool:
        mask = self != 0
        return mask.certain if isinstance(mask, LaneMask) else bool(mask)

    def selected(self, then: Number, otherwise: Number) -> Number:
        mask = self != 0
        if isinstance(mask, LaneMask):
            return mask.selected(then, otherwise)
        return then if mask else otherwise

    @property
    def whole(self) -> Number | None:
        if self.below == 1:
            return self
        rest = self.numbers % self.below == 0
        if rest.all():
            return self.run.number(
                self.numbers // self.below, -(-self.low // self.below), self.high // self.below
            )
        if not rest.any():
            return None
        raise LanesDifferError(rest.astype(np.int64))

    @property
    def denominator(self) -> Number:
        """What is below the line. Of small ones it is the one that all designs have in common: none has a
        larger one. Of large ones it is that of each design, which may be much smaller."""
        if self.below <= MOST:
            return self.below
        above = self.run.number(self.numbers, self.low, self.high)
        return self.below // common_divisor(above, self.below)

    def __index__(self) -> int:
        whole = self.whole
        if isinstance(whole, int):
            return whole
        if whole is None:
            raise TypeError("no whole number")
        values, groups = np.unique(self.numbers, return_inverse=True)
        if len(values) == 1:
            return int(values[0]) // self.below
        raise LanesDifferError(groups.reshape(-1))

    __int__ = __index__

    def __float__(self) -> float:
        raise TypeError("lanes are exact")

    def __str__(self) -> str:
        return "…"

    def __repr__(self) -> str:
        below = f"/{self.below}" if self.below != 1 else ""
        return f"<Lanes {self.low}..{self.high}{below} of {self.run.count}>"

    def __format__(self, form: str) -> str:
        return str(self)

    def tighten(self) -> None:
        """Take the least and the largest number as bounds."""
        if not self._tight:
            self.low, self.high = int(self.numbers.min()), int(self.numbers.max())
            self._tight = True


class LaneMask(RuleTruth):
    """Whether something holds, for each of many designs."""

    __slots__ = ("run", "mask")

    def __init__(self, run: LaneRun, mask: np.ndarray):
        self.run = run
        self.mask = mask

    @classmethod
    def operation(cls, operator: str, left: Number, right: Number) -> Any:
        return Lanes.operation(operator, _counted(left), _counted(right))

    def __bool__(self) -> bool:
        if self.mask.all():
            return True
        if not self.mask.any():
            return False
        raise LanesDifferError(self.mask.astype(np.int64))

    @property
    def certain(self) -> bool:
        return bool(self.mask.all())

    @property
    def whole(self) -> None:
        return None

    def selected(self, then: Number, otherwise: Number) -> Number:
        if self.mask.all():
            return then
        if not self.mask.any():
            return otherwise
        a, b = exactly(*over_one_line(_lanes_of(self.run, then), _lanes_of(self.run, otherwise)))
        return self.run.number(
            np.where(self.mask, a.numbers, b.numbers), min(a.low, b.low), max(a.high, b.high), a.below
        )


def _lanes_of(run: LaneRun, number: Number) -> Operand:
    if isinstance(number, Lanes):
        return Operand(number.numbers, number.low, number.high, number.below, number)
    if isinstance(number, LaneMask):
        return Operand(number.mask.astype(np.int64), 0, 1, 1)
    above, below = Fraction(number).as_integer_ratio()
    return Operand(above, above, above, below)


def _unchanged(operator: str, number: Number, by: int) -> Number | None:
    """What comes of lanes and 0 or 1 without any work; None where there is some."""
    if not isinstance(number, Lanes):
        return None
    if by == 0:
        return number if operator in ("+", "-") else 0 if operator == "*" else None
    if operator in ("*", "/") or (operator in ("//", "ceil_div", "share") and number.below == 1):
        return number
    return None


def _counted(number: Number) -> Number:
    if isinstance(number, LaneMask):
        return number.run.number(number.mask.astype(np.int64), 0, 1)
    return number
