"""The rows of Keras' summary for a network that was read from Keras: the layers that Keras itself lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...analysis.summary import Summary
from ...graph import Layer
from ...keras_listing import ListedLayer, ListedModel
from ...shape import Shape
from .keras_model import KerasModel, KerasRow, KerasTensor, is_chain


class ListedRows:
    """The rows of a network that was read from Keras.

    whole       the model
    notes       none: these are Keras' own layers
    chain       whether each layer reads the one in front of it alone, as Keras tells it
    trained     how many numbers are trained, and their bytes
    held        how many are stored besides, and their bytes
    """

    def __init__(self, summary: Summary, listed: ListedModel, nested: bool):
        self.notes: list[str] = []
        self.trained, self.held = [0, 0], [0, 0]
        self._nested = nested
        self._parts: dict[ListedLayer, list[Layer]] = {}
        for layer in summary.graph.layers:
            if layer.origin is not None and layer.origin.listed is not None:
                self._parts.setdefault(layer.origin.listed, []).append(layer)
        self.whole = self._model(listed)
        self.chain = listed.kind == "Sequential" or is_chain(self.whole)
        counted: set[Layer] = set()
        for shown, parts in self._parts.items():
            for owner in [part.owner for part in parts]:
                if owner not in counted:
                    counted.add(owner)
                    self._count(owner, shown.width)

    def _count(self, layer: Layer, width: int) -> None:
        """Take in the numbers that a layer holds."""
        # Of the layer itself: a row of the summary leaves out what only side heads need, which Keras counts.
        trained = layer.trainable or 0
        for numbers, count in ((self.trained, trained), (self.held, (_stored(layer) or 0) - trained)):
            numbers[0] += count
            numbers[1] += count * width

    def _model(self, listed: ListedModel, parent: KerasModel | None = None) -> KerasModel:
        model = KerasModel("", parent)
        rows = {layer.name: self._row(layer, model) for layer in listed.layers}
        for layer in listed.layers:
            for call in layer.calls:
                rows[layer.name].uses.append([KerasTensor(rows[name], use, at) for name, use, at in call])
        model.rows = [rows[layer.name] for layer in listed.shown(parent is not None)]
        model.ends = [KerasTensor(rows[layer], use, number) for layer, use, number in listed.outputs]
        return model

    def _row(self, layer: ListedLayer, model: KerasModel) -> KerasRow:
        row = KerasRow(layer.name, layer.name, layer.kind, Shape(()))
        row.shape = layer.output
        parts = [*self._within(layer)]
        for one in parts:
            row.held[one.owner, 0] = _stored(one.owner)
        if row.params != 0:
            learned = [one for one in parts if one.facts.params]
            row.trains = layer.trainable and not (learned and all(one.held for one in learned))
        row.counted = row.params
        if layer.model is not None and self._nested:
            row.model = self._model(layer.model, model)
        return row

    def _within(self, layer: ListedLayer) -> Iterator[Layer]:
        """The layers of the graph that a layer of Keras is."""
        yield from self._parts.get(layer, ())
        for inner in () if layer.model is None else layer.model.layers:
            yield from self._within(inner)


def _stored(layer: Layer) -> int | None:
    """How many numbers a layer holds; None if there is no rule."""
    return None if layer.facts.params is None else layer.facts.params + (layer.facts.buffers or 0)


def shape_text(output: Any) -> str:
    """A shape with its batch, or several, as Keras writes them."""
    found = [*shapes(output)]
    return _one(found[0]) if len(found) == 1 else _structure(output)


def shapes(output: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the shapes within lists, tuples and dictionaries."""
    if _is_shape(output):
        yield output
    elif output is not None:
        for one in output.values() if isinstance(output, dict) else output:
            yield from shapes(one)


def _structure(output: Any) -> str:
    if output is None:
        return "?"
    if _is_shape(output):
        return _one(output)
    if isinstance(output, dict):
        return "{" + ", ".join([f"{key}: {_structure(one)}" for key, one in output.items()]) + "}"
    start, end = ("[", "]") if isinstance(output, list) else ("(", ")")
    return start + ", ".join([_structure(one) for one in output]) + end


def _is_shape(output: Any) -> bool:
    return isinstance(output, tuple) and all(one is None or isinstance(one, int) for one in output)


def _one(shape: Any) -> str:
    return f"({', '.join(map(str, shape))})"
