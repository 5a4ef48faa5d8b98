"""Totals over layers: parameters, operations, bytes, depth, units, connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from ..graph import Graph, Layer
from ..ops.facts import OperationCounts
from .backward import Backward

# Bytes of a value.
DTYPES = {
    "fp64": 8,
    "fp32": 4,
    "tf32": 4,
    "fp16": 2,
    "bf16": 2,
    "fp8": 1,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
}


class Totals:
    """Sums over some layers of a graph, for one element of the batch.

    Parameters that several layers share are counted once, with the first of them; those of the
    layers in ``counted`` are not counted again. ``parameter_owners`` are the layers whose
    parameters are in the sum, ``layers`` all of them. ``uncounted`` lists the layers that have no
    rule for a quantity (params, macs); the quantity's sum is then a lower bound.
    """

    def __init__(
        self,
        graph: Graph,
        layers: Sequence[Layer],
        ends: Iterable[Layer] | None = None,
        counted: Iterable[Layer] = (),
    ):
        self.uncounted: list[tuple[Layer, str]] = []
        self.parameter_owners: set[Layer] = set()
        self.params = self.trainable = self.buffers = 0
        self.macs = self.units = self.connections = 0
        sums = dict.fromkeys((*OperationCounts.FIELDS, "once"), 0)
        owners = {layer.owner for layer in counted}
        # Layers of equal facts are many; their operations are added up once, times their number.
        repeats: dict[int, list[int]] = {}
        kept = []
        for layer in layers:
            facts = layer.facts
            if facts.params is None:
                self.uncounted.append((layer, "params"))
            elif layer.owner not in owners:
                owners.add(layer.owner)
                self.parameter_owners.add(layer)
                self.params += facts.params
                self.buffers += facts.buffers or 0
                self.trainable += layer.trainable or 0
            if facts.params:
                self.units += facts.output.values
            if facts.operations is None:
                self.uncounted.append((layer, "macs"))
                continue
            self.macs += facts.macs or 0
            self.connections += facts.connections or 0
            count = repeats.get(id(facts))
            if count is None:
                repeats[id(facts)] = [1]
                kept.append(facts)
            else:
                count[0] += 1
        for facts in kept:
            operations = facts.operations
            assert operations is not None
            number = repeats[id(facts)][0]
            for name in sums:
                sums[name] += number * getattr(operations, name)
        self.operations = OperationCounts(**sums)  # one element of the batch
        self._graph = graph
        self.layers = dict.fromkeys(layers)
        self._ends = tuple(ends) if ends is not None else (graph.output,)

    def batched_macs(self, batch: int) -> int:
        """The MACs of a batch: what is done on parameters alone is done once."""
        once: int = self.operations.once
        return self.macs * batch - once * (batch - 1)

    @property
    def depth(self) -> int:
        """The most convolution and fully connected layers on a path from an input to an end."""
        return depth(self._graph, self._ends)

    @property
    def biases(self) -> int:
        """Learned values that are added and not multiplied, shifts of norms included."""
        return sum([layer.facts.biases or 0 for layer in self.parameter_owners])

    @cached_property
    def backward(self) -> Backward:
        """The operations of the backward pass."""
        return Backward(self._graph, self.layers, self._ends)

    @property
    def flops(self) -> int:
        """Two operations a MAC."""
        return 2 * self.macs


def depth(
    graph: Graph,
    ends: Iterable[Layer],
    counts: Callable[[Layer], bool] = lambda layer: layer.op.counts_for_depth,
) -> int:
    """The most layers that count on a path from an input to an end: convolutions and fully
    connected layers, unless something else is said."""
    return len(deepest(graph, ends, counts))


def weighted(layer: Layer) -> bool:
    """Whether a layer has weights, learned or fixed, and is neither a norm nor an activation."""
    return bool(layer.facts.tensors) and not layer.op.is_norm and not layer.op.inline


def deepest(
    graph: Graph,
    ends: Iterable[Layer],
    counts: Callable[[Layer], bool] = lambda layer: layer.op.counts_for_depth,
) -> list[Layer]:
    """The layers that count on the deepest path, in its order; of paths alike the first."""
    above: dict[Layer, tuple[int, Layer | None]] = {}  # how deep, and the layer before
    for source in graph.inputs:
        above[source] = 0, None
    for layer in graph.layers:
        source = max(layer.inputs, key=lambda source: above[source][0])
        above[layer] = above[source][0] + counts(layer), source
    known = [end for end in ends if end in above]
    at: Layer | None = max(known, key=lambda end: above[end][0]) if known else None
    path: list[Layer] = []
    while at is not None:
        before = above[at][1]
        if before is not None and counts(at):
            path.append(at)
        at = before
    return path[::-1]
