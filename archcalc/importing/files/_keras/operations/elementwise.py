"""Operations on each value, or on values at the same place of several tensors."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..calls import Call, Value, per_axis
from ..operands import operand, tensor
from ..vocabulary import OperationClass

# Functions of one tensor: the word of an op, or of a function of `map`.
_FUNCTIONS = {
    **{"Absolute": "abs", "Fabs": "abs", "Negative": "neg", "Square": "square", "Sqrt": "sqrt"},
    **{"Rsqrt": "rsqrt", "Exp": "exp", "Exp2": "exp2", "Expm1": "expm1", "Log": "log", "Log2": "log2"},
    **{"Log10": "log10", "Log1p": "log1p", "Sin": "sin", "Cos": "cos", "Tan": "tan", "Sinh": "sinh"},
    **{"Cosh": "cosh", "Arcsin": "asin", "Arccos": "acos", "Arctan": "atan", "Arcsinh": "asinh"},
    **{"Arccosh": "acosh", "Arctanh": "atanh", "Erf": "erf", "Erfc": "erfc", "Erfinv": "erfinv"},
    **{"Floor": "floor", "Ceil": "ceil", "Trunc": "trunc", "Sign": "sign", "Reciprocal": "reciprocal"},
    **{"LogicalNot": "not", "Isnan": "isnan", "Isinf": "isinf"},
}
_ACTIVATIONS = {
    **{"Relu": "relu", "Relu6": "relu6", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softplus": "softplus"},
    **{"Softsign": "softsign", "Silu": "silu", "LogSigmoid": "logsigmoid", "Selu": "selu", "Gelu": "gelu"},
    **{"HardSigmoid": "hardsigmoid", "HardSilu": "hardswish", "TanhShrink": "tanhshrink"},
    **{"Mish": "mish"},
}
# Functions of two tensors: of two, of a tensor and a number, of a number and a tensor.
_PAIRS = {
    "Add": ("add", "add", "add"),
    "Subtract": ("sub", "sub", "rsub"),
    "Multiply": ("mul", "mul", "mul"),
    "Divide": ("div", "div", "rdiv"),
    "TrueDivide": ("div", "div", "rdiv"),
    "Power": ("pow", "pow", "rpow"),
    "Maximum": ("max", "max", "max"),
    "Minimum": ("min", "min", "min"),
    "Fmax": ("max", "max", "max"),
    "Fmin": ("min", "min", "min"),
    "Mod": ("mod", "mod", ""),
    "Fmod": ("fmod", "fmod", ""),
    "FloorDivide": ("floor_div", "floor_div", ""),
    "Equal": ("eq", "eq", "eq"),
    "NotEqual": ("ne", "ne", "ne"),
    "Less": ("lt", "lt", "gt"),
    "LessEqual": ("le", "le", "ge"),
    "Greater": ("gt", "gt", "lt"),
    "GreaterEqual": ("ge", "ge", "le"),
    "LogicalAnd": ("and", "", ""),
    "LogicalOr": ("or", "", ""),
    "LogicalXor": ("xor", "", ""),
    "Arctan2": ("atan2", "", ""),
    "Hypot": ("hypot", "", ""),
    "Logaddexp": ("logaddexp", "", ""),
}


class OfOneOperation(OperationClass):
    """Functions of each value."""

    names = tuple(_FUNCTIONS)
    at_each_step = True

    def write(self, call: Call) -> Value:
        return call.op("map", call.x, function=_FUNCTIONS[call.layer.class_name])


class ActivationsOperation(OperationClass):
    """Activations without a setting that counts."""

    names = tuple(_ACTIVATIONS)
    at_each_step = True

    def write(self, call: Call) -> Value:
        return call.op(_ACTIVATIONS[call.layer.class_name], call.x)


class WithNumbersOperation(OperationClass):
    """Activations with a number."""

    names = ("LeakyRelu", "Elu", "Celu", "SoftShrink", "HardShrink", "HardTanh", "Threshold")
    signature = "negative_slope=0.2, alpha=1.0, threshold=0.5, default_value=0"

    def write(self, call: Call) -> Value:
        settings, kind = call.settings, call.layer.class_name
        if kind == "LeakyRelu":
            return call.op("leaky_relu", call.x, slope=settings.real("negative_slope"))
        if kind in ("Elu", "Celu"):
            return call.op(kind.lower(), call.x, alpha=settings.real("alpha"))
        if kind == "HardTanh":
            return call.op("map", call.x, function="clamp", a=-1, b=1)
        if kind == "Threshold":
            compared = call.op("map", call.x, part="above", function="gt", a=settings.real("threshold"))
            other = tensor(call, settings.real("default_value"))
            return call.op("map", compared, call.x, other, function="where")
        word = "softshrink" if kind == "SoftShrink" else "hardshrink"
        given: dict[str, Any] = {"lambda": settings.real("threshold")}
        return call.op(word, call.x, **given)


class OfTwoOperation(OperationClass):
    """Functions of two tensors, or of a tensor and a number."""

    names = tuple(_PAIRS)
    at_each_step = True

    def write(self, call: Call) -> Value:
        first, second = call.argument(0, "x1"), call.argument(1, "x2")
        rank = max([value.rank for value in (first, second) if isinstance(value, Value)], default=None)
        one, other = operand(call, first, rank), operand(call, second, rank)
        return pair(call, call.layer.class_name, one, other)


def pair(call: Call, kind: str, one: Value | Fraction, other: Value | Fraction, part: str = "") -> Value:
    """Write an operation of two tensors, or of a tensor and a number. Raises SpecError."""
    both, behind, front = _PAIRS[kind]
    if isinstance(one, Value) and isinstance(other, Value):
        same = one.shape == other.shape
        if same and both in ("add", "mul"):
            return call.op(both, one, other, part=part)
        return call.op("map", one, other, part=part, function=both)
    if isinstance(one, Value) and isinstance(other, Fraction):
        if kind == "Multiply":
            return call.op("times", one, part=part, factor=other)
        if behind:
            return call.op("map", one, part=part, function=behind, a=other)
        return call.op("map", one, tensor(call, other), part=part, function=both)
    if isinstance(one, Fraction) and isinstance(other, Value):
        if kind == "Multiply":
            return call.op("times", other, part=part, factor=one)
        if front:
            return call.op("map", other, part=part, function=front, a=one)
        return call.op("map", tensor(call, one), other, part=part, function=both)
    raise call.refused("it is of a tensor and a number, or of tensors")


class ClipOperation(OperationClass):
    """Values between two bounds."""

    names = ("Clip",)
    signature = "x_min, x_max"

    def write(self, call: Call) -> Value:
        settings = call.settings
        bounds: dict[str, Any] = {}
        for key, name in (("a", "x_min"), ("b", "x_max")):
            bounds[key] = None if settings.value(name) is None else settings.real(name)
        if bounds["a"] is None or bounds["b"] is None:
            function, bound = ("min", bounds["b"]) if bounds["a"] is None else ("max", bounds["a"])
            return call.op("map", call.x, function=function, a=bound)
        return call.op("map", call.x, function="clamp", **bounds)


class WhereOperation(OperationClass):
    """One of two values at each place."""

    names = ("Where", "Select")

    def write(self, call: Call) -> Value:
        given = [call.argument(at, name) for at, name in enumerate(("condition", "x1", "x2"))]
        rank = max([value.rank for value in given if isinstance(value, Value)], default=None)
        return call.op("map", *[tensor(call, one, rank) for one in given], function="where")


class SameOperation(OperationClass):
    """Operations that leave values as they are, in another type perhaps."""

    names = (
        "Cast",
        "SaturateCast",
        "StopGradient",
        "Copy",
        "ConvertToTensor",
        "Identity",
        "Real",
        "Conjugate",
    )

    def write(self, call: Call) -> Value:
        return call.x


class FilledOperation(OperationClass):
    """Tensors of one value, as large as another one."""

    names = ("OnesLike", "ZerosLike", "FullLike", "EmptyLike")

    def write(self, call: Call) -> Value:
        x = call.in_order(call.x)
        shape = tuple(x.shape)
        return call.op("parameter", x, shape=per_axis(shape), fixed=True)


class SoftmaxesOperation(OperationClass):
    """Softmax along an axis, or its logarithm; gated linear units."""

    names = ("Softmax", "LogSoftmax", "Glu")
    signature = "axis=-1"

    def write(self, call: Call) -> Value:
        x = call.in_order(call.x)
        axis = call.spec_axis(x, call.settings.axis("axis", x.rank))
        word = {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Glu": "glu"}[call.layer.class_name]
        return call.op(word, x, axis=-1 if axis == len(x.shape) - 1 else axis)
