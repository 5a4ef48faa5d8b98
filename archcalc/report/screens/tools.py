"""The screen of `archcalc explain TARGET macs --tools`: every tool's figure beside ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...reconciling.operations import FLOPS, MACS
from ...reconciling.tools import DIFFERENCES, CountByTool, CountsByTools, ours
from ..fitting import GONE, Rows
from ..flat import FlatTable
from ..grid import Cell, Column, Yield
from ..lines import Line, clean_line
from ..sheet import FactsBlock, NotesBlock, Sheet, Space, TableBlock, fit
from ..words import brief, count, volume


def _columns(rows: Sequence[CountByTool]) -> list[Column]:
    """The columns of the table: of the differences those that there are. The smaller ones go first where the
    width is too small."""
    largest = {kind: max([abs(row.differences[kind]) for row in rows], default=0) for kind in DIFFERENCES}
    present = [kind for kind in DIFFERENCES if largest[kind]]
    turns = {kind: turn for turn, kind in enumerate(sorted(present, key=lambda kind: largest[kind]))}
    return [
        Column("counted by", name="counter"),
        Column("figure", True, name="figure"),
        Column("", name="unit", gap=1),
        *[Column(kind, True, name=kind, yields=(Yield(turns[kind], GONE, kind),)) for kind in present],
    ]


def tools_table(figures: CountsByTools) -> FlatTable:
    """A record per tool."""
    header = ["counter", "tool", "version", "figure", "unit", "with_modules", *DIFFERENCES, "faults"]

    def records() -> Iterator[list[Any]]:
        for row in figures.rows:
            yield [
                row.profile.name,
                row.profile.tool,
                row.profile.version,
                row.figure,
                row.profile.unit,
                row.with_modules,
                *[row.differences[kind] for kind in DIFFERENCES],
                "; ".join([f"{fault.fault} {fault.amount}" for fault in row.faults]),
            ]

    return header, records()


def tools_sheets(figures: CountsByTools, space: Space) -> list[Sheet]:
    """One table, and below it what is wrong with which figure."""
    graph = figures.network.graph
    distinct = _distinct(figures.rows)
    columns = _columns(distinct)
    kinds = [column.name for column in columns if column.name in DIFFERENCES]
    rows: list[list[Cell]] = []
    for unit in (MACS, FLOPS):
        blank: list[Cell] = [("", "")] * len(kinds)
        rows.append([("archcalc", "title"), (count(ours(figures, unit)), "title"), (unit, ""), *blank])
        rows += [_row(row, kinds) for row in distinct if row.profile.unit == unit]
    fitting = fit(columns, Rows(columns, rows), space)
    return [
        Sheet(
            clean_line(graph.metadata.name),
            "what the tools count, and how that differs from ours",
            " ".join([volume(source.output) for source in graph.inputs]),
            "tools",
            TableBlock(fitting.grid()),
            FactsBlock(lambda space: _facts(figures, space)),
            NotesBlock(_notes(figures), fitting.left_out_note),
        )
    ]


def _distinct(rows: Sequence[CountByTool]) -> list[CountByTool]:
    """The rows without the ways of running a tool that print what it prints anyhow: flopcounter-meta."""
    printed = {row.profile.name: row.figure for row in rows}
    return [
        row
        for row in rows
        if printed.get(row.profile.name.partition("-")[0]) != row.figure or ("-" not in row.profile.name)
    ]


def _row(row: CountByTool, kinds: Sequence[str]) -> list[Cell]:
    changes: list[Cell] = []
    for kind in kinds:
        value = row.differences[kind]
        changes.append((f"{'+' if value > 0 else '−'}{brief(abs(value))}" if value else "", ""))
    wrong = "warn" if row.faults else ""
    return [(row.profile.name, wrong), (count(row.figure), wrong), (row.profile.unit, ""), *changes]


def _facts(figures: CountsByTools, space: Space) -> Iterator[tuple[str, Line]]:
    """Who is wrong, and why: tools with the same fault together."""
    tools: dict[tuple[str, int], list[str]] = {}
    for row in _distinct(figures.rows):
        for fault in row.faults:
            tools.setdefault((fault.reason, fault.amount), []).append(row.profile.name)
    word = "wrong"
    for (reason, amount), names in tools.items():
        text = f"{', '.join(names)}: {'+' if amount > 0 else '−'}{abs(amount):,}, {reason}"
        for part in space.broken(text, space.width):
            yield word, [(part, "")]
            word = ""


def _notes(figures: CountsByTools) -> list[str]:
    graph = figures.network.graph
    other = [row for row in figures.rows if row.with_modules != row.figure]
    if graph.metadata.traced is not None:
        return ["of the module's code as it ran"]
    notes = ["of the module that archcalc export writes"]
    if other:
        listed = ", ".join([f"{row.profile.name} {row.with_modules:,}" for row in other])
        notes.append(f"where activations and pools are modules: {listed}")
    return notes
