"""Sheets in a notebook: their tables and formulas, without a style of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from .formats import Document
from .grid import Cell, Column
from .sheet import PAGE, FactsBlock, NotesBlock, Sheet, TableBlock, TextBlock, indented
from .working import WorkingBlock


class Notebook(Document):
    """The tables and formulas of sheets alone."""

    def document(self, sheets: Iterable[Sheet]) -> Iterator[str]:
        """One after the other."""
        for sheet in sheets:
            self._caption = sheet.caption
            for block in sheet.blocks:
                yield from self.block(block)

    def facts(self, block: FactsBlock) -> Iterable[str]:
        """Leave them out."""
        return ()

    def notes(self, block: NotesBlock) -> Iterable[str]:
        """Leave them out."""
        return ()

    def text(self, block: TextBlock) -> Iterator[str]:
        """Lines as they stand."""
        lines = ["".join([text for text, _ in line]).rstrip() for line in block.lines_for(PAGE)]
        yield f"<pre>{escape(chr(10).join(lines).strip(chr(10)))}</pre>"

    def working(self, block: WorkingBlock) -> Iterator[str]:
        """The answer, and the formulas below it."""
        yield f"<p><b>{escape(block.quantity)}</b> {escape(block.answer)}</p>"
        if block.steps:
            texts = [escape(text) for step in block.steps for text in step.texts]
            yield "<pre>" + "\n".join(texts) + "</pre>"

    def table(self, block: TableBlock) -> Iterator[str]:
        """A table."""
        grid = block.grid
        heads = _row([(column.head, "") for column in grid.columns], grid.columns, "th")
        body = "".join([_row(row, grid.columns, "td") for row in grid.rows])
        feet = "".join([_row(row, grid.columns, "th") for row in grid.feet])
        yield f"<table><caption>{escape(self._caption)}</caption><thead>{heads}</thead><tbody>{body}</tbody>"
        yield f"{f'<tfoot>{feet}</tfoot>' if feet else ''}</table>"


def notebook(sheets: Iterable[Sheet]) -> str:
    """The tables and formulas of sheets as HTML."""
    return "".join(Notebook().document(sheets))


def _row(cells: Sequence[Cell], columns: Sequence[Column], tag: str) -> str:
    found = []
    for cell, column in zip(cells, columns, strict=True):
        depth, line = indented(cell)
        style = "text-align:right" if column.right else "text-align:left"
        if depth:
            style += f";padding-left:{depth}em"
        if tag == "td" and any(role == "sum" for _, role in line):
            style += ";font-weight:bold"
        text = escape("".join([text for text, _ in line]).strip())
        found.append(f'<{tag} style="{style}">{text}</{tag}>')
    return f"<tr>{''.join(found)}</tr>"
