"""The blocks and layers that words mean."""

from __future__ import annotations

from ..ops import registry
from .definitions import BlockDefinition, File
from .library import Library
from .spelling import ops_called
from .zoo_path import normal


class Callee:
    """A block or a layer as a value: what a block parameter may be."""

    __slots__ = ("name", "block")

    def __init__(self, name: str, block: BlockDefinition | None):
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
        """Return the block or layer that a word means in a file: a block of the file itself, else what
        archcalc knows, else a block of a file beside it.

        Raises SpecError where files beside it have several blocks of that name, or where the one
        that has it cannot be parsed.
        """
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
        beside = self.library.neighbours(file)
        block = beside.block(name, file) if beside is not None else None
        if block is not None:
            return Callee(name, block)
        # Case does not matter where one block alone is called so.
        plain = normal(name)
        alike = [word for word in self.library.block_names(file) if normal(word) == plain]
        return self.lookup(alike[0], file) if len(alike) == 1 else None
