"""Each kind of box has one colour in all pictures, and its words stand in the legend where it occurs."""

from __future__ import annotations

import json
import re
import shutil
from itertools import combinations

import pytest
from browser import Opened, browser
from drawn import read_dot

import archcalc
from archcalc.network import Network
from archcalc.report.kinds import KINDS
from archcalc.report.pictures.dot import LOOKS, dot_text
from archcalc.report.pictures.graph import Picture
from archcalc.report.pictures.graphviz import drawn
from archcalc.report.pictures.mermaid import mermaid_text
from archcalc.report.pictures.tikz import tikz_text

DOT = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz' dot is not on PATH")
# A network in which every kind occurs.
ALL = """\
block unit c
  conv 3x3 c pad=1
  conv 3x3 c pad=1

net kinds
  input 16x16x8
  once: unit 8
  units: 3 x unit 8
  sum: add @once @units
  out side: gap -> fc 2
  conv 1x1 8
  gap
"""
NETS = {"vgg16": None, "googlenet": 2, "densenet121": 1, "unet": 2, "kinds": 1}
PAIR = re.compile(
    r'<polygon points="[^"]*" fill="(#\w+)" stroke="#1f2937" stroke-width="0.7"[^>]*>\n<text[^>]*>([^<]*)<'
)


def load(name: str) -> Network:
    return archcalc.load("-", stdin=ALL) if name == "kinds" else archcalc.load(name)


def picture_of(name: str) -> Picture:
    return Picture(load(name).graph, NETS[name], with_heads=name == "kinds")


@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("name", NETS)
def test_the_legend_has_the_kinds_that_occur_and_no_other(name: str, direction: str) -> None:
    """Defeats a legend of all kinds, of a fixed list, and one in colours that no box has."""
    picture = picture_of(name)
    found = read_dot(dot_text(picture, direction))
    colours = {
        KINDS[box.kind].words: found.looks[box.key]["fillcolor"]  # type: ignore[index]
        for box in picture.root.boxes()
    }
    assert [words for _, words in found.legend] == [
        kind.words for kind in KINDS.values() if kind.words in colours
    ]
    assert {words: colour for colour, words in found.legend} == colours


def test_every_kind_occurs() -> None:
    assert {box.kind for box in picture_of("kinds").root.boxes()} == set(KINDS)


def test_a_kind_has_one_colour_in_all_pictures() -> None:
    """Defeats a picture, or a page, with colours of its own."""
    network, picture = load("kinds"), picture_of("kinds")
    found: dict[str, set[str]] = {name: set() for name in KINDS}
    by_words = {kind.words: name for name, kind in KINDS.items()}
    looks = read_dot(dot_text(picture)).looks
    for box in picture.root.boxes():
        found[box.kind].add(looks[box.key]["fillcolor"])  # type: ignore[index]
    for name, colour in re.findall(r"classDef (\w+) fill:(#\w+)", mermaid_text(picture)):
        found[name].add(colour)
    to_scale = [network.draw(style="volumes", depth=1), load("unet").draw(style="unet")]
    listed = [pair for text in to_scale for pair in PAIR.findall(text)]
    assert {by_words[words] for _, words in listed} == set(KINDS) - {"output", "head"}
    for colour, words in listed:
        found[by_words[words]].add(colour)
    page = network.page()
    for scheme in (page[: page.index("@media")], page[page.index("@media print") :]):
        for name in KINDS:
            colour = re.search(rf"--{name}: (#\w+);", scheme)
            assert colour
            found[name].add(colour[1])
    assert {name: len(colours) for name, colours in found.items()} == dict.fromkeys(KINDS, 1)


def test_kinds_differ_in_black_and_white() -> None:
    """Ends differ in their words alone. Defeats boxes that are told apart by their colours only."""
    for one, other in combinations(KINDS, 2):
        assert LOOKS[one] != LOOKS[other] or (one, other) == ("input", "output")


@DOT
@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("name", ["vgg16", "kinds"])
def test_the_legend_stands_below_the_drawing(name: str, direction: str) -> None:
    """Defeats a legend as a box of its own, which Graphviz puts beside the others."""
    layout = json.loads(drawn(99, dot_text(picture_of(name), direction), "json"))
    boxes = [one for one in layout["objects"] if "pos" in one]
    lowest = min(float(one["pos"].split(",")[1]) - 36 * float(one["height"]) for one in boxes)
    frames = [one for one in layout["objects"] if one["name"] == "cluster_0"]
    texts = [part for one in frames for part in one["_ldraw_"] if part["op"] == "T"]
    assert len(texts) == len({box.kind for box in picture_of(name).root.boxes()})
    assert all(part["pt"][1] < lowest for part in texts)


@DOT
def test_drawn_forms_have_it() -> None:
    picture = picture_of("kinds")
    svg, tikz = drawn(99, dot_text(picture), "svg").decode(), tikz_text(picture)
    for kind in KINDS.values():
        assert kind.words in svg
        assert kind.words in tikz
    without = tikz_text(picture, with_legend=False)
    assert "layer with" not in without
    # The boxes without parameters and of side heads, and their like in the legend.
    assert without.count(",dashed") == 2
    assert len(re.findall(r"\\draw\[[^]]*,dashed\]", tikz)) == 2


def test_opened_blocks_have_their_frames() -> None:
    """The frame around all has no line. Defeats that of blocks which take its looks over."""
    text = dot_text(Picture(load("googlenet").graph, 2))
    inner = [line for line in text.split("\n") if "style=rounded" in line]
    assert len(inner) == 10
    assert all("peripheries=1" in line for line in inner)


def test_a_page_shows_the_kinds_that_occur(tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "vgg16.html"
    file.write_text(load("vgg16").page(), encoding="utf-8")
    with browser() as running, Opened(running, file, 800) as page:
        shown = page.page.locator("#legend li:visible").all_inner_texts()
        kinds = page.page.evaluate(
            "[...new Set([...network_js.net.items.values()].map((item) => item.kind))]"
        )
    assert [text.strip() for text in shown] == [kind.words for name, kind in KINDS.items() if name in kinds]
    assert "where paths meet" not in shown
