"""What code makes of Keras besides layers: inputs and models."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from .keras_classes import KerasClasses
from .keras_values import KerasName, LayerValue, ModelValue, input_tensor, iterated, tensors_of
from .values import EvaluationError, UnknownValue


def _input(host: KerasClasses, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """``Input(…)``: a tensor."""
    return input_tensor(_input_layer(host, positional, keywords, node))


def _input_layer(
    host: KerasClasses, positional: list[Any], keywords: dict[str, Any], node: ast.AST
) -> LayerValue:
    """``InputLayer(…)``: a layer."""
    shape = positional[0] if positional else keywords.get("shape", keywords.get("input_shape"))
    whole = keywords.get("batch_shape", keywords.get("batch_input_shape"))
    batch = keywords.get("batch_size", positional[1] if len(positional) > 1 else None)
    config: dict[str, Any] = {}
    sizes = host.sizes_of(whole) if whole is not None else host.sizes_of(shape)
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


def _sequential(host: KerasClasses, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
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


def _model(host: KerasClasses, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """``Model(inputs, outputs)``."""
    inputs = keywords.get("inputs", keywords.get("input", positional[0] if positional else None))
    outputs = keywords.get("outputs", keywords.get("output", positional[1] if len(positional) > 1 else None))
    ends = [*iterated(inputs), *(outputs.values() if isinstance(outputs, dict) else iterated(outputs))]
    for end in ends:
        if isinstance(end, UnknownValue):
            why = "what this model reads or puts out is not known" + (f": {end.reason}" if end.reason else "")
            raise EvaluationError(why, end.node or node, *host.ways_out())
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


MADE: Mapping[str, Callable[[KerasClasses, list[Any], dict[str, Any], ast.AST], Any]] = {
    "Input": _input,
    "InputLayer": _input_layer,
    "Sequential": _sequential,
    "Model": _model,
    "Functional": _model,
}
