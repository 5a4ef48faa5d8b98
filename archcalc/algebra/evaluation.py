"""The value of a formula where its letters stand for numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from ..arithmetic import CEIL_DIV, Expression

_COMPUTE: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: Fraction(a // b),
    CEIL_DIV: lambda a, b: Fraction(-(-a // b)),
    "%": lambda a, b: a % b,
    "^": lambda a, b: a ** int(b),
    "neg": lambda a: -a,
    "floor": lambda a: Fraction(math.floor(a)),
    "ceil": lambda a: Fraction(math.ceil(a)),
    "max": max,
    "min": min,
    "gcd": lambda a, b: Fraction(math.gcd(int(a), int(b))),
}

_ROUNDED = ("floor", "ceil")


# What each letter stands for.
NumbersOfLetters = Mapping[str, int]


def evaluate(made: Expression, values: NumbersOfLetters) -> Fraction:
    """Return the value of a formula.

    Args:
        made: The formula; numbers that its symbols were recorded with do not count.
        values: What each letter stands for.

    Raises:
        ZeroDivisionError: Where it divides by zero.
        KeyError: For a letter without a value.

    Example:
        >>> from archcalc.algebra.evaluation import evaluate
        >>> from archcalc.arithmetic import symbol
        >>> evaluate((symbol("m", 9) - 3) // symbol("s", 2) + 1, {"m": 32, "s": 4})
        Fraction(8, 1)
    """
    return values_of_parts(made, values)[id(made)]


def calculation(made: Expression) -> Callable[[NumbersOfLetters], Fraction | int]:
    """Return what calculates a formula from the values of its letters, made once for many calls.

    Args:
        made: The formula, of few parts inside of each other.

    Returns:
        A function with the values and the exceptions of ``evaluate``. It gives an int where no division can
        leave a rest.

    Example:
        >>> from archcalc.algebra.evaluation import calculation
        >>> from archcalc.arithmetic import symbol
        >>> calculation(symbol("m", 9) * 2)({"m": 32})
        64
    """
    if made.operator == "number":
        number = made.value if isinstance(made.value, int) else Fraction(made.value)
        return lambda values: number
    if made.operator == "symbol":
        name = made.name
        return lambda values: values[name]
    parts = [calculation(part) for part in made.arguments]
    compute = _COMPUTE[made.operator]
    if made.operator in ("/", "^"):  # of ints these may give floats
        whole, by = parts
        return lambda values: Fraction(compute(Fraction(whole(values)), by(values)))
    if len(parts) == 2:
        left, right = parts
        return lambda values: compute(left(values), right(values))
    return lambda values: compute(*[part(values) for part in parts])


def values_of_parts(made: Expression, values: NumbersOfLetters) -> dict[int, Fraction]:
    """Return the value of a formula and of each of its parts, by their identity. Raises as ``evaluate``."""
    known: dict[int, Fraction] = {}
    stack = [made]
    while stack:
        at = stack[-1]
        missing = [part for part in at.arguments if id(part) not in known]
        if missing:
            stack += missing
            continue
        stack.pop()
        if at.operator == "symbol":
            known[id(at)] = Fraction(values[at.name])
        elif at.operator == "number":
            known[id(at)] = Fraction(at.value)
        else:
            known[id(at)] = _COMPUTE[at.operator](*[known[id(part)] for part in at.arguments])
    return known


def quotients(made: Expression) -> list[Expression]:
    """Return the divisions of a formula that it does not round."""
    found, stack = [], [made]
    while stack:
        at = stack.pop()
        if at.operator == "/":
            found.append(at)
        if at.operator not in _ROUNDED:
            stack += at.arguments
    return found


def rounded_down(made: Expression) -> Expression:
    """Return a formula whose divisions are rounded down, save those inside of what is rounded already."""
    if made.operator in _ROUNDED or not made.arguments:
        return made
    parts = tuple([rounded_down(part) for part in made.arguments])
    return Expression("//" if made.operator == "/" else made.operator, parts, made.value, made.name)
