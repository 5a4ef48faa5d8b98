"""What `fc` behind a sequence reads: all positions here, the last state or each position elsewhere."""

from __future__ import annotations

import pytest
from calling import call

from archcalc import load
from archcalc.analysis.sequences import flattened

LAST = "only the last state handed on, as Keras' recurrent layers do it"
EACH = "the layer applied at each position, as `linear` is"


@pytest.mark.parametrize(
    ("target", "answer", "expected"),
    [
        ("400x3 -> lstm 50 -> fc 1", "total.params=10851", LAST),
        ("400x3 -> lstm 50 -> fc 1", "fc1.params=51", LAST),
        ("400x3 -> lstm 50 -> fc 1", "fc1.macs=50", LAST),
        ("400x3 -> lstm 50 -> fc 1", "total.macs=4240050", LAST),
        ("400x3 -> lstm 50 -> fc 1", "lstm1.output=50", LAST),
        ("400x3 -> lstm 50 -> fc 1", "lstm1.neurons=50", LAST),
        ("400x3 -> lstm 50 -> fc 1", "lstm1.memory=200", LAST),
        ("400x3 -> lstm 50 -> fc 1", "total.neurons=51", LAST),
        # Two of them: the first one hands all its states to the second.
        ("400x3 -> lstm 50 -> lstm 20 -> dropout 0.5 -> fc 1", "total.params=16501", LAST),
        ("16x512 -> attention 8 -> fc 2048", "fc1.params=1050624", EACH),
        ("16x512 -> attention 8 -> layernorm -> fc 2048", "fc1.params=1050624", EACH),
        ("16x512 -> attention 8 -> fc 2048", "output=16x2048", EACH),
        ("20 -> embedding 1000 16 -> fc 4", "fc1.params=68", EACH),
    ],
)
def test_another_convention(target: str, answer: str, expected: str) -> None:
    """Defeats: "positions forgotten in flattening", an error, where Keras flattens nothing."""
    found = call("check", target, answer)
    assert f"right by another convention: {expected}" in " ".join(found.out.split())
    assert found.code == 0


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("7x7x512 -> fc 10", "params=5130"),
        ("100x4 -> conv 3 8 -> fc 10", "fc1.params=90"),
        ("400x3 -> lstm 50 -> flatten -> fc 1", "fc1.params=51"),
    ],
)
def test_positions_forgotten_stay_an_error(target: str, answer: str) -> None:
    """Defeats: every flattening taken for that of a sequence, a stated one too."""
    found = call("check", target, answer)
    assert "right by another convention" not in found.out
    assert found.code == 1


@pytest.mark.parametrize(
    ("chain", "made"),
    [
        ("400x3 -> lstm 50 -> fc 1", "lstm1"),
        ("16x512 -> attention 8 -> layernorm -> relu -> fc 4", "attention1"),
        ("400x3 -> lstm 50 returns=last -> fc 1", None),
        ("1x3 -> lstm 50 -> fc 1", None),
        ("16x512 -> attention 8 -> conv 3 4 -> fc 4", None),
        ("16x512 -> attention 8 -> linear 4", None),
        ("28x28x1 -> fc 10", None),
    ],
)
def test_what_made_the_sequence(chain: str, made: str | None) -> None:
    found = flattened(load(chain).graph.layers[-1])
    assert (found.name if found is not None else None) == made
