"""The table of `archcalc check TARGET --where`: a row per comparison, and the verdict below."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ...language.bounds import Rational
from ...quantities import BYTES, DURATION
from ...solving.budgets import Budgets, Judgement, KnownBounds
from ..fitting import FOLDED, GONE, WRAPPED, Rows
from ..flat import FlatTable
from ..grid import Cell, Column, Yield
from ..lines import Line, Segment, clean, clean_line
from ..sheet import PAGE, UNBROKEN, FactsBlock, NotesBlock, Sheet, Space, TableBlock, fit
from ..words import amount, count, counted_besides, duration, macs_of

COLUMNS = (
    Column("", name="sign"),
    Column(
        "condition", gap=1, name="condition", yields=(Yield(3, WRAPPED, least=12), Yield(4, FOLDED, least=8))
    ),
    Column("value", True, name="value"),
    Column("limit", True, name="limit", yields=(Yield(1, GONE, "limits"),)),
    Column("difference", True, name="difference", yields=(Yield(2, GONE, "differences"),)),
)
SIGNS: dict[bool | None, Segment] = {True: ("✓", "good"), False: ("✗", "bad"), None: ("?", "warn")}
VERDICTS = {True: "holds", False: "does not hold", None: "cannot be decided"}
PLAIN = "where condition verdict value at_least limit difference reason of_where".split()


def budgets_table(budgets: Budgets) -> FlatTable:
    """One record per comparison; ``of_where`` is the verdict on the condition that it is of."""

    def records() -> Iterator[list[Any]]:
        for budget in budgets.conditions:
            for at in budget.comparisons:
                record = at.to_dict()
                yield [
                    budget.text,
                    at.text,
                    VERDICTS[at.holds],
                    record["value"],
                    record["at_least"],
                    record["limit"],
                    record["difference"],
                    at.reason,
                    VERDICTS[budget.holds],
                ]

    return PLAIN, records()


def budgets_sheets(budgets: Budgets, space: Space = PAGE) -> list[Sheet]:
    """The comparisons, the verdict on each condition, and why something is not known."""
    rows = [_row(at) for budget in budgets.conditions for at in budget.comparisons]
    fitting = fit(COLUMNS, Rows(COLUMNS, rows), space)
    return [
        Sheet(
            clean_line(budgets.summary.graph.metadata.name),
            "",
            "",
            "check",
            TableBlock(fitting.grid()),
            FactsBlock(lambda within: _facts(budgets, within)),
            NotesBlock(_notes(budgets), fitting.left_out_note),
        )
    ]


def _row(at: Judgement) -> list[Cell]:
    unknown = at.measured.bounds.exact is None
    difference = at.difference
    return [
        SIGNS[at.holds],
        (clean(at.text), "spec"),
        (_known(at.measured), "warn" if unknown else ""),
        (_number(at.limit.bounds.exact, at.measured.form), "aside"),
        ("" if difference is None else _signed(difference, at.measured.form, unknown), ""),
    ]


def _known(known: KnownBounds) -> str:
    """A number, its lower bound, or a question mark."""
    low = known.bounds.low
    if low is None:
        return "?"
    return ("≥ " if known.bounds.exact is None else "") + _number(low, known.form)


def _number(number: Rational | None, form: str) -> str:
    if number is None:
        return "?"
    if form == BYTES:
        return amount(int(number)) if number >= 0 else f"−{amount(int(-number))}"
    if form == DURATION:
        return duration(int(number)) if number >= 0 else f"−{duration(int(-number))}"
    if isinstance(number, Fraction) and number.denominator != 1:
        return f"{float(number):,.6g}"
    return count(int(number))


def _signed(number: Rational, form: str, at_least: bool) -> str:
    """``+89,184,256``: what the value has more than the limit."""
    size = number if number >= 0 else -number
    sign = "" if not number else "+" if number > 0 else "−"
    text = sign + _number(size, form)
    return f"≥ {text}" if at_least else text


def _facts(budgets: Budgets, space: Space) -> Iterator[tuple[str, Line]]:
    word = "verdict"
    for budget in budgets.conditions:
        sign, role = SIGNS[budget.holds]
        text = f"{VERDICTS[budget.holds]}: {clean_line(budget.text)}"
        for number, line in enumerate(space.broken(text, (space.width or UNBROKEN) - 2)):
            yield word, [("  " if number else f"{sign} ", role), (line, "")]
            word = ""
    reasons = dict.fromkeys(
        at.reason for budget in budgets.conditions for at in budget.comparisons if at.reason
    )
    for at, reason in enumerate(reasons):
        for number, line in enumerate(space.broken(clean_line(reason), space.width)):
            yield "" if number or at else "not known", [(line, "")]


def _notes(budgets: Budgets) -> list[str]:
    summary = budgets.summary
    parts = ["difference: value less limit", macs_of(counted_besides(summary.layers), summary.batch)]
    if summary.roofline is not None:
        parts.append(f"time: at least, on {clean_line(summary.roofline.title)}")
    return [*parts, f"{summary.dtype}, batch {summary.batch:,}"]
