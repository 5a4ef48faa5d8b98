"""Functions and operators on tensors of Keras and TensorFlow, as the layers that do the same."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from .._keras.tensorflow_operations import FUNCTIONS as FUNCTIONS_OF_TENSORFLOW
from .._keras.vocabulary import operations
from .keras_values import KerasCode, LayerValue, TensorValue, tensors_of
from .values import EvaluationError, UnknownValue

FunctionWriter = Callable[["KerasCode", list[Any], dict[str, Any], ast.AST], Any]

# Functions of old style, and the layers that merge tensors so.
MERGES = {
    "add": "Add",
    "subtract": "Subtract",
    "multiply": "Multiply",
    "average": "Average",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "concatenate": "Concatenate",
    "dot": "Dot",
    "merge": "Add",
}


def layer_of(
    host: KerasCode, kind: str, config: Mapping[str, Any], reads: Any, node: ast.AST, name: Any = None
) -> Any:
    """Return what a new layer puts out. Raises EvaluationError."""
    made = LayerValue(host, kind, name if isinstance(name, str) else host.free(kind), dict(config), node)
    return made.call([reads], {}, node)


def _merge(kind: str) -> FunctionWriter:
    def write(host: KerasCode, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        given = [*positional, *keywords.values()]
        tensors = tensors_of(given[0]) if isinstance(given[0], (list, tuple)) else tensors_of(given[:2])
        if len(tensors) == 1 and len(given) > 1:
            reflected = given[0] is not tensors[0]
            symbol = {"Add": "+", "Subtract": "-", "Multiply": "*"}.get(kind, "")
            if not symbol:
                return host.operated(kind, given[:2], {}, node)
            return host.operation(symbol, tensors[0], given[0] if reflected else given[1], reflected, node)
        return layer_of(host, kind, {}, tensors, node)

    return write


def _activation(word: str) -> FunctionWriter:
    def write(host: KerasCode, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        tensor = tensors_of([positional, keywords])[0]
        return layer_of(host, "Activation", {"activation": word}, tensor, node)

    return write


def _concatenated(host: KerasCode, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    given = [*positional, *keywords.values()]
    tensors = next((tensors_of(one) for one in given if isinstance(one, (list, tuple))), [])
    axis = keywords.get("axis", next((one for one in positional if isinstance(one, int)), -1))
    return layer_of(host, "Concatenate", {"axis": axis}, tensors, node)


def _reshaped(host: KerasCode, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    tensor = tensors_of([positional, keywords])[0]
    shape = positional[1] if len(positional) > 1 else keywords.get("shape", keywords.get("newshape"))
    if not isinstance(shape, (list, tuple)) or not all(isinstance(one, int) for one in shape[1:]):
        raise EvaluationError("the new shape is not known", node, *host.ways_out())
    return layer_of(host, "Reshape", {"target_shape": tuple(shape[1:])}, tensor, node)


def _flattened(host: KerasCode, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return layer_of(host, "Flatten", {}, tensors_of([positional, keywords])[0], node)


def _mean(word: str) -> FunctionWriter:
    def write(host: KerasCode, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        tensor = tensors_of([positional, keywords])[0]
        axis = keywords.get("axis", positional[1] if len(positional) > 1 else None)
        rank = len(tensor.shape())
        axes = [axis] if isinstance(axis, int) else list(axis) if isinstance(axis, (list, tuple)) else []
        if sorted(one % rank for one in axes) != [*range(1, rank - 1)] or not 3 <= rank <= 5:
            kind = "Mean" if word == "Average" else "Max"
            return host.operated(kind, [tensor], {"axis": axis, "keepdims": _with_all_axes(keywords)}, node)
        preserved = _with_all_axes(keywords)
        return layer_of(host, f"Global{word}Pooling{rank - 2}D", {"keepdims": preserved}, tensor, node)

    return write


def _with_all_axes(keywords: Mapping[str, Any]) -> bool:
    return bool(keywords.get("keepdims", keywords.get("keep_dims", False)))


def _transposed(host: KerasCode, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    tensor = tensors_of([positional, keywords])[0]
    order = next(
        (one for one in [*positional[1:], *keywords.values()] if isinstance(one, (list, tuple))), None
    )
    if order is None or order[0] != 0:
        raise EvaluationError("axes in this order are not read", node, *host.ways_out())
    return layer_of(host, "Permute", {"dims": tuple(order[1:])}, tensor, node)


def _widened(host: KerasCode, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    tensor = tensors_of([positional, keywords])[0]
    axis = keywords.get("axis", positional[1] if len(positional) > 1 else None)
    sizes = list(tensor.shape()[1:])
    if not isinstance(axis, int) or not -len(sizes) - 1 <= axis <= len(sizes) + 1 or axis == 0:
        raise EvaluationError("an axis is not added here", node, *host.ways_out())
    sizes.insert(axis - 1 if axis > 0 else len(sizes) + 1 + axis, 1)
    return layer_of(host, "Reshape", {"target_shape": tuple(sizes)}, tensor, node)


def _same(host: KerasCode, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return tensors_of([positional, keywords])[0]


def operation_of(
    host: KerasCode, path: str, positional: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Return what a function of ``keras.ops``, ``tf`` or ``keras.backend`` gives that is an operation here.

    Raises:
        EvaluationError: It has none.
    """
    word = path.rpartition(".")[2]
    camel = "".join([part.capitalize() for part in word.split("_")])
    kind = next((one for one in (FUNCTIONS_OF_TENSORFLOW.get(word), camel) if one in operations()), None)
    tensors = [one for one in (*positional, *keywords.values()) if isinstance(one, UnknownValue)]
    if kind is None or tensors:
        raise EvaluationError(f"`{path}` of a tensor is not read", node, *host.ways_out())
    of_tensorflow = "ops" not in path.split(".")
    given = {
        _NEW_WORDS.get(key, key) if of_tensorflow else key: value
        for key, value in keywords.items()
        if key not in ("dtype", "output_type")
    }
    outputs = 1
    if kind in ("Split", "ArraySplit", "Unstack"):
        first = positional[1] if len(positional) > 1 else next(iter([*keywords.values()][-2:]), None)
        parts = first if kind != "Unstack" else None
        if isinstance(parts, bool) or not isinstance(parts, int) or not 1 <= parts <= 1000:
            raise EvaluationError(f"`{path}` into parts of these sizes is not read", node, *host.ways_out())
        outputs = parts
    return host.operated(kind, positional, given, node, outputs)


# Arguments of TensorFlow and of keras.backend, and what keras.ops calls them.
_NEW_WORDS = {
    "keep_dims": "keepdims",
    "num_or_size_splits": "indices_or_sections",
    "input": "x",
    "tensor": "x",
    "value": "x",
    "clip_value_min": "x_min",
    "clip_value_max": "x_max",
    "min_value": "x_min",
    "max_value": "x_max",
    "method": "interpolation",
}
FUNCTIONS: Mapping[str, FunctionWriter] = {
    **{
        word: _activation(word)
        for word in (
            "relu relu6 sigmoid tanh softmax softplus softsign elu selu gelu silu leaky_relu hard_sigmoid "
            "exponential log_softmax mish"
        ).split()
    },
    "swish": _activation("silu"),
    "exp": _activation("exponential"),
    "add": _merge("Add"),
    "subtract": _merge("Subtract"),
    "multiply": _merge("Multiply"),
    "maximum": _merge("Maximum"),
    "minimum": _merge("Minimum"),
    "concat": _concatenated,
    "concatenate": _concatenated,
    "reshape": _reshaped,
    "flatten": _flattened,
    "batch_flatten": _flattened,
    "mean": _mean("Average"),
    "reduce_mean": _mean("Average"),
    "max": _mean("Max"),
    "reduce_max": _mean("Max"),
    "transpose": _transposed,
    "permute_dimensions": _transposed,
    "expand_dims": _widened,
    "identity": _same,
    "cast": _same,
    "stop_gradient": _same,
    "convert_to_tensor": _same,
}


def OPERATORS(  # noqa: N802
    host: KerasCode, symbol: str, tensor: TensorValue, other: Any, reflected: bool, node: ast.AST
) -> Any:
    """Return what an operator gives. Raises EvaluationError."""
    if isinstance(other, TensorValue):
        kinds = {"+": "Add", "-": "Subtract", "*": "Multiply"}
        if symbol in kinds:
            pair = [other, tensor] if reflected else [tensor, other]
            return layer_of(host, kinds[symbol], {}, pair, node)
    elif symbol == "neg":
        return layer_of(host, "Rescaling", {"scale": -1, "offset": 0}, tensor, node)
    elif isinstance(other, (int, float)) and not isinstance(other, bool):
        scale: Any = None
        if symbol == "*":
            scale = (other, 0)
        elif symbol == "+":
            scale = (1, other)
        elif symbol == "-":
            scale = (-1, other) if reflected else (1, -other)
        elif symbol == "/" and not reflected and other:
            scale = (1 / other, 0)
        if scale is not None:
            return layer_of(host, "Rescaling", {"scale": scale[0], "offset": scale[1]}, tensor, node)
    number = isinstance(other, (int, float)) and not isinstance(other, bool)
    kind = {"/": "Divide", "**": "Power", "@": "Matmul", "//": "FloorDivide", "%": "Mod"}.get(symbol)
    if kind is not None and (isinstance(other, TensorValue) or (number and symbol != "@")):
        return host.operated(kind, [other, tensor] if reflected else [tensor, other], {}, node)
    raise EvaluationError(f"`{symbol}` of a tensor is not read here", node, *host.ways_out())
