"""`archcalc compare`: figures, ratios, what a width leaves, the picture; and the lectures'
comparisons, each of them one call."""

from __future__ import annotations

import csv
import io
import json
import sys
from fractions import Fraction
from itertools import combinations
from typing import Any
from unittest import mock

import pytest
from calling import call

import archcalc
from archcalc.analysis.comparison import COMPARED
from archcalc.report.screens.compare import ratio

NETWORKS = ("resnet50", "vgg16", "mobilenet_v2")


def compared(*targets: str, **options: str) -> list[dict[str, Any]]:
    """The records of a comparison."""
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    answer = call("compare", *targets, *words, "--format", "json")
    assert (answer.code, answer.err) == (0, ""), answer.err
    return list(json.loads(answer.out)["networks"])


def figures(quantity: str, *targets: str) -> list[int]:
    return [record["totals"][quantity] for record in compared(*targets)]


# The lectures' comparisons: what each deck says, recomputed --------------------------------------


def test_one_5x5_against_two_3x3() -> None:
    targets = ("32x32x1 -> conv 5x5 1 bias=no", "32x32x1 -> conv 3x3 1 bias=no -> conv 3x3 1 bias=no")
    one, two = compared(*targets)
    assert (one["totals"]["params"], two["totals"]["params"]) == (25, 18)
    assert one["rf"]["size"] == two["rf"]["size"] == [5, 5]
    assert two["ratios"]["params"] == "18/25"


def test_3x3_against_1x3_and_3x1() -> None:
    targets = "9x9x1 -> conv 3x3 1 bias=no", "9x9x1 -> conv 1x3 1 bias=no -> conv 3x1 1 bias=no"
    assert figures("params", *targets) == [9, 6]


def test_inception_bottleneck() -> None:
    """Inception 4a's 5x5 branch, without and with the 1x1 in front."""
    wide = "14x14x480 -> conv 5x5 48 pad=2 bias=no"
    narrow = "14x14x480 -> conv 1x1 16 bias=no -> conv 5x5 48 pad=2 bias=no"
    assert figures("macs", wide, narrow) == [112_896_000, 5_268_480]
    assert figures("params", wide, narrow) == [576_000, 26_880]


def test_fully_connected_against_convolution() -> None:
    """The same 32x32x10 out of 32x32x3; and 480,002,001 of a layer of 1,000 on a photo."""
    targets = "32x32x3 -> conv 5x5 10 pad=2", "32x32x3 -> fc 10240"
    assert figures("params", *targets) == [760, (3072 + 1) * 10240]
    assert figures("macs", *targets) == [768_000, 3072 * 10240]
    photo = "400x400x3 -> conv 3x3 10", "400x400x3 -> fc 1000 -> fc 1"
    assert figures("params", *photo) == [280, 480_002_001]


def test_depthwise_separable_against_standard() -> None:
    targets = (
        "28x28x16 -> conv 3x3 32 pad=1 bias=no",
        "28x28x16 -> dwconv 3x3 pad=1 bias=no -> conv 1x1 32 bias=no",
    )
    assert figures("params", *targets) == [4608, 656]


def test_convolution_against_dense_and_sparse_matrix() -> None:
    """Goodfellow's edge detector: a 2x1 kernel on 320x280. Its 267,960 operations are the products
    and one sum less a value, its 16 billion the products and as many sums."""
    kernel, dense, sparse = compared(
        "280x320x1 -> conv 1x2 1 bias=no", "280x320x1 -> fc 89320 bias=no", "280x320x1 -> local 1x2 1 bias=no"
    )
    assert kernel["outputs"]["main"]["shape"] == sparse["outputs"]["main"]["shape"] == [280, 319, 1]
    found = [record["totals"]["params"] for record in (kernel, dense, sparse)]
    assert found == [2, 8_003_072_000, 178_640]
    assert dense["totals"]["flops"] == 16_006_144_000
    for record in (kernel, sparse):
        operations = record["totals"]["operations"]
        assert 2 * operations["mul_add"] - operations["outputs"] == 267_960


# Figures and ratios ------------------------------------------------------------------------------


def test_totals_are_those_of_the_summary() -> None:
    how = ("--batch", "3", "--dtype", "fp16")
    answer = call("compare", *NETWORKS, "googlenet", *how, "--with-heads", "--format", "json")
    found = json.loads(answer.out)
    assert (found["batch"], found["dtype"]) == (3, "fp16")
    for name, record in zip((*NETWORKS, "googlenet"), found["networks"], strict=True):
        alone = json.loads(call("summary", name, *how, "--with-heads", "--format", "json").out)
        for key in ("name", "title", "input", "totals", "outputs", "uncounted"):
            assert record[key] == alone[key]


def test_ratios_are_exact_and_to_the_first() -> None:
    """Defeats a ratio of rounded numbers, to the neighbour, or the wrong way round."""
    first, *others = records = compared(*NETWORKS)
    assert set(first["ratios"].values()) == {"1"}
    for record in others:
        for quantity in COMPARED:
            wanted = Fraction(record["totals"][quantity], records[0]["totals"][quantity])
            assert Fraction(record["ratios"][quantity]) == wanted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1), "="),
        (Fraction(27, 5), "5.4x"),
        (Fraction(10, 73), "1/7.3"),
        (Fraction(1001, 1000), "1.00x"),
        (Fraction(25, 26), "1/1.04"),
        (None, ""),
        (Fraction(9994, 100), "99.9x"),
        (Fraction(9996, 100), "100x"),
        (Fraction(4_001_536_000), "4,001,536,000x"),
        (Fraction(1, 44_800), "1/44,800"),
    ],
)
def test_ratio(value: Fraction | None, text: str) -> None:
    """Equal is said of equal numbers alone."""
    assert ratio(value) == text


def test_nothing_is_divided_by_zero() -> None:
    targets = "8x8x3 -> maxpool 2x2", "8x8x3 -> conv 3x3 4", "8x8x3 -> relu"
    _, conv, relu = compared(*targets)
    assert conv["ratios"]["params"] is None
    assert conv["ratios"]["macs"] is None
    assert relu["ratios"]["params"] is None
    assert call("compare", *targets).code == 0
    assert call("compare", *targets[::-1], "--width", "60").code == 0


def test_lower_bounds_have_no_ratio(mystery: str) -> None:
    targets = "8x8x3 -> conv 3x3 4", f"8x8x3 -> conv 3x3 4 -> {mystery}"
    _, unknown = compared(*targets)
    assert unknown["ratios"]["params"] is unknown["ratios"]["macs"] is None
    row = call("compare", *targets).out.splitlines()[3]
    assert row.split("≥ ")[1].split()[0] == "112"
    assert "x" not in row.split("≥ ")[1]
    assert row.split()[-2:] == ["?", "1"], "what is behind such a layer is not known"


def test_accuracies() -> None:
    """An error is what it leaves of a hundred; of several figures that of one crop is taken."""
    targets = "vgg16", "zfnet", "mobilenet_v2", "resnet34_a", "lenet5"
    vgg, zf, mobile, thirty_four, lenet = compared(*targets)
    assert vgg["top1"]["accuracy"] == "71.592", "behind the paper's 27.0% at no crop"
    assert zf["top1"]["accuracy"] == "61.6"
    assert zf["top1"]["printed"] == "38.4%"
    assert mobile["top1"]["accuracy"] == "71.878"
    assert mobile["top1"]["convention"] == "single_crop"
    assert thirty_four["top5"]["accuracy"] == "92.24"
    assert lenet["top1"] is None
    screen = call("compare", "zfnet", "resnet34_a").out
    assert "100% less the error: zfnet" in screen
    assert "ten crops" in screen
    assert "top-" not in call("compare", "lenet5", "lenet5_modern").out
    # Figures of a network that is not the declared one are not its own.
    assert compared("vgg16", "vgg19", set="classes=10")[0]["top1"] is None


# Screens and formats -----------------------------------------------------------------------------


@pytest.mark.slow
def test_what_is_given_up_for_room() -> None:
    """Bars go first, then ratios and digits, then columns; names, parameters and MACs last. Defeats
    a table that keeps ``37,142x`` and drops what somebody has measured."""
    order = [
        "bars",
        "digits of ratios",
        "ratios of peak",
        "ratios of outputs",
        "digits of MACs",
        "digits of parameters",
        "ratios of parameters",
        "ratios of MACs",
        "peak",
        "outputs",
        "top-5",
        "depth",
        "top-1",
        "RF",
        "MACs",
    ]
    for width in range(130, 39, -1):
        screen = call("compare", *NETWORKS, "--width", str(width)).out
        lines = screen.splitlines()
        assert all(name in screen for name in NETWORKS)
        assert max(map(len, lines)) <= width
        left = " ".join(lines).partition("left out at")[2].partition(": ")[2]
        words = left.rpartition("--width")[0].rstrip(" ·")
        gone = [part.strip() for part in words.split(",")] if left else []
        assert gone == [name for name in order if name in gone]
        assert gone[:1] in ([], ["bars"])
        assert ("15.5G" if "digits of MACs" in gone else "15,470,264,320") in screen
        short = "digits of parameters" in gone
        assert ("138M" if short else "138,357,544") in screen
        heads = lines[0].split()
        assert ("top-5" in heads) != ("top-5" in gone)
        # Measured accuracy outlives ratios.
        assert "top-5" not in gone or {"ratios of parameters", "ratios of MACs"} <= {*gone}


def test_a_chain_is_broken_at_its_arrows() -> None:
    chain = "14x14x480 -> conv 1x1 16 bias=no -> conv 5x5 48 pad=2 bias=no"
    lines = call("compare", chain, "14x14x480 -> conv 5x5 48", "--width", "90").out.splitlines()
    assert max(map(len, lines)) <= 90
    names = [line[:35].strip() for line in lines[2:6]]
    assert " ".join(names[:-1]).startswith(chain)
    assert chain in call("compare", chain, chain).out, "and nowhere where there is room"


def test_bars_are_to_the_largest_of_each_side() -> None:
    lines = call("compare", *NETWORKS, "--width", "129").out.splitlines()
    wings = [line.partition("│")[::2] for line in lines[2:5]]
    lengths = [(left.count("━"), right.count("━")) for left, right in wings]
    assert lengths[1][0] == lengths[1][1] == max(max(pair) for pair in lengths)
    assert lengths[2] == (0, 0)
    assert "╶" in wings[2][0]
    assert "╴" in wings[2][1]


def test_flat_formats_are_one_table() -> None:
    lines = call("compare", *NETWORKS, "--format", "plain").out.splitlines()
    rows = [line.split("\t") for line in lines]
    table = list(csv.reader(io.StringIO(call("compare", *NETWORKS, "--format", "csv").out)))
    assert rows == table
    head, first, vgg, _ = table
    record = dict(zip(head, vgg, strict=True))
    assert record["params"] == "138357544"
    assert record["rf_size"] == "212,212"
    assert float(record["params_ratio"]) == pytest.approx(138357544 / 25557032, rel=1e-5)
    assert dict(zip(head, first, strict=True))["params_ratio"] == "1"
    short = call("compare", *NETWORKS, "--format", "csv", "--columns", "name,macs").out
    assert short.splitlines()[0] == "name,macs"


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_documents(form: str) -> None:
    text = call("compare", *NETWORKS, "--format", form).out
    assert "5.4x" in text
    assert "138,357,544" in text.replace("{,}", ",")


def test_python() -> None:
    found = archcalc.compare("resnet50", archcalc.load("vgg16"), batch=2)
    assert [row.name for row in found.rows] == ["resnet50", "vgg16"]
    assert found.ratio(found.rows[1], "params") == Fraction(138357544, 25557032)
    assert found.to_csv().startswith("name,input,params,")
    assert "<table>" in found._repr_html_()
    with pytest.raises(ValueError, match="nothing to compare"):
        archcalc.compare()
    with pytest.raises(ValueError, match="one for all"):
        type(found)([archcalc.load("vgg16").summary(batch=n) for n in (1, 2)])


def test_standard_input_is_one_of_them() -> None:
    answer = call("compare", "-", "lenet5", "--format", "json", stdin="32x32x1 -> conv 5x5 6")
    assert json.loads(answer.out)["networks"][0]["totals"]["params"] == 156


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["vgg16"], "two TARGETs or more are needed"),
        ([], "two TARGETs or more are needed"),
        (["32x32x3", "-", "vgg16"], "the shell took the `>`"),
        (["-", "-"], "standard input can be read once"),
        (["vgg16", "vgg61"], "is called `vgg61`\n  = help: did you mean `vgg16`?"),
        (["vgg16", "lenet5", "--set", "width=2"], "vgg16 has no parameter `width`"),
        (["vgg16", "vgg19", "--plot", "--format", "json"], "--plot does not go with"),
        (["vgg16", "vgg19", "--columns", "macs"], "--columns does not go with"),
    ],
)
def test_errors(arguments: list[str], message: str) -> None:
    answer = call("compare", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


# The picture -------------------------------------------------------------------------------------


def test_plot() -> None:
    """Areas are as parameters, places as operations and accuracies."""
    pytest.importorskip("matplotlib")
    from archcalc.report.pictures.canvas import Canvas

    with mock.patch.object(Canvas, "disc", autospec=True) as disc:
        answer = call("compare", *NETWORKS, "--plot", "--format", "svg")
    assert (answer.code, answer.err) == (0, "")
    drawn = [at.args[1:4] for at in disc.call_args_list][::2]
    assert len(drawn) == 3
    vgg, resnet, mobile = drawn  # the largest below the others
    assert (vgg[2] / resnet[2]) ** 2 == pytest.approx(138357544 / 25557032)
    assert (vgg[0] - mobile[0]) / (resnet[0] - mobile[0]) == pytest.approx(
        (15470264320 - 300774272) / (4089184256 - 300774272)
    )
    assert resnet[1] < mobile[1] < vgg[1], "the most accurate is highest"


def test_pictures_are_bytes_that_repeat() -> None:
    pytest.importorskip("matplotlib")
    svg = [call("compare", *NETWORKS, "googlenet", "--format", "svg").bytes for _ in range(2)]
    assert svg[0] == svg[1]
    assert b"<svg" in svg[0]
    assert call("compare", *NETWORKS, "--plot").bytes.startswith(b"\x89PNG")


def test_nothing_to_plot() -> None:
    pytest.importorskip("matplotlib")
    answer = call("compare", "lenet5", "32x32x1 -> fc 10", "--plot")
    assert answer.code == 2
    assert "none of them has a reported accuracy" in answer.err


def test_without_matplotlib_one_line_says_so() -> None:
    with mock.patch.dict(sys.modules, {"matplotlib": None, "matplotlib.style": None}):
        answer = call("compare", *NETWORKS, "--plot")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        f"error[missing]: a picture needs matplotlib: {sys.executable} -m pip install matplotlib\n"
    )


@pytest.mark.parametrize("number", [3, 12, 60])
def test_names_in_a_plot_do_not_cross(number: int) -> None:
    """No name lies on another, and each network with an accuracy has one. Defeats names that are all put
    beside their discs."""
    pytest.importorskip("matplotlib")
    from archcalc.report.pictures import compared as pictures
    from archcalc.report.pictures.canvas import Canvas
    from archcalc.report.pictures.labelling import overlap

    discs = [
        pictures.Disc(f"network_{n}", n % 9 * 10**9 + n, (1 + n % 5) * 10**7, 70 + n % 7 / 3, "")
        for n in range(number)
    ]
    with Canvas() as canvas:
        plot = pictures._Plot(canvas, 1.0, discs)
        names = plot.names_beside()
        if names is None:
            plot = pictures._Plot(canvas, 1.0, discs, max(pictures.HEIGHT, pictures.LINE * (number + 1)))
            names = plot.names_in_a_column()
    assert {name.text for name in names} == {disc.label for disc in discs}
    assert len(names) == number
    for one, other in combinations([name.box for name in names], 2):
        assert overlap(one, other) < 1e-9
    assert all(name.box[1] > 0.99 and name.box[3] < plot.bottom + 0.01 for name in names)
