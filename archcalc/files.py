"""Reading files that somebody names: regular files alone, and no more of them than a limit.

A device has no end, and a pipe may wait for ever.
"""

from __future__ import annotations

import errno
import os
import stat


class IrregularFileError(OSError):
    """The path leads to a device, a pipe or a socket."""


def read_bytes(path: str, limit: int) -> bytes:
    """Return the first ``limit + 1`` bytes of a file: as many as that are more than it may have. Raises
    OSError, whose ``strerror`` says why."""
    # Opening a pipe would wait for somebody who writes.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not stat.S_ISREG(mode):
            raise IrregularFileError(errno.EINVAL, "it is no regular file", path)
        return file.read(limit + 1)
