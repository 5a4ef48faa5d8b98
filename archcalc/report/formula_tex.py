"""Formulas for TeX's mathematics."""

from __future__ import annotations

import re
from fractions import Fraction

from ..analysis.notation import TERMS
from ..arithmetic import CEIL_DIV, Expression
from .tex import tex

_SUM, _PRODUCT, _ATOM = range(1, 4)
_LETTER = re.compile(r"[A-Za-z]")
_INDEXED = re.compile(r"([A-Za-z])(o|[hwtblr]|\d+)$")


def tex_formula(made: Expression, numbers: bool = False) -> str:
    """An expression in symbols, or with the numbers put in; to stand between dollars."""
    return _format(made, numbers)[0]


def tex_count(value: object) -> str:
    """A number, thousands set apart."""
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"\\frac{{{value.numerator}}}{{{value.denominator}}}"
    return f"{int(value):,}".replace(",", "{,}")  # type: ignore[call-overload]


def tex_symbol(name: str) -> str:
    """``H_o``, ``F_w``, ``C_1``; a word stands upright."""
    if _LETTER.fullmatch(name):
        return name
    found = _INDEXED.fullmatch(name)
    return f"{found[1]}_{{{found[2]}}}" if found else f"\\mathrm{{{tex_words(name)}}}"


def tex_words(name: str) -> str:
    """A name inside a formula: nothing that would leave the formula."""
    return re.sub(r"\$([^$]*)\$", r"\1", tex(name)).replace(" ", "\\ ")


def _format(at: Expression, numbers: bool) -> tuple[str, int]:
    operator = at.operator
    if operator == "symbol" and not numbers:
        return tex_symbol(at.name), _ATOM
    if operator in ("symbol", "number"):
        return tex_count(at.value), _ATOM if at.value >= 0 else _SUM
    if operator in ("+", "-"):
        return _sum(at, numbers), _SUM
    if operator == "*":
        factors: list[str] = []
        while at.operator == "*":
            factors.append(_bracketed(at.arguments[1], _PRODUCT, numbers))
            at = at.arguments[0]
        factors.append(_bracketed(at, _PRODUCT, numbers))
        return " \\cdot ".join(reversed(factors)), _PRODUCT
    above, below = (_format(part, numbers)[0] for part in at.arguments[:2])
    if operator == "//":
        return f"\\left\\lfloor \\frac{{{above}}}{{{below}}} \\right\\rfloor", _ATOM
    if operator == CEIL_DIV:
        return f"\\left\\lceil \\frac{{{above}}}{{{below}}} \\right\\rceil", _ATOM
    if operator == "/":
        return f"\\frac{{{above}}}{{{below}}}", _ATOM
    if operator == "%":
        parts = [_bracketed(part, _ATOM, numbers) for part in at.arguments]
        return f"{parts[0]} \\bmod {parts[1]}", _PRODUCT
    inner = ", ".join([_format(part, numbers)[0] for part in at.arguments])
    return f"\\{operator}({inner})", _ATOM  # max, min and gcd are TeX's words too


def _bracketed(at: Expression, least: int, numbers: bool) -> str:
    text, binds = _format(at, numbers)
    return text if binds >= least else f"({text})"


def _sum(at: Expression, numbers: bool) -> str:
    parts: list[tuple[str, Expression]] = []
    while at.operator in ("+", "-"):
        parts.append((at.operator, at.arguments[1]))
        at = at.arguments[0]
    parts.append(("", at))
    parts.reverse()
    cut = len(parts) > TERMS
    joined = ""
    for place, (sign, part) in enumerate(parts):
        if cut and 3 <= place < len(parts) - 1:
            joined += " + \\cdots" if place == 3 else ""
            continue
        text = _bracketed(part, _PRODUCT if sign == "-" else _SUM, numbers)
        joined += f" {sign} {text}" if sign else text
    return joined
