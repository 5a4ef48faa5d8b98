"""NumberInLetters formulas in somebody's own letters, as a textbook writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from ..algebra.evaluation import NumbersOfLetters, values_of_parts
from ..algebra.letter_numbers import LetterNumber
from ..analysis.formula import Reader, number
from ..arithmetic import CEIL_DIV, Expression


class LetterReader(Reader):
    """Leaves out what does nothing, and no sign of rounding: a letter may stand for any number.

    ``ordered`` puts what is divided, and what divides it, in order.
    """

    def __init__(self, ordered: Callable[[Expression], Expression]):
        super().__init__({})
        self._ordered = ordered

    def _divided(self, operator: str, above: Expression, below: Expression) -> Expression:
        a, b = self._ordered(self(above)), self._ordered(self(below))
        if b.operator == "number" and b.value == 1:
            return a
        exact = Fraction(a.value) / b.value
        value: Any = exact
        if operator != "/":
            value = -(-exact.numerator // exact.denominator) if operator == CEIL_DIV else exact.__floor__()
        elif exact.denominator == 1:
            value = exact.numerator
        return number(value) if a.operator == b.operator == "number" else Expression(operator, (a, b), value)


def in_own_letters(made: Expression) -> Expression:
    """Return a formula in the symbols of a rule with the letters, or numbers, that the symbols stand for."""

    def replaced(at: Expression) -> Expression | None:
        if isinstance(at.value, LetterNumber) and at.operator in ("symbol", "number"):
            return at.value.made
        return Expression("number", (), at.value) if at.operator == "symbol" else None

    return _rebuilt(made, replaced)


def divided_evenly(made: Expression, samples: Sequence[NumbersOfLetters]) -> Expression:
    """Return a formula without the rounding of what leaves the same rest for all numbers that the layers
    accept: ``k // 2`` is ``(k - 1) / 2`` where a kernel has to be odd."""

    known = [values_of_parts(made, values) for values in samples]

    def even(at: Expression, parts: tuple[Expression, ...]) -> Expression | None:
        if at.operator not in ("//", CEIL_DIV):
            return None
        above, below = at.arguments
        rests = {table[id(above)] % table[id(below)] if table[id(below)] else None for table in known}
        rest = rests.pop() if rests else None
        if rests or rest is None or rest.denominator != 1 or (rest and below.operator != "number"):
            return None
        result = Expression("/", (parts[0] - int(rest) if rest else parts[0], parts[1]), at.value)
        return result + 1 if rest and at.operator == CEIL_DIV else result

    return _rebuilt(made, lambda at: None, even)


def _rebuilt(made: Expression, replaced: Any, joined: Any = None) -> Expression:
    known: dict[int, Expression] = {}
    stack = [made]
    while stack:
        at = stack[-1]
        if id(at) in known:
            stack.pop()
            continue
        other = replaced(at)
        if other is not None:
            known[id(at)] = other
            stack.pop()
            continue
        missing = [part for part in at.arguments if id(part) not in known]
        if missing:
            stack += missing
            continue
        stack.pop()
        parts = tuple([known[id(part)] for part in at.arguments])
        value = int(at.value) if isinstance(at.value, LetterNumber) else at.value
        other = joined(at, parts) if joined is not None else None
        known[id(at)] = other if other is not None else Expression(at.operator, parts, value, at.name)
    return known[id(made)]
