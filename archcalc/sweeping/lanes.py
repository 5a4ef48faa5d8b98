"""Numbers of many designs at a time: a lane for each design.

Rules compute with :class:`Lanes` as with ints: numpy works an operation out for all designs. Nothing is
ever rounded, and nothing overflows: each number knows bounds of its lanes, and where a result might leave
int64 the lanes in question are computed with Python's integers.

Where Python needs a plain truth or a plain number, as in ``if`` or ``range``, and the lanes differ, no
answer would be right for all. :class:`LanesDifferError` then says how to divide the designs, so that in each
group all agree.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np

from ..arithmetic import Number, RuleNumber, RuleTruth, common_divisor

# A number of lanes: int64, or Python's integers where those do not suffice.
LaneArray = Any

_LEAST, _MOST = -(2**63), 2**63 - 1
# What floats say of a product is trusted up to here: they may err by a small share.
_SAFE = float(2**62)

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class LanesDifferError(Exception):
    """The lanes do not agree: the designs have to be divided.

    Attributes:
        groups: For each lane the group that it belongs to, counted from 0.
    """

    def __init__(self, groups: np.ndarray):
        super().__init__("the designs differ here")
        self.groups = groups


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
        small = all(_LEAST <= number <= _MOST for number in numbers)
        table = np.array(numbers, np.int64 if small else object)
        found = table[places]
        return self.number(found, int(found.min()), int(found.max()), below)

    def number(self, numbers: LaneArray, low: int, high: int, below: int = 1) -> Number:
        """Lanes of these numbers, or the one number that all of them are."""
        if low == high:
            return low if below == 1 else _plain(Fraction(low, below))
        return Lanes(self, numbers, low, high, below)

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
        key = operator, _key(left), _key(right)
        known = run.known.get(key)
        if known is None:
            found = _OPERATIONS[operator](run, _lanes_of(run, left), _lanes_of(run, right))
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
        if self.below <= _MOST:
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
        a, b = _exactly(*_alike(_lanes_of(self.run, then), _lanes_of(self.run, otherwise)))
        return self.run.number(
            np.where(self.mask, a.numbers, b.numbers), min(a.low, b.low), max(a.high, b.high), a.below
        )


class _Operand:
    """A number of an operation, lanes or plain."""

    __slots__ = ("numbers", "low", "high", "below", "lanes")

    def __init__(self, numbers: Any, low: int, high: int, below: int, lanes: Lanes | None = None):
        self.numbers = numbers
        self.low = low
        self.high = high
        self.below = below
        self.lanes = lanes

    def tighten(self) -> None:
        if self.lanes is not None:
            self.lanes.tighten()
            self.low, self.high = self.lanes.low, self.lanes.high

    @property
    def beyond(self) -> bool:
        """Whether int64 cannot hold it: numpy would round it, or refuse it."""
        if isinstance(self.numbers, np.ndarray):
            return bool(self.numbers.dtype.hasobject)
        return not _LEAST <= self.numbers <= _MOST

    def exact(self) -> _Operand:
        """The number in Python's integers."""
        numbers = np.asarray(self.numbers).astype(object)
        return _Operand(numbers, self.low, self.high, self.below, self.lanes)

    def times(self, factor: int) -> _Operand:
        """The number over a line with ``factor`` times as much below it."""
        if factor == 1:
            return self
        low, high = self.low * factor, self.high * factor
        numbers = self.numbers
        if not (low >= _LEAST and high <= _MOST) and isinstance(numbers, np.ndarray):
            numbers = numbers.astype(object)
        return _Operand(numbers * factor, low, high, self.below * factor)


def _lanes_of(run: LaneRun, number: Number) -> _Operand:
    if isinstance(number, Lanes):
        return _Operand(number.numbers, number.low, number.high, number.below, number)
    if isinstance(number, LaneMask):
        return _Operand(number.mask.astype(np.int64), 0, 1, 1)
    above, below = Fraction(number).as_integer_ratio()
    return _Operand(above, above, above, below)


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


def _key(number: Number) -> Any:
    """What an operand is known by: lanes by what they are, numbers by their value."""
    if isinstance(number, RuleNumber):
        return "lanes", id(number)
    return number


def _alike(a: _Operand, b: _Operand) -> tuple[_Operand, _Operand]:
    """Both over the same line."""
    if a.below == b.below:
        return a, b
    below = lcm(a.below, b.below)
    return a.times(below // a.below), b.times(below // b.below)


def _exactly(a: _Operand, b: _Operand, least: bool = True) -> tuple[_Operand, _Operand]:
    """Both in Python's integers, where int64 does not hold both; without ``least`` also where the least of
    int64 may be among them, which has no counterpart above nought."""
    if a.beyond or b.beyond or not (least or min(a.low, b.low) > _LEAST):
        return a.exact(), b.exact()
    return a, b


def _plain(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


# ---------------------------------------------------------------------------------------------
# Operations


def _worked(
    run: LaneRun,
    a: _Operand,
    b: _Operand,
    below: int,
    bounds: Callable[[_Operand, _Operand], tuple[int, int]],
    work: Callable[[Any, Any], Any],
) -> Number:
    """The result of an operation: in int64 where it is sure to fit, else as it has to be."""
    a, b = _exactly(a, b)
    low, high = bounds(a, b)
    sure = low >= _LEAST and high <= _MOST
    if not sure and not a.beyond:
        a.tighten()
        b.tighten()
        low, high = bounds(a, b)
        sure = low >= _LEAST and high <= _MOST
        if not sure:
            about = np.abs(work(_floats(a.numbers), _floats(b.numbers)))
            beyond = np.broadcast_to(~(about < _SAFE), (run.count,))
            if beyond.any() and not beyond.all():
                raise LanesDifferError(beyond.astype(np.int64))
            if beyond.any():
                a, b = a.exact(), b.exact()
    numbers = work(a.numbers, b.numbers)
    if a.beyond or not sure:
        low, high = int(numbers.min()), int(numbers.max())
        if numbers.dtype == object and low >= _LEAST and high <= _MOST:
            numbers = numbers.astype(np.int64)
    if below != 1 and low != high:
        common = gcd(below, int(np.gcd.reduce(numbers)))
        if common > _MOST:
            numbers = numbers.astype(object)
        if common > 1:
            numbers, below = numbers // common, below // common
            low, high = low // common, high // common
    return run.number(numbers, low, high, below)


def _floats(numbers: Any) -> Any:
    if isinstance(numbers, np.ndarray):
        return numbers.astype(np.float64)
    return np.float64(numbers)


def _added(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    a, b = _alike(a, b)
    return _worked(run, a, b, a.below, lambda a, b: (a.low + b.low, a.high + b.high), np.add)


def _subtracted(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    a, b = _alike(a, b)
    return _worked(run, a, b, a.below, lambda a, b: (a.low - b.high, a.high - b.low), np.subtract)


def _corners(a: _Operand, b: _Operand) -> tuple[int, int]:
    found = (a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high)
    return min(found), max(found)


def _multiplied(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    return _worked(run, a, b, a.below * b.below, _corners, np.multiply)


def _divisor(b: _Operand) -> None:
    """Refuse to divide by nought. Raises ZeroDivisionError, or LanesDifferError where some are."""
    if not b.low <= 0 <= b.high:
        return
    b.tighten()
    if not b.low <= 0 <= b.high:
        return
    nought = np.asarray(b.numbers == 0)
    if nought.all():
        raise ZeroDivisionError("division by zero")
    if nought.any():
        raise LanesDifferError(nought.astype(np.int64))


def _floor_bounds(a: _Operand, b: _Operand) -> tuple[int, int]:
    if b.low <= 0 <= b.high:  # some are below nought, and some above
        most = max(abs(a.low), abs(a.high))
        return -most, most
    found = (a.low // b.low, a.low // b.high, a.high // b.low, a.high // b.high)
    return min(found), max(found)


def _floored(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    _divisor(b)
    a, b = _alike(a, b)
    return _worked(run, a, b, 1, _floor_bounds, np.floor_divide)


def _ceiled(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    _divisor(b)
    a, b = _exactly(*_alike(a, b), least=False)

    def bounds(a: _Operand, b: _Operand) -> tuple[int, int]:
        low, high = _floor_bounds(_Operand(None, -a.high, -a.low, 1), b)
        return -high, -low

    return _worked(run, a, b, 1, bounds, lambda x, y: -np.floor_divide(-x, y))


def _rest_bounds(a: _Operand, b: _Operand) -> tuple[int, int]:
    low, high = min(b.low + 1, 0), max(b.high - 1, 0)
    if b.low > 0 and a.low >= 0:
        high = min(high, a.high)
    return low, high


def _rest(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    _divisor(b)
    a, b = _alike(a, b)
    return _worked(run, a, b, a.below, _rest_bounds, np.remainder)


def _divided(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    """``a / b`` exactly. Where the divisors differ and it does not come out even, each has its own line:
    the designs are divided by them."""
    _divisor(b)
    if b.low == b.high:
        above, below = b.below, b.low
        if below < 0:
            above, below = -above, -below
        share = gcd(above, below)
        above, below = above // share, below // share
        return _worked(run, a, _Operand(above, above, above, 1), a.below * below, _corners, np.multiply)
    a, b = _exactly(*_alike(a, b))
    even = np.asarray(a.numbers % b.numbers == 0)
    if even.all():
        return _worked(run, a, b, 1, _floor_bounds, np.floor_divide)
    if even.any():
        raise LanesDifferError(even.astype(np.int64))
    _, groups = np.unique(b.numbers, return_inverse=True)
    raise LanesDifferError(groups.reshape(-1))


def _shared(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    return _floored(run, a, b)


def _larger(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    a, b = _alike(a, b)
    for one, other in ((a, b), (b, a)):
        if one.low >= other.high:
            return _back(run, one)
    return _worked(run, a, b, a.below, _larger_bounds, np.maximum)


def _larger_bounds(a: _Operand, b: _Operand) -> tuple[int, int]:
    return max(a.low, b.low), max(a.high, b.high)


def _smaller_bounds(a: _Operand, b: _Operand) -> tuple[int, int]:
    return min(a.low, b.low), min(a.high, b.high)


def _back(run: LaneRun, operand: _Operand) -> Number:
    """The number that an operand is."""
    if operand.lanes is not None:
        return operand.lanes
    return run.number(operand.numbers, operand.low, operand.high, operand.below)


def _smaller(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    a, b = _alike(a, b)
    for one, other in ((a, b), (b, a)):
        if one.high <= other.low:
            return _back(run, one)
    return _worked(run, a, b, a.below, _smaller_bounds, np.minimum)


def _common(run: LaneRun, a: _Operand, b: _Operand) -> Number:
    if a.below != 1 or b.below != 1:
        raise TypeError("common divisors are of whole numbers")
    a, b = _exactly(a, b, least=False)

    def bounds(a: _Operand, b: _Operand) -> tuple[int, int]:
        return 0, max(abs(a.low), abs(a.high), abs(b.low), abs(b.high))

    return _worked(run, a, b, 1, bounds, np.gcd)


def _comparison(sign: str) -> Callable[[LaneRun, _Operand, _Operand], Any]:
    compare = _SIGNS[sign]

    def compared(run: LaneRun, a: _Operand, b: _Operand) -> Any:
        a, b = _alike(a, b)
        known = _by_bounds(sign, a, b)
        if known is not None:
            return known
        mask = np.asarray(compare(a.numbers, b.numbers), bool)
        return LaneMask(run, mask)

    return compared


def _by_bounds(sign: str, a: _Operand, b: _Operand) -> bool | None:
    """What the bounds say of a comparison; None where they do not tell."""
    if sign in (">", ">="):
        return _by_bounds(_TURNED[sign], b, a)
    if sign in ("<", "<="):
        if a.high < b.low or (sign == "<=" and a.high == b.low):
            return True
        if a.low > b.high or (sign == "<" and a.low == b.high):
            return False
        return None
    if a.high < b.low or b.high < a.low:
        return sign == "!="
    if a.lanes is not None and a.lanes is b.lanes:
        return sign == "=="
    return None


_OPERATIONS: dict[str, Callable[[LaneRun, _Operand, _Operand], Any]] = {
    "+": _added,
    "-": _subtracted,
    "*": _multiplied,
    "//": _floored,
    "/": _divided,
    "%": _rest,
    "ceil_div": _ceiled,
    "share": _shared,
    "max": _larger,
    "min": _smaller,
    "gcd": _common,
    **{sign: _comparison(sign) for sign in _SIGNS},
}
