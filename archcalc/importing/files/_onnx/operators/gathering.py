"""Positions that are chosen, put back, counted or filled in."""

from __future__ import annotations

from ....operations.builder import TwoSizes
from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from ..tensors import pairs


@rule("Gather")
def gather(reader: OnnxReader, node: OnnxNode) -> Outputs:
    data, indices = node.tensor(0), node.tensor(1)
    axis = node.int("axis") % max(1, len(data.sizes))
    if not data.depends and axis == 0 and len(data.sizes) == 2 and not indices.known:
        table = node.weight(0)
        assert table is not None
        return reader.do("embedding", table, node.value(1))
    x = node.value(0)
    known = indices.known
    if known is not None and known.fixed:
        places = known.integers()[0]
        size = x.sizes[axis]
        if any(not -size <= place < size for place in places):
            node.refuse(f"it takes a position outside of the {size} that there are")
        places = tuple([place % size for place in places])
        if len(x.sizes) == 1 and places == tuple(range(size)) and indices.sizes[:1] == (1,):
            # As ``as_strided`` is written: all values, in their order, of a batch of one.
            batch = TwoSizes(1, 2) if x.at_two == (2 * size,) else 1
            return reader.do("reshape", x, (batch, *indices.sizes[1:]))
        if not indices.sizes:
            return reader.do("select", x, axis, places[0])
        if places == tuple(range(places[0], places[0] + len(places))) and len(indices.sizes) == 1:
            return reader.do("slice", x, axis, places[0], places[-1] + 1)
    if len(indices.sizes) == 1:
        return reader.do("index_select", x, axis, node.value(1))
    if not indices.sizes:
        one = reader.do("index_select", x, axis, reader.do("reshape", node.value(1), (1,)))
        return reader.do("squeeze", one, axis)
    if indices.depends:
        return reader.do("index", x, (*[None] * axis, node.value(1)))
    rows = reader.do("index_select", x, axis, reader.do("reshape", node.value(1), (-1,)))
    before, behind = [
        [reader.builder.size(x, n) for n in places] for places in (range(axis), range(axis + 1, len(x.sizes)))
    ]
    return reader.do("reshape", rows, (*before, *indices.sizes, *behind))


@rule("GatherElements")
def gather_elements(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("gather", node.value(0), node.int("axis"), node.value(1))


@rule("ArgMax", "ArgMin")
def place_of(reader: OnnxReader, node: OnnxNode) -> Outputs:
    operation = node.operator.lower()
    return reader.do(operation, node.value(0), node.int("axis"), bool(node.int("keepdims", 1)))


@rule("TopK")
def top(reader: OnnxReader, node: OnnxNode) -> Outputs:
    count = node.int("k") if node.version < 10 else node.numbers(1)[0]
    x, axis, largest = node.value(0), node.int("axis", -1), bool(node.int("largest", 1))
    found: tuple[Value, ...] = reader.do("topk", x, count, axis, largest, bool(node.int("sorted", 1)))
    return found[: len(node.outputs)]


@rule("CumSum")
def running_sum(reader: OnnxReader, node: OnnxNode) -> Outputs:
    if node.int("exclusive"):
        return node.unknown()
    x, axis = node.value(0), node.numbers(1)[0]
    if not node.int("reverse"):
        return reader.do("cumsum", x, axis)
    return reader.do("flip", reader.do("cumsum", reader.do("flip", x, (axis,)), axis), (axis,))


@rule("Tile")
def tile(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    if node.version < 6:  # one axis, and how often
        axis, times = node.numbers(2)[0], node.numbers(1)[0]
        return reader.do("repeat", x, tuple([times if n == axis else 1 for n in range(len(x.sizes))]))
    return reader.do("repeat", x, node.sizes(1))


# What PyTorch has no operation of a layer for, or of which the sizes are data -----------------------

# The inputs that are weights, of what learns.
_WEIGHTS = {"DeformConv": (1, 3)}


@rule("GatherND")
def gather_nd(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Positions along several axes at once: the last axis of the indices states one in each."""
    data, indices = node.value(0), node.value(1)
    kept, along = node.int("batch_dims"), indices.sizes[-1] if indices.sizes else 0
    if not 0 < kept + along <= len(data.sizes) or kept >= len(indices.sizes):
        node.refuse(f"indices of {along} axes do not fit {len(data.sizes)} axes")
    one, two = [
        (*at[:-1], *its[kept + along :])
        for at, its in (
            (indices.sizes, data.sizes),
            (indices.at_two or indices.sizes, data.at_two or data.sizes),
        )
    ]
    return reader.builder.stated("onnx.GatherND", [data, indices], [(pairs(one, two), data.dtype)])


@rule("Scatter", "ScatterElements", "ScatterND", "TensorScatter")
def scattered(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Values that are written into a copy of the first input."""
    data = node.written(0)
    sizes = pairs(data.sizes, data.at_two or data.sizes)
    return reader.builder.stated(f"onnx.{node.operator}", node.values(), [(sizes, data.dtype)])


@rule("NonMaxSuppression")
def kept_boxes(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Boxes that overlap no better one: image, class and number of each. How many there are depends on the
    image; there are at most as many as the file allows of each class."""
    boxes, scores, most = node.value(0), node.value(1), node.number(2) if node.has(2) else 0
    if node.stated_whole(0):
        return node.unknown()
    if not most or most < 1 or len(scores.sizes) != 3 or len(boxes.sizes) != 3:
        node.refuse("how many boxes it keeps depends on values, and the file does not state a largest number")
    rows = scores.sizes[1] * min(int(most), boxes.sizes[1])
    first, second = [sizes[0] * rows for sizes in (scores.sizes, scores.at_two or scores.sizes)]
    reader.note(f"how many boxes {node.name} keeps depends on the image: {first:,} are the most that it can")
    sizes = pairs((first, 3), (second, 3))
    return reader.builder.stated("onnx.NonMaxSuppression", node.values(), [(sizes, "int64")])


@rule(
    *("OneHot", "Trilu", "EyeLike"),
    *("Compress", "NonZero", "Unique", "Range", "CumProd", "Det", "ReverseSequence", "BitShift", "BitCast"),
    *("BitwiseNot", "BitwiseXor", "BlackmanWindow", "HammingWindow", "HannWindow", "MelWeightMatrix"),
    *("Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"),
    *("DFT", "STFT", "MaxRoiPool", "RoiAlign", "ImageDecoder"),
    *("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss", "LinearAttention"),
    *("DeformConv", "RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit", "TfIdfVectorizer"),
)
def without_layer(reader: OnnxReader, node: OnnxNode) -> Outputs:
    for at in _WEIGHTS.get(node.operator, ()):
        if node.has(at) and not node.tensor(at).depends:
            node.weight(at)  # a parameter, wherever the file has it
    return node.unknown()
