"""The ops: one class each, found by being in this folder.

``registry()`` maps the words of the spec language to classes.
"""

from __future__ import annotations

import os
from importlib import import_module

from .base import REGISTRY, Op

__all__ = ["Op", "has_own_ops", "registry"]

_loaded = False


def registry() -> dict[str, type[Op]]:
    """All ops by their word. Importing the files of this folder is what registers them."""
    global _loaded
    if not _loaded:
        _loaded = True
        for file in sorted(os.listdir(os.path.dirname(__file__))):
            if file.endswith(".py") and file not in ("__init__.py", "base.py"):
                import_module(f"{__name__}.{file[:-3]}")
    return REGISTRY


def has_own_ops() -> bool:
    """Whether there are ops that are not archcalc's: their rules may take numbers for ints, as
    ``isinstance`` and ``str`` do, and are not trusted with numbers of many designs."""
    return any(not op.__module__.startswith("archcalc.") for op in registry().values())
