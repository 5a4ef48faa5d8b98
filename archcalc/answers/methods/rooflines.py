"""How long layers take at least on a device, what they move, and their operations per byte."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ...analysis.durations import Duration
from ...analysis.proportions import Proportion
from ...analysis.roofline import SECOND
from ...arithmetic import Expression, symbol, total
from ..working import Working, WorkingLine, lifted
from .base import Method

INPUTS, PARAMETERS, OUTPUTS = "inputs", "parameters", "outputs"
# What the time of a layer is made of its two sides: the slower one, one alone, or both added.
SLOWER, MOVING, COMPUTING, ADDED = "slower", "moving", "computing", "added"


class LayerMoves(NamedTuple):
    """What a layer moves, in bytes, and computes, for a batch.

    Args:
        name: The layer.
        moved: Bytes of its inputs, parameters and outputs, by these words.
        operations: Two for a multiply-add, one for every other.
        macs: The multiply-adds among them.
    """

    name: str
    moved: dict[str, int]
    operations: int
    macs: int


class RooflineMethod(Method):
    """A quantity of a roofline, of one layer or several.

    quantity    ``time``, ``traffic`` or ``intensity``
    layers      what each layer moves and computes
    one         the same for one image, where the batch has more; else None
    images      the elements of the batch
    scale       by what the bytes are multiplied
    width       bytes a value
    side        SLOWER, or a mistake
    together    all layers run beside each other: the time of the sums
    turned      bytes per operation
    """

    def __init__(
        self,
        quantity: str,
        layers: Sequence[LayerMoves],
        one: Sequence[LayerMoves] | None,
        images: int,
        width: int,
        bandwidth: int,
        peak: int,
    ):
        self.quantity = quantity
        self.layers = tuple(layers)
        self.one = None if one is None else tuple(one)
        self.images = images
        self.width = width
        self.bandwidth = bandwidth
        self.peak = peak
        self.scale = Fraction(1)
        self.side = SLOWER
        self.together = False
        self.turned = False

    def without(self, what: str) -> RooflineMethod | None:
        """The method in which one kind of bytes is not moved; None where that is nothing, or all."""
        layers = [at._replace(moved={**at.moved, what: 0}) for at in self.layers]
        found = self.but(layers=tuple(layers))
        return found if 0 < found.bytes < self.bytes else None

    def computing(self, macs: int, others: int) -> RooflineMethod | None:
        """The method in which a multiply-add is ``macs`` operations and any other ``others``; None where no
        operations are left."""
        layers = [
            at._replace(operations=macs * at.macs + others * (at.operations - 2 * at.macs))
            for at in self.layers
        ]
        found = self.but(layers=tuple(layers))
        return found if found.operations else None

    @property
    def bytes(self) -> Fraction:
        """All bytes that are moved."""
        return self.scale * sum([sum(at.moved.values()) for at in self.layers])

    @property
    def operations(self) -> int:
        """All operations."""
        return sum([at.operations for at in self.layers])

    @property
    def value(self) -> int | Fraction | None:
        if self.quantity == "traffic":
            return int(self.bytes) if self.bytes.denominator == 1 else None
        if self.quantity == "intensity":
            above, below = Fraction(self.operations), self.bytes
            if self.turned:
                above, below = below, above
            return per_byte(above / below) if below else None
        if self.together:
            return Duration(self._slower(self.bytes, self.operations))
        return Duration(sum([self._time(at) for at in self.layers]))

    def _time(self, at: LayerMoves) -> int:
        return self._slower(self.scale * sum(at.moved.values()), at.operations)

    def _slower(self, bytes: Fraction, operations: int) -> int:
        moving, computing = self._moving(bytes), self._computing(operations)
        if self.side == ADDED:
            return moving + computing
        return {SLOWER: max(moving, computing), MOVING: moving, COMPUTING: computing}[self.side]

    def _moving(self, bytes: Fraction) -> int:
        return int(bytes * SECOND // self.bandwidth)

    def _computing(self, operations: int) -> int:
        return operations * SECOND // self.peak

    @property
    def working(self) -> Working:
        value = self.value
        made = lifted(self._moved())
        if self.quantity == "traffic":
            return Working([WorkingLine("", made)], value)
        bytes = symbol("bytes", self.bytes)
        operations = symbol("operations", self.operations)
        if self.quantity == "intensity":
            above, below = (bytes, operations) if self.turned else (operations, bytes)
            quotient = Expression("/", (above, below), value)
            return Working([WorkingLine("bytes", made), WorkingLine("", quotient)], value)
        if len(self.layers) > 1 and not self.together:
            made = total([symbol(at.name, Duration(self._time(at))) for at in self.layers if self._time(at)])
            return Working([WorkingLine("", _valued(lifted(made), Duration(value or 0)))], value)
        moving = Duration(self._moving(self.bytes))
        computing = Duration(self._computing(self.operations))
        sides = {
            MOVING: Expression("/", (bytes, symbol("bandwidth", self.bandwidth)), moving),
            COMPUTING: Expression("/", (operations, symbol("peak", self.peak)), computing),
        }
        if self.side in sides:
            return Working([WorkingLine("", sides[self.side])], value)
        lines = [WorkingLine(name, side) for name, side in sides.items()]
        ends = (symbol(MOVING, moving), symbol(COMPUTING, computing))
        whole = Expression("+" if self.side == ADDED else "max", ends, value)
        return Working([WorkingLine("bytes", made), *lines, WorkingLine("", whole)], value)

    def _moved(self) -> Expression:
        """The bytes as a sum: over what one layer moves, or over several layers."""
        if len(self.layers) == 1:
            parts = [symbol(what, number) for what, number in self.layers[0].moved.items() if number]
        else:
            numbers = [(at.name, sum(at.moved.values())) for at in self.layers]
            parts = [symbol(name, number) for name, number in numbers if number]
        made = lifted(total(parts))
        if self.scale > 1:
            return lifted(made * int(self.scale))
        return made if self.scale == 1 else _valued(made / int(1 / self.scale), int(self.bytes))


def per_byte(value: Fraction) -> int | Proportion:
    """A number of operations per byte: whole where it is, else an exact quotient."""
    return int(value) if value.denominator == 1 else Proportion.of(value, False)


def _valued(made: Expression, value: int | Fraction) -> Expression:
    """An expression whose value is written in another way."""
    return Expression(made.operator, made.arguments, value, made.name)
