"""The text of pasted Python code, or of the code cells of a notebook, as one syntax tree with its places."""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import Any

from ....diagnostics import fail
from ....source import Source, Span
from .. import GivenFile, refused

# A notebook holds no more cells, and a text no more parts.
_MOST_CELLS = 2000
_MOST_PARTS = 400_000
# Notebooks hold pictures besides code.
_LONGEST_NOTEBOOK = 2**25
# Cells that begin so hold Python.
_PYTHON_CELLS = ("%%time", "%%capture", "%%prun", "%%script false")
# What a command of the system or of the notebook gives: `files = !ls`.
_SHELL = re.compile(r"[A-Za-z_][\w, ]{0,200}= ?[!%][\w/]")


class Listing:
    """Python code as it was given.

    Attributes:
        name: The name of its file.
        path: Where it lies; None for standard input.
        tree: Its statements. Lines are counted through all cells, and through the files beside it.
    """

    def __init__(self, file: GivenFile):
        self.name = file.name
        self.path = file.path
        self._cells: list[tuple[int, Source]] = []
        self.tree = ast.Module([], [])
        self._parts = 0
        cells = _cells(file)
        for source in cells:
            self.tree.body += self._added(source).body
        self._count = len(cells)

    def beside(self, path: str) -> ast.Module:
        """Return the statements of a file beside it. Raises SpecError where it cannot be read."""
        from ....texts import read

        return self._added(Source(path, read(path)))

    def place(self, node: ast.AST) -> tuple[str, int]:
        """The file of a part of the code, and its line there."""
        found = self.span(node)
        return found.source.name, found.position[0]

    def holds(self, node: ast.AST) -> bool:
        """Whether a part of the code is of the file itself, and of none beside it."""
        last = self._cells[self._count - 1]
        return getattr(node, "lineno", 0) <= last[0] + len(last[1].starts)

    def _added(self, source: Source) -> ast.Module:
        """Read a cell or file. Raises SpecError at the place where it is no Python."""
        before = sum(len(cell.starts) for _, cell in self._cells)
        self._cells.append((before, source))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of odd escapes in texts
                tree = ast.parse(source.text)
                # It is not run: so Python tells of a `break` outside a loop, a `return` outside a function.
                compile(tree, self.name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            ast.increment_lineno(tree, before)
        except SyntaxError as error:
            line = min(max(error.lineno or 1, 1), len(source.starts))
            start = source.starts[line - 1] + min(max((error.offset or 1) - 1, 0), len(source.line(line)))
            message = f"this is no Python: {error.msg}"
            raise refused(
                message, Span(source, start, max(start, source.starts[line - 1] + len(source.line(line))))
            ) from None
        except (ValueError, RecursionError, MemoryError):
            raise refused("this code is nested too deep to be read", Span(source, 0, 0)) from None
        self._parts += len(list(ast.walk(tree)))
        if self._parts > _MOST_PARTS:
            raise fail("limit", f"{self.name} holds more than {_MOST_PARTS:,} parts of code")
        return tree

    def span(self, node: ast.AST | None) -> Span:
        """The place of a part of the code, as far as it stands on its first line."""
        line = getattr(node, "lineno", None)
        if node is None or line is None:
            return Span(self._cells[0][1], 0, 0)
        before, source = next(cell for cell in reversed(self._cells) if cell[0] < line)
        number = min(line - before, len(source.starts))
        text = source.line(number)
        begin = source.starts[number - 1]
        start = begin + _column(text, getattr(node, "col_offset", 0))
        same = getattr(node, "end_lineno", line) == line
        end = begin + (_column(text, getattr(node, "end_col_offset", 0) or 0) if same else len(text))
        return Span(source, start, max(start, end))

    @property
    def source(self) -> Source:
        """The text, all cells joined."""
        return Source(self.name, "\n".join([cell.text for _, cell in self._cells[: self._count]]))


def _column(text: str, offset: int) -> int:
    """The column of an offset in bytes, as a syntax tree has it."""
    if text.isascii():
        return min(offset, len(text))
    return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore"))


def _cells(file: GivenFile) -> list[Source]:
    """The text of a file; the code cells of a notebook. Raises SpecError."""
    if file.suffix == ".ipynb":
        from ....texts import read

        return _of_notebook(file.name, read(file.name, _LONGEST_NOTEBOOK))
    source = file.source()
    if file.path is None and source.text.lstrip().startswith("{"):
        return _of_notebook(file.name, source.text)
    if any(line != _plain(line) for line in source.text.splitlines()):
        try:
            ast.parse(source.text)
        except SyntaxError:  # the cells of a notebook as one file
            return [Source(source.name, "\n".join(map(_plain, source.text.splitlines())))]
        except (ValueError, RecursionError, MemoryError):
            pass  # whoever reads it tells
    return [source]


def _of_notebook(name: str, text: str) -> list[Source]:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError, MemoryError):
        raise fail("file", f"{name} is no notebook: it is no JSON") from None
    cells = found.get("cells") if isinstance(found, dict) else None
    if cells is None and isinstance(found, dict) and isinstance(found.get("worksheets"), list):
        cells = [
            cell
            for sheet in found["worksheets"]
            if isinstance(sheet, dict)
            for cell in sheet.get("cells", ())
        ]
    if not isinstance(cells, list) or len(cells) > _MOST_CELLS:
        raise fail("file", f"{name} is no notebook: it has no list of cells")
    sources = []
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        lines = cell.get("source", cell.get("input", ""))
        code = "".join([str(line) for line in lines]) if isinstance(lines, list) else str(lines)
        if code.lstrip().startswith("%%") and not code.lstrip().startswith(_PYTHON_CELLS):
            continue  # another language
        sources.append(Source(f"{name} cell {number}", "\n".join(map(_plain, code.splitlines()))))
    if not sources:
        raise fail("file", f"{name} holds no cell of code")
    return sources


def _plain(line: str) -> str:
    """A line of a cell without what only a notebook knows: `%matplotlib inline`, `!pip install`."""
    bare = line.lstrip()
    if bare.startswith(("%", "!", "?")) or (bare.endswith("?") and "#" not in bare) or _SHELL.match(bare):
        return line[: len(line) - len(bare)] + "pass"
    return line
