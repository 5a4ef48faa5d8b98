"""Traffic: the bytes that layers move between the memory of a device and its processor.

Every layer runs by itself and nothing stays in a cache: it reads its inputs whole, each once, and the
parameters that it uses, and writes its output. What a view or a layer that does nothing puts out is there
already, and it moves nothing. With ``fused``, what works value by value behind a matrix product is done there
before its output is written: it moves nothing besides its parameters, and its operations are the product's. A
norm by running statistics is folded into the weights before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..graph import Graph, Layer
from .memory import Memory, readers_of


class LayerTraffic(NamedTuple):
    """What a layer moves and computes, for a batch.

    Args:
        inputs: Bytes of its inputs.
        params: Bytes of the parameters and buffers that it reads; None if there is no rule.
        outputs: Bytes of its output.
        operations: Two for a multiply-add, one for every other operation; None if there is no rule.
        free: Why it moves nothing; empty where it moves something.

    Example:
        >>> from archcalc.analysis.traffic import LayerTraffic
        >>> LayerTraffic(40, 400, 40, 200).bytes
        480
    """

    inputs: int
    params: int | None
    outputs: int
    operations: int | None
    free: str = ""

    @property
    def bytes(self) -> int | None:
        """All bytes that it moves."""
        return None if self.params is None else self.inputs + self.params + self.outputs


class Traffic:
    """The traffic of some layers of a graph, for any batch and width of values.

    ``ends`` are the layers whose outputs a caller keeps. ``head`` has the product of every layer that is
    computed together with one before it.
    """

    def __init__(self, graph: Graph, layers: Sequence[Layer], ends: Iterable[Layer], fused: bool = False):
        self.layers = list(layers)
        self.fused = fused
        ends = tuple(ends)
        memory = Memory(graph, self.layers, ends, views=True)
        self._free = {
            layer: "does nothing at inference" if layer.op.idle else "a view: nothing is copied"
            for layer in self.layers
            if not memory.new[layer] and layer not in memory.inplace
        }
        self.head: dict[Layer, Layer] = {}
        self._behind: dict[Layer, list[Layer]] = {}
        if fused:
            self._fuse(readers_of(self.layers, ends), set(ends))

    def _fuse(self, readers: dict[Layer, int], ends: set[Layer]) -> None:
        """Find what is computed together with a product."""
        made = set(self.layers)
        for layer in self.layers:
            source = layer.inputs[0]
            if len(layer.inputs) > 1 or source not in made or readers[source] > 1 or source in ends:
                continue
            head = self.head.get(source, source)
            if not (head.op.matrix_product and head.facts.operations is not None):
                continue
            if layer.op.idle or ((layer.op.by_value or _folds(layer)) and layer not in self._free):
                self.head[layer] = head
                self._behind.setdefault(head, []).append(layer)

    def of(self, layer: Layer, batch: int, width: int) -> LayerTraffic:
        """The traffic of a layer for a batch, where a value has ``width`` bytes."""
        why = self._free.get(layer, "")
        if layer in self.head:
            why = why or f"computed together with {self.head[layer].name}"
        if why:
            return LayerTraffic(0, 0, 0, 0 if layer in self.head else _operations(layer, batch), why)
        inputs = sum([source.output.values for source in dict.fromkeys(layer.inputs)])
        params, operations = _params(layer, batch), _operations(layer, batch)
        for other in self._behind.get(layer, ()):
            if _folds(other):
                continue
            params = _sum(params, _params(other, batch))
            operations = _sum(operations, _operations(other, batch))
        return LayerTraffic(
            batch * inputs * width,
            None if params is None else params * width,
            batch * layer.output.values * width,
            operations,
        )


def _folds(layer: Layer) -> bool:
    """Whether it is a norm by running statistics, which is a factor and a summand of each channel."""
    return layer.op.is_norm and bool(layer.facts.buffers) and not layer.op.whole_statistics


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _params(layer: Layer, batch: int) -> int | None:
    """Values of the parameters and buffers that a layer reads."""
    tensors = layer.facts.tensors
    if tensors is None:
        return None
    stored = int(sum([tensor.size for tensor in tensors]))
    return int(layer.op.values_read(stored, batch, *[source.output for source in layer.inputs]))


def _operations(layer: Layer, batch: int) -> int | None:
    """Elementary operations of a batch: two for a multiply-add."""
    counts = layer.facts.operations
    if counts is None:
        return None
    others = counts.mul + counts.add + counts.compare + counts.div + counts.special
    return int(2 * counts.batched(batch) + batch * others)
