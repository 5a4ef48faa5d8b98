"""A configuration of a model, as Keras 2 and Keras 3 write it, as a description.

``model.to_json()`` writes one; a ``.keras`` file has it as ``config.json``, a ``.h5`` file as an attribute.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from ....diagnostics import SpecError
from ....source import Source, Span
from .. import refused
from .description import ConstantTensor, KerasCall, KerasLayer, KerasModel, LayerOutput, tensors_in
from .json_text import JsonPlaces
from .older import count_from_zero, modern
from .settings import shown
from .tensorflow_operations import LAMBDAS, as_operation
from .vocabulary import operations, vocabulary

_MOST_LAYERS = 100_000
_DEEPEST = 60
_MODELS = ("Functional", "Model", "Sequential")
# Settings that are texts or functions, and never layers.
_NO_LAYERS = ("initializer", "regularizer", "constraint", "dtype")


def model_of(config: Any, source: Source) -> KerasModel:
    """Read a configuration.

    Args:
        config: What the JSON holds: a dictionary with ``class_name`` and ``config``.
        source: Its text, for the places in messages.

    Returns:
        The model.

    Raises:
        SpecError: Where it is none, or of a class that is somebody's own.

    Example:
        >>> from archcalc.importing.files._keras.config import model_of
        >>> from archcalc.source import Source
        >>> dense = {"class_name": "Dense", "config": {"name": "d", "units": 3}}
        >>> model = model_of({"class_name": "Sequential", "config": [dense]}, Source("net.json", ""))
        >>> [layer.name for layer in model.layers]
        ['input', 'd']
    """
    return ConfigReader(source).model(config, 0)


class ConfigReader:
    """A configuration on its way into a description."""

    def __init__(self, source: Source):
        self.source = source
        self.whole = Span(source, 0, 0)
        self.places = JsonPlaces(source)
        self.count = 0
        self.shapes: dict[LayerOutput, tuple[Any, ...]] = {}

    def refused(self, message: str, span: Span | None = None, *help: str) -> SpecError:
        """Return an error about the file."""
        return refused(message, span or self.whole, *help)

    def dictionary(self, value: Any, what: str, span: Span | None = None) -> dict[str, Any]:
        """Return a value that is to be a dictionary. Raises SpecError."""
        if not isinstance(value, dict):
            raise self.refused(f"{what} is a dictionary, and not {shown(value)}", span)
        return value

    def items(self, value: Any, what: str, span: Span | None = None) -> list[Any]:
        """Return a value that is to be a list. Raises SpecError."""
        if not isinstance(value, list):
            raise self.refused(f"{what} is a list, and not {shown(value)}", span)
        return value

    def model(self, value: Any, depth: int) -> KerasModel:
        """Read a model. Raises SpecError."""
        if depth > _DEEPEST:
            raise self.refused("models stand too deep in each other")
        found = self.dictionary(value, "a model of Keras")
        found = _inside(found)
        class_name, config = found.get("class_name"), found.get("config")
        if not isinstance(class_name, str) or config is None:
            keys = ", ".join([f"`{shown(key)}`" for key in list(found)[:5]])
            more = ", …" if len(found) > 5 else ""
            raise self.refused(
                "this is no model of Keras, which has `class_name` and `config`: "
                + (f"it has {keys}{more}" if keys else "it is empty"),
                None,
                "`model.to_json()` writes such a file",
            )
        if class_name in vocabulary() and class_name not in _MODELS:
            raise self.refused(
                f"this is a layer of Keras ({shown(class_name)}) and no model",
                None,
                "`keras.Sequential([keras.Input((224, 224, 3)), layer]).to_json()` writes a model of it",
            )
        layers = config.get("layers") if isinstance(config, dict) else config
        if class_name not in _MODELS and not self.is_functional(config):
            raise self.refused(
                f"a model of the class `{shown(class_name)}` is code: its file does not say what it computes",
                None,
                "a model that is called once can be made functional: "
                "`keras.Model(inputs, model.call(inputs))`",
                "write it as a spec: `archcalc ops` lists the layers",
            )
        given = config.get("name") if isinstance(config, dict) else None
        name = given if isinstance(given, str) else "model"
        span = self.places.of(name)
        if layers is None:
            raise self.refused(f"the model {shown(name)} has no `layers`", span)
        before, self.shapes = self.shapes, {}
        read = [self.layer(one, depth) for one in self.items(layers, f"`layers` of {shown(name)}", span)]
        by_name = {layer.name: layer for layer in read}
        for tensor, sizes in self.shapes.items():
            if tensor.layer in by_name:
                by_name[tensor.layer].shapes[tensor.call, tensor.output] = sizes
        self.shapes = before
        names: set[str] = set()
        for layer in read:
            if layer.name in names:
                raise self.refused(f"two layers are called {shown(layer.name)}", layer.span)
            names.add(layer.name)
        if class_name == "Sequential" or not isinstance(config, dict):
            build = found.get("build_config")
            shape = build.get("input_shape") if isinstance(build, dict) else None
            if shape is None and isinstance(config, dict):
                shape = config.get("build_input_shape")
            return KerasModel.chain(name, read, span, shape)
        inputs = self.ends(config.get("input_layers"), f"`input_layers` of {shown(name)}", span)
        outputs = self.ends(config.get("output_layers"), f"`output_layers` of {shown(name)}", span)
        inputs, outputs = count_from_zero(read, inputs, outputs)
        return KerasModel("Functional", name, read, inputs, outputs, span)

    def is_functional(self, config: Any) -> bool:
        """Whether a class of somebody's own has the settings of a functional or sequential model."""
        return (
            isinstance(config, dict) and isinstance(config.get("layers"), list) and "output_layers" in config
        )

    def ends(self, value: Any, what: str, span: Span) -> Any:
        """Read the tensors that a model begins or ends with. Raises SpecError."""
        found = self.tensors(value, 0)
        if not [*tensors_in(found)]:
            raise self.refused(f"{what} names no layer", span)
        return found

    def tensors(self, value: Any, depth: int) -> Any:
        """Read names of tensors, ``["conv1", 0, 0]``, in lists and dictionaries. Raises SpecError."""
        if depth > _DEEPEST:
            raise self.refused("lists stand too deep in each other")
        if _is_tensor(value):
            return LayerOutput(value[0], value[1], value[2])
        if isinstance(value, list):
            return [self.tensors(one, depth + 1) for one in value]
        if isinstance(value, dict):
            return {str(key): self.tensors(one, depth + 1) for key, one in value.items()}
        return value

    # Layers --------------------------------------------------------------------------------------

    def layer(self, value: Any, depth: int) -> KerasLayer:
        """Read a layer with its calls. Raises SpecError."""
        self.count += 1
        if self.count > _MOST_LAYERS:
            raise self.refused(f"the model has more than {_MOST_LAYERS:,} layers")
        if depth > _DEEPEST:
            raise self.refused("layers stand too deep in each other")
        found = self.dictionary(value, "a layer")
        class_name, config = found.get("class_name"), found.get("config")
        if not isinstance(class_name, str):
            raise self.refused(f"a layer has a `class_name`, and not {shown(class_name)}")
        settings = config if isinstance(config, dict) else {}
        given = found.get("name", settings.get("name"))
        name = given if isinstance(given, str) and given else class_name.lower()
        span = self.places.of(name)
        package, _, plain = class_name.rpartition(">")
        registered = found.get("registered_name")
        if isinstance(registered, str) and ">" in registered and not package:
            package = registered.partition(">")[0]
        home = found.get("module")
        if isinstance(home, str) and home and not home.startswith(("keras", "builtins", "tensorflow")):
            package = package or home
        operation = isinstance(home, str) and home.startswith(("keras.src.ops", "keras.ops"))
        # HDF5 files do not say where a class is from.
        operation = operation or (home is None and plain not in vocabulary() and plain in operations())
        package = "" if operation or (package in ("keras", "Custom") and plain in vocabulary()) else package
        layer = KerasLayer(plain, name, {}, span, package=package, operation=operation)
        if plain in _MODELS or (found.get("inbound_nodes") is not None and self.is_functional(config)):
            layer.model = self.model(found, depth + 1)
            layer.package = ""
        else:
            given = self.dictionary(config, f"`config` of {shown(name)}", span)
            plain, given = modern(plain, given)
            layer.class_name, layer.config = plain, self.settings(given, depth)
            known = vocabulary().get(plain)
            if known is not None and not operation:
                layer.config = known.modern(layer.config)
        layer.trainable = settings.get("trainable", True) is not False
        build = found.get("build_config")
        layer.build_shape = build.get("input_shape") if isinstance(build, dict) else None
        nodes = found.get("inbound_nodes", [])
        for node in self.items(nodes, f"`inbound_nodes` of {shown(name)}", span):
            layer.calls.append(self.call(node, layer))
        if plain in LAMBDAS:
            as_operation(layer)
        if not layer.calls and plain == "InputLayer":
            layer.calls.append(KerasCall((), {}, span))
        return layer

    def settings(self, config: dict[str, Any], depth: int) -> dict[str, Any]:
        """Read settings; those that hold a layer hold a description of it then. Raises SpecError."""
        found = {}
        for key, value in config.items():
            if isinstance(value, dict) and not key.endswith(_NO_LAYERS):
                value = self.inner(value, depth)
            elif isinstance(value, list) and any(_is_layer(one) for one in value):
                value = [self.inner(one, depth) if isinstance(one, dict) else one for one in value]
            found[key] = value
        if "batch_input_shape" in found:
            found.setdefault("batch_shape", found.pop("batch_input_shape"))
        return found

    def inner(self, value: dict[str, Any], depth: int) -> Any:
        """Read a layer in a setting; a function by its name. Raises SpecError."""
        if value.get("class_name") == "function" and isinstance(value.get("config"), str):
            return value["config"]
        if value.get("class_name") == "__tuple__":
            return value.get("items")
        return self.layer(value, depth + 1) if _is_layer(value) else value

    def call(self, node: Any, layer: KerasLayer) -> KerasCall:
        """Read one call of a layer. Raises SpecError."""
        if isinstance(node, dict):
            positional = self.arguments(node.get("args", []), 0)
            keywords = self.arguments(node.get("kwargs", {}), 0)
            if not isinstance(positional, list) or not isinstance(keywords, dict):
                raise self.refused(f"{shown(layer.name)}: a call has `args` and `kwargs`", layer.span)
            return KerasCall(tuple(positional), keywords, layer.span)
        return self.older_call(node, layer)

    def older_call(self, node: Any, layer: KerasLayer) -> KerasCall:
        """Read a call as Keras 2 writes it: ``[["conv1", 0, 0, {}], …]``."""
        parts = self.items(node, f"a call in `inbound_nodes` of {shown(layer.name)}", layer.span)
        if _is_tensor(parts):
            parts = [parts]
        tensors: list[Any] = []
        keywords: dict[str, Any] = {}
        for part in parts:
            if not _is_tensor(part):
                raise self.refused(
                    f"{shown(layer.name)}: a call names a layer, a call and an output, not {shown(part)}",
                    layer.span,
                )
            if part[0] == "_CONSTANT_VALUE":
                tensors.append(part[2])
                continue
            tensors.append(LayerOutput(part[0], part[1], part[2]))
            if len(part) > 3 and isinstance(part[3], dict):
                keywords.update({str(key): self.tensors(one, 0) for key, one in part[3].items()})
        return KerasCall(tuple(tensors) if len(tensors) == 1 else (tensors,), keywords, layer.span)

    def arguments(self, value: Any, depth: int) -> Any:
        """Read arguments as Keras 3 writes them: a tensor has its ``keras_history``. Raises SpecError."""
        if depth > _DEEPEST:
            raise self.refused("arguments stand too deep in each other")
        if isinstance(value, list):
            return [self.arguments(one, depth + 1) for one in value]
        if not isinstance(value, dict):
            return value
        if value.get("class_name") == "__keras_tensor__":
            config = value.get("config")
            history = config.get("keras_history") if isinstance(config, dict) else None
            if not isinstance(history, list) or not _is_tensor(history):
                raise self.refused(f"a tensor has its `keras_history`, and not {shown(history)}")
            found = LayerOutput(*history[:3])
            if isinstance(config, dict) and isinstance(config.get("shape"), list):
                self.shapes[found] = tuple(config["shape"])
            return found
        if value.get("class_name") == "__tuple__":
            return self.arguments(value.get("items", []), depth + 1)
        if value.get("class_name") in ("__tensor__", "__numpy__"):
            return _constant(self.dictionary(value.get("config"), "a tensor").get("value"))
        if value.get("class_name") == "__ellipsis__":
            return ...
        if set(value) == {"class_name", "config"} and value["class_name"] == "__slice__":
            config = self.dictionary(value["config"], "a slice")
            return slice(config.get("start"), config.get("stop"), config.get("step"))
        return {str(key): self.arguments(one, depth + 1) for key, one in value.items()}


def _constant(value: Any) -> ConstantTensor:
    """A tensor of literal values, of which the sizes are read."""
    sizes: list[int] = []
    first = value
    while isinstance(first, list) and len(sizes) < 10:
        sizes.append(len(first))
        first = first[0] if first else None
    single = first if prod(sizes) == 1 and isinstance(first, (int, float)) else None
    return ConstantTensor(tuple(sizes), single)


def _inside(found: dict[str, Any]) -> dict[str, Any]:
    """The configuration in a file of TensorFlow.js, which holds it within its own; any other as it is."""
    for key in ("modelTopology", "model_config"):
        within = found.get(key)
        if isinstance(within, dict) and "class_name" not in found:
            found = within
    return found


def _is_tensor(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= 3
        and isinstance(value[0], str)
        and all(isinstance(one, int) and not isinstance(one, bool) for one in value[1:2])
        and (isinstance(value[2], int) or value[0] == "_CONSTANT_VALUE")
    )


def _is_layer(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("class_name"), str)
        and isinstance(value.get("config"), dict)
    )


def names_of_classes(model: KerasModel) -> Iterator[str]:
    """Yield the classes of the layers of a model, those of models within it too."""
    for layer in model.layers:
        if layer.model is not None:
            yield from names_of_classes(layer.model)
        else:
            yield layer.class_name
