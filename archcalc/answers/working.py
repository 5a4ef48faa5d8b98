"""How a value comes about, as a method would have a student write it down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..arithmetic import Expression, Number, symbol, value_of

# Gives a number its name: a method runs on plain ints, and on symbols where it is to be shown.
Named = Callable[[str, int], Number]


def unnamed(name: str, value: int) -> Number:
    """A number without a name: to compute."""
    return value


named: Named = symbol


class WorkingLine(NamedTuple):
    """One formula of a working: what it is of, empty where that is plain, and how it is made."""

    of: str
    made: Expression


class Working:
    """The lines of a working, and what they come to: an int, or a tuple of ints."""

    __slots__ = ("lines", "value")

    def __init__(self, lines: Sequence[WorkingLine], value: Any):
        self.lines = tuple(lines)
        self.value = value


def lifted(number: Number) -> Expression:
    """A number as an expression."""
    return number if isinstance(number, Expression) else Expression("number", (), number)


def renumbered(number: Number, value: int) -> Number:
    """Another number under the same name."""
    return symbol(number.name, value) if isinstance(number, Expression) else value


def common(values: Sequence[Number]) -> Any:
    """One int where all are alike, else a tuple of ints."""
    plain = tuple([int(value_of(value)) for value in values])
    return plain[0] if len(set(plain)) == 1 else plain
