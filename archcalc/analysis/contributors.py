"""The layer that a quantity of a chain is asked about where no layer is named."""

from __future__ import annotations

from ..graph import Layer
from ..quantities import Quantity
from .scope import Row, Scope


def of_chain(scope: Scope, quantity: Quantity) -> Layer | None:
    """The layer that is meant: None, the whole chain, where several layers add to what a network
    has of it; the one that adds to a sum where one does; else, and for what is no sum, the last."""
    if quantity.layer is None or not (quantity.summed or quantity.total):
        return scope.graph.output
    found = contributors(scope, quantity)
    if len(found) > 1:
        return None
    return found[0] if found and quantity.summed else scope.graph.output


def contributors(scope: Scope, quantity: Quantity) -> list[Layer]:
    """The layers that add something to a sum, or that have no rule for it. What is no sum over all
    layers, neurons, is one over those that have parameters."""
    assert quantity.layer is not None
    if not quantity.summed:
        return [layer for layer in scope.layers if layer.facts.params]
    return [layer for layer in scope.layers if quantity.layer(Row(layer, scope)) != 0]
