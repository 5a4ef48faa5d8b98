"""Operations that slide a window over a map: convolutions, pools, padding, enlarging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....ops.attributes import Size
from ..recording import Operation, Value
from .given import UnliftedError, fraction
from .lifter import Lifter, first, laid, rule
from .parts import narrowed
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
        sides = half(kernel, dilation) if pad == "same" else (0,) * axes
    else:
        sides = numbers(pad, axes)
    pads = [s for n in sides for s in (n, n)] if len(sides) == axes else list(sides)
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
        pad=in_front(total, axes, 0, numbers(given["padding"], axes)),
        output_pad=in_front(total, axes, 0, numbers(given["output_padding"], axes)),
        dilation=in_front(total, axes, 1, numbers(given["dilation"], axes)),
        groups=groups,
        bias=bias is not None,
    )
    return moved(made, placed, axes)


rule("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")(transposed)


def _pooled(lifter: Lifter, operation: Operation, name: str, axes: int) -> Placement:
    given = operation.arguments
    layer, placed = lifter.as_map(lifter.view(first(operation)), axes)
    total = len(layer.output)
    kernel = numbers(given["kernel_size"], axes)
    stride = numbers(given["stride"], axes) if given.get("stride") else kernel
    attributes: dict[str, Any] = {
        "kernel": in_front(total, axes, 1, kernel),
        "stride": in_front(total, axes, 1, stride),
        "pad": in_front(total, axes, 0, numbers(given["padding"], axes)),
        "round": "ceil" if given["ceil_mode"] else "floor",
    }
    if name == "maxpool":
        attributes["dilation"] = in_front(total, axes, 1, numbers(given["dilation"], axes))
    elif given.get("divisor_override") is not None:
        raise UnliftedError("a divisor of one's own")
    else:
        attributes["count_pad"] = bool(given["count_include_pad"])
        if not any(numbers(given["padding"], axes)):
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


@rule(
    "constant_pad_nd",
    "pad",
    "reflection_pad1d",
    "reflection_pad2d",
    "reflection_pad3d",
    "replication_pad1d",
    "replication_pad2d",
    "replication_pad3d",
)
def pad(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    view = lifter.view(first(operation))
    sides: Any = given.get("pad", given.get("padding"))
    mode = given.get("mode", "constant")
    name = "reflectpad" if operation.name.startswith("reflection") else "zeropad"
    name = "replicatepad" if operation.name.startswith("replication") else name
    name = {
        "constant": name,
        "reflect": "reflectpad",
        "replicate": "replicatepad",
        "circular": "circularpad",
    }[mode]
    count = len(view.dims)
    pairs = [(sides[n], sides[n + 1]) for n in range(0, len(sides), 2)]  # of the last axis first
    by_dim = {count - 1 - n: pair for n, pair in enumerate(pairs) if any(pair)}
    if not by_dim:
        return view
    if any(size_of(view.dims[dim]) == 1 and has_batch(view.dims[dim]) for dim in by_dim):
        raise UnliftedError("padding along the batch")
    return padded(lifter, view, by_dim, name)


def padded(lifter: Lifter, view: Placement, by_dim: dict[int, tuple[int, int]], name: str) -> Placement:
    """Padding along some axes of a tensor, which lie over spatial axes of the layer."""
    count = len(view.dims)
    if any(low < 0 or high < 0 for low, high in by_dim.values()):
        found = view
        for dim, (low, high) in by_dim.items():
            cut = min(low, 0), min(high, 0)
            found = narrowed(lifter, found, dim, -cut[0], found.sizes[dim] + sum(cut))
        rest = {dim: (max(low, 0), max(high, 0)) for dim, (low, high) in by_dim.items()}
        rest = {dim: pair for dim, pair in rest.items() if any(pair)}
        return padded(lifter, found, rest, name) if rest else found
    free = [n for n in range(count) if n not in by_dim and without_batch(view.dims[n])]
    # The channels are an axis that is not padded; where all are, a new one of one channel.
    last = len(view.shape) - 1
    channel = next(
        (n for n in free if without_batch(view.dims[n]) == view.whole(last)), free[0] if free else None
    )
    axes = [n for n in range(count) if n != channel and (without_batch(view.dims[n]) or n in by_dim)]
    groups = [view.dims[n] for n in axes]
    layer = lifter.arranged(view, [*groups, view.dims[channel] if channel is not None else ()])
    sides = [side for n in axes for side in by_dim.get(n, (0, 0))]
    made = lifter.layer(name, [layer], pad=padding(sides))
    return (
        laid(made, view.dims, [*axes, *([channel] if channel is not None else [])])
        if channel is not None
        else (_without_channel(made, view, axes))
    )


def _without_channel(made: Any, view: Placement, axes: Sequence[int]) -> Placement:
    below = Placement(made, ())
    dims = [tuple([a for a in dim if a.axis == -1]) for dim in view.dims]
    for axis, dim in enumerate(axes):
        dims[dim] = (*dims[dim], *below.whole(axis))
    return Placement(made, dims)


@rule(
    "upsample_nearest1d",
    "upsample_nearest2d",
    "upsample_nearest3d",
    "upsample_linear1d",
    "upsample_bilinear2d",
    "upsample_trilinear3d",
    "upsample_bicubic2d",
    "_upsample_bilinear2d_aa",
    "_upsample_bicubic2d_aa",
    "upsample_nearest_exact1d",
    "upsample_nearest_exact2d",
    "_upsample_nearest_exact2d",
)
def upsample(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    axes = next(int(letter) for letter in operation.name if letter.isdigit())
    layer, placed = lifter.as_map(lifter.view(first(operation)), axes)
    name = operation.name
    if "exact" in name or name.endswith("_aa"):
        raise UnliftedError(f"{name} takes other positions")
    mode = "nearest" if "nearest" in name else "bicubic" if "bicubic" in name else "bilinear"
    extra: dict[str, Any] = {"align_corners": True} if given.get("align_corners") else {}
    before, after = layer.output.spatial[-axes:], operation.output.sizes[-axes:]
    front = len(layer.output) - 1 - axes
    if not extra and all(b % a == 0 for a, b in zip(before, after, strict=True)):
        factors = in_front(len(layer.output), axes, 1, [b // a for a, b in zip(before, after, strict=True)])
        made = lifter.layer("upsample", [layer], factor=factors, mode=mode)
    else:
        made = lifter.layer("resize", [layer], size=(*layer.output[:front], *after), mode=mode, **extra)
    return moved(made, placed, axes)


@rule("pixel_shuffle")
def pixel_shuffle(lifter: Lifter, operation: Operation) -> Placement:
    layer, placed = lifter.as_map(lifter.view(first(operation)), 2)
    return moved(
        lifter.layer("pixel_shuffle", [layer], factor=operation.arguments["upscale_factor"]), placed, 2
    )


@rule("pixel_unshuffle")
def pixel_unshuffle(lifter: Lifter, operation: Operation) -> Placement:
    layer, placed = lifter.as_map(lifter.view(first(operation)), 2)
    made = lifter.layer("pixel_unshuffle", [layer], factor=operation.arguments["downscale_factor"])
    return moved(made, placed, 2)


@rule("channel_shuffle")
def channel_shuffle(lifter: Lifter, operation: Operation) -> Placement:
    layer, placed = lifter.with_channels(lifter.view(first(operation)), 1)
    return placed.on(lifter.layer("channel_shuffle", [layer], groups=operation.arguments["groups"]))


@rule("lp_pool2d")
def lp_pool(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    layer, placed = lifter.as_map(lifter.view(first(operation)), 2)
    p = fraction(given["norm_type"])
    made = lifter.layer("lppool", [layer], kernel=tuple(given["kernel_size"]), p=p)
    return moved(made, placed, 2)


@rule("im2col")
def im2col(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    layer, placed = lifter.as_map(lifter.view(first(operation)), 2)
    made = lifter.layer(
        "im2col",
        [layer],
        kernel=tuple(given["kernel_size"]),
        stride=tuple(given["stride"]),
        pad=tuple(given["padding"]),
        dilation=tuple(given["dilation"]),
    )
    # PyTorch has the windows in one axis, behind the values of a window.
    below = Placement(made, ())
    last = len(made.output) - 1
    windows = [atom for axis in range(last) for atom in below.whole(axis)]
    return Placement(made, [placed.dims[0], below.whole(last), tuple(windows)])


@rule("col2im")
def col2im(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    view = lifter.view(first(operation))
    size, kernel, stride, rim, dilation = (
        numbers(given[name], 2) for name in ("output_size", "kernel_size", "stride", "padding", "dilation")
    )
    places = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size, kernel, stride, rim, dilation, strict=True)
    ]
    windows = lifter.reshaped(view, [*view.sizes[:-1], *places])
    layer, placed = lifter.as_map(windows, 2)
    made = lifter.layer(
        "col2im", [layer], size=Size(size), kernel=kernel, stride=stride, pad=rim, dilation=dilation
    )
    return moved(made, placed, 2)


@rule("max_unpool2d", "max_unpool3d")
def max_unpool(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    axes = int(operation.name[10])
    indices: Value = given["indices"]
    pool = indices.operation
    if pool is None or not pool.name.startswith("max_pool"):
        raise UnliftedError("places that are from no pool")
    layer, placed = lifter.as_map(lifter.view(first(operation)), axes)
    total = len(layer.output)
    kernel = numbers(pool.arguments["kernel_size"], axes)
    stride = numbers(pool.arguments["stride"], axes) if pool.arguments.get("stride") else kernel
    made = lifter.layer(
        "max_unpool",
        [layer],
        kernel=in_front(total, axes, 1, kernel),
        stride=in_front(total, axes, 1, stride),
        pad=in_front(total, axes, 0, numbers(pool.arguments["padding"], axes)),
        size=(*layer.output[: total - 1 - axes], *numbers(given["output_size"], axes)),
    )
    return moved(made, placed, axes)
