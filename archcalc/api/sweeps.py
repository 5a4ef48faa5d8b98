"""``archcalc.sweep()``, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..sweeping.plan import LIMIT, USUAL, SweepCall, SweepPlan
from ..sweeping.request import SweepRequest
from ..sweeping.swept import Swept
from .text import Report

if TYPE_CHECKING:
    from ..network import Network
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


class SweepReport(Report, Swept):
    """What ``archcalc.sweep()`` returns; a table where it is printed and in a notebook.

    Attributes:
        rows: The designs in the order that was asked for, each with ``values``, ``output``, ``quantities``.
        found: The counts: ``designs``, ``networks``, ``met``, ``refused``.
        course: How far it came: ``complete`` is False after Ctrl-C.

    Example:
        >>> found = archcalc.sweep("32x32x3 -> conv {3, 5, 7} {8, 16} pad=half", pareto="params,-rf")
        >>> [row.values for row in found.rows]
        [{'kernel': 3, 'filters': 8}, {'kernel': 5, 'filters': 8}, {'kernel': 7, 'filters': 8}]
        >>> found.found.designs, found.rows[2].quantities["rf"]
        (6, 7)
    """

    def _flat_table(self) -> FlatTable:
        """A line per design."""
        from ..report.screens.sweep import sweep_table

        return sweep_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The first designs, and how many there are."""
        from ..report.screens.sweep import SHOWN, sweep_sheets

        return sweep_sheets(self, space, SHOWN if self.plan.call.top is None else None)

    def to_dict(self) -> dict[str, Any]:
        """Give what was asked for, how far it came, and the designs, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and ints alone.

        Example:
            >>> found = archcalc.sweep("32x32x3 -> conv {3, 5} 8").to_dict()
            >>> found["designs"][1]["values"], found["designs"][1]["quantities"]["params"]
            ({'kernel': 5}, 608)
        """
        from ..report.records.sweeping import sweep_record

        return sweep_record(self)

    def to_dataframe(self) -> Any:
        """Give the columns of the table as a ``pandas.DataFrame``, indexed by the designs' numbers.

        Returns:
            The data frame: counts are Int64, decimal numbers Float64, shapes tuples; NA where a quantity is
            not known.

        Raises:
            ImportError: Where pandas is missing.

        Example:
            >>> frame = archcalc.sweep("32x32x3 -> conv {3, 5} 8").to_dataframe()
            >>> frame.index.name, frame["params"].tolist()
            ('design', [224, 608])
        """
        from ..report.frame import dataframe
        from ..sweeping.swept import decimal

        header, records = self._flat_table()
        rows = [list(row) for row in records]
        for at, axis in enumerate(self.plan.space.axes):
            if decimal(axis):
                for row in rows:
                    row[at] = float(row[at])
        numbers = self.batch.numbers[self.order].tolist()
        return dataframe((["design", *header], ([n, *row] for n, row in zip(numbers, rows, strict=True))))

    dataframe = to_dataframe

    def plot(self, form: str = "svg") -> bytes:
        """Draw the designs as points of the two quantities that ``sweep(plot=…)`` named.

        Args:
            form: ``svg``, ``png``, ``pdf`` or ``tikz``.

        Returns:
            The bytes of the picture: the best designs in red, with names, before all others.

        Raises:
            ValueError: Where no quantities were named.
            SpecError: For PNG and PDF, without matplotlib.

        Example:
            >>> found = archcalc.sweep("9x9x3 -> conv {3, 5} {8, 16}", pareto="params,-rf", plot="params,rf")
            >>> found.plot("svg")[:4]
            b'<svg'
        """
        if not self.plan.selection.plot:
            raise ValueError("no plot was asked for: sweep(…, plot='params,macs')")
        from ..report.pictures.swept import sweep_picture

        return sweep_picture(self, form)

    def spec(self, row: int = 0) -> str:
        """Say what to type for a design.

        Args:
            row: Its place among the rows.

        Returns:
            Its chain, or the target with its settings.

        Example:
            >>> archcalc.sweep("32x32x3 -> conv {3, 5} 8", sort="-params").spec()
            '32x32x3 -> conv 5 8'
        """
        return self.plan.sweep.spec(self.rows[row].values)

    def network(self, row: int = 0) -> Network:
        """Give the network of a design, of which everything else can be asked.

        Args:
            row: Its place among the rows.

        Returns:
            The network, as ``archcalc.load`` gives it.

        Example:
            >>> found = archcalc.sweep("resnet18", {"classes": "{10, 100}"}, sort="params")
            >>> found.network().summary().totals["params"], found.rows[0].quantities["params"]
            (11181642, 11181642)
        """
        from ..network import Network

        values = self.rows[row].values
        graph = self.plan.sweep.graph(values)
        if not graph.metadata.name:  # a chain has its text as its name
            graph.metadata.name = self.plan.sweep.spec(values)
        return Network(graph)


def sweep(
    target: str,
    set: Mapping[str, Any] | None = None,
    *,
    where: str | None = None,
    pareto: str | None = None,
    sort: str | None = None,
    top: int | None = None,
    sample: int | None = None,
    seed: int = 0,
    quantities: Sequence[str] = USUAL,
    input: Any = None,
    batch: int = 1,
    dtype: str = "fp32",
    limit: int = LIMIT,
    refused: bool = False,
    plot: str | None = None,
    budget: int | None = None,
    stdin: str | None = None,
    progress: Callable[[int], None] | None = None,
    dask: Any = None,
) -> SweepReport:
    """Compute every design of a space of designs, and keep the best of them.

    Args:
        target: A network, as ``load`` takes it; or a chain, which may hold ``?`` and ``{3, 5}``.
        set: Values of its parameters by name: ``"16..256:16"``, ``"{3, 5}"``, ``"?"``, a list, or one value;
            ``input`` is the height and width of the input.
        where: A condition that the designs have to meet: ``"params <= 1M and rf >= 31"``.
        pareto: Quantities, joined by commas: only the designs that no other betters in all of them are kept.
            A ``-`` in front asks for the largest.
        sort: Quantities, likewise: the order of the designs.
        top: How many of that order are kept.
        sample: How many designs are drawn; all are computed without it.
        seed: The same seed draws the same designs, on every machine.
        quantities: What is computed of each design.
        input: Another input shape of a network.
        batch: Images per batch, from 1.
        dtype: The type of values and parameters, as in ``Network.summary``.
        limit: The most designs that are computed.
        refused: Whether the designs that are no networks are wanted, and they alone.
        plot: Two quantities, for the picture that ``SweepReport.plot`` draws.
        budget: The most layers that a design may have.
        stdin: The text that ``-`` stands for.
        progress: What is called with the number of designs that are done.
        dask: Where designs are computed: the address of a scheduler, the file that one has written, or a
            ``distributed.Client``; a number is that of processes on this machine, True as many as it has
            processors. Without it they are computed in this process.

    Returns:
        The designs, and how many there are. After Ctrl-C, those that were computed until then.

    Raises:
        SpecError: Where nothing differs, for a parameter or quantity that there is not, and for more designs
            than the limit; where a scheduler does not answer, or workers have another archcalc.
        ValueError: For an unknown dtype, or a batch, a top or a sample below 1.

    Example:
        >>> found = archcalc.sweep("mobilenet_v2", {"width": [0.5, 1]}, sort="-macs", top=1)
        >>> found.rows[0].quantities["params"], found.found.designs
        (3504872, 2)
    """
    for name, number in (("batch", batch), ("top", top), ("sample", sample), ("limit", limit)):
        if number is not None and number < 1:
            raise ValueError(f"{name} is {number}, and 1 at least")
    request = SweepRequest(
        target,
        {name: _setting(value) for name, value in (set or {}).items()},
        input,
        tuple(quantities),
        where,
        batch,
        dtype,
        budget,
        stdin,
    )
    plan = SweepPlan(SweepCall(request, pareto, sort, top, sample, seed, limit, refused, plot))
    if dask is None:
        return SweepReport(plan, plan.run(progress=progress).all())
    from ..sweeping.cluster_parts import parts_with

    with parts_with(dask) as parts:
        return SweepReport(plan, plan.run(parts, progress).all())


def _setting(value: Any) -> str:
    """A setting as it is typed."""
    from ..ops.attributes import show

    if isinstance(value, str):
        return value
    if isinstance(value, range):
        value = list(value)
    if isinstance(value, (list, frozenset)) or type(value).__name__ == "set":
        return "{" + ", ".join([_setting(one) for one in value]) + "}"
    return show(value)
