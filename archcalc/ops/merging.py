"""Ops that join several tensors, and the shortcut of residual units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from math import prod
from typing import TYPE_CHECKING, ClassVar

from ..arithmetic import Number, total, value_of
from ..shape import Shape
from .arrangement import FIRST, LAST
from .attributes import Axes, AxisPosition, Choice, Count, Flag, OpError, spread
from .axes import axis_number, torch_dim, whole_axes
from .base import Free, Op
from .broadcasting import common_sizes, spread_code, windows_of
from .facts import Extra, OperationCounts, Saved
from .input_windows import InputWindows, WindowsByInput
from .torch_code import TorchCode, padded
from .volume import Volume
from .window import Window, stated, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Merge(Op):
    """Base of the ops over several tensors."""

    group = "merge"
    merge = True

    def volume(self, *inputs: Shape) -> Volume:
        x = max(inputs, key=len)
        return Volume(unchanged_axes(x.spatial), x.channels, x.channels)


class Broadcasting(Merge):
    """Base of add and mul: equal shapes, a vector of C over the positions of a map of C, or any shapes
    whose axes of one position are spread over those of the others."""

    shapes = (
        "equal shapes, or vectors of C beside a map of C channels, whose shape it is then; axes of one "
        "position are spread, and a shorter shape has the last axes"
    )
    same_shape_as_widest = True
    # What stands between the branches.
    sign: ClassVar[str] = ""
    onnx: ClassVar[str] = ""

    def torch_code(self, *inputs: Shape) -> TorchCode:
        axes = len(self.output(*inputs)) - 1
        terms = [spread_code(f"xs[{number}]", x, axes) for number, x in enumerate(inputs)]
        return TorchCode(None, f" {self.sign} ".join(terms))

    def onnx_code(self, to: OnnxCode, *inputs: Shape) -> str | None:
        axes = len(self.output(*inputs)) - 1
        terms = [
            to.unsqueeze(name, *range(2, 2 + axes - len(x.spatial)))
            for name, x in zip(to.xs, inputs, strict=True)
        ]
        return reduce(lambda made, term: to.node(self.onnx, made, term), terms)

    def accept(self, *inputs: Shape) -> None:
        if common_sizes(*inputs) is not None:
            return
        widest = max(inputs, key=len)
        for number, x in enumerate(inputs):
            if x != widest and x != (widest.channels,):
                first = next(i for i, y in enumerate(inputs) if y == widest)
                raise OpError(
                    "shape",
                    f"the branches of `{self.name}` differ",
                    "input",
                    branch=max(number, first),
                    help="`shortcut` projects where the shapes differ" if self.takes_shortcut else (),
                )

    def volume(self, *inputs: Shape) -> Volume:
        x = self.output(*inputs)
        return Volume(unchanged_axes(x.spatial), x.channels, x.channels, reads=windows_of(x, *inputs))

    def output(self, *inputs: Shape) -> Shape:
        widest = max(inputs, key=len)
        sizes = [value_of(n) for n in widest]
        common = common_sizes(*inputs) or widest
        return widest if [value_of(n) for n in common] == sizes else Shape(common)


class Add(Broadcasting):
    """Sum of its branches, value by value."""

    name = "add"
    keras = "Add"
    takes_shortcut = True
    passes_gradient = True
    example = "56x56x64 -> a: conv 3x3 64 pad=1\nadd @input @a"
    source = "arXiv:1512.03385, equation 1"
    counting = "add: one per value and extra branch"
    sign = "+"
    onnx = "Add"

    def volume(self, *inputs: Shape) -> Volume:
        made = super().volume(*inputs)
        # A vector that is added to a map has no positions of its own.
        joined = [x.channels for x in inputs if len(x) == len(inputs[0])]
        alike = len(joined) == len(inputs) and made.reads is None
        return made.but(joined=tuple(joined), adds=True) if alike else made

    def operations(self, *inputs: Shape) -> OperationCounts:
        return OperationCounts(add=self.output(*inputs).values * (len(inputs) - 1))

    def saves(self, *inputs: Shape) -> Saved:
        return Saved()

    def evaluate(self, calc: Calculation, *inputs: Array) -> Array:
        return sum(inputs[1:], inputs[0])


class Factors(Saved):
    """What a product keeps, taken from left to right: an input where the product of those before it
    takes a gradient, the first one where the second does, and a product that is multiplied again
    where the next input does.

    partial  values of the products of all but the last inputs
    """

    __slots__ = ("partial",)

    def __init__(self, partial: Sequence[Number]):
        every = Extra("products of all but the last branch", total(partial))
        super().__init__(inputs=True, extras=(every,) if partial else ())
        self.partial = partial

    def saved_inputs(self, trained: bool, inplace: bool, taking: Sequence[bool]) -> list[bool]:
        return [any(taking[1:2]), *[any(taking[:number]) for number in range(1, len(taking))]]

    def saved_extras(self, trained: bool, taking: Sequence[bool]) -> Iterable[Extra]:
        saved = [n for n, takes in zip(self.partial, taking[2:], strict=True) if takes]
        return [Extra("products of all but the last branch", total(saved))] if saved else []


class Mul(Broadcasting):
    """Product of its branches, value by value; a vector is a gate on the channels."""

    name = "mul"
    keras = "Multiply"
    synonyms = ("multiply",)
    gates = True
    example = "56x56x64 -> g: gap -> fc 64 -> sigmoid\nmul @input @g"
    source = "arXiv:1709.01507, equation 4"
    counting = "mul: one per value and extra branch"
    sign = "*"
    onnx = "Mul"

    def operations(self, *inputs: Shape) -> OperationCounts:
        return OperationCounts(mul=self.output(*inputs).values * (len(inputs) - 1))

    def saves(self, *inputs: Shape) -> Saved:
        # From left to right: a product that is multiplied again is kept like a branch.
        return Factors([self.output(*inputs[:count]).values for count in range(2, len(inputs))])

    def evaluate(self, calc: Calculation, *inputs: Array) -> Array:
        return prod(inputs[1:], start=inputs[0])


class Concat(Free, Merge):
    """Its branches side by side along the channels, or behind one another along any axis.

    Axes are counted from 0; `axis=-1` are the channels. Along an axis of positions each unit is one
    of one branch; where two branches see the same input, what a unit sees of it is not followed, and
    the receptive field is the whole input.
    """

    name = "concat"
    keras = "Concatenate"
    synonyms = ("concatenate", "cat")
    passes_gradient = True
    shapes = "branches that are alike on all axes but one; along that, the sum of their sizes"
    example = "28x28x192 -> a: conv 1x1 64\nconcat @input @a"
    source = "PyTorch, torch.cat"

    axis = AxisPosition("the axis, counted from 0; -1 are the channels", -1)

    def accept(self, *inputs: Shape) -> None:
        first = inputs[0]
        axis = axis_number(self.axis, first)
        for number, x in enumerate(inputs):
            if len(x) != len(first) or any(
                at != axis and n != m for at, (n, m) in enumerate(zip(x, first, strict=True))
            ):
                channels = axis == len(first) - 1
                raise OpError(
                    "shape",
                    f"the branches of `{self.name}` differ in height or width"
                    if channels and len(x) == 3
                    else f"the branches of `{self.name}` differ in size"
                    if channels or len(x) != len(first)
                    else f"the branches of `{self.name}` differ along another axis than {self.axis}",
                    "input",
                    branch=number,
                )

    def volume(self, *inputs: Shape) -> Volume:
        first = inputs[0]
        axis = axis_number(self.axis, first)
        if axis == len(first) - 1:
            joined = tuple([x.channels for x in inputs])
            return Volume(unchanged_axes(first.spatial), total(joined), joined[0], joined=joined)
        made = list(unchanged_axes(first.spatial))
        made[axis] = Window(rule=stated, target=total([x[axis] for x in inputs]))
        found, before = [], 0
        for x in inputs:
            windows = list(unchanged_axes(x.spatial))
            windows[axis] = Window(x[axis], low=before)
            found.append(InputWindows(windows))
            before = before + x[axis]
        return Volume(made, first.channels, first.channels, reads=WindowsByInput(found, behind=True))

    def torch_code(self, *inputs: Shape) -> TorchCode:
        axis = axis_number(self.axis, inputs[0])
        return TorchCode(None, f"torch.cat(xs, {torch_dim(axis, len(inputs[0]))})")

    def onnx_code(self, to: OnnxCode, *inputs: Shape) -> str | None:
        axis = axis_number(self.axis, inputs[0])
        return to.node("Concat", *to.xs, axis=torch_dim(axis, len(inputs[0])))

    def arranges(self, arrangements: tuple[str, ...], *inputs: Shape) -> str:
        maps = len(inputs[0]) in (3, 4)
        return LAST if maps and all(how == LAST for how in arrangements) else FIRST

    def evaluate(self, calc: Calculation, *inputs: Array) -> Array:
        return calc.joined(inputs, axis_number(self.axis, Shape(inputs[0].shape)))


class Stack(Free, Merge):
    """Its branches, which are alike, one behind the other along a new axis.

    The axis is counted in what comes out: `axis=0` stands in front of all others, `axis=-1` are new
    channels, and the ones that arrive are an axis of positions then. A unit is taken to see what the
    units of all branches at its place see.
    """

    name = "stack"
    passes_gradient = True
    shapes = "branches of the same shape; a new axis, with a position for each of them"
    example = "28x28x64 -> a: conv 1x1 64\nstack @input @a"
    source = "PyTorch, torch.stack"

    axis = AxisPosition("where the new axis stands, counted from 0; -1 are new channels", 0)

    def accept(self, *inputs: Shape) -> None:
        axis_number(self.axis, len(inputs[0]) + 1)
        for number, x in enumerate(inputs):
            if x != inputs[0]:
                raise OpError("shape", f"the branches of `{self.name}` differ", "input", branch=number)

    def at(self, x: Shape) -> int:
        """The number of the new axis."""
        return axis_number(self.axis, len(x) + 1)

    def output(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        axis = self.at(x)
        return Shape((*x[:axis], len(inputs), *x[axis:]))

    def volume(self, *inputs: Shape) -> Volume:
        x = inputs[0]
        *spatial, channels = self.output(*inputs)
        axis = self.at(x)
        axes = [at + (at >= axis) for at in range(len(x) - 1)]
        places = [(axis, number) if axis < len(x) else None for number in range(len(inputs))]
        reads = [InputWindows(unchanged_axes(x.spatial), axes, place) for place in places]
        return Volume(whole_axes(spatial), channels, x.channels, reads=WindowsByInput(reads))

    def torch_code(self, *inputs: Shape) -> TorchCode:
        count = len(inputs[0]) + 1
        axis = self.at(inputs[0])
        if axis == count - 1:
            return TorchCode(None, "torch.stack([x.movedim(1, -1) for x in xs], 1)")
        return TorchCode(None, f"torch.stack(xs, {torch_dim(axis, count)})")

    def onnx_code(self, to: OnnxCode, *inputs: Shape) -> str | None:
        count, axis = len(inputs[0]) + 1, self.at(inputs[0])
        if axis == count - 1:
            dim, read = 1, [to.channels_last(x, count - 2) for x in to.xs]
        else:
            dim, read = torch_dim(axis, count), to.xs
        return to.node("Concat", *[to.unsqueeze(x, dim) for x in read], axis=dim)

    def arranges(self, arrangements: tuple[str, ...], *inputs: Shape) -> str:
        return FIRST

    def evaluate(self, calc: Calculation, *inputs: Array) -> Array:
        return calc.stacked(inputs, self.at(Shape(inputs[0].shape)))


class Shortcut(Op):
    """The skip of a residual unit, in a branch of `add`.

    Where the shapes agree with the sibling branch it is the identity. Otherwise it is a 1x1
    convolution whose stride is the product of the sibling's strides, then `bn` (option B). kind=A
    takes every stride-th position and appends channels of zeros; kind=C always projects.
    """

    name = "shortcut"
    group = "merge"
    shapes = "the shape of its sibling branch"
    example = "56x56x64 -> add\n  | conv 3x3 128 stride=2 pad=1\n  | shortcut"
    source = "arXiv:1512.03385, section 3.3 (kinds A and B) and section 4.1 (kind C)"
    counting = "as `conv` and `bn`; kind=A: none, declared free"

    kind = Choice(("A", "B", "C"), "what to do where the shapes differ", "B")
    norm = Flag("`bn` behind the convolution", True)
    bias = Flag("a bias in the convolution", False)

    expanded = True


def taken(w: Window) -> Number:
    """Every stride-th position: ``(n - 1) // S + 1``."""
    return (w.size - 1) // w.stride + 1


class StridedIdentity(Free):
    """What `shortcut kind=A` comes to: every stride-th position, channels of zeros appended."""

    name = "shortcut"
    group = "merge"
    source = Shortcut.source
    spellable = False
    positional = ()

    stride = Axes("steps between the positions taken", 1, symbol="S")
    channels = Count("channels of the output", symbol="K", required=True)

    def volume(self, x: Shape) -> Volume:
        strides = spread(self.stride, len(x.spatial), "stride")
        windows = [Window(n, 1, s, rule=taken) for n, s in zip(x.spatial, strides, strict=True)]
        return Volume(windows, self.channels, x.channels, self.channels)

    def torch_code(self, x: Shape) -> TorchCode:
        strides = spread(self.stride, len(x) - 1, "stride")
        steps = "".join(f", ::{s}" for s in strides)
        taken = f"x[:, :{steps}]" if max(strides, default=1) > 1 else "x"
        sides = [(0, self.channels - x.channels), *[(0, 0)] * (len(x) - 1)]
        # A copy in any case: whoever writes over it must not write over the input.
        return TorchCode(None, padded(taken, sides) if any(map(any, sides)) else f"{taken}.clone()")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        strides = spread(self.stride, len(x) - 1, "stride")
        axes = range(2, len(x) + 1)
        taken = to.slice(to.x, [0] * len(axes), x.spatial, axes, *strides)
        return to.rimmed(taken, [(0, self.channels - x.channels), *[(0, 0)] * len(axes)])

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        kept = calc.read(x, self.volume(Shape(x.shape)).windows)
        return calc.with_channels(kept, self.channels)
