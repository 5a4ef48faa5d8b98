"""Windows that repeat, some of which may be empty: see :mod:`~archcalc.analysis.field`."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import gcd

from ..ops.window import Window
from ..periodic import LONGEST, STEEPEST, PeriodTooLongError


class PeriodicWindows:
    """Windows that repeat: unit i sees what unit i mod P sees, moved on by ``step`` for each of the
    i div P periods. ``ends`` holds the first and last position of P units, None for nothing."""

    __slots__ = ("ends", "step")

    def __init__(self, ends: tuple[tuple[int, int] | None, ...], step: int):
        self.ends = ends
        self.step = step

    def __call__(self, unit: int) -> tuple[int, int] | None:
        turn, place = divmod(unit, len(self.ends))
        ends = self.ends[place]
        return None if ends is None else (ends[0] + self.step * turn, ends[1] + self.step * turn)

    @property
    def slope(self) -> int | Fraction:
        """How far the window moves per unit, on average; an int where it is whole."""
        slope = Fraction(self.step, len(self.ends))
        return slope.numerator if slope.denominator == 1 else slope

    def through(self, window: Window) -> tuple[PeriodicWindows, int]:
        """Return what is seen through a window, and how many values were looked at. Raises
        PeriodTooLongError."""
        if not window.irregular and window.first.slope != window.last.slope:
            raise PeriodTooLongError  # it grows from unit to unit: nothing repeats
        mine, (units, moved) = len(self.ends), window.period
        times = mine // gcd(mine, moved)
        units *= times
        step = self.step * (moved * times // mine)
        if units > LONGEST or step > STEEPEST:
            raise PeriodTooLongError
        ends, work = [], 0
        for unit in range(units):
            reads = window.reads(unit)
            # After a cycle the same windows come again, further on.
            cycle = mine // gcd(mine, reads.step)
            if len(reads) > 2 * cycle:
                near = [*reads[:cycle], *reads[-cycle:]]
            else:
                near = list(reads)
            work += 1 + len(near)
            if work > LONGEST:
                raise PeriodTooLongError
            ends.append(union([self(position) for position in near]))
        return PeriodicWindows(tuple(ends), step), work

    @property
    def smooth(self) -> bool:
        """Whether every unit sees something and none sees further back than the one before."""
        row = [self(unit) for unit in range(len(self.ends) + 1)]
        known = [ends for ends in row if ends is not None]
        return len(known) == len(row) and all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(known))


def union(windows: list[tuple[int, int] | None]) -> tuple[int, int] | None:
    """The smallest window around several."""
    known = [window for window in windows if window is not None]
    return (min([w[0] for w in known]), max([w[1] for w in known])) if known else None
