"""Other numbers of positions, without learned weights: to any size or by any factor, and positions
to channels."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from ..arithmetic import Number, ceil_div, product, value_of, written
from ..periodic import LONGEST, Periodic, PeriodTooLongError
from ..shape import Shape
from .base import Choice, Count, Extent, Op, OperationCounts, OpError, Real, Saved, TorchCode, Window, spread
from .enlarging import Interpolating
from .torch_code import call


class Resampled(Window):
    """The window of a change of size by repetition: unit i reads position floor(i * n / m) alone,
    where n positions become m."""

    __slots__ = ("before", "behind")

    def __init__(self, before: Number, behind: Number, kernel: Number = 1):
        super().__init__(kernel)
        self.before = before
        self.behind = behind

    @property
    def words(self) -> str:
        return f"position floor(i*{written(self.before)}/{written(self.behind)})"

    @property
    def ratio(self) -> tuple[int, int]:
        """Positions on, and after how many units, in lowest terms."""
        common = gcd(self.before, self.behind)
        return self.before // common, self.behind // common

    def units(self) -> range:
        """The units after which the windows repeat."""
        period = self.ratio[1]
        if period > LONGEST:
            raise PeriodTooLongError
        return range(period)

    @property
    def first(self) -> Periodic:
        if self._first is None:
            p, q = self.ratio
            self._first = Periodic(tuple([i * p // q for i in self.units()]), p)
        return self._first

    @property
    def last(self) -> Periodic:
        return self.first

    @property
    def slope(self) -> Fraction:
        return Fraction(self.before, self.behind)

    @property
    def pointwise(self) -> bool:
        return bool(self.before == self.behind)


class Between(Resampled):
    """The window of a linear interpolation: unit i lies at (i + 1/2) * n / m - 1/2 and reads the
    positions on both sides, or the one on which it falls."""

    __slots__ = ()

    def __init__(self, before: Number, behind: Number):
        super().__init__(before, behind, 2)

    @property
    def words(self) -> str:
        where = f"(i + 1/2)*{written(self.before)}/{written(self.behind)} - 1/2"
        return f"the positions on both sides of {where}, or the one on which it falls"

    @property
    def first(self) -> Periodic:
        if self._first is None:
            p, q = self.ratio
            self._first = Periodic(tuple([((2 * i + 1) * p - q) // (2 * q) for i in self.units()]), p)
        return self._first

    @property
    def last(self) -> Periodic:
        if self._last is None:
            p, q = self.ratio
            self._last = Periodic(tuple([ceil_div((2 * i + 1) * p - q, 2 * q) for i in self.units()]), p)
        return self._last


class Resize(Interpolating):
    """Another number of positions: of a given size, or by a factor that may be a fraction.

    The size is given, or that of another tensor, or `by` how much: `by=1.5`, `by=0.5`, rounded
    down. Each unit takes the position it falls on, or interpolates between its neighbours, which
    are two an axis also where the size shrinks (no antialiasing), with the corners of pixels
    aligned. Whole factors are `upsample`'s.
    """

    name = "resize"
    arrangement = (2, 3)
    keras = "Resizing"
    synonyms = ("interpolate", "resizing")
    positional = ("size",)
    shapes = "the positions of `size`, or `by` times as many, the channels that arrive"
    example = "32x32x21 -> resize 50x50 mode=bilinear"
    source = "PyTorch, torch.nn.functional.interpolate (align_corners=False)"

    size = Extent("height and width of the output, or @label for those of that tensor")
    by = Real("how many times as large, along each axis; may be a fraction")
    mode = Choice(("nearest", "bilinear"), "what stands between the values that arrive", "nearest")

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

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        if self.size is not None:
            spread(self.size, len(x) - 1, "size")

    def output(self, x: Shape) -> Shape:
        if self.by is None:
            return Shape((*spread(self.size, len(x) - 1, "size"), x.channels))
        up, down = Fraction(value_of(self.by)).as_integer_ratio()
        return Shape((*[n * up // down for n in x.spatial], x.channels))

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4:
            return None
        mode = self.torch_mode(x), "nearest"
        if self.by is not None:
            factor = Fraction(value_of(self.by))
            return TorchCode(call("nn.Upsample", scale_factor=(factor, None), mode=mode))
        sizes = tuple(self.output(x).spatial)
        return TorchCode(call("nn.Upsample", size=(sizes, None), mode=mode))

    def window(self, x: Shape) -> tuple[Window, ...]:
        # Between the values of an axis of one position there is only that one.
        kinds = [Resampled if self.mode == "nearest" or value_of(n) == 1 else Between for n in x.spatial]
        if self.by is not None:
            up, down = Fraction(value_of(self.by)).as_integer_ratio()
            return tuple([kind(down, up) for kind in kinds])
        sizes = zip(kinds, x.spatial, self.output(x).spatial, strict=True)
        return tuple([kind(n, m) for kind, n, m in sizes])


class PixelUnshuffle(Op):
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

    def output(self, x: Shape) -> Shape:
        block = product([self.factor] * len(x.spatial))
        return Shape((*[n // self.factor for n in x.spatial], x.channels * block))

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts()

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(call("nn.PixelUnshuffle" if len(x) == 3 else "Block", self.factor))

    def window(self, x: Shape) -> tuple[Window, ...]:
        return tuple([Window(self.factor, self.factor) for _ in x.spatial])
