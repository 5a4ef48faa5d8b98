"""The forms that every report of the API has."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.lines import Line
    from ..report.sheet import Sheet, Space


class Report:
    """A report with a flat table and sheets; as text where it is printed, as tables in a notebook."""

    def flat_table(self) -> FlatTable:
        """The lines and columns of ``--format csv``."""
        raise NotImplementedError

    def sheets(self, space: Space) -> Sequence[Sheet]:
        """What a reader gets, for a space."""
        raise NotImplementedError

    def __str__(self) -> str:
        from ..report.lines import width_at_hand
        from ..report.sheet import Space, screen

        width = width_at_hand(sys.stdout)
        return as_text(screen(self.sheets(Space(width, True)), width))

    def to_csv(self) -> str:
        """The report as a CSV: the lines and columns of ``--format csv``."""
        from ..report.formats.csv import csv_lines

        return "".join(csv_lines(self.flat_table()))

    def to_html(self) -> str:
        """The report as a page that needs nothing else, as ``--format html`` writes it."""
        from ..report.formats.html import Format
        from ..report.sheet import PAGE

        return "".join(Format().document(self.sheets(PAGE)))

    def to_dataframe(self) -> Any:
        """A ``pandas.DataFrame`` of the lines and columns of the CSV, indexed by the first of them.

        Counts are Int64, flags boolean, shapes and values per axis tuples; NA where there is no rule
        or nothing to say. With several inputs, receptive fields are dicts by their names. Raises
        ImportError where pandas is missing.
        """
        from ..report.frame import dataframe

        return dataframe(self.flat_table())

    def _repr_html_(self) -> str:
        from ..report.notebook import notebook
        from ..report.sheet import PAGE

        return notebook(self.sheets(PAGE))


def as_text(lines: Iterable[Line]) -> str:
    """A screen as plain text."""
    from ..report.lines import plain

    return "\n".join([plain(line) for line in lines])
