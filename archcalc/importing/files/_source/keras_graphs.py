"""The calls of Keras layers in code, and the description of the model between tensors."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ....source import Span
from .. import Request, SpecWriter
from .._keras.calls import Value
from .._keras.description import KerasCall, KerasLayer, KerasModel, LayerOutput
from .._keras.vocabulary import operands
from .._keras.writing import ModelWriting
from .evaluating import Evaluator, Host
from .keras_functions import OPERATORS
from .keras_values import CallNode, KerasCode, LayerValue, ModelValue, TensorValue, tensors_of, unknown_in
from .python_file import Listing
from .values import EvaluationError, UnknownValue

# Code makes and calls no more layers than these.
MOST_CALLS = 10_000
# Layers that a layer makes for itself when it is first called, and whose names count.
_WITHIN = {"MultiHeadAttention": ("Softmax", "Dropout"), "GroupQueryAttention": ("Softmax", "Dropout")}


class KerasGraphs(Host, KerasCode):
    """Calls of layers, and the models that they come to.

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
        self.made = 0
        self._numbers: dict[str, int] = {}
        self._scratch = ModelWriting(SpecWriter(listing.source, "net", "Keras"))
        self._written: dict[int, Any] = {}
        self._described: dict[int, KerasLayer] = {}
        self._open: dict[int, Any] = {}
        self.lost: EvaluationError | None = None

    def span(self, node: ast.AST | None) -> Span:
        """Return the place of a part of the code."""
        return self.listing.span(node)

    def ways_out(self) -> tuple[str, ...]:
        """Return what can be done where code cannot be read."""
        name = self.listing.name
        ways = ["`archcalc ops` lists the layers that a spec has a word for"]
        if name.endswith(".py"):
            ways.insert(0, f"`{name}:model` runs the code and reads the model that it makes")
        return tuple(ways)

    # Calls of layers ---------------------------------------------------------------------------

    def called_layer(
        self, layer: LayerValue, positional: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> Any:
        """Return the tensors that a layer puts out. Raises EvaluationError."""
        if isinstance(layer, ModelValue) and layer.sequential and not layer.items:
            raise EvaluationError("this Sequential has no layers", node)
        if not tensors_of([positional, keywords]):
            missing = unknown_in([positional, *keywords.values()])
            if missing is None:
                raise EvaluationError("no tensor arrives here", node, *self.ways_out())
            # Code tries its layers on data, too; where a model needs what comes out, that is the message.
            if self.lost is not None and missing.reason == self.lost.message:
                return UnknownValue(missing.node, missing.reason)
            what = f"what {layer.described} reads is not known"
            self.lost = self.lost or EvaluationError(what, node, *self.ways_out())
            return UnknownValue(node, what)
        opened = self.opened(layer, positional, keywords, node)
        if opened is not None:
            return opened
        if len(self.nodes) >= MOST_CALLS:
            raise EvaluationError(f"this code calls more than {MOST_CALLS:,} layers", node)
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

    def given_input(self, name: str | None = None) -> Any:
        """Return the size of an input that the caller gives, with the batch: that of a name, or the only one;
        None without one."""
        given = self.request.inputs
        if name is None and isinstance(given, Mapping):
            given = next(iter(given.values())) if len(given) == 1 else None
        sizes = Request(given, layout=self.request.layout).sizes(name or "", 1)
        return None if sizes is None else (None, *sizes)

    def part(self, tensor: TensorValue, index: Any) -> Any:
        """Return a part of a tensor. Raises EvaluationError."""
        return self.operated("GetItem", [tensor, index], {}, tensor.call_node.node)

    def operated(
        self, kind: str, positional: list[Any], keywords: dict[str, Any], node: ast.AST, outputs: int = 1
    ) -> Any:
        """Return what an operation of ``keras.ops`` gives, by its class. Raises EvaluationError."""
        given = dict(keywords)
        name = given.pop("name", None)
        reads, settings = operands(kind, positional, given)
        made = LayerValue(self, kind, name if isinstance(name, str) else self.free(kind), settings, node)
        made.operation = True
        call = CallNode(made, reads, given, node, outputs)
        if len(self.nodes) >= MOST_CALLS:
            raise EvaluationError(f"this code calls more than {MOST_CALLS:,} layers", node)
        made.calls.append(call)
        self.nodes.append(call)
        return call.result()

    def opened(
        self, layer: LayerValue, positional: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> Any:
        """Return what a layer gives that is code of the file, by what it calls; None for another layer."""
        return None

    def opens(self, layer: LayerValue) -> bool:
        """Whether a layer is code of the file, so that what it calls stands in its place."""
        return False

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
            found.operation = layer.operation
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
            shape = self.first_shape(model) or self.given_input()
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
            result = tensors_of(self.called_layer(layer, [tensor], {}, layer.node))
            if not result:
                raise EvaluationError(f"what {layer.described} gives is not known", layer.node)
            tensor = result[0]
        return start, tensor

    def first_shape(self, model: ModelValue) -> Any:
        """Return what a Sequential reads, with the batch; None where nothing tells it."""
        if model.built is not None:
            return model.built
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
            if any(self.opens(layer) for layer in model.items):
                return self.graph(model.name, *model.ends(), span)
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
        operation=layer.operation,
    )


def _named_apart(layers: list[KerasLayer]) -> None:
    """Give layers of one name different ones."""
    seen: set[str] = set()
    for layer in layers:
        name, number = layer.name, 1
        while layer.name in seen:
            layer.name, number = f"{name}_{number}", number + 1
        seen.add(layer.name)
