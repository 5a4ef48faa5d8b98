"""Expressions written down: in symbols and in numbers, sign for sign, so that one can stand above
the other."""

from __future__ import annotations

from fractions import Fraction

from ..arithmetic import CEIL_DIV, Expression

# A piece of a formula: as it is in symbols, and with the numbers put in.
FormulaToken = tuple[str, str]

_COMPARISON, _SUM, _PRODUCT, _ATOM = range(1, 5)
_BINDS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT}
# A longer sum is cut short where there is a sign for what is left out.
TERMS = 6


class Notation:
    """How operations are written.

    times   between factors; ``close`` between a plain number and what it multiplies
    floor, ceil   what stands around a division that is rounded down, or up
    more    for terms that are left out; empty to write them all
    commas  thousands are set apart
    """

    __slots__ = ("times", "close", "minus", "floor", "ceil", "more", "commas")

    def __init__(
        self,
        times: str,
        close: str,
        minus: str,
        floor: tuple[str, str],
        ceil: tuple[str, str],
        more: str,
        commas: bool,
    ):
        self.times = times
        self.close = close
        self.minus = minus
        self.floor = floor
        self.ceil = ceil
        self.more = more
        self.commas = commas


# What a spec, or Python with floor and ceil, would read.
PLAIN = Notation("*", "*", " - ", ("floor(", ")"), ("ceil(", ")"), "", False)
FIELD = Notation(" · ", "·", " − ", ("⌊", "⌋"), ("⌈", "⌉"), "…", True)


def tokens(made: Expression, signs: Notation) -> list[FormulaToken]:
    """The pieces of an expression."""
    return _tokens(made, signs)[0]


def written(made: Expression, numbers: bool = False, signs: Notation = PLAIN) -> str:
    """An expression as one text."""
    return "".join([token[numbers] for token in tokens(made, signs)])


def _same(text: str) -> FormulaToken:
    return text, text


def number_text(value: object, commas: bool = True) -> str:
    """An exact number: ``34,944``, ``1/2``; a fraction that comes out whole is a whole number."""
    if isinstance(value, Fraction) and value.denominator != 1:
        return str(value)
    return f"{int(value):,}" if commas else str(int(value))  # type: ignore[call-overload]


def _tokens(at: Expression, signs: Notation) -> tuple[list[FormulaToken], int]:
    operator = at.operator
    if operator == "symbol":
        return [(at.name, number_text(at.value, signs.commas))], _ATOM
    if operator == "number":
        return [_same(number_text(at.value, signs.commas))], _ATOM if at.value >= 0 else _SUM
    if operator in ("+", "-"):
        return _sum(at, signs), _SUM
    if operator == "*":
        return _product(at, signs), _PRODUCT
    if operator in ("//", CEIL_DIV):
        begin, end = signs.floor if operator == "//" else signs.ceil
        return [_same(begin), *_quotient(at, signs), _same(end)], _ATOM
    if operator in ("/", "%"):
        return _quotient(at, signs), _PRODUCT
    found = [_same(f"{operator}(")]
    for place, part in enumerate(at.arguments):
        found += [_same(", ")] if place else []
        found += _tokens(part, signs)[0]
    return [*found, _same(")")], _ATOM


def _bracketed(at: Expression, least: int, signs: Notation) -> list[FormulaToken]:
    found, binds = _tokens(at, signs)
    return found if binds >= least else [_same("("), *found, _same(")")]


def _quotient(at: Expression, signs: Notation) -> list[FormulaToken]:
    above, below = at.arguments
    sign = " % " if at.operator == "%" else " / "
    return [*_bracketed(above, _PRODUCT, signs), _same(sign), *_bracketed(below, _ATOM, signs)]


def _sum(at: Expression, signs: Notation) -> list[FormulaToken]:
    parts: list[tuple[str, Expression]] = []
    while at.operator in ("+", "-"):
        parts.append((" + " if at.operator == "+" else signs.minus, at.arguments[1]))
        at = at.arguments[0]
    parts.append(("", at))
    parts.reverse()
    cut = bool(signs.more) and len(parts) > TERMS
    found: list[FormulaToken] = []
    for place, (sign, part) in enumerate(parts):
        if cut and 3 <= place < len(parts) - 1:
            found += [_same(f" + {signs.more}")] if place == 3 else []
            continue
        # Behind a minus, a sum needs its brackets.
        least = _PRODUCT if sign == signs.minus else _SUM
        found += [_same(sign)] if sign else []
        found += _bracketed(part, least, signs)
    return found


def _product(at: Expression, signs: Notation) -> list[FormulaToken]:
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
            found.append(_same(signs.close if close else signs.times))
        # A quotient among factors could be read the other way.
        found += _bracketed(part, _ATOM if part.operator in ("/", "%") else _PRODUCT, signs)
    return found
