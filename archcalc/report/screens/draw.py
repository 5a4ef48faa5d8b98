"""The boxes and arrows of a picture as a table, for formats that do not draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..pictures.graph import Picture
from ..sheet import NotesBlock, Sheet, TableBlock


def draw_table(picture: Picture) -> FlatTable:
    """A record an arrow: the boxes at its ends, and the shape of what passes."""

    def records() -> Iterator[list[Any]]:
        for edge in picture.edges:
            yield [edge.source.key, edge.target.key, " ".join(edge.lines)]

    return ["from", "to", "tensor"], records()


def draw_sheets(picture: Picture) -> list[Sheet]:
    """A row a box: what stands in it, and what it reads."""
    reads: dict[str, list[str]] = {}
    for edge in picture.edges:
        tensor = f"{edge.source.key} {' '.join(edge.lines)}"
        reads.setdefault(edge.target.key, []).append(tensor)
    rows: list[list[Cell]] = [
        [(box.key, ""), (", ".join(box.lines), "spec"), ("; ".join(reads.get(box.key, [])), "")]
        for box in picture.root.boxes()
    ]
    grid = Grid([Column("box"), Column("what"), Column("reads")], rows)
    name, title = picture.title
    return [
        Sheet(
            name,
            title,
            "",
            "picture",
            TableBlock(grid),
            NotesBlock([picture.depths] if picture.depths else []),
        )
    ]
