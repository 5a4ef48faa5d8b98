"""Looking through designs a block at a time, the smallest change first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..search import Objective
from .by_change import by_change
from .demands import DesignJudge, Judged

# Designs of the first blocks and of the largest.
FIRST, LARGEST = 1 << 10, 1 << 17
# Designs that are kept of those that meet the demand, and of those that come near.
MOST_KEPT, NEAR = 10_000, 64
# Designs that are looked at for what comes near, and how often it is gone on from the nearest.
SAMPLED, STEPS, STARTS = 1 << 13, 16, 4


class Patience:
    """Ends a search after some seconds; never, without any."""

    def __init__(self, seconds: float | None = None):
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def ended(self) -> bool:
        """Whether it is time to end."""
        return self._end is not None and time.monotonic() > self._end


class Harvest:
    """The best of the designs that were judged so far: those that meet the demand, and those that come near.

    met      how many meet it
    seen     how many were judged; ``refused`` of them are no networks
    numbers  those that are kept, in order: the best first where there is an objective, else the smallest
             change; ``figures`` what the objective is of each
    near     the nearest ones: (gap, change, number), the nearest first
    places   of each axis the values that those have that meet the demand
    """

    def __init__(self, judge: DesignJudge, objective: Objective | None, most: int = MOST_KEPT):
        self._judge = judge
        self._most = most
        self.objective = objective
        self.met = self.seen = self.refused = 0
        self.unknown = 0
        self.numbers = np.zeros(0, np.int64)
        self.figures = np.zeros(0, object)
        self._changes = np.zeros(0, np.int64)
        self.near: list[tuple[float, int, int]] = []
        self.places = [np.zeros(len(axis.values), bool) for axis in judge.axes]
        self.refusal: int | None = None

    def add(self, judged: Judged) -> None:
        """Take in designs."""
        batch = judged.batch
        self.seen += len(batch.numbers)
        refused = batch.refused != 0
        self.refused += int(refused.sum())
        if self.refusal is None and refused.any():
            self.refusal = int(batch.numbers[int(refused.argmax())])
        meets = judged.meets
        if self.objective is not None:
            figures = self._judge.figures(batch, self.objective.quantity)
            if figures.dtype == object:
                known = np.array([figure is not None for figure in figures.tolist()], bool)
                self.unknown += int((meets & ~known).sum())
                meets = meets & known
        if meets.any():
            self._keep(batch.numbers[meets], figures[meets] if self.objective is not None else None)
        elif not self.met:
            self._note_near(judged)

    @property
    def full(self) -> bool:
        """Whether as many are kept as are wanted."""
        return len(self.numbers) >= self._most

    @property
    def worst(self) -> tuple[Any, int]:
        """The figure and the change of the last that is kept."""
        return (self.figures[-1] if self.objective is not None else 0), int(self._changes[-1])

    def _keep(self, numbers: np.ndarray, figures: np.ndarray | None) -> None:
        places = self._judge.space.places(numbers)
        for seen, at in zip(self.places, places, strict=True):
            seen[at] = True
        self.met += len(numbers)
        changes = np.sum(places, axis=0) if places else np.zeros(len(numbers), np.int64)
        numbers = np.concatenate([self.numbers, numbers])
        changes = np.concatenate([self._changes, changes])
        if figures is None or self.objective is None:
            order = np.lexsort((numbers, changes))[: self._most]
        else:
            figures = figures if not len(self.figures) else np.concatenate([self.figures, figures])
            order = np.lexsort((numbers, changes, _ranks(figures, self.objective.sign)))[: self._most]
            self.figures = figures[order]
        self.numbers, self._changes = numbers[order], changes[order]

    def take_over(self, other: Harvest) -> None:
        """Take in the best of another search through the same space, where they are better."""
        self.seen += other.seen
        self.refused += other.refused
        known = np.isin(other.numbers, self.numbers)
        if not known.all():
            before, met = self.numbers, self.met
            self._keep(other.numbers[~known], other.figures[~known])
            self.met = met + int((~np.isin(self.numbers, before)).sum())

    def _note_near(self, judged: Judged) -> None:
        gaps, numbers = judged.gaps, judged.batch.numbers
        finite = np.isfinite(gaps)
        if len(self.near) == NEAR:
            finite &= gaps <= self.near[-1][0]
        if not finite.any():
            return
        gaps, numbers = gaps[finite], numbers[finite]
        changes = np.sum(self._judge.space.places(numbers), axis=0)
        order = np.lexsort((numbers, changes, gaps))[:NEAR]
        found = [(float(gaps[at]), int(changes[at]), int(numbers[at])) for at in order.tolist()]
        self.near = sorted({*self.near, *found})[:NEAR]


def _ranks(figures: np.ndarray, sign: int) -> np.ndarray:
    """Numbers that are the smaller the better a figure is."""
    if figures.dtype != object:
        return -figures if sign > 0 else figures
    ordered = sorted(set(figures.tolist()), reverse=sign > 0)
    rank = {figure: at for at, figure in enumerate(ordered)}
    return np.array([rank[figure] for figure in figures.tolist()], np.int64)


def look_through(judge: DesignJudge, harvest: Harvest, limit: int, patience: Patience | None = None) -> bool:
    """Judge designs by their change, the least first, as many as ``limit``. Tell whether these are all."""
    sizes = [len(axis.values) for axis in judge.axes]
    numbers = by_change(sizes, limit)
    size, at = FIRST, 0
    while at < len(numbers):
        judge_some(judge, harvest, numbers[at : at + size])
        at += size
        if patience is not None and patience.ended and at < len(numbers):
            return False
        size = min(4 * size, LARGEST)
    return len(numbers) == judge.space.size


def judge_some(judge: DesignJudge, harvest: Harvest, numbers: Sequence[int] | np.ndarray) -> None:
    """Judge some designs in any order."""
    harvest.add(judge.judged(np.sort(np.asarray(numbers, np.int64))))


def come_nearer(judge: DesignJudge, harvest: Harvest, limit: int) -> None:
    """Look for designs that come near where none is known to meet the demand: those with the least changes,
    some of the whole space, and from the nearest on along each axis, as long as that comes nearer. At most
    ``limit`` designs are judged in all."""
    size = judge.space.size
    sizes = [len(axis.values) for axis in judge.axes]
    most = min(SAMPLED, (limit - harvest.seen) // 2)
    if most > 0:
        spread = np.linspace(0, size - 1, most).astype(np.int64) if size < 2**53 else np.zeros(1, np.int64)
        judge_some(judge, harvest, np.unique(np.concatenate([by_change(sizes, most), spread])))
    for _ in range(STEPS):
        if harvest.met or not harvest.near or harvest.seen + sum(sizes) > limit:
            return
        gap, _, nearest = harvest.near[0]
        judge_some(judge, harvest, _along_axes(judge, [nearest]))
        if harvest.near[0][0] >= gap:
            return


def climb(judge: DesignJudge, objective: Objective, kept: int, limit: int) -> Harvest:
    """Look for good designs from some of the whole space on: from the best ones along each axis, as long as
    that finds better ones."""
    harvest = Harvest(judge, objective, kept)
    come_nearer(judge, harvest, limit)
    along = STARTS * sum(len(axis.values) for axis in judge.axes)
    for _ in range(STEPS):
        if not harvest.met or harvest.seen + along > limit:
            break
        before = harvest.numbers
        further = np.setdiff1d(_along_axes(judge, before[:STARTS].tolist()), before)
        judge_some(judge, harvest, further)
        if np.array_equal(before, harvest.numbers):
            break
    return harvest


def _along_axes(judge: DesignJudge, numbers: Sequence[int]) -> np.ndarray:
    """The designs that differ from some in one value."""
    found = []
    for number in numbers:
        places = judge.space.places(np.array([number], np.int64))
        for place, step, axis in zip(places, judge.space.steps, judge.axes, strict=True):
            others = np.arange(len(axis.values), dtype=np.int64) - int(place[0])
            found.append(number + others * step)
    return np.unique(np.concatenate(found))
