"""Numbers and dates in the cells of spreadsheets, as they were typed."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

MADE_A_DATE = "the spreadsheet has made a date of what was typed"
_LITERAL = re.compile(r'"([^"]{0,200})"|\\(.)|\[[^\]]{0,200}\]')
_POWER = re.compile(r"0(?:[.,](0+))?E\+0+", re.IGNORECASE)


def shown_number(value: float, form: str = "General") -> str:
    """The number of a cell, in its whole precision; with a percent sign, a power of ten or a unit where the
    cell's format shows one."""
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    if not number.is_finite():
        return str(value)
    first = form.split(";")[0]
    power = _POWER.search(first)
    if power is not None:
        shown = f"{number:.{len(power[1] or '')}E}"
        if Decimal(shown) == number:
            return shown
    words = "".join([found[1] or found[2] or "" for found in _LITERAL.finditer(first)])
    signs = _LITERAL.sub("", first)
    if "%" in signs:
        return f"{_plain(number * 100)}%"
    unit = words.strip()
    return f"{_plain(number)} {unit}" if unit and any(sign.isalpha() for sign in unit) else _plain(number)


def _plain(number: Decimal) -> str:
    """A number without a power of ten."""
    try:
        whole = number.to_integral_value()
    except InvalidOperation:
        return str(number)
    if abs(number.adjusted()) > 400:
        return str(number)
    return f"{whole:f}" if whole == number else f"{number.normalize():f}"


def date_text(value: Any) -> str:
    """A date or a time of a cell."""
    text = value.isoformat(" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)
    return text.removesuffix(" 00:00:00")
