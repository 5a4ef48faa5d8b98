"""Durations: picoseconds, as a reader wants to see them."""

from __future__ import annotations

from fractions import Fraction

from ..amounts import TIMES
from .proportions import decimal

# Digits that are shown of a duration.
DIGITS = 6


class Duration(Fraction):
    """Picoseconds that are written with a unit: ``45.0898 us``.

    Example:
        >>> from archcalc.analysis.durations import Duration
        >>> str(Duration(45_089_763)), str(Duration(4_200)), Duration(1) == 1
        ('45.0898 us', '4.2 ns', True)
    """

    def __str__(self) -> str:
        fitting = [unit for unit, size in TIMES.items() if size <= self]
        unit = fitting[-1] if fitting else "ps"
        return f"{decimal(Fraction(self) / TIMES[unit], DIGITS)} {unit}"
