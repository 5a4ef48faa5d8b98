"""Verdicts as plain data: what the machine-readable formats write."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ...analysis.notation import written
from ...analysis.receptive import plain
from ...analysis.summary import laid_out
from ...answers.assumptions import Reading
from ...answers.decision import Decision
from ...answers.matrices.value import MatrixValue
from ...answers.question import UNFIT
from ...answers.verdict import MarkedCells, Verdict
from ...answers.working import Working
from ...shape import Shape


def plain_value(value: Any, layout: str = "hwc") -> Any:
    """A value as JSON has it: an int, a list of sizes, words; a fraction as ``"1/2"``."""
    if value is UNFIT:
        return repr(UNFIT)
    if isinstance(value, Shape):
        return laid_out(value, layout)
    if isinstance(value, MatrixValue):
        return value.plain()
    if isinstance(value, Fraction):
        return plain(Fraction(value))  # exactly, however it is shown
    return [plain_value(part) for part in value] if isinstance(value, tuple) else value


def plain_points(points: Fraction) -> int | float:
    """Points as JSON has them."""
    return int(points) if points.denominator == 1 else float(points)


def working_record(working: Working | None) -> list[dict[str, Any]]:
    """The lines of a working, in symbols and in numbers."""
    return [
        {
            "of": line.of or None,
            "formula": written(line.made),
            "numbers": written(line.made, numbers=True),
            "value": plain_value(line.made.value),
        }
        for line in (working.lines if working is not None else ())
    ]


def reading_record(reading: Reading, layout: str = "hwc") -> dict[str, Any]:
    """The record of a reading."""
    return {
        "ids": list(reading.ids),
        "words": reading.words,
        "value": plain_value(reading.value, layout),
        "slip": reading.slip,
        "kind": reading.kind,
        "reason": reading.explanation or None,
        "follows": reading.follows,
        "working": working_record(reading.working),
    }


def decision_record(decision: Decision) -> dict[str, Any]:
    """The record of what a person decided."""
    return {
        "student": decision.student,
        "points": None if decision.points is None else plain_points(decision.points),
        "reading": decision.reading or None,
        "reason": decision.reason or None,
        "place": decision.location,
    }


def cells_record(cells: MarkedCells) -> dict[str, Any]:
    """The record of the cells of a matrix: how many are right, and where the others are."""
    wrong = [{"channel": at.channel, "at": [at.row, at.column]} for at in cells.wrong]
    return {"right": cells.right, "of": cells.of, "wrong": wrong}


def verdict_record(id: str, verdict: Verdict, points: Fraction) -> dict[str, Any]:
    """The record of a verdict. ``points`` are those of the question."""
    asked = verdict.asked
    layout = asked.conventions["layout"]
    return {
        "question": id,
        "layer": asked.where,
        "quantity": asked.quantity,
        "answer": verdict.written.text,
        "verdict": verdict.kind,
        "points": plain_points(verdict.points),
        "of": plain_points(points),
        "right": plain_value(verdict.value, layout),
        "working": working_record(verdict.working),
        "convention": verdict.convention or None,
        "follows": verdict.follows or None,
        "own": working_record(verdict.follow_through),
        "readings": [reading_record(reading, layout) for reading in verdict.readings],
        "covers": [reading_record(reading, layout) for reading in verdict.covers],
        "remark": verdict.remark or None,
        "kind": verdict.explained or None,
        "reason": verdict.reason or None,
        "unit": asked.unit or None,
        "convention_ids": list(verdict.convention_ids),
        "counted_at": verdict.counted or None,
        "open": plain_points(verdict.open),
        "decision": decision_record(verdict.decision) if verdict.decision is not None else None,
        "cells": cells_record(verdict.cells) if verdict.cells is not None else None,
    }
