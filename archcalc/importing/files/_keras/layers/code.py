"""Layers that are code, and classes of Keras that cannot be read, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..calls import Call, Value
from ..vocabulary import LayerClass

SPEC = "write it as a spec: `archcalc ops` lists what there is, `opaque` is a layer without a rule"
REASONS = {
    "JaxLayer": "it is a function of JAX, and no code is run",
    "FlaxLayer": "it is a module of Flax, and no code is run",
    "TorchModuleWrapper": "it is a module of PyTorch: `archcalc summary file.py:Class` reads those",
    "TFSMLayer": "it is a graph of TensorFlow, which is not read",
    "MaxNumBoundingBoxes": "it works on boxes of images in a dictionary, and is no layer of a network",
    "Layer": "it is the base of layers, and computes nothing by itself",
    "Wrapper": "it is the base of layers around layers, and computes nothing by itself",
    "ConvLSTM1DCell": "a cell of convolutions by itself is not read",
    "ConvLSTM2DCell": "a cell of convolutions by itself is not read",
    "ConvLSTM3DCell": "a cell of convolutions by itself is not read",
}


class Refused(LayerClass):
    """Classes that cannot be read."""

    names = tuple(REASONS)

    def configuration(
        self, class_name: str, positional: Sequence[Any], keywords: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Nothing is read of its arguments."""
        return {}

    def write(self, call: Call) -> Value:
        raise call.refused(REASONS[call.layer.class_name], SPEC)


class Lambda(LayerClass):
    """Code of somebody's own, which is not run: its output is what the model states."""

    names = ("Lambda",)
    signature = "function, output_shape=None, mask=None, arguments=None"

    def write(self, call: Call) -> Any:
        given = call.settings.value("output_shape")
        sizes = [given] if isinstance(given, int) else given
        shapes = call.layer.shapes
        if isinstance(sizes, (list, tuple)) and not any(at == call.layer.at for at, _ in shapes):
            shapes[call.layer.at, 0] = (None, *sizes)
        return call.stated_outputs(
            "Lambda",
            "it is code of its own, which is not run",
            "`Lambda(…, output_shape=…)` states it; operations of `keras.ops` are read",
        )


class Pipeline(LayerClass):
    """Layers of preprocessing, one behind the other."""

    names = ("Pipeline",)
    signature = "layers"

    def write(self, call: Call) -> Any:
        x: Any = call.x
        for layer in call.settings.inner_layers("layers"):
            x = call.inner(layer, x)
        return x
