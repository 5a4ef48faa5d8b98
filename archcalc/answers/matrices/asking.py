"""How values are asked for: ``values``, ``pool1.values``, ``values[1,2]``."""

from __future__ import annotations

import re

VALUES = "values"
# Of several channels one cell is `values[1,2,0]`.
ASK = re.compile(r"(?:(?P<layer>.+)\.)?values\s*(?:\[(?P<at>[^\[\]]*)\])?", re.IGNORECASE)


def asks_values(ask: str) -> bool:
    """Whether a question is about values."""
    return ASK.fullmatch(ask.strip()) is not None


def asks_all_values(ask: str) -> bool:
    """Whether a question is about all values that a layer puts out."""
    found = ASK.fullmatch(ask.strip())
    return found is not None and found["at"] is None
