"""The numbers that small tensors hold which code makes for itself, as the rates of ``torch.linspace``: what
the code takes out of them builds the network. They are rounded as PyTorch rounds them."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Numbers = tuple["int | float | bool", ...]
# Larger tensors keep no numbers.
MOST_NUMBERS = 4096


def rounded(value: Any, dtype: str) -> Any:
    """Return a number as a tensor of a type holds it. Raises ArithmeticError, ValueError."""
    if dtype == "bool":
        return bool(value)
    if dtype.startswith(("int", "uint")):
        return int(value)
    if dtype == "float32":
        return struct.unpack("f", struct.pack("f", value))[0]
    return float(value)


def _floored(left: Any, right: Any) -> Any:
    return left // right


_OF_TWO: Mapping[str, Callable[[Any, Any], Any]] = {
    "add": lambda left, right: left + right,
    "sub": lambda left, right: left - right,
    "rsub": lambda left, right: right - left,
    "mul": lambda left, right: left * right,
    "div": lambda left, right: left / right,
    "divide": lambda left, right: left / right,
    "pow": lambda left, right: float(left) ** float(right),
    "floor_divide": _floored,
    "remainder": lambda left, right: left % right,
    "gt": lambda left, right: left > right,
    "lt": lambda left, right: left < right,
    "ge": lambda left, right: left >= right,
    "le": lambda left, right: left <= right,
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
}
_OF_ONE: Mapping[str, Callable[[Any], Any]] = {
    "neg": lambda value: -value,
    "abs": abs,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "trunc": math.trunc,
    "square": lambda value: value * value,
    "round": round,
    "floor": math.floor,
    "ceil": math.ceil,
    "reciprocal": lambda value: 1 / value,
    "to": lambda value: value,
    "flip": lambda value: value,
}


def numbers_of(name: str, args: Sequence[Any], sizes: Sequence[int], dtype: str) -> Numbers | None:
    """Return the numbers that an operation gives; None where they are not known.

    Args:
        name: The operation.
        args: What it is given.
        sizes: The sizes of what it gives.
        dtype: Its type.
    """
    given = [getattr(one, "numbers", None) if hasattr(one, "numbers") else one for one in args]
    try:
        if name in _OF_ONE and given and isinstance(given[0], tuple):
            found = [_OF_ONE[name](one) for one in given[0]]
            found = found[::-1] if name == "flip" else found
        elif name in _OF_TWO and len(given) >= 2:
            left, right = given[:2]
            count = math.prod(sizes)
            sides = []
            for one, was in ((left, args[0]), (right, args[1])):
                if isinstance(one, tuple) and was.sizes == sizes:
                    sides.append(one)
                elif isinstance(one, tuple) and len(one) == 1:
                    sides.append(one * count)
                elif isinstance(one, (int, float)):
                    sides.append((one,) * count)
                else:
                    return None
            found = [_OF_TWO[name](a, b) for a, b in zip(*sides, strict=True)]
        else:
            return None
        return tuple([rounded(one, dtype) for one in found])
    except (ArithmeticError, ValueError, TypeError, struct.error):
        return None


def nested(numbers: Numbers, sizes: Sequence[int]) -> Any:
    """Return numbers as ``tolist`` does."""
    if not sizes:
        return numbers[0]
    step = math.prod(sizes[1:])
    return [nested(numbers[at * step : (at + 1) * step], sizes[1:]) for at in range(sizes[0])]


def flat(tree: Any) -> Numbers | None:
    """Return the numbers of nested lists; None where something else is in them, or they are many."""
    found: list[Any] = []
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, tuple)):
            waiting += reversed(one)
        elif isinstance(one, (int, float)):
            found.append(one)
        else:
            return None
        if len(found) > MOST_NUMBERS:
            return None
    return tuple(found)


def spaced(start: float, end: float, steps: int) -> Numbers:
    """Return what ``torch.linspace`` holds: from both ends to the middle."""
    if steps == 1:
        return (rounded(start, "float32"),)
    step = rounded((end - start) / (steps - 1), "float32")
    half = steps // 2
    return tuple(
        [
            rounded(start + step * at if at < half else end - step * (steps - at - 1), "float32")
            for at in range(steps)
        ]
    )
