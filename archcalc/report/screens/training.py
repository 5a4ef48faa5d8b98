"""The screen of `archcalc explain TARGET step_macs --tools`: a training step, counted in several ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...analysis.tools_of_training import TrainingFigure, TrainingFigures
from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import clean_line
from ..sheet import NotesBlock, Sheet, TableBlock
from ..words import count, volume

FIELDS = ("counter", "rule", "forward", "backward", "step", "fault")


def training_table(figures: TrainingFigures) -> FlatTable:
    """A record per way of counting."""

    def records() -> Iterator[list[Any]]:
        for row in figures.rows:
            yield [row.counter, row.rule, row.forward, row.backward, row.step, row.fault]

    return [*FIELDS], records()


def training_sheets(figures: TrainingFigures) -> list[Sheet]:
    """One table, and below it what freezing saves and who is wrong."""
    graph = figures.graph
    columns = [
        Column("counted by"),
        Column("forward", True),
        Column("backward", True),
        Column("step", True),
        Column("backward is"),
    ]
    return [
        Sheet(
            clean_line(graph.metadata.name),
            "FLOPs of a training step, as tools count them",
            " ".join([volume(source.output) for source in graph.inputs]),
            "training",
            TableBlock(Grid(columns, [_row(row) for row in figures.rows])),
            NotesBlock(list(_notes(figures))),
        )
    ]


def _row(row: TrainingFigure) -> list[Cell]:
    wrong = "warn" if row.fault else ""
    numbers: list[Cell] = [(count(number), wrong) for number in (row.forward, row.backward, row.step)]
    return [(row.counter, wrong), *numbers, (row.rule, "")]


def _notes(figures: TrainingFigures) -> Iterator[str]:
    yield "for one element of the batch, two FLOPs per MAC"
    for row in figures.rows:
        if row.fault:
            yield f"{row.counter}: +{row.fault:,} by a fault: {row.reason}"
    if figures.recurrent:
        names = ", ".join(map(clean_line, figures.recurrent))
        yield f"{names}: with the gradient of the first state, which FlopCounterMode leaves out"
    if figures.saved:
        whole = figures.rows[0].backward + figures.saved
        yield f"freezing saves {figures.saved:,} FLOPs of the backward pass, of {whole:,}"
    if figures.uncounted:
        yield f"without a rule, and not counted: {', '.join(map(clean_line, figures.uncounted))}"
