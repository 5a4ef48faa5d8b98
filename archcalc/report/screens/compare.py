"""The table of `archcalc compare`: one network per row, ratios to the first beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from ...analysis.comparison import COMPARED, Compared, Member
from ...quantities import COUNTER, MEASURED, ON_DEVICE, measured
from ..bars import bars_column, butterfly
from ..fitting import FOLDED, GONE, SHORT, WRAPPED, Look
from ..flat import FlatTable
from ..grid import Cell, Column, Yield
from ..lines import clean
from ..sheet import PAGE, NotesBlock, Sheet, Space, TableBlock, fit
from ..words import (
    binary,
    brief,
    count,
    counted_besides,
    duration_in,
    duration_unit,
    field_size,
    macs_of,
    marks_explained,
    unit_for,
    volume,
)

# The most and the fewest cells of the bars on each side.
WIDEST, NARROWEST = 9, 5
# The totals that have a ratio, by their names. A ratio stands beside its number.
RATIOS = {
    "params": "params",
    "macs": "macs",
    "outputs": "activation_bytes",
    "peak": "peak_bytes",
    "time": "time",
}
_RATIO = " ratio"


def _ratio_column(of: str, gone: int, words: str) -> Column:
    """The ratio beside a number. A narrow screen gives it up in a step of its own."""
    steps = Yield(4, SHORT, "digits of ratios"), Yield(gone, GONE, f"ratios of {words}")
    return Column("", True, 1, of + _RATIO, steps, of)


# The columns in order, and what each gives up where the width is too small: bars first, then the digits of
# ratios and counts, and ratios before what somebody has measured.
COLUMNS = (
    Column(
        "network",
        name="network",
        yields=(Yield(1, WRAPPED, least=28), Yield(18, WRAPPED, least=20), Yield(19, FOLDED, least=8)),
    ),
    Column("parameters", True, name="params", yields=(Yield(8, SHORT, "digits of parameters"),)),
    _ratio_column("params", 9, "parameters"),
    bars_column(NARROWEST),
    Column("MACs", True, name="macs", yields=(Yield(7, SHORT, "digits of MACs"), Yield(17, GONE, "MACs"))),
    _ratio_column("macs", 10, "MACs"),
    Column("", True, name=COUNTER.name, yields=(Yield(7, SHORT, "digits of the counter"),)),
    Column("outputs", True, name="outputs", yields=(Yield(12, GONE, "outputs"),)),
    _ratio_column("outputs", 6, "outputs"),
    Column("peak", True, name="peak", yields=(Yield(11, GONE, "peak"),)),
    _ratio_column("peak", 5, "peak"),
    Column("time", True, name="time"),
    _ratio_column("time", 13, "times"),
    Column("RF", True, name="rf", yields=(Yield(16, GONE, "RF"),)),
    Column("depth", True, name="depth", yields=(Yield(14, GONE, "depth"),)),
    Column("top-1", True, name="top1", yields=(Yield(15, GONE, "top-1"),)),
    Column("top-5", True, name="top5", yields=(Yield(13, GONE, "top-5"),)),
)
HEADS = {column.name: column.head for column in COLUMNS}
CROPS = {"single_crop": "one crop", "ten_crop": "ten crops"}

PLAIN = (
    "name input params trainable buffers macs flops activation_bytes peak_bytes rf_size depth top1 top5"
).split() + [f"{quantity}_ratio" for quantity in COMPARED]


def ratio(value: Fraction | None, short: bool = False) -> str:
    """``5.4x``, ``1/7.3``, ``1.03x``, ``=``; from a hundred on without decimals, and in short from
    a thousand on in three digits: ``37.1Kx``."""
    if value is None:
        return ""
    if value == 1:
        return "="
    times = value if value > 1 else 1 / value
    places = 1 if round(times, 1) > 1 else 2
    whole = (brief if short else count)(round(times))
    text = whole if round(times, 1) >= 100 else f"{float(times):.{places}f}"
    return f"{text}x" if value > 1 else f"1/{text}"


def compare_table(compared: Compared, further: Sequence[str] = ()) -> FlatTable:
    """One record per network; ratios as decimals of six digits; ``further`` quantities behind."""
    if compared.first.summary.graph.counter is not None and COUNTER.name not in further:
        further = [*further, COUNTER.name]

    device = [*ON_DEVICE, "time_ratio"] if compared.first.bounds is not None else []

    def records() -> Iterator[list[Any]]:
        for row in compared.rows:
            ratios = [compared.ratio(row, quantity) for quantity in COMPARED]
            at = row.accuracies
            yield [
                row.name,
                ";".join(volume(shape, row.summary.layout) for shape in row.inputs),
                *[row.totals[key] for key in PLAIN[2:9]],
                tuple(row.field.size) if row.field is not None else None if row.blind else "",
                row.totals["depth"],
                *["" if a is None else a.text for a in (at[quantity] for quantity in MEASURED)],
                *["" if r is None else f"{float(r):.6g}" for r in ratios],
                *[measured(name, row.summary) for name in further],
                *_on_device(compared, row),
            ]

    return [*PLAIN, *further, *device], records()


def _on_device(compared: Compared, row: Member) -> list[Any]:
    """What a device adds to a record: time, traffic, intensity, and the ratio of the times."""
    if row.bounds is None:
        return []
    ratio = compared.ratio(row, "time")
    decimals = [None if value is None else f"{float(value):.6g}" for value in (row.bounds.intensity, ratio)]
    return [row.bounds.time, row.bounds.bytes, *decimals]


def compare_sheets(compared: Compared, space: Space = PAGE) -> list[Sheet]:
    """The table, and the conventions behind it."""
    table = _Content(compared)
    fitting = fit(table.columns(), table, space)
    shown = {column.name for column in fitting.shown}
    title = f"Compared with {clean(compared.first.name)}"
    notes = NotesBlock(table.notes(shown), table.accuracy_notes(shown), fitting.left_out_note)
    return [Sheet("", title, "", "compare", TableBlock(fitting.grid()), notes, headed=False)]


class _Content:
    """The cells of the table, and what stands below it."""

    def __init__(self, compared: Compared):
        self.compared = compared
        self.rows = compared.rows
        self._counter = compared.first.summary.graph.counter
        self.unit = unit_for(max(row.totals["activation_bytes"] for row in self.rows))
        self.clock = duration_unit(max([row.bounds.time for row in self.rows if row.bounds], default=0))

    def columns(self) -> list[Column]:
        """The columns that say something of these networks."""

        def says(name: str) -> bool:
            if name in MEASURED:
                return any(row.accuracies[name] for row in self.rows)
            if name == COUNTER.name:
                return self._counter is not None
            if name in ("time", f"time{_RATIO}") and self.compared.first.bounds is None:
                return False
            return len(self.rows) > 1 or not name.endswith(_RATIO)

        return [column for column in COLUMNS if says(column.name)]

    def head(self, column: Column, look: Look) -> str:
        """The head of a column."""
        if column.name == COUNTER.name and self._counter is not None:
            return self._counter.label
        return "params" if column.name == "params" and look.short else column.head

    def cells(self, column: Column, look: Look) -> list[Cell]:
        """One cell per network."""
        if column.name == "bars":
            cells = (look.width or 2 * WIDEST + 1) // 2
            most = {key: max(row.totals[key] for row in self.rows) for key in ("params", "macs")}
            return [butterfly(row.totals, most, cells) for row in self.rows]
        if column.name.endswith(_RATIO):
            key, first = RATIOS[column.beside], self.compared.first
            return [
                ("" if row is first else ratio(self.compared.ratio(row, key), look.short), "aside")
                for row in self.rows
            ]
        return [self._cell(row, column.name, look.short) for row in self.rows]

    def _cell(self, row: Member, name: str, short: bool) -> Cell:
        totals = row.totals
        if name == "network":
            return (clean(row.name), "spec" if "->" in row.name else "")
        if name in ("params", "macs"):
            text = (brief if short else count)(totals[name], name in row.at_least)
        elif name == COUNTER.name:
            text = (brief if short else count)(totals[name]["figure"])
        elif name in ("outputs", "peak"):
            text = binary(totals[RATIOS[name]], self.unit, 1)
        elif name == "time":
            assert row.bounds is not None
            text = ("≥ " if row.bounds.at_least else "") + duration_in(row.bounds.time, self.clock)
        elif name == "rf":
            text = field_size(row.field) if row.field else "?" if row.blind else "all"
        elif name == "depth":
            text = str(totals["depth"])
        else:
            reported = row.accuracies[name]
            text = f"{reported.text}%" if reported is not None else ""
        return (text, {"0": "aside", "?": "warn"}.get(text, ""))

    # Below -----------------------------------------------------------------------------------

    def notes(self, shown: set[str]) -> list[str]:
        """The conventions behind what is on this screen, and nothing else; ``shown`` are its
        columns."""
        summary = self.compared.first.summary
        parts = []
        if any(name.endswith(_RATIO) for name in shown):
            parts.append(f"ratios to {clean(self.compared.first.name)}")
        parts += self._inputs()
        if "macs" in shown:
            layers = [layer for row in self.rows for layer in row.summary.layers]
            parts.append(macs_of(counted_besides(layers), summary.batch))
        if COUNTER.name in shown and self._counter is not None:
            parts.append(clean(self._counter.sentences([])[0]))
        memory = [name for name in ("outputs", "peak") if name in shown]
        if memory:
            unit = f"{', '.join(memory)} in {self.unit}"
            parts.append(f"{unit}, {summary.dtype}, batch {summary.batch:,}")
        if "time" in shown and summary.roofline is not None:
            parts.append(
                f"time: at least, in {self.clock}, on {clean(summary.roofline.title)}, {summary.dtype}"
            )
        if "rf" in shown:
            parts.append("RF: receptive field, last window")
            fields = [row.field for row in self.rows if row.field is not None]
            parts += marks_explained([field_size(field) for field in fields])
        if "depth" in shown:
            parts.append("depth: conv and fc layers on the longest path")
        return parts

    def _inputs(self) -> list[str]:
        """The inputs of the networks, where the names do not say them."""
        groups: dict[str, list[str]] = {}
        for row in self.rows:
            if "->" not in row.name:
                sizes = ", ".join(volume(shape, row.summary.layout) for shape in row.inputs)
                groups.setdefault(sizes, []).append(clean(row.name))
        if len(groups) == 1 and len(next(iter(groups.values()))) == len(self.rows):
            return list(groups)
        return [f"{sizes} into {', '.join(names)}" for sizes, names in groups.items()]

    def accuracy_notes(self, columns: set[str]) -> list[str]:
        """How the accuracies were measured: networks by crop and by what was printed; ``columns``
        are those that are shown."""
        shown = [name for name in MEASURED if name in columns]
        groups: dict[str, list[str]] = {}
        for row in self.rows:
            for quantity in shown:
                reported = row.accuracies[quantity]
                if reported is None:
                    continue
                words = CROPS.get(reported.crop, reported.crop.replace("_", " "))
                words = words or "crops not said"
                if reported.from_error:
                    words += ", 100% less the error"
                names = groups.setdefault(words, [])
                if clean(row.name) not in names:
                    names.append(clean(row.name))
        if not groups:
            return []
        parts = [f"{', '.join(HEADS[name] for name in shown)}: accuracy as reported"]
        if len(groups) == 1:
            return [*parts, *groups]
        parts += [f"{words}: {', '.join(names)}" for words, names in groups.items()]
        return parts
