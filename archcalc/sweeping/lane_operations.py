"""Arithmetic on the numbers of many designs: operations, their bounds, and what they need beyond int64."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd, lcm
from typing import Any, Protocol

import numpy as np

from ..arithmetic import Number

LEAST, MOST = -(2**63), 2**63 - 1
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


class Results(Protocol):
    """What makes numbers of what operations come to, for ``count`` designs."""

    count: int

    def number(self, numbers: Any, low: int, high: int, below: int = 1) -> Number: ...

    def truth(self, mask: np.ndarray) -> Any: ...


class Bounded(Protocol):
    """A number with bounds that can be made exact."""

    low: int
    high: int

    def tighten(self) -> None: ...


class Operand:
    """A number of an operation, lanes or plain."""

    __slots__ = ("numbers", "low", "high", "below", "lanes")

    def __init__(self, numbers: Any, low: int, high: int, below: int, lanes: Bounded | None = None):
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
        return not LEAST <= self.numbers <= MOST

    def exact(self) -> Operand:
        """The number in Python's integers."""
        numbers = np.asarray(self.numbers).astype(object)
        return Operand(numbers, self.low, self.high, self.below, self.lanes)

    def times(self, factor: int) -> Operand:
        """The number over a line with ``factor`` times as much below it."""
        if factor == 1:
            return self
        low, high = self.low * factor, self.high * factor
        numbers = self.numbers
        if not (low >= LEAST and high <= MOST) and isinstance(numbers, np.ndarray):
            numbers = numbers.astype(object)
        return Operand(numbers * factor, low, high, self.below * factor)


def over_one_line(a: Operand, b: Operand) -> tuple[Operand, Operand]:
    """Both over the same line."""
    if a.below == b.below:
        return a, b
    below = lcm(a.below, b.below)
    return a.times(below // a.below), b.times(below // b.below)


def exactly(a: Operand, b: Operand, least: bool = True) -> tuple[Operand, Operand]:
    """Both in Python's integers, where int64 does not hold both; without ``least`` also where the least of
    int64 may be among them, which has no counterpart above nought."""
    if a.beyond or b.beyond or not (least or min(a.low, b.low) > LEAST):
        return a.exact(), b.exact()
    return a, b


def _worked(
    run: Results,
    a: Operand,
    b: Operand,
    below: int,
    bounds: Callable[[Operand, Operand], tuple[int, int]],
    work: Callable[[Any, Any], Any],
) -> Number:
    """The result of an operation: in int64 where it is sure to fit, else as it has to be."""
    a, b = exactly(a, b)
    low, high = bounds(a, b)
    sure = low >= LEAST and high <= MOST
    if not sure and not a.beyond:
        a.tighten()
        b.tighten()
        low, high = bounds(a, b)
        sure = low >= LEAST and high <= MOST
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
        if numbers.dtype == object and low >= LEAST and high <= MOST:
            numbers = numbers.astype(np.int64)
    if below != 1 and low != high:
        common = gcd(below, int(np.gcd.reduce(numbers)))
        if common > MOST:
            numbers = numbers.astype(object)
        if common > 1:
            numbers, below = numbers // common, below // common
            low, high = low // common, high // common
    return run.number(numbers, low, high, below)


def _floats(numbers: Any) -> Any:
    if isinstance(numbers, np.ndarray):
        return numbers.astype(np.float64)
    return np.float64(numbers)


def _added(run: Results, a: Operand, b: Operand) -> Number:
    a, b = over_one_line(a, b)
    return _worked(run, a, b, a.below, lambda a, b: (a.low + b.low, a.high + b.high), np.add)


def _subtracted(run: Results, a: Operand, b: Operand) -> Number:
    a, b = over_one_line(a, b)
    return _worked(run, a, b, a.below, lambda a, b: (a.low - b.high, a.high - b.low), np.subtract)


def _corners(a: Operand, b: Operand) -> tuple[int, int]:
    found = (a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high)
    return min(found), max(found)


def _multiplied(run: Results, a: Operand, b: Operand) -> Number:
    return _worked(run, a, b, a.below * b.below, _corners, np.multiply)


def _divisor(b: Operand) -> None:
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


def _floor_bounds(a: Operand, b: Operand) -> tuple[int, int]:
    if b.low <= 0 <= b.high:  # some are below nought, and some above
        most = max(abs(a.low), abs(a.high))
        return -most, most
    found = (a.low // b.low, a.low // b.high, a.high // b.low, a.high // b.high)
    return min(found), max(found)


def _floored(run: Results, a: Operand, b: Operand) -> Number:
    _divisor(b)
    a, b = over_one_line(a, b)
    return _worked(run, a, b, 1, _floor_bounds, np.floor_divide)


def _ceiled(run: Results, a: Operand, b: Operand) -> Number:
    _divisor(b)
    a, b = exactly(*over_one_line(a, b), least=False)

    def bounds(a: Operand, b: Operand) -> tuple[int, int]:
        low, high = _floor_bounds(Operand(None, -a.high, -a.low, 1), b)
        return -high, -low

    return _worked(run, a, b, 1, bounds, lambda x, y: -np.floor_divide(-x, y))


def _rest_bounds(a: Operand, b: Operand) -> tuple[int, int]:
    low, high = min(b.low + 1, 0), max(b.high - 1, 0)
    if b.low > 0 and a.low >= 0:
        high = min(high, a.high)
    return low, high


def _rest(run: Results, a: Operand, b: Operand) -> Number:
    _divisor(b)
    a, b = over_one_line(a, b)
    return _worked(run, a, b, a.below, _rest_bounds, np.remainder)


def _divided(run: Results, a: Operand, b: Operand) -> Number:
    """``a / b`` exactly. Where the divisors differ and it does not come out even, each has its own line:
    the designs are divided by them."""
    _divisor(b)
    if b.low == b.high:
        above, below = b.below, b.low
        if below < 0:
            above, below = -above, -below
        share = gcd(above, below)
        above, below = above // share, below // share
        return _worked(run, a, Operand(above, above, above, 1), a.below * below, _corners, np.multiply)
    a, b = exactly(*over_one_line(a, b))
    even = np.asarray(a.numbers % b.numbers == 0)
    if even.all():
        return _worked(run, a, b, 1, _floor_bounds, np.floor_divide)
    if even.any():
        raise LanesDifferError(even.astype(np.int64))
    _, groups = np.unique(b.numbers, return_inverse=True)
    raise LanesDifferError(groups.reshape(-1))


def _larger(run: Results, a: Operand, b: Operand) -> Number:
    a, b = over_one_line(a, b)
    for one, other in ((a, b), (b, a)):
        if one.low >= other.high:
            return _back(run, one)
    return _worked(run, a, b, a.below, _larger_bounds, np.maximum)


def _larger_bounds(a: Operand, b: Operand) -> tuple[int, int]:
    return max(a.low, b.low), max(a.high, b.high)


def _smaller_bounds(a: Operand, b: Operand) -> tuple[int, int]:
    return min(a.low, b.low), min(a.high, b.high)


def _back(run: Results, operand: Operand) -> Number:
    """The number that an operand is."""
    if operand.lanes is not None:
        return operand.lanes
    return run.number(operand.numbers, operand.low, operand.high, operand.below)


def _smaller(run: Results, a: Operand, b: Operand) -> Number:
    a, b = over_one_line(a, b)
    for one, other in ((a, b), (b, a)):
        if one.high <= other.low:
            return _back(run, one)
    return _worked(run, a, b, a.below, _smaller_bounds, np.minimum)


def _common(run: Results, a: Operand, b: Operand) -> Number:
    if a.below != 1 or b.below != 1:
        raise TypeError("common divisors are of whole numbers")
    a, b = exactly(a, b, least=False)

    def bounds(a: Operand, b: Operand) -> tuple[int, int]:
        return 0, max(abs(a.low), abs(a.high), abs(b.low), abs(b.high))

    return _worked(run, a, b, 1, bounds, np.gcd)


def _comparison(sign: str) -> Callable[[Results, Operand, Operand], Any]:
    compare = _SIGNS[sign]

    def compared(run: Results, a: Operand, b: Operand) -> Any:
        a, b = over_one_line(a, b)
        known = _by_bounds(sign, a, b)
        if known is not None:
            return known
        mask = np.asarray(compare(a.numbers, b.numbers), bool)
        return run.truth(mask)

    return compared


def _by_bounds(sign: str, a: Operand, b: Operand) -> bool | None:
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


OPERATIONS: dict[str, Callable[[Results, Operand, Operand], Any]] = {
    "+": _added,
    "-": _subtracted,
    "*": _multiplied,
    "//": _floored,
    "/": _divided,
    "%": _rest,
    "ceil_div": _ceiled,
    "share": _floored,
    "max": _larger,
    "min": _smaller,
    "gcd": _common,
    **{sign: _comparison(sign) for sign in _SIGNS},
}
