"""The table of `archcalc list`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...quantities import BYTES, COMPARED, DURATION, ON_DEVICE, SIZES, names
from ...shape import Shape
from ..fitting import CUT, FOLDED, GONE, SHORT, Look
from ..grid import Cell, Column, Yield
from ..lines import Line, clean
from ..records.zoo import ACCURACIES, entry_record
from ..sheet import PAGE, NotesBlock, Sheet, Space, TableBlock, fit
from ..words import amount, brief, count, duration, macs_of, marked_size, quotient_words, volume

if TYPE_CHECKING:
    from ...analysis.summary import Summary
    from ..flat import FlatTable

PLAIN = (
    "name family year input params trainable buffers macs flops depth rf_size title units "
    "activation_bytes peak_bytes saved_bytes top1 top5"
).split()

# What a network can be chosen and sorted by.
# Those that stand under their name in the JSON, and others that are read off it.
NUMBERS = (
    "year",
    *[n for n in COMPARED if names()[n].key == n],
    "units",
    "peak_bytes",
    "saved_bytes",
    "inference_bytes",
    "rf",
    *ACCURACIES,
)
OTHERS = tuple([name for name in COMPARED if name not in NUMBERS])
TEXTS = ("name", "family")
# Those that the table shows anyway.
_SHOWN = (*TEXTS, "params", "macs", "rf")

# The columns in order, and what each gives up where the width is too small: long digits first.
COLUMNS = (
    Column("name", name="name", yields=(Yield(8, FOLDED, least=16),)),
    Column(
        "which", name="which", yields=(Yield(3, CUT, "words of which", least=20), Yield(5, GONE, "which"))
    ),
    Column("input", True, name="input", yields=(Yield(4, GONE, "input"),)),
    Column("parameters", True, name="params", yields=(Yield(2, SHORT, "digits of parameters"),)),
    Column("MACs", True, name="macs", yields=(Yield(1, SHORT, "digits of MACs"), Yield(6, GONE, "MACs"))),
    Column("RF", True, name="rf", yields=(Yield(7, GONE, "RF"),)),
)


class ZooEntry:
    """A network of the zoo with its totals: the record that the JSON writes, and what is read off
    it."""

    __slots__ = ("record", "name", "totals", "field")

    def __init__(self, record: dict[str, Any]):
        self.record = record
        self.name: str = record["name"]
        self.totals: dict[str, Any] = record["totals"]
        self.field: dict[str, Any] | None = record["rf"]

    @classmethod
    def of(cls, summary: Summary) -> ZooEntry:
        """The entry of a network."""
        return cls(entry_record(summary))

    @property
    def family(self) -> str:
        """Its family; ``others`` without one."""
        return self.record["family"] or "others"

    @property
    def year(self) -> int | None:
        """The year of its first publication."""
        year: int | None = self.record["year"]
        return year

    @property
    def which(self) -> str:
        """The variant of the network: the title behind its first comma."""
        return (self.record["title"] or "").partition(",")[2].strip()

    @property
    def inputs(self) -> list[Shape]:
        """Shapes of its inputs, channels last."""
        given = self.record["input"]
        return [Shape(sizes) for sizes in (given.values() if isinstance(given, dict) else [given])]

    @property
    def quantities(self) -> dict[str, Any]:
        """NUMBERS, OTHERS and TEXTS; None for what it does not have. The size of the receptive
        field is that of the last local layer, of its larger axis."""
        from decimal import Decimal  # the figure as printed; only the list wants it

        return {
            "name": self.name,
            "family": self.family,
            "year": self.year,
            **{name: self.number(name) for name in COMPARED},
            **{key: self.record[key] and Decimal(self.record[key]) for key in ACCURACIES},
            **self.record.get("counters", {}),
            **self.on_device,
        }

    @property
    def on_device(self) -> dict[str, Any]:
        """What a device adds, where there is one."""
        found = dict(self.record.get("on", {}))
        if found.get("intensity") is not None:
            found["intensity"] = Fraction(found["intensity"])
        return found

    def number(self, name: str) -> Any:
        """One number of a quantity, by one of COMPARED: of several axes the largest, of a start the
        least."""
        quantity = names()[name]
        quantity = names()[quantity.number or quantity.name]
        operations: dict[str, Any] = self.totals["operations"]
        if quantity.name in operations:
            return operations[quantity.name]
        if quantity.form != SIZES:
            return self.totals[quantity.key or "activation_bytes"]
        sizes = self.record["size"]
        if quantity.name != "size":
            key = "size" if quantity.name == "rf" else quantity.name
            sizes = self.field[key] if self.field is not None else None
        if not sizes or None in sizes:
            return None
        values = [Fraction(size) for size in sizes]
        value = min(values) if quantity.name == "start" else max(values)
        return value.numerator if value.denominator == 1 else value


def by_family(entries: Sequence[ZooEntry]) -> list[ZooEntry]:
    """Families in the order of their first year, networks as their file has them."""
    first: dict[str, int] = {}
    for entry in entries:
        first[entry.family] = min(entry.year or 9999, first.get(entry.family, 9999))
    return sorted(entries, key=lambda entry: (first[entry.family], entry.family))


def years(entries: Sequence[ZooEntry], between: str) -> str:
    """The first and the last year of networks, or the one; nothing where none has a year."""
    known = sorted({entry.year for entry in entries if entry.year})
    return between.join([str(year) for year in dict.fromkeys([*known[:1], *known[-1:]])])


def list_table(entries: Sequence[ZooEntry], further: Sequence[str] = ()) -> FlatTable:
    """One record per network; ``further`` quantities behind the others."""

    def records() -> Iterator[list[Any]]:
        for entry in entries:
            values = entry.quantities
            yield [
                entry.name,
                entry.record["family"] or "",
                entry.year or "",
                ";".join([volume(shape) for shape in entry.inputs]),
                *[values[key] for key in PLAIN[4:10]],
                tuple(entry.field["size"]) if entry.field is not None else "",
                entry.record["title"] or "",
                *["" if values[key] is None else values[key] for key in PLAIN[12:]],
                *["" if values[key] is None else _plain(values[key]) for key in further],
            ]

    return [*PLAIN, *further], records()


def _plain(value: Any) -> Any:
    """A value of a flat table: an intensity is a decimal of six digits."""
    return float(f"{float(value):.6g}") if isinstance(value, Fraction) and value.denominator > 1 else value


def list_sheets(
    entries: Sequence[ZooEntry],
    space: Space = PAGE,
    also: Sequence[str] = (),
    families: bool = True,
    tools: Sequence[str] = (),
) -> list[Sheet]:
    """Networks of the zoo.

    also      quantities that are asked about: their columns stay, those without a column get one
    families  whether they stand by family, under its name
    tools     what other tools count that have a column, in words
    """
    more = [name for name in also if name not in _SHOWN]
    columns = [*COLUMNS, *[Column(name, True, name=name) for name in more]]
    fitting = fit(columns, _Content(entries, families), space, asked=also)
    shown = {column.name for column in fitting.shown}
    parts = [f"{len(entries)} networks" if len(entries) != 1 else "1 network"]
    if "macs" in shown:
        besides = [name for entry in entries for name in entry.record.get("macs_besides", [])]
        parts.append(macs_of(besides))
    if "rf" in shown:
        parts.append("RF: receptive field, last window")
        if any(e.field is not None and not e.field["aligned"] for e in entries):
            parts.append("~ paths of different strides or centres meet")
    if any(name in ACCURACIES for name in more):
        parts.append("top1, top5: published accuracy in per cent")
    parts += tools
    notes = NotesBlock(parts, fitting.left_out_note)
    return [Sheet("", "Networks of the zoo", "", "zoo", TableBlock(fitting.grid()), notes, headed=False)]


class _Content:
    """The cells of the table, under the names of families if asked for."""

    def __init__(self, entries: Sequence[ZooEntry], families: bool):
        groups: dict[str, list[ZooEntry]] = {}
        for entry in entries:
            groups.setdefault(entry.family if families else "", []).append(entry)
        self.margin = "  " if families else ""
        # One entry per row, or the heading of a family.
        self.rows: list[ZooEntry | Line] = []
        for family, members in groups.items():
            if families:
                title: Line = [(clean(family), "sum")]
                if span := years(members, ".."):
                    title.append((f"  {span}", "aside"))
                self.rows.append(title)
            self.rows += members

    def head(self, column: Column, look: Look) -> str:
        """The head of a column."""
        return "params" if column.name == "params" and look.short else column.head

    def cells(self, column: Column, look: Look) -> list[Cell]:
        """One cell per row."""
        first = column.name == "name"
        return [
            self._cell(row, column.name, look) if isinstance(row, ZooEntry) else row if first else ("", "")
            for row in self.rows
        ]

    def _cell(self, entry: ZooEntry, name: str, look: Look) -> Cell:
        if name == "name":
            return (f"{self.margin}{clean(entry.name)}", "")
        if name == "which":
            return (clean(entry.which), "aside")
        if name == "input":
            return ("; ".join([volume(shape) for shape in entry.inputs]), "")
        if name in ("params", "macs"):
            return ((brief if look.short else count)(entry.totals[name]), "")
        if name == "rf":
            return (_field(entry.field), "")
        return (_asked(name, entry.quantities[name]), "")


def _field(field: dict[str, Any] | None) -> str:
    if field is None:
        return "all"
    return marked_size(field["size"], field["aligned"], field["gated"], field.get("normed", False))


def asked_of_device(name: str, value: Any) -> str:
    """A quantity that a device adds."""
    form = ON_DEVICE[name].form
    return duration(value) if form == DURATION else amount(value) if form == BYTES else quotient_words(value)


def _asked(name: str, value: Any) -> str:
    """A quantity that has no column of its own; nothing where a network does not have it."""
    if value is None:
        return ""
    if name in ON_DEVICE:
        return asked_of_device(name, value)
    return str(value) if name in ("year", *ACCURACIES) else count(value)
