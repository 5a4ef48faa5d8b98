"""What ``Network.summary()`` and ``Network.receptive_field()`` give."""

from __future__ import annotations

from typing import Any

from ..analysis.summary import ReceptiveField, Summary
from .text import as_text, printed


class SummaryReport(Summary):
    """What ``Network.summary()`` returns; a table where it is printed and in a notebook.

    Attributes:
        rows: One row per layer: ``layer``, ``output``, ``params``, ``macs``, ``output_bytes`` …
        totals: The sums by their JSON keys; counts are exact ints, memory is in bytes.

    Example:
        >>> summary = archcalc.load("32x32x3 -> conv 5x5 10 pad=2").summary()
        >>> summary.rows[0].params, summary.totals["macs"]
        (760, 768000)
    """

    def __str__(self) -> str:
        from ..report.screens.summary import summary_sheets

        return printed(lambda space: summary_sheets(self, space))

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

    def to_csv(self) -> str:
        """Write the layers as CSV, as ``--format csv`` does.

        Returns:
            The text: a head, and one line per layer.

        Example:
            >>> archcalc.load("32x32x3 -> conv 5x5 10").summary().to_csv().splitlines()[0][:14]
            'name,op,output'
        """
        from ..report.flat import summary_table
        from ..report.formats.csv import csv_lines

        return "".join(csv_lines(summary_table(self)))

    def to_dataframe(self) -> Any:
        """Give the layers as a ``pandas.DataFrame``, indexed by their names, with the CSV's columns.

        Counts are Int64, flags boolean; shapes, and values per axis, are tuples. NA stands where there is no
        rule or nothing to say. With several inputs, receptive fields are dicts by the inputs' names.

        Returns:
            The data frame.

        Raises:
            ImportError: Where pandas is missing.

        Example:
            >>> int(archcalc.load("lenet5").summary().to_dataframe()["params"].sum())
            60000
        """
        from ..report.flat import summary_table
        from ..report.frame import dataframe

        return dataframe(summary_table(self))

    def like(self, tool: str) -> str:
        """Write the summary as another tool prints it.

        Args:
            tool: ``keras``, for its ``model.summary()``, or ``torchinfo``.

        Returns:
            The text of the tool's screen.

        Raises:
            ValueError: For another tool.

        Example:
            >>> print(archcalc.load("lenet5").summary().like("keras").splitlines()[0])
            Model: "lenet5"
        """
        from ..report.screens.other_tools import as_other_tool

        return as_text(as_other_tool(self, tool).lines(None))

    def _repr_html_(self) -> str:
        from ..report.notebook import notebook
        from ..report.screens.summary import summary_sheets

        return notebook(summary_sheets(self))


class ReceptiveFieldReport(ReceptiveField):
    """What ``Network.receptive_field()`` returns; a table where it is printed and in a notebook.

    Attributes:
        rows: One row per layer; its ``extent`` has ``size``, ``stride`` and ``start`` per axis, in
            positions of the input.
        totals: The last layer before everything is seen at once, and its receptive field.

    Example:
        >>> archcalc.load("alexnet").receptive_field().totals["layer"]
        'pool5'
    """

    def __str__(self) -> str:
        from ..report.screens.rf import rf_sheets

        return printed(lambda space: rf_sheets(self.summary, self.shown, space))

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

    def to_csv(self) -> str:
        """Write the layers as CSV, as ``--format csv`` does.

        Returns:
            The text: a head, and one line per layer.

        Example:
            >>> archcalc.load("alexnet").receptive_field().to_csv().splitlines()[0][:8]
            'name,op,'
        """
        from ..report.flat import rf_table
        from ..report.formats.csv import csv_lines

        return "".join(csv_lines(rf_table(self)))

    def to_dataframe(self) -> Any:
        """Give the layers as a ``pandas.DataFrame``, indexed by their names, with the CSV's columns.

        Types are those of ``SummaryReport.to_dataframe``.

        Returns:
            The data frame.

        Raises:
            ImportError: Where pandas is missing.

        Example:
            >>> archcalc.load("alexnet").receptive_field().to_dataframe().index[1]
            'conv1'
        """
        from ..report.flat import rf_table
        from ..report.frame import dataframe

        return dataframe(rf_table(self))

    def _repr_html_(self) -> str:
        from ..report.notebook import notebook
        from ..report.screens.rf import rf_sheets

        return notebook(rf_sheets(self.summary, [row.layer for row in self.rows]))
