"""Sums, means, extremes and the like along axes of a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..arithmetic import Number, product, value_of
from ..shape import Shape
from .arrangement import FIRST, LAST
from .attributes import Axes, Choice, Count, Flag, OpError, Real, sizes_of
from .axes import axis_number, torch_dim
from .base import Op
from .facts import Extra, OperationCounts, Saved
from .input_windows import InputWindows, WindowsByInput, reduced_axis
from .torch_code import TorchCode, literal
from .volume import Volume
from .window import EVERYTHING, Window, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode

# The operations that make one value of N: of so many values that arrive, and so many sets of them.
Counting = Callable[[Number, Number], OperationCounts]


def _compared(values: Number, sets: Number) -> OperationCounts:
    return OperationCounts(compare=values - sets)


COUNTS: dict[str, Counting] = {
    "sum": lambda values, sets: OperationCounts(add=values - sets),
    "mean": lambda values, sets: OperationCounts(add=values - sets, div=sets),
    "prod": lambda values, sets: OperationCounts(mul=values - sets),
    "max": _compared,
    "min": _compared,
    "amax": _compared,
    "amin": _compared,
    "argmax": _compared,
    "argmin": _compared,
    "any": _compared,
    "all": _compared,
    # Mean N - 1 and 1, differences N, squares N, their mean N - 1 and 1; a root.
    "var": lambda values, sets: OperationCounts(add=3 * values - 2 * sets, mul=values, div=2 * sets),
    "std": lambda values, sets: OperationCounts(
        add=3 * values - 2 * sets, mul=values, div=2 * sets, special=sets
    ),
    "norm": lambda values, sets: OperationCounts(mul=values, add=values - sets, special=sets),
    "logsumexp": lambda values, sets: OperationCounts(
        special=values + sets, add=values - sets, compare=values - sets
    ),
}
# Those that put out what is chosen, and not computed: they have no gradient.
CHOSEN = ("argmax", "argmin", "any", "all")
# PyTorch takes them along one axis at a time.
SINGLE = ("prod", "argmax", "argmin")
# Backward keeps what arrives, and what it comes to.
BOTH = ("prod", "amax", "amin", "std", "norm", "logsumexp")


class Reduce(Op):
    """One value of all along an axis, or along several: a sum, a mean, the largest.

    `reduce mean axis=0` is the mean along the first axis of the shape, `axis=-1` are the channels,
    `axis=0x1` two axes together. The axis is gone then, and the last of those that are left are the
    channels; with keep=yes it stays as an axis of one position. A global pool is `gap` or `gmp`.
    """

    name = "reduce"
    group = "functions"
    positional = ("function",)
    shapes = "without the axes, or with one position along them; 1 where no axis is left"
    example = "28x28x64 -> reduce mean axis=-1 keep=yes"
    source = "PyTorch, torch.sum and the functions beside it"
    counting = (
        "per set of N values: sum add N - 1; mean also div 1; prod mul N - 1; max, min, amax, amin, argmax, "
        "argmin, any, all compare N - 1; var add 3N - 2, mul N, div 2, std also special 1; norm mul N, add "
        "N - 1, special 1 (p=1: compare N, add N - 1; other p: special N + 1, add N - 1); logsumexp special "
        "N + 1, add N - 1, compare N - 1 (the largest, whose subtraction is not counted)"
    )

    function = Choice(tuple(COUNTS), "what is made of the values", required=True)
    axis = Axes(
        "the axis, or several as in 0x1, counted from 0; -1 are the channels", least=-8, required=True
    )
    keep = Flag("the axes stay, of one position each", False)
    p = Real("exponent of `norm`", 2)
    correction = Count("what is taken off N, by which `var` and `std` divide the sum of squares", 1, least=0)

    def accept(self, x: Shape) -> None:
        axes = self.axes(x)
        if len(axes) > 1 and self.function in SINGLE:
            raise OpError("argument", f"`reduce {self.function}` takes one axis at a time", "axis")
        self.__dict__["stops_gradient"] = self.function in CHOSEN
        clean = self.function in ("mean",)
        self.__dict__["backward_temporaries"] = "" if clean else "its derivative is made on the way"

    def axes(self, x: Shape) -> list[int]:
        """The axes that are reduced, counted from 0."""
        found = [axis_number(axis, x) for axis in sizes_of(self.axis)]
        if len(set(found)) < len(found):
            raise OpError("argument", "`axis` names an axis twice", "axis")
        return sorted(found)

    def left(self, x: Shape) -> list[int]:
        """The axes that are not reduced."""
        axes = self.axes(x)
        return [axis for axis in range(len(x)) if axis not in axes]

    def output(self, x: Shape) -> Shape:
        left = self.left(x)
        if self.keep:
            return Shape([n if axis in left else 1 for axis, n in enumerate(x)])
        return Shape([x[axis] for axis in left] or [1])

    def volume(self, x: Shape) -> Volume:
        made, left = self.output(x), self.left(x)
        positions = range(len(x) - 1)
        whole = bool(x.spatial) and not any(axis in left for axis in positions)
        if self.keep:
            windows = [
                unchanged_axes((n,))[0] if axis in left else reduced_axis(n)
                for axis, n in enumerate(x.spatial)
            ]
            return Volume(windows, made.channels, x.channels, reads=EVERYTHING if whole else None)
        # Of the axes that are left the last are the channels, whichever they were.
        following = {axis: place for place, axis in enumerate(left[:-1])}
        read: list[Window] = []
        for axis in positions:
            read.append(unchanged_axes((x[axis],))[0] if axis in following else reduced_axis(x[axis]))
        along = [following.get(axis) for axis in positions]
        if not following and x.spatial:
            return Volume((), made.channels, x.channels, reads=EVERYTHING)
        same = along == list(positions)
        reads = None if same else WindowsByInput([InputWindows(read, along)])
        return Volume(unchanged_axes(made.spatial), made.channels, x.channels, reads=reads)

    def operations(self, x: Shape) -> OperationCounts:
        sets = product(self.output(x))
        if self.function == "norm" and value_of(self.p) != 2:
            values = x.values
            if value_of(self.p) == 1:
                return OperationCounts(compare=values, add=values - sets)
            return OperationCounts(special=values + sets, add=values - sets)
        return COUNTS[self.function](x.values, sets)

    def saves(self, x: Shape) -> Saved:
        name, several = self.function, len(self.axes(x)) > 1
        if name in BOTH or (name in ("max", "min") and several):
            return Saved(inputs=True, output=True)
        if name in ("max", "min"):
            return Saved(extras=(Extra("one index per value", product(self.output(x)), width=8),))
        return Saved(inputs=name == "var")

    def arranges(self, arrangements: tuple[str, ...], x: Shape) -> str:
        return LAST if not self.keep and len(x) - 1 in self.axes(x) else FIRST

    def torch_code(self, x: Shape) -> TorchCode:
        name, axes = str(self.function), self.axes(x)
        dims = [torch_dim(axis, len(x)) for axis in axes]
        if name in ("max", "min") and len(axes) > 1:
            name = f"a{name}"
        keep = ", keepdim=True" if self.keep else ""
        dim = str(dims[0]) if len(dims) == 1 else literal(tuple(dims)) if len(set(dims)) > 1 else ""
        less = f", correction={self.correction}" if name in ("var", "std") and self.correction != 1 else ""
        source = f"torch.{name}(x, {dim}{less}{keep})"
        if name in ("max", "min"):
            source += ".values"
        elif name in ("any", "all"):
            source = f"torch.{name}(x != 0, {dim}{keep}).to(x.dtype)"
        elif name in CHOSEN:
            source += ".to(x.dtype)"
        elif name == "norm":
            source = f"torch.linalg.vector_norm(x, {literal(self.p)}, {dim}{keep})"
        if not self.keep and len(x) - 1 in axes:
            left = self.left(x)
            source += ".movedim(-1, 1)" if len(left) > 1 else "" if left else ".unsqueeze(1)"
        elif not self.keep and not self.left(x):
            source += ".unsqueeze(1)"
        return TorchCode(None, source)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import BOOL, FLOAT

        name, axes = str(self.function), sorted({torch_dim(axis, len(x)) for axis in self.axes(x)})
        keep, kinds = bool(self.keep), {"amax": "Max", "amin": "Min", "logsumexp": "LogSumExp"}
        if name in ("sum", "mean", "prod", "max", "min", "amax", "amin", "logsumexp"):
            found = to.reduce(kinds.get(name, name.capitalize()), to.x, axes, keep)
        elif name in ("argmax", "argmin"):
            kind = name.replace("arg", "Arg").replace("m", "M", 1)
            found = to.node(kind, to.x, axis=axes[0], keepdims=int(keep))
            found = to.node("Cast", found, to=FLOAT)
        elif name in ("any", "all"):
            holds = to.node("Cast", to.node("Cast", to.x, to=BOOL), to=FLOAT)
            found = to.reduce("Max" if name == "any" else "Min", holds, axes, keep)
        elif name in ("var", "std"):
            left = to.node("Sub", to.x, to.reduce("Mean", to.x, axes))
            squares = to.reduce("Sum", to.node("Mul", left, left), axes, keep)
            count = product([x[axis] for axis in self.axes(x)])
            found = to.node("Div", squares, to.real(max(value_of(count) - value_of(self.correction), 0)))
            found = to.node("Sqrt", found) if name == "std" else found
        elif name == "norm" and self.p in (1, 2):
            found = to.reduce(f"L{int(self.p)}", to.x, axes, keep)
        elif name == "norm" and self.p > 0:
            powers = to.node("Pow", to.node("Abs", to.x), to.real(self.p))
            found = to.node("Pow", to.reduce("Sum", powers, axes, keep), to.real(1 / self.p))
        else:
            return None
        if keep:
            return found
        left_over = self.left(x)
        if not left_over:
            return to.unsqueeze(found, 1)
        return to.channels_first(found, len(left_over) - 1) if len(x) - 1 in self.axes(x) else found

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        shape = Shape(x.shape)
        left, axes = self.left(shape), self.axes(shape)
        sets = x.transpose(*left, *axes).reshape(-1, product([x.shape[axis] for axis in axes]))
        made = calc.reduced(str(self.function), sets, exponent=self.p, correction=self.correction)
        return made.reshape(self.output(shape))
