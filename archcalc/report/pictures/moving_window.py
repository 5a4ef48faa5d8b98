"""A layer on a matrix as a picture: the window on the input, the kernel, and the cell of the result.

A GIF, or an SVG with CSS, shows the window as it moves from cell to cell.

matplotlib and Pillow are imported when a picture is asked for. The same calls give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...diagnostics import fail
from ..lines import clean_line
from ..matrices import MORE, Equation, MatrixPanel
from ..screens.apply import LayerView
from ..wrapping import shortened
from .canvas import FAINT, INK, PALE, PAPER, PLATE, RIM, Canvas, PictureFrame, ViewBox
from .fields import ACCENT
from .frames import gif_of, svg_of

# Inches: the height of a cell, its least width, a digit, between a matrix and a sign.
HIGH, WIDE, DIGIT, APART = 0.32, 0.36, 0.09, 0.2
# Frames of a moving window at most.
MOST_FRAMES = 100
# Characters of a sum below a picture.
LONGEST = 110


def window_picture(view: LayerView, form: str) -> bytes:
    """Draw a layer with the window of one cell.

    Args:
        view: The layer, with the cell that is marked.
        form: ``svg`` or ``png``.

    Raises:
        SpecError: Without matplotlib.
    """
    return _drawn(view, view.equations(), form)


def moving_window(views: Sequence[LayerView]) -> bytes:
    """Draw the window as it moves, as a GIF: each frame shows the cells that were made up to then.

    Args:
        views: The same layer with one cell after the other.

    Raises:
        SpecError: Without matplotlib or Pillow, and for too many cells.
    """
    _few(views)
    return gif_of([_frame_of(views, number, "png") for number in range(len(views))])


def moving_drawing(views: Sequence[LayerView]) -> bytes:
    """Draw the window as it moves, as an SVG that moves by CSS, in light and in dark.

    What knows no CSS, and paper, shows the last frame, and so does a reader who wants less motion.

    Args:
        views: The same layer with one cell after the other.

    Raises:
        SpecError: Without matplotlib, and for too many cells.
    """
    _few(views)
    return svg_of([_frame_of(views, number, "svg") for number in range(len(views))])


def _few(views: Sequence[LayerView]) -> None:
    """Refuse too many frames. Raises SpecError."""
    if len(views) > MOST_FRAMES:
        raise fail(
            "limit",
            f"the window has {len(views):,} places, more than {MOST_FRAMES}",
            "--format svg draws one of them, which --at names",
        )


def _frame_of(views: Sequence[LayerView], number: int, form: str) -> bytes:
    """A frame: the window of one cell, and the cells that were made up to it."""
    unmade = {each.unit for each in views[number + 1 :] if each.unit is not None}
    view = views[number]
    return _drawn(view, [_made(equation, unmade) for equation in view.equations()], form)


def _made(equation: Equation, unmade: set[tuple[int, ...]]) -> Equation:
    """The equation whose result, its last matrix, lacks the cells that are not made yet."""
    *before, result = equation
    if not isinstance(result, MatrixPanel) or any(MORE in row for row in result.cells):
        return equation
    hidden = {((0, *unit)[-2], unit[-1]) for unit in unmade}
    cells = [
        ["" if (y, x) in hidden else text for x, text in enumerate(row)] for y, row in enumerate(result.cells)
    ]
    return [*before, result._replace(cells=cells)]


def _drawn(view: LayerView, equations: Sequence[Equation], form: str) -> bytes:
    layer = view.values.layer
    full = view.equations()
    panels = [item for equation in full for item in equation if isinstance(item, MatrixPanel)]
    longest = max(len(text) for panel in panels for row in panel.cells for text in row)
    wide = max(WIDE, longest * DIGIT + 0.16)
    arrives = "x".join(map(str, view.values.inputs[0].shape))
    with Canvas() as canvas:
        title = clean_line(layer.text or layer.name)
        frame = PictureFrame(canvas, title, f"{arrives} to {layer.output}")
        top, right = frame.bottom, RIM
        for equation in equations:
            bottom, end = _equation(canvas, equation, top, wide)
            top, right = bottom + HIGH, max(right, end)
        notes = []
        for cell, text in view.sums():
            notes.append(f"{cell}  {shortened(text, LONGEST)}")
        return frame.close(max(right, _WIDEST_NOTE if notes else right), top - HIGH, notes or [""], form)


# A picture is at least as wide as a sum may be, so that all frames have one width.
_WIDEST_NOTE = 7.0


def _equation(canvas: Canvas, equation: Equation, top: float, wide: float) -> tuple[float, float]:
    """Draw matrices side by side; where they end at the bottom and at the right."""
    panels = [item for item in equation if isinstance(item, MatrixPanel)]
    titled = HIGH if any(panel.title for panel in panels) else 0.0
    height = max(len(panel.cells) for panel in panels) * HIGH
    middle, x = top + titled + height / 2, RIM
    for item in equation:
        if isinstance(item, str):
            sign = {"*": "∗", "->": "→"}.get(item, item)
            width = max(0.2, canvas.width_of(sign, 13))
            canvas.text(x + width / 2, middle, sign, 13, align="center")
            x += width + APART
            continue
        _matrix(canvas, item, middle - len(item.cells) * HIGH / 2, x, wide)
        x += max(map(len, item.cells)) * wide + APART
    return top + titled + height, x - APART


def _matrix(canvas: Canvas, panel: MatrixPanel, top: float, left: float, wide: float) -> None:
    """Draw a matrix: its cells, those of the window in colour."""
    if panel.title:
        canvas.text(left, top - HIGH / 2, panel.title, 8.5, FAINT)
    for y, row in enumerate(panel.cells):
        for x, text in enumerate(row):
            box: ViewBox = ((top + y * HIGH, top + (y + 1) * HIGH), (left + x * wide, left + (x + 1) * wide))
            beyond = (y, x) in panel.beyond
            canvas.plate(box, PAPER if beyond else PLATE)
            if _is_read(panel, y, x):
                canvas.plate(box, ACCENT, 0.2, order=2)
            _outline(canvas, box, PALE, 0.5, beyond)
            colour = FAINT if beyond else INK
            canvas.text(sum(box[1]) / 2, sum(box[0]) / 2, text, 10, colour, align="center")
    if panel.frame is not None:
        first, last, west, east = panel.frame
        around: ViewBox = (
            (top + first * HIGH, top + (last + 1) * HIGH),
            (left + west * wide, left + (east + 1) * wide),
        )
        _outline(canvas, around, ACCENT, 2.0)


def _is_read(panel: MatrixPanel, y: int, x: int) -> bool:
    if panel.frame is None:
        return False
    top, bottom, left, right = panel.frame
    inside = top <= y <= bottom and left <= x <= right
    return inside and (panel.read is None or (y, x) in panel.read)


def _outline(canvas: Canvas, box: ViewBox, colour: str, width: float, dashed: bool = False) -> None:
    (top, bottom), (left, right) = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    canvas.line(corners, colour, width, dashed)
