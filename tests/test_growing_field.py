"""`archcalc rf` as a picture that moves: a GIF, or an SVG with `--animate`."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from calling import call

pytest.importorskip("matplotlib")
image = pytest.importorskip("PIL.Image")
SVG = "{http://www.w3.org/2000/svg}"
NET = "32x32x3 -> conv 3x3 4 -> conv 3x3 4 -> maxpool 2x2 -> conv 5x5 4 -> gap -> fc 2"
ACCENT = (214, 51, 108)


def moving(tmp_path: Path, *words: str) -> bytes:
    path = tmp_path / "field.gif"
    assert call("rf", *words, "-o", str(path)).code == 0
    return path.read_bytes()


def outlined(frame: object) -> tuple[int, int]:
    """Width and height of what is drawn in the accent's colour above the bar at the bottom, in pixels."""
    picture = np.asarray(frame.convert("RGB"), dtype=int)[:-100]  # type: ignore[attr-defined]
    ys, xs = np.nonzero((abs(picture - ACCENT) < 40).all(axis=2))
    return int(max(xs) - min(xs)), int(max(ys) - min(ys))


def test_a_frame_for_each_size(tmp_path: Path) -> None:
    """The fields of the four layers with a window are 3, 5, 6 and 14 pixels wide, and drawn so. Defeats
    frames in another order, and one frame for all."""
    found = image.open(io.BytesIO(moving(tmp_path, NET)))
    assert found.n_frames == 4
    sides = []
    for number in range(4):
        found.seek(number)
        sides.append(outlined(found))
    scale = 5.2 * 150 / 32
    for (wide, high), size in zip(sides, [3, 5, 6, 14], strict=True):
        assert wide == pytest.approx(size * scale, abs=8)
        assert high == pytest.approx(size * scale, abs=8)


def test_up_to_a_layer(tmp_path: Path) -> None:
    """Defeats frames of layers behind the one that is named."""
    assert image.open(io.BytesIO(moving(tmp_path, NET, "conv2"))).n_frames == 2


def test_the_svg_moves(tmp_path: Path) -> None:
    """As many frames, of which the last is seen without CSS; names and sizes stand in them."""
    words = ["rf", NET, "--animate", "--format", "svg"]
    text = call(*words).out
    frames = [one for one in ET.fromstring(text) if one.tag == f"{SVG}g"]
    assert [frame.get("visibility") for frame in frames] == ["hidden", "hidden", "hidden", "visible"]
    assert len(re.findall("@keyframes", text)) == 4
    assert call(*words).out == text
    assert "@keyframes" not in call("rf", NET, "--format", "svg").out


def test_on_a_photo(tmp_path: Path) -> None:
    """The photo is below. Defeats a palette that the outline uses up."""
    path = tmp_path / "red.png"
    image.new("RGB", (40, 40), (20, 160, 220)).save(path)
    found = image.open(io.BytesIO(moving(tmp_path, NET, "--image", str(path)))).convert("RGB")
    middle = found.getpixel((found.width // 2 + 200, found.height // 2))
    assert middle[2] > middle[0] + 40


def test_the_same_bytes_and_refusals(tmp_path: Path) -> None:
    assert moving(tmp_path, "lenet5") == moving(tmp_path, "lenet5")
    for words, why in (
        (["--animate"], "--animate"),
        (["--animate", "--format", "png"], "--animate"),
        (["conv1", "--at", "0,0", "--animate", "--format", "svg"], "--at is one unit"),
        (["--at", "0,0", "-o", str(tmp_path / "x.gif")], "--at is one unit"),
    ):
        answer = call("rf", NET, *words)
        assert answer.code == 2
        assert why in answer.err
    assert call("rf", "10 -> fc 3", "-o", str(tmp_path / "x.gif")).code == 2
