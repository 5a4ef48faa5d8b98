"""Which parts of a tensor ``STRIDED_SLICE`` takes: its masks say which numbers count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .nodes import TfliteOperator

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


class AxisPart:
    """What is taken along an axis.

    Attributes:
        start: The first position.
        end: The position behind the last one.
        step: The step.
        alone: Whether it is one position, whose axis goes.
        new: Whether it is a new axis of one position.
    """

    __slots__ = ("start", "end", "step", "alone", "new")

    def __init__(self, start: int = 0, end: int = 1, step: int = 1, alone: bool = False, new: bool = False):
        self.start = start
        self.end = end
        self.step = step
        self.alone = alone
        self.new = new


class Strided:
    """What is taken of a tensor.

    Attributes:
        parts: Axis by axis; those of new axes among them.
    """

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[AxisPart]):
        self.parts = tuple(parts)

    def of(self, array: Array) -> Array:
        """Take it of an array."""
        index: list[Any] = []
        for part in self.parts:
            end = None if part.step < 0 and part.end < 0 else part.end
            index.append(
                None if part.new else part.start if part.alone else slice(part.start, end, part.step)
            )
        return array[tuple(index)]  # type: ignore[no-any-return]


def strided(
    node: TfliteOperator, sizes: Sequence[int], begin: Sequence[int], end: Sequence[int], steps: Sequence[int]
) -> Strided:
    """Return what an operator takes of a tensor.

    Args:
        node: The operator, for its masks.
        sizes: The sizes of the tensor.
        begin: The first positions.
        end: The positions behind the last ones.
        steps: The steps.

    Raises:
        SpecError: Where they are of no such tensor.
    """
    options = node.options("StridedSliceOptions")
    masks = [
        options.BeginMask(),
        options.EndMask(),
        options.EllipsisMask(),
        options.NewAxisMask(),
        options.ShrinkAxisMask(),
    ]
    if not len(begin) == len(end) == len(steps):
        node.refuse("its starts, ends and steps are not of the same number")
    real = [n for n in range(len(begin)) if not (masks[3] | masks[2]) >> n & 1]
    parts: list[AxisPart] = []
    axis = 0
    for n in range(len(begin)):
        if masks[2] >> n & 1:
            for _ in range(len(sizes) - len(real)):
                parts.append(AxisPart(0, sizes[axis]))
                axis += 1
            continue
        if masks[3] >> n & 1:
            parts.append(AxisPart(new=True))
            continue
        if axis >= len(sizes):
            node.refuse(f"it takes parts of more axes than the {len(sizes)} that there are")
        size, step = sizes[axis], steps[n]
        if not step:
            node.refuse("it has a step of 0")
        low, high = (0, size) if step > 0 else (-1, size - 1)
        first = begin[n] + size if begin[n] < 0 else begin[n]
        last = end[n] + size if end[n] < 0 else end[n]
        if masks[4] >> n & 1:
            if not 0 <= first < size:
                node.refuse(f"it takes position {begin[n]} of {size}")
            parts.append(AxisPart(first, first + 1, 1, alone=True))
        else:
            first = (low if step > 0 else high) if masks[0] >> n & 1 else min(max(first, low), high)
            last = (high if step > 0 else low) if masks[1] >> n & 1 else min(max(last, low), high)
            parts.append(AxisPart(first, last, step))
        axis += 1
    parts += [AxisPart(0, size) for size in sizes[axis:]]
    return Strided(parts)
