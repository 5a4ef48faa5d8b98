"""Files of every kind, read into lines and tables: one file each, found by being in this folder.

A file holds a class ``Reader``. What it needs beside archcalc is in the extra ``archcalc[course]`` and is
imported when such a file comes. Whatever is wrong with a file is a ``FileError``: it ends in a message
about this file, and the others are read.
"""

from __future__ import annotations

import os
import warnings
from functools import cache
from importlib import import_module

from ..sheets.decoding import LARGEST, NotTextError
from ..sheets.names import QuestionNames
from .document import Contents, FileError, FileReader

_NO_READERS = ("__init__", "amounts", "document", "limits", "numbering", "opendocument")
# Bytes of a file that is no plain text, at most: one with a few pictures in it.
LARGEST_DOCUMENT = 32 * 2**20
# Formats that office programs no longer write by themselves, and what to do about them.
_OLD = {
    ".doc": "save it as .docx",
    ".xls": "save it as .xlsx",
    ".pages": "export it as .docx or .pdf",
    ".numbers": "export it as .xlsx",
    ".ppt": "export it as .pdf",
    ".pptx": "export it as .pdf",
}


@cache
def readers() -> dict[str, FileReader]:
    """The readers of files, by the ends of their names."""
    modules = sorted(
        {
            name.removesuffix(".py")
            for place in __path__
            for name in os.listdir(place)
            if name.endswith(".py") and name.removesuffix(".py") not in _NO_READERS
        }
    )
    found = [import_module(f"{__name__}.{name}").Reader() for name in modules]
    return {suffix: reader for reader in found for suffix in reader.suffixes}


def suffix_of(name: str) -> str:
    """The end of a file's name, in small letters."""
    return os.path.splitext(name)[1].lower()


def is_read(name: str) -> bool:
    """Whether files of this name can be read."""
    return suffix_of(name) in readers()


def largest(name: str) -> int:
    """Bytes that a file may have."""
    return LARGEST if _is_plain(suffix_of(name)) else LARGEST_DOCUMENT


def _is_plain(suffix: str) -> bool:
    return suffix in readers()[".txt"].suffixes or suffix not in readers()


def not_read(name: str) -> str:
    """Why a file of this name is not read."""
    suffix = suffix_of(name)
    if suffix in _OLD:
        return f"files that end in {suffix} are not read: {_OLD[suffix]}"
    return (
        f"files that end in {suffix} are not read"
        if suffix
        else "its name has no ending that says what it is"
    )


def read_document(name: str, data: bytes, names: QuestionNames) -> Contents:
    """What a file holds, by the end of its name; one of no known ending as text. Raises FileError."""
    suffix = suffix_of(name)
    reader = readers().get(suffix) or readers()[".txt"]
    if len(data) > largest(name):
        raise FileError(f"it is larger than {largest(name) // 2**20} MiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries, about files that they can read
            found = reader.read(data, names)
        if not found.text.strip() and not found.entries and suffix in readers() and not _is_plain(suffix):
            behind = found.behind is not None and found.behind.text.strip()
            if not behind and not found.faults:
                raise FileError("there is no text in it")
        return found
    except FileError:
        raise
    except NotTextError as error:
        raise FileError(str(error)) from None
    except ImportError as error:
        module = (error.name or "a library").partition(".")[0]
        why = f"reading {suffix} needs {module}, which is missing: pip install 'archcalc[course]'"
        raise FileError(why) from None
    except (RecursionError, MemoryError):
        raise FileError("it is too large, or nested too deeply") from None
    except Exception as error:
        # What libraries raise for files that somebody has broken has no common type.
        raise FileError(f"it is no {reader.kind}, or a damaged one") from error
