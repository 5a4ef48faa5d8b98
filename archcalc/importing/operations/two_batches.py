"""Numbers that depend on the batch: what they are for one element, and for two."""

from __future__ import annotations

from typing import Any


class TwoSizes(int):
    """A number that depends on the batch, as ``x.size(0)`` does: what it is for one element, and for two.

    Attributes:
        at_two: What it is for two.

    Example:
        >>> from archcalc.importing.operations.two_batches import TwoSizes
        >>> found = 3 * TwoSizes(1, 2) + 1
        >>> found, found.at_two
        (4, 7)
    """

    at_two: int

    def __new__(cls, one: int, two: int) -> TwoSizes:
        found = super().__new__(cls, one)
        found.at_two = two
        return found

    def __add__(self, other: int) -> TwoSizes:
        return TwoSizes(int(self) + int(other), self.at_two + at_two(other))

    __radd__ = __add__

    def __sub__(self, other: int) -> TwoSizes:
        return TwoSizes(int(self) - int(other), self.at_two - at_two(other))

    def __rsub__(self, other: int) -> TwoSizes:
        return TwoSizes(int(other) - int(self), at_two(other) - self.at_two)

    def __mul__(self, other: int) -> TwoSizes:
        return TwoSizes(int(self) * int(other), self.at_two * at_two(other))

    __rmul__ = __mul__

    def __floordiv__(self, other: int) -> TwoSizes:
        return TwoSizes(int(self) // int(other), self.at_two // at_two(other))

    def __rfloordiv__(self, other: int) -> TwoSizes:
        return TwoSizes(int(other) // int(self), at_two(other) // self.at_two)

    def __neg__(self) -> TwoSizes:
        return TwoSizes(-int(self), -self.at_two)


def at_two(argument: Any) -> Any:
    """What an argument is with a batch of two."""
    if isinstance(argument, TwoSizes):
        return argument.at_two
    return tuple([at_two(part) for part in argument]) if isinstance(argument, (tuple, list)) else argument


def at_one(argument: Any) -> Any:
    """What an argument is with a batch of one."""
    if isinstance(argument, TwoSizes):
        return int(argument)
    return tuple([at_one(part) for part in argument]) if isinstance(argument, (tuple, list)) else argument
