"""Windows of layers that move positions about: in another order, again and again, round the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..arithmetic import Number, value_of, written
from ..periodic import LONGEST, Periodic, PeriodTooLongError
from ..shape import Shape
from .attributes import OpError
from .pattern import AxisRun
from .window import Window, stated, worked_out


def window_of_runs(size: Number, runs: Sequence[AxisRun], beside: AxisRun, target: Number) -> Window:
    """The window along an axis whose positions an axis of the output goes through in ``runs``, the last
    one fastest; ``beside`` are those that a unit reads together."""
    if not runs:  # a single position, or all of them
        return Window(size, beside.size, 1, dilation=beside.apart, rule=stated, target=target)
    if len(runs) == 1 and runs[0].apart:
        return Window(size, beside.size, runs[0].apart, dilation=beside.apart, rule=stated, target=target)
    return RunWindow(size, runs, beside, target)


class RunWindow(Window):
    """Units that go through an axis in runs: ``runs`` are their lengths and how far apart the positions of
    one are, the last one fastest.

    Unit i of a single run of n positions that does not move on reads position 0; behind it stands a
    further period.
    """

    def __init__(self, size: Number, runs: Sequence[AxisRun], beside: AxisRun, target: Number):
        super().__init__(size, beside.size, 1, dilation=beside.apart, rule=stated, target=target)
        self._runs = tuple(runs)

    @property
    def words(self) -> str:
        whole = [run for run in self._runs if run.apart]
        behind = [str(run.size) for run in self._runs[1:]]
        if self.kernel == 1 and len(whole) == 1 and whole[0].apart == 1:
            if whole[0] is self._runs[0]:
                return f"position i // {'*'.join(behind)}"
            if whole[0] is self._runs[-1]:
                return f"position i % {written(self.size)}"
        many = "the position" if self.kernel == 1 else "the positions"
        return f"{many} that the unit is made of"

    @worked_out
    def first(self) -> Periodic:
        leading, *rest = self._runs
        places = [0]
        for run in rest:
            if len(places) * run.size > LONGEST:
                raise PeriodTooLongError
            places = [place + step * run.apart for place in places for step in range(run.size)]
        return Periodic(tuple(places), leading.apart)

    @worked_out
    def last(self) -> Periodic:
        reach = (value_of(self.kernel) - 1) * value_of(self.dilation)
        return Periodic(tuple([place + reach for place in self.first.offsets]), self.first.step)

    @worked_out
    def irregular(self) -> bool:
        period = len(self.first.offsets)
        return any(self.first(a) > self.first(b) for a, b in pairwise(range(period + 1)))

    @property
    def slope(self) -> Number:
        return self.first.slope

    @property
    def pointwise(self) -> bool:
        return False


class RoundWindow(Window):
    """Positions moved on, those that leave the end coming in at the front. Unit i reads position
    i - low, which beyond an end is that at the other one: the window is given as it goes on there."""

    @property
    def words(self) -> str:
        return f"position {super().words.removeprefix('position ')}, round the end"

    def positions(self, unit: int, size: int) -> tuple[range, ...]:
        at = self.first(unit) % size
        return (range(at, at + 1),)


class TurnedWindow(Window):
    """The positions from the last to the first. An axis of one position stays as it is."""

    irregular = True

    @property
    def words(self) -> str:
        return f"position {written(self.size)} - 1 - i"

    @worked_out
    def first(self) -> Periodic:
        return Periodic((self.size - 1,), self.slope)

    @worked_out
    def last(self) -> Periodic:
        return self.first

    @property
    def slope(self) -> Number:
        return 1 if self.size == 1 else -1

    @property
    def pointwise(self) -> bool:
        return bool(self.size == 1)


ZEROS, REFLECT, REPLICATE, CIRCULAR = "zeros", "reflect", "replicate", "circular"


class RimWindow(Window):
    """A window on an axis whose rim is made of its own positions: ``rim`` is REFLECT, REPLICATE or CIRCULAR.

    It is given as it goes on beyond the ends, like one on a rim of zeros; what it reads there are
    positions of the axis.
    """

    rim = REFLECT

    @classmethod
    def of(cls, window: Window, rim: str) -> RimWindow:
        """The same window on such a rim."""
        made = object.__new__(cls)
        made.__dict__.update(window.__dict__, rim=rim)
        return made

    @property
    def words(self) -> str:
        if self.has_kernel:  # what a kernel reads beyond the ends, its layer says
            return super().words
        made = {REFLECT: "reflected", REPLICATE: "those at the end", CIRCULAR: "round the end"}[self.rim]
        return f"{super().words}, beyond the ends {made}"

    def positions(self, unit: int, size: int) -> tuple[range, ...]:
        reads = self.reads(unit)
        if not reads or (reads[0] >= 0 and reads[-1] < size):
            return super().positions(unit, size)
        return tuple([range(at, at + 1) for at in sorted({self._at(place, size) for place in reads})])

    def _at(self, place: int, size: int) -> int:
        """The position that stands at a place on the rim."""
        if self.rim == REPLICATE:
            return min(max(place, 0), size - 1)
        if self.rim == CIRCULAR:
            return place % size
        turn = max(2 * (size - 1), 1)
        return min(place % turn, -place % turn)

    @property
    def pointwise(self) -> bool:
        return bool(super().pointwise and self.high == 0)


def check_rim(rim: str, x: Shape, sides: Sequence[tuple[Number, Number]], name: str) -> None:
    """Refuse a rim that the positions do not make. Raises OpError."""
    for n, side in zip(x.spatial, sides, strict=True):
        most = {REFLECT: n - 1, CIRCULAR: n}.get(rim)
        if most is not None and max(side) > most:
            made = "a reflection" if rim == REFLECT else "a rim that goes round"
            raise OpError("shape", f"{made} of {n} positions is at most {most} wide, not {max(side)}", name)
