"""Functions from position to position along an axis."""

from __future__ import annotations

from fractions import Fraction
from math import gcd


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
        return offsets[position % period] + self.step * (position // period)

    @property
    def slope(self) -> Fraction:
        """How far it gets a position, on average."""
        return Fraction(self.step, len(self.offsets))

    def after(self, inner: Periodic) -> Periodic:
        """The function ``i -> self(inner(i))``."""
        mine, theirs = len(self.offsets), len(inner.offsets)
        if mine == 1:
            offset, step = self.offsets[0], self.step
            return Periodic(tuple([offset + step * i for i in inner.offsets]), step * inner.step)
        times = mine // gcd(mine, inner.step)
        period = theirs * times
        return Periodic(
            tuple([self(inner(i)) for i in range(period)]), self.step * (inner.step * times // mine)
        )

    def over(self, period: int) -> tuple[int, ...]:
        """The values at 0 … period - 1."""
        return tuple([self(i) for i in range(period)])


def affine(slope: int, offset: int) -> Periodic:
    """The function ``i -> slope*i + offset``."""
    return Periodic((offset,), slope)
