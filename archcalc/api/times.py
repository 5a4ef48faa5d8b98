"""What ``Network.time()`` gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..analysis.roofline import Roofline
from .text import Report

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


class TimeReport(Report, Roofline):
    """What ``Network.time()`` returns; a table where it is printed and in a notebook.

    Attributes:
        rows: One row per layer: ``bytes``, ``operations``, ``intensity``, ``memory``, ``compute``, ``time``,
            ``bound``, ``compute_from``.
        totals: The sums: ``time`` one layer after the other, ``overlapped`` if layers run beside each other.
        utilisation: The bound as a share of the measured time, where one was given.

    Example:
        >>> report = archcalc.load("alexnet").time("h100")
        >>> fc6 = next(row for row in report.rows if row.name == "fc6")
        >>> fc6.bytes, fc6.bound, fc6.compute_from
        (151064576, 'memory', 41)
    """

    def _flat_table(self) -> FlatTable:
        """A line per layer."""
        from ..report.screens.time import time_table

        return time_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The table, folded as on a terminal."""
        from ..report.screens.time import time_sheets

        return time_sheets(self, space)

    def plot(self, form: str = "svg") -> bytes:
        """Draw the layers under the roof of the device, as ``--plot`` does.

        Args:
            form: ``svg``, ``png``, ``pdf`` or ``tikz``.

        Returns:
            The bytes of the picture.

        Raises:
            SpecError: For PNG and PDF, without matplotlib.

        Example:
            >>> archcalc.load("lenet5").time("cpu").plot()[:4]
            b'<svg'
        """
        from ..report.pictures.roofline import roofline_picture

        return roofline_picture(self, form)

    def to_dict(self) -> dict[str, Any]:
        """Give all that was computed, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone; times are in picoseconds.

        Example:
            >>> archcalc.load("lenet5").time("cpu").to_dict()["device"]["bandwidth"]
            76800000000
        """
        from ..report.records.roofline import time_record

        return time_record(self)
