"""Figures of other networks of the same family: a table's row may hold its neighbour's number."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ..diagnostics import SpecError

if TYPE_CHECKING:
    from .question import Question, Subject

# Families that are larger are not looked through.
MOST = 30
# What is looked up for a whole network, and for a layer or block that the relative has too.
_OF_NETWORK, _OF_LAYER = ("params", "macs", "flops", "rf"), ("output", "params", "rf")
# Operations are often given as the other kind of them.
_AS = {"macs": ("flops", ", in FLOPs"), "flops": ("macs", ", in MACs")}


class Relative(NamedTuple):
    """A network, its value of a quantity, and what else is to be said of that."""

    name: str
    value: Any
    words: str


def relatives(asked: Question) -> list[Relative]:
    """The quantity for all other networks in the file of this one, of the layer of the same name
    where it is a layer's; as MACs too, where FLOPs are asked for. Nothing where it is no network of
    the zoo."""
    from .question import Question

    network = asked.layer is None or asked.ends
    if asked.quantity not in (_OF_NETWORK if network else _OF_LAYER):
        return []
    ways = [(asked.quantity, "")]
    if asked.quantity in _AS:
        ways.append(_AS[asked.quantity])
    found = []
    for name, subject in family(asked):
        for quantity, words in ways:
            ask = quantity if network else f"{asked.where}.{quantity}"
            try:
                value = Question.read(subject, ask, asked.conventions).plain
            except SpecError:  # it has no such layer
                continue
            if value is not None:
                found.append(Relative(name, value, words))
    return found


def family(asked: Question) -> list[tuple[str, Subject]]:
    """The other networks in the file of this one, by name, where it is one of the zoo."""
    return _family(asked.graph.metadata.name, asked.summary.batch)


@lru_cache(maxsize=4)
def _family(name: str, batch: int) -> list[tuple[str, Subject]]:
    from ..language.library import Library
    from ..loading import LoadedNetwork
    from .question import Subject

    zoo = Library().zoo
    path = zoo.get(name)
    others = [other for other, place in zoo.items() if place == path and other != name]
    if path is None or len(others) > MOST:
        return []
    return [(other, Subject(LoadedNetwork.of(other).graph, batch=batch)) for other in others]
