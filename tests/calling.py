"""Calls of the command line, in this process: what it writes where, and the exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, TextIOWrapper
from unittest import mock

from archcalc.cli import main

# Columns of the screen of a call that does not say how many: as many as any table needs.
WIDE = 200


def plain_signals() -> None:
    """For ``preexec_fn``: signals as a shell gives them to a program in the foreground, whatever
    the tests were started by. A parent that ignores Ctrl-C, as a background job does, would have
    its children ignore it too."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


# What of the caller's environment would show in an answer.
KEPT_OUT = ("ARCHCALC_FORMAT", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TERM")


@contextmanager
def changed_environment(changes: dict[str, str | None]) -> Iterator[None]:
    """Environment variables with other values, or without one. Those that stay are not touched: there are
    thousands of calls, and whole environments take as long as short commands."""
    before = {name: os.environ.get(name) for name in changes}
    try:
        _set(changes)
        yield
    finally:
        _set(before)


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is not None:
            os.environ[name] = value
        else:
            os.environ.pop(name, None)


class Answer:
    """What a call gave: texts of the two streams, the bytes of the first, the exit code."""

    def __init__(self, out: bytes, err: bytes, code: int, encoding: str):
        self.bytes = out
        self.err = err.decode(encoding)
        self.code = code
        self._encoding = encoding

    @property
    def out(self) -> str:
        """The text of standard output, where it is text."""
        return self.bytes.decode(self._encoding)


def call(
    *arguments: str,
    stdin: str | bytes = "",
    encoding: str = "utf-8",
    may_break: bool = False,
    **environment: str,
) -> Answer:
    """Run ``archcalc ARGUMENTS``; neither stream is a terminal. Screens are as wide as they come,
    unless ``COLUMNS`` or ``--width`` says otherwise; an empty ``COLUMNS`` says nothing. Raises
    AssertionError where archcalc itself breaks, unless it may."""
    out, err = BytesIO(), BytesIO()
    text = stdin.encode() if isinstance(stdin, str) else stdin
    with (
        mock.patch.object(sys, "stdin", TextIOWrapper(BytesIO(text), "utf-8")),
        mock.patch.object(sys, "stdout", TextIOWrapper(out, encoding, newline="\n")),
        mock.patch.object(sys, "stderr", TextIOWrapper(err, encoding, newline="\n")),
        changed_environment({**dict.fromkeys(KEPT_OUT), "COLUMNS": str(WIDE), **environment}),
    ):
        try:
            main(arguments)
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        sys.stderr.flush()
        assert isinstance(code, int)
        assert may_break or b"error[internal]" not in err.getvalue(), (arguments, err.getvalue())
        return Answer(out.getvalue(), err.getvalue(), code, encoding)
