"""What a file holds when its format is left behind: lines of text, tables among them, and what of it is no
text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..sheets import Fault, SheetAnswer
from ..sheets.names import QuestionNames
from ..sheets.tables import SheetRow

# Rows and cells of a file, at most.
MOST_CELLS = 1_000_000


class FileError(Exception):
    """A file cannot be read; says why."""


class Contents(NamedTuple):
    """What a file holds.

    text     its lines; the rows of its tables are lines of Markdown
    places   where each line stands in the file, ``page 2, line 3``; empty where lines are lines
    tables   the rows of its tables, each with its line in the text
    entries  answers of which the file itself says which question they are of
    behind   what counts only for questions that nothing else answers: the code of a notebook
    faults   what of it is not read
    aside    what of it is neither an answer nor a heading
    doubts   texts that are not what was typed, by their lines, with the reasons
    """

    text: str = ""
    places: tuple[str, ...] = ()
    tables: tuple[tuple[SheetRow, ...], ...] = ()
    entries: tuple[SheetAnswer, ...] = ()
    behind: Contents | None = None
    faults: tuple[Fault, ...] = ()
    aside: tuple[Fault, ...] = ()
    doubts: tuple[tuple[int, str, str], ...] = ()

    def place(self, words: str) -> str:
        """A place in the text, ``line 3, Q1``, as a place in the file."""
        if not self.places or not words.startswith("line "):
            return words
        number, comma, rest = words[5:].partition(",")
        if not number.isdigit() or not 0 < int(number) <= len(self.places):
            return words
        return self.places[int(number) - 1] + comma + rest


class ContentsWriter:
    """Gathers lines and tables in their order, with their places."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.places: list[str] = []
        self.tables: list[tuple[SheetRow, ...]] = []
        self.frames = 0  # tables of one column, which are written as lines
        self.entries: list[SheetAnswer] = []
        self.faults: list[Fault] = []
        self.aside: list[Fault] = []
        self.doubts: list[tuple[int, str, str]] = []
        self._cells = 0

    def line(self, text: str, place: str = "") -> None:
        """Add a line, or several. A tab is a wide space."""
        for line in text.split("\n"):
            self.lines.append(line.replace("\t", "  ").rstrip())
            self.places.append(place or f"line {len(self.lines)}")

    def table(self, rows: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Add a table: the place of each row, and its cells. Raises FileError for one without an end."""
        self.line("")
        found: list[SheetRow] = []
        for place, cells in rows:
            self._cells += len(cells)
            if self._cells > MOST_CELLS:
                raise FileError(f"it has more than {MOST_CELLS:,} cells")
            if not any(cells):
                continue
            found.append(SheetRow(len(self.lines) + 1, tuple([cell.strip() for cell in cells])))
            self.line(_row(cells), place)
            if len(found) == 1:
                self.line("|" + "---|" * len(cells), place)
        # A table may begin at B2: the columns before it are none of it.
        first = min(
            [next(at for at, cell in enumerate(row.cells) if cell) for row in found if any(row.cells)] or [0]
        )
        if first:
            found = [SheetRow(row.line, row.cells[first:]) for row in found]
            for row in found:
                self.lines[row.line - 1] = _row(row.cells)
            self.lines[found[0].line] = "|" + "---|" * len(found[0].cells)
        if found and all(len(row.cells) == 1 for row in found):
            self._framed(found)
            return
        if found:
            self.tables.append(tuple(found))
            self.line("")

    def _framed(self, rows: Sequence[SheetRow]) -> None:
        """Write the rows of one column that are the last as lines: a frame around lines is no table."""
        self.frames += 1
        start = rows[0].line - 1
        places = [self.places[row.line - 1] for row in rows]
        del self.lines[start:], self.places[start:]
        moved: dict[int, int] = {}
        for row, place in zip(rows, places, strict=True):
            moved[row.line] = len(self.lines) + 1
            self.line(row.cells[0], place)
        self.doubts = [(moved.get(line, line), text, why) for line, text, why in self.doubts]
        self.line("")

    def doubt(self, text: str, why: str) -> None:
        """Say that a text in the next line is not what was typed."""
        self.doubts.append((len(self.lines) + 1, text, why))

    def contents(self, behind: Contents | None = None) -> Contents:
        """All of it."""
        return Contents(
            "\n".join(self.lines),
            tuple(self.places),
            tuple(self.tables),
            tuple(self.entries),
            behind,
            tuple(self.faults),
            tuple(self.aside),
            tuple(self.doubts),
        )


def _row(cells: Sequence[str]) -> str:
    """A row of Markdown."""
    return "| " + " | ".join([_in_a_row(cell) for cell in cells]) + " |"


def _in_a_row(cell: str) -> str:
    """A cell as one of a row of Markdown."""
    return " ".join(cell.split()).replace("|", "\\|")


class FileReader:
    """Reads files of a format.

    suffixes  ends of their names
    kind      what such a file is called, for messages
    reads     what of it is read, for the documentation
    library   the package that it needs; empty for none
    """

    suffixes: tuple[str, ...] = ()
    kind = ""
    reads = ""
    library = ""

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        """What a file holds. Raises FileError, and whatever a library raises for what it cannot read."""
        raise NotImplementedError
