"""RTF, as WordPad and TextEdit write it."""

from __future__ import annotations

import re
from typing import Any

from ..sheets import Fault
from ..sheets.decoding import LARGEST
from ..sheets.names import QuestionNames
from .document import Contents, ContentsWriter, FileError, FileReader

_SUPER = re.compile(r"\\super(?![a-z0-9]) ?")
# The number of a list item, a footnote: what libraries leave out with the marks around it.
_KEPT = re.compile(r"\\(?:listtext|pntext|footnote)(?![a-z])")
_PICTURE = re.compile(r"\\pict(?![a-z])")
_HEAD = re.compile(r"\s*\{\\rtf")


class Reader(FileReader):
    """RTF, with striprtf; the cells of its tables come parted by bars."""

    suffixes = (".rtf",)
    kind = "RTF document"
    reads = "paragraphs, tables"
    library = "striprtf"

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        if len(data) > LARGEST:
            raise FileError(f"it is larger than {LARGEST // 2**20} MiB")
        text = data.decode("latin-1")
        if not _HEAD.match(text):
            raise FileError("it is no RTF document")
        from striprtf import striprtf

        library: Any = striprtf
        plain = str(library.rtf_to_text(_KEPT.sub("", _SUPER.sub("^", text)), errors="replace"))
        sheet = ContentsWriter()
        rows: list[tuple[str, list[str]]] = []
        for number, line in enumerate(plain.replace("\r", "\n").split("\n"), 1):
            if line.rstrip().endswith("|") and line.count("|") > 1 and not line.lstrip().startswith("|"):
                rows.append((f"paragraph {number}", line.rstrip().rstrip("|").split("|")))
                continue
            sheet.table(rows)
            rows = []
            sheet.line(line.replace("\0", "\ufffd"), f"paragraph {number}")
        sheet.table(rows)
        pictures = len(_PICTURE.findall(text))
        if pictures:
            sheet.aside.append(Fault("the document", f"{pictures} pictures are not read"))
        return sheet.contents()
