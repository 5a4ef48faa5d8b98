"""A convention that has two sides is named after the side of the answer, not of the layer."""

from __future__ import annotations

import pytest
from calling import call

ONE, TWO = "one bias vector a gate", "two bias vectors a gate"
HANGS = "a pooling window may hang over the end"
OUT = "pooling windows that do not fit are left out"
PYTORCH, KERAS = "one slope for all channels", "a slope for each value, as Keras' PReLU() has it"


@pytest.mark.parametrize(
    ("target", "answer", "named", "other"),
    [
        ("200x16 -> gru 32 biases=two", "params=4704", ONE, TWO),
        ("200x16 -> gru 32", "params=4800", TWO, ONE),
        ("16x4096 -> lstm 256 biases=two", "params=4457472", ONE, TWO),
        ("16x4096 -> lstm 256", "params=4458496", TWO, ONE),
        ("20x8 -> rnn 5 biases=two", "params=70", ONE, TWO),
        ("20x8 -> rnn 5 biases=two", "biases=5", ONE, TWO),
        ("20x8 -> lstm 5 biases=two -> fc 2", "total.params=482", ONE, TWO),
        ("7x7x3 -> avgpool 2x2 stride=3 round=ceil", "output=2x2x3", OUT, HANGS),
        ("7x7x3 -> avgpool 2x2 stride=3", "output=3x3x3", HANGS, OUT),
        ("7x7x3 -> maxpool 2x2 stride=3 round=ceil -> fc 2", "total.params=26", OUT, HANGS),
        ("alexnet", "conv1.output=54x54x96", "an input of 224 in the place of 227", "of 227 in"),
        (
            "224x224x3 -> conv 11x11 96 stride=4",
            "output=55x55x96",
            "an input of 227 in the place of 224",
            "of 224 in",
        ),
        # PyTorch's nn.PReLU() has 1 slope, Keras' PReLU() one a value: measured 50,176.
        ("28x28x64 -> prelu", "params=1", PYTORCH, KERAS),
        ("28x28x64 -> prelu", "params=50176", KERAS, PYTORCH),
        ("28x28x64 -> prelu shared=yes", "params=64", "a slope for each channel", PYTORCH),
        ("28x28x64 -> prelu shared=yes", "params=50176", KERAS, PYTORCH),
        ("28x28x3 -> conv 3x3 8 pad=1 -> prelu -> fc 10", "total.params=62955", PYTORCH, KERAS),
    ],
)
def test_the_side_of_the_answer(target: str, answer: str, named: str, other: str) -> None:
    """Defeats: one name for both ways, which describes the layer where the answer differs."""
    found = call("check", target, answer)
    out = " ".join(found.out.split())
    assert f"right by another convention: {named}" in out
    assert other not in out
    assert found.code == 0
