"""Where the tables and keys of a TOML file stand, for messages."""

from __future__ import annotations

import re

from .diagnostics import ERROR, Diagnostic, SpecError
from .source import Source, Span

# A key of a table, at the start of a line.
_KEY = re.compile(r"([\w\"'.-]+)\s*=")


class Places:
    """Where in a file the tables and keys stand."""

    def __init__(self, source: Source):
        self.source = source
        self._found: dict[tuple[str, int, str], Span] = {}
        count: dict[str, int] = {}
        table = ""
        at = 0
        for line in source.text.split("\n"):
            bare = line.lstrip()
            start = at + len(line) - len(bare)
            inside, bracket, _ = bare.partition("]")
            key = _KEY.match(bare)
            if bare.startswith("[") and bracket and inside.strip("[ \t"):
                table = inside.removeprefix("[").removeprefix("[").strip()
                count[table] = count.get(table, -1) + 1
                self._keep(table, count[table], "", start, at + len(line.rstrip()))
            elif key:
                name = key[1].strip("\"'")
                self._keep(table, max(count.get(table, 0), 0), name, start, at + len(line.rstrip()))
            at += len(line) + 1

    def _keep(self, table: str, number: int, key: str, start: int, end: int) -> None:
        self._found.setdefault((table, number, key), Span(self.source, start, end))

    def has(self, table: str, number: int = 0, key: str = "") -> bool:
        """Whether a table says a key."""
        return (table, number, key) in self._found

    def of(self, table: str, number: int = 0, key: str = "") -> Span:
        """The place of a key, else of its table, else the start of the file."""
        at = number if table else 0
        for name in (key, ""):
            if span := self._found.get((table, at, name)):
                return span
        return Span(self.source, 0, 0)

    def blamed(self, error: SpecError, table: str, number: int = 0, key: str = "") -> list[Diagnostic]:
        """The errors of something that a key says, at the place of the key."""
        found = []
        for one in error.diagnostics:
            if one.severity != ERROR:
                continue
            notes = one.notes
            if one.span is not None and one.span.source.name != "<command line>":
                notes = (f"at {one.span}", *notes)
            place = self.of(table, number, key)
            found.append(Diagnostic(one.code, one.message, place, notes=notes, help=one.help))
        return found
