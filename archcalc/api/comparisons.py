"""What ``archcalc.compare()`` gives."""

from __future__ import annotations

from typing import Any

from ..analysis.comparison import Compared
from .text import as_text, width


class ComparisonReport(Compared):
    """What ``archcalc.compare()`` gives: ``rows``, ``to_dict()``, ``to_csv()``,
    ``to_dataframe()``; a table where it is printed and in a notebook."""

    def __str__(self) -> str:
        from ..report.screens.compare import compare_lines

        return as_text(compare_lines(self, width()))

    def to_csv(self) -> str:
        """A line a network; columns as in ``--format csv``."""
        from ..report.flat import csv_text
        from ..report.screens.compare import compare_table

        return csv_text(compare_table(self))

    def to_dataframe(self) -> Any:
        """A ``pandas.DataFrame`` of the same lines and columns, indexed by the networks' names.

        Raises ImportError where pandas is missing.
        """
        from ..report.frame import dataframe
        from ..report.screens.compare import compare_table

        return dataframe(compare_table(self))

    def _repr_html_(self) -> str:
        from ..report.formats.html import html
        from ..report.screens.compare import compare_sheet

        return html([compare_sheet(self)])
