"""Windows at the rim: rounded up, enlarged, and on one axis only."""

from __future__ import annotations

import random

import pytest
from calling import call

import archcalc
from archcalc.ops.window import CEIL, Window, fitting


def test_rounding_up_is_never_less_than_rounding_down() -> None:
    """Windows that lie on the padded input stay, though one begins on the padding behind. Defeats:
    leaving out every window that begins behind the input."""
    assert archcalc.load("6x6x1 -> conv 1x1 1 stride=2 pad=2 round=ceil").summary().to_dict()["layers"][0][
        "output"
    ] == [5, 5, 1]
    chance = random.Random(7)
    for _ in range(2_000):
        n, kernel, stride = (chance.randint(1, 12) for _ in range(3))
        low, high = chance.randint(0, 6), chance.randint(0, 6)
        if n + low + high < kernel:
            continue
        window = Window(n, kernel, stride, low, high, rule=fitting)
        down, up = window.output, window.but(rounding=CEIL).output
        assert down <= up <= down + 1
        if up > down:  # the one that hangs over begins on the input or before it
            assert down * stride < n + low


def test_explain_rounds_up_as_the_rule_does() -> None:
    """Defeats: a textbook form that the rule has left behind."""
    for text, size in [
        ("6x6x1 -> conv 1x1 1 stride=2 pad=2 round=ceil", 5),
        ("7x7x1 -> maxpool 3x3 stride=2 pad=1 round=ceil", 4),
        ("7x7x1 -> maxpool 2x2 stride=3 round=ceil", 3),
    ]:
        assert f"= {size}" in call("explain", text, "output").out


def test_a_field_that_differs_by_axis_says_both() -> None:
    """On one axis the recursion holds, on the other it does not. Defeats: the width's size given
    for the whole."""
    screen = call("explain", "20x20x1 -> tconv 3x5 1 stride=2x1", "rf").out
    heights, widths = screen.index("rh = r"), screen.index("rw = r")
    assert "= 2" in screen[heights:widths]
    assert "= 5" in screen[widths:]


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_an_axis_of_one_position_is_not_interpolated(mode: str) -> None:
    """Each unit reads that one position, as behind a global pooling. Defeats: a neighbour that is
    not there."""
    (_, row) = (
        archcalc.load(f"8x8x2 -> adaptive_avgpool 1x1 -> upsample 8 mode={mode}")
        .receptive_field()
        .to_dict()["layers"]
    )
    assert (row["rf"]["size"], row["rf"]["start"]) == ([8, 8], [0, 0])


def test_a_shortcut_cannot_enlarge() -> None:
    """Defeats: blame on a stride that nobody wrote."""
    for branch in ("tconv 2x2 8 stride=2", "upsample 2 -> conv 1x1 8"):
        answer = call(
            "summary", "-", stdin=(f"net a\n  input 8x8x4\n  add\n    | {branch}\n    | shortcut\n")
        )
        assert answer.code == 2
        assert "`shortcut` cannot enlarge: 8x8x4 arrive, the sibling branch has 16x16x8" in (answer.err)
        assert "stride" not in answer.err.split("-->")[0]
