"""The layer that a quantity of a chain is asked about where no layer is named."""

from __future__ import annotations

from ..graph import Layer
from ..quantities import Quantity
from .scope import Row, Scope


def of_chain(scope: Scope, quantity: Quantity) -> Layer | None:
    """The layer that is meant: None, the whole chain, where several layers add to the sum; the one
    that does where one does; else, and for what is no sum, the last."""
    if not quantity.summed or quantity.layer is None:
        return scope.graph.output
    found = contributors(scope, quantity)
    if len(found) > 1:
        return None
    return found[0] if found else scope.graph.output


def contributors(scope: Scope, quantity: Quantity) -> list[Layer]:
    """The layers that add something to a sum, or that have no rule for it."""
    assert quantity.layer is not None
    return [layer for layer in scope.layers if quantity.layer(Row(layer, scope)) != 0]
