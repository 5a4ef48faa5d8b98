"""Functions of single numbers: exact where the result is rational, else floats."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from .exact import MANY, Array, filled, root_of
from .recorded import RecordedNumber


def _exact_at(function: Callable[[float], float], **values: Any) -> Callable[[Any], Any]:
    """A function of floats that is rational at one exact number: ``at``, where it is ``gives``."""

    def run(value: Any) -> Any:
        if not isinstance(value, float) and value == values["at"]:
            return values["gives"]
        try:
            return function(float(value))
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    return run


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "root": root_of,
    "exp": _exact_at(math.exp, at=0, gives=1),
    "log": _exact_at(lambda x: math.log(x) if x else -math.inf, at=1, gives=0),
    "log1p": _exact_at(math.log1p, at=0, gives=0),
    "expm1": _exact_at(math.expm1, at=0, gives=0),
    "tanh": _exact_at(math.tanh, at=0, gives=0),
    "erf": _exact_at(math.erf, at=0, gives=0),
    "sigmoid": _exact_at(lambda x: 1 / (1 + math.exp(-x)) if x > -700 else 0.0, at=0, gives=Fraction(1, 2)),
    "softplus": _exact_at(lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))), at=None, gives=None),
    "sin": _exact_at(math.sin, at=0, gives=0),
    "cos": _exact_at(math.cos, at=0, gives=1),
    "tan": _exact_at(math.tan, at=0, gives=0),
    "abs": abs,
}


def function_of(name: str, x: Array) -> Array:
    """Return a function of each number of an array.

    Args:
        name: A key of FUNCTIONS.
        x: An array.
    """
    rule = FUNCTIONS[name]

    def run(value: Any) -> Any:
        if isinstance(value, RecordedNumber):
            return RecordedNumber(name, (value,), rule(value.value))
        return rule(value)

    flat = x.ravel().tolist()
    if len(flat) > MANY and set(map(type, flat)) <= {int, Fraction}:
        known = {value: rule(value) for value in set(flat)}
        return filled([known[value] for value in flat], x.shape)
    found = [run(value) for value in flat]
    return (
        np.array(found, dtype=np.float64).reshape(x.shape)
        if x.dtype == np.float64
        else filled(found, x.shape)
    )
