"""What Keras gives to code: its layers, models and functions, by their names in any version."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ....diagnostics import SpecError
from ....source import Span
from .. import Request, SpecWriter
from .._keras.calls import Value
from .._keras.description import KerasCall, KerasLayer, KerasModel, LayerOutput
from .._keras.vocabulary import ArgumentsError, nearest_class, vocabulary
from .._keras.writing import ModelWriting
from .evaluating import Evaluator, Host
from .keras_data import ArrayValue, data_set, made_array
from .keras_functions import FUNCTIONS, MERGES, OPERATORS
from .keras_values import Call, CallNode, LayerValue, ModelValue, ShapeValue, TensorValue, tensors_of
from .plain import CONSTANTS
from .plain import FUNCTIONS as PLAIN
from .python_file import Listing
from .values import (
    EvaluationError,
    HostValue,
    PythonClass,
    PythonFunction,
    PythonInstance,
    Scope,
    UnknownValue,
)

_ROOTS = ("keras", "tensorflow", "tf", "tf_keras", "keras_core")
# Parts of Keras whose objects change no figure.
_ASIDE = (
    "optimizers losses metrics callbacks initializers regularizers constraints preprocessing utils datasets "
    "saving wrappers data random image io estimator"
).split()
_NEUTRAL = re.compile(
    r".*(?:initializer|regularizer|constraint|seed|weights|momentum|epsilon|callbacks)$"
    r"|(?:init|[Wb]_.*|dropout.*|recurrent_dropout|rate|stddev|alpha|input_tensor)$"
)
# Code makes and calls no more layers than these.
_MOST_CALLS = 10_000
# Other names of classes; Keras names a layer by the first.
_OTHER_NAMES = (
    *[(f"MaxPool{axes}D", f"MaxPooling{axes}D") for axes in "123"],
    *[(f"AvgPool{axes}D", f"AveragePooling{axes}D") for axes in "123"],
    ("Convolution", "Conv"),
)
# What Keras is set to, where nobody sets it otherwise.
_SETTINGS: Mapping[str, Any] = {
    "image_data_format": "channels_last",
    "image_dim_ordering": "tf",
    "floatx": "float32",
    "epsilon": 1e-7,
    "backend": "tensorflow",
}
# Layers that a layer makes for itself when it is first called, and whose names count.
_WITHIN = {"MultiHeadAttention": ("Softmax", "Dropout"), "GroupQueryAttention": ("Softmax", "Dropout")}
# Names that code pasted without its imports uses.
_PASTED = {
    "keras": "keras",
    "tf": "tensorflow",
    "layers": "keras.layers",
    "models": "keras.models",
    "K": "keras.backend",
    "L": "keras.layers",
    "ops": "keras.ops",
    "applications": "keras.applications",
    "np": "numpy",
    "math": "math",
}


class KerasName(HostValue):
    """Something of Keras by its dotted path: a module, a class, a function."""

    def __init__(self, host: KerasHost, path: str):
        self.host = host
        self.path = path
        self.described = f"`{path}`"

    def attribute(self, name: str) -> Any:
        """Return what the path goes on to."""
        if name == "__name__":
            return self.path.rpartition(".")[2]
        return self.host.named(f"{self.path}.{name}")

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return what it makes. Raises EvaluationError."""
        return self.host.named_call(self.path, positional, keywords, node)


class KerasHost(Host):
    """Keras, for one file.

    Args:
        listing: The code.
        request: Sizes of inputs and settings, as the caller gives them.
    """

    def __init__(self, listing: Listing, request: Request):
        self.listing = listing
        self.request = request
        self.evaluator = Evaluator(self)
        self.models: list[ModelValue] = []
        self.nodes: list[CallNode] = []
        self.used: set[str] = set()
        self._stars: list[str] = []
        self._made = 0
        self._numbers: dict[str, int] = {}
        self._scratch = ModelWriting(SpecWriter(listing.source, "net", "Keras"))
        self._written: dict[int, Any] = {}
        self._described: dict[int, KerasLayer] = {}
        self._open: dict[int, Any] = {}

    def span(self, node: ast.AST | None) -> Span:
        """Return the place of a part of the code."""
        return self.listing.span(node)

    # Names -------------------------------------------------------------------------------------

    def imported(self, path: str, node: ast.AST) -> Any:
        """Return what an import gives."""
        return (
            self.named(path.lstrip("."))
            if path.partition(".")[0] in (*_ROOTS, "numpy", "math")
            else UnknownValue(node, f"it is from {path}")
        )

    def named(self, path: str) -> Any:
        """Return what a dotted path stands for."""
        return CONSTANTS[path] if path in CONSTANTS else KerasName(self, path)

    def undefined(self, name: str, node: ast.AST) -> Any:
        """Return what a name stands for that the code does not define."""
        if name in _PASTED:
            return KerasName(self, _PASTED[name])
        if name in vocabulary() or name in _MADE or name in MERGES:
            return KerasName(self, f"keras.layers.{name}")
        if name[:1].isupper() and name.upper() != name and (self._stars or nearest_class(name)):
            return KerasName(self, f"keras.layers.{name}")
        return UnknownValue(node, f"`{name}` has no value in this code", name)

    def everything(self, path: str) -> None:
        """Take notice of ``from PATH import *``."""
        if path.partition(".")[0] in _ROOTS:
            self._stars.append(path)

    def setting(self, name: str, value: Any, top: bool) -> Any:
        """Return the value that somebody has set for a name, else the code's own."""
        settings = self.request.settings
        if name in settings and name != "net" and (value is ... or isinstance(value, UnknownValue) or top):
            if isinstance(value, (HostValue, PythonFunction, PythonClass, PythonInstance)) and not isinstance(
                value, UnknownValue
            ):
                return value
            self.used.add(name)
            return _literal(settings[name])
        return value

    def grows(self, value: Any) -> bool:
        """Whether a statement about a value may change the network."""
        if isinstance(value, (list, tuple)):
            return any(isinstance(one, (LayerValue, TensorValue)) for one in value)
        return isinstance(value, (LayerValue, TensorValue))

    # Calls of names ----------------------------------------------------------------------------

    def named_call(
        self, path: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        """Return what a call of something of Keras makes. Raises EvaluationError."""
        parts = path.split(".")
        word = parts[-1]
        if path in PLAIN:
            values = [*positional, *keywords.values()]
            if any(isinstance(one, HostValue) for one in values):
                return UnknownValue(node)
            return self.evaluator.plain(PLAIN[path], positional, keywords, node)
        if word == "load_data" and "datasets" in parts:
            return data_set(parts[-2], node)
        if parts[0] in ("numpy", "math") or any(isinstance(one, ArrayValue) for one in positional):
            return made_array(path, positional, keywords, node)
        if "applications" in parts:
            return self._application(word, positional, keywords, node)
        if word in MERGES and ("layers" in parts or "merge" in parts):
            return self._merged(word, positional, keywords, node)
        if word in _SETTINGS and not positional and not keywords:
            return _SETTINGS[word]
        if word in _MADE:
            return _MADE[word](self, list(positional), dict(keywords), node)
        if tensors_of([list(positional), *keywords.values()]):
            function = FUNCTIONS.get(word)
            if function is not None and word[0].islower():
                return function(self, list(positional), dict(keywords), node)
            if word in ("int_shape", "shape"):
                return ShapeValue(tensors_of(list(positional))[0].shape())
            if word in ("ndim", "rank"):
                return len(tensors_of(list(positional))[0].shape())
            raise EvaluationError(f"`{path}` of a tensor is not read", node, *self.ways_out())
        if word[0].islower() or any(part in _ASIDE for part in parts[:-1]):
            return UnknownValue(node, f"it is from {path}")
        return self.layer(word, positional, keywords, node)

    def ways_out(self) -> tuple[str, ...]:
        """Return what can be done where code cannot be read."""
        name = self.listing.name
        ways = ["`archcalc ops` lists the layers that a spec has a word for"]
        if name.endswith(".py"):
            ways.insert(0, f"`{name}:model` runs the code and reads the model that it makes")
        return tuple(ways)

    def layer(
        self, word: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> LayerValue:
        """Make a layer of a class. Raises EvaluationError."""
        self._made += 1
        if self._made > _MOST_CALLS:
            raise EvaluationError(f"this code makes more than {_MOST_CALLS:,} layers", node)
        known = vocabulary().get(word)
        if known is None:
            near = nearest_class(word)
            hints = [f"did you mean `{near}`?"] if near else []
            raise EvaluationError(f"the layer `{word}` of Keras is not read", node, *hints, *self.ways_out())
        given = dict(keywords)
        name, trainable = given.pop("name", None), given.pop("trainable", True)
        shape = self._first_shape(word, given)
        try:
            config = known.configuration(word, list(positional), given)
        except ArgumentsError as error:
            raise EvaluationError(str(error), node) from None
        name = config.pop("name", None) or name
        config = {key: self._plain_setting(word, key, value, node) for key, value in config.items()}
        config = {key: value for key, value in config.items() if value is not ...}
        if shape is not None:
            config["batch_shape"] = shape
        kind = known.names[0] if word not in ("InputLayer",) else word
        kind = word if word in known.names and word[0].isupper() and not known.old_signature else kind
        made = LayerValue(self, kind, name if isinstance(name, str) else self.free(kind), config, node)
        made.trainable = trainable is not False
        return made

    def _plain_setting(self, word: str, name: str, value: Any, node: ast.AST) -> Any:
        """A setting as a description has it; ``...`` where it changes no figure. Raises EvaluationError."""
        if name in ("activation", "recurrent_activation") and isinstance(value, (KerasName, Call)):
            return getattr(value, "path", "").rpartition(".")[2]
        if isinstance(value, LayerValue):
            return self.description(value)
        if isinstance(value, KerasName) and "dtype" in name:
            return value.path.rpartition(".")[2]
        parts = value if isinstance(value, (list, tuple)) else [value]
        unknown = next(
            (
                one
                for one in parts
                if isinstance(one, (HostValue, PythonFunction, PythonClass, PythonInstance))
            ),
            None,
        )
        if isinstance(value, (list, tuple)) and all(isinstance(one, LayerValue) for one in value):
            return [self.description(one) for one in value]
        if unknown is None:
            return value
        if _NEUTRAL.match(name):
            return ...
        if isinstance(unknown, PythonFunction) and word == "Lambda":
            return value
        raise self.not_known(f"`{name}` of {word}", unknown, node)

    def not_known(self, what: str, value: Any, node: ast.AST) -> EvaluationError:
        """Return the error about a value that the code does not tell."""
        name = getattr(value, "name", "") or ""
        reason = getattr(value, "reason", "") or ""
        help = [f"`--set {name}=10` gives it"] if name else ["write the number in its place"]
        message = f"{what} is not known: it depends on " + (f"`{name}`" if name else "a value of data")
        return EvaluationError(message + (f"; {reason}" if reason else ""), node, *help, *self.ways_out()[:1])

    def _first_shape(self, word: str, given: dict[str, Any]) -> Any:
        """What arguments of a first layer say of the input, with the batch; None where they say nothing."""
        shape = given.pop("input_shape", None)
        whole = given.pop("batch_input_shape", None)
        length = given.pop("input_length", None)
        width = given.pop("input_dim", None) if word != "Embedding" else None
        if whole is not None:
            return self._sizes(whole)
        if shape is not None:
            sizes = self._sizes(shape)
            return None if sizes is None else (None, *sizes)
        if word == "Embedding":
            return (None, length) if isinstance(length, int) else None
        if isinstance(width, int):
            return (None, length, width) if length is not None else (None, width)
        return None

    def _sizes(self, shape: Any) -> tuple[Any, ...] | None:
        """A shape; None where its sizes are not known, so that ``--input`` gives them."""
        if isinstance(shape, int):
            shape = (shape,)
        if not isinstance(shape, (list, tuple)) or any(isinstance(one, HostValue) for one in shape):
            return None
        return tuple(shape)

    def free(self, kind: str) -> str:
        """Return the name that Keras gives the next layer of a class."""
        for other, first in _OTHER_NAMES:
            kind = kind.replace(other, first)
        snake = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", kind))
        snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", snake).lower()
        number = self._numbers.get(snake, 0)
        self._numbers[snake] = number + 1
        return f"{snake}_{number}" if number else snake

    def as_layer(self, value: Any) -> Any:
        """Return the layer that a value is: an object of the code's own model stands for its layers."""
        return value

    def _merged(
        self, word: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        """A function of old style that merges tensors. Raises EvaluationError."""
        given = dict(keywords)
        tensors = positional[0] if positional else given.pop("inputs", None)
        kind = MERGES[word]
        if word == "merge":
            mode = given.pop("mode", positional[1] if len(positional) > 1 else "sum")
            kinds = {
                "sum": "Add",
                "concat": "Concatenate",
                "mul": "Multiply",
                "ave": "Average",
                "max": "Maximum",
            }
            if mode not in kinds:
                raise EvaluationError(f"`merge` of mode {mode!r} is not read", node)
            kind = kinds[mode]
            axis = given.pop("concat_axis", None)
            given = {"axis": axis} if kind == "Concatenate" and axis is not None else {}
            positional = positional[:1]
        return self.layer(kind, positional[1:], given, node).call([tensors], {}, node)

    def _application(
        self, word: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        if word in ("preprocess_input", "decode_predictions"):
            if word == "preprocess_input" and tensors_of(list(positional)):
                return positional[0]
            return UnknownValue(node)
        from ._applications import application

        return application(self, word, positional, keywords, node)

    # Calls of layers ---------------------------------------------------------------------------

    def called_layer(
        self, layer: LayerValue, positional: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> Any:
        """Return the tensors that a layer puts out. Raises EvaluationError."""
        if isinstance(layer, ModelValue) and layer.sequential and not layer.items:
            raise EvaluationError("this Sequential has no layers", node)
        if not tensors_of([positional, keywords]):
            missing = next((one for one in positional if isinstance(one, UnknownValue)), None)
            what = (
                f"what {layer.described} reads is not known"
                if missing is not None
                else "no tensor arrives here"
            )
            raise EvaluationError(what, node, *self.ways_out())
        if len(self.nodes) >= _MOST_CALLS:
            raise EvaluationError(f"this code calls more than {_MOST_CALLS:,} layers", node)
        if not layer.calls:
            for kind in _WITHIN.get(layer.class_name, ()):
                self.free(kind)  # Keras numbers these among the others
        call = CallNode(layer, positional, keywords, node, self._outputs(layer))
        layer.calls.append(call)
        self.nodes.append(call)
        return call.result()

    def _outputs(self, layer: LayerValue) -> int:
        """How many tensors a layer puts out."""
        if isinstance(layer, ModelValue):
            return 1 if layer.sequential else max(len(tensors_of(layer.outputs)), 1)
        config = layer.config
        if config.get("return_state") is True:
            return {"LSTM": 3, "ConvLSTM2D": 3}.get(layer.class_name, 2)
        inner = config.get("layer")
        if (
            layer.class_name == "Bidirectional"
            and isinstance(inner, KerasLayer)
            and inner.config.get("return_state")
        ):
            return 5 if inner.class_name == "LSTM" else 3
        return 1

    def operation(self, symbol: str, tensor: TensorValue, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Return what an operator gives. Raises EvaluationError."""
        return OPERATORS(self, symbol, tensor, other, reflected, node)

    def part(self, tensor: TensorValue, index: Any) -> Any:
        """Return a part of a tensor. Raises EvaluationError."""
        if "GetItem" not in vocabulary():
            raise EvaluationError("a part of a tensor in brackets is not read", None, *self.ways_out())
        made = LayerValue(self, "GetItem", self.free("GetItem"), {}, tensor.call_node.node)
        return self.called_layer(made, [tensor, index], {}, tensor.call_node.node)

    def shape(self, tensor: TensorValue) -> tuple[int | None, ...]:
        """Return the sizes of a tensor, the batch None. Raises EvaluationError."""
        self._write(tensor.call_node)
        found = self._written[id(tensor.call_node)]
        value = found[tensor.number] if isinstance(found, list) else found
        return (None, *value.sizes)

    def _write(self, last: CallNode) -> None:
        """Work out what a call puts out, and all before it."""
        waiting = [last]
        while waiting:
            call = waiting[-1]
            if id(call) in self._written:
                waiting.pop()
                continue
            before = [one.call_node for one in call.tensors() if id(one.call_node) not in self._written]
            if before:
                waiting += before
                continue
            waiting.pop()
            self._written[id(call)] = self._written_call(call)

    def _written_call(self, call: CallNode) -> Any:
        layer = self.description(call.layer)
        span = self.span(call.node)
        if layer.class_name == "InputLayer":
            shape = layer.config.get("batch_shape")
            if shape is None or any(not isinstance(one, int) for one in shape[1:]):
                raise EvaluationError(
                    f"the size of the input {layer.name} is not known", call.node, "`--input` gives it"
                )
            made = self._scratch.writer.input(layer.name, tuple(shape[1:]), span)
            return Value(made)

        def arriving(one: Any) -> Any:
            if isinstance(one, TensorValue):
                found = self._written[id(one.call_node)]
                return found[one.number] if isinstance(found, list) else found
            if isinstance(one, (list, tuple)):
                return [arriving(item) for item in one]
            return one

        positional = [arriving(one) for one in call.positional]
        return self._scratch.call(
            layer, positional, {key: arriving(one) for key, one in call.keywords.items()}, span, False
        )

    # Descriptions ------------------------------------------------------------------------------

    def description(self, layer: LayerValue) -> KerasLayer:
        """Return the description of a layer, without its calls."""
        found = self._described.get(id(layer))
        if found is None or isinstance(layer, ModelValue):
            found = KerasLayer(layer.class_name, layer.name, dict(layer.config), self.span(layer.node))
            if isinstance(layer, ModelValue):
                found.model = self.model(layer)
            self._described[id(layer)] = found
            self._open[id(layer)] = layer  # it lives as long as its identity stands for it
        found.trainable = layer.trainable
        return found

    def chain(self, model: ModelValue) -> tuple[TensorValue, TensorValue]:
        """Return the tensors at the ends of a Sequential, whose layers are called. Raises EvaluationError."""
        items = list(model.items)
        if not items:
            raise EvaluationError(f"{model.described} has no layers", model.node)
        if items[0].class_name == "InputLayer":
            first = items.pop(0)
        else:
            shape = self.first_shape(model)
            if shape is None:
                raise EvaluationError(
                    f"{model.described} does not say what it reads", model.node, "`--input` gives it"
                )
            first = LayerValue(
                self, "InputLayer", self.free("InputLayer"), {"batch_shape": shape}, model.node
            )
        if not first.calls:
            first.calls.append(CallNode(first, [], {}, first.node, 1))
        start = tensor = TensorValue(first.calls[-1])
        for layer in items:
            result = self.called_layer(layer, [tensor], {}, layer.node)
            tensor = result if isinstance(result, TensorValue) else result[0]
        return start, tensor

    def first_shape(self, model: ModelValue) -> Any:
        """Return what a Sequential reads, with the batch; None where nothing tells it."""
        first = model.items[0] if model.items else None
        if isinstance(first, ModelValue):
            if first.sequential:
                return self.first_shape(first)
            inputs = tensors_of(first.inputs)
            return inputs[0].call_node.layer.config.get("batch_shape") if inputs else None
        return None if first is None else first.config.get("batch_shape")

    def model(self, model: ModelValue) -> KerasModel:
        """Return the description of a model. Raises EvaluationError."""
        span = self.span(model.node)
        if model.sequential:
            if not model.items:
                raise EvaluationError(f"{model.described} has no layers", model.node)
            layers = [_copy(self.description(layer)) for layer in model.items]
            _named_apart(layers)
            return KerasModel.chain(model.name, layers, span, self.first_shape(model))
        return self.graph(model.name, model.inputs, model.outputs, span)

    def graph(self, name: str, inputs: Any, outputs: Any, span: Span) -> KerasModel:
        """Return the description of the layers between tensors. Raises EvaluationError."""
        found = self.ordered(inputs, outputs)
        numbers: dict[int, tuple[str, int]] = {}
        layers: list[KerasLayer] = []
        for layer, _ in found:
            made = _copy(self.description(layer))
            layers.append(made)
        _named_apart(layers)
        for made, (_, calls) in zip(layers, found, strict=True):
            for number, call in enumerate(calls):
                numbers[id(call)] = made.name, number

        def output(one: Any) -> Any:
            if isinstance(one, TensorValue):
                if id(one.call_node) not in numbers:
                    raise EvaluationError(
                        "the outputs of this model do not depend on its inputs", one.call_node.node
                    )
                return LayerOutput(*numbers[id(one.call_node)], one.number)
            if isinstance(one, (list, tuple)):
                return [output(item) for item in one]
            if isinstance(one, dict):
                return {key: output(item) for key, item in one.items()}
            return one

        ends = {one.key[0] for one in tensors_of(inputs)}
        for made, (_, calls) in zip(layers, found, strict=True):
            for call in calls:
                reads = (
                    ((), {})
                    if id(call) in ends
                    else (
                        tuple([output(one) for one in call.positional]),
                        {key: output(one) for key, one in call.keywords.items()},
                    )
                )
                made.calls.append(KerasCall(*reads, self.span(call.node)))
        return KerasModel("Functional", name, layers, output(inputs), output(outputs), span)

    def ordered(self, inputs: Any, outputs: Any) -> list[tuple[LayerValue, list[CallNode]]]:
        """Return the layers between tensors as Keras orders them, by their depth, each with its calls."""
        ends = {one.key[0] for one in tensors_of(inputs)}
        calls: list[CallNode] = []
        state: dict[int, bool] = {}
        order: dict[int, int] = {}
        waiting = [one.call_node for one in reversed([*tensors_of(outputs)])]
        while waiting:
            call = waiting[-1]
            if id(call) in state:
                waiting.pop()
                if not state[id(call)]:
                    state[id(call)] = True
                    calls.append(call)
                continue
            state[id(call)] = False
            order.setdefault(id(call.layer), len(order))
            if id(call) not in ends:
                waiting += [
                    one.call_node for one in reversed(call.tensors()) if id(one.call_node) not in state
                ]
        depths: dict[int, int] = {}
        layer_depths: dict[int, int] = {}
        for call in reversed(calls):
            depth = max(depths.get(id(call), 0), layer_depths.get(id(call.layer), 0))
            depths[id(call)] = layer_depths[id(call.layer)] = depth
            if id(call) not in ends:
                for one in call.tensors():
                    depths[id(one.call_node)] = max(depths.get(id(one.call_node), 0), depth + 1)
        by_layer: dict[int, tuple[LayerValue, list[CallNode]]] = {}
        for tensor in tensors_of(inputs):
            call = tensor.call_node
            by_layer.setdefault(id(call.layer), (call.layer, []))
            if call not in by_layer[id(call.layer)][1]:
                by_layer[id(call.layer)][1].append(call)
            layer_depths.setdefault(id(call.layer), max(layer_depths.values(), default=0))
        for call in calls:
            entry = by_layer.setdefault(id(call.layer), (call.layer, []))
            if call not in entry[1]:
                entry[1].append(call)
        return sorted(
            by_layer.values(), key=lambda one: (-layer_depths[id(one[0])], order.get(id(one[0]), 0))
        )

    # Classes of the code -----------------------------------------------------------------------

    def instance(
        self, made: PythonInstance, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> None:
        """Take notice of a model or layer whose class is the code's own."""
        host = made.of.host()
        kind = getattr(host, "path", "").rpartition(".")[2]
        made.state = {"kind": kind, "node": node, "name": keywords.get("name"), "built": False}

    def inherited(self, made: PythonInstance, name: str) -> Any:
        """Return an attribute of a model or layer that Keras gives it."""
        if made.state is None:
            return ...
        if name == "name":
            return made.state["name"] or made.of.name.lower()
        if name in ("add_weight", "add_variable"):
            message = f"{made.of.name} has weights of its own, which are not read"
            return Call(
                lambda positional, keywords, node: _raise(EvaluationError(message, node, *self.ways_out()))
            )
        if name == "build":
            return Call(
                lambda positional, keywords, node: self._built(made, [*positional, *keywords.values()])
            )
        if name in (
            "__init__",
            "call",
            "summary",
            "compile",
            "fit",
            "evaluate",
            "predict",
            "get_config",
            "add_loss",
        ):
            return Call(lambda positional, keywords, node: None)
        return UnknownValue(made.state["node"])

    def _built(self, made: PythonInstance, given: list[Any]) -> None:
        shape = given[0] if given else None
        if isinstance(shape, (list, tuple)) and all(one is None or isinstance(one, int) for one in shape):
            made.state["shape"] = tuple(shape)

    def called(
        self, made: PythonInstance, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        """Return what a call of a class of the code gives: its layers are called. Raises EvaluationError."""
        tensors = tensors_of(list(positional))
        if made.state is None or not tensors:
            return UnknownValue(node)
        call = made.of.find("call")
        if call is None:
            raise EvaluationError(f"{made.of.name} has no `call`", node)
        build = made.of.find("build")
        if build is not None and not made.state["built"]:
            first = positional[0]
            shape = (
                ShapeValue(first.shape())
                if isinstance(first, TensorValue)
                else [one.shape() for one in tensors]
            )
            self.evaluator.function_call(build, (made, shape), {}, node)
        made.state["built"] = True
        made.state["nested"] = True
        given = {key: value for key, value in keywords.items() if key not in ("training", "mask")}
        return self.evaluator.function_call(call, (made, *positional), given, node)

    def own_model(self, made: PythonInstance, name: str) -> ModelValue | None:
        """Return the model that an object of the code is, called on its input; None for another object."""
        if made.state is None or made.state["kind"] != "Model":
            return None
        node = made.state["node"]
        shape = made.state.get("shape") or self.given_input()
        if shape is None:
            raise EvaluationError(
                f"{made.of.name} does not say what it reads",
                node,
                "`--input 28x28x1` gives the size of its input",
            )
        first = LayerValue(self, "InputLayer", self.free("InputLayer"), {"batch_shape": shape}, node)
        start = _made_input(first)
        model = ModelValue(self, "Functional", name, node, False)
        model.inputs, model.outputs = start, self.called(made, [start], {}, node)
        return model

    def given_input(self, name: str | None = None) -> Any:
        """Return the size of an input that the caller gives, with the batch: that of a name, or the only one;
        None without one."""
        given = self.request.inputs
        if name is None and isinstance(given, Mapping):
            given = next(iter(given.values())) if len(given) == 1 else None
        sizes = Request(given, layout=self.request.layout).sizes(name or "", 1)
        return None if sizes is None else (None, *sizes)


def _made_input(layer: LayerValue) -> TensorValue:
    call = CallNode(layer, [], {}, layer.node, 1)
    layer.calls.append(call)
    return TensorValue(call)


def _raise(error: Exception) -> None:
    raise error


def _copy(layer: KerasLayer) -> KerasLayer:
    """A layer with its identity as far as parameters go, and no calls yet."""
    return KerasLayer(
        layer.class_name,
        layer.name,
        layer.config,
        layer.span,
        trainable=layer.trainable,
        model=layer.model,
        places=layer.places,
    )


def _named_apart(layers: list[KerasLayer]) -> None:
    """Give layers of one name different ones."""
    seen: set[str] = set()
    for layer in layers:
        name, number = layer.name, 1
        while layer.name in seen:
            layer.name, number = f"{name}_{number}", number + 1
        seen.add(layer.name)


def _literal(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
    return value


def _input(host: KerasHost, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """``Input(…)``: a tensor."""
    return _made_input(_input_layer(host, positional, keywords, node))


def _input_layer(
    host: KerasHost, positional: list[Any], keywords: dict[str, Any], node: ast.AST
) -> LayerValue:
    """``InputLayer(…)``: a layer."""
    shape = positional[0] if positional else keywords.get("shape", keywords.get("input_shape"))
    whole = keywords.get("batch_shape", keywords.get("batch_input_shape"))
    batch = keywords.get("batch_size", positional[1] if len(positional) > 1 else None)
    config: dict[str, Any] = {}
    sizes = host._sizes(whole) if whole is not None else host._sizes(shape)
    if sizes is not None:
        config["batch_shape"] = (
            sizes if whole is not None else (batch if isinstance(batch, int) else None, *sizes)
        )
    dtype = keywords.get("dtype")
    if isinstance(dtype, KerasName):
        dtype = dtype.path.rpartition(".")[2]
    if isinstance(dtype, str):
        config["dtype"] = dtype
    name = keywords.get("name")
    made = LayerValue(
        host, "InputLayer", name if isinstance(name, str) else host.free("InputLayer"), config, node
    )
    if "batch_shape" not in config:
        found = host.given_input(made.name)
        if found is not None:
            made.config["batch_shape"] = found
        elif isinstance(shape, UnknownValue) or shape is not None:
            raise EvaluationError("the size of this input is not known", node, "`--input 28x28x1` gives it")
    return made


def _sequential(host: KerasHost, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """``Sequential(…)``."""
    name = keywords.get("name", positional[1] if len(positional) > 1 else None)
    made = ModelValue(
        host, "Sequential", name if isinstance(name, str) else host.free("Sequential"), node, bool(name)
    )
    host.models.append(made)
    some = positional[0] if positional else keywords.get("layers")
    for layer in host.evaluator.elements(some) if some is not None else ():
        made.add(layer, node)
    return made


def _model(host: KerasHost, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """``Model(inputs, outputs)``."""
    inputs = keywords.get("inputs", keywords.get("input", positional[0] if positional else None))
    outputs = keywords.get("outputs", keywords.get("output", positional[1] if len(positional) > 1 else None))
    if not tensors_of(inputs) or not tensors_of(outputs):
        raise EvaluationError("a model needs `inputs` and `outputs` that are tensors", node, *host.ways_out())
    name = keywords.get("name", positional[2] if len(positional) > 2 else None)
    made = ModelValue(
        host, "Functional", name if isinstance(name, str) else host.free("Functional"), node, bool(name)
    )
    made.inputs, made.outputs = inputs, outputs
    host.models.append(made)
    host.ordered(inputs, outputs)
    return made


_MADE: dict[str, Callable[[KerasHost, list[Any], dict[str, Any], ast.AST], Any]] = {
    "Input": _input,
    "InputLayer": _input_layer,
    "Sequential": _sequential,
    "Model": _model,
    "Functional": _model,
}
__all__ = ["KerasHost", "KerasName", "Scope", "SpecError"]
