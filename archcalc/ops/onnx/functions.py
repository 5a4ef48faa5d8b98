"""Functions of values as nodes of ONNX."""

from __future__ import annotations

from collections.abc import Callable

from .code import BOOL, FLOAT, OnnxCode

# Functions that are one node of ONNX, in the order in which it reads them.
SINGLE = {
    **{name: name.capitalize() for name in ("neg", "abs", "exp", "sqrt", "reciprocal", "log", "sin", "cos")},
    **{name: name.capitalize() for name in ("tan", "sinh", "cosh", "asin", "acos", "atan", "asinh", "acosh")},
    **{name: name.capitalize() for name in ("atanh", "erf", "floor", "ceil", "round", "sign")},
    **{name: name.capitalize() for name in ("add", "sub", "mul", "div", "pow", "max", "min")},
    "clamp": "Clip",
}
# Those that hold or do not: 1 where they do.
HOLDING = {"eq": "Equal", "lt": "Less", "le": "LessOrEqual", "gt": "Greater", "ge": "GreaterOrEqual"}
LOGIC = {"and": "And", "or": "Or", "xor": "Xor", "not": "Not"}
TESTS = {"isnan": "IsNaN", "isinf": "IsInf"}


def mapped(to: OnnxCode, name: str, read: list[str]) -> str | None:
    """Return the tensor that a function makes of tensors and numbers; None where ONNX has none."""
    if name == "clamp" and len(to.xs) > 1:  # Clip takes numbers alone for its bounds
        return to.node("Min", to.node("Max", read[0], read[1]), read[2])
    if name in SINGLE:
        return to.node(SINGLE[name], *read)
    if name in HOLDING or name in TESTS:
        return to.node("Cast", to.node((HOLDING | TESTS)[name], *read), to=FLOAT)
    if name == "ne":
        return to.node("Cast", to.node("Not", to.node("Equal", *read)), to=FLOAT)
    if name in LOGIC:
        truths = [to.node("Cast", one, to=BOOL) for one in read]
        return to.node("Cast", to.node(LOGIC[name], *truths), to=FLOAT)
    made = COMPOSED.get(name)
    return None if made is None else made(to, *read)


def _exponential(to: OnnxCode, x: str, base: float) -> str:
    return to.node("Pow", to.real(base), x)


def _logarithm(to: OnnxCode, x: str, factor: float) -> str:
    return to.node("Mul", to.node("Log", x), to.real(factor))


def _truncated(to: OnnxCode, x: str) -> str:
    return to.node("Mul", to.node("Sign", x), to.node("Floor", to.node("Abs", x)))


def _logaddexp(to: OnnxCode, x: str, y: str) -> str:
    apart = to.node("Neg", to.node("Abs", to.node("Sub", x, y)))
    rest = to.node("Log", to.node("Add", to.node("Exp", apart), to.real(1)))
    return to.node("Add", to.node("Max", x, y), rest)


def _hypot(to: OnnxCode, x: str, y: str) -> str:
    return to.node("Sqrt", to.node("Add", to.node("Mul", x, x), to.node("Mul", y, y)))


def _lerp(to: OnnxCode, x: str, y: str, share: str) -> str:
    return to.node("Add", x, to.node("Mul", share, to.node("Sub", y, x)))


def _remainder(to: OnnxCode, x: str, y: str) -> str:
    whole = to.node("Floor", to.node("Div", x, y))
    return to.node("Sub", x, to.node("Mul", whole, y))


def _where(to: OnnxCode, condition: str, x: str, y: str) -> str:
    return to.node("Where", to.node("Cast", condition, to=BOOL), x, y)


# Those that are made of several nodes.
COMPOSED: dict[str, Callable[..., str]] = {
    "square": lambda to, x: to.node("Mul", x, x),
    "expm1": lambda to, x: to.node("Sub", to.node("Exp", x), to.real(1)),
    "exp2": lambda to, x: _exponential(to, x, 2.0),
    "rsqrt": lambda to, x: to.node("Reciprocal", to.node("Sqrt", x)),
    "log1p": lambda to, x: to.node("Log", to.node("Add", x, to.real(1))),
    "log2": lambda to, x: _logarithm(to, x, 1.4426950408889634),
    "log10": lambda to, x: _logarithm(to, x, 0.4342944819032518),
    "erfc": lambda to, x: to.node("Sub", to.real(1), to.node("Erf", x)),
    "trunc": _truncated,
    "frac": lambda to, x: to.node("Sub", x, _truncated(to, x)),
    "rsub": lambda to, x, a: to.node("Sub", a, x),
    "rdiv": lambda to, x, a: to.node("Div", a, x),
    "rpow": lambda to, x, a: to.node("Pow", a, x),
    "mod": _remainder,
    "fmod": lambda to, x, y: to.node("Mod", x, y, fmod=1),
    "floor_div": lambda to, x, y: to.node("Floor", to.node("Div", x, y)),
    "hypot": _hypot,
    "logaddexp": _logaddexp,
    "lerp": _lerp,
    "where": _where,
    "addcmul": lambda to, x, y, z: to.node("Add", x, to.node("Mul", y, z)),
    "addcdiv": lambda to, x, y, z: to.node("Add", x, to.node("Div", y, z)),
}
