"""The screen of `archcalc time`: layers with their bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...analysis.roofline import COMPUTE, MEMORY, LayerTime, Roofline, RooflineTotals, quotient
from ...graph import Layer
from ...shape import Shape
from ..bars import half_bar
from ..fitting import FOLDED, GONE, NARROW, SHORT, WRAPPED, Look
from ..flat import FlatTable
from ..grid import Cell, Column, Yield
from ..lines import Line, clean, clean_line
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, Space, TableBlock, fit
from ..words import (
    binary,
    brief,
    count,
    duration,
    duration_in,
    duration_unit,
    in_percent,
    quotient_words,
    unit_for,
    volume,
)
from .folding import FoldedRow, Folding, every_layer
from .time_words import LAYER, assumptions, decimal, device_words, turn_words, uncounted_words

if TYPE_CHECKING:
    from ...witness.timing import Timing

# Cells of the bars of times, at most and at least.
WIDEST, NARROWEST = 12, 4
COLUMNS = (
    LAYER,
    Column(
        "what",
        name="what",
        yields=(
            Yield(4, SHORT, "activations"),
            Yield(5, WRAPPED, least=24),
            Yield(8, WRAPPED, least=10),
            Yield(16, FOLDED, least=8),
        ),
    ),
    Column("output", True, name="output", yields=(Yield(3, GONE, "output"),)),
    Column("moved", True, name="moved", yields=(Yield(13, GONE, "moved"),)),
    Column(
        "operations",
        True,
        name="operations",
        yields=(Yield(1, SHORT, "digits of operations"), Yield(14, GONE, "operations")),
    ),
    Column("intensity", True, name="intensity", yields=(Yield(15, GONE, "intensity"),)),
    Column("time", True, name="time"),
    Column(
        "",
        name="bars",
        gap=1,
        beside="time",
        drawn=True,
        yields=(Yield(6, NARROW, least=NARROWEST), Yield(7, GONE, "bars")),
    ),
    Column("measured", True, name="measured"),
    Column("bound / measured", True, name="share", yields=(Yield(11, GONE, "shares"),)),
    Column("bound by", name="bound"),
    Column("compute from", True, name="turn", yields=(Yield(10, GONE, "compute from"),)),
)
PLAIN = (
    "name op output input_bytes param_bytes output_bytes bytes operations intensity memory compute time "
    "bound compute_from free measured"
).split()


def time_table(roofline: Roofline) -> FlatTable:
    """One record per layer. Times are picoseconds; an intensity is a decimal of six digits."""

    def records() -> Iterator[list[Any]]:
        for row in roofline.rows:
            traffic = row.traffic
            shape = row.layer.output
            yield [
                row.name,
                row.layer.op.name,
                shape if roofline.scope.layout == "hwc" else Shape((shape[-1], *shape[:-1])),
                traffic.inputs,
                traffic.params,
                traffic.outputs,
                row.bytes,
                row.operations,
                decimal(row.intensity),
                row.memory,
                row.compute,
                row.time,
                row.bound,
                row.compute_from if row.compute_from is not None else "",
                traffic.free,
                row.measured if row.measured is not None else "",
            ]

    return PLAIN, records()


class _Item:
    """A row of the table with the numbers of all layers that it stands for. None: no rule."""

    def __init__(self, row: FoldedRow, roofline: Roofline, rows: dict[Layer, LayerTime]):
        self.row = row
        found = [rows[layer] for layer in row.layers]
        known = all(at.time is not None for at in found)
        self.bytes = sum([at.bytes or 0 for at in found]) if known else None
        self.operations = sum([at.operations or 0 for at in found]) if known else None
        self.time = sum([at.time or 0 for at in found]) if known else None
        self.bound = _bound_words(found)
        took = [at.measured for at in found]
        self.measured = None if None in took else sum([at or 0 for at in took])
        # What layers are computed with may stand on another row: then none of them turns by itself.
        self.turn = None if row.opened else roofline.turn(row.layers)


def _bound_words(rows: Sequence[LayerTime]) -> str:
    """``memory``, or the share of the larger: ``compute 94 %``; what is free says so."""
    shares = {MEMORY: 0, COMPUTE: 0}
    for row in rows:
        if row.time is None:
            return "?"
        if row.bound:
            shares[row.bound] += row.time
    total = sum(shares.values())
    if not total:
        return "nothing"
    larger = max(shares, key=lambda bound: shares[bound])
    return larger if shares[larger] == total else f"{larger} {in_percent(Fraction(shares[larger], total))}"


def time_sheets(
    roofline: Roofline, space: Space = PAGE, depth: int | None = None, all_layers: bool = False
) -> list[Sheet]:
    """The layers, what bounds the whole, and what is assumed.

    depth       how far blocks are opened, from 1; None is the deepest of few rows
    all_layers  every layer on a row of its own
    """
    depths = ""
    layers = roofline.scope.layers
    if all_layers:
        rows = every_layer(layers)
    else:
        folding = Folding(roofline.scope.graph, layers)
        at = folding.best() if depth is None else min(max(depth, 1), folding.levels)
        rows = folding.rows(at)
        depths = f"depth {at} of {folding.levels}" if at < folding.levels else ""
    by_layer = {row.layer: row for row in roofline.rows}
    table = _Content(roofline, [_Item(row, roofline, by_layer) for row in rows])
    without = () if roofline.measured_layers else ("measured", "share")
    fitting = fit([column for column in COLUMNS if column.name not in without], table, space, 1)
    shown = {column.name for column in fitting.shown}
    return [
        Sheet(
            clean_line(roofline.scope.graph.metadata.name),
            f"the least time on {clean_line(roofline.device.title)}",
            f"{roofline.dtype}, batch {roofline.batch:,}",
            "time",
            TableBlock(fitting.grid()),
            FactsBlock(lambda within: _facts(roofline, roofline.totals, within)),
            NotesBlock(
                [*assumptions(roofline), *_legend(table, shown)],
                [depths] if depths else [],
                fitting.left_out_note,
            ),
        )
    ]


class _Content:
    """The cells of the table of layers."""

    def __init__(self, roofline: Roofline, items: Sequence[_Item]):
        self.roofline = roofline
        self.items = items
        self.unit = unit_for(roofline.totals.bytes)
        self.clock = duration_unit(roofline.totals.time)
        self.most = max([item.time or 0 for item in items if not item.row.opened], default=0)

    def head(self, column: Column, look: Look) -> str:
        """The head of a column."""
        return column.head

    def cells(self, column: Column, look: Look) -> list[Cell]:
        """Rows, and the total."""
        totals = self.roofline.totals
        name = column.name
        if name == "bars":
            cells = look.width or WIDEST
            drawn = [half_bar(0 if at.row.opened else at.time, self.most, cells, False) for at in self.items]
            return [*[(bar, "field") for bar in drawn], ("", "")]
        if name == "layer":
            names = ["  " * at.row.indent + clean(at.row.name) for at in self.items]
            return [*self._plain(names), ("total", "sum")]
        if name == "what":
            words = [clean(at.row.text if look.short else at.row.what) for at in self.items]
            return [*[(text, "spec") for text in words], ("", "")]
        if name == "output":
            shapes = [volume(at.row.last.output, self.roofline.scope.layout) for at in self.items]
            return [*[(text, "") for text in shapes], ("", "")]
        if name == "moved":
            sizes = ["?" if at.bytes is None else binary(at.bytes, self.unit) for at in self.items]
            return [*self._plain(sizes), (self._total(binary(totals.bytes, self.unit)), "sum")]
        if name == "operations":
            write = brief if look.short else count
            numbers = [write(at.operations) for at in self.items]
            return [*self._plain(numbers), (write(totals.operations, totals.at_least), "sum")]
        if name == "intensity":
            quotients = [quotient_words(quotient(at.operations, at.bytes)) for at in self.items]
            return [*self._plain(quotients), (quotient_words(totals.intensity), "sum")]
        if name == "time":
            times = ["?" if at.time is None else duration_in(at.time, self.clock) for at in self.items]
            return [*self._plain(times), (self._total(duration_in(totals.time, self.clock)), "sum")]
        if name == "measured":
            took = ["" if at.measured is None else duration_in(at.measured, self.clock) for at in self.items]
            passed = sum(self.roofline.measured_layers.values())
            return [*self._plain(took), (duration_in(passed, self.clock), "sum")]
        if name == "share":
            shares = [in_percent(_part(at.time, at.measured)) for at in self.items]
            passed = sum(self.roofline.measured_layers.values())
            return [*self._plain(shares), (in_percent(_part(totals.time, passed)), "sum")]
        if name == "turn":
            turns = ["" if at.turn is None else f"{at.turn:,}" for at in self.items]
            whole = self.roofline.turn_of_all
            return [*self._plain(turns), ("" if whole is None else f"{whole:,}", "sum")]
        return [*[(at.bound, "aside" if at.bound == "nothing" else "") for at in self.items], ("", "")]

    def _total(self, text: str) -> str:
        return f"≥ {text}" if self.roofline.totals.at_least else text

    def _plain(self, texts: Sequence[str]) -> list[Cell]:
        return [
            (text, {"0": "aside", "?": "warn"}.get(text, "sum" if at.row.opened else ""))
            for at, text in zip(self.items, texts, strict=True)
        ]


def _part(part: int | None, whole: int | None) -> Fraction | None:
    """A share; None where one is not known, or there is no whole."""
    return Fraction(part, whole) if part is not None and whole else None


def measured_sheets(roofline: Roofline, device: str, timing: Timing, space: Space = PAGE) -> list[Sheet]:
    """The layers, what bounds them, and what they took."""
    (sheet,) = time_sheets(roofline, space)
    name = (
        f"PyTorch {timing.torch} on {clean_line(timing.device)}"
        if device == "cuda"
        else f"PyTorch {timing.torch}"
    )
    how = [
        f"measured: {name}, the median of {timing.repeats} passes after a warm-up",
        "layers are measured in passes of their own, with a mark behind each, which takes time too",
    ]
    return [
        Sheet(
            sheet.name,
            f"measured on {device}, beside {sheet.title}",
            sheet.aside,
            "measured time",
            *sheet.blocks,
            NotesBlock(how),
        )
    ]


def _legend(table: _Content, shown: set[str]) -> list[str]:
    """What the columns on the screen mean."""
    words = {
        "moved": f"moved: {table.unit}",
        "operations": "a multiply-add is two operations",
        "intensity": "intensity: operations per byte",
        "time": f"time: {table.clock}",
        "turn": "compute from: the smallest batch at which computing takes as long as moving",
    }
    return [text for name, text in words.items() if name in shown]


def _facts(roofline: Roofline, totals: RooflineTotals, space: Space) -> Iterator[tuple[str, Line]]:
    """What bounds the whole, each fact behind a word."""
    for word, texts in (
        ("time", _times(totals)),
        ("bound", _bounds(totals)),
        ("turns", [turn_words(roofline)]),
        ("measured", _measured(roofline)),
        ("uncounted", uncounted_words(totals)),
        ("device", device_words(roofline)),
    ):
        for number, text in enumerate(texts):
            for part, line in enumerate(space.broken(text, space.width)):
                yield word if number == part == 0 else "", [(line, "sum" if word == "time" else "")]


def _times(totals: RooflineTotals) -> list[str]:
    """The two bounds, in words."""
    batch = totals.batch
    each = f", {quotient_words(_throughput(totals))} elements a second at most" if totals.time else ""
    found = [f"at least {duration(totals.time)}, one layer after the other{each if batch > 1 else ''}"]
    how = f", bound by {totals.bound}" if totals.bound else ""
    found.append(f"at least {duration(totals.overlapped)}, if layers run beside each other{how}")
    return found


def _throughput(totals: RooflineTotals) -> Fraction:
    return Fraction(totals.batch * 10**12, totals.time)


def _bounds(totals: RooflineTotals) -> list[str]:
    parts = []
    for bound in (MEMORY, COMPUTE):
        layers = totals.layers_by_bound[bound]
        if layers:
            share = (
                f", {in_percent(Fraction(totals.by_bound[bound], totals.time))} of the time"
                if totals.time
                else ""
            )
            parts.append(f"{bound} {layers:,} {'layers' if layers > 1 else 'layer'}{share}")
    return [" · ".join(parts)] if parts else []


def _measured(roofline: Roofline) -> list[str]:
    measured = roofline.measured
    if measured is None or roofline.utilisation is None:
        return []
    peak, bandwidth = in_percent(roofline.peak_share), in_percent(roofline.bandwidth_share)
    shares = f"{peak} of the peak, {bandwidth} of the bandwidth"
    found = [f"{duration(measured)}: the bound is {in_percent(roofline.utilisation)} of it; {shares}"]
    if measured < roofline.totals.time:
        found.append(
            "it is below the bound: layers were fused, ran beside each other, or found data in a cache"
        )
    return found
