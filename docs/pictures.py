"""Draws the README's pictures from real output: ``python docs/pictures.py`` (``--check`` compares).

A screen becomes an SVG whose colours are those of a dark terminal. Text stays text.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from html import escape
from pathlib import Path

from archcalc import load
from archcalc.report.lines import Line, trimmed, width_of
from archcalc.report.rf_screen import rf_lines
from archcalc.report.summary_screen import summary_lines

HERE = Path(__file__).parent
INK = {
    "": "#d4d4d4", "title": "#ffffff", "sum": "#ffffff", "aside": "#808080", "params": "#11a8cd",
    "macs": "#bc3fbc", "good": "#0dbc79", "bad": "#f14c4c", "second": "#11a8cd", "warn": "#e5e510",
}  # fmt: skip
CELL, ROW, EDGE = 8.4, 18, 16


def picture(lines: Iterable[Line]) -> str:
    """An SVG of the lines, one text element a segment so that columns stay put in any font."""
    drawn: list[str] = []
    widest = 0
    number = 0
    for number, line in enumerate(lines):
        column = 0
        for text, role in trimmed(line):
            width = width_of(text)
            if text.strip():
                start = EDGE + (column + len(text) - len(text.lstrip())) * CELL
                bold = ' font-weight="bold"' if role in ("title", "sum") else ""
                shown = text.strip()
                drawn.append(
                    f'<text x="{start:.1f}" y="{EDGE + number * ROW + 13}" fill="{INK[role]}"{bold} '
                    f'textLength="{width_of(shown) * CELL:.1f}" lengthAdjust="spacingAndGlyphs" '
                    f'xml:space="preserve">{escape(shown)}</text>'
                )
            column += width
        widest = max(widest, column)
    width, height = 2 * EDGE + widest * CELL, 2 * EDGE + (number + 1) * ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" font-family="ui-monospace, Menlo, Consolas, monospace" '
        'font-size="14">\n'
        f'<rect width="100%" height="100%" rx="6" fill="#1e1e1e"/>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def pictures() -> dict[str, str]:
    """All pictures, by file name."""
    vgg16, resnet18 = load("vgg16").summary(), load("resnet18").summary()
    return {
        "summary_vgg16.svg": picture(summary_lines(vgg16, 110)),
        "rf_resnet18.svg": picture(rf_lines(resnet18, resnet18.layers, 120)),
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
