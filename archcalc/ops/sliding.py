"""What convolutions and pools have in common: a window that slides along each axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar

from ..arithmetic import Number, maximum, product, symbol, value_of
from ..shape import Shape
from .attributes import Axes, Choice, OpError, Padding, spread
from .base import Op
from .facts import Extra, Saved
from .moved_windows import REFLECT, REPLICATE, ZEROS, RimWindow, check_rim
from .torch_code import padded
from .volume import Volume
from .window import CEIL, EXACT, FLOOR, Window, fitting, same, same_padding


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
    # PyTorch's layer has a `ceil_mode`, which takes in a window that hangs over.
    ceil_mode: ClassVar[bool] = False
    # Ops without dilation leave it at 1.
    dilation: Number = 1
    # What the padding is made of: where an op states nothing else, zeros.
    pad_mode: Any = ZEROS

    @property
    def pads_same(self) -> bool:
        """Whether the padding is TensorFlow's SAME."""
        return isinstance(self.pad, str) and self.pad == "same"

    def windows(self, x: Shape) -> list[Window]:
        """The window along each axis. Raises OpError if numbers and axes do not match."""
        # Every rule asks for the same.
        known: tuple[Shape, list[Window]] | None = self.__dict__.get("_windows")
        if known is not None and known[0] is x:
            return known[1]
        count = len(x) - 1
        kernels = spread(self.kernel, count, "kernel")
        strides = spread(self.stride, count, "stride")
        dilations = spread(self.dilation, count, "dilation")
        rule = same if self.pads_same else fitting
        rounding = self.round if rule is fitting or self.round == EXACT else FLOOR
        result: list[Window] = []
        before: tuple[Number, ...] = ()
        for axis, (n, kernel, stride, dilation) in enumerate(
            zip(x, kernels, strides, dilations, strict=False)
        ):
            span = (kernel - 1) * dilation + 1
            low, high = same_padding(n, span, stride) if rule is same else self._padding(axis, count, span)
            numbers = n, kernel, stride, low, high, dilation
            if type(n) is int and numbers == before:  # height and width are usually alike
                result.append(result[-1])
            else:
                window = Window(*numbers, rule=rule, rounding=rounding)
                result.append(window if self.pad_mode == ZEROS else RimWindow.of(window, self.pad_mode))
            before = numbers
        self.__dict__["_windows"] = x, result
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
            help="one number for all axes, one per axis, or a begin and an end for each axis",
        )

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        windows = self.windows(x)
        for window in windows:
            if window.output < 1:
                size = "x".join(str(w.span) for w in windows)
                padded = "x".join(str(w.size + w.low + w.high) for w in windows)
                raise OpError(
                    "shape",
                    f"the window {size} is larger than the input {padded}"
                    + (", padding included" if padded != "x".join(map(str, x.spatial)) else ""),
                    "kernel",
                )
        if self.pad_mode != ZEROS:
            check_rim(self.pad_mode, x, self.ends(x), "pad")
        if self.round == "exact":
            misfits = self.misfits(x)
            if misfits:
                message, notes, help = format_misfits(misfits)
                raise OpError("fit", message, "stride", notes=notes, help=help)

    def volume(self, x: Shape) -> Volume:
        return Volume(self.windows(x), x.channels, x.channels)

    def spatial(self, x: Shape) -> tuple[Number, ...]:
        """Spatial sizes of the output."""
        return tuple([window.output for window in self.windows(x)])

    def misfits(self, x: Shape) -> tuple[tuple[int, Window], ...]:
        return tuple([(axis, window) for axis, window in enumerate(self.windows(x)) if window.misfit])

    def textbook(self, quantity: str, x: Shape) -> Number | tuple[Number, ...] | None:
        if quantity != "output":
            return None
        windows = [window.textbook for window in self.windows(x)]
        if isinstance(self.pad, str) and not self.pads_same:  # half: an amount, which a remark gives
            rims = [symbol(f"P{axis}", value_of(w.low)) for axis, w in enumerate(windows, 1)]
            windows = [w.but(low=rim, high=rim) for w, rim in zip(windows, rims, strict=True)]
        return tuple([window.output for window in windows])

    def remarks(self, quantity: str, x: Shape) -> Iterator[str]:
        if quantity != "output":
            return
        windows = self.windows(x)
        alike = len({(w.size, w.span, w.stride, w.low, w.high) for w in windows}) == 1
        names = {1: ("",), 2: ("height: ", "width: ")}.get(len(windows))
        for axis, window in enumerate(windows[:1] if alike else windows):
            name = "" if alike else names[axis] if names else f"axis {axis + 1}: "
            for fit in self._format_fit(window):
                yield name + fit

    def _format_fit(self, w: Window) -> Iterator[str]:
        if self.pads_same:
            yield (
                f"pad=same: ({w.output} − 1)·{w.stride} + {w.span} − {w.size} = "
                f"{(w.output - 1) * w.stride + w.span - w.size} to pad, {w.low} in front and "
                f"{w.high} behind"
            )
            return
        if isinstance(self.pad, str):
            yield f"pad=half: P = ⌊{w.span}/2⌋ = {w.low}"
        if w.stride == 1:
            return
        gaps = w.stride > w.span
        if gaps:
            yield f"windows {w.span} wide are {w.stride} apart: what is between is never read"
        if w.slack % w.stride == 0:
            cut = "" if gaps else ", nothing is cut off"
            yield f"{w.slack:,} / {w.stride} = {w.slack // w.stride:,}: fits exactly{cut}"
            return
        steps = f"{float(Fraction(w.slack, w.stride) + 1):.2f}"
        floor, ceil = w.but(rounding=FLOOR).output, w.but(rounding=CEIL).output
        outside = ceil == floor
        yield (
            f"{w.slack:,} / {w.stride} + 1 = {steps}: it does not fit; round=floor says {floor}, "
            f"round=ceil {ceil}{' (one more would begin outside)' if outside else ''}, "
            "round=exact refuses it"
        )
        if self.round != "ceil" and not gaps:
            yield format_misfits([(0, w)])[1][0].replace("column", "position")

    def pads_itself(self, x: Shape) -> bool:
        """Whether PyTorch's layer has such a padding: as much behind as in front, along every
        axis, and no window that hangs over unless it has a ceil_mode. Any other is laid out by
        `torch.nn.functional.pad` first, in a copy of the input."""
        return self.pad_mode == ZEROS and all(
            value_of(w.low) == value_of(w.high) and (self.ceil_mode or not self._hangs_over(w))
            for w in self.windows(x)
        )

    @staticmethod
    def _hangs_over(w: Window) -> bool:
        """Whether a window is taken in that does not fit."""
        return w.rounding == CEIL and value_of(w.output) != value_of(w.but(rounding=FLOOR).output)

    def saved_window(self, x: Shape, *extras: Extra) -> Saved:
        """What is kept by a layer that reads its input through the window: the input, or the
        padded copy of it."""
        sides = self.laid_out(x)
        if not sides:
            return Saved(inputs=True, extras=extras)
        sizes = [n + low + high for n, (low, high) in zip(x.spatial, sides, strict=True)]
        padded = Extra("its input, padded", product(sizes) * x.channels)
        # PyTorch asks its size of the input itself where a rim is made of it.
        return Saved(input_gradient=self.pad_mode in (REFLECT, REPLICATE), extras=(padded, *extras))

    def laid_out(self, x: Shape) -> list[tuple[Number, Number]]:
        """What is laid out before and behind each axis where PyTorch's layer does not pad itself;
        nothing where it does."""
        sides = [] if self.pads_itself(x) else self.ends(x)
        return sides if any(value_of(n) for side in sides for n in side) else []

    def ends(self, x: Shape) -> list[tuple[Number, Number]]:
        """What a window that knows no padding needs before and behind each axis. With round=ceil
        that is as far as the last window reaches: less than the padding where one that would start
        on it is left out."""
        return [(w.low, maximum(w.overhang, 0) if w.rounding == CEIL else w.high) for w in self.windows(x)]

    def own_padding(self, x: Shape) -> tuple[Number, ...]:
        """The padding that PyTorch's layer does itself, along each axis."""
        itself = self.pads_itself(x)
        return tuple([w.low if itself else 0 for w in self.windows(x)])

    def applied(self, x: Shape, value: str = "") -> str:
        """How PyTorch's layer is applied: the padding that it does not do itself comes first."""
        mode = "" if self.pad_mode == ZEROS else self.pad_mode
        return f"m({padded('x', self.laid_out(x), value, mode)})"

    def kernel_sizes(self, x: Shape) -> tuple[Number, ...]:
        """The kernel along each axis, without holes."""
        return spread(self.kernel, len(x) - 1, "kernel")


def format_misfits(misfits: Sequence[tuple[int, Window]]) -> tuple[str, list[str], list[str]]:
    """What to say of windows that do not fit: the fact, notes, help."""
    fit = misfits[0][1]
    message = "the window does not fit: " + _formula(fit)
    notes = []
    names = {0: "column"} if all(axis == 0 for axis, _ in misfits) else {0: "row", 1: "column"}
    unread = []
    for axis, w in misfits:
        first = w.size + w.overhang
        if first < w.size:
            name = names.get(axis, f"position of axis {axis + 1}")
            span = f"{name} {first}" if first == w.size - 1 else f"{name}s {first}..{w.size - 1}"
            unread.append(span)
    if unread:
        is_are = "is" if len(unread) == 1 and ".." not in unread[0] else "are"
        notes.append(f"{' and '.join(unread)} {is_are} never read")
    else:
        notes.append("only padding is left unread")
    help = []
    for pad in range(min(fit.span, 64)):
        wider = [w.but(low=pad, high=pad) for _, w in misfits]
        if not any(w.misfit for w in wider):
            help.append(f"pad={pad} fits: " + _formula(wider[0]))
            break
    return message, notes, help


def _formula(w: Window) -> str:
    padding = f"2·{w.low}" if w.low == w.high else f"{w.low} + {w.high}"
    value = w.output if w.quotient is None else f"{float(w.quotient):.2f}"
    return f"({w.size} − {w.span} + {padding})/{w.stride} + 1 = {value}"
