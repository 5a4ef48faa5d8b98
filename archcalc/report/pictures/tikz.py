"""Pictures for LaTeX: what Graphviz has laid out, as drawing commands of the package TikZ."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..tex import tex
from .dot import dot_text
from .graph import Picture
from .graphviz import drawn

# What a page of the usual classes has room for, in points.
WIDEST, HIGHEST = 440.0, 480.0
_ANCHORS = {"l": "base west", "c": "base", "r": "base east"}
_WIDTH = re.compile(r"setlinewidth\(([\d.]+)\)")


def tikz_text(picture: Picture, with_legend: bool = True) -> str:
    """The picture from left to right or from top to bottom, whichever stays larger on a page.

    Raises:
        SpecError: Where Graphviz is not installed, or cannot draw it.
    """
    boxes = sum(1 for _ in picture.root.boxes())
    ways = [
        json.loads(drawn(boxes, dot_text(picture, way, with_legend=with_legend), "json"))
        for way in ("LR", "TB")
    ]
    layout = max(ways, key=_scale)
    lines = [line for at in _parts(layout) for line in _Pen().commands(at)]
    scale = f"x={_scale(layout):.4f}bp,y={_scale(layout):.4f}bp"
    text = f"every node/.style={{inner sep=0pt,scale={_scale(layout):.4f}}}"
    return "".join([f"{line}\n" for line in [f"\\begin{{tikzpicture}}[{scale},{text}]", *lines]]) + (
        "\\end{tikzpicture}\n"
    )


def _scale(layout: Mapping[str, Any]) -> float:
    left, low, right, high = map(float, layout["bb"].split(","))
    return min(1.0, WIDEST / (right - left), HIGHEST / (high - low))


def _parts(layout: Mapping[str, Any]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The drawing operations: those of the whole, of clusters and boxes, and of edges."""
    for part in (layout, *layout.get("objects", ()), *layout.get("edges", ())):
        for kind in ("_draw_", "_hdraw_", "_tdraw_", "_ldraw_"):
            yield part.get(kind, ())


class _Pen:
    """What holds until it is changed: colours, the width and the dashes of lines and the size of letters."""

    def __init__(self) -> None:
        self.line = self.fill = "#000000"
        self.width = 1.0
        self.dashes = ""
        self.size = 10.0

    def commands(self, operations: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """The drawing commands of an object."""
        draw: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
            "b": lambda one: f"\\draw[{self._draw()}] {_curve(one)};",
            "B": lambda one: f"\\filldraw[{self._draw()},fill={_colour(self.fill)}] {_curve(one)} -- cycle;",
            "L": lambda one: f"\\draw[{self._draw()}] {_polygon(one)};",
            "p": lambda one: f"\\draw[{self._draw()}] {_polygon(one)} -- cycle;",
            "P": lambda one: (
                f"\\filldraw[{self._draw()},fill={_colour(self.fill)}] {_polygon(one)} -- cycle;"
            ),
            "T": self._text,
        }
        for one in operations:
            if one["op"] in draw:
                yield draw[one["op"]](one)
            else:
                self._set(one)

    def _set(self, one: Mapping[str, Any]) -> None:
        if one["op"] == "c":
            self.line = one["color"]
        elif one["op"] == "C":
            self.fill = one["color"]
        elif one["op"] == "F":
            self.size = one["size"]
        elif one["op"] == "S":
            found = _WIDTH.fullmatch(one["style"])
            self.width = float(found[1]) if found else self.width
            # Of a table, Graphviz writes further words behind this one.
            if one["style"].startswith("dashed"):
                self.dashes = ",dashed"
            elif one["style"] == "solid":
                self.dashes = ""

    def _draw(self) -> str:
        return f"draw={_colour(self.line)},line width={self.width * 0.6:.2f}bp{self.dashes}"

    def _text(self, one: Mapping[str, Any]) -> str:
        x, y = one["pt"]
        font = f"\\fontsize{{{self.size:g}}}{{{self.size * 1.2:g}}}\\sffamily"
        style = f"anchor={_ANCHORS[one['align']]},text={_colour(self.line)},font={font}"
        return f"\\node[{style}] at ({x:g},{y:g}) {{{tex(one['text'].strip())}}};"


def _colour(code: str) -> str:
    red, green, blue = (int(code[at : at + 2], 16) for at in (1, 3, 5))
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _polygon(one: Mapping[str, Any]) -> str:
    return " -- ".join([f"({x:g},{y:g})" for x, y in one["points"]])


def _curve(one: Mapping[str, Any]) -> str:
    """Bézier curves: a point, then three for each piece."""
    points = [f"({x:g},{y:g})" for x, y in one["points"]]
    pieces = [
        f" .. controls {points[at]} and {points[at + 1]} .. {points[at + 2]}"
        for at in range(1, len(points) - 2, 3)
    ]
    return points[0] + "".join(pieces)
