"""`archcalc ops`: the reference of the layers and blocks, on a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...ops.base import Op
from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import Line, hanging
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, SheetBlock, Space, TableBlock, TextBlock
from .op_page import BLOCKS, ReferencePage, signature, summary_of_op

PLAIN = ["name", "group", "signature", "summary", "counting", "source"]


def ops_table(ops: list[type[Op]]) -> FlatTable:
    """A record an op."""
    return PLAIN, (
        [op.name, op.group, signature(op), summary_of_op(op), op.format_counting(), op.source] for op in ops
    )


def ops_sheets(ops: list[type[Op]], blocks: Mapping[str, str], space: Space = PAGE) -> list[Sheet]:
    """All layers by group, and the blocks of the library."""
    title = "Layers and blocks"
    if space.drawn:
        lines = TextBlock(lambda space: ops_lines(ops, blocks, space))
        return [Sheet("", title, "", "ops", lines, headed=False)]
    found = [(op.group, op.name, summary_of_op(op)) for op in ops]
    found += [(BLOCKS, name, text) for name, text in blocks.items()]
    rows: list[list[Cell]] = [[(group, ""), (name, "spec"), (text, "")] for group, name, text in found]
    grid = Grid([Column("group"), Column("name"), Column("what")], rows)
    return [Sheet("", title, "", "ops", TableBlock(grid))]


def page_sheets(page: ReferencePage, space: Space = PAGE) -> list[Sheet]:
    """A page of the reference."""
    if space.drawn:
        lines = TextBlock(lambda space: page_lines(page, space))
        return [Sheet(page.name, page.group, "", "op", lines, headed=False)]
    blocks: list[SheetBlock] = [TextBlock(lambda space: [[(page.signature, "title")]])]
    if any(a.help for a in page.arguments):
        rows: list[list[Cell]] = [
            [(a.name, "spec"), (a.letter, ""), (a.type, ""), (a.default, ""), (a.help, "")]
            for a in page.arguments
        ]
        heads = ("argument", "letter", "type", "default", "meaning")
        blocks.append(TableBlock(Grid([Column(head) for head in heads], rows), "arguments"))
    facts = [*page.facts, ("example", page.example.split("\n")), ("result", page.result)]
    shown: list[tuple[str, Line]] = [
        ("" if number else word, [(line, "")])
        for word, lines in facts
        for number, line in enumerate([line for line in lines if line])
    ]
    blocks.append(FactsBlock(lambda space: shown))
    if page.text:
        blocks.append(TextBlock(lambda space: [[(line, "")] for line in page.text.split("\n")]))
    return [
        Sheet(
            page.name,
            page.group,
            "",
            "op",
            NotesBlock([page.summary], *[[paragraph] for paragraph in page.doc]),
            *blocks,
        )
    ]


def ops_lines(ops: list[type[Op]], blocks: Mapping[str, str], space: Space) -> Iterator[Line]:
    """All layers by group, and the blocks of the library."""
    groups: dict[str, list[type[Op]]] = {}
    for op in ops:
        groups.setdefault(op.group, []).append(op)
    names = [op.name for op in ops] + list(blocks)
    margin = max(len(name) for name in names) + 4
    for number, (group, members) in enumerate(groups.items()):
        if number:
            yield []
        yield [(group, "sum")]
        for op in members:
            yield from _entry(op.name, summary_of_op(op), margin, space)
    if blocks:
        yield []
        yield [(BLOCKS, "sum"), ("  written in the language", "aside")]
        for name, text in blocks.items():
            yield from _entry(name, text, margin, space)
    yield []
    yield [("`archcalc ops conv` tells all of one", "aside")]


def _entry(name: str, text: str, margin: int, space: Space) -> Iterator[Line]:
    return space.hanging([(f"  {name}".ljust(margin), "")], text, margin)


def page_lines(page: ReferencePage, space: Space) -> Iterator[Line]:
    """A page of the reference."""
    width = space.width or 80
    yield [(page.name, "title"), (f"  {page.group}", "aside")]
    yield []
    for paragraph in [page.summary, *page.doc]:
        for part in space.broken(paragraph, width):
            yield [(part, "")]
        yield []
    parts = space.broken(page.signature, width - 2)
    yield from hanging([("  ", "")], ([(part, "title")] for part in parts), 6)
    yield []
    if any(a.help for a in page.arguments):
        yield from _arguments(page, space.of(width))
        yield []
    facts = [*page.facts, ("example", page.example.split("\n")), ("result", page.result)]
    margin = max([len(word) for word, lines in facts if any(lines)]) + 2
    for word, lines in facts:
        parts = [part for line in lines if line for part in space.broken(line, width - margin)]
        yield from hanging([(word.ljust(margin), "aside")], ([(part, "")] for part in parts), margin)
    if page.text:
        yield []
        yield from ([(line, "")] for line in page.text.split("\n"))


def _arguments(page: ReferencePage, space: Space) -> Iterator[Line]:
    """The arguments, what they mean beside them."""
    width = space.width or 80
    rows = [(a.name, a.letter, a.type, a.default) for a in page.arguments]
    widths = [max([len(text) for text in column]) for column in zip(*rows, strict=True)]
    margin = 2 + sum([width + 2 for width in widths if width])
    for a, row in zip(page.arguments, rows, strict=True):
        cells = [text.ljust(size + 2) for text, size in zip(row, widths, strict=True) if size]
        start: Line = [("  " + cells[0], ""), ("".join(cells[1:]), "aside")]
        parts = space.broken(a.help, max(width - margin, 30))
        yield from hanging(start, ([(part, "")] for part in parts), margin)
