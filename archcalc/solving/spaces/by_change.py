"""The designs of a space in the order of their change."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np


def counts_by_change(sizes: Sequence[int], most: int) -> list[int]:
    """How many designs have a change of 0, 1, 2 …, as far as there are not more than ``most`` in all, and
    one change further.

    The change of a design is the sum of the places of its values.

    Example:
        >>> from archcalc.solving.spaces.by_change import counts_by_change
        >>> counts_by_change([3, 2], 100)
        [1, 2, 2, 1]
    """
    changes = sum(sizes) - len(sizes) + 1
    counts = [1] + [0] * (changes - 1)
    for size in sizes:
        running, made = 0, []
        for change in range(changes):
            running += counts[change] - (counts[change - size] if change >= size else 0)
            made.append(running)
        counts = made
    found, total = [], 0
    for count in counts:
        found.append(count)
        total += count
        if total > most:
            break
    return found


def by_change(sizes: Sequence[int], most: int) -> np.ndarray:
    """The numbers of the designs with the least change, ``most`` at most: the smallest change first, of equal
    ones that with the smaller change of the first axis.

    Designs are numbered as by ``DesignSpace``, the last axis fastest.

    Example:
        >>> from archcalc.solving.spaces.by_change import by_change
        >>> by_change([2, 3], 4).tolist()
        [0, 1, 3, 2]
    """
    if not prod(sizes):
        return np.zeros(0, np.int64)
    last = len(counts_by_change(sizes, most)) - 1
    numbers = np.zeros(1, np.int64)
    changes = np.zeros(1, np.int64)
    for size in sizes:
        free = np.minimum(last - changes + 1, size)
        starts = np.cumsum(free) - free
        places = np.arange(int(free.sum())) - np.repeat(starts, free)
        numbers = np.repeat(numbers, free) * size + places
        changes = np.repeat(changes, free) + places
    order = np.argsort(changes.astype(np.int32), kind="stable")[:most]
    return numbers[order]
