"""Operators that slide a window over a map: convolutions and pools."""

from __future__ import annotations

from collections.abc import Sequence

from .....arithmetic import value_of
from .....ops.window import CEIL, FLOOR, Window, fitting
from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule


class SlidingWindow:
    """How the window of a node slides.

    Attributes:
        kernel: Its sizes, axis by axis.
        stride: Its steps.
        dilation: How far apart its positions are.
        low: The padding before each axis.
        high: The padding behind each axis.
    """

    __slots__ = ("kernel", "stride", "dilation", "low", "high")

    def __init__(self, node: OnnxNode, sizes: Sequence[int], kernel: Sequence[int]):
        axes = len(sizes)
        self.kernel = tuple(kernel)
        self.stride = node.ints("strides") or (1,) * axes
        self.dilation = node.ints("dilations") or (1,) * axes
        pads = node.ints("pads") or (0,) * (2 * axes)
        if not len(self.kernel) == len(self.stride) == len(self.dilation) == axes or len(pads) != 2 * axes:
            node.refuse(f"its window does not have the {axes} axes of what it reads")
        if min(*self.stride, *self.kernel, *self.dilation) < 1:
            node.refuse("a size or step of its window is below 1")
        self.low, self.high = pads[:axes], pads[axes:]
        auto = node.text("auto_pad", "NOTSET")
        if auto == "VALID":
            self.low = self.high = (0,) * axes
        elif auto in ("SAME_UPPER", "SAME_LOWER"):
            both = [
                max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
                for n, k, s, d in zip(sizes, self.kernel, self.stride, self.dilation, strict=True)
            ]
            less, more = tuple([n // 2 for n in both]), tuple([n - n // 2 for n in both])
            self.low, self.high = (less, more) if auto == "SAME_UPPER" else (more, less)
        elif auto not in ("NOTSET", ""):
            node.refuse(f"there is no auto_pad {auto}")

    def leave_out_unread(self, sizes: Sequence[int]) -> None:
        """Take away the padding behind each axis that no window reaches, where positions are rounded down."""
        high = []
        axes = zip(sizes, self.low, self.high, self.kernel, self.dilation, self.stride, strict=True)
        for n, before, behind, k, d, s in axes:
            rest = (n + before + behind - (k - 1) * d - 1) % s
            high.append(max(behind - rest, 0) if behind > 0 else behind)
        self.high = tuple(high)

    @property
    def even(self) -> bool:
        """Whether there is as much padding before each axis as behind it."""
        return self.low == self.high and min(self.low, default=0) >= 0

    def sides(self, axes: Sequence[int] | None = None) -> tuple[int, ...]:
        """The padding as PyTorch has it: of the last axis first, before and behind."""
        found: list[int] = []
        for low, high in zip(reversed(self.low), reversed(self.high), strict=True):
            found += [low, high]
        return tuple(found)


def spatial(node: OnnxNode, x: Value) -> tuple[int, ...]:
    """The sizes of the axes of a map behind batch and channels, one, two or three of them."""
    sizes = x.sizes[2:]
    if not 1 <= len(sizes) <= 3:
        node.refuse(f"a window over {len(sizes)} axes is not known")
    return sizes


@rule("Conv")
def conv(reader: OnnxReader, node: OnnxNode) -> Outputs:
    weight, bias = node.weight(1), node.bias(2)
    if bias is None or reader.belong(node.tensor(1), node.tensor(2)):
        return convolved(reader, node, node.value(0), weight, bias)
    made = convolved(reader, node, node.value(0), weight, None)
    return reader.do("add", made, reader.do("reshape", bias, (-1, *[1] * (len(made.sizes) - 2))))


def convolved(
    reader: OnnxReader, node: OnnxNode, x: Value, weight: Value | None, bias: Value | None
) -> Outputs:
    """A convolution of a map with a weight and a bias, wherever its node has these."""
    sizes = spatial(node, x)
    if weight is None:
        node.refuse("it has no weight")
    if len(weight.sizes) != len(x.sizes):
        node.refuse("its weight does not have the axes of what it reads")
    window = SlidingWindow(node, sizes, node.ints("kernel_shape") or weight.sizes[2:])
    if window.kernel != weight.sizes[2:]:
        node.refuse(f"its window is {window.kernel}, and its weight has {weight.sizes[2:]}")
    pad = window.low
    if not window.even:
        x, pad = reader.do("constant_pad_nd", x, window.sides(), 0), (0,) * len(sizes)
    return reader.do(
        f"conv{len(sizes)}d", x, weight, bias, window.stride, pad, window.dilation, node.int("group", 1)
    )


@rule("CausalConvWithState")
def causal_convolution(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """A depthwise convolution along the steps that reads none behind its own, and the last steps that the
    next call goes on from."""
    x, weight, bias = node.value(0), node.weight(1), node.weight(2)
    if weight is None or len(weight.sizes) != 3 or len(x.sizes) != 3:
        node.refuse("it has no weight of three axes, or reads something else than channels of steps")
    before = weight.sizes[2] - 1
    word = node.text("activation", "none")
    if word not in ("none", "silu", "swish"):
        return node.unknown()
    if node.has(3):
        x = reader.do("cat", (node.value(3), x), 2)
    elif before:
        x = reader.do("constant_pad_nd", x, (before, 0), 0)
    made = reader.do("conv1d", x, weight, bias, 1, 0, 1, weight.sizes[0])
    made = made if word == "none" else reader.do("silu", made)
    if len(node.outputs) < 2 or not node.outputs[1]:
        return made
    return made, reader.do("slice", x, 2, x.sizes[2] - before, x.sizes[2], 1)


@rule("ConvTranspose")
def conv_transpose(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, weight, bias = node.value(0), node.weight(1), node.bias(2)
    sizes = spatial(node, x)
    axes = len(sizes)
    if weight is None:
        node.refuse("it has no weight")
    if len(weight.sizes) != len(x.sizes):
        node.refuse("its weight does not have the axes of what it reads")
    kernel = node.ints("kernel_shape") or weight.sizes[2:]
    stride = node.ints("strides") or (1,) * axes
    dilation = node.ints("dilations") or (1,) * axes
    more = node.ints("output_padding") or (0,) * axes
    pads = node.ints("pads") or (0,) * (2 * axes)
    low, high = list(pads[:axes]), list(pads[axes:])
    auto = node.text("auto_pad", "NOTSET")
    wanted = node.ints("output_shape")[-axes:]
    if auto in ("SAME_UPPER", "SAME_LOWER") and not wanted:
        wanted = tuple([n * s for n, s in zip(sizes, stride, strict=True)])
    full = [
        (n - 1) * s + (k - 1) * d + 1 + o
        for n, s, k, d, o in zip(sizes, stride, kernel, dilation, more, strict=True)
    ]
    if auto == "VALID":
        low, high = [0] * axes, [0] * axes
    elif wanted:
        total = [f - w for f, w in zip(full, wanted, strict=True)]
        half = [n // 2 for n in total]
        rest = [n - n // 2 for n in total]
        low, high = (half, rest) if auto != "SAME_LOWER" else (rest, half)
        if auto == "NOTSET":
            low, high = rest, half
    # What is cut off behind an axis and not before it makes the output shorter than PyTorch's own padding.
    even = [min(a, b) for a, b in zip(low, high, strict=True)]
    even = [max(n, 0) for n in even]
    made = reader.do(
        f"conv_transpose{axes}d", x, weight, bias, stride, tuple(even), more, node.int("group", 1), dilation
    )
    for axis in range(axes):
        before, behind = low[axis] - even[axis], high[axis] - even[axis]
        if before or behind:
            size = made.sizes[2 + axis]
            if before < 0 or behind < 0:
                sides = [0] * (2 * axes)
                sides[2 * (axes - 1 - axis)], sides[2 * (axes - 1 - axis) + 1] = (
                    -min(before, 0),
                    -min(behind, 0),
                )
                made = reader.do("constant_pad_nd", made, tuple(sides), 0)
                before, behind, size = max(before, 0), max(behind, 0), made.sizes[2 + axis]
            if before or behind:
                made = reader.do("slice", made, 2 + axis, before, size - behind, 1)
    return made


def _ceiled(node: OnnxNode, window: SlidingWindow, sizes: Sequence[int]) -> bool:
    """Whether a pool rounds up, where that makes a difference: a window that begins in the padding behind the
    map is left out by PyTorch, and by ONNX since version 22 too."""
    return bool(node.int("ceil_mode")) and any(
        (n + low + high - (k - 1) * d - 1) % s
        for n, low, high, k, d, s in zip(
            sizes, window.low, window.high, window.kernel, window.dilation, window.stride, strict=True
        )
    )


def _padding(window: SlidingWindow) -> tuple[int, ...]:
    """The padding of a pool: a number for each axis, or for each side where PyTorch could not have it."""
    if window.even and all(2 * p <= k for p, k in zip(window.low, window.kernel, strict=True)):
        return window.low
    return tuple([side for pair in zip(window.low, window.high, strict=True) for side in pair])


@rule("MaxPool")
def max_pool(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    sizes = spatial(node, x)
    window = SlidingWindow(node, sizes, node.ints("kernel_shape"))
    ceil = _ceiled(node, window, sizes)
    name = f"max_pool{len(sizes)}d"
    if len(node.outputs) > 1 and node.outputs[1]:
        name += "_with_indices"
    return reader.do(name, x, window.kernel, window.stride, _padding(window), window.dilation, ceil)


@rule("AveragePool")
def average_pool(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    sizes = spatial(node, x)
    window = SlidingWindow(node, sizes, node.ints("kernel_shape"))
    if any(n != 1 for n in window.dilation):
        return node.unknown()
    inside, rim = reader.rims.get(node.inputs[0], (x, ()))
    fits = all(low == high and 2 * low <= k for (low, high), k in zip(rim, window.kernel, strict=False))
    if rim and fits and not any((*window.low, *window.high)) and not node.int("ceil_mode"):
        # PyTorch's older exporter writes the padding of a pool that counts it as a rim of zeros.
        pad, name = tuple([low for low, _ in rim]), f"avg_pool{len(sizes)}d"
        return reader.do(name, inside, window.kernel, window.stride, pad, False, True)
    if not node.int("ceil_mode"):
        window.leave_out_unread(sizes)
    counted = bool(node.int("count_include_pad")) or not any((*window.low, *window.high))
    if window.kernel == sizes and not any((*window.low, *window.high)):
        return reader.do(f"adaptive_avg_pool{len(sizes)}d", x, (1,) * len(sizes))
    ceil = _ceiled(node, window, sizes)
    name = f"avg_pool{len(sizes)}d"
    return reader.do(name, x, window.kernel, window.stride, _padding(window), ceil, counted)


@rule("LpPool")
def lp_pool(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    sizes = spatial(node, x)
    window = SlidingWindow(node, sizes, node.ints("kernel_shape"))
    power = node.float("p", 2.0)
    if any(n != 1 for n in window.dilation) or power != int(power):
        return node.unknown()
    ceil = _ceiled(node, window, sizes)
    found = [
        int(value_of(Window(n, k, s, low, high, rounding=CEIL if ceil else FLOOR, rule=fitting).output))
        for n, k, s, low, high in zip(
            sizes, window.kernel, window.stride, window.low, window.high, strict=True
        )
    ]
    return reader.builder.stated(
        "onnx.LpPool",
        [x],
        [((reader.builder.size(x, 0), x.sizes[1], *found), x.dtype)],
        p=int(power),
        kernel=window.kernel,
        stride=window.stride,
        sides=tuple([side for pair in zip(window.low, window.high, strict=True) for side in pair]),
        ceil=ceil,
    )


@rule("GlobalLpPool")
def global_lp_pool(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    axes = tuple(range(2, len(x.sizes)))
    return reader.do("linalg_vector_norm", x, int(node.float("p", 2.0)), axes, True)


@rule("GlobalAveragePool", "GlobalMaxPool")
def global_pool(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    axes = len(spatial(node, x))
    word = "avg" if node.operator == "GlobalAveragePool" else "max"
    found = reader.do(f"adaptive_{word}_pool{axes}d", x, (1,) * axes)
    return found if isinstance(found, Value) else found[0]
