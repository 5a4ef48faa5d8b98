"""Operations that archcalc has no layer for: each becomes one of its own kind, with the shape of PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

from ....ops.attributes import Size
from ....ops.stated import format_tensors
from ..recording import BUFFER, PARAMETER, Operation, Value
from .given import UnliftedError, free
from .lifter import Lifter
from .multiply_adds import multiply_adds
from .placements import ONE_BATCH, Dim, Placement, has_batch


def opaque(lifter: Lifter, operation: Operation, why: str) -> Sequence[Placement | None]:
    """A layer for an operation, and the tensors that it puts out over it."""
    known = [value for value in operation.inputs if lifter.knows(value)]
    if not known:
        raise UnliftedError(f"{operation.target} reads nothing that holds values of an input")
    views = [lifter.placements[value.index] for value in known]
    inputs = list(dict.fromkeys(lifter.forced(view.source) for view in views))
    others = [value for value in operation.inputs if not lifter.knows(value)]
    fresh = lifter.fresh(others)
    batched = any(has_batch(dim) for view in views for dim in view.dims)
    macs = multiply_adds(operation)
    found: list[Placement | None] = []
    # What it holds and costs stands in the first output that something reads: others leave no layer behind.
    kept = [n for n, value in enumerate(operation.outputs) if all(value.sizes)]
    main = next((n for n in kept if operation.outputs[n].index in lifter.read), kept[0] if kept else 0)
    for number, value in enumerate(operation.outputs):
        if not all(value.sizes):
            found.append(None)  # it holds no values: there is nothing to count, and nothing to hand on
            continue
        sizes, batch = _sizes(value, views if batched else [])
        attributes: dict[str, object] = {"operation": operation.target, "shape": Size(sizes)}
        if number == main:
            if macs is not None:
                attributes["macs"] = macs
                prepared = lifter.prepared_macs(others)
                if prepared:
                    attributes["extra_macs"] = prepared
            learned = _text(lifter, [leaf for leaf in fresh if leaf.kind == PARAMETER])
            buffers = _text(lifter, [leaf for leaf in fresh if leaf.kind == BUFFER])
            if learned:
                attributes["tensors"] = learned
            if buffers:
                attributes["buffers"] = buffers
        else:
            attributes["macs"] = 0
        if operation.view:
            attributes["storage"] = "view"
        made = lifter.layer("opaque", inputs, tuple(fresh) if number == main else (), **attributes)
        below = Placement(made, ())
        axes = iter(range(len(made.output)))
        dims: list[Dim] = []
        for n in range(len(value.sizes)):
            dims.append((ONE_BATCH,) if n == batch else below.whole(next(axes)))
        found.append(Placement(made, dims))
    if not found:
        raise UnliftedError(f"{operation.target} puts out nothing")
    return found


def _sizes(value: Value, views: Sequence[Placement]) -> tuple[list[int], int | None]:
    """The sizes of a tensor without the batch, and the axis that the batch stands along."""
    sizes = list(value.sizes)
    batch = None
    if value.at_two is not None:
        changed = [n for n, (a, b) in enumerate(zip(sizes, value.at_two, strict=True)) if a != b]
        batch = changed[0] if changed and sizes[changed[0]] == 1 else None
    elif views:
        lead = next((n for n, dim in enumerate(views[0].dims) if dim == (ONE_BATCH,)), None)
        if lead is not None and lead < len(sizes) and sizes[lead] == 1:
            batch = lead
        elif sizes and sizes[0] == 1:
            batch = 0
    if batch is not None:
        sizes = [size for n, size in enumerate(sizes) if n != batch]
    return sizes or [1], batch


def _text(lifter: Lifter, leaves: Sequence[Value]) -> str:
    """Tensors with their sizes: ``weight=64x3x7x7 bias=64``."""
    found: dict[str, tuple[int, ...]] = {}
    for leaf in leaves:
        found[free(lifter.within(leaf), found)] = leaf.sizes
    return format_tensors(found)
