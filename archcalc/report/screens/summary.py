"""The screen of `archcalc summary`: the table, and what of it fits a width."""

from __future__ import annotations

import os.path
from collections.abc import Sequence

from ...analysis.summary import Row, Summary
from ...graph import Layer
from ...quantities import BREAKDOWN, BYTES, COUNT, COUNTER, QUANTITIES, TABLE
from ..bars import bars_column, butterfly
from ..fitting import FOLDED, GONE, SHORT, WRAPPED, Look
from ..grid import Cell, Column, Yield
from ..lines import clean, clean_line
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, Space, TableBlock, fit
from ..words import binary, brief, count, field_size, per_axis, unit_for, volume
from .folding import FoldedRow, Folding, every_layer
from .memory_foot import training_grid
from .summary_foot import conventions, facts

# Cells of the bars a side, at most and at least.
WIDEST, NARROWEST = 9, 4
# The columns in order, and what each gives up where the width is too small: bars first, then long digits, and
# never what `what` says of kernels, strides and padding.
COLUMNS = (
    Column(
        "layer",
        name="layer",
        yields=(Yield(1, FOLDED, least=32), Yield(11, FOLDED, least=16), Yield(15, FOLDED, least=8)),
    ),
    Column(
        "what",
        name="what",
        yields=(
            Yield(7, SHORT, "activations"),
            Yield(8, WRAPPED, least=24),
            Yield(10, WRAPPED, least=10),
            Yield(16, FOLDED, least=8),
        ),
    ),
    Column("output", True, name="output"),
    Column(
        "parameters",
        True,
        name="params",
        yields=(Yield(5, SHORT, "digits of parameters"), Yield(14, GONE, "parameters")),
    ),
    bars_column(NARROWEST),
    Column("MACs", True, name="macs", yields=(Yield(4, SHORT, "digits of MACs"), Yield(13, GONE, "MACs"))),
    Column("memory", True, name="memory", yields=(Yield(6, GONE, "memory"),)),
    Column("RF", True, name="rf", yields=(Yield(9, GONE, "RF"),)),
)
# Of a traced module, with -v: the line of its code behind the first layer of each row.
CODE = Column("code", name="code", yields=(Yield(8, GONE, "code"),))
# Columns that are shown where they are asked for by name: all else that a layer has.
FURTHER = tuple(
    [
        Column(quantity.name.replace("_", " "), True, name=quantity.name)
        for quantity in TABLE
        if quantity.layer is not None
        and quantity.form != BREAKDOWN
        and quantity.name not in {column.name for column in COLUMNS}
    ]
)
# The figures of a counter, where there is one: its head is the name of the tool.
COUNTED_COLUMN = Column("", True, name=COUNTER.name, yields=(Yield(12, SHORT, "digits of the counter"),))
# Of those, the ones that add up, and the ones that are a number per axis.
COUNTED = (
    "params",
    "macs",
    COUNTER.name,
    *[column.name for column in FURTHER if QUANTITIES[column.name].form in (COUNT, BYTES)],
)


def counted(name: str, rows: Sequence[Row]) -> int | None:
    """The values of layers for a quantity that adds up, for the whole batch; None: no rule."""
    rule = QUANTITIES[name].layer
    assert rule is not None
    if not QUANTITIES[name].summed:  # neurons: those of the layers that have parameters
        rows = [row for row in rows if row.layer.facts.params]
    found = [rule(row) for row in rows]
    return None if None in found else sum([number or 0 for number in found])


# Heads of columns whose digits are few.
SHORT_HEADS = {"params": "params"}


def stored(summary: Summary, values: int) -> str:
    """Values of the outputs an element, as the column of memory writes them."""
    unit = unit_for(summary.scaled(summary.memory.activations))
    return binary(summary.scaled(values), unit)


class Item:
    """A row with the numbers of all it stands for, for the whole batch. None: no rule."""

    __slots__ = ("row", "name", "output", "counts", "memory", "field")

    def __init__(self, row: FoldedRow, summary: Summary, names: Sequence[str] = ("params", "macs")):
        self.row = row
        self.name = "  " * row.indent + clean(row.name)
        self.output = volume(row.last.output, summary.layout)
        layers = [Row(layer, summary) for layer in row.layers]
        self.counts = {name: counted(name, layers) for name in names}
        new = summary.memory.new
        self.memory = stored(summary, sum([new[layer] for layer in row.layers]))
        self.field = field_size(summary.fields.main(row.last))


def summary_sheets(
    summary: Summary,
    space: Space = PAGE,
    depth: int | None = None,
    columns: Sequence[str] | None = None,
    all_layers: bool = False,
    verbose: bool = False,
) -> list[Sheet]:
    """The table, what is known of the whole, and the conventions behind it. On a screen what
    training holds stands among the facts, elsewhere it is a table of its own.

    depth       how far blocks are opened, from 1; None is the deepest of few rows
    columns     names of COLUMNS and FURTHER to show; None is COLUMNS
    all_layers  every layer on a row of its own
    verbose     all published figures
    """
    depths = ""
    if all_layers:
        rows = every_layer(summary.layers)
    else:
        folding = Folding(summary.graph, summary.layers)
        at = folding.best() if depth is None else min(max(depth, 1), folding.levels)
        rows = folding.rows(at)
        depths = f"depth {at} of {folding.levels}" if at < folding.levels else ""
    names = dict.fromkeys(("params", "macs", *[n for n in columns or () if n in COUNTED]))
    if summary.graph.counter is not None:
        names[COUNTER.name] = None
    items = [Item(row, summary, list(names)) for row in rows]
    table = _Content(summary, items)
    wanted = _wanted(columns, summary)
    if verbose and columns is None and summary.graph.metadata.traced is not None:
        wanted.append(CODE)
    fitting = fit(wanted, table, space, 1, columns or ())
    memory = columns is None or "memory" in columns
    shown = {column.name for column in fitting.shown}
    legend = conventions(summary, shown, [item.field for item in items], memory)
    exact = [
        f"{table.total(column)} {table.head(column, Look())}"
        for column in fitting.columns
        if column.name in COUNTED and (fitting.gone(column) or fitting.look(column).short)
    ]
    about = summary.graph.metadata
    main = Sheet(
        clean_line(about.name),
        clean(about.title or ""),
        clean(", ".join(about.papers)),
        "summary",
        TableBlock(fitting.grid()),
        FactsBlock(lambda within: facts(summary, within, verbose, memory, space.drawn, exact)),
        NotesBlock(legend, [depths] if depths else [], fitting.left_out_note),
    )
    breakdown = None if space.drawn else training_grid(summary)
    if breakdown is None:
        return [main]
    return [main, Sheet(main.name, "what training holds", "", "training", TableBlock(breakdown))]


def _wanted(columns: Sequence[str] | None, summary: Summary) -> list[Column]:
    """The columns that are asked for, and bars beside what they are drawn of; with the counter's, where
    there is one."""
    wanted = {"layer", *([column.name for column in COLUMNS] if columns is None else columns)}
    if {"params", "macs"} <= wanted:
        wanted.add("bars")
    else:
        wanted.discard("bars")
    found = [column for column in (*COLUMNS, *FURTHER) if column.name in wanted]
    if summary.graph.counter is not None and (columns is None or COUNTER.name in columns):
        names = [column.name for column in found]
        place = names.index("macs") + 1 if "macs" in names else len(found)
        found.insert(place, COUNTED_COLUMN)
    return found


def _code(row: FoldedRow) -> str:
    """``resnet.py:146``: the file and line that made a row's first layer; nothing where that is not known."""
    for layer in row.layers:
        if layer.origin is not None and layer.origin.source is not None:
            file, line = layer.origin.source
            return clean(f"{os.path.basename(file)}:{line}")
    return ""


class _Content:
    """The cells of the table."""

    def __init__(self, summary: Summary, items: list[Item]):
        self.summary = summary
        self.items = items
        closed = [item for item in items if not item.row.opened]
        self.most = {
            name: max([item.counts[name] or 0 for item in closed], default=0) for name in ("params", "macs")
        }

    def head(self, column: Column, look: Look) -> str:
        """The head of a column."""
        if column is COUNTED_COLUMN and self.summary.graph.counter is not None:
            return self.summary.graph.counter.label
        return SHORT_HEADS.get(column.name, column.head) if look.short else column.head

    def cells(self, column: Column, look: Look) -> list[Cell]:
        """Inputs, rows, and the total."""
        name = column.name
        if name == "bars":
            return self._bars((look.width or 2 * WIDEST + 1) // 2)
        if name in COUNTED:
            texts = [(brief if look.short else count)(item.counts[name]) for item in self.items]
            total = self.total(column, look.short)
            return [("", "")] * len(self._inputs) + self._numbers(texts) + [(total, "sum")]
        inputs, rows, total = self._texts(name, look)
        if name == "memory":
            cells = self._numbers(rows)
        elif name == "layer":
            cells = [
                (text, "sum" if at.row.opened else "") for text, at in zip(rows, self.items, strict=True)
            ]
        else:
            cells = [(text, "spec" if name == "what" else "") for text in rows]
        return [*[(text, "") for text in inputs], *cells, (total, "sum")]

    def _texts(self, name: str, look: Look) -> tuple[list[str], list[str], str]:
        """The texts of a column: those of the inputs, those of the rows, and the total."""
        summary, sources, items = self.summary, self._inputs, self.items
        if name == "layer":
            return [clean(at.name) for at in sources], [item.name for item in items], "total"
        if name == "what":
            words = [clean(item.row.text if look.short else item.row.what) for item in items]
            return [""] * len(sources), words, ""
        if name == CODE.name:
            return [""] * len(sources), [_code(item.row) for item in items], ""
        if name == "output":
            return [volume(at.output, summary.layout) for at in sources], [item.output for item in items], ""
        if name == "memory":
            whole = stored(summary, summary.memory.activations)
            return (
                [stored(summary, at.output.values) for at in sources],
                [item.memory for item in items],
                whole,
            )
        if name == "rf":
            fields = [field_size(summary.fields.main(at)) for at in sources]
            return fields, [item.field for item in items], ""
        sizes = [self._sizes(name, at) if name == "size" else "" for at in sources]
        return sizes, [self._sizes(name, item.row.last) for item in items], ""

    def total(self, column: Column, short: bool = False) -> str:
        """The total of a column of counts."""
        write = brief if short else count
        quantity = QUANTITIES[column.name]
        at_least = bool(quantity.lacks) and self.summary.lacks(quantity.lacks)
        return write(int(quantity.of(self.summary)), at_least)

    def _sizes(self, name: str, layer: Layer) -> str:
        """One number per axis, as one where all are alike; nothing where there is none."""
        rule = QUANTITIES[name].layer
        assert rule is not None
        sizes = rule(Row(layer, self.summary))
        return per_axis(sizes) if sizes and None not in sizes else ""

    @property
    def _inputs(self) -> Sequence[Layer]:
        return self.summary.graph.inputs

    def _numbers(self, texts: Sequence[str]) -> list[Cell]:
        """Numbers of the rows, sums in bold, zeros held back."""
        return [
            (text, {"0": "aside", "?": "warn"}.get(text, "sum" if item.row.opened else ""))
            for item, text in zip(self.items, texts, strict=True)
        ]

    def _bars(self, cells: int) -> list[Cell]:
        """The butterfly: parameters to the left, MACs to the right, of closed rows."""
        none = dict.fromkeys(("params", "macs"))
        found: list[Cell] = [
            butterfly(none if item.row.opened else item.counts, self.most, cells) for item in self.items
        ]
        axis: Cell = [(" " * cells, ""), ("│", "aside"), (" " * cells, "")]
        return [axis] * len(self._inputs) + found + [("", "")]
