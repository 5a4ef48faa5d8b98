"""Which misconceptions explain a formula: what most sets of numbers say, and none speaks against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .assumptions import Reading
from .verdict import WRONG, Verdict
from .written import Written, WrittenSizes

# Sets on which an answer has to differ from the right one before a reading of it is believed.
LEAST = 3
# Of the sets on which it is wrong it has to be a reading for such a share: small kernels and inputs leave
# some rules nothing to change.
MOST = Fraction(2, 3)


def common_readings(verdicts: Sequence[Verdict]) -> list[Reading]:
    """The readings of most sets of numbers that no set speaks against: where a kernel is 1x1 or fills its
    input, a changed rule gives nothing, or what is right."""
    wrong = [v for v in verdicts if v.kind == WRONG]
    counted = Counter([ids for v in wrong for ids in {one.ids for one in _readings(v)}])
    least = max(Fraction(LEAST), MOST * len(wrong))
    first = {one.ids: one for v in reversed(wrong) for one in reversed(_readings(v))}
    found = [
        one
        for ids, one in reversed(first.items())
        if counted[ids] >= least and not any(_speaks_against(v, ids) for v in verdicts)
    ]
    # Fewest assumptions first; then what explains more of the sets.
    best = min([(len(one.ids), -counted[one.ids]) for one in found], default=None)
    return [one for one in found if (len(one.ids), -counted[one.ids]) == best]


def _speaks_against(verdict: Verdict, ids: tuple[str, ...]) -> bool:
    """Whether misconceptions give another wrong value than the answer for a set of numbers."""
    if any(one.ids == ids for one in verdict.readings):
        return False
    known = verdict.diagnosis
    table = known.singles if len(ids) == 1 else known.pairs
    values = [_sizes(value) for value, ways in table.items() if any(way.ids == ids for way in ways)]
    return bool(values) and _sizes(_given(verdict.written)) not in values


def _given(written: Written) -> Any:
    """The numbers of an answer that is one in numbers."""
    return written.dims if isinstance(written, WrittenSizes) else getattr(written, "value", None)


def _sizes(value: Any) -> Any:
    """Sizes as they are compared: equal ones are one number."""
    if isinstance(value, tuple):
        return value[0] if len(set(value)) == 1 else tuple(value)
    return value


def _readings(verdict: Verdict) -> list[Reading]:
    """The readings of the catalogue."""
    return [one for one in verdict.readings if one.ids]
