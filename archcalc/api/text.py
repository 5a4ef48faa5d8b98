"""Screens as plain text, for ``print``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..report.lines import Line
    from ..report.sheet import Sheet, Space


def printed(sheets: Callable[[Space], Sequence[Sheet]]) -> str:
    """The sheets of a report, as plain text for the columns of the screen at hand."""
    from ..report.lines import width_at_hand
    from ..report.sheet import Space, screen

    space = Space(width_at_hand(sys.stdout), True)
    return as_text(screen(sheets(space), space))


def as_text(lines: Iterable[Line]) -> str:
    """A screen as plain text."""
    from ..report.lines import plain

    return "\n".join([plain(line) for line in lines])
