"""What each op says that backward keeps, against what PyTorch keeps.

Each op has its layer of PyTorch here, or what it is written with there. The layer stands
between two tensors that are no leaves, in training mode on the CPU, and what it packs for the
backward pass is told apart by its storage: that of an input, of the output, of a parameter or
buffer, or one of its own, an extra.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from calling import call
from oracle import per_axis

import archcalc
from archcalc.ops import registry
from archcalc.ops.attributes import OpError, Size, Word
from archcalc.ops.base import Op
from archcalc.ops.facts import Saved
from archcalc.ops.merging import StridedIdentity
from archcalc.ops.traits import INPLACE, NEW, VIEW
from archcalc.shape import Shape

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn, functional = torch.nn, torch.nn.functional

from archcalc.witness.compare import Verification  # noqa: E402

CONFIGURATIONS = 12  # of each op and batch

OPS = {name: op for name, op in registry().items() if not op.expanded}
OPS["shortcut"] = StridedIdentity


class Measured:
    """What a forward pass packed: which inputs, whether the output, bytes of all else."""

    def __init__(self, inputs: list[bool], output: bool, extras: int, inplace: bool):
        self.inputs = inputs
        self.output = output
        self.extras = extras
        self.inplace = inplace  # the output is in the storage of an input


def owned(layer: Any) -> list[Any]:
    """Parameters and buffers."""
    if isinstance(layer, nn.Module):
        return [*layer.parameters(), *layer.buffers()]
    return []


def address(tensor: Any) -> int:
    return int(tensor.untyped_storage().data_ptr())


def measure(torch_layer: Callable[..., Any], inputs: list[Any], parameters: list[Any]) -> Measured:
    """Run a layer on tensors that are no leaves; it must be possible to go back through it."""
    packed: list[Any] = []  # keeps them alive, so that no storage is used twice
    with torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: packed.append(tensor) or tensor, lambda tensor: tensor
    ):
        output = torch_layer(*inputs)
    places = [address(x) for x in inputs]
    saved = {address(tensor): tensor.untyped_storage().nbytes() for tensor in packed}
    for tensor in parameters:
        saved.pop(address(tensor), None)
    measured = Measured(
        [place in saved for place in places],
        address(output) in saved,
        sum(n for place, n in saved.items() if place not in (*places, address(output))),
        address(output) in places,
    )
    if output.requires_grad:
        output.sum().backward()
    return measured


class Case:
    """An op on shapes, and its layer in PyTorch.

    ``torch_layer`` takes the inputs with the channels second, or last where ``channels_last``.
    """

    def __init__(
        self,
        op: Op,
        shapes: list[tuple[int, ...]],
        torch_layer: Callable[..., Any],
        parameters: list[Any] | None = None,
        channels_last: bool = False,
        written_over: Callable[..., Any] | None = None,
        indices: int | None = None,
    ):
        self.op = op
        self.shapes = [Shape(shape) for shape in shapes]
        self.torch_layer = torch_layer
        self.parameters = owned(torch_layer) if parameters is None else parameters
        self.channels_last = channels_last
        self.written_over = written_over
        self.indices = indices  # the input is whole numbers below this one

    def inputs(self, batch: int, dtype: Any) -> list[Any]:
        result = []
        for shape in self.shapes:
            *spatial, channels = shape
            sizes = (*spatial, channels) if self.channels_last else (channels, *spatial)
            if self.indices is not None:
                wide = torch.int32 if dtype.itemsize == 4 else torch.int64
                result.append(torch.randint(self.indices, (batch, *sizes), dtype=wide))
                continue
            leaf = torch.rand((batch, *sizes), dtype=dtype, requires_grad=True)
            result.append(leaf.clone())
        return result

    @property
    def saved(self) -> Saved:
        """What the op says."""
        saved = self.op.facts(tuple(self.shapes)).saved
        assert saved is not None
        return saved

    def extras(self, batch: int, width: int) -> int:
        """Bytes of the extras that the op says."""
        return sum(extra.bytes(batch, width) for extra in self.saved.extras)


class Draw(random.Random):
    """Random shapes and numbers."""

    axes = 2

    def number(self, low: int, high: int) -> int:
        return self.randint(low, high)

    def flag(self) -> bool:
        return self.random() < 0.5

    def rounding(self) -> Word:
        return Word(self.choice(["floor", "ceil"]))

    def map(self, channels: int, least: int = 2, most: int = 7) -> tuple[int, ...]:
        """A map of one, two or three axes."""
        self.axes = self.randint(1, 3)
        return (*(self.randint(least, most) for _ in range(self.axes)), channels)

    def any(self, channels: int) -> tuple[int, ...]:
        """A map, or a vector."""
        return self.map(channels) if self.random() < 0.8 else (channels,)

    def size(self, low: int, high: int) -> Any:
        """One number, or one per axis."""
        if self.flag():
            return self.randint(low, high)
        return Size(self.randint(low, high) for _ in range(self.axes))

    def module(self, kind: str, *arguments: Any, **options: Any) -> Any:
        """`Conv` is Conv1d, Conv2d or Conv3d."""
        return getattr(nn, f"{kind}{self.axes}d")(*arguments, **options)

    def per_channel(self, channels: int, spatial: int) -> Any:
        """A parameter with a value a channel, shaped to fit a map."""
        return nn.Parameter(torch.rand(channels, *[1] * spatial))


def op(name: str, **values: Any) -> Op:
    return OPS[name](**values)


def plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, tuple) else value


DRAWN: dict[str, Callable[[Draw], Case]] = {}


def torch_layer(*names: str) -> Callable[..., Any]:
    """The layer of the ops of these names."""

    def put(make: Callable[..., Case]) -> Callable[..., Case]:
        for name in names:
            DRAWN[name] = make if len(names) == 1 else (lambda draw, name=name: make(draw, name))
        return make

    return put


# Convolutions and dense layers ------------------------------------------------------------------


def padding(draw: Draw, shape: tuple[int, ...], kernel: Any, stride: Any, most: int) -> Any:
    """A padding of the language, and its two ends along each axis in numbers."""
    kind = draw.choice(["one", "axis", "ends", "same", "valid"])
    if kind == "same":
        ends = []
        for n, k, s in zip(shape, per_axis(kernel, draw.axes), per_axis(stride, draw.axes), strict=False):
            both = max((-(-n // s) - 1) * s + k - n, 0)
            ends.append((both // 2, both - both // 2))
        return Word("same"), ends
    if kind == "valid":
        return Word("valid"), [(0, 0)] * draw.axes
    if kind == "ends":
        numbers = [draw.randint(0, most) for _ in range(2 * draw.axes)]
        return Size(numbers), list(zip(numbers[::2], numbers[1::2], strict=True))
    pad = draw.randint(0, most) if kind == "one" else draw.size(0, most)
    return pad, [(p, p) for p in per_axis(pad, draw.axes)]


def sliding(
    name: str, draw: Draw, shape: tuple[int, ...], layer: Callable[..., Any], ends: Any, **values: Any
) -> Case:
    """A layer with a window; ``layer`` makes it for a padding, with ceil_mode or without.

    If PyTorch takes the padding and comes to the size of the op, that is the layer; otherwise the
    padding is laid out before a layer that pads nothing.
    """
    of = op(name, **values)
    output = of.facts((Shape(shape),)).output
    ceil = values["round"] == "ceil"
    if all(low == high for low, high in ends):
        made = layer(tuple(low for low, _ in ends), ceil)
        try:
            sizes = made(torch.rand(1, shape[-1], *shape[:-1])).shape[2:]
        except RuntimeError:
            sizes = None
        if sizes == output.spatial:
            return Case(of, [shape], made)
    return Case(of, [shape], *laid_out(layer((0,) * draw.axes, False), of, shape, ends))


def laid_out(made: Any, of: Any, shape: tuple[int, ...], ends: Any) -> tuple[Any, list[Any]]:
    """A layer behind a padding in numbers, and its tensors."""
    output = of.output(Shape(shape)).spatial
    axes = len(output)
    if of.round == "ceil":  # as far as the last window reaches
        numbers = zip(
            shape,
            output,
            ends,
            per_axis(of.kernel, axes),
            per_axis(of.stride, axes),
            per_axis(of.dilation, axes),
            strict=False,
        )
        ends = [(low, max((o - 1) * s + (k - 1) * d + 1 - low - n, 0)) for n, o, (low, _), k, s, d in numbers]
    flat = [n for pair in reversed(ends) for n in pair]

    def run(x: Any) -> Any:
        y = made(functional.pad(x, flat))
        assert y.shape[2:] == output
        return y

    return run, owned(made)


@torch_layer("conv", "dwconv")
def convolution(draw: Draw, name: str) -> Case:
    """Defeats: nothing kept where weights are frozen; the input where its padded copy is kept."""
    groups = draw.choice([1, 1, 2])
    channels = groups * draw.number(1, 3)
    shape = draw.map(channels, 3)
    kernel, stride, bias = draw.size(1, 3), draw.size(1, 3), draw.flag()
    pad, ends = padding(draw, shape, kernel, stride, 2)
    values: dict[str, Any] = {
        "kernel": kernel,
        "stride": stride,
        "pad": pad,
        "bias": bias,
        "round": draw.rounding(),
    }
    if name == "conv":
        filters = groups * draw.number(1, 3)
        values.update(filters=filters, groups=groups)
    else:
        groups, multiplier = channels, draw.number(1, 2)
        filters = channels * multiplier
        values["multiplier"] = multiplier
    trained = draw.flag()

    def layer(pad: Any, ceil: bool) -> Any:
        return draw.module(
            "Conv", channels, filters, plain(kernel), plain(stride), pad, groups=groups, bias=bias
        ).requires_grad_(trained)

    return sliding(name, draw, shape, layer, ends, **values)


@torch_layer("tconv")
def transposed(draw: Draw) -> Case:
    shape = draw.map(3)
    kernel, stride, trained = draw.size(1, 3), draw.size(1, 3), draw.flag()
    layer = draw.module("ConvTranspose", 3, 5, plain(kernel), plain(stride))
    return Case(
        op("tconv", kernel=kernel, filters=5, stride=stride, frozen=not trained),
        [shape],
        layer.requires_grad_(trained),
    )


@torch_layer("local")
def local(draw: Draw) -> Case:
    """Defeats: the input, which unfolding has no need of."""
    shape = (draw.number(3, 7), draw.number(3, 7), draw.number(1, 3))
    draw.axes = 2
    kernel, stride, pad = draw.size(1, 3), draw.size(1, 2), draw.number(0, 1)
    of = op("local", kernel=kernel, filters=4, stride=stride, pad=pad)
    *spatial, filters = of.output(Shape(shape))
    cells = shape[-1] * math.prod(per_axis(kernel, 2))
    weight = nn.Parameter(torch.rand(filters, cells, math.prod(spatial)))
    bias = nn.Parameter(torch.rand(filters, *spatial))

    def run(x: Any) -> Any:
        windows = functional.unfold(x, plain(kernel), 1, pad, plain(stride))
        windows = windows.clone()  # from a storage that is as large as the input's at least
        sums = (windows.unsqueeze(1) * weight).sum(2)
        return sums.unflatten(-1, tuple(spatial)) + bias

    return Case(of, [shape], run, [weight, bias])


@torch_layer("fc")
def fully_connected(draw: Draw) -> Case:
    shape = draw.any(3)
    units, bias = draw.number(1, 9), draw.flag()
    layer = nn.Linear(Shape(shape).values, units, bias)
    return Case(op("fc", units=units, bias=bias), [shape], nn.Sequential(nn.Flatten(), layer))


@torch_layer("linear")
def linear(draw: Draw) -> Case:
    shape = draw.any(3)
    units, bias = draw.number(1, 9), draw.flag()
    layer = nn.Linear(3, units, bias)
    return Case(op("linear", units=units, bias=bias), [shape], layer, channels_last=True)


@torch_layer("rbf")
def radial_basis(draw: Draw) -> Case:
    """Defeats: the input, which is not what is squared."""
    size, units = draw.number(1, 9), draw.number(1, 9)
    codes = torch.rand(units, size)

    def run(x: Any) -> Any:
        return (x.unsqueeze(1) - codes).pow(2).sum(-1)

    return Case(op("rbf", units=units), [(size,)], run, [codes])


# Pools ------------------------------------------------------------------------------------------


@torch_layer("maxpool", "avgpool", "subsample")
def pool(draw: Draw, name: str) -> Case:
    """Defeats: indices as int32, or one per value of the input; the mean as linear, so nothing."""
    shape = draw.map(2, 3)
    kernel, stride = draw.size(1, 4), draw.size(1, 3)
    if draw.axes == 3:  # PyTorch's pools of volumes want the window within the bare input
        kernel = Size(map(min, per_axis(kernel, 3), shape[:-1]))
    pad, ends = padding(draw, shape, kernel, stride, 2)
    values: dict[str, Any] = {"kernel": kernel, "stride": stride, "pad": pad, "round": draw.rounding()}
    options = {}
    if name == "maxpool" and pad != "same" and draw.axes < 3 and draw.flag():
        options["dilation"] = values["dilation"] = 2

    def layer(pad: Any, ceil: bool) -> Any:
        kind = "MaxPool" if name == "maxpool" else "AvgPool"
        made = draw.module(kind, plain(kernel), plain(stride), pad, ceil_mode=ceil, **options)
        if name != "subsample":
            return made
        return Scaled(made, 2, draw.axes)

    return sliding(name, draw, shape, layer, ends, **values)


class Scaled(nn.Module):
    """What a layer puts out, with a factor and a bias a channel."""

    def __init__(self, layer: Any, channels: int, axes: int):
        super().__init__()
        self.layer = layer
        self.weight = nn.Parameter(torch.rand(channels, *[1] * axes))
        self.bias = nn.Parameter(torch.rand(channels, *[1] * axes))

    def forward(self, x: Any) -> Any:
        return self.layer(x) * self.weight + self.bias


@torch_layer("lppool")
def lp_pool(draw: Draw) -> Case:
    """Where a window hangs over, PyTorch's own loses its measure, so the padding is laid out.

    Defeats: the powers or the root left out.
    """
    shape = draw.map(2, 3)
    kernel, stride, p = draw.number(1, 3), draw.number(1, 3), draw.number(1, 3)
    pad, rounding = draw.choice([0, 0, 1, 2]), draw.rounding()
    of = op("lppool", kernel=kernel, stride=stride, p=p, pad=pad, round=rounding)
    output = of.facts((Shape(shape),)).output
    hangs = any((o - 1) * stride + kernel > n for n, o in zip(shape, output.spatial, strict=False))
    if not pad and not hangs:
        return Case(of, [shape], draw.module("LPPool", p, kernel, stride))
    layer = draw.module("LPPool", p, kernel, stride)
    return Case(of, [shape], *laid_out(layer, of, shape, [(pad, pad)] * draw.axes))


@torch_layer("gap")
def global_average(draw: Draw) -> Case:
    """Defeats: the input, as of other pools."""
    shape = draw.map(3)
    return Case(op("gap"), [shape], lambda x: x.mean(tuple(range(2, x.dim()))))


@torch_layer("gmp")
def global_max(draw: Draw) -> Case:
    shape = draw.map(3)
    return Case(op("gmp"), [shape], nn.Sequential(draw.module("AdaptiveMaxPool", 1), nn.Flatten()))


@torch_layer("adaptive_avgpool", "adaptive_maxpool")
def adaptive(draw: Draw, name: str) -> Case:
    """Defeats: one rule for all sizes; indices of the input's size."""
    shape = draw.map(3)
    size = 1 if draw.random() < 0.3 else draw.size(1, 5)
    kind = {"adaptive_avgpool": "AdaptiveAvgPool", "adaptive_maxpool": "AdaptiveMaxPool"}[name]
    return Case(op(name, size=size), [shape], draw.module(kind, plain(size)))


@torch_layer("nms")
def boxes(draw: Draw) -> Case:
    """Boxes are chosen and not learned: torchvision detaches what they come from."""
    shape, number = draw.map(3), draw.number(1, 3)

    def run(x: Any) -> Any:
        best = x.detach().flatten(1).topk(number).values
        return best.unsqueeze(1).repeat(1, 4, 1)

    return Case(op("nms", boxes=number), [shape], run)


@torch_layer("roi_pool", "roi_align")
def regions(draw: Draw, name: str) -> Case:
    """The boxes are no part of the network. Defeats: the input; indices as int64."""
    try:
        import torchvision.ops as vision
    except (ImportError, RuntimeError) as error:  # the second: built for another PyTorch
        pytest.skip(f"torchvision cannot be used: {error}")
    if not hasattr(torch.ops.torchvision, "roi_align"):
        # It can be imported all the same, and then works by other means that keep more.
        pytest.skip("torchvision's own operators are not there")
    shape = (draw.number(6, 9), draw.number(6, 9), 3)
    size, proposals = (draw.number(1, 3), draw.number(1, 3)), draw.number(1, 4)
    corners = torch.tensor([[1.0, 1.0, 5.0, 4.0]] * proposals)
    parameters: list[Any] = []

    def run(x: Any) -> Any:
        numbers = torch.arange(len(x)).repeat_interleave(proposals).unsqueeze(1)
        boxes = torch.cat([numbers, corners.repeat(len(x), 1)], 1).to(x.dtype)
        parameters.append(boxes)
        return getattr(vision, name)(x, boxes, size)

    return Case(op(name, size=Size(size), proposals=proposals), [shape], run, parameters)


# Normalisations ---------------------------------------------------------------------------------


@torch_layer("bn")
def batch_norm(draw: Draw) -> Case:
    """Defeats: statistics an element of the batch; running statistics counted; the input, where
    everything is a buffer."""
    shape = draw.map(4)
    frozen, affine, running = draw.random() < 0.3, draw.flag(), draw.flag()
    of = op("bn", scale=affine, shift=affine, frozen=frozen, running=running or frozen)
    if not frozen:
        module = draw.module("BatchNorm", 4, affine=affine, track_running_stats=running)
        return Case(of, [shape], module)
    weight, bias, mean, var = (torch.rand(4) for _ in range(4))

    def run(x: Any) -> Any:  # as torchvision's FrozenBatchNorm2d
        w, b, rm, rv = (t.to(x.dtype).reshape(-1, *[1] * (x.dim() - 2)) for t in (weight, bias, mean, var))
        scale = w * (rv + 1e-5).rsqrt()
        return x * scale + (b - rm * scale)

    return Case(of, [shape], run, [weight, bias, mean, var])


@torch_layer("layernorm")
def layer_norm(draw: Draw) -> Case:
    """Defeats: one mean and variance an element of the batch."""
    affine, shift, shape = draw.flag(), draw.flag(), draw.any(4)
    if draw.flag():
        of = op("layernorm", affine=affine, across=Word("all"))
        return Case(of, [shape], nn.LayerNorm([4, *shape[:-1]], elementwise_affine=affine))
    layer = nn.LayerNorm(4, elementwise_affine=affine, bias=shift)
    return Case(op("layernorm", affine=affine, shift=shift), [shape], layer, channels_last=True)


@torch_layer("rmsnorm")
def rms_norm(draw: Draw) -> Case:
    """Defeats: two statistics as of other norms; what the scale multiplies left out, or kept without
    one."""
    scale = draw.flag()
    layer = nn.RMSNorm(4, elementwise_affine=scale)
    return Case(op("rmsnorm", scale=scale), [draw.any(4)], layer, channels_last=True)


@torch_layer("groupnorm")
def group_norm(draw: Draw) -> Case:
    """Defeats: statistics a channel; statistics whatever the batch."""
    groups, affine = draw.choice([1, 2, 4]), draw.flag()
    layer = nn.GroupNorm(groups, 4, affine=affine)
    return Case(op("groupnorm", groups=groups, affine=affine), [draw.any(4)], layer)


@torch_layer("instancenorm")
def instance_norm(draw: Draw) -> Case:
    """Defeats: statistics whatever the batch; the repeated scales left out, or the shifts taken
    in as well."""
    affine, running, shape = draw.flag(), draw.flag(), draw.map(4)
    module = draw.module("InstanceNorm", 4, affine=affine, track_running_stats=running)
    return Case(op("instancenorm", affine=affine, running=running), [shape], module)


@torch_layer("lrn")
def local_response_norm(draw: Draw) -> Case:
    """Defeats: squares without their rim; the sums or the powers left out."""
    size = draw.number(1, 6)
    return Case(op("lrn", size=size), [draw.map(5)], nn.LocalResponseNorm(size))


# Activations ------------------------------------------------------------------------------------

# The layer, and what writes it over its input.
ACTIVATIONS: dict[str, tuple[Any, Any]] = {
    "relu": (nn.ReLU(), nn.ReLU(True)),
    "relu6": (nn.ReLU6(), nn.ReLU6(True)),
    "selu": (nn.SELU(), nn.SELU(True)),
    "gelu": (nn.GELU(), None),
    "silu": (nn.SiLU(), nn.SiLU(True)),
    "sigmoid": (nn.Sigmoid(), torch.sigmoid_),
    "tanh": (nn.Tanh(), torch.tanh_),
    "softplus": (nn.Softplus(), None),
    "hardswish": (nn.Hardswish(), nn.Hardswish(True)),
    "hardsigmoid": (nn.Hardsigmoid(), nn.Hardsigmoid(True)),
    "softmax": (nn.Softmax(1), None),
    "log_softmax": (nn.LogSoftmax(1), None),
    "mish": (nn.Mish(), nn.Mish(True)),
    "logsigmoid": (nn.LogSigmoid(), None),
    "softsign": (nn.Softsign(), None),
    "tanhshrink": (nn.Tanhshrink(), None),
    "softshrink": (nn.Softshrink(), None),
    "hardshrink": (nn.Hardshrink(), None),
    "celu": (nn.CELU(), nn.CELU(1.0, True)),
    "rrelu": (nn.RReLU(), None),
}


@torch_layer(*ACTIVATIONS)
def activation(draw: Draw, name: str) -> Case:
    """Defeats: the input of what is told from the output, and the other way round."""
    layer, written_over = ACTIVATIONS[name]
    return Case(op(name), [draw.any(3)], layer, written_over=written_over)


@torch_layer("threshold")
def threshold(draw: Draw) -> Case:
    of = op("threshold", above=Fraction(1, 2), otherwise=3)
    return Case(of, [draw.any(3)], nn.Threshold(0.5, 3), written_over=nn.Threshold(0.5, 3, True))


@torch_layer("cumsum", "sort", "topk", "argsort", "glu")
def along_an_axis(draw: Draw, name: str) -> Case:
    """Defeats: the values of an order; indices as wide as values; both halves of a gate apart."""
    shape = draw.map(4, 2)
    axis = draw.randrange(len(shape)) if name != "glu" else len(shape) - 1
    dim = 1 if axis == len(shape) - 1 else axis + 2
    runs = {
        "cumsum": lambda x: x.cumsum(dim),
        "sort": lambda x: x.sort(dim).values,
        "topk": lambda x: x.topk(2, dim).values,
        "argsort": lambda x: x.detach().argsort(dim).to(x.dtype),
        "glu": lambda x: functional.glu(x, dim),
    }
    return Case(op(name, axis=axis, **({"count": 2} if name == "topk" else {})), [shape], runs[name])


@torch_layer("leaky_relu", "elu")
def sloped(draw: Draw, name: str) -> Case:
    """Defeats: the output of what changes the sign, which PyTorch refuses in place."""
    kind, key = {"leaky_relu": (nn.LeakyReLU, "slope"), "elu": (nn.ELU, "alpha")}[name]
    factor = draw.choice([Fraction(-1, 2), Fraction(1, 10), 0, 1])
    inplace = kind(float(factor), inplace=True) if factor >= 0 else None
    of = op(name, **{key: factor})
    return Case(of, [draw.any(3)], kind(float(factor)), written_over=inplace)


@torch_layer("prelu")
def prelu(draw: Draw) -> Case:
    shared = draw.flag()
    return Case(op("prelu", shared=shared), [draw.any(3)], nn.PReLU(1 if shared else 3))


@torch_layer("maxout")
def maxout(draw: Draw) -> Case:
    """Defeats: the input; indices as wide as values."""
    pieces = draw.number(1, 3)
    shape = draw.any(6 * draw.number(1, 2))
    return Case(op("maxout", pieces=pieces), [shape], lambda x: x.unflatten(1, (-1, pieces)).max(2).values)


@torch_layer("dropout")
def dropout(draw: Draw) -> Case:
    """Defeats: a mask of one byte a value; a mask where nothing is dropped."""
    p = draw.choice([0, Fraction(1, 5), Fraction(1, 2)])
    inplace = nn.Dropout(float(p), inplace=True)
    return Case(op("dropout", p=p), [draw.any(3)], nn.Dropout(float(p)), written_over=inplace)


# Merges and rearrangements ----------------------------------------------------------------------


@torch_layer("add", "mul")
def broadcasting(draw: Draw, name: str) -> Case:
    """Some branches are vectors. Defeats: a vector as large as what it gates; a product of three
    that keeps no product of two; sums that keep anything."""
    shape = draw.map(3)
    count = draw.number(2, 4)
    shapes = [shape if draw.random() < 0.6 else (3,) for _ in range(count)]
    shapes[draw.randrange(count)] = shape

    def run(*inputs: Any) -> Any:
        tensors = [x[(..., *[None] * (len(shape) - 1))] if x.dim() == 2 else x for x in inputs]
        result = tensors[0]
        for tensor in tensors[1:]:
            result = result + tensor if name == "add" else result * tensor
        return result

    return Case(op(name), shapes, run)


@torch_layer("concat")
def concat(draw: Draw) -> Case:
    *spatial, channels = draw.any(3)
    shapes = [(*spatial, channels + n) for n in range(draw.number(2, 4))]
    return Case(op("concat"), shapes, lambda *inputs: torch.cat(inputs, 1))


@torch_layer("shortcut")
def strided_identity(draw: Draw) -> Case:
    shape = draw.map(3)
    step = draw.number(1, 3)

    def run(x: Any) -> Any:
        taken = x[(slice(None), slice(None), *[slice(None, None, step)] * draw.axes)]
        return functional.pad(taken, [0, 0] * draw.axes + [0, 4])

    return Case(op("shortcut", stride=step, channels=7), [shape], run)


@torch_layer("identity")
def identity(draw: Draw) -> Case:
    return Case(op("identity"), [draw.any(3)], nn.Identity())


@torch_layer("flatten")
def flatten(draw: Draw) -> Case:
    return Case(op("flatten"), [draw.any(3)], nn.Flatten())


@torch_layer("reshape")
def reshape(draw: Draw) -> Case:
    shape = draw.any(4)
    size = Size((4, Shape(shape).positions))
    return Case(
        op("reshape", shape=size),
        [shape],
        nn.Unflatten(1, (4,)) if len(shape) == 1 else (lambda x: x.reshape(len(x), 4, -1)),
    )


@torch_layer("channel_shuffle")
def channel_shuffle(draw: Draw) -> Case:
    shape = (draw.number(2, 5), draw.number(2, 5), 6)
    groups = draw.choice([1, 2, 3])
    return Case(op("channel_shuffle", groups=groups), [shape], nn.ChannelShuffle(groups))


@torch_layer("take")
def take(draw: Draw) -> Case:
    shape = draw.any(4)
    offset = draw.number(0, shape[-1] - 1)
    channels = draw.number(1, shape[-1] - offset)
    return Case(
        op("take", channels=channels, offset=offset), [shape], lambda x: x.narrow(1, offset, channels)
    )


@torch_layer("slice")
def sliced(draw: Draw) -> Case:
    shape = draw.map(4)
    start = draw.number(0, shape[0] - 1)
    stop = draw.number(start + 1, shape[0])
    return Case(op("slice", start=start, stop=stop), [shape], lambda x: x[:, :, start:stop])


@torch_layer("select")
def select(draw: Draw) -> Case:
    shape = draw.map(4)
    index = draw.number(0, shape[0] - 1)
    return Case(op("select", index=index), [shape], lambda x: x.select(2, index))


@torch_layer("roll")
def roll(draw: Draw) -> Case:
    shape = draw.map(4)
    dims = list(range(2, draw.axes + 2))
    return Case(op("roll", shift=1), [shape], lambda x: x.roll([1] * draw.axes, dims))


@torch_layer("flip")
def flip(draw: Draw) -> Case:
    return Case(op("flip", axis=0), [draw.map(4)], lambda x: x.flip(2))


@torch_layer("repeat")
def repeat(draw: Draw) -> Case:
    shape, times = draw.map(4), draw.number(2, 3)
    if draw.flag():
        made = op("repeat", times=times, mode=Word("each"))
        return Case(made, [shape], lambda x: x.repeat_interleave(times, 2))
    return Case(op("repeat", times=times), [shape], lambda x: x.repeat(1, 1, times, *[1] * (draw.axes - 1)))


@torch_layer("gather")
def gather(draw: Draw) -> Case:
    shape = draw.map(4)

    def run(x: Any) -> Any:
        index = torch.zeros(len(x), 1, 3, *[1] * (draw.axes - 1), dtype=torch.long)
        return x.gather(2, index.expand(-1, x.shape[1], 3, *x.shape[3:]))

    return Case(op("gather", count=3), [shape], run)


@torch_layer("reflectpad")
def reflect_pad(draw: Draw) -> Case:
    shape = (*[draw.number(2, 5)] * draw.number(1, 3), 3)
    pads = [1] * (2 * len(shape) - 2)
    return Case(op("reflectpad", pad=1), [shape], lambda x: functional.pad(x, pads, mode="reflect"))


@torch_layer("replicatepad")
def replicate_pad(draw: Draw) -> Case:
    shape, pad = draw.map(3), draw.number(1, 3)
    pads = [pad] * (2 * draw.axes)
    return Case(op("replicatepad", pad=pad), [shape], lambda x: functional.pad(x, pads, mode="replicate"))


@torch_layer("circularpad")
def circular_pad(draw: Draw) -> Case:
    shape = draw.map(3)
    pads = [1] * (2 * draw.axes)
    return Case(op("circularpad", pad=1), [shape], lambda x: functional.pad(x, pads, mode="circular"))


@torch_layer("im2col")
def im2col(draw: Draw) -> Case:
    shape = (draw.number(3, 6), draw.number(3, 6), 3)
    return Case(op("im2col", kernel=3, pad=1), [shape], nn.Unfold(3, padding=1))


@torch_layer("col2im")
def col2im(draw: Draw) -> Case:
    sizes = draw.number(3, 6), draw.number(3, 6)
    made = op("col2im", size=Size(sizes), kernel=3, pad=1)
    return Case(made, [(*sizes, 9)], lambda x: nn.Fold(sizes, 3, padding=1)(x.flatten(2)))


@torch_layer("rearrange")
def rearrange(draw: Draw) -> Case:
    shape = (draw.number(2, 5), draw.number(2, 5), 3)
    return Case(op("rearrange", pattern="h w c -> w h c"), [shape], lambda x: x.transpose(2, 3))


@torch_layer("stack")
def stack(draw: Draw) -> Case:
    shapes: list[tuple[int, ...]] = [draw.any(3)] * draw.number(2, 4)
    return Case(op("stack", axis=0), shapes, lambda *inputs: torch.stack(inputs, 2))


@torch_layer("zeropad")
def zero_pad(draw: Draw) -> Case:
    shape, pad = draw.map(3), draw.number(1, 3)
    return Case(op("zeropad", pad=pad), [shape], lambda x: functional.pad(x, [pad] * (2 * draw.axes)))


@torch_layer("crop")
def crop(draw: Draw) -> Case:
    shape = draw.map(3)
    size = Size(draw.randint(1, n) for n in shape[:-1])

    def run(x: Any) -> Any:
        return x[(slice(None), slice(None), *(slice(n) for n in size))]

    return Case(op("crop", size=size), [shape], run)


@torch_layer("upsample")
def upsample(draw: Draw) -> Case:
    """Defeats: the input; positions or weights of the interpolation."""
    shape, factor, nearest = draw.map(3), draw.number(1, 3), draw.flag()
    mode = "nearest" if nearest else {1: "linear", 2: "bilinear", 3: "trilinear"}[draw.axes]
    of = op("upsample", factor=factor, mode=Word("nearest" if nearest else "bilinear"))
    return Case(of, [shape], nn.Upsample(scale_factor=float(factor), mode=mode))


@torch_layer("pixel_shuffle")
def pixel_shuffle(draw: Draw) -> Case:
    factor = draw.number(1, 3)
    shape = (draw.number(2, 5), draw.number(2, 5), 2 * factor * factor)
    return Case(op("pixel_shuffle", factor=factor), [shape], nn.PixelShuffle(factor))


@torch_layer("parameter")
def parameter(draw: Draw) -> Case:
    shape = draw.map(3)
    values = nn.Parameter(torch.rand(4, 5))
    of = op("parameter", shape=Size((4, 5)))
    return Case(of, [shape], lambda x: values.movedim(-1, 0).repeat(len(x), 1, 1), [values])


@torch_layer("pixel_unshuffle")
def pixel_unshuffle(draw: Draw) -> Case:
    factor = draw.number(1, 3)
    shape = (factor * draw.number(1, 4), factor * draw.number(1, 4), 3)
    return Case(op("pixel_unshuffle", factor=factor), [shape], nn.PixelUnshuffle(factor))


@torch_layer("resize")
def resize(draw: Draw) -> Case:
    shape, nearest = draw.map(3), draw.flag()
    size = Size(draw.number(1, 9) for _ in shape[:-1])
    mode = "nearest" if nearest else {1: "linear", 2: "bilinear", 3: "trilinear"}[draw.axes]
    of = op("resize", size=size, mode=Word("nearest" if nearest else "bilinear"))
    return Case(of, [shape], nn.Upsample(size=tuple(size), mode=mode))


@torch_layer("bias")
def bias(draw: Draw) -> Case:
    shape = draw.map(3)
    per = draw.choice(["channel", "position", "all", "single"])
    sizes = {"channel": (3, *[1] * draw.axes), "position": shape[:-1], "all": (3, *shape[:-1])}.get(per, (1,))
    values = nn.Parameter(torch.rand(sizes))
    return Case(op("bias", per=Word(per)), [shape], lambda x: x + values, [values])


@torch_layer("scale")
def scale(draw: Draw) -> Case:
    shape, shift = draw.map(3), draw.flag()
    per = draw.choice(["channel", "position", "all", "single"])
    sizes = {"channel": (3, *[1] * draw.axes), "position": shape[:-1], "all": (3, *shape[:-1])}.get(per, (1,))
    factor, more = nn.Parameter(torch.rand(sizes)), nn.Parameter(torch.rand(sizes))

    def run(x: Any) -> Any:
        return x * factor + more if shift else x * factor

    return Case(op("scale", shift=shift, per=Word(per)), [shape], run, [factor, more])


@torch_layer("times")
def times(draw: Draw) -> Case:
    """Defeats: the input, as of a learned factor."""
    return Case(op("times", factor=Fraction(17, 100)), [draw.any(3)], lambda x: x * 0.17)


# Sequences --------------------------------------------------------------------------------------


@torch_layer("embedding")
def embedding(draw: Draw) -> Case:
    """Defeats: the table's rows, or indices that are counted beside the input that they are."""
    layer = nn.Embedding(9, 5)
    return Case(op("embedding", vocabulary=9, size=5), [(draw.number(1, 9),)], layer, indices=9)


@torch_layer("attention")
def attention(draw: Draw) -> Case:
    """With the batch in the middle, as PyTorch has it by default: batch_first copies the input.

    Defeats: scores kept, T x T a head; queries, keys and values counted without the input.
    """
    heads, bias = draw.choice([1, 2, 4]), draw.flag()
    channels = 4 * heads * draw.number(1, 3)
    layer = nn.MultiheadAttention(channels, heads, bias=bias)

    def run(x: Any) -> Any:
        tokens = x.view(x.shape[1], x.shape[0], x.shape[2])  # the same storage
        return layer(tokens, tokens, tokens, need_weights=False)[0]

    return Case(
        op("attention", heads=heads, bias=bias),
        [(draw.number(1, 40), channels)],
        run,
        owned(layer),
        channels_last=True,
    )


@torch_layer("sdpa")
def scaled_attention(draw: Draw) -> Case:
    """Of one, two and three tensors, whose heads lie side by side. Defeats: scores kept; a packed tensor
    three times; the output left out."""
    heads, length, count = draw.choice([1, 2, 4]), 4 * draw.number(1, 3), draw.number(1, 3)
    channels = heads * length
    shapes = [(draw.number(1, 40), channels)] if count > 1 else [(draw.number(1, 40), 3 * channels)]
    other = draw.number(1, 40)
    shapes += [(other, channels)] * 2 if count == 3 else [(other, 2 * channels)] if count == 2 else []
    causal = draw.flag()

    def run(*xs: Any) -> Any:
        parts = [part for x in xs for part in x.split(channels, -1)]
        q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in parts)
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return y.transpose(1, 2).flatten(2)

    return Case(op("sdpa", heads=heads, causal=causal), shapes, run, channels_last=True)


@torch_layer("map")
def function(draw: Draw) -> Case:
    """As torch has it by name. Defeats: the input where the output will do, and the other way round; both
    factors of a quotient; a tensor that is spread, counted as large as what it is spread over."""
    from archcalc.ops.functions import NUMBER, ONE, THREE, TWO

    turned = {"rsub": "sub", "rdiv": "div", "rpow": "pow"}
    names = {"max": "maximum", "min": "minimum", "mod": "remainder"}
    tensors, table = draw.choice([(1, ONE), (1, NUMBER), (2, TWO), (3, THREE)])
    name = draw.choice(sorted(name for name, of in table.items() if not of.chosen))
    number = 3 if table is NUMBER or (name, tensors) == ("lerp", 2) else None
    shape = draw.any(3)
    shapes = [tuple(draw.choice([n, n, 1]) for n in shape) if tensors > 1 else shape for _ in range(tensors)]
    shapes[draw.randrange(tensors)] = shape

    def run(*xs: Any) -> Any:
        more = () if number is None else (number,)
        if name in turned:
            return {"rsub": lambda x: 3 - x, "rdiv": lambda x: 3 / x, "rpow": lambda x: 3**x}[name](*xs)
        if name == "where":
            return torch.where(xs[0] != 0, *xs[1:])
        if name == "floor_div":
            return torch.div(*xs, *more, rounding_mode="floor")
        if name in ("max", "min") and more:
            return torch.clamp(*xs, **{name: 3})
        return getattr(torch, names.get(name, name))(*xs, *more)

    given = {"function": Word(name), **({} if number is None else {"a": number})}
    return Case(op("map", **given), shapes, run)


@torch_layer("reduce")
def reduction(draw: Draw) -> Case:
    """As torch has it by name. Defeats: the input of a sum; indices of a largest value, where it is none of a
    single axis."""
    from archcalc.ops.reducing import CHOSEN, COUNTS, SINGLE

    shape = draw.map(3)
    name = draw.choice(sorted({*COUNTS} - {*CHOSEN}))
    dims = draw.sample(range(1, len(shape) + 1), 1 if name in SINGLE else draw.number(1, 2))
    axes = [len(shape) - 1 if dim == 1 else dim - 2 for dim in dims]

    def run(x: Any) -> Any:
        if name == "norm":
            return torch.linalg.vector_norm(x, 2, dims)
        if name in ("max", "min"):
            return getattr(x, name)(dims[0]).values if len(dims) == 1 else getattr(x, f"a{name}")(dims)
        return getattr(x, name)(dims[0] if len(dims) == 1 else dims)

    axis = axes[0] if len(axes) == 1 else Size(axes)
    return Case(op("reduce", function=Word(name), axis=axis), [shape], run)


@torch_layer("matmul")
def matrix_product(draw: Draw) -> Case:
    """Defeats: nothing kept, as of a sum; the output."""
    n, k, m = (draw.number(1, 9) for _ in range(3))
    front = draw.choice([(), (3,), (2, 3)])
    return Case(op("matmul"), [(*front, n, k), (*front, k, m)], torch.matmul, channels_last=True)


@torch_layer("rnn", "lstm", "gru")
def recurrent(draw: Draw, name: str) -> Case:
    """With the batch in the middle, as PyTorch has it by default: batch_first copies the input.

    Defeats: one state a step for all that a step keeps; the state before the first step left out or
    counted twice; oneDNN's workspace left out, its rows not padded, its parts not on pages.
    """
    from archcalc.witness.modules import recurrent

    biases = draw.choice(["one", "two", "none"])
    both = draw.flag()
    # Rows that are a multiple of 256 are one line longer.
    channels, units = draw.choice([1, 3, 16, 40, 256]), draw.choice([1, 4, 16, 64, 256])
    kind = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}[name]
    proj = draw.choice([None, 1, 3]) if name == "lstm" and units > 3 else None
    deep = draw.choice([1, 1, 2, 3])
    more: dict[str, Any] = {"bidirectional": both, **({"proj_size": proj} if proj else {})}
    more["num_layers"] = deep
    if biases == "one":
        layer = getattr(recurrent, f"OneBias{kind}")(channels, units, **more)
    else:
        layer = getattr(nn, kind)(channels, units, bias=biases == "two", **more)

    def run(x: Any) -> Any:
        # The same storage, the steps in front; modules of one bias have the batch in front, and map
        # all steps at once where that takes no copy.
        steps = x.view(x.shape[1], x.shape[0], x.shape[2])
        if biases != "one":
            return layer(steps)[0]
        return torch.cat([layer(row)[0] for row in steps.transpose(0, 1).split(1)])

    more = {"proj": proj, "layers": deep} if proj else {"layers": deep}
    of = op(name, units=units, biases=Word(biases), bidirectional=both, **more)
    return Case(of, [(draw.number(1, 40), channels)], run, owned(layer), channels_last=True)


@torch_layer("grid_sample")
def grid_sample(draw: Draw) -> Case:
    """Defeats: the grid, or the map, left out."""
    shape = (draw.number(1, 6), draw.number(1, 6), 3)
    grid = (draw.number(1, 6), draw.number(1, 6), 2)
    mode = draw.choice(["bilinear", "nearest", "bicubic"])

    def run(x: Any, g: Any) -> Any:
        return functional.grid_sample(x, g.movedim(1, -1), mode=mode, align_corners=False)

    return Case(op("grid_sample", mode=Word(mode)), [shape, grid], run)


@torch_layer("embedding_bag")
def embedding_bag(draw: Draw) -> Case:
    """Defeats: indices of bags that are there for a sum too; the largest of each value, one per bag."""
    mode = draw.choice(["mean", "sum", "max"])
    layer = nn.EmbeddingBag(9, 5, mode=mode)
    of = op("embedding_bag", vocabulary=9, size=5, mode=Word(mode))
    return Case(of, [(draw.number(1, 7),)], layer, indices=9)


@torch_layer("rnn_cell", "lstm_cell", "gru_cell")
def cell(draw: Draw, name: str) -> Case:
    """Defeats: the state of zeros left out, or kept where nothing needs it; a cell that is kept as if
    only its weights needed it; the output of a tanh twice."""
    from archcalc.witness.modules import recurrent

    biases, given = draw.choice(["one", "two", "none"]), draw.flag()
    channels, units = draw.number(1, 9), draw.number(1, 9)
    kind = {"rnn_cell": "RNNCell", "lstm_cell": "LSTMCell", "gru_cell": "GRUCell"}[name]
    if biases == "one":
        layer = getattr(recurrent, f"OneBias{kind}")(channels, units)
    else:
        layer = getattr(nn, kind)(channels, units, bias=biases == "two")
    shapes = [(channels,), *[(units,)] * (given * (1 + (name == "lstm_cell")))]

    def run(x: Any, *states: Any) -> Any:
        if name != "lstm_cell":
            return layer(x, *states)
        return layer(x, states or None)[0]

    return Case(op(name, units=units, biases=Word(biases)), shapes, run, owned(layer))


@torch_layer("class_token")
def class_token(draw: Draw) -> Case:
    token = nn.Parameter(torch.rand(1, 5))

    def run(x: Any) -> Any:
        return torch.cat([token.expand(len(x), 1, 5), x], 1)

    return Case(op("class_token"), [(draw.number(1, 9), 5)], run, [token], channels_last=True)


@torch_layer("positions")
def positions(draw: Draw) -> Case:
    shape = (draw.number(1, 9), 5)
    learned = nn.Parameter(torch.rand(shape))
    return Case(op("positions"), [shape], lambda x: x + learned, [learned], channels_last=True)


# The tests --------------------------------------------------------------------------------------


def draw_case(name: str, seed: int) -> Case | None:
    """A case of the op, or None where the numbers drawn make no layer."""
    torch.manual_seed(seed)
    try:
        case = DRAWN[name](Draw(f"{name}{seed}"))
        case.op.facts(tuple(case.shapes))
    except OpError:
        return None
    return case


def check(case: Case, batch: int, dtype: Any) -> None:
    """What is measured is what the op says: not over the input, and over it."""
    saved = case.saved
    inputs = case.inputs(batch, dtype)
    width = inputs[0].element_size()
    measured = measure(case.torch_layer, inputs, case.parameters)
    extras = case.extras(batch, width)
    # Trained weights are what all but the convolutions have here.
    expected = saved.inputs or saved.trained or saved.input_gradient or saved.in_place
    wanted = [expected] * len(inputs)
    if type(saved).saved_inputs is not Saved.saved_inputs:
        wanted = saved.saved_inputs(True, measured.inplace, [True] * len(inputs))
    assert measured.inputs == wanted
    if not measured.inplace:
        assert measured.output == saved.output
    assert measured.extras == extras
    if case.written_over is None:
        return
    inputs = case.inputs(batch, dtype)
    value = inputs[0].untyped_storage().nbytes()
    measured = measure(case.written_over, inputs, case.parameters)
    assert measured.inplace
    assert measured.output == (saved.output or saved.in_place)
    # What needs its input cannot lose it: PyTorch keeps a copy.
    assert measured.extras == (value if saved.inputs else extras)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", sorted(DRAWN))
def test_what_is_kept(name: str, batch: int) -> None:
    """Which inputs, whether the output, and how many bytes besides."""
    cases = [case for case in (draw_case(name, seed) for seed in range(CONFIGURATIONS)) if case]
    assert len(cases) > CONFIGURATIONS // 2
    for case in cases:
        check(case, batch, torch.float32)


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_width_of_what_is_kept(name: str) -> None:
    """Twice as wide activations. Defeats: masks, squares and statistics of a fixed width, and
    indices that grow with the values."""
    for seed in range(CONFIGURATIONS):
        case = draw_case(name, seed)
        if case is None:
            continue
        if case.op.name == "lstm" and case.saved.output:
            continue  # oneDNN, whose output is kept, does not run this width
        for tensor in case.parameters:
            tensor.data = tensor.data.double()
        check(case, 2, torch.float64)


@pytest.mark.parametrize("name", ["bn", "layernorm", "groupnorm"])
def test_statistics_stay_wide(name: str) -> None:
    """Half as wide activations behind weights of full width. Defeats: statistics that shrink."""
    for seed in range(CONFIGURATIONS):
        case = draw_case(name, seed)
        assert case is not None
        if case.parameters and not getattr(case.op, "frozen", False):
            check(case, 2, torch.bfloat16)


def test_sums_of_attention_stay_wide() -> None:
    """All of it half as wide, but for the sums of the softmax."""
    for seed in range(CONFIGURATIONS):
        case = draw_case("attention", seed)
        assert case is not None
        for tensor in case.parameters:
            tensor.data = tensor.data.bfloat16()
        check(case, 2, torch.bfloat16)


def test_frozen_weights() -> None:
    """A linear map then needs its input no more; a convolution keeps it all the same.

    Defeats: one rule for both.
    """
    for name, trained in [("fc", True), ("linear", True), ("scale", True), ("tconv", False)]:
        case = draw_case(name, 1)
        assert case is not None
        for tensor in case.parameters:
            tensor.requires_grad_(False)
        measured = measure(case.torch_layer, case.inputs(2, torch.float32), case.parameters)
        assert case.saved.trained == trained
        assert measured.inputs == [not trained]
        assert measured.extras == 0


def test_connection_tables() -> None:
    """LeNet-5's table as `torch.nn.utils.prune` has it. Defeats: masked weights left out."""
    from torch.nn.utils import prune

    rows = ["101", "110"]
    mask = torch.tensor([[int(row[f]) for row in rows] for f in range(3)])
    layer = nn.Conv2d(2, 3, (3, 2))
    prune.custom_from_mask(layer, "weight", mask[:, :, None, None].expand(3, 2, 3, 2))
    layer.weight = None  # made anew by each pass
    of = op("conv", kernel=Size((3, 2)), filters=3, connect=" ".join(rows))
    case = Case(of, [(6, 7, 2)], layer)
    for batch in (1, 3):
        check(case, batch, torch.float32)


def test_every_op_has_a_rule_or_a_reason() -> None:
    """And every rule has its layer here, or holds in its example. Defeats: a new op of which nobody
    asks what it keeps."""
    for name, kind in OPS.items():
        rule = kind.saves is not Op.saves
        assert rule or (kind.no_saved_rule and name not in DRAWN), name
        if rule and name not in DRAWN:
            graph = archcalc.load(kind.example or "").graph
            assert Verification(graph, device="meta", fields=False).agrees, name
    across: Any = op("lrn", size=5, across=Word("positions"))
    pool: Any = op("avgpool", kernel=3, pad=Word("same"), stride=2, count_pad=False)
    for special in (across, pool):
        assert special.saves(Shape((6, 6, 3))) is None
        assert special.no_saved_rule


def test_where_outputs_go() -> None:
    """At inference: over the input, as a view of it, or anew."""
    stated = {name: kind.storage for name, kind in OPS.items()}
    activations = {name for name, kind in OPS.items() if kind.group == "activation"} - {"maxout"}
    assert {name for name, at in stated.items() if at == INPLACE} == activations | {"dropout"}
    views = {name for name, at in stated.items() if at == VIEW}
    assert views == {"identity", "flatten", "reshape", "take", "slice", "select", "rearrange"}
    for name in views:
        case = draw_case(name, 0)
        assert case is not None
        assert measure(case.torch_layer, case.inputs(2, torch.float32), case.parameters).inplace
    for name, at in stated.items():
        case = draw_case(name, 3) if name in DRAWN and "roi" not in name else None
        if at == NEW and case is not None and case.indices is None and name != "crop":
            assert not measure(case.torch_layer, case.inputs(2, torch.float32), case.parameters).inplace, name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("conv", "its input"),
        ("fc", "its input if its weights are trained"),
        ("relu", "its output"),
        ("leaky_relu", "its output if written over its input, else its input"),
        ("bn", "its input; two statistics per channel (4 bytes each, whatever the batch)"),
        ("maxpool", "its input; one index per output (8 bytes each)"),
        ("mul", "its inputs"),
        ("concat", "nothing"),
        ("identity", "nothing"),
        ("shortcut", "what the layers keep that it stands for"),
        ("lstm", "its input if its weights are trained; gates and states of the steps"),
        ("nms", "nothing"),
        ("avgpool", "its input; no rule with count_pad=no"),
    ],
)
def test_words_of_the_reference(name: str, words: str) -> None:
    """`archcalc ops`, whose text is made of the rules."""
    assert json.loads(call("ops", name, "--format", "json").out)["keeps"].startswith(words)
    page = " ".join(call("ops", name).out.split())
    assert f"backward {words if words.startswith('no rule') else 'keeps ' + words}" in page
