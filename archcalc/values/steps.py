"""How a layer came to its values: for each cell of the output what it reads, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

# How far the records of a layer reach that were worked out for one unit: those of all units, an array in
# which that unit alone is recorded, or an array of that unit alone.
ALL, AMONG_OTHERS, ALONE = "all", "among others", "alone"
# Works out the records for the unit that is wanted, and says how far they reach.
Recorder = Callable[[tuple[int, ...]], tuple[Any, str]]


class StepTerm(NamedTuple):
    """One value that a cell of the output reads.

    Attributes:
        place: Its position in the input, channels last; None for padding.
        value: The value.
        weight: What it is multiplied by; None where it is not.
        input: The number of the input, where the layer reads several.
    """

    place: tuple[int, ...] | None
    value: Any
    weight: Any = None
    input: int = 0

    @property
    def product(self) -> Any:
        """The value times its weight."""
        from ..arrays.exact import exact_number

        return self.value if self.weight is None else exact_number(self.value * self.weight)


class CellStep:
    """How one cell of the output was made.

    Attributes:
        position: The cell, channels last.
        record: The record of its value, an ``archcalc.arrays.recorded.RecordedNumber``; or a plain number,
            where nothing of the input is read.
        value: The value of the cell in the layer's output.
    """

    def __init__(self, position: tuple[int, ...], record: Any, value: Any):
        self.position = position
        self.record = record
        self.value = value

    @property
    def kind(self) -> str:
        """What is done with the terms: ``sum``, ``max``, ``mean`` (a sum over ``divisor``); ``value`` where
        the cell is a value that arrived or a plain number; ``function`` for anything else."""
        return self._parted()[0]

    @property
    def terms(self) -> tuple[StepTerm, ...]:
        """The values that are added up, or of which the largest is taken, in the order of the rule; of a
        function all values that it reads."""
        return self._parted()[1]

    @property
    def constant(self) -> Any:
        """What is added to a sum besides: a bias. 0 where nothing is."""
        return self._parted()[2]

    @property
    def divisor(self) -> Any:
        """What a sum is divided by; 1 where it is not."""
        return self._parted()[3]

    @property
    def places(self) -> tuple[tuple[int, ...], ...]:
        """The positions of the first input that are read, each once."""
        found = [term.place for term in self.terms if term.place is not None and term.input == 0]
        return tuple(dict.fromkeys(found))

    @property
    def text(self) -> str:
        """The calculation, written out with the numbers: ``1·2 + 0·3 + 1 = 3``."""
        from .writing import written_number, written_record

        return f"{written_record(self.record)} = {written_number(self.value)}"

    def __repr__(self) -> str:
        return f"<CellStep {self.position}: {self.text}>"

    def _parted(self) -> tuple[str, tuple[StepTerm, ...], Any, Any]:
        from ..arrays.recorded import ARRIVED, MAXIMUM, PADDING, PRODUCT, QUOTIENT, SUM, RecordedNumber

        record, divisor, kind = self.record, 1, "sum"
        if not isinstance(record, RecordedNumber):
            return "value", (), record, 1
        if record.kind == QUOTIENT and not isinstance(record.parts[1], RecordedNumber):
            record, divisor = record.parts
            kind = "mean"
        if not isinstance(record, RecordedNumber):
            return "function", tuple(_read(self.record)), 0, 1
        if record.kind in (ARRIVED, PADDING):
            return ("value" if divisor == 1 else kind), (_leaf(record),), 0, divisor
        if record.kind == MAXIMUM and divisor == 1:
            leaves = [part for part in record.parts if isinstance(part, RecordedNumber)]
            if all(leaf.kind in (ARRIVED, PADDING) for leaf in leaves):
                terms = [
                    _leaf(part) if isinstance(part, RecordedNumber) else StepTerm(None, part)
                    for part in record.parts
                ]
                return "max", tuple(terms), 0, 1
        parts = record.parts if record.kind == SUM else (record,)
        terms, constant = [], 0
        for part in parts:
            if not isinstance(part, RecordedNumber):
                constant += part
                continue
            weight = None
            if part.kind == PRODUCT:
                left, right = part.parts
                part, weight = (left, right) if isinstance(left, RecordedNumber) else (right, left)
            if (
                not isinstance(part, RecordedNumber)
                or isinstance(weight, RecordedNumber)
                or part.kind not in (ARRIVED, PADDING)
            ):
                return "function", tuple(_read(self.record)), 0, 1
            terms.append(_leaf(part, weight))
        return kind, tuple(terms), constant, divisor


def _leaf(record: Any, weight: Any = None) -> StepTerm:
    if record.place is None:
        return StepTerm(None, record.value, weight)
    return StepTerm(record.place[1], record.value, weight, record.place[0])


def _read(record: Any) -> Iterator[StepTerm]:
    """The values that arrived, of which a record is made, each once."""
    from ..arrays.recorded import ARRIVED, RecordedNumber

    seen = set()
    stack = [record]
    while stack:
        part = stack.pop()
        if not isinstance(part, RecordedNumber) or id(part) in seen:
            continue
        seen.add(id(part))
        if part.kind == ARRIVED:
            yield _leaf(part)
        stack += reversed(part.parts)


class LayerSteps:
    """The steps of a layer, worked out when they are asked for.

    Args:
        output: What the layer puts out.
        recorder: Works out the records.

    Example:
        >>> from archcalc.values import run
        >>> graph = archcalc.load("2x2x1 -> conv 2x2 1").graph
        >>> (layer,) = run(graph, [[[1], [2]], [[3], [4]]], {"conv1": [[1, 0], [0, -1]]}, {"conv1": 5})
        >>> layer.steps.at((0, 0, 0)).text
        '1·1 + 2·0 + 3·0 + 4·(−1) + 5 = 2'
    """

    def __init__(self, output: Any, recorder: Recorder):
        self._output = output
        self._recorder = recorder
        self._whole: Any = None

    def at(self, position: Sequence[int]) -> CellStep:
        """Return how one cell was made.

        Args:
            position: The cell, channels last; the channel may be left out where there is one.

        Raises:
            IndexError: For a position that the output has not.
        """
        from ..arrays.exact import exact_number

        output = self._output
        at = tuple(position)
        if len(at) == output.ndim - 1 and output.shape[-1] == 1:
            at = (*at, 0)
        if len(at) != output.ndim or not all(0 <= i < n for i, n in zip(at, output.shape, strict=True)):
            raise IndexError(f"{position} is no position of {'x'.join(map(str, output.shape))}")
        return CellStep(at, self._record(at), exact_number(output[at]))

    def __iter__(self) -> Iterator[CellStep]:
        import numpy as np

        for at in np.ndindex(self._output.shape):
            yield self.at(at)

    def _record(self, at: tuple[int, ...]) -> Any:
        if self._whole is None:
            found, reach = self._recorder(at[:-1])
            if reach == ALONE:
                first: tuple[int, ...] = (*[0] * (len(at) - 1), at[-1])
                return found[first]
            if reach == AMONG_OTHERS:
                return found[at]
            self._whole = found
        return self._whole[at]
