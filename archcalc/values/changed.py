"""Layers that were run, run once more with changes: other arguments and tensors, stated values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..graph import Layer
from ..ops.attributes import OpError
from ..ops.base import Op
from ..shape import Shape
from .running import LayerValues, evaluate, pool_before


class ChangedLayer(NamedTuple):
    """What is another thing in a layer.

    Attributes:
        op: The op in the place of the layer's own; None where the layer is left out.
        tensors: Its tensors by name.
        negated: Whether what arrives is negated, and then what comes out: the largest of negative values is
            the smallest of the values.
    """

    op: Op | None
    tensors: Mapping[str, Any]
    negated: bool = False


def run_changed(
    values: Sequence[LayerValues],
    changed: Mapping[Layer, ChangedLayer],
    inputs: Mapping[Layer, Any] | None = None,
    stated: Mapping[Layer, Any] | None = None,
) -> list[Any]:
    """Run layers once more with changes.

    Args:
        values: The layers as they were run, in the order of the text.
        changed: What is another thing in a layer.
        inputs: Other values for inputs of the network.
        stated: Outputs that are stated, and not worked out.

    Returns:
        The output of each layer, channels last.

    Raises:
        OpError: Where a layer does not accept what arrives.
        UnfitValueError: For values that do not fit what is computed with them.

    Example:
        >>> from archcalc.values import run
        >>> from archcalc.values.changed import ChangedLayer, run_changed
        >>> graph = archcalc.load("3x3x1 -> maxpool 2x2").graph
        >>> image = [[[0], [1], [2]], [[3], [4], [5]], [[6], [7], [8]]]
        >>> made = run(graph, image)
        >>> closer = graph.layers[0].op.with_attributes(stride=1)
        >>> run_changed(made, {graph.layers[0]: ChangedLayer(closer, {})})[0][..., 0].tolist()
        [[4, 5], [7, 8]]
    """
    known: dict[Layer, Any] = dict(inputs or {})
    again: list[LayerValues] = []
    outputs = []
    for before in values:
        layer = before.layer
        arriving = tuple(
            [known.get(source, x) for source, x in zip(layer.inputs, before.inputs, strict=True)]
        )
        change = changed.get(layer)
        if stated is not None and layer in stated:
            made = stated[layer]
        elif change is not None and change.op is None:
            made = arriving[0]
        else:
            alike = all(x is y for x, y in zip(arriving, before.inputs, strict=True))
            if change is None and alike and not layer.op.takes_maxima:
                again.append(before)
                made = before.output
            else:
                again.append(_run_layer(before, arriving, change, again))
                made = again[-1].output
        known[layer] = made
        outputs.append(made)
    return outputs


def _run_layer(
    before: LayerValues, arriving: tuple[Any, ...], change: ChangedLayer | None, again: list[LayerValues]
) -> LayerValues:
    """One layer. Raises OpError and UnfitValueError."""
    layer = before.layer
    op = layer.op if change is None or change.op is None else change.op
    tensors = before.tensors if change is None else change.tensors
    facts = op.facts(tuple([Shape(x.shape) for x in arriving]))
    for tensor in facts.tensors or ():
        if tensor.name in tensors and tensors[tensor.name].shape != tuple(tensor.shape):
            raise OpError("shape", f"{layer.name} has a {tensor.name} of other sizes")
    negated = change is not None and change.negated
    read = tuple([-x for x in arriving]) if negated else arriving
    copy = Layer(layer.name, op, layer.inputs, facts, layer.path, layer.text)
    made = LayerValues(copy, read, tensors, None, before.assumed, before.epsilon)
    if op.takes_maxima:
        made.pool = pool_before(again, arriving[0].shape)
    made.output = evaluate(made)
    if negated:
        made.output = -made.output
    return made
