"""The layers of a model as Keras lists them, while the spec of the model is written."""

from __future__ import annotations

from typing import Any

from ....keras_listing import ListedLayer, ListedModel, ListedTensor
from .calls import Value
from .description import KerasLayer, KerasModel, tensors_in

# Bytes of numbers, by the names of their types.
_WIDTHS = {"float16": 2, "bfloat16": 2, "float64": 8}
_MODELS = ("Functional", "Model", "Sequential")


class KerasListing:
    """What Keras lists of models. Layers that were not announced with ``of`` stand within other layers."""

    def __init__(self) -> None:
        self._layers: dict[int, ListedLayer] = {}
        self._batch: Any = None

    def of(self, model: KerasModel) -> None:
        """Announce the layers of a model, and those of models within it.

        Args:
            model: The model.
        """
        waiting = [model]
        for layer in model.layers:
            shape = layer.config.get("batch_shape")
            if layer.class_name == "InputLayer" and isinstance(shape, (list, tuple)) and shape:
                self._batch = shape[0] if isinstance(shape[0], int) else None
                break
        while waiting:
            for layer in waiting.pop().layers:
                if id(layer) in self._layers:
                    continue
                self._layers[id(layer)] = _listed(layer)
                if layer.model is not None:
                    waiting.append(layer.model)

    def layer(self, layer: KerasLayer) -> ListedLayer | None:
        """Return what Keras lists of a layer; None of one within another layer."""
        return self._layers.get(id(layer))

    def put_out(self, layer: KerasLayer, value: Any) -> None:
        """Take in what a layer puts out; Keras shows that of its last call.

        Args:
            layer: The layer.
            value: A ``Value``, or lists and dictionaries of these.
        """
        listed = self._layers.get(id(layer))
        if listed is not None:
            listed.output = self._shapes(value)

    def _shapes(self, value: Any) -> Any:
        if isinstance(value, Value):
            return (self._batch, *value.sizes)
        if isinstance(value, dict):
            return {key: self._shapes(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)([self._shapes(one) for one in value])
        return None

    def model(self, model: KerasModel) -> ListedModel:
        """Return what Keras lists of a model that is written.

        Args:
            model: The model, announced with ``of``.
        """
        layers = []
        for layer in model.layers:
            listed = self._layers[id(layer)]
            listed.calls = [[ListedTensor(*one) for one in call.reads()] for call in layer.calls]
            if layer.model is not None and listed.model is None:
                listed.model = self.model(layer.model)
            layers.append(listed)
        outputs = [ListedTensor(*one) for one in tensors_in(model.outputs)]
        return ListedModel(model.name, model.kind, layers, outputs)


def _listed(layer: KerasLayer) -> ListedLayer:
    kind = layer.class_name
    if layer.model is not None and kind in _MODELS:
        kind = layer.model.kind
    dtype = layer.config.get("dtype")
    if isinstance(dtype, dict):
        settings = dtype.get("config")
        dtype = settings.get("name") if isinstance(settings, dict) else None
    width = _WIDTHS.get(dtype, 4) if isinstance(dtype, str) else 4
    return ListedLayer(layer.name, kind, trainable=layer.trainable, width=width, operation=layer.operation)
