"""A drawing as shapes and words on paper, written as SVG, as TikZ, or by matplotlib as PNG and PDF.

Lengths are points, the origin is at the top left, and downwards is positive. The same calls give the same
bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, NamedTuple

from ..lines import clean_line
from ..tex import tex

Point = tuple[float, float]

INK, FAINT, PAPER = "#1f2937", "#6b7280", "#ffffff"
# Of letters of one point, how wide a sign is in Helvetica; Arial and Liberation Sans have the same widths.
_WIDTHS = {
    **dict.fromkeys("ijl'|", 0.222),
    **dict.fromkeys("ftI .,:;/!()[]-", 0.3),
    **dict.fromkeys("cksvxyzJ", 0.5),
    **dict.fromkeys("mwM%", 0.85),
    **dict.fromkeys("ABEKPSVXYwC&DHNRTU", 0.7),
    **dict.fromkeys("GOQ", 0.78),
    **dict.fromkeys("W@", 1.0),
}
USUAL, BOLD, FULL = 0.556, 1.07, 1.0
# matplotlib's letters are wider than those of the other forms.
NARROWER = 0.86
# What fits on a page of LaTeX's usual classes, in points.
TEXT_WIDTH, TEXT_HEIGHT = 440.0, 600.0
_ANCHORS = {"left": "start", "middle": "middle", "right": "end"}
_TIKZ_ANCHORS = {"left": "base west", "middle": "base", "right": "base east"}


class Polygon(NamedTuple):
    """A closed shape; without a fill its outline alone."""

    points: Sequence[Point]
    fill: str | None = None
    line: str = INK
    width: float = 0.7


class Stroke(NamedTuple):
    """A line through points; ``curved`` is a Bézier curve of four, ``tip`` has an arrow at its end."""

    points: Sequence[Point]
    line: str = FAINT
    width: float = 0.9
    dashed: bool = False
    curved: bool = False
    tip: bool = False


class Lettering(NamedTuple):
    """A text on one line; ``at`` is on its base line."""

    at: Point
    text: str
    size: float = 8
    colour: str = INK
    bold: bool = False
    align: str = "left"
    turned: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """What it covers: left, top, right, bottom. ``turned`` it runs upwards from ``at``."""
        wide = width_of(self.text, self.size, self.bold)
        before = {"left": 0.0, "middle": wide / 2, "right": wide}[self.align]
        above, below = self.size * 0.75, self.size * 0.25
        x, y = self.at
        if self.turned:
            return x - above, y + before - wide, x + below, y + before
        return x - before, y - above, x - before + wide, y + below


def width_of(text: str, size: float, bold: bool = False) -> float:
    """How long a text is, in points: measured on no font, so that all machines agree."""
    total = sum([_WIDTHS.get(c) or (USUAL if c.isascii() else FULL) for c in text])
    return total * size * (BOLD if bold else 1)


class Scene:
    """Shapes in the order in which they are drawn."""

    def __init__(self, title: str) -> None:
        self.title = clean_line(title)
        self.shapes: list[Polygon | Stroke | Lettering] = []

    def polygon(self, points: Sequence[Point], fill: str | None, line: str = INK, width: float = 0.7) -> None:
        """Add a closed shape."""
        self.shapes.append(Polygon(tuple(points), fill, line, width))

    def stroke(self, points: Sequence[Point], **how: object) -> None:
        """Add a line."""
        self.shapes.append(Stroke(tuple(points), **how))  # type: ignore[arg-type]

    def words(self, x: float, y: float, text: str, **how: object) -> None:
        """Add a text."""
        self.shapes.append(Lettering((x, y), clean_line(text), **how))  # type: ignore[arg-type]

    def written(self, form: str, rim: float = 14) -> bytes:
        """Write the drawing.

        Args:
            form: ``svg``, ``tikz``, ``png`` or ``pdf``.
            rim: Empty paper around it.

        Raises:
            SpecError: For PNG and PDF, without matplotlib.
        """
        left, top, right, bottom = self._extent()
        size = right - left + 2 * rim, bottom - top + 2 * rim
        moved = _Moved(rim - left, rim - top)
        if form == "svg":
            return "".join(self._svg(size, moved)).encode()
        if form == "tikz":
            return "".join(self._tikz(size, moved)).encode()
        return self._plotted(size, moved, form)

    def _extent(self) -> tuple[float, float, float, float]:
        xs: list[float] = [0]
        ys: list[float] = [0]
        for shape in self.shapes:
            if isinstance(shape, Lettering):
                left, top, right, bottom = shape.box
                xs += [left, right]
                ys += [top, bottom]
            else:
                xs += [x for x, _ in shape.points]
                ys += [y for _, y in shape.points]
        return min(xs), min(ys), max(xs), max(ys)

    def _svg(self, size: Point, moved: _Moved) -> Iterator[str]:
        wide, high = size
        yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.2f} {high:.2f}" '
        yield f'width="{wide:.0f}pt" height="{high:.0f}pt" role="img">\n<title>{escape(self.title)}</title>\n'
        yield '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" '
        yield f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{FAINT}"/></marker></defs>\n'
        yield f'<rect width="100%" height="100%" fill="{PAPER}"/>\n'
        for shape in self.shapes:
            if isinstance(shape, Lettering):
                x, y = moved(shape.at)
                weight = ' font-weight="600"' if shape.bold else ""
                turned = f' transform="rotate(-90 {x:.2f} {y:.2f})"' if shape.turned else ""
                yield f'<text x="{x:.2f}" y="{y:.2f}"{turned} font-family="Helvetica, Arial, sans-serif" '
                yield f'font-size="{shape.size:g}"{weight} fill="{shape.colour}" '
                yield f'text-anchor="{_ANCHORS[shape.align]}">{escape(shape.text)}</text>\n'
                continue
            line = f'stroke="{shape.line}" stroke-width="{shape.width:g}" stroke-linejoin="round"'
            if isinstance(shape, Polygon):
                points = " ".join([f"{x:.2f},{y:.2f}" for x, y in map(moved, shape.points)])
                yield f'<polygon points="{points}" fill="{shape.fill or "none"}" {line}/>\n'
                continue
            first, *rest = [f"{x:.2f} {y:.2f}" for x, y in map(moved, shape.points)]
            path = f"M{first}C{' '.join(rest)}" if shape.curved else f"M{first}L{'L'.join(rest)}"
            dashes = ' stroke-dasharray="4 2.5"' if shape.dashed else ""
            tip = ' marker-end="url(#tip)"' if shape.tip else ""
            yield f'<path d="{path}" fill="none" {line}{dashes}{tip}/>\n'
        yield "</svg>\n"

    def _tikz(self, size: Point, moved: _Moved) -> Iterator[str]:
        scale = min(1.0, TEXT_WIDTH / size[0], TEXT_HEIGHT / size[1])
        yield f"\\begin{{tikzpicture}}[x={scale:.4f}bp,y=-{scale:.4f}bp,"
        yield f"every node/.style={{inner sep=0pt,scale={scale:.4f}}}]\n"
        for shape in self.shapes:
            if isinstance(shape, Lettering):
                x, y = moved(shape.at)
                bold = "\\bfseries" if shape.bold else ""
                font = f"\\fontsize{{{shape.size:g}}}{{{shape.size * 1.2:g}}}\\sffamily{bold}"
                style = f"anchor={_TIKZ_ANCHORS[shape.align]},text={_rgb(shape.colour)},font={font}"
                style += ",rotate=90" if shape.turned else ""
                yield f"\\node[{style}] at ({x:.2f},{y:.2f}) {{{tex(shape.text)}}};\n"
                continue
            points = [f"({x:.2f},{y:.2f})" for x, y in map(moved, shape.points)]
            style = f"draw={_rgb(shape.line)},line width={shape.width * scale:.2f}bp,line join=round"
            if isinstance(shape, Polygon):
                fill = f",fill={_rgb(shape.fill)}" if shape.fill else ""
                yield f"\\path[{style}{fill}] {' -- '.join(points)} -- cycle;\n"
                continue
            style += ",dashed" if shape.dashed else ""
            style += ",-latex" if shape.tip else ""
            if shape.curved:
                start, one, other, end = points
                yield f"\\draw[{style}] {start} .. controls {one} and {other} .. {end};\n"
            else:
                yield f"\\draw[{style}] {' -- '.join(points)};\n"
        yield "\\end{tikzpicture}\n"

    def _plotted(self, size: Point, moved: _Moved, form: str) -> bytes:
        from .canvas import Canvas

        with Canvas() as canvas:
            from matplotlib import patches
            from matplotlib.path import Path

            for order, shape in enumerate(self.shapes):
                if isinstance(shape, Lettering):
                    x, y = moved(shape.at)
                    canvas.axes.text(
                        x,
                        y,
                        shape.text,
                        size=shape.size * NARROWER,
                        color=shape.colour,
                        ha={"left": "left", "middle": "center", "right": "right"}[shape.align],
                        va="baseline",
                        rotation=90 if shape.turned else 0,
                        rotation_mode="anchor",
                        weight="bold" if shape.bold else "normal",
                        parse_math=False,
                        zorder=order + 1,
                    )
                    continue
                points = [moved(point) for point in shape.points]
                patch: Any
                if isinstance(shape, Polygon):
                    patch = patches.Polygon(
                        points,
                        closed=True,
                        facecolor=shape.fill or "none",
                        edgecolor=shape.line,
                        linewidth=shape.width,
                        joinstyle="round",
                        zorder=order + 1,
                    )
                else:
                    codes = [Path.MOVETO, *[Path.CURVE4 if shape.curved else Path.LINETO] * (len(points) - 1)]
                    patch = patches.FancyArrowPatch(
                        path=Path(points, codes),
                        arrowstyle="-|>,head_length=3,head_width=1.6" if shape.tip else "-",
                        color=shape.line,
                        linewidth=shape.width,
                        linestyle=(0, (4, 2.5)) if shape.dashed else "solid",
                        zorder=order + 1,
                    )
                canvas.axes.add_patch(patch)
            wide, high = size
            canvas.figure.set_size_inches(wide / 72, high / 72)
            canvas.axes.set_xlim(0, wide)
            canvas.axes.set_ylim(high, 0)
            out = io.BytesIO()
            dated = {"CreationDate": None} if form == "pdf" else {}
            canvas.figure.savefig(out, format=form, dpi=200, facecolor=PAPER, metadata=dated)
            return out.getvalue()


class _Moved:
    """Points, moved onto the paper."""

    def __init__(self, right: float, down: float) -> None:
        self.right, self.down = right, down

    def __call__(self, point: Point) -> Point:
        return point[0] + self.right, point[1] + self.down


def _rgb(code: str) -> str:
    red, green, blue = (int(code[at : at + 2], 16) for at in (1, 3, 5))
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"
