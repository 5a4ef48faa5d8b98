"""The windows of a layer over a map: for each place in the kernel, what all units read there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from .exact import Array

ZEROS, REFLECT, REPLICATE = "zeros", "reflect", "replicate"


class Patches:
    """The windows of some units.

    Args:
        x: The map, channels last.
        windows: Along each axis kernel, stride, low and dilation, and the number of units, ``output``.
        rim: What lies beyond the ends: ZEROS stands for ``fill``, the others for positions of the map.
        fill: What lies beyond the ends with ZEROS.
        unit: The unit of which alone the window is wanted; None: all of them.

    Attributes:
        sizes: How many units there are along each axis.
        kernel: Positions that a unit reads along each axis.
    """

    def __init__(
        self,
        x: Array,
        windows: Sequence[Any],
        rim: str = ZEROS,
        fill: Any = 0,
        unit: Sequence[int] | None = None,
    ):
        self.kernel = tuple([w.kernel for w in windows])
        self.channels = x.shape[-1]
        self._steps = [(w.stride, w.dilation) for w in windows]
        sizes = []
        for axis, w in enumerate(windows):
            first, count = (0, w.output) if unit is None else (unit[axis], 1)
            start = first * w.stride - w.low
            stop = start + (count - 1) * w.stride + (w.kernel - 1) * w.dilation + 1
            x = stretched(x, axis, start, stop, rim, fill)
            sizes.append(count)
        self.sizes = tuple(sizes)
        self._x = x

    def of(self, x: Array) -> Patches:
        """The same windows over the map in another kind of number."""
        copy = object.__new__(Patches)
        copy.__dict__.update(self.__dict__, _x=x)
        return copy

    @property
    def map(self) -> Array:
        """The map with its rim, as far as the windows reach."""
        return self._x

    def __iter__(self) -> Iterator[tuple[tuple[int, ...], Array]]:
        """Each place in the kernel, with what the units read there: positions of the output x channels."""
        for place in product(*[range(n) for n in self.kernel]):
            parts = [
                slice(at * dilation, at * dilation + (count - 1) * stride + 1, stride)
                for at, count, (stride, dilation) in zip(place, self.sizes, self._steps, strict=True)
            ]
            yield place, self._x[tuple(parts)]


def stretched(x: Array, axis: int, start: int, stop: int, rim: str = ZEROS, fill: Any = 0) -> Array:
    """Return positions ``start`` up to ``stop`` of an axis, which may lie beyond its ends."""
    n = x.shape[axis]
    places = np.arange(start, stop)
    if rim == ZEROS:
        inside = (places >= 0) & (places < n)
        if inside.all():
            return x[(slice(None),) * axis + (slice(start, stop),)]
        made = np.empty((*x.shape[:axis], stop - start, *x.shape[axis + 1 :]), dtype=x.dtype)
        made[...] = fill
        made[(slice(None),) * axis + (inside,)] = np.take(x, places[inside], axis)
        return made
    if rim == REPLICATE:
        return np.take(x, places.clip(0, n - 1), axis)
    if rim == REFLECT:
        turn = max(2 * (n - 1), 1)
        return np.take(x, np.minimum(places % turn, -places % turn), axis)
    return np.take(x, places % n, axis)


def at_place(weight: Array, place: tuple[int, ...]) -> Array:
    """Return what an array with the kernel's axes last has at a place in the kernel."""
    at: tuple[Any, ...] = (Ellipsis, *place)
    return weight[at]


def correlated(patches: Patches, weight: Array, groups: int = 1) -> Array:
    """Return the sums of each window times a weight: positions x filters.

    Args:
        patches: The windows.
        weight: Filters x channels of a group x kernel.
        groups: Groups of channels that do not see each other.
    """
    filters, depth = weight.shape[:2]
    each = filters // groups
    sums: list[Array] = []
    for group in range(groups):
        mine = weight[group * each : (group + 1) * each]
        total: Array = None
        for place, values in patches:
            values = values[..., group * depth : (group + 1) * depth].reshape(-1, depth)
            kernel = at_place(mine, place)
            # A matrix product is slow where there is nothing to add up.
            part = values * kernel[:, 0] if depth == 1 else values @ kernel.T
            total = part if total is None else np.add(total, part, out=total)
        sums.append(total)
    found = sums[0] if groups == 1 else np.concatenate(sums, axis=1)
    return found.reshape(*patches.sizes, filters)


def places_of_maxima(x: Array, windows: Sequence[Any]) -> Array:
    """Return, for each window and channel, the number of the position of its largest value: the first of
    those alike. Positions are counted row by row."""
    numbers = np.arange(x[..., 0].size).reshape(*x.shape[:-1], 1)
    best: Array = None
    found: Array = None
    both = zip(Patches(x, windows, fill=-np.inf), Patches(numbers, windows, fill=-1), strict=True)
    for (_, values), (_, at) in both:
        if best is None:
            best, found = values, np.broadcast_to(at, values.shape)
        else:
            larger = values > best
            best, found = np.where(larger, values, best), np.where(larger, at, found)
    return found


def scattered(windows: Sequence[Any], at: Callable[[tuple[int, ...]], Array]) -> Array:
    """Return the sums of values that transposed windows write.

    Args:
        windows: Along each axis the transposed window: its size, kernel, stride, dilation, low and output.
        at: For a place in the kernel, what every position of the input writes there.
    """
    sizes = [
        max((w.size - 1) * w.stride + (w.kernel - 1) * w.dilation + 1, w.low + w.output) for w in windows
    ]
    made: Array = None
    for place in product(*[range(w.kernel) for w in windows]):
        values = at(place)
        if made is None:
            made = np.zeros((*sizes, values.shape[-1]), dtype=values.dtype)
        parts = [
            slice(t * w.dilation, t * w.dilation + (w.size - 1) * w.stride + 1, w.stride)
            for t, w in zip(place, windows, strict=True)
        ]
        made[tuple(parts)] += values
    return made[tuple([slice(w.low, w.low + w.output) for w in windows])]
