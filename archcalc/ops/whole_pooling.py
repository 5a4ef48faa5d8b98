"""Pooling of whole maps: to one position, or to a size whatever the size of the input."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from ..arithmetic import Number, ceil_div, common_divisor, product, value_of, written
from ..periodic import LONGEST, Periodic, PeriodTooLongError
from ..shape import Shape
from .attributes import Axes, spread
from .base import Op
from .facts import Extra, OperationCounts, Saved
from .torch_code import TorchCode, call, literal
from .volume import Volume, pooled
from .window import Window, stated, worked_out

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class GlobalPool(Op):
    """Base of the pools over all positions, whose output is a vector."""

    group = "pooling"
    shapes = "from positions and channels to a vector of the channels"
    pools = True
    onnx: ClassVar[str] = ""

    def accept(self, x: Shape) -> None:
        self.need_positions(x)

    def volume(self, x: Shape) -> Volume:
        return pooled(x)

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        return to.node("Flatten", to.node(self.onnx, to.x), axis=1)


class GlobalAvgPool(GlobalPool):
    """Global average pooling: the mean of each channel, a vector of C."""

    name = "gap"
    keras = "GlobalAveragePooling{}D"
    synonyms = (
        "globalavgpool",
        "globalavgpooling",
        "globalaveragepool",
        "globalaveragepooling",
        "globalaveragepooling{}d",
    )
    elsewhere = ("globalpool", "globalpooling")
    example = "7x7x2048 -> gap"
    source = "arXiv:1312.4400, section 3.2"
    counting = "add: positions - 1 per channel; div: 1 per channel"
    onnx = "GlobalAveragePool"

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(add=(x.positions - 1) * x.channels, div=x.channels)

    def saves(self, x: Shape) -> Saved:
        return Saved()

    def torch_code(self, x: Shape) -> TorchCode:
        return TorchCode(None, f"torch.mean(x, {literal(tuple(range(2, len(x) + 1)))})")

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        flat = x.reshape(-1, x.shape[-1])
        return calc.mean(flat, 0)


class GlobalMaxPool(GlobalPool):
    """Global max pooling: the largest value of each channel, a vector of C."""

    name = "gmp"
    keras = "GlobalMaxPooling{}D"
    synonyms = ("globalmaxpool", "globalmaxpooling", "globalmaxpooling{}d")
    example = "7x7x512 -> gmp"
    source = "Keras, GlobalMaxPooling2D"
    counting = "compare: positions - 1 per channel"
    onnx = "GlobalMaxPool"

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(compare=(x.positions - 1) * x.channels)

    def saves(self, x: Shape) -> Saved:
        # It is torch.nn.AdaptiveMaxPool2d(1); amax would keep input and output.
        return Saved(inputs=True, extras=(Extra("one index per channel", x.channels, width=8),))

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4:
            return None
        return TorchCode(f"nn.AdaptiveMaxPool{len(x) - 1}d(1)", "torch.flatten(m(x), 1)")

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.extreme(x.reshape(-1, x.shape[-1]), 0)


class AdaptiveWindow(Window):
    """The window of adaptive pooling: unit i of m reads positions floor(i*n/m) up to
    ceil((i + 1)*n/m) - 1, a share of the axis that need not be the same for every unit.

    ``kernel`` is the largest share.
    """

    def __init__(self, size: Number, target: Number):
        common = common_divisor(size, target)
        n, m = size // common, target // common
        super().__init__(size, (n + 2 * m - 2) // m, size // target, rule=stated, target=target)

    @property
    def words(self) -> str:
        share = f"{written(self.size)}/{written(self.target)}"
        return f"from position i*{share}, rounded down, to (i + 1)*{share} - 1, rounded up"

    @worked_out
    def first(self) -> Periodic:
        return self._shares(lambda i: i * self.size // self.target)

    @worked_out
    def last(self) -> Periodic:
        return self._shares(lambda i: ceil_div((i + 1) * self.size, self.target) - 1)

    def _shares(self, end: Callable[[int], int]) -> Periodic:
        common = common_divisor(self.size, self.target)
        period = self.target // common
        if period > LONGEST:
            raise PeriodTooLongError
        return Periodic(tuple([end(i) for i in range(period)]), self.size // common)

    @property
    def pointwise(self) -> bool:
        return bool(self.size == self.target)


class AdaptivePool(Op):
    """Base of the pools to a size, whatever the size of the input."""

    group = "pooling"
    shapes = "`size` positions, the channels that arrive"
    positional = ("size",)
    pools = True

    size = Axes("height and width of the output", required=True)

    # PyTorch's name for it, less the axes.
    module: ClassVar[str] = ""
    onnx: ClassVar[str] = ""

    def torch_code(self, x: Shape) -> TorchCode | None:
        return TorchCode(call(f"{self.module}{len(x) - 1}d", self.size)) if len(x) <= 4 else None

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import numbers

        windows = self.volume(x).windows
        shares = [value_of(w.size) // value_of(w.output) for w in windows]
        if all(w.output == 1 for w in windows):
            return to.node(f"Global{self.onnx}Pool", to.x)
        if all(share * w.output == w.size for share, w in zip(shares, windows, strict=True)):
            return to.node(f"{self.onnx}Pool", to.x, kernel_shape=numbers(shares), strides=numbers(shares))
        found, kind = to.x, "Mean" if self.onnx == "Average" else "Max"
        for axis, w in enumerate(windows, 2):
            parts = [
                to.reduce(kind, to.slice(found, [w.first(i)], [w.last(i) + 1], [axis]), [axis])
                for i in range(w.output)
            ]
            found = to.node("Concat", *parts, axis=axis)
        return found

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        spread(self.size, len(x) - 1, "size")

    def volume(self, x: Shape) -> Volume:
        sizes = zip(x.spatial, spread(self.size, len(x) - 1, "size"), strict=True)
        return Volume([AdaptiveWindow(n, m) for n, m in sizes], x.channels, x.channels)

    def cells(self, x: Shape) -> Number:
        """Values read for one channel of the output, over all units: along an axis the shares
        overlap by one position at each end that is not whole."""
        return product(n + o - common_divisor(n, o) for n, o in zip(x.spatial, self.output(x), strict=False))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        windows = self.volume(Shape(x.shape)).windows

        def of(unit: tuple[int, ...]) -> Array:
            share = [slice(w.first(i), w.last(i) + 1) for w, i in zip(windows, unit, strict=True)]
            return self.of_share(calc, x[tuple(share)].reshape(-1, x.shape[-1]))

        return calc.by_unit([w.output for w in windows], of)

    def of_share(self, calc: Calculation, values: Array) -> Array:
        """The value of a unit, one for each channel; ``values`` are its share, a row per position."""
        raise NotImplementedError


class AdaptiveAvgPool(AdaptivePool):
    """Average pooling to a size: each unit the mean of its share of the input.

    To a single position it is `gap`, and backward keeps nothing.
    """

    name = "adaptive_avgpool"
    arrangement = (1, 2)
    keras = "AdaptiveAveragePooling{}D"
    example = "14x14x512 -> adaptive_avgpool 4x4"
    source = "PyTorch, torch.nn.AdaptiveAvgPool2d"
    counting = "add: share - 1 per output; div: 1 per output"
    module = "nn.AdaptiveAvgPool"
    onnx = "Average"

    def operations(self, x: Shape) -> OperationCounts:
        outputs = self.output(x).values
        return OperationCounts(add=self.cells(x) * x.channels - outputs, div=outputs)

    def saves(self, x: Shape) -> Saved:
        # To a single position, PyTorch takes the mean, whose gradient needs no values. Which of
        # the two it is, is no number that a derivation could show.
        single = all(value_of(n) == 1 for n in self.output(x).spatial)
        return Saved() if single else Saved(inputs=True)

    def of_share(self, calc: Calculation, values: Array) -> Array:
        return calc.mean(values, 0)


class AdaptiveMaxPool(AdaptivePool):
    """Max pooling to a size: each unit the largest value of its share of the input."""

    name = "adaptive_maxpool"
    arrangement = (1, 2)
    keras = "AdaptiveMaxPooling{}D"
    example = "14x14x512 -> adaptive_maxpool 7x7"
    source = "PyTorch, torch.nn.AdaptiveMaxPool2d"
    counting = "compare: share - 1 per output"
    module = "nn.AdaptiveMaxPool"
    onnx = "Max"

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(compare=self.cells(x) * x.channels - self.output(x).values)

    def saves(self, x: Shape) -> Saved:
        indices = Extra("one index per output", self.output(x).values, width=8)
        return Saved(inputs=True, extras=(indices,))

    def of_share(self, calc: Calculation, values: Array) -> Array:
        return calc.extreme(values, 0)
