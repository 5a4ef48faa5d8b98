"""What ``archcalc.solve()`` gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..solving.designs import Solution
from .text import Report, as_text

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


class SolutionReport(Report, Solution):
    """What ``archcalc.solve()`` gives: ``answers``, ``nearest``, ``to_dict()``, ``to_csv()``,
    ``to_html()``, ``to_dataframe()``; a table where it is printed and in a notebook."""

    def __str__(self) -> str:
        from ..report.sheet import PAGE, screen

        return as_text(screen(self.sheets(PAGE), None))

    def flat_table(self) -> FlatTable:
        """A line per design."""
        from ..report.screens.solve import solve_table

        return solve_table(self)

    def sheets(self, space: Space) -> Sequence[Sheet]:
        """Answers, or what comes nearest."""
        from ..report.screens.solve import solve_sheets

        return solve_sheets(self)

    def to_dict(self) -> dict[str, Any]:
        """The JSON: what was asked, how far it was looked, answers."""
        from ..report.records.networks import solution_record

        return solution_record(self)
