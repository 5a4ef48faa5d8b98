"""Receptive fields on networks small enough to work out by hand.

Each test names the wrong algorithm that it defeats.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

import archcalc
from archcalc.analysis.receptive import Fields, windows_of_unit
from archcalc.network import Network


def load(text: str) -> Network:
    """A one-liner, or the lines of a net."""
    if text.startswith("input"):
        text = "net it\n" + "".join(f"  {line}\n" for line in text.splitlines())
        return archcalc.load("-", stdin=text)
    return archcalc.load(text)


def field(text: str, layer: str | None = None) -> dict[str, Any]:
    """The JSON of a layer's receptive field; of the last layer, if none is named."""
    network = load(text)
    return network.receptive_field(layer).to_dict()["layers"][-1]["rf"]


def size(chain: str) -> int:
    """The receptive field of the last layer of a chain on a large square image."""
    along = field(f"500x500x3 -> {chain}")["size"]
    assert along[0] == along[1]
    return along[0]


# Wrong algorithms -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chain", "right", "wrong"),
    [
        pytest.param("conv 3x3 8 -> conv 3x3 8", 5, 6, id="kernels added up"),
        pytest.param("conv 3x3 8 -> conv 3x3 8 -> conv 3x3 8", 7, 27, id="kernels multiplied"),
        pytest.param("conv 3x3 8 stride=2 -> conv 3x3 8", 7, 5, id="strides forgotten"),
        pytest.param("conv 3x3 8 -> conv 3x3 8 stride=2", 5, 7, id="own stride included"),
        pytest.param("conv 5x5 8 -> conv 3x3 8 stride=2", 7, 11, id="layers in reverse order"),
        pytest.param(
            "conv 3x3 8 stride=2 -> conv 1x1 8 stride=2 -> conv 3x3 8",
            11,
            7,
            id="only the stride of the layer before",
        ),
        pytest.param("conv 3x3 8 dilation=2", 5, 3, id="dilation ignored"),
        pytest.param("conv 3x3 8 dilation=2", 5, 6, id="dilation times kernel"),
        pytest.param("conv 3x3 8 dilation=2 -> conv 3x3 8", 7, 9, id="dilation taken as a stride"),
        pytest.param("conv 3x3 8 -> maxpool 2x2 -> conv 3x3 8", 8, 5, id="pools left out"),
        pytest.param("conv 3x3 8 -> maxpool 2x2 -> conv 3x3 8", 8, 7, id="only stride of pools"),
        pytest.param("conv 3x3 8 pad=1 -> conv 3x3 8 pad=1", 5, 1, id="padding taken off"),
        pytest.param("conv 3x3 8 pad=1 -> conv 3x3 8 pad=1", 5, 9, id="padding put on"),
        pytest.param("conv 3x3 8 stride=4 -> relu", 3, 6, id="an activation widens"),
        pytest.param("lrn 5 -> conv 3x3 8", 3, 7, id="norm across channels widens"),
    ],
)
def test_sizes_of_chains(chain: str, right: int, wrong: int) -> None:
    assert size(chain) == right != wrong


@pytest.mark.parametrize("order", [("conv 1x1 8", "conv 5x5 8 pad=2")] * 2)
def test_the_widest_branch_counts(order: tuple[str, str]) -> None:
    """Defeats: the first branch only, the last branch only, the mean of both."""
    for one, other in (order, order[::-1]):
        found = field(f"input 32x32x3\nconcat\n  | {one}\n  | {other}\nrelu")
        assert (found["size"], found["start"]) == ([5, 5], [-2, -2])
        assert found["aligned"] is True


def test_the_widest_branch_is_found_along_each_axis() -> None:
    """Defeats: one branch taken for both axes, 1x7 counted as 7x7."""
    found = field("input 32x32x3\nconcat\n  | conv 1x7 8 pad=0x3\n  | conv 5x1 8 pad=2x0")
    assert (found["size"], found["start"]) == ([5, 7], [-2, -3])


def test_the_odd_pixel_of_same_is_at_the_end() -> None:
    """A 7x7 at stride 2 on 224 lacks 5: 2 before, 3 behind. Defeats: 3 before, as `half` has."""
    assert field("224x224x3 -> conv 7x7 64 stride=2 pad=same")["start"] == [-2, -2]
    assert field("224x224x3 -> conv 7x7 64 stride=2 pad=half")["start"] == [-3, -3]
    assert field("225x225x3 -> conv 7x7 64 stride=2 pad=same")["start"] == [-3, -3]


def test_start_adds_padding_times_stride() -> None:
    """-1 of the first, -1 at stride 2, -1 at stride 4. Defeats: paddings added up (-3)."""
    chain = " -> ".join(["conv 3x3 8 stride=2 pad=1"] * 3)
    assert field(f"64x64x3 -> {chain}")["start"] == [-7, -7]


def test_padding_at_the_end_moves_nothing() -> None:
    """Defeats: half of the whole padding taken for the start."""
    assert field("32x32x3 -> conv 3x3 8 pad=0x2x1x0")["start"] == [0, -1]
    assert field("32x32x3 -> zeropad 0x2x1x0 -> conv 3x3 8")["start"] == [0, -1]


def test_ceil_adds_a_window_but_moves_none() -> None:
    """Defeats: a window over the end taken for padding at the beginning."""
    assert field("112x112x3 -> maxpool 3x3 stride=2 round=ceil")["start"] == [0, 0]


# Pairs that must agree --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("conv 3x3 8 -> conv 3x3 8", "conv 5x5 8"),
        ("conv 3x3 8 pad=1 -> conv 3x3 8 pad=1", "conv 5x5 8 pad=2"),
        ("conv 3x3 8 -> conv 3x3 8 -> conv 3x3 8", "conv 7x7 8"),
        ("conv 7x1 8 -> conv 1x7 8", "conv 7x7 8"),
        ("maxpool 2x2 -> maxpool 2x2", "maxpool 4x4"),
        ("conv 3x3 8 dilation=2", "conv 5x5 8"),
        ("conv 3x3 8 stride=2 -> conv 3x3 8", "conv 7x7 8 stride=2"),
        ("zeropad 2 -> conv 5x5 8", "conv 5x5 8 pad=2"),
        ("zeropad 3 -> crop 500x500 offset=3", "identity -> relu"),
        ("conv 3x3 8 pad=1 -> crop 498x498 offset=1", "conv 3x3 8"),
        ("adaptive_avgpool 100x100", "avgpool 5x5"),
        ("dwconv 3x3 -> conv 1x1 8", "conv 3x3 8"),
        ("conv 1x1 8 stride=2 -> conv 3x3 8", "conv 5x5 8 stride=2"),
        ("lrn 3 across=positions", "conv 3x3 8 pad=1"),
    ],
)
def test_two_ways_to_see_the_same(one: str, other: str) -> None:
    assert field(f"500x500x3 -> {one}") == field(f"500x500x3 -> {other}")


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_axes_are_alike(axes: int) -> None:
    """Defeats: rules for two axes only."""
    shape = "x".join(["32"] * axes)
    found = field(f"{shape}x3 -> conv 3 8 stride=2 pad=1 -> maxpool 2")
    assert found == {
        "size": [5] * axes,
        "stride": [4] * axes,
        "start": [-1] * axes,
        "aligned": True,
        "global": False,
        "gated": False,
    }


# Meetings of paths ------------------------------------------------------------------------------


def test_a_residual_unit() -> None:
    """The stride-2 projection reads one pixel, the branch three around it: one centre."""
    found = field("input 56x56x8\nadd\n  | conv 3x3 16 stride=2 pad=1\n  | shortcut norm=no")
    assert (found["size"], found["stride"], found["start"]) == ([3, 3], [2, 2], [-1, -1])
    assert found["aligned"] is True


def test_other_centres_are_not_aligned() -> None:
    """3 at 0..2 and 1 at 0: the union is 0..2, but the centres are 1 and 0.

    Defeats: alignment judged by size and stride alone.
    """
    found = field("input 9x9x3\na: crop 7x7\nconcat\n  | @a\n  | @input -> conv 3x3 3")
    assert (found["size"], found["start"], found["stride"]) == ([3, 3], [0, 0], [1, 1])
    assert found["aligned"] is False


def test_other_strides_leave_no_stride() -> None:
    """Unit i reads 2i..2i+1 through the pool, i..i+2 through the convolution: of six units the last
    sees 5..11.

    Defeats: the stride of one branch given for the merge; the window of unit 0 given as the size.
    """
    text = "input 12x3\na: maxpool 2\nb: @input -> conv 3 3 -> crop 6\nconcat @a @b"
    found = field(text)
    assert (found["size"], found["stride"], found["start"]) == ([7], [None], [0])
    assert found["aligned"] is False


def test_size_is_over_the_units_there_are() -> None:
    """The same windows, of which a crop keeps the first three: the third sees 2..5.

    Defeats: the size of the layer before, whose windows the crop passes on.
    """
    text = "input 12x3\na: maxpool 2\nb: @input -> conv 3 3 -> crop 6\nconcat @a @b -> crop 3"
    assert field(text)["size"] == [4]


def test_not_aligned_stays() -> None:
    """Defeats: alignment of the last merge only."""
    text = "input 9x9x3\nconcat\n  | crop 7x7\n  | conv 3x3 3\nconv 3x3 3\nadd\n  | relu\n  | tanh"
    assert field(text)["aligned"] is False


def test_windows_between_enlarged_units_differ() -> None:
    """4 units on 3 positions read 0, 0..1, 1..2, 2: stride 3/4, and 2 is the largest window."""
    assert field("3x1 -> adaptive_avgpool 4") == {
        "size": [2],
        "stride": ["3/4"],
        "start": [0],
        "aligned": True,
        "global": False,
        "gated": False,
    }


# What sees everything ---------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["gap", "gmp", "fc 10", "flatten"])
def test_everything(op: str) -> None:
    """Defeats: the receptive field of what is pooled given for the pool; one layer only marked."""
    for behind in ("", " -> fc 5 -> relu"):
        assert field(f"9x7x3 -> conv 3x3 8 -> {op}{behind}") == {
            "size": [9, 7],
            "stride": [None, None],
            "start": [0, 0],
            "aligned": True,
            "global": True,
            "gated": False,
        }


SQUEEZE = "input 32x32x8\nm: conv 3x3 8 pad=1\ng: @m -> gap -> fc 8 -> sigmoid\n"


def test_a_gate_is_left_out() -> None:
    """Defeats: squeeze-and-excite makes all behind it global; the mark lost behind the product."""
    found = field(SQUEEZE + "mul @m @g")
    assert (found["size"], found["global"], found["gated"]) == ([3, 3], False, True)
    found = field(SQUEEZE + "mul @g @m\nconv 3x3 8")
    assert (found["size"], found["global"], found["gated"]) == ([5, 5], False, True)


def test_only_a_product_has_gates() -> None:
    """A vector that is added is no gate."""
    found = field(SQUEEZE + "add @m @g")
    assert (found["global"], found["gated"]) == (True, False)


def test_a_product_of_vectors_has_no_gate() -> None:
    """Nothing local is left to look at. Defeats: every global branch of a product dropped."""
    found = field(SQUEEZE + "mul @g @g")
    assert (found["global"], found["gated"]) == (True, False)
    text = "input x: 9x9x4\ninput v: 4\nmul\n  | @x -> gap\n  | @v -> relu"
    found = field(text)
    assert found["x"]["global"] is True
    assert found["v"] == {
        "size": [],
        "stride": [],
        "start": [],
        "aligned": True,
        "global": False,
        "gated": False,
    }


def test_a_map_is_no_gate() -> None:
    """Attention over positions is local. Defeats: every second branch of a product left out."""
    text = "input 32x32x8\nmul\n  | conv 3x3 8 pad=1\n  | conv 7x7 8 pad=3 -> sigmoid"
    found = field(text)
    assert (found["size"], found["gated"]) == ([7, 7], False)


def test_each_input_has_its_own_field() -> None:
    """Defeats: fields of several inputs mixed; an input that is not seen listed."""
    text = "input x: 9x9x4\ninput y: 9x9x4\na: @x -> conv 3x3 4\nb: @y -> conv 5x5 4\n"
    assert list(field(text + "relu", "a")) == ["x"]
    found = field(text + "c: @a -> crop 5x5\nconcat @b @c")
    assert {name: entry["size"] for name, entry in found.items()} == {"x": [3, 3], "y": [5, 5]}


# One unit, backwards ----------------------------------------------------------------------------


def test_the_windows_of_one_unit() -> None:
    """All tensors on the way, unclipped."""
    graph = load("8x8x1 -> conv 3x3 4 pad=1 -> maxpool 2x2 -> conv 3x3 4 pad=1").graph
    first, pool, last = graph.layers
    found = windows_of_unit(graph, last, (0, 3))
    assert found is not None
    assert found[last] == ((0, 0), (3, 3))
    assert found[pool] == ((-1, 1), (2, 4))
    assert found[first] == ((-2, 3), (4, 9))
    assert found[graph.inputs[0]] == ((-3, 4), (3, 10))


def test_behind_everything_all_is_read() -> None:
    graph = load("8x8x1 -> conv 3x3 4 pad=1 -> gap -> fc 2").graph
    found = windows_of_unit(graph, graph.layers[-1], ())
    assert found is not None
    assert found[graph.layers[0]] == found[graph.inputs[0]] == ((0, 7), (0, 7))


def test_a_gate_is_not_walked() -> None:
    """Defeats: a gate that makes one unit read the whole image."""
    graph = load(SQUEEZE + "mul @m @g").graph
    found = windows_of_unit(graph, graph.layers[-1], (0, 0))
    assert found is not None
    assert found[graph.inputs[0]] == ((-1, 1), (-1, 1))
    assert {at.op.name for at in found} == {"input", "conv", "mul"}


# Bounds -----------------------------------------------------------------------------------------


HOSTILE = {
    "a stride that doubles for ever": "3x3x1 -> 2000 x (conv 3x3 1 stride=2 pad=2)",
    "a period as long as the output": "3x1 -> adaptive_maxpool 100000007",
    "a long period, over and over": "1x1 -> adaptive_maxpool 65521 -> 5000 x (conv 3 1 pad=1)",
    "periods that multiply": "input 1000003x1\nconcat\n"
    + "".join(f"  | adaptive_maxpool {n} -> crop 9\n" for n in (101, 103, 107, 109, 113)),
    "many strides, over and over": "input 65x1\nconcat\n"
    + "".join(f"  | conv 1 1 stride={n} -> crop 1\n" for n in range(1, 60))
    + "12000 x (conv 3 1 pad=1)",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_would_fill_the_memory_is_not_given(kind: str) -> None:
    """Such a field is reported as not computed: neither a wrong number, nor a hang."""
    network = load(HOSTILE[kind])
    fields = Fields(network.graph)
    last = network.graph.layers[-1]
    assert fields.of(last) is None
    assert windows_of_unit(network.graph, last, (0,) * (len(last.output) - 1)) is None
    assert {"layer": last.name, "quantity": "rf"} in network.summary().uncounted


def test_a_long_chain() -> None:
    """Ten thousand layers: found, and exactly."""
    graph = load("64x64x1 -> 5000 x (conv 3x3 1 pad=1 -> relu)").graph
    last = graph.layers[-1]
    found = Fields(graph).of(last)
    assert found is not None
    assert found[graph.inputs[0]].size == (10001, 10001)
    backwards = windows_of_unit(graph, last, (0, 0))
    assert backwards is not None
    assert backwards[graph.inputs[0]] == ((-5000, 5000), (-5000, 5000))


# Sequences --------------------------------------------------------------------------------------


def ends(text: str, layer: str | None = None) -> list[tuple[int, int]]:
    """What each unit of a layer sees along the one axis, by fields and backwards alike."""
    network = load(text)
    graph = network.graph
    at = graph.layers[-1] if layer is None else graph.layer(layer)
    assert at is not None
    (source,) = graph.inputs
    seen = Fields(graph).seen_by[at]
    assert seen is not None
    (along,) = seen[source].fields
    found = [(along.low(unit), along.high(unit)) for unit in range(at.output[0])]
    for unit, window in enumerate(found):
        backwards = windows_of_unit(graph, at, (unit,))
        assert backwards is not None
        assert backwards[source] == (window,)
    return found


@pytest.mark.parametrize("op", ["rnn 4", "lstm 4", "gru 4", "gru 4 biases=two -> lstm 4"])
def test_a_recurrent_unit_sees_what_came_before(op: str) -> None:
    """Unit t sees 0 to t: a start and an end, but no stride between them, and the largest size is
    the last one's. Two on top of each other see no more.

    Defeats: the whole sequence for each unit; the size of unit 0; a window that slides.
    """
    text = f"7x3 -> {op}"
    assert ends(text) == [(0, t) for t in range(7)]
    assert field(text) == {
        "size": [7],
        "stride": [None],
        "start": [0],
        "aligned": False,
        "global": False,
        "gated": False,
    }


def test_windows_around_a_recurrent_layer() -> None:
    """A convolution before it moves both ends, one behind it takes the last step that it reads."""
    before = "12x3 -> conv 3 4 stride=2 pad=1 -> rnn 4"
    assert ends(before) == [(-1, 2 * t + 1) for t in range(6)]
    behind = "6x3 -> rnn 4 -> conv 3 4 pad=1"
    assert ends(behind) == [(0, t + 1) for t in range(6)]
    pooled = "7x3 -> lstm 4 -> maxpool 3 stride=2"
    assert ends(pooled) == [(0, 2), (0, 4), (0, 6)]
    assert field(pooled)["size"] == [7]
    # 5 to 3: shares 0..1, 1..3, 3..4.
    shares = "5x3 -> adaptive_avgpool 3 -> gru 4"
    assert ends(shares) == [(0, 1), (0, 3), (0, 4)]
    assert ends("6x3 -> rnn 4 -> crop 2 offset=3") == [(0, 3), (0, 4)]


def test_a_recurrent_branch() -> None:
    """Where it meets a window that slides, the outer ends count.

    Defeats: a stride where the low ends agree and the high ends do not.
    """
    merged = "input 6x4\nadd\n  | rnn 4\n  | conv 5 4 pad=2"
    assert ends(merged) == [(min(0, t - 2), max(t, t + 2)) for t in range(6)]
    found = field(merged)
    assert (found["size"], found["stride"], found["aligned"]) == ([8], [None], False)


def test_what_reads_only_the_padding_of_a_recurrent_layer() -> None:
    """It sees its own place, as it would behind a layer that slides. Defeats: a window that ends
    before it begins."""
    assert ends("3x2 -> rnn 4 -> conv 1 2 pad=2")[:3] == [(-2, -2), (-1, -1), (0, 0)]


def test_one_step_is_pointwise() -> None:
    assert field("1x3 -> lstm 4")["size"] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "7x4 -> attention 2",
        "7x7x4 -> attention 2",
        "7x4 -> gru 3 returns=last",
        "7x4 -> attention 2 -> conv 3 4",
    ],
)
def test_everything_is_seen(text: str) -> None:
    found = field(text)
    assert found["global"]
    assert found["size"] == [7] * len(found["size"])


def test_the_class_token_sees_nothing_of_the_input() -> None:
    """It stands before position 0, and all others have moved on by one.

    Defeats: the token pushed to the end; position i that is still position i.
    """
    assert ends("7x3 -> class_token") == [(i - 1, i - 1) for i in range(8)]
    assert ends("7x3 -> class_token -> positions -> crop 7 offset=1") == [(i, i) for i in range(7)]


def test_words_have_no_axis() -> None:
    """A sentence is a vector of indices: there is nowhere to see less than all of it."""
    found = field("7 -> embedding 10 4 -> conv 3 4")
    assert (found["size"], found["global"]) == ([], False)
    assert field("7 -> embedding 10 4 -> attention 2")["global"]


# Enlarging --------------------------------------------------------------------------------------


def first_ends(text: str, units: int) -> list[tuple[int, int] | None]:
    """First and last position that each of the first units of the last layer sees, on axis 0."""
    network = load(text)
    fields = Fields(network.graph)
    seen = fields.seen_by[network.graph.output]
    assert seen is not None
    (tensor_field,) = seen.values()
    found = []
    for unit in range(units):
        low, high = tensor_field.fields[0].low(unit), tensor_field.fields[0].high(unit)
        found.append(None if low is None or high is None else (low, high))
        back = windows_of_unit(network.graph, network.graph.output, (unit,))
        assert back is not None
        assert back[network.graph.inputs[0]] == (found[-1],)
    return found


@pytest.mark.parametrize(
    ("chain", "right"),
    [
        # Loose bounds give 4 and 7 here.
        ("conv 3x3 8 stride=2 -> tconv 2x2 8 stride=2", 3),
        ("conv 3x3 8 -> upsample 2 -> conv 3x3 8", 4),
        ("upsample 2 -> conv 3x3 8", 2),
        ("upsample 2 mode=bilinear", 2),
        ("upsample 3 mode=bilinear", 2),
        ("upsample 2 mode=bilinear -> conv 3x3 8", 3),
        ("tconv 4x4 8 stride=2", 2),
        ("tconv 16x16 8 stride=8", 2),
        ("tconv 3x3 8", 3),
        ("tconv 3x3 8 dilation=2", 5),
        ("conv 1 12 -> pixel_shuffle 2 -> conv 2x2 8", 2),
        ("lcn 9", 17),
        ("conv 1 12 -> channel_shuffle 3 -> layernorm -> maxout 2 -> prelu", 1),
    ],
)
def test_sizes_behind_an_enlargement(chain: str, right: int) -> None:
    assert size(chain) == right


def test_a_stride_of_a_half() -> None:
    """Two units to a position, and back. Defeats: stride 2 of an enlargement."""
    assert field("8x8x3 -> upsample 2")["stride"] == ["1/2", "1/2"]
    assert field("8x8x3 -> tconv 4x4 3 stride=2 pad=1 -> maxpool 2x2")["stride"] == [1, 1]


def test_units_of_a_transposed_convolution() -> None:
    """4 wide at stride 2: unit i is written by the positions j with 0 <= i - 2j < 4."""
    assert first_ends("8x1 -> tconv 4 1 stride=2", 5) == [(-1, 0), (-1, 0), (0, 1), (0, 1), (1, 2)]
    assert first_ends("8x1 -> tconv 4 1 stride=2 pad=1", 4) == [(-1, 0), (0, 1), (0, 1), (1, 2)]


def test_units_that_see_nothing() -> None:
    """1 wide at stride 3: two of three units are written by nothing. What reads them alone sees
    nothing either; what reads across sees the others.

    Defeats: the window of the neighbour, found by rounding; an empty window that widens a union.
    """
    sparse = "8x1 -> tconv 1 1 stride=3"
    assert first_ends(sparse, 5) == [(0, 0), None, None, (1, 1), None]
    assert first_ends(f"{sparse} -> conv 2 1", 5) == [(0, 0), None, (1, 1), (1, 1), None]
    assert first_ends(f"{sparse} -> conv 3 1 dilation=3", 4) == [(0, 2), None, None, (1, 3)]
    assert first_ends(f"{sparse} -> conv 3 1", 4) == [(0, 0), (1, 1), (1, 1), (1, 1)]
    assert first_ends(f"{sparse} -> crop 8 offset=1 -> maxpool 1 stride=3", 2) == [None, None]
    both = "input 8x1\na: tconv 1 1 stride=3 pad=0x1\nb: @input -> tconv 1 1 stride=3 pad=1x0\n"
    assert first_ends(f"{both}add @a @b", 4) == [(0, 0), None, (1, 1), (1, 1)]


def test_units_that_see_further_back() -> None:
    """3 wide with holes of 3, at stride 2: unit 4 is written by -1 and 2, unit 5 by 1 alone.

    Defeats: taking the ends of a window for the ends of what is seen through it.
    """
    gaps = "8x1 -> tconv 3 1 stride=2 dilation=3"
    assert first_ends(gaps, 7)[4:] == [(-1, 2), (1, 1), (0, 3)]
    assert first_ends(f"{gaps} -> conv 2 1", 6)[4:] == [(-1, 2), (0, 3)]


def test_the_start_of_a_unit_that_sees_nothing() -> None:
    found = field("8x1 -> tconv 1 1 stride=2 -> crop 8 offset=1")
    assert (found["start"], found["size"], found["stride"]) == ([None], [1], ["1/2"])
    nothing = field("8x1 -> tconv 1 1 stride=2 -> crop 8 offset=1 -> maxpool 1 stride=2")
    assert (nothing["start"], nothing["size"], nothing["aligned"]) == ([None], [0], True)


def test_interpolation_reads_both_sides() -> None:
    """By an odd factor the unit in the middle falls on a position."""
    assert first_ends("8x1 -> upsample 2 mode=bilinear", 4) == [(-1, 0), (0, 1), (0, 1), (1, 2)]
    assert first_ends("8x1 -> upsample 3 mode=bilinear", 3) == [(-1, 0), (0, 0), (0, 1)]
    # Corners aligned: 5 units over 3 positions lie at 0, 1/2, 1, 3/2, 2.
    corners = "3x1 -> resize 5 mode=bilinear align_corners=yes"
    assert first_ends(corners, 5) == [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)]
    cubic = "3x1 -> resize 5 mode=bicubic align_corners=yes"
    assert first_ends(cubic, 5) == [(0, 0), (-1, 2), (1, 1), (0, 3), (2, 2)]


def test_another_shape_forgets_where_units_lie() -> None:
    assert field("8x8x3 -> conv 3x3 4 -> reshape 6x6x4")["size"] == [3, 3]
    assert field("8x6x3 -> reshape 6x8x3")["global"] is True
    assert field("6 -> reshape 1x2x3")["global"] is True
    assert field("8x8x3 -> roi_align 2x2 proposals=5 -> conv 1x2x2 5")["global"] is True


def test_a_step_too_long_is_no_rule() -> None:
    """Defeats: memory filled by a hostile stride."""
    for text in (
        "tconv 1 1 stride=1000000",
        "upsample 1000000",
        "tconv 1 1 stride=60000 -> tconv 1 1 stride=60001",
    ):
        network = load(f"8x1 -> {text}")
        assert network.summary().fields.seen_by[network.graph.output] is None


def test_a_window_that_grows_does_not_repeat() -> None:
    """Where it meets units that see nothing there is no rule, and that is said."""
    for text in (
        "8x1 -> tconv 1 1 stride=2 -> rnn 1",
        "8x1 -> rnn 1 -> tconv 1 1 stride=2",
        "input 7x1\na: rnn 1\nb: @input -> tconv 1 1 stride=2 -> crop 7\nadd @a @b",
    ):
        network = load(text)
        assert network.summary().fields.seen_by[network.graph.output] is None
        assert windows_of_unit(network.graph, network.graph.output, (1,)) is None


def test_many_long_steps_end_soon() -> None:
    """Each has a period of 131,072 units, all of which would have to be looked at.

    Defeats: working out what there is no room to keep.
    """
    lines = [f"@input -> tconv {kernel} 1 stride=131072" for kernel in range(1, 401)]
    begin = time.perf_counter()
    network = load("\n".join(["input 1x1", *lines, "relu"]))
    assert network.summary().fields.seen_by[network.graph.layers[-1]] is None
    assert time.perf_counter() - begin < 20
