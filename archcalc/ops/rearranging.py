"""Ops that move, cut or drop values without computing with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..arithmetic import Number, product, value_of, where
from ..shape import Shape
from .arrangement import FIRST, LAST, PART, lies
from .attributes import Axes, Count, Extent, OpError, Padding, Real, sizes_of, spread
from .base import Elementwise, Free, Unchanged
from .facts import Extra, Saved
from .moved_windows import CIRCULAR, REFLECT, REPLICATE, ZEROS
from .torch_code import TorchCode, call, literal
from .torch_code import padded as padded_source
from .traits import INPLACE, VIEW
from .volume import Volume, flattened
from .window import EVERYTHING, Window, padded, stated, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Input(Free):
    """An input of the network."""

    name = "input"
    keras = "InputLayer"
    spellable = False

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape

    def volume(self) -> Volume:
        return Volume(unchanged_axes(self.shape.spatial), self.shape.channels, self.shape.channels, reads=())

    def output(self) -> Shape:
        return self.shape


class Identity(Free, Elementwise):
    """Nothing: the tensor as it is. Adds no layer."""

    name = "identity"
    storage = VIEW
    group = "rearrangement"
    example = "56x56x64 -> add\n  | conv 3x3 64 pad=1\n  | identity"
    source = "arXiv:1512.03385, section 3.2"
    transparent = True

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(None, "x", aliases=True)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node("Identity", to.x)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x


class Dropout(Free, Elementwise):
    """Dropout, which does nothing at inference."""

    name = "dropout"
    idle = True
    keras = "Dropout"
    storage = INPLACE
    group = "rearrangement"
    positional = ("p",)
    example = "4096 -> dropout 0.5"
    source = "arXiv:1207.0580"

    p = Real("probability that a value is dropped in training", required=True)

    def check(self) -> None:
        if not 0 <= self.p < 1:
            raise OpError("argument", "`p` is a probability, from 0 up to but not 1", "p")

    def saves(self, x: Shape) -> Saved:
        mask = where(self.p == 0, 0, x.values)  # PyTorch draws none where nothing is dropped
        # On CUDA one kernel draws and applies a mask of bool; it has no form in place.
        return Saved(extras=(Extra("its mask", mask, cuda=1),))

    def torch_code(self, x: Shape) -> TorchCode:
        inplace = TorchCode(call("nn.Dropout", self.p, inplace=(True, False)))
        return TorchCode(call("nn.Dropout", self.p), inplace=inplace, aliases=True)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node("Dropout", to.x, to.real(self.p))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x


class Flatten(Free):
    """All values as one vector.

    A vector has no positions left to tell apart, so its receptive field is the whole input.
    """

    name = "flatten"
    keras = "Flatten"
    storage = VIEW
    group = "rearrangement"
    shapes = "from any shape to a vector of all values"
    example = "7x7x512 -> flatten"
    source = "PyTorch, torch.nn.Flatten"
    inline = True

    def volume(self, x: Shape) -> Volume:
        return flattened(x)

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(None, "torch.flatten(x, 1)", aliases=True)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node("Flatten", to.x, axis=1)

    def copies(self, arrangements: tuple[str, ...], x: Shape) -> bool:
        return len(x) > 1 and not lies(arrangements[0], FIRST, x)

    def arranges(self, arrangements: tuple[str, ...], x: Shape) -> str:
        return FIRST if len(x) > 1 else arrangements[0]

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.flat(x)


class Reshape(Free):
    """The same values in another shape, channels last.

    A shape with the same positions leaves them where they are, also where axes of one position come
    or go (`1x256x64x128` of `256x64x128`); otherwise nothing tells which value came from where, and
    the receptive field is the whole input.
    """

    name = "reshape"
    keras = "Reshape"
    storage = VIEW
    elsewhere = ("view",)
    group = "rearrangement"
    positional = ("shape",)
    shapes = "from any shape to `shape`, which has as many values"
    example = "1470 -> reshape 7x7x30"
    source = "PyTorch, torch.reshape; arXiv:1506.02640, section 2"
    inline = True

    shape = Axes("sizes of all axes, or (size(…)) to compute them", required=True)

    def accept(self, x: Shape) -> None:
        values = product(sizes_of(self.shape))
        if values != x.values:
            raise OpError(
                "shape", f"{Shape(sizes_of(self.shape))} has {values} values, {x} has {x.values}", "shape"
            )

    def volume(self, x: Shape) -> Volume:
        # Which of these it is, is no number that a derivation could show.
        *spatial, channels = sizes_of(self.shape)
        if not spatial and len(x) > 1:
            return flattened(x)
        if [value_of(n) for n in spatial] == [value_of(n) for n in x.spatial]:
            return Volume(unchanged_axes(x.spatial), channels, x.channels)
        made = [Window(rule=stated, target=n) for n in spatial]
        reads = EVERYTHING if self.regards(x) is None else unchanged_axes(x.spatial)
        return Volume(made, channels, x.channels, reads=reads)

    def output(self, x: Shape) -> Shape:
        return Shape(sizes_of(self.shape))

    def torch_code(self, x: Shape) -> TorchCode:
        *spatial, channels = sizes_of(self.shape)
        if channels == x.channels:
            # Each vector of channels stays together.
            sizes = ", ".join(map(str, (-1, channels, *spatial)))
            return TorchCode(None, f"x.reshape({sizes})", aliases=True)
        sizes = ", ".join(map(str, (-1, *spatial, channels)))
        last = "x" if len(x) == 1 else "x.movedim(1, -1)"
        first = ".movedim(-1, 1)" if spatial else ""
        return TorchCode(None, f"{last}.reshape({sizes}){first}", aliases=True)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        *spatial, channels = sizes_of(self.shape)
        if value_of(channels) == value_of(x.channels):
            return to.reshape(to.x, channels, *spatial)
        last = to.channels_last(to.x, len(x) - 1)
        return to.channels_first(to.reshape(last, *spatial, channels), len(spatial))

    def copies(self, arrangements: tuple[str, ...], x: Shape) -> bool:
        *spatial, channels = [value_of(n) for n in sizes_of(self.shape)]
        if channels == x.channels or len(x) == 1 or lies(arrangements[0], LAST, x):
            return False
        # The channels of each position may be parted where they lie.
        return spatial[: len(x) - 1] != [value_of(n) for n in x.spatial]

    def arranges(self, arrangements: tuple[str, ...], x: Shape) -> str:
        if len(sizes_of(self.shape)) == 1:
            return FIRST
        if value_of(sizes_of(self.shape)[-1]) == x.channels and len(x) > 1:
            return arrangements[0]
        new = len(x) == 1 or lies(arrangements[0], LAST, x) or self.copies(arrangements, x)
        return LAST if new else PART

    def regards(self, x: Shape) -> tuple[int | None, ...] | None:
        *after, channels = [value_of(n) for n in sizes_of(self.shape)]
        before = [value_of(n) for n in x.spatial]
        longer = [axis for axis, n in enumerate(after) if n > 1]
        same = [n for n in before if n > 1] == [after[axis] for axis in longer]
        if len(after) == len(before) or not same or not longer:
            return None
        if channels != value_of(x.channels):
            return None
        following = iter(longer)
        return tuple([next(following) if n > 1 else None for n in before])

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x.reshape(sizes_of(self.shape))


class ChannelShuffle(Free, Unchanged):
    """Channels exchanged between groups: the first of each group, then the second of each."""

    name = "channel_shuffle"
    arrangement = (2, 3)
    group = "rearrangement"
    positional = ("groups",)
    example = "28x28x240 -> channel_shuffle 3"
    source = "arXiv:1707.01083, section 3.1; PyTorch, torch.nn.ChannelShuffle"

    groups = Count("groups of channels", symbol="G", required=True)

    def accept(self, x: Shape) -> None:
        if x.channels % self.groups:
            raise OpError("shape", f"{x.channels} channels do not divide into {self.groups} groups", "groups")

    def torch_code(self, x: Shape) -> TorchCode:
        # PyTorch's wants positions.
        apply = "m(x)" if len(x) > 1 else "m(x.unsqueeze(2)).squeeze(2)"
        return TorchCode(call("nn.ChannelShuffle", self.groups), apply)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        grouped = to.reshape(to.x, self.groups, x.channels // self.groups, *x.spatial)
        return to.reshape(to.transpose(grouped, 0, 2, 1, *range(3, len(x) + 2)), x.channels, *x.spatial)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        grouped = x.reshape(*x.shape[:-1], self.groups, -1)
        return grouped.swapaxes(-1, -2).reshape(x.shape)


class Take(Free):
    """Some of the channels: so many of them, from a given one on. Two of these split a tensor."""

    name = "take"
    storage = VIEW
    elsewhere = ("split", "chunk", "narrow", "channelsplit")
    group = "rearrangement"
    positional = ("channels",)
    shapes = "the positions that arrive, `channels` channels"
    example = "28x28x116 -> concat\n  | take 58\n  | take 58 offset=58 -> conv 1x1 58"
    source = "arXiv:1807.11164, section 3.2 (channel split); PyTorch, torch.narrow"

    channels = Count("channels kept", symbol="K", required=True)
    offset = Count("the first one kept, counted from 0", 0, least=0)

    def accept(self, x: Shape) -> None:
        if self.offset + self.channels > x.channels:
            at = f" at offset {self.offset}" if self.offset else ""
            raise OpError("shape", f"{self.channels} channels{at} do not fit into {x.channels}", "channels")

    def volume(self, x: Shape) -> Volume:
        return Volume(unchanged_axes(x.spatial), self.channels, x.channels)

    def torch_code(self, x: Shape) -> TorchCode:
        end = self.offset + self.channels
        taken = f"{self.offset or ''}:{end if end < x.channels else ''}"
        return TorchCode(None, f"x[:, {taken}]", aliases=True)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.slice(to.x, [self.offset], [self.offset + self.channels], [1])

    def arranges(self, arrangements: tuple[str, ...], x: Shape) -> str:
        (how,) = arrangements
        return how if len(x) == 1 or how == FIRST or self.channels == x.channels else PART

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x[..., self.offset : self.offset + self.channels]


class PaddingLayer(Free):
    """Base of the layers that put a rim around a map."""

    arrangement: ClassVar[str | tuple[int, ...]] = (2, 3)
    group = "rearrangement"
    positional = ("pad",)
    shapes = "as many positions more as the rim has, the channels that arrive"
    # What stands on the rim: with ZEROS the value.
    rim: ClassVar[str] = ZEROS
    value: Any = 0

    pad = Padding("a number, HxW, or TxBxLxR", symbol="P", required=True)

    def check(self) -> None:
        if isinstance(self.pad, str):
            raise OpError("argument", f"`{self.name}` has no window to pad for: give numbers", "pad")

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        self.sides(x)

    def sides(self, x: Shape) -> list[tuple[Number, Number]]:
        """Positions before and behind, per axis."""
        count = len(x) - 1
        if isinstance(self.pad, tuple) and len(self.pad) == 2 * count:
            return list(zip(self.pad[::2], self.pad[1::2], strict=True))
        return [(p, p) for p in spread(self.pad, count, "pad")]

    def volume(self, x: Shape) -> Volume:
        sides = zip(x.spatial, self.sides(x), strict=True)
        windows = [Window(n, low=low, high=high, rule=padded) for n, (low, high) in sides]
        return Volume(windows, x.channels, x.channels)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        modes = {ZEROS: "constant", REFLECT: "reflect", REPLICATE: "edge", CIRCULAR: "wrap"}
        made = to.padded(to.x, self.sides(x), self.value, modes[self.rim])
        return to.node("Identity", to.x) if made == to.x else made

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.read(x, self.volume(Shape(x.shape)).windows, self.rim, self.value)


class ZeroPad(PaddingLayer):
    """A rim of zeros, or of another value."""

    name = "zeropad"
    synonyms = ("constantpad{}d",)
    keras = "ZeroPadding{}D"
    example = "224x224x3 -> zeropad 3"
    source = "PyTorch, torch.nn.ZeroPad2d; with a value torch.nn.ConstantPad2d"

    value = Real("what stands on the rim", 0)

    def torch_code(self, x: Shape) -> TorchCode:
        sides = self.sides(x)
        value = literal(self.value) if value_of(self.value) else ""
        return TorchCode(None, padded_source("x", sides, value) if any(map(any, sides)) else "x.clone()")


class Crop(Free):
    """A rectangle cut out, of a given size or the size of another tensor."""

    name = "crop"
    keras = "Cropping{}D"
    group = "rearrangement"
    positional = ("size",)
    shapes = "`size` positions, the channels that arrive"
    example = "568x568x21 -> crop 500x500 offset=31"
    source = "Caffe, crop layer"

    size = Extent("height and width to keep, or @label for those of that tensor", required=True)
    offset = Axes("first row and column kept", 0, least=0)

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        count = len(x) - 1
        sizes = spread(self.size, count, "size")
        for n, offset, size in zip(x.spatial, spread(self.offset, count, "offset"), sizes, strict=True):
            if offset + size > n:
                at = f" at offset {offset}" if offset else ""
                raise OpError("shape", f"{size}{at} does not fit into {n}", "size")

    def volume(self, x: Shape) -> Volume:
        count = len(x) - 1
        axes = zip(
            x.spatial, spread(self.offset, count, "offset"), spread(self.size, count, "size"), strict=True
        )
        windows = [
            Window(n, low=-offset, high=offset + size - n, rule=stated, target=size)
            for n, offset, size in axes
        ]
        return Volume(windows, x.channels, x.channels)

    def torch_code(self, x: Shape) -> TorchCode:
        offsets = spread(self.offset, len(x) - 1, "offset")
        cuts = [
            f", {a or ''}:{a + n if a + n < size else ''}"
            for a, n, size in zip(offsets, self.output(x), x.spatial, strict=False)
        ]
        # A copy: whoever writes over it must not write over the input.
        return TorchCode(None, f"x[:, :{''.join(cuts)}].clone()")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        starts = spread(self.offset, len(x) - 1, "offset")
        ends = [a + n for a, n in zip(starts, self.output(x), strict=False)]
        return to.slice(to.x, starts, ends, range(2, len(x) + 1))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.read(x, self.volume(Shape(x.shape)).windows)
