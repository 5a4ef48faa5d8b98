"""Conditions on many records at a time: a quantity is a column, with a row a record.

A column is an array of int64, or of objects where a number is beyond it, is no whole number, is a text, or is
not known (None); a constant is one number. All figures are exact; only by how much a comparison is missed,
which orders what comes near, is a float.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any

from ..arithmetic import Number

_MOST = 2**63 - 1
# The signs of comparisons.
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_APPLY: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
# What a comparison misses by that misses at all; and where there is nothing to measure.
LEAST, UNMEASURED = Fraction(1, 10**9), Fraction(2)


def apart(a: Number, b: Number) -> Fraction:
    """By what share of the larger two numbers differ: how far a comparison is missed that does not hold."""
    return max(Fraction(abs(a - b), 1) / Fraction(max(abs(a), abs(b), 1)), LEAST)


def combined(sign: str, one: Any, other: Any) -> Any:
    """Both sides of an arithmetic sign, exactly: None where one is not known, and behind a division by
    zero."""
    import numpy as np

    if sign != "/" and _largest(one) is not None and _largest(other) is not None:
        a, b = _largest(one) or 0, _largest(other) or 0
        if max(a + b, a * b if sign == "*" else 0) <= _MOST:
            return _APPLY[sign](one, other)

    def scalar(a: Any, b: Any) -> Any:
        if a is None or b is None or isinstance(a, str) or isinstance(b, str) or (sign == "/" and not b):
            return None
        return Fraction(a) / b if sign == "/" else _APPLY[sign](a, b)

    return np.frompyfunc(scalar, 2, 1)(_objects(one), _objects(other))


def compared(sign: str, one: Any, other: Any) -> Any:
    """Whether a comparison holds, a row a record. What is not known meets none."""
    import numpy as np

    if _whole(one) and isinstance(other, (int, Fraction)):
        return _against(sign, one, other)
    if _whole(other) and isinstance(one, (int, Fraction)):
        return _against(_TURNED.get(sign, sign), other, one)
    compare = COMPARE[sign]
    if _whole(one) and _whole(other):
        return compare(one, other)

    def scalar(a: Any, b: Any) -> bool:
        if a is None or b is None or (isinstance(a, str) is not isinstance(b, str)):
            return False
        return bool(compare(a, b))

    return np.asarray(np.frompyfunc(scalar, 2, 1)(_objects(one), _objects(other)), dtype=bool)


def missed(one: Any, other: Any, holds: Any) -> Any:
    """By how much a comparison is missed, as floats; 0 where it holds."""
    import numpy as np

    if all(_whole(side) or isinstance(side, int) for side in (one, other)):
        a, b = (np.asarray(side, dtype=np.float64) for side in (one, other))
        share = np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1.0)
        return np.where(holds, 0.0, np.maximum(share, float(LEAST)))

    def scalar(a: Any, b: Any) -> float:
        if a is None or b is None or isinstance(a, str) or isinstance(b, str):
            return float(UNMEASURED)
        return float(apart(a, b))

    share = np.asarray(np.frompyfunc(scalar, 2, 1)(_objects(one), _objects(other)), dtype=np.float64)
    return np.where(holds, 0.0, share)


def lesser(one: Any, other: Any) -> Any:
    """Row by row the smaller of two floats."""
    import numpy as np

    return np.minimum(one, other)


def texts(column: Any, read: Callable[[str], str]) -> Any:
    """Texts in the form in which they are compared."""
    import numpy as np

    if isinstance(column, str):
        return read(column)
    return np.frompyfunc(lambda value: read(value) if isinstance(value, str) else None, 1, 1)(
        _objects(column)
    )


def _against(sign: str, column: Any, number: int | Fraction) -> Any:
    """Whole numbers beside a constant, which may be a fraction or beyond int64."""
    import numpy as np

    if sign in ("=", "!="):
        if number != floor(number) or not -_MOST <= number <= _MOST:
            return np.full(column.shape, sign == "!=")
        return COMPARE[sign](column, int(number))
    end: int = floor(number) if sign in ("<=", ">") else ceil(number)
    if not -_MOST <= end <= _MOST:
        return np.full(column.shape, (end > 0) is (sign in ("<", "<=")))
    return COMPARE[sign](column, int(end))


def _whole(column: Any) -> bool:
    """Whether it is a column of int64."""
    return getattr(column, "dtype", None) == "int64"


def _largest(column: Any) -> int | None:
    """The largest size of a number of it; None where it is not whole numbers alone."""
    if isinstance(column, int):
        return abs(column)
    if not _whole(column):
        return None
    return max(abs(int(column.min())), abs(int(column.max()))) if len(column) else 0


def _objects(column: Any) -> Any:
    """As Python's own numbers, which know no end."""
    import numpy as np

    return column.astype(object) if isinstance(column, np.ndarray) else column
