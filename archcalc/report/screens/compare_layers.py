"""The table of `archcalc compare A B --layers`: what changed from one network to another, and what it
costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ...analysis.comparison import Member
from ...analysis.difference import (
    ALIKE,
    CHANGED,
    COSTS,
    INSERTED,
    REMOVED,
    RESIZED,
    Cost,
    LayerPair,
    NetworkDiff,
    extent,
)
from ...shape import Shape
from ..fitting import FOLDED, GONE, SHORT, WRAPPED, Look
from ..flat import FlatTable
from ..grid import Cell, Column, Yield
from ..lines import Line, clean, clean_line
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, Space, TableBlock, fit
from ..words import (
    binary,
    brief,
    count,
    counted_besides,
    field_size,
    macs_of,
    marks_explained,
    unit_for,
    volume,
)
from .folded_pairs import LEVELS, PairRow, every_pair, pair_rows

# The columns in order, and what each gives up where the width is too small: digits and sizes first, what
# changed never.
COLUMNS = (
    Column("", name="sign"),
    Column(
        "layer",
        gap=1,
        name="layer",
        yields=(Yield(5, WRAPPED, least=20), Yield(8, FOLDED, least=16), Yield(12, FOLDED, least=8)),
    ),
    Column(
        "change",
        name="change",
        yields=(Yield(4, WRAPPED, least=24), Yield(7, WRAPPED, least=12), Yield(13, FOLDED, least=8)),
    ),
    Column("output", True, name="output", yields=(Yield(3, GONE, "outputs' shapes"),)),
    Column(
        "parameters",
        True,
        name="params",
        yields=(Yield(2, SHORT, "digits of parameters"), Yield(11, GONE, "parameters")),
    ),
    Column("MACs", True, name="macs", yields=(Yield(1, SHORT, "digits of MACs"), Yield(10, GONE, "MACs"))),
    Column("outputs", True, name="activation_bytes", yields=(Yield(6, GONE, "outputs"),)),
    Column("RF", True, name="rf", yields=(Yield(9, GONE, "RF"),)),
)
SIGNS = {ALIKE: "", RESIZED: "", CHANGED: "~", INSERTED: "+", REMOVED: "−"}
ROLES = {ALIKE: "aside", RESIZED: "aside", CHANGED: "warn", INSERTED: "good", REMOVED: "bad"}
# The networks, where their names are chains.
SIDES = ("first", "second")
# What a kind is called where layers are counted.
KINDS = {
    ALIKE: "alike",
    RESIZED: "alike but for sizes",
    CHANGED: "changed",
    INSERTED: "inserted",
    REMOVED: "removed",
}

PLAIN = [
    *"kind first second op changes output_first output_second".split(),
    *[f"{name}_{side}" for name in COSTS for side in ("first", "second", "delta")],
    *("rf_first", "rf_second"),
]


def layers_table(diff: NetworkDiff) -> FlatTable:
    """One record per pair, in order: the columns of deltas sum to the differences of the totals."""

    def records() -> Iterator[list[Any]]:
        for pair in diff.pairs:
            sides = pair.rows
            yield [
                pair.kind,
                *["" if row is None else row.name for row in sides],
                pair.only.op,
                "; ".join([change.text for change in pair.changes]),
                *["" if row is None else _shape(row.output, diff) for row in sides],
                *[number for name in COSTS for number in _numbers(pair.costs[name])],
                *["" if row is None else _size(pair, side) for side, row in enumerate(sides)],
            ]

    return PLAIN, records()


def _numbers(cost: Cost) -> tuple[int | None, int | None, int | None]:
    return cost.first, cost.second, cost.delta


def _shape(shape: Shape, diff: NetworkDiff) -> Shape:
    return Shape([shape[-1], *shape[:-1]]) if diff.first.layout == "chw" else shape


def _size(pair: LayerPair, side: int) -> Any:
    found = extent(pair.rows[side])
    return None if found is None else tuple(found.size)


def layers_sheets(
    diff: NetworkDiff, space: Space = PAGE, depth: int | None = None, all_layers: bool = False
) -> list[Sheet]:
    """The table, how many layers changed, and the conventions behind it.

    depth       how far changes are folded, from 1 to 4; None is 2, or 1 where 2 has many rows
    all_layers  every pair on a row of its own
    """
    rows, at = (every_pair(diff), LEVELS) if all_layers else pair_rows(diff, depth)
    table = _Content(diff, rows)
    changed = any(SIGNS[row.kind] for row in rows)
    fitting = fit(COLUMNS if changed else COLUMNS[1:], table, space, 3)
    shown = {column.name for column in fitting.shown}
    folded = not all_layers and at < LEVELS
    depths = [f"depth {at} of {LEVELS}", "--depth N opens more, --all shows every layer"] if folded else []
    title = " → ".join(clean_line(name) for name in table.names)
    return [
        Sheet(
            title,
            "",
            "",
            "compare",
            TableBlock(fitting.grid()),
            FactsBlock(lambda within: _facts(diff, within)),
            NotesBlock(table.notes(shown), depths, fitting.left_out_note),
        )
    ]


def _facts(diff: NetworkDiff, space: Space) -> Iterator[tuple[str, Line]]:
    found = Counter(pair.kind for pair in diff.pairs)
    parts = [f"{found[kind]:,} {words}" for kind, words in KINDS.items() if found[kind]]
    facts = {"layers": space.wrapped(parts, space.width)}
    if short_names(diff) != diff.names:
        named = zip(SIDES, diff.names, strict=True)
        facts = {word: space.broken(clean_line(name), space.width) for word, name in named} | facts
    for word, lines in facts.items():
        for number, text in enumerate(lines):
            yield "" if number else word, [(text, "")]


def short_names(diff: NetworkDiff) -> tuple[str, str]:
    """What the networks are called in a table: a chain is too long for that."""
    return SIDES if any("->" in name for name in diff.names) else diff.names


def signed(number: int | None, short: bool = False) -> str:
    """``+1,234``, ``−56``, ``0``; ``?`` where it is not known."""
    if number is None:
        return "?"
    if not number:
        return "0"
    return ("+" if number > 0 else "−") + (brief if short else count)(abs(number))


class _Content:
    """The cells of the table, and what stands below it."""

    def __init__(self, diff: NetworkDiff, rows: list[PairRow]):
        self.diff = diff
        self.rows = rows
        self.names = short_names(diff)
        self.members = [Member(side) for side in (diff.first, diff.second)]
        self.unit = unit_for(max(member.totals["activation_bytes"] for member in self.members))

    def head(self, column: Column, look: Look) -> str:
        """The head of a column."""
        return "params" if column.name == "params" and look.short else column.head

    def cells(self, column: Column, look: Look) -> Sequence[Cell]:
        """The rows, then the two networks and their difference."""
        name = column.name
        feet = self._feet(name, look.short)
        return [self._cell(row, name, look.short) for row in self.rows] + [(text, "sum") for text in feet]

    def _cell(self, row: PairRow, name: str, short: bool) -> Cell:
        quiet = "sum" if row.opened else "aside" if row.kind in (ALIKE, RESIZED) else ""
        if name == "sign":
            return (SIGNS[row.kind], ROLES[row.kind])
        if name == "layer":
            return ("  " * row.indent + clean(row.name), quiet)
        if name == "change":
            return (clean(row.what), quiet or "spec")
        if name == "output":
            return (self._both([self._volume(side) for side in row.last.rows]), quiet)
        if name == "rf":
            sides = [side for side in row.last.rows if side is not None]
            return (" → ".join(dict.fromkeys(field_size(extent(side)) for side in sides)), quiet)
        text = self._delta(row.delta(name), name, short)
        return (text, {"0": "aside", "?": "warn"}.get(text, quiet))

    def _volume(self, row: Any) -> str:
        return "" if row is None else volume(row.output, self.diff.first.layout)

    @staticmethod
    def _both(texts: Sequence[str]) -> str:
        return " → ".join(dict.fromkeys(text for text in texts if text))

    def _delta(self, number: int | None, name: str, short: bool) -> str:
        if name != "activation_bytes" or not number:
            return signed(number, short)
        return ("+" if number > 0 else "−") + binary(abs(number), self.unit)

    def _feet(self, name: str, short: bool) -> list[str]:
        """The two networks, and their difference."""
        diff = self.diff
        if name == "layer":
            return [*map(clean_line, self.names), "difference"]
        if name in COSTS:
            found = []
            for member, below in zip(self.members, diff.at_least[name], strict=True):
                number = member.totals[name]
                write = brief if short else count
                found.append(
                    binary(number, self.unit) if name == "activation_bytes" else write(number, below)
                )
            return [*found, self._delta(diff.delta(name), name, short)]
        if name == "rf":
            fields = [field_size(at.field) if at.field else "?" if at.blind else "all" for at in self.members]
            return [*fields, ""]
        return [""] * 3

    def notes(self, shown: set[str]) -> list[str]:
        """The conventions behind what is on this screen."""
        first = self.diff.first
        parts = ["what the second has more than the first"]
        if "macs" in shown:
            layers = [layer for side in (first, self.diff.second) for layer in side.layers]
            parts.append(macs_of(counted_besides(layers), first.batch))
        if "activation_bytes" in shown:
            parts.append(f"outputs in {self.unit}, {first.dtype}, batch {first.batch:,}")
        if "rf" in shown:
            parts.append("RF: receptive field")
            cells = [self._cell(row, "rf", False)[0] for row in self.rows]
            parts += marks_explained([str(cell) for cell in cells] + self._feet("rf", False))
        return parts
