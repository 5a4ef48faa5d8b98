"""The table of `archcalc list`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...shape import Shape
from ..grid import Cell, Column, Grid
from ..lines import Line, clean
from ..sheet import Sheet, screen
from ..words import count, marked_size, volume
from ..wrapping import shortened

if TYPE_CHECKING:
    from ...analysis.summary import Summary
    from ..formats.flat import Table

PLAIN = ["name", "family", "year", "input", "params", "trainable", "buffers", "macs", "flops",
         "depth", "rf_size", "title", "units", "activation_bytes", "peak_bytes", "saved_bytes",
         "top1", "top5"]  # fmt: skip

# What a network can be chosen and sorted by.
TOTALS = ("params", "trainable", "buffers", "macs", "flops", "depth", "units", "connections",
          "param_bytes", "activation_bytes", "peak_bytes", "saved_bytes")  # fmt: skip
ACCURACIES = ("top1", "top5")
NUMBERS = ("year", *TOTALS, "rf", *ACCURACIES)
TEXTS = ("name", "family")
# Those that the table shows anyway.
_SHOWN = (*TEXTS, "params", "macs", "rf")

# Columns below which a shortened `which` says too little.
LEAST_WHICH = 24


class Entry:
    """A network of the zoo with its totals: the record that the JSON writes, and what is read off
    it."""

    __slots__ = ("record", "name", "totals", "field")

    def __init__(self, record: dict[str, Any]):
        self.record = record
        self.name: str = record["name"]
        self.totals: dict[str, Any] = record["totals"]
        self.field: dict[str, Any] | None = record["rf"]

    @classmethod
    def of(cls, summary: Summary) -> Entry:
        """The entry of a network. Accuracies are those that `compare` takes, in per cent of right
        answers: as texts, which keep their digits, and as numbers."""
        from ...analysis.comparison import accuracy

        about = summary.graph.about
        known = {quantity: accuracy(summary, quantity) for quantity in ACCURACIES}
        last = summary.fields.last_local()
        field = summary.fields.main(last) if last is not None else None
        return cls({
            "name": about.name,
            "title": about.title,
            "family": about.family,
            "year": about.year,
            "papers": list(about.papers),
            "parameters": about.parameters,
            "input": summary.input,
            "totals": summary.totals,
            "rf": field.to_dict() if field is not None else None,
            **{quantity: found and found.text for quantity, found in known.items()},
            "accuracies": {
                quantity: found and float(found.value) for quantity, found in known.items()
            },
        })  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the contract: name, family, year, input, totals."""
        return self.record

    @property
    def family(self) -> str:
        """Its family; ``others`` without one."""
        return self.record["family"] or "others"

    @property
    def year(self) -> int | None:
        """Of its first publication."""
        year: int | None = self.record["year"]
        return year

    @property
    def which(self) -> str:
        """What is special about it: the title behind its first comma."""
        return (self.record["title"] or "").partition(",")[2].strip()

    @property
    def inputs(self) -> list[Shape]:
        """Shapes of its inputs, channels last."""
        given = self.record["input"]
        return [Shape(sizes) for sizes in (given.values() if isinstance(given, dict) else [given])]

    @property
    def quantities(self) -> dict[str, Any]:
        """NUMBERS and TEXTS; None for what it does not have. The size of the receptive field is
        that of the last local layer, of its larger axis."""
        from decimal import Decimal  # the figure as printed; only the list wants it

        size = self.field["size"] if self.field is not None else None
        return {
            "name": self.name, "family": self.family, "year": self.year,
            **{key: self.totals[key] for key in TOTALS},
            "rf": max(size) if size else None,
            **{key: self.record[key] and Decimal(self.record[key]) for key in ACCURACIES},
        }  # fmt: skip


def by_family(entries: Sequence[Entry]) -> list[Entry]:
    """Families in the order of their first year, networks as their file has them."""
    first: dict[str, int] = {}
    for entry in entries:
        first[entry.family] = min(entry.year or 9999, first.get(entry.family, 9999))
    return sorted(entries, key=lambda entry: (first[entry.family], entry.family))


def years(entries: Sequence[Entry], between: str) -> str:
    """The first and the last year of networks, or the one; nothing where none has a year."""
    known = sorted({entry.year for entry in entries if entry.year})
    return between.join([str(year) for year in dict.fromkeys([*known[:1], *known[-1:]])])


def list_table(entries: Sequence[Entry]) -> Table:
    """A record a network."""

    def records() -> Iterator[list[Any]]:
        for entry in entries:
            values = entry.quantities
            yield [
                entry.name, entry.record["family"] or "", entry.year or "",
                ";".join([volume(shape) for shape in entry.inputs]),
                *[values[key] for key in PLAIN[4:10]],
                tuple(entry.field["size"]) if entry.field is not None else "",
                entry.record["title"] or "",
                *["" if values[key] is None else values[key] for key in PLAIN[12:]],
            ]  # fmt: skip

    return PLAIN, records()


def list_lines(
    entries: Sequence[Entry],
    width: int | None = None,
    also: Sequence[str] = (),
    families: bool = True,
) -> Iterator[Line]:
    """The screen: networks by family, `which` shortened, columns given up from which to RF."""
    yield from screen(list_sheet(entries, width, also, families), width, headed=False)


def list_sheet(
    entries: Sequence[Entry],
    width: int | None = None,
    also: Sequence[str] = (),
    families: bool = True,
) -> Sheet:
    """Networks of the zoo.

    width     columns that the table must fit, None for all it needs
    also      quantities that are asked about; those without a column get one
    families  whether they stand by family, under its name
    """
    also = [name for name in also if name not in _SHOWN]
    drop: list[str] = []
    grid = _grid(entries, drop, also, families)
    if width is not None and grid.width > width:
        room = width - grid.width + grid.widths[1]
        if room >= LEAST_WHICH:
            grid = _grid(entries, drop, also, families, room)
    for name in ("which", "input", "MACs", "RF"):
        if width is None or grid.width <= width:
            break
        drop.append(name)
        grid = _grid(entries, drop, also, families)
    parts = [f"{len(entries)} networks" if len(entries) != 1 else "1 network"]
    if "MACs" not in drop:
        parts.append("MACs of conv and fc, no bias")
    if "RF" not in drop:
        parts.append("RF: receptive field, last window")
        if any(e.field is not None and not e.field["aligned"] for e in entries):
            parts.append("~ paths of different strides or centres meet")
    if any(name in ACCURACIES for name in also):
        parts.append("top1, top5: published accuracy in per cent")
    left_out = [f"left out at {width} columns: {', '.join(drop)}"] if drop else []
    return Sheet("", "Networks of the zoo", "", "zoo", grid, [parts, left_out])


def _grid(
    entries: Sequence[Entry],
    drop: Sequence[str],
    also: Sequence[str],
    families: bool,
    room: int | None = None,
) -> Grid:
    """The table without some columns, `which` cut to ``room``."""
    heads = [("name", False), ("which", False), ("input", True), ("parameters", True),
             ("MACs", True), ("RF", True), *[(name, True) for name in also]]  # fmt: skip
    kept = [index for index, (head, _) in enumerate(heads) if head not in drop]
    rows: list[list[Cell]] = []
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.family if families else "", []).append(entry)
    for family, members in groups.items():
        if families:
            title: Line = [(clean(family), "sum")]
            if span := years(members, ".."):
                title.append((f"  {span}", "aside"))
            rows.append([title, *[("", "")] * (len(kept) - 1)])
        for entry in members:
            which, field = clean(entry.which), entry.field
            cells: list[Cell] = [
                (f"{'  ' if families else ''}{clean(entry.name)}", ""),
                (which if room is None else shortened(which, room), "aside"),
                ("; ".join([volume(shape) for shape in entry.inputs]), ""),
                (count(entry.totals["params"]), ""),
                (count(entry.totals["macs"]), ""),
                (_field(field), ""),
                *[(_asked(name, entry.quantities[name]), "") for name in also],
            ]
            rows.append([cells[index] for index in kept])
    return Grid([Column(heads[i][0], right=heads[i][1]) for i in kept], rows)


def _field(field: dict[str, Any] | None) -> str:
    if field is None:
        return "all"
    return marked_size(field["size"], field["aligned"], field["gated"])


def _asked(name: str, value: Any) -> str:
    """A quantity that has no column of its own; nothing where a network does not have it."""
    if value is None:
        return ""
    return str(value) if name in ("year", *ACCURACIES) else count(value)
