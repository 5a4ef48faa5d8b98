"""Exact arrays, and the fastest way to sums of products that stays exact."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import numpy as np

# An array of numpy, of dtype object or float64.
Array = Any

# Sums that stay below it can run on int64.
LARGEST_INT = 2**63 - 1
# Above so many numbers, each different one is divided once.
MANY = 4096


class UnfitValueError(Exception):
    """A value does not fit what is to be computed with it."""


def exact_number(value: Any) -> Any:
    """Return a number as arrays hold it: an int, a Fraction that is not whole, or a float.

    Args:
        value: A number of Python or numpy.

    Raises:
        TypeError: For what is no real number.

    Example:
        >>> from fractions import Fraction
        >>> from archcalc.arrays.exact import exact_number
        >>> exact_number(Fraction(4, 2)), exact_number(Fraction(1, 9)), exact_number(0.5)
        (2, Fraction(1, 9), 0.5)
    """
    if type(value) is int or type(value) is float:
        return value
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else value
    if isinstance(value, (bool, int, np.integer, np.bool_)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    raise TypeError(f"{value!r} is no real number")


def array_of(values: Any) -> Array:
    """Return nested lists, or an array of any kind, as an array of exact numbers or of floats.

    Args:
        values: A number, nested lists of them, or an array.

    Raises:
        TypeError: For what is no real number.
        ValueError: For lists whose rows differ in length.

    Example:
        >>> from archcalc.arrays.exact import array_of
        >>> array_of([[1, 2], [3, 4]]).dtype, array_of([0.5, 1]).dtype
        (dtype('O'), dtype('float64'))
    """
    found = values if isinstance(values, np.ndarray) else np.array(values, dtype=object)
    if found.dtype.kind in "iub":
        return found.astype(object)
    if found.dtype.kind == "f":
        return found.astype(np.float64)
    if found.dtype != object:
        raise TypeError(f"{found.dtype} is no kind of real numbers")
    flat = found.ravel().tolist()
    kinds = set(map(type, flat))
    if kinds == {int}:
        return found
    if kinds & {list, tuple}:
        raise ValueError("the rows differ in length")
    numbers = [exact_number(value) for value in flat]
    if numbers and any(type(value) is float for value in numbers):
        return np.array(numbers, dtype=np.float64).reshape(found.shape)
    return filled(numbers, found.shape)


def filled(numbers: list[Any], shape: tuple[int, ...]) -> Array:
    """Return an exact array of these numbers, in the order of the last axis first."""
    made = np.empty(len(numbers), dtype=object)
    made[:] = numbers
    return made.reshape(shape)


def is_exact(x: Array) -> bool:
    """Return whether every number of an array is an int or a Fraction."""
    return x.dtype == object and set(map(type, x.ravel().tolist())) <= {int, Fraction}


def tidied(x: Array) -> Array:
    """Return an array with whole Fractions as ints, and as floats where no number is exact."""
    if x.dtype != object:
        return x
    flat = x.ravel().tolist()
    kinds = set(map(type, flat))
    if kinds <= {int}:
        return x
    # Many cells of a large map hold the same object.
    tidy = {id(value): exact_number(value) for value in {id(value): value for value in flat}.values()}
    if all(type(value) is float for value in tidy.values()):
        return np.array([float(value) for value in flat], dtype=np.float64).reshape(x.shape)
    return filled([tidy[id(value)] for value in flat], x.shape)


def floats(x: Array) -> Array:
    """Return an array as floats: each the nearest to its number."""
    try:
        return x.astype(np.float64)
    except OverflowError:
        return np.array([_near(value) for value in x.ravel().tolist()]).reshape(x.shape)


def _near(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


def integers(x: Array) -> tuple[Array, int, int] | None:
    """Return an exact array as int64, the denominator that all have in common, and the largest magnitude.

    None where a number is no int and no Fraction, or one does not fit.
    """
    if x.dtype != object:
        return None
    flat = x.ravel().tolist()
    kinds = set(map(type, flat))
    if not kinds <= {int, Fraction}:
        return None
    denominator = 1
    if Fraction in kinds:
        denominator = math.lcm(*{value.denominator for value in flat})
        if denominator > LARGEST_INT:
            return None
        flat = [value.numerator * (denominator // value.denominator) for value in flat]
    most = max(max(flat), -min(flat)) if flat else 0
    if most > LARGEST_INT:
        return None
    return np.array(flat, dtype=np.int64).reshape(x.shape), denominator, most


def quotients(numbers: Array, denominator: int) -> Array:
    """Return an array of int64 divided by one int, exactly."""
    if denominator == 1:
        return numbers.astype(object)
    if numbers.size <= MANY:
        return filled([ratio(n, denominator) for n in numbers.ravel().tolist()], numbers.shape)
    different, places = np.unique(numbers, return_inverse=True)
    table = filled([ratio(n, denominator) for n in different.tolist()], different.shape)
    return table[places].reshape(numbers.shape)


def ratio(a: Any, b: Any) -> Any:
    """Return ``a / b``: exact where both numbers are, an int where that is whole."""
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a)
    if isinstance(a, float) or isinstance(b, float):
        return float(a) / float(b)
    return exact_number(Fraction(a) / b)


def root_of(value: Any, degree: int = 2) -> Any:
    """Return a root: exact where it is rational; nan of a value below 0.

    Example:
        >>> from fractions import Fraction
        >>> from archcalc.arrays.exact import root_of
        >>> root_of(Fraction(9, 4)), root_of(2), root_of(27, 3)
        (Fraction(3, 2), 1.4142135623730951, 3)
    """
    if value < 0 or value != value:
        return math.nan
    if not isinstance(value, float):
        above, below = whole_root(value.numerator, degree), whole_root(value.denominator, degree)
        if above is not None and below is not None:
            return exact_number(Fraction(above, below))
    return math.sqrt(value) if degree == 2 else float(value) ** (1 / degree)


def whole_root(value: int, degree: int) -> int | None:
    """Return the root of an int that is 0 or more, where it is whole; else None."""
    if degree == 2:
        near = math.isqrt(value)
    elif value.bit_length() > 1000:
        return None
    else:
        near = round(value ** (1 / degree))
    return next((at for at in (near, near + 1, near - 1) if at**degree == value), None)


def power_of(base: Any, exponent: Any) -> Any:
    """Return a power: exact where it is rational, the exponent an int or a Fraction."""
    if isinstance(base, float) or isinstance(exponent, float):
        return float_power(base, exponent)
    if base == 0 and exponent < 0:
        return math.inf
    if exponent.denominator == 1:
        return exact_number(Fraction(base) ** int(exponent))
    root = root_of(base, exponent.denominator)
    if isinstance(root, float):
        return float_power(base, exponent)
    return power_of(root, exponent.numerator)


def float_power(base: Any, exponent: Any) -> float:
    """Return a power of floats; nan where it is no real number."""
    try:
        found = float(base) ** float(exponent)
    except OverflowError:
        return math.inf
    except ZeroDivisionError:
        return math.inf
    return math.nan if isinstance(found, complex) else found


def sums_of_products(
    function: Callable[[Array, Array], Array], x: Array, w: Array, terms: int, added: Array = None
) -> Array:
    """Run a function that adds up products of ``x`` and ``w``, in the fastest kind of number that is exact.

    Args:
        function: Adds up products, of one number from each array; it gets both as one kind.
        x: An array.
        w: Another one.
        terms: The most products that make one number of the result.
        added: What is added to the result, such as a bias; None: nothing.

    Returns:
        Its result: exact where both arrays are, else floats.

    Example:
        >>> import numpy as np
        >>> from archcalc.arrays.exact import array_of, sums_of_products
        >>> big = array_of([2**62, 2**62])
        >>> sums_of_products(np.dot, big, array_of([3, 3]), 2) == 6 * 2**62
        True
    """
    if x.dtype == w.dtype == np.float64:
        return _plus(function(x, w), added)
    left = integers(x)
    right = integers(w) if left is not None else None
    if left is None or right is None:
        if (x.dtype == np.float64 and is_exact(w)) or (w.dtype == np.float64 and is_exact(x)):
            return _plus(function(floats(x), floats(w)), added)
        return _plus(function(x.astype(object), w.astype(object)), added)
    if left[2] * right[2] * max(terms, 1) > LARGEST_INT:
        return _plus(function(x, w), added)
    sums, below = np.asarray(function(left[0], right[0])), left[1] * right[1]
    bias = None if added is None else integers(added)
    if bias is not None:
        common = math.lcm(below, bias[1])
        most = left[2] * right[2] * max(terms, 1) * (common // below) + bias[2] * (common // bias[1])
        if most <= LARGEST_INT:
            return quotients(sums * (common // below) + bias[0] * (common // bias[1]), common)
    return _plus(quotients(sums, below), added)


def _plus(sums: Array, added: Array) -> Array:
    if added is None:
        return sums
    return sums + (floats(added) if sums.dtype == np.float64 and is_exact(added) else added)


def total_of(arrays: Iterable[Array]) -> Array:
    """Return the sum of arrays."""
    result: Array = None
    for array in arrays:
        result = array if result is None else result + array
    return result
