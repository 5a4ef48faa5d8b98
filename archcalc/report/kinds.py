"""What a box of a graph stands for: the words and the colours of each kind, in all pictures and on pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

INPUT, OUTPUT, HEAD = "input", "output", "head"
WEIGHTED, FREE, MERGE = "weighted", "free", "merge"
BLOCK, REPEAT = "block", "repeat"


class Kind(NamedTuple):
    """A kind of box.

    words  what a legend calls it
    light  what a box is filled with in pictures, on paper, and on a page in light colours
    dark   the same on a page in dark colours
    """

    words: str
    light: str
    dark: str


# In the order of legends.
KINDS = {
    INPUT: Kind("input", "#cdd5df", "#434d59"),
    WEIGHTED: Kind("layer with parameters", "#d6e6f8", "#1f3a56"),
    FREE: Kind("layer without parameters", "#f1f1f1", "#26292d"),
    MERGE: Kind("where paths meet", "#fde6d3", "#4d3420"),
    BLOCK: Kind("folded block", "#e3f1df", "#213a24"),
    REPEAT: Kind("repeated block", "#ece2f5", "#382a48"),
    OUTPUT: Kind("output", "#cdd5df", "#434d59"),
    HEAD: Kind("side head", "#cdd5df", "#434d59"),
}


def legend(kinds: Iterable[str]) -> list[tuple[str, Kind]]:
    """Those of the kinds that occur, each once, in the order of legends."""
    occurring = set(kinds)
    return [(name, kind) for name, kind in KINDS.items() if name in occurring]
