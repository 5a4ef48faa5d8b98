"""Activations that are met less often, and gated linear units."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..arithmetic import Number
from ..shape import Shape
from .activation import Activation, saved_by_sign
from .attributes import AxisPosition, OpError, Real
from .axes import axis_number, torch_dim
from .base import Op
from .facts import Extra, OperationCounts, Saved
from .torch_code import TorchCode, call
from .volume import Volume
from .window import Window, stated, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Mish(Activation):
    """Mish, x * tanh(log(1 + exp(x)))."""

    name = "mish"
    example = "32x32x16 -> mish"
    source = "arXiv:1908.08681"
    counting = "special 3 (exp, log, tanh), add 1, mul 1 per value"
    per_value = OperationCounts(special=3, add=1, mul=1)
    module = "nn.Mish"
    onnx = "Mish"

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x * calc.function("tanh", calc.function("softplus", x))


class LogSigmoid(Activation):
    """Logarithm of the logistic sigmoid, -log(1 + exp(-x))."""

    name = "logsigmoid"
    example = "28x28x6 -> logsigmoid"
    source = "PyTorch, torch.nn.LogSigmoid"
    counting = "special 2 (exp, log), add 1 per value"
    per_value = OperationCounts(special=2, add=1)
    saved_by_device = "the kernel on CUDA keeps no powers"
    module = "nn.LogSigmoid"
    inplace = ""

    def saves(self, x: Shape) -> Saved:
        return Saved(inputs=True, extras=(Extra("the powers", x.values),))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node("Neg", to.node("Softplus", to.node("Neg", to.x)))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return -calc.function("softplus", -x)


class Softsign(Activation):
    """Softsign, x / (1 + abs(x))."""

    name = "softsign"
    example = "28x28x6 -> softsign"
    source = "PyTorch, torch.nn.Softsign"
    counting = "compare 1, add 1, div 1 per value"
    per_value = OperationCounts(compare=1, add=1, div=1)
    module = "nn.Softsign"
    inplace = ""
    backward_temporaries = "its derivative is made on the way"
    onnx = "Softsign"

    def saves(self, x: Shape) -> Saved:
        return Saved(inputs=True, extras=(Extra("what it is divided by", x.values),))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.quotient(x, calc.function("abs", x) + 1)


class Tanhshrink(Activation):
    """What the hyperbolic tangent takes off, x - tanh(x)."""

    name = "tanhshrink"
    example = "28x28x6 -> tanhshrink"
    source = "PyTorch, torch.nn.Tanhshrink"
    counting = "special 1, add 1 per value"
    per_value = OperationCounts(special=1, add=1)
    module = "nn.Tanhshrink"
    inplace = ""
    backward_temporaries = "its derivative is made on the way"

    def saves(self, x: Shape) -> Saved:
        return Saved(extras=(Extra("the tangents", x.values),))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node("Sub", to.x, to.node("Tanh", to.x))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x - calc.function("tanh", x)


class Shrink(Activation):
    """Base of the activations that are 0 near 0."""

    inplace = ""

    around = Real("how far from 0 it is 0", Fraction(1, 2), word="lambda")
    onnx = "Shrink"

    def arguments(self, x: Shape) -> tuple[object, ...]:
        return (self.around,)


class Softshrink(Shrink):
    """Soft shrinkage: values move towards 0 by lambda, and are 0 within that."""

    name = "softshrink"
    example = "28x28x6 -> softshrink"
    source = "PyTorch, torch.nn.Softshrink"
    counting = "compare 2, add 1 per value"
    per_value = OperationCounts(compare=2, add=1)
    module = "nn.Softshrink"

    def onnx_options(self) -> dict[str, float]:
        return {"lambd": float(self.around), "bias": float(self.around)}

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        above, below = x > self.around, x < -self.around
        return calc.where(above, x - self.around, calc.where(below, x + self.around, 0))


class Hardshrink(Shrink):
    """Hard shrinkage: 0 within lambda of 0, and the value itself beyond."""

    name = "hardshrink"
    example = "28x28x6 -> hardshrink"
    source = "PyTorch, torch.nn.Hardshrink"
    counting = "compare 2 per value"
    per_value = OperationCounts(compare=2)
    module = "nn.Hardshrink"

    def onnx_options(self) -> dict[str, float]:
        return {"lambd": float(self.around), "bias": 0.0}

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        beyond = (x > self.around) | (x < -self.around)
        return calc.where(beyond, x, 0)


class Threshold(Activation):
    """The value itself above a threshold, and else a constant."""

    name = "threshold"
    positional = ("above", "otherwise")
    example = "28x28x6 -> threshold 0.1 0"
    source = "PyTorch, torch.nn.Threshold"
    counting = "compare: 1 per value"
    per_value = OperationCounts(compare=1)
    module = "nn.Threshold"

    above = Real("the threshold", required=True)
    otherwise = Real("what is put out elsewhere", 0)

    def arguments(self, x: Shape) -> tuple[object, ...]:
        return (self.above, self.otherwise)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        above = to.node("Greater", to.x, to.real(self.above))
        return to.node("Where", above, to.x, to.real(self.otherwise))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.where(x > self.above, x, self.otherwise)


class CELU(Activation):
    """Continuously differentiable ELU, x or alpha*(exp(x/alpha) - 1)."""

    name = "celu"
    example = "32x32x16 -> celu"
    source = "arXiv:1704.07483"
    counting = "compare 1, div 1, special 1, add 1, mul 1 per value"
    per_value = OperationCounts(compare=1, div=1, special=1, add=1, mul=1)
    module = "nn.CELU"

    alpha = Real("value at minus infinity, negated", 1)
    onnx = "Celu"

    def arguments(self, x: Shape) -> tuple[object, ...]:
        return () if self.alpha == 1 else (self.alpha,)

    def saves(self, x: Shape) -> Saved:
        return saved_by_sign(self.alpha)

    def onnx_options(self) -> dict[str, float]:
        return {"alpha": float(self.alpha)}

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        inner = calc.function("expm1", calc.quotient(x, self.alpha))
        return calc.where(x > 0, x, inner * self.alpha)


class RReLU(Activation):
    """Randomized leaky rectified linear unit: at inference the slope is the mean of both bounds."""

    name = "rrelu"
    example = "32x32x16 -> rrelu"
    source = "arXiv:1505.00853; PyTorch, torch.nn.RReLU"
    counting = "compare 1, mul 1 per value"
    per_value = OperationCounts(compare=1, mul=1)
    module = "nn.RReLU"
    inplace = ""

    lower = Real("the least slope that is drawn in training", Fraction(1, 8))
    upper = Real("the largest", Fraction(1, 3))
    onnx = "LeakyRelu"

    def check(self) -> None:
        if self.lower > self.upper:
            raise OpError("argument", "the least slope is no more than the largest", "lower")

    def arguments(self, x: Shape) -> tuple[object, ...]:
        return (self.lower, self.upper)

    def saves(self, x: Shape) -> Saved:
        return Saved(inputs=True, extras=(Extra("the slopes", x.values),))

    def onnx_options(self) -> dict[str, float]:
        return {"alpha": float(self.lower + self.upper) / 2}

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        slope = Fraction(self.lower + self.upper) / 2
        return calc.where(x > 0, x, x * slope)


class GLU(Op):
    """Gated linear unit: one half of the channels times the sigmoid of the other half."""

    name = "glu"
    group = "functions"
    example = "197x768 -> glu"
    source = "arXiv:1612.08083, section 2; PyTorch, torch.nn.GLU"
    shapes = "any; along the axis half of it remains"
    counting = "special 1, add 1, div 1, mul 1 per output"
    backward_temporaries = "its derivative is made on the way"

    axis = AxisPosition("the axis that is halved, counted from 0; -1 are the channels", -1)

    def accept(self, x: Shape) -> None:
        n = x[axis_number(self.axis, x)]
        if n % 2:
            raise OpError("shape", f"{n} of axis {self.axis} do not divide into halves", "axis")

    def volume(self, x: Shape) -> Volume:
        axis = axis_number(self.axis, x)
        if axis == len(x) - 1:
            return Volume(unchanged_axes(x.spatial), x.channels // 2, x.channels)
        windows = list(unchanged_axes(x.spatial))
        half: Number = x[axis] // 2
        windows[axis] = Window(x[axis], 2, dilation=half, rule=stated, target=half)
        return Volume(windows, x.channels, x.channels)

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(special=1, add=1, div=1, mul=1).times(self.output(x).values)

    def saves(self, x: Shape) -> Saved:
        return Saved(inputs=True)

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(call("nn.GLU", torch_dim(axis_number(self.axis, x), len(x))))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        dim = torch_dim(axis_number(self.axis, x), len(x))
        one, other = to.several("Split", [to.x], 2, axis=dim, num_outputs=2)
        return to.node("Mul", one, to.node("Sigmoid", other))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        axis = axis_number(self.axis, Shape(x.shape))
        half = x.shape[axis] // 2
        one, other = calc.part(x, axis, 0, half), calc.part(x, axis, half, 2 * half)
        return one * calc.function("sigmoid", other)
