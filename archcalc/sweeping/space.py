"""A space of designs: every combination of some values, numbered without being written out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np


class Axis(NamedTuple):
    """One thing that differs from design to design.

    name    the parameter, or the attribute: ``width``, ``conv2.pad``
    values  what it may be, in the order in which designs are numbered: whole numbers, Fractions, sizes,
            words, yes and no
    """

    name: str
    values: tuple[Any, ...]


def in_condition(value: Any) -> Any:
    """A value as conditions compare it: of a size the largest number, as of the sizes that are computed.

    Example:
        >>> from archcalc.ops.attributes import Size
        >>> from archcalc.sweeping.space import in_condition
        >>> in_condition(Size((3, 5))), in_condition(7)
        (5, 7)
    """
    return max(value) if isinstance(value, tuple) else value


class DesignSpace:
    """All combinations of the values of some axes. The last axis changes fastest.

    Args:
        axes: The axes; none of them is empty.

    Example:
        >>> from archcalc.sweeping.space import Axis, DesignSpace
        >>> space = DesignSpace([Axis("width", (16, 32, 64)), Axis("pad", (0, 1))])
        >>> space.size, space.design(3)
        (6, {'width': 32, 'pad': 1})
    """

    def __init__(self, axes: Sequence[Axis]):
        self.axes = tuple(axes)
        self.size = prod([len(axis.values) for axis in self.axes])
        # How far apart in the numbering two neighbours along an axis are.
        self.steps = tuple(
            [prod([len(after.values) for after in self.axes[place + 1 :]]) for place in range(len(self.axes))]
        )

    def design(self, number: int) -> dict[str, Any]:
        """The values of a design, by the names of the axes."""
        return {
            axis.name: axis.values[number // step % len(axis.values)]
            for axis, step in zip(self.axes, self.steps, strict=True)
        }

    def places(self, numbers: np.ndarray) -> list[np.ndarray]:
        """Of each axis, which of its values designs have."""
        return [numbers // step % len(axis.values) for axis, step in zip(self.axes, self.steps, strict=True)]

    def chunks(self, size: int) -> Iterator[tuple[int, int]]:
        """Stretches of the numbering: the first design of each, and the one behind its last."""
        for start in range(0, self.size, size):
            yield start, min(start + size, self.size)
