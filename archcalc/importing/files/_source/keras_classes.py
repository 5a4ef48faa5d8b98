"""Models and layers whose classes are the code's own."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from .keras_layers import KerasLayers
from .keras_values import (
    Call,
    KerasName,
    LayerValue,
    ModelValue,
    OwnLayer,
    ShapeValue,
    TensorValue,
    input_tensor,
    tensors_of,
    unknown_in,
)
from .values import EvaluationError, PythonFunction, PythonInstance, UnknownValue


class KerasClasses(KerasLayers):
    """Objects of classes that the code makes from those of Keras."""

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
        if name == "__init__":
            return Call(lambda positional, keywords, node: self._initialised(made, keywords))
        if name in ("call", "summary", "compile", "fit", "evaluate", "predict", "get_config", "add_loss"):
            return Call(lambda positional, keywords, node: None)
        return UnknownValue(made.state["node"])

    def _initialised(self, made: PythonInstance, keywords: Mapping[str, Any]) -> None:
        """Take notice of what a class of the code gives the class of Keras."""
        if isinstance(keywords.get("name"), str):
            made.state["name"] = keywords["name"]
        made.state["reads"] = self._first_shape("Layer", dict(keywords))

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
            missing = unknown_in(list(positional))
            return UnknownValue(node) if missing is None else UnknownValue(missing.node, missing.reason)
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
        start = input_tensor(first)
        model = ModelValue(self, "Functional", name, node, False)
        model.inputs, model.outputs = start, self.called(made, [start], {}, node)
        return model

    def as_layer(self, value: Any) -> Any:
        """Return the layer that a value is: an object of the code's own class stands for its layers."""
        if not isinstance(value, PythonInstance) or value.state is None:
            return value
        value.state["nested"] = True
        found = value.state.get("layer")
        if found is None:
            found = value.state["layer"] = OwnLayer(self, value, value.state["node"])
            if value.state.get("reads") is not None:
                found.config["batch_shape"] = value.state["reads"]
        return found

    def opens(self, layer: LayerValue) -> bool:
        """Whether a layer is code of the file, so that what it calls stands in its place."""
        if isinstance(layer, ModelValue):
            return layer.sequential and any(self.opens(one) for one in layer.items)
        stated = layer.config.get("output_shape")
        function = layer.class_name == "Lambda" and not isinstance(stated, (int, list, tuple))
        return isinstance(layer, OwnLayer) or (function and _is_code(layer.config.get("function")))

    def opened(
        self, layer: LayerValue, positional: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> Any:
        """Return what a layer gives that is code of the file: what that code calls. None for another layer,
        and for a ``Lambda`` that cannot be read."""
        if isinstance(layer, OwnLayer):
            return self.called(layer.made, positional, keywords, node)
        if not self.opens(layer):
            return None
        if isinstance(layer, ModelValue):
            result: Any = positional[0]
            for one in layer.items:
                result = result if one.class_name == "InputLayer" else one.call([result], {}, node)
            return result
        arguments = layer.config.get("arguments")
        numbers, count = dict(self._numbers), len(self.nodes)
        try:
            named = arguments if isinstance(arguments, dict) else {}
            result = self.evaluator.call(layer.config["function"], positional, named, node)
        except EvaluationError:
            result = None
        self._numbers = numbers  # Keras gives the names of layers to no operation within
        if not tensors_of([result]):
            del self.nodes[count:]
            return None
        made = [call.layer for call in self.nodes[count:] if call.layer.calls[0] is call]
        for one in made:
            one.name = layer.name if one is made[-1] else f"{layer.name}_{one.name}"
        return result


def _is_code(value: Any) -> bool:
    """Whether a value is a function of the code, or one of a library by its name."""
    return isinstance(value, (PythonFunction, KerasName))


def _raise(error: Exception) -> None:
    raise error
