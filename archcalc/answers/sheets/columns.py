"""Heads of columns: the quantity they name, and the unit they give their numbers."""

from __future__ import annotations

import re

from ...amounts import NUMERAL
from ..question import quantity_called
from ..wording import LONGEST, normalised, suffix
from .names import bare

# What else than its name heads the column of a quantity.
COLUMNS = {
    **dict.fromkeys(
        (
            "size",
            "outputs",
            "outputsize",
            "outputvolume",
            "activationshape",
            "featuremap",
            "featuremaps",
            "featuremapsize",
            "sizeoutput",
        ),
        "output",
    ),
    **dict.fromkeys(("learnableparameters", "trainableparameters", "learnedparameters"), "params"),
    **dict.fromkeys(("multadds", "multiplyadds", "gmacs", "mmacs"), "macs"),
    **dict.fromkeys(("mflops", "flopsb"), "flops"),
    **dict.fromkeys(("receptivefieldsize", "receptivefield", "fieldsize"), "rf"),
    **dict.fromkeys(("activationmemory", "memoryusage"), "memory"),
    "activationsize": "neurons",
}
# Quantities whose names head no column: there they are settings, or layers.
NO_HEADS = ("mul", "add", "compare", "div", "special", "outputs", "stride", "start", "trainable")


def split_unit(head: str) -> tuple[str, str]:
    """Split the head of a column into its name and its unit: ``Params (M)``."""
    heading = head.rstrip()
    start = max(heading.rfind("("), heading.rfind("["))
    unit = heading[start + 1 : -1].removeprefix("in ")
    if not heading.endswith((")", "]")) or start < 0 or not unit or ")" in unit or "]" in unit:
        return head, ""
    return heading[:start].rstrip(), unit


# What says that a column counts something, before what it counts: `# of Params`, `No. of weights`.
_COUNT = ("#", "no", "no.", "nr", "nr.", "num", "num.", "number", "of", "the", "total", "n", "n.")


def column(head: str) -> tuple[str, str]:
    """The quantity of a column and the unit of its numbers; empty where it is neither."""
    words, unit = split_unit(head)
    tokens = words.lower().replace("#", " # ").split()
    while len(tokens) > 1 and tokens[0] in _COUNT:
        tokens.pop(0)
    while len(tokens) > 1 and tokens[-1] == "#":
        tokens.pop()
    words = " ".join(tokens)
    name = bare(words)
    quantity = COLUMNS.get(name) or quantity_called(words) or ""
    if quantity in NO_HEADS:
        quantity = ""
    if quantity in ("flops", "macs") and re.match("[gm](mac|flop)", name) and not unit:
        unit = name[0].upper()
    return quantity, unit


def with_unit(text: str, unit: str) -> str:
    """The answer in a column: a bare number gets the column's unit."""
    if len(text) > LONGEST:
        return text
    plain = normalised(text)
    if not unit or suffix(normalised(unit), True) is None or not re.fullmatch(NUMERAL, plain):
        return text
    return f"{text} {unit}"
