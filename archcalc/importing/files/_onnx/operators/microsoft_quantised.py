"""Quantised layers of onnxruntime: the layers that they are, of whole numbers or of few bits."""

from __future__ import annotations

from typing import Any

from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from .arranging import reduce
from .microsoft import MICROSOFT
from .microsoft_attention import fused_attention_of
from .pointwise import leaky_relu, softmax
from .products import multiplied
from .quantised import same_values
from .windows import average_pool, global_pool

rule("QuantizeLinear", "DequantizeLinear", domain=MICROSOFT)(same_values)
# What reads one tensor, as its first input, and has the attributes of ONNX's own operator.
_ALIKE = {
    "QLinearAveragePool": average_pool,
    "QLinearGlobalAveragePool": global_pool,
    "QLinearLeakyRelu": leaky_relu,
    "QLinearSoftmax": softmax,
    "QLinearReduceMean": reduce,
}


@rule(*_ALIKE, domain=MICROSOFT)
def alike(reader: OnnxReader, node: OnnxNode) -> Outputs:
    if node.int("channels_last"):
        return node.unknown()
    return _ALIKE[node.operator](reader, node.as_own(node.operator.removeprefix("QLinear"), inputs=1))


@rule("QLinearSigmoid", domain=MICROSOFT)
def sigmoid(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("sigmoid", node.value(0))


@rule("QLinearAdd", "QLinearMul", domain=MICROSOFT)
def of_two(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("add" if node.operator == "QLinearAdd" else "mul", *[node.learned(at) for at in (0, 3)])


@rule("QLinearConcat", domain=MICROSOFT)
def joined(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Scale and zero of the output, and then each tensor with its own."""
    parts = [node.value(at) for at in range(2, len(node.inputs), 3)]
    return reader.do("cat", parts, node.int("axis"))


@rule("QGemm", domain=MICROSOFT)
def quantised_gemm(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, weight, bias = node.value(0), node.learned(3), node.weight(6)
    x = reader.do("permute", x, (1, 0)) if node.int("transA") else x
    matrix = weight if node.int("transB") else reader.do("permute", weight, (1, 0))
    return reader.do("linear", x, matrix, bias)


@rule("MatMulIntegerToFloat", "DynamicQuantizeMatMul", domain=MICROSOFT)
def product(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """A product of whole numbers, by a scale, and a bias."""
    bias = 6 if node.operator == "MatMulIntegerToFloat" else 4
    return _with_bias(reader, multiplied(reader, node.learned(0), node.learned(1)), node, bias)


def _with_bias(reader: OnnxReader, made: Value, node: OnnxNode, at: int) -> Any:
    return reader.do("add", made, node.learned(at)) if node.has(at) else made


@rule("MatMulNBits", domain=MICROSOFT)
def few_bits(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """A fully connected layer whose weights are packed, several to a byte: each of them is a parameter."""
    x, packed = node.value(0), node.tensor(1)
    inputs, units, bits = node.int("K"), node.int("N"), node.int("bits", 4)
    if packed.depends or min(inputs, units, bits) < 1 or x.sizes[-1:] != (inputs,):
        node.refuse(f"it is made for {inputs} features, and is given {x.sizes}")
    return _with_bias(
        reader, reader.do("linear", x, reader.unpacked(packed, (units, inputs), bits), None), node, 5
    )


@rule("GatherBlockQuantized", domain=MICROSOFT)
def table(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Rows of a table whose numbers are packed, several to a byte."""
    packed, scales = node.tensor(0), node.tensor(2)
    block = node.int("block_size", 128)
    if packed.depends or node.int("gather_axis") or len(packed.sizes) != 2 or scales.depends:
        return node.unknown()
    width = packed.sizes[1]
    if packed.dtype in ("uint8", "int8"):
        width = width * 8 // node.int("bits", 4)
    if not 0 <= scales.sizes[-1] * block - width < block:
        node.refuse(f"{scales.sizes[-1]} scales of {block} values each are not those of {width}")
    rows = reader.unpacked(packed, (packed.sizes[0], width), node.int("bits", 4))
    return reader.do("embedding", rows, node.value(1))


@rule("QAttention", domain=MICROSOFT)
def quantised_attention(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return fused_attention_of(reader, node, past=8, mask=None)
