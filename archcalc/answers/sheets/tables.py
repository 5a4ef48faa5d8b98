"""Tables of a sheet, CSV or Markdown: rows of cells with the line each begins on.

No row is lost: a quotation that is not closed ends with its line, a blank line does not end a
table, and what stands beside the tables is handed on as not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from . import Fault

_RULE = re.compile(r":?-+:?")
# A heading; `#2 34,848` is an answer.
_HEADING = re.compile(r"\s*#+(?:\s|$|[^\W\d])")
# A pipe that is not written as a sign.
_PIPE = re.compile(r"(?<!\\)\|")
# What a spreadsheet writes for itself.
_SEP = re.compile(r'"?sep=(.)"?[ \t]*(?:\n|$)')
# Rows that may stand above the head: a title, a date.
ABOVE = 30
# The verticals of a table that is drawn.
_DRAWN = str.maketrans("│┃║¦", "||||")
_DRAWN_RULE = frozenset("_|─━═┄┅┈┉╌╍-=+┌┐└┘├┤┬┴┼╞╡╪╤╧╭╮╯╰┏┓┗┛┣┫┳┻╋┡┩╇ \t")


class SheetRow(NamedTuple):
    """A row of a table.

    line      the line it begins on, counted from 1
    cells     its cells
    unclosed  the cell in which a quotation begins that is not closed: from there on nothing says
              which cell is which; -1 where there is none
    """

    line: int
    cells: tuple[str, ...]
    unclosed: int = -1


class Table(NamedTuple):
    """A table: its head, the rows below it, and what stands between its cells."""

    head: SheetRow
    rows: tuple[SheetRow, ...]
    between: str = "|"


class Tables(NamedTuple):
    """The tables of a text, at least one, and what stands beside them."""

    tables: tuple[Table, ...]
    aside: tuple[Fault, ...] = ()


IsHead = Callable[[Sequence[str]], bool]


def find_tables(text: str, is_head: IsHead) -> Tables | None:
    """The tables under heads of a kind, as CSV, as Markdown, or with columns that are parted by
    spaces, whichever makes the most of the text; None where there is no such head."""
    found = [one for one in (_csv_tables(text, is_head), _markdown_tables(text, is_head)) if one]
    if not found:
        found = [one for one in (_spaced_table(text, is_head),) if one]
    return max(found, key=_fitting, default=None)


def _fitting(found: Tables) -> int:
    """How many rows have as many cells as their head."""
    return sum(len(row.cells) == len(table.head.cells) for table in found.tables for row in table.rows)


def _csv_tables(text: str, is_head: IsHead) -> Tables | None:
    first = delimiter(text)
    for between in (first, *[sign for sign in ",;\t" if sign != first]):
        if between not in text:
            continue
        rows = csv_rows(text, between)
        for at, head in enumerate(rows[:ABOVE]):
            if len(head.cells) > 1 and not head.cells[0].startswith("|") and is_head(head.cells):
                below = [row for row in rows[at + 1 :] if row.cells != head.cells]
                above = [_aside(row.line, f"{between} ".join(row.cells)) for row in rows[:at]]
                return Tables((Table(head, tuple(below), between),), tuple(above))
            if sum(map(bool, head.cells)) > 1:
                break  # no title, and no head
    return None


def _markdown_tables(text: str, is_head: IsHead) -> Tables | None:
    if "|" not in text and not any(sign in text for sign in "│┃║"):
        return None
    every, aside = _pipe_tables(text)
    found = []
    for table in every:
        if is_head(table.head.cells):
            found.append(table)
        else:
            aside += [_aside(row.line, " | ".join(row.cells)) for row in (table.head, *table.rows)]
    if not found:
        return None
    return Tables(tuple(found), tuple(sorted(aside, key=lambda one: _line_of(one.place))))


def _spaced_table(text: str, is_head: IsHead) -> Tables | None:
    """A table whose columns are parted by two spaces or more, as tools print it."""
    lines = [line.translate(_BARS).expandtabs() for line in text.split("\n")]
    for at, line in enumerate(lines[:ABOVE]):
        heads = _spaced(line)
        head = SheetRow(at + 1, tuple([cell.text for cell in heads]))
        if len(heads) > 1 and is_head(head.cells):
            aside = [
                _aside(number, other) for number, other in enumerate(lines[:at], 1) if not _is_rule(other)
            ]
            below = []
            for number, other in enumerate(lines[at + 1 :], at + 2):
                if _is_rule(other):
                    continue
                cells = _placed(_spaced(other), heads)
                if cells is None or not any(cells):
                    aside.append(_aside(number, other, "its cells do not stand below the heads"))
                elif cells != head.cells:
                    below.append(SheetRow(number, cells))
            return Tables((Table(head, tuple(below), "  "),), tuple(aside))
    return None


# What is drawn between cells or before them, bars or a tree, is none of their words.
_BARS = dict.fromkeys(range(9472, 9632), " ")


class _Cell(NamedTuple):
    """A cell of a line, and the places where it begins and ends."""

    text: str
    start: int
    end: int


def _spaced(line: str) -> list[_Cell]:
    """The cells of a line that are parted by two spaces or more."""
    found = []
    at = 0
    for part in line.split("  "):
        if text := part.strip():
            start = at + len(part) - len(part.lstrip())
            found.append(_Cell(text, start, start + len(text)))
        at += len(part) + 2
    return found


def _placed(cells: Sequence[_Cell], heads: Sequence[_Cell]) -> tuple[str, ...] | None:
    """The cells of a line, each in the column below whose head it stands, where a line has not as
    many as the head: cells may be blank, and one that is as wide as its column touches the next.
    None where they do not stand so."""
    if len(cells) in (0, len(heads)):
        return tuple([cell.text for cell in cells])
    found = [""] * len(heads)
    for cell in cells:
        below = [at for at, head in enumerate(heads) if cell.start < head.end and head.start < cell.end]
        if not below:
            return None
        parts = [cell.text]
        for at in below[1:]:  # the next column begins below its head
            cut = heads[at].start - cell.end + len(parts[-1])
            if not 0 < cut < len(parts[-1]) or parts[-1][cut - 1] != " ":
                return None
            parts[-1:] = [parts[-1][:cut].strip(), parts[-1][cut:]]
        for at, part in zip(below, parts, strict=True):
            if found[at]:
                return None
            found[at] = part
    return tuple(found)


def _aside(line: int, text: str, why: str = "it is in no table that can be read") -> Fault:
    return Fault(f"line {line}", why, " ".join(text.split()))


def _line_of(place: str) -> int:
    return int(place.rpartition(" ")[2])


# ---------------------------------------------------------------------------------------------
# Markdown


def markdown_rows(text: str) -> list[SheetRow]:
    """The rows of the first table with pipes, its head first, without the rule below it."""
    tables, _ = _pipe_tables(text)
    return [tables[0].head, *tables[0].rows] if tables else []


def _pipe_tables(text: str) -> tuple[list[Table], list[Fault]]:
    """The tables with pipes, and the lines beside them. A blank line in a table is none of its
    rows; a row behind one, with a rule below it, is the head of another table."""
    found: list[list[SheetRow]] = []
    aside: list[Fault] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if _is_rule(line):
            rows = found[-1] if found else []
            apart = len(rows) > 1 and rows[-2].line < rows[-1].line - 1 == number - 2
            # Where it is a rule that stands above the row, there is one between any two rows.
            if apart and line.strip() and not lines[number - 3].strip():
                found.append([rows.pop()])
            continue
        drawn = line.translate(_DRAWN)
        if "|" in drawn:
            if not found:
                found.append([])
            found[-1].append(SheetRow(number, pipe_cells(drawn)))
        elif line.strip() and not _HEADING.match(line):
            aside.append(_aside(number, line))
    tables = []
    for rows in found:
        head = rows[0]
        tables.append(Table(head, tuple([row for row in rows[1:] if row.cells != head.cells])))
    return tables, aside


def every_table(text: str) -> list[Table]:
    """The tables of a text under whatever heads, Markdown or CSV."""
    if has_pipes(text):
        return _pipe_tables(text)[0]
    rows = csv_rows(text)
    return [Table(rows[0], tuple(rows[1:]), delimiter(text))] if rows else []


def _is_rule(line: str) -> bool:
    """Whether a line is blank, or a rule of a table."""
    bare = line.strip()
    if not bare or not _DRAWN_RULE.issuperset(bare.replace(":", "")):
        return not bare
    cells = [cell for cell in pipe_cells(bare.translate(_DRAWN)) if cell]
    drawn = any(sign in bare for sign in "_─━═┄┅┈┉╌╍=+")
    return drawn or (bool(cells) and all(_RULE.fullmatch(cell) for cell in cells))


def pipe_cells(line: str) -> tuple[str, ...]:
    """The cells of a line with pipes."""
    bare = line.strip()
    bare = bare[1:] if bare.startswith("|") else bare
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    return tuple([cell.replace("\\|", "|").strip() for cell in _PIPE.split(bare)])


def has_pipes(text: str) -> bool:
    """Whether a text holds a Markdown table."""
    lines = text.split("\n")
    return any(
        "|" in line and "-" in line and all(_RULE.fullmatch(c) for c in pipe_cells(line) if c)
        for line in lines
    )


# ---------------------------------------------------------------------------------------------
# CSV


def csv_rows(text: str, between: str = "") -> list[SheetRow]:
    """The rows of a CSV text, empty ones left out; ``between`` the cells stands a comma, a
    semicolon or a tab, whichever the head has most of."""
    declared = _SEP.match(text)
    start, line = (declared.end(), 2) if declared else (0, 1)
    if not between:
        between = declared[1] if declared and declared[1] not in '\n"' else delimiter(text[start:])
    reader = _CsvReader(text, between)
    found: list[SheetRow] = []
    while start < len(text):
        row, end = reader.row(start, line)
        line += text.count("\n", start, end)
        start = end
        if any(row.cells):
            found.append(row)
    return found


def delimiter(text: str) -> str:
    """The delimiter: the sign that stands most often in the head, where no answer is."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(",;\t", key=lambda sign: (outside.count(sign), sign == ","))


class _CsvReader:
    """Reads CSV row by row. Python's own reader lets a quotation that is not closed swallow all
    the rows below it, and refuses the whole text for one long cell."""

    def __init__(self, text: str, between: str):
        self.text = text
        self.between = between
        self.width = 0  # of the head

    def row(self, start: int, line: int) -> tuple[SheetRow, int]:
        """The row that begins at a place in the text, and the place of the next."""
        text = self.text
        end = _end_of_line(text, start)
        if '"' not in text[start:end]:
            row = SheetRow(line, tuple([cell.strip() for cell in text[start:end].split(self.between)]))
        else:
            row, end = self._quoted_row(start, line, end)
        if self.width < 2:  # a title may stand above the head
            self.width = len(row.cells)
        return row, end + 1

    def _quoted_row(self, start: int, line: int, end: int) -> tuple[SheetRow, int]:
        text, between = self.text, self.between
        cells: list[str] = []
        at = start
        while True:
            while text[at : at + 1] in (" ", "\t") and text[at] != between:
                at += 1
            if text[at : at + 1] == '"':
                close = self._closing(start, at)
                if close < 0:
                    rest = text[at:end].split(between)
                    unclosed = len(cells)
                    return SheetRow(line, (*cells, *[cell.strip() for cell in rest]), unclosed), end
                cells.append(text[at + 1 : close].replace('""', '"').strip())
                end = _end_of_line(text, close)
                at = close + 1
                while text[at : at + 1] in (" ", "\t") and text[at] != between:
                    at += 1
            else:
                stop = text.find(between, at, end)
                stop = end if stop < 0 else stop
                cells.append(text[at:stop].strip())
                at = stop
            if at >= end:
                return SheetRow(line, tuple(cells)), end
            at += 1

    def _closing(self, row: int, opening: int) -> int:
        """Where a quotation ends; -1 where it is not closed: its end is missing, something stands
        behind its end, or what it would swallow are rows."""
        text, between = self.text, self.between
        at = text.find('"', opening + 1)
        while at >= 0 and text[at + 1 : at + 2] == '"':
            at = text.find('"', at + 2)
        if at < 0:
            return -1
        behind = at + 1
        while text[behind : behind + 1] in (" ", "\t") and text[behind] != between:
            behind += 1
        if text[behind : behind + 1] not in ("", "\n", between):
            return -1
        if self.width and "\n" in text[opening:at] and self._are_rows(row, at):
            return -1
        return at

    def _are_rows(self, row: int, close: int) -> bool:
        """Whether the lines that a quotation spans look like rows of the table each."""
        lines = self.text[row : _end_of_line(self.text, close)].split("\n")
        like = [line.count(self.between) + 1 == self.width for line in lines if line.strip()]
        below = like[1:]
        if self.width < 2 or not like[0] or not below:
            return False
        return all(below) if self.width == 2 else 2 * sum(below) >= len(below)


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


# Cells that a comma without quotes may have made of one number: 34 and 944.
_HUNDREDS, _GROUP = re.compile(r"[-+~]?\d{1,3}"), re.compile(r"\d{3}")


def one_number(cells: Sequence[str], at: int) -> bool:
    """Whether a cell and the next may be one number whose comma was not quoted."""
    both = cells[at : at + 2]
    return len(both) == 2 and bool(_HUNDREDS.fullmatch(both[0]) and _GROUP.fullmatch(both[1]))
