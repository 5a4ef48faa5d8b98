"""What is computed of quantities, and how: ``archcalc explain TARGET "params(a) - params(b)"``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..answers.calculations import Calculations
from .explanations import ExplanationReport
from .text import Report

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


class CalculationReport(Report, Calculations):
    """What an expression of quantities comes to; the working of each quantity where it is printed.

    Args:
        graphs: The networks: ``A`` is the first, ``B`` the second.
        text: The expression; of several networks also one quantity, which is compared.
        batch: Images per batch.
        dtype: The type of values and parameters.
        with_heads: Whether the layers of side heads are in sums.
        layout: The order of the axes in shapes: ``hwc`` or ``chw``.

    Attributes:
        questions: The calculations.
        explanations: How each quantity comes about, by its words in the text.

    Raises:
        SpecError: For what is no expression, and for names that there are not.

    Example:
        >>> from archcalc.api.calculations import CalculationReport
        >>> graph = archcalc.load("14x14x16 -> dwconv 3x3 -> conv 1x1 32").graph
        >>> [int(at.plain) for at in CalculationReport([graph], "params(conv1) - params(dwconv1)").questions]
        [384]
    """

    explanation = ExplanationReport

    def _flat_table(self) -> FlatTable:
        """A line per calculation."""
        from ..report.screens.calculation import calculation_table

        return calculation_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The working of each quantity, and of what is computed of them."""
        from ..report.screens.calculation import calculation_sheets

        return calculation_sheets(self, space)

    def to_dict(self) -> dict[str, Any]:
        """Give all that was computed, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone; a fraction is text.

        Example:
            >>> from archcalc.api.calculations import CalculationReport
            >>> graph = archcalc.load("14x14x16 -> dwconv 3x3 -> conv 1x1 32").graph
            >>> found = CalculationReport([graph], "params(dwconv1) / params(conv1)").to_dict()
            >>> found["calculations"][0]["value"]
            '5/17'
        """
        from ..report.records.calculations import calculation_record

        return calculation_record(self)
