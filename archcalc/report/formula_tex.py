"""Formulas for TeX's mathematics."""

from __future__ import annotations

import re
from fractions import Fraction

from ..analysis.notation import ATOM, FormulaToken, Notation, written
from ..arithmetic import Expression
from .tex import tex

_LETTER = re.compile(r"[A-Za-z]")
_INDEXED = re.compile(r"([A-Za-z])(o|[hwtblr]|\d+)$")


def tex_formula(made: Expression, numbers: bool = False) -> str:
    """An expression in symbols, or with the numbers put in; to stand between dollars."""
    return written(made, numbers, _TEX)


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


class TexNotation(Notation):
    """Formulas as TeX sets them."""

    def symbol(self, name: str) -> str:
        return tex_symbol(name)

    def number(self, value: object) -> str:
        return tex_count(value)

    def function(self, name: str) -> str:
        return f"\\{name}"  # max, min and gcd are TeX's words too

    def fraction(self, at: Expression) -> tuple[list[FormulaToken], int]:
        above, below = map(self.tokens, at.arguments[:2])
        return [("\\frac{",) * 2, *above, ("}{",) * 2, *below, ("}",) * 2], ATOM

    def remainder(self, at: Expression) -> list[FormulaToken]:
        above, below = (self.bracketed(part, ATOM) for part in at.arguments)
        return [*above, (" \\bmod ",) * 2, *below]

    def power(self, at: Expression) -> list[FormulaToken]:
        base, exponent = at.arguments
        return [*self.bracketed(base, ATOM), (f"^{{{exponent.value}}}",) * 2]


_TEX = TexNotation(
    " \\cdot ",
    " \\cdot ",
    " - ",
    ("\\left\\lfloor ", " \\right\\rfloor"),
    ("\\left\\lceil ", " \\right\\rceil"),
    "\\cdots",
    True,
)
