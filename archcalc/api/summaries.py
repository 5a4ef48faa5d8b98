"""What ``Network.summary()`` and ``Network.receptive_field()`` give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..analysis.summary import ReceptiveField, Summary
from .text import Report, as_text

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space
    from .budgets import BudgetReport


class SummaryReport(Report, Summary):
    """What ``Network.summary()`` returns; a table where it is printed and in a notebook.

    Attributes:
        rows: One row per layer: ``layer``, ``output``, ``params``, ``macs``, ``output_bytes`` …
        totals: The sums by their JSON keys; counts are exact ints, memory is in bytes.

    Example:
        >>> summary = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").summary()
        >>> summary.rows[0].params, summary.totals["macs"]
        (760, 768000)
    """

    def _flat_table(self) -> FlatTable:
        """A line per layer."""
        from ..report.flat import summary_table

        return summary_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The table, folded as on a terminal."""
        from ..report.screens.summary import summary_sheets

        return summary_sheets(self, space)

    def _notebook_sheets(self) -> Sequence[Sheet]:
        """The table, and all published figures."""
        from ..report.screens.summary import summary_sheets

        return summary_sheets(self, verbose=True)

    def record(self) -> dict[str, Any]:
        """Give all that was computed, its layers as an iterator: of a large network none is held in memory.

        Returns:
            What ``to_dict`` returns, but for the layers.

        Example:
            >>> next(archcalc.load("lenet5").summary().record()["layers"])["name"]
            'c1'
        """
        from ..report.records.networks import summary_record

        return summary_record(self)

    def to_dict(self) -> dict[str, Any]:
        """Give all that was computed, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone.

        Example:
            >>> archcalc.load("lenet5").summary().to_dict()["layers"][0]["params"]
            156
        """
        return {**self.record(), "layers": [row.to_dict() for row in self.rows]}

    def check(self, *conditions: str) -> BudgetReport:
        """Check budgets: conditions on the network's quantities.

        Args:
            conditions: As ``archcalc check --where`` takes them: ``"macs < 4.2G and conv1.params < 10K"``.

        Returns:
            The report: ``holds`` is True, False, or None where that cannot be decided.

        Raises:
            SpecError: For what is no condition, and names that there are not.

        Example:
            >>> archcalc.load("resnet50").summary().check("macs < 4.2G and params < 26M").holds
            True
        """
        from .budgets import BudgetReport

        return BudgetReport(self, conditions)

    def like(self, tool: str) -> str:
        """Write the summary as another tool prints it.

        Args:
            tool: ``keras``, for its ``model.summary()``, ``torchinfo``, ``torchinfo-main`` or ``fvcore``.

        Returns:
            The text of the tool's screen.

        Raises:
            ValueError: For another tool.

        Example:
            >>> print(archcalc.load("lenet5").summary().like("keras").splitlines()[0])
            Model: "lenet5"
        """
        from ..report.screens.tool_table import as_other_tool
        from ..report.sheet import PAGE

        return as_text(as_other_tool(self, tool).lines(PAGE))


class ReceptiveFieldReport(Report, ReceptiveField):
    """What ``Network.receptive_field()`` returns; a table where it is printed and in a notebook.

    Attributes:
        rows: One row per layer; its ``extent`` has ``size``, ``stride`` and ``start`` per axis, in
            positions of the input.
        totals: The last layer before everything is seen at once, and its receptive field.

    Example:
        >>> archcalc.load("alexnet").receptive_field().totals["layer"]
        'pool5'
    """

    def _flat_table(self) -> FlatTable:
        """A line per layer."""
        from ..report.flat import rf_table

        return rf_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """A table per input, with the layers that the one asked for needs."""
        from ..report.screens.rf import rf_sheets

        return rf_sheets(self.summary, self.shown, space)

    def to_dict(self) -> dict[str, Any]:
        """Give all that was computed, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone.

        Example:
            >>> archcalc.load("alexnet").receptive_field("pool5").to_dict()["layers"][0]["rf"]["size"]
            [195, 195]
        """
        from ..report.records.networks import fields_record

        return fields_record(self)
