"""The screen of a terminal: sheets for its width."""

from __future__ import annotations

import io
from collections.abc import Iterator

from ..answer import Answer, Page
from ..lines import USUAL, Line, encoding_of, plain, width_at_hand
from ..sheet import Space, screen
from . import Writer


class Format(Writer):
    """``--format table``, the usual one."""

    sheets = True

    def screen(self, answer: Answer, page: Page) -> Iterator[Line] | None:
        """The lines for a terminal, or for whatever standard output is."""
        return self._lines(answer, page) if page.stream is not None else None

    def pieces(self, answer: Answer, page: Page) -> Iterator[str]:
        """The screen as text without colour."""
        return (plain(line) + "\n" for line in self._lines(answer, page))

    def _lines(self, answer: Answer, page: Page) -> Iterator[Line]:
        # A file is read anywhere, whatever terminal it is written from. Sheets are made while they
        # are written, in signs that the stream can show.
        width = page.width or width_at_hand(page.stream or io.StringIO())
        space = Space(width, True, None if page.stream is None else encoding_of(page.stream))
        lines = screen(answer.sheets(space), space)
        if page.width is not None and width < USUAL:
            # Screens are made for the usual width and narrow as far as they know how.
            from ..wrapping import fitted

            lines = fitted(map(space.shown_line, lines), width)
        yield from lines
