"""Digits with separators: what ``34,944``, ``34 944``, ``34.944`` and ``3,5`` may mean."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

# The digits of a number with what may stand between them.
NUMERAL = r"(?:\d(?:\d|[.,'_](?=\d)| (?=\d{3}(?!\d)))*\.?|\.\d+)"

_THOUSANDS = re.compile(r"\d{1,3}(?:(.)\d{3})(?:\1\d{3})*")
# As India groups: 13,83,57,544.
_LAKHS = re.compile(r"\d{1,2}(?:,\d\d)+,\d{3}")


class AmbiguousNumberError(Exception):
    """A numeral has two readings, and the convention does not decide."""

    def __init__(self, numeral: str):
        super().__init__(numeral)
        self.numeral = numeral


class Numeral(NamedTuple):
    """A number of digits, and how many of them stand behind the decimal sign."""

    value: Fraction
    places: int


def numeral(text: str, decimal: str, scaled: bool) -> Numeral | None:
    """What a numeral says; None if its separators make no sense.

    decimal  the convention: ``ask``, ``point`` or ``comma``
    scaled   a scale or a power of ten stands behind it: one point or comma is a decimal's

    Raises AmbiguousNumberError for ``34.944`` where nothing decides.
    """
    bare = text.removesuffix(".").replace("_", "")
    signs = [sign for sign in bare if not sign.isdigit()]
    if not signs:
        return Numeral(Fraction(int(bare)), 0)
    last = signs[-1]
    whole, _, behind = bare.rpartition(last)
    if len(set(signs)) > 1:
        # Two kinds: the last is the decimal sign, the other sets thousands apart.
        if last not in ".," or signs.count(last) > 1 or not _grouped(whole):
            return None
        return _with_places(whole, behind)
    if _grouped(bare) and (len(signs) > 1 or _is_group(bare, last, decimal, scaled)):
        return Numeral(Fraction(int(bare.replace(last, ""))), 0)
    return _with_places(whole, behind) if len(signs) == 1 and last in ".," else None


def _is_group(text: str, sign: str, decimal: str, scaled: bool) -> bool:
    """Whether the only separator of a text, three digits before its end, sets thousands apart."""
    if sign not in ".," or text.startswith("0"):
        return sign not in ".,"
    if decimal == "ask":
        if sign == "." and not scaled:
            raise AmbiguousNumberError(text)
        return sign == ","
    return sign != {"point": ".", "comma": ","}[decimal]


def _grouped(text: str) -> bool:
    return text.isdigit() or bool(_THOUSANDS.fullmatch(text) or _LAKHS.fullmatch(text))


def _with_places(whole: str, behind: str) -> Numeral:
    digits = "".join([sign for sign in whole if sign.isdigit()]) + behind
    return Numeral(Fraction(int(digits), 10 ** len(behind)), len(behind))
