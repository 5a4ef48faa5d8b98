"""Functions from position to position along an axis."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from .arithmetic import quotient

# A longer period, or a steeper step, is no network but a mistake: it would only fill the memory.
LONGEST = 1 << 17
STEEPEST = 1 << 53


class PeriodTooLongError(Exception):
    """A function that would have too long a period or too large a step to be kept."""


class Periodic:
    """A function on the whole numbers: ``f(i) = offsets[i mod P] + step * (i div P)``, P offsets.

    A window that slides gives one with P = 1, an affine function; whatever enlarges, or spreads
    windows unevenly, one with a longer period. Functions of this kind follow one another to give
    functions of this kind.
    """

    __slots__ = ("offsets", "step")

    def __init__(self, offsets: tuple[int, ...], step: int):
        self.offsets = offsets
        self.step = step

    def __call__(self, position: int) -> int:
        offsets = self.offsets
        period = len(offsets)
        if period == 1:
            return offsets[0] + self.step * position
        return offsets[position % period] + self.step * (position // period)

    @property
    def slope(self) -> int | Fraction:
        """How far it gets a position, on average; an int where it is whole."""
        return quotient(self.step, len(self.offsets))  # type: ignore[no-any-return]

    def after(self, inner: Periodic) -> Periodic:
        """The function ``i -> self(inner(i))``. Raises PeriodTooLongError."""
        mine, theirs = len(self.offsets), len(inner.offsets)
        if mine == 1:
            offset, factor = self.offsets[0], self.step
            step = factor * inner.step
            if step > STEEPEST:
                raise PeriodTooLongError
            if theirs == 1:
                return Periodic((offset + factor * inner.offsets[0],), step)
            return Periodic(tuple([offset + factor * i for i in inner.offsets]), step)
        times = mine // gcd(mine, inner.step)
        step = self.step * (inner.step * times // mine)
        if theirs * times > LONGEST or step > STEEPEST:
            raise PeriodTooLongError
        return Periodic(tuple([self(inner(i)) for i in range(theirs * times)]), step)

    def with_period(self, period: int) -> tuple[int, ...]:
        """The values at 0 … period - 1."""
        return tuple([self(i) for i in range(period)])

    def __repr__(self) -> str:
        return f"<Periodic {self.offsets} + {self.step}>"


def affine(slope: int, offset: int) -> Periodic:
    """The function ``i -> slope*i + offset``."""
    return Periodic((offset,), slope)


def common_period(functions: list[Periodic]) -> int:
    """The least number of positions after which all repeat. Raises PeriodTooLongError."""
    period = 1
    for f in functions:
        period = lcm(period, len(f.offsets))
        if period > LONGEST:
            raise PeriodTooLongError
    return period
