"""Layers that move values: what their units see, by hand, and where a pattern is refused."""

from __future__ import annotations

import pytest
from calling import call

import archcalc
from archcalc.network import Network


def loaded(text: str) -> Network:
    return archcalc.load("-", stdin=text) if text.startswith("net ") else archcalc.load(text)


# The field of the last layer in the first input: size, stride, start, and whether it is everything.
FIELDS = [
    # Axes that change places take their windows along.
    ('9x7x2 -> conv 3x1 2 -> rearrange "h w c -> w h c"', [3, 1], [1, 1], [0, 0], False),
    # Positions to channels read a block; inner parts that stay read every third position.
    ('12x1 -> rearrange "(h p=3) c -> h (p c)"', [3], [3], [0], False),
    ('12x1 -> rearrange "(p=4 h) c -> h (p c)"', [10], [1], [0], False),
    # Two axes in one: nothing is followed.
    ('6x4x2 -> rearrange "h w c -> (h w) c"', [6, 4], [None, None], [0, 0], True),
    ("12x1 -> slice 2 -1 step=3", [1], [3], [2], False),
    ("12x1 -> conv 3 2 -> select 4 -> linear 5", [3], [None], [4], False),
    ("12x1 -> roll 3 -> conv 3 1 pad=1", [3], [1], [-4], False),
    ("12x1 -> flip -> conv 3 1", [3], [-1], [9], False),
    ("12x1 -> conv 3 1 -> gather 4", [12], [None], [0], False),
    ("6x1 -> repeat 2 mode=each -> conv 3 1", [2], ["1/2"], [0], False),
    ("8x1 -> conv 3 1 pad=1 pad_mode=reflect", [3], [1], [-1], False),
    # One behind the other, of the same input.
    ("net n\n  input 8x1\n  a: conv 1 1\n  concat @a @input axis=0\n", [8], [None], [0], True),
    # Of another input each keeps its own.
    ("net n\n  input 8x1\n  input y: 3x1\n  concat @y @input axis=0 -> conv 3 1\n", [3], [1], [-3], False),
]


@pytest.mark.parametrize(("text", "size", "stride", "start", "whole"), FIELDS)
def test_fields(text: str, size: list[int], stride: list[object], start: list[int], whole: bool) -> None:
    """Defeats: an axis whose window stays where the axis was; everything seen through one position that
    was taken out; a stride without its direction; what is between the ends of a rolled map."""
    network = loaded(text)
    (layer,) = [at for at in network.graph.layers if at is network.graph.output]
    fields = network.summary().fields.of(layer)
    assert fields is not None
    found = fields[network.graph.inputs[0]].to_dict()
    assert [found["size"], found["stride"], found["start"], found["global"]] == [size, stride, start, whole]


REFUSED = {
    '8x8x4 -> rearrange "h w c -> h w d"': (25, "`c` is missing on the right of `->`"),
    '8x8x4 -> rearrange "(h p=3) w c -> h w (p c)"': (21, "axis 0 of 8x8x4 does not divide into 3"),
    '8x8x4 -> rearrange "h w ? -> h w"': (25, "unexpected '?'"),
    "8x8x4 -> slice 3 9": (18, "3 to 9 is no part of the 8 positions of axis 0"),
    "8x8x4 -> select 0 axis=3": (19, "8x8x4 has 3 axes, 0 to 2: there is no axis 3"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_message_points_at_the_place(text: str) -> None:
    """Defeats: a message about all of a pattern, where one part of it is wrong."""
    column, message = REFUSED[text]
    answer = call("summary", text)
    assert answer.code == 2
    assert message in answer.err
    assert f"<command line>:1:{column}\n" in answer.err


def test_verify_agrees_behind_windows_that_are_shifted() -> None:
    """As in Swin: rolled, parted into windows, attention in each, put back. Defeats: a shift the other way
    round, windows that are put back in another order."""
    text = (
        '8x8x6 -> roll -2 -> rearrange "(h p=4) (w q=4) c -> (h w) (p q) c" -> linear 6 -> '
        'rearrange "(h=2 w) (p=4 q) c -> (h p) (w q) c" -> roll 2'
    )
    answer = call("verify", text)
    assert (answer.code, answer.err) == (0, "")
    values = archcalc.load(text.replace(" -> linear 6", "")).graph.output.output
    assert values == (8, 8, 6)


@pytest.mark.parametrize(
    "numbers", ["2x2 stride=2", "3x3 stride=2 pad=1", "3x2 stride=1x3", "2x2 stride=3", "3x3 stride=2"]
)
def test_max_unpool(numbers: str) -> None:
    """A value goes back into the window that it is from: those windows are a transposed convolution's.

    Defeats windows of a pool, read forwards, and an output without the rim of the pool.
    """
    kernel, *rest = numbers.split()
    rest = [word for word in rest if word != f"stride={kernel}"]
    chains = [
        f"9x8x3 -> conv 3x3 4 -> {layer} -> conv 3x3 2 dilation=2"
        for layer in (f"max_unpool {numbers}", f"tconv {kernel} 4 {' '.join(rest)}")
    ]
    one, two = (archcalc.load(chain) for chain in chains)
    assert [str(layer.output) for layer in one.graph.layers] == [
        str(layer.output) for layer in two.graph.layers
    ]
    assert [row.extent.size for row in one.receptive_field().rows] == [
        row.extent.size for row in two.receptive_field().rows
    ]


def test_max_unpool_of_a_size() -> None:
    """Defeats a map that lost the positions which no window of the pool had."""
    net = archcalc.load("9x9x2 -> maxpool 2x2 -> max_unpool 2x2 size=9x9")
    assert net.graph.output.output == (9, 9, 2)
