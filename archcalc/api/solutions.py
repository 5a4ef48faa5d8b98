"""What ``archcalc.solve()`` gives."""

from __future__ import annotations

from ..solving.designs import Solution
from .text import as_text


class SolutionReport(Solution):
    """What ``archcalc.solve()`` gives: ``answers``, ``nearest``, ``to_dict()``; a table where it is
    printed."""

    def __str__(self) -> str:
        from ..report.screens.solve import solve_lines

        return as_text(solve_lines(self))
