"""Limits of what a file may unpack to: archives and XML that grow without end are refused."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from .document import FileError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Of an archive: its members, their bytes together, and how many times its own bytes those may be.
MOST_MEMBERS, MOST_BYTES, MOST_TIMES = 4096, 96 * 2**20, 400
# From this number of bytes on, an archive's ratio is looked at: a sheet of equal cells packs well.
_SMALL = 4 * 2**20
# Elements within elements.
DEEPEST = 200


def opened_zip(data: bytes, kind: str) -> zipfile.ZipFile:
    """An archive that is within limits. Raises FileError."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as error:
        raise FileError(f"it is no {kind}, or a damaged one") from error
    if len(members) > MOST_MEMBERS:
        raise FileError(f"it is an archive of {len(members):,} files, more than {MOST_MEMBERS:,}")
    size = sum(member.file_size for member in members)
    if size > MOST_BYTES or (size > _SMALL and size > MOST_TIMES * len(data)):
        raise FileError(f"it unpacks to {size:,} bytes, more than a sheet has")
    if any(member.flag_bits & 1 for member in members):
        raise FileError("it is locked with a password")
    return archive


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A file of an archive; empty where there is none."""
    try:
        return archive.read(name)
    except KeyError:
        return b""


def parsed_xml(data: bytes) -> Element:
    """The root of an XML text that declares no entities and is no deeper than DEEPEST. Raises FileError."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    depth = 0
    root = None
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            if depth > DEEPEST:
                raise FileError(f"its XML is more than {DEEPEST} elements deep")
    except DefusedXmlException:
        raise FileError("its XML declares entities, which no program writes") from None
    except (SyntaxError, ValueError, LookupError) as error:
        raise FileError("its XML is damaged") from error
    if root is None:
        raise FileError("its XML is empty")
    found: Element = root
    return found
