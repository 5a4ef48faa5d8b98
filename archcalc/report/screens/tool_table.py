"""A summary as another tool prints it, for a reader who holds both side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from ...analysis.summary import Summary
from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import Line, clean_line
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, Space, TableBlock, TextBlock


class Total(NamedTuple):
    """A line below the table: its key in JSON, its words, the number, and what is printed of it."""

    key: str
    words: str
    value: int
    printed: str


class OtherToolTable:
    """The summary of a network as another tool prints it, made without the tool. A subclass is one
    tool; all shapes are as it writes them.

    tool     what it is called
    fields   names of what a record holds, for plain text, CSV and JSON
    records  one record per row of the tool's table
    heads    the heads of its table, and which of them stand at the right
    totals   what it says below
    notes    where the tool itself does something else, in sentences
    """

    tool: str
    fields: Sequence[str]
    heads: Sequence[tuple[str, bool]]

    def __init__(self, summary: Summary):
        self.summary = summary
        self.name = clean_line(summary.graph.metadata.name)
        self.records: list[list[Any]] = []
        self.totals: list[Total] = []
        self.notes: list[str] = []

    def lines(self, space: Space) -> Iterator[Line]:
        """The tool's own screen; where no width is set, as wide as the tool likes."""
        raise NotImplementedError

    def cells(self, record: Sequence[Any]) -> list[str]:
        """A row of the tool's table, in its words."""
        raise NotImplementedError

    def table(self) -> FlatTable:
        """The records alone."""
        return list(self.fields), iter(self.records)

    def sheets(self, space: Space = PAGE) -> list[Sheet]:
        """The tool's own screen; for a document its table, with the totals below it."""
        title = f"as {self.tool} prints it"
        if space.drawn:
            return [Sheet(self.name, title, "", "summary", TextBlock(self.lines), headed=False)]
        rows: list[list[Cell]] = [[(text, "") for text in self.cells(record)] for record in self.records]
        grid = Grid([Column(head, right) for head, right in self.heads], rows)
        facts: list[tuple[str, Line]] = [(total.words, [(total.printed, "")]) for total in self.totals]
        below = FactsBlock(lambda space: facts)
        return [Sheet(self.name, title, "", "summary", TableBlock(grid), below, NotesBlock(self.notes))]


# What --like takes.
TOOLS = ("keras", "torchinfo")


def as_other_tool(summary: Summary, tool: str) -> OtherToolTable:
    """Return the summary of a tool, one of TOOLS, for a network. Raises ValueError for any other."""
    if tool not in TOOLS:
        raise ValueError(f"no tool {tool!r}; there are {', '.join(TOOLS)}")
    file = import_module(f".like_{tool}", __package__)
    made: OtherToolTable = getattr(file, tool.capitalize())(summary)
    return made


def camel(name: str) -> str:
    """``channel_shuffle`` as ChannelShuffle: the class of a layer that a tool has no word for."""
    return "".join([part[:1].upper() + part[1:] for part in name.split("_")])
