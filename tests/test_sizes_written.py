"""Volumes and distances as written: without a single channel, with signs, as fractions."""

from __future__ import annotations

import pytest
from calling import call


@pytest.mark.parametrize(
    ("target", "answer", "expected", "code"),
    [
        ("28x28x1 -> conv 3x3 1", "output=26x26", "right", 0),
        ("28x24x1 -> conv 3x3 1", "output=26x22", "right", 0),
        ("4x4x4x1 -> conv 3 1", "output=2x2x2", "right", 0),
        ("60x1 -> conv 3 1", "output=58", "right", 0),
        # Several channels are an axis that is missing.
        ("28x28x1 -> conv 3x3 2", "output=26x26", "channels left out", 1),
        # What is wrong stays wrong, and is explained as with its channel.
        ("28x28x1 -> conv 3x3 1 pad=1", "output=26x26", "padding ignored", 1),
        ("28x24x1 -> conv 3x3 1", "output=22x26", "by another convention: the width before the height", 0),
        ("28x28x1 -> conv 3x3 1", "output=26", "one side alone", 1),
    ],
)
def test_one_channel_may_be_left_out(target: str, answer: str, expected: str, code: int) -> None:
    """Defeats: an axis that holds nothing demanded; any volume taken without its channels."""
    found = call("check", target, answer)
    assert expected in " ".join(found.out.split())
    assert found.code == code


def test_channels_first_leaves_the_same_sizes() -> None:
    """Defeats: two sizes turned as if one of them were the channels."""
    chain = "28x24x1 -> conv 3x3 1"
    found = call("check", chain, "output=26x22", "--convention", "layout=chw")
    assert found.code == 0


def test_what_follows_is_worked_out_with_the_channel() -> None:
    """Defeats: an earlier answer without its channel that no later one can start from."""
    net = "28x28x1 -> conv 3x3 1 -> conv 3x3 4"
    found = call("check", net, "conv1.output=28x28", "conv2.output=26x26x4")
    assert "follows from your conv1" in " ".join(found.out.split())


@pytest.mark.parametrize(
    ("target", "answer", "code"),
    [
        ("8x8x16 -> conv 3x3 4 pad=1", "start=-1", 0),
        ("8x8x16 -> conv 3x3 4 pad=1", "start=-1x-1", 0),
        ("8x8x16 -> conv 3x5 4 pad=half", "start=(-1, -2)", 0),
        ("8x8x16 -> conv 3x5 4 pad=half", "start=(-2, -1)", 1),
        ("8x8x1 -> upsample 2", "stride=1/2", 0),
        ("8x8x1 -> upsample 2", "stride=2", 1),
        ("8x8x1 -> conv 3x3 1 stride=3x1 -> upsample 2", "stride=3/2x1/2", 0),
        ("8x8x16 -> gap", "size=16", 0),
        ("8x8x16 -> gap", "size=8", 1),
    ],
)
def test_distances_and_lengths(target: str, answer: str, code: int) -> None:
    """Numbers an axis that are negative or fractions; a vector's length. Defeats: sizes read as a
    product or a quotient."""
    assert call("check", target, answer).code == code
