"""Fully connected layers, products of matrices, and tables of words."""

from __future__ import annotations

from ....operations.recording import Value
from ..biases import bias_behind
from ..nodes import TfliteOperator
from ..reader import TfliteReader
from ..rules import OperatorOutputs, rule


@rule("FULLY_CONNECTED")
def fully_connected(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    options = node.options("FullyConnectedOptions")
    x, tensor = node.value(0), node.tensor(1)
    if len(tensor.sizes) != 2 or not x.sizes:
        node.refuse(f"its weight has {len(tensor.sizes)} axes, and not 2")
    weight = reader.weight(tensor)
    inputs = weight.sizes[1]
    if not options.KeepNumDims() and (len(x.sizes) != 2 or x.sizes[-1] != inputs):
        x = _rows(reader, node, x, inputs)
    if x.sizes[-1] != inputs:
        node.refuse(f"its weight reads {inputs} values, and {x.sizes[-1]} arrive")
    bias = reader.bias(tensor, node.tensor(2)) if node.has(2) else None
    if bias is None and not options.FusedActivationFunction():
        bias = bias_behind(reader, node, node.outputs[0], weight.sizes[0], heads=True)
    if weight.depends:
        made = reader.do("matmul", x, reader.do("permute", weight, (1, 0)))
        made = made if bias is None else reader.do("add", made, bias)
    else:
        made = reader.do("linear", x, weight, bias)
    return node.activated(made, options)


def _rows(reader: TfliteReader, node: TfliteOperator, x: Value, inputs: int) -> Value:
    """A tensor as rows of so many values."""
    if inputs < 1 or _count(x.sizes) % inputs:
        node.refuse(f"its weight reads {inputs} values, and {_count(x.sizes)} arrive")
    if _count(x.sizes[1:]) == inputs and len(x.sizes) > 1:
        found: Value = reader.do("flatten", x, 1, -1)
        return found
    found = reader.do("reshape", x, (-1, inputs))
    return found


def _count(sizes: tuple[int, ...]) -> int:
    found = 1
    for size in sizes:
        found *= size
    return found


@rule("BATCH_MATMUL")
def matmul(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    options = node.options("BatchMatMulOptions")
    left, right = node.tensor(0), node.tensor(1)
    if len(right.sizes) == 2 and right.stated.is_weight and not right.depends and not options.AdjX():
        order = (0, 1) if options.AdjY() else (1, 0)
        return reader.do("linear", node.value(0), reader.weight(right, order), None)
    values = []
    for tensor, turned in ((left, options.AdjX()), (right, options.AdjY())):
        value = reader.value(tensor)
        values.append(reader.do("transpose", value, -2, -1) if turned else value)
    return reader.do("matmul", *values)


@rule("EMBEDDING_LOOKUP")
def embedding(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    table = node.tensor(1)
    if len(table.sizes) != 2 or table.depends:
        return node.unknown()
    return reader.do("embedding", reader.weight(table), node.value(0))
