"""Which designs are best: by an order of quantities, or in that no other is better in all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ..diagnostics import did_you_mean, fail
from ..quantities import COMPARED, called
from .batch import DesignBatch
from .space import Axis, DesignSpace

# What stands before a quantity where an axis has its name.
OF_NETWORK = "network."
# What stands for a quantity that is not known: behind every number.
_UNKNOWN = np.iinfo(np.int64).max
# The most pairs of designs that are compared at once, where there are three goals or more.
_PAIRS = 1 << 22
_BLOCK = 512


class Goal(NamedTuple):
    """What designs are compared by.

    name     a quantity, or an axis of the space
    largest  whether the largest is the best; else the smallest is
    """

    name: str
    largest: bool = False

    def __str__(self) -> str:
        return f"-{self.name}" if self.largest else self.name


def read_goals(text: str, space: DesignSpace, option: str = "--sort") -> tuple[Goal, ...]:
    """Read what designs are to be compared by.

    Args:
        text: Quantities or axes, joined by commas; a ``-`` in front asks for the largest.
        space: The space of the designs.
        option: What the text was given to, for messages.

    Returns:
        The goals, each quantity by the name that it has as a column.

    Raises:
        SpecError: For what is neither, and what is named twice.

    Example:
        >>> from archcalc.sweeping.best import read_goals
        >>> from archcalc.sweeping.space import Axis, DesignSpace
        >>> read_goals("params,-rf", DesignSpace([Axis("width", (8, 16))]))
        (Goal(name='params', largest=False), Goal(name='rf', largest=True))
    """
    axes = [axis.name for axis in space.axes]
    found: list[Goal] = []
    for word, largest in goal_words(text):
        name = word if word in axes else quantity_of(word.removeprefix(OF_NETWORK))
        if name is None:
            raise fail(
                "name",
                f"`{option} {text}` names `{word}`, which is no quantity and nothing that differs"
                if word
                else f"`{option} {text}` lacks a name",
                *did_you_mean(word.lower(), [*axes, *COMPARED]),
                f"there are {', '.join([*axes, *COMPARED])}",
            )
        if any(goal.name == name for goal in found):
            raise fail("argument", f"`{option} {text}` names `{name}` twice")
        found.append(Goal(name, largest))
    return tuple(found)


def goal_words(text: str) -> list[tuple[str, bool]]:
    """The words of a text as ``read_goals`` reads it, and whether each asks for the largest."""
    words = [word.strip() for word in text.split(",")]
    return [(word.removeprefix("-").strip(), word.startswith("-")) for word in words]


def quantity_of(word: str) -> str | None:
    """The column of a quantity that networks are compared by; None for what is none."""
    meant = called(word)
    if meant is None or meant.name not in COMPARED:
        return None
    return meant.number or meant.name


class Ranking:
    """An order of designs by goals; designs that are equal in all of them stand in the order of their
    numbers, and a quantity that is not known behind those that are.

    Args:
        goals: The goals, the first one first. Without one the order is that of the numbers.
        space: The space of the designs.

    Example:
        >>> import numpy as np
        >>> from archcalc.sweeping.best import Goal, Ranking, top
        >>> from archcalc.sweeping.engine import evaluated
        >>> from archcalc.sweeping.request import Sweep, SweepRequest
        >>> sweep = Sweep(SweepRequest("32x32x3 -> conv {3, 5} {8, 16}", {}))
        >>> batch = evaluated(sweep, np.arange(4))
        >>> by = Ranking([Goal("rf", largest=True), Goal("params")], sweep.space)
        >>> batch.numbers[by.order(batch)].tolist(), top(batch, by, 1).numbers.tolist()
        ([2, 3, 0, 1], [2])
    """

    def __init__(self, goals: Sequence[Goal], space: DesignSpace):
        self.goals = tuple(goals)
        self.space = space
        names = [axis.name for axis in space.axes]
        self._axes = {goal.name: names.index(goal.name) for goal in goals if goal.name in names}
        self._ranks = {name: _ranks(space.axes[at]) for name, at in self._axes.items()}

    def keys(self, batch: DesignBatch) -> tuple[np.ndarray, np.ndarray]:
        """For each goal a row of numbers that are smaller for a better design, comparable within this batch
        alone; and whether all of a design's are known."""
        rows = np.empty((len(self.goals), len(batch.numbers)), np.int64)
        known = np.ones(len(batch.numbers), bool)
        places = self.space.places(batch.numbers) if self._axes else []
        for row, goal in enumerate(self.goals):
            at = self._axes.get(goal.name)
            if at is not None:
                column = self._ranks[goal.name][places[at]]
            else:
                column = batch.columns[goal.name]
            if column.dtype == object:
                rows[row], has = _keys_of_objects(column, goal.largest)
                known &= has
            else:
                rows[row] = ~column if goal.largest else column
        return rows, known

    def order(self, batch: DesignBatch) -> np.ndarray:
        """The places of all designs of a batch, the best first."""
        return _sorted(self.keys(batch)[0], batch.numbers)


def top(batch: DesignBatch, ranking: Ranking, count: int) -> DesignBatch:
    """Choose the best designs. The top of several tops is the top of all.

    Args:
        batch: Designs, all of which count.
        ranking: Which is better.
        count: How many are wanted.

    Returns:
        That many of the designs, or all; in the order of their numbers.
    """
    if len(batch.numbers) <= count:
        return batch
    keys, _ = ranking.keys(batch)
    at = np.arange(len(batch.numbers))
    if len(keys):
        last = np.partition(keys[0], count - 1)[count - 1]
        at = np.flatnonzero(keys[0] <= last)
    best = at[_sorted(keys[:, at], batch.numbers[at])[:count]]
    return batch.rows(np.sort(best))


class Front(NamedTuple):
    """The designs of which none is bettered: no other is as good in all goals, and better in one.

    batch    of designs that are equal in all goals the one of the smallest number, in ascending order
    alike    how many designs are equal to it, itself among them: int64
    unknown  designs that could not be compared, as a quantity of theirs is not known
    """

    batch: DesignBatch
    alike: np.ndarray
    unknown: int = 0


def front(batch: DesignBatch, ranking: Ranking, alike: np.ndarray | None = None) -> Front:
    """Choose the designs that no other betters. The front of several fronts is the front of all.

    Args:
        batch: Designs, all of which count.
        ranking: By which goals they are compared.
        alike: For how many designs each stands, where they come out of fronts.

    Returns:
        The front; with two goals by a sort, with more by comparing each design with those found before.

    Example:
        >>> import numpy as np
        >>> from archcalc.sweeping.best import Goal, Ranking, front
        >>> from archcalc.sweeping.engine import evaluated
        >>> from archcalc.sweeping.request import Sweep, SweepRequest
        >>> sweep = Sweep(SweepRequest("32x32x3 -> conv {3, 5} {8, 16} pad={0, 1}", {}))
        >>> by = Ranking([Goal("params"), Goal("rf", largest=True)], sweep.space)
        >>> found = front(evaluated(sweep, np.arange(8)), by)
        >>> found.batch.numbers.tolist(), found.alike.tolist()
        ([0, 4], [2, 2])
    """
    keys, known = ranking.keys(batch)
    unknown = int(len(known) - np.count_nonzero(known))
    at = np.flatnonzero(known)
    if len(at) > _BLOCK:
        at = at[_worth_a_look(keys[:, at])]
    at = at[_sorted(keys[:, at], batch.numbers[at])]
    keys = keys[:, at]
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(at)), bool), (np.diff(keys) != 0).any(0)]))
    stand_for = np.ones(len(batch.numbers), np.int64) if alike is None else alike
    counts = np.add.reduceat(stand_for[at], starts) if len(at) else np.zeros(0, np.int64)
    best = _unbettered(keys[:, starts])
    chosen, counts = at[starts[best]], counts[best]
    order = np.argsort(chosen)
    return Front(batch.rows(chosen[order]), counts[order], unknown)


def _sorted(keys: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Places in the order of the keys, the first one first, then of the numbers."""
    return np.lexsort((numbers, *keys[::-1]))


def _keys_of_objects(column: np.ndarray, largest: bool) -> tuple[np.ndarray, np.ndarray]:
    """Keys of numbers of any kind, by their ranks; and which are known."""
    known = np.array([value is not None for value in column], bool)
    keys = np.full(len(column), _UNKNOWN)
    if known.any():
        values, ranks = np.unique(column[known], return_inverse=True)
        keys[known] = len(values) - 1 - ranks if largest else ranks
    return keys, known


def _ranks(axis: Axis) -> np.ndarray:
    """Of each value of an axis its rank: by size where all are numbers, else in the order of the text."""
    values = axis.values
    places = range(len(values))
    if all(not isinstance(value, (str, bool, tuple)) for value in values):
        places = sorted(places, key=lambda at: values[at])  # type: ignore[assignment]
    ranks = np.empty(len(values), np.int64)
    ranks[list(places)] = np.arange(len(values))
    return ranks


def _worth_a_look(keys: np.ndarray) -> np.ndarray:
    """Which designs a few good ones do not better: most of many go in one look."""
    low = keys.min(axis=1, keepdims=True)
    span = np.maximum(keys.max(axis=1, keepdims=True).astype(float) - low, 1.0)
    scaled = (keys.astype(float) - low) / span
    kept = np.ones(keys.shape[1], bool)
    even = scaled.sum(axis=0)
    for pivot in {int(np.argmin(even + weight * row)) for row in scaled for weight in (0, 1, 4, 16)}:
        point = keys[:, pivot : pivot + 1]
        kept &= ~((keys >= point).all(axis=0) & (keys > point).any(axis=0))
    return kept


def _unbettered(keys: np.ndarray) -> np.ndarray:
    """The places of designs that no other betters; the keys differ, and stand in their order."""
    goals, count = keys.shape
    if not count:
        return np.zeros(0, np.intp)
    if goals <= 1:
        return np.zeros(1, np.intp)
    if goals == 2:
        least = np.minimum.accumulate(keys[1])
        return np.flatnonzero(np.concatenate([[True], keys[1][1:] < least[:-1]]))
    # Only a design that stands in front of another can better it, and one that is bettered itself betters
    # nothing that is not bettered by what betters it.
    found: list[np.ndarray] = []
    for start in range(0, count, _BLOCK):
        at = np.arange(start, min(start + _BLOCK, count))
        for earlier in _blocks(found):
            at = at[~_any_betters(keys[:, earlier], keys[:, at])]
            if not len(at):
                break
        if len(at):
            mine = keys[:, at]
            pairs = np.asarray((mine[:, :, None] <= mine[:, None, :]).all(axis=0))
            np.fill_diagonal(pairs, False)
            found.append(at[~pairs.any(axis=0)])
    return np.concatenate(found)


def _blocks(found: Iterable[np.ndarray]) -> Iterable[np.ndarray]:
    """What was found, in parts of which each may be compared with a block at once."""
    for part in found:
        size = max(1, _PAIRS // _BLOCK)
        for start in range(0, len(part), size):
            yield part[start : start + size]


def _any_betters(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which of the others one of the ones is nowhere behind; none of them is equal to it."""
    pairs = ones[0][:, None] <= others[0]
    for one, other in zip(ones[1:], others[1:], strict=True):
        pairs &= one[:, None] <= other
    found: np.ndarray = pairs.any(axis=0)
    return found
