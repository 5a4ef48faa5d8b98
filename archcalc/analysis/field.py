"""The windows of a tensor's units along one axis of one input, as functions of the unit's index.

A window that slides makes both ends of the window affine; an enlargement makes them periodic;
where paths of different strides meet they are the least (or greatest) of several.
:class:`~archcalc.periodic.Periodic` is closed under all of these, so every unit's window is known
exactly without visiting a unit.

A transposed convolution may leave units that read nothing, or that read further back than the unit
before them. The ends of a window then do not tell what is seen through it, and every position in it
is looked at (:class:`IrregularWindows`). A unit that no path leads to sees nothing: its window is empty, its
ends are None and its size is 0. Each axis is taken by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import TypeVar

from ..ops.window import Window
from ..periodic import LONGEST, STEEPEST, Periodic, PeriodTooLongError, affine, common_period
from .periodic_windows import PeriodicWindows, union

# What has a slope.
_Sloped = TypeVar("_Sloped", Periodic, PeriodicWindows)


class Windows:
    """The windows of a tensor's units along one input axis.

    aligned  no paths of different strides or centres have met
    """

    __slots__ = ("aligned",)

    aligned: bool

    def low(self, unit: int) -> int | None:
        """The first input position that a unit sees; may lie before the image. None if it sees
        nothing."""
        raise NotImplementedError

    def high(self, unit: int) -> int | None:
        """The last input position that a unit sees; may lie behind the image. None if it sees
        nothing."""
        raise NotImplementedError

    @property
    def stride(self) -> int | Fraction | None:
        """Distance between the windows of neighbouring units; None where strides differ, or where the
        windows do not move on: they are the same, or come again."""
        raise NotImplementedError

    def size(self, units: int) -> int:
        """The largest window: over one period where there is a stride, otherwise over all ``units``
        of the layer."""
        raise NotImplementedError

    def through(self, window: Window) -> Windows:
        """The field of a layer that reads this tensor through a window. Raises PeriodTooLongError."""
        raise NotImplementedError

    @property
    def lows(self) -> tuple[Periodic, ...]:
        """Functions whose least value is the low end, one per slope."""
        raise NotImplementedError

    @property
    def highs(self) -> tuple[Periodic, ...]:
        """Functions whose greatest value is the high end, one per slope: those of ``lows``, unless
        a window grows from unit to unit."""
        raise NotImplementedError


class AffineWindows(Windows):
    """Each window is the one before, moved on by ``step``; unit 0 sees ``start`` … ``end``."""

    __slots__ = ("start", "end", "step")

    def __init__(self, start: int, end: int, step: int, aligned: bool = True):
        self.start = start
        self.end = end
        self.step = step
        self.aligned = aligned

    def low(self, unit: int) -> int:
        return self.start + self.step * unit

    def high(self, unit: int) -> int:
        return self.end + self.step * unit

    @property
    def stride(self) -> int | None:
        return self.step or None

    def size(self, units: int) -> int:
        return self.end - self.start + 1

    def through(self, window: Window) -> Windows:
        if window.irregular:
            return _as_irregular(self).through(window)
        first, last = window.first, window.last
        if len(first.offsets) > 1 or first.step != last.step:
            return PiecewiseWindows(self.lows, self.highs, self.aligned).through(window)
        step = self.step
        if step * first.step > STEEPEST:
            raise PeriodTooLongError
        return AffineWindows(
            self.start + step * first.offsets[0],
            self.end + step * last.offsets[0],
            step * first.step,
            self.aligned,
        )

    @property
    def lows(self) -> tuple[Periodic, ...]:
        return (affine(self.step, self.start),)

    @property
    def highs(self) -> tuple[Periodic, ...]:
        return (affine(self.step, self.end),)


class PiecewiseWindows(Windows):
    """Windows that differ from unit to unit: behind an enlargement, where strides have met, or
    where a window grows from unit to unit."""

    __slots__ = ("_lows", "_highs", "_work")

    def __init__(self, lows: tuple[Periodic, ...], highs: tuple[Periodic, ...], aligned: bool, work: int = 0):
        self._lows = lows
        self._highs = highs
        self.aligned = aligned
        self._work = work  # values that were looked at to find it

    def low(self, unit: int) -> int:
        # A window that grows is still empty before unit 0; such a unit stands for itself.
        return min([f(unit) for f in self._lows] + [self.high(unit)])

    def high(self, unit: int) -> int:
        return max([f(unit) for f in self._highs])

    @property
    def stride(self) -> int | Fraction | None:
        slope = self._lows[0].slope
        one = len(self._lows) == len(self._highs) == 1 and self._highs[0].slope == slope
        return slope or None if one else None

    def size(self, units: int) -> int:
        period = common_period([*self._lows, *self._highs])
        if self.stride is not None:
            where = set(range(period))
        else:
            # From period to period the width is convex: it is largest in the first or in the last.
            where = {*range(min(period, units)), *range(max(0, units - period), units)}
        return max([self.high(i) - self.low(i) + 1 for i in where])

    def through(self, window: Window) -> Windows:
        if window.irregular:
            return _as_irregular(self).through(window)
        first, last = window.first, window.last
        lows = tuple([f.after(first) for f in self._lows])
        highs = tuple([f.after(last) for f in self._highs])
        if not first.step or not last.step:  # slopes that were different may be none now
            lows, highs = _outermost(lows, min), _outermost(highs, max)
        return PiecewiseWindows(
            lows,
            highs,
            # Where the ends part, a unit has paths of different centres.
            self.aligned and first.slope == last.slope,
        )

    @property
    def lows(self) -> tuple[Periodic, ...]:
        return self._lows

    @property
    def highs(self) -> tuple[Periodic, ...]:
        return self._highs

    def weight(self) -> int:
        """Values to keep, and to look at for the size. Raises PeriodTooLongError."""
        functions = [*self._lows, *self._highs]
        return common_period(functions) * len(functions) + self._work


class IrregularWindows(Windows):
    """Windows of which some are empty, or begin or end before those of the unit before.

    periodic  what is seen by paths of the same stride, one entry per stride
    work      values that were looked at to find them
    """

    __slots__ = ("periodic", "_work")

    def __init__(self, periodic: tuple[PeriodicWindows, ...], aligned: bool, work: int = 0):
        self.periodic = periodic
        self.aligned = aligned
        self._work = work

    def _ends(self, unit: int) -> tuple[int, int] | None:
        return union([one(unit) for one in self.periodic])

    def low(self, unit: int) -> int | None:
        ends = self._ends(unit)
        return None if ends is None else ends[0]

    def high(self, unit: int) -> int | None:
        ends = self._ends(unit)
        return None if ends is None else ends[1]

    @property
    def stride(self) -> int | Fraction | None:
        return self.periodic[0].slope or None if len(self.periodic) == 1 else None

    @property
    def period(self) -> int:
        """The least number of units after which all windows repeat. Raises PeriodTooLongError."""
        period = lcm(*[len(one.ends) for one in self.periodic])
        if period > LONGEST:
            raise PeriodTooLongError
        return period

    def size(self, units: int) -> int:
        period = self.period
        where = set(range(period))
        if self.stride is None:
            # As for piecewise windows: a unit of a period is the widest in the first or in the last.
            where = {*range(min(period, units)), *range(max(0, units - period), units)}
        ends = [self._ends(unit) for unit in where]
        return max([0 if window is None else window[1] - window[0] + 1 for window in ends])

    def through(self, window: Window) -> Windows:
        found = [one.through(window) for one in self.periodic]
        periodic = tuple([one for one, _ in found])
        if len(periodic) > 1:  # slopes that were different may be none now
            periodic = _by_slope(periodic)
        work = sum([work for _, work in found])
        if not all(one.smooth for one in periodic):
            return IrregularWindows(periodic, self.aligned, work)
        # With all of them smooth, the ends tell everything again.
        lows, highs = [], []
        for one in periodic:
            known = [ends for ends in one.ends if ends is not None]
            lows.append(Periodic(tuple([low for low, _ in known]), one.step))
            highs.append(Periodic(tuple([high for _, high in known]), one.step))
        return PiecewiseWindows(tuple(lows), tuple(highs), self.aligned, work)

    def weight(self) -> int:
        """Values to keep, and to look at for the size. Raises PeriodTooLongError."""
        return 2 * self.period * len(self.periodic) + self._work


def _as_irregular(field: Windows) -> IrregularWindows:
    """The same windows as irregular ones. Raises PeriodTooLongError, also for windows that grow from
    unit to unit."""
    if isinstance(field, IrregularWindows):
        return field
    highs = {high.slope: high for high in field.highs}
    if len(highs) != len(field.lows) or any(low.slope not in highs for low in field.lows):
        raise PeriodTooLongError
    periodic = []
    for low in field.lows:
        high = highs[low.slope]
        period = common_period([low, high])
        ends = tuple(zip(low.with_period(period), high.with_period(period), strict=True))
        periodic.append(PeriodicWindows(ends, int(low.slope * period)))
    return IrregularWindows(tuple(periodic), field.aligned)


WHOLE_AXIS = AffineWindows(0, 0, 1)


def constant(field: Windows) -> Windows:
    """Windows that are all the first one of a field."""
    low, high = field.low(0), field.high(0)
    if low is None or high is None:
        return IrregularWindows((PeriodicWindows((None,), 0),), field.aligned)
    return AffineWindows(low, high, 0, field.aligned)


def merge(fields: Sequence[Windows]) -> Windows:
    """The field of a layer that reads several tensors, unit by unit. Raises PeriodTooLongError."""
    first = fields[0]
    if not isinstance(first, AffineWindows):
        return _merge(fields)
    start, end, step = first.start, first.end, first.step
    centre, aligned = start + end, first.aligned
    for field in fields:
        if not isinstance(field, AffineWindows) or field.step != step:
            return _merge(fields)
        if field.start < start:
            start = field.start
        if field.end > end:
            end = field.end
        aligned = aligned and field.aligned and field.start + field.end == centre
    if first.start == start and first.end == end and first.aligned == aligned:
        return first
    return AffineWindows(start, end, step, aligned)


def _merge(fields: Sequence[Windows]) -> Windows:
    if any(isinstance(field, IrregularWindows) for field in fields):
        return _merge_irregular([_as_irregular(field) for field in fields])
    return PiecewiseWindows(
        _outermost([f for field in fields for f in field.lows], min),
        _outermost([f for field in fields for f in field.highs], max),
        all(field.aligned for field in fields) and _same_centres(fields),
    )


def _outermost(
    functions: Sequence[Periodic], choose: Callable[[tuple[int, ...]], int]
) -> tuple[Periodic, ...]:
    """The functions that the minimum or maximum of all needs: one per slope."""
    result = []
    for slope, group in _of_one_slope(functions):
        period = common_period(group)
        columns = zip(*[f.with_period(period) for f in group], strict=True)
        offsets = tuple([choose(column) for column in columns])
        result.append(Periodic(offsets, int(slope * period)))
    return tuple(result)


def _of_one_slope(functions: Sequence[_Sloped]) -> list[tuple[int | Fraction, list[_Sloped]]]:
    """Functions, or windows, by their slopes, of which there are few: numbers of many designs can be
    compared, but not looked up."""
    groups: list[tuple[int | Fraction, list[_Sloped]]] = []
    for one in functions:
        slope = one.slope
        for known, group in groups:
            if known == slope:
                group.append(one)
                break
        else:
            groups.append((slope, [one]))
    return groups


def _same_centres(fields: Sequence[Windows]) -> bool:
    """Whether all have one and the same stride and, unit by unit, the same centre."""
    functions = [f for field in fields for f in (*field.lows, *field.highs)]
    if len(_of_one_slope(functions)) > 1:
        return False
    period = common_period(functions)
    doubled = {
        tuple([min([f(i) for f in field.lows]) + max([f(i) for f in field.highs]) for i in range(period)])
        for field in fields
    }
    return len(doubled) == 1


def _by_slope(windows: Sequence[PeriodicWindows]) -> tuple[PeriodicWindows, ...]:
    """The windows around those of the same slope, one per slope."""
    periodic: list[PeriodicWindows] = []
    for slope, group in _of_one_slope(windows):
        if len(group) == 1:
            periodic += group
            continue
        period = IrregularWindows(tuple(group), True).period
        joined = [union([one(i) for one in group]) for i in range(period)]
        periodic.append(PeriodicWindows(tuple(joined), int(slope * period)))
    return tuple(periodic)


def _merge_irregular(fields: Sequence[IrregularWindows]) -> Windows:
    periodic = _by_slope([one for field in fields for one in field.periodic])
    aligned = all(field.aligned for field in fields) and len(periodic) == 1
    if aligned:
        period = lcm(*[field.period for field in fields])
        if period > LONGEST:
            raise PeriodTooLongError
        for unit in range(period):
            # What sees nothing has no centre that could differ.
            seen = [ends for field in fields if (ends := field.periodic[0](unit)) is not None]
            aligned = aligned and len({low + high for low, high in seen}) <= 1
    return IrregularWindows(periodic, aligned)
