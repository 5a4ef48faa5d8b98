"""Answers to a multiple choice: the letter of an option, or what stands beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A letter with what may stand around it: `b`, `(B)`, `option b)`, `b) 600`.
_LETTER = re.compile(
    r"\W{0,3}(?:(?:option|choice|answer|antwort)\W{1,3})?\W?(?P<letter>[a-z])(?:\W{1,3}(?P<rest>.*)|\W?)",
    re.IGNORECASE | re.DOTALL,
)
LETTER_AND_VALUE = "the letter is of one option, and what stands behind it is none or another"


def option_written(text: str, options: Sequence[str]) -> str | None:
    """The option that an answer names by its letter; empty where there is no such letter, or where another
    value stands behind it. None where the answer begins with no letter of its own: it is a value."""
    found = _LETTER.fullmatch(text.strip())
    if found is None:
        return None
    at = ord(found["letter"].lower()) - ord("a")
    option = options[at] if at < len(options) else ""
    rest = _bare(found["rest"] or "")
    return option if rest in ("", _bare(option)) else ""


def _bare(text: str) -> str:
    """A value without what sets its digits apart."""
    return re.sub(r"[\s,.`*]", "", text).casefold()
