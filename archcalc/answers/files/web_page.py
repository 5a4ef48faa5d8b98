"""HTML: what editors and platforms export, with its tables and numbered lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..sheets import Fault
from ..sheets.decoding import LARGEST, decoded
from ..sheets.names import QuestionNames
from .document import Contents, ContentsWriter, FileError, FileReader
from .limits import DEEPEST
from .numbering import FORMS, number_label

if TYPE_CHECKING:
    from bs4.element import Tag

_BLOCKS = frozenset(
    """p div section article header footer main h1 h2 h3 h4 h5 h6 li ul ol dl dt dd blockquote pre form
    fieldset figure figcaption body html tr caption label""".split()
)
_SKIPPED = frozenset(("script", "style", "head", "title", "template", "noscript"))
_SPACES = re.compile(r"[ \t\r\n\f]+")
_CELLS = ("td", "th")


class Reader(FileReader):
    """HTML, with Beautiful Soup."""

    suffixes = (".html", ".htm", ".xhtml")
    kind = "HTML page"

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        if len(data) > LARGEST:
            raise FileError(f"it is larger than {LARGEST // 2**20} MiB")
        text = decoded(data)
        if text.count("<table") > 2000 or text.count("<!") > 20_000:
            raise FileError("it has more marks than a sheet has")
        from bs4 import BeautifulSoup

        page = BeautifulSoup(text, "html.parser")
        found = _Page()
        found.walk(page, 0)
        found.end()
        pictures = len(page.find_all("img"))
        if pictures:
            found.sheet.aside.append(Fault("the page", f"{pictures} pictures are not read"))
        return found.sheet.document()


class _Page:
    """Walks through a page and ends lines where blocks end."""

    def __init__(self, within: bool = False) -> None:
        self.within = within  # a cell: one that is not closed holds the next
        self.sheet = ContentsWriter()
        self.words: list[str] = []
        self.number = 0
        self.items: dict[int, int] = {}  # of numbered lists

    def end(self) -> None:
        """End a line."""
        text = "".join(self.words).strip()
        self.words.clear()
        for line in text.split("\n"):
            if line.strip():
                self.number += 1
                self.sheet.line(line.strip(), f"paragraph {self.number}")

    def walk(self, parent: Tag, depth: int) -> None:
        from bs4.element import NavigableString, PreformattedString, Tag

        if depth > DEEPEST:
            raise FileError(f"its marks are more than {DEEPEST} deep")
        for child in parent.children:
            if isinstance(child, NavigableString):
                if not isinstance(child, PreformattedString):
                    pre = parent.name in ("pre", "textarea")
                    self.words.append(str(child) if pre else _SPACES.sub(" ", str(child)))
            elif isinstance(child, Tag) and child.name not in _SKIPPED:
                self.element(child, depth)

    def element(self, child: Tag, depth: int) -> None:
        name = child.name
        if self.within and name in (*_CELLS, "tr"):
            return
        if name == "table" and child.find("table") is None:
            self.end()
            number = len(self.sheet.tables) + 1
            rows = []
            for at, row in enumerate(child.find_all("tr"), 1):
                cells = [cell for cell in row.find_all(_CELLS) if cell.find_parent("tr") is row]
                rows.append((f"table {number}, row {at}", [text for cell in cells for text in _texts(cell)]))
            caption = child.find("caption")
            if caption is not None:
                self.sheet.line(_SPACES.sub(" ", caption.get_text()).strip(), f"table {number}")
            self.sheet.table(rows)
            return
        if name == "br":
            self.words.append("\n")
        elif name == "input" and str(child.get("type", "text")) in ("text", "number"):
            self.words.append(f" {child.get('value', '')} ")
        elif name == "sup":
            self.words.append("^")
        block = name in _BLOCKS
        if block:
            self.end()
        if name == "ol":
            start = str(child.get("start", "1"))
            self.items[id(child)] = int(start) - 1 if start.isdecimal() and len(start) < 6 else 0
        if name == "li" and id(child.parent) in self.items and child.parent is not None:
            self.items[id(child.parent)] += 1
            form = FORMS.get(str(child.parent.get("type", "1")), "decimal")
            self.words.append(number_label(self.items[id(child.parent)], form) + ". ")
        self.walk(child, depth + 1)
        if block or name in ("td", "th", "table"):
            self.end()


def _texts(cell: Tag) -> list[str]:
    """The text of a cell, and blanks for the columns that it spans beside its own."""
    inner = _Page(within=True)
    inner.walk(cell, 0)
    inner.end()
    span = str(cell.get("colspan", "1"))
    more = min(int(span), 100) - 1 if span.isdecimal() and len(span) < 6 else 0
    return ["\n".join(inner.sheet.lines), *[""] * more]
