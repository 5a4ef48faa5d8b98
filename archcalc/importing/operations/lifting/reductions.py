"""Operations that make one value of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....ops.attributes import Size
from ..recording import Operation
from .arranging import laid
from .combining import combined
from .given import UnliftedError, fraction
from .lifter import Lifter, first, rule
from .placements import BATCH, Dim, Placement, has_batch, without_batch
from .windows import global_pool

NAMES = {
    "mean": "mean",
    "sum": "sum",
    "amax": "max",
    "max": "max",
    "amin": "min",
    "min": "min",
    "prod": "prod",
    "var": "var",
    "std": "std",
    "norm": "norm",
    "linalg_vector_norm": "norm",
    "logsumexp": "logsumexp",
    "argmax": "argmax",
    "argmin": "argmin",
    "any": "any",
    "all": "all",
    "var_mean": "var",
}


@rule(*NAMES)
def reduced(lifter: Lifter, operation: Operation) -> Placement | list[Placement]:
    given = operation.arguments
    if operation.name in ("max", "min") and "other" in given:
        return combined(lifter, operation, operation.name, [first(operation), given["other"]])
    view = lifter.view(first(operation))
    dims = given.get("dim")
    keep = bool(given.get("keepdim"))
    dims = list(range(len(view.dims))) if dims is None or dims == () else dims
    dims = [dim % len(view.dims) for dim in (dims if isinstance(dims, (tuple, list)) else [dims])]
    if any(has_batch(view.dims[dim]) for dim in dims):
        raise UnliftedError("a reduction over the batch")
    name = NAMES[operation.name]
    spatial = [n for n in range(len(view.dims)) if without_batch(view.dims[n])]
    if name in ("mean", "max") and len(operation.outputs) == 1 and _is_global(view, dims, spatial):
        try:
            return global_pool(lifter, view, "gap" if name == "mean" else "gmp", dims, keep)
        except UnliftedError:
            pass
    extra: dict[str, Any] = {}
    if name == "norm" and (exponent := given.get("ord", given.get("p"))) not in (None, 2):
        extra["p"] = fraction(float(exponent))
    if name in ("var", "std"):
        less = given.get("correction", 1 if given.get("unbiased", True) else 0)
        less = 1 if less is None else less
        if less != int(less):
            raise UnliftedError(f"a variance less {less}")
        if less != 1:
            extra["correction"] = int(less)
    return [along(lifter, view, name, dims, keep, **extra)] * len(operation.outputs)


def along(
    lifter: Lifter, view: Placement, function: str, dims: Sequence[int], keep: bool = False, **extra: Any
) -> Placement:
    """One value of all along some axes, which go away or stay with one position."""
    if any(has_batch(view.dims[dim]) for dim in dims):
        raise UnliftedError("a reduction over the batch")
    # Channels stay the last axis: positions that were taken for channels would read everything.
    _, _, axes = lifter.natural(view)
    axes = [n for n in axes if without_batch(view.dims[n])]
    layer = lifter.arranged(view, [view.dims[n] for n in axes])
    places = [axes.index(dim) for dim in dims if dim in axes]
    if not places:
        return Placement(view.source, [d for n, d in enumerate(view.dims) if keep or n not in dims])
    axis = places[0] if len(places) == 1 else Size(places)
    left = [n for n in axes if n not in dims]
    if left and axes[-1] in dims:
        extra["keep"] = True  # one channel stays: otherwise the last positions would be the channels
    made = lifter.layer("reduce", [layer], function=function, axis=axis, **extra)
    stand = axes if "keep" in extra else left
    below = Placement(made, ())
    found: list[Dim] = []
    for n, dim in enumerate(view.dims):
        if n in dims:
            if keep:
                found.append(())
            continue
        batch = tuple([a for a in dim if a.axis == BATCH])
        found.append((*batch, *below.whole(stand.index(n))) if n in left else batch)
    return Placement(made, found)


def _is_global(view: Placement, dims: list[int], spatial: list[int]) -> bool:
    """Whether all axes but the channels of a map go away."""
    left = [n for n in spatial if n not in dims]
    channels = view.whole(len(view.shape) - 1)
    return len(left) == 1 and without_batch(view.dims[left[0]]) == channels and len(view.shape) > 1


@rule("cumsum")
def scanned(lifter: Lifter, operation: Operation) -> Placement:
    layer, placed, axes = lifter.in_order(lifter.view(first(operation)))
    dim = operation.arguments["dim"] % len(placed.dims)
    if dim not in axes:
        raise UnliftedError("a sum over the batch")
    return placed.on(lifter.layer("cumsum", [layer], axis=axes.index(dim)))


@rule("topk", "sort")
def sorted_values(lifter: Lifter, operation: Operation) -> list[Placement]:
    layer, placed, axes = lifter.in_order(lifter.view(first(operation)))
    dim = operation.arguments.get("dim", -1) % len(placed.dims)
    if operation.name == "sort":
        return [placed.on(lifter.layer("sort", [layer], axis=axes.index(dim)))] * 2
    made = lifter.layer("topk", [layer], count=operation.arguments["k"], axis=axes.index(dim))
    return [laid(made, placed.dims, axes)] * 2
