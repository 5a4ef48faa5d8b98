"""Operations that slide a window over a map: convolutions, pools, padding, enlarging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....ops.attributes import Size
from ..recording import Operation, Value
from .arranging import laid
from .given import UnliftedError
from .lifter import Lifter, first, rule
from .placements import Placement, has_batch, size_of, without_batch


def numbers(value: Any, axes: int) -> tuple[int, ...]:
    """One number per axis of a list that has one or all."""
    found = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if len(found) == 1:
        return found * axes
    if len(found) != axes:
        raise UnliftedError(f"{value} for {axes} axes")
    return found


def half(kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """Padding of PyTorch's ``same``: begin and end of each axis, the odd position at the end."""
    sides: list[int] = []
    for k, d in zip(kernel, dilation, strict=True):
        both = d * (k - 1)
        sides += [both // 2, both - both // 2]
    return tuple(sides)


def in_front(layer_axes: int, axes: int, usual: int, values: Sequence[int]) -> tuple[int, ...]:
    """The numbers of an op along all axes of a layer that has more axes in front."""
    return (*[usual] * (layer_axes - 1 - axes), *values)


@rule("conv1d", "conv2d", "conv3d", "convolution")
def convolution(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    weight: Value = given["weight"]
    axes = len(weight.sizes) - 2
    view = lifter.view(given["input"])
    if lifter.knows(weight) or lifter.knows(given.get("bias")):
        raise UnliftedError("a weight that depends on an input")
    if given.get("transposed"):
        return transposed(lifter, operation)
    groups = given["groups"]
    filters, arriving, *kernel = weight.sizes
    stride = numbers(given["stride"], axes)
    dilation = numbers(given["dilation"], axes)
    pad = given["padding"]
    bias = given.get("bias")
    tensors = (weight, bias)
    if isinstance(pad, str):
        pads = list(half(kernel, dilation)) if pad == "same" else [0, 0] * axes
    else:
        pads = _sides(pad, axes)
    tail = view.dims[len(view.dims) - axes :]
    single = all(size_of(dim) == 1 for dim in tail) and all(k == 1 for k in kernel) and not any(pads)
    if single and groups == 1 and len(view.shape) == 1 and len(without_batch(view.dims[-axes - 1])) == 1:
        # A 1x1 convolution on one position: a fully connected layer.
        layer, placed = lifter.with_channels(view, len(view.dims) - axes - 1)
        made = lifter.layer("fc", [layer], tensors, units=filters, bias=bias is not None)
        return over_new_channels(made, placed, len(view.dims) - axes - 1)
    layer, placed = lifter.as_map(view, axes)
    total = len(layer.output)
    extra = total - 1 - axes
    attributes: dict[str, Any] = {
        "kernel": in_front(total, axes, 1, kernel),
        "stride": in_front(total, axes, 1, stride),
        "dilation": in_front(total, axes, 1, dilation),
        "pad": padding([0, 0] * extra + pads),
        "bias": bias is not None,
    }
    if groups > 1 and groups == arriving * groups and filters % groups == 0:
        made = lifter.layer("dwconv", [layer], tensors, multiplier=filters // groups, **attributes)
    else:
        made = lifter.layer("conv", [layer], tensors, filters=filters, groups=groups, **attributes)
    return moved(made, placed, axes)


def padding(sides: Sequence[int]) -> Any:
    """Begin and end of each axis as the language has it."""
    pairs = list(zip(sides[::2], sides[1::2], strict=True))
    if all(low == high for low, high in pairs):
        found = [low for low, _ in pairs]
        return found[0] if len(set(found)) == 1 else Size(found)
    return Size(sides)


def moved(made: Any, placed: Placement, axes: int) -> Placement:
    """The output of a window over a map: the axes of the tensor as before, over the new layer."""
    count = len(placed.dims)
    channel = count - axes - 1
    front = [n for n in range(channel) if without_batch(placed.dims[n])]
    return laid(made, placed.dims, [*front, *range(channel + 1, count), channel])


def over_new_channels(made: Any, placed: Placement, dim: int) -> Placement:
    """The same axes over a layer of which only the channels are others."""
    below = Placement(made, ())
    last = len(made.output) - 1
    dims = list(placed.dims)
    dims[dim] = below.whole(last)
    return Placement(made, dims)


def transposed(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    weight: Value = given["weight"]
    axes = len(weight.sizes) - 2
    _, each, *kernel = weight.sizes
    groups = given["groups"]
    bias = given.get("bias")
    layer, placed = lifter.as_map(lifter.view(given["input"]), axes)
    total = len(layer.output)
    made = lifter.layer(
        "tconv",
        [layer],
        (weight, bias),
        kernel=in_front(total, axes, 1, kernel),
        filters=each * groups,
        stride=in_front(total, axes, 1, numbers(given["stride"], axes)),
        pad=padding([0, 0] * (total - 1 - axes) + _sides(given["padding"], axes)),
        output_pad=in_front(total, axes, 0, numbers(given["output_padding"], axes)),
        dilation=in_front(total, axes, 1, numbers(given["dilation"], axes)),
        groups=groups,
        bias=bias is not None,
    )
    return moved(made, placed, axes)


rule("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")(transposed)


def _sides(given: Any, axes: int) -> list[int]:
    """The padding before and behind each axis."""
    found = list(given) if isinstance(given, (tuple, list)) else [given]
    if len(found) == 2 * axes > axes:
        return found
    return [n for n in numbers(given, axes) for _ in range(2)]


def _pooled(lifter: Lifter, operation: Operation, name: str, axes: int) -> Placement:
    given = operation.arguments
    layer, placed = lifter.as_map(lifter.view(first(operation)), axes)
    total = len(layer.output)
    kernel = numbers(given["kernel_size"], axes)
    stride = numbers(given["stride"], axes) if given.get("stride") else kernel
    attributes: dict[str, Any] = {
        "kernel": in_front(total, axes, 1, kernel),
        "stride": in_front(total, axes, 1, stride),
        "pad": padding([0, 0] * (total - 1 - axes) + _sides(given["padding"], axes)),
        "round": "ceil" if given["ceil_mode"] else "floor",
    }
    if name == "maxpool":
        attributes["dilation"] = in_front(total, axes, 1, numbers(given["dilation"], axes))
    elif given.get("divisor_override") is not None:
        raise UnliftedError("a divisor of one's own")
    else:
        attributes["count_pad"] = bool(given["count_include_pad"])
        if not any(_sides(given["padding"], axes)):
            attributes["count_pad"] = True  # without padding there is none to count
    if attributes["stride"] == attributes["kernel"]:
        del attributes["stride"]
    made = lifter.layer(name, [layer], **attributes)
    return moved(made, placed, axes)


@rule("max_pool1d", "max_pool2d", "max_pool3d")
def max_pool(lifter: Lifter, operation: Operation) -> Placement:
    return _pooled(lifter, operation, "maxpool", int(operation.name[8]))


@rule("max_pool1d_with_indices", "max_pool2d_with_indices", "max_pool3d_with_indices")
def max_pool_with_indices(lifter: Lifter, operation: Operation) -> list[Placement]:
    made = _pooled(lifter, operation, "maxpool", int(operation.name[8]))
    return [made, made]


@rule("avg_pool1d", "avg_pool2d", "avg_pool3d")
def avg_pool(lifter: Lifter, operation: Operation) -> Placement:
    return _pooled(lifter, operation, "avgpool", int(operation.name[8]))


@rule("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d")
def adaptive_avg_pool(lifter: Lifter, operation: Operation) -> Placement:
    return _adaptive(lifter, operation, "gap", "adaptive_avgpool")


@rule("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")
def adaptive_max_pool(lifter: Lifter, operation: Operation) -> Placement | list[Placement]:
    made = _adaptive(lifter, operation, "gmp", "adaptive_maxpool")
    return [made] * len(operation.outputs)


def _adaptive(lifter: Lifter, operation: Operation, whole: str, name: str) -> Placement:
    axes = next(int(letter) for letter in operation.name if letter.isdigit())
    view = lifter.view(first(operation))
    wanted = operation.arguments["output_size"]
    wanted = list(wanted) if isinstance(wanted, (tuple, list)) else [wanted] * axes
    if len(wanted) == 1:
        wanted = wanted * axes
    sizes = view.sizes[len(view.sizes) - axes :]
    wanted = [size if n is None else n for n, size in zip(wanted, sizes, strict=True)]
    if all(n == 1 for n in wanted):
        return global_pool(lifter, view, whole, list(range(len(view.dims) - axes, len(view.dims))), True)
    layer, placed = lifter.as_map(view, axes)
    total = len(layer.output)
    front = layer.output[: total - 1 - axes]
    made = lifter.layer(name, [layer], size=(*front, *wanted))
    return moved(made, placed, axes)


def global_pool(lifter: Lifter, view: Placement, name: str, dims: Sequence[int], keep: bool) -> Placement:
    """A pool over whole axes of a map, whose channels are the other axis. Raises UnliftedError where it has
    more."""
    count = len(view.dims)
    dims = [dim % count for dim in dims]
    others = [n for n in range(count) if n not in dims and without_batch(view.dims[n])]
    left = [dim for n, dim in enumerate(view.dims) if keep or n not in dims]
    if len(others) != 1 or any(has_batch(view.dims[n]) for n in dims):
        raise UnliftedError("a pool that leaves several axes")
    if all(size_of(view.dims[n]) == 1 for n in dims) and len(view.shape) == 1:
        return Placement(view.source, left)  # there is one position: nothing to do
    channel = others[0]
    layer, placed = lifter.with_channels(view, channel)
    if len(layer.output) == 1:
        return Placement(layer, [dim for n, dim in enumerate(placed.dims) if keep or n not in dims])
    made = lifter.layer(name, [layer])
    below = Placement(made, ())
    found = []
    for n, dim in enumerate(placed.dims):
        if n == channel:
            # The batch stays where it was.
            found.append((*[a for a in dim if a.axis == -1], *below.whole(0)))
        elif n in dims:
            if keep:
                found.append(())
        else:
            found.append(tuple([a for a in dim if a.axis == -1]))
    return Placement(made, found)


@rule("onnx.LpPool")
def lp_pool(lifter: Lifter, operation: Operation) -> Placement:
    """A pool of other tools: PyTorch writes it out as powers and a mean."""
    given = operation.arguments
    axes = len(given["kernel"])
    layer, placed = lifter.as_map(lifter.view(given["inputs"][0]), axes)
    total = len(layer.output)
    made = lifter.layer(
        "lppool",
        [layer],
        kernel=in_front(total, axes, 1, given["kernel"]),
        stride=in_front(total, axes, 1, given["stride"]),
        pad=padding([0, 0] * (total - 1 - axes) + list(given["sides"])),
        round="ceil" if given["ceil"] else "floor",
        p=given["p"],
    )
    return moved(made, placed, axes)
