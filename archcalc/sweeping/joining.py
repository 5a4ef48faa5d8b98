"""Batches of designs made one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .batch import DesignBatch, Refusal


def joined(batches: Sequence[DesignBatch]) -> DesignBatch:
    """Make one batch of several of the same sweep.

    Args:
        batches: At least one. No design stands in two of them; they may come in any order.

    Returns:
        All designs in ascending order. A reason for which designs are no networks stands once, with the
        example of the smallest number.

    Example:
        >>> import numpy as np
        >>> from archcalc.sweeping.engine import evaluated
        >>> from archcalc.sweeping.joining import joined
        >>> from archcalc.sweeping.request import Sweep, SweepRequest
        >>> sweep = Sweep(SweepRequest("32x32x3 -> conv {3, 5, 7} 8", {}))
        >>> parts = [evaluated(sweep, np.array(numbers)) for numbers in ([2], [0, 1])]
        >>> joined(parts).columns["params"].tolist()
        [224, 608, 1184]
    """
    if len(batches) == 1:
        return batches[0]
    refusals, places = _refusals(batches)
    axes = max(batch.sizes.shape[1] for batch in batches)
    found = DesignBatch(
        np.concatenate([batch.numbers for batch in batches]),
        {name: np.concatenate([batch.columns[name] for batch in batches]) for name in batches[0].columns},
        np.concatenate([_with_axes(batch.sizes, axes) for batch in batches]),
        np.concatenate([place[batch.refused] for place, batch in zip(places, batches, strict=True)]),
        refusals,
        np.concatenate([batch.holds for batch in batches]),
    )
    if np.all(found.numbers[1:] > found.numbers[:-1]):
        return found
    return found.rows(np.argsort(found.numbers, kind="stable"))


def _refusals(batches: Sequence[DesignBatch]) -> tuple[tuple[Refusal, ...], list[np.ndarray]]:
    """All reasons in the order of their examples; and for each batch what its references become."""
    first: dict[tuple[str, str], Refusal] = {}
    for batch in batches:
        for refusal in batch.refusals:
            known = first.setdefault(refusal.kind, refusal)
            if refusal.example < known.example:
                first[refusal.kind] = refusal
    refusals = sorted(first.values(), key=lambda refusal: (refusal.example, refusal.kind))
    place = {refusal.kind: at + 1 for at, refusal in enumerate(refusals)}
    return tuple(refusals), [
        np.array([0, *[place[refusal.kind] for refusal in batch.refusals]], np.int32) for batch in batches
    ]


def _with_axes(sizes: np.ndarray, axes: int) -> np.ndarray:
    """Sizes with zeros in front, as ones of more axes have them."""
    missing = axes - sizes.shape[1]
    return np.pad(sizes, ((0, 0), (missing, 0))) if missing else sizes
