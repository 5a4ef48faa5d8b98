"""Values of regions, of grids on the command line, and of what something else computes, beside PyTorch."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from calling import call

import archcalc
from archcalc.values import run

torch = pytest.importorskip("torch")
F = torch.nn.functional


def drawn(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).integers(-9, 10, shape)


def boxes_of(seed: int, count: int, height: int, width: int, step: int = 1) -> Any:
    """Boxes inside of a map, x1 y1 x2 y2, in parts of a position."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        x = np.sort(random.integers(0, (width - 1) * step + 1, 2))
        y = np.sort(random.integers(0, (height - 1) * step + 1, 2))
        found.append([Fraction(int(n), step) for n in (x[0], y[0], x[1], y[1])])
    return found


def values(op: str, image: Any, boxes: Any) -> Any:
    height, width, channels = image.shape
    chain = f"{height}x{width}x{channels} -> parameter {len(boxes)}x4 -> {op} @input @parameter1"
    return run(archcalc.load(chain).graph, image, {"parameter1": boxes})[-1]


@pytest.mark.parametrize("size", [(2, 2), (3, 1), (7, 5), (1, 1)])
def test_roi_pool(size: tuple[int, int]) -> None:
    """The parts of a box are those of PyTorch's adaptive pooling of what the box cuts out. Defeats a box
    without its last row, x for y, and parts that do not overlap."""
    image, boxes = drawn(1, 7, 9, 2), boxes_of(2, 12, 7, 9)
    found = values(f"roi_pool {size[0]}x{size[1]}", image, boxes)
    assert found.exact
    for box, ours in zip(boxes, found.output, strict=True):
        x1, y1, x2, y2 = map(int, box)
        part = torch.tensor(image[y1 : y2 + 1, x1 : x2 + 1].transpose(2, 0, 1), dtype=torch.float64)
        theirs = F.adaptive_max_pool2d(part[None], size)[0].numpy().transpose(1, 2, 0)
        assert ours.tolist() == theirs.astype(int).tolist()


def test_roi_pool_rounds_ends_and_leaves_parts_empty() -> None:
    """A half is rounded away from 0, and what lies outside is 0. Defeats Python's round, which goes to the
    even one, and the largest of nothing."""
    image = np.arange(16).reshape(4, 4, 1)
    ends = values("roi_pool 1x1", image, [[Fraction(1, 2)] * 2 + [Fraction(3, 2)] * 2])
    assert ends.output.ravel().tolist() == [10]
    outside = values("roi_pool 2x2", image, [[2, 2, 5, 5], [-9, -9, -8, -8]])
    assert outside.output[..., 0].tolist() == [[[15, 0], [0, 0]], [[0, 0], [0, 0]]]


@pytest.mark.parametrize(("size", "samples"), [((2, 2), 2), ((3, 2), 1), ((2, 5), 3)])
def test_roi_align(size: tuple[int, int], samples: int) -> None:
    """The samples are those that PyTorch's grid_sample reads at the same places. Defeats places that are
    rounded, x for y, samples at the ends of a part, and a box narrower than a position."""
    image, boxes = drawn(3, 6, 8, 2), boxes_of(4, 10, 6, 8, 4)
    found = values(f"roi_align {size[0]}x{size[1]} samples={samples}", image, boxes)
    assert found.exact
    for box, ours in zip(boxes, found.output, strict=True):
        x1, y1, x2, y2 = map(float, box)
        ways = []
        for low, high, parts, count in ((y1, y2, size[0], 6), (x1, x2, size[1], 8)):
            places = low + (np.arange(parts * samples) + 0.5) / (parts * samples) * max(high - low, 1)
            ways.append(2 * np.clip(places, 0, count - 1) / (count - 1) - 1)
        grid = torch.tensor(np.stack(np.meshgrid(*ways, indexing="ij")[::-1], -1))
        map_ = torch.tensor(image.transpose(2, 0, 1), dtype=torch.float64)
        read = F.grid_sample(map_[None], grid[None], align_corners=True, padding_mode="border")
        theirs = F.avg_pool2d(read, samples)[0].numpy().transpose(1, 2, 0)
        np.testing.assert_allclose(ours.astype(float), theirs, atol=1e-9)


def result(*words: str) -> Any:
    answer = call("apply", *words, "--format", "json")
    assert answer.code == 0, answer.err
    return json.loads(answer.out)["output"]


def test_on_the_command_line() -> None:
    """By hand: the quarters of a map, and a map moved by a position. Defeats a grid whose x is the row."""
    image = "1 2 3 4;5 6 7 8;9 10 11 12;13 14 15 16"
    boxes = ["--kernel", "parameter1=0 0 3 3"]
    assert result("parameter 1x4 -> roi_pool 2x2 @input @parameter1", image, *boxes) == [[6, 8], [14, 16]]
    rows, columns = [["-1/2", "-1/2"], ["1/2", "1/2"]], [["-1/2", "1/2"], ["-1/2", "1/2"]]
    assert result("affine_grid 2x2", "1 0 0 0 1 0") == [columns, rows]
    moved = "parameter 6 -> affine_grid 4x4\n@input -> grid_sample @affine_grid1"
    found = result(moved, image, "--kernel", "1 0 1/2 0 1 0")
    assert found == [[2, 3, 4, 0], [6, 7, 8, 0], [10, 11, 12, 0], [14, 15, 16, 0]]


@pytest.mark.parametrize(
    ("layer", "given", "expected"),
    [
        ("scale fixed=yes", ["--kernel", "3"], [[3, 6], [9, 12]]),
        ("scale fixed=yes shift=yes", ["--kernel", "3", "--bias", "1"], [[4, 7], [10, 13]]),
        ("bias fixed=yes", ["--bias", "-1"], [[0, 1], [2, 3]]),
        ("positions fixed=yes", ["--kernel", "1/2 0;0 -4"], [["3/2", 2], [3, 0]]),
        ("parameter 1x2 fixed=yes", ["--kernel", "7 8"], [[7, 8]]),
        ("scale", ["--kernel", "3"], [[3, 6], [9, 12]]),
        ("positions", ["--kernel", "1/2 0;0 -4"], [["3/2", 2], [3, 0]]),
    ],
)
def test_what_something_else_computes(layer: str, given: list[str], expected: Any) -> None:
    """It is used as given; nothing is assumed for it. Defeats a fixed bias that is silently 0."""
    assert result(layer, "1 2;3 4", *given) == expected
    if "fixed" in layer:
        missing = call("apply", layer, "1 2;3 4", *given[:-2])
        assert missing.code == 2
        assert "needs its" in missing.err


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("nms 2", "`nms` has no rule for values: anchors and thresholds are no part of a spec"),
        ('opaque "some.op" 2x2x1', "`opaque` has no rule for values"),
        ("roi_pool 2x2 proposals=2", "has a rule for values of one map and its boxes"),
    ],
)
def test_layers_without_values_say_so(layer: str, message: str) -> None:
    answer = call("apply", layer, "1 2;3 4")
    assert answer.code == 2
    assert message in answer.err


def test_a_variance_below_0() -> None:
    """Defeats nan for an answer."""
    answer = call("apply", "bn", "1 2;3 4", "--statistics", "mean=0", "--statistics", "var=-1")
    assert answer.code == 2
    assert "a variance is 0 or more" in answer.err
