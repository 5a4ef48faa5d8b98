"""What is kept of the designs that were computed, and how what several batches leave is put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .batch import DesignBatch, Refusal
from .best import Goal, Ranking, front, top
from .cloud import Cloud, cloud_of, joined_clouds
from .joining import joined
from .space import DesignSpace

# Parts wait until they hold so many designs.
_ENOUGH = 1 << 16


class Selection(NamedTuple):
    """What is wanted of a sweep, in plain values: it can be sent to another process.

    pareto   goals: only the designs that none betters are kept
    sort     goals: the order of the answer
    top      how many are kept, the first of that order; all of them without it
    refused  the designs that are no networks are kept, and they alone
    plot     two goals: all designs are placed in a plane of these
    """

    pareto: tuple[Goal, ...] = ()
    sort: tuple[Goal, ...] = ()
    top: int | None = None
    refused: bool = False
    plot: tuple[Goal, ...] = ()


class RefusedKind(NamedTuple):
    """Designs that are no networks for the same reason: how many, and the first of them."""

    designs: int
    refusal: Refusal


class Findings(NamedTuple):
    """What some designs leave.

    designs   how many were computed
    networks  how many of them are networks
    met       how many of these meet the condition; all of them without one
    refused   the others, by the kind of the reason
    rows      the designs that are kept, in ascending order
    alike     for how many designs each of a front stands; None without a front
    unknown   designs that no front could take up, as a quantity of theirs is not known
    cloud     all designs that meet the condition as points; None where no plot is wanted
    """

    designs: int
    networks: int
    met: int
    refused: Mapping[tuple[str, str], RefusedKind]
    rows: DesignBatch
    alike: np.ndarray | None = None
    unknown: int = 0
    cloud: Cloud | None = None


def findings(batch: DesignBatch, wanted: Selection, space: DesignSpace) -> Findings:
    """Keep of a batch what is wanted.

    Args:
        batch: Designs that were computed.
        wanted: What is wanted of the sweep.
        space: The space of the designs.

    Returns:
        The counts of the batch, and the designs that are kept.

    Example:
        >>> import numpy as np
        >>> from archcalc.sweeping.best import Goal
        >>> from archcalc.sweeping.engine import evaluated
        >>> from archcalc.sweeping.findings import Selection, findings
        >>> from archcalc.sweeping.request import Sweep, SweepRequest
        >>> sweep = Sweep(SweepRequest("5x5x3 -> conv {3, 5, 7} 8", {}, where="params > 300"))
        >>> found = findings(evaluated(sweep, np.arange(3)), Selection(), sweep.space)
        >>> found.designs, found.networks, found.met, found.rows.numbers.tolist()
        (3, 2, 1, [1])
    """
    network = batch.refused == 0
    meets = network & batch.holds
    counts = np.bincount(batch.refused, minlength=len(batch.refusals) + 1)
    refused = {
        refusal.kind: RefusedKind(int(count), refusal)
        for count, refusal in zip(counts[1:], batch.refusals, strict=True)
        if count
    }
    kept = ~network if wanted.refused else meets
    rows = batch if kept.all() else batch.rows(kept)
    counted = Findings(
        len(network), int(np.count_nonzero(network)), int(np.count_nonzero(meets)), refused, rows
    )
    if wanted.plot:
        counted = counted._replace(
            cloud=cloud_of(batch if meets.all() else batch.rows(meets), wanted.plot, space)
        )
    return _best(counted, wanted, space)


def merged(parts: Sequence[Findings], wanted: Selection, space: DesignSpace) -> Findings:
    """Put together what parts of a sweep leave. It does not matter in which order they are put together,
    nor how the sweep was parted.

    Args:
        parts: What some designs leave: at least one part.
        wanted: What is wanted of the sweep.
        space: The space of the designs.

    Returns:
        What all of them leave.

    Example:
        >>> import numpy as np
        >>> from archcalc.sweeping.best import Goal
        >>> from archcalc.sweeping.engine import evaluated
        >>> from archcalc.sweeping.findings import Selection, findings, merged
        >>> from archcalc.sweeping.request import Sweep, SweepRequest
        >>> sweep = Sweep(SweepRequest("5x5x3 -> conv {3, 5, 7} 8", {}))
        >>> wanted = Selection(sort=(Goal("params"),), top=1)
        >>> parts = [findings(evaluated(sweep, np.array([n])), wanted, sweep.space) for n in (2, 1, 0)]
        >>> found = merged(parts, wanted, sweep.space)
        >>> found.designs, found.networks, found.rows.numbers.tolist()
        (3, 2, [0])
    """
    counts = parts[0]
    for other in parts[1:]:
        counts = counts_of(counts, other)
    if len(parts) == 1:
        return counts
    alike = None
    if wanted.pareto:
        numbers = np.concatenate([one.rows.numbers for one in parts])
        counted = [one.alike for one in parts if one.alike is not None]
        alike = np.concatenate(counted)[np.argsort(numbers, kind="stable")]
    rows = joined([one.rows for one in parts])
    return _best(counts._replace(rows=rows, alike=alike), wanted, space)


def gathered(parts: Iterable[Findings], wanted: Selection, space: DesignSpace) -> Findings:
    """Put together what many parts leave, as ``merged`` does, as they come.

    Args:
        parts: What they leave: at least one part.
        wanted: What is wanted of the sweep.
        space: The space of the designs.

    Returns:
        What all of them leave.
    """
    waiting: list[Findings] = []
    rows = kept = 0
    for found in parts:
        waiting.append(found)
        rows += len(found.rows.numbers)
        # Each time all that is kept is looked at: so only when there is as much again.
        if rows > 2 * kept + _ENOUGH:
            waiting = [merged(waiting, wanted, space)]
            rows = kept = len(waiting[0].rows.numbers)
    return merged(waiting, wanted, space)


def counts_of(first: Findings, second: Findings) -> Findings:
    """The counts of two parts of a sweep put together, with the rows of the second alone."""
    refused = dict(first.refused)
    for kind, one in second.refused.items():
        other = refused.get(kind)
        if other is not None:
            earlier = min(one.refusal, other.refusal, key=lambda refusal: refusal.example)
            one = RefusedKind(one.designs + other.designs, earlier)
        refused[kind] = one
    clouds = [one.cloud for one in (first, second) if one.cloud is not None]
    return second._replace(
        cloud=joined_clouds(clouds) if clouds else None,
        designs=first.designs + second.designs,
        networks=first.networks + second.networks,
        met=first.met + second.met,
        refused=refused,
        unknown=first.unknown + second.unknown,
    )


def _best(found: Findings, wanted: Selection, space: DesignSpace) -> Findings:
    """The same with the best designs alone, where only they are wanted."""
    if wanted.refused:
        return found
    if wanted.pareto:
        best = front(found.rows, Ranking(wanted.pareto, space), found.alike)
        return found._replace(rows=best.batch, alike=best.alike, unknown=found.unknown + best.unknown)
    if wanted.top is not None:
        return found._replace(rows=top(found.rows, Ranking(wanted.sort, space), wanted.top))
    return found
