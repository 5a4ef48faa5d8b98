"""Shapes that meet value by value: axes of one position are spread over those of the others."""

from __future__ import annotations

from collections.abc import Sequence

from ..arithmetic import Number, value_of
from ..shape import Shape
from .attributes import OpError
from .input_windows import FirstPositionWindow, InputWindows, WindowsByInput
from .window import Window, unchanged_axes

# Sizes of axes, and where they do not go together None.
Sizes = tuple[Number, ...]


def common_sizes(*inputs: Sequence[Number]) -> Sizes | None:
    """The sizes that inputs have together: aligned at the last axis, an axis of one position is spread
    over that of the others. None where they do not go together.

    Example:
        >>> from archcalc.ops.broadcasting import common_sizes
        >>> common_sizes((8, 1, 3), (5, 3)), common_sizes((8, 2), (3, 2))
        ((8, 5, 3), None)
    """
    found: list[Number] = []
    for place in range(-max(map(len, inputs)), 0):
        size: Number = None
        for sizes in inputs:
            if len(sizes) < -place:
                continue
            mine = sizes[place]
            if size is None or value_of(size) == 1:
                size = mine
            elif value_of(mine) not in (1, value_of(size)):
                return None
        found.append(size)
    return tuple(found)


def spread_windows(sizes: Sequence[Number], common: Sequence[Number]) -> InputWindows:
    """What each unit reads of an input whose axes of positions are spread over ``common`` ones."""
    first = len(common) - len(sizes)
    if first < 0:
        raise OpError("shape", "the shapes do not go together", "input")
    windows: list[Window] = [
        unchanged_axes((n,))[0] if value_of(n) == value_of(target) else FirstPositionWindow(n, target)
        for n, target in zip(sizes, common[first:], strict=True)
    ]
    return InputWindows(windows, range(first, len(common)))


def windows_of(common: Shape, *inputs: Shape) -> WindowsByInput | None:
    """What each unit reads of inputs that are spread over a common shape; None where all that have
    positions have those of the common shape."""
    if all(len(x) == 1 or _alike(x.spatial, common.spatial) for x in inputs):
        return None
    return WindowsByInput([spread_windows(x.spatial, common.spatial) for x in inputs])


def _alike(one: Sizes, other: Sizes) -> bool:
    return [value_of(n) for n in one] == [value_of(n) for n in other]


def spread_code(source: str, x: Shape, axes: int) -> str:
    """A tensor in PyTorch with as many axes of positions as the output: those that it lacks are in
    front of its own, behind the channels."""
    lacking = axes - len(x.spatial)
    return f"{source}[:, :{', None' * lacking}]" if lacking else source
