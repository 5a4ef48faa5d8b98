"""A student's earlier answers about a network, for the questions that start from them.

A table may have thousands of rows that are all wrong. So nothing here goes back over all earlier
questions for each: what of them lies before a layer is handed on from layer to layer, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..graph import Graph, Layer
from ..shape import Shape
from .forms import shape_meant
from .methods import AssumedShapes
from .question import Question
from .quiz_item import QuizItem
from .verdict import CONVENTION, FOLLOWS, WRONG, Verdict
from .written import Written, WrittenWord

SHAPES = ("output", "size")
NO_ANSWER = WrittenWord("", "blank")


class Before(NamedTuple):
    """The earlier answers before a place of the network, or at it.

    wrong  the earliest answer that went wrong by itself, as the place of its layer and its name
    off    the earliest that is not right, whatever it follows from
    last   the place of the last question, and the question
    """

    wrong: tuple[int, str] | None = None
    off: tuple[int, str] | None = None
    last: tuple[int, QuizItem] | None = None

    @property
    def first(self) -> str:
        """The name of the earliest answer that went wrong by itself."""
        found = self.wrong or self.off
        return found[1] if found else ""

    def joined(self, other: Before) -> Before:
        """Both together."""
        return Before(
            min(filter(None, (self.wrong, other.wrong)), default=None),
            min(filter(None, (self.off, other.off)), default=None),
            max(filter(None, (self.last, other.last)), key=lambda one: one[0], default=None),
        )


NOTHING_BEFORE = Before()


class Earlier:
    """The answers of one sheet about one network that others start from.

    items    the questions about the network, in its order
    shapes   the volumes that the student states
    stating  the questions whose answers state them
    """

    def __init__(
        self,
        graph: Graph,
        items: Sequence[QuizItem],
        found: Mapping[str, Verdict],
        answers: Mapping[str, Written],
    ):
        self.graph = graph
        self.found = found
        self.shapes: dict[Layer, Shape] = {}
        self._at: dict[str, dict[Layer, list[QuizItem]]] = {"output": {}, "rf": {}}
        self.stating: list[QuizItem] = []
        changed = False
        for item in items:
            layer, quantity = item.asked.layer, item.asked.quantity
            kind = "output" if quantity in SHAPES else quantity
            if layer is None or kind not in self._at:
                continue
            if kind == "output":
                shape = self.shapes.get(layer)
                if shape is None:
                    shape = shape_meant(item.asked, answers.get(item.id, NO_ANSWER))
                if shape is None:
                    continue
                self.stating.append(item)
                self.shapes[layer] = shape
                changed = changed or tuple(shape) != tuple(layer.output)
            self._at[kind].setdefault(layer, []).append(item)
        self.changed = changed
        self.assumed_shapes = AssumedShapes(graph, self.shapes)
        self._handed: dict[str, dict[Layer, Before]] = {"output": {}, "rf": {}}
        self._walks = {kind: self._walk(kind) for kind in self._handed}

    def before(self, layer: Layer, kind: str, here: bool) -> Before:
        """Return the earlier answers before a layer, and with ``here`` those at the layer itself.
        Questions are to be asked in the order of the network: what lies before them has its verdict
        then."""
        handed = self._handed[kind]
        while any(above not in handed for above in layer.inputs):
            next(self._walks[kind])
        found = NOTHING_BEFORE
        for above in layer.inputs:
            found = found.joined(handed[above])
        return found.joined(self._of(layer, kind)) if here else found

    def _walk(self, kind: str) -> Iterator[None]:
        handed = self._handed[kind]
        for layer in (*self.graph.inputs, *self.graph.layers):
            found = self._of(layer, kind)
            for above in layer.inputs:
                found = found.joined(handed[above])
            handed[layer] = found
            yield

    def _of(self, layer: Layer, kind: str) -> Before:
        """Return the answers to the questions about a layer itself."""
        items = self._at[kind].get(layer)
        if not items:
            return NOTHING_BEFORE
        wrong = off = None
        for item in items:
            verdict = self.found.get(item.id)
            if verdict is None or verdict.kind not in (WRONG, CONVENTION, FOLLOWS):
                continue
            off = off or (layer.index, item.id)
            if verdict.kind != FOLLOWS:
                wrong = wrong or (layer.index, item.id)
        return Before(wrong, off, (layer.index, items[-1]))

    def believed(self, asked: Question) -> tuple[object, ...] | None:
        """The shapes that a question is judged by; None where they are those of the network."""
        layer = asked.layer
        if not self.changed:
            return None
        if layer is None or asked.block:
            return tuple([(layer.name, *shape) for layer, shape in self.shapes.items()])
        stated = layer.output if asked.quantity in SHAPES else self.shapes.get(layer, layer.output)
        arriving = self.assumed_shapes.inputs(layer)
        right = [above.output for above in layer.inputs]
        if stated == layer.output and arriving == right:
            return None
        return (stated, *(arriving or ()))
