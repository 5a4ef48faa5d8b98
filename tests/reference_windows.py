"""The layers whose units read a window, by loops over positions and windows: see reference.py.

Windows are written down as the positions they read, one list a unit and axis; positions outside
the input are there too, and each layer says what it does with them. Padding is worked out anew
from the frameworks' own documentation, not from the rules of the ops.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

Array = Any
Position = tuple[int, ...]


def per_axis(value: Any, axes: int) -> list[int]:
    """One number for all axes, or one per axis."""
    return list(value) if isinstance(value, tuple) else [value] * axes


def inside(place: Position, sizes: Position) -> bool:
    """Whether a position lies on an input of these sizes."""
    return all(0 <= at < n for at, n in zip(place, sizes, strict=True))


def padding(op: Any, n: int, axis: int, axes: int, reach: int, stride: int) -> tuple[int, int]:
    """Positions put before and behind an axis of n, for windows that cover ``reach`` positions."""
    pad = op.pad
    if pad == "same":
        # TensorFlow, "Notes on padding" of tf.nn: the odd position goes behind.
        both = max(reach - stride if n % stride == 0 else reach - n % stride, 0)
        return both // 2, both - both // 2
    if pad == "half":
        return reach // 2, reach // 2
    numbers = per_axis(pad, axes)
    if len(numbers) == 2 * axes:
        return numbers[2 * axis], numbers[2 * axis + 1]
    return numbers[axis], numbers[axis]


class Axis:
    """One axis of a sliding window.

    windows  of each unit the positions it reads, in the kernel's order
    low, end  the padded input is the positions from low up to but not including end
    """

    def __init__(self, op: Any, n: int, axis: int, axes: int):
        kernel, stride, dilation = (
            per_axis(value, axes)[axis] for value in (op.kernel, op.stride, getattr(op, "dilation", 1))
        )
        reach = (kernel - 1) * dilation + 1
        before, behind = padding(op, n, axis, axes, reach, stride)
        self.low, self.end = -before, n + behind
        self.windows: list[list[int]] = []
        start = self.low
        while start + reach <= self.end:
            self.windows.append([start + t * dilation for t in range(kernel)])
            start += stride
        # A last window that hangs over, where the one before it left something unread; but none
        # that starts behind the input.
        ceil = op.round == "ceil" and op.pad != "same"
        if ceil and start - stride + reach < self.end and start < n:
            self.windows.append([start + t * dilation for t in range(kernel)])


Cells = list[tuple[Position, Position]]


def slide(op: Any, x: Array) -> tuple[Position, list[Axis], Iterator[tuple[Position, Cells]]]:
    """Sizes of the output, the axes, and of each unit the places in the kernel and the input."""
    sizes = x.shape[:-1]
    axes = [Axis(op, n, axis, len(sizes)) for axis, n in enumerate(sizes)]

    def units() -> Iterator[tuple[Position, Cells]]:
        for unit in np.ndindex(*[len(axis.windows) for axis in axes]):
            reads = [axis.windows[i] for axis, i in zip(axes, unit, strict=True)]
            offsets = product(*[range(len(read)) for read in reads])
            yield unit, list(zip(offsets, product(*reads), strict=True))

    return tuple(len(axis.windows) for axis in axes), axes, units()


def rimmed(mode: str, x: Array, ends: list[tuple[int, int]]) -> Array:
    """A rim of its own values around a map: what stands at a place beyond an end."""
    for axis, (before, behind) in enumerate(ends):
        lines = np.moveaxis(x, axis, 0)
        n = len(lines)
        values = []
        for place in range(-before, n + behind):
            if mode == "replicate":
                at = 0 if place < 0 else min(place, n - 1)
            elif mode == "circular":
                at = place + n if place < 0 else place - n if place >= n else place
            else:  # as in a mirror that stands on the last position
                at = -place if place < 0 else 2 * (n - 1) - place if place >= n else place
            values.append(lines[at])
        x = np.moveaxis(np.array(values), 0, axis)
    return x


def window_values(cells: Cells, x: Array) -> Array:
    """The values that a window reads of the input itself: one row a position, C wide."""
    found = [x[place] for _, place in cells if inside(place, x.shape[:-1])]
    return np.array(found).reshape(-1, x.shape[-1])


# Convolutions ------------------------------------------------------------------------------------


def convolve(op: Any, weight: Array, bias: Array | None, groups: int, x: Array) -> Array:
    """Cross-correlation: filter f of group g sums its weights times the channels of group g.

    The weight is filters x channels of a group x kernel.
    """
    filters, channels = weight.shape[:2]
    each = filters // groups
    spatial, axes, units = slide(op, x)
    out = np.zeros((*spatial, filters))
    ends = [(0, 0)] * len(axes)
    if getattr(op, "pad_mode", "zeros") != "zeros":
        sizes = zip(axes, x.shape, strict=False)
        ends = [(-axis.low, max(axis.end, axis.windows[-1][-1] + 1) - n) for axis, n in sizes]
        x = rimmed(op.pad_mode, x, ends)
    for unit, cells in units:
        for offset, read in cells:
            place = tuple(at + before for at, (before, _) in zip(read, ends, strict=True))
            if not inside(place, x.shape[:-1]):
                continue
            for group in range(groups):
                mine = slice(group * each, (group + 1) * each)
                read = x[place][group * channels : (group + 1) * channels]
                out[unit][mine] += weight[(mine, slice(None), *offset)] @ read
    return out if bias is None else out + bias


def im2col(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    """torch.nn.Unfold: channel (c, i, j) of a position is channel c at place (i, j) of its window."""
    spatial, _, units = slide(op, x)
    kernel = per_axis(op.kernel, x.ndim - 1)
    out = np.zeros((*spatial, x.shape[-1], *kernel))
    for unit, cells in units:
        for offset, place in cells:
            if inside(place, x.shape[:-1]):
                for channel in range(x.shape[-1]):
                    out[(*unit, channel, *offset)] = x[place][channel]
    return out.reshape(*spatial, -1)


def col2im(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    """torch.nn.Fold: every value is added where it was read."""
    axes = x.ndim - 1
    kernel, stride, dilation, size = (
        per_axis(value, axes) for value in (op.kernel, op.stride, op.dilation, op.size)
    )
    numbers = per_axis(op.pad, axes)
    before = numbers[::2] if len(numbers) == 2 * axes else numbers
    columns = x.reshape(*x.shape[:-1], -1, *kernel)
    out = np.zeros((*size, columns.shape[axes]))
    for unit in np.ndindex(x.shape[:-1]):
        for offset in np.ndindex(*kernel):
            place = tuple(
                unit[axis] * stride[axis] - before[axis] + offset[axis] * dilation[axis]
                for axis in range(axes)
            )
            if inside(place, size):
                for channel in range(out.shape[-1]):
                    out[place][channel] += columns[(*unit, channel, *offset)]
    return out


def conv(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    weight = tensors["weight"]
    if op.connect is not None:
        # A kernel for each 1 of the table, filter by filter, as in the rows of Conv2d's weight.
        table = [[digit == "1" for digit in row] for row in op.connect.split()]
        full = np.zeros((op.filters, x.shape[-1], *weight.shape[1:]))
        kernels = iter(weight)
        for filter, channel in np.ndindex(op.filters, x.shape[-1]):
            if table[channel][filter]:
                full[filter, channel] = next(kernels)
        weight = full
    return convolve(op, weight, tensors.get("bias"), op.groups, x)


def dwconv(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    return convolve(op, tensors["weight"], tensors.get("bias"), x.shape[-1], x)


def local(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    spatial, _, units = slide(op, x)
    out = np.zeros((*spatial, op.filters))
    for unit, cells in units:
        weight = tensors["weight"][(slice(None), *unit)]  # filters x channels x kernel
        for offset, place in cells:
            if inside(place, x.shape[:-1]):
                out[unit] += weight[(slice(None), slice(None), *offset)] @ x[place]
        if op.bias:
            out[unit] += tensors["bias"][(slice(None), *unit)]
    return out


def tconv(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    """Every position of the input is spread over a window of the output, then the rim is cut off.

    The weight is channels x filters of a group x kernel.
    """
    sizes, weight = x.shape[:-1], tensors["weight"]
    axes = len(sizes)
    kernels, strides, dilations, extras = (
        per_axis(value, axes) for value in (op.kernel, op.stride, op.dilation, op.output_pad)
    )
    cut, spatial = [], []
    for axis, (n, k, s, d, extra) in enumerate(zip(sizes, kernels, strides, dilations, extras, strict=True)):
        reach = (k - 1) * d + 1
        # The transpose of the convolution that makes n of n*s: its padding is what is cut.
        low, high = padding(op, n * s, axis, axes, reach, s)
        cut.append(low)
        spatial.append(n * s if op.pad == "same" else (n - 1) * s + reach - low - high + extra)
    channels, each = x.shape[-1] // op.groups, op.filters // op.groups
    out = np.zeros((*spatial, op.filters))
    for place in np.ndindex(*sizes):
        for offset in np.ndindex(*kernels):
            unit = tuple(
                i * s + t * d - low
                for i, s, t, d, low in zip(place, strides, offset, dilations, cut, strict=True)
            )
            if not inside(unit, tuple(spatial)):
                continue
            for channel, value in enumerate(x[place]):
                first = channel // channels * each
                out[unit][first : first + each] += value * weight[(channel, slice(None), *offset)]
    return out + tensors["bias"] if op.bias else out


# Pools -------------------------------------------------------------------------------------------


def maxpool(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    """What lies outside counts for nothing; of nothing the largest is minus infinity."""
    spatial, _, units = slide(op, x)
    out = np.zeros((*spatial, x.shape[-1]))
    for unit, cells in units:
        out[unit] = np.max(window_values(cells, x), axis=0, initial=-np.inf)
    return out


def avgpool(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    """The divisor is the number of cells on the input, with count_pad on the padded input: what
    hangs over that (round=ceil) never counts, as in PyTorch and Caffe."""
    spatial, axes, units = slide(op, x)
    out = np.zeros((*spatial, x.shape[-1]))
    for unit, cells in units:
        if op.count_pad:
            count = sum(
                all(axis.low <= at < axis.end for axis, at in zip(axes, place, strict=True))
                for _, place in cells
            )
        else:
            count = len(window_values(cells, x))
        out[unit] = window_values(cells, x).sum(0) / count
    return out


def lppool(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    """A negative sum, where p is odd, has no root, as in PyTorch."""
    spatial, _, units = slide(op, x)
    out = np.zeros((*spatial, x.shape[-1]))
    for unit, cells in units:
        out[unit] = (window_values(cells, x) ** op.p).sum(0) ** (1 / op.p)
    return out


def subsample(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    spatial, _, units = slide(op, x)
    out = np.zeros((*spatial, x.shape[-1]))
    for unit, cells in units:
        out[unit] = tensors["weight"] * window_values(cells, x).sum(0) + tensors["bias"]
    return out


def shares(n: int, parts: int) -> list[range]:
    """The positions of an axis that each unit of an adaptive pool reads: those of which a piece
    lies between i/parts and (i + 1)/parts of the axis."""
    return [
        range(
            min(at for at in range(n) if (at + 1) * parts > i * n),
            max(at for at in range(n) if at * parts < (i + 1) * n) + 1,
        )
        for i in range(parts)
    ]


def adaptive(op: Any, x: Array, of: Any) -> Array:
    sizes = per_axis(op.size, x.ndim - 1)
    axes = [shares(n, parts) for n, parts in zip(x.shape, sizes, strict=False)]
    out = np.zeros((*sizes, x.shape[-1]))
    for unit in np.ndindex(*sizes):
        places = product(*[axis[i] for axis, i in zip(axes, unit, strict=True)])
        out[unit] = of(np.array([x[place] for place in places]), axis=0)
    return out


def adaptive_avgpool(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    return adaptive(op, x, np.mean)


def adaptive_maxpool(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    return adaptive(op, x, np.max)


# Normalisations over a neighbourhood -------------------------------------------------------------


def lrn(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    """alpha is divided by the number of values summed, the rims counted in full.

    Across an even number of channels PyTorch has one more before than behind; across positions
    one more behind than before.
    """
    out, channels = np.zeros(x.shape), x.shape[-1]
    axes = x.ndim - 1
    for place in np.ndindex(*x.shape):
        if op.across == "channels":
            first, count = place[-1] - op.size // 2, op.size
            span = range(max(first, 0), min(first + op.size, channels))
            squares = sum(x[(*place[:-1], c)] ** 2 for c in span)
        else:
            first, count = -((op.size - 1) // 2), op.size**axes
            steps = product(range(first, first + op.size), repeat=axes)
            near = [tuple(i + d for i, d in zip(place, step, strict=False)) for step in steps]
            squares = sum(x[(*at, place[-1])] ** 2 for at in near if inside(at, x.shape[:-1]))
        divisor = float(op.k) + float(op.alpha) / count * squares
        out[place] = x[place] / divisor ** float(op.beta)
    return out


def lcn(op: Any, tensors: dict[str, Array], x: Array) -> Array:
    """ICCV 2009, section 2: v = x - sum of w x, then v / max(c, root of the sum of w v^2).

    The weights are Torch7's Gaussian, as wide as a quarter of the square, the same for all channels
    and 1 in sum; beyond the rim lie zeros. c is Torch7's threshold.
    """
    axes, channels = x.ndim - 1, x.shape[-1]
    low = -((op.size - 1) // 2)
    steps = list(product(range(op.size), repeat=axes))
    middle, width = (op.size - 1) / 2, op.size / 4
    weights = [np.exp(-sum((at - middle) ** 2 for at in step) / (2 * width**2)) for step in steps]
    whole = sum(weights) * channels

    def mean(values: Array) -> Array:
        out = np.zeros(values.shape[:-1])
        for place in np.ndindex(out.shape):
            for step, weight in zip(steps, weights, strict=True):
                at = tuple(i + low + t for i, t in zip(place, step, strict=True))
                if inside(at, out.shape):
                    out[place] += weight / whole * values[at].sum()
        return out[..., None]

    left = x - mean(x)
    return left / np.maximum(np.sqrt(mean(left**2)), 1e-4)
