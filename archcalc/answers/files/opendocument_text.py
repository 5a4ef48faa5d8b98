"""LibreOffice's texts: paragraphs, tables, text boxes, numbered lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..sheets.names import QuestionNames
from .document import Contents, ContentsWriter, FileReader
from .numbering import Counter
from .opendocument import DRAW, TABLE, TEXT, OpenDocument, repeated

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class Reader(FileReader):
    """OpenDocument's .odt. Its XML is plain enough to be read without a library, and of those that there are
    none is both small and maintained."""

    suffixes = (".odt",)
    kind = "OpenDocument text"
    reads = "paragraphs with the numbers of lists, tables, text boxes; no deleted text"
    library = "defusedxml"

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        found = _Text(OpenDocument(data, self.kind))
        found.blocks(found.content.body)
        found.content.asides(found.sheet)
        return found.sheet.contents()


class _Text:
    """Walks through a text."""

    def __init__(self, content: OpenDocument):
        self.content = content
        self.sheet = ContentsWriter()
        self.number = 0

    def blocks(self, parent: Element, style: str = "", level: int = -1) -> None:
        for child in parent:
            if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                self.paragraph(child)
            elif child.tag == f"{TEXT}list":
                self.items(child, child.get(f"{TEXT}style-name", style), level + 1)
            elif child.tag == f"{TABLE}table":
                number = self.sheet.frames + len(self.sheet.tables) + 1
                self.sheet.table(
                    (f"table {number}, row {at}", [cell for one in row for cell in self.cells(one)])
                    for at, row in enumerate(child.iter(f"{TABLE}table-row"), 1)
                )
            elif child.tag in (f"{TEXT}section", f"{TEXT}index-body", f"{DRAW}frame", f"{DRAW}text-box"):
                self.blocks(child)

    def items(self, element: Element, style: str, level: int) -> None:
        """The items of a list, each with its number."""
        goes_on = element.get(f"{TEXT}continue-numbering") == "true" or element.get(f"{TEXT}continue-list")
        if level == 0 and not goes_on:
            self.content.counter = Counter()
        for item in element:
            label = self.content.label(style, level) if item.tag == f"{TEXT}list-item" else ""
            for child in item:
                if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                    self.paragraph(child, label)
                    label = ""
                elif child.tag == f"{TEXT}list":
                    self.items(child, child.get(f"{TEXT}style-name", style), level + 1)

    def paragraph(self, element: Element, label: str = "") -> None:
        self.number += 1
        text = self.content.text(element)
        self.sheet.line(f"{label} {text}" if label and text.strip() else text, f"paragraph {self.number}")
        for frame in element.iter(f"{DRAW}text-box"):
            self.blocks(frame)

    def cells(self, cell: Element) -> list[str]:
        """The text of a cell, as often as it stands there."""
        if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            return []
        lines = [self.content.text(one) for one in cell.iter() if one.tag in (f"{TEXT}p", f"{TEXT}h")]
        text = "\n".join([line for line in lines if line.strip()])
        return [text] * repeated(cell.get(f"{TABLE}number-columns-repeated", "1"), 100)
