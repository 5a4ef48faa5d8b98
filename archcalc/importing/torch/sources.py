"""Where in the user's code an operation was called."""

from __future__ import annotations

import sys
import sysconfig
from functools import cache
from os import sep
from pathlib import Path
from types import CodeType, FrameType


@cache
def _skipped_folders() -> tuple[str, ...]:
    import torch

    ours = Path(__file__).parents[2]
    return (f"{ours}{sep}", f"{Path(torch.__file__).parent}{sep}")


@cache
def _standard_library() -> str:
    return f"{sysconfig.get_path('stdlib')}{sep}"


_FOREIGN: dict[CodeType, bool] = {}


def _is_users(code: CodeType) -> bool:
    """Whether code is the user's or a library's of theirs, and not PyTorch's, Python's or ours."""
    path = code.co_filename
    if path.startswith(("<frozen", "<__array_function__")) or path.startswith(_skipped_folders()):
        return False
    rest = path.removeprefix(_standard_library())
    return rest == path or rest.startswith(("site-packages", "dist-packages"))


def called_from(frame: FrameType | None, outermost: CodeType) -> tuple[str, int] | None:
    """Return file and line of the innermost frame that is the user's, looking no further out than a frame
    that runs ``outermost``."""
    known = _FOREIGN
    while frame is not None:
        code = frame.f_code
        users = known.get(code)
        if users is None:
            users = known[code] = _is_users(code)
        if users:
            return code.co_filename, frame.f_lineno
        if code is outermost:
            return None
        frame = frame.f_back
    return None


def here() -> FrameType:
    """Return the frame of the caller."""
    return sys._getframe(1)
