"""What each op is in PyTorch: a module of it, or a composition where PyTorch has none.

It takes tensors with batch and channels in front, as PyTorch has them, and owns tensors of the
names and shapes that the op states. It is made from the op's attributes and none of its rules:
padding and the number of windows are worked out by laying windows down (``oracle.slide``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from oracle import per_axis, sides, slide

from archcalc.shape import Shape

TorchCode = Callable[[Any, tuple[Shape, ...]], Any]


def module(kind: str, axes: int, *arguments: Any, **options: Any) -> Any:
    """`Conv` is Conv1d, Conv2d or Conv3d."""
    import torch

    return getattr(torch.nn, f"{kind}{axes}d")(*arguments, **options)


def functional(kind: str, axes: int) -> Any:
    import torch

    return getattr(torch.nn.functional, f"{kind}{axes}d")


def plain(name: str, *attributes: str, **options: Any) -> TorchCode:
    """A module of PyTorch that takes these attributes in order."""

    def torch_layer(op: Any, inputs: tuple[Shape, ...]) -> Any:
        import torch

        values = [getattr(op, attribute) for attribute in attributes]
        return getattr(torch.nn, name)(*map(float, values), **options)

    return torch_layer


def composed(forward: Callable[..., Any], fixed: dict[str, Any] | None = None, **learned: Any) -> Any:
    """A module with these tensors, by name and shape; ``forward(module, *inputs)``."""
    import torch

    made = torch.nn.Module()
    for name, shape in learned.items():
        made.register_parameter(name, torch.nn.Parameter(torch.zeros(shape)))
    for name, shape in (fixed or {}).items():
        made.register_buffer(name, torch.zeros(shape))
    made.forward = lambda *inputs: forward(made, *inputs)
    return made


def around(function: Callable[..., Any], inner: Any) -> Any:
    """A module of PyTorch and what is done around it; its tensors are the module's."""
    return function, inner


def last(inner: Any) -> Any:
    """A module that wants the channels last."""
    return around(lambda m, x: m(x.movedim(1, -1)).movedim(-1, 1), inner)


def padded(x: Any, ends: list[tuple[int, int]], value: float = 0.0) -> Any:
    """A rim laid out, or cut off where an end is negative; the first pair is of the first axis."""
    import torch

    # First all that is added: what is cut off may be more than there was.
    for numbers in ([(max(a, 0), max(b, 0)) for a, b in ends], [(min(a, 0), min(b, 0)) for a, b in ends]):
        flat = [n for pair in reversed(numbers) for n in pair]
        x = torch.nn.functional.pad(x, flat, value=value)
    return x


def spread(vector: Any, x: Any) -> Any:
    """One value per channel over the positions of x."""
    return vector.reshape(-1, *[1] * (x.dim() - 2))


# Windows ------------------------------------------------------------------------------------------


class Windows:
    """The numbers of an op with a sliding window on an input, and the rim under which its windows
    are those of PyTorch's floor without padding."""

    def __init__(self, op: Any, x: Shape):
        self.axes = axes = len(x) - 1
        self.kernel, self.stride, self.dilation = (
            per_axis(value, axes) for value in (op.kernel, op.stride, op.dilation)
        )
        self.ends = []
        self.counts = []
        for axis, n in enumerate(x.spatial):
            k, s, d = self.kernel[axis], self.stride[axis], self.dilation[axis]
            rule = "ceil" if op.round == "ceil" else "floor"
            low, count = slide(n, k, s, d, op.pad, axes, axis, rule)
            self.ends.append((low, (count - 1) * s + (k - 1) * d + 1 - n - low))
            self.counts.append(count)


def conv(op: Any, inputs: tuple[Shape, ...]) -> Any:
    (x,) = inputs
    w = Windows(op, x)
    if op.name == "dwconv":
        filters, groups = x.channels * op.multiplier, x.channels
    else:
        filters, groups = op.filters, op.groups
    if op.name == "conv" and op.connect is not None:
        return connected(op, x, w)
    inner = module("Conv", w.axes, x.channels, filters, w.kernel, w.stride, 0, w.dilation, groups, op.bias)
    return around(lambda m, v: m(padded(v, w.ends)), inner)


def connected(op: Any, x: Shape, w: Windows) -> Any:
    """A convolution whose missing kernels are zeros: the weight holds the others."""
    import torch

    rows = [[digit == "1" for digit in row] for row in op.connect.split()]
    table = torch.tensor(rows, device="cpu").T  # filters x maps

    def forward(m: Any, v: Any) -> Any:
        kernels = iter(m.weight)
        dense = torch.stack(
            [
                torch.stack([next(kernels) if yes else torch.zeros(w.kernel) for yes in row])
                for row in table.tolist()
            ]
        )
        bias = m.bias if op.bias else None
        v = padded(v, w.ends)
        return functional("conv", w.axes)(v, dense, bias, w.stride, 0, w.dilation)

    bias = {"bias": (op.filters,)} if op.bias else {}
    return composed(forward, weight=(int(table.sum()), *w.kernel), **bias)


def local(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    (x,) = inputs
    w = Windows(op, x)
    places, cells = "opq"[: w.axes], "xyz"[: w.axes]

    def forward(m: Any, v: Any) -> Any:
        v = padded(v, w.ends)
        for axis in range(w.axes):
            reach = (w.kernel[axis] - 1) * w.dilation[axis] + 1
            v = v.unfold(2 + axis, reach, w.stride[axis])[..., :: w.dilation[axis]]
        y = torch.einsum(f"bc{places}{cells},k{places}c{cells}->bk{places}", v, m.weight)
        return y + m.bias if op.bias else y

    bias = {"bias": (op.filters, *w.counts)} if op.bias else {}
    return composed(forward, weight=(op.filters, *w.counts, x.channels, *w.kernel), **bias)


def transposed(op: Any, inputs: tuple[Shape, ...]) -> Any:
    (x,) = inputs
    axes = len(x) - 1
    kernel, stride, dilation, extra = (
        per_axis(value, axes) for value in (op.kernel, op.stride, op.dilation, op.output_pad)
    )
    ends = []
    for axis, n in enumerate(x.spatial):
        k, s, d = kernel[axis], stride[axis], dilation[axis]
        reach = (k - 1) * d + 1
        if op.pad == "same":  # what is left of n*s positions
            low, _ = slide(n * s, k, s, d, "same", axes, axis, "floor")
            ends.append((-low, n * s + low - ((n - 1) * s + reach)))
        else:
            low, high = (reach // 2,) * 2 if op.pad == "half" else sides(op.pad, axes, axis)
            ends.append((-low, extra[axis] - high))
    inner = module(
        "ConvTranspose", axes, x.channels, op.filters, kernel, stride, 0, 0, op.groups, op.bias, dilation
    )
    return around(lambda m, v: padded(m(v), ends), inner)


def pool(kind: str) -> TorchCode:
    def torch_layer(op: Any, inputs: tuple[Shape, ...]) -> Any:
        w = Windows(op, inputs[0])
        kernel = w.kernel[0] if w.axes == 1 else w.kernel  # LPPool1d wants a number
        options = {"dilation": w.dilation} if kind == "MaxPool" else {}
        first = (op.p,) if kind == "LPPool" else ()
        inner = module(kind, w.axes, *first, kernel, w.stride, **options)
        rim = float("-inf") if kind == "MaxPool" else 0.0
        return around(lambda m, v: m(padded(v, w.ends, rim)), inner)

    return torch_layer


def subsample(op: Any, inputs: tuple[Shape, ...]) -> Any:
    (x,) = inputs
    w = Windows(op, x)
    cells = 1
    for k in w.kernel:
        cells *= k

    def forward(m: Any, v: Any) -> Any:
        mean = functional("avg_pool", w.axes)(padded(v, w.ends), w.kernel, w.stride)
        return mean * cells * spread(m.weight, v) + spread(m.bias, v)

    return composed(forward, weight=(x.channels,), bias=(x.channels,))


def global_pool(kind: str) -> TorchCode:
    def torch_layer(op: Any, inputs: tuple[Shape, ...]) -> Any:
        inner = module(f"Adaptive{kind}Pool", len(inputs[0]) - 1, 1)
        return around(lambda m, v: m(v).flatten(1), inner)

    return torch_layer


def adaptive(kind: str) -> TorchCode:
    def torch_layer(op: Any, inputs: tuple[Shape, ...]) -> Any:
        axes = len(inputs[0]) - 1
        return module(f"Adaptive{kind}Pool", axes, tuple(per_axis(op.size, axes)))

    return torch_layer


def regions(kind: str) -> TorchCode:
    """Proposals that are the whole map, one beside the other in front of the positions."""

    def torch_layer(op: Any, inputs: tuple[Shape, ...]) -> Any:
        import torch

        inner = adaptive(kind)(op, inputs)
        return around(lambda m, v: torch.stack([m(v)] * op.proposals, dim=2), inner)

    return torch_layer


# Vectors ------------------------------------------------------------------------------------------


def fc(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    inner = torch.nn.Linear(inputs[0].values, op.units, op.bias)
    return around(lambda m, v: m(v.flatten(1)), inner)


def linear(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    return last(torch.nn.Linear(inputs[0].channels, op.units, op.bias))


def rbf(op: Any, inputs: tuple[Shape, ...]) -> Any:
    return composed(
        lambda m, v: ((v.flatten(1)[:, None] - m.codes) ** 2).sum(-1),
        fixed={"codes": (op.units, inputs[0].values)},
    )


# Norms, biases, factors ---------------------------------------------------------------------------


def bn(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """PyTorch's where it has scale and shift or neither, and both are trained."""
    import torch

    (x,) = inputs
    if op.scale == op.shift and not op.frozen:
        found = module(
            "BatchNorm", max(1, len(x) - 1), x.channels, affine=op.scale, track_running_stats=op.running
        )
        if op.statistics == "batch":
            found.eval = lambda: found  # as while training, which changes what is kept and nothing else
        return found
    affine = {
        name: (x.channels,) for name in ("weight", "bias") if (op.scale if name == "weight" else op.shift)
    }
    fixed = {"running_mean": (x.channels,), "running_var": (x.channels,)} if op.running else {}
    batch_statistics = op.statistics == "batch" or not op.running
    return composed(
        lambda m, v: torch.nn.functional.batch_norm(
            v,
            getattr(m, "running_mean", None),
            getattr(m, "running_var", None),
            getattr(m, "weight", None),
            getattr(m, "bias", None),
            training=batch_statistics,
        ),
        fixed={**fixed, **(affine if op.frozen else {})},
        **({} if op.frozen else affine),
    )


def layernorm(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    (x,) = inputs
    if op.across == "all":
        return without(op, torch.nn.LayerNorm((x.channels, *x.spatial)))
    return last(without(op, torch.nn.LayerNorm(x.channels)))


def rmsnorm(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    return last(torch.nn.RMSNorm(inputs[0].channels, elementwise_affine=op.scale))


def groupnorm(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    return without(op, torch.nn.GroupNorm(op.groups, inputs[0].channels))


def instancenorm(op: Any, inputs: tuple[Shape, ...]) -> Any:
    axes, channels = len(inputs[0]) - 1, inputs[0].channels
    return without(op, module("InstanceNorm", axes, channels, affine=True, track_running_stats=op.running))


def without(op: Any, norm: Any) -> Any:
    """A norm with the scale or the shift taken out that the op has not: its function takes either."""
    for name, present in (("weight", op.scale), ("bias", op.shift)):
        if not (op.affine and present):
            norm.register_parameter(name, None)
    return norm


def lrn(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    alpha, beta, k = float(op.alpha), float(op.beta), float(op.k)
    if op.across == "channels":
        inner = torch.nn.LocalResponseNorm(op.size, alpha, beta, k)
        # Which wants a position at least.
        return around(lambda m, v: m(v[..., None])[..., 0] if v.dim() == 2 else m(v), inner)
    axes = len(inputs[0]) - 1
    before = (op.size - 1) // 2
    ends = [(before, op.size - 1 - before)] * axes

    def forward(m: Any, v: Any) -> Any:
        near = functional("avg_pool", axes)(padded(v * v, ends), op.size, 1)
        return v / (k + alpha * near) ** beta

    return composed(forward)


def lcn(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    (x,) = inputs
    axes = len(x) - 1
    before = (op.size - 1) // 2
    ends = [(before, op.size - 1 - before)] * axes

    def mean(v: Any) -> Any:
        weights = torch.ones(1, x.channels, *[op.size] * axes)
        return functional("conv", axes)(padded(v, ends), weights) / weights.numel()

    def forward(m: Any, v: Any) -> Any:
        v = v - mean(v)
        return v / mean(v * v).sqrt().clamp(min=1.0)

    return composed(forward)


def shapes_per(x: Shape) -> dict[str, tuple[int, ...]]:
    """Of a value per channel, per position, per value, and of a single one."""
    return {"channel": (x.channels,), "position": x.spatial, "all": (x.channels, *x.spatial), "single": (1,)}


def bias(op: Any, inputs: tuple[Shape, ...]) -> Any:
    (x,) = inputs
    shapes = shapes_per(x)
    return composed(
        lambda m, v: v + (spread(m.bias, v) if op.per == "channel" else m.bias), bias=shapes[op.per]
    )


def scale(op: Any, inputs: tuple[Shape, ...]) -> Any:
    sizes = shapes_per(inputs[0])[op.per]

    def each(values: Any, v: Any) -> Any:
        return spread(values, v) if op.per == "channel" else values

    def forward(m: Any, v: Any) -> Any:
        v = v * each(m.weight, v)
        return v + each(m.bias, v) if op.shift else v

    return composed(forward, weight=sizes, **({"bias": sizes} if op.shift else {}))


def times(op: Any, inputs: tuple[Shape, ...]) -> Any:
    return composed(lambda m, v: v * float(op.factor))


# Activations --------------------------------------------------------------------------------------


def prelu(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    return torch.nn.PReLU(1 if op.shared else inputs[0].channels)


def maxout(op: Any, inputs: tuple[Shape, ...]) -> Any:
    return composed(lambda m, v: v.unflatten(1, (-1, op.pieces)).amax(2))


# Merges -------------------------------------------------------------------------------------------


def laid_side_by_side(values: tuple[Any, ...]) -> list[Any]:
    """Tensors with as many axes as the longest, the missing ones behind the channels."""
    axes = max(v.dim() for v in values)
    return [v[(slice(None), slice(None), *[None] * (axes - v.dim()))] for v in values]


def joined(join: Callable[[Any, Any], Any]) -> TorchCode:
    """A vector is spread over the positions of the others, and so is an axis of one position."""

    def forward(m: Any, *values: Any) -> Any:
        result = None
        for v in laid_side_by_side(values):
            result = v if result is None else join(result, v)
        return result

    return lambda op, inputs: composed(forward)


def mapped(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """Each function of PyTorch by its name, a number as a tensor."""
    import torch

    names = {"max": "maximum", "min": "minimum", "mod": "remainder", "floor_div": "floor_divide"}
    names |= {name: f"logical_{name}" for name in ("and", "or", "xor", "not")}
    turned = {"rsub": "sub", "rdiv": "div", "rpow": "pow"}

    def forward(m: Any, *xs: Any) -> Any:
        values = laid_side_by_side(xs)
        name = str(op.function)
        values += [torch.tensor(float(number)) for number in (op.a, op.b) if number is not None]
        if name in turned:
            return getattr(torch, turned[name])(values[1], values[0])
        if name == "neg":
            return 0 - values[0]
        if name == "where":
            values[0] = values[0] != 0
        return getattr(torch, names.get(name, name))(*values)

    return composed(forward)


def channels_first(axis: int, count: int) -> int:
    """The dimension that PyTorch has for an axis of ``count``."""
    return [*range(2, count + 1), 1][axis]


def concat(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    dim = channels_first(op.axis, len(inputs[0]))
    return composed(lambda m, *values: torch.cat(values, dim=dim))


def stack(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    # Channels last: there PyTorch and the spec count the axes alike, but for the batch.
    axis = op.axis + (op.axis >= 0)
    return composed(lambda m, *values: torch.stack([v.movedim(1, -1) for v in values], axis).movedim(-1, 1))


def strided(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """Option A of residual networks, as implementations have it: `x[:, :, ::2, ::2]` and a rim of
    channels."""
    (x,) = inputs
    axes = len(x) - 1
    steps = [slice(None, None, s) for s in per_axis(op.stride, axes)]
    ends = [(0, op.channels - x.channels), *[(0, 0)] * axes]
    return composed(lambda m, v: padded(v[(slice(None), slice(None), *steps)], ends))


# Rearrangements -----------------------------------------------------------------------------------


def upsample(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    axes = len(inputs[0]) - 1
    factors = tuple(map(float, per_axis(op.factor, axes)))
    return torch.nn.Upsample(scale_factor=factors, **interpolation(op, axes))


def interpolation(op: Any, axes: int) -> dict[str, Any]:
    """The options of an upsampling. There is no bicubic one along other than two axes: a linear one
    has the same shape."""
    if "nearest" in str(op.mode):
        return {"mode": "nearest" if op.mode == "nearest" else "nearest-exact"}
    named = {1: "linear", 2: "bilinear", 3: "trilinear"}[axes]
    mode = "bicubic" if op.mode == "bicubic" and axes == 2 else named
    return {"mode": mode, "align_corners": bool(op.align_corners)}


def resize(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    axes = len(inputs[0]) - 1
    if op.by is not None:
        return torch.nn.Upsample(scale_factor=float(op.by), **interpolation(op, axes))
    return torch.nn.Upsample(size=tuple(per_axis(op.size, axes)), **interpolation(op, axes))


def pixel_unshuffle(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    (x,) = inputs
    axes, r = len(x) - 1, op.factor
    if axes == 2:
        return torch.nn.PixelUnshuffle(r)

    def forward(m: Any, v: Any) -> Any:
        # A strided convolution whose weights are 0 and 1 takes each position of a block.
        weight = torch.eye(r**axes).reshape(-1, 1, *[r] * axes)
        weight = weight.repeat(v.shape[1], *[1] * (axes + 1))
        convolve = getattr(torch.nn.functional, f"conv{axes}d")
        return convolve(v, weight.to(v), stride=r, groups=v.shape[1])

    return composed(forward)


def pixel_shuffle(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    (x,) = inputs
    axes, r = len(x) - 1, op.factor
    if axes == 2:
        return torch.nn.PixelShuffle(r)

    def forward(m: Any, v: Any) -> Any:
        v = v.unflatten(1, (-1, *[r] * axes))
        order = [place for axis in range(axes) for place in (2 + axes + axis, 2 + axis)]
        v = v.permute(0, 1, *order)
        return v.reshape(*v.shape[:2], *[n * r for n in x.spatial])

    return composed(forward)


def channel_shuffle(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """PyTorch's, which the meta device does not have."""
    return composed(lambda m, v: v.unflatten(1, (op.groups, -1)).transpose(1, 2).flatten(1, 2))


def take(op: Any, inputs: tuple[Shape, ...]) -> Any:
    return composed(lambda m, v: v.narrow(1, op.offset, op.channels))


def sliced(op: Any, inputs: tuple[Shape, ...]) -> Any:
    places = [slice(None)] * (len(inputs[0]) + 1)
    places[channels_first(op.axis, len(inputs[0]))] = slice(op.start, op.stop, op.step)
    return composed(lambda m, v: v[tuple(places)])


def select(op: Any, inputs: tuple[Shape, ...]) -> Any:
    axis = op.axis + (op.axis >= 0)
    return composed(lambda m, v: v.movedim(1, -1).select(axis, op.index).movedim(-1, 1))


def roll(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    axes = len(inputs[0]) - 1
    shifts = tuple(per_axis(op.shift, axes))
    return composed(lambda m, v: torch.roll(v, shifts, tuple(range(2, axes + 2))))


def rearrange(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """By an einsum with a letter for every part, which only moves them."""
    import torch

    left, right = (re.findall(r"\([^)]*\)|\S+", side) for side in op.pattern.split("->"))
    sizes: dict[str, int] = {}
    for n, axis in zip(inputs[0], left, strict=True):
        known = {name: int(size or 0) for name, size in re.findall(r"([a-z]\w*)(?:=(\d+))?", axis)}
        rest = n // math.prod(size or 1 for size in known.values())
        sizes.update({name: size or rest for name, size in known.items()})
    axes = [re.findall(r"[a-z]\w*", axis) for axis in right]
    letters = {name: chr(ord("a") + number) for number, name in enumerate(sizes)}
    behind = "".join(letters[name] for axis in axes for name in axis)
    formula = f"Z{''.join(letters.values())}->Z{behind}"
    made = [math.prod(sizes[name] for name in axis) for axis in axes]

    def forward(m: Any, v: Any) -> Any:
        parts = v.movedim(1, -1).reshape(-1, *sizes.values())
        return torch.einsum(formula, parts).reshape(-1, *made).movedim(-1, 1)

    return composed(forward)


def flip(op: Any, inputs: tuple[Shape, ...]) -> Any:
    dim = channels_first(op.axis, len(inputs[0]))
    return composed(lambda m, v: v.flip(dim))


def repeat(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    dim = channels_first(op.axis, len(inputs[0]))
    if op.mode == "each":
        return composed(lambda m, v: torch.stack([v] * op.times, dim + 1).flatten(dim, dim + 1))
    return composed(lambda m, v: torch.cat([v] * op.times, dim))


def gather(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    dim = channels_first(op.axis, len(inputs[0]))
    return composed(lambda m, v, *index: v.index_select(dim, torch.zeros(op.count, dtype=torch.long)))


def rim(mode: str) -> TorchCode:
    def torch_layer(op: Any, inputs: tuple[Shape, ...]) -> Any:
        import torch

        axes = len(inputs[0]) - 1
        flat = [n for axis in reversed(range(axes)) for n in sides(op.pad, axes, axis)]
        return composed(lambda m, v: torch.nn.functional.pad(v, flat, mode=mode))

    return torch_layer


def im2col(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """By a convolution whose weights are 0 and 1: one filter for each value of a window."""
    import torch

    (x,) = inputs
    w = Windows(op, x)
    cells = math.prod(w.kernel)

    def forward(m: Any, v: Any) -> Any:
        weight = torch.eye(cells).reshape(cells, 1, *w.kernel).repeat(x.channels, *[1] * (w.axes + 1))
        convolve = functional("conv", w.axes)
        return convolve(padded(v, w.ends), weight, None, w.stride, 0, w.dilation, x.channels)

    return composed(forward)


def col2im(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """By the transposed convolution with the same weights."""
    import torch

    (x,) = inputs
    axes = len(x) - 1
    kernel, stride, dilation, size = (
        per_axis(value, axes) for value in (op.kernel, op.stride, op.dilation, op.size)
    )
    cells = math.prod(kernel)
    channels = x.channels // cells

    def forward(m: Any, v: Any) -> Any:
        weight = torch.eye(cells).reshape(cells, 1, *kernel).repeat(channels, *[1] * (axes + 1))
        convolve = functional("conv_transpose", axes)
        made = convolve(v, weight, None, stride, 0, 0, channels, dilation)
        before = [sides(op.pad, axes, axis)[0] for axis in range(axes)]
        ends = [(-low, n - (had - low)) for low, n, had in zip(before, size, made.shape[2:], strict=True)]
        return padded(made, ends)

    return composed(forward)


def zeropad(op: Any, inputs: tuple[Shape, ...]) -> Any:
    axes = len(inputs[0]) - 1
    ends = [sides(op.pad, axes, axis) for axis in range(axes)]
    return composed(lambda m, v: padded(v, ends, float(op.value)))


def crop(op: Any, inputs: tuple[Shape, ...]) -> Any:
    axes = len(inputs[0]) - 1
    both = zip(per_axis(op.offset, axes), per_axis(op.size, axes), strict=True)
    kept = [slice(offset, offset + size) for offset, size in both]
    return composed(lambda m, v: v[(slice(None), slice(None), *kept)])


def reshape(op: Any, inputs: tuple[Shape, ...]) -> Any:
    sizes = op.shape if isinstance(op.shape, tuple) else (op.shape,)
    return composed(lambda m, v: v.movedim(1, -1).reshape(1, *sizes).movedim(-1, 1))


# Sequences ----------------------------------------------------------------------------------------


def attention(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    read = inputs[-1].channels
    if op.kv or op.key or op.value:
        return grouped(op, inputs[0].channels, read)
    inner = torch.nn.MultiheadAttention(
        inputs[0].channels, op.heads, bias=op.bias, batch_first=True, kdim=read, vdim=read
    )

    def forward(m: Any, v: Any, *memory: Any) -> Any:
        tokens = v.flatten(2).movedim(1, -1)
        other = memory[0].flatten(2).movedim(1, -1) if memory else tokens
        count = tokens.shape[1]
        hidden = torch.ones(count, count, dtype=torch.bool).triu(1).to(v.device)
        y, _ = m(tokens, other, other, attn_mask=hidden if op.causal else None)
        return y.movedim(-1, 1).reshape(v.shape)

    return around(forward, inner)


def sdpa(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """PyTorch's function, block by block: which tokens stand in a block is said by a grid of indices."""
    import torch

    kv = op.kv or op.heads

    def forward(m: Any, *xs: Any) -> Any:
        if len(xs) == 1:
            length = xs[0].shape[1] // (op.heads + 2 * kv)
            xs = torch.split(xs[0], [op.heads * length, kv * length, kv * length], 1)
        elif len(xs) == 2:
            keys = xs[0].shape[1] // op.heads * kv
            xs = (xs[0], *torch.split(xs[1], [keys, xs[1].shape[1] - keys], 1))
        sizes = xs[0].shape[2:]
        groups = [torch.zeros(1, dtype=torch.long, device="cpu")]
        for axis, n in enumerate(sizes):  # to which block a token belongs, along each axis
            at = torch.arange(n, device="cpu")
            block, grid = op.argument("window"), op.grid
            if block is not None:
                at = at // per_axis(block, len(sizes))[axis]
            elif grid is not None:
                at = at % (n // per_axis(grid, len(sizes))[axis])
            else:
                at = at * 0
            groups.append((groups.pop()[:, None] * n + at).flatten())
        heads = []
        for x, count in zip(xs, (op.heads, kv, kv), strict=True):
            heads.append(x.flatten(2).movedim(1, -1).unflatten(-1, (count, -1)).transpose(1, 2))
        mask = None
        if op.argument("window") is not None or op.grid is not None:
            mask = groups[0][:, None] == groups[0]
        if op.causal:
            below = torch.ones(heads[0].shape[2], heads[1].shape[2], dtype=torch.bool, device="cpu").tril()
            mask = below if mask is None else mask & below
        y = torch.nn.functional.scaled_dot_product_attention(
            *heads,
            mask if mask is None else mask.to(xs[0].device),
            scale=1.0 if not op.scale else None if op.factor is None else float(op.factor),
            enable_gqa=True,
        )
        return y.transpose(1, 2).flatten(2).movedim(-1, 1).unflatten(2, sizes)

    return composed(forward)


def matmul(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """Each row times each column, value by value."""
    axes = max(map(len, inputs)) - 2

    def forward(m: Any, *xs: Any) -> Any:
        a, b = (x.movedim(1, -1) for x in xs)
        a, b = (x[(slice(None), *[None] * (axes + 3 - x.dim()))] for x in (a, b))
        b = b if op.transpose else b.transpose(-1, -2)
        return (a.unsqueeze(-2) * b.unsqueeze(-3)).sum(-1).movedim(-1, 1)

    return composed(forward)


def einsum(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """All axes of all tensors side by side, multiplied value by value, and summed at the end."""
    left, right = op.equation.split("->")
    letters = sorted({*left} - {","})

    def forward(m: Any, *xs: Any) -> Any:
        product = 1
        for x, axes in zip(xs, left.split(","), strict=True):
            x = x.movedim(1, -1)
            x = x.permute(0, *[1 + axes.index(letter) for letter in letters if letter in axes])
            product = product * x[(slice(None), *[slice(None) if at in axes else None for at in letters])]
        gone = [1 + place for place, letter in enumerate(letters) if letter not in right]
        product = product.sum(gone, keepdim=True) if gone else product
        order = [1 + letters.index(letter) for letter in right]
        product = (
            product.permute(0, *order, *gone).flatten(len(order)) if gone else product.permute(0, *order)
        )
        return product.movedim(-1, 1)

    return composed(forward)


def axiswise(name: str, part: int | None = None) -> TorchCode:
    """A function along one axis of a tensor with the channels last; a ``part`` of what it puts out."""

    def torch_layer(op: Any, inputs: tuple[Shape, ...]) -> Any:
        import torch

        of = getattr(torch, name, None) or getattr(torch.nn.functional, name)

        def forward(m: Any, x: Any) -> Any:
            axis = 1 + op.axis % (x.dim() - 1)
            count = (op.count,) if name == "topk" else ()
            y = of(x.movedim(1, -1), *count, axis)
            return (y if part is None else y[part]).movedim(-1, 1)

        return composed(forward)

    return torch_layer


def reduced(op: Any, inputs: tuple[Shape, ...]) -> Any:
    """With the channels last, axis by axis from the last one."""
    import torch

    def forward(m: Any, x: Any) -> Any:
        axes = sorted(at % (x.dim() - 1) + 1 for at in per_axis(op.axis, 1))
        x = x.movedim(1, -1)
        name = str(op.function)
        if name in ("any", "all"):
            x = x != 0
        if name == "norm":
            x = torch.linalg.vector_norm(x, float(op.p), axes, keepdim=op.keep)
        elif name in ("max", "min"):
            x = getattr(x, f"a{name}")(axes, keepdim=op.keep)
        elif name in ("var", "std"):
            x = getattr(x, name)(axes, correction=op.correction, keepdim=op.keep)
        else:
            x = getattr(x, name)(axes if len(axes) > 1 else axes[0], keepdim=op.keep)
        return (x if x.dim() > 1 else x[:, None]).movedim(-1, 1)

    return composed(forward)


def grouped(op: Any, channels: int, read: int) -> Any:
    """PyTorch has no module of it, but its function takes fewer heads of keys and values."""
    import torch
    from torch import nn

    key = op.key or channels // op.heads
    value, kv = op.value or key, op.kv or op.heads
    inner = nn.Module()
    shapes = {"q": (op.heads * key, channels), "k": (kv * key, read), "v": (kv * value, read)}
    for name, shape in shapes.items():
        inner.register_parameter(f"{name}_proj_weight", nn.Parameter(torch.rand(shape)))
    if op.bias:
        inner.in_proj_bias = nn.Parameter(torch.rand(sum(rows for rows, _ in shapes.values())))
    inner.out_proj = nn.Linear(op.heads * value, channels, bias=op.bias)

    def forward(m: Any, v: Any, *memory: Any) -> Any:
        tokens = v.flatten(2).movedim(1, -1)
        other = memory[0].flatten(2).movedim(1, -1) if memory else tokens
        parts = []
        for of, name, heads in ((tokens, "q", op.heads), (other, "k", kv), (other, "v", kv)):
            mapped = of @ getattr(m, f"{name}_proj_weight").T
            parts.append(mapped.unflatten(-1, (heads, -1)).transpose(1, 2))
        heads = torch.nn.functional.scaled_dot_product_attention(
            *parts, is_causal=bool(op.causal), enable_gqa=True
        )
        y = m.out_proj(heads.transpose(1, 2).flatten(2))
        return y.movedim(-1, 1).reshape(v.shape)

    return around(forward, inner)


def parameter(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    sizes = tuple(op.shape) if isinstance(op.shape, tuple) else (op.shape,)

    def forward(m: Any, v: Any) -> Any:
        return torch.stack([m.values.movedim(-1, 0)] * len(v))

    return composed(forward, fixed={"values": sizes}) if op.buffer else composed(forward, values=sizes)


def class_token(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    def forward(m: Any, v: Any) -> Any:
        return torch.cat([m.class_token.T[None], v], dim=2)

    return composed(forward, class_token=(1, inputs[0].channels))


def positions(op: Any, inputs: tuple[Shape, ...]) -> Any:
    tensors = {"pos_embedding": tuple(inputs[0])}

    def forward(m: Any, v: Any) -> Any:
        return (v.movedim(1, -1) + m.pos_embedding).movedim(-1, 1)

    return composed(forward, fixed=tensors) if op.buffer else composed(forward, **tensors)


def embedding(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    inner = torch.nn.Embedding(op.vocabulary, op.size)
    return around(lambda m, v: m(v.long()).movedim(-1, 1), inner)


def embedding_bag(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    inner = torch.nn.EmbeddingBag(op.vocabulary, op.size, mode=str(op.mode))
    return around(lambda m, v: m(v.long()), inner)


def grid_sample(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    mode, outside = str(op.mode), str(op.outside)
    axes = len(inputs[0]) - 1
    if axes == 1:  # PyTorch's takes two axes: a row whose place across is 0
        return composed(
            lambda m, v, g: torch.nn.functional.grid_sample(
                v[:, :, None],
                torch.stack([g[:, 0], torch.zeros_like(g[:, 0])], -1)[:, None],
                mode=mode,
                padding_mode=outside,
                align_corners=bool(op.align_corners),
            )[:, :, 0]
        )
    if axes == 3 and mode == "bicubic":
        mode = "bilinear"  # of the same shape
    return composed(
        lambda m, v, g: torch.nn.functional.grid_sample(
            v, g.movedim(1, -1), mode=mode, padding_mode=outside, align_corners=bool(op.align_corners)
        )
    )


def affine_grid(op: Any, inputs: tuple[Shape, ...]) -> Any:
    import torch

    axes = 2 if inputs[0].values == 6 else 3
    sizes = per_axis(op.size, axes)

    def forward(m: Any, v: Any) -> Any:
        numbers = v if v.dim() == 2 else v.movedim(1, -1)
        made = torch.nn.functional.affine_grid(
            numbers.reshape(-1, axes, axes + 1), [len(v), 5, *sizes], align_corners=bool(op.align_corners)
        )
        return made.movedim(-1, 1)

    return composed(forward)


def recurrent(kind: str) -> TorchCode:
    """With one bias, PyTorch's second is not there."""

    def torch_layer(op: Any, inputs: tuple[Shape, ...]) -> Any:
        import torch

        x, *given = inputs
        more: dict[str, Any] = {"proj_size": op.proj} if op.proj is not None else {}
        if kind == "RNN":
            more["nonlinearity"] = str(op.nonlinearity)
        inner = getattr(torch.nn, kind)(
            x.channels,
            op.units,
            batch_first=True,
            bias=op.biases != "none",
            bidirectional=op.bidirectional,
            num_layers=op.layers,
            **more,
        )
        ends = ("", "_reverse") if op.bidirectional else ("",)
        seconds = [name for name, _ in inner.named_parameters() if name.startswith("bias_hh")]
        for name in seconds if op.biases == "one" else ():
            second = getattr(inner, name)
            delattr(inner, name)
            setattr(inner, name, torch.zeros_like(second))

        def before(states: Any) -> Any:
            """PyTorch's rows are the layers' directions; ours the layers, their directions side by side."""
            lengths = [op.proj or op.units, op.units]
            found = []
            for number, state in enumerate(states):
                rows = state[:, None] if state.dim() == 2 else state.movedim(1, -1)
                length = lengths[number]
                for row in rows.unbind(1):
                    found += [row[:, n * length : (n + 1) * length] for n in range(len(ends))]
            half = len(found) // 2
            if kind == "LSTM":
                return torch.stack(found[:half]), torch.stack(found[half:])
            return torch.stack(found)

        def behind(kept: Any) -> Any:
            rows = []
            for each in kept if kind == "LSTM" else [kept]:
                both = list(each)
                rows += [torch.cat(both[n : n + len(ends)], 1) for n in range(0, len(both), len(ends))]
            return torch.stack(rows, 1)

        def forward(m: Any, v: Any, *states: Any) -> Any:
            if v.dim() > 3:
                # Each line along the axis by itself.
                at = op.axis % len(x)
                lines = v.movedim(2 + at, 1).flatten(3).movedim(2, -1)
                y = torch.stack([m(lines[:, :, n])[0] for n in range(lines.shape[2])], 2)
                rest = [n for place, n in enumerate(v.shape[2:]) if place != at]
                return y.movedim(-1, 1).unflatten(3, rest).movedim(2, 2 + at)
            steps = v[:, None] if v.dim() == 2 else v.movedim(1, -1)
            y, kept = m(steps, before(states)) if given else m(steps)
            if op.returns in ("states", "all"):
                rows = [y] * (op.returns == "all") + [behind(kept)]
                return torch.cat(rows, 1).movedim(-1, 1)
            if v.dim() == 2 or op.returns == "last":
                half = y.shape[-1] // len(ends)
                # The second direction has read everything at the first step.
                return torch.cat([y[:, -1, :half], y[:, 0, half:]], 1)
            return y.movedim(-1, 1)

        return around(forward, inner)

    return torch_layer


def cell(kind: str) -> TorchCode:
    """With one bias, PyTorch's second is not there."""

    def torch_layer(op: Any, inputs: tuple[Shape, ...]) -> Any:
        import torch

        more = {"nonlinearity": str(op.nonlinearity)} if kind == "RNN" else {}
        inner = getattr(torch.nn, f"{kind}Cell")(
            inputs[0].channels, op.units, bias=op.biases != "none", **more
        )
        if op.biases == "one":
            second = torch.zeros_like(inner.bias_hh)
            del inner.bias_hh
            inner.bias_hh = second

        def forward(m: Any, v: Any, *states: Any) -> Any:
            if kind != "LSTM":
                return m(v, *states)
            state, kept = m(v, states or None)
            return torch.cat([state, kept], 1) if op.returns == "both" else state

        return around(forward, inner)

    return torch_layer


TORCH: dict[str, TorchCode] = {
    "conv": conv,
    "dwconv": conv,
    "local": local,
    "tconv": transposed,
    "maxpool": pool("MaxPool"),
    "avgpool": pool("AvgPool"),
    "lppool": pool("LPPool"),
    "subsample": subsample,
    "gap": global_pool("Avg"),
    "gmp": global_pool("Max"),
    "adaptive_avgpool": adaptive("Avg"),
    "adaptive_maxpool": adaptive("Max"),
    "roi_pool": regions("Max"),
    "roi_align": regions("Avg"),
    "upsample": upsample,
    "pixel_shuffle": pixel_shuffle,
    "pixel_unshuffle": pixel_unshuffle,
    "resize": resize,
    "fc": fc,
    "linear": linear,
    "rbf": rbf,
    "bn": bn,
    "layernorm": layernorm,
    "rmsnorm": rmsnorm,
    "groupnorm": groupnorm,
    "instancenorm": instancenorm,
    "lrn": lrn,
    "lcn": lcn,
    "bias": bias,
    "scale": scale,
    "times": times,
    "relu": plain("ReLU"),
    "relu6": plain("ReLU6"),
    "leaky_relu": plain("LeakyReLU", "slope"),
    "prelu": prelu,
    "elu": plain("ELU", "alpha"),
    "selu": plain("SELU"),
    "gelu": lambda op, inputs: plain("GELU", approximate=str(op.approximate))(op, inputs),
    "silu": plain("SiLU"),
    "sigmoid": plain("Sigmoid"),
    "tanh": plain("Tanh"),
    "softplus": plain("Softplus"),
    "hardswish": plain("Hardswish"),
    "hardsigmoid": plain("Hardsigmoid"),
    "softmax": axiswise("softmax"),
    "log_softmax": axiswise("log_softmax"),
    "cumsum": axiswise("cumsum"),
    "sort": axiswise("sort", 0),
    "argsort": axiswise("argsort"),
    "topk": axiswise("topk", 0),
    "glu": axiswise("glu"),
    "mish": plain("Mish"),
    "logsigmoid": plain("LogSigmoid"),
    "softsign": plain("Softsign"),
    "tanhshrink": plain("Tanhshrink"),
    "softshrink": plain("Softshrink", "around"),
    "hardshrink": plain("Hardshrink", "around"),
    "threshold": plain("Threshold", "above", "otherwise"),
    "celu": plain("CELU", "alpha"),
    "rrelu": plain("RReLU", "lower", "upper"),
    "maxout": maxout,
    "map": mapped,
    "add": joined(lambda a, b: a + b),
    "mul": joined(lambda a, b: a * b),
    "concat": concat,
    "stack": stack,
    "shortcut": strided,
    "identity": plain("Identity"),
    "dropout": plain("Dropout", "p"),
    "flatten": plain("Flatten"),
    "reshape": reshape,
    "channel_shuffle": channel_shuffle,
    "take": take,
    "slice": sliced,
    "select": select,
    "roll": roll,
    "flip": flip,
    "repeat": repeat,
    "gather": gather,
    "reflectpad": rim("reflect"),
    "replicatepad": rim("replicate"),
    "circularpad": rim("circular"),
    "im2col": im2col,
    "col2im": col2im,
    "rearrange": rearrange,
    "zeropad": zeropad,
    "crop": crop,
    "attention": attention,
    "sdpa": sdpa,
    "matmul": matmul,
    "reduce": reduced,
    "einsum": einsum,
    "parameter": parameter,
    "class_token": class_token,
    "positions": positions,
    "embedding": embedding,
    "embedding_bag": embedding_bag,
    "grid_sample": grid_sample,
    "affine_grid": affine_grid,
    "rnn": recurrent("RNN"),
    "lstm": recurrent("LSTM"),
    "gru": recurrent("GRU"),
    "rnn_cell": cell("RNN"),
    "lstm_cell": cell("LSTM"),
    "gru_cell": cell("GRU"),
}
# Ops that cannot be put beside PyTorch, and why.
WITHOUT = {
    "nms": "which boxes are kept is data, and so is their number in PyTorch",
    "max_unpool": "PyTorch's takes the places of the maxima, a second output of the pool",
    "opaque": "what it computes is unknown, and all that is said of it is stated",
}
