"""Enlarging: more positions than arrive, without learned weights."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..arithmetic import Number, product, value_of
from ..shape import Shape
from .attributes import Axes, Choice, Count, Flag, OpError, spread
from .base import Free, Op
from .facts import OperationCounts, Saved
from .resampling import NearestWindow, interpolated
from .torch_code import TorchCode, call
from .volume import Volume
from .window import enlarged

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Interpolating(Op):
    """Ops whose units repeat the value they fall on, or interpolate between neighbours."""

    group = "enlarging"
    counting = (
        "nearest: none; bilinear: mul_add 2 per axis multiplied (4 on a map) per output, not among "
        "the MACs, bicubic 4 per axis (16 on a map); the weights, the same for all channels, are not "
        "counted"
    )
    no_torch_reason = "PyTorch's layers have three axes at most, and of bicubic ones two"

    # Each declares these behind its own attributes, in the order of its signature.
    mode: Any
    align_corners: Any

    def check(self) -> None:
        if self.align_corners and self.repeats:
            raise OpError("argument", "corners are aligned where values are interpolated", "align_corners")

    @property
    def repeats(self) -> bool:
        """Whether each unit takes one value as it is."""
        return str(self.mode).startswith("nearest")

    def resampled(self, x: Shape) -> list[NearestWindow]:
        """The window along each axis."""
        raise NotImplementedError

    def volume(self, x: Shape) -> Volume:
        return Volume(self.resampled(x), x.channels, x.channels)

    def operations(self, x: Shape) -> OperationCounts:
        if self.repeats:
            return OperationCounts()
        each = 2 if self.mode == "bilinear" else 4
        return OperationCounts(mul_add=product([self.output(x).values, *[each] * len(x.spatial)]))

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def module(self, x: Shape, **options: tuple[object, object]) -> TorchCode | None:
        """The module with these options."""
        if len(x) > 4 or (self.mode == "bicubic" and len(x) != 3):
            return None
        options["mode"] = self.torch_mode(x), "nearest"
        options["align_corners"] = (True if self.align_corners else None), None
        return TorchCode(call("nn.Upsample", **options))

    def torch_mode(self, x: Shape) -> str:
        """The mode as ``torch.nn.Upsample`` calls it."""
        if self.mode != "bilinear":
            return str(self.mode).replace("_", "-")
        return ("linear", "bilinear", "trilinear")[len(x) - 2]

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import FLOAT

        mode, axes = str(self.mode), len(x.spatial)
        if mode == "bicubic" and axes != 2:
            return None
        windows = self.resampled(x)
        if self.repeats and not all(_in_binary(w) for w in windows):
            # A runtime rounds the factor, and with it the position on which a unit falls: each is stated.
            found = to.x
            for axis, w in enumerate(windows, 2):
                places = [w.taps(i)[0][0] for i in range(w.output)]
                found = to.node("Gather", found, to.ints(*places), axis=axis)
            return found
        options: dict[str, Any] = {"mode": {"bilinear": "linear", "bicubic": "cubic"}.get(mode, "nearest")}
        place = "align_corners" if self.align_corners else "half_pixel"
        if mode == "nearest":
            options["nearest_mode"], place = "floor", "asymmetric"
        elif mode == "bicubic":
            options["cubic_coeff_a"] = -0.75
        elif mode == "nearest_exact":
            options["nearest_mode"] = "round_prefer_ceil"
        options["coordinate_transformation_mode"] = place
        options["axes"] = tuple(range(2, axes + 2))
        factors = self.resize_factors(x)
        if factors is None or self.align_corners:
            return to.node("Resize", to.x, "", "", to.ints(*self.output(x).spatial), **options)
        # The places are counted by the factors, and not by the sizes that come of them.
        scales = to.constant(FLOAT, (axes,), [float(factor) for factor in factors])
        return to.node("Resize", to.x, "", scales, **options)

    def resize_factors(self, x: Shape) -> Sequence[Number] | None:
        """The factor along each axis; None where the sizes are given."""
        raise NotImplementedError

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        for axis, window in enumerate(self.resampled(Shape(x.shape))):
            x = calc.interpolated(x, axis, [window.taps(i) for i in calc.units(axis, window.output)])
        return x


def _in_binary(w: NearestWindow) -> bool:
    """Whether binary digits say exactly how many positions there are for one that arrives."""
    before = Fraction(w.behind, w.before).denominator
    return before & (before - 1) == 0


class Upsample(Interpolating):
    """Enlarging by a whole factor: each value repeated, or interpolated between its neighbours.

    mode=bilinear is linear along every axis, mode=bicubic cubic, with the corners of pixels aligned,
    not their centres, unless align_corners=yes: beyond the rim, where PyTorch repeats the last
    position, the window goes on as everywhere.
    """

    name = "upsample"
    arrangement = (2, 3)
    keras = "UpSampling{}D"
    synonyms = ("upsampling", "upsampling{}d", "upsample2d")
    positional = ("factor",)
    shapes = "`factor` times as many positions along each axis, the channels that arrive"
    example = "32x32x21 -> upsample 8 mode=bilinear"
    source = "PyTorch, torch.nn.Upsample "

    factor = Axes("how many times as large", symbol="R", required=True)
    mode = Choice(("nearest", "bilinear", "bicubic"), "what stands between the values that arrive", "nearest")
    align_corners = Flag("the first and last unit lie on the first and last position", False)

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        self.factors(x)

    def factors(self, x: Shape) -> tuple[Number, ...]:
        """The factor along each axis."""
        return spread(self.factor, len(x) - 1, "factor")

    def resampled(self, x: Shape) -> list[NearestWindow]:
        mode, corners = str(self.mode), bool(self.align_corners)
        return [
            interpolated(mode, corners, n, 1, factor, n * factor, enlarged)
            for n, factor in zip(x.spatial, self.factors(x), strict=True)
        ]

    def torch_code(self, x: Shape) -> TorchCode | None:
        return self.module(x, scale_factor=(self.factor, None))

    def resize_factors(self, x: Shape) -> Sequence[Number] | None:
        return self.factors(x)


class PixelShuffle(Free):
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

    def volume(self, x: Shape) -> Volume:
        windows = [NearestWindow(n, 1, self.factor) for n in x.spatial]
        return Volume(windows, x.channels // self.block(x), x.channels)

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(call("nn.PixelShuffle" if len(x) == 3 else "Unblock", self.factor))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        r, axes = value_of(self.factor), len(x.spatial)
        if axes == 2:
            return to.node("DepthToSpace", to.x, blocksize=r, mode="CRD")
        sizes = self.output(x)
        parts = to.reshape(to.x, sizes.channels, *[r] * axes, *x.spatial)
        order = [at for axis in range(axes) for at in (2 + axes + axis, 2 + axis)]
        return to.reshape(to.transpose(parts, 0, 1, *order), sizes.channels, *sizes.spatial)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        axes, r = x.ndim - 1, self.factor
        parts = x.reshape(*x.shape[:-1], -1, *[r] * axes)
        order = [at for axis in range(axes) for at in (axis, axes + 1 + axis)]
        return parts.transpose(*order, axes).reshape(*[n * r for n in x.shape[:-1]], -1)
