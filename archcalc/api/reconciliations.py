"""What ``archcalc.reconcile()`` gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..reconciling.search import Reconciliation
from .text import Report

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


class ReconciliationReport(Report, Reconciliation):
    """What ``archcalc.reconcile()`` returns; a screen where it is printed and in a notebook.

    Attributes:
        figures: One entry per figure: ``printed``, ``explanations``, ``nearest``, ``explained``.
        explained: Whether every figure has an explanation that is more than a guess.

    Example:
        >>> report = archcalc.reconcile("resnet50", "8.2G")
        >>> report.explained, report.figures[0].explanations[0].value
        (True, 8178368512)
    """

    # Whether the screen shows the less likely guesses too.
    verbose = False

    def _flat_table(self) -> FlatTable:
        """A line per explanation."""
        from ..report.screens.reconcile import reconcile_table

        return reconcile_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The figures, each with what gives it."""
        from ..report.screens.reconcile import reconcile_sheets

        return reconcile_sheets(self, space, self.verbose)

    def to_dict(self) -> dict[str, Any]:
        """Give the figures with their explanations, as ``--format json`` writes them.

        Returns:
            Dicts, lists, strings and ints alone.

        Example:
            >>> found = archcalc.reconcile("resnet50", "8.2G").to_dict()["figures"][0]["explanations"][0]
            >>> found["figure"], found["terms"]
            (8178368512, [{'what': 'our FLOPs', 'value': 8178368512}])
        """
        from ..report.records.reconciling import reconciliation_record

        return reconciliation_record(self)
