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
    """What ``Network.explain()`` gives: ``derivations``, ``to_dict()``, ``to_csv()``, ``to_html()``;
    formulas where it is printed."""

    def flat_table(self) -> FlatTable:
        """A line per formula."""
        from ..report.flat import explain_table

        return explain_table(self)

    def sheets(self, space: Space) -> Sequence[Sheet]:
        """Each quantity with its formulas."""
        from ..report.screens.explain import explain_sheets

        return explain_sheets(self, space)

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        from ..report.records.networks import explanation_record

        return explanation_record(self)
