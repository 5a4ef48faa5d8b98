"""Writing a folder of results: the whole of it, in the place of the one before, or nothing."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Sequence

from ..diagnostics import fail
from ..interrupts import Temporary, Uninterrupted

# What stands in files that were written here, by the end of their names.
_OURS = {
    "results.json": b'"archcalc"',
    ".html": b'<meta name="generator" content="archcalc',
    ".md": b"<!-- archcalc report -->",
    ".tex": b"% archcalc report",
}


def into_folder(path: str, files: Iterable[tuple[str, Iterable[str | bytes]]], force: bool = False) -> None:
    """Write files below a folder: all of them, or none where one cannot be made. A folder that is
    there and not empty is replaced only by ``force``: of what is in it, results of an earlier run
    go, and all else stays. Raises SpecError."""
    path = os.path.realpath(path)
    exists = os.path.lexists(path)
    if exists and not os.path.isdir(path):
        raise fail("file", f"cannot write {path}: it is no folder")
    try:
        if exists and os.listdir(path) and not force:
            raise fail(
                "file", f"{path} is there already, and not empty", "--force replaces the results in it"
            )
        if exists and not os.access(path, os.W_OK | os.X_OK):  # a folder swap asks nobody
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with Temporary(os.path.dirname(path)) as made:
            os.mkdir(made, 0o700)
            written = []
            for name, pieces in files:
                full = os.path.join(made, name)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "wb") as file:
                    file.writelines(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
                written.append(name)
            _no_links(path, written)
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(made, os.stat(path).st_mode & 0o7777 if exists else 0o777 & ~mask)
            with Uninterrupted():
                _swap(made, path, exists)
    except OSError as error:
        why = (error.strerror or "unwritable").lower()
        raise fail("file", f"cannot write {path}: {why}") from None


def _no_links(path: str, written: Sequence[str]) -> None:
    """Refuse links where results would go. Raises SpecError."""
    for name in written:
        full = os.path.join(path, name)
        if os.path.islink(os.path.dirname(full)) or os.path.islink(full):
            raise fail("file", f"cannot write {full}: a link leads out of the folder")


def _swap(made: str, path: str, exists: bool) -> None:
    """Put a folder in the place of another, and bring over what of that is to stay. Raises OSError
    and SpecError."""
    if not exists:
        os.rename(made, path)
        return
    before = f"{made}-before"
    os.rename(path, before)
    try:
        os.rename(made, path)
    except OSError:
        os.rename(before, path)
        raise
    try:
        _bring_over(before, path)
    except OSError as error:
        why = (error.strerror or "unwritable").lower()
        raise fail(
            "file", f"cannot move everything back into {path}: {why}", f"what else was in it is in {before}"
        ) from None
    shutil.rmtree(before, ignore_errors=True)


def _bring_over(before: str, path: str) -> None:
    """Move all but results of an earlier run to where they were."""
    for name in os.listdir(before):
        old, new = os.path.join(before, name), os.path.join(path, name)
        if os.path.islink(old) or not os.path.isdir(old):
            if not (os.path.lexists(new) or _is_ours(old)):
                os.rename(old, new)
            continue
        inside = os.listdir(old)
        kept = [one for one in inside if not (one == "results.json" and _is_ours(os.path.join(old, one)))]
        if kept == inside and not os.path.lexists(new):
            os.rename(old, new)
            continue
        for one in kept:
            os.makedirs(new, exist_ok=True)
            if not os.path.lexists(os.path.join(new, one)):
                os.rename(os.path.join(old, one), os.path.join(new, one))


def _is_ours(path: str) -> bool:
    """Whether a file is of an earlier run, and no link to another."""
    mark = next((mark for end, mark in _OURS.items() if path.endswith(end)), None)
    if mark is None or os.path.islink(path) or not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return mark in file.read(2**24)
