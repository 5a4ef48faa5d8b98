"""Memory at the foot of a summary: the totals, what training holds, what fits."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.summary import Summary
from ...analysis.training import OPTIMIZERS
from ..grid import Cell, Column, Grid
from ..lines import Line, clean
from ..sheet import PAGE, Space
from ..words import amount, binary, count, unit_for


def memory_lines(summary: Summary, space: Space, verbose: bool) -> Iterator[Line]:
    """Parameters, outputs, the peak and where it is; with ``verbose`` what lives there, and what
    the backward pass adds."""
    memory = summary.memory
    outputs = summary.scaled(memory.activations)
    least = "≥ " if "params" in {quantity for _, quantity in summary.counts.uncounted} else ""
    parts = [
        f"parameters {least}{amount(summary.param_bytes)}",
        f"outputs {amount(outputs)}",
        f"peak {amount(summary.scaled(memory.peak))}",
    ]
    if memory.at is not None:
        parts[-1] += f" ({clean(memory.at.name)})"
    found = space.wrapped(parts, space.width)
    if verbose:
        live = [f"{clean(at.name)} {amount(summary.scaled(memory.new[at]))}" for at in memory.alive()]
        found += space.wrapped(["live at the peak: " + ", ".join(live)], space.width)
        found += space.wrapped(
            [
                f"kept for backward {_least(summary)}{amount(summary.saved_bytes)}",
                f"outputs twice, as lectures count training, {amount(2 * outputs)}",
            ],
            space.width,
        )
    for text in found:
        yield [(text, "")]


def training_lines(summary: Summary, space: Space) -> Iterator[Line]:
    """The breakdown of what training holds, as wide as fits."""
    grid = training_grid(summary, space)
    if grid is not None:
        yield from space.shown_grid(grid).lines()


def training_grid(summary: Summary, space: Space = PAGE) -> Grid | None:
    """The breakdown of what training holds; its lines add up. None if it was not asked for."""
    shares = summary.breakdown()
    if not shares:
        return None
    assert summary.optimizer is not None
    precision = f"mixed {summary.dtype}" if summary.mixed else summary.dtype
    title = f"{OPTIMIZERS[summary.optimizer].title}, {precision}, batch {summary.batch:,}"
    at_least = summary.training_at_least
    whole = summary.training_bytes()
    unit = unit_for(whole)
    rows: list[list[Cell]] = [
        [
            (share.what, ""),
            (share.dtype or "", ""),
            ("" if share.values is None else count(share.values), ""),
            (count(share.bytes, at_least and share.values is None), ""),
            (binary(share.bytes, unit), ""),
        ]
        for share in shares
    ]
    foot: list[Cell] = [
        ("total", "sum"),
        ("", ""),
        ("", ""),
        (count(whole, at_least), "sum"),
        (binary(whole, unit), "sum"),
    ]
    right = [Column(head, right=True) for head in ("values", "bytes", unit)]
    columns = [Column(title), Column(""), *right]
    grid = Grid(columns, rows, [foot])
    if (
        space.width is not None and space.shown_grid(grid).width > space.width
    ):  # the values can be told from the bytes
        del columns[2], foot[2]
        for row in rows:
            del row[2]
        grid = Grid(columns, rows, [foot])
    return grid


def fits_lines(summary: Summary, space: Space) -> Iterator[Line]:
    """The largest batches that fit into the memory that was asked about."""
    fits = summary.fits
    if fits is None:
        return
    size = fits["bytes"]
    assert size is not None
    parts = [f"into {_round(size)}"]
    needs = summary.needs()
    for what in ("inference", "training"):
        if what not in fits:
            parts.append(f"{what}: say with which --optimizer")
            continue
        batch = fits[what]
        if batch is None:
            parts.append(f"{what}: any batch")
        elif batch:
            most = "at most " if summary.at_most(what) else ""
            parts.append(f"{what}: {most}batch {batch:,}")
        else:
            least = max([need(1) for need in needs[what]])
            parts.append(f"{what}: not even one, which needs {amount(least)}")
    yield from ([(text, "")] for text in space.wrapped(parts, space.width))


def _least(summary: Summary) -> str:
    """The sign of a sum that leaves out layers without a rule for what they keep."""
    return "≥ " if summary.memory.training.uncounted else ""


def _round(size: int) -> str:
    for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if size % 1024**power == 0:
            return f"{size // 1024**power:,} {unit}"
    return f"{size:,} bytes"
