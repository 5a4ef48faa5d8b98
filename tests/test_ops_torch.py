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
from archcalc.ops.base import Op, Problem, Size, Word
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
        """One number, or one an axis."""
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
        "kernel": kernel, "stride": stride, "dilation": dilation, "pad": pad, "bias": bias
    }  # fmt: skip
    if name == "conv":
        filters = groups * draw.randint(1, 4)
        values.update(filters=filters, groups=groups)
    else:
        groups, multiplier = channels, draw.randint(1, 3)
        filters = channels * multiplier
        values["multiplier"] = multiplier
    theirs = module(
        "Conv", draw.axes, channels, filters, plain(kernel), plain(stride),
        dilation=plain(dilation), groups=groups, bias=bias,
    )  # fmt: skip
    ends = draw.ends(shape, kernel, stride, dilation, pad)
    try:
        ours = facts(name, shape, **values)
    except Problem:
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
    theirs = module(
        kind, draw.axes, plain(kernel), plain(stride), plain(pad), ceil_mode=ceil, **options
    )
    try:
        ours = facts(name, shape, round=Word("ceil" if ceil else "floor"), **values)
    except Problem:
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
    theirs = module({"maxpool": "MaxPool", "avgpool": "AvgPool"}[name], draw.axes, plain(kernel),
                    plain(stride))  # fmt: skip
    ends = draw.ends(shape, kernel, stride, 1, pad)
    try:
        ours = facts(name, shape, kernel=kernel, stride=stride, pad=pad)
    except Problem:
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
        ours = facts(
            "conv", (n, 1), kernel=kernel, filters=1, stride=stride, dilation=dilation, pad=pad
        )
    except Problem:
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
        assert {key for key, t in named.items() if t.learned} == set(
            dict(theirs.named_parameters())
        )
        assert ours.params == learned(theirs)


def state(layer: Any) -> dict[str, tuple[int, ...]]:
    """The shapes of a module's tensors by name."""
    return {key: tuple(value.shape) for key, value in layer.state_dict().items()}


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
