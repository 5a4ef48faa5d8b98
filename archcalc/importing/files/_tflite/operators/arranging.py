"""Operators that move values about: shapes, orders, parts, rims, joins, and sizes of maps."""

from __future__ import annotations

from typing import Any

from ....operations.recording import Value
from ..._known import for_batch, pairs
from ..nodes import TfliteOperator
from ..reader import TfliteReader
from ..rules import OperatorOutputs, rule
from ..slicing import strided
from .windows import channels_first, channels_last, map_of


@rule("RESHAPE")
def reshape(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    if node.stated in reader.widened:  # the axis goes that was put in for a convolution of a signal
        return reader.do("squeeze", x, (1,))
    if node.has(1) and node.known(1) is not None:
        one, two = node.pair(1)
    elif node.has(1):
        one = two = _stated(reader, node)
    else:
        one = two = node.list_of(node.options("ReshapeOptions"), "NewShape") or _stated(reader, node)
    found = []
    for target, sizes in ((one, x.sizes), (two, x.at_two or x.sizes)):
        if target.count(-1) > 1 or min(target, default=0) < -1:
            node.refuse(f"the shape {target} is none")
        found.append(for_batch([*target], sizes, reader.batch))
    return reader.do("reshape", x, pairs(tuple(found[0]), tuple(found[1])))


def _stated(reader: TfliteReader, node: TfliteOperator) -> tuple[int, ...]:
    """The shape that the file states of what an operator puts out, where it depends on values."""
    stated = reader.graph.tensors[node.outputs[0]]
    return stated.signature or stated.sizes


@rule("TRANSPOSE")
def transpose(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    return reader.do("permute", node.value(0), node.numbers(1))


@rule("SQUEEZE")
def squeeze(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    two = x.at_two or x.sizes
    named = node.list_of(node.options("SqueezeOptions"), "SqueezeDims")
    axes = tuple([node.axis(axis, len(x.sizes)) for axis in named])
    if not axes:  # the batch stays, though it is one
        axes = tuple([n for n, size in enumerate(x.sizes) if size == 1 and two[n] == 1])
    return reader.do("squeeze", x, axes) if axes else x


@rule("EXPAND_DIMS")
def expand_dims(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    return reader.do("unsqueeze", x, node.axis(node.numbers(1)[0], len(x.sizes) + 1))


@rule("CONCATENATION")
def concat(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    options = node.options("ConcatenationOptions")
    values = list(node.values())
    axis = node.axis(options.Axis(), len(values[0].sizes))
    made = values[0] if len(values) == 1 else reader.do("cat", values, axis)
    return node.activated(made, options)


@rule("PACK")
def pack(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    values = list(node.values())
    return reader.do("stack", values, node.axis(node.options("PackOptions").Axis(), len(values[0].sizes) + 1))


@rule("UNPACK")
def unpack(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    found: tuple[Value, ...] = reader.do(
        "unbind", x, node.axis(node.options("UnpackOptions").Axis(), len(x.sizes))
    )
    return found


@rule("SPLIT", "SPLIT_V")
def split(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    whole = node.word == "SPLIT"
    x = node.value(1 if whole else 0)
    axis = node.axis(node.numbers(0 if whole else 2)[0], len(x.sizes))
    count = len(node.outputs)
    if whole:
        parts = [x.sizes[axis] // count] * count
    else:
        parts = list(node.numbers(1))
        if parts.count(-1) == 1:
            parts[parts.index(-1)] = x.sizes[axis] - sum(n for n in parts if n != -1)
    if sum(parts) != x.sizes[axis] or min(parts, default=0) < 0 or len(parts) != count:
        node.refuse(f"it splits an axis of {x.sizes[axis]} into {count} parts of {parts[:20]}")
    return reader.do("split_with_sizes", x, tuple(parts), axis)


@rule("SLICE")
def part(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    (begin, _), (counts, _) = node.pair(1), node.pair(2)
    rank = len(x.sizes)
    if len(begin) != rank or len(counts) != rank:
        node.refuse(f"it takes parts of {len(begin)} axes, and there are {rank}")
    two = x.at_two or x.sizes
    for axis, (start, count) in enumerate(zip(begin, counts, strict=True)):
        size = x.sizes[axis]
        end = size if count == -1 else start + count
        if size != two[axis] and not start and end in (size, reader.batch):
            continue  # all elements of the batch
        if not 0 <= start <= end <= size:
            node.refuse(f"it takes the positions {start} to {end} of {size}")
        if (start, end) != (0, size):
            x = reader.do("slice", x, axis, start, end, 1)
    return x


@rule("STRIDED_SLICE")
def cut(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    (begin, _), (end, _), steps = node.pair(1), node.pair(2), node.numbers(3)
    found = strided(node, x.sizes, begin, end, steps)
    two = x.at_two or x.sizes
    axis = source = 0
    for one in found.parts:
        if one.new:
            x = reader.do("unsqueeze", x, axis)
            axis += 1
            continue
        size, batched = x.sizes[axis], two[source] != x.sizes[axis]
        source += 1
        if batched and not one.alone and one.step == 1 and one.start == 0:
            axis += 1
            continue
        if one.step < 0:
            if (one.start, one.end) != (size - 1, -1):
                return node.unknown()
            x = reader.do("flip", x, (axis,))
            if one.step != -1:
                x = reader.do("slice", x, axis, 0, size, -one.step)
        elif one.alone:
            x = reader.do("select", x, axis, one.start)
            continue
        elif (one.start, one.end, one.step) != (0, size, 1):
            x = reader.do("slice", x, axis, one.start, max(one.end, one.start), one.step)
        axis += 1
    return x


@rule("PAD", "PADV2", "MIRROR_PAD")
def pad(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    rank = len(x.sizes)
    pads = node.numbers(1)
    if len(pads) != 2 * rank or min(pads, default=0) < 0:
        node.refuse(f"it pads {len(pads) // 2} axes, and there are {rank}")
    sides = [(pads[2 * n], pads[2 * n + 1]) for n in range(rank)]
    padded = [n for n in range(rank) if any(sides[n])]
    if not padded:
        return x
    if node.word == "MIRROR_PAD":
        symmetric = bool(node.options("MirrorPadOptions").Mode())
        within = rank in (4, 5) and set(padded) <= set(range(1, rank - 1))
        if symmetric or not within:
            return node.unknown()
        flat = tuple([side for pair in reversed(sides[1:-1]) for side in pair])
        made = reader.do(f"reflection_pad{rank - 2}d", channels_first(reader, x), flat)
        return channels_last(reader, made)
    value = node.number(2) if node.word == "PADV2" else 0.0
    if rank in (4, 5) and set(padded) <= set(range(1, rank - 1)):
        flat = tuple([side for pair in reversed(sides[1:-1]) for side in pair])
        made = reader.do("constant_pad_nd", channels_first(reader, x), flat, value or 0.0)
        return channels_last(reader, made)
    flat = tuple([side for pair in reversed(sides[padded[0] :]) for side in pair])
    return reader.do("constant_pad_nd", x, flat, value or 0.0)


@rule("TILE")
def tile(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    return reader.do("repeat", node.value(0), node.sizes(1))


@rule("BROADCAST_TO")
def broadcast(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    targets = []
    for target, sizes in zip(node.pair(1), (x.sizes, x.at_two or x.sizes), strict=True):
        mine = (1,) * (len(target) - len(sizes)) + sizes
        targets.append(
            tuple(
                [
                    a if b == 1 or (n == 0 and b == reader.batch) else b
                    for n, (a, b) in enumerate(zip(mine, target, strict=True))
                ]
            )
        )
    return x if targets[0] == x.sizes else reader.do("expand", x, pairs(*targets))


@rule("REVERSE_V2")
def reverse(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    return reader.do("flip", x, node.axes(1, len(x.sizes)))


@rule("SPACE_TO_DEPTH", "DEPTH_TO_SPACE")
def depth(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    """Blocks of positions become channels, or channels blocks: the place in the block comes before the
    channel."""
    x = map_of(node, 0, 4)
    into = node.word == "SPACE_TO_DEPTH"
    block = node.options("SpaceToDepthOptions" if into else "DepthToSpaceOptions").BlockSize()
    batch = reader.builder.size(x, 0)
    _, height, width, channels = x.sizes
    if block < 1 or (height % block or width % block if into else channels % block**2):
        node.refuse(f"blocks of {block}x{block} do not fit {height}x{width}x{channels}")
    if into:
        apart: Any = (batch, height // block, block, width // block, block, channels)
        whole: Any = (batch, height // block, width // block, channels * block**2)
    else:
        apart = (batch, height, width, block, block, channels // block**2)
        whole = (batch, height * block, width * block, channels // block**2)
    moved = reader.do("permute", reader.do("reshape", x, apart), (0, 1, 3, 2, 4, 5))
    return reader.do("reshape", moved, whole)


@rule("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
def resize(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = map_of(node, 0, 4)
    smooth = node.word == "RESIZE_BILINEAR"
    options = node.options("ResizeBilinearOptions" if smooth else "ResizeNearestNeighborOptions")
    size = node.numbers(1) if node.known(1) is not None else reader.graph.tensors[node.outputs[0]].sizes[1:3]
    if len(size) != 2 or min(size) < 1:
        node.refuse(f"it makes a map of {size}")
    mapped = channels_first(reader, x)
    if smooth:
        made = reader.do("upsample_bilinear2d", mapped, size, bool(options.AlignCorners()))
    else:
        uneven = any(after % before for before, after in zip(x.sizes[1:3], size, strict=True))
        exact = options.HalfPixelCenters() and uneven
        made = reader.do("_upsample_nearest_exact2d" if exact else "upsample_nearest2d", mapped, size)
    return channels_last(reader, made)


@rule("GATHER")
def gather(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    options = node.options("GatherOptions")
    data, indices = node.tensor(0), node.tensor(1)
    axis = node.axis(options.Axis(), len(data.sizes))
    if options.BatchDims():
        return node.unknown()
    if not data.depends and axis == 0 and len(data.sizes) == 2 and indices.known is None:
        return reader.do("embedding", reader.weight(data), node.value(1))
    x = node.value(0)
    known = indices.known
    if known is not None and known.fixed:
        places, size = known.integers()[0], x.sizes[axis]
        if any(not 0 <= place < size for place in places):
            node.refuse(f"it takes a position outside of the {size} that there are")
        if not indices.sizes:
            return reader.do("select", x, axis, places[0])
        if len(indices.sizes) == 1 and places and places == tuple(range(places[0], places[0] + len(places))):
            return reader.do("slice", x, axis, places[0], places[-1] + 1, 1)
    if len(indices.sizes) == 1:
        return reader.do("index_select", x, axis, node.value(1))
    if not indices.sizes:
        one = reader.do("index_select", x, axis, reader.do("reshape", node.value(1), (1,)))
        return reader.do("squeeze", one, axis)
    return reader.do("index", x, (*[None] * axis, node.value(1)))
