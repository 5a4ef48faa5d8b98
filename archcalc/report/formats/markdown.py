"""Sheets as Markdown: tables with pipes, as GitHub, GitLab and pandoc read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..grid import Cell, Grid
from ..lines import Line, width_of
from ..sheet import UNBROKEN, Sheet, indented

# What means something in a line of text: markup, HTML, a formula between dollars, the end of a
# cell, an entity. Between letters and digits an underscore is just that.
_SIGNS = re.compile(r"[\\`*\[\]<|~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
# At the start of an item: another item, a heading, a quotation.
_START = re.compile(r"^(?:\d{1,9}(?=[.)](?: |$))|(?=[>#+-]))")
# What a span of code cannot hold, or not in a table, or not behind an address.
_NO_CODE = re.compile(r"[`|\\<]")
BOLD = ("sum", "title")
# A step to the right: leading spaces would be dropped.
INDENT = "&emsp;"


def markdown(sheets: Iterable[Sheet]) -> Iterator[str]:
    """Sheets one below the other, line by line."""
    for number, sheet in enumerate(sheets):
        if number:
            yield "\n"
        for line in _lines(sheet):
            yield line + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    name, title = sheet.name, sheet.title
    head = _inline([(name or title, "title"), (f": {title}" if name and title else "", "")])
    yield head + (f" ({escaped(sheet.aside)})" if sheet.aside else "")
    yield ""
    yield from markdown_table(sheet.grid)
    items = list(_items(sheet))
    if items:
        yield ""
        yield from items


def markdown_table(grid: Grid) -> Iterator[str]:
    """The table alone, line by line."""
    heads = [escaped(column.head) for column in grid.columns]
    rows = [[_cell(cell) for cell in row] for row in (*grid.rows, *grid.feet)]
    widths = [max([3, *map(width_of, texts)]) for texts in zip(heads, *rows, strict=True)]

    def row(cells: Sequence[str]) -> str:
        found = []
        for cell, column, width in zip(cells, grid.columns, widths, strict=True):
            space = " " * (width - width_of(cell))
            found.append(space + cell if column.right else cell + space)
        return f"| {' | '.join(found)} |"

    yield row(heads)
    yield row(
        [
            "-" * (width - 1) + ":" if column.right else "-" * width
            for column, width in zip(grid.columns, widths, strict=True)
        ]
    )
    for cells in rows:
        yield row(cells)


def _items(sheet: Sheet) -> Iterator[str]:
    """Facts and conventions as a list; several of one word as a list inside."""
    groups: list[tuple[str, list[str]]] = []
    for word, line in sheet.facts(UNBROKEN):
        if word or not groups or not groups[-1][0]:
            groups.append((word, []))
        groups[-1][1].append(_inline(line))
    for word, texts in groups:
        if word and len(texts) > 1:
            yield f"- {word}"
            for text in texts:
                yield f"  - {_started(text)}"
        else:
            yield f"- {word}: {texts[0]}" if word else f"- {_started(texts[0])}"
    for parts in sheet.notes:
        yield f"- {_started(escaped(' · '.join(parts)))}"


def _started(text: str) -> str:
    return _START.sub(r"\g<0>\\", text)


def _cell(cell: Cell) -> str:
    depth, line = indented(cell)
    return INDENT * depth + _inline(line)


def _inline(line: Line) -> str:
    return re.sub(" +", " ", "".join([_marked(text, role) for text, role in line])).strip()


def _marked(text: str, role: str) -> str:
    """A text as its role is shown; the spaces about it stand outside the marks."""
    bare = text.strip()
    if not bare:
        return text
    if role == "spec" and not _NO_CODE.search(bare):
        marked = f"`{bare}`"
    elif role in BOLD:
        marked = f"**{escaped(bare)}**"
    else:
        marked = escaped(bare)
    return text.replace(bare, marked, 1)


def escaped(text: str) -> str:
    """A text that means nothing but itself. No tag begins in it, even behind an address, whose link
    GitHub would have swallow a backslash."""
    return _SIGNS.sub(r"\\\g<0>", text).replace("\\<", "&lt;")
