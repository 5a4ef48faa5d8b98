"""A summary as another tool prints it, for a reader who holds both side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


class LikeOptions(NamedTuple):
    """How a tool prints its table.

    depth     how far modules are opened; None: as far as the tool does by itself
    columns   the tool's names of its columns; None: those that it has by itself
    settings  torchinfo's settings of rows
    show_trainable  Keras: whether each layer is trained
    line_length  Keras: columns of its table
    expand_nested  Keras: whether blocks are models within the model, and what is inside is shown
    optimizer  Keras: what trains, where what it holds is counted: the optimizer of the summary
    """

    depth: int | None = None
    columns: tuple[str, ...] | None = None
    settings: tuple[str, ...] | None = None
    show_trainable: bool = False
    line_length: int | None = None
    expand_nested: bool = False
    optimizer: str | None = None


class OtherToolTable:
    """The summary of a network as another tool prints it, made without the tool. A subclass is one
    tool; all shapes are as it writes them.

    tool     what it is called
    fields   names of what a record holds, for plain text, CSV and JSON
    records  one record per row of the tool's table
    heads    the heads of its table, and which of them stand at the right
    totals   what it says below
    notes    where the tool itself does something else, in sentences
    version  which one of its versions is imitated
    options  what of LikeOptions it has
    """

    tool: str
    version: str
    options: Sequence[str] = ()
    fields: Sequence[str]
    heads: Sequence[tuple[str, bool]]

    def __init__(self, summary: Summary, how: LikeOptions):
        self.summary = summary
        self.how = how
        self.name = clean_line(summary.graph.metadata.name)
        self.records: list[list[Any]] = []
        self.totals: list[Total] = []
        self.notes: list[str] = []

    @property
    def imitated(self) -> str:
        """Which tool's table it is."""
        return f"as {self.tool} {self.version} prints it"

    def lines(self, space: Space) -> Iterator[Line]:
        """The tool's own screen; where no width is set, as wide as the tool likes."""
        raise NotImplementedError

    def cells(self, record: Sequence[Any]) -> list[str]:
        """A row of the tool's table, in its words."""
        raise NotImplementedError

    def texts(self) -> Iterable[list[str]]:
        """The rows of the tool's table, in its words."""
        return map(self.cells, self.records)

    def table(self) -> FlatTable:
        """The records alone."""
        return list(self.fields), iter(self.records)

    def sheets(self, space: Space = PAGE) -> list[Sheet]:
        """The tool's own screen; for a document its table, with the totals below it."""
        title = self.imitated
        if space.drawn:
            return [Sheet(self.name, title, "", "summary", TextBlock(self.lines), headed=False)]
        rows: list[list[Cell]] = [[(text, "") for text in texts] for texts in self.texts()]
        grid = Grid([Column(head, right) for head, right in self.heads], rows)
        facts: list[tuple[str, Line]] = [(total.words, [(total.printed, "")]) for total in self.totals]
        below = FactsBlock(lambda space: facts)
        return [Sheet(self.name, title, "", "summary", TableBlock(grid), below, NotesBlock(self.notes))]


# What --like takes: the file and the class of each.
TOOLS = {
    "fvcore": ("like_fvcore", "Fvcore"),
    "keras": ("like_keras", "Keras"),
    "torchinfo": ("like_torchinfo", "Torchinfo"),
    "torchinfo-main": ("like_torchinfo", "TorchinfoMain"),
}


def as_other_tool(summary: Summary, tool: str, how: LikeOptions | None = None) -> OtherToolTable:
    """Return the summary of a tool, one of TOOLS, for a network. Raises ValueError for any other, and for
    an option that the tool has not."""
    if tool not in TOOLS:
        raise ValueError(f"no tool {tool!r}; there are {', '.join(TOOLS)}")
    how = how or LikeOptions()
    lacking = unknown_option(tool, how)
    if lacking:
        raise ValueError(f"{tool} has no {lacking.replace('_', ' ')}")
    return _table_of(tool)(summary, how)


def unknown_option(tool: str, how: LikeOptions) -> str:
    """Return the first option that was given and a tool has not; nothing if there is none."""
    given = [name for name, value in how._asdict().items() if value != LikeOptions._field_defaults[name]]
    return next((name for name in given if name not in _table_of(tool).options), "")


def _table_of(tool: str) -> type[OtherToolTable]:
    file, name = TOOLS[tool]
    kind: type[OtherToolTable] = getattr(import_module(f".{file}", __package__), name)
    return kind


def camel(name: str) -> str:
    """``channel_shuffle`` as ChannelShuffle: the class of a layer that a tool has no word for."""
    return "".join([part[:1].upper() + part[1:] for part in name.split("_")])
