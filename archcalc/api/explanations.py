"""What ``Network.explain()`` gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..analysis.explanation import Explanation
from .text import Report

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


class ExplanationReport(Report, Explanation):
    """What ``Network.explain()`` returns; formulas where it is printed.

    Attributes:
        derivations: One derivation per quantity: ``quantity``, ``value``, the formula, its steps.

    Example:
        >>> report = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").explain("conv1")
        >>> [derivation.quantity for derivation in report.derivations][:3]
        ['output', 'params', 'macs']
    """

    def _flat_table(self) -> FlatTable:
        """A line per formula."""
        from ..report.flat import explain_table

        return explain_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """Each quantity with its formulas."""
        from ..report.screens.explain import explain_sheets

        return explain_sheets(self, space)

    def to_dict(self) -> dict[str, Any]:
        """Give all that was derived, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone.

        Example:
            >>> archcalc.load("32x32x3 -> conv 5x5 10").explain("conv1").to_dict()["layer"]
            'conv1'
        """
        from ..report.records.networks import explanation_record

        return explanation_record(self)
