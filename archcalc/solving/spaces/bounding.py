"""Branch and bound: boxes of designs of which none can meet a demand, or none is better, are left out whole.

A box holds for each axis a range of numbers, or one word. The rules run on bounds (``intervals``), so what a
box can come to is proved, and not taken from its corners: an attribute need not be monotone. A box that may
hold an answer is cut in two, along an axis that what is open depends on; small ones are computed design by
design. With one axis that is bisection.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import inf, prod
from typing import Any, NamedTuple

import numpy as np

from ...diagnostics import SpecError
from ...language.bounds import Bounds
from ...ops.attributes import Size
from ...quantities import measured
from ...shape import Shape
from ...sweeping.request import Sweep
from ..search import Objective
from .blocks import Harvest, Patience, judge_some
from .demands import DesignJudge
from .intervals import BoxesDifferError, BoxNumbers, BoxRun, UnboundedError, around

# Designs of a box that are computed one by one, and those that are computed at a time.
SMALL, BATCH = 1 << 9, 1 << 14
# Boxes that are bounded at a time, and in all; ways through the rules of one box.
TOGETHER, MOST_BOXES, MOST_WAYS = 512, 60_000, 24
# Boxes that the words of the axes make.
MOST_FIRST = 4096


class _Line:
    """The values of an axis as boxes have them: numbers by their size, then words, each by itself.

    ranges  the numbers, and each of the words: from and up to
    words   where the words begin
    whole   whether all numbers are whole ones
    """

    def __init__(self, values: Sequence[Any]):
        numbers = [at for at, value in enumerate(values) if _is_number(value)]
        numbers.sort(key=lambda at: values[at])
        words = [at for at in range(len(values)) if not _is_number(values[at])]
        self.places = np.array([*numbers, *words], np.int64)
        self.values = [values[at] for at in self.places.tolist()]
        count = len(numbers)
        self.ranges = [(0, count)] * bool(count) + [(at, at + 1) for at in range(count, len(values))]
        self.words = count
        self.whole = all(type(value) is int for value in self.values[:count])
        least = int(self.places[:count].argmin()) if count else 0
        ahead, behind = self.places[: least + 1], self.places[least:count]
        # From the least change on it only grows, on both sides.
        self._valley = bool((np.diff(ahead) < 0).all() and (np.diff(behind) > 0).all())
        self._least = least

    def change(self, low: int, high: int) -> int:
        """The least change of a range."""
        if low >= self.words:
            return int(self.places[low])
        if not self._valley:
            return int(self.places[low:high].min())
        return int(self.places[min(max(self._least, low), high - 1)])


class _Known(NamedTuple):
    """What is known of the designs of a box: bounds of quantities and sizes, and what they depend on."""

    quantities: Mapping[str, Bounds]
    shapes: tuple[tuple[tuple[float, float], ...] | None, ...]
    axes: int


DesignBox = tuple[tuple[int, int], ...]


class _OpenBoxes:
    """Boxes that may hold an answer, the most promising first."""

    def __init__(self) -> None:
        self._heap: list[tuple[tuple[float, int], int, DesignBox]] = []
        self._made = 0
        self.cleared = False

    def __bool__(self) -> bool:
        return bool(self._heap)

    def add(self, key: tuple[float, int], box: DesignBox) -> None:
        """Put a box in; of two that promise as much the later comes first."""
        self._made -= 1
        heapq.heappush(self._heap, (key, self._made, box))

    @property
    def least(self) -> tuple[float, int]:
        """The key of the first."""
        return self._heap[0][0]

    def take(self) -> DesignBox:
        """Take the first out."""
        return heapq.heappop(self._heap)[2]

    def clear(self) -> None:
        """Leave out all that are left."""
        self.cleared = bool(self._heap)
        self._heap.clear()


class BranchAndBound:
    """Looks for the best designs of a space that is too large to be looked through.

    Args:
        judge: What is demanded.
        harvest: What is found goes there.
        limit: The most designs that are computed one by one.
        patience: When the search is ended.

    ``bounded`` is the number of boxes that were bounded; ``whole`` whether every design was computed or is
    proved to be no answer; ``proved`` whether what the harvest keeps is proved to be the best. Where it is
    not, no design has more of what is wanted than ``bound``, or less; None where nothing is known of that.
    """

    def __init__(self, judge: DesignJudge, harvest: Harvest, limit: int, patience: Patience | None = None):
        self._patience = patience or Patience()
        self._judge = judge
        self._harvest = harvest
        self._limit = limit
        self._lines = [_Line(axis.values) for axis in judge.axes]
        self._steps = judge.space.steps
        objective = harvest.objective
        self._objective = objective
        wanted = list(judge.sweep.quantities)
        self._sweeps: list[tuple[Sweep, list[str]]] = [(judge.sweep, wanted)]
        self._of = []
        for _, ahead in judge.shapes:
            if ahead is None:
                self._of.append(0)
            else:
                self._of.append(len(self._sweeps))
                self._sweeps.append((ahead, []))
        self.bounded = 0
        self.whole = self.proved = False
        self.bound: int | Fraction | None = None
        self._cap = -inf if objective is None else self._capped(objective)

    def run(self) -> None:
        """Look until all is known, or the limits are reached."""
        if prod(len(line.ranges) for line in self._lines) > MOST_FIRST:
            return
        open_ = _OpenBoxes()
        for box in product(*(line.ranges for line in self._lines)):
            open_.add(self._key(self._cap, box), box)
        waiting: list[np.ndarray] = []
        count, most = 0, min(MOST_BOXES, self._limit)
        while open_ or waiting:
            taken: list[DesignBox] = []
            while open_ and len(taken) < TOGETHER and count < BATCH:
                if self._beaten(open_.least):
                    open_.clear()
                    break
                box = open_.take()
                size = _size(box)
                if size <= SMALL:
                    waiting.append(self._numbers(box))
                    count += size
                else:
                    taken.append(box)
            if waiting and (count >= BATCH or not taken):
                if self._harvest.seen + count > self._limit:
                    return self._give_up(open_, taken)
                judge_some(self._judge, self._harvest, np.concatenate(waiting))
                waiting, count = [], 0
            if self.bounded + len(taken) > most or self._patience.ended:
                return self._give_up(open_, taken)
            for box, known in zip(taken, self._bounds(taken), strict=True):
                kept = self._kept(box, known)
                if kept is None:
                    continue
                for part in self._cut(box, kept[1]):
                    open_.add(self._key(kept[0], part), part)
        self.proved = True
        self.whole = not open_.cleared
        return None

    def _give_up(self, open_: _OpenBoxes, taken: list[DesignBox]) -> None:
        """Note what is still possible in the boxes that are left."""
        if self._objective is None or not (open_ or taken):
            return
        best = self._cap if taken or not open_ else open_.least[0]
        if np.isfinite(best):
            value = -self._objective.sign * Fraction(best)
            self.bound = value.numerator if value.denominator == 1 else value

    # Bounds ------------------------------------------------------------------------------------

    def _key(self, figure: float, box: DesignBox) -> tuple[float, int]:
        """What a box is taken by, the least first: the best that it may hold, then the smaller box; where the
        smallest change is wanted, that."""
        return (figure, _size(box)) if self._objective is not None else (0.0, self._change(box))

    def _beaten(self, key: tuple[float, int]) -> bool:
        """Whether no design of the boxes from here on belongs to those that are kept."""
        if not self._harvest.full:
            return False
        figure, change = self._harvest.worst
        if self._objective is None:
            return key[1] > change
        return key[0] >= around(-self._objective.sign * figure)[1]

    def _capped(self, objective: Objective) -> float:
        """What the condition leaves of the objective, whatever the design: the limit in ``params <= 2M``."""
        condition = self._judge.condition
        name, sign = objective
        sides = [
            (side, other.value({}))
            for at in (condition.comparisons if condition is not None else ())
            for side, other in ((at.left, at.right), (at.right, at.left))
            if name in side.named
        ]
        limits = [limit for _, limit in sides if _is_number(limit)]
        if len(limits) < len(sides) or not all(side.span.text.isidentifier() for side, _ in sides):
            return -inf
        cap = -inf
        for limit in limits:
            # Between a limit and the next nothing changes.
            off = min([Fraction(abs(limit - other)) / 2 for other in limits if other != limit], default=1)
            beyond = Bounds(limit + off, None) if sign > 0 else Bounds(None, limit - off)
            if condition is not None and condition.decided({name: beyond}) is False:
                cap = max(cap, around(-sign * limit)[0])
        return cap

    def _change(self, box: DesignBox) -> int:
        return sum(line.change(low, high) for line, (low, high) in zip(self._lines, box, strict=True))

    def _numbers(self, box: DesignBox) -> np.ndarray:
        """All designs of a box."""
        found = np.zeros(1, np.int64)
        for line, step, (low, high) in zip(self._lines, self._steps, box, strict=True):
            found = (found[:, None] + line.places[low:high] * step).reshape(-1)
        return found

    def _cut(self, box: DesignBox, axes: int) -> Iterable[DesignBox]:
        """A box in two, along the longest of the axes in question."""
        lengths = [high - low for low, high in box]
        open_ = [at for at, length in enumerate(lengths) if length > 1 and axes >> at & 1]
        open_ = open_ or [at for at, length in enumerate(lengths) if length > 1]
        at = max(open_, key=lambda at: (lengths[at], -at))
        low, high = box[at]
        middle = (low + high) // 2
        for part in ((low, middle), (middle, high)):
            yield (*box[:at], part, *box[at + 1 :])

    def _kept(self, box: DesignBox, known: _Known | int | None) -> tuple[float, int] | None:
        """The bound of the objective, and the axes along which to cut; None where no design of the box
        counts."""
        if known is None:
            return None  # no network in it
        if isinstance(known, int):
            return self._cap, known
        for (wanted, _), bounds in zip(self._judge.shapes, known.shapes, strict=True):
            if bounds is None:
                continue
            if len(bounds) != len(wanted):
                return None
            if any(not low <= size <= high for size, (low, high) in zip(wanted, bounds, strict=True)):
                return None
        condition = self._judge.condition
        if condition is not None:
            record = dict(known.quantities)
            for at, (axis, line) in enumerate(zip(self._judge.axes, self._lines, strict=True)):
                if axis.name not in record and box[at][0] < line.words:
                    record[axis.name] = self._of_axis(box, axis.name)
            if condition.decided(record) is False:
                return None
        if self._objective is None:
            return 0.0, known.axes
        if self._objective.quantity in known.quantities:
            bounds_of = known.quantities[self._objective.quantity]
        else:
            bounds_of = self._of_axis(box, self._objective.quantity)
        best = bounds_of.high if self._objective.sign > 0 else bounds_of.low
        if best is None:
            return self._cap, known.axes
        return max(self._cap, around(-self._objective.sign * best)[0]), known.axes

    def _of_axis(self, box: DesignBox, name: str) -> Bounds:
        """The bounds of a value that is itself asked for; none of a word."""
        at = [axis.name for axis in self._judge.axes].index(name)
        low, high = box[at]
        line = self._lines[at]
        return Bounds(line.values[low], line.values[high - 1]) if low < line.words else Bounds()

    def _bounds(self, boxes: list[DesignBox]) -> list[_Known | int | None]:
        """What is known of boxes: None where none of the designs is a network, and the axes that are to be
        cut where nothing is known."""
        self.bounded += len(boxes)
        parts: list[list[Any]] = []
        for sweep, quantities in self._sweeps:
            groups: dict[DesignBox, list[int]] = {}
            for row, box in enumerate(boxes):
                words = tuple(
                    [b if b[0] >= line.words else (0, 0) for b, line in zip(box, self._lines, strict=True)]
                )
                groups.setdefault(words, []).append(row)
            found: list[Any] = [None] * len(boxes)
            for rows in groups.values():
                self._run(sweep, quantities, boxes, rows, found)
            parts.append(found)
        known: list[_Known | int | None] = []
        for row in range(len(boxes)):
            mine = [found[row] for found in parts]
            if any(one is None for one in mine):
                known.append(None)
            elif any(isinstance(one, int) for one in mine):
                known.append(max(one for one in mine if isinstance(one, int)))
            else:
                shapes = tuple([mine[at].shapes[0] for at in self._of])
                axes = 0
                for one in mine:
                    axes |= one.axes
                known.append(_Known(mine[0].quantities, shapes, axes))
        return known

    def _run(
        self, sweep: Sweep, quantities: list[str], boxes: list[DesignBox], rows: list[int], found: list[Any]
    ) -> None:
        """Run the rules on the bounds of boxes that have the same words, along every way that is open."""
        waiting: list[tuple[list[int], tuple[bool, ...]]] = [(rows, ())]
        ways: dict[int, int] = dict.fromkeys(rows, 0)
        while waiting:
            mine, decisions = waiting.pop()
            mine = [row for row in mine if not isinstance(found[row], int)]
            if not mine:
                continue
            run = BoxRun(len(mine), decisions)
            try:
                with sweep.lasting() as summarised:
                    summary = summarised(self._values(sweep, run, [boxes[row] for row in mine]))
                    figures = {name: measured(name, summary) for name in quantities}
                    shape = summary.graph.output.output
            except BoxesDifferError as differ:
                for group in np.unique(differ.groups).tolist():
                    part = [row for row, at in zip(mine, differ.groups.tolist(), strict=True) if at == group]
                    waiting.append((part, decisions))
                continue
            except UnboundedError as error:
                for row in mine:
                    found[row] = error.axes or _ALL
                continue
            except SpecError:
                pass  # no network this way
            except (TypeError, AttributeError, ValueError, OverflowError):
                for row in mine:
                    found[row] = _ALL  # a rule that runs on plain numbers alone
                continue
            else:
                for at, row in enumerate(mine):
                    if run.empty[at]:
                        continue
                    found[row] = _joined(found[row], _known_at(at, figures, shape, bool(self._judge.shapes)))
            for at in range(len(decisions), len(run.taken)):
                waiting.append((mine, (*run.taken[:at], not run.taken[at])))
            for row in mine:
                ways[row] += 1
                if ways[row] >= MOST_WAYS:
                    found[row] = _ALL

    def _values(self, sweep: Sweep, run: BoxRun, boxes: list[DesignBox]) -> dict[str, Any]:
        """The value of each axis of a sweep, as bounds where boxes have a range."""
        values: dict[str, Any] = {}
        for at, axis in enumerate(sweep.space.axes):
            line = self._lines[at]
            if (word := boxes[0][at][0]) >= line.words:
                values[axis.name] = line.values[word]
                continue
            lows = np.array([around(line.values[box[at][0]])[0] for box in boxes])
            highs = np.array([around(line.values[box[at][1] - 1])[1] for box in boxes])
            values[axis.name] = run.numbers(lows, highs, line.whole, 1 << at)
        return values


_ALL = -1


def _known_at(at: int, figures: Mapping[str, Any], shape: Shape, demanded: bool) -> _Known:
    """What one box has of what was computed of several; ``demanded`` whether its shape matters."""
    quantities, axes = {}, 0
    for name, figure in figures.items():
        quantities[name], more = _figure(figure, at)
        axes |= more
    sizes = []
    for size in shape if demanded else ():
        bounds, more = _figure(size, at)
        low, high = bounds
        sizes.append((-inf if low is None else float(low), inf if high is None else float(high)))
        axes |= more
    return _Known(quantities, (tuple(sizes),), axes)


def _figure(figure: Any, at: int) -> tuple[Bounds, int]:
    if isinstance(figure, BoxNumbers):
        low, high = figure.low[at], figure.high[at]
        open_ = 0 if low == high else figure.axes
        return Bounds(_exact(low, up=False), _exact(high, up=True)), open_
    if isinstance(figure, (int, Fraction)):
        return Bounds(figure, figure), 0
    return Bounds(), 0


def _exact(end: float, up: bool) -> int | Fraction | None:
    """A bound as an exact number; None where there is none."""
    if not np.isfinite(end):
        return None
    value = Fraction(float(end))
    return value.numerator if value.denominator == 1 else value


def _joined(one: _Known | None, other: _Known) -> _Known:
    """What is known of designs that went either way."""
    if one is None:
        return other
    quantities = {
        name: _joined_bounds(bounds, other.quantities[name]) for name, bounds in one.quantities.items()
    }
    mine, theirs = one.shapes[0], other.shapes[0]
    shape = None
    if mine is not None and theirs is not None and len(mine) == len(theirs):
        shape = tuple([(min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(mine, theirs, strict=True)])
    return _Known(quantities, (shape,), one.axes | other.axes)


def _joined_bounds(one: Bounds, other: Bounds) -> Bounds:
    low = None if one.low is None or other.low is None else min(one.low, other.low)
    high = None if one.high is None or other.high is None else max(one.high, other.high)
    return Bounds(low, high)


def _size(box: DesignBox) -> int:
    return prod([high - low for low, high in box])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Fraction)) and not isinstance(value, (bool, Size))
