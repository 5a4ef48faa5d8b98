"""Plain text, Markdown, CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..sheets.decoding import decoded
from ..sheets.given import answer_text
from ..sheets.names import QuestionNames
from ..sheets.tables import SheetRow
from .document import MOST_CELLS, Contents, FileReader


class Reader(FileReader):
    """Files of text. Their tables are found in the text; those of JSON are lists of records."""

    suffixes = (".txt", ".md", ".markdown", ".csv", ".tsv", ".json")
    kind = "text file"
    reads = "lines, tables, lists of records (JSON)"

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        text = decoded(data)
        start = text.lstrip()[:1]
        return Contents(text, tables=tuple(_tables(text)) if start == "[" else ())


def _tables(text: str) -> Iterator[tuple[SheetRow, ...]]:
    """The tables of a JSON text that is a list of records, or of such lists, as platforms export it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    lists = found if all(isinstance(one, list) for one in found) else [found]
    for records in lists:
        if not records or not all(isinstance(one, dict) for one in records):
            continue
        head = list(dict.fromkeys([key for record in records for key in record]))
        if len(head) * len(records) <= MOST_CELLS:
            rows = [head, *[[answer_text(record.get(key)) for key in head] for record in records]]
            yield tuple([SheetRow(number, tuple(row)) for number, row in enumerate(rows, 1)])
