"""Additions of biases, told apart from all other additions in an op's own ledger.

What other tools and papers count "with biases" is the MACs and these, whatever the op.
"""

from __future__ import annotations

import pytest
from calling import call

import archcalc
from archcalc.ops import registry
from archcalc.ops.base import Op


def biases(chain: str) -> int:
    """The additions of biases of the last layer."""
    operations = archcalc.load(chain).graph.layers[-1].facts.operations
    assert operations is not None
    return int(operations.biases)


@pytest.mark.parametrize(
    ("chain", "right"),
    [
        # One a value of the output, whatever the kind of dot product.
        ("32x32x3 -> conv 3x3 8", 30 * 30 * 8),
        ("32x32x24 -> dwconv 3x3", 30 * 30 * 24),
        ("8x8x3 -> local 3x3 4", 6 * 6 * 4),
        ("2x2x3 -> tconv 2x2 1 stride=2", 4 * 4),
        ("7x7x8 -> fc 10", 10),
        ("196x768 -> linear 3072", 196 * 3072),
        # Four linear maps; the additions of the softmax are none of a bias.
        ("10x8 -> attention 2", 4 * 10 * 8),
        ("197x768 -> attention 12", 605_184),
        # A vector a map and step; those of sigmoids, cells and mixtures are none of a bias.
        ("16x4096 -> lstm 256", 16 * 4 * 256),
        ("16x4096 -> lstm 256 biases=two", 2 * 16 * 4 * 256),
        ("20x8 -> gru 5", 20 * 3 * 5),
        ("20x8 -> gru 5 biases=two", 2 * 20 * 3 * 5),
        ("20x8 -> rnn 5", 20 * 5),
        # No bias, no addition of one.
        ("20x8 -> lstm 5 bidirectional=yes", 2 * 20 * 4 * 5),
        ("20x8 -> lstm 5 biases=none", 0),
        ("32x32x3 -> conv 3x3 8 bias=no", 0),
        ("10x8 -> attention 2 bias=no", 0),
        ("32x32x3 -> bn", 0),
        ("8x8x3 -> avgpool 2x2", 0),
    ],
)
def test_of_a_layer(chain: str, right: int) -> None:
    """Defeats: all additions of the ledger taken for those of biases (500 for attention)."""
    assert biases(chain) == right


@pytest.mark.parametrize(
    "op",
    [
        op
        for op in registry().values()
        if "bias" in op.attributes and op.matrix_product and op.attributes["bias"].default
    ],
)
def test_a_bias_less_is_so_many_additions_less(op: type[Op]) -> None:
    """Switching the biases off takes exactly those additions away, of every op that has MACs.

    Defeats: an op that adds its biases and does not tell them apart.
    """
    chain = op.example.replace(" bias=no", "")
    on = archcalc.load(chain).graph.layers[0].facts.operations
    off = archcalc.load(f"{chain} bias=no").graph.layers[0].facts.operations
    assert on is not None
    assert off is not None
    assert on.biases > 0 == off.biases
    assert on.add - off.add == on.biases


def test_explain_counts_those_of_biases_alone() -> None:
    """Defeats: the additions of a softmax called additions of biases (500; 1,068,528)."""
    shown = "biases are not counted; they take {} additions"
    attention = call("explain", "10x8 -> attention 2", "attention1", "macs").out
    assert shown.format(320) in attention
    vit = call("explain", "vit_b_16", "layer_1.attention", "macs").out
    assert shown.format("605,184") in vit
    assert shown.format("16,384") in call("explain", "16x4096 -> lstm 256", "macs").out


@pytest.mark.parametrize(
    ("layer", "figure"),
    [
        ("attention 2", "4_480"),  # 4,160 and 320
        ("lstm 4", "2_080"),  # 10·4·4·(8 + 4) and 10·4·4
        ("linear 4", "360"),  # 10·8·4 and 10·4
    ],
)
def test_a_report_may_count_them(layer: str, figure: str) -> None:
    """Defeats: biases counted for convolutions and fully connected layers alone."""
    text = f'net it\n  input 10x8\n  report macs {figure} "x" as bias\n  {layer}\n'
    answer = call("summary", "-", "-v", stdin=text)
    assert answer.code == 0, answer.err
    assert "agrees" in answer.out
    assert "does not agree" in call("summary", "-", stdin=text.replace(figure, "4_161")).err
