"""Other numbers of positions, without learned weights: to any size or by any factor, and positions
to channels."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from ..arithmetic import Number, product, value_of
from ..shape import Shape
from .attributes import Choice, Count, Extent, Flag, OpError, Real, spread
from .base import Free
from .enlarging import Interpolating
from .resampling import NearestWindow, interpolated, scaled
from .torch_code import TorchCode, call
from .volume import Volume
from .window import Window, divided, stated

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Resize(Interpolating):
    """Another number of positions: of a given size, or by a factor that may be a fraction.

    The size is given, or that of another tensor, or `by` how much: `by=1.5`, `by=0.5`, rounded
    down. Each unit takes the position it falls on (mode=nearest_exact: that its centre falls on), or
    interpolates between its neighbours, which are two per axis (four of mode=bicubic) also where the
    size shrinks (no antialiasing), with the corners of pixels aligned, or with align_corners=yes
    their centres. Whole factors are `upsample`'s.
    """

    name = "resize"
    arrangement = (2, 3)
    keras = "Resizing"
    synonyms = ("interpolate", "resizing")
    positional = ("size",)
    shapes = "the positions of `size`, or `by` times as many, the channels that arrive"
    example = "32x32x21 -> resize 50x50 mode=bilinear"
    source = "PyTorch, torch.nn.functional.interpolate"

    size = Extent("height and width of the output, or @label for those of that tensor")
    by = Real("how many times as large, along each axis; may be a fraction")
    mode = Choice(
        ("nearest", "nearest_exact", "bilinear", "bicubic"),
        "what stands between the values that arrive",
        "nearest",
    )
    align_corners = Flag("the first and last unit lie on the first and last position", False)

    def check(self) -> None:
        if (self.size is None) == (self.by is None):
            raise OpError(
                "argument",
                "`resize` takes a size, or `by` how much",
                "size",
                help="as in `resize 34x34` or `resize by=0.5`",
            )
        if self.by is not None and self.by <= 0:
            raise OpError("argument", "`by` must be more than 0", "by")
        super().check()

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        if self.size is not None:
            spread(self.size, len(x) - 1, "size")

    def resampled(self, x: Shape) -> list[NearestWindow]:
        mode, corners = str(self.mode), bool(self.align_corners)
        if self.by is not None:
            up, down = Fraction(value_of(self.by)).as_integer_ratio()
            return [interpolated(mode, corners, n, down, up, n * up // down, scaled) for n in x.spatial]
        sizes = zip(x.spatial, spread(self.size, len(x) - 1, "size"), strict=True)
        return [interpolated(mode, corners, n, n, m, m, stated) for n, m in sizes]

    def torch_code(self, x: Shape) -> TorchCode | None:
        if self.by is not None:
            factor = Fraction(value_of(self.by))
            return self.module(x, scale_factor=(factor, None))
        return self.module(x, size=(tuple(self.output(x).spatial), None))

    def resize_factors(self, x: Shape) -> Sequence[Number] | None:
        return None if self.by is None else [Fraction(value_of(self.by))] * len(x.spatial)


class PixelUnshuffle(Free):
    """Positions to channels: on a map, R x R positions become one of R*R times the channels.

    Along other numbers of axes likewise: R times the channels of a signal, R*R*R in a volume.
    `pixel_shuffle` undoes it.
    """

    name = "pixel_unshuffle"
    elsewhere = ("spacetodepth", "focus", "reorg")
    group = "enlarging"
    positional = ("factor",)
    shapes = "positions divided by `factor` along each axis, to channels: as many values"
    example = "64x64x3 -> pixel_unshuffle 2"
    source = "arXiv:1609.05158, equation 4, the other way; PyTorch, torch.nn.PixelUnshuffle"

    factor = Count("how many positions become one, along each axis", symbol="R", required=True)

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        for size in x.spatial:
            if size % self.factor:
                raise OpError(
                    "shape", f"{size} positions do not divide into blocks of {self.factor}", "factor"
                )

    def volume(self, x: Shape) -> Volume:
        block = product([self.factor] * len(x.spatial))
        windows = [Window(n, self.factor, self.factor, rule=divided) for n in x.spatial]
        return Volume(windows, x.channels * block, x.channels)

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(call("nn.PixelUnshuffle" if len(x) == 3 else "Block", self.factor))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        r, axes, sizes = value_of(self.factor), len(x.spatial), self.output(x)
        parts = to.reshape(to.x, x.channels, *[m for n in sizes.spatial for m in (n, r)])
        order = [*range(3, 3 + 2 * axes, 2), *range(2, 2 + 2 * axes, 2)]
        return to.reshape(to.transpose(parts, 0, 1, *order), sizes.channels, *sizes.spatial)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        axes, r = x.ndim - 1, self.factor
        parts = x.reshape(*[m for n in x.shape[:-1] for m in (n // r, r)], -1)
        order = [*range(0, 2 * axes, 2), 2 * axes, *range(1, 2 * axes, 2)]
        return parts.transpose(*order).reshape(*[n // r for n in x.shape[:-1]], -1)
