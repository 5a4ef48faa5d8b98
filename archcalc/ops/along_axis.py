"""Layers that go along one axis: running sums, and orders of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number
from ..shape import Shape
from .arrangement import FIRST
from .attributes import AxisPosition, Count, OpError
from .axes import axis_number, torch_dim
from .base import Op
from .causal import CausalWindow
from .facts import Extra, OperationCounts, Saved
from .input_windows import WholeAxisWindow
from .torch_code import TorchCode
from .volume import Volume
from .window import EVERYTHING, Window, stated, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


def along(x: Shape, axis: int, window: Window, whole: bool = True) -> Volume:
    """The volume of a layer whose units read along one axis; ``whole``: all of it."""
    if axis == len(x) - 1:
        return Volume(unchanged_axes(x.spatial), x.channels, x.channels)
    windows = list(unchanged_axes(x.spatial))
    windows[axis] = window
    return Volume(windows, x.channels, x.channels, reads=EVERYTHING if whole and len(x) == 2 else None)


class AlongAxis(Op):
    """Base of the layers that go along one axis."""

    group = "functions"
    arrangement = FIRST
    axis = AxisPosition("the axis, counted from 0; -1 are the channels", 0)

    def accept(self, x: Shape) -> None:
        axis_number(self.axis, x)

    def at(self, x: Shape) -> int:
        """The number of the axis, counted from 0."""
        return axis_number(self.axis, x)

    def dim(self, x: Shape) -> int:
        """The same as PyTorch counts."""
        return torch_dim(self.at(x), len(x))


class CumulativeSum(AlongAxis):
    """Running sums along an axis: each value and all before it."""

    name = "cumsum"
    shapes = "any; what it puts out has the shape of what arrives"
    example = "64x8 -> cumsum"
    source = "PyTorch, torch.cumsum"
    counting = "add: N - 1 per line of N values"
    backward_temporaries = "the gradient is summed from behind"

    def volume(self, x: Shape) -> Volume:
        n = x[self.at(x)]
        return along(x, self.at(x), CausalWindow(n), whole=False)

    def output(self, x: Shape) -> Shape:
        return x

    def operations(self, x: Shape) -> OperationCounts:
        n = x[self.at(x)]
        return OperationCounts(add=x.values - x.values // n)

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(None, f"torch.cumsum(x, {self.dim(x)})")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import INT64

        return to.node("CumSum", to.x, to.constant(INT64, (), (self.dim(x),)))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.accumulated(x, self.at(Shape(x.shape)))


class Sort(AlongAxis):
    """The values along an axis in ascending order."""

    name = "sort"
    shapes = "any; what it puts out has the shape of what arrives"
    example = "16x64x8 -> sort axis=1"
    source = "PyTorch, torch.sort"
    counting = "no rule: how many values are compared depends on them"
    backward_temporaries = "the gradient is put in its places"

    def volume(self, x: Shape) -> Volume:
        return along(x, self.at(x), WholeAxisWindow(x[self.at(x)]))

    def output(self, x: Shape) -> Shape:
        return x

    def saves(self, x: Shape) -> Saved:
        return Saved(extras=(Extra("where each value was", x.values, width=8),))

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(None, f"torch.sort(x, {self.dim(x)}).values")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        n = to.ints(x[self.at(x)])
        return to.several("TopK", [to.x, n], 2, axis=self.dim(x), largest=0)[0]

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.ordered(x, self.at(Shape(x.shape)))[0]


class ArgSort(Sort):
    """The places, counted from 0, at which the values along an axis stand in ascending order."""

    name = "argsort"
    example = "16x64x8 -> argsort axis=1"
    source = "PyTorch, torch.argsort"
    stops_gradient = True
    backward_temporaries = "no gradient goes back through it"

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(None, f"torch.argsort(x.detach(), {self.dim(x)}).to(x.dtype)")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import FLOAT

        n = to.ints(x[self.at(x)])
        places = to.several("TopK", [to.x, n], 2, axis=self.dim(x), largest=0)[1]
        return to.node("Cast", places, to=FLOAT)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.ordered(x, self.at(Shape(x.shape)))[1]


class TopK(AlongAxis):
    """The largest values along an axis, so many of them, the largest first."""

    name = "topk"
    positional = ("count",)
    shapes = "any; `count` positions along the axis"
    example = "16x64x8 -> topk 16 axis=1"
    source = "PyTorch, torch.topk"
    counting = "no rule: how many values are compared depends on them"
    backward_temporaries = "the gradient is put in its places"

    count = Count("values that are kept", required=True, symbol="K")

    def accept(self, x: Shape) -> None:
        n: Number = x[self.at(x)]
        if self.count > n:
            raise OpError("shape", f"there are {n} values along axis {self.axis}, not {self.count}", "count")

    def volume(self, x: Shape) -> Volume:
        axis = self.at(x)
        found = along(x, axis, WholeAxisWindow(x[axis]).but(rule=stated, target=self.count))
        return found.but(channels=self.count) if axis == len(x) - 1 else found

    def saves(self, x: Shape) -> Saved:
        return Saved(extras=(Extra("where each value was", self.output(x).values, width=8),))

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(None, f"torch.topk(x, {self.count}, {self.dim(x)}).values")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.several("TopK", [to.x, to.ints(self.count)], 2, axis=self.dim(x), largest=1)[0]

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        axis = self.at(Shape(x.shape))
        ordered, _ = calc.ordered(x, axis)
        return calc.part(calc.part(ordered, axis, None, None, -1), axis, 0, self.count)
