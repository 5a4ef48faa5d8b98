"""Tables of a sheet, CSV or Markdown: rows of cells with the line each begins on."""

from __future__ import annotations

import csv
import io
import re
from typing import NamedTuple

_RULE = re.compile(r":?-+:?")
# A pipe that is not written as a sign.
_PIPE = re.compile(r"(?<!\\)\|")


class Row(NamedTuple):
    """A row of a table: the line it begins on, counted from 1, and its cells."""

    line: int
    cells: tuple[str, ...]


def markdown_rows(text: str) -> list[Row]:
    """The rows of the first table with pipes, its head first, without the rule below it."""
    found: list[Row] = []
    for number, line in enumerate(text.split("\n"), 1):
        if "|" not in line:
            if found:
                break
            continue
        cells = pipe_cells(line)
        if not all(_RULE.fullmatch(cell) for cell in cells if cell) or not any(cells):
            found.append(Row(number, cells))
    return found


def pipe_cells(line: str) -> tuple[str, ...]:
    """The cells of a line with pipes."""
    bare = line.strip()
    bare = bare[1:] if bare.startswith("|") else bare
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    return tuple([cell.replace("\\|", "|").strip() for cell in _PIPE.split(bare)])


def csv_rows(text: str) -> list[Row]:
    """The rows of a CSV text, empty ones left out; commas, semicolons or tabs between cells.

    Raises ValueError where it is no CSV.
    """
    # What a spreadsheet writes for itself.
    said = re.match(r'"?sep=(.)"?[ \t]*(\n|$)', text)
    between = said[1] if said and said[1] not in '\n"' else delimiter(text)
    below = text[said.end() :] if said else text
    reader = csv.reader(io.StringIO(below), delimiter=between, skipinitialspace=True)
    found: list[Row] = []
    ahead = 1 if said else 0
    line = 1 + ahead
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append(Row(line, tuple([cell.strip() for cell in cells])))
            line = reader.line_num + 1 + ahead
    except csv.Error as error:
        raise ValueError(str(error)) from None
    return found


def delimiter(text: str) -> str:
    """What stands between the cells: the sign that the head, where no answer stands, has most of.
    """
    first = next((line for line in text.split("\n") if line.strip()), "")
    outside = re.sub(r'"[^"]*"', "", first)
    return max(",;\t", key=lambda sign: (outside.count(sign), sign == ","))


def has_pipes(text: str) -> bool:
    """Whether a text holds a Markdown table."""
    lines = text.split("\n")
    return any(
        "|" in line and "-" in line and all(_RULE.fullmatch(c) for c in pipe_cells(line) if c)
        for line in lines
    )
