"""Reports of the Python API: what the analyses found, and the forms it can be written in."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .analysis.comparison import Compared
from .analysis.explanation import Explanation
from .analysis.summary import ReceptiveField, Summary

if TYPE_CHECKING:
    from .report.lines import Line

def _width() -> int:
    from .report.lines import width_at_hand

    return width_at_hand(sys.stdout)


def _text(lines: Iterable[Line]) -> str:
    """A screen as plain text."""
    from .report.lines import plain

    return "\n".join([plain(line) for line in lines])


class SummaryReport(Summary):
    """What ``Network.summary()`` gives: ``rows``, ``totals``, ``to_dict()``, ``to_csv()``,
    ``to_dataframe()``; a table where it is printed and in a notebook."""

    def __str__(self) -> str:
        from .report.screens.summary import summary_lines

        return _text(summary_lines(self, _width()))

    def to_csv(self) -> str:
        """A line a layer; columns as in ``--format csv``."""
        from .report.formats.flat import csv_text, summary_table

        return csv_text(summary_table(self))

    def to_dataframe(self) -> Any:
        """A ``pandas.DataFrame`` of the same lines and columns, indexed by the layers' names.

        Counts are Int64, flags boolean, shapes and values an axis tuples; NA where there is no rule
        or nothing to say. With several inputs, receptive fields are dicts by their names. Raises
        ImportError where pandas is missing.
        """
        from .report.formats.flat import summary_table
        from .report.formats.frame import dataframe

        return dataframe(summary_table(self))

    def like(self, tool: str) -> str:
        """The screen that ``keras`` prints, its ``model.summary()``, or ``torchinfo``. Raises
        ValueError for another tool."""
        from .report.screens.likeness import likeness

        return _text(likeness(self, tool).lines(None))

    def _repr_html_(self) -> str:
        from .report.formats.html import summary_html

        return summary_html(self)


class ReceptiveFieldReport(ReceptiveField):
    """What ``Network.receptive_field()`` gives: ``rows``, ``totals``, ``to_dict()``, ``to_csv()``,
    ``to_dataframe()``; a table where it is printed and in a notebook."""

    def __str__(self) -> str:
        from .report.screens.rf import rf_lines

        return _text(rf_lines(self.summary, self.shown, _width()))

    def to_csv(self) -> str:
        """A line a layer; columns as in ``--format csv``."""
        from .report.formats.flat import csv_text, rf_table

        return csv_text(rf_table(self))

    def to_dataframe(self) -> Any:
        """A ``pandas.DataFrame`` of the same lines and columns, indexed by the layers' names.

        Counts are Int64, flags boolean, shapes and values an axis tuples; NA where there is no rule
        or nothing to say. With several inputs, receptive fields are dicts by their names. Raises
        ImportError where pandas is missing.
        """
        from .report.formats.flat import rf_table
        from .report.formats.frame import dataframe

        return dataframe(rf_table(self))

    def _repr_html_(self) -> str:
        from .report.formats.html import rf_html

        return rf_html(self)


class ComparisonReport(Compared):
    """What ``archcalc.compare()`` gives: ``rows``, ``to_dict()``, ``to_csv()``,
    ``to_dataframe()``; a table where it is printed and in a notebook."""

    def __str__(self) -> str:
        from .report.screens.compare import compare_lines

        return _text(compare_lines(self, _width()))

    def to_csv(self) -> str:
        """A line a network; columns as in ``--format csv``."""
        from .report.formats.flat import csv_text
        from .report.screens.compare import compare_table

        return csv_text(compare_table(self))

    def to_dataframe(self) -> Any:
        """A ``pandas.DataFrame`` of the same lines and columns, indexed by the networks' names.

        Raises ImportError where pandas is missing.
        """
        from .report.formats.frame import dataframe
        from .report.screens.compare import compare_table

        return dataframe(compare_table(self))

    def _repr_html_(self) -> str:
        from .report.formats.html import html
        from .report.screens.compare import compare_sheet

        return html([compare_sheet(self)])


class ExplanationReport(Explanation):
    """What ``Network.explain()`` gives: ``derivations``, ``to_dict()``; formulas where it is
    printed."""

    def __str__(self) -> str:
        from .report.screens.explain import explain_lines

        return _text(explain_lines(self, _width()))
