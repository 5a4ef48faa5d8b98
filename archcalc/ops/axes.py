"""Axes of a shape by number, and what moving them about does."""

from __future__ import annotations

from collections.abc import Sequence

from ..arithmetic import Number, value_of
from ..shape import Shape
from .attributes import OpError
from .window import Window, stated


def axis_number(axis: Number, x: Shape | int, name: str = "axis") -> int:
    """The number of an axis of a shape, or of so many, counted from 0. Raises OpError."""
    count = x if isinstance(x, int) else len(x)
    number: int = value_of(axis)
    if not -count <= number < count:
        axes = "1 axis, number 0" if count == 1 else f"{count} axes, 0 to {count - 1}"
        what = f"there are {axes}" if isinstance(x, int) else f"{x} has {axes}"
        raise OpError("shape", f"{what}: there is no axis {number}", name)
    return number % count


def torch_dim(axis: int, count: int) -> int:
    """The dimension that PyTorch has for an axis of ``count``: its channels come first, behind the batch."""
    return 1 if axis == count - 1 else axis + 2


def indexed(axis: int, count: int, index: str) -> str:
    """Source of a tensor's part along one axis."""
    places = [":"] * torch_dim(axis, count)
    return f"x[{', '.join([*places, index])}]"


def whole_axes(sizes: Sequence[Number]) -> list[Window]:
    """Windows along axes of an output whose sizes are stated."""
    return [Window(rule=stated, target=n) for n in sizes]
