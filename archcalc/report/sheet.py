"""Sheets: what a command answers to a reader, before a format lays it out.

A sheet is a heading and blocks below it. A format is a writer of sheets: it has a method for each
kind of block, and a block names the one that is meant for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .grid import Cell, Column, Grid
from .lines import Line, hanging, in_encoding
from .terminal import folded, width_of, width_of_line
from .wrapping import broken, heading, shortened, wrapped

if TYPE_CHECKING:
    from .fitting import Content, Fitting, Look

# Columns of the words in the margin before facts.
MARGIN = 11
# Columns of facts and notes at most, where the table does not take more.
WIDEST = 120
# A width in which no fact is broken.
UNBROKEN = 1 << 30


class Space(NamedTuple):
    """The space that a sheet is made for.

    width     columns of the screen; None is as many as the sheet needs
    drawn     it is a screen of characters, on which bars and pictures can be drawn
    encoding  that of the screen, where it does not have all signs: what is laid out is measured and
              broken as it will be shown
    """

    width: int | None = None
    drawn: bool = False
    encoding: str | None = None

    def of(self, width: int | None) -> Space:
        """The space with another width."""
        return self._replace(width=width)

    def shown(self, text: str) -> str:
        """A text in the signs that there are."""
        return in_encoding(text, self.encoding)

    def shown_line(self, line: Line) -> Line:
        """A line in the signs that there are."""
        return [(self.shown(text), role) for text, role in line]

    def shown_cell(self, cell: Cell) -> Cell:
        """A cell in the signs that there are."""
        return self.shown_line(cell) if isinstance(cell, list) else (self.shown(cell[0]), cell[1])

    def shown_grid(self, grid: Grid) -> Grid:
        """A table in the signs that there are."""
        if self.encoding is None:
            return grid
        rows, feet = (
            [[self.shown_cell(cell) for cell in row] for row in part] for part in (grid.rows, grid.feet)
        )
        columns = [Column(self.shown(c.head), c.right, c.gap) for c in grid.columns]
        return Grid(columns, rows, feet)

    def width_of(self, text: str) -> int:
        """Columns that a text takes."""
        return width_of(self.shown(text))

    def width_of_line(self, line: Line) -> int:
        """Columns that a line takes."""
        return width_of_line(self.shown_line(line))

    def broken(self, text: str, width: int | None) -> list[str]:
        """As ``wrapping.broken``."""
        return broken(self.shown(text), width)

    def folded(self, line: Line, width: int) -> Iterator[Line]:
        """As ``terminal.folded``."""
        return folded(self.shown_line(line), width)

    def wrapped(self, parts: Sequence[str], width: int | None) -> list[str]:
        """As ``wrapping.wrapped``, the parts joined by a dot."""
        return wrapped([self.shown(part) for part in parts], width, self.shown(" · "))

    def hanging(self, start: Line, text: str, margin: int, role: str = "") -> Iterator[Line]:
        """A text behind a start, broken to the width; further lines stand in by a margin."""
        width = None if self.width is None else self.width - margin
        return hanging(start, ([(part, role)] for part in self.broken(text, width)), margin)

    def asides(self, parts: Sequence[str]) -> Iterator[Line]:
        """Notes joined by a dot, on as many lines as they take."""
        return ([(text, "aside")] for text in self.wrapped(parts, self.width))

    def shortened(self, text: str, width: int) -> str:
        """As ``wrapping.shortened``."""
        return shortened(self.shown(text), width, self.shown("…"))

    def heading(self, name: str, title: str, aside: str, edge: int) -> list[Line]:
        """As ``wrapping.heading``."""
        return heading(self.shown(name), self.shown(title), self.shown(aside), edge, self.width)


# A page of a document: as wide as need be, and without pictures of characters.
PAGE = Space()

# Lines for a space.
Lines = Callable[[Space], Iterable[Line]]
# Facts for a space, each behind a word; none goes on with the one before.
FactsFor = Callable[[Space], Iterable[tuple[str, Line]]]


class SheetBlock:
    """A part of a sheet.

    kind   the method of a ``formats.Document`` that writes it
    grid   its table; None where it has none
    below  it belongs to the table above it: a document may set it in small type
    """

    kind: str
    grid: Grid | None = None
    below = False

    def lines(self, space: Space, edge: int) -> Iterable[Line]:
        """The block on a screen; ``edge`` is where the tables of its sheet end."""
        raise NotImplementedError


class TableBlock(SheetBlock):
    """A table: heads, rows, feet.

    title  what it shows, where that is not what the sheet shows; ``label`` is a short name for it
    more   what it leaves out, in words
    """

    kind = "table"

    def __init__(self, grid: Grid, title: str = "", label: str = "", more: str = ""):
        self.grid: Grid = grid
        self.title = title
        self.label = label
        self.more = more

    def lines(self, space: Space, edge: int) -> Iterator[Line]:
        """The table and the empty line behind it."""
        yield from space.shown_grid(self.grid).lines()
        if self.more:
            yield [(self.more, "aside")]
        yield []


class FactsBlock(SheetBlock):
    """Facts about the whole, each behind a word; they are laid out for a width when asked."""

    kind = "facts"
    below = True

    def __init__(self, lines_for: FactsFor):
        self.lines_for = lines_for

    def lines(self, space: Space, edge: int) -> Iterator[Line]:
        """The facts, and an empty line behind them if there are any."""
        found = list(self.lines_for(space.of(_limit(space, edge) - MARGIN)))
        for word, line in found:
            yield [(word.ljust(MARGIN), "aside"), *line]
        if found:
            yield []


class NotesBlock(SheetBlock):
    """Conventions and the like: notes of parts that are joined by a dot."""

    kind = "notes"
    below = True

    def __init__(self, *notes: Sequence[str]):
        self.notes = [parts for parts in notes if parts]

    def lines(self, space: Space, edge: int) -> Iterator[Line]:
        """A note on as many lines as it takes."""
        for parts in self.notes:
            for text in space.wrapped(parts, _limit(space, edge)):
                yield [(text, "aside")]


class PictureBlock(SheetBlock):
    """A picture, for formats that show some; on a screen there is none.

    svg  makes it; None where there is nothing to draw with
    """

    kind = "picture"

    def __init__(self, svg: Callable[[], str | None], title: str):
        self.svg = svg
        self.title = title

    def lines(self, space: Space, edge: int) -> Iterable[Line]:
        """No lines."""
        return ()


class TextBlock(SheetBlock):
    """Lines that stand as they are, sign below sign: workings, drawings, a spec."""

    kind = "text"

    def __init__(self, lines_for: Lines):
        self.lines_for = lines_for

    def lines(self, space: Space, edge: int) -> Iterable[Line]:
        """The lines for a space."""
        return self.lines_for(space)


class Sheet:
    """A heading with blocks below it.

    name    what it is about
    title   what that is, or what the sheet shows
    aside   where it is from, or what goes in
    label   a short name for the sheet itself: ``summary``, ``rf``
    headed  the heading stands on a screen too
    spec    the title is in words of the language
    """

    def __init__(
        self,
        name: str,
        title: str,
        aside: str,
        label: str,
        *blocks: SheetBlock,
        headed: bool = True,
        spec: bool = False,
    ):
        self.name = name
        self.title = title
        self.aside = aside
        self.label = label
        self.blocks = blocks
        self.headed = headed
        self.spec = spec

    @property
    def caption(self) -> str:
        """The heading in a line."""
        return ": ".join([part for part in (self.name, self.title) if part])

    def lines(self, space: Space) -> Iterator[Line]:
        """The sheet on a screen."""
        grids = [space.shown_grid(block.grid) for block in self.blocks if block.grid is not None]
        edge = max([grid.width for grid in grids], default=0)
        if self.headed:
            yield from space.heading(self.name, self.title, self.aside, edge)
            yield []
        for block in self.blocks:
            yield from block.lines(space, edge)


def screen(sheets: Iterable[Sheet], space: Space) -> Iterator[Line]:
    """Sheets on a screen, an empty line between two."""
    for number, sheet in enumerate(sheets):
        if number:
            yield []
        yield from sheet.lines(space)


def _limit(space: Space, edge: int) -> int:
    """Columns of facts and notes below tables that end at an edge."""
    return max(edge, 80) if space.width is None else min(space.width, max(edge, WIDEST))


def fit(
    columns: Sequence[Column], content: Content, space: Space, feet: int = 0, asked: Collection[str] = ()
) -> Fitting:
    """A table as it fits a space: without what can only be drawn, where nothing is, and with what
    its columns give up for want of width.

    feet   how many of the cells of a column stand below the rule
    asked  names of columns that must not go: somebody asked for them
    """
    from .fitting import Fitting

    fitting = Fitting(
        [c for c in columns if space.drawn or not c.drawn],
        _Shown(content, space),
        feet,
        asked,
        space.shown("…"),
    )
    fitting.fit(space.width)
    return fitting


class _Shown:
    """The cells of a table in the signs that there are."""

    def __init__(self, content: Content, space: Space):
        self.content = content
        self.space = space

    def head(self, column: Column, look: Look) -> str:
        return self.space.shown(self.content.head(column, look))

    def cells(self, column: Column, look: Look) -> Sequence[Cell]:
        cells = self.content.cells(column, look)
        return cells if self.space.encoding is None else [self.space.shown_cell(cell) for cell in cells]


def segments(cell: Cell) -> Line:
    """The texts of a cell with their roles."""
    return cell if isinstance(cell, list) else [cell]


def indented(cell: Cell) -> tuple[int, Line]:
    """How deep a cell's row stands, and its texts without the space that says so."""
    (text, role), *rest = segments(cell)
    bare = text.lstrip(" ")
    return (len(text) - len(bare)) // 2, [(bare, role), *rest]
