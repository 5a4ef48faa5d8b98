"""How much a layer pads."""

from __future__ import annotations

from dataclasses import dataclass

from ...arithmetic import Number, value_of
from ..working import Working, WorkingLine, lifted
from .base import Method

# (F - 1)/2 on each side; as much on both sides together; the kernel itself.
HALF, BOTH, WHOLE = "half", "both", "whole"


@dataclass(eq=False)
class Rim(Method):
    """The padding on each side that keeps the size: (F - 1)/2 for a kernel that steps by one."""

    kernel: Number
    how: str = HALF

    def _made(self) -> Number:
        if self.how == WHOLE:
            return self.kernel
        return self.kernel - 1 if self.how == BOTH else (self.kernel - 1) // 2

    @property
    def value(self) -> int:
        return int(value_of(self._made()))

    @property
    def working(self) -> Working:
        return Working([WorkingLine("", lifted(self._made()))], self.value)
