"""Layers whose units read a whole vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number, product
from ..shape import Shape
from .arrangement import FIRST, LAST, lies
from .attributes import Count, Flag
from .base import Op
from .dot_products import DotProducts
from .facts import Extra, OperationCounts, Saved, Tensor
from .terms import DEPTH, SIDE, Factor, Term, factors, weighted
from .torch_code import TorchCode, at_each_position, call
from .volume import Volume, vector
from .window import unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Dense(DotProducts):
    """Base of the layers that weight whole vectors."""

    group = "fully connected"
    positional = ("units",)
    weighted = True

    units = Count("number of units = length of the output's last axis", symbol="K", required=True)
    bias = Flag("one bias per unit", True)

    def read(self, x: Shape) -> tuple[Factor, ...]:
        """What a unit reads, as the factors of its number."""
        return (Factor(DEPTH, x.channels),)

    def terms(self, x: Shape) -> tuple[Term, ...]:
        return weighted(self.read(x), self.units, self.bias)

    def inputs(self, x: Shape) -> Number:
        """How much a unit reads."""
        return product([factor.number for factor in self.read(x)])

    def saves(self, x: Shape) -> Saved:
        return Saved(trained=True)

    def module(self, x: Shape) -> str:
        """Source of PyTorch's module."""
        return call("nn.Linear", self.inputs(x), self.units, bias=(self.bias, True))


class FullyConnected(Dense):
    """Fully connected layer: every unit reads everything that arrives (flattening is implied)."""

    name = "fc"
    keras = "Dense"
    synonyms = ("dense", "linear", "innerproduct", "fullyconnected")
    shapes = "from any shape to a vector, a value for each unit"
    example = "7x7x512 -> fc 4096"
    source = "PyTorch, torch.nn.Linear behind torch.nn.Flatten"
    flattens = True
    counting = "mul_add: one per weight; add: one per unit for the bias"

    @classmethod
    def suits(cls, x: Shape) -> bool:
        return len(x) != 2  # Keras' and PyTorch's keep the steps of a sequence

    def read(self, x: Shape) -> tuple[Factor, ...]:
        return (*factors(SIDE, x.spatial), *super().read(x))

    def copies(self, arrangements: tuple[str, ...], x: Shape) -> bool:
        return len(x) > 1 and not lies(arrangements[0], FIRST, x)

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(self.module(x), "m(torch.flatten(x, 1))" if len(x) > 1 else "m(x)")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        read = to.node("Flatten", to.x, axis=1) if len(x) > 1 else to.x
        return to.linear(read, to.tensor("weight"), to.tensor("bias") if self.bias else "", vector=True)

    def volume(self, x: Shape) -> Volume:
        return vector(self.units, x)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.linear(calc.flat(x))


class Linear(Dense):
    """Linear map of the last axis, the same at each position."""

    name = "linear"
    rows_are_positions = True
    arrangement = LAST
    keras = "Dense"
    synonyms = ("dense", "linear")
    shapes = "the positions that arrive, a channel for each unit"
    example = "196x768 -> linear 3072"
    source = "PyTorch, torch.nn.Linear"
    counting = "mul_add: one per weight and position; add: one per output for the bias"

    @classmethod
    def suits(cls, x: Shape) -> bool:
        return len(x) == 2

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(self.module(x), at_each_position(x))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        axes = len(x) - 1
        bias = to.tensor("bias") if self.bias else ""
        read = to.channels_last(to.x, axes)
        return to.channels_first(to.linear(read, to.tensor("weight"), bias, vector=not axes), axes)

    def volume(self, x: Shape) -> Volume:
        if len(x) == 1:
            return vector(self.units, x)
        return Volume(unchanged_axes(x.spatial), self.units, x.channels, self.units)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.linear(x)


class RadialBasis(Op):
    """Euclidean radial basis functions on fixed codes: LeNet-5's output layer."""

    name = "rbf"
    group = "fully connected"
    positional = ("units",)
    shapes = "from any shape to a vector, a value for each unit"
    example = "84 -> rbf 10"
    source = "LeCun et al., Proc. IEEE 1998, section II.B, equation 7"
    counting = "per unit of D inputs, the sum of (x - w) squared: mul D, add 2D - 1; not among the MACs"

    units = Count("number of codes = length of the output", symbol="K", required=True)

    def volume(self, x: Shape) -> Volume:
        return vector(self.units, x)

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(mul=x.values * self.units, add=(2 * x.values - 1) * self.units)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return (Tensor("codes", (self.units, x.values), learned=False),)

    def saves(self, x: Shape) -> Saved:
        return Saved(extras=(Extra("the differences, before squaring", x.values * self.units),))

    def torch_code(self, x: Shape) -> TorchCode:
        module = call("RadialBasis", x.values, self.units)
        return TorchCode(module, "m(torch.flatten(x, 1))" if len(x) > 1 else "m(x)")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        read = to.node("Flatten", to.x, axis=1) if len(x) > 1 else to.x
        apart = to.node("Sub", to.unsqueeze(read, 1), to.tensor("codes"))
        return to.reduce("Sum", to.node("Mul", apart, apart), [2], keep=False)

    def connections(self, x: Shape) -> Number:
        return x.values * self.units

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        apart = calc.tensors["codes"] - calc.flat(x)
        return (apart * apart).sum(1)
