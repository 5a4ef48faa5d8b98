"""Formulas on a screen: in symbols, and in numbers below them, sign below sign."""

from __future__ import annotations

from ...analysis.derivation import Formula
from ...analysis.notation import FIELD, Notation
from ..sheet import Space

# A formula in symbols, and in numbers.
Pair = tuple[str, str]


def signs_of(space: Space) -> Notation:
    """The signs of the field, or those that there are."""
    if space.shown("·") == "·":
        return FIELD
    return Notation(" * ", "*", " - ", ("floor(", ")"), ("ceil(", ")"), "..", True)


def formula_pair(formula: Formula, space: Space, named: bool = True) -> Pair:
    """A formula in symbols, and in numbers below it, sign below sign."""
    return formula_pairs(formula, space, named)[0]


def formula_pairs(
    formula: Formula, space: Space, named: bool = True, width_left: int | None = None
) -> list[Pair]:
    """The formula on as many lines as it takes in a width, broken in front of a sign between terms, or
    between the factors of a term that is too long by itself."""
    signs = signs_of(space)
    head = (
        (f"{formula.of} = ", f"{' ' * space.width_of(formula.of)} = ") if named and formula.of else ("", "")
    )
    deep = space.width_of(head[0]) + 2
    indent = " " * (deep if width_left is None else min(deep, width_left // 5))
    lines = [head]
    for term in _parts(_columns(formula, space), (" + ", signs.minus)):
        fits = width_left is None or space.width_of(indent) + space.width_of(_joined(term)[0]) <= width_left
        for part in [term] if fits else _parts(term, (signs.times,)):
            above, below = _joined(part)
            full = width_left is not None and space.width_of(lines[-1][0] + above) > width_left
            if full and lines[-1][0].strip() and lines[-1] != head:
                lines.append((indent + above.removeprefix(" "), indent + below.removeprefix(" ")))
            else:
                lines[-1] = lines[-1][0] + above, lines[-1][1] + below
    return lines


def _columns(formula: Formula, space: Space) -> list[Pair]:
    """The pieces of a formula, those above as wide as those below."""
    found = []
    for symbol, number in signs_of(space).tokens(formula.made):
        width = max(space.width_of(symbol), space.width_of(number))
        found.append(
            (" " * (width - space.width_of(symbol)) + symbol, " " * (width - space.width_of(number)) + number)
        )
    return found


def _joined(columns: list[Pair]) -> Pair:
    return "".join([above for above, _ in columns]), "".join([below for _, below in columns])


def _parts(columns: list[Pair], before: tuple[str, ...]) -> list[list[Pair]]:
    """Pieces in groups: a new one begins with each of these signs that no bracket is around."""
    parts: list[list[Pair]] = [[]]
    depth = 0
    for column in columns:
        sign = column[0]
        if depth == 0 and parts[-1] and sign.startswith(before):
            parts.append([])
        parts[-1].append(column)
        depth += sign.endswith(("(", "⌊", "⌈")) - sign.endswith((")", "⌋", "⌉"))
    return parts
