"""What ``archcalc.compare()`` gives."""

from __future__ import annotations

from typing import Any

from ..analysis.comparison import Compared
from .text import printed


class ComparisonReport(Compared):
    """What ``archcalc.compare()`` gives: ``rows``, ``to_dict()``, ``to_csv()``,
    ``to_dataframe()``; a table where it is printed and in a notebook."""

    def __str__(self) -> str:
        from ..report.screens.compare import compare_sheets

        return printed(lambda space: compare_sheets(self, space))

    def to_dict(self) -> dict[str, Any]:
        """The JSON: a network a record."""
        from ..report.records.networks import comparison_record

        return comparison_record(self)

    def to_csv(self) -> str:
        """One line per network; columns as in ``--format csv``."""
        from ..report.formats.csv import csv_lines
        from ..report.screens.compare import compare_table

        return "".join(csv_lines(compare_table(self)))

    def to_dataframe(self) -> Any:
        """A ``pandas.DataFrame`` of the same lines and columns, indexed by the networks' names.

        Raises ImportError where pandas is missing.
        """
        from ..report.frame import dataframe
        from ..report.screens.compare import compare_table

        return dataframe(compare_table(self))

    def _repr_html_(self) -> str:
        from ..report.notebook import notebook
        from ..report.screens.compare import compare_sheets

        return notebook(compare_sheets(self))
