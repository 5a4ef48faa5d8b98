"""`archcalc apply --animate`: the window as it moves, as an SVG, read by a parser of XML."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from calling import call

pytest.importorskip("matplotlib")
SVG = "{http://www.w3.org/2000/svg}"
WORDS = ["apply", "conv 2x2", "1 2 3;4 5 6;7 8 9", "--kernel", "1 0;0 1", "--animate"]


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("drawing") / "window.svg"
    assert call(*WORDS, "-o", str(path)).code == 0
    return path.read_text(encoding="utf-8")


def test_a_frame_for_each_cell(drawing: str) -> None:
    """Without CSS the last frame is seen alone. Defeats frames that lie on top of each other on paper."""
    frames = [one for one in ET.fromstring(drawing) if one.tag == f"{SVG}g"]
    assert [frame.get("class") for frame in frames] == ["f0", "f1", "f2", "f3"]
    assert [frame.get("visibility") for frame in frames] == ["hidden", "hidden", "hidden", "visible"]


def test_frames_follow_each_other(drawing: str) -> None:
    """Each begins where the one before ends, and all have one length. Defeats a frame that stays."""
    times = re.findall(r"\.f(\d)\{animation:f\1 (\d+)ms step-end infinite\}", drawing)
    assert len(times) == 4
    assert len({total for _, total in times}) == 1
    frames = re.findall(r"@keyframes f\d\{(.*?\})\}", drawing)
    begins = [re.findall(r"([\d.]+)%\{visibility:visible", one)[0] for one in frames]
    ends = [re.findall(r"([\d.]+)%,100%\{visibility:hidden", one) for one in frames]
    assert [float(at) for at in begins] == [0.0, *[float(at) for (at,) in ends[:-1]]]
    assert ends[-1] == []


def test_nothing_is_cut_off_by_a_hidden_frame(drawing: str) -> None:
    """What cuts off stands once, outside of frames. Defeats cells that vanish with the first frame."""
    root = ET.fromstring(drawing)
    names = [one.get("id") for one in root.iter(f"{SVG}clipPath")]
    assert len(names) == len(set(names))
    assert not [1 for frame in root.findall(f"{SVG}g") for _ in frame.iter(f"{SVG}clipPath")]
    assert set(re.findall(r"url\(#(.*?)\)", drawing)) == set(names)


def test_light_dark_and_still(drawing: str) -> None:
    """Every colour of paper and ink has one for the dark; who wants no motion sees a picture."""
    dark = drawing[drawing.index("prefers-color-scheme:dark") : drawing.index("</style>")]
    used = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", drawing[drawing.index("</style>") :]))
    assert used - {"#d6336c"} <= set(re.findall(r": (#[0-9a-f]{6})", dark))
    assert "@media screen and (prefers-reduced-motion:no-preference){@keyframes" in drawing


def test_the_same_bytes_and_refusals(drawing: str, tmp_path: Path) -> None:
    assert call(*WORDS, "--format", "svg").out == drawing
    assert "@keyframes" not in call(*WORDS[:-1], "--format", "svg").out
    for words in ([*WORDS], [*WORDS, "--format", "json"], [*WORDS, "-o", str(tmp_path / "a.png")]):
        answer = call(*words)
        assert answer.code == 2
        assert "--animate" in answer.err
    row = " ".join(map(str, range(150)))
    many = call("apply", "relu", f"{row};{row}", "--animate", "--format", "svg")
    assert many.code == 2
    assert "more than 100" in many.err
