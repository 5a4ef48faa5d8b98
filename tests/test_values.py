"""Forward passes of the ops' PyTorch code against the numpy reference of reference.py, in double
precision, on random small layers with random weights and statistics.

Each layer is drawn as spec text, loaded, and built as users build it: once as it is written for
inference and once as for training, where other layers write over their input. A family's docstring
names the wrong algorithms that it defeats.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from calling import call
from reference import FUNCTIONS, REFERENCES, by_channel

import archcalc
from archcalc.ops import registry
from archcalc.ops.base import Op
from archcalc.ops.functions import NUMBER, ONE, THREE, TWO

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
from values import check, load  # noqa: E402

from archcalc.witness.build import build  # noqa: E402


class Draw(random.Random):
    """Random numbers, as a spec writes them."""

    def axes(self, least: int = 1) -> int:
        return self.choice([axes for axes in (0, 1, 2, 2, 2, 3) if axes >= least])

    def yes(self) -> str:
        return self.choice(["yes", "no"])

    def rounding(self) -> str:
        return self.choice(["floor", "ceil"])

    def shape(self, axes: int, channels: int) -> str:
        most = (1, 9, 7, 4)[axes]
        return "x".join(map(str, (*(self.randint(1, most) for _ in range(axes)), channels)))

    def size(self, axes: int, low: int, high: int) -> str:
        """One number, or one per axis."""
        count = self.choice([1, axes])
        return "x".join(str(self.randint(low, high)) for _ in range(count))

    def kernel(self, axes: int) -> str:
        return self.size(axes, 1, 4 if axes < 3 else 3)

    def padding(self, axes: int) -> str:
        """Padding of every kind."""
        word = self.choice(["valid", "half", "same", "same", "", "", ""])
        count = self.choice([1, axes, 2 * axes, 2 * axes])
        return word or "x".join(str(self.randint(0, 2)) for _ in range(count))


FAMILIES: dict[str, tuple[int, Callable[[Draw, str], str]]] = {}


def family(names: str, count: int = 12) -> Any:
    """Register a function that draws the spec of one layer; ``count`` is how many are compared."""

    def register(draws: Callable[[Draw, str], str]) -> Callable[[Draw, str], str]:
        for name in names.split():
            FAMILIES[name] = count, draws
        return draws

    return register


@family("conv dwconv local", count=100)
def convolutions(draw: Draw, name: str) -> str:
    """Defeats: a kernel that is flipped or transposed, SAME with its odd zero in front, half for
    SAME, dilation left out of SAME, begin and end or rows and columns exchanged, the group of a
    filter taken by filter % groups, multipliers that lie channel by channel in the other order,
    a window that hangs over left out or shifted, unshared weights laid out channels last."""
    axes = draw.axes(1)
    groups = draw.choice([1, 1, 2, 3]) if name == "conv" else 1
    words = [draw.shape(axes, groups * draw.randint(1, 3)), "->", name, draw.kernel(axes)]
    if name == "conv":
        words += [str(groups * draw.randint(1, 3)), f"groups={groups}"]
    elif name == "local":
        words.append(str(draw.randint(1, 3)))
    else:
        words.append(f"multiplier={draw.randint(1, 3)}")
    words += [
        f"stride={draw.size(axes, 1, 3)}",
        f"dilation={draw.size(axes, 1, 2)}",
        f"pad={draw.padding(axes)}",
        f"round={draw.rounding()}",
        f"bias={draw.yes()}",
    ]
    if name != "local":
        words.append(f"pad_mode={draw.choice(['zeros', 'zeros', 'reflect', 'replicate', 'circular'])}")
    return " ".join(words)


def connected(draw: Draw, name: str) -> str:
    """A connection table. Defeats: the table read with rows and columns exchanged, its kernels
    counted map by map instead of filter by filter, weights that are not connected left in."""
    channels, filters = draw.randint(1, 4), draw.randint(1, 5)
    rows = ["".join(draw.choice("011") for _ in range(filters)) for _ in range(channels)]
    return (
        f"{draw.shape(2, channels)} -> conv {draw.size(2, 1, 3)} {filters} "
        f'connect="{" ".join(rows)}" pad={draw.padding(2)} bias={draw.yes()}'
    )


@family("tconv", count=100)
def transposed(draw: Draw, name: str) -> str:
    """Defeats: the rim cut off on the wrong side, SAME that cuts half of the kernel or makes
    (n - 1)*S + F positions, output_pad put in front, groups spread over all filters, the weight
    taken filters first, a bias missing where no position reaches, a kernel flipped."""
    axes, groups = draw.axes(1), draw.choice([1, 1, 2, 3])
    pad = draw.padding(axes)
    extra = f" output_pad={draw.size(axes, 0, 1)}" if pad != "same" and draw.random() < 0.4 else ""
    return (
        f"{draw.shape(axes, groups * draw.randint(1, 3))} -> tconv {draw.kernel(axes)} "
        f"{groups * draw.randint(1, 3)} groups={groups} stride={draw.size(axes, 1, 3)} "
        f"dilation={draw.size(axes, 1, 2)} pad={pad}{extra} bias={draw.yes()}"
    )


@family("maxpool avgpool lppool subsample", count=150)
def pools(draw: Draw, name: str) -> str:
    """Defeats: zeros for what lies outside of a maximum, padding counted in the mean or left out
    against count_pad, a window that hangs over counted in full, SAME padded in front, a dilated
    maximum without its holes, a p-norm that scales up what hangs over or takes the mean, the
    coefficient of subsampling on the mean, its bias inside of it."""
    axes = draw.axes(1)
    text = (
        f"{draw.shape(axes, draw.randint(1, 3))} -> {name} {draw.kernel(axes)} "
        f"stride={draw.size(axes, 1, 3)} pad={draw.padding(axes)} "
        f"round={draw.rounding()}"
    )
    if name == "maxpool":
        text += f" dilation={draw.size(axes, 1, 2)}"
    elif name == "avgpool":
        text += f" count_pad={draw.yes()}"
    elif name == "lppool":
        p = draw.randint(1, 4)
        text += f" p={p}"
        if p == 3:  # a negative sum has no root
            text = text.replace("->", "-> relu ->")
    return text


@family("gap gmp")
def global_pools(draw: Draw, name: str) -> str:
    """Defeats: pooling over two axes whatever their number, a mean over the channels."""
    return f"{draw.shape(draw.axes(1), draw.randint(1, 4))} -> {name}"


@family("adaptive_avgpool adaptive_maxpool", count=20)
def adaptive_pools(draw: Draw, name: str) -> str:
    """Defeats: shares of one size, shares that do not overlap, rows and columns exchanged."""
    axes = draw.axes(1)
    return f"{draw.shape(axes, 2)} -> {name} {draw.size(axes, 1, 5 - axes // 3)}"


@family(
    "relu relu6 elu selu gelu silu sigmoid tanh softplus hardswish hardsigmoid leaky_relu "
    "prelu dropout times identity flatten mish logsigmoid softsign tanhshrink softshrink hardshrink "
    "threshold celu rrelu"
)
def value_by_value(draw: Draw, name: str) -> str:
    """Defeats: another slope or alpha by default, GELU by tanh, softmax over the positions, a
    slope or a factor a row instead of a channel, values dropped at inference, an activation that
    writes over what another layer still reads, flattening with the channels last."""
    channels = draw.randint(1, 4)
    text = f"{draw.shape(draw.axes(0), channels)} -> {name}"
    if name in ("softshrink", "hardshrink"):
        return f"{text} lambda={draw.choice(['0.5', '0.25', '1'])}"
    if name == "threshold":
        return f"{text} {draw.choice(['0.5', '(-0.5)'])} {draw.choice(['0', '3'])}"
    if name in ("celu", "rrelu"):
        return text + (" alpha=1.5" if name == "celu" else " lower=0.25 upper=0.75") * draw.randint(0, 1)
    if name == "gelu":
        return f"{text} approximate={draw.choice(['none', 'tanh'])}"
    if name == "identity":
        return f"{text} -> relu"
    numbers = {"leaky_relu": " slope=", "elu": " alpha=", "times": " "}
    if name in numbers and (name == "times" or draw.yes() == "yes"):
        text += f"{numbers[name]}{draw.choice(['0.17', '1', '0.3', '2'])}"
    if name == "dropout":
        text += " 0.5"
    if name == "prelu":
        text += f" shared={draw.yes()}"
    return text


@family("bias scale", count=24)
def biases(draw: Draw, name: str) -> str:
    """Defeats: a bias per position laid out by columns, one per value with the channels last."""
    per = draw.choice(["channel", "position", "all", "single"])
    shift = f" shift={draw.yes()}" if name == "scale" else ""
    return f"{draw.shape(draw.axes(per == 'position'), draw.randint(1, 4))} -> {name} per={per}{shift}"


@family("bn layernorm rmsnorm", count=20)
def normalisations(draw: Draw, name: str) -> str:
    """Defeats: statistics of the batch at inference, variance for deviation, no epsilon, a scale
    in spite of scale=no, layer normalisation over the positions, or over all with the learned values
    laid out channels last; a mean taken off before a root mean square."""
    text = f"{draw.shape(draw.axes(0), draw.randint(1, 4))} -> {name} "
    if name == "bn":
        return f"{text} scale={draw.yes()} shift={draw.yes()} frozen={draw.yes()}"
    if name == "rmsnorm":
        return f"{text} scale={draw.yes()}"
    return f"{text} affine={draw.yes()} shift={draw.yes()} across={draw.choice(['channels', 'all'])}"


@family("groupnorm instancenorm")
def normalisations_of_maps(draw: Draw, name: str) -> str:
    """Defeats: groups of every G-th channel, statistics over the batch, running statistics, the
    unbiased variance, statistics a position."""
    groups = draw.randint(1, 3)
    if name == "groupnorm":
        shape = draw.shape(draw.axes(0), groups * draw.randint(1, 3))
        return f"{shape} -> groupnorm {groups} affine={draw.yes()} shift={draw.yes()}"
    shape = f"{draw.randint(2, 4)}x{draw.shape(draw.randint(0, 2), 3)}"  # two positions at least
    return f"{shape} -> instancenorm affine={draw.yes()} shift={draw.yes()} running={draw.yes()}"


@family("lrn", count=30)
def response_normalisation(draw: Draw, name: str) -> str:
    """Defeats: alpha not divided by n, or across positions by n where n*n values are summed;
    fewer values counted at the rims; an even window that leans the wrong way; values, not
    squares, summed; positions for channels."""
    across = draw.choice(["channels", "positions"])
    return (
        f"{draw.shape(draw.axes(across == 'positions'), draw.randint(1, 7))} -> lrn "
        f"{draw.randint(1, 5)} across={across} alpha={draw.choice(['0.5', '2'])} "
        f"beta={draw.choice(['0.75', '0.5'])} k={draw.randint(1, 2)}"
    )


@family("lcn", count=20)
def contrast_normalisation(draw: Draw, name: str) -> str:
    """Defeats: a mean of each channel by itself, a flat window, weights that sum to 1 a channel,
    the deviation of what arrived, no least divisor, an even window that leans the wrong way."""
    faint = draw.choice(["", "times 0.00003 -> "])
    return f"{draw.shape(draw.axes(1), draw.randint(1, 3))} -> {faint}lcn {draw.randint(1, 5)}"


@family("maxout channel_shuffle")
def channels_in_groups(draw: Draw, name: str) -> str:
    """Defeats: pieces of every k-th channel, the inverse shuffle."""
    groups = draw.randint(1, 4)
    return f"{draw.shape(draw.axes(0), groups * draw.randint(1, 4))} -> {name} {groups}"


@family("fc rbf linear")
def dense(draw: Draw, name: str) -> str:
    """Defeats: a map flattened with the channels last, a linear map over positions, a distance
    without its square or with its root."""
    text = f"{draw.shape(draw.axes(0), draw.randint(1, 4))} -> {name} {draw.randint(1, 5)}"
    return text if name == "rbf" else f"{text} bias={draw.yes()}"


@family("take")
def channels_taken(draw: Draw, name: str) -> str:
    """Defeats: every k-th channel, an offset left out or counted from 1, rows for channels."""
    count = draw.randint(1, 6)
    offset = draw.randint(0, count - 1)
    kept = draw.randint(1, count - offset)
    return f"{draw.shape(draw.axes(0), count)} -> {name} {kept} offset={offset}"


@family("slice select", count=30)
def parts_of_an_axis(draw: Draw, name: str) -> str:
    """Defeats: the axes counted channels first, a stop that is kept too, a start or index below 0 counted
    from the last but one, a step that begins at 0, the axis of a selected position left in, the channels
    in place of the axis in front of them."""
    axes = draw.axes(name == "select")
    sizes = [draw.randint(2, 6) for _ in range(axes + 1)]
    axis = draw.randint(-axes - 1, axes)
    n = sizes[axis]
    text = f"{'x'.join(map(str, sizes))} -> {name}"
    if name == "select":
        return f"{text} {draw.randint(-n, n - 1)} axis={axis}"
    start = draw.randint(0, n - 2)
    stop = draw.randint(start + 1, n)
    start -= draw.choice([0, n])
    stop -= draw.choice([0, n if stop < n else 0])
    return f"{text} {start} {stop} step={draw.randint(1, 3)} axis={axis}"


@family("flip repeat gather", count=20)
def whole_axes(draw: Draw, name: str) -> str:
    """Defeats: the axes counted channels first, all positions repeated together for each by itself,
    positions that are chosen for the whole batch at once, in the order in which they stood."""
    axes = draw.axes()
    shape = draw.shape(axes, draw.randint(1, 4))
    axis = draw.randint(-axes - 1, axes)
    if name == "flip":
        return f"{shape} -> flip axis={axis}"
    if name == "gather":
        count = draw.randint(1, 6)
        if draw.random() < 0.5:
            inputs = f"  input x: {shape}\n  input index: {draw.randint(1, 6)}\n"
            return f"net chosen\n{inputs}  gather {count} @x @index axis={axis}\n"
        return f"{shape} -> gather {count} axis={axis}"
    return f"{shape} -> repeat {draw.randint(1, 3)} axis={axis} mode={draw.choice(['all', 'each'])}"


@family("reflectpad replicatepad circularpad", count=20)
def rims_of_the_map(draw: Draw, name: str) -> str:
    """Defeats: a reflection that repeats the end, begin and end or rows and columns exchanged, zeros."""
    axes = draw.axes(1)
    count = draw.choice([1, axes, 2 * axes])
    return f"{draw.shape(axes, 2)} -> {name} {'x'.join(str(draw.randint(0, 3)) for _ in range(count))}"


@family("im2col", count=20)
def columns(draw: Draw, name: str) -> str:
    """Defeats: the channels as the fast index, windows that go down columns, dilation left out."""
    axes = draw.axes(1)
    shape, stride = draw.shape(axes, draw.randint(1, 3)), draw.size(axes, 1, 3)
    return (
        f"{shape} -> im2col {draw.kernel(axes)} stride={stride} "
        f"dilation={draw.size(axes, 1, 2)} pad={draw.padding(axes)} round={draw.rounding()}"
    )


@family("col2im", count=20)
def folded(draw: Draw, name: str) -> str:
    """Defeats: what lies on each other written over, the rim cut off on the wrong side."""
    kernel, stride, dilation = ([draw.randint(1, 3) for _ in "hw"] for _ in range(3))
    windows = [draw.randint(1, 4) for _ in "hw"]
    ends = [draw.randint(0, 1) for _ in range(4)]
    sizes = [
        (windows[a] - 1) * stride[a] + (kernel[a] - 1) * dilation[a] + 1 - ends[2 * a] - ends[2 * a + 1]
        for a in range(2)
    ]
    if min(sizes) < 1:
        return "1x1x1 -> col2im 2 1"  # which is refused
    words = ["x".join(map(str, numbers)) for numbers in (kernel, stride, dilation, ends, sizes)]
    shape = "x".join(map(str, (*windows, kernel[0] * kernel[1] * draw.randint(1, 2))))
    return f"{shape} -> col2im {words[4]} {words[0]} stride={words[1]} dilation={words[2]} pad={words[3]}"


@family("roll")
def rolls(draw: Draw, name: str) -> str:
    """Defeats: the other direction, rows and columns exchanged, what leaves the end lost."""
    axes = draw.axes(1)
    return f"{draw.shape(axes, 2)} -> roll {draw.size(axes, -4, 9)}"


PATTERNS = [
    "a b c -> b a c",
    "a b c -> c a b",
    "(h p=2) (w q=3) c -> h w (p q c)",
    "(h p=2) (w q=3) c -> (h w) (p q) c",
    "h w (p=2 c) -> (h p) w c",
    "h w (c p=2) -> (p h) w c",
    "(p=2 h) w c -> (h p) w c",
    "(p=2 h) w c -> h w (c p)",
    "h (w=3 q) (c=2 d) -> (d q) (w h c)",
    "h w c -> (h w c)",
    "h w c -> h (w c)",
    "h w c -> h w 1 c",
    "(h) w (c) -> c () h w",
]


@family("rearrange", count=50)
def rearrangements(draw: Draw, name: str) -> str:
    """Defeats: the first part of an axis as the fastest, a permutation taken for its inverse, axes that are
    counted channels first, parts that are worked out of the wrong axis."""
    sizes = draw.choice([2, 4]), draw.choice([3, 6]), draw.choice([2, 4, 6])
    return f'{"x".join(map(str, sizes))} -> rearrange "{draw.choice(PATTERNS)}"'


@family("upsample", count=30)
def upsampling(draw: Draw, name: str) -> str:
    """Defeats: corners aligned by their centres, factors of rows and columns exchanged, the whole
    map repeated instead of each value."""
    axes = draw.axes(1)
    return f"{draw.shape(axes, 2)} -> upsample {draw.size(axes, 1, 3)} {interpolation(draw, axes)}"


def interpolation(draw: Draw, axes: int) -> str:
    """How values are interpolated; PyTorch has a bicubic way along two axes."""
    mode = draw.choice(["nearest", "bilinear", "bicubic" if axes == 2 else "bilinear"])
    return f"mode={mode}" if mode == "nearest" else f"mode={mode} align_corners={draw.yes()}"


@family("pixel_shuffle")
def pixel_shuffling(draw: Draw, name: str) -> str:
    """Defeats: TensorFlow's order of channels, in which the offset is the slow index; rows and
    columns of a block exchanged."""
    axes, factor = draw.axes(1), draw.randint(1, 3 if draw.axes() < 3 else 2)
    return f"{draw.shape(axes, factor**axes * draw.randint(1, 2))} -> pixel_shuffle {factor}"


@family("pixel_unshuffle")
def pixel_unshuffling(draw: Draw, name: str) -> str:
    """Defeats: the order of TensorFlow's space_to_depth; rows and columns of a block exchanged."""
    axes, factor = draw.axes(1), draw.randint(1, 3 if draw.axes() < 3 else 2)
    sizes = "x".join(str(factor * draw.randint(1, 3)) for _ in range(axes))
    return f"{sizes}x{draw.randint(1, 3)} -> pixel_unshuffle {factor}"


@family("resize", count=30)
def resizing(draw: Draw, name: str) -> str:
    """Defeats: corners aligned by their centres, the nearest centre for the position a unit falls
    on and the other way, a factor made anew from rounded sizes, rows and columns exchanged."""
    axes = draw.axes(1)
    to = draw.choice([draw.size(axes, 1, 9), "by=1.5", "by=2.5", "by=2"])
    if not draw.randint(0, 4):
        return f"{draw.shape(axes, 2)} -> resize {to} mode=nearest_exact"
    return f"{draw.shape(axes, 2)} -> resize {to} {interpolation(draw, axes)}"


@family("zeropad crop")
def rims(draw: Draw, name: str) -> str:
    """Defeats: top and bottom or rows and columns exchanged, a crop about the centre, a rim of zeros."""
    axes = draw.axes(1)
    text = f"{draw.shape(axes, 2)} -> {name} "
    if name == "crop":
        return f"{text} {draw.size(axes, 1, 3)} offset={draw.size(axes, 0, 2)}"
    count = draw.choice([1, axes, 2 * axes])
    value = draw.choice(["", " value=-2.5"])
    return text + "x".join(str(draw.randint(0, 3)) for _ in range(count)) + value


@family("reshape")
def reshapes(draw: Draw, name: str) -> str:
    """Defeats: a reshape that reads or writes the values channel by channel."""
    sizes = [draw.randint(1, 4) for _ in range(3)]
    shapes = [
        list(sizes),
        [sizes[0] * sizes[1], sizes[2]],
        [sizes[0], sizes[1] * sizes[2]],
        [sizes[0] * sizes[1] * sizes[2]],
        [sizes[2], sizes[0], sizes[1]],
        [*sizes, 1],
    ]
    before, after = ("x".join(map(str, draw.choice(shapes))) for _ in range(2))
    return f"{before} -> reshape {after}"


@family("add mul concat stack", count=20)
def merges(draw: Draw, name: str) -> str:
    """Defeats: a vector spread along rows or columns instead of channels, a row along columns, which only
    shows on maps that are as wide as they have channels; all but the first two branches left out; branches
    side by side along an axis that is not the channels'."""
    count, channels = draw.randint(1, 3), draw.randint(1, 4)
    shapes = [[channels] * draw.choice([1, 2, 3]) for _ in range(1)] * (count + 1)
    axis = ""
    if name == "concat":
        at = draw.randint(-len(shapes[0]), len(shapes[0]) - 1)
        shapes = [list(shape) for shape in shapes]
        for shape in shapes:
            shape[at] = draw.randint(1, 4)
        axis = f" axis={at}" if at != -1 else draw.choice(["", " axis=-1"])
    elif name == "stack":
        axis = f" axis={draw.randint(-2, len(shapes[0]))}"
    else:
        spread = [1, *shapes[0][1:]] if len(shapes[0]) == 1 or draw.random() < 0.5 else shapes[0][1:]
        shapes = [draw.choice([shape, shape, [channels], spread]) for shape in shapes]
    lines = [f"  input x{i}: {'x'.join(map(str, shape))}" for i, shape in enumerate(shapes)]
    order = draw.sample(range(len(shapes)), len(shapes))
    return "\n".join(["net merged", *lines, f"  {name} {' '.join(f'@x{i}' for i in order)}{axis}"])


@family("shortcut")
def shortcuts(draw: Draw, name: str) -> str:
    """Option A. Defeats: channels of zeros in front or on both sides, a mean instead of every
    stride-th position, positions counted from the last."""
    axes, channels = draw.axes(1), draw.randint(1, 3)
    return (
        f"net residual\n  input {draw.shape(axes, channels)}\n  add\n"
        f"    | conv 3 {channels + draw.randint(1, 3)} pad=half stride={draw.size(axes, 1, 3)}\n"
        "    | shortcut kind=A"
    )


@family("embedding")
def embeddings(draw: Draw, name: str) -> str:
    """Defeats: a sequence whose positions and channels are exchanged."""
    return f"{draw.randint(1, 6)} -> embedding {draw.randint(1, 9)} {draw.randint(1, 5)}"


@family("embedding_bag")
def bags(draw: Draw, name: str) -> str:
    """Defeats: a mean over the batch, a sum for a mean, the largest index for the largest value."""
    mode = draw.choice(["mean", "sum", "max"])
    return f"{draw.randint(1, 6)} -> embedding_bag {draw.randint(1, 9)} {draw.randint(1, 5)} mode={mode}"


@family("affine_grid", count=20)
def affine_grids(draw: Draw, name: str) -> str:
    """Defeats: rows and columns exchanged, corners aligned by their ends, a transposed map."""
    axes = draw.choice([2, 3])
    numbers = draw.choice([str(axes * (axes + 1)), f"{axes}x{axes + 1}"])
    size = "x".join(str(draw.randint(1, 4)) for _ in range(axes))
    return f"{numbers} -> affine_grid {size} align_corners={draw.yes()}"


@family("grid_sample", count=40)
def samples(draw: Draw, name: str) -> str:
    """Defeats: x and y exchanged, corners aligned by their ends, zeros for the rim, a place rounded
    down for the nearest."""
    axes = draw.choice([2, 2, 3])
    mode = draw.choice(["bilinear", "nearest", "bicubic" if axes == 2 else "nearest"])
    outside = draw.choice(["zeros", "border", "reflection"])
    sizes, grid = ("x".join(str(draw.randint(1, 4)) for _ in range(axes)) for _ in range(2))
    return (
        f"net sampled\n  input x: {sizes}x{draw.randint(1, 3)}\n  input g: {grid}x{axes}\n"
        f"  @x -> grid_sample @g mode={mode} outside={outside} align_corners={draw.yes()}\n"
    )


@family("rnn lstm gru", count=40)
def recurrent_layers(draw: Draw, name: str) -> str:
    """Defeats: a bias of one that is added twice, gates in another order, the paper's candidate
    with two biases or cuDNN's with one, the first state returned for the last, steps and batch
    exchanged, the cell shown without its tanh, z and 1 - z exchanged, the states of the way back
    left in the order in which they came, an upper layer that reads one direction alone, the last
    states of the lowest layer."""
    shape = draw.choice([f"{draw.randint(1, 5)}x{draw.randint(1, 4)}", str(draw.randint(1, 4))])
    units = draw.randint(1, 4)
    proj = f" proj={draw.randint(1, units - 1)}" if name == "lstm" and units > 1 else ""
    return (
        f"{shape} -> {name} {units} biases={draw.choice(['one', 'two', 'none'])} "
        f"returns={draw.choice(['sequence', 'last'])} bidirectional={draw.yes()}"
        f"{draw.choice(['', proj])} layers={draw.randint(1, 3)}"
        f"{draw.choice(['', ' nonlinearity=relu']) if name == 'rnn' else ''}"
    )


@family("rnn lstm gru", count=40)
def recurrent_layers_with_states(draw: Draw, name: str) -> str:
    """Defeats: state and cell exchanged, the states of one layer given to another, directions one behind the
    other where they stand side by side, cells in front of the states, states that are given and not used,
    those of the first step for those of the last, columns read for rows."""
    units, layers = draw.randint(1, 4), draw.randint(1, 3)
    both = draw.yes()
    width = 2 * units if both == "yes" else units
    of = f"{name} {units} biases={draw.choice(['one', 'two', 'none'])} bidirectional={both} layers={layers}"
    kind = draw.choice(["map", "given", "packed", "alone"])
    if kind == "map":
        axes = draw.randint(2, 3)
        sizes = "x".join(str(draw.randint(1, 4)) for _ in range(axes + 1))
        return f"{sizes} -> {of} axis={draw.randint(0, axes - 1)}"
    of += f" returns={draw.choice(['sequence', 'last', 'states', 'all'])}"
    shape = draw.choice([f"{draw.randint(1, 5)}x{draw.randint(1, 4)}", str(draw.randint(1, 4))])
    if kind == "alone":
        return f"{shape} -> {of}"
    cells = name == "lstm"
    rows = layers * 2 if cells and kind == "packed" else layers
    names = ["h", "c"] if cells and kind == "given" else ["h"]
    sizes = str(width) if rows == 1 and draw.yes() == "yes" else f"{rows}x{width}"
    inputs = "".join(f"  input {one}: {sizes}\n" for one in names)
    return f"net begun\n  input x: {shape}\n{inputs}  @x -> {of} {' '.join(f'@{one}' for one in names)}\n"


@family("rnn_cell lstm_cell gru_cell", count=30)
def cells(draw: Draw, name: str) -> str:
    """Defeats: state and cell exchanged, a state that is given and not used, gates in another order,
    the paper's candidate with two biases or cuDNN's with one, the cell in front of the state."""
    units, channels = draw.randint(1, 4), draw.randint(1, 4)
    of = f"{name} {units} biases={draw.choice(['one', 'two', 'none'])}"
    if name == "rnn_cell":
        of += f" nonlinearity={draw.choice(['tanh', 'relu'])}"
    if name == "lstm_cell":
        of += f" returns={draw.choice(['state', 'both'])}"
    if draw.yes() == "yes":
        return f"{channels} -> {of}"
    handed = ["h", "c"][: 1 + (name == "lstm_cell")]
    inputs = "".join(f"  input {one}: {units}\n" for one in handed)
    return f"net step\n  input x: {channels}\n{inputs}  @x -> {of} {' '.join(f'@{one}' for one in handed)}\n"


@family("attention")
def attentions(draw: Draw, name: str) -> str:
    """Defeats: scores not scaled, or by the width of all heads; heads of every N-th channel;
    softmax over the queries; attention between elements of the batch; every G-th head of queries
    for a head of keys, a mask of what is before, scores scaled by the length of the values."""
    heads = draw.randint(1, 3)
    shape = draw.shape(draw.axes(1), heads * draw.randint(1, 3))
    kv = draw.choice([at for at in (1, heads) if heads % at == 0])
    more = draw.choice(["", f"kv={kv}", f"kv={kv} key=2", "key=3 value=2", "value=1"])
    if shape.count("x") == 1 and draw.random() < 0.5:
        more += " causal=yes"
    elif draw.random() < 0.5:
        other = f"{draw.randint(1, 4)}x{draw.randint(1, 4)}"
        return (
            f"net crossed\n  input x: {shape}\n  input other: {other}\n"
            f"  attention {heads} @other bias={draw.yes()} {more}"
        )
    return f"{shape} -> attention {heads} bias={draw.yes()} {more}"


@family("sdpa", count=60)
def scaled_attentions(draw: Draw, name: str) -> str:
    """Defeats: scores that are scaled in spite of scale=no or of another factor, or by the length of the
    values; keys of every G-th head; windows for grids; windows counted from the last position; rows and
    columns of a window exchanged; the parts of a packed tensor in another order, or interleaved head by
    head."""
    groups, axes = draw.randint(1, 2), draw.axes(1)
    heads = groups * draw.randint(1, 3)
    kv = draw.choice([heads, groups])
    length, value = draw.randint(1, 3), draw.randint(1, 3)
    sizes = [draw.choice([1, 2, 4, 6]) for _ in range(axes)]
    words = draw.choice(["", "scale=no", "bias=yes", "factor=0.3"])
    kind = draw.choice(["", "window", "grid"])
    if kind:
        block = [draw.choice([d for d in (1, 2, 3, 6) if n % d == 0]) for n in sizes]
        words += f" {kind}={'x'.join(map(str, block))}"
    if axes == 1 and kind != "grid" and draw.random() < 0.5:
        words += " causal=yes"
    words = f"sdpa {heads} kv={kv} {words}"
    place = "x".join(map(str, sizes))
    count = draw.randint(1, 3)
    if count == 1:
        return f"{place}x{(heads + 2 * kv) * length} -> {words}"
    other = place if kind else "x".join(str(draw.randint(1, 5)) for _ in range(draw.choice([1, axes])))
    if "causal" in words:
        other = str(draw.randint(1, 5)) if not kind else place
    widths = [kv * length, kv * value] if count == 3 else [kv * (length + value)]
    lines = [f"  input k{i}: {other}x{width}" for i, width in enumerate(widths)]
    names = " ".join(f"@k{i}" for i in range(len(widths)))
    return "\n".join(["net crossed", f"  input q: {place}x{heads * length}", *lines, f"  {words} @q {names}"])


def named(words: str, shapes: list[list[int]]) -> str:
    """A net whose inputs are all read by one layer."""
    lines = [f"  input x{i}: {'x'.join(map(str, shape))}" for i, shape in enumerate(shapes)]
    return "\n".join(["net joined", *lines, f"  {words} {' '.join(f'@x{i}' for i in range(len(shapes)))}"])


@family("matmul", count=40)
def matrix_products(draw: Draw, name: str) -> str:
    """Defeats: channels in front taken for the rows; the first transposed, or both; axes in front that
    are spread along the wrong one, or aligned at the first."""
    n, k, m = (draw.randint(1, 4) for _ in range(3))
    fronts = [[], [3], [1], [2, 3], [2, 1], [1, 3]]
    transpose = draw.yes()
    b = [m, k] if transpose == "yes" else [k, m]
    return named(f"matmul transpose={transpose}", [[*draw.choice(fronts), n, k], [*draw.choice(fronts), *b]])


@family("einsum", count=40)
def einstein_sums(draw: Draw, name: str) -> str:
    """Defeats: the axes channels first, an output in alphabetical order, an axis summed too early."""
    sizes = {letter: draw.randint(1, 4) for letter in "abcd"}
    rows = [draw.sample("abcd", draw.randint(1, 4)) for _ in range(draw.randint(1, 3))]
    every = sorted({letter for row in rows for letter in row})
    made = draw.sample(every, draw.randint(1, min(4, len(every))))
    equation = ",".join(map("".join, rows)) + "->" + "".join(made)
    shapes = [[draw.choice([sizes[at], sizes[at], 1]) for at in row] for row in rows]
    if len(shapes) == 1:
        return f'{"x".join(map(str, shapes[0]))} -> einsum "{equation}"'
    return named(f'einsum "{equation}"', shapes)


@family("map", count=150)
def functions(draw: Draw, name: str) -> str:
    """Defeats: a function for another of the same sort; the second tensor or the number in front; a
    remainder with the sign of what is divided, halves rounded away from 0, bounds exchanged; a shorter
    tensor spread over the last axes."""
    tensors, numbers, table = draw.choice([(1, 0, ONE), (1, 1, NUMBER), (2, 0, TWO), (3, 0, THREE)])
    function = draw.choice(sorted(table))
    words = f"map {function}" + " 0.75" * (numbers or (function == "lerp" and tensors == 2))
    if draw.random() < 0.05:
        tensors, words = 1, "map clamp (-0.5) 0.25"
    sizes = [draw.randint(1, 4) for _ in range(draw.randint(1, 3))]
    shapes = []
    for _ in range(tensors):
        shape = [draw.choice([n, n, 1]) for n in sizes]
        shapes.append(shape[draw.randint(0, len(shape) - 1) :] if draw.random() < 0.3 else shape)
    if tensors == 1:
        inside = "-> sigmoid " * (function in {"erfinv", "asin", "acos", "atanh", "acosh"})
        inside += "-> map add 1 " * (function == "acosh")
        positive = "-> map abs " * (
            function in {"log", "log1p", "log2", "log10", "sqrt", "rsqrt", "pow", "lgamma"}
        )
        return f"{'x'.join(map(str, shapes[0]))} {inside}{positive}-> {words}"
    if function in {"pow", "xlogy", "logaddexp"}:
        lines = [f"  input x{i}: {'x'.join(map(str, shape))}" for i, shape in enumerate(shapes)]
        first, second = ("sigmoid", "sigmoid")
        return "\n".join(
            ["net joined", *lines, f"  a: @x0 -> {first}", f"  b: @x1 -> {second}", f"  {words} @a @b"]
        )
    return named(words, shapes)


def test_every_function_has_values() -> None:
    """Defeats: a function of the table that nothing compares."""
    assert set(FUNCTIONS) == {*ONE, *NUMBER, *TWO, *THREE, "clamp"}


@family("softmax log_softmax cumsum sort argsort topk glu", count=30)
def lines_of_values(draw: Draw, name: str) -> str:
    """Defeats: an axis counted channels first, or with the batch; softmax over the positions; sums from
    behind; the order of values that falls; the halves of a gate exchanged, or every second value."""
    sizes = [draw.randint(1, 4) for _ in range(draw.randint(1, 4))]
    axis = draw.randrange(len(sizes))
    if name == "glu":
        sizes[axis] *= 2
    count = f"{draw.randint(1, sizes[axis])} " * (name == "topk")
    shown = draw.choice([axis, axis - len(sizes)])
    return f"{'x'.join(map(str, sizes))} -> {name} {count}axis={shown}"


@family("reduce", count=120)
def reductions(draw: Draw, name: str) -> str:
    """Defeats: axes counted channels first, or with the batch; an axis that is left out of two; the variance
    of all and not of a sample; channels that stay where the last axis became them."""
    from archcalc.ops.reducing import COUNTS, SINGLE

    count = draw.randint(1, 4)
    function = draw.choice(sorted(COUNTS))
    axes = draw.sample(range(count), 1 if function in SINGLE else draw.randint(1, count))
    axis = str(draw.choice([axes[0], axes[0] - count])) if len(axes) == 1 else "x".join(map(str, axes))
    sizes = "x".join(str(draw.randint(1, 4)) for _ in range(count))
    more = f" p={draw.choice([1, 2, 3])}" if function == "norm" else ""
    if function in ("var", "std"):
        more = draw.choice(["", " correction=0"])
    steps = "-> map round " if function in ("any", "all") else ""
    return f"{sizes} {steps}-> reduce {function} axis={axis} keep={draw.yes()}{more}"


@family("parameter")
def parameters(draw: Draw, name: str) -> str:
    """Defeats: channels first where they stand last; one copy for the whole batch."""
    sizes = "x".join(str(draw.randint(1, 4)) for _ in range(draw.randint(1, 3)))
    return f"{draw.shape(draw.axes(0), 2)} -> parameter {sizes} buffer={draw.yes()}"


@family("class_token positions")
def tokens(draw: Draw, name: str) -> str:
    """Defeats: the token behind the sequence, positions transposed."""
    axes = 1 if name == "class_token" else draw.axes(1)
    buffer = f" buffer={draw.yes()}" if name == "positions" else ""
    return f"{draw.shape(axes, draw.randint(1, 5))} -> {name}{buffer}"


def compare_many(draws: Callable[[Draw, str], str], name: str, count: int) -> None:
    """Compare so many layers; what a spec cannot mean is drawn anew."""
    compared = 0
    for seed in range(10 * count):
        draw = Draw(seed)
        text = draws(draw, name)
        try:
            graph = load(text)
        except archcalc.SpecError as error:
            if {diagnostic.code for diagnostic in error.diagnostics} <= {"shape", "argument"}:
                continue
            raise
        try:
            compared += check(graph, seed)
        except Exception as error:
            raise AssertionError(f"{text}\n{error}") from error
        if compared == count:
            return
    pytest.fail(f"only {compared} of {count} layers could be compared")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_layers(name: str) -> None:
    """Each family's docstring says what it defeats."""
    count, draws = FAMILIES[name]
    compare_many(draws, name, count)


def test_connection_tables() -> None:
    """Defeats what `connected` says."""
    compare_many(connected, "conv", 24)


# What random layers seldom meet, and which wrong algorithm it defeats.
EDGES = {
    "4x1 -> avgpool 2 stride=2 pad=1x0 round=ceil": "what hangs over the padding counted as zeros",
    "4x1 -> avgpool 2 stride=2 pad=1x0 round=ceil count_pad=no": "divided by the padded window",
    "1x2x2x1 -> avgpool 3 pad=1 stride=1": "PyTorch's refusal of a window beyond a bare volume",
    "5x5x1 -> maxpool 3 stride=2 pad=2": "PyTorch's refusal of padding beyond half a window",
    "9x1 -> maxpool 4 stride=2 pad=same dilation=2": "half of the window with its holes taken",
    "5x5x1 -> maxpool 2 stride=2 round=ceil pad=0x1x1x0": "a rim of zeros laid out for it",
    "5x5x1 -> relu -> lppool 2 round=ceil p=3": "a mean of what hangs over, times the window",
    "5x4x1 -> conv 2x3 2 stride=3 round=ceil": "the last window left out, or moved back to fit",
    "4x1 -> conv 2 1 pad=0x5 round=ceil": "windows that start behind the input taken in",
    "6x6x1 -> conv 3x3 1 stride=2 pad=same": "the odd row of zeros on top",
    "7x7x1 -> conv 2x2 1 stride=1 pad=half": "as much padding as keeps the size",
    "3x2x1 -> tconv 1 1 stride=3 pad=same": "(n - 1)*S + F positions, the last ones missing",
    "3x3x1 -> tconv 4 1 stride=2 pad=0x1x2x0": "begin and end of what is cut off exchanged",
    "4x4x1 -> tconv 2 1 pad=2": "more cut off than a kernel reaches, cut off an input",
    "2x2x2 -> lrn 5 alpha=2": "alpha divided by the channels there are",
    "2x3x1 -> adaptive_avgpool 5": "units without a share",
    "2x2x16 -> bn -> maxout 4": "pieces of every fourth channel",
}


@pytest.mark.parametrize("text", EDGES)
def test_edges(text: str) -> None:
    assert check(load(text), 1)


def kinds(base: type[Op] = Op) -> list[type[Op]]:
    """All ops, those that no spec can write included."""
    found = [kind for child in base.__subclasses__() for kind in (child, *kinds(child))]
    # Tests of layers of one's own leave their classes behind.
    return [kind for kind in found if kind.name and kind.__module__.startswith("archcalc.")]


def test_all_code_has_a_reference() -> None:
    """Defeats: PyTorch code that is added and never compared."""
    registry()
    named = {kind.name for kind in kinds() if kind.torch_code is not Op.torch_code and kind.name != "input"}
    assert named - set(REFERENCES) == set(), "without a line in REFERENCES of tests/reference.py"
    assert named - set(FAMILIES) == set(), "drawn by no function of this file under @family"


@pytest.mark.parametrize("stride", [2, 3, 4])
def test_bilinear_weights(stride: int) -> None:
    """tconv bilinear=yes is born an interpolation of each channel by itself, away from the rims.
    Defeats: weights that mix channels, or whose peak lies half a position off."""
    kernel, pad = 2 * stride - stride % 2, stride // 2
    spec = f"5x6x3 -> tconv {kernel} 3 stride={stride} pad={pad} bias=no bilinear=yes"
    graph = load(spec)
    x = np.random.default_rng(0).standard_normal((5, 6, 3))
    with torch.no_grad():
        found = build(graph).double()(torch.from_numpy(np.moveaxis(x, -1, 0)[None].copy()))["main"]
    enlarged = load(f"5x6x3 -> upsample {stride} mode=bilinear").output.op
    expected = REFERENCES["upsample"](enlarged, {}, x)
    inner = slice(stride, -stride)
    theirs = np.moveaxis(found[0].numpy(), 0, -1)
    assert theirs.shape == expected.shape
    np.testing.assert_allclose(theirs[inner, inner], expected[inner, inner], rtol=0, atol=1e-6)


def test_sets_of_a_single_value() -> None:
    """PyTorch refuses one position to instance norm, and to group norm a batch of one where every
    group is one value. Defeats: its ValueError as a traceback."""
    assert check(load("1x1x3 -> groupnorm 3"), 0)
    assert call("verify", "1x1x3 -> groupnorm 3").code == 0
    refused = call("verify", "1x1x3 -> instancenorm")
    assert refused.code == 2
    assert "more than one position" in refused.err


@pytest.mark.parametrize(
    "words", ["running=no", "statistics=batch", "statistics=batch shift=no", "running=no scale=no"]
)
def test_statistics_of_the_batch(words: str) -> None:
    """Mean and variance over batch and positions, with pencil and numpy. Defeats: running statistics that
    are used all the same, or changed by it; statistics an image; an unbiased variance."""
    graph = load(f"4x5x3 -> bn {words}")
    (layer,) = graph.layers
    built = build(graph).double().eval()
    module = built.module_of(layer)
    rng = np.random.default_rng(3)
    x = rng.standard_normal((2, 4, 5, 3))
    before = {name: value.clone() for name, value in module.state_dict().items() if "running" in name}
    assert bool(before) == ("running=no" not in words)
    if module.weight is not None:
        module.weight.data = torch.from_numpy(rng.standard_normal(3))
    if module.bias is not None:
        module.bias.data = torch.from_numpy(rng.standard_normal(3))
    with torch.no_grad():
        found = module(torch.from_numpy(x).movedim(-1, 1)).movedim(1, -1).numpy()
    mean = x.mean((0, 1, 2))
    expected = (x - mean) / np.sqrt(((x - mean) ** 2).mean((0, 1, 2)) + 1e-5)
    if module.weight is not None:
        expected = expected * module.weight.detach().numpy()
    if module.bias is not None:
        expected = expected + module.bias.detach().numpy()
    assert np.allclose(found, expected, atol=1e-9)
    for name, value in before.items():
        assert torch.equal(module.state_dict()[name].double(), value.double())


def test_flattening_is_channel_by_channel() -> None:
    """The reference's own order, by hand. Defeats: row by row with the channels last."""
    x = np.arange(12).reshape(2, 3, 2)  # rows, columns, channels
    assert by_channel(x).tolist() == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]
