"""`archcalc time --plot`: the layers under the roof."""

from __future__ import annotations

from pathlib import Path

import pytest
from calling import call

import archcalc


@pytest.mark.parametrize(
    "words",
    [
        ["vgg16", "--on", "h100"],
        ["resnet50", "--on", "t4", "--measured", "9ms"],
        ["mobilenet_v2", "--on", "orin", "--dtype", "fp16", "--fused"],
        ["lenet5", "--on", "pi5"],
        ["alexnet", "--on", "a100", "--batch", "1..256"],
        ["4 -> relu", "--on", "cpu"],
        ["4 -> flatten", "--on", "cpu"],
    ],
)
def test_the_plot(words: list[str], tmp_path: Path) -> None:
    """The same call gives the same bytes; every kind has its colour in the legend. Defeats a plot of a
    network without operations that divides by nothing."""
    import xml.etree.ElementTree as ET

    one, two = (call("time", *words, "--plot", "--format", "svg") for _ in range(2))
    assert one.code == 0, one.err
    assert one.out == two.out
    root = ET.fromstring(one.out)
    texts = [node.text or "" for node in root.iter() if node.tag.endswith("text")]
    assert "operations per byte" in texts
    assert any("FLOPS in" in text for text in texts)
    assert ("batch 256" in texts) == ("1..256" in words)
    assert ("measured" in texts) == ("--measured" in words)
    path = tmp_path / "a.tikz"
    assert call("time", *words, "--format", "tikz", "-o", str(path)).code == 0
    assert "tikzpicture" in path.read_text()


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "mobilenet_v2", "googlenet", "vit_b_16"])
@pytest.mark.parametrize("on", ["h100", "pi5"])
def test_names_of_the_plot_do_not_cross(name: str, on: str) -> None:
    """Defeats names over each other, over discs, and beyond the frame; and a plot that names nothing."""
    from archcalc.report.pictures import roofline as picture
    from archcalc.report.pictures.labelling import overlap

    report = archcalc.load(name).time(on)
    discs = [
        picture.LayerDisc(picture.kind_of(at.layer), [at.name], at.operations, at.bytes, at.time)
        for at in report.rows
        if at.operations and at.bytes
    ]
    plot = picture._Plot(report, picture.PlotContent(discs, []), name)
    # Discs that lie next to each other are one, and no time is lost.
    computing = [at for at in report.rows if at.operations and at.bytes]
    assert sum(disc.time for disc in plot.discs) == sum(at.time for at in computing)
    names = plot._names()
    assert len(names) >= 5
    boxes = [label.box for label in names]
    for at, box in enumerate(boxes):
        assert not any(overlap(box, other) for other in boxes[at + 1 :])
        assert not any(overlap(box, disc.box) for disc in plot.discs)
        assert box[0] >= 0
        assert box[2] <= picture.WIDTH
    assert len({(round(disc.x, 3), disc.kind) for disc in plot.discs}) == len(plot.discs)


def test_plots_as_png_and_pdf(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for suffix, start in (("png", b"\x89PNG"), ("pdf", b"%PDF")):
        path = tmp_path / f"a.{suffix}"
        assert call("time", "lenet5", "--on", "cpu", "--plot", "-o", str(path)).code == 0
        assert path.read_bytes().startswith(start)
    assert archcalc.load("lenet5").time("cpu").plot("png").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "options", [["--plot", "--format", "json"], ["--plot", "--all"], ["--format", "svg", "--depth", "1"]]
)
def test_what_a_plot_is_not(options: list[str]) -> None:
    answer = call("time", "lenet5", "--on", "cpu", *options)
    assert answer.code == 2
    assert "not go" in answer.err
