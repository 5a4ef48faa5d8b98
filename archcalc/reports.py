"""Reports of the Python API: what the analyses found, and the forms it can be written in."""

from __future__ import annotations

from .analysis.summary import ReceptiveField, Summary


class SummaryReport(Summary):
    """What ``Network.summary()`` gives: ``rows``, ``totals``, ``to_dict()``, ``to_csv()``; a table
    in a notebook."""

    def to_csv(self) -> str:
        """A line a layer; columns as in ``--format csv``."""
        from .report.flat import csv_text, summary_table

        return csv_text(summary_table(self))

    def _repr_html_(self) -> str:
        from .report.html import summary_html

        return summary_html(self)


class ReceptiveFieldReport(ReceptiveField):
    """What ``Network.receptive_field()`` gives: ``rows``, ``totals``, ``to_dict()``, ``to_csv()``;
    a table in a notebook."""

    def to_csv(self) -> str:
        """A line a layer; columns as in ``--format csv``."""
        from .report.flat import csv_text, rf_table

        return csv_text(rf_table(self))

    def _repr_html_(self) -> str:
        from .report.html import rf_html

        return rf_html(self)
