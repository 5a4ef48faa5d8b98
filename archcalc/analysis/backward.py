"""The backward pass: which tensors have a gradient, and the multiply-adds that gradients take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..graph import Graph, Layer


def with_gradient(layers: Iterable[Layer]) -> set[Layer]:
    """The layers whose outputs have a gradient: those that have trained parameters, and those
    behind them, up to where something is chosen and no gradient goes through. The layers come in the
    order of the text."""
    found: set[Layer] = set()
    for layer in layers:
        if layer.op.stops_gradient:
            continue
        if layer.trainable or any(source in found for source in layer.inputs):
            found.add(layer)
    return found


def with_gradient_from(ends: Iterable[Layer], layers: Sequence[Layer], growing: set[Layer]) -> set[Layer]:
    """The layers to which a gradient comes back from one of the ends. Where none has one, training needs
    other outputs: then all that can have a gradient."""
    found = growing.intersection(ends)
    if not found:
        return growing
    for layer in reversed(layers):
        if layer in found:
            found.update(source for source in layer.inputs if source in growing)
    return found


class Backward:
    """The backward pass over some layers of a graph, for one element of the batch.

    The gradient of the weights of a layer is computed where they are trained, that of its input
    where something before it is trained: so the first layer, and layers behind frozen ones, need
    less. Where no gradient comes back, as before a choice of positions, nothing is computed.
    """

    def __init__(self, graph: Graph, layers: Iterable[Layer], ends: Iterable[Layer]):
        self._layers = layers
        self._gradients = with_gradient_from(ends, graph.layers, with_gradient(graph.layers))
        # Of layers whose facts are the same object it is worked out once.
        self._known: dict[tuple[int, bool, tuple[bool, ...]], int] = {}

    def parts(self, layer: Layer) -> tuple[bool, bool]:
        """Whether the weights of a layer are trained, and whether a gradient goes on to its
        input."""
        trained, taking = self._parts(layer)
        return trained, any(taking)

    def _parts(self, layer: Layer) -> tuple[bool, tuple[bool, ...]]:
        if layer not in self._gradients:
            return False, (False,) * len(layer.inputs)
        return layer.trains_weights, tuple([at in self._gradients for at in layer.inputs])

    def macs(self, layer: Layer) -> int | None:
        """MACs of the gradients that a layer computes; None if there is no rule."""
        if layer.facts.operations is None:
            return None
        if not layer.facts.macs:
            return 0
        if layer.partly_trained:
            return None
        trained, taking = self._parts(layer)
        key = id(layer.facts), trained, taking
        if key not in self._known:
            inputs = [source.output for source in layer.inputs]
            self._known[key] = layer.op.backward_of(trained, taking, *inputs)
        return self._known[key]

    @property
    def total(self) -> int:
        """MACs of all layers with a rule."""
        return sum([self.macs(layer) or 0 for layer in self._layers])
