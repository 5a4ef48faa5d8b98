"""Receptive fields as a picture: how they grow over the image, or what one unit sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...analysis.receptive import FieldExtent
from ...analysis.summary import Summary
from ...diagnostics import fail
from ...graph import Layer
from ..lines import clean, clean_line
from ..screens.folding import FoldedRow
from ..words import field_size, interval, marks_explained, per_axis
from ..wrapping import shortened
from .canvas import FAINT, PALE, PAPER, RIM, Canvas, PictureFrame, Plot, ViewBox, spread_out

# Inches that a label takes.
LINE = 0.24
# Outlines with a label, at most; below the second number more are looked for than stages end.
LABELS, FEW = 8, 5
# From the smallest field to the largest: light to dark, told apart by the colour-blind too.
SHADES = ["#35b779", "#1f9e89", "#26828e", "#31688e", "#3e4989", "#482878", "#440154", "#2d0038"]
ACCENT = "#d6336c"


def image_among(summary: Summary, layer: Layer | None) -> Layer:
    """The first input that is an image, of those that a layer sees. Raises SpecError."""
    found = summary.fields.of(layer) if layer is not None else None
    sources = [at for at in summary.graph.inputs if found is None or at in found]
    for source in sources:
        if len(source.output.spatial) == 2:
            return source
    shapes = ", ".join(str(source.output) for source in sources)
    raise fail("argument", f"a picture needs an image for an input, and not {shapes}")


# How fields grow ---------------------------------------------------------------------------------


class Outline:
    """A field of the picture: whose it is, its height and width, and whether it has a label."""

    __slots__ = ("name", "extent", "stride", "labelled")

    def __init__(self, name: str, extent: FieldExtent):
        self.name = name
        self.extent = extent
        self.stride = extent.stride
        self.labelled = False

    @property
    def area(self) -> int:
        """The area of the field, by which outlines are ordered."""
        return self.extent.size[0] * self.extent.size[1]

    def box(self, image: Sequence[int]) -> ViewBox:
        """The field about the middle of the image."""
        height, width = self.extent.size
        return (
            ((image[0] - height) / 2, (image[0] + height) / 2),
            ((image[1] - width) / 2, (image[1] + width) / 2),
        )


def outlines_of(summary: Summary, rows: Sequence[FoldedRow], source: Layer) -> list[Outline]:
    """The fields of rows in an input, the first of those of a size; as they grow."""
    found: dict[tuple[int, ...], Outline] = {}
    for row in rows:
        extents = summary.fields.of(row.last) or {}
        extent = extents.get(source)
        if extent is not None and not extent.whole:
            found.setdefault(extent.size, Outline(clean(row.name), extent))
    outlines = sorted(found.values(), key=lambda outline: outline.area)
    for outline in _labelled(outlines):
        outline.labelled = True
    return outlines


def _labelled(outlines: list[Outline]) -> list[Outline]:
    """The outlines with a label: all of few; of many the last before each change of stride, and
    where these are few, some between them."""
    if len(outlines) <= LABELS:
        return outlines
    last = len(outlines) - 1
    chosen = [i for i in range(last) if outlines[i].stride != outlines[i + 1].stride] + [last]
    if len(chosen) > LABELS:
        step = (len(chosen) - 1) / (LABELS - 1)
        chosen = [chosen[round(step * i)] for i in range(LABELS)]
    while len(chosen) < FEW:
        # The one farthest from its neighbours, as sizes go: by their ratio.
        rest = [i for i in range(len(outlines)) if i not in chosen]
        chosen.append(max(rest, key=lambda i: min(_ratio(outlines[i], outlines[k]) for k in chosen)))
    return [outlines[i] for i in sorted(chosen)]


def _ratio(one: Outline, other: Outline) -> float:
    return max(one.area, other.area) / min(one.area, other.area)


class PlotLabel(NamedTuple):
    """A label beside the plot, at a line from the corner of a rectangle."""

    size: str
    name: str
    colour: str
    box: ViewBox


def growth_picture(
    summary: Summary, rows: Sequence[FoldedRow], source: Layer, photo: Any, form: str
) -> bytes:
    """Receptive fields about the middle of the image, from the first layer to the last.

    Raises SpecError where there is nothing to draw, or nothing to draw with.
    """
    outlines = outlines_of(summary, rows, source)
    if not outlines:
        raise fail("argument", "every layer sees everything: there is no field to draw")
    image = source.output.spatial
    whole: ViewBox = (0, image[0]), (0, image[1])
    boxes = [outline.box(image) for outline in outlines]
    labelled = [outline for outline in outlines if outline.labelled]
    labels = [PlotLabel(per_axis(image), "the image", FAINT, whole)]
    for outline, shade in zip(labelled, _shades(len(labelled)), strict=True):
        size = field_size(outline.extent)
        labels.append(PlotLabel(size, shortened(outline.name, 32), shade, outline.box(image)))
    labels.sort(key=lambda label: label.box[0][0])

    with Canvas() as canvas:
        frame = PictureFrame(canvas, _name(summary), f"receptive fields in the {image[0]}x{image[1]} image")
        plot = Plot(canvas, source, around([*boxes, whole]), 0, RIM)
        # Labels may need more height than the plot.
        needs = LINE * len(labels)
        plot.top = frame.bottom + max(0.0, (needs - plot.height) / 2)
        bottom = max(plot.top + plot.height, frame.bottom + needs)
        plot.ground(photo, faint=True)
        for outline in outlines:
            if not outline.labelled:
                plot.outline(outline.box(image), PALE, 0.5)
        for label in labels:
            if label.box is not whole:
                plot.outline(label.box, label.colour, 1.7, halo=photo is not None)
        right = _write(plot, labels, (frame.bottom, bottom))
        return frame.close(right, bottom, _notes(summary, rows, source, boxes, labelled), form)


def _notes(
    summary: Summary,
    rows: Sequence[FoldedRow],
    source: Layer,
    boxes: Sequence[ViewBox],
    labelled: Sequence[Outline],
) -> list[str]:
    notes = ["sizes in pixels, drawn about the middle of the image"]
    if any(box[0][0] < 0 or box[1][0] < 0 for box in boxes):
        notes.append("dashed: beyond it")
    everything = _everything(summary, rows, source)
    if everything:
        notes.append(f"all of it from {everything} on")
    notes += marks_explained([field_size(outline.extent) for outline in labelled])
    return notes


def _name(summary: Summary) -> str:
    return clean_line(summary.graph.metadata.name)


def _everything(summary: Summary, rows: Sequence[FoldedRow], source: Layer) -> str:
    """The row from which on all see the whole input; nothing where there is none."""
    found = [summary.fields.of(row.last) or {} for row in rows]
    whole = [source in extents and extents[source].whole for extents in found]
    first = whole.index(True) if True in whole else len(whole)
    return clean(rows[first].name) if first < len(whole) and all(whole[first:]) else ""


def around(boxes: Sequence[ViewBox]) -> ViewBox:
    """The smallest rectangle around several."""
    return (
        (min(box[0][0] for box in boxes), max(box[0][1] for box in boxes)),
        (min(box[1][0] for box in boxes), max(box[1][1] for box in boxes)),
    )


def _shades(count: int) -> list[str]:
    """A colour for each of ``count`` outlines, from the smallest."""
    if count == 1:
        return [SHADES[4]]
    step = (len(SHADES) - 1) / (count - 1)
    return [SHADES[round(step * i)] for i in range(count)]


def _write(plot: Plot, labels: Sequence[PlotLabel], span: tuple[float, float]) -> float:
    """The labels beside the plot, from the top; where they end at the right."""
    canvas = plot.canvas
    wanted = [plot.y(label.box[0][0]) for label in labels]
    places = spread_out(wanted, LINE, span)
    bend, start = plot.left + plot.width + 0.12, plot.left + plot.width + 0.5
    column = start + max(canvas.width_of(label.size, 10, bold=True) for label in labels)
    right = column
    for label, at, y in zip(labels, wanted, places, strict=True):
        corner = (plot.x(label.box[1][1]), at)
        canvas.line([corner, (bend, at), (start - 0.07, y)], label.colour, 0.6, order=4)
        canvas.text(column, y, label.size, 10, label.colour, bold=True, align="right")
        canvas.text(column + 0.12, y, label.name, 10)
        right = max(right, column + 0.12 + canvas.width_of(label.name, 10))
    return right


# What one unit sees ------------------------------------------------------------------------------


def unit_picture(
    summary: Summary,
    layer: Layer,
    unit: tuple[int, ...],
    window: Sequence[tuple[int, int]],
    source: Layer,
    photo: Any,
    form: str,
) -> bytes:
    """The window of one unit on the image, all else held back; ``window`` holds the first and last
    position seen, an axis. Raises SpecError where there is nothing to draw with."""
    image = source.output.spatial
    box: ViewBox = tuple((low, high + 1) for low, high in window)  # type: ignore[assignment]
    rows, columns = window
    size = "x".join(str(high - low + 1) for low, high in window)
    notes = [f"it sees {size}: rows {interval(rows)}, columns {interval(columns)}"]
    inside = [max(0, min(high, n) - max(low, 0)) for (low, high), n in zip(box, image, strict=True)]
    if "x".join(map(str, inside)) != size:
        notes += [f"{'x'.join(map(str, inside))} of it in the image", "dashed: beyond it"]

    where, units = ", ".join(map(str, unit)), "x".join(map(str, layer.output.spatial))
    with Canvas() as canvas:
        frame = PictureFrame(
            canvas,
            f"{_name(summary)}  {clean(layer.name)}",
            f"unit ({where}) of {units} on the {image[0]}x{image[1]} image",
        )
        plot = Plot(canvas, source, around([box, ((0, image[0]), (0, image[1]))]), frame.bottom, RIM)
        plot.ground(photo)
        _dim(plot, box, photo)
        plot.outline(box, ACCENT, 2.0, halo=photo is not None)
        return frame.close(plot.left + plot.width, plot.top + plot.height, notes, form)


def _dim(plot: Plot, box: ViewBox, photo: Any) -> None:
    """Hold back what is not seen; without a photo, tint what is."""
    (high, low), (west, east) = plot.image
    top, bottom = (min(max(end, high), low) for end in box[0])
    left, right = (min(max(end, west), east) for end in box[1])
    if photo is None:
        if top < bottom and left < right:
            seen: ViewBox = (top, bottom), (left, right)
            plot.canvas.plate(plot.on_paper(seen), ACCENT, 0.16, order=3)
        return
    for part in (
        ((high, top), (west, east)),
        ((bottom, low), (west, east)),
        ((top, bottom), (west, left)),
        ((top, bottom), (right, east)),
    ):
        if part[0][0] < part[0][1] and part[1][0] < part[1][1]:
            plot.canvas.plate(plot.on_paper(part), PAPER, 0.68, order=3)
