"""Ops that join several tensors, and the shortcut of residual units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from ..arithmetic import Number, total, value_of
from ..shape import Shape
from .arrangement import FIRST, LAST
from .attributes import Axes, Choice, Count, Flag, OpError, spread
from .base import Free, Op
from .broadcasting import common_sizes, spread_code, windows_of
from .facts import Extra, OperationCounts, Saved
from .torch_code import TorchCode, padded
from .volume import Volume
from .window import Window, unchanged_axes


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

    def torch_code(self, *inputs: Shape) -> TorchCode:
        axes = len(self.output(*inputs)) - 1
        terms = [spread_code(f"xs[{number}]", x, axes) for number, x in enumerate(inputs)]
        return TorchCode(None, f" {self.sign} ".join(terms))

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

    def operations(self, *inputs: Shape) -> OperationCounts:
        return OperationCounts(mul=self.output(*inputs).values * (len(inputs) - 1))

    def saves(self, *inputs: Shape) -> Saved:
        # From left to right: a product that is multiplied again is kept like a branch.
        return Factors([self.output(*inputs[:count]).values for count in range(2, len(inputs))])


class Concat(Free, Merge):
    """Its branches side by side along the channels."""

    name = "concat"
    keras = "Concatenate"
    synonyms = ("concatenate", "cat")
    passes_gradient = True
    shapes = "branches of the same positions; the sum of their channels"
    example = "28x28x192 -> a: conv 1x1 64\nconcat @input @a"
    source = "PyTorch, torch.cat"

    def accept(self, *inputs: Shape) -> None:
        for number, x in enumerate(inputs):
            if x.spatial != inputs[0].spatial:
                raise OpError(
                    "shape",
                    f"the branches of `{self.name}` differ in height or width"
                    if len(x) == 3
                    else f"the branches of `{self.name}` differ in size",
                    "input",
                    branch=number,
                )

    def volume(self, *inputs: Shape) -> Volume:
        joined = tuple([x.channels for x in inputs])
        return Volume(unchanged_axes(inputs[0].spatial), total(joined), joined[0], joined=joined)

    def torch_code(self, *inputs: Shape) -> TorchCode:
        return TorchCode(None, "torch.cat(xs, 1)")

    def arranges(self, arrangements: tuple[str, ...], *inputs: Shape) -> str:
        maps = len(inputs[0]) in (3, 4)
        return LAST if maps and all(how == LAST for how in arrangements) else FIRST


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
