"""What numbers can be in a box of designs: the rules run on bounds, with a lane for each box.

A rule computes with :class:`BoxNumbers` as with ints. What comes out are bounds: no design of the box has
less or more, whatever the rule does between. So what they exclude is excluded for every design of the box,
and nothing is taken for monotone that is not.

Where a rule or the expansion needs a plain truth on which the designs of a box may differ (whether a window
fits, whether channels divide into groups), both ways are gone, each with what is then known of the numbers,
and the bounds are those of both together. Bounds are floats that are rounded away from each other.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from ...arithmetic import Number, RuleNumber, RuleTruth, key_of

# Divisions that leave a whole number as it is, by 1.
_ROUNDED = ("//", "ceil_div", "share")
# Whole numbers up to here are exact as floats.
_WHOLE = 2**53
_EXACT = float(_WHOLE)


class BoxesDifferError(Exception):
    """Some boxes are sure of a truth and others are not: they have to be divided.

    Attributes:
        groups: For each box the group that it belongs to.
    """

    def __init__(self, groups: np.ndarray):
        super().__init__("the boxes differ here")
        self.groups = groups


class UnboundedError(Exception):
    """A plain number is needed that differs within a box: it has to be cut along these axes.

    Attributes:
        axes: The axes that the number depends on, a bit each.
    """

    def __init__(self, axes: int):
        super().__init__("a plain number is needed")
        self.axes = axes


class BoxRun:
    """One way through the rules: the truths on which designs may differ are taken as ``decisions`` says, then
    as holding. ``taken`` is what was taken in the end, ``empty`` the boxes without a design that goes this
    way."""

    def __init__(self, count: int, decisions: tuple[bool, ...] = ()):
        self.count = count
        self.known: dict[Any, tuple[Any, Number, Number]] = {}
        self._decisions = decisions
        self.taken: list[bool] = []
        self.empty = np.zeros(count, bool)
        self.answers: dict[Any, bool] = {}
        self._made: list[BoxNumbers] = []

    def decided(self) -> bool:
        """The next truth that may go either way."""
        at = len(self.taken)
        self.taken.append(self._decisions[at] if at < len(self._decisions) else True)
        return self.taken[-1]

    def numbers(self, low: Any, high: Any, whole: bool, axes: int) -> Number:
        """Numbers between bounds; the number itself where all of them are the same."""
        low, high = self.row(low), self.row(high)
        first = low[0]
        if (
            whole
            and high[0] == first
            and abs(first) <= _EXACT
            and (low == first).all()
            and (high == first).all()
        ):
            return int(first)
        made = BoxNumbers(self, low, high, whole, axes)
        self._made.append(made)  # what is known of it is known by its place in memory
        return made

    def row(self, ends: Any) -> np.ndarray:
        """A bound of each box, also where it is one for all."""
        return ends if getattr(ends, "ndim", 0) else np.full(self.count, float(ends))


class BoxNumbers(RuleNumber):
    """A number of the designs of each of some boxes.

    Attributes:
        low: No design of the box has less.
        high: No design of the box has more.
        integral: Whether it is a whole number in every design.
        axes: The axes that it depends on, a bit each.
    """

    __slots__ = ("run", "low", "high", "integral", "axes", "root", "offset")

    def __init__(self, run: BoxRun, low: np.ndarray, high: np.ndarray, integral: bool, axes: int):
        # Of a number that is another one plus a constant, these two.
        self.root: BoxNumbers = self
        self.offset: int | Fraction = 0
        self.run = run
        self.low = low
        self.high = high
        self.integral = integral
        self.axes = axes

    @classmethod
    def operation(cls, operator: str, left: Number, right: Number) -> Any:
        for number in (left, right):
            if not isinstance(number, (int, Fraction, RuleNumber)):
                return NotImplemented
        by_one = type(right) is int and right == 1
        if by_one and (operator in ("*", "/") or (operator in _ROUNDED and getattr(left, "integral", False))):
            return left
        run: BoxRun = left.run if isinstance(left, (BoxNumbers, BoxTruth)) else right.run
        key = operator, key_of(left), key_of(right)
        known = run.known.get(key)
        if known is None:
            found = _OPERATIONS[operator](run, _bounds(left), _bounds(right))
            # The operands stay as long as their names in the table do.
            run.known[key] = known = found, left, right
        return known[0]

    def __neg__(self) -> Number:
        return self.run.numbers(-self.high, -self.low, self.integral, self.axes)

    def __abs__(self) -> Number:
        return self.operation("max", self, -self)

    def __bool__(self) -> bool:
        return bool(self != 0)

    @property
    def certain(self) -> bool:
        return bool(((self.low > 0) | (self.high < 0)).all())

    def selected(self, then: Number, otherwise: Number) -> Number:
        truth = self != 0
        return (
            truth.selected(then, otherwise) if isinstance(truth, BoxTruth) else then if truth else otherwise
        )

    @property
    def whole(self) -> Number | None:
        if self.integral:
            return self
        raise UnboundedError(self.axes)

    @property
    def denominator(self) -> int:
        """What is below the line: not known, and taken for fine enough."""
        return 1

    def __index__(self) -> int:
        raise UnboundedError(self.axes)

    __int__ = __index__

    def __float__(self) -> float:
        raise UnboundedError(self.axes)

    def __str__(self) -> str:
        return "…"

    def __format__(self, form: str) -> str:
        return "…"


class BoxTruth(RuleTruth):
    """Whether something holds in the designs of each of some boxes: surely, surely not, or here and there."""

    __slots__ = ("run", "sure", "never", "axes", "_sides")

    def __init__(
        self, run: BoxRun, sure: np.ndarray, never: np.ndarray, axes: int, sides: tuple[str, _Ends, _Ends]
    ):
        self.run = run
        self.sure = sure
        self.never = never
        self.axes = axes
        self._sides = sides

    @classmethod
    def operation(cls, operator: str, left: Number, right: Number) -> Any:
        return BoxNumbers.operation(operator, left, right)

    def __bool__(self) -> bool:
        if self.sure.all():
            return True
        if self.never.all():
            return False
        open_ = ~(self.sure | self.never)
        if open_.all():
            question, straight = self._question()
            known = self.run.answers.get(question)
            if known is None:
                holds = self.run.decided()
                self.run.answers[question] = holds is straight
                self._narrow(holds)
                return holds
            return known is straight
        raise BoxesDifferError(np.where(open_, 2, self.sure.astype(np.int64)))

    def _question(self) -> tuple[Any, bool]:
        """What is in question, and whether this is it or its opposite: whether a number is less than another,
        or equal to it."""
        sign, a, b = self._sides
        one, other = a.name, b.name
        if sign in ("==", "!="):
            return ("==", frozenset((one, other))), sign == "=="
        return (("<", one, other), True) if sign == "<" else (("<", other, one), False)

    def _narrow(self, holds: bool) -> None:
        """Let both sides know what is taken to hold of them, for all that is computed from here on."""
        sign, a, b = self._sides
        if sign in ("==", "!="):
            if holds is (sign == "=="):
                low, high = np.maximum(a.low, b.low), np.minimum(a.high, b.high)
                self._within(a, low, high)
                self._within(b, low, high)
            elif a.integral and b.integral:
                for one, other in ((a, b), (b, a)):
                    if other.of is None:
                        # It is another number than this one: an end that is this one moves.
                        low = np.where(one.low == other.low, one.low + 1, one.low)
                        high = np.where(one.high == other.low, one.high - 1, one.high)
                        self._within(one, low, high)
            return
        if not holds:  # b < a, or b <= a
            a, b, sign = b, a, "<=" if sign == "<" else "<"
        apart = 1.0 if sign == "<" and a.integral and b.integral else 0.0
        high, low = b.high - apart, a.low + apart
        self._within(a, a.low, np.minimum(a.high, high))
        self._within(b, np.maximum(b.low, low), b.high)

    def _within(self, ends: _Ends, low: Any, high: Any) -> None:
        if ends.of is not None:
            self.run.empty |= low > high
            ends.of.low, ends.of.high = self.run.row(low), self.run.row(high)

    @property
    def certain(self) -> bool:
        return bool(self.sure.all())

    @property
    def whole(self) -> None:
        return None

    def selected(self, then: Number, otherwise: Number) -> Number:
        a, b = _bounds(then), _bounds(otherwise)
        low = np.where(self.sure, a.low, np.where(self.never, b.low, np.minimum(a.low, b.low)))
        high = np.where(self.sure, a.high, np.where(self.never, b.high, np.maximum(a.high, b.high)))
        return self.run.numbers(low, high, a.integral and b.integral, a.axes | b.axes | self.axes)


class _Ends:
    """The bounds of an operand; ``of`` which numbers they are, ``number`` the one number that it is."""

    __slots__ = ("low", "high", "integral", "axes", "of", "number")

    def __init__(
        self,
        low: Any,
        high: Any,
        integral: bool,
        axes: int,
        of: Any = None,
        number: int | Fraction | None = None,
    ):
        self.number = number
        self.low = low
        self.high = high
        self.integral = integral
        self.axes = axes
        self.of = of

    @property
    def name(self) -> Any:
        """What it is called in a question: the same for the same number."""
        if self.of is not None:
            return id(self.of.root), self.of.offset
        return self.number if self.number is not None else object()


def _bounds(number: Number) -> _Ends:
    if isinstance(number, BoxNumbers):
        return _Ends(number.low, number.high, number.integral, number.axes, number)
    if isinstance(number, BoxTruth):
        return _Ends(number.sure.astype(float), (~number.never).astype(float), True, number.axes)
    low, high = around(number)
    whole = type(number) is int or number.denominator == 1
    return _Ends(np.float64(low), np.float64(high), whole, 0, None, number)


def around(number: int | Fraction) -> tuple[float, float]:
    """The floats between which a number lies."""
    if type(number) is int and -_WHOLE <= number <= _WHOLE:
        return float(number), float(number)
    try:
        near = float(number)
    except OverflowError:
        return (1.7e308, np.inf) if number > 0 else (-np.inf, -1.7e308)
    exact = Fraction(near) if np.isfinite(near) else Fraction(0)
    low = near if exact <= number else float(np.nextafter(near, -np.inf))
    high = near if exact >= number else float(np.nextafter(near, np.inf))
    return low, high


def _down(values: Any, exact: bool) -> Any:
    """The lower end of a result that may have been rounded."""
    if exact and (abs(values) <= _EXACT).all():
        return values
    return np.nextafter(np.where(np.isnan(values), -np.inf, values), -np.inf)


def _up(values: Any, exact: bool) -> Any:
    if exact and (abs(values) <= _EXACT).all():
        return values
    return np.nextafter(np.where(np.isnan(values), np.inf, values), np.inf)


def _made(run: BoxRun, low: Any, high: Any, a: _Ends, b: _Ends) -> Number:
    whole = a.integral and b.integral
    return run.numbers(_down(low, whole), _up(high, whole), whole, a.axes | b.axes)


def _moved(run: BoxRun, number: BoxNumbers, by: int | Fraction) -> Number:
    """A number plus a constant: the same object for the same sum, however it came about."""
    root, offset = number.root, number.offset + by
    if not offset:
        return root
    key = "moved", id(root), offset
    known = run.known.get(key)
    if known is None:
        ends, by_ends = _bounds(root), _bounds(offset)
        found = _made(run, ends.low + by_ends.low, ends.high + by_ends.high, ends, by_ends)
        if isinstance(found, BoxNumbers):
            found.root, found.offset = root, offset
        run.known[key] = known = found, root, offset
    return known[0]


def _added(run: BoxRun, a: _Ends, b: _Ends) -> Number:
    for one, other in ((a, b), (b, a)):
        if one.of is not None and other.number is not None:
            return _moved(run, one.of, other.number)
    return _made(run, a.low + b.low, a.high + b.high, a, b)


def _subtracted(run: BoxRun, a: _Ends, b: _Ends) -> Number:
    if a.of is not None and b.of is not None and a.of.root is b.of.root:
        return a.of.offset - b.of.offset
    if a.of is not None and b.number is not None:
        return _moved(run, a.of, -b.number)
    return _made(run, a.low - b.high, a.high - b.low, a, b)


def _corners(a: _Ends, b: _Ends, work: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    found = [work(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    found = [np.where(np.isnan(one), 0.0, one) for one in found]
    return np.minimum.reduce(np.broadcast_arrays(*found)), np.maximum.reduce(np.broadcast_arrays(*found))


def _multiplied(run: BoxRun, a: _Ends, b: _Ends) -> Number:
    if (a.low >= 0).all() and (b.low >= 0).all() and np.isfinite(a.high * b.high).all():
        return _made(run, a.low * b.low, a.high * b.high, a, b)
    low, high = _corners(a, b, np.multiply)
    return _made(run, low, high, a, b)


def _quotients(a: _Ends, b: _Ends) -> tuple[Any, Any]:
    """The bounds of ``a / b``, with a margin for what is rounded. Raises UnboundedError where some divisor
    may be nought."""
    if np.any((b.low <= 0) & (b.high >= 0)):
        if np.all(b.low == 0) and np.all(b.high == 0):
            raise ZeroDivisionError("division by zero")
        raise UnboundedError(b.axes)
    low, high = _corners(a, b, np.divide)
    return np.nextafter(low, -np.inf), np.nextafter(high, np.inf)


def _rounded(run: BoxRun, a: _Ends, b: _Ends, rounded: Callable[[Any], Any]) -> Number:
    if np.any((b.low <= 0) & (b.high >= 0)):
        _quotients(a, b)
    integral = a.integral and b.integral
    small = integral and all(np.all(np.abs(end) <= 2.0**26) for end in (a.low, a.high))
    if small:
        # A quotient of small whole numbers is rounded to a whole one only where it is one.
        low, high = _corners(a, b, np.divide)
    else:
        low, high = _quotients(a, b)
    return run.numbers(rounded(low), rounded(high), True, a.axes | b.axes)


def _floored(run: BoxRun, a: _Ends, b: _Ends) -> Number:
    return _rounded(run, a, b, np.floor)


def _ceiled(run: BoxRun, a: _Ends, b: _Ends) -> Number:
    return _rounded(run, a, b, np.ceil)


def _divided(run: BoxRun, a: _Ends, b: _Ends) -> Number:
    low, high = _quotients(a, b)
    return run.numbers(low, high, False, a.axes | b.axes)


def _rest(run: BoxRun, a: _Ends, b: _Ends) -> Number:
    if np.any(b.low <= 0):
        raise UnboundedError(b.axes)
    whole = a.integral and b.integral
    low = np.zeros(run.count)
    high = np.broadcast_to(np.maximum(b.high - 1, 0) if whole else b.high, (run.count,))
    high = np.where(np.asarray(a.low >= 0), np.minimum(high, np.maximum(a.high, 0)), high)
    one = np.asarray((a.low == a.high) & (b.low == b.high) & (np.abs(a.low) <= _EXACT) & (b.low <= _EXACT))
    if whole and one.any():
        rest = np.where(one, np.mod(a.low, b.low), 0.0)
        low, high = np.where(one, rest, low), np.where(one, rest, high)
    # All between two neighbouring multiples: the rests follow each other.
    same = np.asarray((b.low == b.high) & (np.abs(a.low) <= 2.0**26) & (np.abs(a.high) <= 2.0**26))
    same = same & (np.floor(a.low / b.low) == np.floor(a.high / b.low))
    if whole and same.any():
        low = np.where(same, np.mod(a.low, b.low), low)
        high = np.where(same, np.mod(a.high, b.low), high)
    return run.numbers(low, high, whole, a.axes | b.axes)


def _larger(run: BoxRun, a: _Ends, b: _Ends) -> Number:
    return run.numbers(
        np.maximum(a.low, b.low), np.maximum(a.high, b.high), a.integral and b.integral, a.axes | b.axes
    )


def _smaller(run: BoxRun, a: _Ends, b: _Ends) -> Number:
    return run.numbers(
        np.minimum(a.low, b.low), np.minimum(a.high, b.high), a.integral and b.integral, a.axes | b.axes
    )


def _common(run: BoxRun, a: _Ends, b: _Ends) -> Number:
    if np.any(a.low < 1) or np.any(b.low < 1):
        raise UnboundedError(a.axes | b.axes)
    high = np.minimum(a.high, b.high)
    low = np.ones(run.count)
    one = np.asarray((a.low == a.high) & (b.low == b.high) & (np.maximum(a.high, b.high) <= _EXACT))
    if one.any():
        x, y = (np.where(one, end, 1).astype(np.int64) for end in (a.low, b.low))
        found = np.gcd(x, y).astype(float)
        low, high = np.where(one, found, low), np.where(one, found, high)
    return run.numbers(low, high, True, a.axes | b.axes)


def _comparison(sign: str) -> Callable[[BoxRun, _Ends, _Ends], Any]:
    def compared(run: BoxRun, a: _Ends, b: _Ends) -> Any:
        if sign in (">", ">="):
            return _OPERATIONS[{">": "<", ">=": "<="}[sign]](run, b, a)
        if a.of is not None and b.of is not None and a.of.root is b.of.root:
            return _TRUTHS[sign](a.of.offset, b.of.offset)
        if sign == "<":
            sure, never = a.high < b.low, a.low >= b.high
        elif sign == "<=":
            sure, never = a.high <= b.low, a.low > b.high
        else:
            never = (a.high < b.low) | (a.low > b.high)
            sure = (a.low == a.high) & (b.low == b.high) & (a.low == b.low)
            if sign == "!=":
                sure, never = never, sure
        if sure.all():
            return True
        if never.all():
            return False
        return BoxTruth(run, sure, never, a.axes | b.axes, (sign, a, b))

    return compared


_TRUTHS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_OPERATIONS: dict[str, Callable[[BoxRun, _Ends, _Ends], Any]] = {
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
    **{sign: _comparison(sign) for sign in ("==", "!=", "<", "<=", ">", ">=")},
}
