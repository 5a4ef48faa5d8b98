"""Values between the positions of a map: at places of a grid, and in regions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from .exact import Array, UnfitValueError, exact_number
from .recorded import plain

# A place along an axis: the positions that are read, and their weights.
Taps = list[tuple[int, Any]]
# How far a cubic goes below 0, as PyTorch has it.
CUBIC = Fraction(-3, 4)


def centres(count: int, align_corners: bool) -> list[Any]:
    """Return the places of so many positions from -1 to 1, exactly.

    Args:
        count: How many there are.
        align_corners: Whether -1 and 1 are the centres of the outer ones, and not their ends.

    Example:
        >>> from archcalc.arrays.places import centres
        >>> centres(3, True), centres(2, False)
        ([-1, 0, 1], [Fraction(-1, 2), Fraction(1, 2)])
    """
    if align_corners:
        return [exact_number(Fraction(2 * at, count - 1) - 1) if count > 1 else 0 for at in range(count)]
    return [exact_number(Fraction(2 * at + 1, count) - 1) for at in range(count)]


class GridPlaces:
    """Reads a map at places from -1 to 1.

    Args:
        sizes: Positions along each axis of the map.
        mode: ``bilinear``, ``nearest`` or ``bicubic``.
        outside: What is read outside of the map: ``zeros``, ``border`` or ``reflection``.
        align_corners: Whether -1 and 1 are the centres of the outer positions.
    """

    def __init__(self, sizes: Sequence[int], mode: str, outside: str, align_corners: bool):
        self.sizes = sizes
        self.mode = mode
        self.outside = outside
        self.align_corners = align_corners

    def value(self, x: Array, place: Array) -> Array:
        """Return the value per channel at a place, its coordinates the last axis first."""
        taps = [self._taps(plain(at), n) for at, n in zip(place[::-1], self.sizes, strict=True)]
        return weighted(x, taps)

    def _taps(self, place: Any, count: int) -> Taps:
        """The positions along an axis of so many, and their weights. Raises UnfitValueError."""
        if isinstance(place, float) and not math.isfinite(place):
            raise UnfitValueError(f"{place} is no place of a map")
        whole = place if isinstance(place, float) else Fraction(place)
        at: Any = (whole + 1) / 2 * (count - 1) if self.align_corners else ((whole + 1) * count - 1) / 2
        if self.mode == "bicubic":
            first = math.floor(at)
            pairs = [
                (self._inside(first + step, count), weight)
                for step, weight in zip(range(-1, 3), cubic(at - first), strict=True)
            ]
        else:
            at = self._inside(at, count)
            first = math.floor(at)
            pairs = [(first, 1 - (at - first)), (first + 1, at - first)]
            if self.mode == "nearest":
                pairs = [(round(at), 1)]
        return [(int(position), weight) for position, weight in pairs if 0 <= position < count]

    def _inside(self, at: Any, count: int) -> Any:
        """A coordinate, moved into the map unless what is outside of it reads 0."""
        if self.outside == "zeros":
            return at
        if self.outside == "reflection":
            span = count - 1 if self.align_corners else count
            if span == 0:
                return 0
            low: Any = 0 if self.align_corners else Fraction(-1, 2)
            turns, rest = divmod(abs(at - low), span)
            at = low + (span - rest if turns % 2 else rest)
        return min(max(at, 0), count - 1)


def cubic(at: Any) -> list[Any]:
    """Return the weights of the four positions around a place that is so far behind the second."""

    def near(t: Any) -> Any:
        return ((CUBIC + 2) * t - (CUBIC + 3)) * t * t + 1

    def far(t: Any) -> Any:
        return ((CUBIC * t - 5 * CUBIC) * t + 8 * CUBIC) * t - 4 * CUBIC

    return [far(at + 1), near(at), near(1 - at), far(2 - at)]


def weighted(x: Array, taps: Sequence[Taps]) -> Array:
    """Return the sum per channel of positions of a map, times the weights along each axis."""
    found = np.zeros(x.shape[-1], dtype=object)
    for place in product(*taps):
        weight = math.prod([weight for _, weight in place])
        if weight:
            values = x[tuple([position for position, _ in place])]
            found = found + (values if weight == 1 else values * exact_number(weight))
    return found


# Regions ------------------------------------------------------------------------------------------


def region_sampled(x: Array, box: Array, sizes: Sequence[int], samples: int) -> Array:
    """Return the means of samples of the parts of a box, as torchvision's ``roi_align`` takes them.

    Args:
        x: The map.
        box: Its first and its last place along each axis, the last axis first: x1, y1, x2, y2.
        sizes: Parts along each axis.
        samples: Samples of a part along each axis.
    """
    axes = []
    for (low, high), count, parts in zip(ends(box), x.shape[:-1], sizes, strict=True):
        each = max(high - low, Fraction(1)) / parts
        steps = [Fraction(2 * one + 1, 2 * samples) for one in range(samples)]
        axes.append([[between(low + (part + step) * each, count) for step in steps] for part in range(parts)])
    found = []
    for unit in product(*axes):
        sums = [weighted(x, taps) for taps in product(*unit)]
        found.append(sum(sums[1:], sums[0]) * Fraction(1, len(sums)))
    return np.array(found, dtype=object).reshape(*sizes, x.shape[-1])


def between(at: Any, count: int) -> Taps:
    """Return the two positions around a place and their weights; none more than one position outside."""
    if at < -1 or at > count:
        return []
    at = max(at, 0)
    first = math.floor(at)
    if first >= count - 1:
        return [(count - 1, 1)]
    return [(first, 1 - (at - first)), (first + 1, at - first)]


def region_parts(box: Array, counts: Sequence[int], sizes: Sequence[int]) -> list[list[range]]:
    """Return the positions of each part of a box along each axis, as torchvision's ``roi_pool`` parts it: its
    ends are rounded to positions, and both of them belong to it."""
    found = []
    for (low, high), count, parts in zip(ends(box), counts, sizes, strict=True):
        first, last = rounded(low), rounded(high)
        each = Fraction(max(last - first + 1, 1), parts)
        found.append(
            [
                range(
                    min(max(math.floor(part * each) + first, 0), count),
                    min(max(math.ceil((part + 1) * each) + first, 0), count),
                )
                for part in range(parts)
            ]
        )
    return found


def ends(box: Array) -> list[tuple[Any, Any]]:
    """Return the first and last place of a box along each axis of the map, exactly where they are exact."""
    numbers = [at if isinstance(at, float) else Fraction(at) for at in map(plain, box)]
    if any(not math.isfinite(at) for at in numbers):
        raise UnfitValueError("a box has a place that is not finite")
    half = len(numbers) // 2
    return list(zip(numbers[:half][::-1], numbers[half:][::-1], strict=True))


def rounded(at: Any) -> int:
    """Return the nearest whole number, a half away from 0."""
    return int(math.floor(at + Fraction(1, 2)) if at >= 0 else math.ceil(at - Fraction(1, 2)))
