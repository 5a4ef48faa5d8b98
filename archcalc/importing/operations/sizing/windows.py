"""Sizes behind windows: convolutions, pools, rims, other numbers of positions."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from ....arithmetic import value_of
from ....ops.window import CEIL, FLOOR, Window, fitting, padded, transposed
from .tensors import OperationError, RuleArguments, Shaped, both_sides, each_axis, listed, sizes_of, written


def _map_axes(x: Shaped, axes: int, channels: bool = True) -> tuple[int, ...]:
    """The positions of a map, behind its channels. Raises OperationError where it has fewer axes, or more."""
    count = len(x.sizes)
    least = axes + 1
    if count not in (least, least + 1):
        raise OperationError(
            f"it works on maps of {axes} axes behind the channels, {least + 1} with the batch, and is given "
            f"{written(x.sizes)}"
        )
    return x.sizes[count - axes :]


def _window(size: int, what: str, least: int = 1, **numbers: Any) -> int:
    """How many units there are along an axis. Raises OperationError where none fits."""
    rule = numbers.pop("rule", fitting)
    window = Window(size, rule=rule, **numbers)
    if numbers.get("stride", 1) < 1 or numbers.get("dilation", 1) < 1 or numbers.get("kernel", 1) < 1:
        raise OperationError("kernel, stride and dilation are at least 1")
    if rule is fitting and window.rounding != CEIL and value_of(window.slack) < 0:
        span, present = window.span, window.padded(size)
        rims = "" if present == size else f" with their padding {present}"
        raise OperationError(f"{what} of {span} positions does not fit: there are {size}{rims}")
    found = int(value_of(window.output))
    if found < least:
        raise OperationError(f"no position is left of {size}")
    return found


@sizes_of("conv1d", "conv2d", "conv3d", "convolution")
def convolution(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["input"]
    weight: Shaped = given["weight"]
    if given.get("transposed"):
        return transposed_convolution(name, given)
    axes = len(weight.sizes) - 2
    if axes < 1 or (name[4].isdigit() and int(name[4]) != axes):
        raise OperationError(f"its weight has the sizes {written(weight.sizes)}")
    positions = _map_axes(x, axes)
    filters, arriving, *kernel = weight.sizes
    groups = given["groups"]
    channels = x.sizes[-axes - 1]
    _grouped(groups, channels, arriving * groups)
    if filters % groups:
        raise OperationError(f"{filters} filters are not divided by {groups} groups")
    _bias(given.get("bias"), filters)
    stride = each_axis(given["stride"], axes, "stride")
    dilation = each_axis(given["dilation"], axes, "dilation")
    pad = given["padding"]
    if isinstance(pad, str):
        if pad not in ("same", "valid"):
            raise OperationError(f"`{pad}` is no padding: there are same, valid and numbers")
        if pad == "same" and set(stride) != {1}:
            raise OperationError("padding `same` goes with a stride of 1 alone")
        both = [d * (k - 1) if pad == "same" else 0 for k, d in zip(kernel, dilation, strict=True)]
        sides = [(n // 2, n - n // 2) for n in both]
    else:
        sides = both_sides(pad, axes)
    found = [
        _window(n, "a kernel", kernel=k, stride=s, low=low, high=high, dilation=d)
        for n, k, s, d, (low, high) in zip(positions, kernel, stride, dilation, sides, strict=True)
    ]
    return x.like((*x.sizes[: -axes - 1], filters, *found))


def _grouped(groups: int, channels: int, wanted: int) -> None:
    if groups < 1:
        raise OperationError(f"{groups} groups are none")
    if channels != wanted:
        raise OperationError(f"it is made for {wanted} channels, and is given {channels}")


def _bias(bias: Shaped | None, filters: int) -> None:
    if bias is not None and bias.sizes != (filters,):
        raise OperationError(f"there are {filters} filters, and its bias has the sizes {written(bias.sizes)}")


@sizes_of("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def transposed_convolution(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["input"]
    weight: Shaped = given["weight"]
    axes = len(weight.sizes) - 2
    if axes < 1 or (name[-2].isdigit() and int(name[-2]) != axes):
        raise OperationError(f"its weight has the sizes {written(weight.sizes)}")
    positions = _map_axes(x, axes)
    arriving, each, *kernel = weight.sizes
    groups = given["groups"]
    _grouped(groups, x.sizes[-axes - 1], arriving)
    _bias(given.get("bias"), each * groups)
    stride = each_axis(given["stride"], axes, "stride")
    dilation = each_axis(given["dilation"], axes, "dilation")
    more = each_axis(given["output_padding"], axes, "output padding")
    for e, s, d in zip(more, stride, dilation, strict=True):
        if e >= max(s, d):
            raise OperationError(f"an output padding of {e} is less than the stride or the dilation")
    found = [
        _window(
            n,
            "a kernel",
            0,
            kernel=k,
            stride=s,
            low=low,
            high=high,
            dilation=d,
            output_pad=e,
            rule=transposed,
        )
        for n, k, s, (low, high), d, e in zip(
            positions, kernel, stride, both_sides(given["padding"], axes), dilation, more, strict=True
        )
    ]
    return x.like((*x.sizes[: -axes - 1], each * groups, *found))


def _digit(name: str) -> int:
    return next(int(letter) for letter in name if letter.isdigit())


def _pooled(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    axes = _digit(name)
    positions = _map_axes(x, axes)
    kernel = each_axis(given["kernel_size"], axes, "kernel")
    stride = each_axis(given["stride"], axes, "stride") if given.get("stride") else kernel
    dilation = each_axis(given.get("dilation", 1), axes, "dilation")
    pads = listed(given.get("padding", 0))
    sides = both_sides(pads, axes)
    halved = len(pads) <= axes  # both before and behind each axis: other tools have that
    rounding = CEIL if given.get("ceil_mode") else FLOOR
    for (low, _), k in zip(sides, kernel, strict=True):
        if halved and low > k // 2:
            raise OperationError(f"a padding of {low} is more than half of the kernel of {k}")
    if name == "avg_pool3d" and any(n < k for n, k in zip(positions, kernel, strict=True)):
        raise OperationError(
            f"a window of {written(kernel)} positions does not fit into {written(positions)}"
        )
    found = [
        _window(n, "a window", kernel=k, stride=s, low=low, high=high, dilation=d, rounding=rounding)
        for n, k, s, d, (low, high) in zip(positions, kernel, stride, dilation, sides, strict=True)
    ]
    return x.like((*x.sizes[: len(x.sizes) - axes], *found))


@sizes_of("max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d")
def pool(name: str, given: RuleArguments) -> Shaped:
    return _pooled(name, given)


@sizes_of("max_pool1d_with_indices", "max_pool2d_with_indices", "max_pool3d_with_indices")
def pool_with_places(name: str, given: RuleArguments) -> list[Shaped]:
    found = _pooled(name, given)
    return [found, found.like(dtype="int64")]


def _adaptive(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    axes = _digit(name)
    positions = _map_axes(x, axes)
    wanted = each_axis(given["output_size"], axes, "output size")
    found = [n if size is None else size for size, n in zip(wanted, positions, strict=True)]
    if min(found) < 0:
        raise OperationError(f"an output of {written(found)} positions is none")
    return x.like((*x.sizes[: len(x.sizes) - axes], *found))


@sizes_of("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d")
def adaptive_average(name: str, given: RuleArguments) -> Shaped:
    return _adaptive(name, given)


@sizes_of("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")
def adaptive_maximum(name: str, given: RuleArguments) -> list[Shaped]:
    found = _adaptive(name, given)
    return [found, found.like(dtype="int64")]


@sizes_of(
    *("constant_pad_nd", "pad", "reflection_pad1d", "reflection_pad2d", "reflection_pad3d"),
    *("replication_pad1d", "replication_pad2d", "replication_pad3d"),
)
def rim(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    sides = listed(given["pad"] if "pad" in given else given["padding"])
    if len(sides) % 2 or len(sides) > 2 * len(x.sizes):
        raise OperationError(f"a padding of {len(sides)} numbers does not go with {written(x.sizes)}")
    mode = given.get("mode", "constant")
    reflects = "reflect" in name or mode == "reflect"
    sizes = list(x.sizes)
    for place in range(0, len(sides), 2):
        low, high = sides[place : place + 2]
        at = len(sizes) - 1 - place // 2
        size = sizes[at]
        if reflects and max(low, high) >= size:
            raise OperationError(
                f"a reflection of {max(low, high)} positions needs more than that: there are {size}"
            )
        if mode == "circular" and max(low, high) > size:
            raise OperationError(f"{max(low, high)} positions are taken around from {size}")
        found = int(value_of(Window(size, low=low, high=high, rule=padded).output))
        if size + min(low, 0) + min(high, 0) < 0:
            raise OperationError(f"a padding of {low} and {high} takes more away than {size} positions")
        if found < (0 if "constant" in (mode, name.partition("_")[0]) else 1):
            raise OperationError(f"a padding of {low} and {high} leaves nothing of {size} positions")
        sizes[at] = found
    return x.like(sizes)


@sizes_of("upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d")
@sizes_of("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d", "upsample_bicubic2d")
@sizes_of("_upsample_bilinear2d_aa", "_upsample_bicubic2d_aa", "_upsample_nearest_exact2d")
def resized(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = next(iter(given.values()))
    axes = _digit(name)
    if len(x.sizes) != axes + 2:
        raise OperationError(
            f"it works on maps of {axes} axes behind batch and channels, and is given {written(x.sizes)}"
        )
    positions = _map_axes(x, axes)
    wanted, factors = given.get("output_size"), given.get("scale_factors")
    if (wanted is None) == (factors is None):
        raise OperationError("it takes either sizes or factors")
    if wanted is None:
        # PyTorch multiplies as floating point numbers, and leaves out what is behind the point.
        found = [int(n * f) for n, f in zip(positions, each_axis(factors, axes, "factor"), strict=True)]
    else:
        found = each_axis(wanted, axes, "output size")
    if min(found) < 1:
        raise OperationError(f"an output of {written(found)} positions is none")
    return x.like((*x.sizes[: len(x.sizes) - axes], *found))


@sizes_of("im2col")
def columns(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    kernel, blocks = _blocks(given, _map_axes(x, 2))
    front = x.sizes[: len(x.sizes) - 3]
    return x.like((*front, x.sizes[-3] * prod(kernel), blocks))


@sizes_of("col2im")
def map_of_columns(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    if len(x.sizes) not in (2, 3):
        raise OperationError(f"it works on columns, and is given {written(x.sizes)}")
    sizes = each_axis(given["output_size"], 2, "output size")
    kernel, blocks = _blocks(given, sizes)
    if x.sizes[-2] % prod(kernel):
        raise OperationError(f"columns of {x.sizes[-2]} values are not divided by {written(kernel)}")
    if x.sizes[-1] != blocks:
        raise OperationError(f"there are {x.sizes[-1]} columns, and {blocks} places for them")
    return x.like((*x.sizes[:-2], x.sizes[-2] // prod(kernel), *sizes))


def _blocks(given: RuleArguments, positions: Sequence[int]) -> tuple[list[int], int]:
    """The kernel of a window, and how many of its places there are."""
    words = ("kernel_size", "dilation", "padding", "stride")
    kernel, dilation, pads, stride = (each_axis(given[word], 2, word.partition("_")[0]) for word in words)
    found = [
        _window(n, "a window", kernel=k, stride=s, low=p, high=p, dilation=d)
        for n, k, s, p, d in zip(positions, kernel, stride, pads, dilation, strict=True)
    ]
    return kernel, prod(found)


@sizes_of("max_unpool2d", "max_unpool3d")
def unpooled(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    axes = _digit(name)
    _map_axes(x, axes)
    if given["indices"].sizes != x.sizes:
        raise OperationError(
            f"there are {written(x.sizes)} values, and {written(given['indices'].sizes)} places"
        )
    sizes = each_axis(given["output_size"], axes, "output size")
    return x.like((*x.sizes[: len(x.sizes) - axes], *sizes))


@sizes_of("grid_sampler", "grid_sampler_2d", "grid_sampler_3d")
def sampled(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["input"]
    grid: Shaped = given["grid"]
    axes = len(x.sizes) - 2
    if axes not in (2, 3) or len(grid.sizes) != axes + 2 or grid.sizes[-1] != axes:
        raise OperationError(f"{written(grid.sizes)} are no places in {written(x.sizes)}")
    if grid.sizes[0] != x.sizes[0]:
        raise OperationError(f"there are {x.sizes[0]} maps, and {grid.sizes[0]} grids")
    return x.like((*x.sizes[:2], *grid.sizes[1:-1]))


@sizes_of("affine_grid_generator")
def affine_grid(name: str, given: RuleArguments) -> Shaped:
    theta: Shaped = given["theta"]
    sizes = listed(given["size"])
    axes = len(sizes) - 2
    if axes not in (2, 3) or theta.sizes != (sizes[0], axes, axes + 1):
        raise OperationError(f"{written(theta.sizes)} are no maps of {written(sizes)}")
    return theta.like((sizes[0], *sizes[2:], axes))
