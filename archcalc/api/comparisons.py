"""What ``archcalc.compare()`` gives."""

from __future__ import annotations

from typing import Any

from ..analysis.comparison import Compared
from .text import printed


class ComparisonReport(Compared):
    """What ``archcalc.compare()`` returns; a table where it is printed and in a notebook.

    Attributes:
        rows: One row per network: ``name``, ``totals``, ``field``, ``accuracies`` …
        first: The row that the others are compared with.

    Example:
        >>> report = archcalc.compare("vgg16", "vgg19")
        >>> [row.name for row in report.rows]
        ['vgg16', 'vgg19']
    """

    def __str__(self) -> str:
        from ..report.screens.compare import compare_sheets

        return printed(lambda space: compare_sheets(self, space))

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

    def to_csv(self) -> str:
        """Write the networks as CSV, as ``--format csv`` does.

        Returns:
            The text: a head, and one line per network.

        Example:
            >>> len(archcalc.compare("vgg16", "vgg19").to_csv().splitlines())
            3
        """
        from ..report.formats.csv import csv_lines
        from ..report.screens.compare import compare_table

        return "".join(csv_lines(compare_table(self)))

    def to_dataframe(self) -> Any:
        """Give the networks as a ``pandas.DataFrame``, indexed by their names, with the CSV's columns.

        Returns:
            The data frame.

        Raises:
            ImportError: Where pandas is missing.

        Example:
            >>> list(archcalc.compare("vgg16", "vgg19").to_dataframe().index)
            ['vgg16', 'vgg19']
        """
        from ..report.frame import dataframe
        from ..report.screens.compare import compare_table

        return dataframe(compare_table(self))

    def _repr_html_(self) -> str:
        from ..report.notebook import notebook
        from ..report.screens.compare import compare_sheets

        return notebook(compare_sheets(self))
