"""Word documents: paragraphs, tables, text boxes, and the numbers that Word writes itself."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from ..sheets import Fault
from ..sheets.names import QuestionNames
from .document import Contents, ContentsWriter, FileError, FileReader
from .limits import opened_zip, parsed_xml
from .numbering import Counter, number_label

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
# What was deleted, and what stands there a second time for older programs.
_SKIPPED = (f"{_W}del", f"{_W}moveFrom", f"{_CHOICE}Fallback", f"{_W}pPr", f"{_W}instrText")
# Parts of a document that stand beside its text.
_BESIDE = re.compile(r"word/(header|footer|footnote|endnote|comment)s?\d*\.xml")
MOST_PARAGRAPHS = 20_000
_LEVEL = re.compile(r"%(\d)")


class Reader(FileReader):
    """Word's .docx, with python-docx."""

    suffixes = (".docx", ".docm")
    kind = "Word document"
    reads = "paragraphs with the numbers of lists, tables, text boxes, equations; no deleted text"
    library = "python-docx"

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        archive = opened_zip(data, self.kind)
        marks = archive.read("word/document.xml") if "word/document.xml" in archive.namelist() else b""
        if marks.count(b"<w:p>") + marks.count(b"<w:p ") > MOST_PARAGRAPHS:
            raise FileError(f"it has more than {MOST_PARAGRAPHS:,} paragraphs")
        import docx

        package = docx.Document(io.BytesIO(data))
        found = _Word(package)
        found.blocks(package.element.body)
        pictures = sum(name.startswith("word/media/") for name in archive.namelist())
        if pictures:
            found.sheet.aside.append(Fault("the document", f"{pictures} pictures are not read"))
        for name in archive.namelist():
            if beside := _BESIDE.fullmatch(name):
                root = parsed_xml(archive.read(name))
                for paragraph in root.iter(f"{_W}p"):
                    words = "".join([text.text or "" for text in paragraph.iter(f"{_W}t")]).strip()
                    if words:
                        found.sheet.aside.append(Fault(beside[1], "it answers no question", words))
        return found.sheet.contents()


class _Word:
    """Walks through a document."""

    def __init__(self, package: Any):
        self.sheet = ContentsWriter()
        self.numbering = _Numbering(package)
        self.number = 0  # of the paragraph

    def blocks(self, parent: Any) -> None:
        """The paragraphs and tables below an element, in their order."""
        for child in parent:
            if child.tag == f"{_W}p":
                self.paragraph(child)
            elif child.tag == f"{_W}tbl":
                self.table(child)
            elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml", f"{_W}moveTo"):
                self.blocks(child)

    def paragraph(self, element: Any) -> None:
        self.number += 1
        label = self.numbering.label(element)
        text = _text(element)
        self.sheet.line(f"{label} {text}".strip() if label else text, f"paragraph {self.number}")
        for box in _boxes(element):
            self.blocks(box)

    def table(self, element: Any) -> None:
        rows = []
        boxes = []
        for number, row in enumerate(element.iter(f"{_W}tr"), 1):
            if _nearest(row, f"{_W}tbl") is not element:
                continue
            cells = []
            for cell in row.iter(f"{_W}tc"):
                if _nearest(cell, f"{_W}tr") is row:
                    cells.append(self.cell(cell))
                    boxes += [box for paragraph in cell.iter(f"{_W}p") for box in _boxes(paragraph)]
            rows.append((f"table {self.sheet.frames + len(self.sheet.tables) + 1}, row {number}", cells))
        self.sheet.table(rows)
        for box in boxes:
            self.blocks(box)

    def cell(self, element: Any) -> str:
        """The text of a cell, tables within it too."""
        lines = []
        for paragraph in element.iter(f"{_W}p"):
            if _nearest(paragraph, f"{_W}txbxContent", within=element) is None:
                self.number += 1
                label = self.numbering.label(paragraph)
                lines.append(f"{label} {_text(paragraph)}".strip() if label else _text(paragraph))
        return "\n".join([line for line in lines if line.strip()])


def _nearest(element: Any, tag: str, within: Any = None) -> Any:
    """The nearest element of a kind around another, inside of ``within``; None for none."""
    for found in element.iterancestors():
        if found is within:
            return None
        if found.tag == tag:
            return found
    return None


def _boxes(paragraph: Any) -> list[Any]:
    """The text boxes that stand in a paragraph, each once."""
    return [
        box
        for box in paragraph.iter(f"{_W}txbxContent")
        if _nearest(box, f"{_CHOICE}Fallback") is None
        and _nearest(box, f"{_W}txbxContent", paragraph) is None
    ]


def _text(paragraph: Any) -> str:
    """The text of a paragraph without its text boxes; what is raised stands behind `^`."""
    return "".join(_pieces(paragraph))


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        tag = child.tag
        if not isinstance(tag, str) or tag in _SKIPPED or tag == f"{_W}txbxContent":
            continue
        if tag == f"{_W}r":
            text = "".join(_pieces(child))
            raised = child.find(f"{_W}rPr/{_W}vertAlign")
            up = raised is not None and raised.get(f"{_W}val") == "superscript"
            yield f"^{text}" if up and text.strip() else text
        elif tag == f"{_M}sSup":
            base, power = child.find(f"{_M}e"), child.find(f"{_M}sup")
            yield "".join(_pieces(base)) if base is not None else ""
            yield "^(" + "".join(_pieces(power)) + ")" if power is not None else ""
        elif tag == f"{_M}f":
            above, below = child.find(f"{_M}num"), child.find(f"{_M}den")
            parts = ["".join(_pieces(one)) if one is not None else "" for one in (above, below)]
            yield f"({parts[0]})/({parts[1]})"
        elif tag in (f"{_W}t", f"{_M}t"):
            yield child.text or ""
        elif tag.startswith(_W) and tag[len(_W) :] in _MARKS:
            yield _MARKS[tag[len(_W) :]]
        elif tag == f"{_W}sym":
            yield "\ufffd"
        else:
            yield from _pieces(child)


class _Numbering:
    """The numbers of numbered paragraphs, which stand nowhere in the text."""

    def __init__(self, package: Any):
        self.counter = Counter()
        self.levels: dict[tuple[str, int], tuple[str, str, int]] = {}
        self.lists: dict[str, tuple[str, dict[int, int]]] = {}
        self.styles: dict[str, tuple[str, int]] = {}
        for style in package.styles.element.iter(f"{_W}style"):
            found = style.find(f"{_W}pPr/{_W}numPr")
            if found is not None and found.find(f"{_W}numId") is not None:
                self.styles[str(style.get(f"{_W}styleId"))] = _list_of(found)
        try:
            part = package.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return
        for abstract in part.iter(f"{_W}abstractNum"):
            for level in abstract.iter(f"{_W}lvl"):
                key = (str(abstract.get(f"{_W}abstractNumId")), _whole(level.get(f"{_W}ilvl")))
                form = _value(level, "numFmt") or "decimal"
                start = _value(level, "start")
                self.levels[key] = (form, _value(level, "lvlText"), _whole(start) if start else 1)
        for number in part.iter(f"{_W}num"):
            starts = {
                _whole(override.get(f"{_W}ilvl")): _whole(_value(override, "startOverride"))
                for override in number.iter(f"{_W}lvlOverride")
                if _value(override, "startOverride")
            }
            self.lists[str(number.get(f"{_W}numId"))] = (_value(number, "abstractNumId"), starts)

    def label(self, paragraph: Any) -> str:
        """The number that Word shows before a paragraph; empty for none."""
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return ""
        numbered = properties.find(f"{_W}numPr")
        style = properties.find(f"{_W}pStyle")
        if numbered is not None and numbered.find(f"{_W}numId") is not None:
            list_id, level = _list_of(numbered)
        elif style is not None and str(style.get(f"{_W}val")) in self.styles:
            list_id, level = self.styles[str(style.get(f"{_W}val"))]
        else:
            return ""
        abstract, starts = self.lists.get(list_id, ("", {}))
        form, text, start = self.levels.get((abstract, level), ("none", "", 1))
        numbers = self.counter.next(list_id if starts else abstract, level, starts.get(level, start))
        if form in ("bullet", "none") or not _text(paragraph).strip():
            return ""
        forms = [self.levels.get((abstract, at), ("decimal", "", 1))[0] for at in range(9)]

        def of(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            return number_label(numbers[at], forms[at]) if at < len(numbers) else ""

        return _LEVEL.sub(of, text)


def _list_of(numbered: Any) -> tuple[str, int]:
    return _value(numbered, "numId"), _whole(_value(numbered, "ilvl"))


def _value(element: Any, name: str) -> str:
    found = element.find(f"{_W}{name}")
    return str(found.get(f"{_W}val", "")) if found is not None else ""


def _whole(text: Any) -> int:
    text = str(text or "")
    return int(text) if text.isdecimal() and len(text) < 6 else 0
