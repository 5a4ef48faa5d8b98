"""Operators that slide a window over a map: convolutions and pools. Maps have their channels last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....operations.recording import Value
from ..biases import bias_behind
from ..description import FileOperator
from ..nodes import TfliteOperator
from ..reader import TfliteReader
from ..rules import OperatorOutputs, rule

_SAME, _VALID = 0, 1


def channels_first(reader: TfliteReader, x: Value) -> Value:
    """A map with its channels in front, as PyTorch has it."""
    rank = len(x.sizes)
    found: Value = reader.do("permute", x, (0, rank - 1, *range(1, rank - 1)))
    return found


def channels_last(reader: TfliteReader, x: Value) -> Value:
    """A map with its channels last, as the format has it."""
    found: Value = reader.do("permute", x, (0, *range(2, len(x.sizes)), 1))
    return found


class MapWindow:
    """How a window slides over a map.

    Attributes:
        kernel: Its sizes, axis by axis.
        stride: Its steps.
        dilation: How far apart its positions are.
        low: The padding before each axis.
        high: The padding behind each axis.
    """

    __slots__ = ("kernel", "stride", "dilation", "low", "high")

    def __init__(
        self,
        node: TfliteOperator,
        sizes: Sequence[int],
        kernel: Sequence[int],
        stride: Sequence[int],
        dilation: Sequence[int],
        padding: int,
    ):
        self.kernel, self.stride, self.dilation = tuple(kernel), tuple(stride), tuple(dilation)
        if min(*self.kernel, *self.stride, *self.dilation) < 1:
            node.refuse("a size or step of its window is below 1")
        if padding not in (_SAME, _VALID):
            node.refuse(f"its padding {padding} is none")
        both = [
            max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0) if padding == _SAME else 0
            for n, k, s, d in zip(sizes, self.kernel, self.stride, self.dilation, strict=True)
        ]
        self.low = tuple([n // 2 for n in both])
        self.high = tuple([n - n // 2 for n in both])

    @property
    def pad(self) -> tuple[int, ...]:
        """The padding before and behind each axis; one number for each axis where both are the same."""
        if self.low == self.high:
            return self.low
        return tuple([side for pair in zip(self.low, self.high, strict=True) for side in pair])

    @property
    def fits(self) -> bool:
        """Whether no window lies in the padding alone."""
        return all(
            2 * low <= k and high < k for low, high, k in zip(self.low, self.high, self.kernel, strict=True)
        )


def map_of(node: TfliteOperator, at: int, rank: int) -> Value:
    """The map that an operator reads. Raises SpecError where it has other axes."""
    x = node.value(at)
    if len(x.sizes) != rank:
        node.refuse(f"it reads a map of {rank} axes, and {'x'.join(map(str, x.sizes))} arrives")
    return x


def window_of(node: TfliteOperator, options: Any, sizes: Sequence[int], kernel: Sequence[int]) -> MapWindow:
    """The window of a convolution."""
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    if len(kernel) == 3:
        stride = options.StrideD(), options.StrideH(), options.StrideW()
        dilation = options.DilationDFactor(), options.DilationHFactor(), options.DilationWFactor()
    else:
        stride = options.StrideH(), options.StrideW()
        dilation = options.DilationHFactor(), options.DilationWFactor()
    return MapWindow(node, sizes, kernel, stride, dilation, options.Padding())


def weighted(
    reader: TfliteReader, node: TfliteOperator, at: int, order: tuple[int, ...], fused: int
) -> tuple[Value, Value | None]:
    """The weight of an operator with its axes in PyTorch's order, and its bias. Of a convolution among
    positions in the batch zeros are none: its own bias is added behind these."""
    tensor = node.tensor(1)
    if len(tensor.sizes) != len(order):
        node.refuse(f"its weight has {len(tensor.sizes)} axes, and not {len(order)}")
    weight = reader.weight(tensor, order)
    spread = reader.spread.get(node.stated)
    bias = node.tensor(at) if node.has(at) else None
    if not fused and (bias is None or (spread is not None and bias.stated.zeros)):
        units = weight.sizes[1 if node.word in ("TRANSPOSE_CONV", "CONV_3D_TRANSPOSE", "CUSTOM") else 0]
        output = node.outputs[0] if spread is None else spread.end
        behind = bias_behind(reader, node, output, units)
        if behind is not None:
            return weight, behind
    return weight, None if bias is None else reader.bias(tensor, bias)


# Convolutions -------------------------------------------------------------------------------------

_OPTIONS = {
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "CONV_3D": "Conv3DOptions",
}
# The axes of weights in PyTorch's order: outputs, inputs, window.
_ORDERS = {"CONV_2D": (0, 3, 1, 2), "DEPTHWISE_CONV_2D": (3, 0, 1, 2), "CONV_3D": (4, 3, 0, 1, 2)}


@rule("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_3D")
def conv(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    order = _ORDERS[node.word]
    options = node.options(_OPTIONS[node.word])
    x = map_of(node, 0, len(order))
    weight, bias = weighted(reader, node, 2, order, options.FusedActivationFunction())
    spread = reader.spread.get(node.stated)
    sizes = x.sizes[1:-1]
    window = window_of(node, options, [*sizes] if spread is None else spread.sizes, weight.sizes[2:])
    groups = x.sizes[-1]
    if node.word != "DEPTHWISE_CONV_2D":
        if not weight.sizes[1] or x.sizes[-1] % weight.sizes[1]:
            node.refuse(f"its weight reads {weight.sizes[1]} channels, and {x.sizes[-1]} arrive")
        groups //= weight.sizes[1]
    if spread is not None:
        spread.widen(window)
    mapped = channels_first(reader, x)
    word = f"conv{len(sizes)}d"
    made = reader.do(word, mapped, weight, bias, window.stride, window.pad, window.dilation, groups)
    return node.activated(channels_last(reader, made), options)


class SpreadMap:
    """A map whose positions were laid into the batch, so that a plain convolution is a dilated one.

    Attributes:
        block: How far apart positions are, axis by axis.
        sizes: The sizes of the map as the convolution sees them.
        low: The padding before each axis.
        high: The padding behind each axis.
        end: The tensor with the positions back in the map.
    """

    __slots__ = ("block", "sizes", "low", "high", "end")

    def __init__(
        self, block: Sequence[int], sizes: Sequence[int], low: Sequence[int], high: Sequence[int], end: int
    ):
        self.end = end
        self.block = tuple(block)
        self.sizes = tuple(sizes)
        self.low = tuple(low)
        self.high = tuple(high)

    def widen(self, window: MapWindow) -> None:
        """Make a window one over the map as it was before."""
        window.low = tuple([n * b + m for n, b, m in zip(window.low, self.block, self.low, strict=True)])
        window.high = tuple([n * b + m for n, b, m in zip(window.high, self.block, self.high, strict=True)])
        window.dilation = tuple([d * b for d, b in zip(window.dilation, self.block, strict=True)])


@rule("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND")
def space_to_batch(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    """Positions go into the batch and back: around a convolution that makes it a dilated one."""
    if node.stated in reader.widened or (node.word == "SPACE_TO_BATCH_ND" and _widened(reader, node)):
        return [node.tensor(0)]
    return node.unknown()


def _widened(reader: TfliteReader, node: TfliteOperator) -> bool:
    """Whether all that reads positions in the batch is a convolution whose positions go back; then these are
    entered as dilated ones."""
    x = node.value(0)
    block, pads = node.numbers(1), node.numbers(2)
    axes = len(x.sizes) - 2
    if axes not in (1, 2) or len(block) != axes or len(pads) != 2 * axes or min(*block, *pads, 1) < 0:
        return False
    chains = [_chain(reader, one, axes) for one in reader.graph.readers.get(node.outputs[0], [])]
    if not chains or not min(block):
        return False
    found: list[tuple[list[FileOperator], SpreadMap]] = []
    for chain in chains:
        if chain is None:
            return False
        behind = TfliteOperator(reader, chain[-1])
        if any(behind.known(at) is None for at in (1, 2)) or behind.numbers(1) != block:
            return False
        crops = behind.numbers(2)
        if len(crops) != 2 * axes:
            return False
        low = [pads[2 * n] - crops[2 * n] for n in range(axes)]
        high = [pads[2 * n + 1] - crops[2 * n + 1] for n in range(axes)]
        sizes = [-(-(x.sizes[n + 1] + pads[2 * n] + pads[2 * n + 1]) // block[n]) for n in range(axes)]
        if min(*low, *high) < 0:
            return False
        front = [1] * (2 - axes), [0] * (2 - axes)
        found.append(
            (
                chain,
                SpreadMap(
                    front[0] + [*block],
                    front[0] + sizes,
                    front[1] + low,
                    front[1] + high,
                    chain[-1].outputs[0],
                ),
            )
        )
    for chain, spread in found:
        convolution = next(one for one in chain if one.word in _OPTIONS)
        reader.spread[convolution] = spread
        reader.widened.update(chain)
    reader.widened.add(node.stated)
    return True


def _chain(reader: TfliteReader, first: FileOperator, axes: int) -> list[FileOperator] | None:
    """The operators up to that which lays positions back: a convolution of step 1, of a signal between an
    axis that is put in and taken out again. None where there are others."""
    words = [("CONV_2D", "DEPTHWISE_CONV_2D"), ("BATCH_TO_SPACE_ND",)]
    if axes == 1:
        words = [("EXPAND_DIMS",), words[0], ("SQUEEZE", "RESHAPE"), words[1]]
    found: list[FileOperator] = []
    at: FileOperator | None = first
    for choices in words:
        if at is None or at.word not in choices or len(at.outputs) != 1 or not at.inputs:
            return None
        if found and at.inputs[0] != found[-1].outputs[0]:
            return None
        found.append(at)
        at = reader.graph.only_reader(at.outputs[0])
    for one in found:
        node = TfliteOperator(reader, one)
        if one.word in _OPTIONS:
            options = node.options(_OPTIONS[one.word])
            if (options.StrideH(), options.StrideW()) != (1, 1):
                return None
        if one.word == "EXPAND_DIMS" and node.known(1) is not None and node.numbers(1)[0] not in (1, -3):
            return None
        if one.word == "RESHAPE" and len(reader.graph.tensors[one.outputs[0]].sizes) != 3:
            return None
        if one.word == "SQUEEZE" and node.list_of(node.options("SqueezeOptions"), "SqueezeDims") not in (
            (1,),
            (-3,),
        ):
            return None
    return found


@rule("TRANSPOSE_CONV", "CONV_3D_TRANSPOSE")
def conv_transpose(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    flat = node.word == "TRANSPOSE_CONV"
    order = (3, 0, 1, 2) if flat else (4, 3, 0, 1, 2)
    options = node.options("TransposeConvOptions" if flat else "Conv3DOptions")
    x = map_of(node, 2, len(order))
    weight, bias = weighted(reader, node, 3, order, options.FusedActivationFunction())
    stride = (
        (options.StrideH(), options.StrideW())
        if flat
        else (options.StrideD(), options.StrideH(), options.StrideW())
    )
    known = node.known(0)
    stated = reader.graph.tensors[node.outputs[0]].sizes if known is None else node.pair(0)[0]
    return node.activated(_transposed(reader, node, x, (weight, bias), stride, stated), options)


@rule("CUSTOM:Convolution2DTransposeBias")
def conv_transpose_of_mediapipe(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    """MediaPipe's transposed convolution: its own options are a padding and the steps along the width and the
    height, each of four bytes."""
    options = node.custom_options()
    stated = reader.graph.tensors[node.outputs[0]]
    if len(options) != 12 or any(size < 1 for size in stated.signature[1:]):
        return node.unknown()
    stride = int.from_bytes(options[8:], "little"), int.from_bytes(options[4:8], "little")
    weights = weighted(reader, node, 2, (3, 0, 1, 2), 0)
    return _transposed(reader, node, map_of(node, 0, 4), weights, stride, stated.sizes)


def _transposed(
    reader: TfliteReader,
    node: TfliteOperator,
    x: Value,
    weights: tuple[Value, Value | None],
    stride: tuple[int, ...],
    stated: Sequence[int],
) -> Value:
    """A transposed convolution that makes a map of stated sizes."""
    weight, bias = weights
    axes = len(x.sizes) - 2
    if len(stated) != axes + 2 or min(stride) < 1:
        node.refuse("the shape that it puts out is none")
    sizes, kernel, wanted = x.sizes[1:-1], weight.sizes[2:], stated[1:-1]
    full = [(n - 1) * s + k for n, s, k in zip(sizes, stride, kernel, strict=True)]
    pads: list[int] = []
    for whole, size in zip(full, wanted, strict=True):
        total = max(whole - size, 0)
        pads += [total // 2, total - total // 2]
    more = tuple([max(size - whole, 0) for whole, size in zip(full, wanted, strict=True)])
    if any(n >= s for n, s in zip(more, stride, strict=True)):
        node.refuse(f"it makes {'x'.join(map(str, wanted))} of {'x'.join(map(str, sizes))}, which it cannot")
    mapped = channels_first(reader, x)
    word = f"conv_transpose{axes}d"
    made = reader.do(word, mapped, weight, bias, stride, tuple(pads), more, 1, (1,) * axes)
    return channels_last(reader, made)


# Pools --------------------------------------------------------------------------------------------


@rule("MAX_POOL_2D", "AVERAGE_POOL_2D", "L2_POOL_2D")
def pool(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    options = node.options("Pool2DOptions")
    x = map_of(node, 0, 4)
    sizes = x.sizes[1:-1]
    kernel, stride = (options.FilterHeight(), options.FilterWidth()), (options.StrideH(), options.StrideW())
    window = MapWindow(node, sizes, kernel, stride, (1, 1), options.Padding())
    mapped = channels_first(reader, x)
    if node.word == "MAX_POOL_2D":
        made = _max_pool(reader, mapped, window)
    elif node.word == "AVERAGE_POOL_2D":
        made = _average_pool(reader, mapped, window)
    else:
        made = _average_pool(reader, reader.do("mul", mapped, mapped), window)
        made = None if made is None else reader.do("sqrt", made)
    if made is None:
        return node.unknown()
    return node.activated(channels_last(reader, made), options)


def _max_pool(reader: TfliteReader, x: Value, window: MapWindow) -> Any:
    if not window.fits:
        return None
    return reader.do("max_pool2d", x, window.kernel, window.stride, window.pad, (1, 1), False)


def _average_pool(reader: TfliteReader, x: Value, window: MapWindow) -> Any:
    """The average of the values that are there: the padding does not count."""
    pads = any((*window.low, *window.high))
    if window.kernel == x.sizes[2:] and not pads:
        return reader.do("adaptive_avg_pool2d", x, (1, 1))
    if not window.fits:
        return None
    return reader.do("avg_pool2d", x, window.kernel, window.stride, window.pad, False, not pads)
