"""A table with what stands above and below it, before a screen, Markdown or LaTeX lays it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from .grid import Cell, Grid
from .lines import Line
from .wrapping import heading, wrapped

# Columns of the words in the margin before facts.
MARGIN = 11
# Columns of facts and notes at most, where the table does not take more.
WIDEST = 120
# Room in which no fact is broken.
UNBROKEN = 1 << 30

# Facts in lines of so many columns at most, each behind a word; none goes on with the one before.
Facts = Callable[[int], Iterable[tuple[str, Line]]]


class Sheet:
    """What one table says.

    name   of what it is about
    title  what that is, or what the table shows
    aside  where it is from, or what goes in
    label  a short name for the table itself: ``summary``, ``rf``
    grid   heads, rows, feet
    facts  lines about the whole, laid out for a width when asked
    notes  the conventions behind it and the like, in parts to be joined
    """

    def __init__(
        self,
        name: str,
        title: str,
        aside: str,
        label: str,
        grid: Grid,
        notes: Sequence[Sequence[str]],
        facts: Facts = lambda width_left: (),
    ):
        self.name = name
        self.title = title
        self.aside = aside
        self.label = label
        self.grid = grid
        self.facts = facts
        self.notes = [parts for parts in notes if parts]

    @property
    def caption(self) -> str:
        """The heading in a line."""
        return ": ".join([part for part in (self.name, self.title) if part])


def screen(sheet: Sheet, width: int | None, headed: bool = True) -> Iterator[Line]:
    """A sheet on a terminal of so many columns; None is as wide as it comes."""
    grid = sheet.grid
    if headed:
        yield from heading(sheet.name, sheet.title, sheet.aside, grid.width, width)
        yield []
    yield from grid.lines()
    yield []
    limit = max(grid.width, 80) if width is None else min(width, max(grid.width, WIDEST))
    facts = list(sheet.facts(limit - MARGIN))
    for word, line in facts:
        yield [(word.ljust(MARGIN), "aside"), *line]
    if facts:
        yield []
    for parts in sheet.notes:
        for text in wrapped(parts, limit):
            yield [(text, "aside")]


def segments(cell: Cell) -> Line:
    """The texts of a cell with their roles."""
    return cell if isinstance(cell, list) else [cell]


def indented(cell: Cell) -> tuple[int, Line]:
    """How deep a cell's row stands, and its texts without the space that says so."""
    (text, role), *rest = segments(cell)
    bare = text.lstrip(" ")
    return (len(text) - len(bare)) // 2, [(bare, role), *rest]
