"""The quantities of many designs at a time: the rules run on lanes, a lane for each design.

The spec of the designs is expanded with lanes in the places of their values. Where the expansion or a rule
needs a plain truth on which they do not agree (how often something is repeated, whether a window fits), they
are divided, and each group is expanded again: so a structure is expanded once, however many designs have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..analysis.summary import Summary
from ..arithmetic import Number, quotient
from ..diagnostics import SpecError
from ..ops import has_own_ops
from ..ops.attributes import Size
from ..quantities import measured
from .batch import DesignBatch, Refusal
from .lane_operations import LanesDifferError
from .lanes import LaneRun, Lanes
from .one_by_one import column, refused_as
from .request import Sweep
from .space import in_condition

# Bytes that the numbers of a run may take, and the fewest designs of a run.
MEMORY, FEWEST = 1 << 25, 1 << 10
# Designs of a run that are also computed by themselves where there are ops of one's own.
CHECKED = 32


def evaluated(sweep: Sweep, numbers: np.ndarray) -> DesignBatch:
    """Compute the quantities of designs.

    Args:
        sweep: Whose designs they are.
        numbers: The designs, as the space of the sweep numbers them, in ascending order.

    Returns:
        A row for each design, in the same order.

    Raises:
        SpecError: For a fault that all designs have, as a quantity that there is not.

    Example:
        >>> import numpy as np
        >>> from archcalc.sweeping.engine import evaluated
        >>> from archcalc.sweeping.request import Sweep, SweepRequest
        >>> sweep = Sweep(SweepRequest("32x32x3 -> conv {3, 5} 8", {}))
        >>> evaluated(sweep, np.arange(sweep.space.size)).columns["params"].tolist()
        [224, 608]
    """
    engine = _Engine(sweep, numbers)
    engine.work()
    return engine.batch()


class PlainRuleError(Exception):
    """A rule gives something else for plain numbers."""


class _Engine:
    """What is known of some designs so far."""

    def __init__(self, sweep: Sweep, numbers: np.ndarray):
        self.sweep = sweep
        self.numbers = numbers
        count = len(numbers)
        self.places = sweep.space.places(numbers)
        self.columns = {name: _Column(count) for name in self._wanted()}
        self.sizes: list[_Column] = []
        self.own_ops = has_own_ops()
        self.refused = np.zeros(count, np.int32)
        # By the kind of the reason: the number that stands in ``refused``, and the first that came.
        self.refusals: dict[tuple[str, str], tuple[int, SpecError]] = {}

    def _wanted(self) -> list[str]:
        """The quantities of the sweep, and those of its condition."""
        sweep = self.sweep
        named = sweep.condition.named if sweep.condition is not None else ()
        known = {axis.name for axis in sweep.space.axes}
        return list(dict.fromkeys([*sweep.quantities, *(name for name in named if name not in known)]))

    def work(self) -> None:
        """Work all designs out, a group at a time."""
        waiting = [np.arange(len(self.numbers))] if len(self.numbers) else []
        while waiting:
            rows = waiting.pop()
            most = self.sweep.at_once
            if len(rows) > most:
                waiting += np.array_split(rows, -(-len(rows) // most))[::-1]
                continue
            waiting += self._group(rows)[::-1]

    def _group(self, rows: np.ndarray) -> list[np.ndarray]:
        """Work some designs out; the groups into which they have to be divided, where they have to be."""
        # A run may take more than the one before, from which it was learned how many designs it has.
        most = 4 * MEMORY // (8 * len(rows)) if len(rows) > FEWEST else None
        run = LaneRun(len(rows), most)
        try:
            values = self._values(run, rows)
            try:
                self._work_out(rows, values)
            except LanesDifferError:
                raise
            except Exception as error:
                # A rule that runs on plain numbers alone: along one axis the designs are divided. What goes
                # wrong for plain numbers too is raised as it is, once they are plain.
                raise self._divided(rows, error) from error
            self._fit(len(run.made))
        except LanesDifferError as differ:
            if run.full:
                self.sweep.at_once = max(len(rows) // 2, FEWEST)
            return _divided(rows, differ.groups)
        finally:
            run.end()
        return []

    def _fit(self, made: int) -> None:
        """Learn from the numbers of a run how many designs the next may have."""
        self.sweep.at_once = max(MEMORY // (8 * max(made, 64)), FEWEST)

    def _values(self, run: LaneRun, rows: np.ndarray) -> dict[str, Any]:
        """The value of each axis, in lanes where the designs differ. Raises LanesDifferError where they
        differ in what is no number."""
        values: dict[str, Any] = {}
        known: dict[tuple[Any, ...], Number] = {}
        for axis, places in zip(self.sweep.space.axes, self.places, strict=True):
            mine = places[rows]
            first = int(mine[0])
            if (mine == first).all():
                values[axis.name] = axis.values[first]
                continue
            used, at = np.unique(mine, return_inverse=True)
            present = [axis.values[place] for place in used]
            at = at.reshape(-1)
            if all(_is_number(value) for value in present):
                values[axis.name] = run.lanes(present, at)
            elif (
                all(type(value) is Size for value in present) and len({len(value) for value in present}) == 1
            ):
                parts = []
                for part in zip(*present, strict=True):
                    if part not in known:
                        known[part] = run.lanes(list(part), at)
                    parts.append(known[part])
                known.clear()
                values[axis.name] = Size(parts)
            else:
                raise LanesDifferError(_kinds(present)[at])
        return values

    def _work_out(self, rows: np.ndarray, values: Mapping[str, Any]) -> None:
        """Work some designs out in lanes. Raises LanesDifferError, and whatever a rule raises that runs on
        plain numbers alone."""
        try:
            with self.sweep.lasting() as summarised:
                found = self._measured(summarised(values))
        except SpecError as error:
            kind = refused_as(error, int(self.numbers[rows[0]])).kind
            self._check(rows, lambda row: kind)
            self._refuse(rows, kind, error)
        else:
            self._check(rows, lambda row: [_of_row(number, row) for number in found])
            self._record(rows, found)

    def _measured(self, summary: Summary) -> list[Any]:
        """The quantities of a network, and behind them the sizes of its output."""
        return [*(measured(name, summary) for name in self.columns), *summary.graph.output.output]

    def _check(self, rows: np.ndarray, came: Callable[[int], Any]) -> None:
        """Hold some of the designs, the first and the last among them, against what each is by itself, where
        there are ops that are not archcalc's: a rule of theirs may take numbers for ints without a
        complaint, as ``isinstance`` does. Raises PlainRuleError."""
        if not self.own_ops or len(rows) == 1:
            return
        for row in np.unique(np.linspace(0, len(rows) - 1, CHECKED).astype(int)).tolist():
            number = int(self.numbers[rows[row]])
            try:
                alone: Any = self._measured(self.sweep.summary(self.sweep.space.design(number)))
            except SpecError as error:
                alone = refused_as(error, number).kind
            if came(row) != alone:
                raise PlainRuleError

    def _record(self, rows: np.ndarray, found: Sequence[Any]) -> None:
        """Put the figures of designs into their columns."""
        count = len(self.columns)
        output = found[count:]
        for name, number in zip(self.columns, found[:count], strict=True):
            self.columns[name].put(rows, number)
        while len(self.sizes) < len(output):
            self.sizes.insert(0, _Column(len(self.numbers)))
        for sizes, number in zip(self.sizes[len(self.sizes) - len(output) :], output, strict=True):
            sizes.put(rows, number)

    def _refuse(self, rows: np.ndarray, kind: tuple[str, str], error: SpecError) -> None:
        """Note that designs are no networks."""
        self.refused[rows], _ = self.refusals.setdefault(kind, (len(self.refusals) + 1, error))
        for name in self.columns:
            self.columns[name].put(rows, None)

    def _reasons(self) -> tuple[Refusal, ...]:
        """Why designs are no networks: each kind in the words of the first design that has it, and in the
        order of these, however the designs were divided."""
        found: list[tuple[Refusal, int]] = []
        for kind, (at, error) in self.refusals.items():
            number = int(self.numbers[np.argmax(self.refused == at)])
            try:
                self.sweep.summary(self.sweep.space.design(number))
            except SpecError as plainly:
                error = plainly
            found.append((refused_as(error, number)._replace(code=kind[0], place=kind[1]), at))
        found.sort(key=lambda one: one[0].example)
        ordered = np.zeros(len(found) + 1, np.int32)
        for place, (_, at) in enumerate(found):
            ordered[at] = place + 1
        self.refused = ordered[self.refused]
        return tuple([refusal for refusal, _ in found])

    def _divided(self, rows: np.ndarray, error: Exception) -> LanesDifferError:
        """Designs divided along the axis with the fewest values; where there is none the error is raised."""
        counts = [(len(np.unique(places[rows])), at) for at, places in enumerate(self.places)]
        several = [found for found in counts if found[0] > 1]
        if not several:
            raise error
        _, groups = np.unique(self.places[min(several)[1]][rows], return_inverse=True)
        return LanesDifferError(groups.reshape(-1))

    def batch(self) -> DesignBatch:
        """What has come of them."""
        count = len(self.numbers)
        sizes = np.zeros((count, len(self.sizes)), np.int64)
        for at, part in enumerate(self.sizes):
            sizes[:, at] = part.numbers
        columns = {name: part.finished() for name, part in self.columns.items()}
        reasons = self._reasons()
        return DesignBatch(
            self.numbers,
            {name: columns[name] for name in self.sweep.quantities},
            sizes,
            self.refused,
            reasons,
            self._meeting(columns),
        )

    def _meeting(self, columns: dict[str, np.ndarray]) -> np.ndarray:
        """Which designs are networks that meet the condition."""
        networks: np.ndarray = self.refused == 0
        condition = self.sweep.condition
        if condition is None or not len(self.numbers):
            return networks
        for axis, places in zip(self.sweep.space.axes, self.places, strict=True):
            if axis.name in condition.named:
                columns[axis.name] = column([in_condition(value) for value in axis.values])[places]
        found: np.ndarray = networks & condition.rows(columns)
        return found


class _Column:
    """A quantity of all designs, while it is filled."""

    def __init__(self, count: int):
        self.numbers = np.zeros(count, np.int64)
        self.others: np.ndarray | None = None

    def put(self, rows: np.ndarray, value: Any) -> None:
        """Put in a number of each of some designs, or one that all have."""
        if isinstance(value, tuple):
            value = value[0] if len(value) == 1 else value
        if isinstance(value, Lanes):
            numbers: Any = value.numbers
            if value.below != 1:
                numbers = column([quotient(int(n), value.below) for n in numbers.tolist()])
            elif numbers.dtype == object:
                numbers = column(numbers.tolist())
        elif type(value) is int and -(2**63) <= value < 2**63:
            numbers = value
        else:
            numbers = np.empty(len(rows), object)
            numbers.fill(value)
        if self.others is None and isinstance(numbers, np.ndarray) and numbers.dtype.hasobject:
            self.others = self.numbers.astype(object)
        (self.numbers if self.others is None else self.others)[rows] = numbers

    def finished(self) -> np.ndarray:
        """The numbers: int64 where all fit."""
        return self.numbers if self.others is None else column(self.others.tolist())


def _of_row(number: Any, row: int) -> Any:
    """The number of one design."""
    if isinstance(number, tuple) and len(number) == 1:
        number = number[0]
    return quotient(int(number.numbers[row]), number.below) if isinstance(number, Lanes) else number


def _is_number(value: object) -> bool:
    return isinstance(value, (int, Fraction)) and not isinstance(value, bool)


def _kinds(values: Sequence[Any]) -> np.ndarray:
    """For each value the group that it belongs to: numbers are one, sizes of as many axes are one, and
    every other value is one of its own."""
    groups: dict[Any, int] = {}
    found = []
    for value in values:
        kind: Any = (type(value), value)
        if _is_number(value):
            kind = "number"
        elif type(value) is Size:
            kind = "size", len(value)
        found.append(groups.setdefault(kind, len(groups)))
    return np.array(found)


def _divided(rows: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
    """The designs of each group."""
    order = np.argsort(groups, kind="stable")
    ends = np.flatnonzero(np.diff(groups[order])) + 1
    return np.split(rows[order], ends)
