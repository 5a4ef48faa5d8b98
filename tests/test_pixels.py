"""What one unit reads, pixel by pixel; and norms that read the whole map."""

from __future__ import annotations

import json
import re

import pytest
from calling import call

import archcalc
from archcalc.analysis.pixels import Pixels

# Norms whose statistics are those of the map ------------------------------------------------------

NORM = "32x32x3 -> conv 3x3 4 pad=1 -> {} -> conv 3x3 4 pad=1"


@pytest.mark.parametrize("norm", ["groupnorm 2", "instancenorm"])
def test_norms_over_a_map_are_marked_and_can_be_counted(norm: str) -> None:
    """At inference too they read the whole map. Defeats: a field that passes for the whole truth."""
    network = archcalc.load(NORM.format(norm))
    rows = network.receptive_field().to_dict()["layers"]
    before, norm_itself, behind = [row["rf"] for row in rows]
    assert "normed" not in before
    assert norm_itself["normed"]
    assert behind["normed"]
    assert behind["size"] == [5, 5]
    *_, counted = network.counting_norms().receptive_field().to_dict()["layers"]
    assert counted["rf"] == {
        "size": [32, 32],
        "stride": [None, None],
        "start": [0, 0],
        "aligned": True,
        "global": True,
        "gated": False,
    }


@pytest.mark.parametrize("norm", ["bn", "layernorm", "lrn 5", "relu"])
def test_norms_of_a_position_are_not_marked(norm: str) -> None:
    """Defeats: a mark on every norm."""
    chain = NORM.format(norm)
    rows = archcalc.load(chain).receptive_field().to_dict()["layers"]
    assert all("normed" not in row["rf"] for row in rows)
    assert rows == archcalc.load(chain).counting_norms().receptive_field().to_dict()["layers"]


def test_the_mark_is_on_every_screen() -> None:
    """Defeats: a mark in the JSON alone."""
    chain = NORM.format("groupnorm 2")
    words = "a norm's statistics over the whole map are left out"
    for command in (["summary", chain], ["rf", chain], ["rf", chain, "conv2", "--at", "3,3"]):
        marked, counted = (
            " ".join(call(*command, *more, "--width", "120").out.split()) for more in ([], ["--whole-norms"])
        )
        assert words in marked, command
        assert words not in counted, command
    assert re.search(r" 5\+\n", call("summary", chain).out)
    assert "--whole-norms" in call("explain", chain, "conv2", "rf").out
    for command in ("summary", "rf"):
        header, *rows = call(command, chain, "--format", "csv").out.splitlines()
        assert header.endswith(",rf_normed")
        assert [row.rsplit(",", 1)[1] for row in rows] == ["no", "no", "yes", "yes"]
        assert "rf_normed" not in call(command, NORM.format("bn"), "--format", "csv").out
    at = json.loads(call("rf", chain, "conv2", "--at", "3,3", "--format", "json").out)
    assert at["normed"]
    assert (at["layers"][0]["first"], at["layers"][0]["last"]) == ([1, 1], [5, 5])
    at = json.loads(call("rf", chain, "conv2", "--at", "3,3", "--whole-norms", "--format", "json").out)
    assert "normed" not in at
    assert (at["layers"][0]["first"], at["layers"][0]["last"]) == ([0, 0], [31, 31])


# One unit: pixels ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "layer", "unit", "rows", "expected"),
    [
        (
            "20x20x1 -> crop 6x6 offset=7 -> conv 3x3 1 pad=1",
            "conv1",
            "0,0",
            (7, 8),
            "2x2, all of it in the image",
        ),
        (
            "7x7x1 -> conv 3x3 1 stride=3 -> conv 3x3 1 pad=1",
            "conv2",
            "1,1",
            (0, 5),
            "6x6, all of it in the image",
        ),
        ("squeezenet1_0", "fire2.expand3x3", "53,53", (208, 222), "15x15, all of it in the image"),
        # The input's own rim is shown, and told apart.
        ("vgg16", "conv1_1", "0,0", (-1, 1), "3x3, of which 2x2 in the image"),
        # All of it reads zeros.
        ("8x8x1 -> zeropad 3 -> conv 1x1 2", "conv1", "0,0", (-3, -3), "of which 0x0 in the image"),
    ],
)
def test_a_unit_sees_pixels(target: str, layer: str, unit: str, rows: tuple[int, int], expected: str) -> None:
    """Defeats: zeros of a rim in between, and rows that nothing reads, counted as pixels."""
    command = ["rf", target, layer, "--at", unit]
    found = json.loads(call(*command, "--format", "json").out)["layers"][0]
    assert (found["first"][0], found["last"][0]) == rows
    assert expected in call(*command).out


def test_a_unit_that_reads_along_one_axis_only() -> None:
    """What one branch reads of the rows and another of the columns is read by neither. Defeats:
    unions an axis."""
    graph = archcalc.load(
        "-",
        stdin=(
            "net crossed\n  input 4x4x1\n"
            "  a: @input -> zeropad 4x0x0x0 -> crop 4x4\n"
            "  b: @input -> zeropad 0x0x4x0 -> crop 4x4\n  add @a @b\n"
        ),
    ).graph
    found = Pixels(graph).of_unit(graph.output, (1, 1))
    assert found is not None
    assert found.get(graph.inputs[0], (None, None)) == (None, None)


# Axes of one position -----------------------------------------------------------------------------

VOLUME = """net volume
  input 16x12x3
  a: conv 3x3 4 pad=1
  reshape 1x16x12x4
  b: conv 1x3x3 4
  reshape 14x10x4
  c: conv 3x3 2 stride=2
"""
MAP = "16x12x3 -> a: conv 3x3 4 pad=1 -> b: conv 3x3 4 -> c: conv 3x3 2 stride=2"


def test_an_axis_of_one_position_changes_no_field() -> None:
    """A map regarded as a volume of one frame, a layer on that, and back. Defeats: everything read
    by a reshape; windows of the wrong axes in between."""
    found = {
        row["name"]: row["rf"]
        for row in archcalc.load("-", stdin=VOLUME).receptive_field().to_dict()["layers"]
    }
    flat = (
        archcalc.load("-", stdin="net map\n  input 16x12x3\n  " + "\n  ".join(MAP.split(" -> ")[1:]))
        .receptive_field()
        .to_dict()["layers"]
    )
    for row in flat:
        assert found[row["name"]] == row["rf"]
    assert found["reshape1"] == found["a"]
    graph = archcalc.load("-", stdin=VOLUME).graph
    pixels = Pixels(graph).of_unit(graph.output, (5, 0))
    assert pixels is not None
    assert pixels[graph.inputs[0]] == ((9, 15), (0, 5))


@pytest.mark.parametrize(
    ("shape", "whole"),
    [
        ("1x256x64x8", False),
        ("256x1x64x8", False),
        ("256x64x1x8", False),
        ("64x256x8", True),
        ("128x128x8", True),
        ("1x256x64x8 -> reshape 256x64x8", False),
        ("16384x8", True),
    ],
)
def test_which_reshape_leaves_positions_where_they_are(shape: str, whole: bool) -> None:
    """Defeats: as many positions taken for the same positions."""
    rows = archcalc.load(f"256x64x8 -> reshape {shape}").receptive_field().to_dict()["layers"]
    field = rows[-1]["rf"]
    assert field["global"] == whole
    assert field["size"] == ([256, 64] if whole else [1, 1])


def test_a_field_that_has_lost_its_axis() -> None:
    """Rows that have become one, left out by a reshape. Defeats: the field of the axis that is
    left taken for both."""
    rows = (
        archcalc.load("5x9x3 -> conv 5x1 4 -> reshape 9x4 -> conv 3 4 -> reshape 1x7x4 -> conv 1x3 2")
        .receptive_field()
        .to_dict()["layers"]
    )
    assert [row["rf"]["size"] for row in rows] == [[5, 1], [5, 1], [5, 3], [5, 3], [5, 5]]
