"""Parts of a tensor along any axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number, ceil_div, value_of
from ..shape import Shape
from .arrangement import arrangement_of, strides_of
from .attributes import AxisPosition, Count, OpError
from .axes import axis_number, indexed, torch_dim, whole_axes
from .base import Free
from .input_windows import InputWindows, WindowsByInput, reduced_axis
from .torch_code import TorchCode
from .traits import VIEW
from .volume import Volume
from .window import Window, stated, unchanged_axes

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Slice(Free):
    """Some positions of one axis, in their order: from one up to another one, or every so many.

    Axes are counted from 0 and over the whole shape: `axis=-1` are the channels. Of a run of
    channels `take` says the same in fewer words; `crop` cuts all axes at once.
    """

    name = "slice"
    storage = VIEW
    group = "rearrangement"
    positional = ("start", "stop")
    shapes = "the positions that are kept along one axis, all others as they arrive"
    example = "32x32x3 -> slice 4 28 step=2"
    source = "PyTorch, torch.Tensor (basic indexing), as x[:, :, 4:28:2]"

    start = AxisPosition("the first position that is kept", required=True)
    stop = AxisPosition("the position behind the last one", required=True)
    step = Count("how far apart the positions are that are kept", 1, symbol="S")
    axis = AxisPosition("the axis, counted from 0; -1 are the channels", 0)

    def ends(self, n: Number) -> tuple[Number, Number]:
        """First position and the one behind the last, counted from 0."""
        start, stop = [n + at if value_of(at) < 0 else at for at in (self.start, self.stop)]
        return start, stop

    def accept(self, x: Shape) -> None:
        n = x[axis_number(self.axis, x)]
        start, stop = self.ends(n)
        if not 0 <= start < stop <= n:
            blamed = "start" if not 0 <= start < n else "stop"
            what = f"{self.start} to {self.stop}"
            raise OpError("shape", f"{what} is no part of the {n} positions of axis {self.axis}", blamed)

    def kept(self, x: Shape) -> tuple[int, Number, Number]:
        """The axis, the first position that is kept, and how many are."""
        axis = axis_number(self.axis, x)
        start, stop = self.ends(x[axis])
        return axis, start, ceil_div(stop - start, self.step)

    def volume(self, x: Shape) -> Volume:
        axis, start, count = self.kept(x)
        if axis == len(x) - 1:
            return Volume(unchanged_axes(x.spatial), count, x.channels)
        windows = list(unchanged_axes(x.spatial))
        n = x[axis]
        high = (count - 1) * self.step + 1 + start - n
        windows[axis] = Window(n, 1, self.step, low=-start, high=high, rule=stated, target=count)
        return Volume(windows, x.channels, x.channels)

    def torch_code(self, x: Shape) -> TorchCode:
        axis, start, _ = self.kept(x)
        stop = self.ends(x[axis])[1]
        taken = f"{start or ''}:{stop if stop < x[axis] else ''}"
        step = f":{self.step}" if self.step > 1 else ""
        return TorchCode(None, indexed(axis, len(x), taken + step), aliases=True)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        axis, start, _ = self.kept(x)
        stop = self.ends(x[axis])[1]
        return to.slice(to.x, [start], [stop], [torch_dim(axis, len(x))], self.step)

    def arranges(self, arrangements: tuple[str, ...], x: Shape) -> str:
        strides = strides_of(arrangements[0], x)
        strides[axis_number(self.axis, x)] *= value_of(self.step)
        return arrangement_of(strides, [value_of(n) for n in self.output(x)])

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        axis, _, _ = self.kept(Shape(x.shape))
        start, stop = self.ends(x.shape[axis])
        return calc.part(x, axis, start, stop, self.step)


class Select(Free):
    """One position of an axis, which is then gone: the class token of a sequence.

    Axes are counted from 0 and over the whole shape: `axis=-1` are the channels, and then the axis
    in front of them takes their place.
    """

    name = "select"
    storage = VIEW
    elsewhere = ("index", "unbind")
    group = "rearrangement"
    positional = ("index",)
    shapes = "the other axes as they arrive"
    example = "197x768 -> select 0"
    source = "PyTorch, torch.select; arXiv:2010.11929, equation 4 (the class token)"

    index = AxisPosition("the position", required=True)
    axis = AxisPosition("the axis, counted from 0; -1 are the channels", 0)

    def accept(self, x: Shape) -> None:
        if len(x) == 1:
            raise OpError("shape", f"a value of the vector {x} would have no axis left", "input")
        n = x[axis_number(self.axis, x)]
        if not -n <= self.index < n:
            raise OpError("shape", f"axis {self.axis} of {x} has no position {self.index}", "index")

    def at(self, x: Shape) -> tuple[int, Number]:
        """The axis and the position, counted from 0."""
        axis = axis_number(self.axis, x)
        return axis, x[axis] + self.index if value_of(self.index) < 0 else self.index

    def output(self, x: Shape) -> Shape:
        axis, _ = self.at(x)
        return Shape((*x[:axis], *x[axis + 1 :]))

    def volume(self, x: Shape) -> Volume:
        axis, position = self.at(x)
        *spatial, channels = self.output(x)
        reads = list(unchanged_axes(x.spatial))
        if axis < len(x) - 1:
            reads[axis] = Window(
                x[axis], 1, low=-position, high=position + 1 - x[axis], rule=stated, target=1
            )
        else:
            reads[-1] = reduced_axis(x[-2])
        axis = min(axis, len(x) - 2)  # of the axes of positions the one that is gone
        axes = [None if at == axis else at - (at > axis) for at in range(len(x) - 1)]
        windows = WindowsByInput([InputWindows(reads, axes)])
        return Volume(whole_axes(spatial), channels, x.channels, reads=windows)

    def torch_code(self, x: Shape) -> TorchCode:
        axis, position = self.at(x)
        code = indexed(axis, len(x), str(position))
        # The last axis of positions becomes the channels, which PyTorch has first.
        last = axis == len(x) - 1 and len(x) > 2
        return TorchCode(None, f"{code}.movedim(-1, 1)" if last else code, aliases=True)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import INT64

        axis, position = self.at(x)
        # The index has no axes, so that the axis is gone.
        found = to.node("Gather", to.x, to.constant(INT64, (), (position,)), axis=torch_dim(axis, len(x)))
        # The last axis of positions becomes the channels, which ONNX has first.
        last = axis == len(x) - 1 and len(x) > 2
        return to.channels_first(found, len(x) - 2) if last else found

    def arranges(self, arrangements: tuple[str, ...], x: Shape) -> str:
        strides = strides_of(arrangements[0], x)
        del strides[axis_number(self.axis, x)]
        return arrangement_of(strides, [value_of(n) for n in self.output(x)])

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        axis, position = self.at(Shape(x.shape))
        return x.take(position, axis)
