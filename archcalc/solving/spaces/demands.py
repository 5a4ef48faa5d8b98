"""What is demanded of designs, and how far each of many is from it: columns, with a row a design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from ...analysis.summary import Summary
from ...diagnostics import no_layer
from ...graph import Graph
from ...language.conditions import Condition
from ...language.definitions import Net
from ...language.syntax import Assertion
from ...quantities import called
from ...sweeping.batch import DesignBatch
from ...sweeping.engine import evaluated
from ...sweeping.request import Sweep, SweepRequest
from ...sweeping.space import Axis, DesignSpace
from ..search import SAME_FOR_ALL

# What a shape of another number of axes misses by: more than sizes can.
OTHER_AXES = 4.0


class AssertedShape(NamedTuple):
    """A shape that a chain asserts.

    sizes  the sizes
    ahead  the chain up to it; None where it is the whole chain
    """

    sizes: tuple[int, ...]
    ahead: str | None


class Judged(NamedTuple):
    """Designs, and what is demanded of them.

    gaps     how far each is from the demand, in shares: 0 where it meets it, infinite where it is no network
    batch    what was computed of them
    """

    gaps: np.ndarray
    batch: DesignBatch

    @property
    def meets(self) -> np.ndarray:
        """Which of them meet it."""
        found: np.ndarray = self.gaps == 0
        return found


def asserted(net: Net, text: str) -> tuple[str, list[AssertedShape]] | None:
    """A chain without the shapes that it asserts, and these; None where one stands within something else,
    as in the branch of a merge."""
    if len(net.body.statements) != 1:
        return None if "[" in text else (text, [])
    statement = net.body.statements[0]
    found = [item for item in statement.chain.items if isinstance(item, Assertion)]
    if len(found) != text.count("[") or (found and (statement.condition or statement.out)):
        return None
    shapes: list[AssertedShape] = []
    bare, cut = text, 0
    last = statement.chain.items[-1]
    for item in found:
        arrow = text.rfind("->", 0, item.span.start)
        if arrow < 0 or text[item.span.start : item.span.end].count("[") != 1:
            return None
        ahead = bare[: arrow - cut].rstrip()
        bare = bare[: arrow - cut].rstrip() + bare[item.span.end - cut :]
        cut = len(text) - len(bare)
        shapes.append(AssertedShape(tuple(item.sizes), None if item is last else ahead))
    return bare, shapes


class PlacedSweep(Sweep):
    """The designs of a sweep, each cut off behind a place."""

    def __init__(self, request: SweepRequest, place: str):
        super().__init__(request)
        self._place = place

    def _summary(self, graph: Graph) -> Summary:
        label = graph.find(self._place)
        if label is None:
            raise no_layer(graph.metadata.name, self._place, graph.names())
        return super()._summary(graph.until(label))


class DesignJudge:
    """Tells how far designs are from a demand.

    Args:
        sweep: The designs, without the shapes that are asserted.
        axes: What is asked for, the values of each with the least change first.
        ahead: For each asserted shape the sizes, and the sweep whose output it is of: None for ``sweep``.
        condition: What else has to hold.
        quantities: What is computed of each design besides what the condition names.
        placed: For each size or output of a place that the condition names, the designs up to there.
    """

    def __init__(
        self,
        sweep: Sweep,
        axes: Sequence[Axis],
        ahead: Sequence[tuple[tuple[int, ...], Sweep | None]],
        condition: Condition | None,
        quantities: Sequence[str] = (),
        placed: Mapping[str, Sweep] | None = None,
    ):
        self.sweep = sweep
        self._placed = placed or {}
        self._whole: DesignBatch | None = None
        self.space = sweep.space = DesignSpace(axes)
        self.axes = tuple(axes)
        self.shapes = tuple(ahead)
        self.condition = condition
        named = condition.named if condition is not None else []
        self.named = [name for name in named if called(name) is not None]
        sweep.condition = None
        sweep.quantities = tuple(dict.fromkeys([*(n for n in self.named if n != "output"), *quantities]))
        for _, other in ahead:
            if other is not None:
                # The unknowns of the chain up to there are the first ones, perhaps by shorter names.
                other.space = DesignSpace(
                    [
                        Axis(first.name, axis.values)
                        for first, axis in zip(other.space.axes, axes, strict=False)
                    ]
                )
                other.quantities, other.condition = (), None
        for other in self._placed.values():
            other.space, other.quantities, other.condition = self.space, (), None
        self._values = {axis.name: column(axis.values) for axis in axes if called(axis.name) is None}

    def judged(self, numbers: np.ndarray) -> Judged:
        """Compute designs, in ascending order of their numbers."""
        batch = _evaluated(self.sweep, numbers)
        if len(numbers) == self.space.size:
            self._whole = batch
        gaps = np.zeros(len(numbers))
        for sizes, ahead in self.shapes:
            gaps += missed_by(sizes, batch.sizes if ahead is None else self._ahead(ahead, numbers))
        if self.condition is not None:
            gaps = gaps + self.condition.gaps(self.record(batch))
        return Judged(np.where(batch.refused != 0, np.inf, gaps), batch)

    def record(self, batch: DesignBatch) -> Mapping[str, Any]:
        """The columns that the condition names."""
        assert self.condition is not None
        columns: dict[str, Any] = dict(batch.columns)
        for name in self.condition.named:
            if name == "output":
                columns[name] = outputs(batch)
            elif name not in columns:
                columns[name] = self.figures(batch, name)
        return columns

    def figures(self, batch: DesignBatch, name: str) -> np.ndarray:
        """A quantity of designs, or one of their values: None for a word."""
        if name in batch.columns:
            return batch.columns[name]
        if name in self._placed:
            return self._of_place(name, batch.numbers)
        at = [axis.name for axis in self.axes].index(name)
        found: np.ndarray = self._values[name][self.space.places(batch.numbers)[at]]
        return found

    def computed(self, numbers: np.ndarray, quantities: Sequence[str]) -> DesignBatch:
        """Compute other quantities of a few designs, in ascending order."""
        if self._whole is not None and set(quantities) <= self._whole.columns.keys():
            return self._whole.rows(numbers)  # all designs are there, each in the row of its number
        judged = self.sweep.quantities
        self.sweep.quantities = tuple([name for name in quantities if name not in self._placed])
        try:
            batch = evaluated(self.sweep, numbers)
        finally:
            self.sweep.quantities = judged
        columns = {name: self._of_place(name, numbers) for name in quantities if name in self._placed}
        return batch._replace(columns={**batch.columns, **columns})

    def _of_place(self, name: str, numbers: np.ndarray) -> np.ndarray:
        """The output of a place as text, or its largest size."""
        batch = _evaluated(self._placed[name], numbers)
        if not batch.sizes.shape[1]:  # none is a network
            return np.full(len(numbers), None, object)
        if name.endswith(".output"):
            return outputs(batch)
        vectors = (batch.sizes[:, :-1] == 0).all(axis=1)
        if batch.sizes.shape[1] < 2:
            return batch.sizes[:, -1]
        return np.where(vectors, batch.sizes[:, -1], batch.sizes[:, :-1].max(axis=1))

    def _ahead(self, ahead: Sweep, numbers: np.ndarray) -> np.ndarray:
        """The sizes behind the first layers, of which each design is computed once."""
        unknown = len(ahead.space.axes)
        step = self.space.steps[unknown - 1]
        designs, rows = np.unique(numbers // step, return_inverse=True)
        return _evaluated(ahead, designs).sizes[rows.reshape(-1)]


def _evaluated(sweep: Sweep, numbers: np.ndarray) -> DesignBatch:
    """Compute designs. Raises SpecError for a fault that no other value would mend."""
    batch = evaluated(sweep, numbers)
    for refusal in batch.refusals:
        if refusal.code in SAME_FOR_ALL:
            sweep.summary(sweep.space.design(refusal.example))
    return batch


def missed_by(wanted: tuple[int, ...], sizes: np.ndarray) -> np.ndarray:
    """By what shares the sizes of each row miss others. In front of fewer sizes than others have are 0."""
    count = len(wanted)
    found = np.full(len(sizes), OTHER_AXES)
    if sizes.shape[1] < count:
        return found
    last = sizes[:, sizes.shape[1] - count :].astype(np.float64)
    alike = (sizes[:, : sizes.shape[1] - count] == 0).all(axis=1) & (last > 0).all(axis=1)
    aim = np.array(wanted, np.float64)
    shares = (np.abs(last - aim) / np.maximum(np.maximum(last, aim), 1.0)).sum(axis=1)
    found[alike] = shares[alike]
    return found


def outputs(batch: DesignBatch) -> np.ndarray:
    """The output of each design as text, ``7x7x512``."""
    known, rows = np.unique(batch.sizes, axis=0, return_inverse=True)
    texts = np.empty(len(known), object)
    texts[:] = ["x".join(str(n) for n in row if n) for row in known.tolist()]
    return texts[rows.reshape(-1)]


def column(values: Sequence[Any]) -> np.ndarray:
    """The values of an axis: int64 where all are whole numbers, else objects."""
    if all(type(value) is int for value in values):
        return np.array(values, np.int64)
    found = np.empty(len(values), object)
    found[:] = [value if _is_number(value) else None for value in values]
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Fraction)) and not isinstance(value, bool)
