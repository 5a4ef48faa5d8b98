"""Conditions on the quantities of a network, and numbers that are computed of them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..arithmetic import Number
from .bounds import Bounds
from .condition_parts import ConditionPart
from .condition_reader import ConditionReader

__all__ = ["QuantityExpression", "Condition"]


class Condition(ConditionReader):
    """A condition, ready to be asked of records: quantity to an exact number, a text, or None."""

    def complete(self, whole: ConditionPart) -> ConditionPart:
        return self._truth(whole)

    def __call__(self, record: Mapping[str, Any]) -> bool:
        """Tell whether it holds of a record."""
        return bool(self._whole.value(record))

    def decided(self, known: Mapping[str, Bounds]) -> bool | None:
        """Tell whether it holds of a record of which bounds are known; None: that is undecided."""
        return self._whole.known(known)  # type: ignore[no-any-return]

    def rows(self, columns: Mapping[str, Any]) -> Any:
        """Tell of which records it holds, that stand in the rows of columns: an array of truths. Every
        quantity that it names is a column: int64, or objects where one is None, a text or beyond int64."""
        return self._whole.rows(columns)

    def gaps(self, columns: Mapping[str, Any]) -> Any:
        """Tell how far each of the records is from it, as ``gap`` does, in floats."""
        return self._whole.gaps(columns)

    def gap(self, record: Mapping[str, Any]) -> Fraction:
        """Tell how far a record is from it: 0 where it holds, otherwise more, by the shares by which
        numbers miss. Those that `and` joins add up, of those that `or` joins the least counts."""
        return self._whole.gap(record)

    def lost(self, record: Mapping[str, Any]) -> bool:
        """Tell whether it cannot hold of any record whose numbers are all as large or larger."""
        return self._whole.lost(record)


class QuantityExpression(ConditionReader):
    """A number that is computed of quantities: ``params(conv1) / params(total)``."""

    whole_called = "the expression"
    whole_wanted = "an operator or the end"

    def complete(self, whole: ConditionPart) -> ConditionPart:
        return self._number_part(whole)

    def value(self, record: Mapping[str, Any]) -> Number:
        """The number for the quantities of a record, ints or symbols; None where one of them is not
        known, and behind a division by zero."""
        return self._whole.value(record)
