"""The screen of what is computed of quantities: the working of each, then the expression in words and in
numbers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...analysis.derivation import Formula
from ...analysis.notation import written
from ...analysis.proportions import decimal
from ..flat import FlatTable
from ..lines import Line, clean, clean_line
from ..sheet import Sheet, Space, TextBlock
from ..words import count
from .explain import EDGE, explain_sheets
from .formulas import formula_pairs

if TYPE_CHECKING:
    from ...answers.calculated import CalculatedQuestion
    from ...answers.calculations import Calculations


def calculation_table(report: Calculations) -> FlatTable:
    """A record a calculation."""

    def records() -> Iterator[list[Any]]:
        for question in report.questions:
            made = question.formula
            yield [
                question.text,
                written(made),
                written(made, numbers=True),
                str(Fraction(question.plain)),
                question.shown,
                question.unit,
            ]

    return ["expression", "formula", "numbers", "value", "shown", "unit"], records()


def calculation_sheets(report: Calculations, space: Space) -> list[Sheet]:
    """How each quantity comes about, and what is computed of them."""
    sheets = [sheet for one in report.explanations.values() for sheet in explain_sheets(one, space)]
    name = clean_line(", ".join([graph.metadata.name for graph in report.graphs]))
    several = len(report.graphs) > 1
    names = [f"{'AB'[at]}: {clean_line(g.metadata.name)}" for at, g in enumerate(report.graphs)][:2]
    what = "" if several else name
    block = TextBlock(lambda space: _lines(report, names if several else [], space))
    sheets.append(Sheet("calculation", what if not space.drawn else "", "", "calculation", block))
    return sheets


def _lines(report: Calculations, names: list[str], space: Space) -> Iterator[Line]:
    edge = EDGE if space.width is None else min(space.width, EDGE)
    for name in names:
        for part in space.broken(name, edge):
            yield [(part, "aside")]
    for place, question in enumerate(report.questions):
        if place or names:
            yield []
        pairs = formula_pairs(Formula("", question.formula), space, False, edge - 2)
        for above, _ in pairs:
            yield [(f"  {above.rstrip()}", "")]
        for number, (_, below) in enumerate(pairs):
            last = number == len(pairs) - 1
            line: Line = [("= " if not number else "  ", ""), (below.rstrip() if last else below, "")]
            yield [*line, (" = ", ""), (clean(question.shown), "title")] if last else line
        for note in _notes(question):
            yield [(f"  {part}", "aside") for part in [note]]


def _notes(question: CalculatedQuestion) -> Iterator[str]:
    """A quotient in the other ways in which it is said, and what is counted."""
    value = Fraction(question.plain)
    if question.unit:
        yield f"{question.unit}"
    if not question.shares or not value:
        return
    exact = f"exactly {count(value.numerator)}/{count(value.denominator)}" if value.denominator > 1 else ""
    others = [exact]
    if question.percent:
        others.append(f"as a share of one {decimal(value)}")
    elif 0 < value < 1:
        others.append(f"{decimal(100 * value)} %")
    if 0 < value < 1:
        others.append(f"1/{decimal(1 / value)}")
    yield ", or ".join([other for other in others if other])
