"""The screen of `archcalc verify`: quantities first, then only what differs, by tensor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import Line, clean
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, Space, TableBlock, TextBlock
from ..words import volume

if TYPE_CHECKING:
    from ...witness.against import Comparison
    from ...witness.compare import Check, Verification
    from ...witness.own import OwnVerification

# How quantities are measured.
_HOW = {
    "layers with tensors": "layers: by the sizes of their tensors, in order",
    "MACs": "MACs: FlopCounterMode/2",
    "outputs": "outputs: those of the graph built in PyTorch with the module's values, beside the module's",
    "kept for backward": "kept: bytes, a storage once",
    "peak of inference": "peak: bytes of live storages",
    "Keras: outputs": "Keras: what the model itself says of each of its layers",
    "receptive fields": "fields: gradients of single units at the ends of stages",
    "allocator in inference": "allocator: torch.cuda.max_memory_allocated, parameters included",
}

VERIFY = ["quantity", "verdict", "layers", "layers_agree", "predicted", "measured", "differences"]

# Rows of differences that are shown without -v.
MOST_ROWS = 40


def verify_sheets(
    found: Comparison | OwnVerification | Verification, space: Space = PAGE, everything: bool = False
) -> list[Sheet]:
    """The quantities, and what differs if anything does: on a screen below them, elsewhere as a
    sheet of its own. ``everything``: all differences, however many."""
    name = clean(found.graph.metadata.name)
    differing = [check for check in found.checks if not check.agrees]
    verdict: Line = [(_verdict(found, differing), "sum")]
    differences = []
    if differing:
        grid, left_out = _differences(differing, everything)
        differences = [TableBlock(grid, more=f"{left_out:,} more with -v" if left_out else "")]
    quantities = TableBlock(_quantities(found))
    if space.drawn:
        below = TextBlock(lambda space: [verdict, [], *_below(found, space)])
        return [Sheet(name, _title(found), "", "verify", quantities, *differences, below)]
    facts: list[tuple[str, Line]] = [("", verdict)]
    for reason, layers in _unseen(found).items():
        facts.append(("", [("? ", "warn"), (f"{reason}: {', '.join(layers)}", "")]))
    sums = FactsBlock(lambda space: facts)
    sheets = [Sheet(name, _title(found), "", "verify", quantities, sums, NotesBlock(_measured(found)))]
    if differences:
        sheets.append(Sheet(name, "what differs", "", "differences", *differences))
    return sheets


def _below(found: Comparison | OwnVerification | Verification, space: Space) -> Iterator[Line]:
    """Notes on what was not seen, and on how the rest was measured."""
    for reason, layers in _unseen(found).items():
        yield from space.of(space.width or 100).hanging([("? ", "warn")], f"{reason}: {', '.join(layers)}", 2)
    yield from space.of(space.width or 80).asides(_measured(found))


def verify_table(found: Comparison | OwnVerification | Verification) -> FlatTable:
    """One record per quantity."""

    def records() -> Iterator[list[Any]]:
        for check in found.checks:
            record = check.to_dict()
            numbers = [record[key] for key in VERIFY[2:6]]
            yield [
                check.quantity,
                "agrees" if check.agrees else "differs",
                *["" if n is None else n for n in numbers],
                len(check.differences),
            ]

    return VERIFY, records()


def _title(found: Comparison | OwnVerification | Verification) -> str:
    inputs = ", ".join(volume(source.output) for source in found.graph.inputs)
    many = f", batch {found.batch}" if found.batch > 1 else ""
    return f"{found.sides}, {inputs}{many}"


def _measured(found: Comparison | OwnVerification | Verification) -> list[str]:
    """How the quantities were measured."""
    quantities = {check.quantity for check in found.checks}
    notes = [text for quantity, text in _HOW.items() if quantity in quantities]
    by_counterpart = getattr(found, "by_counterpart", ())
    if by_counterpart:
        names = " and ".join(by_counterpart)
        notes.append(f"{names}: of the graph built in PyTorch, not of the module itself")
    if any(check.agrees and not check.exact for check in found.checks):
        notes.append("≈ not to the byte, or not all is known")
    return notes


def _sign(check: Check) -> Cell:
    if check.of == 0 and check.agrees:
        return "", ""
    if check.of is None and check.predicted is None and check.agrees:
        return "?", "warn"
    if not check.agrees:
        return "✗", "bad"
    return ("✓" if check.exact else "≈", "good")


def _quantities(found: Comparison | OwnVerification | Verification) -> Grid:
    differs = any(not check.agrees for check in found.checks)
    columns = [
        Column(),
        Column("quantity", gap=1),
        Column("layers agree", right=True),
        Column("predicted", right=True),
        Column("measured", right=True),
    ]
    rows: list[list[Cell]] = []
    for check in found.checks:
        agree = "total" if check.of is None else f"{check.agree:,} of {check.of:,}"
        if check.of == 0:
            agree = "none there"
        if _sign(check)[0] == "?":
            agree = "not checked"
        cells: list[Cell] = [_sign(check), (check.quantity, ""), (agree, "")]
        for value in (check.predicted, check.measured):
            cells.append(("" if value is None else f"{value:,}", ""))
        if differs:
            by = None
            if check.predicted is not None and check.measured is not None:
                by = check.predicted - check.measured
            cells.append((f"{by:+,}" if by and not check.agrees else "", "bad"))
        rows.append(cells)
        for reason, size in check.explained:
            rows.append(
                [
                    ("", ""),
                    (f"  {reason}", "aside"),
                    ("", ""),
                    ("", ""),
                    (f"{size:,}", "aside"),
                    *([("", "")] if differs else []),
                ]
            )
    if differs:
        columns.append(Column("difference", right=True))
    return Grid(columns, rows)


def _differences(checks: list[Check], everything: bool) -> tuple[Grid, int]:
    columns = [Column(), Column("layer", gap=1), Column("what")]
    columns += [Column(head, right=True) for head in ("predicted", "measured", "difference")]
    rows: list[list[Cell]] = []
    for check in checks:
        for difference in check.differences:
            predicted, found = difference.predicted, difference.measured
            by = predicted - found if isinstance(predicted, int) and isinstance(found, int) else None
            rows.append(
                [
                    ("✗", "bad"),
                    (clean(difference.layer), ""),
                    (clean(difference.part or check.quantity), ""),
                    (_text(predicted), ""),
                    (_text(found), ""),
                    (f"{by:+,}" if by else "", "bad"),
                ]
            )
    kept = rows if everything else rows[:MOST_ROWS]
    return Grid(columns, kept), len(rows) - len(kept)


def _text(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple):
        if all(isinstance(n, int) for n in value):
            return "x".join(map(str, value))
        return " ".join("nothing" if ends is None else f"{ends[0]}..{ends[1]}" for ends in value)
    return str(value)


def _verdict(found: Comparison | OwnVerification | Verification, differing: list[Check]) -> str:
    count = max([check.of or 0 for check in found.checks])
    blind = len(getattr(found, "opaque", ()))
    if not differing and blind:
        return f"{count:,} layers agree, {blind:,} {'is' if blind == 1 else 'are'} not checked"
    if not differing and found.reordered:
        return "the same layers, branches in another order"
    if not differing:
        return f"all {count:,} layers agree" if count > 1 else "the layer agrees"
    layers = {d.layer for check in differing for d in check.differences if check.of is not None}
    totals = [check.quantity for check in differing if check.of is None]
    parts = []
    if layers:
        parts.append(f"{len(layers):,} of {count:,} layers {'differs' if len(layers) == 1 else 'differ'}")
    if totals:
        names = " and ".join([", ".join(totals[:-1]), totals[-1]] if len(totals) > 1 else totals)
        parts.append(f"{names} {'differs' if len(totals) == 1 else 'differ'}")
    return ", ".join(parts)


def _unseen(found: Comparison | OwnVerification | Verification) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for check in found.checks:
        for layer, reason in check.unseen:
            reasons.setdefault(f"{check.quantity}, {reason}", []).append(clean(layer))
    return reasons
