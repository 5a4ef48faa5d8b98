"""The blocks of the spec files in one folder, which each of them may call."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from ..diagnostics import SpecError, fail
from ..source import Source, Span
from ..texts import read
from .definitions import BlockDefinition, File

# What is looked through at most: files of a folder, and their letters taken together.
MOST_FILES = 1_000
MOST_LETTERS = 2**25

_BLOCK = re.compile(r"^block[ ]+([A-Za-z_]\w*)", re.MULTILINE)


class Neighbours:
    """The blocks of one folder. Files are looked through when a block is asked for that archcalc
    does not know, and parsed when one of their blocks is called.

    unread  why a file could not be looked through, by its name
    """

    def __init__(self, folder: str, parse: Callable[[str], File]):
        self.folder = folder
        self.unread: dict[str, str] = {}
        self._parse = parse
        self._found: dict[str, list[Span]] | None = None
        self._faults: dict[str, SpecError] = {}

    def names(self, file: File) -> list[str]:
        """Return the blocks that a file of the folder can call in the others."""
        return [name for name in self._places if self.places(name, file)]

    def places(self, name: str, file: File) -> list[Span]:
        """Return where blocks of that name stand, the file itself apart."""
        found = self._places.get(name, [])
        return [span for span in found if not _is_same(span.source.name, file.source.name)]

    def block(self, name: str, file: File) -> BlockDefinition | None:
        """Return the block that a file of the folder calls, None if no other file has it.

        Raises SpecError where two files have one of that name, or where the file that has it
        cannot be parsed.
        """
        found = self.places(name, file)
        if not found:
            return None
        if len(found) > 1:
            places = ", ".join(map(beside, found[:4])) + (" …" if len(found) > 4 else "")
            raise fail(
                "name",
                f"`{name}` is a block of several files beside this one: {places}",
                "give each a name of its own, or write the one that is meant into this file",
            )
        path = found[0].source.name
        if path in self._faults:
            raise self._faults[path]
        try:
            return self._parse(path).blocks.get(name)
        except SpecError as error:
            self._faults[path] = error
            raise

    @property
    def _places(self) -> dict[str, list[Span]]:
        """Where the blocks of the folder stand, by their names."""
        if self._found is None:
            self._found = {}
            self._look_through(self._found)
        return self._found

    def _look_through(self, found: dict[str, list[Span]]) -> None:
        try:
            names = sorted(name for name in os.listdir(self.folder or ".") if name.endswith(".arch"))
        except OSError:
            return
        seen: set[str] = set()  # a link and what it leads to are one file
        letters = 0
        for number, name in enumerate(names):
            path = os.path.join(self.folder, name)
            target = os.path.realpath(path)
            if target in seen or os.path.isdir(path):
                continue
            seen.add(target)
            if number >= MOST_FILES or letters > MOST_LETTERS:
                self.unread[name] = "the folder holds too much"
                return
            try:
                source = Source(path, read(path))
            except SpecError as error:
                self.unread[name] = error.diagnostics[0].message
                continue
            letters += len(source.text)
            first: set[str] = set()
            for match in _BLOCK.finditer(source.text):
                if match[1] not in first:  # of two in one file the parser complains
                    first.add(match[1])
                    found.setdefault(match[1], []).append(Span(source, match.start(1), match.end(1)))


def beside(span: Span) -> str:
    """Return a place as a file of the same folder calls it: ``blocks.arch:3:7``."""
    line, column = span.position
    return f"{os.path.basename(span.source.name)}:{line}:{column}"


def _is_same(one: str, other: str) -> bool:
    return one == other or os.path.realpath(one) == os.path.realpath(other)
