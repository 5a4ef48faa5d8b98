"""Which designs of a space are computed: all, or some that are drawn."""

from __future__ import annotations

import numpy as np

from ..diagnostics import fail
from .space import DesignSpace

# The most designs that are drawn.
MOST_DRAWN = 10_000_000
# The most designs that can be numbered.
MOST = 2**63 - 1


class SweptDesigns:
    """The designs of a space that are computed, in ascending order of their numbers.

    Args:
        space: The space.
        sample: How many designs are drawn; all of them without it, or where there are no more.
        seed: The same seed draws the same designs, on every machine: the bits are those of PCG64, whose
            stream numpy keeps as it is.

    Raises:
        SpecError: For a space that is too large to be numbered, or too many designs.

    Example:
        >>> from archcalc.sweeping.sampling import SweptDesigns
        >>> from archcalc.sweeping.space import Axis, DesignSpace
        >>> drawn = SweptDesigns(DesignSpace([Axis("width", tuple(range(1000)))]), sample=3, seed=7)
        >>> drawn.size, drawn.numbers(0, drawn.size).tolist() == drawn.numbers(0, 3).tolist()
        (3, True)
    """

    def __init__(self, space: DesignSpace, sample: int | None = None, seed: int = 0):
        if space.size > MOST:
            raise fail(
                "limit",
                f"the space has {space.size:.3g} designs"
                if space.size < 10**300
                else "the space has too many designs",
                f"it may have {MOST:.3g}: narrow a range, or give it a larger step",
            )
        if sample is not None and sample > MOST_DRAWN:
            raise fail("argument", f"a sample of {sample:,} designs is more than {MOST_DRAWN:,}")
        self.space = space
        self._drawn = None if sample is None or sample >= space.size else draw(space.size, sample, seed)
        self.size = space.size if self._drawn is None else len(self._drawn)
        self.sampled = self._drawn is not None

    def numbers(self, start: int, stop: int) -> np.ndarray:
        """The numbers of some of the designs that are computed, from the one at a place on."""
        stop = min(stop, self.size)
        return np.arange(start, stop) if self._drawn is None else self._drawn[start:stop]


def draw(size: int, count: int, seed: int) -> np.ndarray:
    """Draw distinct numbers below ``size``, each set of them as likely as any other.

    Args:
        size: How many numbers there are, at most 2^63 - 1.
        count: How many are drawn; not more than there are.
        seed: The same one draws the same numbers.

    Returns:
        The numbers in ascending order.

    Example:
        >>> from archcalc.sweeping.sampling import draw
        >>> draw(10**18, 2, seed=1).tolist() == draw(10**18, 2, seed=1).tolist()
        True
    """
    if count > size // 2:
        left_out = draw(size, size - count, seed) if count < size else np.zeros(0, np.int64)
        kept = np.ones(size, bool)
        kept[left_out] = False
        return np.flatnonzero(kept)
    bits = np.random.PCG64(seed)
    # Bits beyond the last whole multiple of the size would make some numbers likelier than others.
    whole = np.uint64(2**64 - 1 - 2**64 % size)
    found = np.zeros(0, np.int64)
    while len(found) < count:
        raw = bits.random_raw(max(64, 2 * (count - len(found))))
        fresh = (raw[raw <= whole] % np.uint64(size)).astype(np.int64)
        both = np.concatenate([found, fresh])
        _, first = np.unique(both, return_index=True)
        found = both[np.sort(first)][:count]
    return np.sort(found)
