"""Operators of onnxruntime, which its optimizer writes in the place of several: they are undone again."""

from __future__ import annotations

from typing import Any

from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from .attention import attended, in_heads, out_of_heads
from .sequence_norms import normalized
from .windows import convolved

MICROSOFT = "com.microsoft"
# The tanh form of GELU.
TANH = "tanh"

ACTIVATIONS = {"Relu": "relu", "Tanh": "tanh", "Sigmoid": "sigmoid", "HardSwish": "hardswish"}


@rule("Gelu", domain=MICROSOFT)
def gelu(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("gelu", node.value(0))


@rule("FastGelu", "BiasGelu", domain=MICROSOFT)
def biased_gelu(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    if node.has(1):
        x = reader.do("add", x, node.weight(1) if not node.tensor(1).depends else node.value(1))
    return reader.do("gelu", x, approximate=TANH if node.operator == "FastGelu" else "none")


@rule("QuickGelu", domain=MICROSOFT)
def quick_gelu(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    return reader.do("mul", x, reader.do("sigmoid", reader.do("mul", x, node.float("alpha", 1.702))))


@rule("FusedConv", domain=MICROSOFT)
def fused_convolution(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """A convolution, a sum with another tensor, and an activation."""
    word, numbers = node.text("activation"), node.floats("activation_params")
    if word and word not in (*ACTIVATIONS, "LeakyRelu", "Clip", "HardSigmoid"):
        return node.unknown()
    made = convolved(reader, node, node.value(0), node.weight(1), node.weight(2))
    if node.has(3):
        made = reader.do("add", made, node.value(3))
    if word == "LeakyRelu":
        return reader.do("leaky_relu", made, numbers[0] if numbers else 0.01)
    if word == "Clip":
        return reader.do("clamp", made, *numbers[:2])
    if word == "HardSigmoid":
        return reader.do("hardsigmoid", made)
    return reader.do(ACTIVATIONS[word], made) if word else made


@rule("FusedMatMul", domain=MICROSOFT)
def fused_product(reader: OnnxReader, node: OnnxNode) -> Outputs:
    one, two = [node.weight(at) if not node.tensor(at).depends else node.value(at) for at in (0, 1)]
    assert one is not None
    assert two is not None
    if node.int("transA"):
        one = reader.do("transpose", one, -1, -2)
    if node.int("transB"):
        two = reader.do("transpose", two, -1, -2)
    made: Value = reader.do("matmul", one, two)
    alpha = node.float("alpha", 1.0)
    return made if alpha == 1 else reader.do("mul", made, alpha)


@rule("EmbedLayerNormalization", domain=MICROSOFT)
def embedded(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Words, positions and segments, each from its table, their sum and its norm."""
    words, positions, segments = [node.weight(at) for at in (2, 3, 4)]
    if words is None or positions is None:
        node.refuse("it has no tables")
    ids = node.value(0)
    steps = ids.sizes[1]
    total = reader.do("embedding", words, ids)
    if node.has(8):
        total = reader.do("add", total, reader.do("embedding", positions, node.value(8)))
    else:
        total = reader.do("add", total, reader.do("slice", positions, 0, 0, steps))
    if segments is not None and node.has(1):
        total = reader.do("add", total, reader.do("embedding", segments, node.value(1)))
    made = normalized(reader, node, total, node.weight(5), node.weight(6), rms=False)
    return (made, None, total)[: len(node.outputs)]


@rule("Attention", domain=MICROSOFT)
def fused_attention(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Queries, keys and values by one matrix, and their attention."""
    x, weight, bias = node.value(0), node.weight(1), node.weight(2)
    if weight is None or node.has(4) or len([name for name in node.outputs if name]) > 1:
        return node.unknown()
    made = reader.do("matmul", x, weight)
    if bias is not None:
        made = reader.do("add", made, bias)
    total = made.sizes[-1]
    widths = node.ints("qkv_hidden_sizes") or (total // 3,) * 3
    if len(widths) != 3 or sum(widths) != total:
        node.refuse(f"queries, keys and values of {widths} are not the {total} channels of its weight")
    parts = reader.do("split_with_sizes", made, widths, -1)
    return _of_heads(reader, node, parts, 5)


@rule("MultiHeadAttention", domain=MICROSOFT)
def multi_head_attention(reader: OnnxReader, node: OnnxNode) -> Outputs:
    outputs = len([name for name in node.outputs if name])
    packed = not (node.has(1) and node.has(2)) or len(node.tensor(1).sizes) != 3
    if packed or len(node.tensor(0).sizes) != 3 or node.has(6) or outputs > 1:
        return node.unknown()
    parts = [node.value(at) for at in range(3)]
    bias = node.weight(3)
    if bias is not None:
        widths = tuple([part.sizes[-1] for part in parts])
        each = reader.do("split_with_sizes", bias, widths, 0)
        parts = [reader.do("add", part, one) for part, one in zip(parts, each, strict=True)]
    return _of_heads(reader, node, parts, 5)


def _of_heads(reader: OnnxReader, node: OnnxNode, parts: list[Value], mask: int) -> Any:
    heads = node.int("num_heads", 1)
    query, key, value = [in_heads(reader, node, part, heads) for part in parts]
    scale = node.float("scale") or None
    causal = bool(node.int("unidirectional"))
    made = attended(reader, query, key, value, node.optional(mask), causal=causal, scale=scale)
    return out_of_heads(reader, made)
