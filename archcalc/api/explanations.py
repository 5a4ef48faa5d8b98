"""What ``Network.explain()`` gives."""

from __future__ import annotations

from typing import Any

from ..analysis.explanation import Explanation
from .text import printed


class ExplanationReport(Explanation):
    """What ``Network.explain()`` returns; formulas where it is printed.

    Attributes:
        derivations: One derivation per quantity: ``quantity``, ``value``, the formula, its steps.

    Example:
        >>> report = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").explain("conv1")
        >>> [derivation.quantity for derivation in report.derivations][:3]
        ['output', 'params', 'macs']
    """

    def __str__(self) -> str:
        from ..report.screens.explain import explain_sheets

        return printed(lambda space: explain_sheets(self, space))

    def to_dict(self) -> dict[str, Any]:
        """Give all that was derived, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone.

        Example:
            >>> archcalc.load("32x32x3 -> conv 5x5 10").explain("conv1").to_dict()["layer"]
            'conv1'
        """
        from ..report.records.networks import explanation_record

        return explanation_record(self)
