"""All designs as points of two quantities, so few of them that a picture can hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .batch import DesignBatch
from .best import Goal
from .space import DesignSpace

# Points that are kept as they are; and the cells along each axis of which each keeps one of more.
MOST_POINTS = 1 << 16
CELLS = 1024


class Cloud(NamedTuple):
    """Points of two quantities, each with how many designs it stands for. They are for pictures: floats."""

    x: np.ndarray
    y: np.ndarray
    designs: np.ndarray


def cloud_of(batch: DesignBatch, goals: Sequence[Goal], space: DesignSpace) -> Cloud:
    """Place designs in a plane.

    Args:
        batch: Designs, all of which count.
        goals: What lies along, and what upwards.
        space: The space of the designs.

    Returns:
        Their points; designs of which one of the two is not known are left out.

    Example:
        >>> import numpy as np
        >>> from archcalc.sweeping.best import Goal
        >>> from archcalc.sweeping.cloud import cloud_of
        >>> from archcalc.sweeping.engine import evaluated
        >>> from archcalc.sweeping.request import Sweep, SweepRequest
        >>> sweep = Sweep(SweepRequest("32x32x3 -> conv {3, 5} 8 pad={0, 1}", {}))
        >>> found = cloud_of(evaluated(sweep, np.arange(4)), [Goal("params"), Goal("rf")], sweep.space)
        >>> found.x.tolist(), found.y.tolist(), found.designs.tolist()
        ([224.0, 608.0], [3.0, 5.0], [2, 2])
    """
    x, y = [_floats(batch, goal, space) for goal in goals]
    known = ~(np.isnan(x) | np.isnan(y))
    return _grouped(x[known], y[known], np.ones(np.count_nonzero(known), np.int64))


def joined_clouds(clouds: Sequence[Cloud]) -> Cloud:
    """The points of several clouds; of very many that lie together one is kept for all."""
    x, y, count = [np.concatenate(parts) for parts in zip(*clouds, strict=True)]
    return _grouped(x, y, count)


def _grouped(x: np.ndarray, y: np.ndarray, count: np.ndarray) -> Cloud:
    """Equal points as one, and near ones where there are too many."""
    found = _one_of_each(x, y, x, y, count)
    if len(found.x) > MOST_POINTS:
        found = _one_of_each(found.x, found.y, _cells(found.x), _cells(found.y), found.designs)
    return found


def _one_of_each(
    x: np.ndarray, y: np.ndarray, along: np.ndarray, upwards: np.ndarray, count: np.ndarray
) -> Cloud:
    """Of the points that agree in both the first, with the counts of all."""
    if not len(x):
        return Cloud(x, y, count)
    order = np.lexsort((upwards, along))
    along, upwards = along[order], upwards[order]
    starts = np.flatnonzero(np.concatenate([[True], (np.diff(along) != 0) | (np.diff(upwards) != 0)]))
    first = order[starts]
    return Cloud(x[first], y[first], np.add.reduceat(count[order], starts))


def _cells(values: np.ndarray) -> np.ndarray:
    """In which cell along an axis each value lies; by logarithms where an axis would be drawn so."""
    scaled = np.log(values) if is_logarithmic(values) else values
    low, high = scaled.min(), scaled.max()
    cells: np.ndarray = ((scaled - low) / max(high - low, 1e-300) * CELLS).astype(np.int64)
    return cells


def is_logarithmic(values: np.ndarray) -> bool:
    """Whether an axis of these values is drawn by their logarithms: they are apart by factors."""
    return len(values) > 0 and bool(values.min() > 0) and bool(values.max() > 50 * values.min())


def _floats(batch: DesignBatch, goal: Goal, space: DesignSpace) -> np.ndarray:
    names = [axis.name for axis in space.axes]
    if goal.name not in names:
        column = batch.columns[goal.name]
        if column.dtype != object:
            return column.astype(float)
        return np.array([np.nan if value is None else float(value) for value in column], float)
    at = names.index(goal.name)
    values = space.axes[at].values
    numbers = all(not isinstance(value, (str, bool, tuple)) for value in values)
    floats = np.array([float(value) for value in values] if numbers else range(len(values)), float)
    found: np.ndarray = floats[space.places(batch.numbers)[at]]
    return found
