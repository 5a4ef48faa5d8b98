"""The modules that PyTorch lacks, written to be read: an exported network carries their source.

Tensors are batch first and channels first: ``N, C, H, W``. Sizes are given along each axis of positions, so
that one class does for sequences, maps and volumes. A file here is found by being there. It names nothing of
another one, and classes that others call come before them.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any


def defined() -> dict[str, Any]:
    """Return the classes and functions of all files here, by name."""
    found: dict[str, Any] = {}
    for part in sorted([part.name for part in pkgutil.iter_modules(__path__)]):
        module = import_module(f"{__name__}.{part}")
        found |= {
            name: value
            for name, value in vars(module).items()
            if getattr(value, "__module__", "") == module.__name__
        }
    return found
