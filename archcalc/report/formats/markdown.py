"""Sheets as Markdown: tables with pipes, as GitHub, GitLab and pandoc read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..grid import Cell, Grid
from ..lines import Line, plain
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, TableBlock, TextBlock, indented
from ..terminal import width_of
from ..working import Legend, WorkingBlock
from . import Document

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


class Format(Document):
    """``--format markdown``."""

    suffixes = (".md",)

    def sheet(self, sheet: Sheet) -> Iterator[str]:
        """A heading, and the blocks below it; facts and notes are one list."""
        name, title = sheet.name, sheet.title
        if sheet.spec:
            head = _inline([(name, "title"), (": ", ""), (title, "spec")])
        else:
            head = _inline([(name or title, "title"), (f": {title}" if name and title else "", "")])
        yield head + (f" ({escaped(sheet.aside)})" if sheet.aside else "") + "\n"
        item = False
        for block in sheet.blocks:
            before = item
            item = False
            for number, line in enumerate(self.block(block)):
                item = line.lstrip().startswith("- ")
                if not number and not (before and item):
                    yield "\n"
                yield line + "\n"

    def table(self, block: TableBlock) -> Iterator[str]:
        """A table with pipes."""
        yield from markdown_table(block.grid)
        if block.more:
            yield ""
            yield f"- {_started(escaped(block.more))}"

    def facts(self, block: FactsBlock) -> Iterator[str]:
        """Facts as a list; several of one word as a list inside."""
        groups: list[tuple[str, list[str]]] = []
        for word, line in block.lines_for(PAGE):
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

    def notes(self, block: NotesBlock) -> Iterator[str]:
        """Notes as a list."""
        for parts in block.notes:
            yield f"- {_started(escaped(' · '.join(parts)))}"

    def text(self, block: TextBlock) -> Iterator[str]:
        """Lines as they stand, behind a fence that is longer than any in them."""
        yield from _fenced([plain(line) for line in block.lines_for(PAGE)])

    def working(self, block: WorkingBlock) -> Iterator[str]:
        """A quantity with its formulas in a block, where signs stand below signs."""
        yield f"**{block.quantity}** {escaped(block.answer)}"
        if block.steps:
            yield ""
            yield from _fenced([text for step in block.steps for text in step.texts])
        notes = [escaped(note) for note in block.notes]
        notes += [f"from {escaped(block.source)}"] if block.source else []
        if notes:
            yield ""
        for note in notes:
            yield f"- {note}"

    def legend(self, block: Legend) -> Iterator[str]:
        """A paragraph."""
        yield escaped(" · ".join(block.parts))


def _fenced(texts: Sequence[str]) -> Iterator[str]:
    while texts and not texts[-1]:
        texts = texts[:-1]
    most = max([len(run) for text in texts for run in re.findall("`+", text)], default=0)
    fence = "`" * max(3, most + 1)
    yield f"{fence}text"
    yield from texts
    yield fence


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
    elif role == "link":
        marked = f"[{escaped(bare)}]({bare})"
    elif role in BOLD:
        marked = f"**{escaped(bare)}**"
    else:
        marked = escaped(bare)
    return text.replace(bare, marked, 1)


def escaped(text: str) -> str:
    """A text that means nothing but itself. No tag begins in it, even behind an address, whose link
    GitHub would have swallow a backslash."""
    return _SIGNS.sub(r"\\\g<0>", text).replace("\\<", "&lt;")
