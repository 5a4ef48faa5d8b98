"""A layer on a matrix as a picture: the window on the input, the kernel, and the cell of the result.

A GIF, or an SVG with CSS, shows the window as it moves from cell to cell.

matplotlib and Pillow are imported when a picture is asked for. The same calls give the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from ...diagnostics import fail
from ...packages import needed
from ..lines import clean_line
from ..matrices import MORE, Equation, MatrixPanel
from ..screens.apply import LayerView
from ..wrapping import shortened
from .canvas import FAINT, INK, PALE, PAPER, PLATE, RIM, Canvas, PictureFrame, ViewBox
from .fields import ACCENT

# Inches: the height of a cell, its least width, a digit, between a matrix and a sign.
HIGH, WIDE, DIGIT, APART = 0.32, 0.36, 0.09, 0.2
# Frames of a moving window at most, and how long each stands, in milliseconds; the last stands longer.
MOST_FRAMES, SHOWN, LAST = 100, 700, 2000
# In dark: what the colours of a picture become.
DARK = ((PAPER, "#14171c"), (INK, "#e8eaed"), (FAINT, "#9aa3ad"), (PALE, "#454c56"), (PLATE, "#232931"))
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_CUTS = re.compile(r"<clipPath.*?</clipPath>", re.DOTALL)
# Names of groups, which nothing refers to, and which would stand in every frame.
_IDS = re.compile(r'(?<=<g) id="[^"]*"')
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
    image = needed("PIL.Image", "a GIF")
    _few(views)
    frames = [
        image.open(io.BytesIO(_frame_of(views, number, "png"))).convert("RGB") for number in range(len(views))
    ]
    # A frame whose sums take another line is higher: all get the size of the largest.
    size = max(frame.width for frame in frames), max(frame.height for frame in frames)
    for number, frame in enumerate(frames):
        paper = image.new("RGB", size, PAPER)
        paper.paste(frame, (0, 0))
        frames[number] = paper.quantize(32)
    out = io.BytesIO()
    times = [SHOWN] * (len(frames) - 1) + [LAST]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0)
    return out.getvalue()


def moving_drawing(views: Sequence[LayerView]) -> bytes:
    """Draw the window as it moves, as an SVG that moves by CSS, in light and in dark.

    What knows no CSS, and paper, shows the last frame, and so does a reader who wants less motion.

    Args:
        views: The same layer with one cell after the other.

    Raises:
        SpecError: Without matplotlib, and for too many cells.
    """
    _few(views)
    drawn = [_frame_of(views, number, "svg").decode("utf-8") for number in range(len(views))]
    sizes = [_SIZE.search(one) for one in drawn]
    width, height = [max([float(size[at]) for size in sizes if size is not None]) for at in (1, 2)]
    total = SHOWN * (len(drawn) - 1) + LAST
    rules = []
    for number in range(len(drawn)):
        first, until = 100 * SHOWN * number / total, 100 * SHOWN * (number + 1) / total
        before = (
            f"0%{{visibility:hidden}}{first:.4f}%{{visibility:visible}}"
            if number
            else "0%{visibility:visible}"
        )
        behind = f"{until:.4f}%,100%{{visibility:hidden}}" if number < len(drawn) - 1 else ""
        rules.append(f"@keyframes f{number}{{{before}{behind}}}")
        rules.append(f".f{number}{{animation:f{number} {total}ms step-end infinite}}")
    dark = "".join(
        [
            f'[style*="{what}: {light}"]{{{what}:{other}!important}}'
            for light, other in DARK
            for what in ("fill", "stroke")
        ]
    )
    style = [
        f"@media screen and (prefers-reduced-motion:no-preference){{{''.join(rules)}}}",
        f"@media screen and (prefers-color-scheme:dark){{{dark}}}",
    ]
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" ',
        'xmlns:xlink="http://www.w3.org/1999/xlink" ',
        f'width="{width:g}pt" height="{height:g}pt" viewBox="0 0 {width:g} {height:g}">\n',
        "<style>*{stroke-linejoin:round;stroke-linecap:butt}",
        *style,
        f'</style>\n<path d="M 0 0 H {width:g} V {height:g} H 0 Z" style="fill: {PAPER}"/>\n',
    ]
    # Inside of a hidden frame, what cuts off would cut all off, in the other frames too.
    parts += ["<defs>", *dict.fromkeys([cut for one in drawn for cut in _CUTS.findall(one)]), "</defs>\n"]
    for number, one in enumerate(drawn):
        seen = "visible" if number == len(drawn) - 1 else "hidden"
        inside = one[one.index('<g id="figure_1">') : one.rindex("</svg>")]
        inside = _IDS.sub("", _CUTS.sub("", inside))
        parts.append(f'<g class="f{number}" visibility="{seen}">\n{inside}</g>\n')
    return "".join([*parts, "</svg>\n"]).encode("utf-8")


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
