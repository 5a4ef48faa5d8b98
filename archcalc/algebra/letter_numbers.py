"""Integers that are named by a letter, or made of such: the rules of the layers run on them as on any
integer, and leave a formula behind.

A rule may branch on their value. What comes out of one run is therefore a formula of the branch that was
taken, and has to be compared with other values before it is believed.
"""

from __future__ import annotations

from typing import Any

from ..arithmetic import Expression, symbol


class LetterNumber(int):
    """An integer with the formula that it comes from.

    Example:
        >>> from archcalc.algebra.letter_numbers import letter
        >>> size, kernel = letter("m", 32), letter("f", 5)
        >>> made = (size - kernel) // 2 + 1
        >>> int(made), made.made.text
        (14, '(m - f) // 2 + 1')
    """

    made: Expression

    def __new__(cls, value: int, made: Expression) -> LetterNumber:
        self = super().__new__(cls, value)
        self.made = made
        return self

    def _with(self, operator: str, other: Any, value: int, swapped: bool = False) -> LetterNumber:
        pair = (made_of(other), self.made) if swapped else (self.made, made_of(other))
        return LetterNumber(value, Expression(operator, pair, value))

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return self._with("+", other, int(self) + int(other)) if other or type(other) is not int else self

    def __radd__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return self._with("+", other, int(other) + int(self), True) if other else self

    def __sub__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return self._with("-", other, int(self) - int(other))

    def __rsub__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return self._with("-", other, int(other) - int(self), True)

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return self._with("*", other, int(self) * int(other))

    def __rmul__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return self._with("*", other, int(other) * int(self), True)

    def __floordiv__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return self._with("//", other, int(self) // int(other))

    def __rfloordiv__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return self._with("//", other, int(other) // int(self), True)

    def __mod__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return self._with("%", other, int(self) % int(other))

    def __rmod__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        return self._with("%", other, int(other) % int(self), True)

    def __neg__(self) -> LetterNumber:
        return LetterNumber(-int(self), -self.made)

    def __pos__(self) -> LetterNumber:
        return self

    def __abs__(self) -> LetterNumber:
        return -self if int(self) < 0 else self


def letter(name: str, value: int) -> LetterNumber:
    """Return a number that is called by a letter."""
    return LetterNumber(value, symbol(name, value))


def made_of(number: Any) -> Expression:
    """Return how a number was made: of a plain one the number itself."""
    made = getattr(number, "made", None)
    return made if isinstance(made, Expression) else Expression("number", (), number)
