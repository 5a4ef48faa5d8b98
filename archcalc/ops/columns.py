"""Windows laid side by side as channels, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number, product, value_of
from ..shape import Shape
from .arrangement import FIRST
from .attributes import Axes, OpError, Padding, spread
from .base import Free, Op
from .facts import OperationCounts, Saved
from .sliding import Sliding
from .torch_code import TorchCode, call, padded
from .transposed import TransposedWindow
from .volume import Volume
from .window import stated

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Im2col(Free, Sliding):
    """The values of each window as the channels of one position.

    Channel by channel of the input, then row by row of the window, as `nn.Unfold` has them, whose
    positions lie in one row: `rearrange "h w c -> (h w) c"`. `col2im` adds them up again.
    """

    name = "im2col"
    arrangement = FIRST
    elsewhere = ("unfold", "extractpatches", "extractimagepatches")
    group = "rearrangement"
    shapes = "a position for each window that fits, a channel for each value of the window"
    example = "32x32x3 -> im2col 3x3 pad=1"
    source = "PyTorch, torch.nn.Unfold; Chellapilla et al., IWFHR 2006, section 2"
    positional = ("kernel",)

    dilation = Axes("distance between the positions of a window", 1, symbol="D")

    def volume(self, x: Shape) -> Volume:
        return Volume(self.windows(x), product([x.channels, *self.kernel_sizes(x)]), x.channels)

    def torch_code(self, x: Shape) -> TorchCode:
        if len(x) != 3:
            return TorchCode(None, self._axis_by_axis(x))
        module = call(
            "nn.Unfold",
            self.kernel,
            dilation=(self.dilation, 1),
            padding=(self.own_padding(x), 0),
            stride=(self.stride, 1),
        )
        # A copy: PyTorch's own output holds on to as much memory as its input had.
        sizes = tuple(map(value_of, self.spatial(x)))
        return TorchCode(module, f"{self.applied(x)}.unflatten(2, {sizes}).clone()")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import numbers

        windows = self.windows(x)
        return to.windows(
            to.padded(to.x, self.ends(x)),
            x.channels,
            self.kernel_sizes(x),
            strides=numbers(w.stride for w in windows),
            dilations=numbers(w.dilation for w in windows),
        )

    def _axis_by_axis(self, x: Shape) -> str:
        """The windows of a signal or a volume, which PyTorch's module does not take."""
        windows = self.windows(x)
        sides = [(value_of(low), value_of(high)) for low, high in self.ends(x)]
        found, axes = padded("x", sides), len(windows)
        for axis, w in enumerate(windows):
            gaps = f"[..., ::{w.dilation}]" if value_of(w.dilation) != 1 else ""
            found += f".unfold({axis + 2}, {w.span}, {w.stride}){gaps}"
        order = [0, 1, *range(2 + axes, 2 + 2 * axes), *range(2, 2 + axes)]
        return f"{found}.permute({', '.join(map(str, order))}).flatten(1, {axes + 1})"

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        patches = calc.windows(x, self.windows(Shape(x.shape)), self.pad_mode)
        found = calc.stacked([values for _, values in patches], x.ndim)
        return found.reshape(*patches.sizes, -1)


class Col2im(Op):
    """Windows that lie side by side as channels, added up where they lie on each other.

    What `im2col` laid out goes back to its place: the size of the map is given, and the numbers of the
    window are those of `im2col`. Values that come to lie on the rim are dropped.
    """

    name = "col2im"
    synonyms = ("fold",)
    group = "rearrangement"
    positional = ("size", "kernel")
    shapes = "`size` positions; the channels that arrive, divided by the values of a window"
    example = "32x32x27 -> col2im 32x32 3x3 pad=1"
    source = "PyTorch, torch.nn.Fold"
    counting = "add: one per value that arrives, on the rim or not"
    no_torch_reason = "PyTorch folds maps, and no signals or volumes"

    size = Axes("height and width of the output", required=True)
    kernel = Axes("size of the window", symbol="F", required=True)
    stride = Axes("step of the window", 1, symbol="S")
    pad = Padding("rim that is cut off: a number, HxW, or TxBxLxR", 0, symbol="P")
    dilation = Axes("distance between the positions of a window", 1, symbol="D")

    def check(self) -> None:
        if isinstance(self.pad, str):
            raise OpError("argument", "`col2im` takes its padding as a number", "pad")

    def sides(self, x: Shape) -> list[tuple[Number, Number]]:
        """The rim before and behind each axis."""
        count = len(x) - 1
        if isinstance(self.pad, tuple) and len(self.pad) == 2 * count:
            return list(zip(self.pad[::2], self.pad[1::2], strict=True))
        return [(p, p) for p in spread(self.pad, count, "pad")]

    def windows(self, x: Shape) -> list[TransposedWindow]:
        """The window along each axis."""
        count = len(x) - 1
        numbers = [
            spread(getattr(self, name), count, name) for name in ("kernel", "stride", "dilation", "size")
        ]
        return [
            TransposedWindow(n, kernel, stride, low, high, dilation, rule=stated, target=size)
            for n, kernel, stride, dilation, size, (low, high) in zip(
                x.spatial, *numbers, self.sides(x), strict=True
            )
        ]

    def cells(self, x: Shape) -> Number:
        """Values of a window."""
        return product(spread(self.kernel, len(x) - 1, "kernel"))

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        for axis, w in enumerate(self.windows(x)):
            fitting = (w.target + w.low + w.high - w.span) // w.stride + 1
            if fitting != w.size:
                raise OpError(
                    "shape",
                    f"{w.target} positions of axis {axis} have {max(fitting, 0)} windows, {w.size} arrive",
                    "size",
                )
        if x.channels % self.cells(x):
            raise OpError(
                "shape",
                f"{x.channels} channels do not divide into windows of {self.cells(x)} values",
                "kernel",
            )

    def volume(self, x: Shape) -> Volume:
        return Volume(self.windows(x), x.channels // self.cells(x), x.channels)

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(add=x.values)

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) != 3:
            return None
        sides = self.sides(x)
        whole = tuple([n + low + high for n, (low, high) in zip(self.output(x), sides, strict=False)])
        module = call("nn.Fold", whole, self.kernel, dilation=(self.dilation, 1), stride=(self.stride, 1))
        # A copy: PyTorch's own output holds on to as much memory as its input had.
        cut = padded("m(x.flatten(2))", [(-low, -high) for low, high in sides])
        return TorchCode(module, f"{cut}.clone()")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import numbers

        axes = len(x) - 1
        sides, sizes = self.sides(x), self.output(x)
        kernel = spread(self.kernel, axes, "kernel")
        whole = [n + low + high for n, (low, high) in zip(sizes, sides, strict=False)]
        made = to.node(
            "Col2Im",
            to.reshape(to.x, x.channels, x.positions),
            to.ints(*whole),
            to.ints(*kernel),
            strides=numbers(spread(self.stride, axes, "stride")),
            dilations=numbers(spread(self.dilation, axes, "dilation")),
        )
        return to.padded(made, [(-low, -high) for low, high in sides])

    def arranges(self, arrangements: tuple[str, ...], x: Shape) -> str:
        return FIRST

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        columns = x.reshape(*x.shape[:-1], -1, *spread(self.kernel, x.ndim - 1, "kernel"))
        return calc.folded(self.windows(Shape(x.shape)), lambda place: calc.at_place(columns, place))
