"""The figures of a network that was read from a model of Keras, beside those of the model itself."""

from __future__ import annotations

from collections.abc import Iterable

from ..graph import Graph, Layer
from ..importing.live_keras import LayerFigures
from .compare import Check, Difference


def keras_checks(graph: Graph, layers: Iterable[LayerFigures]) -> list[Check]:
    """Compare parameters and outputs layer by layer.

    Args:
        graph: What was read.
        layers: What Keras says of each of its layers.

    Returns:
        The checks: learned parameters that are trained, all that is stored besides, and outputs.
    """
    found: dict[str, list[Layer]] = {}
    for layer in graph.layers:
        if layer.origin is not None:
            found.setdefault(layer.origin.module, []).append(layer)
    trained, held, outputs = (Check(f"Keras: {what}") for what in ("trainable", "not trainable", "outputs"))
    sums = [[0, 0], [0, 0]]
    for one in layers:
        mine = found.get(one.name, [])
        holders = [layer for layer in mine if not layer.shared]
        learned = sum([layer.trainable or 0 for layer in holders])
        stored = sum([(layer.facts.params or 0) + (layer.facts.buffers or 0) for layer in holders])
        for check, total, predicted, measured in (
            (trained, sums[0], learned, one.trainable),
            (held, sums[1], stored - learned, one.held),
        ):
            total[0], total[1] = total[0] + predicted, total[1] + measured
            differs = [] if predicted == measured else [Difference(one.name, None, predicted, measured)]
            if predicted or measured:
                check.layer(differs)
        if mine and one.output is not None:
            shape = tuple(mine[-1].output)
            same = shape == one.output or (one.turned and (shape[-1], *shape[:-1]) == one.output)
            outputs.layer([] if same else [Difference(one.name, None, shape, one.output)])
    for check, (predicted, measured) in zip((trained, held), sums, strict=True):
        check.total(predicted, measured)
    return [trained, held, outputs]
