"""One record per line, tab-separated: for pipes and screen readers, and for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator

from ..answer import Answer, Page
from ..flat import FlatTable, cell, selected
from . import Writer


class Format(Writer):
    """``--format plain``."""

    columns = True

    def pieces(self, answer: Answer, page: Page) -> Iterator[str]:
        """The flat table."""
        return plain_lines(selected(answer.table(), page.columns))


def plain_lines(table: FlatTable) -> Iterator[str]:
    """A flat table, line by line."""
    header, records = table
    yield "\t".join(header) + "\n"
    for record in records:
        yield "\t".join([cell(value) for value in record]) + "\n"
