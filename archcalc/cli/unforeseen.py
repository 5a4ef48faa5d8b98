"""The last handler: whatever nobody foresaw becomes one message, which asks for a report."""

from __future__ import annotations

import os
import sys

from .._version import __version__
from ..diagnostics import Diagnostic
from .streams import ElsewhereError


def unforeseen(error: Exception) -> Diagnostic:
    """The message for an exception that should not have come this far."""
    if isinstance(error, ElsewhereError):
        return unforeseen(error.error)
    message = " ".join(str(error).split())[:500]
    kind = type(error).__name__
    if isinstance(error, MemoryError):
        return Diagnostic("memory", "there is not enough memory for this")
    if isinstance(error, OSError) and error.strerror:
        path = error.filename if isinstance(error.filename, str) else ""
        return Diagnostic("system", f"{path}{': ' if path else ''}{error.strerror.lower()}")
    own_ops = sys.modules.get("archcalc.loading.own_ops")
    diagnostic: Diagnostic | None = own_ops.raised_in_ops(error) if own_ops is not None else None
    if diagnostic is not None:
        return diagnostic
    python = ".".join(map(str, sys.version_info[:3]))
    return Diagnostic(
        "internal",
        f"archcalc could not answer this: {kind}{': ' if message else ''}{message}",
        notes=[f"raised at {_place(error)}, archcalc {__version__}, Python {python}"],
        help=["this is a fault of archcalc: please report it, with the call and these lines"],
    )


def _place(error: Exception) -> str:
    """The innermost line of archcalc that the exception came through: file and line."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = "an unknown place"
    at = error.__traceback__
    while at is not None:
        path = os.path.abspath(at.tb_frame.f_code.co_filename)
        if path.startswith(package + os.sep):
            found = f"{os.path.relpath(path, package)}:{at.tb_lineno}"
        at = at.tb_next
    return found
