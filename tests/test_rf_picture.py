"""`archcalc rf --format png|svg`: what is drawn, where, and what is refused.

Pictures are looked at through what the canvas was told to draw, and through their pixels.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from calling import call
from hypothesis import given
from hypothesis import strategies as st

import archcalc
from archcalc.cli.answer import no_png_for_a_terminal, write
from archcalc.cli.options import OutputOptions
from archcalc.diagnostics import SpecError
from archcalc.report.pictures.canvas import Canvas, Plot, ViewBox, spread_out
from archcalc.report.pictures.fields import LABELS, growth_picture, outlines_of, unit_picture
from archcalc.report.screens.rf import rows_of

drawing = pytest.mark.usefixtures("plot")
ZOO = ["lenet5", "vgg16", "googlenet", "resnet152", "nasnet_mobile", "densenet121", "mobilenet_v2"]
# Inputs of odd shapes, kernels that are not square, one layer, gates, strides that meet.
CHAINS = [
    "300x40x1 -> conv 3x11 8 stride=2x1 -> conv 5x1 8 pad=1 -> maxpool 2x4 -> conv 5x5 4",
    "12x900x3 -> conv 1x31 8 stride=1x2 -> 9 x (conv 3x3 8 pad=1)",
    "900x12x3 -> 12 x (conv 3x3 8 pad=1)",
    "8x8x3 -> conv 1x1 3",
    "64x64x8 -> conv 3x3 8 pad=1 -> squeeze_excite reduction=4 -> conv 3x3 8 pad=1",
]


@pytest.fixture
def plot() -> None:
    """What needs the extra `plot`."""
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: archcalc[plot]")
    pytest.importorskip("PIL", reason="Pillow is not installed: archcalc[plot]")


def picture(*arguments: str) -> Any:
    """What a call draws, as Pillow reads it."""
    from PIL import Image

    answer = call("rf", *arguments, "--format", "png")
    assert (answer.code, answer.err) == (0, "")
    return Image.open(io.BytesIO(answer.bytes)).convert("RGB")


def growth(target: str, **options: Any) -> Any:
    """Summary, rows and first input of a network."""
    summary = archcalc.load(target, **options).summary()
    rows, _ = rows_of(summary, summary.layers, None, False)
    return summary, rows, summary.graph.inputs[0]


# Which fields, and where labels stand -------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "labels"),
    [
        ("vgg16", ["conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3", "pool5"]),
        ("resnet18", ["conv1", "conv2_2", "conv3_2", "conv4_2", "conv5_2"]),
        ("lenet5", ["c1", "s2", "c3", "s4", "c5"]),
    ],
)
def test_labels_are_the_ends_of_stages(target: str, labels: list[str]) -> None:
    """Defeats: the first eight, the pool instead of the layer before it, every layer."""
    outlines = outlines_of(*growth(target))
    assert [outline.name for outline in outlines if outline.labelled] == labels


@pytest.mark.parametrize("target", [*ZOO, *CHAINS])
def test_outlines_grow(target: str) -> None:
    """No two alike, the largest has a label, and labels are few."""
    outlines = outlines_of(*growth(target))
    sizes = [outline.extent.size for outline in outlines]
    assert len(set(sizes)) == len(sizes)
    assert [o.area for o in outlines] == sorted(o.area for o in outlines)
    assert outlines[-1].labelled
    labelled = sum(outline.labelled for outline in outlines)
    assert min(len(outlines), 5) <= labelled <= LABELS


@given(st.lists(st.floats(0, 5), min_size=1, max_size=9), st.floats(0.05, 0.4))
def test_labels_are_spread_as_little_as_may_be(wanted: list[float], gap: float) -> None:
    """In order, a gap apart, in the room where they fit; where nothing is in the way they stand
    where they are wanted, and moving all of them by a little makes nothing better.

    Defeats: labels over one another, labels pushed down the page one by one.
    """
    wanted.sort()
    places = spread_out(wanted, gap, (-9.0, 14.0))
    assert all(b - a >= gap - 1e-9 for a, b in pairwise(places))
    if all(b - a >= gap for a, b in pairwise(wanted)):
        assert places == pytest.approx(wanted)

    def cost(moved: list[float]) -> float:
        return sum((a - b) ** 2 for a, b in zip(moved, wanted, strict=True))

    for first in range(len(places)):
        for step in (-0.01, 0.01):  # those from `first` on, or up to it, where that stays apart
            for part in (range(first, len(places)), range(first + 1)):
                moved = [p + step * (i in part) for i, p in enumerate(places)]
                apart = all(b - a >= gap - 1e-9 for a, b in pairwise(moved))
                assert not apart or cost(moved) >= cost(places) - 1e-9
    tight = spread_out(wanted, gap, (1.0, 1.0 + gap * len(wanted)))
    assert tight[0] >= 1.0
    assert tight[-1] <= 1.0 + gap * len(wanted)


@pytest.mark.slow
@drawing
@pytest.mark.parametrize("target", [*ZOO, *CHAINS])
def test_no_text_lies_on_another_or_off_the_paper(target: str) -> None:
    """As matplotlib itself lays them out, in the figure that is saved."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    boxes = []
    finish = Canvas.finish

    def look(self: Canvas, width: float, height: float, form: str) -> bytes:
        data = finish(self, width, height, form)
        renderer = FigureCanvasAgg(self.figure).get_renderer()
        paper = self.figure.get_window_extent(renderer)
        for text in self.axes.texts:
            box = text.get_window_extent(renderer)
            assert paper.x0 <= box.x0 < box.x1 <= paper.x1
            assert paper.y0 <= box.y0 < box.y1 <= paper.y1
            boxes.append((text.get_text(), box))
        return data

    summary, rows, source = growth(target)
    with mock.patch.object(Canvas, "finish", look):
        growth_picture(summary, rows, source, None, "png")
    assert "the image" in [text for text, _ in boxes]
    for index, (text, box) in enumerate(boxes):
        for other, rest in boxes[index + 1 :]:
            assert not box.overlaps(rest), (text, other)


# Outlines -----------------------------------------------------------------------------------------


class Recorder:
    """A canvas that only remembers the lines."""

    def __init__(self) -> None:
        self.lines: list[tuple[list[tuple[float, float]], bool]] = []

    def line(self, points: Any, colour: str, width: float, dashed: bool = False, **rest: Any) -> None:
        self.lines.append((list(points), dashed))


def steps(points: list[tuple[float, float]]) -> Iterator[tuple[tuple[float, float], float]]:
    """Middle and length of each straight part."""
    for (x, y), (u, v) in pairwise(points):
        yield ((x + u) / 2, (y + v) / 2), abs(x - u) + abs(y - v)


SIDES = st.tuples(st.integers(-30, 60), st.integers(1, 60)).map(lambda t: (t[0], t[0] + t[1]))


@given(SIDES, SIDES, st.integers(1, 40), st.integers(1, 40))
def test_solid_in_the_image_and_dashed_beyond(
    rows: tuple[int, int], columns: tuple[int, int], height: int, width: int
) -> None:
    """To scale, all around, whatever lies where.

    Defeats: an outline that is all dashed once it leaves the image, height and width exchanged.
    """
    source = archcalc.load(f"{height}x{width}x1 -> relu").graph.inputs[0]
    recorder: Any = Recorder()
    view: ViewBox = ((min(0, rows[0]), max(height, rows[1])), (min(0, columns[0]), max(width, columns[1])))
    plot = Plot(recorder, source, view, 2.0, 1.0)
    plot.outline((rows, columns), "#000000", 1.0)
    scale = plot.scale
    assert max(plot.width, plot.height) == pytest.approx(5.2)
    length = 0.0
    for points, dashed in recorder.lines:
        for (x, y), size in steps(points):
            length += size
            row, column = (y - 2.0) / scale + view[0][0], (x - 1.0) / scale + view[1][0]
            inside = -1e-9 <= row <= height + 1e-9 and -1e-9 <= column <= width + 1e-9
            assert dashed is not inside
    around = 2 * (rows[1] - rows[0] + columns[1] - columns[0])
    assert length == pytest.approx(around * scale)


# Photos -------------------------------------------------------------------------------------------


@pytest.fixture
def photo(tmp_path: Path, plot: None) -> Path:
    """Four times as wide as high: red, then in the middle a blue square, then green."""
    from PIL import Image

    image = Image.new("RGB", (400, 100), (255, 0, 0))
    image.paste((0, 0, 255), (150, 0, 250, 100))
    image.paste((0, 255, 0), (250, 0, 400, 100))
    path = tmp_path / "photo.png"
    image.save(path)
    return path


def where(image: Any, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """The rectangle that holds all pixels of a colour."""
    from PIL import Image, ImageChops

    same = ImageChops.difference(image, Image.new("RGB", image.size, colour)).convert("RGB")
    mask = Image.eval(max_of(same), lambda value: 255 * (value <= 6))
    box = mask.getbbox()
    assert box is not None
    found: tuple[int, int, int, int] = box
    return found


def max_of(image: Any) -> Any:
    """The largest channel of each pixel."""
    from PIL import ImageChops

    red, green, blue = image.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def test_a_photo_is_cut_to_the_shape_of_the_input(photo: Path) -> None:
    """A square input takes the square in the middle, a wide one more of it; at the input's size.

    Defeats: a photo squeezed into the input, one cut from its left end.
    """
    from archcalc.report.pictures.canvas import photo_of

    def seen(shape: str) -> Any:
        return photo_of(str(photo), archcalc.load(f"{shape} -> relu").graph.inputs[0])

    square = seen("50x50x3")
    assert square.size == (50, 50)
    assert square.getpixel((5, 25)) == square.getpixel((44, 25)) == (0, 0, 255)
    wide = seen("20x60x3")
    assert wide.size == (60, 20)
    assert [wide.getpixel((x, 10)) for x in (2, 30, 57)] == [(255, 0, 0), (0, 0, 255), (0, 255, 0)]
    tall = seen("900x3x3")
    assert tall.size == (3, 900)
    grey = seen("50x50x1").getpixel((25, 25))
    assert grey == (29, 29, 29)  # 0.114 of 255


@pytest.mark.parametrize("form", ["turned", "clear", "palette"])
def test_photos_of_every_kind(tmp_path: Path, form: str, plot: None) -> None:
    """A photo turned by its camera, one with clear parts, one with a palette."""
    from PIL import Image

    from archcalc.report.pictures.canvas import photo_of

    image = Image.new("RGB", (40, 20), (255, 0, 0))
    image.paste((0, 0, 255), (20, 0, 40, 20))
    path = tmp_path / f"{form}.png"
    if form == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned by a quarter, clockwise
        image.save(path, exif=exif)
        expected, shape = [(255, 0, 0), (0, 0, 255)], "40x20x3"
    elif form == "clear":
        image.putalpha(Image.new("L", image.size, 0))
        image.save(path)
        expected, shape = [(255, 255, 255)] * 2, "20x40x3"
    else:
        image.quantize(4).save(path)
        expected, shape = [(255, 0, 0), (0, 0, 255)], "20x40x3"
    found = photo_of(str(path), archcalc.load(f"{shape} -> relu").graph.inputs[0])
    width, height = found.size
    ends = [(2, 2), (width - 3, height - 3)]
    assert [found.getpixel(at) for at in ends] == expected


@pytest.mark.parametrize("at", ["6,7", "0,1", "13,9"])
def test_the_window_of_a_unit_lies_where_it_sees(photo: Path, at: str) -> None:
    """The photo in its own colour is what is seen, the rest of it is held back: in proportion.

    Defeats: rows and columns exchanged, a window shifted by the rim, one cut at the wrong end.
    """
    image = picture(
        "vgg16", "conv4_1", "--input", "112x112x3", "--until", "conv4_1", "--at", at, "--image", str(photo)
    )
    seen = where(image, (0, 0, 255))
    held = tuple(round(255 - 0.32 * (255 - value)) for value in (0, 0, 255))
    whole = where(image, held)  # what is held back reaches to the rim
    left, top = min(seen[0], whole[0]), min(seen[1], whole[1])
    right, bottom = max(seen[2], whole[2]), max(seen[3], whole[3])
    unit = tuple(int(part) for part in at.split(","))
    rf = archcalc.load("vgg16", "112x112x3").receptive_field("conv4_1").to_dict()["layers"][0]["rf"]
    for axis, (low, high, first, last) in enumerate(
        [(top, bottom, seen[1], seen[3]), (left, right, seen[0], seen[2])]
    ):
        start = rf["start"][axis] + rf["stride"][axis] * unit[axis]
        scale = (high - low) / 112
        ends = max(start, 0), min(start + rf["size"][axis], 112)
        # Within the line of the outline, which covers some of it.
        assert first - low == pytest.approx(ends[0] * scale, abs=8)
        assert last - low == pytest.approx(ends[1] * scale, abs=8)


def test_without_a_position_it_is_the_unit_in_the_middle(photo: Path) -> None:
    here = ["vgg16", "pool4", "--image", str(photo)]
    assert picture(*here).tobytes() == picture(*here, "--at", "7,7").tobytes()
    assert picture(*here).tobytes() != picture(*here, "--at", "7,6").tobytes()


@drawing
def test_a_photo_under_growing_fields(photo: Path) -> None:
    plain, drawn = picture("vgg16"), picture("vgg16", "--image", str(photo))
    assert plain.size == drawn.size
    blue = where(drawn, tuple(round(255 - 0.65 * (255 - value)) for value in (0, 0, 255)))  # type: ignore[arg-type]
    assert blue[2] - blue[0] == pytest.approx(blue[3] - blue[1], abs=8)


# Files --------------------------------------------------------------------------------------------


@pytest.mark.slow
@drawing
@pytest.mark.parametrize("form", ["png", "svg"])
@pytest.mark.parametrize("words", [["resnet18"], ["resnet18", "conv3_1", "--at", "3,5"]])
def test_the_same_call_gives_the_same_bytes(form: str, words: list[str], tmp_path: Path) -> None:
    """In another process, whatever a person has set for matplotlib. No date, no random ids."""
    theirs, path = tmp_path / "matplotlibrc", tmp_path / f"it.{form}"
    theirs.write_text("figure.facecolor: black\nlines.linewidth: 9\nfont.size: 30\n")
    done = subprocess.run(
        [sys.executable, "-m", "archcalc", "rf", *words, "--format", form, "-o", str(path)],
        env={**os.environ, "PYTHONHASHSEED": "1", "MATPLOTLIBRC": str(theirs)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")
    answer = call("rf", *words, "--format", form)
    assert (answer.code, answer.bytes) == (0, path.read_bytes())
    assert b"<dc:date>" not in answer.bytes


@drawing
def test_nothing_of_matplotlib_is_changed() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    summary, rows, source = growth("lenet5")
    growth_picture(summary, rows, source, None, "svg")
    unit_picture(summary, summary.layers[0], (3, 3), ((3, 7), (3, 7)), source, None, "svg")
    assert dict(matplotlib.rcParams) == before


@drawing
def test_an_svg_is_one() -> None:
    from xml.etree import ElementTree

    root = ElementTree.fromstring(call("rf", "vgg16", "--format", "svg").bytes)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


# What is refused ----------------------------------------------------------------------------------


class Terminal(io.TextIOWrapper):
    """Standard output that is one."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_no_png() -> None:
    """An SVG is text, and may be looked at."""
    with mock.patch.object(sys, "stdout", Terminal(io.BytesIO())) as out:
        with pytest.raises(SpecError, match="a PNG is not for the terminal"):
            no_png_for_a_terminal(OutputOptions(format="png"))
        assert out.buffer.getvalue() == b""
        no_png_for_a_terminal(OutputOptions(format="svg"))
        write(b"<svg/>", None)
        assert out.buffer.getvalue() == b"<svg/>"


@pytest.mark.parametrize("package", ["matplotlib", "PIL"])
def test_without_the_extra_one_line_says_what_to_do(package: str, tmp_path: Path) -> None:
    """And nothing is written. The text of `rf` needs none of it."""
    path = tmp_path / "it.png"
    hidden = {name: None for name in sys.modules if name.partition(".")[0] == package}
    photo = ["--image", __file__] if package == "PIL" else []
    with mock.patch.dict(sys.modules, {**hidden, package: None}):
        answer = call("rf", "lenet5", "--format", "png", "--output", str(path), *photo)
        assert call("rf", "lenet5").code == 0
    assert (answer.code, answer.out) == (2, "")
    (line,) = answer.err.splitlines()
    assert line.endswith(f"{sys.executable} -m pip install {package.replace('PIL', 'pillow')}")
    assert not path.exists()


@drawing
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["vgg16", "--image", "nowhere.jpg"], "there is no file nowhere.jpg"),
        (["vgg16", "--image", "."], "cannot read .: is a directory"),
        (["vgg16", "--image", __file__], f"{__file__} is no image"),
        (["vgg16", "fc6"], "`fc6` sees everything"),
        (["vgg16", "fc6", "--at", "1,1"], "puts out a vector"),
        (["vgg16", "pool5", "--at", "9,9"], "lies outside 7x7"),
        (["vgg16", "pol5"], "did you mean"),
        (["100x3 -> conv 3 4"], "needs an image for an input, and not 100x3"),
        (["9x9x9x3 -> conv 3 4"], "needs an image for an input, and not 9x9x9x3"),
        (["8x8x3 -> reshape 64x3 -> conv 3 4", "conv1"], "`conv1` sees everything"),
        (["8x8x3 -> fc 4"], "every layer sees everything"),
        (["4x4x1 -> tconv 1 1 stride=2", "tconv1", "--at", "1,1"], "sees nothing of the image"),
    ],
)
def test_refused(words: list[str], says: str, tmp_path: Path) -> None:
    """One message, exit code 2, and a file that was there stays as it was."""
    path = tmp_path / "kept.svg"
    path.write_text("kept")
    answer = call("rf", *words, "--format", "svg", "--output", str(path))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error[")
    assert says in answer.err
    assert path.read_text() == "kept"


@drawing
def test_a_broken_photo(tmp_path: Path, photo: Path) -> None:
    """Defeats a traceback from inside Pillow."""
    broken = tmp_path / "broken.png"
    broken.write_bytes(photo.read_bytes()[:60])
    answer = call("rf", "vgg16", "--format", "svg", "--image", str(broken))
    assert (answer.code, answer.out) == (2, "")
    assert "broken.png is no image" in answer.err


@drawing
@pytest.mark.parametrize(("suffix", "start"), [(".svg", b"<?xml"), (".PNG", b"\x89PNG")])
def test_a_file_named_as_a_picture_is_one(
    tmp_path: Path, suffix: str, start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with draw. Defeats: a table in a file called .svg; a suffix that overrules --format."""
    path = tmp_path / f"fields{suffix}"
    assert call("rf", "lenet5", "-o", str(path)).code == 0
    assert path.read_bytes().startswith(start)
    monkeypatch.setenv("ARCHCALC_FORMAT", "csv")
    assert call("rf", "lenet5", "c3", "--at", "1,1", "-o", str(path)).code == 0
    assert path.read_bytes().startswith(start)
    assert call("rf", "lenet5", "--format", "table", "-o", str(path)).code == 0
    assert path.read_bytes().startswith(b"lenet5  receptive fields")


def test_a_photo_needs_a_picture() -> None:
    answer = call("rf", "vgg16", "--image", "photo.jpg")
    assert (answer.code, answer.out) == (2, "")
    assert "--image does not go with --format table" in answer.err


def test_the_text_of_rf_imports_nothing_of_it() -> None:
    code = (
        "import sys; from archcalc.cli import cli\n"
        "cli.main(['rf', 'lenet5'], standalone_mode=False)\n"
        "sys.exit(any(name in sys.modules for name in ('matplotlib', 'PIL', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


@drawing
def test_several_inputs() -> None:
    """The first input that is an image and that the layer sees."""
    text = (
        "net two\n  input words: 20\n  input left: 32x32x3\n  input right: 16x24x3\n"
        "  a: @left -> conv 3x3 4\n  b: @right -> conv 5x5 4\n  c: @words -> fc 4\n"
    )
    from archcalc.report.pictures.fields import image_among

    network = archcalc.load("-", stdin=text)
    summary = network.summary()
    assert image_among(summary, None).name == "left"
    assert image_among(summary, network.layer("b")).name == "right"
    answer = call("rf", "-", "b", "--format", "svg", stdin=text)
    assert answer.code == 0
    refused = call("rf", "-", "c", "--format", "svg", stdin=text)
    assert (refused.code, "sees everything" in refused.err) == (2, True)


def test_a_photo_that_unpacks_to_too_much(tmp_path: Path) -> None:
    """Defeats: a file of some kilobytes that takes gigabytes, and is called "no image"."""
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("matplotlib")
    for side in (5001, 20_000):
        path = tmp_path / f"{side}.png"
        image.new("1", (side, side)).save(path)
        assert path.stat().st_size < 100_000
        found = call("rf", "lenet5", "--format", "svg", "--image", str(path))
        assert (found.code, found.out) == (2, "")
        assert "is too large" in found.err
        assert "no image" not in found.err
