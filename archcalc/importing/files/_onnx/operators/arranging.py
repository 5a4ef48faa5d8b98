"""Operators that move values about: shapes, orders, parts, rims, joins, and sizes of maps."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from ....operations.recording import Value
from ..._known import for_batch, product
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from ..tensors import pairs


@rule("Flatten")
def flatten(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    axis = node.int("axis", 1)
    axis = axis + len(x.sizes) if axis < 0 else axis
    if axis == 1 and len(x.sizes) > 1:
        return reader.do("flatten", x, 1, -1)
    one, two = x.sizes, x.at_two or x.sizes
    target = pairs((product(one[:axis]), product(one[axis:])), (product(two[:axis]), product(two[axis:])))
    return reader.do("reshape", x, target)


@rule("Reshape")
def reshape(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    one, two = (node.ints("shape"),) * 2 if node.version < 5 else node.pair(1)
    zero = not node.int("allowzero")
    found = []
    for target, sizes in ((one, x.sizes), (two, x.at_two or x.sizes)):
        filled = [
            sizes[n] if size == 0 and zero and n < len(sizes) else size for n, size in enumerate(target)
        ]
        if filled.count(-1) > 1 or min(filled, default=0) < -1:
            node.refuse(f"the shape {target} is none")
        found.append(for_batch(filled, sizes, reader.batch))
    return reader.do("reshape", x, pairs(tuple(found[0]), tuple(found[1])))


@rule("Transpose")
def transpose(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    order = node.ints("perm") or tuple(range(len(x.sizes)))[::-1]
    return reader.do("permute", x, order)


@rule("Concat")
def concat(reader: OnnxReader, node: OnnxNode) -> Outputs:
    values = list(node.values())
    axis = node.int("axis", 1)
    return values[0] if len(values) == 1 else reader.do("cat", values, axis)


@rule("Split")
def split(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, axis, count = node.value(0), node.int("axis"), len(node.outputs)
    parts = node.ints("split")
    if node.version >= 13 and node.has(1):
        parts = node.numbers(1)
    if not parts:
        each = -(-x.sizes[axis] // count)
        parts = tuple([min(each, x.sizes[axis] - n * each) for n in range(count)])
    return reader.do("split_with_sizes", x, parts, axis)


@rule("Slice")
def cut(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.written(0)
    if node.version < 10:
        starts, ends = ((n, n) for n in (node.ints("starts"), node.ints("ends")))
        axes = node.ints("axes") or tuple(range(len(starts[0])))
        steps: tuple[int, ...] = (1,) * len(axes)
    else:
        starts, ends = node.pair(1), node.pair(2)
        axes = node.numbers(3) if node.has(3) else tuple(range(len(starts[0])))
        steps = node.numbers(4) if node.has(4) else (1,) * len(axes)
    two = x.at_two or x.sizes
    for n, (axis, step) in enumerate(zip(axes, steps, strict=True)):
        if step < 0:
            whole = starts[0][n] in (-1, x.sizes[axis] - 1) or starts[0][n] >= x.sizes[axis]
            if step != -1 or not whole or ends[0][n] > -x.sizes[axis]:
                return node.unknown()
            x = reader.do("flip", x, (axis,))
            continue
        first = [
            max(0, min(s[n] + size if s[n] < 0 else s[n], size)) for s, size in _sides(starts, x, two, axis)
        ]
        last = [
            max(0, min(e[n] + size if e[n] < 0 else e[n], size)) for e, size in _sides(ends, x, two, axis)
        ]
        if first == [0, 0] and step == 1 and last == [x.sizes[axis], two[axis]]:
            continue
        begin, end = (pairs((both[0],), (both[1],))[0] for both in (first, last))
        x = reader.do("slice", x, axis, begin, end, step)
    return x


def _sides(
    both: tuple[tuple[int, ...], tuple[int, ...]], x: Value, two: tuple[int, ...], axis: int
) -> list[tuple[tuple[int, ...], int]]:
    return [(both[0], x.sizes[axis]), (both[1], two[axis])]


@rule("Pad")
def pad(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    rank = len(x.sizes)
    mode = node.text("mode", "constant")
    if node.version < 11:
        pads = node.ints("pads") or node.ints("paddings")
        value: float | None = node.float("value", 0.0)
    else:
        pads, value = node.numbers(1), node.number(2) if node.has(2) else 0.0
    axes = [n % rank for n in node.numbers(3)] if node.has(3) else list(range(rank))
    if len(pads) != 2 * len(axes):
        node.refuse(f"it pads {len(axes)} axes, with {len(pads)} numbers")
    sides = [(0, 0)] * rank
    for n, axis in enumerate(axes):
        sides[axis] = (pads[n], pads[n + len(axes)])
    padded = [n for n in range(rank) if any(sides[n])]
    if not padded:
        return x
    flat = tuple([side for pair in reversed(sides[padded[0] :]) for side in pair])
    if mode == "constant" and value == 0 and padded[0] > 1:
        reader.rims[node.outputs[0]] = x, tuple(sides[2:])
    if mode == "constant":
        return reader.do("constant_pad_nd", x, flat, 0.0 if value is None else value)
    word = {"reflect": "reflection_pad", "edge": "replication_pad"}.get(mode)
    if word is not None and len(flat) <= 2 * (rank - 2) <= 6:
        flat += (0,) * (2 * (rank - 2) - len(flat))
        return reader.do(f"{word}{rank - 2}d", x, flat)
    if mode == "wrap":
        return reader.do("pad", x, flat, "circular", None)
    return node.unknown()


def axes_of(node: OnnxNode, since: int) -> tuple[int, ...]:
    """The axes that a node states: an attribute before a version, an input from it on; none for all."""
    if node.version >= since:
        return node.numbers(1) if node.has(1) else ()
    return node.ints("axes")


@rule("Squeeze")
def squeeze(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    axes = axes_of(node, 13)
    if not axes:  # the batch stays, though it is one
        two = x.at_two or x.sizes
        axes = tuple([n for n, size in enumerate(x.sizes) if size == 1 and two[n] == 1])
    cut = x.operation
    if len(axes) == 1 and cut is not None and cut.name == "slice" and x.sizes[axes[0]] == 1:
        # One position that is cut out, and whose axis then goes.
        given, rank = cut.arguments, len(x.sizes)
        if given["dim"] % rank == axes[0] % rank and isinstance(given["start"], int):
            return reader.do("select", given["self"], axes[0], given["start"])
    return reader.do("squeeze", x, axes) if axes else x


@rule("Unsqueeze")
def unsqueeze(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    axes = axes_of(node, 13)
    rank = len(x.sizes) + len(axes)
    for axis in sorted([axis % rank for axis in axes]):
        x = reader.do("unsqueeze", x, axis)
    return x


@rule("Expand")
def expand(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    targets = []
    for target, sizes in zip(node.pair(1), (x.sizes, x.at_two or x.sizes), strict=True):
        rank = max(len(target), len(sizes))
        mine, its = (1,) * (rank - len(sizes)) + sizes, (1,) * (rank - len(target)) + target
        if len(sizes) == rank and its[0] == reader.batch > 1:
            its = (1, *its[1:])
        targets.append(tuple([a if b == 1 else b for a, b in zip(mine, its, strict=True)]))
    if targets[0] == x.sizes:
        return x
    return reader.do("expand", x, pairs(*targets))


_REDUCTIONS = {"ReduceMean": "mean", "ReduceSum": "sum", "ReduceMax": "amax", "ReduceMin": "amin"}


@rule(
    *_REDUCTIONS, "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare", "ReduceLogSum"
)
def reduce(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, kept = node.value(0), bool(node.int("keepdims", 1))
    axes = axes_of(node, 13 if node.operator == "ReduceSum" else 18)
    if not axes:
        if node.int("noop_with_empty_axes"):
            return x
        axes = tuple(range(len(x.sizes)))
    axes = tuple(sorted([axis % max(len(x.sizes), 1) for axis in axes]))
    name = node.operator
    if name in _REDUCTIONS:
        return reader.do(_REDUCTIONS[name], x, axes, kept)
    if name == "ReduceLogSumExp":
        return reader.do("logsumexp", x, axes, kept)
    if name in ("ReduceL1", "ReduceL2"):
        return reader.do("linalg_vector_norm", x, int(name[-1]), axes, kept)
    if name == "ReduceProd":
        for axis in reversed(axes):
            x = reader.do("prod.dim_int", x, axis, kept)
        return x
    inner = reader.do("mul", x, x) if name == "ReduceSumSquare" else x
    made = reader.do("sum", inner, axes, kept)
    return reader.do("log", made) if name == "ReduceLogSum" else made


@rule("DepthToSpace")
def depth_to_space(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, block = node.value(0), node.int("blocksize", 1)
    if node.text("mode", "DCR") == "CRD":
        return reader.do("pixel_shuffle", x, block)
    _, channels, height, width = x.sizes
    batch = reader.builder.size(x, 0)
    split = reader.do("reshape", x, (batch, block, block, channels // block**2, height, width))
    moved = reader.do("permute", split, (0, 3, 4, 1, 5, 2))
    return reader.do("reshape", moved, (batch, channels // block**2, height * block, width * block))


@rule("SpaceToDepth")
def space_to_depth(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, block = node.value(0), node.int("blocksize", 1)
    _, channels, height, width = x.sizes
    batch = reader.builder.size(x, 0)
    split = reader.do("reshape", x, (batch, channels, height // block, block, width // block, block))
    moved = reader.do("permute", split, (0, 3, 5, 1, 2, 4))
    return reader.do("reshape", moved, (batch, channels * block**2, height // block, width // block))


@rule("Resize", "Upsample")
def resize(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    rank = len(x.sizes)
    upsample = node.operator == "Upsample"
    at_scales, at_sizes = (1, 9) if upsample or node.version < 11 else (2, 3)
    factors: tuple[float, ...] = node.floats("scales") if upsample and node.version < 9 else ()
    sizes: tuple[int, ...] = ()
    known = node.known(at_scales)
    if known is not None and known.one.size:
        factors = tuple([float(n) for n in known.one.reshape(-1)])
    elif node.has(at_sizes) and node.known(at_sizes) is not None:
        sizes = node.pair(at_sizes)[0]
    elif not factors:
        node.refuse("the sizes that it gives depend on values, and are not known")
    axes = [n % rank for n in node.ints("axes")] or list(range(rank))
    wanted = list(x.sizes)
    for n, axis in enumerate(axes):
        wanted[axis] = sizes[n] if sizes else int(x.sizes[axis] * factors[n])
    policy = node.text("keep_aspect_ratio_policy", "stretch")
    if sizes and policy != "stretch":
        # One factor for all axes that it names: the smallest, or the largest.
        least = {"not_larger": min, "not_smaller": max}.get(policy)
        if least is None:
            node.refuse(f"there is no keep_aspect_ratio_policy {policy}")
        factor = least([Fraction(wanted[axis], x.sizes[axis]) for axis in axes])
        for axis in axes:
            wanted[axis] = floor(factor * x.sizes[axis] + Fraction(1, 2))
    spatial = rank - 2
    if wanted[1] != x.sizes[1] or not 1 <= spatial <= 3:
        return node.unknown()
    mode = node.text("mode", "nearest")
    where = node.text("coordinate_transformation_mode", "half_pixel" if not upsample else "asymmetric")
    ends = where == "align_corners"
    given = (x, tuple(wanted[2:]))
    if where == "tf_crop_and_resize" or node.int("antialias"):
        return node.unknown()
    scales = {}
    if factors and not ends and len(factors) == len(axes):
        by_axis = dict(zip(axes, factors, strict=True))
        words = {1: ("scales",), 2: ("scales_h", "scales_w"), 3: ("scales_d", "scales_h", "scales_w")}[
            spatial
        ]
        scales = {word: by_axis.get(2 + n) for n, word in enumerate(words)}
    if mode == "nearest":
        exact = where in ("half_pixel", "pytorch_half_pixel") and any(
            after % before for before, after in zip(x.sizes[2:], wanted[2:], strict=True)
        )
        if exact and spatial == 2:
            return reader.do("_upsample_nearest_exact2d", *given)
        return reader.do(f"upsample_nearest{spatial}d", *given, **scales)
    if mode == "cubic" and spatial == 2:
        return reader.do("upsample_bicubic2d", *given, ends, **scales)
    if mode not in ("linear", "bilinear"):
        return node.unknown()
    word = {1: "upsample_linear1d", 2: "upsample_bilinear2d", 3: "upsample_trilinear3d"}[spatial]
    return reader.do(word, *given, ends, **scales)
