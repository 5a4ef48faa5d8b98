"""The sections that can be read: a class for each, or for a family, found by being in ``layers/``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, ClassVar

from .. import WrittenLayer
from .calls import DarknetCall

_TYPES: dict[str, SectionType] = {}


class SectionType:
    """A type of sections.

    Attributes:
        words: What stands in the brackets.
        label: What its layers are called, in front of their number; that word where it is empty.
    """

    words: ClassVar[tuple[str, ...]] = ()
    label: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for word in vars(cls).get("words", ()):
            if word in _TYPES:
                raise TypeError(f"two types of sections are called {word}")
            _TYPES[word] = cls()

    def write(self, call: DarknetCall) -> WrittenLayer:
        """Write what a section is in the spec.

        Args:
            call: The section, and how to write a line.

        Returns:
            What it puts out.

        Raises:
            SpecError: For what the language has no word for.
        """
        raise NotImplementedError


@cache
def section_types() -> Mapping[str, SectionType]:
    """Return the types that are read, by each of their words."""
    from . import layers

    for place in layers.__path__:
        for name in sorted(os.listdir(place)):
            if name.endswith(".py") and name != "__init__.py":
                import_module(f"{layers.__name__}.{name.removesuffix('.py')}")
    return _TYPES
