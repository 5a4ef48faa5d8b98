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
    """What ``archcalc.compare()`` gives: ``rows``, ``to_dict()``, ``to_csv()``, ``to_html()``,
    ``to_dataframe()``; a table where it is printed and in a notebook."""

    def flat_table(self) -> FlatTable:
        """A line per network."""
        from ..report.screens.compare import compare_table

        return compare_table(self)

    def sheets(self, space: Space) -> Sequence[Sheet]:
        """The table, ratios beside its numbers."""
        from ..report.screens.compare import compare_sheets

        return compare_sheets(self, space)

    def to_dict(self) -> dict[str, Any]:
        """The JSON: a record per network."""
        from ..report.records.networks import comparison_record

        return comparison_record(self)
