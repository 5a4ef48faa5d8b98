"""`archcalc compare --quantity`: any quantity of networks, with differences, ratios and percentages."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from typing import Any

import pytest
from calling import call

import archcalc


def compared(*words: str) -> list[dict[str, Any]]:
    answer = call("compare", *words, "--format", "json")
    assert answer.code == 0, answer.err
    return list(json.loads(answer.out)["quantities"])


def test_by_hand() -> None:
    """fc6 of VGG-16 reads 7·7·512 values, that of AlexNet 6·6·256, and both have 4096 units. Defeats a
    quotient of the totals, the quotient turned round, and a percentage of the second network."""
    (asked,) = compared("vgg16", "alexnet", "--quantity", "params(fc6)")
    one, two = asked["values"]
    vgg, alex = (7 * 7 * 512 + 1) * 4096, (6 * 6 * 256 + 1) * 4096
    assert (one["value"], two["value"], two["difference"]) == (vgg, alex, alex - vgg)
    assert Fraction(two["ratio"]) == Fraction(alex, vgg)
    assert Fraction(two["percent"]) == 100 * Fraction(alex - vgg, vgg)
    assert one["difference"] is one["ratio"] is one["percent"] is None


def test_the_notation_of_explain() -> None:
    """What `explain` takes as an expression of one network is a quantity here, percentages too. Defeats a
    change of a percentage that is taken for its difference."""
    chains = (
        "14x14x16 -> dwconv 3x3 bias=no -> conv 1x1 32 bias=no",
        "14x14x16 -> dwconv 5x5 bias=no -> conv 1x1 32 bias=no",
    )
    text = "percent(macs(dwconv1) / macs)"
    (asked,) = compared(*chains, "--quantity", text)
    shares = [Fraction(12 * 12 * 16 * 9, 12 * 12 * 16 * (9 + 32)), Fraction(25, 25 + 32)]
    assert [Fraction(value["value"]) for value in asked["values"]] == shares
    assert Fraction(asked["values"][1]["difference"]) == shares[1] - shares[0]
    screen = call("compare", *chains, "--quantity", text).out
    assert "21.95 %" in screen
    assert "43.86 %" in screen
    assert "+21.91 %" in screen
    assert "differences of percentages in percentage points" in screen


def test_several_quantities_of_several_networks() -> None:
    """A table for each quantity; a size that is the same along both axes is one number."""
    asked = compared("vgg16", "vgg19", "alexnet", "--quantity", "rf", "--quantity", "depth")
    assert [[value["value"] for value in one["values"]] for one in asked] == [[212, 268, 195], [16, 19, 8]]
    assert [value["difference"] for value in asked[1]["values"]] == [None, 3, -8]


def test_nothing_and_zero() -> None:
    """Nothing of something is a ratio of 0, something of nothing has none. Defeats a division by zero."""
    conv, relu = "8x8x3 -> conv 3x3 4", "8x8x3 -> relu"
    (down,) = compared(conv, relu, "--quantity", "params")
    assert [down["values"][1][key] for key in ("difference", "ratio", "percent")] == [-112, "0", "-100"]
    (up,) = compared(relu, conv, "--quantity", "params")
    assert [up["values"][1][key] for key in ("difference", "ratio", "percent")] == [112, None, None]
    assert "0x  −100 %" in call("compare", conv, relu, "--quantity", "params").out
    assert call("compare", relu, conv, "--quantity", "params").code == 0


def test_what_has_no_rule() -> None:
    """A sum that leaves out a layer is a lower bound, and has no difference. Defeats taking silence for 0."""
    chains = "8x8x3 -> conv 3x3 4", '8x8x3 -> conv 3x3 4 -> opaque "some.op" 8x8x2'
    (asked,) = compared(*chains, "--quantity", "macs")
    value = asked["values"][1]
    assert value["at_least"]
    assert value["difference"] is None
    assert value["ratio"] is None
    assert "≥ " in call("compare", *chains, "--quantity", "macs").out


def test_csv_and_markdown() -> None:
    """Whole numbers stay exact in CSV; quotients are decimals."""
    words = ["compare", "vgg16", "alexnet", "--quantity", "params(fc6)"]
    rows = list(csv.DictReader(io.StringIO(call(*words, "--format", "csv").out)))
    assert [row["network"] for row in rows] == ["vgg16", "alexnet"]
    assert (rows[1]["difference"], rows[1]["ratio"], rows[1]["percent"]) == (
        "-65011712",
        "0.367372",
        "-63.2628",
    )
    assert (
        "| alexnet |  37,752,832 | −65,011,712 | 1/2.7 | −63.26 % |"
        in call(*words, "--format", "markdown").out
    )


def test_in_python() -> None:
    report = archcalc.compare("vgg16", "vgg19").quantities("params", "macs")
    assert [one.text for one in report.quantities] == ["params", "macs"]
    assert (
        report.to_dict()["quantities"][0]["values"][1]["difference"]
        == 3 * 590_080 - 0 + 2 * 2_359_808 - 1_180_160
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--quantity", "foo"], "`foo` is no quantity"),
        (["--quantity", "output"], "no one number"),
        (["--quantity", "params(conv9)"], "conv9"),
        (["--quantity", "params", "--layers"], "--quantity"),
        (["--quantity", "params", "--plot"], "--quantity"),
        (["--quantity", "params", "--format", "svg"], "--quantity"),
        (["--quantity", ""], "quantity"),
    ],
)
def test_one_message(words: list[str], message: str) -> None:
    answer = call("compare", "vgg16", "alexnet", *words)
    assert answer.code == 2
    assert not answer.out
    assert message in answer.err
    assert answer.err.count("error") == 1


def test_sizes_that_are_alike_are_one_number() -> None:
    """`rf(A) - rf(B)` of square fields; sizes that differ are refused. Defeats the first axis for all."""
    answer = call("explain", "vgg16", "alexnet", "rf(A) - rf(B)", "--format", "json")
    assert json.loads(answer.out)["calculations"][0]["value"] == 17
    wide = call("explain", "8x8x3 -> conv 3x5 4", "8x8x3 -> conv 3x3 4", "rf(A) - rf(B)")
    assert wide.code == 2
    assert "3x5, and no one number" in wide.err
