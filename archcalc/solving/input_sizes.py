"""Sizes of an input that are asked for: ``?x?x3``, in front of a chain or behind ``--input``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..language.definitions import Net
from ..language.lexer import ARROW
from ..language.unknowns import INPUT, Unknown
from ..loading.inputs import given_shapes
from ..loading.unsized import TRIED, unsized
from ..shape import Shape

# How far is looked at first.
MOST = 512

_HEAD = re.compile(rf"[^-→]*?(?={ARROW.pattern})")


class InputSizes:
    """The sizes of an input: each ``?`` of it stands for the same number.

    asked  whether there is one
    """

    def __init__(self, text: str, given: Any, up_to: int | None):
        self._head = ""
        self._given = given
        if unsized(text):
            found = _HEAD.match(text)
            self._head = found[0] if found is not None else ""
        inputs = given if isinstance(given, Mapping) else {INPUT: given}
        self.asked = bool(self._head) or any(isinstance(v, str) and "?" in v for v in inputs.values())
        self.unknown = Unknown(INPUT, list(range(1, (up_to or MOST) + 1)), False, 1, None)

    @property
    def written(self) -> str:
        """The sizes as they are written; empty where they are those of several inputs."""
        if self._head:
            return self._head
        return self._given if isinstance(self._given, str) else ""

    def text(self, text: str, size: int | None = None) -> str:
        """The text of a chain with a size; without one, with a size that most networks take."""
        if not self._head:
            return text
        return self._head.replace("?", str(TRIED[0] if size is None else size)) + text[len(self._head) :]

    def shown(self, text: str, size: int) -> str:
        """A chain that was read with another size, with this one."""
        return self.text(self._head + text[len(self.text(self._head)) :], size) if self._head else text

    def shapes(self, net: Net, size: int) -> dict[str, Shape]:
        """The shapes of the inputs for a size. Raises SpecError."""

        def put(value: Any) -> Any:
            return value.replace("?", str(size)) if isinstance(value, str) else value

        if self._head:
            return given_shapes(net, put(self._head.strip()))
        if isinstance(self._given, Mapping):
            return given_shapes(net, {name: put(value) for name, value in self._given.items()})
        return given_shapes(net, put(self._given))
