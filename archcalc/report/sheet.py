"""Sheets: what a command answers to a reader, before a format lays it out.

A sheet is a heading and blocks below it. A format is a writer of sheets: it has a method for each
kind of block, and a block calls the one that is meant for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .grid import Cell, Column, Grid
from .lines import Line
from .wrapping import heading, wrapped

if TYPE_CHECKING:
    from .fitting import Content, Fitting
    from .formats import Document

# Columns of the words in the margin before facts.
MARGIN = 11
# Columns of facts and notes at most, where the table does not take more.
WIDEST = 120
# A width in which no fact is broken.
UNBROKEN = 1 << 30


class Space(NamedTuple):
    """The space that a sheet is made for.

    width  columns of the screen; None is as many as the sheet needs
    drawn  it is a screen of characters, on which bars and pictures can be drawn
    """

    width: int | None = None
    drawn: bool = False


# A page of a document: as wide as need be, and without pictures of characters.
PAGE = Space()

# Lines for a width; None is as many as they need.
Lines = Callable[["int | None"], Iterable[Line]]
# Facts in lines of a number of columns at most, each behind a word; none goes on with the one before.
FactsFor = Callable[[int], Iterable[tuple[str, Line]]]


class SheetBlock:
    """A part of a sheet.

    grid   its table; None where it has none
    below  it belongs to the table above it: a document may set it in small type
    """

    grid: Grid | None = None
    below = False

    def lines(self, width: int | None, edge: int) -> Iterable[Line]:
        """The block on a screen of ``width`` columns; ``edge`` is where the tables of its sheet end."""
        raise NotImplementedError

    def written(self, writer: Document) -> Iterable[str]:
        """The block as a writer writes it."""
        raise NotImplementedError


class TableBlock(SheetBlock):
    """A table: heads, rows, feet.

    title  what it shows, where that is not what the sheet shows; ``label`` is a short name for it
    more   what it leaves out, in words
    """

    def __init__(self, grid: Grid, title: str = "", label: str = "", more: str = ""):
        self.grid: Grid = grid
        self.title = title
        self.label = label
        self.more = more

    def lines(self, width: int | None, edge: int) -> Iterator[Line]:
        """The table and the empty line behind it."""
        yield from self.grid.lines()
        if self.more:
            yield [(self.more, "aside")]
        yield []

    def written(self, writer: Document) -> Iterable[str]:
        """The table as a writer writes it."""
        return writer.table(self)


class FactsBlock(SheetBlock):
    """Facts about the whole, each behind a word; they are laid out for a width when asked."""

    below = True

    def __init__(self, lines_for: FactsFor):
        self.lines_for = lines_for

    def lines(self, width: int | None, edge: int) -> Iterator[Line]:
        """The facts, and an empty line behind them if there are any."""
        found = list(self.lines_for(_limit(width, edge) - MARGIN))
        for word, line in found:
            yield [(word.ljust(MARGIN), "aside"), *line]
        if found:
            yield []

    def written(self, writer: Document) -> Iterable[str]:
        """The facts as a writer writes them."""
        return writer.facts(self)


class NotesBlock(SheetBlock):
    """Conventions and the like: notes of parts that are joined by a dot."""

    below = True

    def __init__(self, *notes: Sequence[str]):
        self.notes = [parts for parts in notes if parts]

    def lines(self, width: int | None, edge: int) -> Iterator[Line]:
        """A note on as many lines as it takes."""
        for parts in self.notes:
            for text in wrapped(parts, _limit(width, edge)):
                yield [(text, "aside")]

    def written(self, writer: Document) -> Iterable[str]:
        """The notes as a writer writes them."""
        return writer.notes(self)


class TextBlock(SheetBlock):
    """Lines that stand as they are, sign below sign: workings, drawings, a spec."""

    def __init__(self, lines_for: Lines):
        self.lines_for = lines_for

    def lines(self, width: int | None, edge: int) -> Iterable[Line]:
        """The lines for a width."""
        return self.lines_for(width)

    def written(self, writer: Document) -> Iterable[str]:
        """The lines as a writer writes them."""
        return writer.text(self)


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

    def lines(self, width: int | None) -> Iterator[Line]:
        """The sheet on a screen of ``width`` columns; None is as many as it needs."""
        edge = max([block.grid.width for block in self.blocks if block.grid is not None], default=0)
        if self.headed:
            yield from heading(self.name, self.title, self.aside, edge, width)
            yield []
        for block in self.blocks:
            yield from block.lines(width, edge)


def screen(sheets: Iterable[Sheet], width: int | None) -> Iterator[Line]:
    """Sheets on a screen of ``width`` columns, an empty line between two."""
    for number, sheet in enumerate(sheets):
        if number:
            yield []
        yield from sheet.lines(width)


def _limit(width: int | None, edge: int) -> int:
    """Columns of facts and notes below tables that end at an edge."""
    return max(edge, 80) if width is None else min(width, max(edge, WIDEST))


def fit(
    columns: Sequence[Column], content: Content, space: Space, feet: int = 0, asked: Collection[str] = ()
) -> Fitting:
    """A table as it fits a space: without what can only be drawn, where nothing is, and with what
    its columns give up for want of width.

    feet   how many of the cells of a column stand below the rule
    asked  names of columns that must not go: somebody asked for them
    """
    from .fitting import Fitting

    fitting = Fitting([c for c in columns if space.drawn or not c.drawn], content, feet, asked)
    fitting.fit(space.width)
    return fitting


def segments(cell: Cell) -> Line:
    """The texts of a cell with their roles."""
    return cell if isinstance(cell, list) else [cell]


def indented(cell: Cell) -> tuple[int, Line]:
    """How deep a cell's row stands, and its texts without the space that says so."""
    (text, role), *rest = segments(cell)
    bare = text.lstrip(" ")
    return (len(text) - len(bare)) // 2, [(bare, role), *rest]
