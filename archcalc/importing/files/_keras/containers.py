"""The configuration of a model in the files that Keras writes: a zip archive, HDF5, or the text itself.

Of a file only its configuration is read. Weights are not read, nothing is unpickled, and no code is run.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from typing import BinaryIO

from ....diagnostics import SpecError, fail
from ....source import Source
from ....texts import decoded, read, unpacked_first
from .. import GivenFile
from .hdf5 import hdf5_configuration
from .magic import HDF5, ZIP

# The configuration of Keras' largest application has a million characters.
LONGEST = 32 * 2**20
# The directory of an archive, which is read as a whole: Keras writes three files, and a few more of layers
# that hold assets.
_MOST_OF_DIRECTORY = 2**20
_MEMBER = "config.json"
# Files that are no text when Keras has written them; and what may stand before a text.
_NO_TEXTS = (".keras", ".h5", ".hdf5")
_BLANK = b"\xef\xbb\xbf \t\r\n"

# How the directory of an archive ends, and a place that points to such an end in a large file.
_END, _LARGE_END = b"PK\x05\x06", b"PK\x06\x07"
_END_SIZE, _LONGEST_COMMENT, _LARGE_END_SIZE = 22, 2**16, 20


def configuration(file: GivenFile) -> Source:
    """Read the configuration of a model.

    Args:
        file: The file: ``.keras``, HDF5 or JSON, whatever it is called; or a text of JSON.

    Returns:
        The configuration as JSON.

    Raises:
        SpecError: Where the file is not there, is damaged, holds weights alone, or is too large.
    """
    if file.path is None:
        return file.source()
    try:
        head = file.head()
        if not head:
            raise fail("file", f"{file.name} is empty", "save the model once more")
    except OSError:
        head = b""  # what is wrong is stated where it is read
    if head.startswith(ZIP):
        data = _of_archive(file.path)
    elif head.startswith(HDF5):
        data = hdf5_configuration(file.path, LONGEST)
    elif (
        os.path.splitext(file.path)[1].lower() in _NO_TEXTS
        and head
        and not head.lstrip(_BLANK).startswith(b"{")
    ):
        raise fail(
            "file",
            f"{file.name} is no model of Keras: it is no archive, no HDF5 file, and no configuration",
            *(unpacked_first(head) or ('model.save("model.keras") writes one',)),
        )
    else:
        return Source(file.name, read(file.path, LONGEST))
    return Source(file.name, decoded(data, f"the configuration in {file.name}", LONGEST))


def _of_archive(path: str) -> bytes:
    """The configuration in a ``.keras`` file. Raises SpecError."""
    try:
        with open(path, "rb") as file:
            if _directory_size(file) > _MOST_OF_DIRECTORY:
                raise fail("limit", f"{path} holds far more files than a model of Keras")
            with zipfile.ZipFile(file) as archive:
                member = _member(archive, path)
                with archive.open(member) as content:
                    return content.read(LONGEST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError) as error:
        raise _damaged(path, error) from None
    except (NotImplementedError, RuntimeError, MemoryError) as error:
        raise _damaged(path, error) from None


def _member(archive: zipfile.ZipFile, path: str) -> zipfile.ZipInfo:
    """The file of an archive that is the configuration. Raises SpecError."""
    found = [member for member in archive.infolist() if member.filename == _MEMBER]
    if not found:
        names = sorted({member.filename for member in archive.infolist()})
        shown = ", ".join([name[:40] for name in names[:5] if name.isprintable()])
        raise fail(
            "file",
            f"{path} has no {_MEMBER}: it is no model that Keras saved",
            f"it holds {shown}{' …' if len(names) > 5 else ''}" if shown else "it is empty",
        )
    if len(found) > 1:
        raise fail("file", f"{path} holds {len(found)} files {_MEMBER}: Keras writes one")
    member = found[0]
    if member.flag_bits & 1:
        raise fail("file", f"{path} is locked with a password", "save the model without one")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise fail("file", f"{path} is packed in a way that Keras does not use")
    if member.file_size > LONGEST:
        raise fail("limit", f"{path}: {_MEMBER} has {member.file_size:,} bytes, more than {LONGEST:,}")
    return member


def _directory_size(file: BinaryIO) -> int:
    """The bytes of an archive's directory as its end states them; 0 where there is no end, which zipfile
    refuses."""
    size = file.seek(0, os.SEEK_END)
    start = max(size - _END_SIZE - _LONGEST_COMMENT - _LARGE_END_SIZE, 0)
    file.seek(start)
    tail = file.read(_END_SIZE + _LONGEST_COMMENT + _LARGE_END_SIZE)
    at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        return 0
    stated = int.from_bytes(tail[at + 12 : at + 16], "little")
    pointer = tail[max(at - _LARGE_END_SIZE, 0) : at]
    if pointer.startswith(_LARGE_END):
        file.seek(min(int.from_bytes(pointer[8:16], "little"), size))
        stated = max(stated if stated < 2**32 - 1 else 0, int.from_bytes(file.read(56)[40:48], "little"))
    file.seek(0)
    return stated


def _damaged(path: str, error: Exception) -> SpecError:
    reason = " ".join(str(error).split())[:120]
    return fail("file", f"{path} is damaged{f': {reason}' if reason else ''}", "save the model once more")
