"""What is known of the zoo before any of it is read: where it is, how names are compared."""

from __future__ import annotations

import os
from importlib import import_module


def folder() -> str:
    """Return the folder of the zoo."""
    package = import_module("archcalc_specs")
    return os.path.dirname(os.path.abspath(package.__file__ or ""))


def normal(name: str) -> str:
    """Return a name without what does not matter: case, ``-`` and ``_``."""
    return name.lower().replace("-", "").replace("_", "")
