"""How much of a network is wanted that is used as a part: ``until=pool5``."""

from __future__ import annotations

from ..graph import Label, Layer
from .building import GraphBuilder


class Until:
    """Looks out for the place up to which a network is used.

    reached  whether the expansion has got there; what follows is skipped
    """

    def __init__(self, builder: GraphBuilder):
        self.reached = False
        self._builder = builder
        self._full: str | None = None
        self._first = 0
        self._outer: list[tuple[str | None, int]] = []  # of the networks around this one

    def begin(self, full: str) -> None:
        """Look out for the place of this full name, from here on."""
        self._outer.append((self._full, self._first))
        self._full, self._first = full, len(self._builder.layers)

    def end(self) -> None:
        """Look out for the place that was wanted before."""
        self._full, self._first = self._outer.pop()
        self.reached = False

    def look_out(self) -> None:
        """See whether the place has come."""
        if self._full is not None:
            place = self._builder.places.get(self._full)
            layer = self._builder.names.get(self._full)
            index = place.first if place is not None else layer.index if layer is not None else -1
            self.reached = self.reached or index >= self._first

    def place(self, full: str, first: int) -> Label | None:
        """Return the place of a full name among the layers from ``first`` on."""
        place = self._builder.places.get(full)
        layer: Layer | None = self._builder.names.get(full)
        if place is None and layer is not None and layer.index >= first:
            place = Label(layer, layer.index, layer.index + 1)
        return place if place is not None and place.first >= first else None
