"""The screen of `archcalc time --batch A..B`: how bounds change with the batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from ...analysis.roofline import COMPUTE, MEMORY, Roofline, RooflineTotals
from ..fitting import FOLDED, GONE, SHORT, WRAPPED, Look, Rows
from ..flat import FlatTable
from ..grid import Cell, Column, Yield
from ..lines import Line, clean, clean_line
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, SheetBlock, Space, TableBlock, fit
from ..words import binary, brief, count, duration_in, duration_unit, in_percent, quotient_words, unit_for
from .time_words import LAYER, assumptions, decimal, device_words, turn_words, uncounted_words

PLAIN_BATCHES = (
    "batch bytes operations intensity memory compute time overlapped bound memory_layers compute_layers"
).split()


def batches_table(roofline: Roofline, batches: Sequence[int]) -> FlatTable:
    """One record per batch."""

    def records() -> Iterator[list[Any]]:
        for batch in batches:
            totals = roofline.of_batch(batch)
            yield [
                batch,
                totals.bytes,
                totals.operations,
                decimal(totals.intensity),
                totals.memory,
                totals.compute,
                totals.time,
                totals.overlapped,
                totals.bound,
                totals.layers_by_bound[MEMORY],
                totals.layers_by_bound[COMPUTE],
            ]

    return PLAIN_BATCHES, records()


_BATCHES = (
    Column("batch", True, name="batch"),
    Column("moved", True, name="moved", yields=(Yield(5, GONE, "moved"),)),
    Column(
        "operations",
        True,
        name="operations",
        yields=(Yield(1, SHORT, "digits of operations"), Yield(4, GONE, "operations")),
    ),
    Column("intensity", True, name="intensity", yields=(Yield(6, GONE, "intensity"),)),
    Column("time", True, name="time"),
    Column("each", True, name="each", yields=(Yield(7, GONE, "each"),)),
    Column("overlapped", True, name="overlapped", yields=(Yield(3, GONE, "overlapped"),)),
    Column("bound by", name="bound"),
    Column("by memory", True, name="layers", yields=(Yield(2, GONE, "layers by memory"),)),
)
_TURNS = (
    LAYER,
    Column("what", name="what", yields=(Yield(1, WRAPPED, least=24), Yield(3, FOLDED, least=8))),
    Column("compute from", True, name="turn"),
)


class _Batches:
    """The cells of the table of batches."""

    def __init__(self, roofline: Roofline, batches: Sequence[int]):
        self.totals = [roofline.of_batch(batch) for batch in batches]
        self.unit = unit_for(self.totals[0].bytes)
        self.clock = duration_unit(self.totals[0].time)

    def head(self, column: Column, look: Look) -> str:
        """The head of a column."""
        return column.head

    def cells(self, column: Column, look: Look) -> list[Cell]:
        """A cell per batch."""
        return [(self._text(column.name, totals, look), "") for totals in self.totals]

    def _text(self, name: str, totals: RooflineTotals, look: Look) -> str:
        if name == "batch":
            return f"{totals.batch:,}"
        if name == "moved":
            return binary(totals.bytes, self.unit)
        if name == "operations":
            return (brief if look.short else count)(totals.operations, totals.at_least)
        if name == "intensity":
            return quotient_words(totals.intensity)
        if name == "time":
            return duration_in(totals.time, self.clock)
        if name == "each":
            return duration_in(totals.time // totals.batch, self.clock)
        if name == "overlapped":
            return duration_in(totals.overlapped, self.clock)
        if name == "bound":
            share = (
                Fraction(totals.by_bound[totals.bound], totals.time) if totals.bound and totals.time else None
            )
            return f"{totals.bound} {in_percent(share)}".rstrip() or "nothing"
        return f"{totals.layers_by_bound[MEMORY]:,} of {sum(totals.layers_by_bound.values()):,}"


def batches_sheets(roofline: Roofline, batches: Sequence[int], space: Space = PAGE) -> list[Sheet]:
    """The sums for each batch, and the layers that turn from memory to computing between them."""
    table = _Batches(roofline, batches)
    fitting = fit(_BATCHES, table, space)
    blocks: list[SheetBlock] = [TableBlock(fitting.grid())]
    known = [row for row in roofline.rows if row.bound]
    turning = [row for row in known if (row.compute_from or 0) > batches[0]]
    left_out = list(fitting.left_out_note)
    if turning:
        rows = [
            [(clean(at.name), ""), (clean(at.layer.text), "spec"), (f"{at.compute_from:,}", "")]
            for at in turning
        ]
        turns = fit(_TURNS, Rows(_TURNS, rows), space)
        blocks.append(TableBlock(turns.grid(), "where layers turn from memory to computing", "turns"))
        left_out += [part for part in turns.left_out_note if part not in left_out]
    never = sum(row.compute_from is None for row in known)
    always = len(known) - never - len(turning)
    facts = [("turns", turn_words(roofline))]
    if always:
        facts.append(("", f"bound by computing at all of these batches: {_layers(always)}"))
    if never:
        facts.append(("", f"bound by memory at every batch: {_layers(never)}"))
    facts += [("uncounted", text) for text in uncounted_words(roofline.totals)]
    facts += [("device" if not at else "", text) for at, text in enumerate(device_words(roofline))]

    def lines(within: Space) -> Iterator[tuple[str, Line]]:
        for word, text in facts:
            for part, line in enumerate(within.broken(text, within.width)):
                yield word if part == 0 else "", [(line, "")]

    shown = {column.name for column in fitting.shown}
    legend = {
        "moved": f"moved: {table.unit}",
        "time": f"time: {table.clock}, one layer after the other",
        "each": "each: a batch's time divided by its elements",
        "overlapped": "overlapped: if layers run beside each other",
        "bound": "bound by: what bounds all layers together, and its share of the time",
    }
    notes = [text for name, text in legend.items() if name in shown]
    return [
        Sheet(
            clean_line(roofline.scope.graph.metadata.name),
            f"the least time on {clean_line(roofline.device.title)}, by batch",
            roofline.dtype,
            "time by batch",
            *blocks,
            FactsBlock(lines),
            NotesBlock([*assumptions(roofline), *notes], left_out),
        )
    ]


def _layers(number: int) -> str:
    return f"{number:,} {'layers' if number > 1 else 'layer'}"
