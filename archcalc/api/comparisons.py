"""What ``archcalc.compare()`` gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..analysis.comparison import Compared
from .text import Report

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


class ComparisonReport(Report, Compared):
    """What ``archcalc.compare()`` returns; a table where it is printed and in a notebook.

    Attributes:
        rows: One row per network: ``name``, ``totals``, ``field``, ``accuracies`` …
        first: The row that the others are compared with.

    Example:
        >>> report = archcalc.compare("vgg16", "vgg19")
        >>> [row.name for row in report.rows]
        ['vgg16', 'vgg19']
    """

    def _flat_table(self) -> FlatTable:
        """A line per network."""
        from ..report.screens.compare import compare_table

        return compare_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The table, ratios beside its numbers."""
        from ..report.screens.compare import compare_sheets

        return compare_sheets(self, space)

    def to_dict(self) -> dict[str, Any]:
        """Give all that was computed, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone: one record per network.

        Example:
            >>> archcalc.compare("vgg16", "vgg19").to_dict()["networks"][1]["name"]
            'vgg19'
        """
        from ..report.records.networks import comparison_record

        return comparison_record(self)
