"""Writing to standard output and standard error, which may be closed, full or left by their
reader."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from ..report.lines import Line


class ReaderGoneError(Exception):
    """Raised when the reader of standard output has gone away, as `head` does."""


class ElsewhereError(Exception):
    """Carries an exception past those who would take it for one of their own."""

    def __init__(self, error: Exception):
        super().__init__(str(error))
        self.error = error


def write_out(text: str) -> None:
    """Write a whole answer to standard output. Raises SpecError where there is no place for it,
    and ReaderGoneError."""
    _to_stdout(lambda: (sys.stdout.write(text), sys.stdout.flush()))


def write_screen(lines: Iterable[Line]) -> None:
    """As ``write_out``, for a screen. All of its lines are made before the first is written."""
    from ..report.terminal import ready

    _to_stdout(ready(lines, sys.stdout))


def write_bytes(data: bytes) -> None:
    """As ``write_out``, for the bytes of a picture."""
    sys.stdout.flush()
    _to_stdout(lambda: (sys.stdout.buffer.write(data), sys.stdout.buffer.flush()))


def flush() -> None:
    """Have what was written arrive. Raises SpecError and ReaderGoneError."""
    _to_stdout(sys.stdout.flush)


def _to_stdout(act: Callable[[], object]) -> None:
    try:
        act()
    except BrokenPipeError:
        silence(sys.stdout)
        raise ReaderGoneError from None
    except OSError as error:
        from ..diagnostics import fail

        silence(sys.stdout)
        why = (error.strerror or "unwritable").lower()
        raise fail("file", f"cannot write the answer: {why}") from None


def write_err(text: str) -> None:
    """Write to standard error. Where that is closed or full, the text is lost."""
    _to_stderr(lambda: (sys.stderr.write(text), sys.stderr.flush()))


def write_screen_err(lines: Iterable[Line]) -> None:
    """As ``write_err``, for lines of a screen."""
    from ..report.terminal import ready

    _to_stderr(ready(lines, sys.stderr))


def _to_stderr(act: Callable[[], object]) -> None:
    try:
        act()
    except OSError:
        silence(sys.stderr)


def silence(stream: IO[str]) -> None:
    """Let what is still in a stream's buffer go nowhere, so that nothing complains at exit."""
    try:
        number = stream.fileno()
    except (AttributeError, OSError, ValueError):
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)
