"""What ``Network.summary()`` and ``Network.receptive_field()`` give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..analysis.summary import ReceptiveField, Summary
from .text import Report, as_text

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


class SummaryReport(Report, Summary):
    """What ``Network.summary()`` gives: ``rows``, ``totals``, ``to_dict()``, ``to_csv()``,
    ``to_html()``, ``to_dataframe()``; a table where it is printed and in a notebook."""

    def flat_table(self) -> FlatTable:
        """A line per layer."""
        from ..report.flat import summary_table

        return summary_table(self)

    def sheets(self, space: Space) -> Sequence[Sheet]:
        """The table, folded as on a terminal."""
        from ..report.screens.summary import summary_sheets

        return summary_sheets(self, space)

    def record(self) -> dict[str, Any]:
        """The JSON, its layers one after the other."""
        from ..report.records.networks import summary_record

        return summary_record(self)

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        return {**self.record(), "layers": [row.to_dict() for row in self.rows]}

    def like(self, tool: str) -> str:
        """The screen that ``keras`` prints, its ``model.summary()``, or ``torchinfo``. Raises
        ValueError for another tool."""
        from ..report.screens.other_tools import as_other_tool

        return as_text(as_other_tool(self, tool).lines(None))


class ReceptiveFieldReport(Report, ReceptiveField):
    """What ``Network.receptive_field()`` gives: ``rows``, ``totals``, ``to_dict()``, ``to_csv()``,
    ``to_html()``, ``to_dataframe()``; a table where it is printed and in a notebook."""

    def flat_table(self) -> FlatTable:
        """A line per layer."""
        from ..report.flat import rf_table

        return rf_table(self)

    def sheets(self, space: Space) -> Sequence[Sheet]:
        """A table per input: of all layers, or on a screen of those that the one asked for needs."""
        from ..report.screens.rf import rf_sheets

        layers = self.shown if space.drawn else [row.layer for row in self.rows]
        return rf_sheets(self.summary, layers, space)

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        from ..report.records.networks import fields_record

        return fields_record(self)
