"""What an op works its values out with: its tensors, and arithmetic on arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .exact import Array as Array
from .exact import sums_of_products
from .patches import ZEROS, Patches, correlated
from .recorded import MAXIMUM, MINIMUM, PADDING, Recorded, extreme

_MAXIMUM = np.frompyfunc(extreme(MAXIMUM), 2, 1)
_MINIMUM = np.frompyfunc(extreme(MINIMUM), 2, 1)


class Calculation:
    """The calculation of one layer.

    Args:
        tensors: The layer's tensors by name, in PyTorch's layout.
        unit: The position of the output that alone is wanted; None: all of them. Only what reads windows
            heeds it.
        epsilon: What a normalisation adds to a variance.
        recording: Whether the inputs are recorded numbers: then what is chosen among them is recorded too.

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
    ):
        self.recording = recording
        self.tensors = tensors
        self.epsilon = epsilon
        self.unit = unit
        self.narrowed = False

    def windows(self, x: Array, windows: Sequence[Any], rim: str = ZEROS, fill: Any = 0) -> Patches:
        """Return the windows over a map, those of the wanted unit alone where there is one."""
        self.narrowed = self.unit is not None
        if self.recording and fill == 0:
            fill = Recorded(PADDING, (), 0)
        return Patches(x, windows, rim, fill, self.unit)

    def correlated(self, patches: Patches, groups: int = 1) -> Array:
        """Return the sums of each window times the layer's weight, and its bias."""
        weight = self.tensors["weight"]
        found = sums_of_products(
            lambda x, w: correlated(patches.of(x), w, groups),
            patches.map,
            weight,
            math.prod(weight.shape[1:]),
        )
        return self.with_bias(found)

    def with_bias(self, sums: Array) -> Array:
        """Return sums with the layer's bias, where it has one."""
        bias = self.tensors.get("bias")
        return sums if bias is None or not bias.any() else sums + bias

    def maximum(self, a: Array, b: Any) -> Array:
        """Return the larger of each pair."""
        return _MAXIMUM(a, b) if self.recording else np.maximum(a, b)

    def minimum(self, a: Array, b: Any) -> Array:
        """Return the smaller of each pair."""
        return _MINIMUM(a, b) if self.recording else np.minimum(a, b)

    def largest(self, patches: Patches) -> Array:
        """Return the largest value of each window."""
        found: Array = None
        for _, values in patches:
            found = values if found is None else self.maximum(found, values)
        return found
