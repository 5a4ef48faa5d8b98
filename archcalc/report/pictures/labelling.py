"""Names beside the marks of a plot, so that they cross neither each other nor the marks of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from .canvas import spread_out

# Left, top, right, bottom.
Rectangle = tuple[float, float, float, float]


class Mark(Protocol):
    """A mark of a plot, a disc about a point; positions go to the right and down."""

    x: float
    y: float
    radius: float

    @property
    def label(self) -> str:
        """Its name."""

    @property
    def box(self) -> Rectangle:
        """The square around it."""


class MarkName(NamedTuple):
    """The name of a mark: what it covers, and the line from its mark; no points where it stands beside it."""

    text: str
    box: Rectangle
    line: Sequence[tuple[float, float]]


class LabelSpace(NamedTuple):
    """Where names may stand.

    frame     the plot
    line      how high a line of a name is
    gap       the space between a mark and its name
    beyond    how far a name may reach over the right edge
    width_of  how long a name is
    """

    frame: Rectangle
    line: float
    gap: float
    beyond: float
    width_of: Callable[[str], float]

    def beside(self, marks: Sequence[Mark]) -> list[MarkName] | None:
        """Each name beside its mark, where it covers the least of the marks; nothing where names would cross
        each other, or the marks of others."""
        taken = [mark.box for mark in marks]
        found = []
        for mark in sorted(marks, key=lambda mark: mark.radius):
            name = self.place(mark, taken)
            if name is None:
                return None
            taken.append(name.box)
            found.append(name)
        return found

    def place(self, mark: Mark, taken: Sequence[Rectangle]) -> MarkName | None:
        """The name of a mark where it covers nothing that is taken; None where there is no such place."""
        places = self._places(mark, self.width_of(mark.label))
        best = min(places, key=lambda box: sum([overlap(box, other) for other in taken]))
        if any(overlap(best, other) > 0 for other in taken):
            return None
        line: list[tuple[float, float]] = []
        if abs(best[1] + self.line / 2 - mark.y) > mark.radius + self.line:
            end = (min(max(mark.x, best[0]), best[2]), best[1] if best[1] > mark.y else best[3])
            line = [(mark.x, mark.y), end]
        return MarkName(mark.label, best, line)

    def in_a_column(self, marks: Sequence[Mark], start: float) -> list[MarkName]:
        """All names at the right of the plot, in the order of their heights, with lines to their marks."""
        named = sorted(marks, key=lambda mark: (mark.y, -mark.x))
        _, top, right, bottom = self.frame
        places = spread_out([mark.y for mark in named], self.line, (top, bottom))
        return [
            MarkName(
                mark.label,
                (start, y - self.line / 2, start + self.width_of(mark.label), y + self.line / 2),
                [(mark.x, mark.y), (right, y), (start - self.gap, y)],
            )
            for mark, y in zip(named, places, strict=True)
        ]

    def _places(self, mark: Mark, width: float) -> list[Rectangle]:
        """Where the name of a mark may stand, the best first."""
        (left_end, top_end, right_end, bottom_end), line = self.frame, self.line
        r, found = mark.radius + self.gap, []
        for step in range(5):
            off, level = step * line, mark.y - line / 2
            for left, top in (
                (mark.x + r, level - off),
                (mark.x - width / 2, mark.y - r - off - line),
                (mark.x - width / 2, mark.y + r + off),
                (mark.x - r - width, level - off),
                (mark.x + r, level + off),
            ):
                inside = left_end <= left and left + width <= right_end + self.beyond
                if inside and top_end <= top and top + line <= bottom_end:
                    found.append((left, top, left + width, top + line))
        return found or [(left_end, mark.y, left_end + width, mark.y + line)]


def overlap(one: Rectangle, other: Rectangle) -> float:
    """The area that two rectangles share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0) * max(high, 0)
