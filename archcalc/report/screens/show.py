"""`archcalc show`: a spec beside the shapes that its lines compute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...analysis.summary import laid_out
from ...shape import Shape
from ...source import Source
from ..flat import FlatTable
from ..lines import Line, clean, clean_line
from ..sheet import Sheet, Space, TextBlock
from ..words import volume


class ShownSpec(NamedTuple):
    """Lines of a spec, and by line the shape that a statement puts out; None where it varies. ``file`` is
    the one that they stand in, None where they were written of a module."""

    name: str
    source: Source
    numbers: list[int]
    shapes: Mapping[int, Shape | None]
    layout: str = "hwc"
    file: str | None = None


def show_sheets(shown: ShownSpec) -> list[Sheet]:
    """The lines beside their shapes."""
    lines = TextBlock(lambda space: _lines(shown, space))
    name = clean_line(shown.name)
    return [Sheet(name, "", clean(shown.source.name), "spec", lines, headed=False)]


def show_table(shown: ShownSpec) -> FlatTable:
    """One record per line; nothing for an output where a line has none, or where it varies."""
    sizes = ((number, shown.shapes.get(number)) for number in shown.numbers)
    return ["line", "text", "output"], (
        [number, shown.source.line(number), "" if shape is None else Shape(laid_out(shape, shown.layout))]
        for number, shape in sizes
    )


def _lines(shown: ShownSpec, space: Space) -> Iterator[Line]:
    """The lines, the shape behind each statement at the right."""
    source, numbers, shapes, layout = shown.source, shown.numbers, shown.shapes, shown.layout
    texts = [(number, clean(source.line(number))) for number in numbers]
    edge = max([space.width_of(text) for _, text in texts], default=0)
    beside = [s for s in shapes.values() if s is not None]
    width_left = max([space.width_of(volume(s, layout)) for s in beside], default=0)
    if space.width is not None:
        edge = min(edge, max(space.width - width_left - 2, 20))
    for number, text in texts:
        line: Line = []
        code, sign, comment = text.partition("#")
        line += [(code, ""), (sign + comment, "aside")]
        if number in shapes:
            shape = shapes[number]
            size = volume(shape, layout) if shape is not None else "varies"
            line += [
                (" " * max(2, edge + 2 + width_left - space.width_of(text) - space.width_of(size)), ""),
                (size, "title" if shape is not None else "aside"),
            ]
        yield line
