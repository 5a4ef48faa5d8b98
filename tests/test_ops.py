"""Each op as a whole: its documentation, its signature, and what it refuses."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import slide

import archcalc
from archcalc.arithmetic import product
from archcalc.ops import registry
from archcalc.ops.attributes import Attribute, OpError, Size, Word, show
from archcalc.ops.base import REGISTRY, Elementwise, Op
from archcalc.ops.facts import OperationCounts
from archcalc.ops.sliding import format_misfits
from archcalc.ops.window import CEIL, FLOOR, Window, fitting, same, same_padding
from archcalc.shape import Shape

OPS = sorted(registry())

# The words of the language, and what stands for each of their defaults.
WORDS = [
    "conv",
    "dwconv",
    "tconv",
    "local",
    "maxpool",
    "avgpool",
    "lppool",
    "subsample",
    "gap",
    "gmp",
    "adaptive_avgpool",
    "adaptive_maxpool",
    "fc",
    "linear",
    "bn",
    "layernorm",
    "groupnorm",
    "instancenorm",
    "lrn",
    "lcn",
    "relu",
    "relu6",
    "leaky_relu",
    "prelu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "sigmoid",
    "tanh",
    "softplus",
    "hardswish",
    "hardsigmoid",
    "softmax",
    "maxout",
    "dropout",
    "flatten",
    "reshape",
    "identity",
    "add",
    "mul",
    "concat",
    "zeropad",
    "crop",
    "upsample",
    "pixel_shuffle",
    "resize",
    "pixel_unshuffle",
    "channel_shuffle",
    "take",
    "bias",
    "scale",
    "times",
    "embedding",
    "rnn",
    "lstm",
    "gru",
    "attention",
    "class_token",
    "positions",
    "max_unpool",
    "nms",
    "roi_pool",
    "roi_align",
    "rbf",
    "shortcut",
    "parameter",
    "opaque",
    "rmsnorm",
    "grid_sample",
    "affine_grid",
    "embedding_bag",
    "rnn_cell",
    "lstm_cell",
    "gru_cell",
]
DEFAULTS = {
    "conv": "stride=1 pad=0 dilation=1 groups=1 bias=yes round=floor",
    "dwconv": "stride=1 pad=0 dilation=1 multiplier=1 bias=yes round=floor",
    "maxpool": "pad=0 round=floor",
    "avgpool": "pad=0 round=floor count_pad=yes",
    "subsample": "pad=0 round=floor",
    "fc": "bias=yes",
    "linear": "bias=yes",
    "bn": "scale=yes shift=yes running=yes statistics=running frozen=no",
    "lrn": "across=channels",
    "tconv": "stride=1 pad=0 output_pad=0 dilation=1 groups=1 bias=yes bilinear=no frozen=no",
    "lppool": "pad=0 round=floor",
    "local": "stride=1 pad=0 bias=yes",
    "groupnorm": "affine=yes",
    "layernorm": "affine=yes scale=yes shift=yes across=channels",
    "rmsnorm": "scale=yes",
    "instancenorm": "affine=no running=no",
    "upsample": "mode=nearest align_corners=no",
    "resize": "mode=nearest align_corners=no",
    "bias": "per=channel",
    "crop": "offset=0",
    "take": "offset=0",
    "shortcut": "kind=B norm=yes bias=no",
    "rnn": "biases=one returns=sequence layers=1 nonlinearity=tanh",
    "lstm": "biases=one returns=sequence layers=1",
    "gru": "biases=one returns=sequence layers=1",
    "attention": "bias=yes",
    "parameter": "buffer=no",
    "positions": "buffer=no",
    "rnn_cell": "biases=one",
    "lstm_cell": "biases=one returns=state",
    "gru_cell": "biases=one",
}


def made(name: str, **values: Any) -> Any:
    """An op; words are given as Word."""
    return registry()[name](**values)


# Documentation ----------------------------------------------------------------------------------


def test_every_word_of_the_language_is_a_layer() -> None:
    """A new op may add a word of its own."""
    assert set(OPS) >= set(WORDS)


@pytest.mark.parametrize("name", OPS)
def test_the_reference_is_complete(name: str) -> None:
    op = registry()[name]
    documentation = vars(op).get("__doc__")
    assert documentation, "inherits its documentation"
    first, _, rest = documentation.partition("\n")
    assert first.endswith(".")
    assert len(first) <= 90
    assert not rest or rest.startswith("\n")
    assert all([op.group, op.source, op.counting, op.example, op.shapes])
    assert set(op.positional) <= set(op.attributes)
    for attribute in op.attributes.values():
        assert attribute.help
        assert not attribute.help.endswith(".")
    letters = [a.symbol for a in op.attributes.values() if a.symbol]
    assert len(letters) == len(set(letters))
    assert not {"H", "W", "T", "C"} & set(letters)


@pytest.mark.parametrize("name", OPS)
def test_sources_have_the_form_of_sources(name: str) -> None:
    """arXiv identifiers as arXiv writes them; classes of PyTorch with their module."""
    source = registry()[name].source
    for identifier in re.findall(r"arXiv:(\S+)", source):
        assert re.fullmatch(r"\d{4}\.\d{4,5}[,;:]?", identifier)
    for found in re.findall(r"PyTorch, (\S+)", source):
        assert found.startswith("torch.")


@pytest.mark.parametrize("name", OPS)
def test_the_example_runs(name: str) -> None:
    """It loads without a complaint, uses the op, and no rule is missing."""
    op = registry()[name]
    network = archcalc.load(op.example)
    assert not [d for d in network.diagnostics if d.severity != "note"]
    assert re.search(rf"\b{name}\b", op.example)
    report = network.summary()
    missing = {record["quantity"] for record in report.uncounted}
    assert "saved" not in missing or op.no_saved_rule
    uncounted = op.counting.startswith("no rule")
    assert bool(missing - {"saved"}) == uncounted
    layers = [layer for layer in network.graph.layers if layer.op.name == name]
    if name == "identity":
        assert layers == []
    elif name != "shortcut":  # which is a convolution there
        assert layers
    for layer in layers:
        free = op.counting.startswith("none: declared free")
        operations = layer.facts.operations
        assert (operations is None) == uncounted
        if operations is None:
            continue
        assert free == (not any(operations.to_dict().values()))
        params = layer.facts.params
        assert not params or op.weighted


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults(name: str) -> None:
    op = registry()[name]
    known = {key: show(a.default) for key, a in op.attributes.items() if a.default is not None}
    for word in DEFAULTS[name].split():
        key, _, value = word.partition("=")
        assert known[key] == value


def test_a_pool_steps_by_its_window() -> None:
    assert made("maxpool", kernel=Size((3, 2))).stride == (3, 2)
    assert made("maxpool", kernel=3).stride == 3
    assert made("maxpool", kernel=3, stride=2).stride == 2


# A new op ---------------------------------------------------------------------------------------


def test_one_class_makes_an_op() -> None:
    """Nothing else is touched: it is parsed, computed, and documented."""

    class Cube(Elementwise):
        """Third power of each value."""

        name = "cube"
        counting = "mul: 2 per value"

        def operations(self, x: Shape) -> OperationCounts:  # type: ignore[override]
            return OperationCounts(mul=2).times(x.values)

    try:
        (layer,) = archcalc.load("3x3x2 -> cube").graph.layers
        assert layer.facts.operations is not None
        assert layer.facts.operations.mul == 36
        with pytest.raises(TypeError, match="two ops are called relu"):
            type("Another", (Elementwise,), {"name": "relu"})
    finally:
        del REGISTRY["cube"]


def test_silence_is_not_zero() -> None:
    """An op that states no operations has none that are known."""

    class Silent(Elementwise):
        """States no operations."""

        name = "silent"

    try:
        network = archcalc.load("3x3x2 -> silent -> conv 3x3 2")
        report = network.summary().to_dict()
        assert report["layers"][0]["macs"] is None
        assert report["layers"][0]["operations"] is None
        assert report["uncounted"] == [{"layer": "silent1", "quantity": "macs"}]
        assert report["totals"]["macs"] == 36
    finally:
        del REGISTRY["silent"]


def test_ops_cost_little_to_import() -> None:
    """No module that takes long, and that nothing here needs."""
    code = (
        "import sys; from archcalc.ops import registry; registry(); "
        "print(*{'torch', 'numpy', 'dataclasses', 'inspect', 'importlib.metadata'} "
        "& set(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
    )
    assert (found.stdout.strip(), found.stderr) == ("", "")


# Sizes ------------------------------------------------------------------------------------------

SMALL = st.integers(1, 12)
PADS = st.integers(0, 5)


@given(n=SMALL, kernel=SMALL, stride=st.integers(1, 5), low=PADS, high=PADS, d=st.integers(1, 3))
@settings(max_examples=500)
def test_sizes_by_counting(n: int, kernel: int, stride: int, low: int, high: int, d: int) -> None:
    """The formulas against windows laid down one by one.

    Defeats: floor of the quotient plus one rounded up, the last window of ceil mode in the
    trailing padding, dilation taken for k*d.
    """
    window = Window(n, kernel, stride, low, high, d, rule=fitting)
    assert window.span == len(range(0, kernel * d, d)) * d - d + 1
    for rounding in (FLOOR, CEIL):
        counted = slide(n, kernel, stride, d, (low, high), 1, 0, rounding)[1]
        for brief in (False, True):
            assert max(window.but(rounding=rounding, brief=brief).output, 0) == counted


@given(n=SMALL, kernel=SMALL, stride=st.integers(1, 5))
def test_same_padding(n: int, kernel: int, stride: int) -> None:
    """No more than is needed, the odd one at the end. Defeats: padding where the stride leaves
    gaps, negative padding."""
    low, high = same_padding(n, kernel, stride)
    windows = Window(n, kernel, stride, low, high, rule=same).output
    assert windows == len(range(0, n, stride))
    needed = (windows - 1) * stride + kernel - n
    assert low + high == max(needed, 0)
    assert 0 <= high - low <= 1


def test_textbook_forms() -> None:
    """(W - F + 2P)/S + 1 where it comes out even, and its relatives for signals and volumes."""
    conv = made("conv", kernel=11, filters=96, stride=4)
    assert conv.output(Shape((227, 227, 3))) == (55, 55, 96)
    conv = made("conv", kernel=Size((3, 3, 3)), filters=8, pad=Size((1, 1, 1)))
    assert conv.output(Shape((16, 112, 112, 3))) == (16, 112, 112, 8)
    conv = made("conv", kernel=80, filters=8, stride=4, pad=Size((38, 0)))
    assert conv.output(Shape((16000, 1))) == (3990, 8)
    pool = made("maxpool", kernel=3, stride=2, round=Word("ceil"))
    assert pool.output(Shape((112, 112, 64))) == (56, 56, 64)


def test_ceil_takes_in_a_window_larger_than_the_input() -> None:
    """As PyTorch does: SqueezeNet on small images. One stride larger, and there is no window."""
    pool = made("maxpool", kernel=3, stride=2, round=Word("ceil"))
    assert pool.facts((Shape((2, 2, 8)),)).output == (1, 1, 8)
    with pytest.raises(OpError, match="larger than the input"):
        pool.facts((Shape((1, 1, 8)),))
    with pytest.raises(OpError, match="larger than the input"):
        made("maxpool", kernel=3, stride=2).facts((Shape((2, 2, 8)),))


@given(n=SMALL, kernel=st.integers(1, 5), stride=st.integers(1, 4), pad=PADS)
def test_what_is_said_of_a_window_that_does_not_fit(n: int, kernel: int, stride: int, pad: int) -> None:
    """It is said exactly when something is left over, and the help helps."""
    conv = made("conv", kernel=kernel, filters=1, stride=stride, pad=pad)
    x = Shape((n, 1))
    if n + 2 * pad < kernel:
        return
    misfits = conv.misfits(x)
    assert bool(misfits) == bool((n + 2 * pad - kernel) % stride)
    exact = made("conv", kernel=kernel, filters=1, stride=stride, pad=pad, round=Word("exact"))
    if not misfits:
        assert exact.facts((x,)).output == conv.facts((x,)).output
        return
    with pytest.raises(OpError) as refused:
        exact.facts((x,))
    assert refused.value.code == "fit"
    message, notes, help = format_misfits(misfits)
    assert message.startswith("the window does not fit: ")
    assert notes
    for line in help:
        better = int(line.split()[0].removeprefix("pad="))
        fits = made("conv", kernel=kernel, filters=1, stride=stride, pad=better)
        assert not fits.misfits(x)


# What is refused --------------------------------------------------------------------------------

REFUSED = [
    ("conv", {"kernel": 3}, (8, 8, 3), "`conv` needs `filters`"),
    ("conv", {"kernel": 3, "filters": 0}, (8, 8, 3), "`filters` must be at least 1, not 0"),
    ("conv", {"kernel": Size((3, 0)), "filters": 1}, (8, 8, 3), "`kernel` must be at least 1"),
    ("conv", {"kernel": 3, "filters": 1, "bias": 1}, (8, 8, 3), "`bias` is yes or no, not 1"),
    ("conv", {"kernel": 3, "filters": 1, "pad": Word("sane")}, (8, 8, 3), "`pad` is a number"),
    ("conv", {"kernel": 3, "filters": 8}, (8,), "needs positions, 8 is a vector"),
    ("conv", {"kernel": 9, "filters": 8}, (8, 8, 3), "window 9x9 is larger than the input 8x8"),
    ("conv", {"kernel": Size((3, 3)), "filters": 8}, (8, 3), "`kernel` has 2 numbers, the input"),
    ("conv", {"kernel": 3, "filters": 8, "pad": Size((1, 2, 3))}, (8, 8, 3), "`pad` has 3 numbers"),
    ("conv", {"kernel": 3, "filters": 8, "groups": 2}, (8, 8, 3), "3 channels do not divide"),
    ("conv", {"kernel": 3, "filters": 3, "groups": 2}, (8, 8, 4), "3 filters do not divide"),
    ("conv", {"kernel": 3, "filters": 2, "connect": "11 10"}, (8, 8, 3), "`connect` has 2 strings"),
    ("conv", {"kernel": 3, "filters": 2, "connect": "111"}, (8, 8, 1), "each string of `connect`"),
    ("conv", {"kernel": 3, "filters": 2, "connect": "00"}, (8, 8, 1), "connects nothing"),
    ("conv", {"kernel": 3, "filters": 2, "connect": "11", "groups": 2}, (8, 8, 2), "exclude each"),
    ("gap", {}, (8,), "needs positions"),
    ("adaptive_avgpool", {"size": 3}, (8,), "needs positions"),
    ("adaptive_avgpool", {"size": Size((3, 3))}, (8, 2), "`size` has 2 numbers"),
    ("zeropad", {"pad": 3}, (8,), "needs positions"),
    ("zeropad", {"pad": Word("half")}, (8, 8, 1), "has no window to pad for"),
    ("crop", {"size": 3}, (8,), "needs positions"),
    ("crop", {"size": 6, "offset": 3}, (8, 8, 1), "6 at offset 3 does not fit into 8"),
    ("lrn", {"size": 3, "across": Word("positions")}, (8,), "needs positions"),
    ("dropout", {"p": 1}, (8,), "`p` is a probability"),
    ("embedding", {"vocabulary": 9, "size": 4}, (5, 9), "looks up a vector of word indices, 5x9"),
    ("rnn", {"units": 4}, (8, 8, 3), "reads a sequence, T positions of C, and not 8x8x3"),
    ("lstm", {"units": 4, "biases": Word("three")}, (8,), "`biases` is one of one, two, none, not"),
    ("lstm", {"units": 4, "proj": 4}, (8,), "it is less than the 4 units"),
    ("attention", {"heads": 2}, (8,), "needs positions"),
    ("attention", {"heads": 3}, (5, 8), "8 channels do not divide into 3 heads"),
    ("class_token", {}, (8,), "needs positions"),
    ("class_token", {}, (4, 4, 8), "in front of a sequence, T positions of C, and 4x4x8 has 2"),
    ("positions", {}, (8,), "needs positions"),
    ("local", {"kernel": 9, "filters": 8}, (8, 8, 3), "window 9x9 is larger than the input 8x8"),
    ("tconv", {"kernel": 3, "filters": 8}, (8,), "needs positions"),
    ("tconv", {"kernel": 3, "filters": 8, "groups": 2}, (8, 8, 3), "3 channels do not divide"),
    ("tconv", {"kernel": 3, "filters": 3, "groups": 2}, (8, 8, 4), "3 filters do not divide"),
    ("tconv", {"kernel": Size((3, 3)), "filters": 1}, (8, 3), "`kernel` has 2 numbers"),
    ("tconv", {"kernel": 3, "filters": 1, "pad": Size((1, 2, 3))}, (8, 8, 3), "`pad` has 3"),
    ("tconv", {"kernel": 3, "filters": 1, "pad": 2}, (2, 1), "cuts off all of the output"),
    ("tconv", {"kernel": 3, "filters": 1, "stride": 2, "output_pad": 2}, (2, 1), "must be less"),
    (
        "tconv",
        {"kernel": 3, "filters": 1, "stride": 2, "output_pad": 1, "pad": Word("same")},
        (2, 1),
        "no place with pad=same",
    ),
    ("maxout", {"pieces": 2}, (8, 8, 3), "3 channels do not divide into pieces of 2"),
    ("groupnorm", {"groups": 2}, (8, 8, 3), "3 channels do not divide into 2 groups"),
    ("channel_shuffle", {"groups": 2}, (8, 8, 3), "3 channels do not divide into 2 groups"),
    ("take", {"channels": 4}, (8, 8, 3), "4 channels do not fit into 3"),
    ("take", {"channels": 2, "offset": 2}, (3,), "2 channels at offset 2 do not fit into 3"),
    ("take", {"channels": 0}, (3,), "`channels` must be at least 1, not 0"),
    ("take", {"channels": 1, "offset": -1}, (3,), "`offset` must be at least 0, not -1"),
    ("pixel_shuffle", {"factor": 2}, (8, 8, 6), "6 channels do not divide into blocks of 4"),
    ("pixel_shuffle", {"factor": 2}, (8,), "needs positions"),
    ("upsample", {"factor": 2}, (8,), "needs positions"),
    ("resize", {"size": 2}, (8,), "needs positions"),
    ("attention", {"heads": 4, "kv": 3}, (8, 8), "4 heads of queries do not divide among 3"),
    ("attention", {"heads": 2, "causal": True}, (8, 8, 4), "`causal` needs a sequence"),
    ("attention", {"heads": 3}, (8, 8), "8 channels do not divide into 3 heads"),
    ("resize", {}, (8, 2), "`resize` takes a size, or `by` how much"),
    ("resize", {"size": 2, "by": 2}, (8, 2), "`resize` takes a size, or `by` how much"),
    ("resize", {"by": 0}, (8, 2), "`by` must be more than 0"),
    ("pixel_unshuffle", {"factor": 3}, (9, 8, 2), "8 positions do not divide into blocks of 3"),
    ("upsample", {"factor": Size((2, 2))}, (8, 2), "`factor` has 2 numbers"),
    ("instancenorm", {}, (8,), "needs positions"),
    ("lcn", {"size": 3}, (8,), "needs positions"),
    ("bias", {"per": Word("position")}, (8,), "needs positions"),
    ("reshape", {"shape": Size((2, 3))}, (8,), "2x3 has 6 values, 8 has 8"),
    ("reshape", {"shape": 7}, (2, 4), "7 has 7 values, 2x4 has 8"),
    ("slice", {"start": 3, "stop": 3}, (8, 1), "3 to 3 is no part of the 8 positions of axis 0"),
    ("slice", {"start": 3, "stop": 9}, (8, 1), "3 to 9 is no part of the 8 positions of axis 0"),
    ("slice", {"start": -9, "stop": 8}, (8, 1), "-9 to 8 is no part of the 8 positions of axis 0"),
    ("slice", {"start": 0, "stop": 1, "axis": 2}, (8, 1), "8x1 has 2 axes, 0 to 1: there is no axis 2"),
    ("select", {"index": 8}, (8, 1), "axis 0 of 8x1 has no position 8"),
    ("select", {"index": -9}, (8, 1), "axis 0 of 8x1 has no position -9"),
    ("select", {"index": 0}, (8,), "a value of the vector 8 would have no axis left"),
    ("roll", {"shift": 1}, (8,), "needs positions"),
    ("reflectpad", {"pad": 8}, (8, 1), "a reflection of 8 positions is at most 7 wide, not 8"),
    ("circularpad", {"pad": 9}, (8, 1), "a rim that goes round of 8 positions is at most 8 wide, not 9"),
    ("reflectpad", {"pad": Word("half")}, (8, 8, 1), "has no window to pad for"),
    (
        "conv",
        {"kernel": 3, "filters": 1, "pad": 3, "pad_mode": Word("reflect")},
        (3, 1),
        "a reflection of 3 positions is at most 2 wide, not 3",
    ),
    ("col2im", {"size": 4, "kernel": 2}, (4, 4), "4 positions of axis 0 have 3 windows, 4 arrive"),
    ("col2im", {"size": 5, "kernel": 2}, (4, 3), "3 channels do not divide into windows of 2 values"),
    ("flip", {"axis": -3}, (8, 1), "8x1 has 2 axes, 0 to 1: there is no axis -3"),
    ("roll", {"shift": Size((1, 2))}, (8, 1), "`shift` has 2 numbers, the input has 1 axis"),
    ("rearrange", {"pattern": "h w -> w h"}, (8, 8, 1), "the left side has 2, 8x8x1 has 3 axes"),
    ("rearrange", {"pattern": "(h p=3) c -> h p c"}, (8, 1), "axis 0 of 8x1 does not divide into 3"),
    ("rearrange", {"pattern": "h 1 -> h"}, (8, 2), "axis 1 of 8x2 is 2, and 1 in the pattern"),
    ("rearrange", {"pattern": "h c -> h d"}, (8, 2), "`c` is missing on the right of `->`"),
    ("rearrange", {"pattern": "h h -> h"}, (8, 2), "`h` stands twice on one side"),
    ("rearrange", {"pattern": "h c -> c h=8"}, (8, 2), "sizes stand on the left of `->`"),
    ("rearrange", {"pattern": "h c"}, (8, 2), "a pattern has a `->`"),
    ("rearrange", {"pattern": "h c -> (h c"}, (8, 2), "a `(` without its `)`"),
    ("rearrange", {"pattern": "h c -> h c)"}, (8, 2), "a `)` without its `(`"),
    ("rearrange", {"pattern": "h c -> ((h) c)"}, (8, 2), "a parenthesis within another one"),
    ("rearrange", {"pattern": "h c -> c -> h"}, (8, 2), "a second `->`"),
    ("rearrange", {"pattern": "... c -> c ..."}, (8, 2), "unexpected '.'"),
    ("rearrange", {"pattern": "(a b) c -> c b a"}, (8, 2), "only one of `a`, `b` can be worked out"),
    ("rearrange", {"pattern": "1 1 ->"}, (1, 1), "there is no axis on the right of `->`"),
    ("roi_pool", {"size": 7, "proposals": 2}, (8,), "needs positions"),
    ("roi_align", {"size": Size((7, 7, 7)), "proposals": 2}, (8, 8, 1), "`size` has 3 numbers"),
    ("fc", {"units": 2**60}, (8,), "`units` is too large"),
]


@pytest.mark.parametrize(("name", "values", "shape", "message"), REFUSED)
def test_refused(name: str, values: dict[str, Any], shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(OpError, match=re.escape(message)):
        made(name, **values).facts((Shape(shape),))


@pytest.mark.parametrize(
    ("name", "shapes", "branch"),
    [
        ("add", [(8, 8, 3), (8, 8, 4)], 1),
        ("add", [(8, 8, 3), (8, 7, 3)], 1),
        ("mul", [(8, 8, 3), (4,)], 1),
        ("mul", [(3,), (8, 8, 3), (7, 3)], 2),
        ("concat", [(8, 8, 3), (8, 8, 4), (8, 7, 3)], 2),
        ("concat", [(8, 8, 3), (8, 3)], 1),
        ("stack", [(8, 8, 3), (8, 8, 3), (8, 8, 4)], 2),
    ],
)
def test_branches_that_differ(name: str, shapes: list[tuple[int, ...]], branch: int) -> None:
    with pytest.raises(OpError, match="differ") as refused:
        made(name).facts(tuple(Shape(shape) for shape in shapes))
    assert refused.value.branch == branch


def test_outputs_beyond_all_bounds_are_refused() -> None:
    with pytest.raises(OpError, match="the output would be"):
        made("zeropad", pad=2**53).facts((Shape((8, 1)),))


# The parts --------------------------------------------------------------------------------------


def test_facts_are_worked_out_once() -> None:
    """Layers alike share them, whatever their shapes are called."""
    op: Op = made("conv", kernel=3, filters=8)
    x = Shape((8, 8, 3))
    assert op.facts((x,)) is op.facts((Shape((8, 8, 3)),))
    other = op.with_attributes(kernel=5)
    assert other.facts((x,)).output == (4, 4, 8)
    assert op.facts((x,)).output == (6, 6, 8)


def test_what_is_kept_for_one_shape_does_not_serve_another() -> None:
    """Defeats: the windows of the shape before."""
    op: Any = made("conv", kernel=3, filters=8)
    large, small = Shape((8, 8, 3)), Shape((5, 5, 3))
    assert [op.output(x)[0] for x in (large, small, large)] == [6, 3, 6]
    assert op.with_attributes(stride=2).output(large)[0] == 3


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_shapes(sizes: list[int]) -> None:
    shape = Shape(sizes)
    assert (*shape.spatial, shape.channels) == shape
    assert shape.values == product(sizes) == shape.positions * shape.channels
    assert str(shape) == "x".join(map(str, sizes))


@pytest.mark.parametrize("name", OPS)
def test_no_argument_hides_a_rule(name: str) -> None:
    """An argument is an attribute of the op. Defeats one that is called like a method of all ops, which
    breaks whatever calls it, of this op alone."""
    stated = [
        word
        for cls in registry()[name].__mro__
        for word, at in vars(cls).items()
        if isinstance(at, Attribute)
    ]
    assert [word for word in stated if callable(getattr(Op, word, None))] == []
