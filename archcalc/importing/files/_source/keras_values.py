"""The values that Keras gives to code: layers, the tensors between them, and models."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from .values import EvaluationError, HostValue, PythonInstance, UnknownValue


class KerasCode(Protocol):
    """What code has of Keras: its layers, tensors and models. A method raises EvaluationError where something
    cannot be read."""

    def free(self, kind: str) -> str:
        """Return a name for a layer of a class."""

    def layer(self, kind: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return a new layer."""

    def named_call(
        self, path: str, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        """Return what a call of something of Keras makes."""

    def named(self, path: str) -> Any:
        """Return what a dotted path stands for."""

    def operation(self, *arguments: Any, **keywords: Any) -> Any:
        """Return what an operator makes of tensors."""

    def called_layer(self, *arguments: Any, **keywords: Any) -> Any:
        """Return the tensors that a layer puts out."""

    def ways_out(self) -> tuple[str, ...]:
        """Return what helps where code cannot be read."""

    def as_layer(self, *arguments: Any, **keywords: Any) -> Any:
        """Return a value as a layer of a model."""

    def chain(self, *arguments: Any, **keywords: Any) -> Any:
        """Return a model that is a chain, with its calls."""

    def ordered(self, *arguments: Any, **keywords: Any) -> Any:
        """Return the layers of a model in Keras' order."""

    def operated(self, *arguments: Any, **keywords: Any) -> Any:
        """Return what an operation of ``keras.ops`` gives, by the name of its class."""

    def part(self, *arguments: Any, **keywords: Any) -> Any:
        """Return a part of a tensor."""

    def shape(self, *arguments: Any, **keywords: Any) -> tuple[int | None, ...]:
        """Return the shape of a tensor, the batch included."""


class LayerValue(HostValue):
    """A layer.

    Attributes:
        class_name: The name of its class.
        name: Its name.
        config: Its settings; a layer within it is a ``LayerValue``.
        node: Where the code makes it.
        trainable: Whether it is trained.
        operation: Whether it is an operation of ``keras.ops``, and no layer.
        calls: Its calls, in their order.
    """

    def __init__(self, host: KerasCode, class_name: str, name: str, config: dict[str, Any], node: ast.AST):
        self.host = host
        self.class_name = class_name
        self.name = name
        self.config = config
        self.node = node
        self.trainable = True
        self.operation = False
        self.calls: list[CallNode] = []
        self.described = f"the layer {name} ({class_name})"

    def attribute(self, name: str) -> Any:
        """Return an attribute. Raises EvaluationError."""
        if name in ("name", "trainable"):
            return getattr(self, name)
        if name in ("output", "input", "output_shape", "input_shape") and self.calls:
            call = self.calls[-1]
            found = call.result() if name.startswith("output") else _alone(call.tensors())
            if name.endswith("_shape"):
                return found.shape() if isinstance(found, TensorValue) else UnknownValue(self.node)
            return found
        return (
            self.config[name]
            if name in self.config
            else UnknownValue(self.node, f"it is of {self.described}")
        )

    def set_attribute(self, name: str, value: Any) -> None:
        """Set whether it is trained; other attributes are forgotten."""
        if name == "trainable" and not isinstance(value, UnknownValue):
            self.trainable = bool(value)

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return the tensors that it puts out."""
        given = {name: value for name, value in keywords.items() if name not in ("training", "mask")}
        return self.host.called_layer(self, list(positional), given, node)

    def is_instance(self, kind: Any) -> bool:
        """Whether it is of a class."""
        word = getattr(kind, "path", "").rpartition(".")[2]
        return word in (self.class_name, "Layer")


class OwnLayer(LayerValue):
    """An object of a layer class of the code, in a ``Sequential``: what its ``call`` calls stands for it.

    Attributes:
        made: The object.
    """

    def __init__(self, host: KerasCode, made: PythonInstance, node: ast.AST):
        name = made.state["name"]
        super().__init__(
            host, made.of.name, name if isinstance(name, str) else made.of.name.lower(), {}, node
        )
        self.made = made

    def set_attribute(self, name: str, value: Any) -> None:
        """Set whether its layers are trained."""
        if name != "trainable":
            return
        waiting, seen = [*self.made.values.values()], set()
        while waiting:
            one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            if isinstance(one, LayerValue):
                one.set_attribute(name, value)
            elif isinstance(one, PythonInstance):
                waiting += one.values.values()
            elif isinstance(one, (list, tuple)):
                waiting += one


class CallNode:
    """One call of a layer: what it reads, and how many tensors it puts out."""

    __slots__ = ("layer", "positional", "keywords", "node", "outputs")

    def __init__(
        self, layer: LayerValue, positional: list[Any], keywords: dict[str, Any], node: ast.AST, outputs: int
    ):
        self.layer = layer
        self.positional = positional
        self.keywords = keywords
        self.node = node
        self.outputs = outputs

    def tensors(self) -> list[TensorValue]:
        """Return the tensors that it reads."""
        return tensors_of([self.positional, list(self.keywords.values())])

    def result(self) -> Any:
        """Return what it puts out: a tensor, or a list of them."""
        found = [TensorValue(self, number) for number in range(self.outputs)]
        return found[0] if self.outputs == 1 else found


class TensorValue(HostValue):
    """A tensor: the output of a call of a layer."""

    described = "a tensor"

    def __init__(self, call: CallNode, number: int = 0):
        self.call_node = call
        self.number = number

    @property
    def host(self) -> KerasCode:
        """What reads the code."""
        return self.call_node.layer.host

    @property
    def key(self) -> tuple[int, int]:
        """Equal for the same tensor."""
        return id(self.call_node), self.number

    def shape(self) -> tuple[int | None, ...]:
        """Return its sizes, the batch None. Raises EvaluationError."""
        return self.host.shape(self)

    def attribute(self, name: str) -> Any:
        """Return an attribute. Raises EvaluationError."""
        if name in ("shape", "_keras_shape"):
            return self.shape()
        if name in ("get_shape", "as_list"):
            return Call(lambda positional, keywords, node: ShapeValue(self.shape()))
        if name == "ndim":
            return len(self.shape())
        if name in ("name", "dtype"):
            return UnknownValue(self.call_node.node)
        raise EvaluationError(f"`{name}` of a tensor cannot be read")

    def operator(self, symbol: str, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Return what an operator gives. Raises EvaluationError."""
        return self.host.operation(symbol, self, other, reflected, node)

    def item(self, index: Any) -> Any:
        """Return a part of it. Raises EvaluationError."""
        return self.host.part(self, index)


class ShapeValue(tuple[Any, ...]):
    """The sizes of a tensor, with the method of TensorFlow."""

    def as_list(self) -> list[Any]:
        """Return them as a list."""
        return list(self)


class Call(HostValue):
    """A method of a value of Keras."""

    described = "a method"

    def __init__(self, work: Callable[[Sequence[Any], Mapping[str, Any], ast.AST], Any]):
        self.work = work

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return what it gives. Raises EvaluationError."""
        return self.work(positional, keywords, node)


class ModelValue(LayerValue):
    """A model: a ``Sequential`` with its layers, or tensors from inputs to outputs.

    Attributes:
        items: The layers of a ``Sequential``.
        inputs: The tensors that it reads, of one that is no ``Sequential``.
        outputs: The tensors that it puts out.
        built: The shape of its input with the batch that the code builds it for.
    """

    def __init__(self, host: KerasCode, kind: str, name: str, node: ast.AST, named: bool):
        super().__init__(host, kind, name, {}, node)
        self.items: list[LayerValue] = []
        self.inputs: Any = None
        self.outputs: Any = None
        self.named = named
        self.nested = False
        self.built: Any = None
        self._ends: tuple[TensorValue, TensorValue] | None = None
        self.described = f"the model {name}"

    @property
    def sequential(self) -> bool:
        """Whether it is a ``Sequential``."""
        return self.class_name == "Sequential"

    def add(self, layer: Any, node: ast.AST) -> None:
        """Add a layer to a ``Sequential``. Raises EvaluationError."""
        if isinstance(layer, TensorValue) and layer.call_node.layer.class_name == "InputLayer":
            layer = layer.call_node.layer
        layer = self.host.as_layer(layer)
        if not isinstance(layer, LayerValue):
            raise EvaluationError("this is no layer that can be read", node)
        if layer.class_name == "InputLayer" and any(one.class_name == "InputLayer" for one in self.items):
            raise EvaluationError("this Sequential has an input already", node)
        if isinstance(layer, ModelValue):
            layer.nested = True
        self.items.append(layer)
        self._ends = None

    def layers(self) -> list[LayerValue]:
        """Return the layers, as Keras lists them."""
        if self.sequential:
            return [one for one in self.items if one.class_name != "InputLayer"]
        return [layer for layer, _ in self.host.ordered(self.inputs, self.outputs)]

    def ends(self) -> tuple[TensorValue, TensorValue]:
        """Return the tensors at the ends of a ``Sequential``. Raises EvaluationError."""
        if self._ends is None:
            self._ends = self.host.chain(self)
        return self._ends

    def attribute(self, name: str) -> Any:
        """Return an attribute. Raises EvaluationError."""
        if name == "layers":
            return self.layers()
        if name in ("input", "inputs", "output", "outputs", "input_shape", "output_shape"):
            at = 0 if name.startswith("in") else 1
            found = self.ends()[at] if self.sequential else (self.inputs, self.outputs)[at]
            if name.endswith("_shape"):
                return found.shape() if isinstance(found, TensorValue) else UnknownValue(self.node)
            if name.endswith("s"):
                return found if isinstance(found, (list, dict)) else [found]
            return found
        if name == "add":
            return Call(
                lambda positional, keywords, node: self.add([*positional, *keywords.values()][0], node)
            )
        if name == "build":
            return Call(
                lambda positional, keywords, node: self._build([*positional, *keywords.values(), None][0])
            )
        if name == "pop":
            return Call(lambda positional, keywords, node: self._pop(node))
        if name == "get_layer":
            return Call(self._layer)
        return super().attribute(name)

    def _build(self, shape: Any) -> None:
        if isinstance(shape, (list, tuple)) and all(one is None or isinstance(one, int) for one in shape):
            self.built = tuple(shape)

    def _pop(self, node: ast.AST) -> Any:
        if not self.items:
            raise EvaluationError("this Sequential has no layers", node)
        self._ends = None
        return self.items.pop()

    def _layer(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        wanted = [*positional, *keywords.values()][0] if positional or keywords else None
        layers = self.layers()
        if isinstance(wanted, int) and -len(layers) <= wanted < len(layers):
            return layers[wanted]
        for layer in layers:
            if layer.name == wanted:
                return layer
        raise EvaluationError(f"the model has no layer `{str(wanted)[:40]}`", node)

    def set_attribute(self, name: str, value: Any) -> None:
        """Set whether its layers are trained."""
        super().set_attribute(name, value)
        if name == "trainable" and not isinstance(value, UnknownValue):
            for layer in self.items if self.sequential else self.layers():
                layer.set_attribute(name, value)

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return the tensors that it puts out."""
        if not tensors_of(list(positional)):
            return UnknownValue(node)
        self.nested = True
        return super().call(positional, keywords, node)

    def is_instance(self, kind: Any) -> bool:
        """Whether it is of a class."""
        word = getattr(kind, "path", "").rpartition(".")[2]
        return word in (self.class_name, "Model", "Layer")


def tensors_of(value: Any) -> list[TensorValue]:
    """Return the tensors within lists, tuples and dictionaries."""
    if isinstance(value, TensorValue):
        return [value]
    if isinstance(value, (list, tuple)):
        return [one for some in value for one in tensors_of(some)]
    if isinstance(value, dict):
        return tensors_of(list(value.values()))
    return []


def unknown_in(value: Any) -> UnknownValue | None:
    """Return what is not known within lists and tuples; None where there is nothing."""
    if isinstance(value, UnknownValue):
        return value
    some = value if isinstance(value, (list, tuple)) else ()
    return next((found for one in some if (found := unknown_in(one)) is not None), None)


def _alone(some: list[TensorValue]) -> Any:
    return some[0] if len(some) == 1 else some


def iterated(value: Any) -> Iterable[Any]:
    """Return a list of a value, or the value alone."""
    return value if isinstance(value, (list, tuple)) else [value]


class KerasName(HostValue):
    """Something of Keras by its dotted path: a module, a class, a function."""

    def __init__(self, host: KerasCode, path: str):
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


def input_tensor(layer: LayerValue) -> TensorValue:
    """Return the tensor that an input is."""
    call = CallNode(layer, [], {}, layer.node, 1)
    layer.calls.append(call)
    return TensorValue(call)
