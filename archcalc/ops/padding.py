"""Rims that are made of the positions themselves."""

from __future__ import annotations

from typing import ClassVar

from ..arithmetic import value_of
from ..shape import Shape
from .arrangement import FIRST
from .facts import Saved
from .moved_windows import CIRCULAR, REFLECT, REPLICATE, RimWindow, check_rim
from .rearranging import PaddingLayer
from .torch_code import TorchCode, padded
from .volume import Volume


class RimPad(PaddingLayer):
    """Base of the rims that are made of positions of the input."""

    name = ""
    arrangement: ClassVar[str | tuple[int, ...]] = (2, 3)
    keras = ""
    no_torch_reason = "PyTorch pads three axes at most so"
    rim: ClassVar[str] = REFLECT

    def accept(self, x: Shape) -> None:
        super().accept(x)
        check_rim(self.rim, x, self.sides(x), "pad")

    def volume(self, x: Shape) -> Volume:
        return super().volume(x).mapped(lambda window: RimWindow.of(window, self.rim))

    def saves(self, x: Shape) -> Saved:
        # PyTorch asks its size of the input itself.
        padded = any(value_of(n) for side in self.sides(x) for n in side)
        return Saved(inputs=padded and self.rim != CIRCULAR)

    def torch_code(self, x: Shape) -> TorchCode | None:
        if len(x) > 4:
            return None
        sides = self.sides(x)
        return TorchCode(None, padded("x", sides, mode=self.rim) if any(map(any, sides)) else "x.clone()")


class ReflectPad(RimPad):
    """A rim that reflects the positions at the ends, which are not repeated themselves."""

    name = "reflectpad"
    synonyms = ("reflectionpad{}d", "reflectionpad")
    example = "224x224x3 -> reflectpad 3"
    source = "PyTorch, torch.nn.ReflectionPad2d"
    rim = REFLECT


class ReplicatePad(RimPad):
    """A rim that repeats the position at each end."""

    name = "replicatepad"
    synonyms = ("replicationpad{}d", "replicationpad")
    elsewhere = ("edgepad",)
    example = "224x224x3 -> replicatepad 3"
    source = "PyTorch, torch.nn.ReplicationPad2d"
    rim = REPLICATE


class CircularPad(RimPad):
    """A rim that goes on at the other end, as if the map were rolled up."""

    name = "circularpad"
    synonyms = ("circularpad{}d",)
    arrangement: ClassVar[str | tuple[int, ...]] = FIRST
    elsewhere = ("wrappad", "periodicpad")
    example = "224x224x3 -> circularpad 3"
    source = "PyTorch, torch.nn.CircularPad2d"
    rim = CIRCULAR
