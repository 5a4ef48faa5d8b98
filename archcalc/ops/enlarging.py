"""Enlarging: more positions than arrive, without learned weights."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..arithmetic import Number, ceil_div, product, value_of, written
from ..periodic import LONGEST, Periodic, PeriodTooLongError
from ..shape import Shape
from .base import Axes, Choice, Count, Op, OperationCounts, OpError, Saved, TorchCode, Window, spread
from .torch_code import call


class Repeated(Window):
    """The window of an enlargement by repetition: unit i reads position i // factor alone."""

    __slots__ = ("factor",)

    def __init__(self, factor: Number, kernel: Number = 1):
        super().__init__(kernel)
        self.factor = factor

    @property
    def words(self) -> str:
        return f"position i // {written(self.factor)}"

    @property
    def first(self) -> Periodic:
        if self._first is None:
            self._first = self._period(lambda i: i // self.factor)
        return self._first

    @property
    def last(self) -> Periodic:
        return self.first

    def _period(self, end: Callable[[int], int]) -> Periodic:
        if self.factor > LONGEST:
            raise PeriodTooLongError
        return Periodic(tuple([end(i) for i in range(self.factor)]), 1)

    @property
    def slope(self) -> Fraction:
        return Fraction(1, self.factor)

    @property
    def pointwise(self) -> bool:
        return bool(self.factor == 1)


class Interpolated(Repeated):
    """The window of a linear interpolation: unit i lies at (i + 1/2)/factor - 1/2 and reads the
    positions on both sides, or the one on which it falls."""

    __slots__ = ()

    def __init__(self, factor: Number):
        super().__init__(factor, 2)

    @property
    def words(self) -> str:
        where = f"(i + 1/2)/{written(self.factor)} - 1/2"
        return f"the positions on both sides of {where}, or the one on which it falls"

    @property
    def first(self) -> Periodic:
        if self._first is None:
            self._first = self._period(lambda i: (2 * i + 1 - self.factor) // (2 * self.factor))
        return self._first

    @property
    def last(self) -> Periodic:
        if self._last is None:
            f = self.factor
            self._last = self._period(lambda i: ceil_div(2 * i + 1 - f, 2 * f))
        return self._last


class Interpolating(Op):
    """Ops whose units repeat the value they fall on, or interpolate between neighbours."""

    group = "enlarging"
    counting = (
        "nearest: none; bilinear: mul_add 2 an axis multiplied (4 on a map) per output, not among "
        "the MACs; the weights, the same for all channels, are not counted"
    )

    # Each declares it behind its own attributes, in the order of its signature.
    mode: Any

    def operations(self, x: Shape) -> OperationCounts:
        if self.mode == "nearest":
            return OperationCounts()
        return OperationCounts(mul_add=product([self.output(x).values, *[2] * len(x.spatial)]))

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def torch_mode(self, x: Shape) -> str:
        """The mode as ``torch.nn.Upsample`` calls it."""
        if self.mode == "nearest":
            return "nearest"
        return ("linear", "bilinear", "trilinear")[len(x) - 2]


class Upsample(Interpolating):
    """Enlarging by a whole factor: each value repeated, or interpolated between its neighbours.

    mode=bilinear is linear along every axis, with the corners of pixels aligned, not their
    centres (align_corners=False): beyond the rim, where PyTorch repeats the last position, the
    window goes on as everywhere.
    """

    name = "upsample"
    arrangement = (2, 3)
    keras = "UpSampling{}D"
    synonyms = ("upsampling", "upsampling1d", "upsampling2d", "upsampling3d", "upsample2d")
    positional = ("factor",)
    shapes = "`factor` times as many positions along each axis, the channels that arrive"
    example = "32x32x21 -> upsample 8 mode=bilinear"
    source = "PyTorch, torch.nn.Upsample (align_corners=False)"

    factor = Axes("how many times as large", symbol="R", required=True)
    mode = Choice(("nearest", "bilinear"), "what stands between the values that arrive", "nearest")

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        self.factors(x)

    def factors(self, x: Shape) -> tuple[Number, ...]:
        """The factor along each axis."""
        return spread(self.factor, len(x) - 1, "factor")

    def output(self, x: Shape) -> Shape:
        sizes = [n * f for n, f in zip(x.spatial, self.factors(x), strict=True)]
        return Shape((*sizes, x.channels))

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4:
            return None
        mode = self.torch_mode(x), "nearest"
        return TorchCode(call("nn.Upsample", scale_factor=(self.factor, None), mode=mode))

    def window(self, x: Shape) -> tuple[Window, ...]:
        # Between the values of an axis of one position there is only that one.
        return tuple(
            [
                Repeated(factor) if self.mode == "nearest" or value_of(n) == 1 else Interpolated(factor)
                for factor, n in zip(self.factors(x), x.spatial, strict=True)
            ]
        )


class PixelShuffle(Op):
    """Channels to positions: on a map, R*R channels become one of R x R positions each.

    Along other numbers of axes likewise: R channels on a signal, R*R*R in a volume.
    """

    name = "pixel_shuffle"
    arrangement = (2,)
    elsewhere = ("depthtospace", "subpixel")
    group = "enlarging"
    positional = ("factor",)
    shapes = "`factor` times as many positions along each axis, made of channels: as many values"
    example = "64x64x12 -> pixel_shuffle 2"
    source = "arXiv:1609.05158, equation 4; PyTorch, torch.nn.PixelShuffle"

    factor = Count("how many times as large, along each axis", symbol="R", required=True)

    def block(self, x: Shape) -> Number:
        """Channels that become one."""
        return product([self.factor] * len(x.spatial))

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        if x.channels % self.block(x):
            raise OpError(
                "shape", f"{x.channels} channels do not divide into blocks of {self.block(x)}", "factor"
            )

    def output(self, x: Shape) -> Shape:
        return Shape((*[n * self.factor for n in x.spatial], x.channels // self.block(x)))

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts()

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(call("nn.PixelShuffle" if len(x) == 3 else "Unblock", self.factor))

    def window(self, x: Shape) -> tuple[Window, ...]:
        return tuple([Repeated(self.factor) for _ in x.spatial])
