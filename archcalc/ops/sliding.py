"""What convolutions and pools have in common: a window that slides along each axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import ClassVar

from ..arithmetic import Number, ceil_div, maximum, minimum, product, symbol, value_of
from ..shape import Shape
from .base import Axes, Choice, Extra, Fit, Op, OpError, Padding, Saved, Window, spread
from .torch_code import padded


class Slide:
    """A window along one axis: all numbers of the size rule."""

    __slots__ = ("size", "kernel", "stride", "low", "high", "output")

    def __init__(
        self, size: Number, kernel: Number, stride: Number, low: Number, high: Number, output: Number
    ):
        self.size = size
        self.kernel = kernel  # dilated
        self.stride = stride
        self.low = low
        self.high = high
        self.output = output

    @property
    def overhang(self) -> Number:
        """How far the last window reaches behind the input."""
        return (self.output - 1) * self.stride + self.kernel - self.low - self.size


def dilated(kernel: Number, dilation: Number) -> Number:
    """Positions that a kernel with holes covers: ``(F - 1)*D + 1``."""
    return (kernel - 1) * dilation + 1


def floor_size(n: Number, kernel: Number, stride: Number, low: Number, high: Number) -> Number:
    """Windows that lie wholly on the padded input: ``(n + low + high - F) // S + 1``."""
    return (n + low + high - kernel) // stride + 1


def ceil_size(n: Number, kernel: Number, stride: Number, low: Number, high: Number) -> Number:
    """As ``floor_size`` but one window more may hang over the end, provided that it starts on the
    input or on the leading padding (PyTorch's ``ceil_mode``, and Caffe's pooling layer where there
    is padding): ``min(ceil((n + low + high - F) / S) + 1, ceil((n + low) / S))``, and no less than
    ``floor_size``: a window that lies wholly on the padded input stays."""
    reach = ceil_div(n + low + high - kernel, stride) + 1
    fits = floor_size(n, kernel, stride, low, high)
    return maximum(minimum(reach, ceil_div(n + low, stride)), fits)


def same_size(n: Number, stride: Number) -> Number:
    """Windows of TensorFlow's SAME: ``ceil(n / S)``."""
    return ceil_div(n, stride)


def same_padding(n: Number, kernel: Number, stride: Number) -> tuple[Number, Number]:
    """Padding before and after of TensorFlow's SAME; the odd position goes to the end."""
    both = maximum((same_size(n, stride) - 1) * stride + kernel - n, 0)
    low = both // 2
    return low, both - low


class Sliding(Op):
    """Base of the ops with a sliding window."""

    sources: ClassVar[Mapping[str, str]] = {"output": "arXiv:1603.07285, rel. 6"}

    kernel = Axes("size of the window", symbol="F", required=True)
    stride = Axes("step of the window", 1, symbol="S")
    pad = Padding(
        "rim of zeros: a number, HxW, TxBxLxR, valid (none), half (the dilated kernel halved, "
        "PyTorch's habit) or same (TensorFlow's: output = input / stride, rounded up)",
        0,
        symbol="P",
    )
    round = Choice(
        ("floor", "ceil", "exact"), "a window that does not fit: left out, taken in, or refused", "floor"
    )
    # Ops without dilation leave it at 1.
    dilation: Number = 1

    @property
    def pads_same(self) -> bool:
        """Whether the padding is TensorFlow's SAME."""
        return isinstance(self.pad, str) and self.pad == "same"

    def slides(self, x: Shape) -> list[Slide]:
        """The window along each axis. Raises OpError if numbers and axes do not match."""
        # Every rule asks for the same.
        kept: tuple[Shape, list[Slide]] | None = self.__dict__.get("_slides")
        if kept is not None and kept[0] is x:
            return kept[1]
        count = len(x) - 1
        kernels = spread(self.kernel, count, "kernel")
        strides = spread(self.stride, count, "stride")
        dilations = spread(self.dilation, count, "dilation")
        result = []
        for axis in range(count):
            n, stride = x[axis], strides[axis]
            kernel = dilated(kernels[axis], dilations[axis])
            if self.pads_same:
                low, high = same_padding(n, kernel, stride)
                output = same_size(n, stride)
            else:
                low, high = self._padding(axis, count, kernel)
                size = ceil_size if self.round == "ceil" else floor_size
                output = size(n, kernel, stride, low, high)
            result.append(Slide(n, kernel, stride, low, high, output))
        self.__dict__["_slides"] = x, result
        return result

    def _padding(self, axis: int, count: int, kernel: Number) -> tuple[Number, Number]:
        pad = self.pad
        if isinstance(pad, str):  # half
            return kernel // 2, kernel // 2
        if not isinstance(pad, tuple):
            return pad, pad
        if len(pad) == 2 * count:
            return pad[2 * axis], pad[2 * axis + 1]
        if len(pad) == count:
            return pad[axis], pad[axis]
        raise OpError(
            "shape",
            f"`pad` has {len(pad)} numbers, the input has {count} " + ("axis" if count == 1 else "axes"),
            "pad",
            help="one number for all axes, one an axis, or a begin and an end for each axis",
        )

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        slides = self.slides(x)
        for slide in slides:
            if slide.output < 1:
                size = "x".join(str(s.kernel) for s in slides)
                padded = "x".join(str(s.size + s.low + s.high) for s in slides)
                raise OpError(
                    "shape",
                    f"the window {size} is larger than the input {padded}"
                    + (", padding included" if padded != "x".join(map(str, x.spatial)) else ""),
                    "kernel",
                )
        if self.round == "exact":
            misfits = self.misfits(x)
            if misfits:
                message, notes, help = fit_words(misfits)
                raise OpError("fit", message, "stride", notes=notes, help=help)

    def spatial(self, x: Shape) -> tuple[Number, ...]:
        """Spatial sizes of the output."""
        return tuple([slide.output for slide in self.slides(x)])

    def misfits(self, x: Shape) -> tuple[Fit, ...]:
        if self.round == "ceil" or self.pads_same:
            return ()
        return tuple(
            Fit(axis, s.size, s.kernel, s.low, s.high, s.stride, s.output)
            for axis, s in enumerate(self.slides(x))
            if (s.size + s.low + s.high - s.kernel) % s.stride
        )

    def textbook(self, quantity: str, x: Shape) -> Number | tuple[Number, ...] | None:
        if quantity != "output":
            return None
        return tuple([self._size_form(axis, x) for axis in range(len(x) - 1)])

    def _size_form(self, axis: int, x: Shape) -> Number:
        """``(W - F + 2*P) // S + 1``, or what stands for it where sizes are rounded up."""
        count = len(x) - 1
        slide = self.slides(x)[axis]
        if self.pads_same:
            return slide.output
        n, stride, low, high = slide.size, slide.stride, slide.low, slide.high
        holes = value_of(spread(self.dilation, count, "dilation")[axis]) != 1
        kernel = slide.kernel if holes else spread(self.kernel, count, "kernel")[axis]
        if isinstance(self.pad, str):  # half: an amount, which a remark gives
            low = high = symbol(f"P{axis + 1}", value_of(low))
        rim = 2 * low if value_of(low) == value_of(high) else low + high
        if self.round != "ceil":
            return (n - kernel + rim) // stride + 1
        up = ceil_div(n - kernel + rim, stride) + 1
        # A last window that would start behind the input is left out, one that fits is not.
        inside = ceil_div(n + low, stride)
        return next(
            (form for form in (up, inside) if value_of(form) == value_of(slide.output)),
            (n - kernel + rim) // stride + 1,
        )

    def remarks(self, quantity: str, x: Shape) -> Iterator[str]:
        if quantity != "output":
            return
        slides = self.slides(x)
        alike = len({(s.size, s.kernel, s.stride, s.low, s.high) for s in slides}) == 1
        names = {1: ("",), 2: ("height: ", "width: ")}.get(len(slides))
        for axis, slide in enumerate(slides[:1] if alike else slides):
            name = "" if alike else names[axis] if names else f"axis {axis + 1}: "
            for fit in self._format_fit(slide):
                yield name + fit

    def _format_fit(self, s: Slide) -> Iterator[str]:
        if self.pads_same:
            yield (
                f"pad=same: ({s.output} − 1)·{s.stride} + {s.kernel} − {s.size} = "
                f"{(s.output - 1) * s.stride + s.kernel - s.size} to pad, {s.low} in front and "
                f"{s.high} behind"
            )
            return
        if isinstance(self.pad, str):
            yield f"pad=half: P = ⌊{s.kernel}/2⌋ = {s.low}"
        if s.stride == 1:
            return
        gaps = s.stride > s.kernel
        if gaps:
            yield f"windows {s.kernel} wide are {s.stride} apart: what is between is never read"
        span = s.size + s.low + s.high - s.kernel
        if span % s.stride == 0:
            cut = "" if gaps else ", nothing is cut off"
            yield f"{span:,} / {s.stride} = {span // s.stride:,}: fits exactly{cut}"
            return
        steps = f"{float(Fraction(span, s.stride) + 1):.2f}"
        floor = floor_size(s.size, s.kernel, s.stride, s.low, s.high)
        ceil = ceil_size(s.size, s.kernel, s.stride, s.low, s.high)
        outside = ceil == span // s.stride + 1
        yield (
            f"{span:,} / {s.stride} + 1 = {steps}: it does not fit; round=floor says {floor}, "
            f"round=ceil {ceil}{' (one more would begin outside)' if outside else ''}, "
            "round=exact refuses it"
        )
        if self.round != "ceil" and not gaps:
            fit = Fit(0, s.size, s.kernel, s.low, s.high, s.stride, s.output)
            yield fit_words((fit,))[1][0].replace("column", "position")

    def window(self, x: Shape) -> tuple[Window, ...]:
        count = len(x) - 1
        kernels = spread(self.kernel, count, "kernel")
        dilations = spread(self.dilation, count, "dilation")
        return tuple(
            [
                Window(kernel, slide.stride, slide.low, dilation)
                for kernel, slide, dilation in zip(kernels, self.slides(x), dilations, strict=True)
            ]
        )

    def pads_itself(self, x: Shape) -> bool:
        """Whether PyTorch's layer has such a padding: as much behind as in front, along every
        axis. Any other is laid out by `torch.nn.functional.pad` first, in a copy of the input."""
        return all(value_of(s.low) == value_of(s.high) for s in self.slides(x))

    def saved_window(self, x: Shape, *extras: Extra) -> Saved:
        """What is kept by a layer that reads its input through the window: the input, or the
        padded copy of it."""
        sides = self.laid_out(x)
        if not sides:
            return Saved(inputs=True, extras=extras)
        sizes = [n + low + high for n, (low, high) in zip(x.spatial, sides, strict=True)]
        return Saved(extras=(Extra("its input, padded", product(sizes) * x.channels), *extras))

    def laid_out(self, x: Shape) -> list[tuple[Number, Number]]:
        """What is laid out before and behind each axis where PyTorch's layer does not pad itself;
        nothing where it does."""
        sides = [] if self.pads_itself(x) else self.ends(x)
        return sides if any(value_of(n) for side in sides for n in side) else []

    def ends(self, x: Shape) -> list[tuple[Number, Number]]:
        """What a window that knows no padding needs before and behind each axis. With round=ceil
        that is as far as the last window reaches: less than the padding where one that would start
        on it is left out."""
        ceil = self.round == "ceil" and not self.pads_same
        return [(s.low, maximum(s.overhang, 0) if ceil else s.high) for s in self.slides(x)]

    def own_padding(self, x: Shape) -> tuple[Number, ...]:
        """The padding that PyTorch's layer does itself, along each axis."""
        itself = self.pads_itself(x)
        return tuple([s.low if itself else 0 for s in self.slides(x)])

    def applied(self, x: Shape, value: str = "") -> str:
        """How PyTorch's layer is applied: the padding that it does not do itself comes first."""
        return f"m({padded('x', self.laid_out(x), value)})"

    def kernel_sizes(self, x: Shape) -> tuple[Number, ...]:
        """The kernel along each axis, without holes."""
        return spread(self.kernel, len(x) - 1, "kernel")


def fit_words(misfits: tuple[Fit, ...]) -> tuple[str, list[str], list[str]]:
    """What to say of windows that do not fit: the fact, notes, help."""
    fit = misfits[0]
    message = "the window does not fit: " + _formula(fit, fit.low, fit.high)
    notes = []
    names = {0: "column"} if all(f.axis == 0 for f in misfits) else {0: "row", 1: "column"}
    unread = []
    for f in misfits:
        first = (f.output - 1) * f.stride + f.kernel - f.low
        if first < f.size:
            name = names.get(f.axis, f"position of axis {f.axis + 1}")
            span = f"{name} {first}" if first == f.size - 1 else f"{name}s {first}..{f.size - 1}"
            unread.append(span)
    if unread:
        is_are = "is" if len(unread) == 1 and ".." not in unread[0] else "are"
        notes.append(f"{' and '.join(unread)} {is_are} never read")
    else:
        notes.append("only padding is left unread")
    help = []
    for pad in range(min(fit.kernel, 64)):
        if all((f.size + 2 * pad - f.kernel) % f.stride == 0 for f in misfits):
            help.append(f"pad={pad} fits: " + _formula(fit, pad, pad))
            break
    return message, notes, help


def _formula(fit: Fit, low: int, high: int) -> str:
    padding = f"2·{low}" if low == high else f"{low} + {high}"
    exact = Fraction(fit.size + low + high - fit.kernel, fit.stride) + 1
    value = str(exact) if exact.denominator == 1 else f"{float(exact):.2f}"
    return f"({fit.size} − {fit.kernel} + {padding})/{fit.stride} + 1 = {value}"
