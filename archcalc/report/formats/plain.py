"""One record per line, tab-separated: for pipes and screen readers, and for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...diagnostics import Diagnostic
from ..answer import Answer, Page
from ..diagnostics import plain_diagnostics
from ..flat import FlatTable, cell, selected
from . import Writer


class Format(Writer):
    """``--format plain``."""

    columns = True

    def pieces(self, answer: Answer, page: Page) -> Iterator[str]:
        """The flat table."""
        return plain_lines(selected(answer.table(), page.columns))

    def diagnostics(self, diagnostics: Sequence[Diagnostic], ascii: bool) -> str:
        """One diagnostic a line, its parts behind tabs."""
        return "".join([line + "\n" for line in plain_diagnostics(diagnostics)])


def plain_lines(table: FlatTable) -> Iterator[str]:
    """A flat table, line by line."""
    header, records = table
    yield "\t".join(header) + "\n"
    for record in records:
        yield "\t".join([cell(value) for value in record]) + "\n"
