"""Functions of single numbers by the names that `map` gives them, exact where the result is rational."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

from .exact import exact_number, power_of, ratio, root_of
from .functions import FUNCTIONS
from .recorded import RecordedNumber, divided, plain


def _of_floats(function: Callable[..., float]) -> Callable[..., float]:
    """A function of floats; nan where it has no value."""

    def run(*values: Any) -> float:
        try:
            return function(*map(float, values))
        except (ValueError, ZeroDivisionError):
            return math.nan
        except OverflowError:
            return math.inf

    return run


def _logarithm(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A logarithm: 0 of 1, and minus infinity of 0."""

    def run(value: Any) -> Any:
        if value <= 0:
            return -math.inf if value == 0 else math.nan
        return 0 if value == 1 and not isinstance(value, float) else function(float(value))

    return run


def _erfinv(value: float) -> float:
    if abs(value) >= 1:
        return math.copysign(math.inf, value) if abs(value) == 1 else math.nan
    return NormalDist().inv_cdf((value + 1) / 2) / math.sqrt(2)


def _remainder(a: Any, b: Any) -> Any:
    """With the sign of the divisor."""
    return math.nan if b == 0 else exact_number(a % b)


def _truncated_remainder(a: Any, b: Any) -> Any:
    """With the sign of what is divided."""
    return math.nan if b == 0 else exact_number(a - b * math.trunc(ratio(a, b)))


def _logaddexp(a: Any, b: Any) -> float:
    high, low = max(float(a), float(b)), min(float(a), float(b))
    return high + math.log1p(math.exp(low - high))


def _sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)


FLOATS = "sinh cosh asin acos atan asinh acosh atanh lgamma erfc atan2".split()

MAPPED: dict[str, Callable[..., Any]] = {
    "square": lambda x: x * x,
    "sqrt": root_of,
    "rsqrt": lambda x: ratio(1, root_of(x)),
    "reciprocal": lambda x: ratio(1, x),
    "exp2": lambda x: power_of(2, x) if x == int(x) else _of_floats(math.pow)(2, x),
    "log": _logarithm(math.log),
    "log2": _logarithm(math.log2),
    "log10": _logarithm(math.log10),
    "log1p": lambda x: (
        _logarithm(lambda y: math.log1p(y - 1))(x + 1) if x in (0, -1) else _of_floats(math.log1p)(x)
    ),
    **{name: _of_floats(getattr(math, name)) for name in ("sinh", "cosh", "asin", "acos", "atan")},
    **{
        name: _of_floats(getattr(math, name))
        for name in ("asinh", "acosh", "atanh", "lgamma", "erfc", "atan2")
    },
    "erfinv": _of_floats(_erfinv),
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "trunc": math.trunc,
    "sign": _sign,
    "frac": lambda x: exact_number(x - math.trunc(x)),
    "not": lambda x: int(x == 0),
    "isnan": lambda x: int(x != x),
    "isinf": lambda x: int(abs(x) == math.inf),
    "pow": power_of,
    "rpow": lambda x, n: power_of(n, x),
    "max": max,
    "min": min,
    "mod": _remainder,
    "fmod": _truncated_remainder,
    "floor_div": lambda a, b: math.nan if b == 0 else a // b,
    "eq": lambda a, b: int(a == b),
    "ne": lambda a, b: int(a != b),
    "lt": lambda a, b: int(a < b),
    "le": lambda a, b: int(a <= b),
    "gt": lambda a, b: int(a > b),
    "ge": lambda a, b: int(a >= b),
    "and": lambda a, b: int(a != 0 and b != 0),
    "or": lambda a, b: int(a != 0 or b != 0),
    "xor": lambda a, b: int((a != 0) != (b != 0)),
    "hypot": lambda a, b: root_of(a * a + b * b),
    "logaddexp": _logaddexp,
    "xlogy": lambda a, b: 0 if a == 0 else a * _logarithm(math.log)(b),
    "where": lambda condition, a, b: a if condition != 0 else b,
    "clamp": lambda x, low, high: min(max(x, low), high),
}

# Functions that are arithmetic alone, which recorded numbers do themselves.
ARITHMETIC: dict[str, Callable[..., Any]] = {
    "neg": lambda x: -x,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "rsub": lambda a, b: b - a,
    "mul": lambda a, b: a * b,
    "div": divided,
    "rdiv": lambda a, b: divided(b, a),
    "lerp": lambda a, b, weight: a + (b - a) * weight,
    "addcmul": lambda a, b, c: a + b * c,
    "addcdiv": lambda a, b, c: a + divided(b, c),
}


def mapped_function(name: str) -> Callable[..., Any]:
    """Return the function of this name, of numbers that may be recorded."""
    if name in ARITHMETIC:
        return ARITHMETIC[name]
    rule = MAPPED.get(name) or FUNCTIONS[name]

    def run(*values: Any) -> Any:
        found = rule(*map(plain, values))
        return (
            RecordedNumber(name, values, found)
            if any(isinstance(at, RecordedNumber) for at in values)
            else found
        )

    return run
