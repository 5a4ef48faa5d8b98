"""The table of `archcalc list`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..analysis.summary import Summary
from .flat import Table
from .grid import Cell, Column, Grid
from .lines import Line, clean
from .sheet import Sheet, screen
from .words import count, field_size, volume
from .wrapping import shortened

PLAIN = ["name", "family", "year", "input", "params", "trainable", "buffers", "macs", "flops",
         "depth", "rf_size", "title"]  # fmt: skip


# Columns below which a shortened `which` says too little.
LEAST_WHICH = 24


class Entry:
    """A network of the zoo with its totals."""

    __slots__ = ("summary", "about", "field")

    def __init__(self, summary: Summary):
        self.summary = summary
        self.about = summary.graph.about
        last = summary.fields.last_local()
        self.field = summary.fields.main(last) if last is not None else None

    @property
    def which(self) -> str:
        """What is special about it: the title behind its first comma."""
        return (self.about.title or "").partition(",")[2].strip()

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the contract: name, family, year, input, totals."""
        return {
            "name": self.about.name,
            "title": self.about.title,
            "family": self.about.family,
            "year": self.about.year,
            "papers": list(self.about.papers),
            "parameters": self.about.parameters,
            "input": self.summary.input,
            "totals": self.summary.totals,
            "rf": self.field.to_dict() if self.field is not None else None,
        }


def list_table(entries: Sequence[Entry]) -> Table:
    """A record a network."""

    def records() -> Iterator[list[Any]]:
        for entry in entries:
            totals = entry.summary.totals
            yield [
                entry.about.name, entry.about.family or "", entry.about.year or "",
                ";".join(volume(source.output) for source in entry.summary.graph.inputs),
                *[totals[key] for key in
                  ("params", "trainable", "buffers", "macs", "flops", "depth")],
                tuple(entry.field.size) if entry.field is not None else "",
                entry.about.title or "",
            ]  # fmt: skip

    return PLAIN, records()


def list_lines(entries: Sequence[Entry], width: int | None = None) -> Iterator[Line]:
    """The screen: networks by family, `which` shortened, columns given up from which to RF."""
    yield from screen(list_sheet(entries, width), width, headed=False)


def list_sheet(entries: Sequence[Entry], width: int | None = None) -> Sheet:
    """Networks by family; ``width`` columns that the table must fit, None for all it needs."""
    drop: list[str] = []
    grid = _grid(entries, drop)
    if width is not None and grid.width > width:
        room = width - grid.width + grid.widths[1]
        if room >= LEAST_WHICH:
            grid = _grid(entries, drop, room)
    for name in ("which", "input", "MACs", "RF"):
        if width is None or grid.width <= width:
            break
        drop.append(name)
        grid = _grid(entries, drop)
    parts = [f"{len(entries)} networks" if len(entries) != 1 else "1 network"]
    if "MACs" not in drop:
        parts.append("MACs of conv and fc, no bias")
    if "RF" not in drop:
        parts.append("RF: receptive field, last window")
        if any(e.field is not None and not e.field.aligned for e in entries):
            parts.append("~ paths of different strides or centres meet")
    left_out = [f"left out at {width} columns: {', '.join(drop)}"] if drop else []
    return Sheet("", "Networks of the zoo", "", "zoo", grid, [parts, left_out])


def _grid(entries: Sequence[Entry], drop: Sequence[str], room: int | None = None) -> Grid:
    """The table without some columns, `which` cut to ``room``."""
    heads = [("name", False), ("which", False), ("input", True), ("parameters", True),
             ("MACs", True), ("RF", True)]  # fmt: skip
    kept = [index for index, (head, _) in enumerate(heads) if head not in drop]
    rows: list[list[Cell]] = []
    families: dict[str, list[Entry]] = {}
    for entry in entries:
        families.setdefault(entry.about.family or "others", []).append(entry)
    for family, members in families.items():
        years = sorted({entry.about.year for entry in members if entry.about.year})
        title: Line = [(clean(family), "sum")]
        if years:
            span = str(years[0]) if len(years) == 1 else f"{years[0]}..{years[-1]}"
            title.append((f"  {span}", "aside"))
        rows.append([title, *[("", "")] * (len(kept) - 1)])
        for entry in members:
            totals = entry.summary.counts
            which = clean(entry.which)
            cells: list[Cell] = [
                (f"  {clean(entry.about.name)}", ""),
                (which if room is None else shortened(which, room), "aside"),
                ("; ".join(volume(s.output) for s in entry.summary.graph.inputs), ""),
                (count(totals.params), ""),
                (count(totals.macs), ""),
                (field_size(entry.field) if entry.field is not None else "all", ""),
            ]
            rows.append([cells[index] for index in kept])
    return Grid([Column(heads[i][0], right=heads[i][1]) for i in kept], rows)
