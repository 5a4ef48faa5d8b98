"""Activations that are written out, as ``0.5 * x * (1 + tanh(√(2/π) * (x + 0.044715 * x³)))`` is.

However one is written, it is the same function: a small expression of one tensor and of numbers is taken for
an activation where the two have the same values everywhere on a grid.
"""

from __future__ import annotations

from collections.abc import Callable
from math import erf, exp, isclose, log1p, sqrt, tanh
from typing import Any

from .recording import Operation, Value
from .rewriting import Rewriting, number

GRID = tuple([k / 8 for k in range(-48, 49)])
MOST = 12  # operations in one expression


def alike(one: float, other: float) -> bool:
    """Whether two values differ by no more than the digits with which constants are written."""
    return isclose(one, other, rel_tol=1e-5, abs_tol=1e-6)


def sigmoid(x: float) -> float:
    """The logistic function."""
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def softplus(x: float) -> float:
    """The logarithm of 1 + e^x."""
    return max(x, 0.0) + log1p(exp(-abs(x)))


ONE: dict[str, Callable[[float], float]] = {
    "tanh": tanh,
    "erf": erf,
    "exp": exp,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "neg": lambda x: -x,
    "square": lambda x: x * x,
    "sqrt": sqrt,
    "reciprocal": lambda x: 1 / x,
    "relu": lambda x: max(x, 0.0),
    "relu6": lambda x: min(max(x, 0.0), 6.0),
    "abs": abs,
}
TWO: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "rsub": lambda a, b: b - a,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
}
KNOWN: dict[tuple[str, str], Callable[[float], float]] = {
    ("gelu", "tanh"): lambda x: 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x**3))),
    ("gelu", "none"): lambda x: 0.5 * x * (1 + erf(x / sqrt(2))),
    ("silu", ""): lambda x: x * sigmoid(x),
    ("mish", ""): lambda x: x * tanh(softplus(x)),
    ("hardswish", ""): lambda x: x * min(max(x + 3, 0.0), 6.0) / 6,
    ("hardsigmoid", ""): lambda x: min(max(x + 3, 0.0), 6.0) / 6,
}


def find_activations(graph: Rewriting) -> None:
    """Put activations in the place of those that are written out."""
    for operation in reversed(graph.recording.operations):
        if (
            operation.name in ("mul", "div")
            and operation not in graph.gone
            and graph.maker(operation.output) is operation
        ):
            _put(graph, operation)


def _put(graph: Rewriting, last: Operation) -> None:
    """Replace an expression that ends with an operation, if it is an activation."""
    inside = [last]
    while len(inside) <= MOST:
        edge = [v for v in dict.fromkeys(v for o in inside for v in o.inputs) if v.depends]
        edge = [value for value in edge if value.operation not in inside]
        if len(edge) == 1 and len(inside) > 1:
            found = _known(last.output, edge[0])
            if found is not None:
                name, approximate = found
                arguments: dict[str, Any] = {"self": edge[0]}
                if name == "gelu":
                    arguments["approximate"] = approximate
                made = Operation(f"aten.{name}.default", name, arguments, last.call, last.source)
                graph.replace(inside, made, last, [])
                return
        grown = [
            operation
            for operation in (graph.maker(value) for value in edge)
            if operation is not None
            and (operation.name in ONE or operation.name in TWO)
            and operation.output.sizes == last.output.sizes
            and graph.read_by_only(operation.output, inside)
        ]
        if not grown:
            return
        inside.append(grown[0])


def _known(output: Value, x: Value) -> tuple[str, str] | None:
    """The activation that an expression of one tensor is; None where it is none."""
    known = dict(KNOWN)
    try:
        for at in GRID:
            value = _value(output, x, at)
            if value is None:
                return None
            for name in [
                n for n, act in known.items() if not isclose(act(at), value, rel_tol=1e-5, abs_tol=1e-6)
            ]:
                del known[name]
            if not known:
                return None
    except (ArithmeticError, ValueError, TypeError):
        return None
    return next(iter(known))


def _value(argument: Any, x: Value, at: float) -> float | None:
    """What an expression is where the tensor has a value; None where that is not known."""
    if argument is x:
        return at
    constant = number(argument)
    if constant is not None:
        return float(constant)
    operation = argument.operation if isinstance(argument, Value) and argument.depends else None
    if operation is None:
        return None
    arguments = operation.arguments
    one = _value(arguments.get("self"), x, at)
    if one is None:
        return None
    if operation.name in ONE:
        plain = arguments.get("beta", 1) == 1 and (
            "threshold" not in arguments or operation.name == "softplus"
        )
        return ONE[operation.name](one) if plain else None
    if operation.name not in TWO or arguments.get("alpha", 1) != 1 or arguments.get("rounding_mode"):
        return None
    other = _value(arguments.get("other", arguments.get("exponent")), x, at)
    return None if other is None else TWO[operation.name](one, other)
