"""The receptive field as it grows along the depth, frame by frame: ``rf --format gif`` and ``--animate``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...analysis.summary import Summary
from ...diagnostics import fail
from ...graph import Layer
from ..lines import clean_line
from ..screens.folding import FoldedRow
from ..words import field_size
from ..wrapping import shortened
from .canvas import PALE, RIM, Canvas, PictureFrame, Plot, ViewBox
from .fields import ACCENT, Outline, around, outlines_of
from .frames import gif_of, svg_of

# Frames at most: a photo stands in each frame of an SVG.
MOST_FRAMES = 60


def growing_field(summary: Summary, rows: Sequence[FoldedRow], source: Layer, photo: Any, form: str) -> bytes:
    """Draw the field about the middle of the image, a frame for each size that a row has.

    Args:
        summary: The network.
        rows: The rows whose fields are drawn.
        source: The input that is an image.
        photo: What is drawn on; None is a plate.
        form: ``gif``, or ``svg``, which moves by CSS.

    Raises:
        SpecError: Where there is nothing to draw, or nothing to draw with.
    """
    outlines = outlines_of(summary, rows, source)
    if not outlines:
        raise fail("argument", "every layer sees everything: there is no field to draw")
    if len(outlines) > MOST_FRAMES:
        last = len(outlines) - 1
        outlines = [outlines[round(last * at / (MOST_FRAMES - 1))] for at in range(MOST_FRAMES)]
    frames = [
        _frame(summary, outlines, number, source, photo, "png" if form == "gif" else "svg")
        for number in range(len(outlines))
    ]
    return gif_of(frames, 32 if photo is None else 255) if form == "gif" else svg_of(frames)


def _frame(
    summary: Summary, outlines: Sequence[Outline], number: int, source: Layer, photo: Any, form: str
) -> bytes:
    """The field of one row, with those before it as thin lines."""
    image = source.output.spatial
    whole: ViewBox = (0, image[0]), (0, image[1])
    boxes = [outline.box(image) for outline in outlines]
    now = outlines[number]
    beyond = any(box[0][0] < 0 or box[1][0] < 0 for box in boxes)
    with Canvas() as canvas:
        name = clean_line(summary.graph.metadata.name)
        size = field_size(now.extent)
        size = size if "x" in size else f"{size}x{size}"
        title = f"{name}  {shortened(now.name, 30)}"
        frame = PictureFrame(
            canvas, title, f"a unit of it sees {size} pixels, the image is {image[0]}x{image[1]}"
        )
        plot = Plot(canvas, source, around([*boxes, whole]), frame.bottom, RIM)
        plot.ground(photo, faint=photo is not None)
        for box in boxes[:number]:
            plot.outline(box, PALE, 0.5)
        plot.outline(boxes[number], ACCENT, 2.0, halo=photo is not None)
        bottom = plot.top + plot.height + 0.2
        # How far along the depth this is.
        end = plot.left + plot.width
        canvas.line([(plot.left, bottom), (end, bottom)], PALE, 1.0)
        reached = plot.left + plot.width * (number + 1) / len(outlines)
        canvas.line([(plot.left, bottom), (reached, bottom)], ACCENT, 2.5)
        notes = ["sizes in pixels, drawn about the middle of the image"]
        notes += ["dashed: beyond it"] if beyond else []
        return frame.close(max(end, _WIDEST), bottom, notes, form)


# All frames are at least as wide as a title may be, so that none of them jumps.
_WIDEST = RIM + 5.2
