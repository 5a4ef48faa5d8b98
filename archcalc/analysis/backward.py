"""The backward pass: which tensors have a gradient, and the multiply-adds that gradients take."""

from __future__ import annotations

from collections.abc import Iterable

from ..graph import Graph, Layer


def with_gradient(layers: Iterable[Layer]) -> set[Layer]:
    """The layers whose outputs have a gradient: those that have trained parameters, and those
    behind them. The layers come in the order of the text."""
    found: set[Layer] = set()
    for layer in layers:
        if layer.trainable or any(source in found for source in layer.inputs):
            found.add(layer)
    return found


class Backward:
    """The backward pass over some layers of a graph, for one element of the batch.

    The gradient of the weights of a layer is computed where they are trained, that of its input
    where something before it is trained: so the first layer, and layers behind frozen ones, need
    less.
    """

    def __init__(self, graph: Graph, layers: Iterable[Layer]):
        self._layers = layers
        self._gradients = with_gradient(graph.layers)
        # Of layers whose facts are the same object it is worked out once.
        self._known: dict[tuple[int, bool, tuple[bool, ...]], int] = {}

    def parts(self, layer: Layer) -> tuple[bool, bool]:
        """Whether the weights of a layer are trained, and whether a gradient goes on to its
        input."""
        trained, taking = self._parts(layer)
        return trained, any(taking)

    def _parts(self, layer: Layer) -> tuple[bool, tuple[bool, ...]]:
        return layer.trains_weights, tuple([at in self._gradients for at in layer.inputs])

    def macs(self, layer: Layer) -> int | None:
        """MACs of the gradients that a layer computes; None if there is no rule."""
        if layer.facts.operations is None or layer.partly_trained:
            return None
        if not layer.facts.macs:
            return 0
        trained, taking = self._parts(layer)
        key = id(layer.facts), trained, taking
        if key not in self._known:
            inputs = [source.output for source in layer.inputs]
            self._known[key] = int(layer.op.backward_of(trained, taking, *inputs))
        return self._known[key]

    @property
    def total(self) -> int:
        """MACs of all layers with a rule."""
        return sum([self.macs(layer) or 0 for layer in self._layers])
