"""Windows of layers that change the number of positions by repetition or interpolation."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from ..arithmetic import Number, ceil_div, written
from ..periodic import LONGEST, Periodic, PeriodTooLongError
from .window import Rule, Window, enlarged, worked_out


def scaled(w: NearestWindow) -> Number:
    """``behind`` positions for every ``before`` that arrive, rounded down."""
    return w.size * w.behind // w.before


class NearestWindow(Window):
    """Repetition: unit i reads position floor(i * before / behind) alone.

    ``before`` positions become ``behind``. Where a position becomes several, their number is the
    window's ``stride``.
    """

    def __init__(self, size: Number, before: Number, behind: Number, *, rule: Rule = enlarged):
        super().__init__(size, 1, behind if rule is enlarged else 1, rule=rule, target=behind)
        self.before = before
        self.behind = behind

    @property
    def words(self) -> str:
        if self.rule is enlarged:
            return f"position i // {written(self.behind)}"
        return f"position floor(i*{written(self.before)}/{written(self.behind)})"

    @property
    def ratio(self) -> tuple[int, int]:
        """Positions on, and after how many units, in lowest terms. Raises PeriodTooLongError."""
        common = gcd(self.before, self.behind)
        if self.behind // common > LONGEST:
            raise PeriodTooLongError
        return self.before // common, self.behind // common

    @worked_out
    def first(self) -> Periodic:
        p, q = self.ratio
        return Periodic(tuple([i * p // q for i in range(q)]), p)

    @worked_out
    def last(self) -> Periodic:
        return self.first

    @property
    def slope(self) -> Fraction:
        return Fraction(self.before, self.behind)

    @property
    def pointwise(self) -> bool:
        return bool(self.before == self.behind)


class LinearWindow(NearestWindow):
    """Linear interpolation: unit i lies at (i + 1/2) * before / behind - 1/2 and reads the positions
    on both sides, or the one on which it falls."""

    def __init__(self, size: Number, before: Number, behind: Number, *, rule: Rule = enlarged):
        super().__init__(size, before, behind, rule=rule)
        self.kernel = 2

    @property
    def words(self) -> str:
        behind = written(self.behind)
        share = (
            f"(i + 1/2)/{behind}" if self.rule is enlarged else f"(i + 1/2)*{written(self.before)}/{behind}"
        )
        return f"the positions on both sides of {share} - 1/2, or the one on which it falls"

    @worked_out
    def first(self) -> Periodic:
        p, q = self.ratio
        return Periodic(tuple([((2 * i + 1) * p - q) // (2 * q) for i in range(q)]), p)

    @worked_out
    def last(self) -> Periodic:
        p, q = self.ratio
        return Periodic(tuple([ceil_div((2 * i + 1) * p - q, 2 * q) for i in range(q)]), p)
