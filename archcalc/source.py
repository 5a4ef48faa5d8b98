"""Source text and the places in it that a message can point at."""

from __future__ import annotations

from bisect import bisect_right


class Source:
    """A text with a name; gives lines and columns for offsets. All line ends become newlines.

    ``name`` is what a message prints before the line number: a path as the user wrote it, or
    ``<command line>``.
    """

    __slots__ = ("name", "text", "_starts")

    def __init__(self, name: str, text: str):
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.name = name
        self.text = text.removeprefix("\ufeff")  # a byte order mark is no text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """Offsets at which the lines start."""
        if self._starts is None:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._starts = starts
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both counted from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def number(self, value: int) -> int:
        """Return what a whole number of the text stands for: itself."""
        return value

    def line(self, number: int) -> str:
        """Return the text of a line (counted from 1), without its end."""
        starts = self.starts
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end]


class Span:
    """A stretch ``[start, end)`` of a source."""

    __slots__ = ("source", "start", "end")

    def __init__(self, source: Source, start: int, end: int):
        self.source = source
        self.start = start
        self.end = end

    def to(self, other: Span) -> Span:
        """Return the stretch from the beginning of this span to the end of another."""
        return Span(self.source, self.start, max(self.end, other.end))

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def position(self) -> tuple[int, int]:
        """Line and column of the beginning, counted from 1."""
        return self.source.position(self.start)

    def __str__(self) -> str:
        line, column = self.position
        return f"{self.source.name}:{line}:{column}"
