"""The tables of `archcalc compare --quantity`: a quantity of each network, beside that of the first."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ...analysis.proportions import Proportion, decimal
from ...answers.compared_quantities import ComparedQuantities, ComparedQuantity, ComparedValue
from ..fitting import FOLDED, GONE, WRAPPED, Rows
from ..flat import FlatTable
from ..grid import Cell, Column, Yield
from ..lines import clean, clean_line
from ..sheet import PAGE, NotesBlock, Sheet, SheetBlock, Space, TableBlock, fit
from ..words import count
from .compare import ratio

PLAIN = "quantity network value at_least difference ratio percent unit".split()
_NETWORK = Column(
    "network",
    name="network",
    yields=(Yield(3, WRAPPED, least=28), Yield(4, WRAPPED, least=16), Yield(5, FOLDED, least=8)),
)
_BESIDE = (
    Column("difference", True, name="difference", yields=(Yield(6, GONE, "differences"),)),
    Column("ratio", True, name="ratio", yields=(Yield(1, GONE, "ratios"),)),
    Column("change", True, name="change", yields=(Yield(2, GONE, "changes"),)),
)


def quantities_table(compared: ComparedQuantities) -> FlatTable:
    """One record per quantity and network; what is no whole number is a decimal of six digits."""

    def records() -> Iterator[list[Any]]:
        for one in compared.quantities:
            for value in one.values:
                percent = None if value.change is None else 100 * value.change
                numbers = [_plain(n) for n in (value.difference, value.ratio, percent)]
                yield [one.text, value.name, _plain(value.value), value.at_least, *numbers, one.unit]

    return PLAIN, records()


def _plain(number: int | Fraction | None) -> int | float | str:
    if number is None:
        return ""
    return int(number) if number == int(number) else float(f"{float(number):.6g}")


def quantities_sheets(compared: ComparedQuantities, space: Space = PAGE) -> list[Sheet]:
    """A table for each quantity, and what its columns mean."""
    blocks: list[SheetBlock] = []
    left_out: list[str] = []
    shown: set[str] = set()
    for one in compared.quantities:
        columns = (_NETWORK, Column(clean_line(one.text), True, name="value"), *_BESIDE)
        fitting = fit(columns, Rows(columns, [_row(one, value) for value in one.values]), space)
        blocks.append(TableBlock(fitting.grid()))
        left_out += [part for part in fitting.left_out_note if part not in left_out]
        shown |= {column.name for column in fitting.shown}
    title = f"Compared with {clean(compared.names[0])}"
    blocks.append(NotesBlock(_notes(compared, shown), left_out))
    return [Sheet("", title, "", "compare", *blocks, headed=False)]


def _row(one: ComparedQuantity, value: ComparedValue) -> list[Cell]:
    role = "warn" if value.at_least else ""
    shown = ("≥ " if value.at_least else "") + _number(value.value, one.percent)
    first = value.first is None
    return [
        (clean(value.name), "spec" if "->" in value.name else ""),
        (shown, role),
        ("" if first else _signed(value.difference, one.percent), ""),
        ("" if first else _ratio(value.ratio), "aside"),
        ("" if first else _percent(value.change), "aside"),
    ]


def _number(value: int | Fraction, percent: bool) -> str:
    if percent:
        return f"{decimal(100 * Fraction(value))} %".replace("-", "−")
    shown = count(value) if isinstance(value, int) else str(Proportion.of(Fraction(value), percent=False))
    return shown.replace("-", "−")


def _signed(value: int | Fraction | None, percent: bool) -> str:
    """``+512``, ``−1/8``, ``=`` where nothing differs."""
    if value is None:
        return "?"
    if not value:
        return "="
    return f"+{_number(value, percent)}" if value > 0 else f"−{_number(-value, percent)}"


def _ratio(value: Fraction | None) -> str:
    """As `compare` writes it; nothing and less than nothing as a number."""
    return f"{decimal(value)}x".replace("-", "−") if value is not None and value <= 0 else ratio(value)


def _percent(change: Fraction | None) -> str:
    """``−88.89 %``"""
    if change is None:
        return ""
    return _signed(change, percent=True)


def _notes(compared: ComparedQuantities, shown: set[str]) -> list[str]:
    """What the columns that are ``shown`` mean."""
    first = clean(compared.names[0])
    parts = [f"difference: less {first}'s"] if "difference" in shown else []
    if "change" in shown:
        parts.append(f"change: the difference in per cent of {first}'s")
    units = [f"{clean_line(one.text)} in {one.unit}" for one in compared.quantities if one.unit == "bytes"]
    if any(one.percent for one in compared.quantities):
        parts.append("differences of percentages in percentage points")
    summary = compared.summaries[0]
    return [*parts, *units, f"{summary.dtype}, batch {summary.batch:,}"]
