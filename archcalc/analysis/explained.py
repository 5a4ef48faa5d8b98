"""The subject of an explanation: a layer, several of them, or the whole network; and a quantity."""

from __future__ import annotations

from typing import Any, TypeVar

from ..diagnostics import did_you_mean, fail, no_layer
from ..graph import Graph, Layer
from ..quantities import COUNTER, TABLE, Quantity, asked_of, called, names
from .contributors import contributors, of_chain
from .derivation import QUANTITIES
from .explanation import Explanation
from .summary import Summary

TOTAL = ("total", "totals")


E = TypeVar("E", bound=Explanation)


def explained(made: type[E], graph: Graph, layer: str | None, quantity: str | None, **how: Any) -> E:
    """The explanation of a layer, a label or ``total``; of a chain without either the layer that
    is meant. ``made`` is the class of what comes of it. Raises SpecError."""
    layer = graph.called(layer) if layer is not None else None
    meant = _meant(quantity)
    if meant is not None:
        meant = asked_of(meant, graph.counter)
    main = QUANTITIES if graph.counter is None else (*QUANTITIES, COUNTER.name)
    asked = main if meant is None else (meant.name,)
    if layer is None and "->" in graph.metadata.name and (meant is None or meant.layer is not None):
        at, last = _of_chain(graph, meant, how)
        return made(graph, at, None, "", asked, last=last, **how)
    if layer is None or (layer in TOTAL and graph.find(layer) is None):
        if meant is not None and not meant.of_network:
            raise fail("argument", f"{meant.name} is of a layer", "name one of its layers")
        return made(graph, None, None, "", asked, **how)
    if meant is not None and meant.layer is None:
        raise fail("argument", f"{meant.name} is of a whole network", f"ask for total {meant.name}")
    place = graph.labels.get(layer)
    exact = any(at.name == layer for at in (*graph.inputs, *graph.layers))
    if place is not None and not exact and place.last - place.first > 1:
        layers = graph.layers[place.first : place.last]
        return made(graph, place.tensor, layers, layer, asked, **how)
    found = graph.layer(layer)
    if found is None:
        raise no_layer(graph.metadata.name, layer, graph.names())
    return made(graph, found, None, "", asked, **how)


def _meant(word: str | None) -> Quantity | None:
    if word is None:
        return None
    meant = called(word)
    if meant is None:
        raise fail(
            "argument",
            f"there is no quantity `{word}`",
            *did_you_mean(word.lower(), names()),
            f"there are {', '.join(q.name for q in TABLE)}",
        )
    return meant


def _of_chain(graph: Graph, meant: Quantity | None, how: dict[str, Any]) -> tuple[Layer | None, Layer | None]:
    """The layer of a chain that is meant, None for all of it; and, where that is another, the last
    layer, of which the quantity may have been asked as well. Without a quantity a chain of several
    layers with parameters is a network."""
    summary = Summary(graph, **how)
    adds = meant or called("params")
    assert adds is not None
    at = of_chain(summary, adds)
    if meant is None:
        return (graph.output if at is not None else None), None
    if at is None:
        return None, contributors(summary, adds)[-1]
    return at, None if at is graph.output or graph.output.op.inline else graph.output
