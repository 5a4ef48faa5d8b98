"""LibreOffice's sheets: cells as they were typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..sheets import Fault
from ..sheets.names import QuestionNames
from .amounts import MADE_A_DATE, shown_number
from .document import Contents, ContentsWriter, FileReader
from .opendocument import OFFICE, STYLE, TABLE, TEXT, OpenDocument, repeated

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Rows and cells that are the same and hold something, at most.
_MOST = 1000


class Reader(FileReader):
    """OpenDocument's .ods."""

    suffixes = (".ods",)
    kind = "OpenDocument sheet"
    reads = "the same"
    library = "defusedxml"

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        content = OpenDocument(data, self.kind)
        found = ContentsWriter()
        hidden = {
            style.get(f"{STYLE}name")
            for style in content.root.iter(f"{STYLE}style")
            if any(one.get(f"{TABLE}display") == "false" for one in style.iter(f"{STYLE}table-properties"))
        }
        tables = list(content.body.iter(f"{TABLE}table"))
        for table in tables:
            name = table.get(f"{TABLE}name", "")
            if table.get(f"{TABLE}style-name") in hidden:
                words = " ".join(" ".join(table.itertext()).split())
                found.faults.append(Fault(name, "the sheet is hidden, and is not read", words))
                continue
            found.table(self.rows(content, table, f"{name}, " if len(tables) > 1 else "", found))
        content.asides(found)
        return found.contents()

    def rows(
        self, content: OpenDocument, table: Element, above: str, found: ContentsWriter
    ) -> Iterator[tuple[str, list[str]]]:
        number = 0
        for row in table.iter(f"{TABLE}table-row"):
            times = repeated(row.get(f"{TABLE}number-rows-repeated", "1"), 2**20)
            cells: list[str] = []
            doubts: list[str] = []
            for cell in row:
                if cell.tag in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                    text, doubted = _text(content, cell)
                    most = _MOST if text else 2**14
                    cells += [text] * repeated(cell.get(f"{TABLE}number-columns-repeated", "1"), most)
                    doubts += [text] * doubted
            while cells and not cells[-1]:
                cells.pop()
            for at in range(min(times, _MOST) if cells else 0):
                for text in doubts:
                    found.doubt(text, MADE_A_DATE)
                yield f"{above}row {number + at + 1}", cells
            number += times


def _text(content: OpenDocument, cell: Element) -> tuple[str, bool]:
    """A cell as it was typed, and whether a date was made of it."""
    kind = cell.get(f"{OFFICE}value-type", "")
    lines = [content.text(one) for one in cell if one.tag in (f"{TEXT}p", f"{TEXT}h")]
    shown = "\n".join([line for line in lines if line.strip()])
    value = cell.get(f"{OFFICE}value", "")
    if kind in ("date", "time"):
        return shown or cell.get(f"{OFFICE}{kind}-value", ""), True
    if kind in ("float", "percentage", "currency") and value:
        number = float(value)
        if kind == "percentage":
            return shown_number(number, "0%"), False
        power = len(shown.upper().partition("E")[0].partition(".")[2]) if "E+" in shown.upper() else -1
        unit = shown.lstrip("0123456789.,'’ \u00a0\u202f+-")
        if power >= 0:
            return shown_number(number, f"0{'.' * bool(power)}{'0' * power}E+00"), False
        return shown_number(number, f'0 "{unit}"' if unit and '"' not in unit else ""), False
    return shown, False
