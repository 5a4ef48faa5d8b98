"""The standard library of blocks: parameters and multiply-adds as the papers and torchvision have
them, block by block."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archcalc import load

BLOCKS = Path(__file__).resolve().parent.parent / "specs" / "blocks"

# Target, output, learned values, multiply-adds. Parameters of the residual, inverted and dense
# units are those of torchvision's layer1.0, layer2.0, features.1, features.2 and denselayer1;
# the inception module is 3a, with its biases.
CASES = [
    ("56x56x64 -> conv_bn 3x3 64", (56, 56, 64), 36_992, 115_605_504),
    ("56x56x64 -> conv_bn_relu 3x3 64 stride=2 groups=4", (28, 28, 64), 9_344, 7_225_344),
    ("112x112x32 -> separable 3x3 64", (112, 112, 64), 2_528, 29_302_784),
    ("112x112x32 -> separable 3x3 64 stride=2 act=relu6", (56, 56, 64), 2_528, 7_325_696),
    ("147x147x64 -> separable_xception 3x3 128", (147, 147, 128), 9_024, 189_467_712),
    ("56x56x256 -> squeeze_excite", (56, 56, 256), 8_464, 8_192),
    ("56x56x8 -> squeeze_excite", (56, 56, 8), 25, 16),
    ("56x56x64 -> basic 64", (56, 56, 64), 73_984, 231_211_008),
    ("56x56x64 -> basic 128 stride=2", (28, 28, 128), 230_144, 179_830_784),
    ("56x56x64 -> basic 128 stride=2 kind=A", (28, 28, 128), 221_696, 173_408_256),
    ("56x56x64 -> bottleneck 64", (56, 56, 256), 75_008, 231_211_008),
    ("56x56x256 -> bottleneck 128 stride=2", (28, 28, 512), 379_392, 372_506_624),
    ("56x56x256 -> bottleneck_v1 128 stride=2", (28, 28, 512), 379_392, 295_436_288),
    ("112x112x32 -> inverted_residual 1 16", (112, 112, 16), 896, 10_035_200),
    ("112x112x16 -> inverted_residual 6 24 stride=2", (56, 56, 24), 5_136, 29_202_432),
    ("56x56x24 -> inverted_residual 6 24", (56, 56, 24), 8_832, 25_740_288),
    ("56x56x64 -> dense_layer 32", (56, 56, 96), 45_440, 141_295_616),
    ("28x28x192 -> inception 64 96 128 16 32 32", (28, 28, 256), 163_696, 128_049_152),
]


@pytest.mark.parametrize(("target", "output", "params", "macs"), CASES, ids=lambda v: str(v))
def test_numbers(target: str, output: tuple[int, ...], params: int, macs: int) -> None:
    summary = load(target).summary()
    assert tuple(summary.graph.output.output) == output
    assert summary.totals["params"] == params
    assert summary.totals["macs"] == macs


def test_each_is_tested_and_names_its_paper() -> None:
    tested = {word for target, *_ in CASES for word in target.split()}
    for path in BLOCKS.glob("*.arch"):
        text = path.read_text("utf-8")
        for found in re.finditer(r"((?:^#.*\n)+)^block (\w+)", text, re.MULTILINE):
            assert found[2] in tested
            assert "arXiv:" in found[1]
        assert len(re.findall("^block ", text, re.M)) == len(re.findall(r"^#.*\nblock ", text, re.M))


def test_a_block_of_the_file_comes_first() -> None:
    text = "block basic c\n  conv 1x1 c bias=no\nnet own\n  input 8x8x4\n  basic 4\n"
    assert load("-", stdin=text).summary().totals["params"] == 16


def test_house_rules_do_not_reach_the_library() -> None:
    rules = "default conv pad=valid bias=yes\ndefault bn scale=no\n"
    text = "net n\n  input 8x8x3\n  conv_bn 3x3 4\n"
    assert load("-", stdin=rules + text).summary().totals["params"] == 108 + 8


def test_house_rules_for_norms_reach_the_shortcut() -> None:
    """Defeats: frozen norms everywhere but in the projections of the units."""
    text = "net n\n  input 8x8x3\n  add\n    | conv 1x1 4 bias=no -> bn\n    | shortcut\n"
    totals = load("-", stdin="default bn frozen=yes\n" + text).summary().totals
    assert (totals["params"], totals["buffers"]) == (2 * 12, 2 * 16)
    totals = load("-", stdin="default bn scale=no\n" + text).summary().totals
    assert totals["params"] == 2 * (12 + 4)
