"""Rims around maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..recording import Operation
from .arranging import laid
from .given import UnliftedError, fraction
from .lifter import Lifter, first, rule
from .parts import narrowed
from .placements import Placement, has_batch, size_of, without_batch
from .windows import padding


@rule(
    "constant_pad_nd",
    "pad",
    "reflection_pad1d",
    "reflection_pad2d",
    "reflection_pad3d",
    "replication_pad1d",
    "replication_pad2d",
    "replication_pad3d",
)
def pad(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    view = lifter.view(first(operation))
    sides: Any = given.get("pad", given.get("padding"))
    mode = given.get("mode", "constant")
    name = "reflectpad" if operation.name.startswith("reflection") else "zeropad"
    name = "replicatepad" if operation.name.startswith("replication") else name
    name = {
        "constant": name,
        "reflect": "reflectpad",
        "replicate": "replicatepad",
        "circular": "circularpad",
    }[mode]
    count = len(view.dims)
    pairs = [(sides[n], sides[n + 1]) for n in range(0, len(sides), 2)]  # of the last axis first
    by_dim = {count - 1 - n: pair for n, pair in enumerate(pairs) if any(pair)}
    if not by_dim:
        return view
    if any(size_of(view.dims[dim]) == 1 and has_batch(view.dims[dim]) for dim in by_dim):
        raise UnliftedError("padding along the batch")
    extra: dict[str, Any] = {}
    if name == "zeropad" and (value := given.get("value")):
        extra["value"] = fraction(float(value))
    return padded(lifter, view, by_dim, name, extra)


def padded(
    lifter: Lifter, view: Placement, by_dim: dict[int, tuple[int, int]], name: str, extra: dict[str, Any]
) -> Placement:
    """Padding along some axes of a tensor, which lie over spatial axes of the layer."""
    count = len(view.dims)
    if any(low < 0 or high < 0 for low, high in by_dim.values()):
        found = view
        for dim, (low, high) in by_dim.items():
            cut = min(low, 0), min(high, 0)
            found = narrowed(lifter, found, dim, -cut[0], found.sizes[dim] + sum(cut))
        rest = {dim: (max(low, 0), max(high, 0)) for dim, (low, high) in by_dim.items()}
        rest = {dim: pair for dim, pair in rest.items() if any(pair)}
        return padded(lifter, found, rest, name, extra) if rest else found
    free = [n for n in range(count) if n not in by_dim and without_batch(view.dims[n])]
    # The channels are an axis that is not padded; where all are, a new one of one channel.
    last = len(view.shape) - 1
    channel = next(
        (n for n in free if without_batch(view.dims[n]) == view.whole(last)), free[0] if free else None
    )
    axes = [n for n in range(count) if n != channel and (without_batch(view.dims[n]) or n in by_dim)]
    groups = [view.dims[n] for n in axes]
    layer = lifter.arranged(view, [*groups, view.dims[channel] if channel is not None else ()])
    sides = [side for n in axes for side in by_dim.get(n, (0, 0))]
    made = lifter.layer(name, [layer], pad=padding(sides), **extra)
    return (
        laid(made, view.dims, [*axes, *([channel] if channel is not None else [])])
        if channel is not None
        else (_without_channel(made, view, axes))
    )


def _without_channel(made: Any, view: Placement, axes: Sequence[int]) -> Placement:
    below = Placement(made, ())
    dims = [tuple([a for a in dim if a.axis == -1]) for dim in view.dims]
    for axis, dim in enumerate(axes):
        dims[dim] = (*dims[dim], *below.whole(axis))
    return Placement(made, dims)
