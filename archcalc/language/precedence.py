"""The grammar of expressions and conditions: how tightly each operator binds.

Specs (``if stride == 1 and in == c``) and queries (``--where "macs < 1G or rf >= 31"``) share it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

T = TypeVar("T")  # what an operator is read from
V = TypeVar("V")  # what an expression becomes

NOT, COMPARISON = 3, 4
BINDS = {"or": 1, "and": 2}
BINDS.update(dict.fromkeys(("=", "==", "!=", "<", "<=", ">", ">="), COMPARISON))
BINDS.update({"+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6})


class PrecedenceReader(ABC, Generic[T, V]):
    """Reads operands that operators join."""

    def expression(self, least: int = 0) -> V:
        """Operands joined by operators that bind at least so tightly."""
        start = self.token()
        if least <= NOT and self.operator() == "not":
            sign = self.take_operator(None, False)
            left = self.negated(sign, self.expression(NOT))
        else:
            left = self.operand()
        middle: V | None = None  # the right side of the comparison before
        while (binds := BINDS.get(self.operator(), 0)) >= max(least, 1):
            sign = self.take_operator(left, binds == COMPARISON and middle is not None)
            right = self.expression(binds + 1)
            left = self.joined(start, left, sign, right, middle if binds == COMPARISON else None)
            middle = right if binds == COMPARISON else None
        return left

    @abstractmethod
    def token(self) -> T:
        """Return what stands here."""

    @abstractmethod
    def operator(self) -> str:
        """Return the operator that stands here; empty if none does."""

    @abstractmethod
    def take_operator(self, left: V | None, chained: bool) -> T:
        """Pass over an operator. ``left`` stands before it, None if nothing may; ``chained`` if it
        is a second comparison."""

    @abstractmethod
    def operand(self) -> V:
        """Return what stands between operators."""

    @abstractmethod
    def negated(self, sign: T, operand: V) -> V:
        """``not operand``."""

    @abstractmethod
    def joined(self, start: T, left: V, sign: T, right: V, middle: V | None) -> V:
        """Two operands joined; ``middle < right`` beside ``left`` where comparisons are chained."""
