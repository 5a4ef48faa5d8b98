"""`archcalc show`: a spec beside the shapes that its lines compute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...analysis.summary import laid_out
from ...shape import Shape
from ...source import Source
from ..flat import FlatTable
from ..lines import Line, clean
from ..sheet import Sheet, Space, TextBlock
from ..words import volume


def show_sheets(
    name: str, source: Source, numbers: list[int], shapes: dict[int, Shape | None], layout: str = "hwc"
) -> list[Sheet]:
    """The given lines of a source beside their shapes."""
    lines = TextBlock(lambda space: _lines(source, numbers, shapes, layout, space))
    return [Sheet(clean(" ".join(name.split())), "", clean(source.name), "spec", lines, headed=False)]


def show_table(
    source: Source, numbers: list[int], shapes: dict[int, Shape | None], layout: str = "hwc"
) -> FlatTable:
    """One record per line; nothing for an output where a line has none, or where it varies."""

    def records() -> Iterator[list[Any]]:
        for number in numbers:
            shape = shapes.get(number)
            yield [number, source.line(number), "" if shape is None else Shape(laid_out(shape, layout))]

    return ["line", "text", "output"], records()


def _lines(
    source: Source, numbers: list[int], shapes: dict[int, Shape | None], layout: str, space: Space
) -> Iterator[Line]:
    """The given lines of a source, the shape behind each statement at the right."""
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
