"""Normalisations over a neighbourhood."""

from __future__ import annotations

from fractions import Fraction
from itertools import product as cartesian
from math import exp, prod
from typing import TYPE_CHECKING

from ..arithmetic import product, value_of
from ..shape import Shape
from .attributes import Choice, Count, Real
from .base import Elementwise, Unchanged
from .facts import Extra, OperationCounts, Saved
from .torch_code import TorchCode, call
from .volume import Volume
from .window import Window, unchanged

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode

# What local contrast normalisation divides by at least: the threshold of Torch7.
LEAST_DIVISOR = Fraction(1, 10_000)


class LocalResponseNorm(Elementwise):
    """Local response normalisation: divided by a power of the sum of squares nearby.

    x / (k + alpha/n * sum of n squares)^beta: alpha is divided by the number of values summed, as
    in Caffe and PyTorch. Across positions the neighbourhood is a square.
    """

    name = "lrn"
    group = "normalisation"
    positional = ("size",)
    example = "55x55x96 -> lrn 5"
    source = (
        "Krizhevsky et al., NIPS 2012, section 3.3; Caffe, LRN layer (WITHIN_CHANNEL across "
        "positions); PyTorch, torch.nn.LocalResponseNorm"
    )
    counting = (
        "per value mul 2 (square, alpha/n), add n (n - 1 for the sum, 1 for k), special 1 (power), "
        "div 1; n, the number of values summed, counted in full at the rims"
    )
    is_norm = True
    no_saved_rule = "with across=positions: PyTorch has no such layer, and ways of writing it differ"

    size = Count("values in the sum (along an axis if across=positions)", symbol="n", required=True)
    across = Choice(("channels", "positions"), "which neighbours are summed", "channels")
    alpha = Real("factor of the sum", Fraction(1, 10000))
    beta = Real("exponent", Fraction(3, 4))
    k = Real("what is added to the sum", 2)

    def accept(self, x: Shape) -> None:
        if self.across == "positions":
            self.need_positions(x)

    def operations(self, x: Shape) -> OperationCounts:
        cells = self.size
        if self.across == "positions":
            cells = product([self.size] * len(x.spatial))
        return OperationCounts(mul=2 * x.values, add=cells * x.values, special=x.values, div=x.values)

    def saves(self, x: Shape) -> Saved | None:
        if self.across == "positions":
            return None
        squares = (x.channels + self.size - 1) * x.positions
        return Saved(
            inputs=True,
            extras=(
                Extra("its squares, padded", squares),
                Extra("their sums and the powers of these", 2 * x.values),
            ),
        )

    def torch_code(self, x: Shape) -> TorchCode:
        within = self.across == "positions"
        module = call(
            "LocalResponseNormWithin" if within else "nn.LocalResponseNorm",
            self.size,
            alpha=(self.alpha, 1e-4),
            beta=(self.beta, 0.75),
            k=(self.k, 1),
        )
        # PyTorch's wants positions.
        return TorchCode(module, "m(x)" if len(x) > 1 else "m(x.unsqueeze(2)).squeeze(2)")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        size = value_of(self.size)
        if self.across == "channels" and size % 2 and len(x) == 3 and self.alpha > 0 and self.beta > 0:
            return to.node(
                "LRN", to.x, size=size, alpha=float(self.alpha), beta=float(self.beta), bias=float(self.k)
            )
        squares = to.node("Mul", to.x, to.x)
        if self.across == "channels":
            # One value more in front than behind, where their number is even; ONNX has it the other way.
            rows = to.reshape(squares, 1, x.channels, -1)
            rows = to.padded(rows, [(size // 2, (size - 1) // 2), (0, 0)])
            means = to.node("AveragePool", rows, kernel_shape=(size, 1))
            means = to.reshape(means, *[x.channels, *x.spatial])
        else:
            axes = len(x.spatial)
            rim = [((size - 1) // 2, size // 2)] * axes
            means = to.node("AveragePool", to.padded(squares, rim), kernel_shape=(size,) * axes)
        sums = to.node("Add", to.node("Mul", means, to.real(self.alpha)), to.real(self.k))
        return to.node("Div", to.x, to.node("Pow", sums, to.real(self.beta)))

    def volume(self, x: Shape) -> Volume:
        if self.across == "channels":
            return super().volume(x)
        windows = [Window(n, self.size, 1, (self.size - 1) // 2) for n in x.spatial]
        return Volume(windows, x.channels, x.channels)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        squares = x * x
        if self.across == "channels":
            count, sums = self.size, calc.sums_of_neighbours(squares, self.size // 2, self.size)
        else:
            windows = self.volume(Shape(x.shape)).windows
            count, sums = self.size ** len(windows), calc.sums(calc.windows(squares, windows))
        divisor = calc.power(sums * Fraction(self.alpha, count) + self.k, self.beta)
        return calc.quotient(calc.here(x), divisor)


class LocalContrastNorm(Unchanged):
    """Local contrast normalisation: minus a local mean, divided by a local deviation.

    Both are weighted means over a square of positions and all channels, with fixed weights. The
    deviation is that of what the subtraction has left, which has read a square itself: a unit
    reads 2*size - 1 positions along an axis. The least divisor, the paper's mean deviation of the
    image, is taken for a constant.
    """

    name = "lcn"
    group = "normalisation"
    positional = ("size",)
    example = "151x143x64 -> lcn 9"
    source = "Jarrett, Kavukcuoglu, Ranzato and LeCun, ICCV 2009 (layer N)"
    counting = (
        "per value, n positions in the square: mul_add 2n (weighted sums of values and of squares; "
        "not among the MACs), mul 1 (square), add 1 (difference), div 1; per position: special 1 "
        "(root), compare 1 (with the least divisor); the square counted in full at the rims"
    )
    is_norm = True
    no_saved_rule = "PyTorch has no such layer, and ways of writing it differ"

    size = Count("positions along a side of the square", symbol="n", required=True)

    def accept(self, x: Shape) -> None:
        self.need_positions(x)

    def operations(self, x: Shape) -> OperationCounts:
        square = product([self.size] * len(x.spatial))
        return OperationCounts(
            mul_add=2 * square * x.values,
            mul=x.values,
            add=x.values,
            div=x.values,
            special=x.positions,
            compare=x.positions,
        )

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(call("LocalContrastNorm", self.size))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import FLOAT, pads_of

        size, axes = value_of(self.size), len(x.spatial)
        line = [exp(-((at - (size - 1) / 2) ** 2) / (2 * (size / 4) ** 2)) for at in range(size)]
        square = [prod(each) / (sum(line) ** axes * x.channels) for each in cartesian(line, repeat=axes)]
        weight = to.constant(FLOAT, (1, 1, *[size] * axes), square)
        weight = to.node("Expand", weight, to.ints(1, x.channels, *[size] * axes))
        rim = pads_of([((size - 1) // 2, size // 2)] * axes)
        left = to.node("Sub", to.x, to.node("Conv", to.x, weight, pads=rim))
        variance = to.node("Conv", to.node("Mul", left, left), weight, pads=rim)
        return to.node("Div", left, to.node("Max", to.node("Sqrt", variance), to.real(LEAST_DIVISOR)))

    def volume(self, x: Shape) -> Volume:
        before = (self.size - 1) // 2
        windows = [Window(n, 2 * self.size - 1, 1, 2 * before) for n in x.spatial]
        return Volume(windows, x.channels, x.channels)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        centre, width = (self.size - 1) / 2, self.size / 4
        axes, channels = x.ndim - 1, x.shape[-1]
        # Torch7's Gaussian, as wide as a quarter of the square, the same for all channels and 1 in sum.
        line = [exp(-((at - centre) ** 2) / (2 * width**2)) for at in range(self.size)]
        windows = [Window(n, self.size, 1, (self.size - 1) // 2, rule=unchanged) for n in x.shape[:-1]]
        left = x - calc.blurred(x, windows, line) * (1 / (sum(line) ** axes * channels))
        variance = calc.blurred(left * left, windows, line) * (1 / (sum(line) ** axes * channels))
        return calc.quotient(left, calc.maximum(calc.function("root", variance), LEAST_DIVISOR))
