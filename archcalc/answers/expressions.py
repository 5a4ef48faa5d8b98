"""Sums that somebody wrote, ``(11*11*3+1)*96``: their value, and how they are made.

A small parser of its own; nothing is ever evaluated by Python. Numbers that were rounded
(``24M*4``) are carried as intervals.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from ..amounts import NUMERAL
from ..arithmetic import Expression, ceil_div

# What a stranger's text may ask of the machine.
DEEPEST = 30
LARGEST = 10**40

_TOKEN = re.compile(
    rf" ?(?:(?P<number>{NUMERAL}(?:e[+-]?\d{{1,2}}\b)?(?:[kmgt]i?b?(?![a-z]))?)"
    r"|(?P<sign>\*\*|//|[-+*/^()\[\]⌊⌋⌈⌉]|x(?![a-z]))"
    r"|(?P<word>times|by|plus|minus|floor|ceil|squared)\b)"
)
_WORDS = {"times": "*", "by": "*", "x": "*", "plus": "+", "minus": "-", "**": "^", "[": "(", "]": ")"}
_CLOSED_BY = {"(": ")", "⌊": "⌋", "⌈": "⌉"}


class MalformedError(Exception):
    """Raised for a text that is no sum, or a sum that cannot be worked out; the message says why."""


class ExpressionValue(NamedTuple):
    """A number of an expression: how it is made, and what it may stand for."""

    made: Expression
    low: Fraction
    high: Fraction


def exactly(made: Expression) -> ExpressionValue:
    """An amount without rounding."""
    return ExpressionValue(made, Fraction(made.value), Fraction(made.value))


def expression(text: str, number: Callable[[str], ExpressionValue]) -> tuple[ExpressionValue, str]:
    """The sum at the start of a normalised text, and what stands behind it.

    ``number`` reads a single numeral. Raises MalformedError.
    """
    parser = ExpressionParser(text, number)
    found = parser.sum(0)
    return found, text[parser.at :]


class ExpressionParser:
    def __init__(self, text: str, number: Callable[[str], ExpressionValue]):
        self.text = text
        self.number = number
        self.at = 0

    def peek(self) -> tuple[str, str, int]:
        """Kind, text and end of the next token; kind is empty at the end and at other words."""
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            return "", "", self.at
        if found["number"]:
            return "number", found["number"], found.end()
        sign = found["sign"] or found["word"]
        return "sign", _WORDS.get(sign, sign), found.end()

    def take(self, *signs: str) -> str:
        kind, sign, end = self.peek()
        if kind != "sign" or sign not in signs:
            return ""
        self.at = end
        return sign

    def sum(self, depth: int) -> ExpressionValue:
        found = self.product(depth)
        while sign := self.take("+", "-"):
            found = _joined(sign, found, self.product(depth))
        return found

    def product(self, depth: int) -> ExpressionValue:
        found = self.power(depth)
        while True:
            sign = self.take("*", "//", "/")
            if not sign:
                kind, sign, _ = self.peek()
                # `96(5*5+1)` and `(3+1) (10)` multiply; behind a space `760 (…)` may explain.
                close = self.text[self.at : self.at + 1] != " " or self.text[self.at - 1] in ")⌋⌉"
                if kind != "sign" or sign not in _CLOSED_BY or not close:
                    return found
                sign = "*"
            found = _joined(sign, found, self.power(depth))

    def power(self, depth: int) -> ExpressionValue:
        base = self.atom(depth)
        if self.take("squared"):
            return _joined("*", base, base)
        if not self.take("^"):
            return base
        exponent = self.atom(depth).made.value
        if Fraction(exponent).denominator != 1 or not 0 <= exponent <= 64:
            raise MalformedError("its exponent is out of bounds")
        if exponent in (2, 3):
            found = _joined("*", base, base)
            return found if exponent == 2 else _joined("*", found, base)
        return exactly(_number(base.made.value ** int(exponent)))

    def atom(self, depth: int) -> ExpressionValue:
        if depth > DEEPEST:
            raise MalformedError("it is nested too deeply")
        kind, text, end = self.peek()
        if kind == "number":
            self.at = end
            return self.number(text)
        if sign := self.take("-", "+"):
            found = self.atom(depth + 1)
            return found if sign == "+" else ExpressionValue(-found.made, -found.high, -found.low)
        rounding = self.take("floor", "ceil")
        opened = self.take("(") if rounding else self.take(*_CLOSED_BY)
        if not opened:
            raise MalformedError("a number is missing" if self.at else "it is no number")
        inner = self.sum(depth + 1)
        if not self.take(_CLOSED_BY[opened]):
            raise MalformedError(f"`{_CLOSED_BY[opened]}` is missing")
        if rounding or opened != "(":
            return _rounded(inner, down=rounding == "floor" or opened == "⌊")
        return inner


def _number(value: Fraction | int) -> Expression:
    value = Fraction(value)
    if abs(value) > LARGEST:
        raise MalformedError("it is too large")
    return Expression("number", (), int(value) if value.denominator == 1 else value)


def _joined(sign: str, left: ExpressionValue, right: ExpressionValue) -> ExpressionValue:
    a, b = left.made, right.made
    if sign in ("/", "//") and not right.low * right.high > 0:
        raise MalformedError("it divides by zero")
    made = {"+": a.__add__, "-": a.__sub__, "*": a.__mul__, "/": a.__truediv__, "//": a.__floordiv__}[sign](b)
    if abs(made.value) > LARGEST:
        raise MalformedError("it is too large")
    if left.low == left.high and right.low == right.high:
        return exactly(made)
    ends = [_compute(sign, x, y) for x in (left.low, left.high) for y in (right.low, right.high)]
    return ExpressionValue(made, min(ends), max(ends))


def _compute(sign: str, a: Fraction, b: Fraction) -> Fraction:
    if sign == "+":
        return a + b
    if sign == "-":
        return a - b
    if sign == "*":
        return a * b
    return a / b if sign == "/" else Fraction(a // b)


def _rounded(inner: ExpressionValue, down: bool) -> ExpressionValue:
    round = math.floor if down else math.ceil
    made = inner.made
    if made.operator == "/":
        a, b = made.arguments
        made = a // b if down else ceil_div(a, b)
    elif Fraction(made.value).denominator != 1:
        made = Expression("floor" if down else "ceil", (made,), round(made.value))
    if inner.low == inner.high:
        return exactly(made)
    return ExpressionValue(made, Fraction(round(inner.low)), Fraction(round(inner.high)))
