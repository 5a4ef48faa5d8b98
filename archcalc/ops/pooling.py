"""Pooling: windows without learned weights, and LeNet's subsampling with two per map."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf, nan
from typing import TYPE_CHECKING

from ..arithmetic import Number, minimum, product, value_of, where
from ..shape import Shape
from .attributes import Axes, Count, Flag, spread
from .facts import Extra, OperationCounts, Saved, Tensor
from .sliding import Sliding
from .torch_code import TorchCode, call, padded
from .window import Window

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode


class Pool(Sliding):
    """Base of the pools: one window of each channel, by default side by side."""

    group = "pooling"
    shapes = "a position for each window that fits, the channels that arrive"
    positional = ("kernel",)
    shown = ("stride",)
    pools = True
    ceil_mode = True

    stride = Axes("step of the window; the window's own size by default", symbol="S")

    def check(self) -> None:
        if self.stride is None:
            kernel = self.kernel
            square = isinstance(kernel, tuple) and len(set(kernel)) == 1
            self.__dict__["stride"] = kernel[0] if square else kernel

    def outputs(self, x: Shape) -> Number:
        """Values of the output."""
        return product(self.spatial(x)) * x.channels

    def cells(self, x: Shape) -> Number:
        """Values in a window."""
        return product(self.kernel_sizes(x))

    def pads_itself(self, x: Shape) -> bool:
        # PyTorch's pools pad by half a window at most, its holes closed: without gradients it
        # refuses more.
        return super().pads_itself(x) and all(
            value_of(w.low) <= value_of(w.kernel) // 2 for w in self.windows(x)
        )

    @property
    def is_ceil(self) -> bool:
        """Whether a window may hang over the end."""
        return self.round == "ceil" and not self.pads_same

    def onnx_window(
        self, to: OnnxCode, x: Shape, value: Number = 0
    ) -> tuple[str, dict[str, tuple[int, ...]]]:
        """What a pool of ONNX reads, and its window: the rim that takes in a window that hangs over is part
        of its padding."""
        from .onnx.code import numbers, pads_of

        sides, read = Sliding.ends(self, x), to.x
        windows = self.windows(x)
        fits = all(
            0 <= value_of(n) < value_of(w.kernel)
            for side, w in zip(sides, windows, strict=True)
            for n in side
        )
        if not fits:
            read, sides = to.padded(read, sides, value), [(0, 0)] * len(sides)
        return read, {
            "kernel_shape": numbers(self.kernel_sizes(x)),
            "strides": numbers(w.stride for w in windows),
            "pads": pads_of(sides),
            "dilations": numbers(w.dilation for w in windows),
        }

    def onnx_sums(self, to: OnnxCode, x: Shape) -> str:
        """The mean of each window, its padding counted as zeros."""
        read, window = self.onnx_window(to, x)
        return to.node("AveragePool", read, count_include_pad=1, **window)


class MaxPool(Pool):
    """Max pooling: the largest value of each window."""

    name = "maxpool"
    arrangement = (2, 3)
    keras = "MaxPooling{}D"
    finds_maxima = True
    synonyms = ("maxpooling", "maxpool{}d", "maxpooling{}d")
    elsewhere = ("pool", "pooling", "max")
    example = "112x112x64 -> maxpool 3x3 stride=2 pad=1"
    source = "PyTorch, torch.nn.MaxPool2d; Caffe, pooling layer (round=ceil)"
    counting = "compare: window - 1 per output, the window counted in full at the rims"

    dilation = Axes("distance between the positions a window reads", 1, symbol="D")

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        return calc.largest(calc.windows(x, self.windows(Shape(x.shape)), fill=-inf))

    def operations(self, x: Shape) -> OperationCounts:
        return OperationCounts(compare=(self.cells(x) - 1) * self.outputs(x))

    def saves(self, x: Shape) -> Saved:
        return self.saved_window(x, Extra("one index per output", self.outputs(x), width=8))

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4:
            return None
        module = call(
            f"nn.MaxPool{len(x) - 1}d",
            self.kernel,
            stride=(self.stride, self.kernel),
            padding=(self.own_padding(x), 0),
            dilation=(self.dilation, 1),
            ceil_mode=(self.is_ceil and self.pads_itself(x), False),
        )
        return TorchCode(module, self.applied(x, "-torch.inf"))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        read, window = self.onnx_window(to, x, -inf)
        return to.node("MaxPool", read, **window)


class Averaging(Pool):
    """Base of the pools that PyTorch writes with a mean."""

    def pads_itself(self, x: Shape) -> bool:
        # That of a volume wants the window within the bare input.
        return super().pads_itself(x) and (
            len(x) < 4 or all(value_of(w.span) <= value_of(w.size) for w in self.windows(x))
        )


class AvgPool(Averaging):
    """Average pooling: the mean of each window."""

    name = "avgpool"
    arrangement = (1, 2)
    keras = "AveragePooling{}D"
    synonyms = ("averagepool", "averagepooling", "avgpool{}d", "avgpooling", "averagepooling{}d")
    elsewhere = ("avg",)
    example = "14x14x512 -> avgpool 5x5 stride=3"
    source = "PyTorch, torch.nn.AvgPool2d"
    counting = "add: window - 1 per output, counted in full at the rims; div: 1 per output"

    no_saved_rule = "with count_pad=no and padding that PyTorch does not have: ways differ"

    count_pad = Flag("padding counts as zeros in the mean (changes no count here)", True)

    def operations(self, x: Shape) -> OperationCounts:
        outputs = self.outputs(x)
        return OperationCounts(add=(self.cells(x) - 1) * outputs, div=outputs)

    def saves(self, x: Shape) -> Saved | None:
        if not self.count_pad and not self.pads_itself(x):
            return None
        return self.saved_window(x)

    def ends(self, x: Shape) -> list[tuple[Number, Number]]:
        # What hangs over beyond the padding is no part of the mean: that is left to ceil_mode.
        ends = zip(super().ends(x), self.windows(x), strict=True)
        return [(low, minimum(high, w.high)) for (low, high), w in ends]

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4:
            return None
        name, itself = f"nn.AvgPool{len(x) - 1}d", self.pads_itself(x)
        if itself:
            module = call(
                name,
                self.kernel,
                stride=(self.stride, self.kernel),
                padding=(self.own_padding(x), 0),
                ceil_mode=(self.is_ceil, False),
                count_include_pad=(self.count_pad, True),
            )
            return TorchCode(module)
        sides = self.ends(x)
        # A window larger than all there is, of which there is but one, is as large as that.
        kernel = tuple(
            [min(w.span, w.size + low + high) for w, (low, high) in zip(self.windows(x), sides, strict=True)]
        )
        module = call(name, kernel, stride=(self.stride, kernel), ceil_mode=(self.is_ceil, False))
        mean = f"m({padded('x', sides)})"
        if self.count_pad:
            return TorchCode(module, mean)
        # Divided by the share of the window that is on the input.
        return TorchCode(module, f"{mean} / m({padded('torch.ones_like(x[:1, :1])', sides)})")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import FLOAT

        read, window = self.onnx_window(to, x)
        counts = self.counted(self.windows(x), None)[..., 0]
        if (counts == self.cells(x)).all():
            return to.node("AveragePool", read, count_include_pad=1, **window)
        if not self.count_pad and read == to.x:
            return to.node("AveragePool", read, count_include_pad=0, **window)
        shares = [self.cells(x) / count if count else nan for count in counts.flat]
        mean = to.node("AveragePool", read, count_include_pad=1, **window)
        return to.node("Mul", mean, to.constant(FLOAT, counts.shape, shares))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        windows = self.windows(Shape(x.shape))
        sums = calc.sums(calc.windows(x, windows))
        return calc.quotient(sums, self.counted(windows, calc.unit))

    def counted(self, windows: Sequence[Window], unit: Sequence[int] | None) -> Array:
        """The divisor of each unit: the cells of its window on the input, with ``count_pad`` on the padding
        too. What hangs over that never counts."""
        import numpy as np

        counts = np.ones((1,), dtype=object)
        for axis, w in enumerate(windows):
            low, end = (-w.low, w.size + w.high) if self.count_pad else (0, w.size)
            units = range(w.output) if unit is None else (unit[axis],)
            along = [sum([low <= at < end for at in w.reads(i)]) for i in units]
            counts = counts[..., None, :] * np.array(along, dtype=object)[:, None]
        return counts


class LpPool(Averaging):
    """Lp pooling: the p-th root of the sum of p-th powers of each window; p=1 is sum pooling."""

    name = "lppool"
    arrangement = (1, 2)
    synonyms = ("lppool1d", "lppool2d")
    example = "14x14x64 -> lppool 2x2"
    source = "PyTorch, torch.nn.LPPool2d; arXiv:1204.3968"
    counting = (
        "per output mul p - 1 per value of the window, add window - 1, special 1 for the root "
        "(none at p=1), the window counted in full at the rims"
    )

    p = Count("exponent", 2)

    def operations(self, x: Shape) -> OperationCounts:
        outputs, cells = self.outputs(x), self.cells(x)
        return OperationCounts(
            mul=(self.p - 1) * cells * outputs,
            add=(cells - 1) * outputs,
            special=where(self.p == 1, 0, outputs),
        )

    def pads_itself(self, x: Shape) -> bool:
        # PyTorch's loses its measure where a window hangs over.
        return all(
            value_of(w.low) == value_of(w.high) == 0 and value_of(w.overhang) <= 0 for w in self.windows(x)
        )

    def saves(self, x: Shape) -> Saved:
        # The mean of powers, its sign and its size, and what the root is taken of.
        saved = self.saved_window(x, Extra("four values per output", 4 * self.outputs(x)))
        powers = x.values if saved.inputs else saved.extras[0].values
        saved.extras += (Extra("the powers", powers),)
        return saved

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4:
            return None
        module = call(f"nn.LPPool{len(x) - 1}d", self.p, self.kernel, stride=(self.stride, self.kernel))
        return TorchCode(module, self.applied(x))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        read, window = self.onnx_window(to, x)
        if self.p % 2 == 0 and read == to.x:
            return to.node("LpPool", read, p=value_of(self.p), **window)
        powers = read if self.p == 1 else to.node("Pow", read, to.real(self.p))
        mean = to.node("AveragePool", powers, count_include_pad=1, **window)
        sums = to.node("Mul", mean, to.real(self.cells(x)))
        return sums if self.p == 1 else to.node("Pow", sums, to.real(1 / self.p))

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        patches = calc.windows(calc.power(x, self.p), self.windows(Shape(x.shape)))
        return calc.power(calc.sums(patches), Fraction(1, self.p))


class Subsample(Averaging):
    """LeNet-5's subsampling: the sum of a window, scaled and shifted by learned values."""

    name = "subsample"
    arrangement = (1, 2)
    example = "28x28x6 -> subsample 2x2"
    source = "LeCun et al., Proc. IEEE 1998, section II.B"
    counting = "add: window - 1 per output; mul_add: one per output, not among the MACs"
    weighted = True

    def operations(self, x: Shape) -> OperationCounts:
        outputs = self.outputs(x)
        return OperationCounts(mul_add=outputs, add=(self.cells(x) - 1) * outputs)

    def saves(self, x: Shape) -> Saved:
        saved = self.saved_window(x, Extra("the sums", self.outputs(x), trained=True))
        saved.inputs, saved.input_gradient = False, saved.inputs  # of the sums, not of the factors
        for extra in saved.extras:
            extra.input_gradient = not extra.trained
        return saved

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return Tensor("weight", (x.channels,)), Tensor("bias", (x.channels,))

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4:
            return None
        module = call(
            "Subsample",
            x.channels,
            list(self.kernel_sizes(x)),
            list(spread(self.stride, len(x) - 1, "stride")),
            padding=(list(self.own_padding(x)), [0] * (len(x) - 1)),
            ceil_mode=(self.is_ceil and self.pads_itself(x), False),
        )
        return TorchCode(module, self.applied(x))

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        sums = to.node("Mul", self.onnx_sums(to, x), to.real(self.cells(x)))
        return to.scaled(sums, self.output(x))

    def connections(self, x: Shape) -> Number:
        return (self.cells(x) + 1) * self.outputs(x)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        sums = calc.sums(calc.windows(x, self.windows(Shape(x.shape))))
        return sums * calc.tensors["weight"] + calc.tensors["bias"]
