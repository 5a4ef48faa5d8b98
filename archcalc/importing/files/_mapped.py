"""Files that are looked at where they lie, so that weights are not read into memory."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ...diagnostics import SpecError, fail


@contextmanager
def mapped(path: str, is_broken: Callable[[str, str], SpecError]) -> Iterator[mmap.mmap]:
    """Map a file into memory while the block runs.

    Args:
        path: The file.
        is_broken: Makes the error for a file that is empty, of its name and a reason.

    Yields:
        Its bytes.

    Raises:
        SpecError: Where there is no such file, or it is no regular one.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags), "rb") as file:
            mode = os.fstat(file.fileno())
            if stat.S_ISDIR(mode.st_mode):
                raise fail("file", f"cannot read {path}: is a directory")
            if not stat.S_ISREG(mode.st_mode):
                raise fail("file", f"cannot read {path}: it is no regular file")
            if not mode.st_size:
                raise is_broken(path, "it is empty")
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise fail("file", f"there is no file {path}") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "unreadable"
        raise fail("file", f"cannot read {path}: {why.lower()}") from None
    try:
        yield data
    finally:
        with suppress(BufferError):  # an error that is on its way still holds a view: it goes with that
            data.close()
