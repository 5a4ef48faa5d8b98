"""What ``archcalc.solve()`` gives."""

from __future__ import annotations

from typing import Any

from ..solving.designs import Solution
from .text import as_text


class SolutionReport(Solution):
    """What ``archcalc.solve()`` gives: ``answers``, ``nearest``, ``to_dict()``; a table where it is
    printed."""

    def __str__(self) -> str:
        from ..report.screens.solve import solve_sheets
        from ..report.sheet import PAGE, screen

        return as_text(screen(solve_sheets(self), PAGE))

    def to_dict(self) -> dict[str, Any]:
        """The JSON: what was asked, how far it was looked, answers."""
        from ..report.records.networks import solution_record

        return solution_record(self)
