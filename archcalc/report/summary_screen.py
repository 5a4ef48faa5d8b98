"""The table of `archcalc summary`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..analysis.claims import CONVENTIONS, MEASURED, Checked
from ..analysis.summary import Summary
from .bars import wing
from .folding import Folding, Row
from .grid import Column, Grid, broken, heading, shortened, wrapped
from .lines import Line, clean, width_of
from .words import QUANTITIES, count, field_size, printed, volume

# Bars a side, at most and at least.
WIDEST, NARROWEST = 9, 4


class Item:
    """A row with the numbers of all it stands for."""

    __slots__ = ("row", "name", "output", "params", "macs", "field")

    def __init__(self, row: Row, summary: Summary):
        self.row = row
        layers = row.layers
        params = [layer.params for layer in layers]
        macs = [layer.facts.macs for layer in layers]
        self.name = "  " * row.indent + clean(row.name)
        self.output = volume(row.last.output, summary.layout)
        self.params = None if None in params else sum(p or 0 for p in params)
        self.macs = None if None in macs else sum(m or 0 for m in macs) * summary.batch
        self.field = field_size(summary.fields.main(row.last))


def summary_lines(
    summary: Summary,
    width: int | None = None,
    depth: int | None = None,
    columns: Sequence[str] | None = None,
    all_layers: bool = False,
    verbose: bool = False,
) -> Iterator[Line]:
    """The screen. ``width`` None is as wide as it comes; ``columns`` names those to show."""
    folding = Folding(summary.graph, summary.layers, riding=not all_layers)
    levels = folding.levels
    if all_layers:
        depth = levels
    at = min(max(depth, 1), levels) if depth is not None else folding.best()
    rows = folding.rows(at, runs=not all_layers)
    items = [Item(row, summary) for row in rows]
    table, left_out = _fitted(summary, items, width, columns)
    about = summary.graph.about
    edge = table.width if width is None else min(table.width, width)
    yield from heading(
        clean(about.name), clean(about.title or ""), clean(", ".join(about.papers)), max(edge, 60)
    )
    yield []
    yield from table.lines()
    yield []
    limit = width or max(table.width, 80)
    said = False
    for line in _statements(summary, limit, verbose):
        said = True
        yield line
    if said:
        yield []
    for text in wrapped(_conventions(summary, items, columns, left_out), limit):
        yield [(text, "aside")]
    if at < levels:
        yield [(f"depth {at} of {levels}", "aside")]
    if left_out and width is not None:
        yield [(f"left out at {width} columns: {', '.join(left_out)}", "aside")]


# The table -------------------------------------------------------------------------------------


def _fitted(
    summary: Summary, items: list[Item], width: int | None, columns: Sequence[str] | None
) -> tuple[Grid, list[str]]:
    """The table as wide as may be, and what had to go, in the design's order."""
    wanted = set(columns) if columns is not None else {"what", "output", "params", "macs", "rf"}
    bars = WIDEST if {"params", "macs"} <= wanted else 0
    riders = True
    left_out: list[str] = []
    grid = _grid(summary, items, wanted, riders, bars, None)
    if width is None or grid.width <= width:
        return grid, left_out
    if "what" in wanted and any(i.row.before or i.row.after for i in items):
        riders = False
        left_out.append("activations")
    while (grid := _grid(summary, items, wanted, riders, bars, None)).width > width:
        if bars <= NARROWEST:
            break
        bars -= 1
    grid = _squeezed(summary, items, wanted, riders, bars, width)
    for name, said in (("bars", "bars"), ("rf", "RF"), ("what", "what"), ("macs", "MACs")):
        if grid.width <= width:
            break
        if name == "bars" and bars:
            bars = 0
        elif name in wanted:
            wanted.discard(name)
        else:
            continue
        left_out.append(said)
        grid = _squeezed(summary, items, wanted, riders, bars, width)
    return grid, left_out


def _squeezed(
    summary: Summary, items: list[Item], wanted: set[str], riders: bool, bars: int, width: int
) -> Grid:
    """The table with the attributes of `what` cut as far as the width asks, and they allow."""
    grid = _grid(summary, items, wanted, riders, bars, None)
    if grid.width <= width or "what" not in wanted:
        return grid
    texts = [_what(item, riders) for item in items]
    natural = max([width_of(text) for text in texts], default=4)
    least = max([width_of(_bare(text)) for text in texts], default=4)
    room = max(natural - (grid.width - width), least, 4)
    return _grid(summary, items, wanted, riders, bars, room)


def _bare(text: str) -> str:
    """An item without its attributes: ``maxpool 2x2…``."""
    head = text.partition("=")[0]
    return head.rpartition(" ")[0] + "…" if "=" in text else text


def _what(item: Item, riders: bool) -> str:
    return clean(item.row.what if riders else item.row.text)


def _grid(
    summary: Summary,
    items: list[Item],
    wanted: set[str],
    riders: bool,
    bars: int,
    room: int | None,
) -> Grid:
    """The table with the columns wanted; ``room`` is the width that `what` may take."""
    columns = [Column("layer")]
    if "what" in wanted:
        columns.append(Column("what"))
    if "output" in wanted:
        columns.append(Column("output", right=True))
    if "params" in wanted:
        columns.append(Column("parameters", right=True))
    if bars:
        columns.append(Column("", gap=1))
    if "macs" in wanted:
        columns.append(Column("MACs", right=True, gap=1 if bars else 2))
    if "rf" in wanted:
        columns.append(Column("RF", right=True))
    most_params = max([i.params or 0 for i in items if not i.row.opened], default=0)
    most_macs = max([i.macs or 0 for i in items if not i.row.opened], default=0)
    rows: list[list[tuple[str, str] | Line]] = []

    def add(
        name: str, what: str, output: str, params: str, macs: str, field: str, role: str,
        wings: tuple[str, str] | None,
    ) -> None:  # fmt: skip
        row: list[tuple[str, str] | Line] = [(name, role)]
        if "what" in wanted:
            row.append((what if room is None else shortened(what, room), ""))
        if "output" in wanted:
            row.append((output, ""))
        if "params" in wanted:
            row.append((params, role or ("aside" if params == "0" else "")))
        if bars:
            left, right = wings or (" " * bars, " " * bars)
            row.append([(left, "params"), ("│", "aside"), (right, "macs")])
        if "macs" in wanted:
            row.append((macs, role or ("aside" if macs == "0" else "")))
        if "rf" in wanted:
            row.append((field, ""))
        rows.append(row)

    for source in summary.graph.inputs:
        extent = summary.fields.of(source)
        field = field_size(extent[source]) if extent else ""
        add(source.name, "", volume(source.output, summary.layout), "", "", field, "", None)
    for item in items:
        opened = item.row.opened
        wings = None
        if not opened and bars:
            wings = (
                wing(item.params, most_params, bars, True),
                wing(item.macs, most_macs, bars, False),
            )
        add(
            item.name, _what(item, riders), item.output, count(item.params), count(item.macs),
            item.field, "sum" if opened else "", wings,
        )  # fmt: skip
    totals = summary.counts
    unknown = {quantity for _, quantity in totals.uncounted}
    foot: list[tuple[str, str] | Line] = [("total", "sum")]
    for column in columns[1:]:
        text = ""
        if column.head == "parameters":
            text = count(totals.params, "params" in unknown)
        elif column.head == "MACs":
            text = count(totals.macs * summary.batch, "macs" in unknown)
        foot.append((text, "sum"))
    return Grid(columns, rows, [foot])


# What stands below ------------------------------------------------------------------------------


def _statements(summary: Summary, width: int, verbose: bool) -> Iterator[Line]:
    """Facts about the whole, each behind a word in the margin."""
    counts = summary.counts
    margin = 11
    entries: list[tuple[str, list[Line]]] = []
    if counts.buffers:
        norms = all(
            layer.op.norm for layer in summary.layers if layer.buffers
        )
        what = "batch-norm statistics" if norms else "values stored but not learned"
        text = (
            f"{counts.buffers:,} {what} · with them, as Keras counts, "
            f"{counts.params + counts.buffers:,}"
        )
        entries.append(("buffers", [[(part, "")] for part in broken(text, width - margin)]))
    if counts.trainable != counts.params:
        held = counts.params - counts.trainable
        text = f"{held:,} parameters are held fixed · trainable {counts.trainable:,}"
        entries.append(("frozen", [[(part, "")] for part in broken(text, width - margin)]))
    if summary.graph.heads:
        parts = [
            f"{name} {extra['params']:,} parameters, {extra['macs']:,} MACs"
            for name, extra in summary.outputs.items()
            if name != "main"
        ]
        if not summary.with_heads:
            parts.append("not in the table: --with-heads adds them")
        entries.append(("heads", [[(t, "")] for t in wrapped(parts, width - margin)]))
    if summary.claims:
        shown = summary.claims if verbose else telling(summary.claims)
        lines = [line for claim in shown for line in claim_lines(claim, width - margin)]
        rest = len(summary.claims) - len(shown)
        if rest:
            lines.append([(f"{rest} more with -v", "aside")])
        entries.append(("published", lines))
    if summary.uncounted:
        by: dict[str, list[str]] = {}
        for record in summary.uncounted:
            by.setdefault(record["quantity"], []).append(record["layer"])
        parts = [f"no rule for the {what} of {', '.join(names)}" for what, names in by.items()]
        entries.append(("uncounted", [[("? ", "warn"), (part, "")] for part in parts]))
    for word, lines in entries:
        for number, line in enumerate(lines):
            yield [((word if number == 0 else "").ljust(margin), "aside"), *line]


def telling(claims: list[Checked]) -> list[Checked]:
    """Of published figures of the whole network, those that say something new: the first of each
    quantity that agrees, and all that do not."""
    shown: list[Checked] = []
    known: set[str] = set()
    for checked in claims:
        claim = checked.claim
        if claim.of is not None:
            telling = checked.fault
        elif checked.agrees and not checked.fault:
            telling = claim.quantity not in known
            known.add(claim.quantity)
        else:
            telling = checked.fault or claim.wrong is not None
        if telling:
            shown.append(checked)
    return shown


def claim_lines(checked: Checked, width: int) -> Iterator[Line]:
    """A published figure and whether it agrees."""
    claim = checked.claim
    words = QUANTITIES[claim.quantity].format(printed(claim.printed))
    if claim.of is not None:
        words += f" of {claim.of}"
    if claim.conventions:
        said = [CONVENTIONS.get(word, word.replace("_", " ")) for word in claim.conventions]
        words += f", {', '.join(said)}"
    if claim.source:
        words += f" ({clean(claim.source)})"
    if checked.agrees is None:
        why = "measured, not computed" if claim.quantity in MEASURED else "cannot be computed"
        verdict: Line = [(why, "aside")]
    elif checked.fault and checked.agrees:
        verdict = [("✗", "bad"), (" agrees, though it is marked wrong", "")]
    elif checked.agrees:
        verdict = [("✓", "good"), (" agrees", "")]
        if checked.how != "exact":
            verdict[-1] = (f" agrees, {checked.how}", "")
    else:
        right = f"{checked.computed:,}" if isinstance(checked.computed, int) else checked.computed
        mark = ("✗", "bad")
        verdict = [mark, (f" {right}", "")]
        if claim.wrong:
            verdict.append((f": {clean(claim.wrong)}", ""))
    used = width_of(words) + 2 + sum(width_of(text) for text, _ in verdict)
    if used <= width:
        yield [(words, ""), ("  ", ""), *verdict]
        return
    for number, part in enumerate(broken(words, width)):
        yield [("  " if number else "", ""), (part, "")]
    sign = verdict[0] if verdict[0][1] in ("good", "bad") else ("", "")
    rest = "".join(text for text, _ in verdict[(1 if sign[0] else 0) :]).strip()
    role = "" if sign[0] else "aside"
    for number, part in enumerate(broken(rest, width - 4)):
        yield [("  ", ""), sign if number == 0 else (" " * width_of(sign[0]), ""),
               (" " if sign[0] else "", ""), (part, role)]  # fmt: skip


def _conventions(
    summary: Summary,
    items: list[Item],
    columns: Sequence[str] | None,
    left_out: Sequence[str],
) -> list[str]:
    """The conventions behind what is on this screen, and nothing else."""
    shown = set(columns) if columns is not None else {"params", "macs", "rf"}
    parts = []
    if "macs" in shown and "MACs" not in left_out:
        parts.append("MACs of conv and fc, no bias")
        if summary.batch != 1:
            parts[-1] += f", for a batch of {summary.batch}"
    if any(layer.facts.misfits for layer in summary.layers):
        parts.append("sizes floored")
    if "rf" in shown and "RF" not in left_out:
        parts.append("RF: receptive field, in pixels")
        fields = [item.field for item in items]
        if any("~" in field for field in fields):
            parts.append("~ paths of different strides or centres meet")
        if any("*" in field for field in fields):
            parts.append("* a gate that sees everything is left out")
    if summary.layout == "chw":
        parts.append("shapes channels first")
    if summary.graph.changed and summary.graph.about.title is not None:
        parts.append("not the network as declared: published figures left out")
    return parts
