"""The screen of `archcalc verify --all`: one row per network, one mark per quantity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import Line, clean
from ..sheet import FactsBlock, NotesBlock, Sheet, TableBlock
from ..words import binary

if TYPE_CHECKING:
    from ...witness.compare import Check
    from ...witness.zoo import Verified

# Heads of the marks; the quantities as verify has them.
MARKS = {
    "output shapes": "shapes",
    "parameters": "params",
    "trainable": "trainable",
    "buffers": "buffers",
    "MACs": "MACs",
    "kept for backward": "kept",
    "peak of inference": "peak",
    "peak of a training step": "step",
    "receptive fields": "fields",
}
PEAKS = {"allocator in inference": "inference", "allocator in a training step": "training step"}
FLAT = "name until device quantity verdict predicted measured workspace rounding unexplained others".split()


def zoo_sheets(found: Sequence[Verified], place: str) -> list[Sheet]:
    """The lines on what agrees, and on CUDA the allocator's peaks. ``place`` is where it was measured."""
    torch = found[0].found.torch if found else ""
    title = f"{len(found):,} networks, rules against PyTorch {torch} on {place}"
    bad = [one.name for one in found if not one.found.agrees]
    facts: list[tuple[str, Line]] = [("result", [(_verdict(found, bad), "sum")])]
    parts = [one for one in found if one.until is not None]
    facts += [
        ("" if number else "in part", [(f"{clean(one.name)} as far as {clean(one.until or '')}", "")])
        for number, one in enumerate(parts)
    ]
    notes = NotesBlock(
        [
            "✓ all layers agree",
            "✗ some differ: verify NAME says which",
            "? not all layers are counted, or seen by PyTorch's counter",
            *(["in part: what follows has no counterpart in PyTorch"] if parts else []),
        ]
    )
    marks = TableBlock(_marks(found))
    sheets = [Sheet("zoo", title, "", "verify", marks, FactsBlock(lambda space: facts), notes)]
    peaks = _peaks(found)
    if peaks.rows:
        title = f"the allocator at its highest, MiB, on {place}"
        notes = NotesBlock(
            [
                "predicted: parameters, buffers and live storages",
                "measured: torch.cuda.max_memory_allocated",
                "workspace: what libraries hold then, found by a second run",
                "rounding: of blocks",
                "others: more tensors then, or fewer, than at their own peak",
                "rest: not explained, and its share of what was measured",
            ]
        )
        sheets.append(Sheet("zoo", title, "", "peaks", TableBlock(peaks), notes))
    return sheets


def zoo_table(found: Sequence[Verified]) -> FlatTable:
    """One record per network and quantity."""

    def records() -> Iterator[list[Any]]:
        for one in found:
            for check in one.found.checks:
                workspace, rounding, others = _explained(check)
                known = check.quantity in PEAKS and check.measured is not None
                yield [
                    one.name,
                    one.until or "",
                    one.found.device,
                    check.quantity,
                    "agrees" if check.agrees else "differs",
                    *["" if n is None else n for n in (check.predicted, check.measured)],
                    *([workspace, rounding, _rest(check), others] if known else [""] * 4),
                ]

    return FLAT, records()


def _verdict(found: Sequence[Verified], bad: Sequence[str]) -> str:
    if not bad:
        return f"all {len(found):,} networks agree"
    return f"{len(bad):,} of {len(found):,} networks differ: {', '.join(map(clean, bad))}"


def _marks(found: Sequence[Verified]) -> Grid:
    columns = [Column(), Column("network", gap=1), Column("on"), Column("layers", right=True)]
    columns += [Column(head) for head in MARKS.values()]
    rows: list[list[Cell]] = []
    for one in found:
        checks = {check.quantity: check for check in one.found.checks}
        rows.append(
            [
                ("✓", "good") if one.found.agrees else ("✗", "bad"),
                (clean(one.name), ""),
                (one.found.device, ""),
                (f"{len(one.found.layers):,}", ""),
                *[_mark(checks.get(quantity)) for quantity in MARKS],
            ]
        )
    return Grid(columns, rows)


def _mark(check: Check | None) -> Cell:
    if check is None or (check.of == 0 and check.agrees):
        return "", ""
    if not check.agrees:
        return "✗", "bad"
    return ("?", "warn") if check.unseen else ("✓", "good")


def _explained(check: Check) -> tuple[int, int, int]:
    workspace, rounding, others = (size for _, size in check.explained or (("", 0),) * 3)
    return workspace, rounding, others


def _rest(check: Check) -> int:
    return (check.measured or 0) - (check.predicted or 0) - sum(_explained(check))


def _mib(bytes: int) -> str:
    return f"-{binary(-bytes, 'MiB', 1)}" if bytes < 0 else binary(bytes, "MiB", 1)


def _peaks(found: Sequence[Verified]) -> Grid:
    columns = [Column(), Column("network", gap=1), Column("in")]
    columns += [
        Column(head, right=True)
        for head in ("predicted", "measured", "workspace", "rounding", "others", "rest", "%")
    ]
    rows: list[list[Cell]] = []
    for one in found:
        for check in one.found.checks:
            if check.quantity not in PEAKS or check.measured is None:
                continue
            sizes = [check.predicted or 0, check.measured, *_explained(check), _rest(check)]
            share = f"{100 * _rest(check) / check.measured:+.1f}" if check.measured else ""
            rows.append(
                [
                    _mark(check),
                    (clean(one.name), ""),
                    (PEAKS[check.quantity], ""),
                    *[(_mib(size), "") for size in sizes],
                    (share, ""),
                ]
            )
    return Grid(columns, rows)
