"""Positions that are chosen by data or by a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..shape import Shape
from .arrangement import FIRST
from .attributes import AxisPosition, Count, OpError
from .axes import axis_number, torch_dim
from .base import Free
from .facts import Extra, Saved
from .input_windows import InputWindows, WholeAxisWindow, WindowsByInput
from .torch_code import TorchCode
from .volume import Volume
from .window import EVERYTHING, Window, stated, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation


class Chosen(Saved):
    """What a choice keeps: of its inputs the one of which is chosen."""

    def saved_inputs(self, trained: bool, inplace: bool, taking: Sequence[bool]) -> list[bool]:
        return [taking[0], *[False] * (len(taking) - 1)]


class Gather(Free):
    """So many positions of an axis that are chosen by the data, or by a table.

    The best of a sequence, the tokens that a mask keeps, rows of a table: `gather 49 axis=0` puts out 49
    positions, and each of them may be any of those that arrive. With a second tensor, `gather 49 @x
    @index`, that one chooses them. Axes are counted from 0; `axis=-1` are the channels.
    """

    name = "gather"
    elsewhere = ("indexselect", "topk", "indexing", "takealongdim", "maskedselect")
    group = "rearrangement"
    several = True
    positional = ("count",)
    shapes = "`count` positions along one axis, all others as they arrive"
    example = "196x768 -> gather 49"
    source = "PyTorch, torch.gather, torch.index_select and torch.topk"
    counting = "none: declared free; how the positions are found is not counted"

    count = Count("positions that are chosen", symbol="K", required=True)
    axis = AxisPosition("the axis, counted from 0; -1 are the channels", 0)

    def accept(self, *inputs: Shape) -> None:
        axis_number(self.axis, inputs[0])
        if len(inputs) > 2:
            raise OpError("shape", "`gather` reads a tensor and what chooses of it, no third one", "input")

    def volume(self, *inputs: Shape) -> Volume:
        x = inputs[0]
        axis = axis_number(self.axis, x)
        windows = list(unchanged_axes(x.spatial))
        channels = x.channels
        if axis == len(x) - 1:
            channels = self.count
        else:
            windows[axis] = WholeAxisWindow(x[axis]).but(rule=stated, target=self.count)
        made = [Window(rule=stated, target=window.output) for window in windows]
        reads = WindowsByInput([InputWindows(windows), *[EVERYTHING] * (len(inputs) - 1)])
        return Volume(made, channels, x.channels, reads=reads)

    def saves(self, *inputs: Shape) -> Saved:
        # PyTorch asks its size of the input itself.
        return Chosen(inputs=True, extras=(Extra("the positions that are chosen", self.count, width=8),))

    def torch_code(self, *inputs: Shape) -> TorchCode:
        dim = torch_dim(axis_number(self.axis, inputs[0]), len(inputs[0]))
        if len(inputs) == 1:
            return TorchCode(None, f"chosen(x, {dim}, {self.count})")
        return TorchCode(None, f"chosen(xs[0], {dim}, {self.count}, xs[1])")

    def arranges(self, arrangements: tuple[str, ...], *inputs: Shape) -> str:
        return FIRST

    def evaluate(self, calc: Calculation, x: Array, *index: Array) -> Array:
        axis = axis_number(self.axis, Shape(x.shape))
        n = x.shape[axis]
        if index:
            order = [calc.whole(value) % n for value in calc.flat(index[0]).tolist()]
        else:  # those with the largest sums first
            sums = calc.moved(x, axis, 0).reshape(n, -1).sum(1)
            order = calc.order(sums, largest_first=True)
        return x.take([order[turn % len(order)] for turn in range(self.count)], axis)
