"""How a table fits a width. What its columns give up where the width is too small, and in which order, stands
as data on the columns: ``Column.yields``. This file applies it, and knows no column by name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from .grid import Cell, Column, Grid, Yield, cell_width
from .lines import MOST
from .terminal import width_of
from .wrapping import hung, shortened

# What a column can give up (``Yield.to``): its cells become shorter; a bar or a picture becomes
# narrower; texts are broken into lines at their words, and at last inside words; a text is cut at a
# word; the whole column goes.
SHORT, NARROW, WRAPPED, FOLDED, CUT, GONE = "short", "narrow", "wrapped", "folded", "cut", "gone"
# Those that take any width from the most that is needed down to ``Yield.least``.
ELASTIC = (NARROW, WRAPPED, FOLDED, CUT)
# Columns by which the second and later lines of a broken text stand in.
INDENT = 2


class Look(NamedTuple):
    """The look of the cells of a column: shortened or not, and how many columns of the screen it may take;
    None is as many as they need."""

    short: bool = False
    width: int | None = None


FULL = Look()


class Content(Protocol):
    """The cells of a table, column by column."""

    def head(self, column: Column, look: Look) -> str:
        """The head of a column."""

    def cells(self, column: Column, look: Look) -> Sequence[Cell]:
        """Its cells, rows first and feet last. The width of a look is of concern only where they
        are drawn to a width."""


class Rows:
    """The cells of a table that is made row by row."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]):
        self.cells_of = {column.name: [row[at] for row in rows] for at, column in enumerate(columns)}

    def head(self, column: Column, look: Look) -> str:
        """The head of a column."""
        return column.head

    def cells(self, column: Column, look: Look) -> Sequence[Cell]:
        """Its cells."""
        return self.cells_of[column.name]


class Fitting:
    """A table that is to fit a width.

    columns  all columns of the table, in order
    content  their cells
    feet     how many of the cells of a column stand below the rule
    asked    names of columns that must not go: somebody asked for them
    gone     the sign for what is cut off
    """

    def __init__(
        self,
        columns: Sequence[Column],
        content: Content,
        feet: int = 0,
        asked: Collection[str] = (),
        gone: str = "…",
    ):
        self.columns = list(columns)
        self.content = content
        self.feet = feet
        self.sign = gone
        self.steps = sorted(
            [
                (step, column)
                for column in columns
                for step in column.yields
                if step.to != GONE or column.name not in asked
            ],
            key=lambda pair: pair[0].order,
        )
        # Columns that all of it takes, and those that there are.
        self.needed = self.width_given = 0
        # Of each step that was taken, the columns of the screen that are left where it is elastic.
        self.taken: dict[Yield, int] = {}
        self._widths: dict[tuple[str, bool], int] = {}

    # State -----------------------------------------------------------------------------------

    def gone(self, column: Column) -> bool:
        """Whether a column is left out, by its own step or with the column that it belongs to."""
        names = (column.name, column.beside)
        return any(
            step in self.taken for step, other in self.steps if step.to == GONE and other.name in names
        )

    def look(self, column: Column) -> Look:
        """The look of the cells of a column."""
        steps = [step for step in column.yields if step in self.taken]
        short = any(step.to == SHORT for step in steps)
        widths = [self.taken[step] for step in steps if step.to in ELASTIC]
        return Look(short, min(widths, default=None))

    @property
    def shown(self) -> list[Column]:
        """The columns that are left."""
        return [column for column in self.columns if not self.gone(column)]

    def width_of(self, column: Column) -> int:
        """Columns of the screen that a column takes."""
        look = self.look(column)
        if look.width is not None:
            return max(look.width, width_of(self.content.head(column, look)))
        key = column.name, look.short
        if key not in self._widths:
            cells = self.content.cells(column, look)
            head = width_of(self.content.head(column, look))
            self._widths[key] = max([head, *map(cell_width, cells)])
        return self._widths[key]

    @property
    def width(self) -> int:
        """Columns of the screen that the table takes."""
        shown = self.shown
        return sum([self.width_of(column) for column in shown]) + sum(_gaps(shown)[1:])

    # Fitting ---------------------------------------------------------------------------------

    def fit(self, width: int | None) -> None:
        """Take steps in their order until the table fits; then give back, the dearest first, what
        fits again. No width is as wide as it comes."""
        self.needed = self.width
        if width is None:
            return
        self.width_given = width
        for step, column in self.steps:
            if self.width <= width:
                break
            if not self.gone(column):
                self._take(step, column, width)
        for step, column in reversed([pair for pair in self.steps if pair[0] in self.taken]):
            if any(other in self.taken and other.order > step.order for other in column.yields):
                continue  # a column gets back last what it gave up first
            kept = self.taken.pop(step)
            if self.width <= width and (step.to != GONE or not self.gone(column)):
                continue
            self.taken[step] = kept
            while step.to in ELASTIC and not self.gone(column):
                self.taken[step] += step.by
                if self.width > width:
                    self.taken[step] -= step.by
                    break

    def _take(self, step: Yield, column: Column, width: int) -> None:
        """Take a step as far as is needed, if it makes the table narrower."""
        before, used = self.width, self.width_of(column)
        if step.to in ELASTIC:
            least = max(step.least, self._longest(column)) if step.to == WRAPPED else step.least
            if least >= used:
                return
            # Down from what it takes, in whole steps.
            down = -(-(before - width) // step.by) * step.by
            self.taken[step] = max(used - down, least)
        else:
            self.taken[step] = 0
        if self.width >= before:
            del self.taken[step]

    def _longest(self, column: Column) -> int:
        """Columns of the longest word, set in as on a second line."""
        found = 0
        for cell in self.content.cells(column, FULL):
            if not isinstance(cell, list):
                indent = len(cell[0]) - len(cell[0].lstrip(" "))
                words = [width_of(word) for word in cell[0].replace("-> ", "->").split()]
                if words:
                    deep = indent + INDENT if len(words) > 1 else indent
                    found = max(found, deep + max(words))
        return found

    # What comes of it ------------------------------------------------------------------------

    @property
    def left_out(self) -> list[str]:
        """The things that are not on the screen where the width is too small, in words, in the order of
        the steps."""
        words = [
            step.left_out
            for step, column in self.steps
            if step in self.taken and step.left_out and (step.to == GONE or not self.gone(column))
        ]
        return list(dict.fromkeys(words))

    @property
    def left_out_note(self) -> list[str]:
        """The note that says what is left out, and the width that shows all of it."""
        words = self.left_out
        if not words:
            return []
        way = f"--width {self.needed} shows all" if self.needed <= MOST else "no width shows all"
        return [f"left out at {self.width_given} columns: {', '.join(words)}", way]

    def grid(self) -> Grid:
        """The table of what is left."""
        shown = self.shown
        looks = [self.look(column) for column in shown]
        columns = [
            Column(self.content.head(column, look), column.right, gap)
            for column, look, gap in zip(shown, looks, _gaps(shown), strict=True)
        ]
        cells = [self._cells(column, look) for column, look in zip(shown, looks, strict=True)]
        rows: list[Sequence[Cell]] = [list(row) for row in zip(*cells, strict=True)]
        end = len(rows) - self.feet
        breaks = {
            at: look.width
            for at, (column, look) in enumerate(zip(shown, looks, strict=True))
            if look.width is not None and self._took(column, WRAPPED, FOLDED)
        }
        above, below = rows[:end], rows[end:]
        if breaks:
            above = [line for row in above for line in _broken_row(row, breaks)]
        return Grid(columns, above, below)

    def _took(self, column: Column, *kinds: str) -> bool:
        return any(step in self.taken and step.to in kinds for step in column.yields)

    def _cells(self, column: Column, look: Look) -> Sequence[Cell]:
        cells, width = self.content.cells(column, look), look.width
        if width is None or not self._took(column, CUT):
            return cells
        return [
            cell if isinstance(cell, list) else (shortened(cell[0], width, self.sign), cell[1])
            for cell in cells
        ]


def _gaps(columns: Sequence[Column]) -> list[int]:
    """The space before each column; what stands before the column that it belongs to is near."""
    return [
        1 if at and column.name and columns[at - 1].beside == column.name else column.gap
        for at, column in enumerate(columns)
    ]


def _broken_row(row: Sequence[Cell], breaks: dict[int, int]) -> list[Sequence[Cell]]:
    """A row on as many lines as its broken texts need."""
    texts = {at: _lines(row[at], width) for at, width in breaks.items()}
    lines: list[Sequence[Cell]] = []
    for number in range(max(map(len, texts.values()))):
        line: list[Cell] = list(row) if not number else [("", "")] * len(row)
        for at, parts in texts.items():
            line[at] = parts[number] if number < len(parts) else ("", "")
        lines.append(line)
    return lines


def _lines(cell: Cell, width: int) -> list[Cell]:
    """The lines of a cell; those behind the first stand in."""
    if isinstance(cell, list) or width_of(cell[0]) <= width:
        return [cell]
    text, role = cell
    bare = text.lstrip(" ")
    margin = len(text) - len(bare)
    indents = [margin, margin + INDENT]
    return [
        (" " * indents[number > 0] + part, role)
        for number, part in enumerate(hung(bare, width - margin, INDENT))
    ]
