"""Methods that start from a student's earlier numbers: the sum of the rows, one step of a field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...arithmetic import symbol, total
from ..working import Working, WorkingLine, lifted
from ..written import WrittenNumber
from .base import Method


@dataclass(eq=False)
class AddedRows(Method):
    """The sum of rows as they were written.

    off  one of them is not the right one
    """

    rows: Sequence[tuple[str, WrittenNumber]]
    off: bool

    @property
    def exact(self) -> bool:
        """Whether no row was rounded."""
        return all(number.exact for _, number in self.rows)

    @property
    def sum(self) -> Fraction:
        """The sum of the rows as printed."""
        return sum([number.value for _, number in self.rows], Fraction(0))

    @property
    def value(self) -> Any:
        found = self.sum
        return int(found) if self.exact and found.denominator == 1 else None

    @property
    def text(self) -> str:
        """For a reader: ``44,410``, ``15.2M``."""
        found = self.sum
        if self.exact:
            return f"{int(found):,}" if found.denominator == 1 else f"{float(found):,.2f}"
        for letter, size in (("G", 10**9), ("M", 10**6), ("K", 10**3)):
            if found >= size:
                return f"{float(found / size):.3g}{letter}"
        return f"{float(found):.3g}"

    @property
    def working(self) -> Working:
        terms = [symbol(name, int(number.value)) for name, number in self.rows if number.value]
        return Working([WorkingLine("", lifted(total(terms)))], self.value)


@dataclass(eq=False)
class GrownField(Method):
    """A receptive field that grows by what one layer, or a few, add to it."""

    before: int
    more: int

    @property
    def value(self) -> int:
        return self.before + self.more

    @property
    def working(self) -> Working:
        return Working([WorkingLine("", symbol("r", self.before) + self.more)], self.value)
