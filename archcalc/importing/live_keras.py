"""Models of Keras that are there as objects: their configuration, which the reader of files reads.

Keras itself is not imported here: a model brings it along, with whatever backend.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from ..diagnostics import fail
from .keras_objects import calls_keras, is_model, kinds, package_of
from .torch.finding import find, guarded
from .torch.isolation import Isolated
from .torch.targets import ModuleTarget


def live_model(target: Any, settings: Mapping[str, Any] | None = None) -> Any:
    """Return the model of Keras that a target is, names or makes. This runs the code of the target.

    Args:
        target: What names a module, or any object.
        settings: Arguments of what makes the model, by name.

    Returns:
        The model; None where it is anything else: then nothing was made.

    Raises:
        SpecError: Where there is nothing of that name, or what makes the model fails.
    """
    if not isinstance(target, ModuleTarget):
        return target if is_model(target) else None
    with Isolated(forget=True):
        maker = find(target.with_arguments(settings))
        if maker.module is not None:
            return maker.module if is_model(maker.module) else None
        if not calls_keras(maker.function):
            return None
        made = guarded(maker.target, maker.call)
        return made if is_model(made) else None


def configuration(model: Any, name: str, inputs: Any = None) -> str:
    """Return the configuration of a model, as it would stand in its file.

    Args:
        model: The model. One of a class of somebody's own is called once on symbols, which shows its layers.
        name: What messages call it.
        inputs: The shape of each input of such a model, without the batch.

    Returns:
        The configuration as JSON.

    Raises:
        SpecError: Where the model has none, or cannot be called.
    """
    with Isolated():
        return str(guarded(name, lambda: _configuration(model, name, inputs)))


def _configuration(model: Any, name: str, inputs: Any) -> str:
    classes = kinds(type(model))
    if "Sequential" in classes:
        written = json.loads(model.to_json())
        if type(model).__name__ != "Sequential":
            written.update(module="keras", class_name="Sequential", registered_name=None)
        return json.dumps(written)
    if type(model).__name__ == "Functional":
        return str(model.to_json())
    keras: Any = sys.modules[package_of(type(model))]
    if "Functional" in classes and getattr(model, "inputs", None):
        plain = keras.Model(model.inputs, model.outputs, name=model.name)
        return str(plain.to_json())
    given = _symbols(keras, model, name, inputs)
    called = model.call(given)
    return str(keras.Model(given, called, name=model.name).to_json())


def _symbols(keras: Any, model: Any, name: str, inputs: Any) -> Any:
    """The symbolic inputs that a model of somebody's own class is called on. Raises SpecError."""
    if inputs is None:
        shape = getattr(model, "_build_shapes_dict", None)
        shapes = list(shape.values()) if isinstance(shape, dict) else []
        if len(shapes) == 1:
            inputs = shapes[0]
            return _inputs_of(keras, inputs)
        raise fail(
            "module",
            f"{name} is a model of a class of its own ({type(model).__name__}), whose layers come about when "
            "it is called",
            "--input gives its size, as in --input 224x224x3",
        )
    return _inputs_of(keras, inputs, batch=False)


def _inputs_of(keras: Any, shape: Any, batch: bool = True) -> Any:
    """Inputs of a shape, or of several in lists and dictionaries."""
    if isinstance(shape, dict):
        return {key: _inputs_of(keras, one, batch) for key, one in shape.items()}
    if any(isinstance(one, (list, tuple, dict)) for one in shape):
        return [_inputs_of(keras, one, batch) for one in shape]
    return keras.Input(tuple(shape[1:] if batch else shape))
