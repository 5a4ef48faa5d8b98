"""Values as a student reads and writes them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..analysis.durations import Duration
from ..analysis.proportions import Proportion, decimal
from ..shape import Shape


def value_text(value: Any, layout: str = "hwc", grouped: bool = True) -> str:
    """``34,944``, ``55x55x96``; in the order of the layout, and digits in groups only where asked."""
    if isinstance(value, Shape) and layout == "chw":
        return "x".join(map(str, (value[-1], *value[:-1])))
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return f"{value:,}" if grouped and isinstance(value, int) else str(value)


def option_text(value: Any, layout: str = "hwc") -> str:
    """A value as an option of a multiple choice: a quotient in decimals, ``0.9587``, whatever it is, so that
    no option stands out by its form."""
    if isinstance(value, Fraction) and not isinstance(value, Duration):
        percent = isinstance(value, Proportion) and value.percent
        return f"{decimal(Fraction(100 * value))} %" if percent else decimal(Fraction(value))
    return value_text(value, layout)
