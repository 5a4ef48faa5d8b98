"""PDF with text. One that is a picture of a page says so."""

from __future__ import annotations

import io
import logging
import time
from collections import Counter
from typing import Any

from ..sheets import Fault, SheetAnswer
from ..sheets.names import QuestionNames, bare
from .document import Contents, ContentsWriter, FileError, FileReader

MOST_PAGES, MOST_SIGNS, SECONDS = 300, 2_000_000, 10
# Bytes that draw a page, at most: one with a few plots.
MOST_DRAWN = 8 * 2**20


class Reader(FileReader):
    """PDF, with pypdf: the lines of each page from the top to the bottom."""

    suffixes = (".pdf",)
    kind = "PDF"
    reads = "the lines of each page from its top, fields of forms; a scan without text says so"
    library = "pypdf"

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        if b"%PDF-" not in data[:1024]:
            raise FileError("it is no PDF")
        from pypdf import PdfReader

        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        pdf = PdfReader(io.BytesIO(data))
        if pdf.is_encrypted and not pdf.decrypt(""):
            raise FileError("it is locked with a password")
        count = len(pdf.pages)
        if count > MOST_PAGES:
            raise FileError(f"it has {count:,} pages, more than {MOST_PAGES}")
        sheet = ContentsWriter()
        end = time.monotonic() + SECONDS
        signs = 0
        for number, page in enumerate(pdf.pages, 1):
            lines = _text(page, end).split("\n")
            signs += sum(map(len, lines))
            if signs > MOST_SIGNS:
                raise FileError(f"it has more than {MOST_SIGNS:,} signs")
            for at, line in enumerate(lines, 1):
                sheet.line(line.rstrip(), f"page {number}, line {at}")
            _typed_over(page, number, sheet)
        for name, value in (pdf.get_fields() or {}).items():
            self.field(str(name), value, names, sheet)
        if not any(line.strip() for line in sheet.lines) and not sheet.entries:
            pages = "its page is a picture" if count == 1 else "its pages are pictures"
            raise FileError(f"there is no text in it: {pages}, which nobody has read")
        return sheet.contents()

    def field(self, name: str, value: Any, names: QuestionNames, sheet: ContentsWriter) -> None:
        """A field of a form that was filled in."""
        text = str(value.get("/V") or "").strip()
        if not text or text.startswith("/"):
            return
        place = f"field {name}"
        if (question := names.get(bare(name))) is not None:
            sheet.entries.append(SheetAnswer(question, text, place))
        else:
            sheet.line(f"{name}: {text}", place)


def _text(page: Any, end: float) -> str:
    """The text of a page as it is laid out; in the order of the file where the layout loses some of it."""

    def in_time(*_: Any) -> None:
        if time.monotonic() > end:
            raise FileError(f"reading it takes more than {SECONDS} seconds")

    drawn = page.get_contents()
    if drawn is not None and len(drawn.get_data()) > MOST_DRAWN:
        raise FileError(f"what draws a page has more than {MOST_DRAWN // 2**20} MiB")
    plain = page.extract_text(visitor_operand_before=in_time)
    in_time()
    if len(plain) > MOST_SIGNS:
        raise FileError(f"it has more than {MOST_SIGNS:,} signs")
    if not plain.strip():
        return ""
    try:
        laid_out = page.extract_text(
            extraction_mode="layout", layout_mode_space_vertically=False, layout_mode_strip_rotated=False
        )
    except Exception:  # a layout that the library cannot follow; the text is there
        return str(plain)
    in_time()
    missing = _signs(plain) - _signs(laid_out)
    return str(plain if sum(missing.values()) else laid_out)


def _signs(text: str) -> Counter[str]:
    return Counter([sign for sign in text if not sign.isspace()])


def _typed_over(page: Any, number: int, sheet: ContentsWriter) -> None:
    """What was typed over a page as a remark: nothing says where in the text it belongs."""
    found = page.get("/Annots")
    annotations = found.get_object() if found is not None else ()
    for one in list(annotations or ())[:1000]:
        annotation = one.get_object()
        text = str(annotation.get("/Contents") or "").strip() if hasattr(annotation, "get") else ""
        if text:
            place = f"page {number}"
            sheet.faults.append(Fault(place, "it was typed over the page, and is not read", text))
