"""Run with Keras, apart from the tests: runs listings of Keras code, and writes what Keras counts of each.

``python keras_witness.py FOLDER``: each ``NAME.py`` of the folder becomes ``NAME.count``. No data is loaded,
nothing is trained, and TensorFlow is stood in for by Keras, so that a listing runs as a student pasted it.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import json
import math
import sys
import traceback
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.src.utils import module_utils

# What the data of lectures is: the first of all parts is the number of pictures, few here.
SHAPES = {
    "mnist": ((28, 28), ()),
    "fashion_mnist": ((28, 28), ()),
    "cifar10": ((32, 32, 3), (1,)),
    "cifar100": ((32, 32, 3), (1,)),
    "california_housing": ((8,), ()),
    "boston_housing": ((13,), ()),
}
COUNTS = {"mnist": (60000, 10000), "fashion_mnist": (60000, 10000), "boston_housing": (404, 102)}
DATA_TOOLS = ("sklearn", "pandas", "matplotlib", "seaborn", "cv2", "PIL")
# What TensorFlow calls otherwise than Keras.
RENAMED = {
    "concat": "concatenate",
    "reduce_mean": "mean",
    "reduce_max": "max",
    "reduce_sum": "sum",
    "float32": "float32",
}


class Stand(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """``tensorflow``, as the parts of Keras of the same names; tools for data do nothing."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.partition(".")[0] not in ("tensorflow", *DATA_TOOLS):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> types.ModuleType:
        inner = spec.name.partition(".")[2]
        if inner.partition(".")[0] == "keras":
            return importlib.import_module(inner)
        made = _Module(spec.name)
        if spec.name.partition(".")[0] in DATA_TOOLS:
            made.__getattr__ = _of_data_tools  # type: ignore[method-assign]
            return made
        made.__getattr__ = _of_tensorflow  # type: ignore[method-assign]
        return made

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def _of_tensorflow(name: str) -> Any:
    if name == "keras":
        return keras
    if name in ("nn", "math", "image"):
        return keras.ops
    if name.startswith("__"):
        raise AttributeError(name)
    renamed = RENAMED.get(name, name)
    return getattr(keras.ops, renamed, renamed)


def _of_data_tools(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return Neutral()


class _Module(types.ModuleType):
    """A module whose parts are those of TensorFlow, or nothing."""


class Neutral:
    """Something that takes every call."""

    def __call__(self, *positional: Any, **keywords: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        return self

    def __getitem__(self, at: Any) -> Any:
        return self

    def __iter__(self) -> Any:
        return iter((self, self))

    def __format__(self, form: str) -> str:
        return "?"


def prepare() -> None:
    """Make Keras quick, and still."""
    module_utils.tensorflow._available = False  # Keras itself is to find none
    sys.meta_path.insert(0, Stand())
    for name in [*sys.modules]:
        if name.partition(".")[0] in DATA_TOOLS:
            del sys.modules[name]
    for name in (
        "fit",
        "evaluate",
        "predict",
        "compile",
        "summary",
        "save",
        "load_weights",
        "train_on_batch",
    ):
        setattr(keras.Model, name, Neutral())
    keras.utils.plot_model = Neutral()
    for kind in (keras.initializers.RandomNormal, keras.initializers.RandomUniform):
        kind.__call__ = lambda self, shape, dtype=None: np.zeros(shape, "float32")
    for kind in (keras.initializers.VarianceScaling, keras.initializers.Orthogonal):
        kind.__call__ = lambda self, shape, dtype=None: np.zeros(shape, "float32")
    for word, (shape, labels) in SHAPES.items():
        module = importlib.import_module(f"keras.datasets.{word}")
        first, second = COUNTS.get(word, (50000, 10000))
        data = tuple(
            (np.broadcast_to(np.uint8(0), (n, *shape)), np.broadcast_to(np.uint8(9), (n, *labels)))
            for n in (first, second)
        )
        module.load_data = lambda *_, data=data, **__: data
    imdb = importlib.import_module("keras.datasets.imdb")
    texts = [np.array([[1, 2], [3]], object), np.array([0, 1])]
    imdb.load_data = lambda *_, **__: (texts, texts)
    for name in dir(keras.applications):
        function = getattr(keras.applications, name)
        if callable(function):
            _without_weights(name, function)


def _without_weights(name: str, function: Any) -> None:
    def made(*positional: Any, **keywords: Any) -> Any:
        return function(*positional, **{**keywords, "weights": None})

    for place in (keras.applications, *vars(keras.applications).values()):
        if getattr(place, name, None) is function:
            setattr(place, name, made)


def model_of(values: dict[str, Any]) -> Any:
    """The model that a listing makes: the one called so, else the last, else that of its function."""
    for name in ("model", "net"):
        if isinstance(values.get(name), keras.Model):
            return values[name]
    models = [one for one in values.values() if isinstance(one, keras.Model)]
    if models:
        return models[-1]
    functions = [one for one in values.values() if isinstance(one, types.FunctionType)]
    return functions[-1]()


def layers_of(model: Any) -> Sequence[Any]:
    """All layers, those of models within it among them."""
    found, waiting = [], [model]
    while waiting:
        one = waiting.pop()
        opens = isinstance(one, keras.Model) or not type(one).__module__.startswith("keras.")
        inner = list(one._flatten_layers(include_self=False, recursive=False)) if opens else []
        if inner:
            waiting += reversed(inner)
        else:
            found.append(one)
    return found


def counted(model: Any) -> dict[str, Any]:
    """What Keras counts of a model, and each layer's share and output."""
    layers: dict[str, Any] = {}
    for layer in layers_of(model):
        if isinstance(layer, keras.layers.InputLayer):
            continue
        both = (layer.trainable_weights, layer.non_trainable_weights)
        try:
            output = layer.output
            shape = list(output.shape[1:]) if hasattr(output, "shape") else None
        except (AttributeError, ValueError):
            shape = None
        layers[layer.name] = [*[sum(math.prod(w.shape) for w in some) for some in both], shape]
    trained = sum(math.prod(w.shape) for w in model.trainable_weights)
    put_out = model.output_shape if model.built and getattr(model, "outputs", None) else None
    return {"total": model.count_params(), "trained": trained, "layers": layers, "output": put_out}


def main() -> None:
    prepare()
    for path in sorted(Path(sys.argv[1]).glob("*.py")):
        keras.backend.clear_session()
        values: dict[str, Any] = {"__name__": "__main__"}
        try:
            text = "\n".join(
                "pass" if line[:1] in ("!", "%") else line for line in path.read_text().split("\n")
            )
            exec(compile(text, path.name, "exec"), values)
            answer = counted(model_of(values))
        except Exception:  # what Keras says of a listing is for the test to show
            answer = {"failed": traceback.format_exc(limit=-3)}
        path.with_suffix(".count").write_text(json.dumps(answer))


if __name__ == "__main__":
    main()
