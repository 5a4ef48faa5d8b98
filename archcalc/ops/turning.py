"""Positions moved round the end, turned round, or repeated."""

from __future__ import annotations

from ..arithmetic import Number, value_of
from ..shape import Shape
from .attributes import LARGEST, Axes, spread
from .base import Free
from .moved_windows import RoundWindow
from .torch_code import TorchCode
from .volume import Volume


class Roll(Free):
    """Positions moved on along each axis; those that leave one end come in at the other.

    The shift is one number for all axes of positions or one for each; below 0 it goes backwards, as
    the shifted windows of Swin are made: `roll -3`. A window that reaches over an end goes on at the
    other one; its size and start are given as if the map went on there.
    """

    name = "roll"
    elsewhere = ("shift", "cyclicshift")
    group = "rearrangement"
    positional = ("shift",)
    shapes = "any with positions; what it puts out has the shape of what arrives"
    example = "56x56x96 -> roll -3"
    source = "PyTorch, torch.roll; arXiv:2103.14030, section 3.2 (cyclic shift)"

    shift = Axes("how many positions on, along each axis", least=-LARGEST, required=True)

    def accept(self, x: Shape) -> None:
        self.need_positions(x)
        self.shifts(x)

    def shifts(self, x: Shape) -> tuple[Number, ...]:
        """The shift along each axis."""
        return spread(self.shift, len(x) - 1, "shift")

    def volume(self, x: Shape) -> Volume:
        windows = [RoundWindow(n, low=shift) for n, shift in zip(x.spatial, self.shifts(x), strict=True)]
        return Volume(windows, x.channels, x.channels)

    def output(self, x: Shape) -> Shape:
        return x

    def torch_code(self, x: Shape) -> TorchCode:
        moved = [(value_of(shift), axis + 2) for axis, shift in enumerate(self.shifts(x)) if value_of(shift)]
        shifts = tuple([shift for shift, _ in moved])
        dims = tuple([dim for _, dim in moved])
        if not moved:
            return TorchCode(None, "x.clone()")
        return TorchCode(None, f"torch.roll(x, {tuple(shifts)!r}, {tuple(dims)!r})")
