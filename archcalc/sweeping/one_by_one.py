"""Designs computed each by itself, as ``summary`` does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..diagnostics import ERROR, SpecError
from ..quantities import measured
from .batch import DesignBatch, Refusal
from .space import in_condition

if TYPE_CHECKING:
    from .request import Sweep


def evaluated(sweep: Sweep, numbers: np.ndarray) -> DesignBatch:
    """The quantities of designs, each computed by itself."""
    names = sweep.quantities
    rows: list[list[Any]] = []
    sizes: list[tuple[int, ...]] = []
    refused, holds = [], []
    refusals: dict[tuple[str, str], tuple[int, Refusal]] = {}
    for number in numbers.tolist():
        values = sweep.space.design(number)
        try:
            summary = sweep.summary(values)
        except SpecError as error:
            refusal = refused_as(error, number)
            place, _ = refusals.setdefault(refusal.kind, (len(refusals) + 1, refusal))
            rows.append([None] * len(names))
            sizes.append(())
            refused.append(place)
            holds.append(False)
            continue
        record = {name: measured(name, summary) for name in names}
        rows.append([record[name] for name in names])
        sizes.append(tuple(summary.graph.output.output))
        refused.append(0)
        condition = sweep.condition
        if condition is not None:
            for name in condition.named:
                if name in values:  # what differs has its name, whatever else is called so
                    record[name] = in_condition(values[name])
                elif name not in record:
                    record[name] = measured(name, summary)
        holds.append(condition is None or condition(record))
    axes = max(map(len, sizes), default=0)
    return DesignBatch(
        numbers,
        {name: column([row[at] for row in rows]) for at, name in enumerate(names)},
        np.array([(0,) * (axes - len(size)) + size for size in sizes], np.int64).reshape(len(sizes), axes),
        np.array(refused, np.int32),
        tuple([refusal for _, refusal in refusals.values()]),
        np.array(holds, bool),
    )


def column(values: list[Any]) -> np.ndarray:
    """Values as int64 where they are whole numbers within it, else as objects."""
    if all(type(value) is int and -(2**63) <= value < 2**63 for value in values):
        return np.array(values, np.int64)
    found = np.empty(len(values), object)
    found[:] = values
    return found


def refused_as(error: SpecError, number: int) -> Refusal:
    """Why a design is no network."""
    faults = [at for at in error.diagnostics if at.severity == ERROR]
    first = (faults or error.diagnostics)[0]
    return Refusal(first.code, first.span.text if first.span is not None else "", first.message, number)
