"""A table laid out in columns: widths, alignment, rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .lines import Line, Segment
from .terminal import width_of, width_of_line

# A cell is a text with a role, or several side by side.
Cell = Segment | Line


class Yield:
    """Something that a column gives up where the width is too small.

    order  its turn among those of all columns of a table: the smallest first
    to     what becomes of the column: SHORT, NARROW, WRAPPED, FOLDED, CUT or GONE of ``fitting``
    left_out  what is left out then, in words; nothing where all can still be read
    least  columns of the screen that it keeps at least, where it may take any width
    by     columns of the screen by which such a width changes
    """

    __slots__ = ("order", "to", "left_out", "least", "by")

    def __init__(self, order: int, to: str, left_out: str = "", least: int = 1, by: int = 1):
        self.order = order
        self.to = to
        self.left_out = left_out
        self.least = least
        self.by = by


class Column(NamedTuple):
    """A column of a table.

    head    what stands above it
    right   its cells are right aligned
    gap     the space before it
    name    what it is called among the columns of its table
    yields  what it gives up where the width is too small, and when
    beside  the column that it belongs to, and goes with
    drawn   its cells are drawn in signs: it is only for screens
    """

    head: str = ""
    right: bool = False
    gap: int = 2
    name: str = ""
    yields: Sequence[Yield] = ()
    beside: str = ""
    drawn: bool = False


def cell_width(cell: Cell) -> int:
    """Columns that a cell takes."""
    return width_of_line(cell) if isinstance(cell, list) else width_of(cell[0])


class Grid:
    """Rows of cells under heads. ``rows`` before the rule, ``feet`` behind it."""

    def __init__(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], feet: Sequence[Sequence[Cell]] = ()
    ):
        self.columns = columns
        self.rows = rows
        self.feet = feet
        self.widths = [width_of(column.head) for column in columns]
        for row in (*rows, *feet):
            for index, cell in enumerate(row):
                width = cell_width(cell)
                if width > self.widths[index]:
                    self.widths[index] = width

    @property
    def width(self) -> int:
        """Columns of the whole table."""
        return sum(self.widths) + sum([column.gap for column in self.columns[1:]])

    def line(self, cells: Sequence[Cell]) -> Line:
        """One row as a line."""
        line: Line = []
        for index, (column, cell) in enumerate(zip(self.columns, cells, strict=True)):
            space = " " * (self.widths[index] - cell_width(cell))
            segments = cell if isinstance(cell, list) else [cell]
            if index:
                line.append((" " * column.gap, ""))
            if column.right:
                line += [(space, ""), *segments]
            else:
                line += [*segments, (space, "")]
        return line

    def rule(self) -> Line:
        """A rule across the table."""
        return [("─" * self.width, "aside")]

    def lines(self) -> Iterator[Line]:
        """Heads, rule, rows, and rule and feet if there are any."""
        yield self.line([(column.head, "aside") for column in self.columns])
        yield self.rule()
        for row in self.rows:
            yield self.line(row)
        if self.feet:
            yield self.rule()
            for row in self.feet:
                yield self.line(row)
