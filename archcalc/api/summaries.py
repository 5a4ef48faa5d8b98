"""What ``Network.summary()`` and ``Network.receptive_field()`` give."""

from __future__ import annotations

from typing import Any

from ..analysis.summary import ReceptiveField, Summary
from .text import as_text, width


class SummaryReport(Summary):
    """What ``Network.summary()`` gives: ``rows``, ``totals``, ``to_dict()``, ``to_csv()``,
    ``to_dataframe()``; a table where it is printed and in a notebook."""

    def __str__(self) -> str:
        from ..report.screens.summary import summary_lines

        return as_text(summary_lines(self, width()))

    def to_csv(self) -> str:
        """A line a layer; columns as in ``--format csv``."""
        from ..report.flat import csv_text, summary_table

        return csv_text(summary_table(self))

    def to_dataframe(self) -> Any:
        """A ``pandas.DataFrame`` of the same lines and columns, indexed by the layers' names.

        Counts are Int64, flags boolean, shapes and values an axis tuples; NA where there is no rule
        or nothing to say. With several inputs, receptive fields are dicts by their names. Raises
        ImportError where pandas is missing.
        """
        from ..report.flat import summary_table
        from ..report.frame import dataframe

        return dataframe(summary_table(self))

    def like(self, tool: str) -> str:
        """The screen that ``keras`` prints, its ``model.summary()``, or ``torchinfo``. Raises
        ValueError for another tool."""
        from ..report.screens.other_tools import as_other_tool

        return as_text(as_other_tool(self, tool).lines(None))

    def _repr_html_(self) -> str:
        from ..report.formats.html import summary_html

        return summary_html(self)


class ReceptiveFieldReport(ReceptiveField):
    """What ``Network.receptive_field()`` gives: ``rows``, ``totals``, ``to_dict()``, ``to_csv()``,
    ``to_dataframe()``; a table where it is printed and in a notebook."""

    def __str__(self) -> str:
        from ..report.screens.rf import rf_lines

        return as_text(rf_lines(self.summary, self.shown, width()))

    def to_csv(self) -> str:
        """A line a layer; columns as in ``--format csv``."""
        from ..report.flat import csv_text, rf_table

        return csv_text(rf_table(self))

    def to_dataframe(self) -> Any:
        """A ``pandas.DataFrame`` of the same lines and columns, indexed by the layers' names.

        Counts are Int64, flags boolean, shapes and values an axis tuples; NA where there is no rule
        or nothing to say. With several inputs, receptive fields are dicts by their names. Raises
        ImportError where pandas is missing.
        """
        from ..report.flat import rf_table
        from ..report.frame import dataframe

        return dataframe(rf_table(self))

    def _repr_html_(self) -> str:
        from ..report.formats.html import rf_html

        return rf_html(self)
