"""The screen of `archcalc summary`: the table, and what of it fits a width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...analysis.summary import Summary
from ..bars import wing
from ..grid import Cell, Column, Grid
from ..lines import Line, clean, width_of
from ..sheet import Sheet, screen
from ..words import binary, count, field_size, unit_for, volume
from ..wrapping import shortened
from .folding import Folding, Row, every_layer
from .memory_foot import training_grid
from .summary_foot import conventions, facts

# Cells of the bars a side, at most and at least.
WIDEST, NARROWEST = 9, 4
# `what` is not cut below these columns, or below the names of layers and blocks.
LEAST_WHAT = 12
# Columns in order, and their heads.
HEADS = {"layer": "layer", "what": "what", "output": "output", "params": "parameters",
         "macs": "MACs", "memory": "memory", "rf": "RF"}  # fmt: skip


def stored(summary: Summary, values: int) -> str:
    """Values of the outputs an element, as the column of memory writes them."""
    unit = unit_for(summary.scaled(summary.memory.activations))
    return binary(summary.scaled(values), unit)


class Item:
    """A row with the numbers of all it stands for, for the whole batch. None: no rule."""

    __slots__ = ("row", "name", "output", "params", "macs", "memory", "field")

    def __init__(self, row: Row, summary: Summary):
        self.row = row
        params = [summary.params_of(layer) for layer in row.layers]
        macs = [layer.facts.macs for layer in row.layers]
        self.name = "  " * row.indent + clean(row.name)
        self.output = volume(row.last.output, summary.layout)
        self.params = None if None in params else sum([p or 0 for p in params])
        self.macs = None if None in macs else sum([m or 0 for m in macs]) * summary.batch
        new = summary.memory.new
        self.memory = stored(summary, sum([new[layer] for layer in row.layers]))
        self.field = field_size(summary.fields.main(row.last))

    def what(self, riders: bool) -> str:
        """The spec's words for it, with what rides on it or without."""
        return clean(self.row.what if riders else self.row.text)


def summary_lines(
    summary: Summary,
    width: int | None = None,
    depth: int | None = None,
    columns: Sequence[str] | None = None,
    all_layers: bool = False,
    verbose: bool = False,
) -> Iterator[Line]:
    """The screen, for so many columns; None is as wide as it comes. The rest as of the sheets."""
    sheet = _sheet(summary, depth, columns, all_layers, verbose, width, True)
    yield from screen(sheet, width)


def summary_sheets(
    summary: Summary,
    depth: int | None = None,
    columns: Sequence[str] | None = None,
    all_layers: bool = False,
    verbose: bool = False,
) -> list[Sheet]:
    """The same without bars and as wide as it comes; what training holds is a table of its own.

    depth       how far blocks are opened, from 1; None is the deepest of few rows
    columns     names of HEADS to show; None is all
    all_layers  every layer on a row of its own
    verbose     all published figures
    """
    main = _sheet(summary, depth, columns, all_layers, verbose, None, False)
    ledger = training_grid(summary)
    if ledger is None:
        return [main]
    return [main, Sheet(main.name, "what training holds", "", "training", ledger, [])]


def _sheet(
    summary: Summary,
    depth: int | None,
    columns: Sequence[str] | None,
    all_layers: bool,
    verbose: bool,
    width: int | None,
    drawn: bool,
) -> Sheet:
    """The table, what is known of the whole, and the conventions behind it; ``drawn`` for a screen:
    numbers as bars, and all that is known below them."""
    depths = ""
    if all_layers:
        rows = every_layer(summary.layers)
    else:
        folding = Folding(summary.graph, summary.layers)
        at = folding.best() if depth is None else min(max(depth, 1), folding.levels)
        rows = folding.rows(at)
        depths = f"depth {at} of {folding.levels}" if at < folding.levels else ""
    items = [Item(row, summary) for row in rows]
    table = _Table(summary, items, width, columns, drawn)
    memory = columns is None or "memory" in columns
    said = conventions(summary, table.shown, [item.field for item in items], memory)
    left_out = [f"left out at {width} columns: {', '.join(table.left_out)}"]
    about = summary.graph.about
    return Sheet(
        clean(" ".join(about.name.split())), clean(about.title or ""),
        clean(", ".join(about.papers)), "summary", table.grid(),
        [said, [depths] if depths else [], left_out if table.left_out else []],
        lambda room: facts(summary, room, verbose, memory, drawn),
    )  # fmt: skip


class _Table:
    """The table, as much of it as fits.

    shown     columns, by the names of HEADS
    riders    `what` says what rides on a row
    bars      cells of the bars a side
    room      columns that `what` may take; None for all it needs
    left_out  what had to go, in words
    """

    def __init__(
        self,
        summary: Summary,
        items: list[Item],
        width: int | None,
        columns: Sequence[str] | None,
        bars: bool,
    ):
        self.summary = summary
        self.items = items
        self.shown = {"layer", *(HEADS if columns is None else columns)}
        self.riders = True
        self.bars = WIDEST if bars and {"params", "macs"} <= self.shown else 0
        self.room: int | None = None
        self.left_out: list[str] = []
        counts = summary.counts
        unknown = {quantity for _, quantity in counts.uncounted}
        self.totals = {
            "layer": "total",
            "params": count(counts.params, "params" in unknown),
            "macs": count(counts.macs * summary.batch, "macs" in unknown),
            "memory": stored(summary, summary.memory.activations),
        }
        # Rows of input tensors.
        self.inputs = [
            {
                "layer": clean(source.name),
                "output": volume(source.output, summary.layout),
                "memory": stored(summary, source.output.values),
                "rf": field_size(summary.fields.main(source)),
            }
            for source in summary.graph.inputs
        ]
        if width is not None:
            self._fit(width)

    # Fitting ---------------------------------------------------------------------------------

    def _fit(self, width: int) -> None:
        """Give up what the width asks for, in the design's order."""
        widths = self._widths(True)
        if self._width(widths) <= width:
            return
        if "memory" in self.shown:
            self.shown.discard("memory")
            self.left_out.append(HEADS["memory"])
            if self._width(widths) <= width:
                return
        if "what" in self.shown and any(i.row.before or i.row.after for i in self.items):
            self.riders = False
            self.left_out.append("activations")
            widths = self._widths(False)
        while self.bars > NARROWEST and self._width(widths) > width:
            self.bars -= 1
        for name in ("", "bars", "rf", "what", "macs"):
            if name == "bars" and self.bars:
                self.bars = 0
                self.left_out.append(name)
            elif name in self.shown:
                self.shown.discard(name)
                self.bars = 0
                self.left_out.append(HEADS[name])
            self.room = None
            over = self._width(widths) - width
            if over > 0 and "what" in self.shown:
                self.room = max(widths["what"] - over, self._least(widths["what"]))
            if self._width({**widths, "what": self.room or widths["what"]}) <= width:
                return

    def _widths(self, riders: bool) -> dict[str, int]:
        """Columns that each column needs."""
        items, inputs, totals = self.items, self.inputs, self.totals
        texts = {
            "layer": [item.name for item in items],
            "what": [item.what(riders) for item in items],
            "output": [item.output for item in items],
            "params": [count(item.params) for item in items],
            "macs": [count(item.macs) for item in items],
            "memory": [item.memory for item in items],
            "rf": [item.field for item in items],
        }
        return {
            name: max(
                [width_of(text) for text in (*found, HEADS[name], totals.get(name, ""))]
                + [width_of(row.get(name, "")) for row in inputs]
            )
            for name, found in texts.items()
        }

    def _width(self, widths: dict[str, int]) -> int:
        """Columns of the whole table, if its columns take so many."""
        used = sum([widths[name] + 2 for name in self.shown]) - 2
        # The bars take the place of a gap of two, with a column of space on either side.
        return used + (2 * self.bars + 1 if self.bars else 0)

    def _least(self, most: int) -> int:
        """Columns that `what` needs at least: the names of layers and blocks stay."""
        heads = [width_of(_head(item.what(False))) for item in self.items]
        return min(most, max([LEAST_WHAT, *heads]))

    # Drawing ---------------------------------------------------------------------------------

    def grid(self) -> Grid:
        """The table of what fits."""
        columns = [Column(HEADS[name], right=name not in ("layer", "what")) for name in self._order]
        closed = [item for item in self.items if not item.row.opened]
        most = {
            "params": max([item.params or 0 for item in closed], default=0),
            "macs": max([item.macs or 0 for item in closed], default=0),
        }
        rows = [self._cells(row) for row in self.inputs]
        for item in self.items:
            wings = None
            if self.bars and not item.row.opened:
                wings = (
                    wing(item.params, most["params"], self.bars, True),
                    wing(item.macs, most["macs"], self.bars, False),
                )
            what = item.what(self.riders)
            texts = {
                "layer": item.name,
                "what": what if self.room is None else shortened(what, self.room),
                "output": item.output, "params": count(item.params), "macs": count(item.macs),
                "memory": item.memory, "rf": item.field,
            }  # fmt: skip
            rows.append(self._cells(texts, "sum" if item.row.opened else "", wings))
        foot: list[Cell] = [(self.totals.get(name, ""), "sum") for name in self._order]
        if self.bars:
            at = self._order.index("macs")
            columns.insert(at, Column("", gap=1))
            columns[at + 1].gap = 1
            foot.insert(at, ("", ""))
        return Grid(columns, rows, [foot])

    @property
    def _order(self) -> list[str]:
        return [name for name in HEADS if name in self.shown]

    def _cells(
        self, texts: dict[str, str], role: str = "", wings: tuple[str, str] | None = None
    ) -> list[Cell]:
        """A row; ``role`` is that of its name and its sums."""
        cells: list[Cell] = []
        for name in self._order:
            text = texts.get(name, "")
            if name == "macs" and self.bars:
                left, right = wings or (" " * self.bars, " " * self.bars)
                cells.append([(left, "params"), ("│", "aside"), (right, "macs")])
            if name in ("params", "macs", "memory"):
                marked = {"0": "aside", "?": "warn"}.get(text, role)
                cells.append((text, marked))
            else:
                cells.append((text, {"layer": role, "what": "spec"}.get(name, "")))
        return cells


def _head(text: str) -> str:
    """An item without its arguments: ``maxpool…``, ``3 x bottleneck…``."""
    words = text.split(" ")
    kept = 3 if words[0].isdigit() and len(words) > 3 else 1
    head = " ".join(words[:kept])
    return head.rstrip(",") + "…" if len(words) > kept else head
