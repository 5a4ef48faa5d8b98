"""Models and layers whose classes are the code's own."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from .. import Request
from .keras_layers import KerasLayers
from .keras_values import Call, LayerValue, ModelValue, ShapeValue, TensorValue, input_tensor, tensors_of
from .values import EvaluationError, PythonInstance, UnknownValue


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
        start = input_tensor(first)
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


def _raise(error: Exception) -> None:
    raise error
