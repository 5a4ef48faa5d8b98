"""The forward pass of every op in plain numpy: an independent reference for the PyTorch code of the ops.

Each function takes the op, of which it reads the attributes, the layer's tensors by name in
PyTorch's layout, and the inputs, channels last and without a batch. It returns the output,
channels last. They are written from the papers' and frameworks' definitions, to be read and not to
be fast; nothing here calls torch or asks a rule of an op.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from fractions import Fraction
from math import erf
from typing import Any

import numpy as np
import reference_windows as windows
from reference_windows import Array, per_axis

from archcalc.graph import Graph, Layer

Tensors = dict[str, Array]

# What PyTorch's normalisations add to a variance.
EPSILON = 1e-5


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def by_channel(x: Array) -> Array:
    """All values as one vector in PyTorch's order: channel by channel, row by row."""
    return np.array([x[..., c][at] for c in range(x.shape[-1]) for at in np.ndindex(x.shape[:-1])])


# Activations -------------------------------------------------------------------------------------


def elu(x: Array, alpha: float) -> Array:
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def selu(x: Array) -> Array:
    # arXiv:1706.02515, section 2: the fixed point for mean 0 and variance 1.
    return 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717)


def relu6(x: Array) -> Array:
    return np.minimum(np.maximum(x, 0), 6)


def sloped(x: Array, slope: Any) -> Array:
    return np.where(x > 0, x, slope * x)


def softmax(x: Array) -> Array:
    """Over the last axis."""
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def softmax_along(x: Array, axis: int) -> Array:
    return np.moveaxis(softmax(np.moveaxis(x, axis, -1)), -1, axis)


def gelu(x: Array, by_tanh: bool) -> Array:
    """arXiv:1606.08415, section 2, exactly or by its approximation."""
    if by_tanh:
        return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return x / 2 * (1 + np.vectorize(erf)(x / np.sqrt(2)))


def elu_of_share(x: Array, alpha: float) -> Array:
    """arXiv:1704.07483, equation 2."""
    return np.where(x > 0, x, alpha * (np.exp(x / alpha) - 1))


def maxout(op: Any, tensors: Tensors, x: Array) -> Array:
    out = np.zeros((*x.shape[:-1], x.shape[-1] // op.pieces))
    for c in range(out.shape[-1]):
        out[..., c] = x[..., c * op.pieces : (c + 1) * op.pieces].max(-1)
    return out


# Layers that read a whole vector -----------------------------------------------------------------


def affine(tensors: Tensors, x: Array) -> Array:
    """W x + b of the last axis."""
    out = x @ tensors["weight"].T
    return out + tensors["bias"] if "bias" in tensors else out


def rbf(op: Any, tensors: Tensors, x: Array) -> Array:
    return np.array([((by_channel(x) - code) ** 2).sum() for code in tensors["codes"]])


# Normalisations ----------------------------------------------------------------------------------


def bn(op: Any, tensors: Tensors, x: Array) -> Array:
    """At inference, with the running statistics."""
    out = (x - tensors["running_mean"]) / np.sqrt(tensors["running_var"] + EPSILON)
    return out * tensors.get("weight", 1) + tensors.get("bias", 0)


def standard(values: Array) -> Array:
    """Less their mean, divided by their deviation; the variance is that of all, not of N - 1."""
    mean = values.sum() / values.size
    return (values - mean) / np.sqrt(((values - mean) ** 2).sum() / values.size + EPSILON)


def layernorm(op: Any, tensors: Tensors, x: Array) -> Array:
    """Over each position; or over all, where the learned values lie channel by channel."""
    if op.across == "all":
        weight, bias = (
            np.moveaxis(tensors.get(name, np.full(x.shape[-1:] + x.shape[:-1], usual)), 0, -1)
            for name, usual in (("weight", 1.0), ("bias", 0.0))
        )
        return standard(x) * weight + bias
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape[:-1]):
        out[place] = standard(x[place])
    return out * tensors.get("weight", 1) + tensors.get("bias", 0)


def rmsnorm(op: Any, tensors: Tensors, x: Array) -> Array:
    """Divided by the root of the mean square; PyTorch adds the least step of doubles to it."""
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape[:-1]):
        mean = sum(value**2 for value in x[place]) / x.shape[-1]
        out[place] = x[place] / np.sqrt(mean + np.finfo(float).eps)
    return out * tensors.get("weight", 1)


def instancenorm(op: Any, tensors: Tensors, x: Array) -> Array:
    """Running statistics where there are some."""
    return bn(op, tensors, x) if op.running else by_groups(x.shape[-1], tensors, x)


def by_groups(groups: int, tensors: Tensors, x: Array) -> Array:
    """Over all positions of so many groups of neighbouring channels."""
    out, each = np.zeros(x.shape), x.shape[-1] // groups
    for group in range(groups):
        mine = slice(group * each, (group + 1) * each)
        out[..., mine] = standard(x[..., mine])
    return out * tensors.get("weight", 1) + tensors.get("bias", 0)


# Rearrangements ----------------------------------------------------------------------------------


def channel_shuffle(op: Any, tensors: Tensors, x: Array) -> Array:
    """The first channel of each group, then the second of each."""
    each = x.shape[-1] // op.groups
    order = [group * each + i for i in range(each) for group in range(op.groups)]
    return x[..., order]


def take(op: Any, tensors: Tensors, x: Array) -> Array:
    return x[..., list(range(op.offset, op.offset + op.channels))]


def sliced(op: Any, tensors: Tensors, x: Array) -> Array:
    """Every step-th position from start up to but not stop; below 0 they are counted from the end."""
    n = x.shape[op.axis]
    start, stop = (at + n if at < 0 else at for at in (op.start, op.stop))
    return np.take(x, list(range(start, stop, op.step)), axis=op.axis)


def gather(op: Any, tensors: Tensors, x: Array, *index: Array) -> Array:
    """The positions with the largest sums first, or those that the index names, counted round the end."""
    n = x.shape[op.axis]
    lines = np.moveaxis(x, op.axis, 0).reshape(n, -1)
    order = sorted(range(n), key=lambda at: -lines[at].sum())
    if index:
        order = [int(value) % n for value in by_channel(index[0])]
    return np.take(x, [order[turn % len(order)] for turn in range(op.count)], axis=op.axis)


def repeat(op: Any, tensors: Tensors, x: Array) -> Array:
    n = x.shape[op.axis]
    again = [i for i in range(n) for _ in range(op.times)] if op.mode == "each" else [*range(n)] * op.times
    return np.take(x, again, axis=op.axis)


def rim(op: Any, tensors: Tensors, x: Array) -> Array:
    numbers, axes = per_axis(op.pad, x.ndim - 1), x.ndim - 1
    ends = [(n, n) for n in numbers]
    if len(numbers) == 2 * axes:
        ends = [(numbers[2 * axis], numbers[2 * axis + 1]) for axis in range(axes)]
    return windows.rimmed(op.name.removesuffix("pad"), x, ends)


def roll(op: Any, tensors: Tensors, x: Array) -> Array:
    """Position p goes to p + shift, round the end."""
    out = np.zeros(x.shape)
    shifts = per_axis(op.shift, x.ndim - 1)
    for place in np.ndindex(x.shape[:-1]):
        moved = [(at + shift) % n for at, shift, n in zip(place, shifts, x.shape, strict=False)]
        out[tuple(moved)] = x[place]
    return out


def rearrange(op: Any, tensors: Tensors, x: Array) -> Array:
    """Value by value: the place of each part is worked out of its axis on the left, and made into a place
    of the axes on the right; the last part of an axis is the fastest."""
    left, right = (re.findall(r"\([^)]*\)|\S+", side) for side in op.pattern.split("->"))
    before, after = ([re.findall(r"[a-z]\w*", axis) for axis in side] for side in (left, right))
    written = {name: int(size) for name, size in re.findall(r"(\w+)=(\d+)", op.pattern)}
    sizes = dict(written)
    for n, axis in zip(x.shape, before, strict=True):
        for name in axis:
            if name not in written:
                sizes[name] = n // math.prod(written.get(other, 1) for other in axis)
    out = np.zeros([math.prod(sizes[name] for name in axis) for axis in after])
    for place in np.ndindex(x.shape):
        at = {}
        for position, axis in zip(place, before, strict=True):
            for name in reversed(axis):
                position, at[name] = divmod(position, sizes[name])
        moved = []
        for axis in after:
            position = 0
            for name in axis:
                position = position * sizes[name] + at[name]
            moved.append(position)
        out[tuple(moved)] = x[place]
    return out


def zeropad(op: Any, tensors: Tensors, x: Array) -> Array:
    axes = x.ndim - 1
    numbers = per_axis(op.pad, axes)
    ends = [(n, n) for n in numbers]
    if len(numbers) == 2 * axes:
        ends = [(numbers[2 * axis], numbers[2 * axis + 1]) for axis in range(axes)]
    sizes = [before + n + behind for n, (before, behind) in zip(x.shape, ends, strict=False)]
    out = np.full((*sizes, x.shape[-1]), float(op.value))
    for place in np.ndindex(x.shape[:-1]):
        out[tuple(at + before for at, (before, _) in zip(place, ends, strict=True))] = x[place]
    return out


def crop(op: Any, tensors: Tensors, x: Array) -> Array:
    sizes, offsets = per_axis(op.size, x.ndim - 1), per_axis(op.offset, x.ndim - 1)
    return x[tuple(slice(at, at + size) for at, size in zip(offsets, sizes, strict=True))]


def pixel_shuffle(op: Any, tensors: Tensors, x: Array) -> Array:
    """Channel (c, i, j) of position (h, w) becomes channel c of position (h*R + i, w*R + j)."""
    r, axes = op.factor, x.ndim - 1
    out = np.zeros((*[n * r for n in x.shape[:-1]], x.shape[-1] // r**axes))
    for place in np.ndindex(x.shape[:-1]):
        cells = list(np.ndindex((out.shape[-1], *[r] * axes)))
        for channel, (c, *shifts) in enumerate(cells):
            unit = tuple(at * r + shift for at, shift in zip(place, shifts, strict=True))
            out[(*unit, c)] = x[(*place, channel)]
    return out


def pixel_unshuffle(op: Any, tensors: Tensors, x: Array) -> Array:
    """Position (h*R + i, w*R + j) of channel c becomes channel (c, i, j) of position (h, w)."""
    r, axes = op.factor, x.ndim - 1
    out = np.zeros((*[n // r for n in x.shape[:-1]], x.shape[-1] * r**axes))
    for place in np.ndindex(out.shape[:-1]):
        for channel, (c, *shifts) in enumerate(np.ndindex((x.shape[-1], *[r] * axes))):
            unit = tuple(at * r + shift for at, shift in zip(place, shifts, strict=True))
            out[(*place, channel)] = x[(*unit, c)]
    return out


def resize(op: Any, tensors: Tensors, x: Array) -> Array:
    """nearest: unit i is position floor(i*n/m). bilinear: it lies at (i + 1/2)*n/m - 1/2, or with
    aligned corners at i*(n - 1)/(m - 1). With a factor, n/m is one over it, whatever is rounded off
    the size."""
    axes = x.ndim - 1
    for axis in range(axes):
        n = x.shape[axis]
        if op.by is None:
            m = per_axis(op.size, axes)[axis]
            step = Fraction(n, m)
        else:
            m, step = math.floor(n * Fraction(op.by)), 1 / Fraction(op.by)
        x = interpolated(op, x, axis, m, step)
    return x


def upsample(op: Any, tensors: Tensors, x: Array) -> Array:
    """As `resize`, by whole factors."""
    for axis, factor in enumerate(per_axis(op.factor, x.ndim - 1)):
        x = interpolated(op, x, axis, x.shape[axis] * factor, Fraction(1, factor))
    return x


def interpolated(op: Any, x: Array, axis: int, m: int, step: Fraction) -> Array:
    """Along one axis: the last position goes on beyond the rim."""
    lines = np.moveaxis(x, axis, 0)
    n = len(lines)
    out = np.zeros((m, *lines.shape[1:]))
    for i in range(m):
        if op.mode == "nearest":
            out[i] = lines[min(math.floor(i * step), n - 1)]
            continue
        if op.mode == "nearest_exact":
            out[i] = lines[min(math.floor((i + Fraction(1, 2)) * step), n - 1)]
            continue
        at = (i + Fraction(1, 2)) * step - Fraction(1, 2)
        if op.align_corners:
            at = Fraction(i * (n - 1), m - 1) if m > 1 else Fraction(0)
        if op.mode == "bilinear":
            at = max(at, Fraction(0))
        low = math.floor(at)
        for place in range(low - 1, low + 3):
            out[i] += weight_of(op.mode, float(abs(at - place))) * lines[min(max(place, 0), n - 1)]
    return np.moveaxis(out, 0, axis)


def weight_of(mode: str, distance: float) -> float:
    """Of a position so far away; R. Keys, IEEE Transactions on Acoustics, 1981, equation 15, with
    PyTorch's a = -3/4."""
    if mode == "bilinear":
        return max(1 - distance, 0)
    a, t = -0.75, distance
    if t < 1:
        return (a + 2) * t**3 - (a + 3) * t**2 + 1
    return a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a if t < 2 else 0


def shortcut(op: Any, tensors: Tensors, x: Array) -> Array:
    """Option A: every stride-th position, and channels of zeros behind."""
    strides = per_axis(op.stride, x.ndim - 1)
    taken = x[tuple(slice(None, None, s) for s in strides)]
    out = np.zeros((*taken.shape[:-1], op.channels))
    out[..., : x.shape[-1]] = taken
    return out


# Merges ------------------------------------------------------------------------------------------


def merged(inputs: tuple[Array, ...], of: Callable[[Array, Array], Array]) -> Array:
    """From left to right. numpy aligns the last axes, and spreads those of one position."""
    found = inputs[0]
    for x in inputs[1:]:
        found = of(found, x)
    return found


def inverse_erf(y: float) -> float:
    """By halving."""
    low, high = -6.0, 6.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if erf(middle) < y else (low, middle)
    return low


FUNCTIONS: dict[str, Callable[..., Array]] = {
    "neg": np.negative,
    "abs": np.abs,
    "exp": np.exp,
    "expm1": np.expm1,
    "exp2": np.exp2,
    "log": np.log,
    "log1p": np.log1p,
    "log2": np.log2,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "reciprocal": lambda x: 1 / x,
    "square": lambda x: x * x,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "erf": np.vectorize(erf),
    "erfc": np.vectorize(math.erfc),
    "erfinv": np.vectorize(inverse_erf),
    "lgamma": np.vectorize(math.lgamma),
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.round,
    "trunc": np.trunc,
    "sign": np.sign,
    "frac": lambda x: x - np.trunc(x),
    "not": np.logical_not,
    "isnan": np.isnan,
    "isinf": np.isinf,
    "add": np.add,
    "sub": np.subtract,
    "rsub": lambda x, n: n - x,
    "mul": np.multiply,
    "div": np.divide,
    "rdiv": lambda x, n: n / x,
    "pow": np.power,
    "rpow": lambda x, n: n**x,
    "max": np.maximum,
    "min": np.minimum,
    "mod": np.mod,  # with the sign of the divisor
    "fmod": np.fmod,
    "floor_div": np.floor_divide,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "xor": np.logical_xor,
    "atan2": np.arctan2,
    "hypot": np.hypot,
    "logaddexp": np.logaddexp,
    "xlogy": lambda x, y: x * np.log(y),
    "lerp": lambda x, y, w: x + w * (y - x),
    "where": lambda c, x, y: np.where(c != 0, x, y),
    "addcmul": lambda x, y, z: x + y * z,
    "addcdiv": lambda x, y, z: x + y / z,
    "clamp": lambda x, low, high: np.minimum(np.maximum(x, low), high),
}


def deviation_of(x: Array, axes: tuple[int, ...], keep: bool, less: int) -> Array:
    """The variance of a sample, divided by one less than there are, or of all."""
    mean = x.mean(axes, keepdims=True)
    count = max(x.size // mean.size - less, 0)
    return ((x - mean) ** 2).sum(axes, keepdims=keep) / count


REDUCTIONS: dict[str, Callable[..., Array]] = {
    "sum": np.sum,
    "mean": np.mean,
    "prod": np.prod,
    "max": np.max,
    "min": np.min,
    "amax": np.max,
    "amin": np.min,
    "any": np.any,
    "all": np.all,
}


def reduced(op: Any, tensors: Tensors, x: Array) -> Array:
    """Along axes of a shape with the channels last."""
    axes = tuple(at % x.ndim for at in per_axis(op.axis, 1))
    name = str(op.function)
    if name in ("argmax", "argmin"):
        out = getattr(np, name)(x, axes[0], keepdims=op.keep)
    elif name in ("var", "std"):
        out = deviation_of(x, axes, op.keep, op.correction) ** (1 if name == "var" else 0.5)
    elif name == "norm":
        out = (abs(x) ** float(op.p)).sum(axes, keepdims=op.keep) ** (1 / float(op.p))
    elif name == "logsumexp":
        out = np.log(np.exp(x).sum(axes, keepdims=op.keep))
    else:
        out = REDUCTIONS[name](x, axis=axes, keepdims=op.keep)
    return np.atleast_1d(np.asarray(out, dtype=float))


def mapped(op: Any, tensors: Tensors, *inputs: Array) -> Array:
    """A function of values, of numbers behind them, channels last."""
    numbers = [float(number) for number in (op.a, op.b) if number is not None]
    return FUNCTIONS[op.function](*inputs, *numbers).astype(float)


# Sequences ---------------------------------------------------------------------------------------


def embedding(op: Any, tensors: Tensors, x: Array) -> Array:
    return np.array([tensors["weight"][int(word)] for word in x])


def embedding_bag(op: Any, tensors: Tensors, x: Array) -> Array:
    rows = [tensors["weight"][int(word)] for word in x]
    if op.mode == "max":
        return np.maximum.reduce(rows)
    found = np.zeros(op.size)
    for row in rows:
        found = found + row
    return found / len(rows) if op.mode == "mean" else found


def affine_grid(op: Any, tensors: Tensors, x: Array) -> Array:
    """Unit (i, j) lies at x = (2j + 1)/W - 1 and y = (2i + 1)/H - 1, or from -1 to 1 where corners are
    aligned; x comes first."""
    axes = 2 if x.size == 6 else 3
    matrix, sizes = x.reshape(axes, -1), per_axis(op.size, axes)
    out = np.zeros((*sizes, axes))
    for place in np.ndindex(tuple(sizes)):
        grid_point = [
            (2 * at / (n - 1) - 1 if n > 1 else 0) if op.align_corners else (2 * at + 1) / n - 1
            for at, n in zip(place, sizes, strict=True)
        ]
        out[place] = matrix @ np.array([*grid_point[::-1], 1])
    return out


def grid_sample(op: Any, tensors: Tensors, x: Array, grid: Array) -> Array:
    """At each place of the grid the positions around it, weighted by how near they are."""
    axes = x.ndim - 1
    out = np.zeros((*grid.shape[:-1], x.shape[-1]))
    wide = {"nearest": 1, "bilinear": 1, "bicubic": 2}[str(op.mode)]
    for place in np.ndindex(grid.shape[:-1]):
        at = []
        for n, number in zip(x.shape, grid[place][::-1], strict=False):
            where = (number + 1) / 2 * (n - 1) if op.align_corners else ((number + 1) * n - 1) / 2
            if op.outside != "zeros" and op.mode != "bicubic":
                where = inside(op, where, n)
            at.append(round(where) if op.mode == "nearest" else where)
        near = [range(math.floor(w) - wide + 1, math.floor(w) + wide + 1) for w in at]
        for corner in itertools.product(*near):
            weight = 1.0
            for w, p in zip(at, corner, strict=True):
                weight *= float(w == p) if op.mode == "nearest" else weight_of(op.mode, abs(w - p))
            read = [
                p if op.outside == "zeros" else round(inside(op, p, n))
                for p, n in zip(corner, x.shape, strict=False)
            ]
            if weight and all(0 <= p < n for p, n in zip(read, x.shape, strict=False)):
                out[place] += weight * x[tuple(read[:axes])]
    return out


def inside(op: Any, where: float, n: int) -> float:
    """A place outside of the map as it is read: the rim, or mirrored at the outer positions or ends."""
    if op.outside == "border":
        return min(max(where, 0), n - 1)
    low, high = (0, n - 1) if op.align_corners else (-0.5, n - 0.5)
    while high > low and not low <= where <= high:
        where = 2 * low - where if where < low else 2 * high - where
    return min(max(where, 0), n - 1)


def recurrent(op: Any, tensors: Tensors, x: Array, *given: Array) -> Array:
    """Step by step from a state of zeros, or from one that is given; gates in PyTorch's order of rows."""
    if x.ndim > 2:
        # Every line along the axis is a sequence of its own.
        at = op.axis % x.ndim
        lines = np.moveaxis(x, at, -2)
        out = np.zeros((*lines.shape[:-1], op.units * (2 if op.bidirectional else 1)))
        for place in np.ndindex(lines.shape[:-2]):
            out[place] = through(op, tensors, lines[place], ())[2]
        return np.moveaxis(out, -2, at)
    steps = x.reshape(-1, x.shape[-1])
    rows = [row for state in given for row in state.reshape(-1, state.shape[-1])]
    states, cells, steps = through(op, tensors, steps, rows)
    if op.returns == "states":
        return np.array(states + cells)
    if op.returns == "all":
        return np.concatenate([steps, np.array(states + cells)])
    if op.returns == "last":
        return states[-1]
    return steps[0] if x.ndim == 1 else steps


def through(op: Any, tensors: Tensors, steps: Array, rows: Any) -> Any:
    """What each layer ends with, and its cell, the directions side by side; and the states of the highest."""
    parts = 2 if op.bidirectional else 1
    states, cells = [], []
    for number in range(op.layers):
        first = [np.split(row, parts) for row in rows[number :: op.layers]]
        made, ended, kept = [], [], []
        for way in range(parts):
            end = f"_l{number}" + "_reverse" * way
            begun = [each[way] for each in first]
            found, cell = one_way(op, tensors, steps[::-1] if way else steps, end, begun)
            made.append(found[::-1] if way else found)
            ended.append(found[-1])
            kept.append(cell)
        steps = np.concatenate(made, 1)
        states.append(np.concatenate(ended))
        cells += [np.concatenate(kept)] if op.name == "lstm" else []
    return states, cells, steps


def shown(op: Any, x: Array) -> Array:
    return np.maximum(x, 0) if op.nonlinearity == "relu" else np.tanh(x)


def one_way(op: Any, tensors: Tensors, steps: Array, end: str, begun: Any) -> Any:
    """The states behind the steps, in the order in which they are read; and the last cell."""
    u = op.units
    into, back = tensors[f"weight_ih{end}"], tensors[f"weight_hh{end}"]
    state, cell = np.zeros(back.shape[1]), np.zeros(u)
    if begun:
        state, cell = begun[0], begun[-1]
    none = np.zeros(len(into))
    first = tensors.get(f"bias_ih{end}", none)
    second = tensors.get(f"bias_hh{end}", none)
    states = []
    for step in steps:
        if op.name == "rnn":
            state = shown(op, into @ step + back @ state + first + second)
        elif op.name == "lstm":
            i, f, g, o = np.split(into @ step + back @ state + first + second, 4)
            cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
            state = sigmoid(o) * np.tanh(cell)
            if op.proj is not None:
                state = tensors[f"weight_hr{end}"] @ state
        else:
            read = into @ step + first
            r, z = np.split(sigmoid((read + back @ state + second)[: 2 * u]), 2)
            if op.biases == "one":  # arXiv:1406.1078: the gate on the state, then the matrix
                candidate = np.tanh(read[2 * u :] + back[2 * u :] @ (r * state))
            else:  # cuDNN: the matrix and its bias, then the gate
                candidate = np.tanh(read[2 * u :] + r * (back[2 * u :] @ state + second[2 * u :]))
            state = (1 - z) * candidate + z * state
        states.append(state)
    return np.array(states), cell


def attention(op: Any, tensors: Tensors, x: Array, *memory: Array) -> Array:
    """arXiv:1706.03762, equation 1 in each head; rows of the first map: queries, keys, values. With
    fewer heads of keys, arXiv:2305.13245, figure 2: neighbouring heads of queries share one."""
    c = x.shape[-1]
    tokens = x.reshape(-1, c)
    other = memory[0].reshape(-1, memory[0].shape[-1]) if memory else tokens
    key = op.key or c // op.heads
    value, kv = op.value or key, op.kv or op.heads
    sizes = [op.heads * key, kv * key, kv * value]
    if "in_proj_weight" in tensors:
        weights = np.split(tensors["in_proj_weight"], 3)
    else:
        weights = [tensors[f"{name}_proj_weight"] for name in "qkv"]
    biases = np.split(tensors.get("in_proj_bias", np.zeros(sum(sizes))), np.cumsum(sizes)[:-1])
    read = tokens, other, other
    queries, keys, values = (r @ w.T + b for r, w, b in zip(read, weights, biases, strict=True))
    heads = []
    for head in range(op.heads):
        q = queries[:, head * key : (head + 1) * key]
        group = head // (op.heads // kv)
        k = keys[:, group * key : (group + 1) * key]
        v = values[:, group * value : (group + 1) * value]
        scores = q @ k.T / np.sqrt(key)
        if op.causal:
            scores[np.triu_indices(len(scores), 1)] = -np.inf
        heads.append(softmax(scores) @ v)
    out = np.concatenate(heads, axis=-1) @ tensors["out_proj.weight"].T
    return (out + tensors.get("out_proj.bias", 0)).reshape(x.shape)


def sdpa(op: Any, tensors: Tensors, *inputs: Array) -> Array:
    """arXiv:1706.03762, equation 1 in each head. A query meets the keys of its window (arXiv:2103.14030,
    section 3.2) or of its grid (arXiv:2204.01697, section 3.2): positions as far apart as a share."""
    heads, kv = op.heads, op.kv or op.heads
    if len(inputs) == 1:
        length = inputs[0].shape[-1] // (heads + 2 * kv)
        inputs = tuple(np.split(inputs[0], [heads * length, (heads + kv) * length], -1))
    elif len(inputs) == 2:
        keys = inputs[0].shape[-1] // heads * kv
        inputs = (inputs[0], inputs[1][..., :keys], inputs[1][..., keys:])
    q, k, v = inputs
    key, value = q.shape[-1] // heads, v.shape[-1] // kv
    sizes = q.shape[:-1]
    out = np.zeros((*sizes, heads * value))
    blocks, grid = op.argument("window"), op.grid
    for number, place in enumerate(np.ndindex(sizes)):
        met = []
        for other, at in enumerate(np.ndindex(k.shape[:-1])):
            if op.causal and other > number:
                continue
            if blocks is not None:
                sides = per_axis(blocks, len(sizes))
                if any(i // side != j // side for i, j, side in zip(place, at, sides, strict=True)):
                    continue
            if grid is not None:
                steps = [n // g for n, g in zip(sizes, per_axis(grid, len(sizes)), strict=True)]
                if any((i - j) % step for i, j, step in zip(place, at, steps, strict=True)):
                    continue
            met.append(at)
        for head in range(heads):
            group = head // (heads // kv)
            query = q[place][head * key : (head + 1) * key]
            scores = np.array([k[at][group * key : (group + 1) * key] @ query for at in met])
            factor = 1 / np.sqrt(key) if op.factor is None else float(op.factor)
            weights = softmax(scores * factor if op.scale else scores)
            values = np.array([v[at][group * value : (group + 1) * value] for at in met])
            out[place][head * value : (head + 1) * value] = weights @ values
    return out


def parameter(op: Any, tensors: Tensors, x: Array) -> Array:
    return tensors["values"]


def bias(op: Any, tensors: Tensors, x: Array) -> Array:
    return x + value_of_each(op.per, tensors["bias"], x)


def value_of_each(per: str, values: Array, x: Array) -> Array:
    """For every value its bias or factor: that of its channel, its position (H x W), its own (C x H x W),
    or the single one."""
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        *position, channel = place
        at = {"channel": (channel,), "position": position, "all": (channel, *position), "single": (0,)}[per]
        out[place] = values[tuple(at)]
    return out


def scale(op: Any, tensors: Tensors, x: Array) -> Array:
    out = x * value_of_each(op.per, tensors["weight"], x)
    return out + value_of_each(op.per, tensors["bias"], x) if op.shift else out


def cell(op: Any, tensors: Tensors, x: Array, *states: Array) -> Array:
    """One step, from states of zeros where none are given."""
    u = op.units
    into, back = tensors["weight_ih"], tensors["weight_hh"]
    none = np.zeros(len(into))
    first, second = tensors.get("bias_ih", none), tensors.get("bias_hh", none)
    state, *rest = states or (np.zeros(u), np.zeros(u))
    if op.name == "rnn_cell":
        return shown(op, into @ x + first + back @ state + second)
    if op.name == "lstm_cell":
        i, f, g, o = np.split(into @ x + first + back @ state + second, 4)
        kept = sigmoid(f) * rest[0] + sigmoid(i) * np.tanh(g)
        new = sigmoid(o) * np.tanh(kept)
        return np.concatenate([new, kept]) if op.returns == "both" else new
    r, z = np.split(sigmoid((into @ x + first + back @ state + second)[: 2 * u]), 2)
    if op.biases == "one":
        candidate = np.tanh((into @ x + first)[2 * u :] + back[2 * u :] @ (r * state))
    else:
        candidate = np.tanh((into @ x + first)[2 * u :] + r * (back @ state + second)[2 * u :])
    return (1 - z) * candidate + z * state


REFERENCES: dict[str, Callable[..., Array]] = {
    "relu": lambda op, tensors, x: np.maximum(x, 0),
    "relu6": lambda op, tensors, x: relu6(x),
    "leaky_relu": lambda op, tensors, x: sloped(x, float(op.slope)),
    "prelu": lambda op, tensors, x: sloped(x, tensors["weight"]),
    "elu": lambda op, tensors, x: elu(x, float(op.alpha)),
    "selu": lambda op, tensors, x: selu(x),
    "gelu": lambda op, tensors, x: gelu(x, op.approximate == "tanh"),
    "mish": lambda op, tensors, x: x * np.tanh(np.log(1 + np.exp(x))),
    "logsigmoid": lambda op, tensors, x: np.log(sigmoid(x)),
    "softsign": lambda op, tensors, x: x / (1 + abs(x)),
    "tanhshrink": lambda op, tensors, x: x - np.tanh(x),
    "softshrink": lambda op, tensors, x: np.sign(x) * np.maximum(abs(x) - float(op.around), 0),
    "hardshrink": lambda op, tensors, x: np.where(abs(x) > float(op.around), x, 0),
    "threshold": lambda op, tensors, x: np.where(x > float(op.above), x, float(op.otherwise)),
    "celu": lambda op, tensors, x: elu_of_share(x, float(op.alpha)),
    "rrelu": lambda op, tensors, x: sloped(x, float(op.lower + op.upper) / 2),
    "log_softmax": lambda op, tensors, x: np.log(softmax_along(x, op.axis)),
    "cumsum": lambda op, tensors, x: np.cumsum(x, op.axis),
    "sort": lambda op, tensors, x: np.sort(x, op.axis),
    "argsort": lambda op, tensors, x: np.argsort(x, op.axis).astype(float),
    "topk": lambda op, tensors, x: np.flip(np.sort(x, op.axis), op.axis).take(range(op.count), op.axis),
    "glu": lambda op, tensors, x: np.split(x, 2, op.axis)[0] * sigmoid(np.split(x, 2, op.axis)[1]),
    "silu": lambda op, tensors, x: x * sigmoid(x),
    "sigmoid": lambda op, tensors, x: sigmoid(x),
    "tanh": lambda op, tensors, x: np.tanh(x),
    "softplus": lambda op, tensors, x: np.log(1 + np.exp(x)),
    "hardswish": lambda op, tensors, x: x * relu6(x + 3) / 6,
    "hardsigmoid": lambda op, tensors, x: relu6(x + 3) / 6,
    "softmax": lambda op, tensors, x: softmax_along(x, op.axis),
    "maxout": maxout,
    "bias": bias,
    "scale": scale,
    "times": lambda op, tensors, x: x * float(op.factor),
    "attention": attention,
    "sdpa": sdpa,
    "matmul": lambda op, tensors, a, b: a @ (np.swapaxes(b, -1, -2) if op.transpose else b),
    "einsum": lambda op, tensors, *inputs: np.einsum(op.equation, *inputs),
    "class_token": lambda op, tensors, x: np.concatenate([tensors["class_token"], x]),
    "positions": lambda op, tensors, x: x + tensors["pos_embedding"],
    "conv": windows.conv,
    "dwconv": windows.dwconv,
    "local": windows.local,
    "tconv": windows.tconv,
    "fc": lambda op, tensors, x: affine(tensors, by_channel(x)),
    "linear": lambda op, tensors, x: affine(tensors, x),
    "rbf": rbf,
    "upsample": upsample,
    "pixel_shuffle": pixel_shuffle,
    "pixel_unshuffle": pixel_unshuffle,
    "resize": resize,
    "parameter": parameter,
    "map": mapped,
    "reduce": reduced,
    "add": lambda op, tensors, *inputs: merged(inputs, np.add),
    "mul": lambda op, tensors, *inputs: merged(inputs, np.multiply),
    "concat": lambda op, tensors, *inputs: np.concatenate(inputs, axis=op.axis),
    "stack": lambda op, tensors, *inputs: np.stack(inputs, axis=op.axis),
    "shortcut": shortcut,
    "bn": bn,
    "layernorm": layernorm,
    "groupnorm": lambda op, tensors, x: by_groups(op.groups, tensors, x),
    "instancenorm": instancenorm,
    "rmsnorm": rmsnorm,
    "lrn": windows.lrn,
    "lcn": windows.lcn,
    "maxpool": windows.maxpool,
    "avgpool": windows.avgpool,
    "lppool": windows.lppool,
    "subsample": windows.subsample,
    "gap": lambda op, tensors, x: x.reshape(-1, x.shape[-1]).mean(0),
    "gmp": lambda op, tensors, x: x.reshape(-1, x.shape[-1]).max(0),
    "adaptive_avgpool": windows.adaptive_avgpool,
    "adaptive_maxpool": windows.adaptive_maxpool,
    "identity": lambda op, tensors, x: x,
    "dropout": lambda op, tensors, x: x,
    "flatten": lambda op, tensors, x: by_channel(x),
    "reshape": lambda op, tensors, x: x.reshape(per_axis(op.shape, 1)),
    "channel_shuffle": channel_shuffle,
    "take": take,
    "slice": sliced,
    "select": lambda op, tensors, x: np.take(x, op.index, axis=op.axis),
    "roll": roll,
    "flip": lambda op, tensors, x: np.take(x, range(x.shape[op.axis])[::-1], axis=op.axis),
    "repeat": repeat,
    "gather": gather,
    "reflectpad": rim,
    "replicatepad": rim,
    "circularpad": rim,
    "im2col": windows.im2col,
    "col2im": windows.col2im,
    "rearrange": rearrange,
    "zeropad": zeropad,
    "crop": crop,
    "embedding": embedding,
    "embedding_bag": embedding_bag,
    "grid_sample": grid_sample,
    "affine_grid": affine_grid,
    "rnn": recurrent,
    "lstm": recurrent,
    "gru": recurrent,
    "rnn_cell": cell,
    "lstm_cell": cell,
    "gru_cell": cell,
}


def evaluate(graph: Graph, tensors: Callable[[Layer], Tensors], inputs: list[Array]) -> dict[Layer, Array]:
    """Outputs of all layers that the main output and the heads need, layer by layer."""
    found: dict[Layer, Array] = dict(zip(graph.inputs, inputs, strict=True))
    for layer in graph.select(with_heads=True):
        read = [found[source] for source in layer.inputs]
        found[layer] = REFERENCES[layer.op.name](layer.op, tensors(layer), *read)
        assert found[layer].shape == tuple(layer.output), layer
    return found
