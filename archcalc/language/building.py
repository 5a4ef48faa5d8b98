"""The graph that an expansion builds."""

from __future__ import annotations

from collections.abc import Callable

from ..graph import Label, Layer
from ..shape import Shape
from .naming import NameScope
from .syntax import Call, Statement


class GraphBuilder:
    """The layers of a network so far, and what its names stand for.

    layers   in the order in which they were made
    calls    the call that made each layer
    names    layers by their full names
    places   what each label stands for, by its full name
    claimed  all full labels, those of skipped statements too
    lost     full labels whose tensor a fault took away
    heads    the side heads
    forgets  what lets go of the ops that calls keep, which were made for their layers
    outputs  the shape that each statement puts out; None where turns or calls differ
    """

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.calls: list[Call] = []
        self.names: dict[str, Layer] = {}
        self.places: dict[str, Label] = {}
        self.claimed: set[str] = set()
        self.lost: set[str] = set()
        self.heads: dict[str, Layer] = {}
        self.forgets: list[Callable[[], None]] = []
        self.outputs: dict[Statement, Shape | None] = {}

    def add(self, layer: Layer, call: Call) -> None:
        """Enter a layer; its index follows."""
        layer.index = len(self.layers)
        self.layers.append(layer)
        self.calls.append(call)

    def scope(self, prefix: str, label: str | None = None) -> NameScope:
        """Return a scope for the names of this network."""
        return NameScope(prefix, label, self.names, self.claimed)

    def place(self, full: str, tensor: Layer | None, first: int) -> None:
        """Enter what a label stands for: the layers from ``first`` on, and their last tensor, which
        is None behind a fault."""
        self.claimed.add(full)
        if tensor is None:
            self.lost.add(full)
        else:
            self.places[full] = Label(tensor, first, len(self.layers))

    def puts_out(self, statement: Statement, shape: Shape) -> None:
        """Note what a statement puts out, for whoever reads the spec beside its shapes."""
        known = self.outputs.setdefault(statement, shape)
        if known is not None and known != shape:
            self.outputs[statement] = None

    def head_name(self, full: str | None) -> str:
        """Return the name of a side head: its label in full, else ``out`` and a number."""
        if full is not None:
            return full
        number = 1
        while f"out{number}" in self.heads or f"out{number}" in self.claimed:
            number += 1
        return f"out{number}"

    def cut(self, place: Label, first: int) -> None:
        """Drop the layers behind a place, among those from ``first`` on."""
        for layer in self.layers[place.last :]:
            self.names.pop(layer.name, None)
        del self.layers[place.last :], self.calls[place.last :]
        for name in [n for n, p in self.places.items() if p.last > place.last and p.first >= first]:
            del self.places[name]
