"""Activations: value by value, and softmax over the channels."""

from __future__ import annotations

from fractions import Fraction
from math import pi, sqrt
from typing import TYPE_CHECKING, ClassVar

from ..arithmetic import Number, product, value_of
from ..shape import Shape
from .along_axis import along
from .arrangement import FIRST
from .attributes import AxisPosition, Choice, Count, Flag, OpError, Real
from .axes import axis_number, torch_dim
from .base import Elementwise, Op
from .facts import Extra, OperationCounts, Saved, Tensor
from .input_windows import WholeAxisWindow
from .torch_code import TorchCode, call
from .traits import INPLACE
from .volume import Volume
from .window import unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Activation(Elementwise):
    """Base of the activations.

    ``per_value`` counts the operations of one value. ``saved`` is what the derivative is told from: the
    output where that will do, so that the input may be written over in training too.
    """

    group = "activation"
    storage = INPLACE
    per_value = OperationCounts()
    saved = Saved(inputs=True)
    # PyTorch's module, and how it writes over its input: as an option, by a function, or not.
    module: ClassVar[str] = ""
    inplace: ClassVar[str] = "inplace"
    onnx: ClassVar[str] = ""

    def arguments(self, x: Shape) -> tuple[object, ...]:
        """What the module is made with."""
        return ()

    def torch_code(self, x: Shape) -> TorchCode | None:
        if not self.module:
            return None
        arguments = self.arguments(x)
        inplace = TorchCode(None, self.inplace) if self.inplace else None
        if self.inplace == "inplace":
            inplace = TorchCode(call(self.module, *arguments, inplace=(True, False)))
        return TorchCode(call(self.module, *arguments), inplace=inplace)

    def onnx_options(self) -> dict[str, float]:
        """The attributes of ONNX's operator."""
        return {}

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node(self.onnx, to.x, **self.onnx_options()) if self.onnx else None

    def saves(self, x: Shape) -> Saved:
        return self.saved

    def operations(self, x: Shape) -> OperationCounts:
        return self.per_value.times(x.values)


def saved_by_sign(factor: Number) -> Saved:
    """What is kept where the negative side is multiplied by a factor: the output tells the
    derivative, but PyTorch asks it only in place, and only where it has the sign of the input."""
    return Saved(in_place=True) if value_of(factor) >= 0 else Saved(inputs=True)


class ReLU(Activation):
    """Rectified linear unit, max(0, x)."""

    name = "relu"
    keras = "Activation"
    example = "55x55x96 -> relu"
    source = "Nair and Hinton, ICML 2010"
    counting = "compare: 1 per value"
    per_value = OperationCounts(compare=1)
    saved = Saved(output=True)
    module = "nn.ReLU"
    onnx = "Relu"

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.maximum(x, 0)


class ReLU6(Activation):
    """Rectified linear unit capped at 6, min(max(0, x), 6)."""

    name = "relu6"
    keras = "ReLU"
    example = "112x112x32 -> relu6"
    source = "arXiv:1801.04381, section 4; PyTorch, torch.nn.ReLU6"
    counting = "compare: 2 per value"
    per_value = OperationCounts(compare=2)
    module = "nn.ReLU6"

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node("Clip", to.x, to.real(0), to.real(6))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.minimum(calc.maximum(x, 0), 6)


class LeakyReLU(Activation):
    """Leaky rectified linear unit, x or slope*x."""

    name = "leaky_relu"
    keras = "LeakyReLU"
    synonyms = ("lrelu",)
    elsewhere = ("leaky",)
    example = "224x224x64 -> leaky_relu slope=0.1"
    source = "arXiv:1506.02640, equation 2 (slope 0.1); PyTorch, torch.nn.LeakyReLU (0.01)"
    counting = "compare 1, mul 1 per value"
    per_value = OperationCounts(compare=1, mul=1)
    module = "nn.LeakyReLU"

    slope = Real("slope of the negative side", Fraction(1, 10))
    onnx = "LeakyRelu"

    def arguments(self, x: Shape) -> tuple[object, ...]:
        return (self.slope,)

    def saves(self, x: Shape) -> Saved:
        return saved_by_sign(self.slope)

    def onnx_options(self) -> dict[str, float]:
        return {"alpha": float(self.slope)}

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.where(x > 0, x, x * self.slope)


class PReLU(Activation):
    """Parametric rectified linear unit, x or slope*x with a learned slope a channel."""

    name = "prelu"
    keras = "PReLU"
    example = "56x56x64 -> prelu"
    source = "arXiv:1502.01852, section 2.1; PyTorch, torch.nn.PReLU (num_parameters=channels)"
    counting = "compare 1, mul 1 per value"
    weighted = True
    per_value = OperationCounts(compare=1, mul=1)
    module = "nn.PReLU"
    inplace = ""

    shared = Flag("one slope for all channels", False)

    def arguments(self, x: Shape) -> tuple[object, ...]:
        return () if self.shared else (x.channels,)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return (Tensor("weight", (1,) if self.shared else (x.channels,)),)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node("PRelu", to.x, to.per_channel("weight", x))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.where(x > 0, x, x * calc.tensors["weight"])


class ELU(Activation):
    """Exponential linear unit, x or alpha*(exp(x) - 1)."""

    name = "elu"
    keras = "ELU"
    example = "32x32x16 -> elu"
    source = "arXiv:1511.07289"
    counting = "compare 1, special 1, add 1, mul 1 per value"
    per_value = OperationCounts(compare=1, special=1, add=1, mul=1)
    module = "nn.ELU"

    alpha = Real("value at minus infinity, negated", 1)
    onnx = "Elu"

    def arguments(self, x: Shape) -> tuple[object, ...]:
        return () if self.alpha == 1 else (self.alpha,)

    def saves(self, x: Shape) -> Saved:
        return saved_by_sign(self.alpha)

    def onnx_options(self) -> dict[str, float]:
        return {"alpha": float(self.alpha)}

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.where(x > 0, x, calc.function("expm1", x) * self.alpha)


class SELU(Activation):
    """Scaled exponential linear unit, scale times ELU."""

    name = "selu"
    keras = "Activation"
    example = "32x32x16 -> selu"
    source = "arXiv:1706.02515"
    counting = "compare 1, special 1, add 1, mul 2 per value"
    per_value = OperationCounts(compare=1, special=1, add=1, mul=2)
    saved = Saved(in_place=True)
    module = "nn.SELU"
    onnx = "Selu"

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        # arXiv:1706.02515, section 2: the fixed point of mean 0 and variance 1.
        scale, alpha = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
        return calc.where(x > 0, x, calc.function("expm1", x) * alpha) * scale


class GELU(Activation):
    """Gaussian error linear unit, x/2 * (1 + erf(x / sqrt 2)).

    approximate=tanh is x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))), as GPT-2 has it.
    """

    name = "gelu"
    keras = "Activation"
    example = "196x768 -> gelu"
    source = "arXiv:1606.08415"
    counting = "special 1 (erf), add 1, mul 3 per value; with approximate=tanh special 1, add 2, mul 6"
    per_value = OperationCounts(special=1, add=1, mul=3)
    module = "nn.GELU"
    inplace = ""

    approximate = Choice(("none", "tanh"), "by which function", "none")

    def operations(self, x: Shape) -> OperationCounts:
        by_tanh = self.approximate == "tanh"
        return (OperationCounts(special=1, add=2, mul=6) if by_tanh else self.per_value).times(x.values)

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(call("nn.GELU", approximate=(self.approximate, "none")))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        if to.opset >= 20:
            return to.node("Gelu", to.x, approximate=str(self.approximate))
        if self.approximate == "tanh":
            cube = to.node("Mul", to.node("Pow", to.x, to.real(3)), to.real(Fraction(44715, 1_000_000)))
            inner = to.node("Mul", to.node("Add", to.x, cube), to.real(sqrt(2 / pi)))
            share = to.node("Tanh", inner)
        else:
            share = to.node("Erf", to.node("Mul", to.x, to.real(sqrt(0.5))))
        made = to.node("Mul", to.x, to.node("Add", share, to.real(1)))
        return to.node("Mul", made, to.real(0.5))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        if self.approximate == "tanh":
            inner = (x + x * x * x * Fraction(44715, 1_000_000)) * sqrt(2 / pi)
            return x * (calc.function("tanh", inner) + 1) * Fraction(1, 2)
        return x * (calc.function("erf", x * sqrt(0.5)) + 1) * Fraction(1, 2)


class SiLU(Activation):
    """Sigmoid linear unit (swish), x / (1 + exp(-x))."""

    name = "silu"
    keras = "Activation"
    synonyms = ("swish",)
    example = "112x112x32 -> silu"
    source = "arXiv:1710.05941; PyTorch, torch.nn.SiLU"
    counting = "special 1, add 1, div 1 per value"
    per_value = OperationCounts(special=1, add=1, div=1)
    module = "nn.SiLU"

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node("Mul", to.x, to.node("Sigmoid", to.x))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x * calc.function("sigmoid", x)


class Sigmoid(Activation):
    """Logistic sigmoid, 1 / (1 + exp(-x))."""

    name = "sigmoid"
    keras = "Activation"
    example = "10 -> sigmoid"
    source = "PyTorch, torch.nn.Sigmoid"
    counting = "special 1, add 1, div 1 per value"
    per_value = OperationCounts(special=1, add=1, div=1)
    saved = Saved(output=True)
    module = "nn.Sigmoid"
    inplace = "torch.sigmoid_(x)"
    onnx = "Sigmoid"

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.function("sigmoid", x)


class Tanh(Activation):
    """Hyperbolic tangent, counted as one transcendental function."""

    name = "tanh"
    keras = "Activation"
    example = "28x28x6 -> tanh"
    source = "PyTorch, torch.nn.Tanh"
    counting = "special 1 per value"
    per_value = OperationCounts(special=1)
    saved = Saved(output=True)
    module = "nn.Tanh"
    inplace = "torch.tanh_(x)"
    onnx = "Tanh"

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.function("tanh", x)


class Softplus(Activation):
    """Softplus, log(1 + exp(x))."""

    name = "softplus"
    keras = "Activation"
    example = "10 -> softplus"
    source = "PyTorch, torch.nn.Softplus"
    counting = "special 2 (exp, log), add 1 per value"
    per_value = OperationCounts(special=2, add=1)
    module = "nn.Softplus"
    inplace = ""
    onnx = "Softplus"

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.function("softplus", x)


class HardSwish(Activation):
    """Hard swish, x * relu6(x + 3) / 6."""

    name = "hardswish"
    keras = "Activation"
    example = "112x112x16 -> hardswish"
    source = "arXiv:1905.02244, section 5.2"
    counting = "add 1, compare 2, mul 1, div 1 per value"
    per_value = OperationCounts(add=1, compare=2, mul=1, div=1)
    module = "nn.Hardswish"
    onnx = "HardSwish"

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return x * calc.minimum(calc.maximum(x + 3, 0), 6) * Fraction(1, 6)


class HardSigmoid(Activation):
    """Hard sigmoid, relu6(x + 3) / 6."""

    name = "hardsigmoid"
    keras = "Activation"
    example = "16 -> hardsigmoid"
    source = "arXiv:1905.02244, section 5.2"
    counting = "add 1, compare 2, div 1 per value"
    per_value = OperationCounts(add=1, compare=2, div=1)
    module = "nn.Hardsigmoid"
    onnx = "HardSigmoid"

    def onnx_options(self) -> dict[str, float]:
        return {"alpha": 1 / 6, "beta": 0.5}

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.minimum(calc.maximum(x + 3, 0), 6) * Fraction(1, 6)


class Softmax(Elementwise):
    """Softmax over the channels, at each position; or along another axis."""

    name = "softmax"
    rows_are_positions = True
    arrangement = FIRST
    keras = "Activation"
    group = "activation"
    storage = INPLACE
    by_value = False
    example = "1000 -> softmax"
    source = "PyTorch, torch.nn.Softmax"
    counting = (
        "over C channels, or as many positions of the axis: special C, add C - 1, div C, compare C - 1 (to "
        "find the largest, whose subtraction is not counted)"
    )
    # PyTorch's module.
    module: ClassVar[str] = "nn.Softmax"

    axis = AxisPosition("the axis along which it sums to 1, counted from 0; -1 are the channels", -1)
    onnx: ClassVar[str] = "Softmax"

    def accept(self, x: Shape) -> None:
        axis_number(self.axis, x)

    def volume(self, x: Shape) -> Volume:
        axis = axis_number(self.axis, x)
        return along(x, axis, WholeAxisWindow(x[axis]))

    def lines(self, x: Shape) -> tuple[Number, Number]:
        """How many values sum to 1, and how many times."""
        axis = axis_number(self.axis, x)
        if axis == len(x) - 1:
            return x.channels, x.positions
        return x[axis], product([*x[:axis], *x[axis + 1 :]])

    def operations(self, x: Shape) -> OperationCounts:
        count, lines = self.lines(x)
        others = (count - 1) * lines
        return OperationCounts(special=x.values, add=others, div=x.values, compare=others)

    def saves(self, x: Shape) -> Saved:
        return Saved(output=True)

    def torch_code(self, x: Shape) -> TorchCode:
        dim = torch_dim(axis_number(self.axis, x), len(x))
        return TorchCode(call(self.module, dim=(dim, None)))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node(self.onnx, to.x, axis=torch_dim(axis_number(self.axis, x), len(x)))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.softmax(x, axis_number(self.axis, Shape(x.shape)))


class LogSoftmax(Softmax):
    """Logarithm of the softmax over the channels, at each position; or along another axis."""

    name = "log_softmax"
    keras = ""
    example = "1000 -> log_softmax"
    source = "PyTorch, torch.nn.LogSoftmax"
    counting = (
        "over C channels, or as many positions of the axis: special C + 1, add 2C - 1, compare C - 1 (to "
        "find the largest, whose subtraction is not counted)"
    )
    module = "nn.LogSoftmax"
    onnx = "LogSoftmax"

    def operations(self, x: Shape) -> OperationCounts:
        count, lines = self.lines(x)
        others = (count - 1) * lines
        return OperationCounts(special=x.values + lines, add=x.values + others, compare=others)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.log_softmax(x, axis_number(self.axis, Shape(x.shape)))


class Maxout(Op):
    """The largest of so many neighbouring channels, at each position: channels / pieces remain."""

    name = "maxout"
    arrangement = FIRST
    group = "activation"
    positional = ("pieces",)
    shapes = "any; of every `pieces` channels one remains"
    example = "28x28x96 -> maxout 2"
    source = "arXiv:1302.4389, section 3"
    counting = "compare: pieces - 1 per output"

    pieces = Count("channels of which one remains", symbol="k", required=True)

    def accept(self, x: Shape) -> None:
        if x.channels % self.pieces:
            raise OpError(
                "shape", f"{x.channels} channels do not divide into pieces of {self.pieces}", "pieces"
            )

    def volume(self, x: Shape) -> Volume:
        return Volume(unchanged_axes(x.spatial), x.channels // self.pieces, x.channels)

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(compare=(self.pieces - 1) * self.output(x).values)

    def saves(self, x: Shape) -> Saved:
        # Written with torch.max over the pieces; amax would keep input and output.
        return Saved(extras=(Extra("which piece was largest", self.output(x).values, width=8),))

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(None, f"torch.max(x.unflatten(1, (-1, {self.pieces})), 2).values")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        pieces = to.reshape(to.x, x.channels // self.pieces, self.pieces, *x.spatial)
        return to.reduce("Max", pieces, [2], keep=False)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        pieces = x.reshape(*x.shape[:-1], -1, self.pieces)
        return calc.extreme(pieces, -1)
