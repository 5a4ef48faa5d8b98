"""Fully connected layers and products of matrices."""

from __future__ import annotations

from typing import Any

from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule


@rule("Gemm")
def gemm(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, weight = node.value(0), node.weight(1)
    if weight is None:
        node.refuse("it has no weight")
    if node.int("transA"):
        x = reader.do("permute", x, (1, 0))
    if len(x.sizes) > 2:  # since version 7 no other is allowed: before it the axes behind the first are one
        x = reader.do("flatten", x, 1, -1)
    scaled = node.float("alpha", 1.0) != 1.0
    if weight.depends:
        right = reader.do("permute", weight, (1, 0)) if node.int("transB") else weight
        made = reader.do("matmul", x, right)
        if scaled:
            made = reader.do("mul", made, node.float("alpha", 1.0))
        return reader.do("add", made, node.value(2)) if node.has(2) else made
    matrix = weight if node.int("transB") else reader.do("permute", weight, (1, 0))
    bias = node.bias(2)
    plain = bias is None or (
        bias.sizes == matrix.sizes[:1] and not bias.depends and reader.belong(node.tensor(1), node.tensor(2))
    )
    made = reader.do("linear", x, matrix, None if scaled or not plain else bias)
    if scaled:
        made = reader.do("mul", made, node.float("alpha", 1.0))
    if bias is not None and (scaled or not plain):
        made = reader.do("add", made, bias)
    return made


@rule("MatMul")
def matmul(reader: OnnxReader, node: OnnxNode) -> Outputs:
    left, right = node.tensor(0), node.tensor(1)
    if not right.is_learned or len(right.sizes) != 2 or not left.depends or len(left.sizes) < 2:
        return multiplied(reader, node.value(0), node.value(1))
    x = node.value(0)
    following = _bias(reader, node, right.sizes[-1])
    matrix = reader.matrix(right)
    if following is None:
        return reader.do("linear", x, matrix, None)
    proto, bias = following
    made = reader.do("linear", x, matrix, reader.weight(bias))
    reader.enter(proto.output[0], made)
    return made


def multiplied(reader: OnnxReader, one: Value, other: Value) -> Any:
    """The product of two tensors; a vector is a row on the left and a column on the right."""
    row, column = len(one.sizes) == 1, len(other.sizes) == 1
    if not (row or column) or len(one.sizes) == len(other.sizes) + column == 2:
        return reader.do("matmul", one, other)
    one = reader.do("unsqueeze", one, 0) if row else one
    other = reader.do("unsqueeze", other, 1) if column else other
    made = reader.do("matmul", one, other)
    made = reader.do("squeeze", made, -1) if column else made
    return reader.do("squeeze", made, -1 if column else -2) if row else made


def _bias(reader: OnnxReader, node: OnnxNode, units: int) -> tuple[Any, Any] | None:
    """The node that adds a bias to a product and alone reads it, and the bias; None where there is none."""
    name = node.outputs[0]
    readers = reader.readers.get(name, [])
    if len(readers) != 1 or readers[0].op_type != "Add" or reader.is_output(name):
        return None
    names = [other for other in readers[0].input if other != name]
    bias = reader.scope.get(names[0]) if len(names) == 1 else None
    if bias is None or not bias.stated or bias.sizes != (units,) or not reader.belong(node.tensor(1), bias):
        return None
    return readers[0], bias
