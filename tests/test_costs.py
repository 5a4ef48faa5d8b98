"""Operations, parameters, connections, units and depth, worked out by hand.

The ledger is exact; what other tools print are weights over it, and the last tests say which.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc.network import Network
from archcalc.ops import registry
from archcalc.ops.facts import OperationCounts
from archcalc.shape import Shape


def load(text: str) -> Network:
    """A one-liner, or the lines of a net."""
    if text.startswith("input"):
        text = "net it\n" + "".join(f"  {line}\n" for line in text.splitlines())
        return archcalc.load("-", stdin=text)
    return archcalc.load(text)


def row(text: str, layer: str | None = None) -> dict[str, Any]:
    """The JSON of a layer; of the last one, if none is named."""
    rows = load(text).summary().to_dict()["layers"]
    return rows[-1] if layer is None else next(r for r in rows if r["name"] == layer)


def operations(text: str) -> dict[str, int]:
    """The counts of the last layer, without those that are 0."""
    counts = row(text)["operations"]
    assert list(counts) == list(OperationCounts.FIELDS)
    return {name: count for name, count in counts.items() if count}


# Dot products -----------------------------------------------------------------------------------


def test_convolution() -> None:
    """8x8 positions of 4 filters are 256 outputs, each a dot product of 3*3*3 = 27 terms.

    Defeats: input channels forgotten (2,304), filters forgotten (1,728), a bias a weight.
    """
    found = row("8x8x3 -> conv 3x3 4 pad=1")
    assert operations("8x8x3 -> conv 3x3 4 pad=1") == {"mul_add": 256 * 27, "add": 256, "outputs": 256}
    assert found["macs"] == 6912
    assert found["tensors"] == {"weight": [4, 3, 3, 3], "bias": [4]}
    assert found["params"] == 108 + 4


def test_a_dot_product_of_k_terms_takes_2k_minus_1() -> None:
    """27 products and 26 sums for each of 256 outputs: what `outputs` is there for."""
    counts = operations("8x8x3 -> conv 3x3 4 pad=1")
    assert 2 * counts["mul_add"] - counts["outputs"] == 256 * (27 + 26)


def test_weights_on_padding_count() -> None:
    """Padding is read as zeros. Defeats: multiplications with zeros left out at the rim."""
    assert operations("1x1x1 -> conv 3x3 1 pad=1 bias=no") == {"mul_add": 9, "outputs": 1}


def test_no_bias_no_additions() -> None:
    assert "add" not in operations("8x8x3 -> conv 3x3 4 bias=no")
    assert "add" not in operations("8 -> fc 4 bias=no")


def test_stride_dilation_and_axes() -> None:
    """On 9 positions, 3 wide with holes is 5: (9 - 5)/2 + 1 = 3 windows of 3 terms each.

    Defeats: the dilated width counted as weights.
    """
    assert operations("9x1 -> conv 3 1 stride=2 dilation=2 bias=no") == {"mul_add": 9, "outputs": 3}
    # 3x3x3 windows on a volume of 4x4x4: 8 positions, 2 filters, 27 terms of 1 channel.
    assert operations("4x4x4x1 -> conv 3 2 bias=no") == {"mul_add": 8 * 2 * 27, "outputs": 16}


def test_groups_divide_the_terms() -> None:
    """4 channels in 2 groups: a filter reads 2. 16 positions, 8 filters, 9*2 terms.

    Defeats: groups that divide both channels and filters (a quarter).
    """
    text = "6x6x4 -> conv 3x3 8 groups=2 bias=no"
    assert operations(text) == {"mul_add": 16 * 8 * 18, "outputs": 128}
    assert row(text)["tensors"] == {"weight": [8, 2, 3, 3]}


def test_depthwise() -> None:
    """3x3 positions of 4*2 maps, each a dot product of 9 terms."""
    text = "5x5x4 -> dwconv 3x3 multiplier=2"
    assert operations(text) == {"mul_add": 72 * 9, "add": 72, "outputs": 72}
    assert row(text)["tensors"] == {"weight": [8, 1, 3, 3], "bias": [8]}


def test_transposed_convolution() -> None:
    """Each of 4x4 positions is multiplied with 3*3*6*8 weights, whatever is cut off at the rim;
    (4 - 1)*2 - 2 + 3 + 1 = 8 positions of 8 filters come out.

    Defeats: one product per output and weight (8*8 positions, four times as many); the weight in
    the layout of a convolution.
    """
    text = "4x4x6 -> tconv 3x3 8 stride=2 pad=1 output_pad=1"
    found = row(text)
    assert found["output"] == [8, 8, 8]
    assert operations(text) == {"mul_add": 16 * 9 * 6 * 8, "add": 512, "outputs": 512}
    assert found["macs"] == 16 * 9 * 6 * 8
    assert found["tensors"] == {"weight": [6, 8, 3, 3], "bias": [8]}
    grouped = row(text + " groups=2 bias=no")
    assert (grouped["macs"], grouped["tensors"]) == (found["macs"] // 2, {"weight": [6, 4, 3, 3]})
    dilated = row("4x4x6 -> tconv 3x3 8 dilation=2")
    assert (dilated["output"], dilated["macs"]) == ([8, 8, 8], 16 * 9 * 6 * 8)
    assert row("4x5x6 -> tconv 3x3 8 stride=2 pad=same")["output"] == [8, 10, 8]


def test_a_generator_of_dcgan() -> None:
    """The 64x64 generator: 104.63M MACs. Defeats: counting at the output (428M)."""
    up = "stride=2 pad=1 bias=no -> bn -> relu"
    text = (
        "input 1x1x100\ntconv 4x4 512 bias=no -> bn -> relu\n"
        f"tconv 4x4 256 {up}\ntconv 4x4 128 {up}\ntconv 4x4 64 {up}\n"
        "tconv 4x4 3 stride=2 pad=1 bias=no -> tanh"
    )
    totals = load(text).summary().totals
    assert (totals["macs"], totals["depth"]) == (104_628_224, 5)


def test_fixed_interpolation_is_held() -> None:
    """FCN's: its weights are parameters, not trained."""
    found = row("34x34x21 -> tconv 4x4 21 stride=2 bias=no bilinear=yes frozen=yes")
    assert (found["params"], found["trainable"], found["buffers"]) == (7056, 0, 0)
    assert found["output"] == [70, 70, 21]


def test_unshared_convolution() -> None:
    """CS231n's first layer of AlexNet without sharing: 55*55*96 = 290,400 neurons, each with
    11*11*3 = 363 weights and a bias, 105,705,600 in all.

    Defeats: weights a position but one bias per filter (105,415,296).
    """
    text = "227x227x3 -> local 11x11 96 stride=4"
    found = row(text)
    assert found["params"] == 290_400 * 364 == 105_705_600
    assert found["macs"] == 290_400 * 363 == row(text.replace("local", "conv"))["macs"]
    assert operations(text)["add"] == operations(text)["outputs"] == 290_400
    assert row("3x3x2 -> local 2x2 5")["tensors"] == {"weight": [5, 2, 2, 2, 2, 2], "bias": [5, 2, 2]}


def test_connection_table() -> None:
    """Three kernels of 2x2, at 4 positions. Defeats: all pairs of maps counted (4 kernels)."""
    text = '3x3x2 -> conv 2x2 2 connect="11 01"'
    assert operations(text) == {"mul_add": 3 * 4 * 4, "add": 2 * 4, "outputs": 8}
    found = row(text)
    assert found["tensors"] == {"weight": [3, 2, 2], "bias": [2]}
    assert found["params"] == 12 + 2


def test_fully_connected() -> None:
    """10 units that read 4*4*2 values. Defeats: a map read by its channels alone."""
    text = "4x4x2 -> fc 10"
    assert operations(text) == {"mul_add": 320, "add": 10, "outputs": 10}
    assert row(text)["tensors"] == {"weight": [10, 32], "bias": [10]}


def test_linear_is_the_same_at_each_position() -> None:
    """5 positions, 3 units of 8 terms. Defeats: positions counted as weights."""
    text = "5x8 -> linear 3"
    assert operations(text) == {"mul_add": 120, "add": 15, "outputs": 15}
    assert row(text)["params"] == 8 * 3 + 3


# Pools ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 4*4 outputs of 2 maps; the largest of 9 takes 8 comparisons.
        ("9x9x2 -> maxpool 3x3 stride=2", {"compare": 32 * 8}),
        # The mean of 9: 8 additions and a division.
        ("9x9x2 -> avgpool 3x3 stride=2", {"add": 32 * 8, "div": 32}),
        # The last window hangs over; it is counted in full.
        ("5x1 -> maxpool 3 stride=3 round=ceil", {"compare": 2 * 2}),
        # The mean of 49: 48 additions and a division, a channel.
        ("7x7x3 -> gap", {"add": 3 * 48, "div": 3}),
        ("7x7x3 -> gmp", {"compare": 3 * 48}),
        # 5 to 3: shares 0..1, 1..3, 3..4 of 2, 3, 2 values, so 1 + 2 + 1 additions.
        ("5x1 -> adaptive_avgpool 3", {"add": 4, "div": 3}),
        ("5x1 -> adaptive_maxpool 3", {"compare": 4}),
        # 2 to 4: shares of one value each, and divided all the same.
        ("2x1 -> adaptive_avgpool 4", {"div": 4}),
        # Squares of nine values and their root; a cube is two multiplications; p=1 is the sum.
        ("9x9x2 -> lppool 3x3 stride=2", {"mul": 32 * 9, "add": 32 * 8, "special": 32}),
        ("9x9x2 -> lppool 3x3 stride=2 p=3", {"mul": 32 * 18, "add": 32 * 8, "special": 32}),
        ("9x9x2 -> lppool 3x3 stride=2 p=1", {"add": 32 * 8}),
        # Sum of four, times a coefficient, plus a bias.
        ("4x4x2 -> subsample 2x2", {"add": 8 * 3, "mul_add": 8}),
    ],
)
def test_pools(text: str, expected: dict[str, int]) -> None:
    assert operations(text) == expected
    assert row(text)["macs"] == 0


# Value by value ---------------------------------------------------------------------------------

PER_VALUE: dict[str, dict[str, int]] = {
    "relu": {"compare": 1},  # max(0, x)
    "relu6": {"compare": 2},  # min(max(0, x), 6)
    "leaky_relu": {"compare": 1, "mul": 1},
    "elu": {"compare": 1, "special": 1, "add": 1, "mul": 1},  # alpha*(exp(x) - 1)
    "selu": {"compare": 1, "special": 1, "add": 1, "mul": 2},
    "gelu": {"special": 1, "add": 1, "mul": 3},  # x*0.5*(1 + erf(x*0.7))
    "silu": {"special": 1, "add": 1, "div": 1},  # x/(1 + exp(-x))
    "sigmoid": {"special": 1, "add": 1, "div": 1},  # 1/(1 + exp(-x))
    "tanh": {"special": 1},
    "softplus": {"special": 2, "add": 1},  # log(1 + exp(x))
    "hardswish": {"add": 1, "compare": 2, "mul": 1, "div": 1},  # x*relu6(x + 3)/6
    "hardsigmoid": {"add": 1, "compare": 2, "div": 1},  # relu6(x + 3)/6
    "bn": {"mul_add": 1},  # x*a + b, a and b folded from the four numbers a channel
    "lrn 5": {"mul": 2, "add": 5, "special": 1, "div": 1},
    "lrn 3 across=positions": {"mul": 2, "add": 9, "special": 1, "div": 1},
    "prelu": {"compare": 1, "mul": 1},
    "prelu shared=yes": {"compare": 1, "mul": 1},
    "scale": {"mul": 1},
    "scale shift=yes": {"mul_add": 1},
    "times 0.17": {"mul": 1},
    "bias": {"add": 1},
    "bias per=position": {"add": 1},
    "bias per=all": {"add": 1},
    "channel_shuffle 2": {},
    "reshape 3x8": {},
    "take 4": {},
    "dropout 0.5": {},
    "flatten": {},
    "crop 2x3": {},
    "zeropad 0": {},
}


@pytest.mark.parametrize("op", PER_VALUE)
def test_per_value(op: str) -> None:
    expected = {name: 24 * count for name, count in PER_VALUE[op].items()}
    assert operations(f"2x3x4 -> {op}") == expected
    assert row(f"2x3x4 -> {op}")["macs"] == 0


def test_softmax_is_over_the_channels() -> None:
    """C exponentials, C - 1 sums, C divisions, C - 1 comparisons; at each position anew.

    Defeats: softmax over the whole map.
    """
    assert operations("10 -> softmax") == {"special": 10, "add": 9, "div": 10, "compare": 9}
    assert operations("2x2x3 -> softmax") == {"special": 12, "add": 8, "div": 12, "compare": 8}


@pytest.mark.parametrize(
    ("op", "sets"), [("layernorm", 6), ("groupnorm 2", 2), ("groupnorm 1", 1), ("instancenorm", 4)]
)
def test_moments(op: str, sets: int) -> None:
    """2x3x4 in 6 sets of 4, 2 of 12, 1 of 24, 4 of 6. Of N values: N - 1 sums and a division for
    the mean, N differences, N squares, N - 1 sums and a division for the variance, epsilon, a root,
    N divisions; a scale and a shift for each value.

    Defeats: layer norm over the whole map, instance norm over the channels.
    """
    size = 24 // sets
    one = {"mul": size, "add": (size - 1) + size + (size - 1) + 1, "special": 1, "div": 1 + 1 + size}
    expected = {name: count * sets for name, count in one.items()}
    assert operations(f"2x3x4 -> {op} affine=no") == expected
    assert operations(f"2x3x4 -> {op} affine=yes") == {"mul_add": 24, **expected}
    assert row(f"2x3x4 -> {op} affine=yes")["macs"] == 0


def test_local_contrast() -> None:
    """2x3 positions of 4 maps, a square of 9 on each: both sums run over 9*4 = 36 values, once for
    the mean that all four maps share and once a position for the deviation; as the formula is
    written, a sum for each value.

    Defeats: the square counted as its side.
    """
    assert operations("2x3x4 -> lcn 3") == {
        "mul_add": 24 * 9 * 2,
        "mul": 24,
        "add": 24,
        "div": 24,
        "special": 6,
        "compare": 6,
    }


def test_maxout() -> None:
    """2x3 positions of 2 outputs, each the largest of 2. Defeats: all inputs compared."""
    assert operations("2x3x4 -> maxout 2") == {"compare": 12}
    assert operations("12 -> maxout 4") == {"compare": 9}
    assert row("2x3x4 -> maxout 2")["output"] == [2, 3, 2]


def test_interpolation() -> None:
    """Four neighbours on a map, two on a signal, eight in a volume. Defeats: always four."""
    assert operations("2x3x4 -> upsample 2") == {}
    assert operations("2x3x4 -> upsample 2 mode=bilinear") == {"mul_add": 4 * 6 * 4 * 4}
    assert operations("3x4 -> upsample 2 mode=bilinear") == {"mul_add": 6 * 4 * 2}
    assert operations("2x2x2x1 -> upsample 1x2x1 mode=bilinear") == {"mul_add": 16 * 8}
    assert row("2x3x4 -> upsample 2 mode=bilinear")["macs"] == 0


def test_shuffles() -> None:
    assert row("2x3x12 -> pixel_shuffle 2")["output"] == [4, 6, 3]
    assert row("3x12 -> pixel_shuffle 3")["output"] == [9, 4]
    assert operations("2x3x12 -> pixel_shuffle 2") == {}


def test_regions() -> None:
    """10 proposals of 2x2 outputs of 3 channels, each the mean of 2x2 samples of 4 corners."""
    text = "8x8x3 -> roi_align 2x2 proposals=10"
    assert row(text)["output"] == [10, 2, 2, 3]
    assert operations(text) == {"mul_add": 120 * 4 * 4, "add": 120 * 3, "div": 120}
    assert operations(text + " samples=1") == {"mul_add": 120 * 4, "div": 120}
    assert row(text)["rf"]["global"] is True
    found = row("8x8x3 -> roi_pool 2x3 proposals=10")
    assert (found["output"], found["operations"], found["params"]) == ([10, 2, 3, 3], None, 0)
    # A fully connected layer a proposal: 10 times 2*2*3 values to 5 units.
    head = row(text + " -> conv 1x2x2 5")
    assert (head["output"], head["params"], head["macs"]) == ([10, 1, 1, 5], 65, 600)


def test_regions_of_boxes_by_name(tmp_path: Path) -> None:
    """As many regions as there are boxes, of the channels of the maps, whatever their sizes.

    Defeats: the boxes taken for a map, the maps added up, a map that nothing seems to use.
    """
    spec = tmp_path / "net.arch"
    spec.write_text(
        "net n\n  input 8x8x3\n  a: conv 3x3 5 pad=1\n  b: maxpool 2x2 -> conv 1x1 5\n"
        "  scores: conv 1x1 6\n  boxes: nms 9 @scores @a\n  roi_align 2x2 @a @b @boxes\n"
    )
    network = archcalc.load(str(spec))
    assert not network.diagnostics
    rows = {r["name"]: r for r in network.summary().to_dict()["layers"]}
    assert (rows["boxes"]["output"], rows["boxes"]["operations"]) == ([9, 4], None)
    pooled = rows["roi_align1"]
    assert (pooled["output"], pooled["inputs"]) == ([9, 2, 2, 5], ["a", "b", "boxes"])
    assert pooled["operations"]["div"] == 9 * 2 * 2 * 5
    assert pooled["rf"]["global"] is True


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("roi_pool 2x2 @a @c @boxes", "the maps of `roi_pool` differ in channels"),
        ("roi_pool 2x2 @a @c", "the last tensor of `roi_pool` is a list of boxes, not 8x8x7"),
        ("roi_pool 2x2 @a @boxes proposals=9", "the boxes say how many `proposals` there are"),
        ("roi_pool 2x2 @a", "`roi_pool` joins two or more, and gets one"),
        ("roi_pool 2x2", "`roi_pool` needs `proposals`, number of regions"),
    ],
)
def test_regions_that_are_refused(line: str, message: str, tmp_path: Path) -> None:
    spec = tmp_path / "net.arch"
    spec.write_text(
        "net n\n  input 8x8x3\n  a: conv 3x3 5 pad=1\n  c: conv 1x1 7\n"
        f"  boxes: nms 9 @c @a\n  @a\n  {line}\n"
    )
    with pytest.raises(archcalc.SpecError) as caught:
        archcalc.load(str(spec))
    assert caught.value.diagnostics[0].message == message


def test_radial_basis_functions() -> None:
    """10 units, 84 differences squared (a sum and a product each), 83 sums. Not among the MACs."""
    found = row("84 -> rbf 10")
    assert operations("84 -> rbf 10") == {"mul": 840, "add": 10 * (84 + 83)}
    assert (found["macs"], found["params"], found["buffers"]) == (0, 0, 840)


# Sequences --------------------------------------------------------------------------------------


def test_a_word_table_is_looked_up() -> None:
    """5 words of 8 numbers each. Defeats: a product with one-hot vectors (5*100*8 MACs)."""
    found = row("5 -> embedding 100 8")
    assert operations("5 -> embedding 100 8") == {}
    assert (found["output"], found["params"], found["macs"]) == ([5, 8], 800, 0)
    assert found["tensors"] == {"weight": [100, 8]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 2 steps of 5 units: a dot product of 4 + 5 terms, a bias, a tanh.
        ("2x4 -> rnn 5", {"mul_add": 90, "add": 10, "special": 10, "outputs": 10}),
        ("2x4 -> rnn 5 biases=two", {"mul_add": 90, "add": 20, "special": 10, "outputs": 10}),
        # A vector is one step.
        ("4 -> rnn 5", {"mul_add": 45, "add": 5, "special": 5, "outputs": 5}),
        # Four dot products and biases; three sigmoids of exp, + and /; two tanh; f*c + i*g; o*.
        (
            "2x4 -> lstm 5",
            {"mul_add": 360, "mul": 30, "add": 10 * (4 + 3 + 1), "div": 30, "special": 50, "outputs": 40},
        ),
        (
            "2x4 -> lstm 5 biases=two",
            {"mul_add": 360, "mul": 30, "add": 10 * (8 + 3 + 1), "div": 30, "special": 50, "outputs": 40},
        ),
        # Three dot products and biases; two sigmoids; a tanh; r*h; (1 - z)*n + z*h.
        (
            "2x4 -> gru 5",
            {"mul_add": 270, "mul": 30, "add": 10 * (3 + 2 + 2), "div": 20, "special": 30, "outputs": 30},
        ),
        # r stands between the candidate's two dot products, which are added up.
        (
            "2x4 -> gru 5 biases=two",
            {"mul_add": 270, "mul": 30, "add": 10 * (6 + 1 + 2 + 2), "div": 20, "special": 30, "outputs": 40},
        ),
    ],
)
def test_recurrent_layers(text: str, expected: dict[str, int]) -> None:
    """Defeats: one step counted for the whole sequence, the state left out of the dot products."""
    assert operations(text) == expected
    assert operations(f"{text} returns=last") == expected
    assert row(text)["macs"] == expected["mul_add"]


@pytest.mark.parametrize(
    ("text", "params"),
    [
        # 4((4096 + 256)*256 + 256), and the same with a second bias.
        ("4096 -> lstm 256", 4_457_472),
        ("4096 -> lstm 256 biases=two", 4_458_496),
        ("20x4096 -> lstm 256", 4_457_472),
        ("4 -> gru 5", 150),
        ("4 -> gru 5 biases=two", 165),
        ("4 -> rnn 5", 50),
        ("4 -> rnn 5 biases=two", 55),
    ],
)
def test_recurrent_parameters(text: str, params: int) -> None:
    """Defeats: 3 gates for an LSTM, a bias a step, PyTorch's two biases taken for the papers'."""
    assert row(text)["params"] == params


def test_attention() -> None:
    """3 tokens of 8 channels, 2 heads: four maps of 8 to 8, 2*3*3 scores of 4 terms each, and as
    many products with values; softmax over 6 rows of 3.

    Defeats: products of scores and values left out, softmax over the channels, scores a channel.
    """
    found = row("3x8 -> attention 2")
    assert operations("3x8 -> attention 2") == {
        "mul_add": 4 * 3 * 64 + 18 * 4 + 18 * 4,
        "mul": 18,
        "add": 4 * 24 + 6 * 2,
        "compare": 6 * 2,
        "div": 18,
        "special": 18,
        "outputs": 4 * 24 + 18 + 24,
    }
    assert found["macs"] == 912
    assert found["params"] == 4 * 64 + 4 * 8
    without = operations("3x8 -> attention 2 bias=no")
    assert without["add"] == 12
    assert row("3x8 -> attention 2 bias=no")["params"] == 256


def test_attention_takes_the_positions_of_a_map_for_tokens() -> None:
    assert operations("2x3x8 -> attention 4") == operations("6x8 -> attention 4")
    assert row("2x3x8 -> attention 4")["output"] == [2, 3, 8]


def test_tokens_and_positions() -> None:
    """One vector more in front; a learned vector a position, added."""
    found = row("6x8 -> class_token")
    assert (found["output"], found["params"], found["macs"]) == ([7, 8], 8, 0)
    assert operations("6x8 -> class_token") == {}
    found = row("7x8 -> positions")
    assert (found["output"], found["params"], found["macs"]) == ([7, 8], 56, 0)
    assert operations("7x8 -> positions") == {"add": 56}
    assert row("2x3x8 -> positions")["params"] == 48


@pytest.mark.parametrize(
    ("text", "connections"),
    [
        ("3x4 -> rnn 5", 15 * (4 + 5 + 1)),
        ("3x4 -> lstm 5 biases=two", 4 * 15 * (4 + 5 + 2)),
        ("3x8 -> attention 2", 4 * 24 * 9),
        ("3x8 -> attention 2 bias=no", 4 * 24 * 8),
        ("5 -> embedding 100 8", 0),
    ],
)
def test_connections_of_sequences(text: str, connections: int) -> None:
    """Inputs weighted by something learned, and biases."""
    assert load(text).summary().totals["connections"] == connections


def test_the_biases_of_sequences() -> None:
    """Defeats: `bias_ih_l0` and `in_proj_bias` taken for weights."""
    counts = load("3x8 -> lstm 4 biases=two -> attention 2").summary().counts
    assert counts.biases == 2 * 16 + 16
    assert counts.params - counts.biases == 4 * 4 * (8 + 4) + 4 * 16


# Merges -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        ("add\n  | relu\n  | tanh", {"add": 24}),
        ("add\n  | relu\n  | tanh\n  | identity", {"add": 48}),
        ("mul\n  | relu\n  | tanh\n  | identity", {"mul": 48}),
        # A vector meets every position.
        ("mul\n  | identity\n  | gap", {"mul": 24}),
        ("add\n  | gap\n  | identity", {"add": 24}),
        ("concat\n  | relu\n  | tanh\n  | identity", {}),
    ],
)
def test_merges(branches: str, expected: dict[str, int]) -> None:
    assert operations(f"input 2x3x4\n{branches}") == expected


def test_a_shortcut_of_zeros_is_free() -> None:
    text = "input 4x4x2\nadd\n  | conv 3x3 4 stride=2 pad=1\n  | shortcut kind=A"
    rows = load(text).summary().to_dict()["layers"]
    (shortcut,) = [r for r in rows if r["op"] == "shortcut"]
    assert (shortcut["output"], shortcut["params"]) == ([2, 2, 4], 0)
    assert not any(shortcut["operations"].values())


# Parameters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "params", "buffers"),
    [
        ("4x4x8 -> bn", 16, 16),
        ("4x4x8 -> bn scale=no", 8, 16),
        ("4x4x8 -> bn scale=no shift=no", 0, 16),
        # torchvision's FrozenBatchNorm2d: all four are buffers.
        ("4x4x8 -> bn frozen=yes", 0, 32),
        ("4x4x8 -> subsample 2x2", 16, 0),
        ("4x4x8 -> lrn 5", 0, 0),
        ("4x4x8 -> lcn 5", 0, 0),
        ("4x4x8 -> prelu", 8, 0),
        ("4x4x8 -> prelu shared=yes", 1, 0),
        ("4x3x8 -> bias", 8, 0),
        ("4x3x8 -> bias per=position", 12, 0),
        ("4x3x8 -> bias per=all", 96, 0),
        ("4x4x8 -> scale", 8, 0),
        ("4x4x8 -> scale shift=yes", 16, 0),
        ("4x4x8 -> times 2", 0, 0),
        ("4x4x8 -> layernorm", 16, 0),
        ("4x4x8 -> groupnorm 2", 16, 0),
        ("4x4x8 -> instancenorm", 0, 0),
        ("4x4x8 -> relu", 0, 0),
    ],
)
def test_parameters_and_buffers(text: str, params: int, buffers: int) -> None:
    """The batch counter of batch norm is no buffer here."""
    found = row(text)
    assert (found["params"], found["trainable"], found["buffers"]) == (params, params, buffers)


SHARED = "input 8x8x4\na: conv 3x3 4 pad=1\nb: conv 3x3 4 pad=1 like=a\nfc 2"


def test_shared_parameters_count_once() -> None:
    """What is learned is there once; what is computed happens twice."""
    report = load(SHARED).summary().to_dict()
    a, b, fc = report["layers"]
    weights, head = 3 * 3 * 4 * 4 + 4, 8 * 8 * 4 * 2 + 2
    assert [r["params"] for r in (a, b, fc)] == [weights, 0, head]
    assert (b["tensors"], b["like"]) == ({}, "a")
    totals = report["totals"]
    assert totals["params"] == totals["trainable"] == weights + head
    assert a["macs"] == b["macs"] == 64 * 144
    assert totals["macs"] == 2 * 64 * 144 + 512
    assert totals["units"] == 2 * 256 + 2


def test_frozen_parameters_stay_parameters() -> None:
    """Defeats: frozen layers dropped from params; freezing that reaches too far or not its own."""
    network = load("input 8x8x4\na: conv 3x3 4 pad=1\nn: bn\nb: fc 2")
    totals = network.freeze("n").summary().totals
    assert totals["params"] == 148 + 8 + 514
    assert totals["trainable"] == 514
    assert totals["buffers"] == 8
    assert network.summary().totals["trainable"] == 148 + 8 + 514


# Connections, units, depth ----------------------------------------------------------------------


def test_connections_of_lenet_layer_by_layer() -> None:
    """LeCun et al. 1998, section II.B: every layer as the paper counts it, 340,908 in all.

    Defeats: connections taken for MACs (no bias), C3 in full (156,000 + 1,600), S2 without bias.
    """
    network = archcalc.load("lenet5")
    paper = {
        "c1": 28 * 28 * 6 * (5 * 5 + 1),  # 122,304
        "s2": 14 * 14 * 6 * (2 * 2 + 1),  # 5,880
        "c3": 10 * 10 * (60 * 25 + 16),  # 151,600: 60 pairs of maps, 16 biases
        "s4": 5 * 5 * 16 * (2 * 2 + 1),  # 2,000
        "c5": 120 * (16 * 25 + 1),  # 48,120
        "f6": 84 * (120 + 1),  # 10,164
        "output": 10 * 84,  # radial basis functions, no bias
    }
    found = {layer.name: layer.facts.connections for layer in network.graph.layers}
    assert {name: count for name, count in found.items() if count} == paper
    assert network.summary().totals["connections"] == sum(paper.values()) == 340_908


def test_units_are_the_outputs_of_layers_with_parameters() -> None:
    """6*6*2 + 4*4*3 + 5. Defeats: activations and pools counted too."""
    text = "8x8x1 -> conv 3x3 2 -> relu -> conv 3x3 3 -> maxpool 2x2 -> fc 5"
    assert load(text).summary().totals["units"] == 72 + 48 + 5


def test_depth_is_the_longest_path() -> None:
    """Defeats: layers counted on all branches; projections on the shortcut; norms and pools."""
    stem, branch = "conv 3x3 4 pad=1 -> bn", "conv 1x1 8 -> conv 1x1 8"
    text = f"input 8x8x4\n{stem}\nadd\n  | {branch}\n  | shortcut\nfc 2"
    assert load(text).summary().totals["depth"] == 1 + 2 + 1
    depths = {"vgg16": 16, "resnet18": 18, "resnet50": 50, "resnet152": 152, "googlenet": 22}
    assert {name: archcalc.load(name).summary().totals["depth"] for name in depths} == depths


# Batch and dtype --------------------------------------------------------------------------------


def test_batch_and_dtype() -> None:
    """What is computed and stored grows with the batch; what is learned does not."""
    network = archcalc.load("resnet18")
    one = network.summary().to_dict()
    many = network.summary(batch=32, dtype="fp16").to_dict()
    for a, b in zip(one["layers"], many["layers"], strict=True):
        assert b["macs"] == 32 * a["macs"]
        assert b["operations"] == {name: 32 * n for name, n in a["operations"].items()}
        assert b["output_bytes"] == 32 * a["output_bytes"] // 2
        assert (b["params"], b["output"], b["rf"]) == (a["params"], a["output"], a["rf"])
    for name in ("macs", "flops"):
        assert many["totals"][name] == 32 * one["totals"][name]
    for name in ("params", "trainable", "buffers", "depth", "units", "connections"):
        assert many["totals"][name] == one["totals"][name]
    assert many["totals"]["param_bytes"] * 2 == one["totals"]["param_bytes"]
    sums = {name: sum(r["operations"][name] for r in many["layers"]) for name in OperationCounts.FIELDS}
    assert sums == many["totals"]["operations"]


# What other tools print -------------------------------------------------------------------------


def ledgers(name: str) -> tuple[int, dict[str, OperationCounts]]:
    """MACs of a network of the zoo, and what each op adds up to."""
    network = archcalc.load(name)
    sums: dict[str, OperationCounts] = {}
    for layer in network.graph.layers:
        counts = layer.facts.operations
        assert counts is not None
        known = sums.setdefault(layer.op.name, OperationCounts())
        for field in OperationCounts.FIELDS:
            setattr(known, field, getattr(known, field) + getattr(counts, field))
    return network.summary().totals["macs"], sums


@pytest.mark.parametrize(
    ("name", "macs", "with_bias"),
    [
        ("vgg16", 15_470_264_320, 15_483_821_032),
        ("resnet50", 4_089_184_256, 4_089_185_256),
        ("alexnet_torchvision", 714_188_480, 714_682_664),
    ],
)
def test_ptflops_adds_the_biases(name: str, macs: int, with_bias: int) -> None:
    """torchvision publishes the MACs; ptflops (aten backend) adds an operation for each bias."""
    found, sums = ledgers(name)
    biases = sum(sums[op].add for op in ("conv", "fc"))
    assert (found, found + biases) == (macs, with_bias)


def test_fvcore_and_thop_add_norms_and_pooling() -> None:
    """fvcore: 2 a value for batch norm, and what adaptive pooling reads. thop: 4 a value, and for
    average pooling a division more."""
    macs, sums = ledgers("resnet50")
    norms = sums["bn"].mul_add
    pooled = sums["gap"].add + sums["gap"].div
    assert macs + 2 * norms + pooled == 4_111_512_576
    assert macs + 4 * norms + pooled + sums["gap"].div == 4_133_742_592


def test_torchinfo_adds_each_norm_parameter_once() -> None:
    found = archcalc.load("resnet50").summary().to_dict()
    biases = sum(r["operations"]["add"] for r in found["layers"] if r["op"] == "fc")
    norms = sum(r["params"] for r in found["layers"] if r["op"] == "bn")
    assert found["totals"]["macs"] + biases + norms == 4_089_238_376


def test_counts_are_exact_however_large() -> None:
    """Defeats: counts that pass through floats (2^53 and more)."""
    x = Shape((2**30 + 1, 2**30 + 1, 3))
    conv = registry()["conv"](kernel=1, filters=5)
    counts = conv.operations(x)
    assert counts is not None
    assert counts.mul_add == (2**30 + 1) ** 2 * 15
