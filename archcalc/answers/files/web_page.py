"""HTML: what editors and platforms export, with its tables and numbered lists."""

from __future__ import annotations

import re
from typing import Any

from ..sheets import Fault
from ..sheets.decoding import LARGEST, decoded
from ..sheets.names import QuestionNames
from .document import Contents, ContentsWriter, FileError, FileReader
from .limits import DEEPEST
from .numbering import FORMS, number_label

_BLOCKS = frozenset(
    """p div section article header footer main h1 h2 h3 h4 h5 h6 li ul ol dl dt dd blockquote pre form
    fieldset figure figcaption body html tr td th table caption label hr""".split()
)
_SKIPPED = frozenset(("script", "style", "head", "title", "template", "noscript"))
_CELLS = ("td", "th")
_SPACES = re.compile(r"[ \t\r\n\f]+")
# Elements of a page, at most.
MOST_ELEMENTS = 1_000_000


class Reader(FileReader):
    """HTML, with lxml, whose parser of broken pages takes no longer for them than for sound ones."""

    suffixes = (".html", ".htm", ".xhtml")
    kind = "HTML page"
    reads = "paragraphs, numbered lists, tables, filled-in fields"
    library = "lxml"

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        if len(data) > LARGEST:
            raise FileError(f"it is larger than {LARGEST // 2**20} MiB")
        text = decoded(data)
        if text.count("<") > MOST_ELEMENTS:
            raise FileError(f"it has more than {MOST_ELEMENTS:,} marks")
        from lxml import html

        if not text.strip():
            raise FileError("there is no text in it")
        page = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
        found = _Page()
        found.walk(page, 0)
        found.end()
        pictures = sum(1 for _ in page.iter("img"))
        if pictures:
            found.sheet.aside.append(Fault("the page", f"{pictures} pictures are not read"))
        return found.sheet.contents()


class _Page:
    """Walks through a page and ends lines where blocks end."""

    def __init__(self) -> None:
        self.sheet = ContentsWriter()
        self.words: list[str] = []
        self.number = 0
        self.items: list[int] = []  # of the numbered lists around

    def end(self) -> None:
        """End a line."""
        text = "".join(self.words).strip()
        self.words.clear()
        for line in text.split("\n"):
            if line.strip():
                self.number += 1
                self.sheet.line(line.strip(), f"paragraph {self.number}")

    def add(self, text: str | None, kept: bool) -> None:
        """Add words; ``kept`` with their ends of lines."""
        if text:
            self.words.append(text if kept else _SPACES.sub(" ", text))

    def walk(self, parent: Any, depth: int, kept: bool = False) -> None:
        """Take what stands in an element."""
        if depth > DEEPEST:
            raise FileError(f"its marks are more than {DEEPEST} deep")
        self.add(parent.text, kept)
        for child in parent:
            if isinstance(child.tag, str) and child.tag not in _SKIPPED:
                self.element(child, depth, kept or child.tag in ("pre", "textarea"))
            self.add(child.tail, kept)

    def element(self, child: Any, depth: int, kept: bool) -> None:
        name = child.tag
        if name == "table" and next(child.iterdescendants("table"), None) is None:
            self.end()
            self.table(child)
            return
        if name == "br":
            self.words.append("\n")
        elif name == "input" and child.get("type", "text") in ("text", "number"):
            self.words.append(f" {child.get('value', '')} ")
        elif name == "sup":
            self.words.append("^")
        block = name in _BLOCKS
        if block:
            self.end()
        parent = child.getparent()
        if name == "ol":
            start = child.get("start", "1")
            self.items.append(int(start) - 1 if start.isdecimal() and len(start) < 6 else 0)
        elif name == "li" and parent is not None and parent.tag == "ol" and self.items:
            self.items[-1] += 1
            form = FORMS.get(parent.get("type", "1"), "decimal")
            self.words.append(number_label(self.items[-1], form) + ". ")
        self.walk(child, depth + 1, kept)
        if name == "ol":
            self.items.pop()
        if block:
            self.end()

    def table(self, element: Any) -> None:
        """Take a table that holds no other."""
        number = self.sheet.frames + len(self.sheet.tables) + 1
        for caption in element.iter("caption"):
            self.sheet.line(_SPACES.sub(" ", caption.text_content()).strip(), f"table {number}")
        rows = []
        for at, row in enumerate(element.iter("tr"), 1):
            cells = [text for cell in row if cell.tag in _CELLS for text in _texts(cell)]
            rows.append((f"table {number}, row {at}", cells))
        self.sheet.table(rows)


def _texts(cell: Any) -> list[str]:
    """The text of a cell, and blanks for the columns that it spans beside its own."""
    inner = _Page()
    inner.walk(cell, 0)
    inner.end()
    span = cell.get("colspan", "1")
    more = min(int(span), 100) - 1 if span.isdecimal() and len(span) < 6 else 0
    return ["\n".join(inner.sheet.lines), *[""] * more]
