"""Values and expressions: numbers, sizes, words, lists of turns, arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import NoReturn

from ..amounts import SPEC_NUMBERS
from ..diagnostics import Diagnostic
from ..ops.attributes import Size
from ..source import Span
from .cursor import Cursor
from .lexer import FIGURE, FLOAT, INT, MARK, NAME, SIZE, STRING, Token
from .precedence import PrecedenceReader
from .syntax import DIGITS, FINEST, LARGEST, BinaryOperation, Literal, Name, Reference, Turns, Value

# Least and most operands of the functions.
FUNCTIONS = {"min": (1, None), "max": (1, None), "divisible": (2, 2), "size": (1, 8)}
MOST_OPERATORS = 256


class Formulas(Cursor, PrecedenceReader[Token, Value]):
    """The rules of the grammar for values."""

    operators = 0  # of the expression being read

    def token_span(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)

    def reference(self) -> Reference:
        at = self.take_mark("@")
        name = self.take_name("a label")
        path = ".".join((name.text, *self.path_rest()))
        return Reference(self.span(at.start), path)

    def path_rest(self) -> list[str]:
        parts: list[str] = []
        while self.is_mark("."):
            self.take()
            parts.append(self.take_name("a name").text)
        return parts

    def atom(self) -> Value:
        """atom = ["-"] (INT | FLOAT | SIZE) | path | STRING | "@" path | "(" expr ")" | "[" turns "]" """
        token = self.tokens[self.at]
        if token.kind != MARK:
            return self.simple()
        if token.text == "@":
            return self.reference()
        if token.text == "(":
            self.take()
            value = self.formula()
            self.close(token, ")")
            return value
        if token.text == "[":
            return self.turns()
        if token.text == "-":
            return self.negative()
        self.unexpected("a value")

    def negative(self) -> Value:
        """Return a number below 0: `-3`, `-3x2`, whose first number it is."""
        start = self.take()
        token = self.tokens[self.at]
        if token.kind not in (INT, FLOAT, SIZE) or token.start != start.end:
            self.fail("a negative value stands in parentheses", self.token_span(start))
        value = self.simple()
        assert isinstance(value, Literal)
        number = value.value
        if isinstance(number, Size):
            return Literal(self.span(start.start), Size((-number[0], *number[1:])))
        assert not isinstance(number, str)
        return Literal(self.span(start.start), -number)

    def simple(self) -> Value:
        """Return a literal or a name."""
        token = self.tokens[self.at]
        kind = token.kind
        if kind == INT:
            self.take()
            return Literal(self.token_span(token), self.bounded(int(token.text), token))
        if kind == SIZE:
            self.take()
            return Literal(self.token_span(token), Size(self.numbers(token)))
        if kind == FLOAT:
            self.take()
            value = SPEC_NUMBERS.value(token.text)
            if value is None or value > LARGEST or value.denominator > FINEST:
                self.too_large(token)
            return Literal(self.token_span(token), plain(value))
        if kind == STRING:
            text = self.strings()
            return Literal(self.span(token.start), text)
        if kind == FIGURE:
            self.fail(
                f"`{token.text}` is a figure for `report`",
                self.token_span(token),
                "write the number out; `_` may group its digits, as in 1_000_000",
            )
        if kind == NAME:
            self.take()
            if token.text in ("yes", "no"):
                return Literal(self.token_span(token), token.text == "yes")
            path = (token.text, *self.path_rest())
            return Name(self.span(token.start), path)
        self.unexpected("a value")

    def numbers(self, token: Token) -> tuple[int, ...]:
        """Return the numbers of a size, or the one of a whole number."""
        return tuple([self.bounded(int(part), token) for part in token.text.split("x")])

    def bounded(self, number: int, token: Token) -> int:
        if number > LARGEST:
            self.too_large(token)
        return self.source.number(number)

    def too_large(self, token: Token) -> NoReturn:
        self.fail(
            f"numbers go up to {LARGEST:,}, with up to {DIGITS} digits behind the point",
            self.token_span(token),
            code="limit",
        )

    def turns(self) -> Turns:
        """turns = "[" atom [".."] {"," atom [".."]} "]" """
        start = self.take_mark("[")
        values: list[Value] = []
        fill: int | None = None
        while True:
            token = self.tokens[self.at]
            if self.is_mark("["):
                self.fail("a list within a list", self.token_span(token))
            values.append(self.atom())
            if self.is_mark(".."):
                dots = self.take()
                if fill is not None:
                    self.fail("only one value of a list can fill it", self.token_span(dots))
                fill = len(values) - 1
            if not self.is_mark(","):
                break
            self.take()
        self.close(start, "]")
        return Turns(self.span(start.start), tuple(values), fill)

    # Expressions -----------------------------------------------------------------------------

    def formula(self) -> Value:
        """Return a whole expression."""
        self.operators = 0
        return self.expression()

    def expression(self, least: int = 0) -> Value:
        self.deeper(self.tokens[self.at])
        value = super().expression(least)
        self.depth -= 1
        return value

    def token(self) -> Token:
        return self.tokens[self.at]

    def operator(self) -> str:
        token = self.tokens[self.at]
        return token.text if token.kind in (MARK, NAME) and token.text != "=" else ""

    def take_operator(self, left: Value | None, chained: bool) -> Token:
        token = self.take()
        if chained:
            self.fail("comparisons do not chain", self.token_span(token), "join them by `and`")
        self.count_operator(token)
        return token

    def negated(self, sign: Token, operand: Value) -> Value:
        return BinaryOperation(self.span(sign.start), "not", (operand,))

    def joined(self, start: Token, left: Value, sign: Token, right: Value, middle: Value | None) -> Value:
        return BinaryOperation(self.span(start.start), sign.text, (left, right))

    def count_operator(self, token: Token) -> None:
        self.operators += 1
        if self.operators > MOST_OPERATORS:
            self.fail(
                f"more than {MOST_OPERATORS} operators in an expression", self.token_span(token), code="limit"
            )

    def operand(self) -> Value:
        token = self.tokens[self.at]
        if token.kind == MARK:
            if token.text == "-":
                self.count_operator(self.take())
                self.deeper(token)
                operand = self.operand()
                self.depth -= 1
                return BinaryOperation(self.span(token.start), "neg", (operand,))
            if token.text == "(":
                self.take()
                value = self.expression(0)
                self.close(token, ")")
                return value
            if token.text == "@":
                self.fail(
                    "a tensor is not a number",
                    self.token_span(token),
                    "its sizes are `label.h`, `label.w` and `label.c`",
                )
            if token.text == "[":
                self.fail("a list stands alone, not in an expression", self.token_span(token))
        elif token.kind == NAME and token.text in ("not", "and", "or", "if"):
            self.unexpected("a value")
        elif token.kind == NAME and self.is_mark("(", 1):
            return self.function()
        return self.simple()

    def function(self) -> Value:
        name = self.take()
        if name.text not in FUNCTIONS:
            self.fail(
                f"there is no function `{name.text}`",
                self.token_span(name),
                "there are " + ", ".join(FUNCTIONS),
                code="name",
            )
        opening = self.take_mark("(")
        operands = [self.expression(0)]
        while self.is_mark(","):
            self.take()
            operands.append(self.expression(0))
        self.close(opening, ")")
        least, most = FUNCTIONS[name.text]
        if len(operands) < least or (most is not None and len(operands) > most):
            wanted = str(least) if least == most else f"at most {most}"
            self.diagnostics.add(
                Diagnostic(
                    "argument",
                    f"`{name.text}` takes {wanted} values, not {len(operands)}",
                    self.span(name.start),
                )
            )
        return BinaryOperation(self.span(name.start), name.text, tuple(operands))


def plain(value: Fraction) -> int | Fraction:
    """Return an int where the number is whole."""
    return value.numerator if value.denominator == 1 else value
