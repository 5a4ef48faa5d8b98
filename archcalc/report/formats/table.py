"""The screen of a terminal: sheets for so many columns, in colour where the terminal has it."""

from __future__ import annotations

import io
from collections.abc import Iterator

from ..answer import Answer, Page
from ..lines import USUAL, Line, plain, text_for, width_at_hand
from ..sheet import Space, screen
from . import Writer


class Format(Writer):
    """``--format table``, the usual one."""

    sheets = True

    def pieces(self, answer: Answer, page: Page) -> Iterator[str]:
        """The screen; in a file without colour."""
        # A file is read anywhere, whatever terminal it is written from.
        width = page.width or width_at_hand(page.stream or io.StringIO())
        lines = self._lines(answer, width)
        if page.width is not None and width < USUAL:
            # Screens are made for the usual width and narrow as far as they know how.
            from ..wrapping import fitted

            lines = fitted(lines, width)
        if page.stream is not None:
            yield text_for(lines, page.stream)
        else:
            for line in lines:
                yield plain(line) + "\n"

    def _lines(self, answer: Answer, width: int) -> Iterator[Line]:
        # Sheets are made while they are written, in signs that the stream can show.
        yield from screen(answer.sheets(Space(width, True)), width)
