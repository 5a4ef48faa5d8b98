"""Operators that make one value of many, and those that look for values."""

from __future__ import annotations

from ..nodes import TfliteOperator
from ..reader import TfliteReader, dtype_of
from ..rules import OperatorOutputs, rule

_REDUCED = {
    "MEAN": "mean",
    "SUM": "sum",
    "REDUCE_MAX": "amax",
    "REDUCE_MIN": "amin",
    "REDUCE_PROD": "prod.dim_int",
    "REDUCE_ANY": "any.dim",
    "REDUCE_ALL": "all.dim",
}
# Those that PyTorch does one axis after the other.
_ONE_BY_ONE = ("REDUCE_PROD", "REDUCE_ANY", "REDUCE_ALL")


@rule(*_REDUCED)
def reduced(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    kept = bool(node.options("ReducerOptions").KeepDims())
    axes = node.axes(1, len(x.sizes))
    if not axes:
        return x
    word = _REDUCED[node.word]
    if node.word not in _ONE_BY_ONE:
        return reader.do(word, x, axes, kept)
    for axis in sorted(axes, reverse=True):
        x = reader.do(word, x, axis, kept)
    return x


@rule("ARG_MAX", "ARG_MIN")
def place_of(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    axis = node.axis(node.numbers(1)[0], len(x.sizes))
    return reader.do("argmax" if node.word == "ARG_MAX" else "argmin", x, axis, False)


@rule("TOPK_V2")
def top(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    return reader.do("topk", node.value(0), node.numbers(1)[0], -1, True, True)


@rule("CUMSUM")
def running_sum(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    options = node.options("CumsumOptions")
    x = node.value(0)
    axis = node.axis(node.numbers(1)[0], len(x.sizes))
    if options.Exclusive():
        return node.unknown()
    if not options.Reverse():
        return reader.do("cumsum", x, axis)
    return reader.do("flip", reader.do("cumsum", reader.do("flip", x, (axis,)), axis), (axis,))


@rule("ZEROS_LIKE")
def zeros(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    tensor = node.tensor(0)
    from ..._known import pairs

    return reader.builder.constant(pairs(tensor.sizes, tensor.at_two), 0, dtype_of(tensor.stated))


@rule("CUSTOM:TFLite_Detection_PostProcess")
def detections(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    """Boxes without those that lie over better ones. Its anchors are stored, and not learned."""
    anchors = node.tensor(2) if node.has(2) else None
    if anchors is not None and anchors.value is None and anchors.stated.is_weight:
        anchors.value = reader.parameter("anchors", anchors.sizes, learned=False)
    return node.unknown()
