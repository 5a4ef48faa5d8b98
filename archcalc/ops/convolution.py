"""Convolutions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..arithmetic import Number, product, value_of
from ..shape import Shape
from .arrangement import LAST
from .attributes import Axes, Choice, Count, Flag, OpError, Text
from .dot_products import DotProducts
from .facts import Extra, Saved
from .moved_windows import CIRCULAR, REFLECT, REPLICATE, ZEROS
from .sliding import Sliding
from .terms import DEPTH, KERNEL, OUTPUT, PAIRS, Factor, Term, factors, weighted
from .torch_code import TorchCode, call, padded
from .volume import Volume

if TYPE_CHECKING:
    from ..arrays.calculation import Array, Calculation
    from .onnx.code import OnnxCode

RIMS = (ZEROS, REFLECT, REPLICATE, CIRCULAR)


class Convolution(DotProducts, Sliding):
    """Base of the convolutions whose weights are shared over positions."""

    group = "convolution"
    shapes = "a position for each window that fits, a channel for each filter"
    weighted = True
    is_convolution = True
    source = "PyTorch, torch.nn.Conv2d; arXiv:1603.07285, relationships 6 and 15"
    counting = "mul_add: one per weight use; add: one per output for the bias"

    dilation = Axes("distance between the positions a kernel reads", 1, symbol="D")
    bias = Flag("one bias per filter", True)

    def maps(self, x: Shape) -> Number:
        """Channels of the output."""
        raise NotImplementedError

    def read(self, x: Shape) -> tuple[Factor, ...]:
        """What a filter reads: its window, and how deep it is."""
        return (*factors(KERNEL, self.kernel_sizes(x)), Factor(DEPTH, self.depth(x)))

    def depth(self, x: Shape) -> Number:
        """Channels that a filter reads."""
        return x.channels

    def terms(self, x: Shape) -> tuple[Term, ...]:
        return weighted(self.read(x), self.maps(x), self.bias)

    def volume(self, x: Shape) -> Volume:
        maps = self.maps(x)
        return Volume(self.windows(x), maps, x.channels, maps)

    def saves(self, x: Shape) -> Saved:
        # Also with frozen weights: autograd has one formula for all gradients.
        return self.saved_window(x)

    def groups_of(self, x: Shape) -> Number:
        """Groups of channels that do not see each other."""
        return 1

    def weight_groups(self, *inputs: Shape) -> Number:
        return self.groups_of(inputs[0])

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        shape = Shape(x.shape)
        patches = calc.windows(x, self.windows(shape), self.pad_mode)
        return calc.correlated(patches, self.groups_of(shape))

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4:
            return None
        module = call(
            f"nn.Conv{len(x) - 1}d",
            x.channels,
            self.maps(x),
            self.kernel,
            stride=(self.stride, 1),
            padding=(self.own_padding(x), 0),
            dilation=(self.dilation, 1),
            groups=(self.groups_of(x), 1),
            bias=(self.bias, True),
        )
        return TorchCode(module, self.applied(x))

    def onnx_weight(self, to: OnnxCode, x: Shape) -> str:
        """The weight as ONNX's `Conv` has it."""
        return to.tensor("weight")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import numbers, pads_of

        sides, read = self.ends(x), to.x
        if self.pad_mode != ZEROS or any(value_of(n) < 0 for side in sides for n in side):
            modes = {ZEROS: "constant", REFLECT: "reflect", REPLICATE: "edge", CIRCULAR: "wrap"}
            read, sides = to.padded(read, sides, mode=modes[str(self.pad_mode)]), [(0, 0)] * len(sides)
        windows = self.windows(x)
        return to.node(
            "Conv",
            read,
            self.onnx_weight(to, x),
            *to.tensor_if("bias", self.bias),
            kernel_shape=numbers(self.kernel_sizes(x)),
            strides=numbers(w.stride for w in windows),
            pads=pads_of(sides),
            dilations=numbers(w.dilation for w in windows),
            group=value_of(self.groups_of(x)),
        )


class Conv(Convolution):
    """Convolution: every filter reads a window of all channels (of its group)."""

    name = "conv"
    arrangement = (2,)
    keras = "Conv{}D"
    synonyms = ("conv{}d", "convolution", "convolution{}d")
    positional = ("kernel", "filters")
    example = "227x227x3 -> conv 11x11 96 stride=4"

    filters = Count("number of filters = channels of the output", symbol="K", required=True)
    groups = Count("groups of channels that do not see each other", 1, symbol="G")
    pad_mode = Choice(RIMS, "what the padding is made of", ZEROS)
    connect = Text(
        "connection table: one string of 0 and 1 per input map, one digit per filter (LeNet-5's C3); "
        "a kernel for each 1"
    )

    def check(self) -> None:
        if self.connect is None:
            return
        rows = self.connect.split()
        if self.groups != 1:
            raise OpError("argument", "`connect` and `groups` exclude each other", "connect")
        for row in rows:
            if set(row) - {"0", "1"} or len(row) != self.filters:
                raise OpError(
                    "argument",
                    f"each string of `connect` has one 0 or 1 for each of the {self.filters} filters",
                    "connect",
                )
        if not any("1" in row for row in rows):
            raise OpError("argument", "`connect` connects nothing", "connect")

    def accept(self, x: Shape) -> None:
        super().accept(x)
        if x.channels % self.groups or self.filters % self.groups:
            which = "channels" if x.channels % self.groups else "filters"
            number = x.channels if which == "channels" else self.filters
            raise OpError("shape", f"{number} {which} do not divide into {self.groups} groups", "groups")
        if self.connect is not None and len(self.connect.split()) != x.channels:
            raise OpError(
                "shape",
                f"`connect` has {len(self.connect.split())} strings, {x.channels} maps arrive",
                "connect",
            )

    def maps(self, x: Shape) -> Number:
        return self.filters

    def groups_of(self, x: Shape) -> Number:
        return self.groups

    def depth(self, x: Shape) -> Number:
        return x.channels // self.groups

    def kernels(self, x: Shape) -> Number:
        """Number of two-dimensional kernels: pairs of an input map and a filter that reads it."""
        if self.connect is not None:
            return self.connect.count("1")
        return (x.channels // self.groups) * self.filters

    def terms(self, x: Shape) -> tuple[Term, ...]:
        weight, *bias = super().terms(x)
        if self.connect is None:
            return (weight, *bias)
        pairs = Factor(PAIRS, self.kernels(x))
        return (weight._replace(factors=(*factors(KERNEL, weight.of(KERNEL)), pairs)), *bias)

    def remarks(self, quantity: str, x: Shape) -> Iterator[str]:
        yield from super().remarks(quantity, x)
        if self.connect is not None and quantity in ("params", "macs"):
            yield f"{self.kernels(x)} pairs of a map and a filter are connected by the table"

    def saves(self, x: Shape) -> Saved:
        if self.connect is None:
            return super().saves(x)
        # As torch.nn.utils.prune does it: all weights, times a mask.
        weights = product(self.kernel_sizes(x)) * x.channels * self.filters
        return self.saved_window(x, Extra("its weights, masked", weights, fixed=True))

    def torch_code(self, x: Shape) -> TorchCode | None:
        if self.connect is None or len(x) > 4:
            return super().torch_code(x)
        module = call(
            "ConnectedConv",
            " ".join(self.connect.split()),
            list(self.kernel_sizes(x)),
            stride=(self.stride, 1),
            padding=(self.own_padding(x), 0),
            dilation=(self.dilation, 1),
            bias=(self.bias, True),
        )
        missed = "FlopCounterMode counts the weights that are masked too"
        return TorchCode(module, self.applied(x), no_flops_reason=missed)

    def onnx_weight(self, to: OnnxCode, x: Shape) -> str:
        from .onnx.code import INT64

        if self.connect is None:
            return super().onnx_weight(to, x)
        # Behind the kernels stands one of zeros, which the filters have that do not read a map.
        count, kernel = value_of(self.kernels(x)), self.kernel_sizes(x)
        kernels = to.node("Concat", to.tensor("weight"), to.full((1, *kernel), 0), axis=0)
        rows, places = self.connect.split(), iter(range(count))
        chosen = [next(places) if row[f] == "1" else count for f in range(self.filters) for row in rows]
        return to.node("Gather", kernels, to.constant(INT64, (self.filters, len(rows)), chosen), axis=0)

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        if self.connect is None:
            return super().evaluate(calc, x)
        # A kernel for each 1 of the table, filter by filter; where there is none it is zeros.
        pairs = [row[filter] == "1" for filter in range(self.filters) for row in self.connect.split()]
        weight = calc.placed(calc.tensors["weight"], pairs, (self.filters, x.shape[-1]))
        return calc.correlated(calc.windows(x, self.windows(Shape(x.shape)), self.pad_mode), weight=weight)


class DepthwiseConv(Convolution):
    """Depthwise convolution: each channel is convolved by itself."""

    name = "dwconv"
    arrangement = (2,)
    keras = "DepthwiseConv{}D"
    synonyms = ("depthwiseconv", "depthwiseconv1d", "depthwiseconv2d", "depthconv")
    elsewhere = ("depthwise",)
    positional = ("kernel",)
    shapes = "a position for each window that fits, `multiplier` channels for each that arrives"
    example = "112x112x32 -> dwconv 3x3 pad=half bias=no"
    source = "arXiv:1704.04861, section 3.1; PyTorch, torch.nn.Conv2d with groups=in_channels"

    multiplier = Count("filters per channel", 1, symbol="M")
    pad_mode = Choice(RIMS, "what the padding is made of", ZEROS)

    def volume(self, x: Shape) -> Volume:
        made = None if value_of(self.multiplier) == 1 else self.multiplier
        return Volume(self.windows(x), self.maps(x), x.channels, made)

    def groups_of(self, x: Shape) -> Number:
        return x.channels

    def maps(self, x: Shape) -> Number:
        return x.channels * self.multiplier

    def terms(self, x: Shape) -> tuple[Term, ...]:
        return weighted(factors(KERNEL, self.kernel_sizes(x)), self.maps(x), self.bias)


class LocallyConnected(Convolution):
    """Unshared convolution: a convolution with weights of its own at every position.

    Each value of the output has a kernel and a bias: filters x positions of them.
    """

    name = "local"
    arrangement = LAST
    keras = "LocallyConnected{}D"
    synonyms = ("locallyconnected", "locallyconnected1d", "locallyconnected2d")
    positional = ("kernel", "filters")
    shapes = "a position for each window that fits, `filters` channels"
    example = "24x24x64 -> local 3x3 64 pad=1"
    source = "Taigman et al., CVPR 2014, section 2.2; Keras, LocallyConnected2D"
    counting = "mul_add: one per weight; add: one per output for the bias"
    backward_temporaries = "PyTorch has no such layer: it is several there"

    filters = Count("values at a position = channels of the output", symbol="K", required=True)
    bias = Flag("one bias per output value", True)

    def maps(self, x: Shape) -> Number:
        return self.filters

    def terms(self, x: Shape) -> tuple[Term, ...]:
        # Every position has filters of its own.
        return weighted(self.read(x), self.filters, self.bias, at=OUTPUT)

    def saves(self, x: Shape) -> Saved:
        # PyTorch has no such layer; it is written as products of windows laid out side by side.
        windows = product(self.kernel_sizes(x)) * x.channels * product(self.spatial(x))
        return Saved(extras=(Extra("its windows, unfolded", windows, trained=True),))

    def torch_code(self, x: Shape) -> TorchCode:
        module = call(
            "LocallyConnected",
            x.channels,
            self.filters,
            list(self.spatial(x)),
            list(self.kernel_sizes(x)),
            stride=(self.stride, 1),
            dilation=(self.dilation, 1),
            bias=(self.bias, True),
        )
        return TorchCode(module, f"m({padded('x', self.ends(x))})")

    def onnx_code(self, to: OnnxCode, x: Shape) -> str | None:
        from .onnx.code import numbers

        windows = self.windows(x)
        patches = to.windows(
            to.padded(to.x, self.ends(x)),
            x.channels,
            self.kernel_sizes(x),
            strides=numbers(w.stride for w in windows),
            dilations=numbers(w.dilation for w in windows),
        )
        values = product([x.channels, *self.kernel_sizes(x)])
        positions = self.spatial(x)
        rows = to.transpose(to.reshape(patches, values, product(positions)), 2, 0, 1)
        kernels = to.node("Reshape", to.tensor("weight"), to.ints(self.filters, product(positions), values))
        products = to.node("MatMul", rows, to.transpose(kernels, 1, 2, 0))
        found = to.reshape(to.transpose(products, 1, 2, 0), self.filters, *positions)
        return to.node("Add", found, to.tensor("bias")) if self.bias else found

    def evaluate(self, calc: Calculation, x: Array) -> Array:
        patches = calc.windows(x, self.windows(Shape(x.shape)))
        return calc.correlated_unshared(patches)
