"""What a figure may be: a value, what has to be so for it, and how it differs from ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .assumptions import FigureAssumption, cost_of, ordered


class FigureTerm(NamedTuple):
    """A part of a figure, in words for a reader. The parts add up to the figure."""

    what: str
    value: int


class FigureCandidate(NamedTuple):
    """A value that a figure may be.

    value        exact
    unit         ``MACs``, ``FLOPs``, ``parameters``, ``bytes`` or ``layers``
    assumptions  what has to be so; none for what archcalc counts itself
    parts        makes the terms, the first of them ours
    documented   it is what a tool prints for this very network, or what archcalc does
    faults       what is wrong with a count, a sentence each
    """

    value: int
    unit: str
    assumptions: tuple[FigureAssumption, ...]
    parts: Callable[[], Sequence[FigureTerm]]
    documented: bool = False
    faults: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        """How rare it is, in powers of two."""
        return cost_of(self.assumptions)

    def assuming(self, *more: FigureAssumption) -> FigureCandidate:
        """The same value under more assumptions."""
        return self._replace(assumptions=ordered((*self.assumptions, *more)), documented=False)


def difference(ours: str, first: int, *more: tuple[str, int]) -> list[FigureTerm]:
    """Terms without those that add nothing, the terms of the same words taken together."""
    sums: dict[str, int] = {}
    for what, value in more:
        sums[what] = sums.get(what, 0) + value
    return [FigureTerm(ours, first), *[FigureTerm(what, value) for what, value in sums.items() if value]]
