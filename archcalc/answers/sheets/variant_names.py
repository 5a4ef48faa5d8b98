"""Which variant of a quiz a sheet says that it is."""

from __future__ import annotations

import re

# A variant in the name of a file or a folder: `ann-variant-B.txt`.
_IN_NAME = re.compile(r"(?<![^\W_])variant[-_ .]{0,3}([^\W_]{1,20})(?![^\W_])", re.IGNORECASE)
# The same on a line of a sheet.
_ON_SHEET = re.compile(
    r"^\W{0,6}(?:variante?|version|вариант)\W{1,6}(\w{1,20})\W{0,6}$", re.IGNORECASE | re.MULTILINE
)


def variant_in_name(source: str) -> str:
    """The variant that the name of a file says; empty for none."""
    found = _IN_NAME.search(source)
    return found[1] if found is not None else ""


def variant_on_sheet(text: str, source: str) -> str:
    """The variant that a text says, or else the name of its file, in small letters; empty for none."""
    found = _ON_SHEET.search(text)
    return (found[1] if found is not None else variant_in_name(source)).casefold()
