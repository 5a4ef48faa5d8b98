"""Excel's sheets: cells as they were typed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from ..sheets import Fault
from ..sheets.names import QuestionNames
from .amounts import MADE_A_DATE, date_text, shown_number
from .document import Contents, ContentsWriter, FileError, FileReader
from .limits import opened_zip, parsed_xml

_TEXT = re.compile(r"xl/(?:drawings/drawing|comments|threadedComments/threadedComment)[^/]*\.xml")
# Cells of a file, at most: a class of thousands, and some ten seconds.
MOST_CELLS = 400_000
_ARITHMETIC = re.compile(r"=[\d\s.+\-*/^()]+")


class Reader(FileReader):
    """Excel's .xlsx, with openpyxl."""

    suffixes = (".xlsx", ".xlsm")
    kind = "Excel file"
    reads = (
        "every visible sheet, numbers in full precision with the unit or the percent sign of "
        "their format, the values of formulas"
    )
    library = "openpyxl"

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        archive = opened_zip(data, self.kind)
        members = archive.namelist()
        sheets = [name for name in members if name.startswith("xl/worksheets/")]
        for name in members:
            if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(name)[:2048]:
                raise FileError("its XML declares entities, which no program writes")
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        formulas = None
        if any(b"<f" in archive.read(name) for name in sheets):
            formulas = load_workbook(io.BytesIO(data), read_only=True)
        found = ContentsWriter()
        for sheet in book.worksheets:
            rows = list(_rows(sheet, formulas[sheet.title] if formulas is not None else None, found))
            if sheet.sheet_state != "visible":
                words = "; ".join(
                    [", ".join(filter(None, [text for text, _ in row])) for _, row in rows if row]
                )
                found.faults.append(Fault(sheet.title, "the sheet is hidden, and is not read", words))
                continue
            _table(sheet.title if len(book.worksheets) > 1 else "", rows, found)
        for name in members:
            if _TEXT.fullmatch(name):
                texts = [one.text for one in parsed_xml(archive.read(name)).iter() if one.tag.endswith("}t")]
                for text in filter(None, texts):
                    found.aside.append(Fault("beside the cells", "it answers no question", text))
        pictures = sum(name.startswith("xl/media/") for name in members)
        if pictures:
            found.aside.append(Fault("the file", f"{pictures} pictures are not read"))
        return found.contents()


# A cell: its text, and why that is not what was typed.
TypedCell = tuple[str, str]


def _table(title: str, rows: list[tuple[int, list[TypedCell]]], found: ContentsWriter) -> None:
    """A sheet as a table."""
    above = f"{title}, " if title else ""

    def placed() -> Iterator[tuple[str, list[str]]]:
        for number, row in rows:
            for text, why in row:
                if why:
                    found.doubt(text, why)
            yield f"{above}row {number}", [text for text, _ in row]

    found.table(placed())


def _rows(sheet: Any, formulas: Any, found: ContentsWriter) -> Iterator[tuple[int, list[TypedCell]]]:
    """The rows of a sheet that hold something, with their numbers. Raises FileError for too many."""
    sheet.reset_dimensions()
    behind = iter(())
    if formulas is not None:
        formulas.reset_dimensions()
        behind = formulas.iter_rows()
    cells = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells += len(row) + 1
        if cells > MOST_CELLS:
            raise FileError(f"it has more than {MOST_CELLS:,} cells: save it as CSV")
        written = next(behind, ())
        texts = [_text(cell, written[at] if at < len(written) else None) for at, cell in enumerate(row)]
        while texts and not texts[-1][0]:
            texts.pop()
        if texts:
            yield number, texts


def _text(cell: Any, written: Any) -> TypedCell:
    """A cell as it was typed."""
    value = cell.value
    if value is None:
        formula = getattr(written, "value", None)
        formula = str(getattr(formula, "text", formula) or "")
        if not formula.startswith("="):
            return "", ""
        if _ARITHMETIC.fullmatch(formula):
            return formula[1:], ""
        return formula, "it is a formula, and its value is not in the file"
    if isinstance(value, bool):
        return str(value).upper(), ""
    if isinstance(value, (int, float)):
        return shown_number(value, str(cell.number_format or "")), ""
    if isinstance(value, str):
        return value, ""
    return date_text(value), MADE_A_DATE
