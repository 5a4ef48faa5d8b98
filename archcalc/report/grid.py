"""A table laid out in columns: widths, alignment, rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .lines import Line, Segment, width_of

# A cell is a text with a role, or several side by side.
Cell = Segment | Line


class Column:
    """A column: its head, its alignment, and the space before it."""

    __slots__ = ("head", "right", "gap")

    def __init__(self, head: str = "", right: bool = False, gap: int = 2):
        self.head = head
        self.right = right
        self.gap = gap


def segments(cell: Cell) -> Line:
    """A cell as a list of segments."""
    return cell if isinstance(cell, list) else [cell]


def cell_width(cell: Cell) -> int:
    """Columns that a cell takes."""
    return sum(width_of(text) for text, _ in segments(cell))


class Grid:
    """Rows of cells under heads. ``rows`` before the rule, ``feet`` behind it."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        feet: Sequence[Sequence[Cell]] = (),
    ):
        self.columns = columns
        self.rows = rows
        self.feet = feet
        self.widths = [len(column.head) for column in columns]
        for row in (*rows, *feet):
            for index, cell in enumerate(row):
                width = cell_width(cell)
                if width > self.widths[index]:
                    self.widths[index] = width

    @property
    def width(self) -> int:
        """Columns of the whole table."""
        return sum(self.widths) + sum(column.gap for column in self.columns[1:])

    def line(self, cells: Sequence[Cell]) -> Line:
        """One row as a line."""
        line: Line = []
        for index, (column, cell) in enumerate(zip(self.columns, cells, strict=True)):
            space = " " * (self.widths[index] - cell_width(cell))
            if index:
                line.append((" " * column.gap, ""))
            if column.right:
                line += [(space, ""), *segments(cell)]
            else:
                line += [*segments(cell), (space, "")]
        return line

    def rule(self) -> Line:
        """A rule across the table."""
        return [("─" * self.width, "aside")]

    def lines(self) -> Iterator[Line]:
        """Heads, rule, rows, and rule and feet if there are any."""
        yield self.line([(column.head, "aside") for column in self.columns])
        yield self.rule()
        for row in self.rows:
            yield self.line(row)
        if self.feet:
            yield self.rule()
            for row in self.feet:
                yield self.line(row)


def heading(name: str, title: str, aside: str, width: int) -> list[Line]:
    """The name, what it is, and at the right where it is from; on two lines if it must be."""
    left: Line = [(name, "title")]
    if title:
        left += [("  ", ""), (title, "")]
    used = sum(width_of(text) for text, _ in left)
    if not aside:
        return [left]
    space = width - used - width_of(aside)
    if space >= 2:
        return [[*left, (" " * space, ""), (aside, "aside")]]
    return [left, [(aside, "aside")]]


def wrapped(parts: Sequence[str], width: int | None, between: str = " · ") -> list[str]:
    """Parts joined by a sign, broken into lines at the joints."""
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]}{between}{part}" if lines else part
        if lines and (width is None or width_of(joined) <= width):
            lines[-1] = joined
        else:
            lines.append(part)
    return lines


def broken(text: str, width: int | None) -> list[str]:
    """A sentence broken at its spaces."""
    if width is None or width_of(text) <= width:
        return [text]
    return wrapped(text.split(" "), max(width, 20), " ")


def shortened(text: str, width: int) -> str:
    """A text cut at a word to fit, with ``…`` for what is gone."""
    if width_of(text) <= width:
        return text
    words = text.split(" ")
    while len(words) > 1:
        words.pop()
        cut = " ".join(words).rstrip(",") + "…"
        if width_of(cut) <= width:
            return cut
    return words[0][: max(width - 1, 1)] + "…"
