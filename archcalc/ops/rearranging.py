"""Ops that move, cut or drop values without computing with them."""

from __future__ import annotations

from ..arithmetic import Number, product
from ..shape import Shape
from .base import (
    EVERYTHING,
    Axes,
    Elementwise,
    Extent,
    Ledger,
    Op,
    Padding,
    Problem,
    Real,
    Window,
    spread,
)


class Input(Op):
    """An input of the network."""

    name = "input"
    spellable = False

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape

    def output(self) -> Shape:  # type: ignore[override]
        return self.shape

    def operations(self) -> Ledger:  # type: ignore[override]
        return Ledger()

    def window(self) -> tuple[Window, ...]:  # type: ignore[override]
        return ()


class Identity(Elementwise):
    """Nothing: the tensor as it is. Adds no layer."""

    name = "identity"
    group = "rearrangement"
    example = "56x56x64 -> add\n  | conv 3x3 64 pad=1\n  | identity"
    source = "arXiv:1512.03385, section 3.2"
    transparent = True

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        return Ledger()


class Dropout(Elementwise):
    """Dropout, which does nothing at inference."""

    name = "dropout"
    group = "rearrangement"
    positional = ("p",)
    example = "4096 -> dropout 0.5"
    source = "arXiv:1207.0580"

    p = Real("probability that a value is dropped in training", required=True)

    def check(self) -> None:
        if not 0 <= self.p < 1:
            raise Problem("argument", "`p` is a probability, from 0 up to but not 1", "p")

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        return Ledger()


class Flatten(Op):
    """All values as one vector.

    A vector has no positions left to tell apart, so its receptive field is the whole input.
    """

    name = "flatten"
    group = "rearrangement"
    example = "7x7x512 -> flatten"
    source = "PyTorch, torch.nn.Flatten"
    rides = True

    def output(self, x: Shape) -> Shape:  # type: ignore[override]
        return Shape((product(x),))

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        return Ledger()

    def window(self, x: Shape) -> tuple[Window, ...] | str:  # type: ignore[override]
        return EVERYTHING if len(x) > 1 else ()


class ZeroPad(Op):
    """A rim of zeros."""

    name = "zeropad"
    group = "rearrangement"
    positional = ("pad",)
    example = "224x224x3 -> zeropad 3"
    source = "PyTorch, torch.nn.ZeroPad2d"

    pad = Padding("a number, HxW, or TxBxLxR", symbol="P", required=True)

    def check(self) -> None:
        if isinstance(self.pad, str):
            raise Problem("argument", "`zeropad` has no window to pad for: give numbers", "pad")

    def accept(self, x: Shape) -> None:  # type: ignore[override]
        self.need_positions(x)
        self.sides(x)

    def sides(self, x: Shape) -> list[tuple[Number, Number]]:
        """Zeros before and behind, an axis."""
        count = len(x) - 1
        if isinstance(self.pad, tuple) and len(self.pad) == 2 * count:
            return list(zip(self.pad[::2], self.pad[1::2], strict=True))
        return [(p, p) for p in spread(self.pad, count, "pad")]

    def output(self, x: Shape) -> Shape:  # type: ignore[override]
        sizes = [n + low + high for n, (low, high) in zip(x.spatial, self.sides(x), strict=True)]
        return Shape((*sizes, x.channels))

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        return Ledger()

    def window(self, x: Shape) -> tuple[Window, ...]:  # type: ignore[override]
        return tuple(Window(1, 1, low) for low, _ in self.sides(x))


class Crop(Op):
    """A rectangle cut out, of a given size or the size of another tensor."""

    name = "crop"
    group = "rearrangement"
    positional = ("size",)
    example = "568x568x21 -> crop 500x500 offset=31"
    source = "Caffe, crop layer"

    size = Extent("height and width to keep, or @label for those of that tensor", required=True)
    offset = Axes("first row and column kept", 0, least=0)

    def accept(self, x: Shape) -> None:  # type: ignore[override]
        self.need_positions(x)
        count = len(x) - 1
        sizes = spread(self.size, count, "size")
        for n, offset, size in zip(
            x.spatial, spread(self.offset, count, "offset"), sizes, strict=True
        ):
            if offset + size > n:
                at = f" at offset {offset}" if offset else ""
                raise Problem("shape", f"{size}{at} does not fit into {n}", "size")

    def output(self, x: Shape) -> Shape:  # type: ignore[override]
        return Shape((*spread(self.size, len(x) - 1, "size"), x.channels))

    def operations(self, x: Shape) -> Ledger:  # type: ignore[override]
        return Ledger()

    def window(self, x: Shape) -> tuple[Window, ...]:  # type: ignore[override]
        return tuple(Window(1, 1, -offset) for offset in spread(self.offset, len(x) - 1, "offset"))
