"""The boxes and arrows of a picture as a table, for formats that do not draw."""

from __future__ import annotations

from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..pictures.graph import Picture
from ..sheet import NotesBlock, Sheet, TableBlock


def draw_table(picture: Picture) -> FlatTable:
    """A record an arrow: the boxes at its ends, and the shape of what passes."""
    header = ["from", "to", "tensor"]
    return header, ([edge.source.key, edge.target.key, " ".join(edge.lines)] for edge in picture.edges)


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
    notes = NotesBlock([picture.depths] if picture.depths else [])
    return [Sheet(name, title, "", "picture", TableBlock(grid), notes)]
