"""The blocks and layers that words mean."""

from __future__ import annotations

from ..ops import registry
from .definitions import Block, File
from .library import Library
from .spelling import ops_called
from .zoo_path import normal


class Callee:
    """A block or a layer as a value: what a block parameter may be."""

    __slots__ = ("name", "block")

    def __init__(self, name: str, block: Block | None):
        self.name = name
        self.block = block  # None for a layer

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Callee) and (self.name, self.block) == (other.name, other.block)

    def __hash__(self) -> int:
        return hash((self.name, self.block))

    def __str__(self) -> str:
        return self.name


class Words:
    """Looks up what a word of a spec file calls."""

    def __init__(self, library: Library):
        self.library = library
        self.ops = registry()

    def lookup(self, name: str, file: File) -> Callee | None:
        """The block or layer that a word means in a file."""
        block = file.blocks.get(name)
        if block is not None:
            return Callee(name, block)
        if name in self.ops:
            return Callee(name, None)
        block = self.library.block(name)
        if block is not None:
            return Callee(name, block)
        called = ops_called(name)
        if called:
            return Callee(called[0].name, None)
        # Case does not matter where one block alone is called so.
        plain = normal(name)
        alike = [word for word in (*file.blocks, *self.library.blocks) if normal(word) == plain]
        return self.lookup(alike[0], file) if len(alike) == 1 else None
