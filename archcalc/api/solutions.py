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
    """What ``archcalc.solve()`` returns; a table where it is printed.

    Attributes:
        answers: The designs that meet the demand, the smallest change first: ``values``, ``spec``,
            ``output``, ``summary``.
        nearest: Where there is none, the designs that come nearest.
        tried: How many designs were computed.
        whole: Whether all designs were looked at, or ruled out.
        method: How it was looked: ``every design``, ``least changes``, ``ruled out``, ``branch and bound``,
            ``bisection`` or ``grown ranges``.
        proved: Whether the answers are proved to be the best ones, in their order.
        bound: Where they are not, no design has more of what is wanted, or less; None where that is not
            known.
        met: How many of the designs that were computed meet the demand.

    Example:
        >>> solution = archcalc.solve("8x8x4 -> conv 3x3 ?", "params <= 100")
        >>> solution.answers[0].values
        {'filters': 1}
    """

    def _flat_table(self) -> FlatTable:
        """A line per design."""
        from ..report.screens.solve import solve_table

        return solve_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """Answers, or what comes nearest."""
        from ..report.screens.solve import solve_sheets

        return solve_sheets(self)

    def __str__(self) -> str:
        from ..report.screens.solve import solve_sheets
        from ..report.sheet import PAGE, screen

        return as_text(screen(solve_sheets(self), PAGE))

    def to_dict(self) -> dict[str, Any]:
        """Give what was asked, how far it was looked, and the designs, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone.

        Example:
            >>> archcalc.solve("8x8x4 -> conv 3x3 ?", "params <= 100").to_dict()["answers"][0]["params"]
            37
        """
        from ..report.records.networks import solution_record

        return solution_record(self)
