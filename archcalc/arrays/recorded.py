"""Numbers that remember how they were made of the values that arrived.

The rule of an op, run on an array of them, leaves in each cell of the output what was computed there: the
products of a convolution with their places, the values that a maximum was taken of. The same record says
which coefficient each value has, where the rule is linear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

from .exact import Array, exact_number, filled, power_of, ratio

# What a recorded number is: a value that arrived, or what was done to others.
ARRIVED, PADDING, SUM, DIFFERENCE, PRODUCT, QUOTIENT, POWER, MAXIMUM, MINIMUM = (
    *("arrived", "padding", "sum", "difference", "product", "quotient", "power"),
    *("max", "min"),
)

# Of a value that arrived: the number of the input, and the position in it, channels last.
InputPosition = tuple[int, tuple[int, ...]]


class NonlinearError(Exception):
    """A number is no sum of the arriving values times coefficients."""


class RecordedNumber:
    """A number with its record.

    Args:
        kind: One of the kinds above, or the name of a function.
        parts: What it was made of: recorded numbers, and plain ones.
        value: What it comes to.
        place: Where it stands, of a value that arrived.
    """

    __slots__ = ("kind", "parts", "value", "place")

    def __init__(self, kind: str, parts: tuple[Any, ...], value: Any, place: InputPosition | None = None):
        self.kind = kind
        self.parts = parts
        self.value = value
        self.place = place

    def __add__(self, other: Any) -> RecordedNumber:
        if not isinstance(other, RecordedNumber) and other == 0:
            return self
        left = self.parts if self.kind == SUM else (self,)
        right = other.parts if isinstance(other, RecordedNumber) and other.kind == SUM else (other,)
        return RecordedNumber(SUM, (*left, *right), self.value + plain(other))

    def __radd__(self, other: Any) -> RecordedNumber:
        return self if other == 0 else RecordedNumber(SUM, (other, self), other + self.value)

    def __sub__(self, other: Any) -> RecordedNumber:
        if not isinstance(other, RecordedNumber) and other == 0:
            return self
        return RecordedNumber(DIFFERENCE, (self, other), self.value - plain(other))

    def __rsub__(self, other: Any) -> RecordedNumber:
        return RecordedNumber(DIFFERENCE, (other, self), other - self.value)

    def __mul__(self, other: Any) -> RecordedNumber:
        return RecordedNumber(PRODUCT, (self, other), self.value * plain(other))

    def __rmul__(self, other: Any) -> RecordedNumber:
        return RecordedNumber(PRODUCT, (other, self), other * self.value)

    def __truediv__(self, other: Any) -> RecordedNumber:
        return RecordedNumber(QUOTIENT, (self, other), ratio(self.value, plain(other)))

    def __rtruediv__(self, other: Any) -> RecordedNumber:
        return RecordedNumber(QUOTIENT, (other, self), ratio(other, self.value))

    def __pow__(self, other: Any) -> RecordedNumber:
        return RecordedNumber(POWER, (self, other), power_of(self.value, plain(other)))

    def __neg__(self) -> RecordedNumber:
        return RecordedNumber(PRODUCT, (-1, self), -self.value)

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < plain(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.value <= plain(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > plain(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= plain(other))

    def __repr__(self) -> str:
        return f"<{self.kind} {self.value}>"


def plain(number: Any) -> Any:
    """Return the number without its record."""
    return number.value if isinstance(number, RecordedNumber) else number


def arrived_at(x: Array, number: int, axes: Sequence[Sequence[int]]) -> Array:
    """Return an array of which the values at some positions alone are recorded.

    Args:
        x: The array.
        number: The number of the input.
        axes: The positions along each of the first axes.
    """
    made = x.astype(object)
    for place in product(*axes, *[range(n) for n in x.shape[len(axes) :]]):
        made[place] = RecordedNumber(ARRIVED, (), x[place], (number, place))
    return made


def arrived(x: Array, number: int, start: tuple[int, ...] = ()) -> Array:
    """Return an array whose values are recorded as those of an input.

    Args:
        x: The array.
        number: The number of the input.
        start: The position at which the array begins in the input.
    """
    starts = (*start, *[0] * (x.ndim - len(start)))
    places = product(*[range(first, first + n) for first, n in zip(starts, x.shape, strict=True)])
    values = x.ravel().tolist()
    return filled(
        [RecordedNumber(ARRIVED, (), value, (number, at)) for value, at in zip(values, places, strict=True)],
        x.shape,
    )


def extreme(kind: str) -> Callable[[Any, Any], Any]:
    """Return the larger or the smaller of two numbers, as MAXIMUM or MINIMUM says, recorded where one is."""
    choose = max if kind == MAXIMUM else min

    def chosen(a: Any, b: Any) -> Any:
        if not isinstance(a, RecordedNumber) and not isinstance(b, RecordedNumber):
            return choose(a, b)
        parts: list[Any] = []
        for number in (a, b):
            if isinstance(number, RecordedNumber) and number.kind == kind:
                parts += number.parts
            elif isinstance(number, RecordedNumber) or abs(number) != float("inf"):
                parts.append(number)
        return RecordedNumber(kind, tuple(parts), choose(plain(a), plain(b)))

    return chosen


def coefficients(number: Any) -> tuple[dict[InputPosition, Any], Any]:
    """Return what each arriving value is multiplied by in a recorded number, and what is added.

    Raises:
        NonlinearError: Where the number is no such sum.
    """
    if not isinstance(number, RecordedNumber):
        return {}, number
    if number.kind == ARRIVED and number.place is not None:
        return {number.place: 1}, 0
    if number.kind == PADDING:
        return {}, number.value
    if number.kind == SUM:
        return _summed([(coefficients(part), 1) for part in number.parts])
    if number.kind == DIFFERENCE:
        left, right = number.parts
        return _summed([(coefficients(left), 1), (coefficients(right), -1)])
    if number.kind == PRODUCT:
        left, right = map(coefficients, number.parts)
        if left[0] and right[0]:
            raise NonlinearError(f"{number} is a product of values that arrived")
        return _summed([(left, right[1]) if left[0] else (right, left[1])])
    if number.kind == QUOTIENT:
        above, below = map(coefficients, number.parts)
        if not below[0]:
            return {at: ratio(factor, below[1]) for at, factor in above[0].items()}, ratio(above[1], below[1])
    raise NonlinearError(f"{number} is no sum of products")


def _summed(
    parts: Iterable[tuple[tuple[dict[InputPosition, Any], Any], Any]],
) -> tuple[dict[InputPosition, Any], Any]:
    found: dict[InputPosition, Any] = {}
    constant: Any = 0
    for (factors, added), times in parts:
        for place, factor in factors.items():
            found[place] = exact_number(found.get(place, 0) + factor * times)
        constant = exact_number(constant + added * times)
    return found, constant


def divided(a: Any, b: Any) -> Any:
    """Return ``a / b`` of numbers that may be recorded, exact where both are."""
    return a / b if isinstance(a, RecordedNumber) or isinstance(b, RecordedNumber) else ratio(a, b)


def raised(a: Any, b: Any) -> Any:
    """Return ``a`` to the power of ``b``, of numbers that may be recorded."""
    return (
        RecordedNumber(POWER, (a, b), power_of(a.value, b))
        if isinstance(a, RecordedNumber)
        else power_of(a, b)
    )
