"""What ``archcalc.compare()`` gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..analysis.comparison import Compared
from ..analysis.difference import NetworkDiff
from ..answers.compared_quantities import ComparedQuantities
from .text import Report

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


class ComparisonReport(Report, Compared):
    """What ``archcalc.compare()`` returns; a table where it is printed and in a notebook.

    Attributes:
        rows: One row per network: ``name``, ``totals``, ``field``, ``accuracies`` …
        first: The row that the others are compared with.

    Example:
        >>> report = archcalc.compare("vgg16", "vgg19")
        >>> [row.name for row in report.rows]
        ['vgg16', 'vgg19']
    """

    def _flat_table(self) -> FlatTable:
        """A line per network."""
        from ..report.screens.compare import compare_table

        return compare_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The table, ratios beside its numbers."""
        from ..report.screens.compare import compare_sheets

        return compare_sheets(self, space)

    def to_dict(self) -> dict[str, Any]:
        """Give all that was computed, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone: one record per network.

        Example:
            >>> archcalc.compare("vgg16", "vgg19").to_dict()["networks"][1]["name"]
            'vgg19'
        """
        from ..report.records.networks import comparison_record

        return comparison_record(self)

    def layers(self) -> LayerComparison:
        """Set the layers of two networks beside each other: what changed from the first to the second.

        Returns:
            The pairs of layers, with what each change costs; a table where it is printed.

        Raises:
            ValueError: If it is not two networks that are compared.
            SpecError: If they differ in so many layers that they cannot be aligned.

        Example:
            >>> diff = archcalc.compare("vgg16", "vgg16_bn").layers()
            >>> diff.totals["params"].delta, sum(pair.kind == "inserted" for pair in diff.pairs)
            (8448, 13)
        """
        if len(self.rows) != 2:
            raise ValueError(f"layers are compared of two networks, and these are {len(self.rows)}")
        return LayerComparison(*[row.summary for row in self.rows])

    def quantities(self, *texts: str) -> QuantityComparison:
        """Set quantities beside each other: what each network has, and the difference, ratio and change.

        Args:
            texts: Quantities of a network or a layer, or what is computed of them: ``"params(fc6)"``,
                ``"macs(conv1) / macs(total)"``.

        Returns:
            The quantities, each with one value per network; a table where it is printed.

        Raises:
            SpecError: For what is no quantity, what a network has not, and what is no single number.

        Example:
            >>> asked = archcalc.compare("vgg16", "vgg19").quantities("params").quantities[0]
            >>> asked.values[1].difference, round(float(asked.values[1].ratio), 3)
            (5309696, 1.038)
        """
        return QuantityComparison([row.summary for row in self.rows], texts)


class QuantityComparison(Report, ComparedQuantities):
    """What ``archcalc.compare(a, b).quantities(…)`` returns; a table where it is printed.

    Attributes:
        quantities: Each quantity: its ``text`` and its ``values``, one per network, with ``value``,
            ``difference``, ``ratio`` and ``change``, all of them exact.

    Example:
        >>> chains = "14x14x16 -> conv 3x3 32", "14x14x16 -> conv 1x1 32"
        >>> one = archcalc.compare(*chains).quantities("weights(conv1)").quantities[0]
        >>> [value.value for value in one.values], one.values[1].change
        ([4608, 512], Fraction(-8, 9))
    """

    def _flat_table(self) -> FlatTable:
        """A line per quantity and network."""
        from ..report.screens.compare_quantities import quantities_table

        return quantities_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """A table per quantity."""
        from ..report.screens.compare_quantities import quantities_sheets

        return quantities_sheets(self, space)

    def to_dict(self) -> dict[str, Any]:
        """Give all that was compared, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and numbers alone.

        Example:
            >>> found = archcalc.compare("vgg16", "vgg19").quantities("params").to_dict()
            >>> found["quantities"][0]["values"][1]["difference"]
            5309696
        """
        from ..report.records.calculations import quantities_record

        return quantities_record(self)


class LayerComparison(Report, NetworkDiff):
    """What ``archcalc.compare(a, b).layers()`` returns; a table where it is printed.

    Attributes:
        pairs: Each layer once, beside the one that it belongs to: ``kind``, ``first``, ``second``,
            ``changes``, ``costs``.
        totals: The totals of both networks, by the name of the quantity: ``first``, ``second``, ``delta``.

    Example:
        >>> chains = "8x8x3 -> conv 3x3 4", "8x8x3 -> conv 3x3 4 stride=2"
        >>> diff = archcalc.compare(*chains).layers()
        >>> [change.text for change in diff.pairs[1].changes]
        ['stride 1 → 2']
    """

    def _flat_table(self) -> FlatTable:
        """A line per pair."""
        from ..report.screens.compare_layers import layers_table

        return layers_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """What changed, and what it costs."""
        from ..report.screens.compare_layers import layers_sheets

        return layers_sheets(self, space)

    def to_dict(self) -> dict[str, Any]:
        """Give all pairs and totals, as ``--format json`` writes them.

        Returns:
            Dicts, lists, strings and ints alone.

        Example:
            >>> archcalc.compare("vgg16", "vgg16_bn").layers().to_dict()["totals"]["params"]["delta"]
            8448
        """
        from ..report.records.networks import difference_record

        return difference_record(self)
