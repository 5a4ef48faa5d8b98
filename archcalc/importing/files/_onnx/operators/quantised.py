"""Quantised layers: the layers that they are, of whole numbers; scales and zero points are no parameters."""

from __future__ import annotations

from typing import Any

from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from .products import multiplied
from .windows import convolved


@rule("QLinearConv")
def linear_convolution(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return convolved(reader, node, node.value(0), node.weight(3), node.weight(8))


@rule("ConvInteger")
def integer_convolution(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return convolved(reader, node, node.value(0), node.weight(1), None)


@rule("QLinearMatMul")
def linear_product(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return product(reader, node, 0, 3)


@rule("MatMulInteger")
def integer_product(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return product(reader, node, 0, 1)


def product(reader: OnnxReader, node: OnnxNode, one: int, two: int) -> Any:
    """The matrix product of two inputs, either of which may be learned."""
    return multiplied(reader, node.learned(one), node.learned(two))


@rule("QuantizeLinear", "DequantizeLinear")
def same_values(reader: OnnxReader, node: OnnxNode) -> Outputs:
    kind = "float32" if node.operator == "DequantizeLinear" else _kind(node)
    return reader.do("to", node.learned(0), kind)


def _kind(node: OnnxNode) -> str:
    """The type of what is made of numbers with a point."""
    return node.tensor(2).dtype if node.has(2) else "uint8"


@rule("DynamicQuantizeLinear")
def dynamic(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Numbers in steps that the tensor itself decides; the size of a step and its zero are two numbers."""
    x = node.value(0)
    return (reader.do("to", x, "uint8"), *[reader.builder.constant((), 1.0), reader.builder.constant((), 0)])[
        : len(node.outputs)
    ]
