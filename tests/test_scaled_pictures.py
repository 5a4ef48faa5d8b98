"""`archcalc draw --style volumes` and `--style unet`: tensors to scale.

After a change that was meant, write the pictures anew and look at the difference:

    python tests/test_scaled_pictures.py && git diff tests/pictures
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from calling import call

import archcalc
from archcalc.diagnostics import SpecError
from archcalc.language.library import Library
from archcalc.report.kinds import KINDS
from archcalc.report.pictures.scaled import scaled_scene
from archcalc.report.pictures.scene import Lettering, Polygon, Scene, Stroke

HERE = Path(__file__).parent / "pictures"
COLOURS = {kind.light for kind in KINDS.values()}
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = """\
net evil "</svg><script>alert(1)</script> 100% $x_1$ \\\\input{x} & <b> 漢字 é"
  input  32x32x3
  conv_with_a_name_that_does_not_end_for_a_very_long_time_and_even_longer: conv 3x3 8 pad=1
  x_1: maxpool 2x2
  fc 10
"""
# Name of the file, target, style.
PICTURES = {
    "alexnet-volumes": ("alexnet", "volumes"),
    "resnet18-volumes": ("resnet18", "volumes"),
    "unet-levels": ("unet", "unet"),
    "evil-volumes": (HOSTILE, "volumes"),
}
TARGETS = {
    **{name: name for name in ("alexnet", "vgg16", "resnet18", "googlenet", "densenet121", "lenet5")},
    **{name: name for name in ("mobilenet_v2", "vit_b_16", "unet", "fcn8s")},
    "hostile": HOSTILE,
    "one axis": "1000x4 -> conv 9 16 -> maxpool 4 -> conv 9 32 -> gap -> fc 2",
    "three axes": "16x112x112x3 -> conv 3x3x3 64 pad=1 -> maxpool 1x2x2 -> conv 3x3x3 128 -> gap -> fc 9",
    "lstm": "100x128 -> lstm 64 -> lstm 32 returns=last -> fc 2",
    "one layer": "7 -> fc 3",
    "flat map": "4x400x3 -> conv 3x3 8 pad=1 -> conv 3x3 8 pad=1",
}
UP_AGAIN = ("unet", "fcn8s")
# Networks of the zoo that enlarge maps, the first by padding.
GROW_AGAIN = {"maxout_mnist_conv", "unet", "colorization", "fcn32s", "fcn16s", "fcn8s", "fcn_alexnet"}


def scene_of(target: str, style: str = "volumes", depth: int | None = None) -> Scene:
    network = archcalc.load("-", stdin=target) if "\n" in target else archcalc.load(target)
    return scaled_scene(network.graph, style, depth, False, False, "hwc")


def written(name: str, form: str) -> str:
    target, style = PICTURES[name]
    return scene_of(target, style).written(form).decode()


@pytest.mark.parametrize("form", ["svg", "tikz"])
@pytest.mark.parametrize("name", PICTURES)
def test_golden(name: str, form: str) -> None:
    assert written(name, form) == (HERE / f"{name}.{form}").read_text(encoding="utf-8")


def fronts(text: str) -> list[list[tuple[float, float]]]:
    """The front faces of the boxes in an SVG, without the squares of the legend."""
    found = []
    for one in ET.fromstring(text).iter(f"{SVG}polygon"):
        points = [tuple(map(float, pair.split(","))) for pair in one.get("points", "").split()]
        if one.get("fill") in COLOURS and float(one.get("stroke-width", "0")) < 0.6:
            found.append(points)
    return found  # type: ignore[return-value]


def test_sides_are_to_scale() -> None:
    """Heights are as the maps of AlexNet's Figure 2, lengths as its channels. Defeats a logarithm, and a
    least size that all small maps get."""
    faces = fronts(written("alexnet-volumes", "svg"))
    maps = [227, 55, 27, 27, 13, 13, 13, 13, 6]
    channels = [3, 96, 96, 256, 256, 384, 384, 256, 256]
    assert len(faces) == len(maps) + 3
    heights = [max(y for _, y in face) - min(y for _, y in face) for face in faces]
    lengths = [max(x for x, _ in face) - min(x for x, _ in face) for face in faces]
    for size, height in zip(maps, heights, strict=False):
        assert height == pytest.approx(heights[0] * size / 227, abs=0.02)
    for size, length in list(zip(channels, lengths, strict=False))[1:]:
        assert length == pytest.approx(lengths[1] * size / 96, abs=0.1)
    assert heights[9] == heights[10] == pytest.approx(heights[11] * 4.096**0.5, rel=0.01)


def test_the_side_is_as_deep_as_the_map_is_wide() -> None:
    """Defeats height and width that are taken for each other."""
    shapes = [one for one in scene_of("8x80x3 -> conv 3x3 5 pad=1").shapes if isinstance(one, Polygon)]
    front, upper = shapes[0].points, shapes[1].points
    assert front[2][1] - front[1][1] == pytest.approx(12)
    assert upper[1][0] - upper[0][0] == pytest.approx(120 * 0.3)


def letters(scene: Scene) -> list[Lettering]:
    return [one for one in scene.shapes if isinstance(one, Lettering)]


def check_letters(scene: Scene) -> None:
    """No text lies on another, and no straight line goes through one."""
    texts = letters(scene)
    for one, other in combinations(texts, 2):
        a, b = one.box, other.box
        apart = a[2] <= b[0] + 0.01 or b[2] <= a[0] + 0.01 or a[3] <= b[1] + 0.01 or b[3] <= a[1] + 0.01
        assert apart, (one.text, other.text)
    for stroke in scene.shapes:
        if not isinstance(stroke, Stroke):
            continue
        if stroke.curved:
            assert max(y for _, y in stroke.points) < min(one.box[1] for one in texts)
            continue
        for (x, y), (to_x, to_y) in pairwise(stroke.points):
            assert x == to_x or y == to_y, "only level and upright lines"
            for one in texts:
                left, top, right, bottom = one.box
                beside = max(x, to_x) <= left or min(x, to_x) >= right
                assert beside or max(y, to_y) <= top or min(y, to_y) >= bottom, (one.text, stroke)


@pytest.mark.parametrize("name", TARGETS)
def test_captions_do_not_touch(name: str) -> None:
    """Defeats captions that are as wide as their words and boxes that are thinner."""
    scene = scene_of(TARGETS[name])
    check_letters(scene)
    ET.fromstring(scene.written("svg"))


@pytest.mark.parametrize("name", UP_AGAIN)
def test_levels_do_not_touch(name: str) -> None:
    check_letters(scene_of(TARGETS[name], "unet"))


@pytest.mark.slow
@pytest.mark.parametrize("name", list(Library().zoo))
def test_the_zoo(name: str) -> None:
    check_letters(scene_of(name))
    if name in GROW_AGAIN:
        check_letters(scene_of(name, "unet"))
        return
    with pytest.raises(SpecError, match="do not shrink and grow again"):
        scene_of(name, "unet")


@pytest.mark.parametrize("name", ["alexnet", "vgg16"])
def test_a_page_holds_it(name: str) -> None:
    """On 17 cm letters are still 5 points high. Defeats a box as wide as its caption for every layer."""
    root = ET.fromstring(scene_of(name).written("svg"))
    scale = 170 / 25.4 * 72 / float(root.get("viewBox", "").split()[2])
    sizes = [float(one.get("font-size", "0")) for one in root.iter(f"{SVG}text")]
    assert min(sizes) * min(scale, 1) > 5


def test_equal_volumes_share_a_caption() -> None:
    """Defeats a pool that stands with the convolutions behind it, and a caption for each of them."""
    texts = [one.text for one in letters(scene_of("vgg16"))]
    assert texts.count("14x14x512") == 2
    assert {"conv5_1..3", "3 x conv 3x3", "pool4", "fc6..7", "4096"} <= set(texts)


def test_what_skips_is_an_arc() -> None:
    """An arc for every shortcut and every branch of ResNet-18, none in a chain. Defeats edges of neighbours
    alone."""
    arcs = [one for one in scene_of("resnet18").shapes if isinstance(one, Stroke) and one.curved]
    assert len(arcs) == 8 + 3
    assert not [one for one in scene_of("vgg16").shapes if isinstance(one, Stroke) and one.curved]


def test_crops_are_written_on_the_arrow() -> None:
    """Four arrows go across, the sizes are the paper's. Defeats a crop that is a box of its own."""
    scene = scene_of("unet", "unet")
    assert len([one for one in scene.shapes if isinstance(one, Stroke) and one.dashed]) == 4
    texts = [one.text for one in letters(scene)]
    assert texts.count("crop and copy") == 4
    sizes = (
        "572 570 568 284 282 280 140 138 136 68 66 64 32 30 28 56 54 52 104 102 100 200 198 196 392 390 388"
    )
    assert [f"{n}x{n}" for n in sizes.split()] == [
        text for text in dict.fromkeys(texts) if re.fullmatch(r"\d+x\d+", text)
    ]


def test_vectors_at_the_end_of_levels() -> None:
    """They stand on the level of what is before them. Defeats a level of their own below all."""
    text = "16x16x3 -> conv 3x3 8 pad=1 -> maxpool 2x2 -> tconv 2x2 8 stride=2 -> fc 10 -> fc 4"
    scene = scene_of(text, "unet")
    check_letters(scene)
    boxes = [one.points for one in scene.shapes if isinstance(one, Polygon) and one.width < 0.6]
    assert boxes[-1][2][1] == boxes[0][2][1]


def test_refusals() -> None:
    answer = call("draw", "vgg16", "--style", "unet")
    assert answer.code == 2
    assert "do not shrink and grow again" in answer.err
    assert "--style volumes" in answer.err
    assert call("draw", "vgg16", "--style", "volumes", "--format", "mermaid").code == 2
    many = call("draw", "densenet264", "--style", "volumes", "--all")
    assert many.code == 2
    assert "--depth folds blocks" in many.err


@pytest.mark.parametrize("style", ["volumes", "unet"])
def test_files(style: str, tmp_path: Path) -> None:
    """Each is what its name says, and the same twice. Defeats a date in a PDF."""
    pytest.importorskip("matplotlib")
    for suffix, magic in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<svg"), ("tikz", b"\\begin{tikz")):
        found = set()
        for turn in "12":
            path = tmp_path / f"{turn}.{suffix}"
            assert call("draw", "unet", "--style", style, "-o", str(path)).code == 0
            found.add(path.read_bytes())
        assert len(found) == 1
        assert found.pop().startswith(magic)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_typesets_it(tmp_path: Path) -> None:
    """Names and titles mean nothing to TeX."""
    pictures = [written(name, "tikz") for name in PICTURES]
    body = "".join([f"\\noindent {one}\\par\n" for one in pictures])
    paper = "\\usepackage[a4paper,textwidth=170mm]{geometry}"
    head = f"\\documentclass{{article}}{paper}\\usepackage{{tikz}}\\begin{{document}}\n"
    (tmp_path / "all.tex").write_text(f"{head}{body}\\end{{document}}\n", encoding="utf-8")
    call_it = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(call_it, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    log = (tmp_path / "all.log").read_text(errors="replace")
    assert not re.search(r"Overfull \\hbox", log)


def test_in_python() -> None:
    """A notebook shows the SVG, whichever text was wanted. Defeats a bundle of TikZ."""
    network = archcalc.load("lenet5")
    svg, tikz = network.draw(style="volumes"), network.draw("tikz", style="volumes")
    assert ET.fromstring(svg).tag == f"{SVG}svg"
    assert tikz.startswith("\\begin{tikzpicture}")
    assert tikz._repr_mimebundle_()["image/svg+xml"] == str(svg)
    for wrong in ({"style": "cubes"}, {"style": "volumes", "format": "dot"}, {"format": "svg"}):
        with pytest.raises(ValueError, match="is neither"):
            network.draw(**wrong)


def main() -> int:
    """Write the goldens anew."""
    for name in PICTURES:
        for form in ("svg", "tikz"):
            (HERE / f"{name}.{form}").write_text(written(name, form), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
