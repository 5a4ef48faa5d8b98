"""Receptive fields by brute force: for each unit, the explicit set of input positions it reads.

Nothing here uses archcalc's analysis or the rules of its ops: of the graph it takes the names of
the ops, their attributes, and who reads whom. The grid is unbounded: a unit before the first or
behind the last reads positions as the others do. Axes are independent of each other, so the
sets are those of one axis.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import gcd, lcm
from typing import Any

from archcalc.graph import Graph, Layer

POINTWISE = {
    "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "sigmoid", "tanh", "softplus",
    "hardswish", "hardsigmoid", "softmax", "bn", "dropout", "add", "mul", "concat", "linear",
    "prelu", "maxout", "layernorm", "groupnorm", "instancenorm", "bias", "scale", "times",
    "channel_shuffle",
}  # fmt: skip
SLIDING = {"conv", "dwconv", "local", "maxpool", "avgpool", "lppool", "subsample"}
ENLARGING = {"upsample", "pixel_shuffle"}


def per_axis(value: Any, axes: int) -> list[Any]:
    """One number for all axes, or one an axis."""
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
    if round == "floor":
        while count * stride + reach <= end:
            count += 1
    else:  # by less than a stride over the end, and not begun behind the input
        while count * stride + reach < end + stride and count * stride < n + low:
            count += 1
    return low, count


def spread_out(layer: Layer, axis: int) -> tuple[int, int, int, int]:
    """Of a transposed convolution along an axis: stride, dilation, kernel, what is cut off."""
    op: Any = layer.op
    axes = len(layer.output) - 1
    stride, dilation, kernel = (
        per_axis(value, axes)[axis] for value in (op.stride, op.dilation, op.kernel)
    )
    n = layer.inputs[0].output[axis]
    # What a convolution over the output would put in front.
    low, _ = slide(n * stride, kernel, stride, dilation, op.pad, axes, axis, "floor")
    return stride, dilation, kernel, low


class Oracle:
    """Brute-force receptive fields of a graph's layers."""

    def __init__(self, graph: Graph):
        self.graph = graph
        # Bound methods are hashed by their object: cached for the life of the oracle.
        self.reach = cache(self._reach)
        self.whole = cache(self._whole)
        self.gated = cache(self._gated)
        self.strides = cache(self._strides)
        self.period = cache(self._period)
        self.aligned = cache(self._aligned)

    # What a layer is -------------------------------------------------------------------------

    @staticmethod
    def reads_everything(layer: Layer) -> bool:
        name = layer.op.name
        if name in ("gap", "gmp", "fc", "rbf", "nms", "roi_pool", "roi_align"):
            return True
        if name == "reshape":
            return layer.output[:-1] != layer.inputs[0].output[:-1]
        vector = len(layer.inputs[0].output) == 1
        return (name == "flatten" and not vector) or (name == "linear" and vector)

    @staticmethod
    def window(layer: Layer, axis: int, unit: int) -> list[int]:
        """The positions of its input that a unit reads along an axis."""
        op: Any = layer.op
        axes = len(layer.inputs[0].output) - 1
        n = layer.inputs[0].output[axis] if axes else 1
        if op.name in POINTWISE or op.name == "reshape":
            return [unit]
        if op.name in SLIDING:
            kernel = per_axis(op.kernel, axes)[axis]
            stride = per_axis(op.stride, axes)[axis]
            dilation = per_axis(op.dilation, axes)[axis]
            low, _ = slide(n, kernel, stride, dilation, op.pad, axes, axis, op.round)
            return [unit * stride - low + t * dilation for t in range(kernel)]
        if op.name == "lrn":
            if op.across == "channels":
                return [unit]
            return [unit - (op.size - 1) // 2 + t for t in range(op.size)]
        if op.name == "tconv":
            # Every position near enough that writes to this unit.
            stride, dilation, kernel, low = spread_out(layer, axis)
            reach = (kernel - 1) * dilation
            near = range((unit + low - reach) // stride - 1, (unit + low) // stride + 2)
            written = range(0, reach + 1, dilation)
            return [p for p in near if unit + low - p * stride in written]
        if op.name == "lcn":  # a square of squares
            square = [t - (op.size - 1) // 2 for t in range(op.size)]
            return sorted({unit + a + b for a in square for b in square})
        if op.name in ENLARGING:
            factor = per_axis(op.factor, axes)[axis]
            if op.name == "pixel_shuffle" or op.mode == "nearest":
                return [(unit - unit % factor) // factor]
            # The centre of the unit among the centres of positions, of which those nearer than 1
            # have a weight.
            centre = Fraction(2 * unit + 1, 2 * factor)
            near = range(int(centre) - 3, int(centre) + 4)
            return [p for p in near if abs(centre - p - Fraction(1, 2)) < 1]
        if op.name == "zeropad":
            return [unit - sides(op.pad, axes, axis)[0]]
        if op.name == "crop":
            return [unit + per_axis(op.offset, axes)[axis]]
        if op.name == "shortcut":
            return [unit * per_axis(op.stride, axes)[axis]]
        if op.name.startswith("adaptive_"):
            # The positions that share a stretch with this unit's part of the axis.
            part = Fraction(n, per_axis(op.size, axes)[axis])
            begin, end = unit * part, (unit + 1) * part
            near = range(int(begin) - 2, int(end) + 3)
            return [p for p in near if p < end and p + 1 > begin]
        raise NotImplementedError(op.name)

    def stride(self, layer: Layer, axis: int) -> Fraction:
        """How far apart the windows of neighbouring units are, on average."""
        op: Any = layer.op
        axes = len(layer.inputs[0].output) - 1
        if op.name in SLIDING or op.name == "shortcut":
            return Fraction(per_axis(op.stride, axes)[axis])
        if op.name in ENLARGING:
            return Fraction(1, per_axis(op.factor, axes)[axis])
        if op.name == "tconv":
            return Fraction(1, per_axis(op.stride, axes)[axis])
        if op.name.startswith("adaptive_"):
            return Fraction(layer.inputs[0].output[axis], per_axis(op.size, axes)[axis])
        return Fraction(1)

    def followed(self, layer: Layer) -> list[Layer]:
        """The inputs that count: in a product with something local, no gates."""
        sources = list(layer.inputs)
        if layer.op.name != "mul":
            return sources
        local = any(
            not whole and len(source.output) > 1
            for at in sources
            for source, whole in self.whole(at).items()
        )
        return [at for at in sources if not (local and all(self.whole(at).values()))]

    # What it sees ----------------------------------------------------------------------------

    def _whole(self, layer: Layer) -> dict[Layer, bool]:
        """The network's inputs that it sees, and whether all of them."""
        if not layer.inputs:
            return {layer: False}
        seen: dict[Layer, bool] = {}
        for at in self.followed(layer):
            for source, whole in self.whole(at).items():
                seen[source] = seen.get(source, False) or whole
        return dict.fromkeys(seen, True) if self.reads_everything(layer) else seen

    def _gated(self, layer: Layer) -> dict[Layer, bool]:
        left_out = len(self.followed(layer)) < len(layer.inputs)
        return {
            source: left_out
            or any(self.gated(at).get(source, False) for at in self.followed(layer))
            for source in self.whole(layer)
        }

    def _reach(self, layer: Layer, source: Layer, axis: int, unit: int) -> frozenset[int]:
        """All positions of an input that a unit reads along an axis, through every path."""
        if layer is source:
            return frozenset([unit])
        found: set[int] = set()
        for position in self.window(layer, axis, unit):
            for at in self.followed(layer):
                if source in self.whole(at):
                    found |= self.reach(at, source, axis, position)
        return frozenset(found)

    def _strides(self, layer: Layer, source: Layer, axis: int) -> frozenset[Fraction]:
        """The strides of all paths."""
        if layer is source:
            return frozenset([Fraction(1)])
        mine = self.stride(layer, axis)
        branches = [at for at in self.followed(layer) if source in self.whole(at)]
        return frozenset(
            mine * stride for at in branches for stride in self.strides(at, source, axis)
        )

    def _period(self, layer: Layer, axis: int) -> int:
        """A number of units after which all repeats, if only the strides agree."""
        period = lcm(*[self.period(at, axis) for at in layer.inputs if len(at.output) > 1])
        if layer.op.name.startswith("adaptive_"):
            n, o = layer.inputs[0].output[axis], layer.output[axis]
            period *= o // gcd(n, o)
        op: Any = layer.op
        if op.name == "tconv":
            period *= per_axis(op.stride, len(layer.output) - 1)[axis]
        if op.name in ENLARGING:
            period *= per_axis(op.factor, len(layer.output) - 1)[axis]
        return period

    def _aligned(self, layer: Layer, source: Layer) -> bool:
        if layer is source:
            return True
        branches = [at for at in self.followed(layer) if source in self.whole(at)]
        if not all(self.aligned(at, source) for at in branches):
            return False
        for axis in range(len(source.output) - 1):
            if len({self.strides(at, source, axis) for at in branches}) > 1:
                return False
            for unit in range(self.period(layer, axis)) if len(branches) > 1 else ():
                reach = [self.reach(at, source, axis, unit) for at in branches]
                ends = [end for end in reach if end]  # what sees nothing has no centre
                if len({min(end) + max(end) for end in ends}) > 1:
                    return False
        return True

    def extent(self, layer: Layer) -> dict[Layer, dict[str, object]]:
        """The JSON of the receptive field in each input."""
        result: dict[Layer, dict[str, object]] = {}
        for source, whole in self.whole(layer).items():
            axes = len(source.output) - 1
            sizes, strides, starts = [], [], []
            for axis in range(axes):
                if whole:
                    sizes.append(source.output[axis])
                    strides.append(None)
                    starts.append(0)
                    continue
                steps = self.strides(layer, source, axis)
                one = next(iter(steps)) if len(steps) == 1 else None
                units = layer.output[axis] if one is None else self.period(layer, axis)
                windows = [self.reach(layer, source, axis, unit) for unit in range(units)]
                sizes.append(max(max(w) - min(w) + 1 if w else 0 for w in windows))
                strides.append(
                    None if one is None else int(one) if one.denominator == 1 else str(one)
                )
                starts.append(min(windows[0], default=None))
            result[source] = {
                "size": sizes,
                "stride": strides,
                "start": starts,
                "aligned": whole or self.aligned(layer, source),
                "global": whole,
                "gated": self.gated(layer)[source],
            }
        return result
