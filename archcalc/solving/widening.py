"""Looking further than a range of numbers where the demand comes nearer and nearer along it.

A search that finds nothing although the design that comes nearest has the largest number that was
looked at goes on: to twice the number, as long as that comes nearer. Between the last two it looks
for the smallest number that meets the demand. It takes the demand for monotone there: what was
looked at is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from .search import Found, Outcome, search

# Numbers looked at one by one: where the demand is missed by the least, and where it is met.
SCANNED, SHOWN = 128, 10
# No number beyond is looked at.
FURTHEST = 1 << 24

Attempt = Callable[[tuple[Any, ...]], Outcome | None]


class Widening:
    """Goes on with a search that found nothing.

    spaces  the values that were looked at; what is looked at here is added to them
    steps   of each space how its numbers go on, None where they do not
    found   what is known so far
    """

    def __init__(
        self,
        spaces: list[list[Any]],
        steps: list[int | Fraction | None],
        attempt: Attempt,
        found: Found,
        limit: int,
        keep: int = 5,
    ):
        self.spaces = spaces
        self.steps = steps
        self.found = found
        self._attempt = attempt
        self._limit = limit
        self._keep = keep

    def run(self) -> Found:
        """Return what there is in the end."""
        done: set[int] = set()
        while self._wanted:
            values, outcome = self.found.nearest[0]
            axes = [
                axis
                for axis, step in enumerate(self.steps)
                if step is not None and axis not in done and values[axis] == self._largest(axis)
            ]
            if not axes:
                break
            before = outcome.gap
            self._along(axes[0], values, outcome)
            if self.found.nearest and self.found.nearest[0][1].gap >= before:
                done.add(axes[0])  # no nearer along this one
        return self.found

    @property
    def _wanted(self) -> bool:
        found = self.found
        return not found.answers and bool(found.nearest) and found.tried < self._limit

    def _largest(self, axis: int) -> Any:
        return max([v for v in self.spaces[axis] if not isinstance(v, (str, bool))])

    def _along(self, axis: int, values: tuple[Any, ...], outcome: Outcome) -> None:
        """Look further along one space, the others as in the nearest design."""
        step = self.steps[axis]
        assert step is not None
        largest = self._largest(axis)

        def at(place: int) -> Outcome | None:
            """Return what comes of the number ``place`` steps beyond the largest."""
            return self._look(axis, values, largest + place * step)

        low, gap = 0, outcome.gap
        high = max(int(largest / step), 1)
        reached: Outcome | None = None
        while self._wanted and largest + high * step <= FURTHEST:
            reached = at(high)
            if reached is None or not 0 < reached.gap < gap:
                break
            low, gap, high = high, reached.gap, 2 * high + max(int(largest / step), 1)
        else:
            return
        if reached is None:
            high = self._last(low, high, lambda place: at(place) is not None)
            reached = at(high) if high > low else None
        if reached is not None and not reached.gap:
            first = 1 + self._last(low, high, lambda place: not self._meets(at(place)))
            window = range(first, min(first + SHOWN, high + 1))
        elif reached is not None and reached.gap < gap:
            return  # nothing beyond is a network, and up to there it only comes nearer
        else:
            low, high = self._dip(low, high, at)
            window = range(low + 1, high + 1)
        self._scan(axis, values, [largest + place * step for place in window])

    def _last(self, low: int, high: int, holds: Callable[[int], bool]) -> int:
        """Return the last place from ``low``, where something holds, to ``high``, where it does not."""
        while high - low > 1 and self.found.tried < self._limit:
            middle = (low + high) // 2
            low, high = (middle, high) if holds(middle) else (low, middle)
        return low

    def _dip(self, low: int, high: int, at: Callable[[int], Outcome | None]) -> tuple[int, int]:
        """Return the few places among which the demand is missed by the least, where it is missed by less
        and less, and then by more and more."""
        while high - low > SCANNED and self.found.tried < self._limit:
            third = (high - low) // 3
            one, two = at(low + third), at(high - third)
            left = one is not None and (two is None or one.gap <= two.gap)
            low, high = (low, high - third) if left else (low + third, high)
        return low, high

    @staticmethod
    def _meets(outcome: Outcome | None) -> bool:
        return outcome is not None and not outcome.gap

    def _look(self, axis: int, values: tuple[Any, ...], number: Any) -> Outcome | None:
        """Return what comes of one number; it counts as looked at."""
        design = (*values[:axis], number, *values[axis + 1 :])
        outcome = self._attempt(design)
        known = number in self.spaces[axis]
        if not known:
            self.spaces[axis].append(number)
        near = [] if outcome is None or not outcome.gap else [(design, outcome)]
        self._add(Found([], near, not known, not known and outcome is None, not known, True))
        return outcome

    def _scan(self, axis: int, values: tuple[Any, ...], numbers: list[Any]) -> None:
        """Look at numbers one by one, with all values of the other spaces where they are not too
        many."""
        budget = self._limit - self.found.tried
        if budget <= 0:
            return
        others = [[value] for value in values]
        whole = [numbers if at == axis else space for at, space in enumerate(self.spaces)]
        count = 1
        for space in whole:
            count *= len(space)
        spaces = (
            whole
            if count <= budget
            else [numbers if at == axis else space for at, space in enumerate(others)]
        )
        part = search(spaces, [False] * len(spaces), self._attempt, budget, self._keep)
        known = set(self.spaces[axis])
        self.spaces[axis] += [number for number in numbers if number not in known]
        again = len([number for number in numbers if number in known])
        self._add(part._replace(tried=part.tried - again, space=part.space - again))

    def _add(self, part: Found) -> None:
        found = self.found
        near = sorted([*found.nearest, *part.nearest], key=lambda one: one[1].gap)
        distinct = list({values: (values, outcome) for values, outcome in near}.values())
        answers = [*found.answers, *part.answers]
        self.found = found._replace(
            answers=answers,
            nearest=[] if answers else distinct[: self._keep],
            tried=found.tried + part.tried,
            refused=found.refused + part.refused,
            space=found.space + part.space,
            whole=found.whole and part.whole,
            met=len(answers),
            among=(),
        )
