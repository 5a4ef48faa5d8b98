"""Transposed convolution."""

from __future__ import annotations

from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING

from ..arithmetic import Number, ceil_div, quotient, value_of, written
from ..periodic import LONGEST, Periodic, PeriodTooLongError
from ..shape import Shape
from .attributes import Axes, Count, Flag, OpError, Padding, spread
from .dot_products import DotProducts
from .facts import Saved, Tensor
from .terms import DEPTH, INPUT, KERNEL, Factor, Term, factors, weighted
from .torch_code import TorchCode, call, padded
from .volume import Volume
from .window import Window, enlarged, same_padding, transposed, worked_out

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class TransposedWindow(Window):
    """The window of a transposed convolution: unit i of the output reads the positions j of the
    input with ``j*stride - low + t*dilation = i`` for a t of the kernel.

    Where the kernel, or its holes, leave units between the steps, there are units that read
    nothing.
    """

    has_kernel = True

    @property
    def words(self) -> str:
        factor, pad, dilation, kernel = map(written, (self.stride, self.low, self.dilation, self.kernel))
        return f"the positions j with j*{factor} - {pad} + t*{dilation} = i, t below {kernel}"

    @worked_out
    def step_reads(self) -> list[range]:
        """What the units of one step read."""
        if self.stride > LONGEST:
            raise PeriodTooLongError
        return [self._positions(i) for i in range(self.stride)]

    def reads(self, unit: int) -> range:
        turn, place = divmod(unit, self.stride)
        first = self.step_reads[place]
        return range(first.start + turn, first.stop + turn, first.step)

    def _positions(self, unit: int) -> range:
        factor, dilation = self.stride, self.dilation
        common = gcd(factor, dilation)
        turns, steps = factor // common, dilation // common
        place = unit + self.low
        if place % common:
            return range(0)
        # Every turns-th t has a whole j, which is steps lower from one of them to the next.
        t = place // common * pow(steps, -1, turns) % turns
        last = (place - t * dilation) // factor
        count = -(-(self.kernel - t) // turns)
        return range(last - (count - 1) * steps, last + 1, steps)

    @worked_out
    def irregular(self) -> bool:
        # A unit of the next turn stands in for what follows the last.
        reads = [self.reads(i) for i in range(self.stride + 1)]
        return not all(reads) or any(a[0] > b[0] or a[-1] > b[-1] for a, b in pairwise(reads))

    @worked_out
    def first(self) -> Periodic:
        return Periodic(tuple([self.reads(i)[0] for i in range(self.stride)]), 1)

    @worked_out
    def last(self) -> Periodic:
        return Periodic(tuple([self.reads(i)[-1] for i in range(self.stride)]), 1)

    @property
    def period(self) -> tuple[int, int]:
        return self.stride, 1

    @property
    def slope(self) -> Number:
        return quotient(1, self.stride)


class TransposedConv(DotProducts):
    """Transposed convolution: each position is spread over a window of the output.

    The output has (n - 1)*S - 2P + (F - 1)*D + output_pad + 1 positions along an axis; with
    pad=same n*S, as in TensorFlow. An output value that no position reaches is the bias alone.
    """

    name = "tconv"
    weight_by_input = True
    arrangement = (2,)
    keras = "Conv{}DTranspose"
    synonyms = (
        "deconv",
        "deconvolution",
        "convtranspose",
        "convtranspose{}d",
        "conv1dtranspose",
        "conv2dtranspose",
        "conv3dtranspose",
        "transposedconv",
        "transposedconvolution",
    )
    group = "convolution"
    positional = ("kernel", "filters")
    shapes = "a step of `stride` positions for each that arrives, a channel for each filter"
    example = "34x34x21 -> tconv 4x4 21 stride=2 bias=no"
    source = "arXiv:1603.07285, relationship 14; PyTorch, torch.nn.ConvTranspose2d"
    counting = (
        "mul_add: one per position of the input and weight (of its group), cut off at the rim or "
        "not; add: one per output for the bias"
    )
    weighted = True
    is_convolution = True

    kernel = Axes("size of the window", symbol="F", required=True)
    filters = Count("number of filters = channels of the output", symbol="K", required=True)
    stride = Axes("step of the window, in the output", 1, symbol="S")
    pad = Padding(
        "rim cut off the output: a number, HxW, TxBxLxR, valid (none), half (the dilated kernel "
        "halved) or same (TensorFlow's: output = input * stride)",
        0,
        symbol="P",
    )
    output_pad = Axes("positions added behind the output", 0, least=0)
    dilation = Axes("distance between the positions a kernel writes", 1, symbol="D")
    groups = Count("groups of channels that do not see each other", 1, symbol="G")
    bias = Flag("one bias per filter", True)
    bilinear = Flag("the weights are those of a bilinear interpolation (changes no count)", False)

    def accept(self, x: Shape) -> None:
        super().accept(x)
        self.need_positions(x)
        count = len(x) - 1
        if x.channels % self.groups or self.filters % self.groups:
            which = "channels" if x.channels % self.groups else "filters"
            number = x.channels if which == "channels" else self.filters
            raise OpError("shape", f"{number} {which} do not divide into {self.groups} groups", "groups")
        if isinstance(self.pad, tuple) and len(self.pad) != 2 * count:
            spread(self.pad, count, "pad")
        for extra, stride, dilation in zip(
            spread(self.output_pad, count, "output_pad"),
            spread(self.stride, count, "stride"),
            spread(self.dilation, count, "dilation"),
            strict=True,
        ):
            if extra and (self.pad == "same" or extra >= max(stride, dilation)):
                raise OpError(
                    "argument",
                    "`output_pad` has no place with pad=same"
                    if self.pad == "same"
                    else f"`output_pad` must be less than stride or dilation, not {extra}",
                    "output_pad",
                )
        sizes = self.spatial(x)
        if min(sizes) < 1:
            raise OpError("shape", "the padding cuts off all of the output", "pad")

    def kernels(self, x: Shape) -> tuple[Number, ...]:
        """The kernel along each axis, without holes."""
        return spread(self.kernel, len(x) - 1, "kernel")

    def windows(self, x: Shape) -> list[TransposedWindow]:
        """The window along each axis."""
        count = len(x) - 1
        numbers = zip(
            x.spatial,
            self.kernels(x),
            spread(self.stride, count, "stride"),
            spread(self.dilation, count, "dilation"),
            spread(self.output_pad, count, "output_pad"),
            strict=True,
        )
        result = []
        for axis, (n, f, s, d, extra) in enumerate(numbers):
            span = (f - 1) * d + 1
            if isinstance(self.pad, str) and self.pad == "same":
                low, high = same_padding(n * s, span, s)
                result.append(TransposedWindow(n, f, s, low, high, d, rule=enlarged))
            else:
                low, high = self._padding(axis, count, span)
                result.append(TransposedWindow(n, f, s, low, high, d, rule=transposed, output_pad=extra))
        return result

    def keras_output(self, x: Shape) -> Shape | None:
        # Keras never leaves off the last gaps: its output has a stride for every input position.
        sizes = [w.output + max(w.stride - w.span, 0) for w in self.windows(x)]
        found = Shape((*sizes, self.output(x).channels))
        return found if self.pad != "same" and found != self.output(x) else None

    def _padding(self, axis: int, count: int, kernel: Number) -> tuple[Number, Number]:
        pad = self.pad
        if isinstance(pad, str):  # half
            return kernel // 2, kernel // 2
        if isinstance(pad, tuple) and len(pad) == 2 * count:
            return pad[2 * axis], pad[2 * axis + 1]
        both = spread(pad, count, "pad")[axis]
        return both, both

    def spatial(self, x: Shape) -> tuple[Number, ...]:
        """Spatial sizes of the output."""
        return tuple([window.output for window in self.windows(x)])

    def volume(self, x: Shape) -> Volume:
        return Volume(self.windows(x), self.filters, x.channels, self.filters)

    def terms(self, x: Shape) -> tuple[Term, ...]:
        # Each position of the input is spread over a window.
        read = (*factors(KERNEL, self.kernels(x)), Factor(DEPTH, x.channels // self.groups))
        return weighted(read, self.filters, self.bias, used=INPUT)

    def textbook(self, quantity: str, x: Shape) -> Number | tuple[Number, ...] | None:
        if quantity == "output":
            return tuple([window.textbook.output for window in self.windows(x)])
        return super().textbook(quantity, x)

    def saves(self, x: Shape) -> Saved:
        return Saved(inputs=True)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        weight = Tensor("weight", (x.channels, self.filters // self.groups, *self.kernels(x)))
        return (weight, *super().tensors(x)[1:])

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4:
            return None
        pads, extras, cuts = [], [], []
        for w in self.windows(x):
            # PyTorch cuts off as much behind as in front, or less: the rest is cut off by hand.
            high = (w.size - 1) * w.stride + w.span - w.low - w.output
            pads.append(min(w.low, max(high, 0)))
            extras.append(max(pads[-1] - high, 0))
            cuts.append((pads[-1] - w.low, -max(high - pads[-1], 0)))
        module = call(
            f"nn.ConvTranspose{len(x) - 1}d",
            x.channels,
            self.filters,
            self.kernel,
            stride=(self.stride, 1),
            padding=(tuple(pads), 0),
            output_padding=(tuple(extras), 0),
            groups=(self.groups, 1),
            bias=(self.bias, True),
            dilation=(self.dilation, 1),
        )
        return TorchCode(call("bilinear", module) if self.bilinear else module, padded("m(x)", cuts))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import numbers, pads_of

        pads, extras, cuts, rims = [], [], [], []
        for w in self.windows(x):
            high = (w.size - 1) * w.stride + w.span - w.low - w.output
            # Less than a step may be added behind; for more there is a position of zeros to spread out.
            more = ceil_div(-high, w.stride) if -high >= w.stride else 0
            high = high + more * w.stride
            pads.append((max(w.low, 0), max(high, 0)))
            extras.append(max(-high, 0))
            cuts.append((max(-w.low, 0), 0))
            rims.append((0, more))
        made = to.node(
            "ConvTranspose",
            to.padded(to.x, rims),
            to.tensor("weight"),
            *to.tensor_if("bias", self.bias),
            kernel_shape=numbers(self.kernels(x)),
            strides=numbers(w.stride for w in self.windows(x)),
            pads=pads_of(pads),
            output_padding=numbers(extras),
            dilations=numbers(w.dilation for w in self.windows(x)),
            group=value_of(self.groups),
        )
        return to.padded(made, cuts)

    def weight_groups(self, *inputs: Shape) -> Number:
        return self.groups

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        windows = self.windows(Shape(x.shape))
        return calc.spread_out(x, calc.tensors["weight"], windows, self.groups)
