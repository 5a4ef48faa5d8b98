"""Looking through designs for those that meet a demand, the smallest change first."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Iterable, Sequence
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from .. import quantities
from ..analysis.summary import Summary
from ..diagnostics import no_layer

# Faults that no other value would mend.
SAME_FOR_ALL = ("name", "syntax")
# How designs were looked for: all were computed; those that are larger than what is too large were left out;
# those with the least changes were computed; boxes of designs were left out by what the rules say of them,
# along one axis or several; numbers beyond the first ranges were looked at while they came nearer.
EVERY_DESIGN, RULED_OUT, LEAST_CHANGES = "every design", "ruled out", "least changes"
BRANCH_AND_BOUND, BISECTION, GROWN_RANGES = "branch and bound", "bisection", "grown ranges"


class Objective(NamedTuple):
    """What is to be as large or as small as can be.

    quantity  a quantity of a network, or one of the values that are asked for
    sign      1 where the largest is wanted, -1 where the smallest is
    """

    quantity: str
    sign: int


class Candidate(dict[str, Any]):
    """Quantities of a network, each computed when it is first asked for; None where a layer has no
    rule for it, and the receptive field where everything is seen at once. With ``again`` the
    network is let go of when its quantities are settled, and made again where more is asked."""

    def __init__(self, summary: Summary | None, again: Callable[[], Summary] | None = None):
        super().__init__()
        self._summary = summary
        self._again = again

    @property
    def summary(self) -> Summary:
        """All that is computed of the network."""
        if self._summary is None:
            assert self._again is not None
            self._summary = self._again()
        return self._summary

    def settle(self, names: Iterable[str]) -> None:
        """Compute these quantities, and let go of the network."""
        for name in names:
            self[name]
        if self._again is not None:
            self._summary = None

    def __missing__(self, name: str) -> Any:
        self[name] = value = self._value(name)
        return value

    def _value(self, name: str) -> Any:
        place, dot, word = name.rpartition(".")
        graph = self.summary.graph
        if name == "output" or (dot and word == "output"):
            layer = graph.output if not dot or place.lower() == "total" else graph.layer(place)
            if layer is None:
                raise no_layer(graph.metadata.name, place, graph.names())
            return "x".join(map(str, layer.output))
        if dot:
            from .budgets import PlacedQuantities

            known = PlacedQuantities(self.summary)
            return known.known(known.placed(name)).bounds.exact
        return quantities.measured(name, self.summary)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the quantity; it is there for every name."""
        return self[name]


class Outcome(NamedTuple):
    """What came of a design: how far it is from the demand, 0 where it meets it; whether larger
    values cannot meet it either; and what to show of it."""

    gap: Fraction
    lost: bool
    design: Any


class Found(NamedTuple):
    """What a search has come to.

    answers  (values, outcome) that meet the demand, the smallest change first
    nearest  those that come nearest where none meets it, the nearest first
    tried    designs that were computed, ``refused`` of them no network at all
    space    how many there are
    whole    whether all of them were looked at, or ruled out
    method   how it was looked; ``bounded`` is the number of boxes that were bounded
    proved   whether the answers are proved to be the best
    met      how many meet the demand, of those that were computed
    among    of each space the values that these have
    bound    where they are not, no design has more of what is wanted, or less; None: that is not known
    """

    answers: list[tuple[tuple[Any, ...], Outcome]]
    nearest: list[tuple[tuple[Any, ...], Outcome]]
    tried: int
    refused: int
    space: int
    whole: bool
    method: str = EVERY_DESIGN
    proved: bool = False
    met: int = 0
    bounded: int = 0
    among: Sequence[Sequence[Any]] = ()
    bound: int | Fraction | None = None


def search(
    spaces: Sequence[Sequence[Any]],
    growing: Sequence[bool],
    attempt: Callable[[tuple[Any, ...]], Outcome | None],
    limit: int,
    keep: int = 5,
) -> Found:
    """Look through the product of some spaces, each with the least change first.

    The change of a design is the sum of the places of its values in their spaces. ``growing`` marks
    the spaces in ascending order along which a design that is lost stays so: what lies beyond is
    ruled out. ``attempt`` gives None for what is no network. At most ``limit`` designs are tried;
    ``keep`` of those that come nearest are kept.
    """
    answers: list[tuple[tuple[Any, ...], Outcome]] = []
    near: list[tuple[Fraction, int, tuple[Any, ...], Outcome]] = []
    tried = refused = 0
    order = ordered([len(space) for space in spaces])
    places = next(order, None)
    while places is not None and tried < limit:
        values = tuple([space[at] for space, at in zip(spaces, places, strict=True)])
        outcome = attempt(values)
        tried += 1
        if outcome is None:
            refused += 1
        elif not outcome.gap:
            answers.append((values, outcome))
        elif not answers:
            near.append((outcome.gap, tried, values, outcome))
            if len(near) > 4 * keep:
                near = sorted(near, key=lambda found: found[:2])[:keep]
        lost = outcome is not None and outcome.lost
        blocked = [lost and grows for grows in growing]
        try:
            places = order.send(blocked)
        except StopIteration:
            places = None
    near.sort(key=lambda found: found[:2])
    nearest = [] if answers else [(values, outcome) for _, _, values, outcome in near[:keep]]
    space = prod(len(space) for space in spaces)
    return Found(answers, nearest, tried, refused, space, places is None)


def ordered(sizes: Sequence[int]) -> Generator[tuple[int, ...], Sequence[bool] | None, None]:
    """Yield places in a product of spaces by their sum, then the first space's smallest change first.

    A generator that is sent, after each place, the axes along which not to go on from it.
    """
    if not all(sizes):
        return
    start = (0,) * len(sizes)
    queue = [(0, start)]
    known = {start}
    while queue:
        total, places = heapq.heappop(queue)
        blocked = yield places
        for axis, at in enumerate(places):
            if at + 1 >= sizes[axis] or (blocked and blocked[axis]):
                continue
            further = (*places[:axis], at + 1, *places[axis + 1 :])
            if further not in known:
                known.add(further)
                heapq.heappush(queue, (total + 1, further))
