"""Screens as plain text, for ``print``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..report.lines import Line


def width() -> int:
    """Columns of the screen at hand."""
    from ..report.lines import width_at_hand

    return width_at_hand(sys.stdout)


def as_text(lines: Iterable[Line]) -> str:
    """A screen as plain text."""
    from ..report.lines import plain

    return "\n".join([plain(line) for line in lines])
