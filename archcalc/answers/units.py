"""The unit in which a question wants its number: ``unit = "KiB"``, or ``(in KiB)`` in its text."""

from __future__ import annotations

import re

from .durations import TIME, unit_of_time
from .wording import normalised, suffix

_IN = re.compile(r"(?:\b(?:in|en|em)\s+|[\[(]\s*(?!(?:in|en|em)\b))([^\W\d_]{2,20})\b")


def unit_called(unit: str) -> tuple[str, str] | None:
    """Return the scale and the unit that a word means, ``("Ki", "bytes")``; None where it means none, or
    nothing is said."""
    if time := unit_of_time(unit):
        return time, TIME
    return suffix(normalised(unit), True) if unit else None


def unit_in(text: str) -> tuple[str, str] | None:
    """Return the scaled unit that the text of a question asks for; None where it asks for none, or for
    several."""
    found = {unit_called(word) for word in _IN.findall(text)}
    scaled = {unit for unit in found if unit is not None and unit[0]}
    return scaled.pop() if len(scaled) == 1 else None
