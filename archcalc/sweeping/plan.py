"""What is to be done for a sweep: which designs are computed, and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from ..diagnostics import fail
from ..loading import with_all_ops
from ..quantities import called
from .best import OF_NETWORK, Goal, goal_words, quantity_of, read_goals
from .findings import Selection
from .request import Sweep, SweepRequest
from .running import Parts, Run, parts_here
from .sampling import SweptDesigns

# The quantities that are shown where none are named.
USUAL = ("params", "macs", "peak", "rf")
# The most designs that are computed where no other limit is given.
LIMIT = 100_000_000


# Seconds in which the pace of a sweep is found out.
_TRIED = 0.5
_UNITS = (("year", 31_557_600), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


class SweepCall(NamedTuple):
    """What somebody asks for, in plain values.

    request   the target with its settings; its quantities are those that are to be shown
    pareto    quantities or axes, joined by commas: only designs that none betters
    sort      likewise: the order of the answer
    top       how many of that order
    sample    how many designs are drawn
    seed      by which they are drawn
    limit     the most designs that are computed
    refused   the designs that are no networks are wanted, and they alone
    plot      two quantities or axes of a picture; empty for those that the answer is about
    """

    request: SweepRequest
    pareto: str | None = None
    sort: str | None = None
    top: int | None = None
    sample: int | None = None
    seed: int = 0
    limit: int = LIMIT
    refused: bool = False
    plot: str | None = None


class SweepPlan:
    """A sweep that can be run.

    Args:
        call: What is asked for.
        shown: Where all designs would be kept: how many are enough.

    Attributes:
        sweep: The designs, and what is computed of each.
        selection: What is kept of them.
        designs: Which of them are computed.
        quantities: What is shown of each: what was named, and what it is compared by.
        heads: What each quantity is called among the columns.

    Raises:
        SpecError: As ``Sweep`` does, for goals that there are not, and for more designs than the limit.

    Example:
        >>> from archcalc.sweeping.plan import SweepCall, SweepPlan
        >>> from archcalc.sweeping.request import SweepRequest
        >>> request = SweepRequest("32x32x3 -> conv {3, 5} {8, 16}", {}, quantities=("params",))
        >>> plan = SweepPlan(SweepCall(request, sort="-macs", top=2))
        >>> plan.quantities, plan.run().all().found.rows.numbers.tolist()
        (('params', 'macs'), [2, 3])
    """

    def __init__(self, call: SweepCall, shown: int | None = None):
        self.call = call
        first = with_all_ops(lambda: Sweep(call.request))
        self.space = first.space
        axes = [axis.name for axis in self.space.axes]
        pareto = self._goals(call.pareto, "--pareto")
        sort = self._goals(call.sort, "--sort")
        if call.top is not None and not sort and not pareto:
            raise fail(
                "usage", "--top has no order", "name one, as in --sort params, or --sort=-rf for the largest"
            )
        named = [] if first.condition is None else first.condition.named
        plot = self._plotted(call, pareto, sort, first.quantities)
        by = [goal.name for goal in (*pareto, *sort, *plot) if goal.name not in axes]
        by += [name for name in map(quantity_of, named) if name is not None and name not in axes]
        self.quantities = tuple(dict.fromkeys([*first.quantities, *by]))
        self.sweep = first.with_quantities(self.quantities)
        self.heads = tuple([OF_NETWORK + name if name in axes else name for name in self.quantities])
        self.output_head = OF_NETWORK + "output" if "output" in axes else "output"
        top = call.top if call.top is not None or pareto else shown
        self.selection = Selection(pareto, sort, top, call.refused, plot)
        self.designs = SweptDesigns(self.space, call.sample, call.seed)
        if self.designs.size > call.limit:
            raise fail(
                "limit",
                f"there are {self.designs.size:,} designs, and {call.limit:,} are computed at most",
                "give a range a larger step, or another end",
                "--sample 1000000 draws as many of them",
                f"--limit {self.designs.size} computes them all, in about {_duration(self._seconds())}",
            )

    def _seconds(self) -> float:
        """How long all designs take at the pace of the first, of which as many are computed as half a second
        allows."""
        began = before = monotonic()
        for found in parts_here(self.sweep, Selection(), self.designs):
            now = monotonic()
            pace = found.designs / max(now - before, 1e-6)
            if now - began > _TRIED:
                break
            before = now
        return self.designs.size / pace

    def _plotted(
        self, call: SweepCall, pareto: tuple[Goal, ...], sort: tuple[Goal, ...], quantities: tuple[str, ...]
    ) -> tuple[Goal, ...]:
        """The two quantities of the picture; none where no picture is wanted. Raises SpecError."""
        if call.plot is None:
            return ()
        if not call.plot:
            usual = [*pareto, *sort, *map(Goal, quantities), *map(Goal, USUAL)]
            distinct: dict[str, Goal] = {}
            for goal in usual:
                distinct.setdefault(goal.name, goal)
            return tuple(distinct.values())[:2]
        plot = self._goals(call.plot, "--plot-quantities")
        if len(plot) != 2:
            raise fail("argument", f"a plot has two quantities, not {len(plot)}", "as in params,macs")
        # An end that is wanted of a quantity is wanted of it in the picture too.
        wanted = {goal.name: goal for goal in (*pareto, *sort)}
        return tuple([wanted.get(goal.name, goal) for goal in plot])

    def _goals(self, text: str | None, option: str) -> tuple[Goal, ...]:
        return () if text is None else read_goals(text, self.space, option)

    def run(self, parts: Parts = parts_here, progress: Callable[[int], None] | None = None) -> Run:
        """The sweep, ready to run; ``parts`` says where it is computed."""
        return Run(self.sweep, self.selection, self.designs, parts, progress)


def quantities_named(columns: str | None) -> tuple[str, ...]:
    """The quantities that ``--columns`` names; those that are usual without it. Raises SpecError for an
    empty name; what is no quantity is left to the sweep."""
    if columns is None:
        return USUAL
    words = [word for word, _ in goal_words(columns)]
    if not all(words):
        raise fail("argument", f"`--columns {columns}` lacks a name", "as in --columns params,macs")
    meant = [(word.removeprefix(OF_NETWORK), called(word)) for word in words]
    # The output always has a column.
    return tuple([word for word, quantity in meant if quantity is None or quantity.name != "output"])


def _duration(seconds: float) -> str:
    """A duration in words: ``40 minutes``."""
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= 2 * size), _UNITS[-1])
    number = max(round(seconds / size), 1)
    return f"{number:,} {unit}{'s' if number > 1 else ''}"
