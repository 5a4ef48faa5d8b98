"""A question: a quantity of a layer, or of a whole network."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..graph import Graph, Layer
    from .conventions import Conventions


class Asked:
    """A quantity of a layer of a graph.

    layer     None for the whole network
    quantity  one of QUANTITIES
    """

    __slots__ = ("graph", "layer", "quantity", "conventions")

    def __init__(self, graph: Graph, layer: Layer | None, quantity: str, conventions: Conventions):
        self.graph = graph
        self.layer = layer
        self.quantity = quantity
        self.conventions = conventions

    @classmethod
    def read(cls, graph: Graph, ask: str, conventions: Conventions) -> Asked:
        """``params``, ``conv1.params``, ``total.macs``. Without a layer: of the last layer of a
        chain, and of other networks the total. Raises SpecError."""
        raise NotImplementedError
