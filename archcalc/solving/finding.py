"""The search for the values of each ``?``: which way it goes, and what it has come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, TypeVar

from ..diagnostics import ERROR
from ..graph import GraphCounter
from ..language.unknowns import INPUT
from ..ops import has_own_ops
from ..ops.attributes import show
from ..shape import Shape
from .designs import SHOWN, Solution
from .request import CountOptions, SearchRequest
from .search import (
    BISECTION,
    BRANCH_AND_BOUND,
    EVERY_DESIGN,
    GROWN_RANGES,
    LEAST_CHANGES,
    RULED_OUT,
    Found,
    Outcome,
    search,
)
from .widening import Widening

if TYPE_CHECKING:
    from .spaces.blocks import Harvest
    from .spaces.demands import DesignJudge

# The most designs that are tried: one by one, and many at a time.
ONE_BY_ONE, AT_A_TIME = 5000, 4_000_000
# Spaces up to here are looked through without any bounds.
LOOKED_THROUGH = 1 << 17
# Seconds that a search takes without a limit of the user's own, and designs that can be numbered.
SECONDS, MOST_NUMBERED = 10.0, 2**62
# Few designs are made one by one sooner than numpy is loaded.
FEW = 48
# Designs that are kept where the best are wanted, and those that come nearest.
BEST, NEAREST = 10, 5

S = TypeVar("S", bound=Solution)


def solved(
    kind: type[S],
    target: str,
    where: str | None,
    set: Mapping[str, Any] | None,
    *,
    input: Any,
    batch: int,
    dtype: str,
    limit: int | None,
    up_to: int | None,
    budget: int | None,
    stdin: str | None,
    even: bool = False,
    counter: GraphCounter | None = None,
    best: tuple[str, int] | None = None,
) -> S:
    """Return what ``archcalc.solve`` finds, as an object of the class ``kind``. Raises SpecError."""
    request = SearchRequest(
        target,
        where,
        set,
        input=input,
        up_to=up_to,
        stdin=stdin,
        even=even,
        best=best,
        counting=CountOptions(batch, dtype, budget, counter),
    )
    unknowns = request.unknowns
    spaces = [unknown.values for unknown in unknowns]
    first = [len(space) for space in spaces]
    if not request.demanding:
        _cut_behind(spaces[-1], lambda size: request.attempt((*[space[0] for space in spaces[:-1]], size)))
    space = prod(len(values) for values in spaces)
    judge = request.judge(_numbered(spaces)) if space > FEW else None
    if judge is None:
        growing = [unknown.growing for unknown in unknowns]
        found = _best_of(search(spaces, growing, request.attempt, limit or ONE_BY_ONE), request)
    else:
        found = _at_a_time(request, judge, limit)
        if found.space < space:
            found = found._replace(space=space, whole=False, proved=False, bound=None)
    if found.whole and up_to is None and request.objective is None:
        steps = [unknown.step for unknown in unknowns]
        found = Widening(
            spaces, steps, request.attempt, found, max(found.tried + 1, limit or ONE_BY_ONE)
        ).run()
    widened = first != [len(space) for space in spaces] and request.demanding
    if widened:
        found = found._replace(method=GROWN_RANGES, proved=False)
    _check_refusals(request, found)
    solution = kind(request.text, request.condition, unknowns, found, batch, dtype, widened)
    solution.widened = first != [len(space) for space in spaces]
    solution.objective = request.objective
    solution.quantities = request.shown
    solution.diagnostics = tuple(request.doubted)
    if len(unknowns) == 1 and request.sizes.asked:
        solution.below = _below(request, solution)
    return solution


def _best_of(found: Found, request: SearchRequest) -> Found:
    """What was found one by one: the best of it, where there is an objective."""
    method = EVERY_DESIGN if found.tried == found.space else RULED_OUT if found.whole else LEAST_CHANGES
    found = found._replace(method=method, proved=found.whole, met=len(found.answers))
    objective = request.objective
    if objective is None:
        return found
    known = [
        (values, outcome)
        for values, outcome in found.answers
        if not isinstance(outcome.design.figure(objective.quantity), (str, bool, tuple, type(None)))
    ]
    known.sort(key=lambda one: -objective.sign * one[1].design.figure(objective.quantity))
    lacking = len(known) < len(found.answers)
    return found._replace(answers=known[:BEST], proved=found.whole and not lacking)


def _numbered(spaces: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """The values of spaces whose designs can be numbered: of longer ones those with the least changes."""
    found = list(spaces)
    while prod(len(values) for values in found) > MOST_NUMBERED:
        longest = max(range(len(found)), key=lambda at: len(found[at]))
        found[longest] = found[longest][: len(found[longest]) // 2]
    return found


def _at_a_time(request: SearchRequest, judge: DesignJudge, most: int | None) -> Found:
    """Look through designs many at a time, or bound them in boxes where they are too many. Without a limit
    of the user's own both end after a while."""
    from .spaces.blocks import MOST_KEPT, Harvest, Patience, climb, come_nearer, look_through
    from .spaces.bounding import BranchAndBound

    space, limit = judge.space.size, most or AT_A_TIME
    patience = Patience(SECONDS if most is None else None)
    kept = MOST_KEPT if request.objective is None else BEST
    # A fault that all designs have is told of the first one.
    request.attempt(tuple([axis.values[0] for axis in judge.axes]))
    harvest = Harvest(judge, request.objective, kept)
    bound = None
    # What a rule says of bounds is no proof where it is not one of archcalc's.
    if space > LOOKED_THROUGH and not has_own_ops():
        bounding = BranchAndBound(judge, harvest, limit, patience)
        bounding.run()
        some = harvest.met and request.objective is not None and space > limit
        if bounding.proved or some:
            if request.objective is not None and not bounding.proved:
                harvest.take_over(climb(judge, request.objective, kept, limit))
            if not harvest.met:
                come_nearer(judge, harvest, limit)
            method = BISECTION if len(judge.axes) == 1 else BRANCH_AND_BOUND
            proved = bounding.proved and not harvest.unknown
            found = _found(request, judge, harvest, bounding.whole, proved, method)
            return found._replace(bounded=bounding.bounded, bound=bounding.bound)
        harvest, bound = Harvest(judge, request.objective, kept), bounding.bound
    scout = None
    if request.objective is not None and space > limit:
        scout = climb(judge, request.objective, kept, limit // 2)
    rest = limit - (scout.seen if scout is not None else 0)
    whole = look_through(judge, harvest, rest, Patience(SECONDS if most is None else None))
    if scout is not None:
        harvest.take_over(scout)
    if not whole and not harvest.met:
        come_nearer(judge, harvest, limit)
    proved = whole and not harvest.unknown
    found = _found(request, judge, harvest, whole, proved, EVERY_DESIGN if whole else LEAST_CHANGES)
    return found if proved else found._replace(bound=bound)


def _found(
    request: SearchRequest, judge: DesignJudge, harvest: Harvest, whole: bool, proved: bool, method: str
) -> Found:
    """The designs of a harvest."""
    import numpy as np

    def values_of(number: int) -> tuple[Any, ...]:
        return tuple(judge.space.design(number).values())

    answers: list[tuple[tuple[Any, ...], Outcome]] = []
    if len(harvest.numbers):
        order = np.argsort(harvest.numbers)
        names = [name for name in dict.fromkeys([*SHOWN, *request.shown]) if name != "output"]
        batch = judge.computed(harvest.numbers[order], names)
        columns = {name: column.tolist() for name, column in batch.columns.items()}
        rows = np.empty(len(order), np.int64)
        rows[order] = np.arange(len(order))
        for number, row in zip(harvest.numbers.tolist(), rows.tolist(), strict=True):
            values = values_of(number)
            figures = {name: column[row] for name, column in columns.items()}
            design = request.design(values, Shape(batch.output(row)), figures)
            answers.append((values, Outcome(design.gap, False, design)))
    nearest: list[tuple[tuple[Any, ...], Outcome]] = []
    if not harvest.met:
        for _, _, number in harvest.near[:NEAREST]:
            values = values_of(number)
            outcome = request.attempt(values)
            if outcome is not None:
                nearest.append((values, outcome))
    if harvest.refused == harvest.seen and harvest.refusal is not None:
        request.attempt(values_of(harvest.refusal))
    among = [
        [value for value, seen in zip(axis.values, met.tolist(), strict=True) if seen]
        for axis, met in zip(judge.axes, harvest.places, strict=True)
    ]
    return Found(
        answers,
        nearest,
        harvest.seen,
        harvest.refused,
        judge.space.size,
        whole,
        method=method,
        proved=proved,
        met=harvest.met,
        among=among,
    )


def _check_refusals(request: SearchRequest, found: Found) -> None:
    """Raise the fault of the first design where none is a network."""
    if found.refused < found.tried or not request.refusals:
        return
    substitute = ", ".join(f"{unknown.name}={show(unknown.values[0])}" for unknown in request.unknowns)
    others = f", and none of {found.tried:,} that were tried is a network"
    refused = next(iter(request.refusals.values()))
    first = refused.diagnostics[0]
    first.add_notes([f"with {substitute}{others if found.tried > 1 else ''}"])
    first.help += tuple(doubt.message for doubt in request.doubted)
    raise refused


def _cut_behind(space: list[int], attempt: Callable[[int], Outcome | None]) -> None:
    """Leave out of the sizes, where nothing is demanded of the network, those far beyond the first that it
    takes."""
    first = next((place for place, size in enumerate(space) if attempt(size) is not None), len(space))
    del space[first + 1 :]


def _below(request: SearchRequest, solution: Solution) -> str:
    """Why the size right below the smallest answer is none; empty where there is no such."""
    smallest = min([design.values[INPUT] for design in solution.answers], default=1)
    below = (smallest - 1,)
    if smallest > 1 and below not in request.refusals:
        request.attempt(below)
    refused = request.refusals.get(below)
    if refused is None:
        return ""
    faults = [at for at in refused.diagnostics if at.severity == ERROR]
    first = (faults or refused.diagnostics)[0]
    place = f" at {first.span.text}" if first.span is not None else ""
    return f"{INPUT} {smallest - 1}: {first.message}{place}"
