"""What ``Network.explain()`` gives."""

from __future__ import annotations

from ..analysis.explanation import Explanation
from .text import as_text, width


class ExplanationReport(Explanation):
    """What ``Network.explain()`` gives: ``derivations``, ``to_dict()``; formulas where it is
    printed."""

    def __str__(self) -> str:
        from ..report.screens.explain import explain_lines

        return as_text(explain_lines(self, width()))
