"""What is computed of several quantities: their difference, a share, a sum of products."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ...analysis.proportions import Proportion
from ...arithmetic import Expression, symbol
from ..working import Working, WorkingLine
from .base import Method

_APPLY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if isinstance(a, Expression) or isinstance(b, Expression) else Fraction(a) / b,
}


class StatedNumber(Method):
    """A number that is taken as it is: a student's own."""

    def __init__(self, given: int | Fraction):
        self._given = given

    @property
    def value(self) -> int | Fraction:
        return self._given

    @property
    def working(self) -> Working:
        return Working([], self._given)


class Side(NamedTuple):
    """A quantity of a calculation: its name there, how it is written, and how it comes about."""

    key: str
    words: str
    method: Method


class Calculated(Method):
    """A number that is computed of quantities.

    sides    the quantities, in the order of the text
    made     the expression; its symbols are the keys of the sides
    percent  it is given in per cent, as a share of one
    """

    def __init__(self, sides: Sequence[Side], made: Expression, percent: bool):
        self.sides = tuple(sides)
        self.made = made
        self.percent = percent

    def having(self, methods: dict[str, Method]) -> Calculated:
        """The calculation with other methods for some of its sides."""
        return self.but(
            sides=tuple([side._replace(method=methods.get(side.key, side.method)) for side in self.sides])
        )

    @property
    def value(self) -> int | Fraction | None:
        values = {side.key: side.method.value for side in self.sides}
        if not all(isinstance(value, (int, Fraction)) for value in values.values()):
            return None
        return computed(self.made, values, self.percent)

    @property
    def working(self) -> Working:
        lines = [line for side in self.sides for line in _lines(side)]
        values = {side.key: symbol(side.words, side.method.value) for side in self.sides}
        made = applied(self.made, values)
        whole = self.value
        if isinstance(made, Expression):
            if isinstance(whole, Proportion):
                made = Expression(made.operator, made.arguments, whole, made.name)
            lines.append(WorkingLine("", made))
        return Working(lines, whole)


def _lines(side: Side) -> Iterator[WorkingLine]:
    """How one side comes about; nothing where its number is all there is to say."""
    for line in side.method.working.lines:
        if line.made.operator not in ("number", "symbol"):
            yield WorkingLine(f"{side.words}{f', {line.of}' if line.of else ''}", line.made)


def computed(made: Expression, values: dict[str, Any], percent: bool) -> int | Fraction | None:
    """What an expression comes to for numbers; None behind a division by zero."""
    try:
        found = Fraction(applied(made, values))
    except ZeroDivisionError:
        return None
    if percent or found.denominator != 1:
        return Proportion.of(found, percent)
    return int(found)


def applied(at: Expression, values: dict[str, Any]) -> Any:
    """An expression with values in the place of its symbols."""
    if at.operator == "symbol":
        return values[at.name]
    if at.operator == "number":
        return at.value
    one, other = (applied(part, values) for part in at.arguments)
    return _APPLY[at.operator](one, other)
