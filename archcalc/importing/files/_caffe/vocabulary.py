"""The types of layers that can be read: a class for each, or for a family, found by being in ``layers/``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, ClassVar

from .blobs import Blob
from .calls import CaffeCall
from .forms import CaffeLayer

_TYPES: dict[str, LayerType] = {}


class LayerType:
    """A type of layers.

    Attributes:
        types: The words that a file has for it.
        param: The name of the message of its settings.
    """

    types: ClassVar[tuple[str, ...]] = ()
    param: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in vars(cls).get("types", ()):
            if name in _TYPES:
                raise TypeError(f"two types of layers are called {name}")
            _TYPES[name] = cls()

    def reads(self, layer: CaffeLayer) -> Sequence[str]:
        """Return the blobs whose values it reads: all its bottoms, where it does not know better."""
        return layer.bottoms

    def write(self, call: CaffeCall) -> Blob | list[Blob]:
        """Write what a layer is in the spec.

        Args:
            call: The layer: its settings, what it reads, and how to write a line.

        Returns:
            What it puts out, for each of its tops.

        Raises:
            SpecError: For what the language has no word for.
        """
        raise NotImplementedError


@cache
def layer_types() -> Mapping[str, LayerType]:
    """Return the types that are read, by each of their words."""
    from . import layers

    for place in layers.__path__:
        for name in sorted(os.listdir(place)):
            if name.endswith(".py") and name != "__init__.py":
                import_module(f"{layers.__name__}.{name.removesuffix('.py')}")
    return _TYPES
