"""Operators of onnxruntime, which its optimizer writes in the place of several: they are undone again."""

from __future__ import annotations

from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from .products import gemm
from .sampling import grid_sample
from .sequence_norms import normalized
from .windows import convolved

MICROSOFT = "com.microsoft"
# Layers whose channels lie in blocks, padded with zeros.
BLOCKED = "com.microsoft.nchwc"
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
        x = reader.do("add", x, node.learned(1))
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
    one, two = node.learned(0), node.learned(1)
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
    # How many words count, for attention that does not read the rest.
    if node.has(7):
        lengths = reader.do("sum", node.value(7), (1,), False)
    else:
        lengths = reader.builder.constant((reader.builder.size(ids, 0),), None, "int32", "lengths")
    return (made, lengths, total)[: len(node.outputs)]


@rule("FusedGemm", domain=MICROSOFT)
def fused_gemm(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """A fully connected layer and an activation."""
    word = node.text("activation")
    if word not in (*ACTIVATIONS, "LeakyRelu"):
        return node.unknown()
    made = gemm(reader, node)
    if word == "LeakyRelu":
        return reader.do("leaky_relu", made, node.float("activation_alpha", 0.01))
    return reader.do(ACTIVATIONS[word], made)


@rule("BiasAdd", domain=MICROSOFT)
def biased(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """A bias, and another tensor."""
    made = reader.do("add", node.value(0), node.weight(1))
    return reader.do("add", made, node.value(2)) if node.has(2) else made


@rule("BiasSoftmax", domain=MICROSOFT)
def biased_softmax(reader: OnnxReader, node: OnnxNode) -> Outputs:
    made: Value = reader.do("add", node.value(0), node.value(1))
    axis = node.int("axis", 1) % len(made.sizes)
    return node.unknown() if axis != len(made.sizes) - 1 else reader.do("softmax", made, axis, None)


@rule("GroupNorm", "SkipGroupNorm", domain=MICROSOFT)
def group_norm(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """A norm over groups of channels, and an activation; channels last, and before it a sum."""
    total: Value = node.value(0)
    if node.operator == "SkipGroupNorm":
        total = reader.do("add", total, node.value(3))
        if node.has(4):
            total = reader.do("add", total, node.weight(4))
    last = bool(node.int("channels_last", 1))
    x = reader.do("permute", total, (0, 3, 1, 2)) if last else total
    groups, epsilon = node.int("groups", 1), node.float("epsilon", 1e-5)
    made = reader.do("group_norm", x, groups, node.weight(1), node.weight(2), epsilon)
    made = reader.do("silu", made) if node.int("activation") else made
    return (reader.do("permute", made, (0, 2, 3, 1)) if last else made, total)[: len(node.outputs)]


rule("GridSample", domain=MICROSOFT)(grid_sample)
rule("TransposeMatMul", domain=MICROSOFT)(fused_product)


@rule("Conv", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool", domain=BLOCKED)
@rule("ReorderInput", "ReorderOutput", "Upsample", domain=BLOCKED)
def in_blocks(reader: OnnxReader, node: OnnxNode) -> Outputs:
    node.refuse(
        "its channels lie in blocks, with zeros between them, as one processor likes them",
        "save the model with GraphOptimizationLevel.ORT_ENABLE_EXTENDED, or read the file before onnxruntime "
        "changed it",
    )
