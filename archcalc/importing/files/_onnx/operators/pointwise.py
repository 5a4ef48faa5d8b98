"""Operators that work on each value by itself."""

from __future__ import annotations

from ....operations.builder import TwoSizes
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from ..tensors import KnownValues, OnnxTensor

_BINARY = {"Add": "add", "Sub": "sub", "Mul": "mul", "Div": "div"}
_UNARY = {"Relu": "relu", "Sigmoid": "sigmoid", "HardSwish": "hardswish", "Identity": ""}


@rule(*_BINARY)
def binary(reader: OnnxReader, node: OnnxNode) -> Outputs:
    one, other = node.value(0), node.value(1)
    if node.version < 7 and len(other.sizes) < len(one.sizes) and node.int("broadcast"):
        axis = node.int("axis", len(one.sizes) - len(other.sizes)) % len(one.sizes)
        for _ in range(len(one.sizes) - axis - len(other.sizes)):
            other = reader.do("unsqueeze", other, len(other.sizes))
    word = _BINARY[node.operator]
    number = node.number(1)
    if number is not None and len(other.sizes) <= len(one.sizes) and one.depends:
        return reader.do(word, one, number)
    if word == "div" and "int" in one.dtype:
        return reader.do("div", one, other, rounding_mode="trunc")
    return reader.do(word, one, other)


@rule("Sum")
def total(reader: OnnxReader, node: OnnxNode) -> Outputs:
    values = node.values()
    found = values[0]
    for value in values[1:]:
        found = reader.do("add", found, value)
    return found


@rule("Relu", "Sigmoid", "HardSwish")
def unary(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do(_UNARY[node.operator], node.value(0))


@rule("Identity")
def identity(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return [node.tensor(0)]


@rule("LeakyRelu")
def leaky_relu(reader: OnnxReader, node: OnnxNode) -> Outputs:
    return reader.do("leaky_relu", node.value(0), node.float("alpha", 0.01))


@rule("HardSigmoid")
def hard_sigmoid(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, alpha, beta = node.value(0), node.float("alpha", 0.2), node.float("beta", 0.5)
    if abs(alpha - 1 / 6) < 1e-6 and beta == 0.5:
        return reader.do("hardsigmoid", x)
    return reader.do("clamp", reader.do("add", reader.do("mul", x, alpha), beta), 0, 1)


@rule("Clip")
def clip(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x = node.value(0)
    if node.version < 11:
        low = node.float("min") if node.says("min") else None
        high = node.float("max") if node.says("max") else None
    else:
        if any(node.has(at) and node.number(at) is None for at in (1, 2)):
            return reader.do("clamp", x, node.optional(1), node.optional(2))
        low, high = node.number(1), node.number(2)
    low, high = (None if n is None or abs(n) > 1e38 else n for n in (low, high))
    if low is None and high is None:
        return x
    if low == 0 and high is None:
        return reader.do("relu", x)
    if low is not None and high is not None and "float" in x.dtype:
        return reader.do("hardtanh", x, low, high)
    return reader.do("clamp", x, low, high)


@rule("Softmax", "LogSoftmax")
def softmax(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """Up to version 12 over all axes from one on, which are one."""
    x = node.value(0)
    word = "softmax" if node.operator == "Softmax" else "log_softmax"
    rank = len(x.sizes)
    if node.version >= 13:
        return reader.do(word, x, node.int("axis", -1), None)
    axis = node.int("axis", 1) % max(rank, 1)
    kept = [n for n in range(axis, rank) if x.sizes[n] != 1]
    if len(kept) <= 1:
        return reader.do(word, x, kept[0] if kept else axis, None)
    flat = reader.do("flatten", x, axis, -1)
    made = reader.do(word, flat, axis, None)
    return reader.do("reshape", made, tuple([reader.builder.size(x, n) for n in range(rank)]))


@rule("Dropout")
def dropout(reader: OnnxReader, node: OnnxNode) -> Outputs:
    ratio = node.float("ratio", 0.5) if node.version < 12 else node.number(1)
    found = reader.do("dropout", node.value(0), 0.5 if ratio is None else ratio, False)
    if len(node.outputs) < 2 or not node.outputs[1]:
        return found
    sizes = tuple([reader.builder.size(found, n) for n in range(len(found.sizes))])
    return [found, reader.builder.constant(sizes, None, "bool", "mask")]


@rule("Cast")
def cast(reader: OnnxReader, node: OnnxNode) -> Outputs:
    from ..container import TYPES

    x = node.value(0)
    word = TYPES.get(node.int("to", 1), "float32")
    if node.version < 6:
        word = {"FLOAT": "float32", "DOUBLE": "float64"}.get(node.text("to"), node.text("to").lower())
    return x if word == x.dtype else reader.do("to.dtype", x, word)


@rule("CastLike")
def cast_like(reader: OnnxReader, node: OnnxNode) -> Outputs:
    import numpy as np

    tensor, word = node.tensor(0), node.tensor(1).dtype
    known = tensor.known
    if known is not None and not tensor.is_weight and hasattr(np, word):
        cast = KnownValues(known.one.astype(word), known.two.astype(word))
        return [OnnxTensor("", tensor.sizes, tensor.at_two, word, cast)]
    # Of a tensor of the file it is not known yet whether it is a parameter or a buffer.
    return [tensor] if word == tensor.dtype else reader.do("to.dtype", node.value(0), word)


@rule("LRN")
def local_response_norm(reader: OnnxReader, node: OnnxNode) -> Outputs:
    """PyTorch has no operation for it: its module writes it out, as squares, a pool and a power."""
    x = node.value(0)
    sizes = [a if a == b else TwoSizes(a, b) for a, b in zip(x.sizes, x.at_two or x.sizes, strict=True)]
    return reader.builder.stated(
        "onnx.LRN",
        [x],
        [(sizes, x.dtype)],
        size=node.int("size", 1),
        alpha=node.float("alpha", 1e-4),
        beta=node.float("beta", 0.75),
        bias=node.float("bias", 1.0),
    )
