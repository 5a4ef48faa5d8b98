"""One record per line, comma-separated, quoted where needed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...diagnostics import Diagnostic
from ..answer import Answer, Page
from ..diagnostics import plain_diagnostics
from ..flat import FlatTable, cell, selected
from . import Writer


class Format(Writer):
    """``--format csv``."""

    suffixes = (".csv",)
    columns = True

    def pieces(self, answer: Answer, page: Page) -> Iterator[str]:
        """The flat table."""
        return csv_lines(selected(answer.table(), page.columns))

    def diagnostics(self, diagnostics: Sequence[Diagnostic], ascii: bool) -> str:
        """One diagnostic a line, its parts behind tabs."""
        return "".join([line + "\n" for line in plain_diagnostics(diagnostics)])


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(table: FlatTable, written: Callable[[Any], str] = cell) -> Iterator[str]:
    """A flat table, line by line; ``written`` writes a cell."""
    writer: Any = csv.writer(_Echo(), lineterminator="\n")
    header, records = table
    yield writer.writerow(header)
    for record in records:
        yield writer.writerow([written(value) for value in record])
