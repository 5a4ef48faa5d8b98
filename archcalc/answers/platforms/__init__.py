"""What learning platforms export: one file each, found by being in this folder.

A file holds a class ``Platform``, which knows a head of columns when it sees one, and says what each
column holds: an answer, who the student is, or what is of no interest here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from importlib import import_module

from ..sheets.names import QuestionNames
from .base import PlatformTable, Roles

_NO_PLATFORMS = ("__init__", "base", "heads")


@cache
def platforms() -> tuple[PlatformTable, ...]:
    """The platforms whose tables are known."""
    names = sorted(
        {
            name.removesuffix(".py")
            for place in __path__
            for name in os.listdir(place)
            if name.endswith(".py") and name.removesuffix(".py") not in _NO_PLATFORMS
        }
    )
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return tuple([module.Platform() for module in modules if hasattr(module, "Platform")])


def exported(head: Sequence[str], names: QuestionNames) -> tuple[PlatformTable, Roles] | None:
    """The platform that a head of columns is from, and what its columns hold; None for none."""
    if len(head) < 3:
        return None
    for platform in platforms():
        if platform.recognises(head):
            return platform, platform.roles(head, names)
    return None
