"""Places of the syntax tree in the text."""

from __future__ import annotations

import ast

from ....source import Source, Span


def place(source: Source, node: ast.AST | None) -> Span:
    """Return the place of a part of the code: as far as it stands on its first line."""
    line = getattr(node, "lineno", None)
    if node is None or line is None or line > len(source.starts):
        return Span(source, 0, 0)
    text = source.line(line)
    start = source.starts[line - 1] + _column(text, getattr(node, "col_offset", 0))
    if getattr(node, "end_lineno", line) == line:
        end = source.starts[line - 1] + _column(text, getattr(node, "end_col_offset", 0))
    else:
        end = source.starts[line - 1] + len(text)
    return Span(source, start, max(start, end))


def _column(text: str, offset: int) -> int:
    """The column of an offset in bytes, as a syntax tree has it."""
    if text.isascii():
        return min(offset, len(text))
    return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore"))
