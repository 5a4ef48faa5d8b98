"""Figures of other networks of the same family: a table's row may hold its neighbour's number."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .asked import Asked

# Families that are larger are not looked through.
MOST = 30


class Relative(NamedTuple):
    """A network, its value of a quantity, and what else is to be said of that."""

    name: str
    value: int
    words: str


def relatives(asked: Asked) -> list[Relative]:
    """The quantity of a whole network for all others in its file; as MACs too, where FLOPs are
    asked for. Nothing where it is no network of the zoo."""
    found = []
    ways = {"params": (("params", ""),), "macs": (("macs", ""), ("flops", ", in FLOPs")),
            "flops": (("flops", ""), ("macs", ", in MACs"))}  # fmt: skip
    for name, totals in _family(asked.graph.about.name):
        for key, words in ways.get(asked.quantity, ()):
            found.append(Relative(name, totals[key] * (asked.summary.batch if key != "params"
                                                       else 1), words))  # fmt: skip
    return found


@lru_cache(maxsize=16)
def _family(name: str) -> list[tuple[str, dict[str, int]]]:
    from ..analysis.totals import Totals
    from ..network import build
    from ..spec.library import Library

    zoo = Library().zoo
    path = zoo.get(name)
    others = [other for other, place in zoo.items() if place == path and other != name]
    found = []
    for other in others if path is not None and len(others) <= MOST else ():
        graph = build(other).graph
        totals = Totals(graph, graph.main())
        found.append((other, {"params": totals.params, "macs": totals.macs, "flops": totals.flops}))
    return found
