"""Windows of layers that change the number of positions by repetition or interpolation."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import gcd

from ..arithmetic import Number, ceil_div, certainly, quotient, value_of, written
from ..periodic import LONGEST, Periodic, PeriodTooLongError
from .window import Rule, Window, enlarged, stated, worked_out


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
    def slope(self) -> Number:
        return quotient(self.before, self.behind)

    @property
    def pointwise(self) -> bool:
        return certainly(self.before == self.behind)

    def taps(self, unit: int) -> list[tuple[int, Fraction]]:
        """The positions that a unit is made of, each with its weight. Beyond the end stands the last one."""
        return [(min(self.nearest(unit), self.size - 1), Fraction(1))]

    def nearest(self, unit: int) -> int:
        """The position on which a unit falls."""
        return int(unit * self.before // self.behind)


class NearestCentreWindow(NearestWindow):
    """Repetition by centres: unit i reads the position that (i + 1/2) * before / behind lies in."""

    @property
    def words(self) -> str:
        return f"position floor((i + 1/2)*{written(self.before)}/{written(self.behind)})"

    @worked_out
    def first(self) -> Periodic:
        p, q = self.ratio
        return Periodic(tuple([(2 * i + 1) * p // (2 * q) for i in range(q)]), p)

    @worked_out
    def last(self) -> Periodic:
        return self.first

    def nearest(self, unit: int) -> int:
        return int((2 * unit + 1) * self.before // (2 * self.behind))


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

    def place(self, unit: int) -> tuple[int, int]:
        """Where a unit lies among the positions: a quotient."""
        p, q = self.ratio
        return (2 * unit + 1) * p - q, 2 * q

    @property
    def places(self) -> list[tuple[int, int]]:
        """Where the units of a period lie."""
        return [self.place(i) for i in range(self.ratio[1])]

    @worked_out
    def first(self) -> Periodic:
        return Periodic(tuple([above // below for above, below in self.places]), self.ratio[0])

    @worked_out
    def last(self) -> Periodic:
        return Periodic(tuple([ceil_div(above, below) for above, below in self.places]), self.ratio[0])

    def taps(self, unit: int) -> list[tuple[int, Fraction]]:
        at = max(Fraction(*self.place(unit)), Fraction(0))
        low = at.numerator // at.denominator
        found = [(low, 1 - (at - low)), (low + 1, at - low)]
        return [(min(place, self.size - 1), weight) for place, weight in found if weight]


class CornersWindow(LinearWindow):
    """Linear interpolation whose first and last units lie on the first and last positions: unit i of m
    lies at i * (n - 1) / (m - 1)."""

    def __init__(self, size: Number, target: Number):
        super().__init__(size, size - 1, target - 1, rule=stated)
        self.target = target

    @property
    def words(self) -> str:
        share = f"i*({written(self.before)})/({written(self.behind)})"
        return f"the positions on both sides of {share}, or the one on which it falls"

    def place(self, unit: int) -> tuple[int, int]:
        p, q = self.ratio
        return unit * p, q


def keys_weight(distance: Fraction) -> Fraction:
    """The weight of a position so far away in cubic interpolation: R. Keys, IEEE Transactions on Acoustics,
    Speech, and Signal Processing 29, 1981, equation 15, with the a of PyTorch, -3/4."""
    a, t = Fraction(-3, 4), distance
    if t <= 1:
        return ((a + 2) * t - (a + 3)) * t * t + 1
    return ((t - 5) * t + 8) * t * a - 4 * a if t < 2 else Fraction(0)


class CubicWindow(LinearWindow):
    """Cubic interpolation: each unit reads the two positions on either side, or the one on which it
    falls."""

    def __init__(self, size: Number, before: Number, behind: Number, *, rule: Rule = enlarged):
        super().__init__(size, before, behind, rule=rule)
        self.kernel = 4

    @property
    def words(self) -> str:
        return super().words.replace("the positions", "two positions each").replace("both sides", "the sides")

    @worked_out
    def first(self) -> Periodic:
        lows = [above // below - (above % below > 0) for above, below in self.places]
        return Periodic(tuple(lows), self.ratio[0])

    @worked_out
    def last(self) -> Periodic:
        highs = [above // below + 2 * (above % below > 0) for above, below in self.places]
        return Periodic(tuple(highs), self.ratio[0])

    @worked_out
    def irregular(self) -> bool:
        # A unit that falls on a position reads it alone, and its neighbours reach further on both sides.
        ends = [(self.first(i), self.last(i)) for i in range(self.ratio[1] + 1)]
        return any(a[0] > b[0] or a[1] > b[1] for a, b in pairwise(ends))

    def taps(self, unit: int) -> list[tuple[int, Fraction]]:
        at = Fraction(*self.place(unit))
        low = at.numerator // at.denominator
        found = [(place, keys_weight(abs(at - place))) for place in range(low - 1, low + 3)]
        return [(min(max(place, 0), self.size - 1), weight) for place, weight in found if weight]


class CubicCornersWindow(CubicWindow):
    """Cubic interpolation whose first and last units lie on the first and last positions."""

    def __init__(self, size: Number, target: Number):
        super().__init__(size, size - 1, target - 1, rule=stated)
        self.target = target

    words = CornersWindow.words
    place = CornersWindow.place


def interpolated(
    mode: str, corners: bool, size: Number, before: Number, behind: Number, target: Number, rule: Rule
) -> NearestWindow:
    """The window along an axis on which ``before`` positions become ``behind``, and all of them
    ``target``. Between the values of an axis of one position there is only that one."""
    if mode == "nearest" or value_of(size) == 1:
        return NearestWindow(size, before, behind, rule=rule)
    if mode == "nearest_exact":
        return NearestCentreWindow(size, before, behind, rule=rule)
    if not corners:
        return (CubicWindow if mode == "bicubic" else LinearWindow)(size, before, behind, rule=rule)
    if value_of(target) == 1:  # the first position, and no other
        return NearestWindow(size, size, target, rule=stated)
    return (CubicCornersWindow if mode == "bicubic" else CornersWindow)(size, target)
