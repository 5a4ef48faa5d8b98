"""Tensors and multiply-adds that a layer states besides its rule, and values that no spec holds."""

from __future__ import annotations

import pytest
from calling import call

import archcalc

torch = pytest.importorskip("torch")

from exported import check_values  # noqa: E402

from archcalc.witness.compare import Verification  # noqa: E402

NORMED = '12x12x3 -> conv 3x3 8 extra="weight_g=8x1x1x1" extra_buffers="u=8 steps" extra_macs=224'
# Of each what it learns and what it holds, worked out by hand, and a line of its source.
STATED = {
    NORMED: (3 * 3 * 3 * 8 + 8 + 8, 9, '"weight_g", 8, 1, 1, 1'),
    '9x4 -> positions fixed=yes extra="table=20x4"': (80, 0, 'with_parameter(FixedBias(), "table", 20, 4)'),
    '9x4 -> bias fixed=yes extra_buffers="table=4"': (0, 4, 'with_buffer(FixedBias(), "table", 4)'),
    '9x4 -> scale fixed=yes extra="logit"': (1, 0, 'with_parameter(FixedScale(), "logit")'),
    '8x8x4 -> conv 3x3 4 extra="parametrizations.weight.original0=4x1x1x1"': (
        152,
        0,
        '"parametrizations.weight.original0", 4, 1, 1, 1',
    ),
    "9x4 -> scale fixed=yes": (0, 0, "FixedScale()"),
    '9x4 -> parameter 5x6 fixed=yes extra="a=2x2"': (4, 0, 'with_parameter(FixedValues(5, 6), "a", 2, 2)'),
    '9x4 -> lstm 5 extra="gate_5=5"': (4 * 5 * (4 + 5 + 1) + 5, 0, '"gate_5", 5'),
}


@pytest.mark.parametrize("text", STATED)
def test_the_counterpart_registers_them(text: str) -> None:
    """`verify` agrees, and the exported source computes the same. Defeats: a twin without the tensors, one
    that learns its buffers, and constants that stand for values unsaid."""
    params, buffers, source = STATED[text]
    network = archcalc.load(text)
    totals = network.summary().totals
    assert (totals["params"], totals["buffers"]) == (params, buffers)
    found = Verification(network.graph)
    assert found.agrees, [check.to_dict() for check in found.checks if not check.agrees]
    by_name = {check.quantity: check for check in found.checks}
    assert (by_name["parameters"].measured, by_name["buffers"].measured) == (params, buffers)
    exported = check_values(network.graph)
    assert source in exported
    if "fixed=yes" in text:
        assert "A spec has none of them" in exported


def test_stated_operations_are_left_out_and_named() -> None:
    """The counterpart does not do the work on parameters, and the check says so. Defeats: a difference that
    is none, and silence."""
    found = Verification(archcalc.load(NORMED).graph)
    macs = next(check for check in found.checks if check.quantity == "MACs")
    assert macs.predicted == macs.measured == 10 * 10 * 8 * 27
    assert macs.unseen == [("conv1", "those that `extra_macs` states are not done here")]


def test_layers_that_share_their_parameters() -> None:
    """The tensors are the owner's, and are registered once."""
    text = 'net two\n  input 8x8x4\n  a: conv 3x3 4 pad=1 extra="g=4"\n  b: conv 3x3 4 pad=1 like=a\n'
    answer = call("verify", "-", stdin=text)
    assert answer.code == 0, answer.out
    assert f"{3 * 3 * 4 * 4 + 4 + 4}" in answer.out


def test_some_are_held_fixed() -> None:
    """Stated tensors are frozen by name as others are. Defeats: holding before they are registered."""
    found = Verification(archcalc.load(NORMED + ' frozen="weight weight_g"').graph)
    assert found.agrees
    trainable = next(check for check in found.checks if check.quantity == "trainable")
    assert (trainable.predicted, trainable.measured) == (8, 8)
