"""The text of spec files, within the limits that strangers' files have."""

from __future__ import annotations

from .diagnostics import fail
from .files import IrregularFileError, read_bytes

# Specs are written by people; what is larger than this is something else.
LONGEST_SOURCE = 2**20


def read(path: str, limit: int = LONGEST_SOURCE) -> str:
    """Return the text of a file of at most so many bytes. Raises SpecError if there is none, or no text in
    it."""
    try:
        data = read_bytes(path, limit)
    except FileNotFoundError:
        raise fail("file", f"there is no file {path}") from None
    except IrregularFileError as error:
        raise fail(
            "file", f"cannot read {path}: {error.strerror}", "the target - reads standard input"
        ) from None
    except (OSError, ValueError) as error:  # a name that no file can have is a ValueError
        why = (getattr(error, "strerror", None) or "unreadable").lower()
        raise fail("file", f"cannot read {path}: {why}") from None
    return decoded(data, path, limit)


def decoded(data: bytes, name: str, limit: int = LONGEST_SOURCE) -> str:
    """Return the text that bytes stand for. Raises SpecError where they are no text, or too many."""
    if len(data) > limit:
        raise fail("limit", f"{name} is larger than {limit:,} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise fail(
            "file",
            f"{name} is not text in UTF-8: {place_of(data, error.start)} stands "
            f"the byte 0x{data[error.start]:02x}",
            *unpacked_first(data),
        ) from None
    if "\0" in text:
        place = place_of(data, data.index(0))
        raise fail("file", f"{name} is not text: it holds a zero byte {place}")
    return text


def unpacked_first(data: bytes) -> tuple[str, ...]:
    """Return what to do with bytes that are not what they should be: those that a packer wrote are unpacked
    first."""
    packers = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
    packer = next((name for start, name in packers.items() if data.startswith(start)), "")
    return (f"it is packed with {packer}: unpack it first",) if packer else ()


def place_of(data: bytes, offset: int) -> str:
    """Return where a byte stands, as an editor counts: ``in line 3, column 14``. What stands before it is
    text in UTF-8."""
    before = data[:offset].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    line = before.rpartition("\n")[2].removeprefix("\ufeff")
    return f"in line {before.count(chr(10)) + 1}, column {len(line) + 1}"
