"""Sheets in a notebook: tables without a style of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from ...analysis.summary import ReceptiveField, Summary
from ..grid import Cell, Column
from ..screens.rf import rf_sheets
from ..screens.summary import summary_sheets
from ..sheet import Sheet, indented


def summary_html(summary: Summary) -> str:
    """A summary, folded as on a terminal."""
    return html(summary_sheets(summary))


def rf_html(report: ReceptiveField) -> str:
    """Receptive fields, folded as on a terminal; a table an input."""
    layers = [row.layer for row in report.rows]
    return html(rf_sheets(report.summary, layers))


def html(sheets: Iterable[Sheet]) -> str:
    """A table a sheet, one after the other."""
    return "".join([_table(sheet) for sheet in sheets])


def _table(sheet: Sheet) -> str:
    grid = sheet.grid
    heads = _row([(column.head, "") for column in grid.columns], grid.columns, "th")
    body = "".join([_row(row, grid.columns, "td") for row in grid.rows])
    feet = "".join([_row(row, grid.columns, "th") for row in grid.feet])
    return (
        f"<table><caption>{escape(sheet.caption)}</caption><thead>{heads}</thead><tbody>{body}</tbody>"
        f"{f'<tfoot>{feet}</tfoot>' if feet else ''}</table>"
    )


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
