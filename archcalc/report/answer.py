"""An answer before it has a format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from .lines import speaks_utf8
from .sheet import Sheet, Space

if TYPE_CHECKING:
    from .flat import FlatTable


class Page(NamedTuple):
    """Where an answer goes.

    stream   standard output; None for a file, which is written in UTF-8
    width    columns of the screen, where somebody asked for a number
    columns  names of the columns of a flat table, where somebody asked for some
    """

    stream: IO[str] | None = None
    width: int | None = None
    columns: str | None = None

    @property
    def ascii(self) -> bool:
        """Whether only ASCII is sure to arrive."""
        return self.stream is not None and not speaks_utf8(self.stream)


# Text in pieces, or the bytes of a picture.
Pieces = Iterable[str] | Iterable[bytes] | bytes


class Answer(NamedTuple):
    """The answer of a command. Only what a format writes is made.

    record           the JSON value
    table            the flat table: a header, and records of as many values
    sheets           what a reader gets, for a space
    special_formats  formats that only this command has, or writes in a way that no other does
    """

    record: Callable[[], Any]
    table: Callable[[], FlatTable]
    sheets: Callable[[Space], Sequence[Sheet]]
    special_formats: Mapping[str, Callable[[Page], Pieces]] = {}
