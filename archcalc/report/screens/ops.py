"""`archcalc ops`: the reference of the layers and blocks, on a terminal and for programs."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from ...ops.base import Op
from ..flat import Table
from ..lines import Line
from ..wrapping import broken
from .op_page import BLOCKS, Page, default_of, signature, summary_of_op

PLAIN = ["name", "group", "signature", "summary", "counting", "source"]


def page_dict(op: type[Op] | None, page: Page) -> dict[str, Any]:
    """The reference of an op, or of a block, as JSON."""
    if op is None:
        return _block_dict(page)
    return {
        "name": op.name,
        "group": op.group,
        "summary": page.summary,
        "doc": inspect.getdoc(op),
        "signature": signature(op),
        "attributes": [
            {
                "name": name,
                "kind": attribute.kind,
                "required": attribute.required,
                "default": None if attribute.default is None else default_of(attribute),
                "help": attribute.help,
                "positional": name in op.positional,
                "letter": attribute.symbol,
            }
            for name, attribute in op.attributes.items()
        ],
        "counting": op.counting,
        "macs": op.matrix_product,
        "example": op.example,
        "source": op.source,
        "elsewhere": [*op.synonyms, *op.elsewhere],
        **page.to_dict(),
    }


def _block_dict(page: Page) -> dict[str, Any]:
    """The reference of a block as JSON."""
    return {
        "name": page.name,
        "group": page.group,
        "summary": page.summary,
        "doc": "\n\n".join([page.summary, *page.doc]),
        "signature": page.signature,
        "parameters": [
            {"name": a.name, "default": None if a.default == "required" else a.default}
            for a in page.arguments
        ],
        "example": page.example,
        "text": page.text,
        **page.to_dict(),
    }


def ops_table(ops: list[type[Op]]) -> Table:
    """A record an op."""

    def records() -> Iterator[list[str]]:
        for op in ops:
            yield [op.name, op.group, signature(op), summary_of_op(op), op.counting, op.source]

    return PLAIN, records()


def ops_lines(ops: list[type[Op]], blocks: Mapping[str, str], width: int | None) -> Iterator[Line]:
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
            yield from _entry(op.name, summary_of_op(op), margin, width)
    if blocks:
        yield []
        yield [(BLOCKS, "sum"), ("  written in the language", "aside")]
        for name, text in blocks.items():
            yield from _entry(name, text, margin, width)
    yield []
    yield [("`archcalc ops conv` tells all of one", "aside")]


def _entry(name: str, text: str, margin: int, width: int | None) -> Iterator[Line]:
    width_left = width - margin if width is not None else None
    for number, part in enumerate(broken(text, width_left)):
        yield [(f"  {name}".ljust(margin) if number == 0 else " " * margin, ""), (part, "")]


def page_lines(page: Page, width: int | None) -> Iterator[Line]:
    """A page of the reference."""
    width = width or 80
    yield [(page.name, "title"), (f"  {page.group}", "aside")]
    yield []
    for paragraph in [page.summary, *page.doc]:
        for part in broken(paragraph, width):
            yield [(part, "")]
        yield []
    for number, part in enumerate(broken(page.signature, width - 2)):
        yield [("  " if number == 0 else "      ", ""), (part, "title")]
    yield []
    if any(a.help for a in page.arguments):
        yield from _arguments(page, width)
        yield []
    facts = [*page.facts, ("example", page.example.split("\n")), ("result", page.result)]
    margin = max([len(word) for word, lines in facts if any(lines)]) + 2
    for word, lines in facts:
        parts = [part for line in lines if line for part in broken(line, width - margin)]
        for number, part in enumerate(parts):
            yield [((word if number == 0 else "").ljust(margin), "aside"), (part, "")]
    if page.text:
        yield []
        yield from ([(line, "")] for line in page.text.split("\n"))


def _arguments(page: Page, width: int) -> Iterator[Line]:
    """The arguments, what they mean beside them."""
    rows = [(a.name, a.letter, a.type, a.default) for a in page.arguments]
    widths = [max([len(text) for text in column]) for column in zip(*rows, strict=True)]
    margin = 2 + sum([width + 2 for width in widths if width])
    for a, row in zip(page.arguments, rows, strict=True):
        cells = [text.ljust(size + 2) for text, size in zip(row, widths, strict=True) if size]
        for number, part in enumerate(broken(a.help, max(width - margin, 30))):
            if number:
                yield [(" " * margin, ""), (part, "")]
            else:
                yield [("  " + cells[0], ""), ("".join(cells[1:]), "aside"), (part, "")]
