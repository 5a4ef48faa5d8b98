"""A canvas for pictures of an image and of rectangles in it, laid out in inches.

matplotlib only draws. It and Pillow are imported when a picture is asked for. The same calls give
the same bytes.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from typing import Any

from ...diagnostics import SpecError, fail
from ...files import read_bytes
from ...graph import Layer
from ...packages import needed
from ..wrapping import shortened

# Inches: the longer side of what is drawn, the rim around all.
SIDE, RIM = 5.2, 0.3
FONT = "DejaVu Sans"  # which comes with matplotlib
# Pixels of a photo along its longer side, at most.
LARGEST = 2048
# What a file may hold, and what is unpacked of it: a small file may hold a huge picture.
MOST_BYTES = 2**26
MOST_PIXELS = 25_000_000

INK, FAINT, PALE, PAPER, PLATE = "#1f2937", "#6b7280", "#8b93a1", "#ffffff", "#eef1f5"

# Low and high end, each axis.
ViewBox = tuple[tuple[float, float], tuple[float, float]]


class Canvas:
    """A sheet of paper, its origin at the top left; lengths are inches, downwards is positive.

    It is drawn on, and finished, inside a ``with``. Raises SpecError without matplotlib.
    """

    def __init__(self) -> None:
        matplotlib = needed("matplotlib", "a picture")
        style = needed("matplotlib.style", "a picture")
        figure = needed("matplotlib.figure", "a picture").Figure
        self._settings = ExitStack()
        # What a person has set for other pictures is not for this one, and the other way about.
        self._settings.enter_context(style.context("default", after_reset=True))
        matplotlib.rcParams.update({"svg.hashsalt": "archcalc", "font.family": FONT})
        # Of a sign that the font does not have there is nothing to say.
        self._settings.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        self.figure: Any = figure(facecolor=PAPER)
        self.axes: Any = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()

    def __enter__(self) -> Canvas:
        return self

    def __exit__(self, *error: object) -> None:
        self._settings.close()

    def finish(self, width: float, height: float, form: str) -> bytes:
        """The picture's bytes, ``png`` or ``svg``."""
        self.figure.set_size_inches(width, height)
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(height, 0)
        out = io.BytesIO()
        dated = {"Date": None} if form == "svg" else {}
        self.figure.savefig(out, format=form, dpi=150, facecolor=PAPER, metadata=dated)
        return out.getvalue()

    @staticmethod
    def width_of(text: str, size: float, bold: bool = False) -> float:
        """How long a text is."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import TextPath

        font = FontProperties(family=FONT, weight="bold" if bold else "normal")
        path = TextPath((0, 0), text or " ", size=size, prop=font)
        return float(path.get_extents().width) / 72

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: str = INK,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """A text whose line is centred at y."""
        self.axes.text(
            x,
            y,
            text,
            size=size,
            color=colour,
            ha=align,
            va="center_baseline",
            weight="bold" if bold else "normal",
            parse_math=False,
            zorder=9,
        )

    def line(
        self,
        points: Sequence[tuple[float, float]],
        colour: str,
        width: float,
        dashed: bool = False,
        order: float = 5,
        alpha: float = 1.0,
    ) -> None:
        """A line through points."""
        from matplotlib.lines import Line2D

        style: Any = (0, (4, 2.4)) if dashed else "solid"
        xs, ys = zip(*points, strict=True)
        self.axes.add_line(
            Line2D(
                xs,
                ys,
                color=colour,
                linewidth=width,
                linestyle=style,
                alpha=alpha,
                solid_capstyle="projecting",
                solid_joinstyle="miter",
                dash_capstyle="butt",
                zorder=order,
            )
        )

    def plate(self, box: ViewBox, colour: str, alpha: float = 1.0, order: float = 1) -> None:
        """A filled rectangle."""
        from matplotlib.patches import Rectangle

        (top, bottom), (left, right) = box
        self.axes.add_patch(
            Rectangle(
                (left, top),
                right - left,
                bottom - top,
                facecolor=colour,
                alpha=alpha,
                edgecolor="none",
                zorder=order,
            )
        )

    def disc(self, x: float, y: float, radius: float, colour: str, alpha: float) -> None:
        """A disc with an outline, filled as strongly as ``alpha`` says."""
        from matplotlib.colors import to_rgba
        from matplotlib.patches import Circle

        self.axes.add_patch(
            Circle(
                (x, y), radius, facecolor=to_rgba(colour, alpha), edgecolor=colour, linewidth=1.0, zorder=3
            )
        )

    def photo(self, box: ViewBox, picture: Any) -> None:
        """A picture in a rectangle, its pixels as they are."""
        (top, bottom), (left, right) = box
        self.axes.imshow(
            picture, extent=(left, right, bottom, top), interpolation="nearest", aspect="auto", zorder=2
        )


class Plot:
    """The image to scale on the canvas, with all that is seen beyond it.

    Positions are those of the input: pixel i covers i to i + 1, downwards and to the right.
    """

    def __init__(self, canvas: Canvas, source: Layer, view: ViewBox, top: float, left: float):
        self.canvas = canvas
        self.view = view
        (low, high), (west, east) = view
        self.scale = SIDE / max(high - low, east - west)
        self.top, self.left = top, left
        self.height, self.width = (high - low) * self.scale, (east - west) * self.scale
        height, width = source.output.spatial
        self.image: ViewBox = (0, height), (0, width)

    def y(self, position: float) -> float:
        """Where a row begins."""
        return self.top + (position - self.view[0][0]) * self.scale

    def x(self, position: float) -> float:
        """Where a column begins."""
        return self.left + (position - self.view[1][0]) * self.scale

    def on_paper(self, box: ViewBox) -> ViewBox:
        """A rectangle of the input in inches."""
        (top, bottom), (left, right) = box
        return (self.y(top), self.y(bottom)), (self.x(left), self.x(right))

    def ground(self, photo: Any, faint: bool = False) -> None:
        """The image: a photo, or a plate of its size; ``faint`` holds a photo back."""
        box = self.on_paper(self.image)
        if photo is None:
            self.canvas.plate(box, PLATE)
        else:
            self.canvas.photo(box, photo)
            if faint:
                self.canvas.plate(box, PAPER, 0.35, order=3)
        self.canvas.line(_closed(box), FAINT, 0.8, order=4)

    def outline(self, box: ViewBox, colour: str, width: float, halo: bool = False) -> None:
        """A rectangle of the input: a solid line in the image, a dashed one beyond it."""
        parts = list(self._parts(box))
        if halo:
            for points, _ in parts:
                self.canvas.line(points, PAPER, width + 1.8, alpha=0.8)
        for points, solid in parts:
            self.canvas.line(points, colour, width, not solid)

    def _parts(self, box: ViewBox) -> Iterator[tuple[list[tuple[float, float]], bool]]:
        """The lines of an outline, each with whether it is in the image."""
        (top, bottom), (left, right) = box
        rows, columns = self.image
        ends = [rows[0] <= y <= rows[1] for y in box[0]]
        ends += [columns[0] <= x <= columns[1] for x in box[1]]
        if all(ends) or not any(ends):
            yield _closed(self.on_paper(box)), all(ends)
            return
        for y in (top, bottom):
            for low, high, solid in _pieces(left, right, columns, rows[0] <= y <= rows[1]):
                yield [(self.x(low), self.y(y)), (self.x(high), self.y(y))], solid
        for x in (left, right):
            for low, high, solid in _pieces(top, bottom, rows, columns[0] <= x <= columns[1]):
                yield [(self.x(x), self.y(low)), (self.x(x), self.y(high))], solid


def _closed(box: ViewBox) -> list[tuple[float, float]]:
    """The corners of a rectangle, the first again at the end."""
    (top, bottom), (left, right) = box
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def _pieces(
    low: float, high: float, image: tuple[float, float], beside: bool
) -> Iterator[tuple[float, float, bool]]:
    """A stretch cut at the edges of the image, each piece with whether it is in it; whole where
    it does not lie beside the image along the other axis."""
    if not beside:
        yield low, high, False
        return
    ends = sorted({low, high, *(edge for edge in image if low < edge < high)})
    for first, last in pairwise(ends):
        yield first, last, image[0] <= (first + last) / 2 <= image[1]


class PictureFrame:
    """Title and subtitle above what is drawn, notes below."""

    def __init__(self, canvas: Canvas, title: str, subtitle: str):
        self.canvas = canvas
        title, subtitle = shortened(title, 60), shortened(subtitle, 90)
        canvas.text(RIM, RIM + 0.08, title, 13, bold=True)
        canvas.text(RIM, RIM + 0.36, subtitle, 9.5, FAINT)
        self.bottom = RIM + 0.62
        self.width = max(canvas.width_of(title, 13, bold=True), canvas.width_of(subtitle, 9.5))

    def close(self, right: float, bottom: float, notes: Sequence[str], form: str) -> bytes:
        """Write the notes below, in lines as wide as the picture, and finish it."""
        canvas = self.canvas
        width = max([right - RIM, self.width, *(canvas.width_of(note, 8.5) for note in notes)])
        y, line = bottom + 0.22, ""
        for note in notes:
            longer = f"{line} · {note}" if line else note
            if line and canvas.width_of(longer, 8.5) > width:
                canvas.text(RIM, y, line, 8.5, FAINT)
                y, line = y + 0.19, note
            else:
                line = longer
        canvas.text(RIM, y, line, 8.5, FAINT)
        return canvas.finish(width + 2 * RIM, y + RIM - 0.05, form)


def spread_out(wanted: Sequence[float], gap: float, span: tuple[float, float]) -> list[float]:
    """Places in ascending order, ``gap`` apart at least and inside ``span`` where that can be, each
    as near as may be to where it is wanted."""
    # Places that would be too near are moved together about where they are wanted on average.
    groups: list[tuple[float, int]] = []  # the sum of what is wanted less the gaps before, number
    for index, place in enumerate(sorted(wanted)):
        groups.append((place - index * gap, 1))
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] >= groups[-1][0] / groups[-1][1]:
            (a, m), (b, n) = groups[-2:]
            groups[-2:] = [(a + b, m + n)]
    least, most = span[0] + gap / 2, span[1] - gap / 2 - (len(wanted) - 1) * gap
    places: list[float] = []
    for total, number in groups:
        first = max(least, min(total / number, most))
        places += [first + (len(places) + i) * gap for i in range(number)]
    return places


# Photos -------------------------------------------------------------------------------------------


def photo_of(path: str, source: Layer) -> Any:
    """A photo as the network would see it: cut about its middle to the input's shape, at the
    input's size, grey where the input has one channel. Raises SpecError."""
    image, ops = needed("PIL.Image", "a photo"), needed("PIL.ImageOps", "a photo")
    height, width = source.output.spatial
    scale = min(1, LARGEST / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    try:
        data = read_bytes(path, MOST_BYTES)
        if len(data) > MOST_BYTES:
            raise _too_large(path, f"more than {MOST_BYTES // 2**20} MiB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of photos that are merely large
            found = image.open(io.BytesIO(data))
            found.draft("RGB", size)  # a JPEG is read smaller at once
            if found.width * found.height > MOST_PIXELS:
                raise _too_large(path, f"{found.width:,} x {found.height:,} pixels")
            return _fitted(image, ops, found, size, source.output.channels == 1)
    except SpecError:
        raise
    except FileNotFoundError:
        raise fail("file", f"there is no file {path}") from None
    except image.DecompressionBombError:
        raise _too_large(path, f"more than {2 * image.MAX_IMAGE_PIXELS:,} pixels") from None
    except Exception as error:  # Pillow raises whatever its readers come upon
        why = getattr(error, "strerror", None)
        message = f"cannot read {path}: {why.lower()}" if why else f"{path} is no image"
        raise fail("file", message) from None


def _fitted(image: Any, ops: Any, found: Any, size: tuple[int, int], grey: bool) -> Any:
    """A picture on paper, the right way up, cut and scaled."""
    found = ops.exif_transpose(found)
    if "transparency" in found.info or found.mode in ("RGBA", "LA", "PA"):
        found = found.convert("RGBA")
        paper = image.new("RGBA", found.size, PAPER)
        found = image.alpha_composite(paper, found)
    found = found.convert("L" if grey else "RGB")
    return ops.fit(found, size, image.Resampling.LANCZOS).convert("RGB")


def _too_large(path: str, reason: str) -> SpecError:
    return fail(
        "limit", f"{path} is too large: {reason}", f"a photo of up to {MOST_PIXELS:,} pixels is drawn on"
    )
