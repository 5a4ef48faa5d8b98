"""Models of Keras that are there as objects: their configuration, which the reader of files reads.

Keras itself is not imported here: a model brings it along, with whatever backend.
"""

from __future__ import annotations

import inspect
import json
import math
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..diagnostics import SpecError, fail
from .keras_objects import PACKAGES, kinds, package_of
from .keras_opening import foreign_classes, functional
from .torch.finding import guarded
from .torch.isolation import Isolated


def configuration(model: Any, name: str, inputs: Any = None) -> str:
    """Return the configuration of a model, as it would stand in its file.

    Args:
        model: The model. One of a class of somebody's own is called once on symbols, which shows its layers.
        name: What messages call it.
        inputs: The size of the input of such a model without the batch, ``8x8x3``; of several by name.

    Returns:
        The configuration as JSON.

    Raises:
        SpecError: Where the model has none, or cannot be called.
    """
    with Isolated():
        return str(guarded(name, lambda: _configuration(model, name, inputs)))


class LayerFigures(NamedTuple):
    """What Keras says of a layer.

    Attributes:
        name: Its name.
        trainable: How many numbers of it are trained.
        held: How many it stores besides.
        output: The shape that it puts out, without the batch; None where that is no single one, or open.
        turned: Whether its channels may stand in front of the positions.
    """

    name: str
    trainable: int
    held: int
    output: tuple[int, ...] | None
    turned: bool


def layer_figures(model: Any, name: str) -> list[LayerFigures]:
    """Return what Keras says of each layer of a model, those of models within it too.

    Args:
        model: The model.
        name: What messages call it.

    Returns:
        The figures; of layers that are not built yet there are none.

    Raises:
        SpecError: Where the model fails to tell.
    """
    with Isolated():
        found: list[LayerFigures] = guarded(name, lambda: [_figures(layer) for layer in _layers(model)])
    first = any(one.turned for one in found)
    return [one._replace(turned=first) for one in found]


def optimizer_figures(model: Any) -> tuple[int, int] | None:
    """Return how many numbers the optimizer of a model holds, and their bytes.

    Args:
        model: The model.

    Returns:
        The figures; None where there is no optimizer, or it holds nothing yet.
    """
    optimizer: Any = getattr(model, "optimizer", None)
    if not getattr(model, "compiled", False) or not getattr(optimizer, "built", False):
        return None
    keras: Any = sys.modules[package_of(type(model))]
    count = size = 0
    for variable in optimizer.variables:
        numbers = math.prod(variable.shape)
        bits = re.findall(r"[0-9]{1,3}", str(keras.backend.standardize_dtype(variable.dtype)))
        count, size = count + numbers, size + numbers * (int(bits[-1]) // 8 if bits else 1)
    return count, size


def _layers(model: Any) -> Iterator[Any]:
    waiting, met = list(reversed(model.layers)), {id(model)}
    while waiting:
        layer = waiting.pop()
        if id(layer) in met:
            continue
        met.add(id(layer))
        foreign = type(layer).__module__.partition(".")[0] not in PACKAGES
        inside = getattr(layer, "layers", None) or (getattr(layer, "_layers", None) if foreign else None)
        if inside:
            waiting += reversed(list(inside))
        elif layer.built:
            yield layer


def _figures(layer: Any) -> LayerFigures:
    trainable, held = (
        sum([math.prod(weight.shape) for weight in weights])
        for weights in (layer.trainable_weights, layer.non_trainable_weights)
    )
    nodes = getattr(layer, "_inbound_nodes", [])
    tensors = nodes[-1].output_tensors if nodes else []
    shape = tuple(tensors[0].shape)[1:] if len(tensors) == 1 else (None,)
    output = None if any(size is None for size in shape) else tuple([int(size) for size in shape])
    turned = getattr(layer, "data_format", None) == "channels_first"
    return LayerFigures(layer.name, trainable, held, output, turned)


def has_layers(model: Any) -> bool:
    """Tell whether the configuration of a model holds its layers: not that of a class of somebody's own."""
    return "Sequential" in kinds(type(model)) or bool(
        "Functional" in kinds(type(model)) and getattr(model, "inputs", None)
    )


def _configuration(model: Any, name: str, inputs: Any) -> str:
    keras: Any = sys.modules[package_of(type(model))]
    if not has_layers(model):
        positional, keywords = _symbols(keras, model, name, inputs)
        given = [*positional, *keywords.values()]
        given = given[0] if len(given) == 1 else given
        called = functional(keras, model, name, given, lambda: model.call(*positional, **keywords))
        return str(called.to_json())
    if foreign_classes(model) and model.built:
        given = [keras.Input(batch_shape=one.shape, dtype=one.dtype, name=one.name) for one in model.inputs]
        given = given[0] if len(given) == 1 else given
        return str(functional(keras, model, name, given, lambda: model.call(given)).to_json())
    if "Sequential" in kinds(type(model)):
        written = json.loads(model.to_json())
        if type(model).__name__ != "Sequential":
            written.update(module="keras", class_name="Sequential", registered_name=None)
        return json.dumps(written)
    if type(model).__name__ != "Functional":
        model = keras.Model(model.inputs, model.outputs, name=model.name)
    return str(model.to_json())


def _symbols(keras: Any, model: Any, name: str, inputs: Any) -> tuple[list[Any], dict[str, Any]]:
    """The symbolic inputs that a model of somebody's own class is called on, by position and by name. Raises
    SpecError."""
    parameters = [*inspect.signature(model.call).parameters]
    if inputs is None:
        built = getattr(model, "_build_shapes_dict", None)
        shapes = dict(built) if isinstance(built, dict) else {}
        if len(shapes) == 1:
            return [_inputs_of(keras, *shapes.values())], {}
        named = {key.removesuffix("_shape"): shape for key, shape in shapes.items()}
        if named and set(named) <= set(parameters):
            return [], {key: _inputs_of(keras, shape) for key, shape in named.items()}
        raise fail(
            "module",
            f"{name} is a model of a class of its own ({type(model).__name__}), whose layers come about when "
            "it is called",
            "--input gives its size, as in --input 224x224x3",
        )
    if not isinstance(inputs, Mapping):
        return [keras.Input(_sizes(inputs))], {}
    symbols = {key: keras.Input(_sizes(size), name=key) for key, size in inputs.items()}
    return ([], symbols) if set(symbols) <= set(parameters) else ([symbols], {})


def _sizes(given: Any) -> tuple[int, ...]:
    """Sizes as a caller gives them. Raises SpecError."""
    if isinstance(given, str):
        parts = re.split(r"[x×*,]", given)
        if not all(part.strip().isascii() and part.strip().isdigit() and len(part) < 16 for part in parts):
            raise _no_size(given)
        given = [int(part) for part in parts]
    elif isinstance(given, int):
        given = [given]
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, int) and one > 0 for one in given):
        raise _no_size(given)
    return tuple(given)


def _no_size(given: Any) -> SpecError:
    return fail("argument", f"`{str(given)[:60]}` is no size of an input", "as in --input 224x224x3")


def _inputs_of(keras: Any, shape: Any) -> Any:
    """Inputs of a shape with the batch, or of several in lists and dictionaries."""
    if isinstance(shape, dict):
        return {key: _inputs_of(keras, one) for key, one in shape.items()}
    if any(isinstance(one, (list, tuple, dict)) for one in shape):
        return [_inputs_of(keras, one) for one in shape]
    return keras.Input(tuple(shape[1:]))
