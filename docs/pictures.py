"""Draws the README's pictures from real output: ``python docs/pictures.py`` (``--check`` compares).

A screen becomes an SVG whose colours are those of a dark terminal. Text stays text.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from archcalc import load
from archcalc.report.lines import Line, trimmed, width_of
from archcalc.report.screens.rf import rf_sheets
from archcalc.report.screens.summary import summary_sheets
from archcalc.report.sheet import Space, screen

HERE = Path(__file__).parent
INK = {
    "": "#d4d4d4",
    "title": "#ffffff",
    "sum": "#ffffff",
    "aside": "#808080",
    "params": "#11a8cd",
    "macs": "#bc3fbc",
    "good": "#0dbc79",
    "bad": "#f14c4c",
    "second": "#11a8cd",
    "warn": "#e5e510",
    "spec": "#d4d4d4",
}
CELL, ROW, EDGE = 8.4, 18, 16


# Signs that are drawn as shapes, so that they meet in any font: each a list of rectangles as parts
# of a cell, (x, y, width, height).
THICK, THIN = 0.16, 0.06
_MID = 0.5
SHAPES = {
    "━": [(0, _MID - THICK / 2, 1, THICK)],
    "╺": [(0.5, _MID - THICK / 2, 0.5, THICK)],
    "╸": [(0, _MID - THICK / 2, 0.5, THICK)],
    "─": [(0, _MID - THIN / 2, 1, THIN)],
    "╶": [(0.5, _MID - THIN / 2, 0.5, THIN)],
    "╴": [(0, _MID - THIN / 2, 0.5, THIN)],
    "│": [(_MID - THIN, 0, 2 * THIN, 1)],
    "┼": [(0, _MID - THIN / 2, 1, THIN), (_MID - THIN, 0, 2 * THIN, 1)],
}


def picture(lines: Iterable[Line]) -> str:
    """An SVG of the lines, one text element a word so that columns stay put in any font."""
    drawn: list[str] = []
    widest = number = 0
    for number, line in enumerate(lines):
        column = 0
        for text, role in trimmed(line):
            drawn += _segment(text, role, column, EDGE + number * ROW)
            column += width_of(text)
        widest = max(widest, column)
    width, height = 2 * EDGE + widest * CELL, 2 * EDGE + (number + 1) * ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" font-family="ui-monospace, Menlo, Consolas, monospace" '
        'font-size="14">\n<rect width="100%" height="100%" rx="6" fill="#1e1e1e"/>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def _segment(text: str, role: str, column: int, top: float) -> Iterator[str]:
    """The elements of one segment: runs of a sign, and words."""
    bold = ' font-weight="bold"' if role in ("title", "sum") else ""
    for match in re.finditer(r"([━╺╸─╶╴│┼])\1*|[^ ━╺╸─╶╴│┼]+", text):
        piece = match.group()
        left = EDGE + (column + width_of(text[: match.start()])) * CELL
        width = width_of(piece) * CELL
        if piece[0] in SHAPES:
            for x, y, w, h in SHAPES[piece[0]]:
                # A run of full cells is one rectangle; of others there is only ever one.
                span = width if w == 1 else w * CELL
                yield (
                    f'<rect x="{left + x * CELL:.1f}" y="{top + y * ROW:.1f}" '
                    f'width="{span:.1f}" height="{h * ROW:.1f}" fill="{INK[role]}"/>'
                )
        else:
            yield (
                f'<text x="{left:.1f}" y="{top + 13}" fill="{INK[role]}"{bold} '
                f'textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs">{escape(piece)}</text>'
            )


def pictures() -> dict[str, str]:
    """All pictures, by file name."""
    vgg16, resnet18 = load("vgg16").summary(), load("resnet18").summary()
    return {
        "summary_vgg16.svg": picture(screen(summary_sheets(vgg16, Space(110, True)), 110)),
        "rf_resnet18.svg": picture(screen(rf_sheets(resnet18, resnet18.layers, Space(120, True)), 120)),
    }


def main() -> int:
    """Write the pictures, or compare them with what is there."""
    stale = []
    for name, text in pictures().items():
        path = HERE / name
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        print(f"out of date: {', '.join(stale)}; run python docs/pictures.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
