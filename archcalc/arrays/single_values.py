"""Arithmetic value by value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .exact import Array
from .functions import function_of
from .mapped import mapped_function
from .recorded import MAXIMUM, MINIMUM, divided, extreme, raised

_MAXIMUM = np.frompyfunc(extreme(MAXIMUM), 2, 1)
_MINIMUM = np.frompyfunc(extreme(MINIMUM), 2, 1)
_QUOTIENT = np.frompyfunc(divided, 2, 1)
_POWER = np.frompyfunc(raised, 2, 1)


class SingleValues:
    """Functions of each value, or of the values at one place of two arrays."""

    # Whether the inputs are recorded numbers: then what is chosen among them is recorded too.
    recording = False

    def maximum(self, a: Array, b: Any) -> Array:
        """Return the larger of each pair."""
        return _MAXIMUM(a, b) if self.recording else np.maximum(a, b)

    def minimum(self, a: Array, b: Any) -> Array:
        """Return the smaller of each pair."""
        return _MINIMUM(a, b) if self.recording else np.minimum(a, b)

    def where(self, condition: Array, then: Any, otherwise: Any) -> Array:
        """Return ``then`` where the condition holds, else ``otherwise``."""
        return np.where(condition, then, otherwise)

    def function(self, name: str, x: Array) -> Array:
        """Return a function of each value, by its name in ``archcalc.arrays.functions``."""
        return function_of(name, x)

    def mapped(self, name: str, values: Sequence[Any]) -> Array:
        """Return a function of the values at one place, by its name in ``archcalc.arrays.mapped``."""
        return np.frompyfunc(mapped_function(name), len(values), 1)(*values)

    def quotient(self, a: Array, b: Any) -> Array:
        """Return ``a / b``: exact where both are."""
        if a.dtype == np.float64 and getattr(b, "dtype", None) == np.float64:
            with np.errstate(all="ignore"):
                return a / b
        return _QUOTIENT(a, b)

    def power(self, x: Array, exponent: Any) -> Array:
        """Return each value to a power, an int or a Fraction."""
        return x if exponent == 1 else _POWER(x, exponent)
