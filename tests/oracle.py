"""Receptive fields by brute force: for each unit, the explicit set of input positions it reads.

Nothing here uses archcalc's analysis or the rules of its ops: of the graph it takes the names of
the ops, their attributes, and who reads whom. The grid is unbounded: a unit before the first or
behind the last reads positions as the others do. Axes are independent of each other, so the
sets are those of one axis. A set is a whole number with a bit for each position, which makes a
union one operation.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import floor, gcd, lcm, prod
from typing import Any

import numpy as np
from reference import rearrange

from archcalc.graph import Graph, Layer

POINTWISE = {
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "sigmoid",
    "tanh",
    "softplus",
    "hardswish",
    "hardsigmoid",
    "bn",
    "dropout",
    "add",
    "mul",
    "concat",
    "linear",
    "prelu",
    "maxout",
    "layernorm",
    "rmsnorm",
    "groupnorm",
    "instancenorm",
    "bias",
    "scale",
    "times",
    "channel_shuffle",
    "take",
    "map",
    "mish",
    "logsigmoid",
    "softsign",
    "tanhshrink",
    "softshrink",
    "hardshrink",
    "celu",
    "rrelu",
    "threshold",
    "positions",
    "embedding",
    "reshape",
    "flatten",
}
SLIDING = {"conv", "dwconv", "local", "maxpool", "avgpool", "lppool", "subsample", "im2col"}
SPREADING = {"tconv", "col2im"}
RIMS = {"zeropad", "reflectpad", "replicatepad", "circularpad"}
ENLARGING = {"upsample", "pixel_shuffle"}
RECURRENT = {"rnn", "lstm", "gru"}
# Ops whose units read all there is, of a map.
WHOLE = {"gap", "gmp", "fc", "rbf", "nms", "roi_pool", "roi_align", "attention", "flatten", "opaque"}
WHOLE |= {"grid_sample", "affine_grid"}

# A unit reads all of one axis.
LINES = {"softmax", "log_softmax", "sort", "argsort", "topk"}

# Of rows with rows: a unit reads its own row of the first, and all rows of the second.
PRODUCTS = {"matmul", "einsum"}

# The bit of position 0.
ORIGIN = 4096

# What a unit reads along an axis; None for what is at its own place.
Reader = Callable[[int], "range | list[int]"] | None


def ends(positions: int) -> tuple[int | None, int | None]:
    """First and last of a set of positions; None of an empty one."""
    if not positions:
        return None, None
    return (positions & -positions).bit_length() - 1 - ORIGIN, positions.bit_length() - 1 - ORIGIN


def per_axis(value: Any, axes: int) -> list[Any]:
    """One number for all axes, or one per axis."""
    return list(value) if isinstance(value, tuple) else [value] * axes


def sides(pad: Any, axes: int, axis: int) -> tuple[int, int]:
    """Padding in numbers, before and behind."""
    numbers = list(pad) if isinstance(pad, tuple) else [pad]
    if len(numbers) == 2 * axes:
        return numbers[2 * axis], numbers[2 * axis + 1]
    number = numbers[axis] if len(numbers) == axes else numbers[0]
    return number, number


def slide(
    n: int, kernel: int, stride: int, dilation: int, pad: Any, axes: int, axis: int, round: str
) -> tuple[int, int]:
    """Of a sliding window along an axis: padding before, and number of windows, by counting."""
    reach = max(t * dilation for t in range(kernel)) + 1
    if pad == "same":
        starts = list(range(0, n, stride))
        lacking = max(starts[-1] + reach - n, 0)
        return lacking // 2, len(starts)
    low, high = (reach // 2, reach // 2) if pad == "half" else sides(pad, axes, axis)
    count, end = 0, n + low + high
    while count * stride + reach <= end:
        count += 1
    # One more by less than a stride over the end, and not begun behind the input.
    excess = count * stride + reach - end
    if round == "ceil" and 0 < excess < stride and count * stride < n + low:
        count += 1
    return low, count


def spread_out(layer: Layer, axis: int) -> tuple[int, int, int, int]:
    """Of a transposed convolution along an axis: stride, dilation, kernel, what is cut off."""
    op: Any = layer.op
    axes = len(layer.output) - 1
    stride, dilation, kernel = (per_axis(value, axes)[axis] for value in (op.stride, op.dilation, op.kernel))
    n = layer.inputs[0].output[axis]
    # What a convolution over the output would put in front.
    low, _ = slide(n * stride, kernel, stride, dilation, op.pad, axes, axis, "floor")
    return stride, dilation, kernel, low


def resized(layer: Layer, axis: int) -> Fraction:
    """Positions that an `upsample` or a `resize` goes on from unit to unit: from the first to the last
    where corners are aligned; else given by its factor, or by sizes."""
    op: Any = layer.op
    n, m = layer.inputs[0].output[axis], layer.output[axis]
    if op.align_corners and n > 1:
        return Fraction(n - 1, m - 1) if m > 1 else Fraction(n)
    by = op.by if op.name == "resize" else None
    return 1 / Fraction(by) if by is not None else Fraction(n, m)


def interpolating(op: Any, n: int, m: int, step: Fraction) -> Reader:
    """What units read that lie at some place among the positions, by the distance within which a
    position has a weight."""

    def around(unit: int) -> list[int]:
        at = (unit + Fraction(1, 2)) * step - Fraction(1, 2)
        if op.align_corners:
            at = Fraction(unit * (n - 1), m - 1) if m > 1 else Fraction(0)
        wide = 2 if op.mode == "bicubic" else 1
        near = range(floor(at) - 3, floor(at) + 5)
        return [p for p in near if abs(p - at) < wide and (p == at or (p - at).denominator > 1)]

    return around


def has_one_spread(layer: Layer, axis: int) -> bool:
    """Whether an axis of one position of some input is spread over that of the output."""
    if layer.op.name not in ("add", "mul", "map"):
        return False
    return any(len(at.output) > 1 and at.output[axis] < layer.output[axis] for at in layer.inputs)


def along_axis(op: Any, axes: int, axis: int) -> bool:
    """Whether an op that works on one axis works on this one."""
    return bool(op.axis % (axes + 1) == axis)


class Rearranged:
    """What the units of a rearrangement read along an axis, by moving the numbers of its positions.

    Behind the last unit it goes on as from one to the next of the first part of the axis.
    """

    def __init__(self, layer: Layer, axis: int):
        op: Any = layer.op
        shape, output = layer.inputs[0].output, layer.output
        numbers = np.moveaxis(
            np.broadcast_to(np.arange(shape[axis]), (*shape[:axis], *shape[axis + 1 :], shape[axis])),
            -1,
            axis,
        )
        moved = np.moveaxis(rearrange(op, {}, numbers), axis, 0).reshape(output[axis], -1)
        self.table = [sorted({int(n) for n in row}) for row in moved]
        right = re.findall(r"\([^)]*\)|\S+", op.pattern.split("->")[1])
        first = re.findall(r"[a-z]\w*", right[axis])[0]
        sizes = {name: int(size) for name, size in re.findall(r"(\w+)=(\d+)", op.pattern)}
        for n, part in zip(shape, re.findall(r"\([^)]*\)|\S+", op.pattern.split("->")[0]), strict=True):
            names = re.findall(r"[a-z]\w*", part)
            rest = n // prod(sizes.get(name, 1) for name in names)
            sizes.update({name: rest for name in names if name not in sizes})
        self.units = output[axis] // sizes[first]
        self.moved = self.table[self.units][0] - self.table[0][0] if sizes[first] > 1 else output[axis]

    def reads(self, unit: int) -> list[int]:
        turn, place = divmod(unit, self.units)
        return [position + turn * self.moved for position in self.table[place]]


def axes_of(layer: Layer) -> int:
    """Axes of positions of a layer's output."""
    return len(layer.output) - 1


class Oracle:
    """Brute-force receptive fields of a graph's layers."""

    def __init__(self, graph: Graph):
        self.graph = graph
        # Bound methods are hashed by their object: cached for the life of the oracle.
        self.reader = cache(self._reader)
        self.readers = cache(self._readers)
        self.whole = cache(self._whole)
        self.branches_followed = cache(self._branches_followed)
        self.leading = cache(self._leading)
        self.gated = cache(self._gated)
        self.strides = cache(self._strides)
        self.period = cache(self._period)
        self.aligned = cache(self._aligned)
        self._known: dict[tuple[Layer, Layer, int], dict[int, int]] = defaultdict(dict)

    # What a layer is -------------------------------------------------------------------------

    @staticmethod
    def reads_everything(layer: Layer, branch: int = 0) -> bool:
        """Of one of its inputs."""
        name, shape = layer.op.name, layer.inputs[0].output
        vector = len(shape) == 1
        if name == "sdpa":
            op: Any = layer.op
            some = op.argument("window") or op.grid or op.causal
            return not some and (branch > 0 or len(layer.inputs) == 1)
        if name in PRODUCTS:
            return branch == 1 and len(shape) == 2
        if name in RECURRENT:
            return vector or str(layer.op.returns) in ("last", "states")  # type: ignore[attr-defined]
        if name in LINES:
            return len(shape) == 2 and layer.op.argument("axis") % 2 == 0
        if name == "reduce":
            return {*range(len(shape) - 1)} <= {
                at % len(shape) for at in per_axis(layer.op.argument("axis"), 1)
            }
        if name == "reshape":
            return layer.output[:-1] != shape[:-1]
        if name == "rearrange":
            return len(layer.output) != len(shape)
        if name.endswith("_cell"):
            return True
        of_vectors = ("fc", "rbf", "linear", "nms", "opaque", "affine_grid", "embedding_bag")
        return name in of_vectors if vector else name in WHOLE

    def _readers(self, layer: Layer, axis: int) -> list[Reader]:
        """The positions of each input that a unit reads along an axis."""
        if has_one_spread(layer, axis):
            return [
                (lambda unit: [0]) if len(at.output) > 1 and at.output[axis] < layer.output[axis] else None
                for at in layer.inputs
            ]
        if layer.op.name in PRODUCTS:
            n = layer.inputs[1].output[axis]
            last = axis == len(layer.output) - 2
            return [None, (lambda unit: range(n)) if last else None]
        if layer.op.name == "sdpa" and len(layer.inputs) > 1:
            return [None, *[self._reader(layer, axis)] * (len(layer.inputs) - 1)]
        return [self.reader(layer, axis)] * len(layer.inputs)

    @staticmethod
    def _reader(layer: Layer, axis: int) -> Reader:
        """The positions of its input that a unit reads along an axis."""
        op: Any = layer.op
        axes = len(layer.inputs[0].output) - 1
        n = layer.inputs[0].output[axis] if axes else 1
        name = op.name
        if not axes:  # a vector has no positions
            return None
        if name == "stack":
            return None
        if name in ("slice", "select", "flip", "repeat", "gather"):
            if (
                not along_axis(op, axes, axis)
                or (name == "flip" and n == 1)
                or (name == "repeat" and op.times == 1)
            ):
                return None
            if name == "slice":
                return lambda unit: [op.start % n + unit * op.step]
            if name == "select":
                return lambda unit: [op.index % n]
            if name == "flip":
                return lambda unit: [n - 1 - unit]
            if name == "gather":
                return lambda unit: range(n)
            return lambda unit: [unit // op.times if op.mode == "each" else unit % n]
        if name == "rearrange":
            return Rearranged(layer, axis).reads
        if name == "roll":
            shift = per_axis(op.shift, axes)[axis]
            return lambda unit: [unit - shift]
        if name in POINTWISE or (name == "lrn" and op.across == "channels"):
            return None
        if name in SLIDING:
            kernel, stride, dilation = (
                per_axis(value, axes)[axis] for value in (op.kernel, op.stride, op.dilation)
            )
            low, _ = slide(n, kernel, stride, dilation, op.pad, axes, axis, op.round)
            taps = [t * dilation - low for t in range(kernel)]
            return lambda unit: [unit * stride + tap for tap in taps]
        if name == "lrn":
            taps = [t - (op.size - 1) // 2 for t in range(op.size)]
            return lambda unit: [unit + tap for tap in taps]
        if name == "lcn":  # a square of squares
            square = [t - (op.size - 1) // 2 for t in range(op.size)]
            taps = sorted({a + b for a in square for b in square})
            return lambda unit: [unit + tap for tap in taps]
        if name in SPREADING:
            # Every position near enough that writes to this unit.
            stride, dilation, kernel, low = spread_out(layer, axis)
            reach = (kernel - 1) * dilation
            written = range(0, reach + 1, dilation)

            def writers(unit: int) -> list[int]:
                near = range((unit + low - reach) // stride - 1, (unit + low) // stride + 2)
                return [p for p in near if unit + low - p * stride in written]

            return writers
        if name in ENLARGING:
            factor = per_axis(op.factor, axes)[axis]
            # Between the values of an axis of one position there is only that one.
            if name == "upsample" and n > 1 and (op.align_corners or op.mode == "bicubic"):
                return interpolating(op, n, n * factor, Fraction(1, factor))
            if name == "pixel_shuffle" or op.mode == "nearest" or n == 1:
                return lambda unit: [(unit - unit % factor) // factor]

            def beside(unit: int) -> list[int]:
                # The centre of the unit among the centres of positions, of which those nearer than
                # 1 have a weight; in parts of a position of which none is broken.
                centre = 2 * unit + 1
                near = range(centre // (2 * factor) - 3, centre // (2 * factor) + 4)
                return [p for p in near if abs(centre - (2 * p + 1) * factor) < 2 * factor]

            return beside
        if name == "resize":
            scale = resized(layer, axis)
            if op.mode == "nearest" or n == 1:
                return lambda unit: [floor(unit * scale)]
            if op.align_corners or op.mode == "bicubic":
                return interpolating(op, n, layer.output[axis], scale)

            def around(unit: int) -> list[int]:
                centre = (unit + Fraction(1, 2)) * scale - Fraction(1, 2)
                near = range(floor(centre) - 1, floor(centre) + 3)
                return [p for p in near if abs(p - centre) < 1]

            return around
        if name == "pixel_unshuffle":
            return lambda unit: range(unit * op.factor, (unit + 1) * op.factor)
        if name in LINES or name in ("cumsum", "glu"):
            if op.axis % (axes + 1) != axis:
                return None
            if name == "cumsum":
                return lambda unit: range(unit + 1)
            if name == "glu":
                return lambda unit: [unit, unit + n // 2]
            return lambda unit: range(n)
        if name == "reduce":
            reduced = [at % (axes + 1) for at in per_axis(op.axis, 1)]
            return (lambda unit: range(unit * n, (unit + 1) * n)) if axis in reduced else None
        if name in RIMS:
            before = sides(op.pad, axes, axis)[0]
            return lambda unit: [unit - before]
        if name == "crop":
            first = per_axis(op.offset, axes)[axis]
            return lambda unit: [unit + first]
        if name == "class_token":
            return lambda unit: [unit - 1]
        if name == "shortcut":
            step = per_axis(op.stride, axes)[axis]
            return lambda unit: [unit * step]
        if name in RECURRENT:
            return lambda unit: range(unit + 1)  # before the first step there is nothing to read
        if name == "sdpa":
            block, grid = op.argument("window"), op.grid
            if block is not None:
                side = per_axis(block, axes)[axis]
                return lambda unit: [
                    at
                    for at in range(unit - side, unit + side + 1)
                    if at // side == unit // side and not (op.causal and at > unit)
                ]
            if grid is not None:
                apart = n // per_axis(grid, axes)[axis]
                return lambda unit: [at for at in range(n) if (at - unit) % apart == 0]
            return lambda unit: range(unit + 1)
        if name.startswith("adaptive_"):
            parts = per_axis(op.size, axes)[axis]

            def share(unit: int) -> list[int]:
                # The positions that share a stretch with this unit's part of the axis, all times
                # the number of parts.
                begin, end = unit * n, (unit + 1) * n
                near = range(begin // parts - 2, end // parts + 3)
                return [p for p in near if p * parts < end and (p + 1) * parts > begin]

            return share
        raise NotImplementedError(name)

    @staticmethod
    def step(layer: Layer, axis: int, branch: int) -> Fraction:
        """How far apart the windows of neighbouring units on an input are, on average."""
        op: Any = layer.op
        if op.name == "sdpa" and op.grid is not None and (branch > 0 or len(layer.inputs) == 1):
            return Fraction(0)
        if has_one_spread(layer, axis):
            x = layer.inputs[branch].output
            return Fraction(len(x) == 1 or x[axis] == layer.output[axis])
        if op.name in PRODUCTS:
            return Fraction(branch == 0 or axis < axes_of(layer) - 1)
        axes = len(layer.inputs[0].output) - 1
        if op.name in LINES and op.axis % (axes + 1) == axis:
            return Fraction(0)
        if op.name == "reduce":
            reduced = [at % (axes + 1) for at in per_axis(op.axis, 1)]
            return Fraction(layer.inputs[0].output[axis] if axis in reduced else 1)
        if op.name in SLIDING or op.name == "shortcut":
            return Fraction(per_axis(op.stride, axes)[axis])
        if op.name in ("resize", "upsample"):
            return resized(layer, axis)
        if op.name in ENLARGING:
            return Fraction(1, per_axis(op.factor, axes)[axis])
        if op.name == "pixel_unshuffle":
            return Fraction(op.factor)
        if op.name in SPREADING:
            return Fraction(1, per_axis(op.stride, axes)[axis])
        if axes and op.name in ("slice", "select", "flip", "repeat", "gather") and along_axis(op, axes, axis):
            if op.name == "repeat":
                whole = op.times > 1 and op.mode == "all"
                return Fraction(0) if whole else Fraction(1, op.times)
            if op.name == "flip":  # a single position stays where it is
                return Fraction(-1 if layer.output[axis] > 1 else 1)
            return Fraction(op.step if op.name == "slice" else 0)
        if op.name == "rearrange" and axes and not Oracle.reads_everything(layer):
            found = Rearranged(layer, axis)
            return Fraction(found.moved, found.units)
        if op.name.startswith("adaptive_"):
            return Fraction(layer.inputs[0].output[axis], per_axis(op.size, axes)[axis])
        return Fraction(1)

    def _branches_followed(self, layer: Layer) -> list[Layer]:
        """The inputs that count: in a product with something local, no gates."""
        sources = list(layer.inputs)
        if layer.op.name != "mul":
            return sources
        local = any(
            not whole and len(source.output) > 1 for at in sources for source, whole in self.whole(at).items()
        )
        return [at for at in sources if not (local and all(self.whole(at).values()))]

    # What it sees ----------------------------------------------------------------------------

    def _whole(self, layer: Layer) -> dict[Layer, bool]:
        """The network's inputs that it sees, and whether all of them."""
        if not layer.inputs:
            return {layer: False}
        seen: dict[Layer, bool] = {}
        for at in self.branches_followed(layer):
            for source, whole in self.whole(at).items():
                seen[source] = seen.get(source, False) or whole
        if len(layer.inputs) == 1 or layer.op.name not in ("sdpa", *PRODUCTS):
            if not self.reads_everything(layer):
                return seen
            # Of a map only a single position can be a vector and not all of it.
            vector = len(layer.inputs[0].output) == 1
            return {source: whole or not vector or len(source.output) == 1 for source, whole in seen.items()}
        for branch, at in enumerate(layer.inputs):
            if self.reads_everything(layer, branch):
                seen.update(dict.fromkeys(self.whole(at), True))
        return seen

    def _leading(self, layer: Layer, source: Layer) -> list[tuple[int, Layer]]:
        """The inputs that count and that lead to an input of the network, with their places."""
        kept = self.branches_followed(layer)
        both = enumerate(layer.inputs)
        return [(place, at) for place, at in both if at in kept and source in self.whole(at)]

    @staticmethod
    def grows(layer: Layer) -> bool:
        """Whether a unit reads more than the one before it."""
        op: Any = layer.op
        if op.name == "cumsum":
            return bool(op.axis % len(layer.output) < len(layer.output) - 1)
        return op.name in RECURRENT or (op.name == "sdpa" and op.causal and op.argument("window") is None)

    def grows_on(self, layer: Layer, branch: int) -> bool:
        """Whether that is so of one of its inputs."""
        return self.grows(layer) and (branch > 0 or len(layer.inputs) == 1)

    def _gated(self, layer: Layer) -> dict[Layer, bool]:
        left_out = len(self.branches_followed(layer)) < len(layer.inputs)
        return {
            source: left_out or any(self.gated(at).get(source, False) for at in self.branches_followed(layer))
            for source in self.whole(layer)
        }

    def reach(self, layer: Layer, source: Layer, axis: int, unit: int) -> int:
        """All positions of an input that a unit reads along an axis, through every path."""
        while layer is not source:
            known = self._known[layer, source, axis]
            found = known.get(unit)
            if found is not None:
                return found
            readers, branches = self.readers(layer, axis), self.leading(layer, source)
            if len(branches) == 1 and readers[branches[0][0]] is None:
                layer = branches[0][1]
                continue
            found = 0
            for place, at in branches:
                found |= self.through(readers[place], at, source, axis, unit)
            known[unit] = found
            return found
        return 1 << (ORIGIN + unit)

    def through(self, reader: Reader, at: Layer, source: Layer, axis: int, unit: int) -> int:
        """What a unit reads through one of its inputs."""
        found = 0
        for position in (unit,) if reader is None else reader(unit):
            found |= self.reach(at, source, axis, position)
        return found

    def _strides(self, layer: Layer, source: Layer, axis: int) -> frozenset[Fraction]:
        """The strides of all paths; the beginning of a window that grows stays where it is."""
        if layer is source:
            return frozenset([Fraction(1)])
        found = {
            self.step(layer, axis, place) * s
            for place, at in self.leading(layer, source)
            for s in self.strides(at, source, axis)
        }
        if layer.op.name == "cumsum" and layer.op.argument("axis") % len(layer.output) != axis:
            return frozenset(found)
        grows = any(self.grows_on(layer, at) for at, _ in self.leading(layer, source))
        return frozenset({*found, Fraction(0)} if grows else found)

    def _period(self, layer: Layer, axis: int) -> int:
        """A number of units after which all repeats, if only the strides agree."""
        period = lcm(*[self.period(at, axis) for at in layer.inputs if len(at.output) > 1])
        op: Any = layer.op
        axes = len(layer.output) - 1
        units = moved = 1  # after so many units a layer reads the same, so many positions on
        if op.name in SLIDING or op.name == "shortcut":
            moved = per_axis(op.stride, axes)[axis]
        elif op.name.startswith("adaptive_"):
            n, o = layer.inputs[0].output[axis], layer.output[axis]
            units, moved = o // gcd(n, o), n // gcd(n, o)
        elif op.name in ("resize", "upsample"):
            scale = resized(layer, axis)
            units, moved = scale.denominator, scale.numerator
        elif op.name == "reduce":
            moved = int(self.step(layer, axis, 0))
        elif op.name == "pixel_unshuffle":
            moved = op.factor
        elif op.name in ("slice", "select", "flip", "repeat", "gather"):
            if axes and along_axis(op, axes, axis):
                n = layer.inputs[0].output[axis]
                if op.name == "repeat":
                    whole = op.times > 1 and op.mode == "all"
                    units, moved = (n, 0) if whole else (op.times, 1)
                elif op.name != "flip":
                    moved = op.step if op.name == "slice" else 0
        elif op.name == "rearrange" and axes and not self.reads_everything(layer):
            found = Rearranged(layer, axis)
            units, moved = found.units, found.moved
        elif op.name == "sdpa" and op.argument("window") is not None:
            units = moved = per_axis(op.argument("window"), axes)[axis]
        elif op.name == "sdpa" and op.grid is not None:
            units, moved = layer.output[axis] // per_axis(op.grid, axes)[axis], 0
        elif op.name in SPREADING:
            units = per_axis(op.stride, axes)[axis]
        elif op.name in ENLARGING:
            units = per_axis(op.factor, axes)[axis]
        return units * period // gcd(period, moved)

    def _aligned(self, layer: Layer, source: Layer) -> bool:
        if layer is source or len(source.output) == 1:
            return True
        branches = self.leading(layer, source)
        if any(self.grows_on(layer, at) for at, _ in branches) or not all(
            self.aligned(at, source) for _, at in branches
        ):
            return False
        for axis in range(len(source.output) - 1):
            steps = [
                frozenset(self.step(layer, axis, place) * s for s in self.strides(at, source, axis))
                for place, at in branches
            ]
            if len(set(steps)) > 1:
                return False
            readers = self.readers(layer, axis)
            for unit in range(self.period(layer, axis)) if len(branches) > 1 else ():
                seen = [ends(self.through(readers[place], at, source, axis, unit)) for place, at in branches]
                # What sees nothing has no centre.
                if len({low + high for low, high in seen if None not in (low, high)}) > 1:
                    return False
        return True

    def extent(self, layer: Layer) -> dict[Layer, dict[str, object]]:
        """The JSON of the receptive field in each input."""
        result: dict[Layer, dict[str, object]] = {}
        for source, whole in self.whole(layer).items():
            axes = len(source.output) - 1
            sizes: list[int] = []
            strides: list[int | str | None] = []
            starts: list[int | None] = []
            for axis in range(axes):
                if whole:
                    sizes.append(source.output[axis])
                    strides.append(None)
                    starts.append(0)
                    continue
                steps = self.strides(layer, source, axis)
                one = (next(iter(steps)) or None) if len(steps) == 1 else None
                units = layer.output[axis] if one is None else self.period(layer, axis)
                windows = [ends(self.reach(layer, source, axis, unit)) for unit in range(units)]
                sizes.append(max(0 if a is None or b is None else b - a + 1 for a, b in windows))
                strides.append(None if one is None else int(one) if one.denominator == 1 else str(one))
                starts.append(windows[0][0])
            result[source] = {
                "size": sizes,
                "stride": strides,
                "start": starts,
                "aligned": whole or self.aligned(layer, source),
                "global": whole,
                "gated": self.gated(layer)[source],
            }
        return result
