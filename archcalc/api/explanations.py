"""What ``Network.explain()`` gives."""

from __future__ import annotations

from typing import Any

from ..analysis.explanation import Explanation
from .text import printed


class ExplanationReport(Explanation):
    """What ``Network.explain()`` gives: ``derivations``, ``to_dict()``; formulas where it is
    printed."""

    def __str__(self) -> str:
        from ..report.screens.explain import explain_sheets

        return printed(lambda space: explain_sheets(self, space))

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        from ..report.records.networks import explanation_record

        return explanation_record(self)
