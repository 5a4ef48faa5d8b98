"""Output shapes and parameter counts against PyTorch, on random configurations.

PyTorch knows no asymmetric padding and no SAME at a stride: there the padding is laid out with
`F.pad`, by numbers worked out here. Modules live on the meta device, so nothing is computed.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from oracle import per_axis, sides, slide

from archcalc.ops import registry
from archcalc.ops.attributes import OpError, Size, Word
from archcalc.ops.base import Op
from archcalc.shape import Shape

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

CONFIGURATIONS = 100  # of each kind
# What PyTorch says of a pool that has no window.
NO_WINDOW = r"too small|smaller than|Invalid computed output size"


def module(kind: str, axes: int, *arguments: Any, **options: Any) -> Any:
    """A module of PyTorch, on the meta device; `Conv` is Conv1d, Conv2d or Conv3d."""
    with torch.device("meta"):
        return getattr(torch.nn, f"{kind}{axes}d")(*arguments, **options)


def through(layer: Any, shape: tuple[int, ...], ends: list[tuple[int, int]] | None = None) -> Shape:
    """The output shape, channels last, of a module on an input that is padded first."""
    *spatial, channels = shape
    x = torch.empty(1, channels, *spatial, device="meta")
    if ends is not None:
        x = torch.nn.functional.pad(x, [n for pair in reversed(ends) for n in pair])
    _, channels, *spatial = layer(x).shape
    return Shape((*spatial, channels))


def learned(layer: Any) -> int:
    return sum(parameter.numel() for parameter in layer.parameters())


def facts(name: str, shape: tuple[int, ...], **values: Any) -> Any:
    op: Op = registry()[name](**values)
    return op.facts((Shape(shape),))


class Draw(random.Random):
    """Random attributes for so many axes."""

    axes = 2

    def input(self, channels: int) -> tuple[int, ...]:
        self.axes = self.randint(1, 3)
        return (*(self.randint(1, 14) for _ in range(self.axes)), channels)

    def size(self, low: int, high: int) -> Any:
        """One number, or one per axis."""
        if self.random() < 0.5:
            return self.randint(low, high)
        return Size(self.randint(low, high) for _ in range(self.axes))

    def padding(self, most: int) -> Any:
        """Padding of every kind."""
        kind = self.choice(["one", "axis", "ends", "half", "same", "valid"])
        if kind in ("half", "same", "valid"):
            return Word(kind)
        count = {"one": 1, "axis": self.axes, "ends": 2 * self.axes}[kind]
        numbers = Size(self.randint(0, most) for _ in range(count))
        return numbers[0] if count == 1 else numbers

    def ends(
        self, shape: tuple[int, ...], kernel: Any, stride: Any, dilation: Any, pad: Any
    ) -> list[tuple[int, int]]:
        """Padding in numbers, before and behind each axis."""
        result = []
        for axis in range(self.axes):
            n, k, s, d = (
                per_axis(value, self.axes)[axis] for value in (shape[:-1], kernel, stride, dilation)
            )
            reach = (k - 1) * d + 1
            if pad == "same":
                low, windows = slide(n, k, s, d, "same", self.axes, axis, "floor")
                result.append((low, max((windows - 1) * s + reach - n, 0) - low))
            elif pad == "half":
                result.append((reach // 2, reach // 2))
            else:
                result.append(sides(0 if pad == "valid" else pad, self.axes, axis))
        return result


def plain(value: Any) -> Any:
    """A size as PyTorch takes it."""
    return tuple(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
@pytest.mark.parametrize("name", ["conv", "dwconv"])
def test_convolutions(name: str, seed: int) -> None:
    """Defeats: half for SAME, dilation left out of SAME, begin and end exchanged, groups or
    multiplier that change the weights the wrong way."""
    draw = Draw(seed)
    groups = draw.choice([1, 1, 2, 3])
    channels = groups * draw.randint(1, 3)
    shape = draw.input(channels)
    kernel, stride, dilation = draw.size(1, 4), draw.size(1, 3), draw.size(1, 3)
    pad, bias = draw.padding(3), draw.random() < 0.5
    values: dict[str, Any] = {
        "kernel": kernel,
        "stride": stride,
        "dilation": dilation,
        "pad": pad,
        "bias": bias,
    }
    if name == "conv":
        filters = groups * draw.randint(1, 4)
        values.update(filters=filters, groups=groups)
    else:
        groups, multiplier = channels, draw.randint(1, 3)
        filters = channels * multiplier
        values["multiplier"] = multiplier
    theirs = module(
        "Conv",
        draw.axes,
        channels,
        filters,
        plain(kernel),
        plain(stride),
        dilation=plain(dilation),
        groups=groups,
        bias=bias,
    )
    ends = draw.ends(shape, kernel, stride, dilation, pad)
    try:
        ours = facts(name, shape, **values)
    except OpError:
        with pytest.raises(RuntimeError, match="Kernel size can't be greater"):
            through(theirs, shape, ends)
        return
    assert ours.output == through(theirs, shape, ends)
    assert ours.params == learned(theirs)
    shapes = {tensor.name: tensor.shape for tensor in ours.tensors}
    assert shapes == {key: tuple(value.shape) for key, value in theirs.state_dict().items()}


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
@pytest.mark.parametrize("name", ["maxpool", "avgpool"])
def test_pools(name: str, seed: int) -> None:
    """Padding by the pool itself, which `ceil_mode` takes into account.

    Defeats: ceil without the rule on where the last window starts; floor where a window hangs
    over; a refusal where PyTorch pools.
    """
    draw = Draw(seed)
    shape = draw.input(2)
    kernel = draw.size(1, 5)
    if name == "avgpool" and draw.axes == 3:  # PyTorch wants the window within the bare input here
        kernel = Size(map(min, per_axis(kernel, 3), shape[:-1]))
    pad = Size(draw.randint(0, k // 2) for k in per_axis(kernel, draw.axes))
    stride, ceil = draw.size(1, 4), draw.random() < 0.6
    values: dict[str, Any] = {"kernel": kernel, "stride": stride, "pad": pad}
    kind, options = "AvgPool", {}
    if name == "maxpool":
        dilation = draw.size(1, 2)
        values["dilation"] = dilation
        kind, options = "MaxPool", {"dilation": plain(dilation)}
    theirs = module(kind, draw.axes, plain(kernel), plain(stride), plain(pad), ceil_mode=ceil, **options)
    try:
        ours = facts(name, shape, round=Word("ceil" if ceil else "floor"), **values)
    except OpError:
        with pytest.raises(RuntimeError, match=NO_WINDOW):
            through(theirs, shape)
        return
    assert ours.output == through(theirs, shape)
    assert ours.params == 0


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
@pytest.mark.parametrize("name", ["maxpool", "avgpool"])
def test_pools_with_padding_laid_out(name: str, seed: int) -> None:
    """Every padding of the language, under floor."""
    draw = Draw(seed)
    shape = draw.input(2)
    kernel, stride, pad = draw.size(1, 4), draw.size(1, 3), draw.padding(2)
    theirs = module(
        {"maxpool": "MaxPool", "avgpool": "AvgPool"}[name], draw.axes, plain(kernel), plain(stride)
    )
    ends = draw.ends(shape, kernel, stride, 1, pad)
    try:
        ours = facts(name, shape, kernel=kernel, stride=stride, pad=pad)
    except OpError:
        with pytest.raises(RuntimeError, match=NO_WINDOW):
            through(theirs, shape, ends)
        return
    assert ours.output == through(theirs, shape, ends)


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "pad", "windows"),
    [
        (112, 3, 2, 0, 56),  # GoogLeNet: the last window hangs over by one
        (5, 2, 2, 1, 3),  # the fourth would start on the trailing padding
        (6, 2, 2, 1, 4),
        (5, 1, 3, 0, 2),  # no padding, and still the third would start behind the input
        (2, 3, 2, 0, 1),  # larger than the input
        (7, 3, 3, 1, 3),
        (4, 3, 3, 1, 2),
    ],
)
def test_traps_of_ceil_mode(n: int, kernel: int, stride: int, pad: int, windows: int) -> None:
    values = {"kernel": kernel, "stride": stride, "pad": pad, "round": Word("ceil")}
    theirs = module("MaxPool", 1, kernel, stride, pad, ceil_mode=True)
    assert facts("maxpool", (n, 1), **values).output[0] == windows
    assert through(theirs, (n, 1))[0] == windows


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
def test_adaptive_pools(seed: int) -> None:
    """Shapes, and the shares themselves: where the gradient of each output arrives."""
    draw = Draw(seed)
    shape = draw.input(1)
    size = draw.size(1, 9)
    name, kind = draw.choice(
        [("adaptive_avgpool", "AdaptiveAvgPool"), ("adaptive_maxpool", "AdaptiveMaxPool")]
    )
    ours = facts(name, shape, size=size)
    assert ours.output == through(module(kind, draw.axes, plain(size)), shape)
    for n, o, window in zip(shape, ours.output.spatial, ours.windows, strict=False):
        x = torch.zeros(1, 1, n, requires_grad=True)
        pooled = torch.nn.AdaptiveAvgPool1d(o)(x)
        for unit in range(o):
            (gradient,) = torch.autograd.grad(pooled[0, 0, unit], x, retain_graph=True)
            read = gradient[0, 0].nonzero().flatten().tolist()
            assert read == list(range(window.first(unit), window.last(unit) + 1))


@pytest.mark.parametrize("seed", range(40))
def test_where_windows_lie(seed: int) -> None:
    """What a unit reads, on the input itself: where the gradient arrives, rim included.

    Defeats: windows of the right size and number in the wrong place.
    """
    draw = Draw(seed)
    draw.axes = 1
    n = draw.randint(4, 14)
    kernel, stride, dilation = draw.randint(1, 4), draw.randint(1, 3), draw.randint(1, 2)
    pad = draw.padding(3)
    try:
        ours = facts("conv", (n, 1), kernel=kernel, filters=1, stride=stride, dilation=dilation, pad=pad)
    except OpError:
        return
    theirs = torch.nn.Conv1d(1, 1, kernel, stride, dilation=dilation, bias=False)
    torch.nn.init.ones_(theirs.weight)
    x = torch.zeros(1, 1, n, requires_grad=True)
    (ends,) = draw.ends((n, 1), kernel, stride, dilation, pad)
    y = theirs(torch.nn.functional.pad(x, ends))
    (window,) = ours.windows
    for unit in range(ours.output[0]):
        (gradient,) = torch.autograd.grad(y[0, 0, unit], x, retain_graph=True)
        read = gradient[0, 0].nonzero().flatten().tolist()
        first, last = window.first(unit), window.last(unit)
        assert read == [i for i in range(first, last + 1, dilation) if 0 <= i < n]


def test_dense_and_norms() -> None:
    """Shapes of the tensors by name, buffers apart; the batch counter is left out."""
    with torch.device("meta"):
        pairs: list[tuple[Any, Any]] = [
            (facts("fc", (7, 7, 8), units=10), torch.nn.Linear(392, 10)),
            (facts("fc", (9,), units=10, bias=False), torch.nn.Linear(9, 10, bias=False)),
            (facts("linear", (7, 9), units=5), torch.nn.Linear(9, 5)),
            (facts("bn", (7, 7, 8)), torch.nn.BatchNorm2d(8)),
            (facts("bn", (7, 8), scale=False, shift=False), torch.nn.BatchNorm1d(8, affine=False)),
        ]
    for ours, theirs in pairs:
        named = {tensor.name: tensor for tensor in ours.tensors}
        state = theirs.state_dict()
        state.pop("num_batches_tracked", None)
        assert {key: t.shape for key, t in named.items()} == {
            key: tuple(value.shape) for key, value in state.items()
        }
        assert {key for key, t in named.items() if t.learned} == set(dict(theirs.named_parameters()))
        assert ours.params == learned(theirs)


def state(layer: Any) -> dict[str, tuple[int, ...]]:
    """The shapes of a module's tensors by name."""
    return {key: tuple(value.shape) for key, value in layer.state_dict().items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
@pytest.mark.parametrize(("name", "kind"), [("rnn", "RNN"), ("lstm", "LSTM"), ("gru", "GRU")])
def test_recurrent_layers(name: str, kind: str, seed: int) -> None:
    """PyTorch's two biases; with one, its `bias_hh_l0` is not there. A vector is one step.

    Defeats: gates laid side by side in the wrong axis, weights of input and state exchanged.
    """
    draw = Draw(seed)
    steps, channels, units = draw.randint(1, 9), draw.randint(1, 12), draw.randint(1, 12)
    with torch.device("meta"):
        theirs = getattr(torch.nn, kind)(channels, units, batch_first=True)
        y, *_ = theirs(torch.empty(1, steps, channels))
    two = facts(name, (steps, channels), units=units, biases=Word("two"))
    one = facts(name, (steps, channels), units=units)
    last = facts(name, (steps, channels), units=units, returns=Word("last"))
    assert two.output == one.output == tuple(y.shape[1:])
    assert last.output == tuple(y[:, -1].shape[1:])
    assert {tensor.name: tensor.shape for tensor in two.tensors} == state(theirs)
    rows = [tensor for tensor in two.tensors if tensor.name != "bias_hh_l0"]
    assert [(t.name, t.shape) for t in one.tensors] == [(t.name, t.shape) for t in rows]
    assert (two.params, one.params) == (learned(theirs), sum(t.size for t in rows))
    vector = facts(name, (channels,), units=units, biases=Word("two"))
    assert (vector.output, vector.params) == ((units,), learned(theirs))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("name", "kind"), [("rnn", "RNN"), ("lstm", "LSTM"), ("gru", "GRU")])
def test_what_recurrent_units_see(name: str, kind: str, seed: int) -> None:
    """Where the gradient of a step arrives. Defeats: a step that sees only itself, or those to
    come; the ends of windows behind another layer."""
    draw = Draw(seed)
    steps = draw.randint(2, 8)
    theirs = getattr(torch.nn, kind)(1, 2, batch_first=True)
    x = torch.rand(1, steps, 1, requires_grad=True)
    y, _ = theirs(x)
    (window,) = facts(name, (steps, 1), units=2).windows
    assert window.kernel == steps
    for unit in range(steps):
        (gradient,) = torch.autograd.grad(y[0, unit].sum(), x, retain_graph=True)
        read = gradient[0, :, 0].nonzero().flatten().tolist()
        assert read == list(range(window.first(unit), window.last(unit) + 1))


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
def test_embedding(seed: int) -> None:
    draw = Draw(seed)
    words, vocabulary, size = draw.randint(1, 20), draw.randint(1, 99), draw.randint(1, 30)
    with torch.device("meta"):
        theirs = torch.nn.Embedding(vocabulary, size)
        y = theirs(torch.empty(1, words, dtype=torch.long))
    ours = facts("embedding", (words,), vocabulary=vocabulary, size=size)
    assert ours.output == tuple(y.shape[1:])
    assert {tensor.name: tensor.shape for tensor in ours.tensors} == state(theirs)
    assert ours.params == learned(theirs)


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
def test_attention(seed: int) -> None:
    """Shapes, tensors, and MACs as PyTorch's flop counter has them.

    Defeats: products with scores left out, or taken a head and channel (twice, heads times).
    """
    counter = pytest.importorskip("torch.utils.flop_counter")
    draw = Draw(seed)
    tokens, heads, bias = draw.randint(1, 12), draw.randint(1, 4), draw.random() < 0.5
    channels = heads * draw.randint(1, 8)
    with torch.device("meta"):
        theirs = torch.nn.MultiheadAttention(channels, heads, bias=bias, batch_first=True)
        x = torch.empty(1, tokens, channels)
    ours = facts("attention", (tokens, channels), heads=heads, bias=bias)
    with counter.FlopCounterMode(display=False) as count:
        y, _ = theirs(x, x, x)
    assert ours.output == tuple(y.shape[1:])
    assert {tensor.name: tensor.shape for tensor in ours.tensors} == state(theirs)
    assert ours.params == learned(theirs)
    assert 2 * ours.macs == count.get_total_flops()


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
def test_transposed_convolutions(seed: int) -> None:
    """Shapes and tensors, and on each axis what a unit reads: where the gradient arrives.

    Defeats: padding added, dilation left out, units between the steps of a small kernel said to
    read what their neighbours read.
    """
    draw = Draw(seed)
    groups = draw.choice([1, 1, 2, 3])
    channels, filters = groups * draw.randint(1, 3), groups * draw.randint(1, 3)
    shape = draw.input(channels)
    kernel, stride, dilation = draw.size(1, 4), draw.size(1, 4), draw.size(1, 3)
    pad, bias = draw.size(0, 2), draw.random() < 0.5
    steps = zip(per_axis(stride, draw.axes), per_axis(dilation, draw.axes), strict=True)
    extra = Size(draw.randint(0, max(pair) - 1) for pair in steps)
    theirs = module(
        "ConvTranspose",
        draw.axes,
        channels,
        filters,
        plain(kernel),
        plain(stride),
        plain(pad),
        plain(extra),
        groups,
        bias,
        plain(dilation),
    )
    values = {
        "kernel": kernel,
        "filters": filters,
        "stride": stride,
        "pad": pad,
        "output_pad": extra,
        "groups": groups,
        "bias": bias,
        "dilation": dilation,
    }
    try:
        ours = facts("tconv", shape, **values)
    except OpError:
        try:
            empty = min(through(theirs, shape)) == 0  # which PyTorch lets pass
        except RuntimeError:
            empty = True
        assert empty
        return
    assert ours.output == through(theirs, shape)
    shapes = {tensor.name: tensor.shape for tensor in ours.tensors}
    assert shapes == {key: tuple(value.shape) for key, value in theirs.state_dict().items()}
    for axis, window in enumerate(ours.windows):
        n = shape[axis]
        k, s, p, d = (per_axis(v, draw.axes)[axis] for v in (kernel, stride, pad, dilation))
        x = torch.zeros(1, 1, n, requires_grad=True)
        y = torch.nn.functional.conv_transpose1d(x, torch.ones(1, 1, k), None, s, p, extra[axis], dilation=d)
        for unit in range(ours.output[axis]):
            (gradient,) = torch.autograd.grad(y[0, 0, unit], x, retain_graph=True)
            read = gradient[0, 0].nonzero().flatten().tolist()
            assert read == [i for i in window.reads(unit) if 0 <= i < n]


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
def test_lp_pools(seed: int) -> None:
    draw = Draw(seed)
    shape = draw.input(2)
    kernel, stride, ceil = draw.size(1, 5), draw.size(1, 4), draw.random() < 0.6
    if draw.axes == 3:  # as for the average
        kernel = Size(map(min, per_axis(kernel, 3), shape[:-1]))
    window = plain(kernel)
    if draw.axes == 1:  # LPPool1d wants a number
        window = per_axis(kernel, 1)[0]
    theirs = module("LPPool", draw.axes, 2, window, plain(stride), ceil_mode=ceil)
    values = {"kernel": kernel, "stride": stride, "round": Word("ceil" if ceil else "floor")}
    try:
        ours = facts("lppool", shape, **values)
    except OpError:
        with pytest.raises(RuntimeError, match=NO_WINDOW):
            through(theirs, shape)
        return
    assert ours.output == through(theirs, shape)
    assert ours.params == 0


def test_more_norms_and_slopes() -> None:
    """Names, shapes and numbers of the learned tensors."""
    with torch.device("meta"):
        pairs: list[tuple[Any, Any]] = [
            (facts("layernorm", (7, 7, 8)), torch.nn.LayerNorm(8)),
            (facts("layernorm", (9,)), torch.nn.LayerNorm(9)),
            (facts("layernorm", (9,), affine=False), torch.nn.LayerNorm(9, elementwise_affine=False)),
            (facts("groupnorm", (7, 7, 8), groups=4), torch.nn.GroupNorm(4, 8)),
            (facts("groupnorm", (7, 8), groups=2, affine=False), torch.nn.GroupNorm(2, 8, affine=False)),
            (facts("instancenorm", (7, 7, 8)), torch.nn.InstanceNorm2d(8)),
            (facts("instancenorm", (7, 8), affine=True), torch.nn.InstanceNorm1d(8, affine=True)),
            (facts("prelu", (7, 7, 8)), torch.nn.PReLU(8)),
            (facts("prelu", (8,), shared=True), torch.nn.PReLU()),
        ]
    for ours, theirs in pairs:
        shapes = {tensor.name: tensor.shape for tensor in ours.tensors}
        assert shapes == {key: tuple(value.shape) for key, value in theirs.state_dict().items()}


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
def test_enlarging(seed: int) -> None:
    """Shapes, and what a unit reads on an axis: where the gradient arrives.

    Defeats: two neighbours for a unit that falls on one, the centres of pixels aligned.
    """
    draw = Draw(seed)
    shape = draw.input(2)
    factor = draw.size(1, 5)
    mode = draw.choice(["nearest", "bilinear"])
    ours = facts("upsample", shape, factor=factor, mode=Word(mode))
    named = {1: "linear", 2: "bilinear", 3: "trilinear"}[draw.axes]
    theirs = torch.nn.Upsample(
        scale_factor=tuple(map(float, per_axis(factor, draw.axes))),
        mode="nearest" if mode == "nearest" else named,
    )
    assert ours.output == through(theirs, shape)
    for n, f, window in zip(shape[:-1], per_axis(factor, draw.axes), ours.windows, strict=True):
        x = torch.zeros(1, 1, n, requires_grad=True, dtype=torch.float64)
        y = torch.nn.functional.interpolate(
            x, scale_factor=float(f), mode="nearest" if mode == "nearest" else "linear"
        )
        for unit in range(n * f):
            (gradient,) = torch.autograd.grad(y[0, 0, unit], x, retain_graph=True)
            # Weights of a few epsilons are zeros: the place of a unit is computed in floats.
            read = (gradient[0, 0].abs() > 1e-9).nonzero().flatten().tolist()
            first, last = window.first(unit), window.last(unit)
            # At the rim the last position stands for those beyond it.
            inside = sorted({min(max(i, 0), n - 1) for i in range(first, last + 1)})
            assert read == inside


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_pixel_shuffle(factor: int) -> None:
    """The shape, and which position of the input each position of the output is from."""
    shape = (3, 4, 2 * factor * factor)
    ours = facts("pixel_shuffle", shape, factor=factor)
    assert ours.output == through(torch.nn.PixelShuffle(factor), shape)
    x = torch.arange(12).reshape(1, 1, 3, 4).expand(1, shape[-1], 3, 4)
    y = torch.nn.functional.pixel_shuffle(x, factor)[0, 0]
    down, across = ours.windows
    for (i, j), value in zip(
        [(i, j) for i in range(3 * factor) for j in range(4 * factor)], y.flatten().tolist(), strict=True
    ):
        assert value == 4 * down.first(i) + across.first(j)


def test_channel_shuffle() -> None:
    shuffle = torch.nn.ChannelShuffle(3)
    x = torch.empty(1, 6, 4, 5)  # the meta device has no channel shuffle
    assert shuffle(x).shape == x.shape
    assert facts("channel_shuffle", (4, 5, 6), groups=3).output == (4, 5, 6)
