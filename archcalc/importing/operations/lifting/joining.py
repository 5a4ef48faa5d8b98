"""Tensors that are laid side by side, and tensors of which a part is written over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..recording import Operation, Value
from .arranging import laid
from .given import UnliftedError, count, leaves_of
from .lifter import Lifter, rule
from .parts import chosen, narrowed
from .placements import BATCH, Dim, Placement, has_batch, parts_along, size_of, without_batch


@rule("cat", "concat", "concatenate")
def concat(lifter: Lifter, operation: Operation) -> Placement:
    tensors = [t for t in operation.arguments["tensors"] if all(t.sizes)]
    known = [t for t in tensors if lifter.knows(t)]
    dim = operation.arguments.get("dim", 0) % len(tensors[0].sizes)
    if len(known) < len(tensors):
        return _with_tokens(lifter, operation, tensors, dim)
    return joined(lifter, [lifter.view(t) for t in tensors], dim)


def joined(lifter: Lifter, views: Sequence[Placement], dim: int) -> Placement:
    """Tensors side by side along an axis."""
    if len(views) == 1:
        return views[0]
    if any(has_batch(view.dims[dim]) and view.sizes[dim] == 1 for view in views):
        raise UnliftedError("a concatenation along the batch")
    lead = views[0]
    channels = without_batch(lead.dims[dim])
    if lead.complete and lifter.covers(lead) and channels == lead.whole(len(lead.shape) - 1):
        # Side by side along the channels, all other axes as they lie.
        layers = [lifter.forced(lead.source)]
        for view in views[1:]:
            found = _beside(lifter, lead, view, dim)
            if found is None:
                break
            layers.append(found)
        else:
            made = lifter.layer("concat", layers)
            dims = list(lead.dims)
            dims[dim] = Placement(made, ()).whole(len(made.output) - 1)
            return Placement(made, dims)
    axes = lifter.natural(lead)[2]
    if dim not in axes:
        axes = sorted([*axes, dim])
    layers = [lifter.arranged(view, [view.dims[n] for n in axes]) for view in views]
    made = lifter.layer("concat", layers, axis=axes.index(dim))
    return laid(made, [(*[a for a in d if a.axis == BATCH],) for d in lead.dims], axes)


@rule("archcalc.write", "write")
def written(lifter: Lifter, operation: Operation) -> Placement:
    """A tensor of which a part was written over."""
    given = operation.arguments
    steps = [step for step, _ in given["steps"]]
    old: Value = given["self"]
    if not lifter.knows(old) and _all_over(old, steps):
        return _placed_in(lifter.view(given["view"]), steps)
    return _written(lifter, lifter.view(old), lifter.view(given["view"]), steps)


def _all_over(old: Value, steps: Sequence[Operation]) -> bool:
    """Whether steps lead to a part that is the whole tensor, such as the only image of a batch."""
    plain = ("slice", "select", "narrow", "detach", "alias")
    return all(step.name in plain and count(step.output) == count(old) for step in steps)


def _placed_in(new: Placement, steps: Sequence[Operation]) -> Placement:
    """What is written over a whole tensor, with the axes of that."""
    dims = list(new.dims)
    for step in reversed(steps):
        if step.name == "select":
            dims.insert(step.arguments["dim"] % (len(dims) + 1), ())
    return Placement(new.source, dims)


def _written(lifter: Lifter, view: Placement, new: Placement, steps: Sequence[Operation]) -> Placement:
    """A tensor with a part written over, to which the steps lead: along an axis what is before the part, the
    part, and what is behind it."""
    if not steps:
        return new
    step = steps[0]
    if step.name in ("detach", "alias"):
        return _written(lifter, view, new, steps[1:])
    if step.name not in ("slice", "select", "narrow"):
        raise UnliftedError(f"a part that is written over by way of {step.target}")
    dim = step.arguments.get("dim", 0) % len(view.dims)
    size = view.sizes[dim]
    start = step.arguments.get("index" if step.name == "select" else "start") or 0
    start = start + size if start < 0 else start
    number = 1 if step.name == "select" else step.output.sizes[dim]
    if step.arguments.get("step", 1) != 1:
        raise UnliftedError("every so many positions written over")
    part = narrowed(lifter, view, dim, start, number)
    if step.name == "select":
        inner = _written(lifter, chosen(lifter, view, dim, start), new, steps[1:])
        part = Placement(inner.source, (*inner.dims[:dim], (), *inner.dims[dim:]))
    else:
        part = _written(lifter, part, new, steps[1:])
    parts = [part]
    if start:
        parts.insert(0, narrowed(lifter, view, dim, 0, start))
    if start + number < size:
        parts.append(narrowed(lifter, view, dim, start + number, size - start - number))
    return joined(lifter, parts, dim)


def _beside(lifter: Lifter, lead: Placement, view: Placement, dim: int) -> Any:
    """A layer of a tensor with the axes of another, its own channels last; None if there is none."""
    mine = [without_batch(d) for n, d in enumerate(lead.dims) if n != dim]
    theirs = [without_batch(d) for n, d in enumerate(view.dims) if n != dim]
    if [size_of(d) for d in mine] != [size_of(d) for d in theirs]:
        return None
    groups = parts_along(lead.shape[:-1], mine, theirs)
    if groups is None:
        return None
    try:
        return lifter.arranged(view, [*groups, without_batch(view.dims[dim])])
    except UnliftedError:
        return None


def _with_tokens(lifter: Lifter, operation: Operation, tensors: Sequence[Value], dim: int) -> Placement:
    """Learned tokens in front of a sequence, or behind it."""
    known = [t for t in tensors if lifter.knows(t)]
    view = lifter.view(known[0])
    if len(known) == 1 and known[0] is tensors[-1]:
        layer, placed, axes = lifter.in_order(view)
        if (
            dim in axes
            and axes.index(dim) == 0
            and len(layer.output) == 2
            and all(_is_token(lifter, t, layer.output.channels) for t in tensors[:-1])
        ):
            for token in reversed(tensors[:-1]):
                layer = lifter.layer("class_token", [layer], (token,))
            return laid(layer, placed.dims, axes)
    return joined(lifter, [_standing(lifter, view, t, dim) for t in tensors], dim)


def _is_token(lifter: Lifter, value: Value, channels: int) -> bool:
    """Whether a tensor is a learned vector, of which nothing else is made."""
    leaves = leaves_of([value])
    alone = all(lifter.readers_of(leaf) == 1 and leaf.index not in lifter.owners for leaf in leaves)
    return bool(leaves) and count(value) == channels and alone


def _standing(lifter: Lifter, beside: Placement, value: Value, dim: int) -> Placement:
    """A tensor; one that depends on no input is a layer of its own, with the channels where those are of the
    tensor beside it, and the batch where its is."""
    if lifter.knows(value):
        return lifter.view(value)
    if any(
        has_batch(at) and not without_batch(at) and size != 1
        for at, size in zip(beside.dims, value.sizes, strict=True)
    ):
        raise UnliftedError("constants along the batch")
    axes = list(lifter.natural(beside)[2])
    missing = [n for n, size in enumerate(value.sizes) if n not in axes and size > 1]
    if missing or dim not in axes:
        axes = [n for n, at in enumerate(beside.dims) if without_batch(at) or not has_batch(at)]
    order = [n for n in axes if n < len(value.sizes)]
    shape = [value.sizes[n] for n in order]
    if sorted(order) == order:
        layer = lifter.constant(lifter.forced(beside.source), value, shape)
    else:
        # The layer has its values in the order of the tensor's axes; the channels are then moved to the end.
        plain = sorted(order)
        layer = lifter.constant(lifter.forced(beside.source), value, [value.sizes[n] for n in plain])
        below = laid(layer, beside.dims, plain)
        layer = lifter.arranged(below, [below.dims[n] for n in order])
    return laid(layer, beside.dims, order)


@rule("stack")
def stack(lifter: Lifter, operation: Operation) -> Placement:
    tensors = operation.arguments["tensors"]
    beside = lifter.view(next(t for t in tensors if lifter.knows(t)))
    views = [_standing(lifter, beside, t, -1) for t in tensors]
    dim = operation.arguments.get("dim", 0) % (len(views[0].dims) + 1)
    lead = views[0]
    layers = [lifter.in_order(lead)[0]]
    axes = lifter.in_order(lead)[2]
    for view in views[1:]:
        layers.append(lifter.arranged(view, [view.dims[n] for n in axes]))
    axis = sum([1 for n in axes if n < dim])
    made = lifter.layer("stack", layers, axis=axis)
    dims: list[Dim] = [(*[a for a in d if a.axis == BATCH],) for d in lead.dims]
    dims.insert(dim, ())
    order = [n if n < dim else n + 1 for n in axes]
    order.insert(axis, dim)
    return laid(made, dims, order)
