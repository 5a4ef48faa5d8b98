"""Functions of each value, and of values that stand at the same place."""

from __future__ import annotations

from functools import reduce
from math import isclose
from typing import Any

from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule

# Operators of one tensor without attributes, and the operation of PyTorch that each is.
ONE = {
    "Abs": "abs",
    "Acos": "acos",
    "Acosh": "acosh",
    "Asin": "asin",
    "Asinh": "asinh",
    "Atan": "atan",
    "Atanh": "atanh",
    "Ceil": "ceil",
    "Cos": "cos",
    "Cosh": "cosh",
    "Erf": "erf",
    "Exp": "exp",
    "Floor": "floor",
    "IsInf": "isinf",
    "IsNaN": "isnan",
    "Log": "log",
    "Mish": "mish",
    "Neg": "neg",
    "Not": "logical_not",
    "Reciprocal": "reciprocal",
    "Round": "round",
    "Sign": "sign",
    "Sin": "sin",
    "Sinh": "sinh",
    "Softplus": "softplus",
    "Sqrt": "sqrt",
    "Tan": "tan",
    "Tanh": "tanh",
}

# Operators of two tensors that meet by broadcasting.
TWO = {
    "And": "logical_and",
    "BitwiseAnd": "bitwise_and",
    "BitwiseOr": "bitwise_or",
    "Equal": "eq",
    "Greater": "gt",
    "GreaterOrEqual": "ge",
    "Less": "lt",
    "LessOrEqual": "le",
    "Or": "logical_or",
    "Pow": "pow",
    "Xor": "logical_xor",
}

# What SELU scales with where a file does not say it.
SELU = (1.67326319217681884765625, 1.05070102214813232421875)


@rule(*ONE)
def of_one(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do(ONE[node.operator], node.value(0))


def aligned(reader: OnnxReader, node: OnnxNode) -> tuple[Value, Value]:
    """Two inputs that meet by broadcasting; up to version 6 an attribute says at which axis the second
    begins."""
    one, two = node.value(0), node.value(1)
    axis = node.int("axis", -1)
    if node.version < 7 and node.int("broadcast") and axis >= 0:
        for _ in range(len(one.sizes) - axis - len(two.sizes)):
            two = reader.do("unsqueeze", two, len(two.sizes))
    return one, two


@rule(*TWO)
def of_two(reader: OnnxReader, node: OnnxNode) -> Outputs:
    one, two = aligned(reader, node)
    if node.operator == "Pow" and (number := node.number(1)) is not None and len(two.sizes) <= len(one.sizes):
        return reader.do("pow", one, number)
    return reader.do(TWO[node.operator], one, two)


@rule("Mod")
def remainder(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("fmod" if node.int("fmod") else "remainder", *aligned(reader, node))


@rule("Max", "Min", "Mean")
def of_several(reader: OnnxReader, node: OnnxNode) -> Outputs:
    operation = {"Max": "maximum", "Min": "minimum"}.get(node.operator, "add")
    values = node.values()
    if not values:
        node.refuse("it has no inputs")
    total = reduce(lambda one, other: reader.do(operation, one, other), values)
    return reader.do("div", total, len(values)) if node.operator == "Mean" and len(values) > 1 else total


@rule("Where")
def where(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("where", node.value(0), node.value(1), node.value(2))


# Activations --------------------------------------------------------------------------------------


@rule("Elu")
def elu(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("elu", node.value(0), node.float("alpha", 1.0))


@rule("Selu")
def selu(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, alpha, gamma = node.value(0), node.float("alpha", SELU[0]), node.float("gamma", SELU[1])
    if isclose(alpha, SELU[0], rel_tol=1e-4) and isclose(gamma, SELU[1], rel_tol=1e-4):
        return reader.do("selu", x)
    return reader.do("mul", reader.do("elu", x, alpha), gamma)


@rule("Celu")
def celu(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("celu", node.value(0), node.float("alpha", 1.0))


@rule("Swish")
def swish(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, alpha = node.value(0), node.float("alpha", 1.0)
    if alpha == 1:
        return reader.do("silu", x)
    return reader.do("mul", x, reader.do("sigmoid", reader.do("mul", x, alpha)))


@rule("SwiGLU")
def swiglu(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """A gate that goes through Swish, and multiplies the other input."""
    return reader.do("mul", swish(reader, node), node.value(1))


@rule("Gelu")
def gelu(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("gelu", node.value(0), approximate=node.text("approximate", "none"))


@rule("Softsign")
def softsign(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    return reader.do("div", x, reader.do("add", reader.do("abs", x), 1))


@rule("PRelu")
def prelu(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, slope = node.value(0), node.tensor(1)
    sizes = slope.sizes
    if not slope.depends:
        weight = node.weight(1)
        assert weight is not None
        large = [at for at, size in enumerate(sizes) if size != 1]
        if not large:
            return reader.do("prelu", x, _vector(reader, weight))
        # One slope for each channel, which is the axis behind the batch; versions before 7 gave a vector.
        axis = large[0] + len(x.sizes) - len(sizes)
        if len(large) == 1 and (axis == 1 or (len(sizes) == 1 and node.version < 7)):
            return reader.do("prelu", x, _vector(reader, weight))
        other: Value = weight
    else:
        other = node.value(1)
    less = reader.do("lt", x, 0)
    return reader.do("where", less, reader.do("mul", x, other), x)


def _vector(reader: OnnxReader, value: Value) -> Any:
    return value if len(value.sizes) == 1 else reader.do("reshape", value, (-1,))


@rule("ThresholdedRelu")
def thresholded(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("threshold", node.value(0), node.float("alpha", 1.0), 0)


@rule("Shrink")
def shrink(reader: OnnxReader, node: OnnxNode) -> Outputs:
    lambd, bias = node.float("lambd", 0.5), node.float("bias")
    if bias == 0:
        return reader.do("hardshrink", node.value(0), lambd)
    if bias == lambd:
        return reader.do("softshrink", node.value(0), lambd)
    return node.unknown()


@rule("Hardmax")
def hardmax(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return node.unknown()
