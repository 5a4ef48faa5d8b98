"""Positions moved round the end, turned round, or repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number, value_of
from ..shape import Shape
from .arrangement import FIRST
from .attributes import LARGEST, Axes, AxisPosition, Choice, Count, spread
from .axes import axis_number, torch_dim
from .base import Free
from .moved_windows import RoundWindow, RunWindow, TurnedWindow
from .pattern import AxisRun
from .torch_code import TorchCode
from .volume import Volume
from .window import Window, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Roll(Free):
    """Positions moved on along each axis; those that leave one end come in at the other.

    The shift is one number for all axes of positions or one for each; below 0 it goes backwards, as
    the shifted windows of Swin are made: `roll -3`. A window that reaches over an end goes on at the
    other one; its size and start are given as if the map went on there.
    """

    name = "roll"
    elsewhere = ("shift", "cyclicshift")
    group = "rearrangement"
    positional = ("shift",)
    shapes = "any with positions; what it puts out has the shape of what arrives"
    example = "56x56x96 -> roll -3"
    source = "PyTorch, torch.roll; arXiv:2103.14030, section 3.2 (cyclic shift)"

    shift = Axes("how many positions on, along each axis", least=-LARGEST, required=True)

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        self.shifts(x)

    def shifts(self, x: Shape) -> tuple[Number, ...]:
        """The shift along each axis."""
        return spread(self.shift, len(x) - 1, "shift")

    def volume(self, x: Shape) -> Volume:
        windows = [RoundWindow(n, low=shift) for n, shift in zip(x.spatial, self.shifts(x), strict=True)]
        return Volume(windows, x.channels, x.channels)

    def output(self, x: Shape) -> Shape:
        return x

    def torch_code(self, x: Shape) -> TorchCode:
        moved = [(value_of(shift), axis + 2) for axis, shift in enumerate(self.shifts(x)) if value_of(shift)]
        shifts = tuple([shift for shift, _ in moved])
        dims = tuple([dim for _, dim in moved])
        if not moved:
            return TorchCode(None, "x.clone()")
        return TorchCode(None, f"torch.roll(x, {tuple(shifts)!r}, {tuple(dims)!r})")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        found = to.x
        for axis, (shift, n) in enumerate(zip(self.shifts(x), x.spatial, strict=True), 2):
            cut = n - value_of(shift) % n
            if cut < n:
                parts = to.slice(found, [cut], [n], [axis]), to.slice(found, [0], [cut], [axis])
                found = to.node("Concat", *parts, axis=axis)
        return to.node("Identity", to.x) if found == to.x else found

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        shifts = self.shifts(Shape(x.shape))
        return calc.rolled(x, shifts)


class Flip(Free):
    """One axis from its last position to its first.

    Axes are counted from 0; `axis=-1` are the channels.
    """

    name = "flip"
    elsewhere = ("reverse", "mirror")
    group = "rearrangement"
    positional = ("axis",)
    shapes = "any; what it puts out has the shape of what arrives"
    example = "32x32x3 -> flip axis=1"
    source = "PyTorch, torch.flip"

    axis = AxisPosition("the axis, counted from 0; -1 are the channels", 0)

    def accept(self, x: Shape) -> None:
        axis_number(self.axis, x)

    def volume(self, x: Shape) -> Volume:
        axis = axis_number(self.axis, x)
        windows = list(unchanged_axes(x.spatial))
        if axis < len(x) - 1:
            windows[axis] = TurnedWindow(x[axis])
        return Volume(windows, x.channels, x.channels)

    def output(self, x: Shape) -> Shape:
        return x

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(None, f"x.flip({torch_dim(axis_number(self.axis, x), len(x))})")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        axis = axis_number(self.axis, x)
        n = x[axis]
        return to.slice(to.x, [n - 1], [-n - 1], [torch_dim(axis, len(x))], -1)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        axis = axis_number(self.axis, Shape(x.shape))
        return calc.part(x, axis, None, None, -1)


class RepeatAxis(Free):
    """One axis several times: all of it again and again, or each position several times.

    Axes are counted from 0; `axis=-1` are the channels. A vector or map of one position is spread over
    many so.
    """

    name = "repeat"
    elsewhere = ("expand", "tile", "repeatinterleave", "broadcastto")
    group = "rearrangement"
    positional = ("times",)
    shapes = "`times` as many positions along one axis, all others as they arrive"
    example = "14x14x256 -> repeat 2 mode=each"
    source = "PyTorch, torch.Tensor.repeat and torch.repeat_interleave"

    times = Count("how many times", symbol="R", required=True)
    axis = AxisPosition("the axis, counted from 0; -1 are the channels", 0)
    mode = Choice(("all", "each"), "what is repeated: all positions together, or each by itself", "all")

    def accept(self, x: Shape) -> None:
        axis_number(self.axis, x)

    def volume(self, x: Shape) -> Volume:
        axis = axis_number(self.axis, x)
        windows = list(unchanged_axes(x.spatial))
        if axis == len(x) - 1:
            return Volume(windows, x.channels * self.times, x.channels)
        if value_of(self.times) > 1:
            windows[axis] = self.repeated(x[axis])
        return Volume(windows, x.channels, x.channels)

    def repeated(self, n: Number) -> Window:
        """The window along the axis."""
        runs = [AxisRun(value_of(self.times), 0), AxisRun(value_of(n), 1)]
        if self.mode == "each":
            runs.reverse()
        return RunWindow(n, runs, AxisRun(1, 1), n * self.times)

    def torch_code(self, x: Shape) -> TorchCode:
        dim = torch_dim(axis_number(self.axis, x), len(x))
        if self.mode == "each":
            return TorchCode(None, f"x.repeat_interleave({self.times}, {dim})")
        times = [1] * (len(x) + 1)
        times[dim] = self.times
        return TorchCode(None, f"x.repeat({', '.join(map(str, times))})")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        dim = torch_dim(axis_number(self.axis, x), len(x))
        times = [1] * (len(x) + 1)
        if self.mode == "all":
            times[dim] = self.times
            return to.node("Tile", to.x, to.ints(*times))
        times.insert(dim + 1, self.times)
        repeated = to.node("Tile", to.unsqueeze(to.x, dim + 1), to.ints(*times))
        sizes = self.output(x)
        return to.reshape(repeated, sizes.channels, *sizes.spatial)

    def arranges(self, arrangements: tuple[str, ...], *inputs: Shape) -> str:
        return FIRST

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        axis = axis_number(self.axis, Shape(x.shape))
        if self.mode == "each":
            return x.repeat(self.times, axis)
        return calc.joined([x] * self.times, axis)
