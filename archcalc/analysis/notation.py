"""Expressions written down: in symbols and in numbers, sign for sign, so that one can stand above
the other."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ..arithmetic import CEIL_DIV, Expression
from .durations import Duration

# A piece of a formula: as it is in symbols, and with the numbers put in.
FormulaToken = tuple[str, str]

# How tightly a text binds.
SUM, PRODUCT, ATOM = range(3)
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# A longer sum is cut short where there is a sign for what is left out.
TERMS = 6


class Notation(NamedTuple):
    """A way of writing operations.

    times   between factors; ``close`` between a plain number and what it multiplies
    floor, ceil   what stands around a division that is rounded down, or up
    more    for terms that are left out; empty to write them all
    commas  thousands are set apart
    """

    times: str
    close: str
    minus: str
    floor: tuple[str, str]
    ceil: tuple[str, str]
    more: str
    commas: bool

    def tokens(self, at: Expression) -> list[FormulaToken]:
        """The pieces of an expression."""
        return self._tokens(at)[0]

    # What a notation may write in its own way ------------------------------------------------

    def symbol(self, name: str) -> str:
        return name

    def number(self, value: object) -> str:
        return number_text(value, self.commas)

    def function(self, name: str) -> str:
        return name

    def fraction(self, at: Expression) -> tuple[list[FormulaToken], int]:
        """A quotient, and how tightly it binds."""
        above, below = at.arguments
        return [*self.bracketed(above, PRODUCT), _same(" / "), *self.bracketed(below, ATOM)], PRODUCT

    def remainder(self, at: Expression) -> list[FormulaToken]:
        above, below = at.arguments
        return [*self.bracketed(above, PRODUCT), _same(" % "), *self.bracketed(below, ATOM)]

    def power(self, at: Expression) -> list[FormulaToken]:
        """A base with its exponent: raised, or behind a sign where that is close."""
        base, exponent = at.arguments
        raised = str(exponent.value).translate(_RAISED) if self.floor[0] == "⌊" else f"**{exponent.value}"
        return [*self.bracketed(base, ATOM), _same(raised)]

    def bracketed(self, at: Expression, least: int) -> list[FormulaToken]:
        """An expression, in brackets if it binds less tightly."""
        found, binds = self._tokens(at)
        return found if binds >= least else [_same("("), *found, _same(")")]

    # What all notations have in common -------------------------------------------------------

    def _tokens(self, at: Expression) -> tuple[list[FormulaToken], int]:
        operator = at.operator
        if operator == "symbol":
            return [(self.symbol(at.name), self.number(at.value))], ATOM
        if operator == "number":
            return [_same(self.number(at.value))], ATOM if at.value >= 0 else SUM
        if operator in ("+", "-"):
            return self._sum(at), SUM
        if operator == "*":
            return self._product(at), PRODUCT
        if operator == "neg":
            return [_same(self.minus.strip()), *self.bracketed(at.arguments[0], PRODUCT)], SUM
        if operator in ("//", CEIL_DIV):
            begin, end = self.floor if operator == "//" else self.ceil
            return [_same(begin), *self.fraction(at)[0], _same(end)], ATOM
        if operator == "/":
            return self.fraction(at)
        if operator == "%":
            return self.remainder(at), PRODUCT
        if operator == "^":
            return self.power(at), PRODUCT
        found = [_same(f"{self.function(operator)}(")]
        for place, part in enumerate(at.arguments):
            found += [_same(", ")] if place else []
            found += self.tokens(part)
        return [*found, _same(")")], ATOM

    def _sum(self, at: Expression) -> list[FormulaToken]:
        parts: list[tuple[str, Expression]] = []
        while at.operator in ("+", "-"):
            parts.append((" + " if at.operator == "+" else self.minus, at.arguments[1]))
            at = at.arguments[0]
        parts.append(("", at))
        parts.reverse()
        cut = bool(self.more) and len(parts) > TERMS
        found: list[FormulaToken] = []
        for place, (sign, part) in enumerate(parts):
            if cut and 3 <= place < len(parts) - 1:
                found += [_same(f" + {self.more}")] if place == 3 else []
                continue
            # Behind a minus, a sum needs its brackets.
            least = PRODUCT if sign == self.minus else SUM
            found += [_same(sign)] if sign else []
            found += self.bracketed(part, least)
        return found

    def _product(self, at: Expression) -> list[FormulaToken]:
        parts: list[Expression] = []
        while at.operator == "*":
            parts.append(at.arguments[1])
            at = at.arguments[0]
        parts.append(at)
        parts.reverse()
        found: list[FormulaToken] = []
        for place, part in enumerate(parts):
            if place:
                close = place == 1 and parts[0].operator == "number" and len(parts) == 2
                found.append(_same(self.close if close else self.times))
            # A quotient among factors could be read the other way.
            found += self.bracketed(part, ATOM if part.operator in ("/", "%") else PRODUCT)
        return found


# What a spec, or Python with floor and ceil, would read.
PLAIN = Notation("*", "*", " - ", ("floor(", ")"), ("ceil(", ")"), "", False)
FIELD = Notation(" · ", "·", " − ", ("⌊", "⌋"), ("⌈", "⌉"), "…", True)


def written(made: Expression, numbers: bool = False, notation: Notation = PLAIN) -> str:
    """An expression as one text, in symbols or with the numbers put in."""
    return "".join([token[numbers] for token in notation.tokens(made)])


def number_text(value: object, commas: bool = True) -> str:
    """An exact number: ``34,944``, ``1/2``; a fraction that comes out whole is a whole number."""
    if isinstance(value, Duration) and commas:
        return str(value)
    if isinstance(value, Fraction) and value.denominator != 1:
        return str(value)
    return f"{int(value):,}" if commas else str(int(value))  # type: ignore[call-overload]


def _same(text: str) -> FormulaToken:
    return text, text
