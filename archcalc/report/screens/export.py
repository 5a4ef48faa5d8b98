"""A network's source for another tool, line by line."""

from __future__ import annotations

from ...graph import Graph
from ..flat import FlatTable
from ..lines import clean, clean_line
from ..sheet import Sheet, TextBlock


def export_table(source: str) -> FlatTable:
    """One record per line."""
    return ["line", "text"], ([number, line] for number, line in enumerate(source.splitlines(), 1))


def export_sheets(graph: Graph, tool: str, source: str) -> list[Sheet]:
    """The source as it stands."""
    lines = TextBlock(lambda width: [[(clean(line), "")] for line in source.splitlines()])
    name = clean_line(graph.metadata.name)
    return [Sheet(name, f"for {tool}", "", "source", lines, headed=False)]
