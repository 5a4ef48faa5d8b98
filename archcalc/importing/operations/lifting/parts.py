"""Parts of a tensor along one of its axes."""

from __future__ import annotations

from ....graph import Layer
from .given import UnliftedError
from .lifter import Lifter
from .placements import BATCH, Atom, Cut, Placement, size_of, without_batch


def narrowed(lifter: Lifter, view: Placement, dim: int, start: int, number: int, step: int = 1) -> Placement:
    """Positions ``start`` to ``start + number - 1`` of an axis of a tensor."""
    dim %= len(view.dims)
    parts = without_batch(view.dims[dim])
    size = size_of(parts)
    if number == size and step == 1:
        return view
    if start >= size and size == 1:
        raise UnliftedError("a part of the batch")
    if step == 1 and len(parts) >= 1 and parts[0].axis >= 0:
        # A stretch of the outermost part of the axis that the layer begins its axis with.
        outer = parts[0]
        inner = size // outer.size
        axis = outer.axis
        if start % inner == 0 and number % inner == 0 and outer.step * outer.size == view.shape[axis]:
            part = _cut(lifter, view, axis, start // inner * outer.step, number // inner * outer.step)
            last = Atom(axis, outer.step, number // inner)
            dims = [
                tuple([last if atom == outer else atom for atom in d]) if n == dim else d
                for n, d in enumerate(view.dims)
            ]
            return Placement(part, dims)
    layer, placed, axes = lifter.natural(view)
    if dim not in axes:
        raise UnliftedError("a part of the batch")
    axis = axes.index(dim)
    made: Layer | Cut
    if step == 1:
        made = _cut(lifter, Placement(layer, placed.dims), axis, start, number)
    else:
        made = lifter.layer(
            "slice", [layer], start=start, stop=start + (number - 1) * step + 1, step=step, axis=axis
        )
    below = Placement(made, ())
    dims = [
        (*[a for a in d if a.axis == BATCH], *below.whole(axes.index(n))) if n in axes else d
        for n, d in enumerate(placed.dims)
    ]
    return Placement(made, dims)


def _cut(lifter: Lifter, view: Placement, axis: int, start: int, number: int) -> Cut:
    source = view.source
    if isinstance(source, Cut):
        if source.axis == axis:
            return Cut(source.layer, axis, source.start + start, number)
        source = lifter.forced(source)
    return Cut(source, axis, start, number)


def chosen(lifter: Lifter, view: Placement, dim: int, index: int) -> Placement:
    """One position of an axis, which goes away."""
    dim %= len(view.dims)
    size = view.sizes[dim]
    index %= size
    parts = without_batch(view.dims[dim])
    if size == 1:
        batch = [atom for atom in view.dims[dim] if atom.axis == BATCH]
        left = [d for n, d in enumerate(view.dims) if n != dim]
        if batch:
            raise UnliftedError("one element of the batch")
        return Placement(view.source, left)
    if (
        len(parts) == 1
        and parts[0].axis >= 0
        and parts[0].step == 1
        and parts[0].size == view.shape[parts[0].axis]
    ):
        axis = parts[0].axis
        if len(view.shape) > 1:
            layer = lifter.forced(view.source)
            made = lifter.kept(
                ("select", layer, axis, index),
                lambda: lifter.layer("select", [layer], index=index, axis=axis),
            )
            left = [
                tuple([Atom(a.axis - 1, a.step, a.size) if a.axis > axis else a for a in d])
                for n, d in enumerate(view.dims)
                if n != dim
            ]
            return Placement(made, left)
    found = narrowed(lifter, view, dim, index, 1)
    return Placement(found.source, [d for n, d in enumerate(found.dims) if n != dim])
