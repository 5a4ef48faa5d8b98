"""Norms over the last axes, over groups of channels, and to a length of one."""

from __future__ import annotations

from math import prod
from typing import Any

from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule


def normalized(
    reader: OnnxReader, node: OnnxNode, x: Value, weight: Value | None, bias: Value | None, *, rms: bool
) -> Any:
    """A norm over the last axes of a tensor, from the attribute ``axis`` on."""
    axis = node.int("axis", -1) % len(x.sizes)
    shape = x.sizes[axis:]
    eps = node.float("epsilon", 1e-5)
    fits = all(one is None or one.sizes == shape for one in (weight, bias))
    inside = (weight, bias) if fits else (None, None)
    if rms and len(shape) > 1:  # no layer has it over several axes
        axes = tuple(range(axis, len(x.sizes)))
        square = reader.do("mean", reader.do("pow", x, 2), axes, True)
        made = reader.do("mul", x, reader.do("rsqrt", reader.do("add", square, eps)))
        return made if weight is None else reader.do("mul", made, weight)
    if rms:
        made = reader.do("rms_norm", x, shape, inside[0], eps)
        if bias is not None:
            return reader.do("add", made if fits else reader.do("mul", made, weight), bias)
    else:
        made = reader.do("layer_norm", x, shape, *inside, eps)
    if not fits:
        # A scale that is no value for each normalized one, and meets them by broadcasting.
        made = made if weight is None else reader.do("mul", made, weight)
        made = made if bias is None else reader.do("add", made, bias)
    return made


@rule("LayerNormalization")
def layer_normalization(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    weight, bias = node.weight(1), node.weight(2)
    if bias is None or reader.belong(node.tensor(1), node.tensor(2)):
        made = normalized(reader, node, x, weight, bias, rms=False)
    else:
        made = reader.do("add", normalized(reader, node, x, weight, None, rms=False), bias)
    return (made, *_statistics(reader, node, x))[: len(node.outputs)]


def _statistics(reader: OnnxReader, node: OnnxNode, x: Value) -> tuple[Value | None, ...]:
    """The mean, and one by the deviation, where somebody wants them: only a training does."""
    wanted = [bool(name) and reader.is_wanted(name) for name in node.outputs[1:]]
    if not any(wanted):
        return (None,) * len(wanted)
    axes = tuple(range(node.int("axis", -1) % len(x.sizes), len(x.sizes)))
    mean = reader.do("mean", x, axes, True)
    if not any(wanted[1:]):
        return (mean,)
    variance = reader.do("var", x, axes, False, True)
    return mean, reader.do("rsqrt", reader.do("add", variance, node.float("epsilon", 1e-5)))


@rule("RMSNormalization", "SimplifiedLayerNormalization")
@rule("SimplifiedLayerNormalization", domain="com.microsoft")
def rms_normalization(reader: OnnxReader, node: OnnxNode) -> Outputs:
    made = normalized(reader, node, node.value(0), node.weight(1), None, rms=True)
    return (made, *[None] * (len(node.outputs) - 1))


@rule("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", domain="com.microsoft")
def skip_layer_normalization(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """A sum of two tensors, and a bias, and the norm of it; the sum is the fourth output."""
    rms = "Simplified" in node.operator
    total = reader.do("add", node.value(0), node.value(1))
    bias = node.weight(3 if rms else 4)
    if bias is not None:
        total = reader.do("add", total, bias)
    made = normalized(reader, node, total, node.weight(2), None if rms else node.weight(3), rms=rms)
    return (made, None, None, total)[: len(node.outputs)]


@rule("GroupNormalization")
def group_normalization(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, weight, bias = node.value(0), node.weight(1), node.weight(2)
    groups, eps = node.int("num_groups", 1), node.float("epsilon", 1e-5)
    if weight is None or bias is None:
        node.refuse("it has no scale or no bias")
    channels = x.sizes[1] if len(x.sizes) > 1 else 0
    if not channels or groups < 1 or channels % groups:
        node.refuse(f"{channels} channels are not {groups} equal groups")
    if weight.sizes == (channels,):
        return reader.do("group_norm", x, groups, weight, bias, eps)
    # Up to version 20 a scale and a shift for each group.
    made = reader.do("group_norm", x, groups, None, None, eps)
    apart = reader.do("reshape", made, (reader.builder.size(x, 0), groups, prod(x.sizes[1:]) // groups))
    scaled = reader.do("mul", apart, reader.do("unsqueeze", weight, 1))
    return reader.do("view_as", reader.do("add", scaled, reader.do("unsqueeze", bias, 1)), x)


@rule("LpNormalization")
def lp_normalization(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    length = reader.do("linalg_vector_norm", x, node.int("p", 2), (node.int("axis", -1),), True)
    return reader.do("div", x, length)


@rule("MeanVarianceNormalization")
def mean_variance_normalization(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    axes = node.ints("axes", (0, 2, 3))
    centred = reader.do("sub", x, reader.do("mean", x, axes, True))
    variance = reader.do("mean", reader.do("pow", centred, 2), axes, True)
    return reader.do("div", centred, reader.do("sqrt", reader.do("add", variance, 1e-9)))
