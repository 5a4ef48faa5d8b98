"""TOML read within bounds: no number and no key of a stranger's file takes long."""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from typing import Any

from .diagnostics import Diagnostic, SpecError
from .source import Source, Span

_PLACE = re.compile(r"^(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)$")
# Signs of a number, its exponent, and the names of a dotted key.
_SIGNS, _EXPONENT, _DOTS = 100, 400, 100
_WRITTEN_EXPONENT = re.compile(r"[eE]([-+]?[0-9_]+)$")


class OutOfBounds:
    """A number that nothing in such a file can be. Messages name it shortened."""

    def __init__(self, text: str):
        self.text = text if len(text) <= 24 else f"{text[:20]}…"

    def __str__(self) -> str:
        return self.text


def read_toml(source: Source) -> dict[str, Any]:
    """The tables of a TOML text; numbers beyond all bounds as OutOfBounds. Raises SpecError."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    _check_keys(source)
    try:
        found: dict[str, Any] = tomllib.loads(source.text, parse_float=_fraction)
    except (ValueError, ArithmeticError, RecursionError) as error:
        place = _PLACE.search(str(error))
        reason = place[1] if place else "a number or its nesting is out of bounds"
        at = len(source.text)
        if place and place[2]:
            at = min(at, source.starts[int(place[2]) - 1] + int(place[3]) - 1)
        raise _fault(source, at, f"{reason[:1].lower()}{reason[1:]}") from None
    _bound(found)
    return found


def _fault(source: Source, at: int, reason: str) -> SpecError:
    span = Span(source, at, min(at + 1, len(source.text)))
    return SpecError([Diagnostic("syntax", f"it is no TOML: {reason}", span)])


def _check_keys(source: Source) -> None:
    """Refuse keys of very many parts, each of which is a table in a table: the time to read them
    grows with the square of their number. Raises SpecError."""
    at = 0
    for line in source.text.split("\n"):
        if line.count(".") > _DOTS:
            outside = "".join(line.split("#")[0].split('"')[::2])
            if outside.count(".") > _DOTS:
                raise _fault(source, at, f"a key has more than {_DOTS} parts")
        at += len(line) + 1


def _fraction(text: str) -> Fraction | OutOfBounds:
    exponent = _WRITTEN_EXPONENT.search(text)
    digits = exponent[1].replace("_", "") if exponent else "0"
    if len(text) > _SIGNS or len(digits) > 6 or abs(int(digits)) > _EXPONENT:
        return OutOfBounds(text)
    try:
        return Fraction(text)
    except ValueError:  # inf and nan
        return OutOfBounds(text)


def _bound(table: dict[str, Any]) -> None:
    """Mark whole numbers beyond all bounds, which TOML may write in hexadecimal."""
    waiting: list[Any] = [table]
    while waiting:
        inside = waiting.pop()
        pairs = inside.items() if isinstance(inside, dict) else enumerate(inside)
        for key, value in pairs:
            if isinstance(value, int) and value.bit_length() > 3 * _SIGNS:
                inside[key] = OutOfBounds(f"{value:#x}")
            elif isinstance(value, (dict, list)):
                waiting.append(value)
