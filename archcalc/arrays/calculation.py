"""What an op works its values out with: its tensors, and arithmetic on arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from .exact import Array as Array
from .exact import sums_of_products, total_of
from .patches import ZEROS, Patches, at_place, correlated, scattered, stretched
from .recorded import PADDING, RecordedNumber
from .whole_axes import ONE, WholeAxes


class Calculation(WholeAxes):
    """The calculation of one layer.

    Args:
        tensors: The layer's tensors by name, in PyTorch's layout.
        unit: The position of the output that alone is wanted; None: all of them. Only what reads windows
            heeds it.
        epsilon: What a normalisation adds to a variance.
        recording: Whether the inputs are recorded numbers: then what is chosen among them is recorded too.
        maxima: Of the pool whose values are put back: the numbers of the positions at which it found its
            maxima, and the sizes of the map that it pooled. None where there is no such pool.

    Attributes:
        narrowed: Whether the unit was heeded: then the output has that position alone.
    """

    def __init__(
        self,
        tensors: Mapping[str, Array],
        unit: Sequence[int] | None = None,
        *,
        epsilon: Any = 0,
        recording: bool = False,
        maxima: tuple[Array, tuple[int, ...]] | None = None,
    ):
        self.maxima = maxima
        self.tensors = tensors
        self.unit = unit
        self.epsilon = epsilon
        self.recording = recording
        self.narrowed = False

    # Which units ------------------------------------------------------------------------------

    def units(self, axis: int, count: int) -> Sequence[int]:
        """Return the units along an axis that are wanted, of so many."""
        self.narrowed = self.unit is not None
        return range(count) if self.unit is None else (self.unit[axis],)

    def here(self, x: Array) -> Array:
        """Return the values at the positions that are wanted, where the unit is heeded."""
        if not self.narrowed or self.unit is None:
            return x
        return x[tuple([slice(at, at + 1) for at in self.unit])]

    def by_unit(self, sizes: Sequence[int], of: Callable[[tuple[int, ...]], Array]) -> Array:
        """Return what a function gives for each unit: a value per channel.

        Args:
            sizes: How many units there are along each axis.
            of: The function, of the position of a unit.
        """
        units = [self.units(axis, n) for axis, n in enumerate(sizes)]
        found = [of(at) for at in product(*units)]
        return np.array(found).reshape(*map(len, units), -1)

    # Windows ----------------------------------------------------------------------------------

    def windows(self, x: Array, windows: Sequence[Any], rim: str = ZEROS, fill: Any = 0) -> Patches:
        """Return the windows over a map, those of the wanted unit alone where there is one."""
        self.narrowed = self.unit is not None
        if self.recording and fill == 0:
            fill = RecordedNumber(PADDING, (), 0)
        return Patches(x, windows, rim, fill, self.unit)

    def read(self, x: Array, windows: Sequence[Any], rim: str = ZEROS, fill: Any = 0) -> Array:
        """Return what each unit reads, where that is a single position."""
        ((_, values),) = self.windows(x, windows, rim, fill)
        return values

    def correlated(self, patches: Patches, groups: int = 1, weight: Array = None) -> Array:
        """Return the sums of each window times a weight, the layer's own by default, and its bias."""
        weight = self.tensors["weight"] if weight is None else weight
        return sums_of_products(
            lambda x, w: correlated(patches.of(x), w, groups),
            patches.map,
            weight,
            math.prod(weight.shape[1:]),
            self.tensors.get("bias"),
        )

    def correlated_unshared(self, patches: Patches) -> Array:
        """Return the sums of each window times the weight of its own position, and its bias."""
        weight = np.moveaxis(self.tensors["weight"], 0, len(patches.kernel))
        found = total_of(
            (self.here(at_place(weight, place)) * values[..., None, :]).sum(-1) for place, values in patches
        )
        bias = self.tensors.get("bias")
        return found if bias is None else found + self.here(np.moveaxis(bias, 0, -1))

    def sums(self, patches: Patches) -> Array:
        """Return the sum of each window."""
        return sums_of_products(
            lambda x, one: total_of(values for _, values in patches.of(x)),
            patches.map,
            ONE,
            math.prod(patches.kernel),
        )

    def largest(self, patches: Patches) -> Array:
        """Return the largest value of each window."""
        found: Array = None
        for _, values in patches:
            found = values if found is None else self.maximum(found, values)
        return found

    def sums_of_neighbours(self, x: Array, before: int, count: int) -> Array:
        """Return, of each value, the sum of so many along the last axis, beginning ``before`` it."""
        n = x.shape[-1]
        wide = stretched(x, x.ndim - 1, -before, n - before + count - 1)
        return total_of(wide[..., at : at + n] for at in range(count))

    def blurred(self, x: Array, windows: Sequence[Any], line: Sequence[float]) -> Array:
        """Return the sums of each window over all channels, its positions weighted along each axis alike."""
        patches = Patches(self.total(x, x.ndim - 1, keep=True), windows)
        return total_of(values * math.prod([line[at] for at in place]) for place, values in patches)

    # Enlarging --------------------------------------------------------------------------------

    def interpolated(self, x: Array, axis: int, taps: Sequence[Sequence[tuple[int, Any]]]) -> Array:
        """Return sums of positions along an axis, for each unit those that its taps name, weighted."""
        lines = np.moveaxis(x, axis, 0)
        exact = x.dtype == object
        made = [
            total_of(
                lines[place] if weight == 1 else lines[place] * (weight if exact else float(weight))
                for place, weight in unit
            )
            for unit in taps
        ]
        return np.moveaxis(np.array(made), 0, axis)

    def spread_out(self, x: Array, weight: Array, windows: Sequence[Any], groups: int) -> Array:
        """Return the sums of what a transposed convolution writes: each position times the kernel, a bias.

        Args:
            x: The map.
            weight: Channels x filters of a group x kernel.
            windows: The transposed windows.
            groups: Groups of channels that do not see each other.
        """

        def sums(values: Array, kernel: Array) -> Array:
            def at(place: tuple[int, ...]) -> Array:
                parts = zip(np.split(values, groups, -1), np.split(kernel, groups), strict=True)
                return np.concatenate([part @ at_place(filters, place) for part, filters in parts], -1)

            return scattered(windows, at)

        cells = math.prod(weight.shape[2:])
        return sums_of_products(sums, x, weight, cells * x.shape[-1], self.tensors.get("bias"))

    @staticmethod
    def put_back(x: Array, places: Array, shape: tuple[int, ...]) -> Array:
        """Return a map of zeros with values at the positions that ``places`` numbers, channel by channel."""
        made = np.zeros((math.prod(shape[:-1]), shape[-1]), dtype=object)
        for at in np.ndindex(x.shape):
            if places[at] >= 0:
                made[places[at], at[-1]] = x[at]
        return made.reshape(shape)

    def folded(self, windows: Sequence[Any], at: Callable[[tuple[int, ...]], Array]) -> Array:
        """Return the sums of what windows write; ``at`` gives the values for a place in the kernel."""
        return scattered(windows, at)

    @staticmethod
    def at_place(weight: Array, place: tuple[int, ...]) -> Array:
        """Return what an array with the kernel's axes last has at a place in the kernel."""
        return at_place(weight, place)
