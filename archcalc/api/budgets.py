"""What ``archcalc.load(…).summary().check()`` gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..solving.budgets import Budgets
from .text import Report

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


class BudgetReport(Report, Budgets):
    """Conditions on a network, and whether it keeps within them; a table where it is printed.

    Attributes:
        holds: Whether all conditions hold; None where that cannot be decided.
        conditions: Each condition with its comparisons: ``text``, ``holds``, ``difference``, ``reason``.

    Example:
        >>> report = archcalc.load("resnet50").summary().check("macs < 4.2G", "rf >= 300")
        >>> report.holds, [budget.holds for budget in report.conditions]
        (True, [True, True])
    """

    def _flat_table(self) -> FlatTable:
        """A line per comparison."""
        from ..report.screens.budgets import budgets_table

        return budgets_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The comparisons, and the verdict on each condition."""
        from ..report.screens.budgets import budgets_sheets

        return budgets_sheets(self, space)

    def to_dict(self) -> dict[str, Any]:
        """Give all that was decided, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone.

        Example:
            >>> archcalc.load("resnet50").summary().check("macs < 4G").to_dict()["holds"]
            False
        """
        from ..report.records.checking import budgets_record

        return budgets_record(self)
