"""What ``Network.summary()`` and ``Network.receptive_field()`` give."""

from __future__ import annotations

from typing import Any

from ..analysis.summary import ReceptiveField, Summary
from .text import as_text, printed


class SummaryReport(Summary):
    """What ``Network.summary()`` gives: ``rows``, ``totals``, ``to_dict()``, ``to_csv()``,
    ``to_dataframe()``; a table where it is printed and in a notebook."""

    def __str__(self) -> str:
        from ..report.screens.summary import summary_sheets

        return printed(lambda space: summary_sheets(self, space))

    def record(self) -> dict[str, Any]:
        """The JSON, its layers one after the other."""
        from ..report.records.networks import summary_record

        return summary_record(self)

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        return {**self.record(), "layers": [row.to_dict() for row in self.rows]}

    def to_csv(self) -> str:
        """A line a layer; columns as in ``--format csv``."""
        from ..report.flat import summary_table
        from ..report.formats.csv import csv_lines

        return "".join(csv_lines(summary_table(self)))

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
        from ..report.sheet import PAGE

        return as_text(as_other_tool(self, tool).lines(PAGE))

    def _repr_html_(self) -> str:
        from ..report.notebook import notebook
        from ..report.screens.summary import summary_sheets

        return notebook(summary_sheets(self))


class ReceptiveFieldReport(ReceptiveField):
    """What ``Network.receptive_field()`` gives: ``rows``, ``totals``, ``to_dict()``, ``to_csv()``,
    ``to_dataframe()``; a table where it is printed and in a notebook."""

    def __str__(self) -> str:
        from ..report.screens.rf import rf_sheets

        return printed(lambda space: rf_sheets(self.summary, self.shown, space))

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        from ..report.records.networks import fields_record

        return fields_record(self)

    def to_csv(self) -> str:
        """A line a layer; columns as in ``--format csv``."""
        from ..report.flat import rf_table
        from ..report.formats.csv import csv_lines

        return "".join(csv_lines(rf_table(self)))

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
        from ..report.notebook import notebook
        from ..report.screens.rf import rf_sheets

        return notebook(rf_sheets(self.summary, [row.layer for row in self.rows]))
