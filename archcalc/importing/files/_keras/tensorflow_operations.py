"""Operations in models of Keras 2 with TensorFlow (``TFOpLambda``), as those of ``keras.ops``."""

from __future__ import annotations

from typing import Any

from .description import KerasCall, KerasLayer

LAMBDAS = ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer")
# Functions of TensorFlow: the operation, what its arguments behind the tensor are called there, and here.
_RENAMED = {
    "axis": "axis",
    "keepdims": "keepdims",
    "keep_dims": "keepdims",
    "shape": "newshape",
    "perm": "axes",
    "multiples": "repeats",
    "paddings": "pad_width",
    "num_or_size_splits": "indices_or_sections",
    "clip_value_min": "x_min",
    "clip_value_max": "x_max",
    "alpha": "negative_slope",
    "equation": "subscripts",
    "size": "size",
    "method": "interpolation",
    "block_size": "block_size",
    "repeats": "repeats",
    "shift": "shift",
    "num": "num",
    "mode": "mode",
}
FUNCTIONS = {
    **{"add": "Add", "subtract": "Subtract", "multiply": "Multiply", "divide": "Divide", "truediv": "Divide"},
    **{"pow": "Power", "maximum": "Maximum", "minimum": "Minimum", "floordiv": "FloorDivide", "mod": "Mod"},
    **{"abs": "Absolute", "negative": "Negative", "neg": "Negative", "square": "Square", "sqrt": "Sqrt"},
    **{
        "rsqrt": "Rsqrt",
        "exp": "Exp",
        "log": "Log",
        "sin": "Sin",
        "cos": "Cos",
        "erf": "Erf",
        "sign": "Sign",
    },
    **{"floor": "Floor", "ceil": "Ceil", "reciprocal": "Reciprocal", "sigmoid": "Sigmoid", "tanh": "Tanh"},
    **{
        "relu": "Relu",
        "relu6": "Relu6",
        "softplus": "Softplus",
        "gelu": "Gelu",
        "silu": "Silu",
        "swish": "Silu",
    },
    **{"elu": "Elu", "selu": "Selu", "leaky_relu": "LeakyRelu", "softmax": "Softmax"},
    **{"log_softmax": "LogSoftmax", "reduce_mean": "Mean", "reduce_sum": "Sum", "reduce_max": "Max"},
    **{"reduce_min": "Min", "reduce_prod": "Prod", "reduce_variance": "Var", "reduce_std": "Std"},
    **{"argmax": "Argmax", "argmin": "Argmin", "reshape": "Reshape", "transpose": "Transpose"},
    **{"concat": "Concatenate", "stack": "Stack", "split": "Split", "unstack": "Unstack", "tile": "Tile"},
    **{"repeat": "Repeat", "expand_dims": "ExpandDims", "squeeze": "Squeeze", "pad": "Pad", "cast": "Cast"},
    **{"stop_gradient": "StopGradient", "identity": "Copy", "matmul": "Matmul", "einsum": "Einsum"},
    **{"clip_by_value": "Clip", "where": "Where", "where_v2": "Where", "greater": "Greater", "less": "Less"},
    **{"greater_equal": "GreaterEqual", "less_equal": "LessEqual", "equal": "Equal", "not_equal": "NotEqual"},
    **{"logical_and": "LogicalAnd", "logical_or": "LogicalOr", "logical_not": "LogicalNot", "roll": "Roll"},
    **{"reverse": "Flip", "cumsum": "Cumsum", "depth_to_space": "DepthToSpace"},
    **{"space_to_depth": "SpaceToDepth", "resize": "Resize", "getitem": "GetItem", "ones_like": "OnesLike"},
    **{"zeros_like": "ZerosLike", "norm": "Norm", "l2_normalize": "Normalize", "broadcast_to": "BroadcastTo"},
}
# Arguments that are tensors or numbers, in the order of the operation.
_OPERANDS = ("x", "y", "condition", "x1", "x2", "a", "b", "key", "values")


def as_operation(layer: KerasLayer) -> None:
    """Make an operation of ``keras.ops`` of a layer of Keras 2 that holds a function of TensorFlow."""
    given = layer.config.get("function")
    function = given if isinstance(given, str) else ""
    if layer.class_name == "SlicingOpLambda":
        function = "getitem"
    name = function.rpartition(".")[2].removeprefix("v1_").removesuffix("_v2")
    layer.class_name, layer.operation = FUNCTIONS.get(name, function or "TFOpLambda"), True
    layer.package = ""
    for number, call in enumerate(layer.calls):
        layer.calls[number] = _call(layer, call)


def _call(layer: KerasLayer, call: KerasCall) -> KerasCall:
    """The call, with its settings in those of the layer, which has one call only."""
    positional: list[Any] = list(call.positional)
    for key, value in call.keywords.items():
        if key in ("name", "dtype", "output_type"):
            continue
        if key == "slice_spec":
            positional.append(_slices(value))
        elif layer.class_name == "Matmul" and key in ("transpose_b", "adjoint_b"):
            layer.config["transpose"] = bool(value)
        elif key in _OPERANDS:
            positional.append(value)
        else:
            name = "negative_slope" if key == "alpha" and layer.class_name == "LeakyRelu" else None
            layer.config[name or ("alpha" if key == "alpha" else _RENAMED.get(key, key))] = value
    return KerasCall(tuple(positional), {}, call.span)


def _slices(value: Any) -> Any:
    """The slices of a tensor as Keras 2 writes them, as Python has them."""
    if isinstance(value, list):
        return [_slices(one) for one in value]
    if isinstance(value, dict):
        if value.get("value") == "Ellipsis" or "Ellipsis" in value:
            return ...
        return slice(value.get("start"), value.get("stop"), value.get("step"))
    return ... if value == "Ellipsis" else value
