"""Windows of what reads positions in their order: up to its own, and those of states behind all of them."""

from __future__ import annotations

from ..arithmetic import Number
from ..periodic import Periodic, affine
from .window import Window, stated, worked_out


class CausalWindow(Window):
    """The window of a recurrent layer: unit i has read positions 0 … i.

    ``kernel`` is the largest window, that of the last unit.
    """

    def __init__(self, size: Number):
        super().__init__(size, size)

    @property
    def words(self) -> str:
        return "positions 0 to i"

    @worked_out
    def first(self) -> Periodic:
        return affine(0, 0)

    @worked_out
    def last(self) -> Periodic:
        return affine(1, 0)


class StatesWindow(CausalWindow):
    """The window of a recurrent layer that puts out the states of all steps and, behind them, those after
    the last: these have read everything, to which what lies behind the last position comes."""

    def __init__(self, size: Number, target: Number):
        super().__init__(size)
        self.rule = stated
        self.target = target
