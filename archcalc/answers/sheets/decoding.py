"""Bytes of a stranger's file to text: UTF-8 with or without a mark, UTF-16, or Windows' 1252."""

from __future__ import annotations

import codecs

from ..wording import NO_TEXT, UNREAD

# A sheet is a page or two, a class a few thousand lines: more is no sheet.
LARGEST = 8 * 2**20

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


# A text with one stray sign that is none has lost that sign; one with many is a picture or an
# archive under a wrong name.
_STRAY, _SHARE = 2, 20


class NotTextError(Exception):
    """The bytes are no text; says why."""


def decoded(data: bytes) -> str:
    """The text, its lines ended by ``\\n``, and ``�`` for what is no sign of a text. Raises
    NotTextError."""
    if len(data) > LARGEST:
        raise NotTextError(f"it is larger than {LARGEST // 2**20} MiB")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            break
    else:
        text = _without_mark(data)
    if "\0" in text and len(NO_TEXT.findall(text)) > max(_STRAY, len(text) // _SHARE):
        raise NotTextError("it is no text file")
    return NO_TEXT.sub(UNREAD, text).replace("\r\n", "\n").replace("\r", "\n")


def _without_mark(data: bytes) -> str:
    if b"\0" in data[:200]:
        # Signs of the Latin alphabet in UTF-16 are a byte and a zero.
        ends = data[1:200:2], data[0:200:2]
        for zeros, encoding in zip(ends, ("utf-16-le", "utf-16-be"), strict=True):
            if zeros.count(0) == len(zeros) and not len(data) % 2:
                return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
