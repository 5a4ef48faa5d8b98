"""Matrices on a screen: a frame round the window, several side by side as on a blackboard."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from .lines import Line
from .sheet import SheetBlock, Space, TextBlock
from .terminal import width_of, width_of_line
from .tex import tex

# Places behind the point of an exact number, and significant digits of a float.
PLACES, DIGITS = 6, 4
# Between two columns, and between two matrices.
BETWEEN, APART = 2, 3
# Columns that amsmath has for a matrix, unless it is told otherwise.
TEX_COLUMNS = 10
# Where cells are left out.
MORE = "…"


def number_texts(numbers: Sequence[Any]) -> list[str]:
    """Write numbers in one style.

    Args:
        numbers: Ints, Fractions and floats.

    Returns:
        Exact numbers in full, as decimals where all of them end within six places, else as fractions; floats
        with four significant digits.

    Example:
        >>> from fractions import Fraction
        >>> from archcalc.report.matrices import number_texts
        >>> number_texts([Fraction(17, 4), 4]), number_texts([Fraction(1, 9), 4]), number_texts([0.123456])
        (['4.25', '4'], ['1/9', '4'], ['0.1235'])
    """
    fractions = [value for value in numbers if isinstance(value, Fraction)]
    decimal = all((10**PLACES * value).denominator == 1 for value in fractions)
    return [_number_text(value, decimal) for value in numbers]


def _number_text(value: Any, decimal: bool) -> str:
    if isinstance(value, float):
        text = f"{value:.{DIGITS}g}"
        return "0" if text == "-0" else text
    if isinstance(value, Fraction) and decimal:
        scaled = value * 10**PLACES
        digits = str(abs(scaled.numerator)).rjust(PLACES + 1, "0")
        text = f"{digits[:-PLACES]}.{digits[-PLACES:]}".rstrip("0").rstrip(".")
        return f"-{text}" if value < 0 else text
    return str(value)


class MatrixPanel(NamedTuple):
    """A matrix as it is drawn.

    Attributes:
        cells: Its texts, row by row; ``MORE`` stands for what is left out.
        frame: First and last row, first and last column of a frame; None for none.
        read: The cells in the frame that are read, where these are not all.
        beyond: The cells that lie beyond the matrix: its padding.
        title: A few words above it.
    """

    cells: Sequence[Sequence[str]]
    frame: tuple[int, int, int, int] | None = None
    read: Collection[tuple[int, int]] | None = None
    beyond: Collection[tuple[int, int]] = ()
    title: str = ""

    def lines(self) -> list[Line]:
        """The matrix, its frame drawn."""
        across = max(map(len, self.cells))
        widths = [max(width_of(row[at]) for row in self.cells) for at in range(across)]
        title: list[Line] = [[(self.title, "aside")]] if self.title else []
        if self.frame is None:
            return title + [self._row(y, row, widths) for y, row in enumerate(self.cells)]
        top, bottom, left, right = self.frame
        inside = sum(widths[left : right + 1]) + BETWEEN * (right - left)
        margin = " " * sum(width + BETWEEN for width in widths[:left])
        lines: list[Line] = []
        for y, row in enumerate(self.cells):
            if y == top:
                lines.append([(f"{margin}┌{'─' * (inside + 2)}┐", "")])
            lines.append(self._row(y, row, widths, left, right))
            if y == bottom:
                lines.append([(f"{margin}└{'─' * (inside + 2)}┘", "")])
        return title + lines

    def _row(
        self, y: int, row: Sequence[str], widths: Sequence[int], left: int = -1, right: int = -1
    ) -> Line:
        line: Line = []
        framed = self.frame is not None
        barred = framed and self.frame is not None and self.frame[0] <= y <= self.frame[1]
        for x, (text, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * BETWEEN if x else ""
            if framed and x == left:
                gap += "│ " if barred else "  "
            elif framed and x == right + 1:
                gap = " │" + gap if barred else "  " + gap
            role = "aside" if (y, x) in self.beyond else ""
            if barred and left <= x <= right and (self.read is None or (y, x) in self.read):
                role = "title"
            line += [(gap, ""), (" " * (width - width_of(text)) + text, role)]
        if barred and right == len(row) - 1:
            line.append((" │", ""))
        return line


# Matrices with signs between them.
Equation = Sequence["MatrixPanel | str"]


class BlackboardBlock(SheetBlock):
    """Matrices side by side with signs between them, and sums below.

    Args:
        equations: What stands on the board.
        sums: Products written out: for which cell each is, and the sum.
    """

    kind = "blackboard"

    def __init__(self, equations: Sequence[Equation], sums: Sequence[tuple[str, str]] = ()):
        self.equations = equations
        self.sums = sums

    def lines(self, space: Space, edge: int) -> Iterator[Line]:
        """The board on a screen: what does not fit beside the rest goes below it."""
        for equation in self.equations:
            for group in _groups([_shown(item, space) for item in equation], space.width):
                yield from _beside(group)
                yield []
        yield from self.sum_lines(space)
        if self.sums:
            yield []

    def sum_lines(self, space: Space) -> Iterator[Line]:
        """The sums, those that are longer than a line broken."""
        margin = max([space.width_of(cell) for cell, _ in self.sums], default=0) + BETWEEN
        for cell, text in self.sums:
            start: Line = [(cell.ljust(margin), "aside")]
            yield from space.hanging(start, text, margin)

    def as_text(self) -> TextBlock:
        """The board as lines, for formats without a way of their own to show it."""
        return TextBlock(lambda space: self.lines(space, 0))

    def tex_lines(self) -> Iterator[str]:
        """The board in LaTeX, with the matrices of amsmath."""
        for equation in self.equations:
            widest = max([len(row) for item in equation if not isinstance(item, str) for row in item.cells])
            if widest > TEX_COLUMNS:
                yield f"\\setcounter{{MaxMatrixCols}}{{{widest}}}"
            yield "\\["
            for item in equation:
                if isinstance(item, str):
                    yield _TEX_SIGNS.get(item) or _tex_cell(item)
                else:
                    yield from _tex_matrix(item)
            yield "\\]"
        for cell, text in self.sums:
            yield f"\\noindent {tex(cell)}: {tex(text)}\\par"


_TEX_SIGNS = {"*": "\\ast", "=": "=", "+": "+", "->": "\\longrightarrow", "·": "\\cdot"}


def _tex_matrix(panel: MatrixPanel) -> Iterator[str]:
    if panel.title:
        yield f"\\underset{{\\text{{{tex(panel.title)}}}}}{{"
    yield "\\begin{bmatrix}"
    for y, row in enumerate(panel.cells):
        cells = []
        for x, text in enumerate(row):
            frame = panel.frame
            framed = frame is not None and frame[0] <= y <= frame[1] and frame[2] <= x <= frame[3]
            shown = _tex_cell(text)
            if framed and (panel.read is None or (y, x) in panel.read):
                shown = f"\\mathbf{{{shown}}}"
            cells.append(shown)
        yield " & ".join(cells) + " \\\\"
    yield "\\end{bmatrix}" + ("}" if panel.title else "")


def _tex_cell(text: str) -> str:
    if text == MORE:
        return "\\cdots"
    if text == "·":
        return "\\cdot"
    sign, bare = ("-", text[1:]) if text.startswith("-") else ("", text)
    above, slash, below = bare.partition("/")
    return f"{sign}\\tfrac{{{above}}}{{{below}}}" if slash else text


def _shown(item: MatrixPanel | str, space: Space) -> MatrixPanel | str:
    """A matrix or a sign in the signs that there are."""
    if isinstance(item, str):
        return space.shown(item)
    return item._replace(cells=[[space.shown(text) for text in row] for row in item.cells])


def _groups(equation: Equation, width: int | None) -> Iterator[list[list[Line]]]:
    """Matrices with the signs before them, as many as a line holds."""
    group: list[list[Line]] = []
    used = 0
    pending: list[list[Line]] = []
    for item in equation:
        if isinstance(item, str):
            pending.append([[(item, "")]])
            continue
        pending.append(item.lines())
        wide = sum(_width(lines) + APART for lines in pending)
        if group and width is not None and used + wide - APART > width:
            yield group
            group, used = [], 0
        group += pending
        used += wide
        pending = []
    if group:
        yield group + pending


def _width(lines: Sequence[Line]) -> int:
    return max(map(width_of_line, lines))


def _beside(parts: Sequence[Sequence[Line]]) -> Iterator[Line]:
    """Parts side by side, each in the middle of the height."""
    height = max(map(len, parts))
    for number in range(height):
        line: Line = []
        for lines in parts:
            at = number - (height - len(lines)) // 2
            part = lines[at] if 0 <= at < len(lines) else []
            wide = _width(lines)
            line += [*part, (" " * (wide - width_of_line(part) + APART), "")]
        yield line
