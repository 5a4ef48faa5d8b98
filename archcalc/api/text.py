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

    def _flat_table(self) -> FlatTable:
        """The lines and columns of ``--format csv``."""
        raise NotImplementedError

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """What a reader gets, for a space."""
        raise NotImplementedError

    def _notebook_sheets(self) -> Sequence[Sheet]:
        """What a notebook shows: nothing is left for another call to show."""
        from ..report.sheet import PAGE

        return self._sheets(PAGE)

    def __str__(self) -> str:
        from ..report.lines import width_at_hand
        from ..report.sheet import Space, screen

        space = Space(width_at_hand(sys.stdout), True)
        return as_text(screen(self._sheets(space), space))

    def to_csv(self) -> str:
        """Write the report as CSV, as ``--format csv`` does.

        Returns:
            The text: a head, and one line per layer, network or design.

        Example:
            >>> archcalc.load("lenet5").summary().to_csv().splitlines()[0][:21]
            'name,op,output,params'
            >>> len(archcalc.compare("vgg16", "vgg19").to_csv().splitlines())
            3
        """
        from ..report.formats.csv import csv_lines

        return "".join(csv_lines(self._flat_table()))

    def to_html(self) -> str:
        """Write the report as a page that needs nothing else, as ``--format html`` does.

        Returns:
            The text of the page.

        Example:
            >>> archcalc.load("lenet5").summary().to_html().splitlines()[0]
            '<!DOCTYPE html>'
        """
        from ..report.formats.html import Format
        from ..report.sheet import PAGE

        return "".join(Format().document(self._sheets(PAGE)))

    def to_dataframe(self) -> Any:
        """Give the lines and columns of the CSV as a ``pandas.DataFrame``, indexed by the first column.

        Counts are Int64, flags boolean, shapes and values per axis tuples; NA where there is no rule
        or nothing to say. With several inputs, receptive fields are dicts by their names.

        Returns:
            The data frame.

        Raises:
            ImportError: Where pandas is missing.

        Example:
            >>> list(archcalc.compare("vgg16", "vgg19").to_dataframe().index)
            ['vgg16', 'vgg19']
            >>> int(archcalc.load("lenet5").summary().to_dataframe().loc["c1", "params"])
            156
        """
        from ..report.frame import dataframe

        return dataframe(self._flat_table())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """The text, for IPython in a terminal."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        from ..report.notebook import notebook

        return notebook(self._notebook_sheets())


def as_text(lines: Iterable[Line]) -> str:
    """A screen as plain text."""
    from ..report.lines import plain

    return "\n".join([plain(line) for line in lines])
