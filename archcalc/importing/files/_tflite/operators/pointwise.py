"""Operators that work on each value by itself, or on values that stand at the same place."""

from __future__ import annotations

from functools import reduce
from typing import Any

from ....operations.recording import Value
from ..nodes import TfliteOperator
from ..reader import TfliteReader, dtype_of
from ..rules import OperatorOutputs, rule

# Operators of one tensor without options, and the operation of PyTorch that each is.
ONE = {
    "ABS": "abs",
    "CEIL": "ceil",
    "COS": "cos",
    "ELU": "elu",
    "EXP": "exp",
    "FLOOR": "floor",
    "HARD_SWISH": "hardswish",
    "LOGICAL_NOT": "logical_not",
    "LOGISTIC": "sigmoid",
    "LOG": "log",
    "NEG": "neg",
    "RELU": "relu",
    "RELU6": "relu6",
    "RELU_N1_TO_1": "hardtanh",
    "ROUND": "round",
    "RSQRT": "rsqrt",
    "SIGN": "sign",
    "SIN": "sin",
    "SQRT": "sqrt",
    "SQUARE": "square",
    "TANH": "tanh",
}
# Operators that end with an activation, by their options.
_FUSED = {
    "ADD": ("add", "AddOptions"),
    "SUB": ("sub", "SubOptions"),
    "MUL": ("mul", "MulOptions"),
    "DIV": ("div", "DivOptions"),
}
# Operators of two tensors that meet by broadcasting.
TWO = {
    "ATAN2": "atan2",
    "BITWISE_XOR": "bitwise_xor",
    "EQUAL": "eq",
    "FLOOR_DIV": "floor_divide",
    "FLOOR_MOD": "remainder",
    "GREATER": "gt",
    "GREATER_EQUAL": "ge",
    "LESS": "lt",
    "LESS_EQUAL": "le",
    "LOGICAL_AND": "logical_and",
    "LOGICAL_OR": "logical_or",
    "MAXIMUM": "maximum",
    "MINIMUM": "minimum",
    "NOT_EQUAL": "ne",
    "POW": "pow",
}
# Those of them that take a number in the place of the second tensor.
_NUMBERED = {
    "EQUAL",
    "FLOOR_DIV",
    "FLOOR_MOD",
    "GREATER",
    "GREATER_EQUAL",
    "LESS",
    "LESS_EQUAL",
    "NOT_EQUAL",
    "POW",
}
_SWAPPED = {"ADD", "MUL"}


@rule(*ONE)
def of_one(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    return reader.do(ONE[node.word], node.value(0))


@rule("RELU_0_TO_1")
def between(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    return reader.do("hardtanh", node.value(0), 0, 1)


def plain(value: float | None) -> Any:
    """A number as code has it: a whole one without a decimal point."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**31 else value


def number_of(node: TfliteOperator, at: int, beside: Value) -> Any:
    """The number that an input is, where it adds no axes to what it meets; None where it is none."""
    found = node.known(at)
    number = None if found is None else found.scalar()
    if found is None or number is None or found.one.ndim > len(beside.sizes):
        return None
    if isinstance(number, float):  # 32 bits: the shortest number that they stand for
        import numpy as np

        number = float(str(np.float32(number))) if found.one.dtype == np.float32 else number
    return plain(number)


@rule(*_FUSED)
def arithmetic(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    word, kind = _FUSED[node.word]
    options = node.options(kind)
    first, second = node.tensor(0), node.tensor(1)
    if node.stated in reader.biased:
        made = reader.value(first if first.depends else second)
    elif first.depends and (number := number_of(node, 1, reader.value(first))) is not None:
        made = reader.do(word, node.value(0), number)
    elif second.depends and (number := number_of(node, 0, reader.value(second))) is not None:
        if node.word in _SWAPPED:
            made = reader.do(word, node.value(1), number)
        elif node.word == "SUB":
            made = reader.do("rsub", node.value(1), number)
        else:
            made = reader.do("reciprocal", node.value(1))
            made = made if number == 1 else reader.do("mul", made, number)
    elif word == "div" and "int" in dtype_of(first.stated):
        made = reader.do("div", node.value(0), node.value(1), rounding_mode="trunc")
    else:
        made = reader.do(word, node.value(0), node.value(1))
    return node.activated(made, options)


@rule(*TWO)
def of_two(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    one = node.value(0)
    number = number_of(node, 1, one) if node.word in _NUMBERED and one.depends else None
    other = node.value(1) if number is None else number
    if number is None and node.word in ("MAXIMUM", "MINIMUM") and one.depends:
        limit = number_of(node, 1, one)
        if limit is not None:
            return _limited(reader, node.word, one, limit)
    return reader.do(TWO[node.word], one, other)


def _limited(reader: TfliteReader, word: str, x: Value, limit: Any) -> Any:
    """A tensor that is cut off at a number."""
    if word == "MAXIMUM" and limit == 0:
        return reader.do("relu", x)
    return reader.do("clamp", x, limit, None) if word == "MAXIMUM" else reader.do("clamp", x, None, limit)


@rule("SQUARED_DIFFERENCE")
def squared_difference(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    return reader.do("pow", reader.do("sub", node.value(0), node.value(1)), 2)


@rule("ADD_N")
def total(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    return reduce(lambda one, other: reader.do("add", one, other), node.values())


@rule("SELECT", "SELECT_V2", "WHERE")
def where(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    if len(node.inputs) != 3:
        return node.unknown()
    condition, one, other = node.values()
    if node.word == "SELECT" and len(condition.sizes) == 1 < len(one.sizes):
        for _ in range(len(one.sizes) - 1):
            condition = reader.do("unsqueeze", condition, len(condition.sizes))
    return reader.do("where", condition, one, other)


@rule("CAST")
def cast(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x, word = node.value(0), dtype_of(reader.graph.tensors[node.outputs[0]])
    return x if word == x.dtype else reader.do("to.dtype", x, word)


@rule("QUANTIZE", "DEQUANTIZE", "DENSIFY", "FAKE_QUANT")
def same_numbers(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    """The same numbers in another form: the file counts them in steps, in half precision or without zeros."""
    tensor = node.tensor(0)
    return [tensor] if not tensor.depends else node.value(0)


# Activations --------------------------------------------------------------------------------------


@rule("LEAKY_RELU")
def leaky_relu(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    alpha = node.options("LeakyReluOptions").Alpha()
    return reader.do("leaky_relu", node.value(0), float(f"{alpha:.7g}"))


@rule("GELU")
def gelu(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    near = bool(node.options("GeluOptions").Approximate())
    return reader.do("gelu", node.value(0), approximate="tanh" if near else "none")


@rule("SOFTMAX", "LOG_SOFTMAX")
def softmax(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    if node.word == "LOG_SOFTMAX":
        return reader.do("log_softmax", x, -1, None)
    beta = node.options("SoftmaxOptions").Beta()
    if beta not in (0.0, 1.0):
        x = reader.do("mul", x, plain(float(f"{beta:.7g}")))
    return reader.do("softmax", x, -1, None)


@rule("PRELU")
def prelu(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x, slope = node.value(0), node.tensor(1)
    rank = len(x.sizes)
    one_each = not slope.depends and all(size == 1 for size in slope.sizes[:-1]) and rank > 1
    if one_each and slope.sizes and slope.sizes[-1] in (1, x.sizes[-1]):
        weight = reader.value(slope)
        if len(slope.sizes) != 1:
            weight = reader.do("reshape", weight, (-1,))
        order = (0, rank - 1, *range(1, rank - 1))
        made = reader.do("prelu", reader.do("permute", x, order), weight)
        return reader.do("permute", made, (0, *range(2, rank), 1))
    other = reader.value(slope)
    less = reader.do("lt", x, 0)
    return reader.do("where", less, reader.do("mul", x, other), x)


# Norms --------------------------------------------------------------------------------------------


@rule("L2_NORMALIZATION")
def l2_normalization(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    x = node.value(0)
    length = reader.do("linalg_vector_norm", x, 2, (-1,), True)
    return node.activated(reader.do("div", x, length), node.options("L2NormOptions"))


@rule("LOCAL_RESPONSE_NORMALIZATION")
def local_response_norm(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    """The sum of the squares is not divided by their number, as that of PyTorch and ONNX is."""
    options = node.options("LocalResponseNormalizationOptions")
    x = node.value(0)
    rank = len(x.sizes)
    size = 2 * options.Radius() + 1
    if rank < 2 or size < 1:
        node.refuse("it has no channels, or a negative radius")
    turned = reader.do("permute", x, (0, rank - 1, *range(1, rank - 1)))
    sizes = tuple([reader.builder.size(turned, n) for n in range(rank)])
    made = reader.builder.stated(
        "onnx.LRN",
        [turned],
        [(sizes, x.dtype)],
        size=size,
        alpha=options.Alpha() * size,
        beta=options.Beta(),
        bias=options.Bias(),
    )
    return reader.do("permute", made[0], (0, *range(2, rank), 1))
