"""OpenDocument, as LibreOffice writes it: its XML, and what texts and sheets have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..sheets import Fault
from .document import ContentsWriter, FileError
from .limits import member, opened_zip, parsed_xml
from .numbering import FORMS, Counter, number_label

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
OFFICE, TEXT, TABLE, DRAW, STYLE = (_NS % name for name in ("office", "text", "table", "drawing", "style"))
_SKIPPED = (f"{TEXT}tracked-changes", f"{OFFICE}annotation", f"{TEXT}note", f"{OFFICE}forms")
# Blanks and repeated cells, at most.
_MOST = 1000


class OpenDocument:
    """The content of a file: its XML, and the styles that raise text or number lists."""

    def __init__(self, data: bytes, kind: str):
        archive = opened_zip(data, kind)
        names = archive.namelist()
        if "content.xml" not in names:
            raise FileError(f"it is no {kind}")
        if b"encryption-data" in member(archive, "META-INF/manifest.xml"):
            raise FileError("it is locked with a password")
        self.root = parsed_xml(archive.read("content.xml"))
        styles = member(archive, "styles.xml")
        self.raised: set[str] = set()
        self.forms: dict[str, dict[int, tuple[str, str, int]]] = {}
        for root in (parsed_xml(styles), self.root) if styles else (self.root,):
            self._styles(root)
        self.pictures = sum(name.startswith("Pictures/") for name in names)
        self.counter = Counter()

    def _styles(self, root: Element) -> None:
        for style in root.iter(f"{STYLE}style"):
            for properties in style.iter(f"{STYLE}text-properties"):
                position = properties.get(f"{STYLE}text-position", "")
                if position.startswith("super") or (position[:1].isdigit() and not position.startswith("0")):
                    self.raised.add(style.get(f"{STYLE}name", ""))
        for style in root.iter(f"{TEXT}list-style"):
            levels = self.forms.setdefault(style.get(f"{STYLE}name", ""), {})
            for level in style.iter(f"{TEXT}list-level-style-number"):
                form = level.get(f"{STYLE}num-format", "")
                start = level.get(f"{TEXT}start-value", "1")
                levels[repeated(level.get(f"{TEXT}level", "1"), 10) - 1] = (
                    FORMS.get(form, form),
                    level.get(f"{STYLE}num-suffix", "."),
                    int(start) if start.isdecimal() and len(start) < 6 else 1,
                )

    @property
    def body(self) -> Element:
        """What stands in the file. Raises FileError where nothing does."""
        found = self.root.find(f"{OFFICE}body")
        if found is None or not len(found):
            raise FileError("there is nothing in it")
        return found[0]

    def text(self, element: Element) -> str:
        """The text of a paragraph; what is raised stands behind `^`."""
        return "".join(self._pieces(element))

    def _pieces(self, element: Element) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            tag = child.tag
            if tag == f"{TEXT}s":
                yield " " * repeated(child.get(f"{TEXT}c", "1"), _MOST)
            elif tag == f"{TEXT}tab":
                yield "\t"
            elif tag == f"{TEXT}line-break":
                yield "\n"
            elif tag not in _SKIPPED and not tag.startswith(DRAW):
                inner = "".join(self._pieces(child))
                up = child.get(f"{TEXT}style-name", "") in self.raised and inner.strip()
                yield f"^{inner}" if up else inner
            yield child.tail or ""

    def asides(self, found: ContentsWriter) -> None:
        """Hand on remarks, notes and pictures, which are not read."""
        for tag, kind in ((f"{OFFICE}annotation", "a comment"), (f"{TEXT}note", "a note")):
            for one in self.root.iter(tag):
                text = " ".join(" ".join(one.itertext()).split())
                found.aside.append(Fault(kind, "it answers no question", text))
        if self.pictures:
            found.aside.append(Fault("the file", f"{self.pictures} pictures are not read"))

    def label(self, style: str, level: int) -> str:
        """The number of the next item of a list; empty for one with a bullet."""
        form, suffix, start = self.forms.get(style, {}).get(level, ("", "", 1))
        numbers = self.counter.next(style, level, start)
        return number_label(numbers[-1], form) + (suffix or ".") if form else ""


def repeated(text: str, most: int) -> int:
    """How often something is repeated, at most ``most`` times."""
    return min(int(text), most) if text.isdecimal() and len(text) < 10 else 1 if len(text) < 10 else most
