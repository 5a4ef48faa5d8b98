"""The table of `archcalc compare`: a network a row, ratios to the first beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ...analysis.comparison import COMPARED, Compared, Member
from ...quantities import MEASURED
from ..bars import wing
from ..formats.flat import Table
from ..grid import Cell, Column, Grid
from ..lines import Line, clean, width_of
from ..sheet import Sheet, screen
from ..words import binary, count, field_size, unit_for, volume

# Cells of the bars a side, at most and at least.
WIDEST, NARROWEST = 9, 5
# Columns that the words of a chain are broken to, at least.
LEAST_NAME = 28
# Columns in order, and their heads.
HEADS = {"network": "network", "params": "parameters", "macs": "MACs", "outputs": "outputs",
         "peak": "peak", "rf": "RF", "depth": "depth", "top1": "top-1",
         "top5": "top-5"}  # fmt: skip
# What has a ratio, by the names of the totals.
RATIOS = {"params": "params", "macs": "macs", "outputs": "activation_bytes", "peak": "peak_bytes"}
# What goes for want of room, in this order; bars shrink first.
GIVEN_UP = ("top5", "bars", "peak", "outputs", "depth", "ratios", "top1", "rf")
CROPS = {"single_crop": "one crop", "ten_crop": "ten crops"}

PLAIN = ["name", "input", "params", "trainable", "buffers", "macs", "flops", "activation_bytes",
         "peak_bytes", "rf_size", "depth", "top1", "top5",
         *[f"{quantity}_ratio" for quantity in COMPARED]]  # fmt: skip


def ratio(value: Fraction | None) -> str:
    """``5.4x``, ``1/7.3``, ``1.03x``, ``=``; from a hundred on without decimals."""
    if value is None:
        return ""
    if value == 1:
        return "="
    times = value if value > 1 else 1 / value
    places = 1 if round(times, 1) > 1 else 2
    text = f"{round(times):,}" if round(times, 1) >= 100 else f"{float(times):.{places}f}"
    return f"{text}x" if value > 1 else f"1/{text}"


def compare_table(compared: Compared) -> Table:
    """A record a network; ratios as decimals of six digits."""

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
            ]

    return PLAIN, records()


def compare_lines(compared: Compared, width: int | None = None) -> Iterator[Line]:
    """The screen, for so many columns; None is as wide as it comes."""
    yield from screen(_sheet(compared, width, WIDEST), width, headed=False)


def compare_sheet(compared: Compared) -> Sheet:
    """The same without bars and as wide as it comes."""
    return _sheet(compared, None, 0)


def _sheet(compared: Compared, width: int | None, bars: int) -> Sheet:
    table = _Table(compared, bars)
    if width is not None:
        table.fit(width)
    first = clean(compared.first.name)
    left_out = [f"left out at {width} columns: {', '.join(table.left_out)}"]
    return Sheet(
        "", f"Compared with {first}", "", "compare", table.grid(),
        [table.notes(), table.accuracy_notes(), left_out if table.left_out else []],
    )  # fmt: skip


class _Table:
    """As much of the table as fits.

    shown     columns, by the names of HEADS
    ratios    whether they stand beside the numbers
    bars      cells of the bars a side
    room      columns that a chain may take; None for all it needs
    left_out  what had to go, in words
    """

    def __init__(self, compared: Compared, bars: int):
        self.compared = compared
        self.rows = compared.rows
        self.bars = bars
        self.ratios = len(self.rows) > 1
        self.room: int | None = None
        self.left_out: list[str] = []
        self.shown = [
            name for name in HEADS
            if name not in MEASURED or any(row.accuracies[name] for row in self.rows)
        ]  # fmt: skip
        self.unit = unit_for(max(row.totals["activation_bytes"] for row in self.rows))

    def fit(self, width: int) -> None:
        """Give up what the width asks for, in the design's order."""
        most = self.bars
        self._give_up(width)
        # Where a column went, the bars may have room again.
        while self.bars and self.bars < most:
            self.bars += 1
            if self.grid().width > width:
                self.bars -= 1
                break

    def _give_up(self, width: int) -> None:
        while self.bars > NARROWEST and self.grid().width > width:
            self.bars -= 1
        if self.grid().width > width and any("->" in row.name for row in self.rows):
            over = self.grid().width - width
            widest = max(width_of(clean(row.name)) for row in self.rows)
            self.room = max(widest - over, LEAST_NAME)
        for name in GIVEN_UP:
            if self.grid().width <= width:
                return
            if name == "bars":
                self.bars = 0
            elif name == "ratios":
                if not self.ratios:
                    continue
                self.ratios = False
            elif name in self.shown:
                self.shown.remove(name)
            else:
                continue
            self.left_out.append(HEADS.get(name, name))

    def grid(self) -> Grid:
        """The table of what fits."""
        columns: list[Column] = []
        for name in self.shown:
            if name == "macs" and self.bars:
                columns.append(Column("", gap=1))
            gap = 1 if name == "macs" and self.bars else 2
            columns.append(Column(HEADS[name], right=name != "network", gap=gap))
            if self.ratios and name in RATIOS:
                columns.append(Column("", right=True, gap=1))
        most = {key: max(row.totals[key] for row in self.rows) for key in ("params", "macs")}
        rows: list[list[Cell]] = []
        for row in self.rows:
            name, *rest = _broken(clean(row.name), self.room)
            rows.append(self._cells(row, name, most))
            blank: list[Cell] = [("", "")] * (len(columns) - 1)
            rows += [[(f"  {part}", "spec"), *blank] for part in rest]
        return Grid(columns, rows)

    def _cells(self, row: Member, name: str, most: dict[str, int]) -> list[Cell]:
        totals = row.totals
        texts = {
            "network": name,
            "params": count(totals["params"], "params" in row.at_least),
            "macs": count(totals["macs"], "macs" in row.at_least),
            "outputs": binary(totals["activation_bytes"], self.unit, 1),
            "peak": binary(totals["peak_bytes"], self.unit, 1),
            "rf": field_size(row.field) if row.field else "?" if row.blind else "all",
            "depth": str(totals["depth"]),
        }
        for quantity, reported in row.accuracies.items():
            texts[quantity] = f"{reported.text}%" if reported is not None else ""
        cells: list[Cell] = []
        for column in self.shown:
            if column == "macs" and self.bars:
                cells.append([
                    (wing(totals["params"], most["params"], self.bars, True), "params"),
                    ("│", "aside"),
                    (wing(totals["macs"], most["macs"], self.bars, False), "macs"),
                ])  # fmt: skip
            text = texts[column]
            role = "spec" if column == "network" and "->" in row.name else ""
            cells.append((text, {"0": "aside", "?": "warn"}.get(text, role)))
            if self.ratios and column in RATIOS:
                first = row is self.compared.first
                found = None if first else self.compared.ratio(row, RATIOS[column])
                cells.append((ratio(found), "aside"))
        return cells

    # Below -----------------------------------------------------------------------------------

    def notes(self) -> list[str]:
        """The conventions behind what is on this screen, and nothing else."""
        summary = self.compared.first.summary
        parts = []
        if self.ratios:
            parts.append(f"ratios to {clean(self.compared.first.name)}")
        parts += self._inputs()
        parts.append("MACs of conv and fc, no bias")
        if summary.batch != 1:
            parts[-1] += f", for a batch of {summary.batch:,}"
        memory = [name for name in ("outputs", "peak") if name in self.shown]
        if memory:
            unit = f"{', '.join(memory)} in {self.unit}"
            parts.append(f"{unit}, {summary.dtype}, batch {summary.batch:,}")
        if "rf" in self.shown:
            parts.append("RF: receptive field, last window")
            fields = [row.field for row in self.rows if row.field is not None]
            if any(not field.aligned for field in fields):
                parts.append("~ paths of different strides or centres meet")
            if any(field.gated for field in fields):
                parts.append("* a gate that sees everything is left out")
        return parts

    def _inputs(self) -> list[str]:
        """What goes in, where the names do not say it."""
        groups: dict[str, list[str]] = {}
        for row in self.rows:
            if "->" not in row.name:
                sizes = ", ".join(volume(shape, row.summary.layout) for shape in row.inputs)
                groups.setdefault(sizes, []).append(clean(row.name))
        if len(groups) == 1 and len(next(iter(groups.values()))) == len(self.rows):
            return list(groups)
        return [f"{sizes} into {', '.join(names)}" for sizes, names in groups.items()]

    def accuracy_notes(self) -> list[str]:
        """How the accuracies were measured: networks by crop and by what was printed."""
        shown = [name for name in MEASURED if name in self.shown]
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


def _broken(name: str, room: int | None) -> list[str]:
    """A chain broken at its arrows into lines, the second and later ones two columns shorter."""
    if room is None or width_of(name) <= room or "->" not in name:
        return [name]
    lines: list[str] = []
    for number, part in enumerate(name.split(" -> ")):
        text = part if not number else f"-> {part}"
        if lines and width_of(f"{lines[-1]} {text}") <= room - (2 if len(lines) > 1 else 0):
            lines[-1] += f" {text}"
        else:
            lines.append(text)
    return lines
