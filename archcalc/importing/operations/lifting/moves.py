"""Operations that move values: most of them are no layer, but another way to see one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..recording import Operation, Value
from .arranging import laid
from .given import UnliftedError
from .joining import joined
from .lifter import Lifter, first, rule
from .parts import chosen, narrowed
from .placements import BATCH, COPIES, Atom, Dim, Placement, filled, has_batch, size_of, without_batch


@rule(
    "view",
    "reshape",
    "_unsafe_view",
    "_reshape_alias",
    "flatten",
    "unflatten",
    "view_as",
    "reshape_as",
    "ravel",
)
def reshaped(lifter: Lifter, operation: Operation) -> Placement:
    return lifter.reshaped(lifter.view(first(operation)), operation.output.sizes)


@rule("squeeze", "unsqueeze")
def squeezed(lifter: Lifter, operation: Operation) -> Placement:
    view = lifter.view(first(operation))
    dims = list(view.dims)
    if operation.name == "unsqueeze":
        dim = operation.arguments["dim"]
        dims.insert(dim % (len(dims) + 1), ())
        return Placement(view.source, dims)
    asked = operation.arguments.get("dim")
    if asked is None:
        asked = [n for n, dim in enumerate(dims) if size_of(dim) == 1]
    asked = [n % len(dims) for n in (asked if isinstance(asked, (tuple, list)) else [asked])] if dims else []
    gone = [n for n in asked if size_of(dims[n]) == 1]
    batch = [atom for n in gone for atom in dims[n] if atom.axis == BATCH]
    left = [dim for n, dim in enumerate(dims) if n not in gone]
    if batch:
        left = [(*batch, *left[0]), *left[1:]] if left else [tuple(batch)]
        if len(left) != len(operation.output.sizes):
            raise UnliftedError("the batch taken away")
    return Placement(view.source, left)


@rule("permute", "transpose", "t", "movedim", "swapaxes", "adjoint", "numpy_T", "mT")
def permuted(lifter: Lifter, operation: Operation) -> Placement:
    view = lifter.view(first(operation))
    dims = list(view.dims)
    count_dims = len(dims)
    given = operation.arguments
    if operation.name == "permute":
        order = [n % count_dims for n in given["dims"]]
        return Placement(view.source, [dims[n] for n in order])
    if operation.name in ("transpose", "swapaxes", "t", "adjoint", "mT"):
        pair = [value for value in given.values() if isinstance(value, int)] or [-2, -1]
        one, two = (0, 1) if operation.name == "t" else pair
        if count_dims > 1:
            one, two = one % count_dims, two % count_dims
            dims[one], dims[two] = dims[two], dims[one]
        return Placement(view.source, dims)
    if operation.name == "numpy_T":
        return Placement(view.source, dims[::-1])
    source, target = (
        value if isinstance(value, (tuple, list)) else [value]
        for value in (given["source"], given["destination"])
    )
    moved = {t % count_dims: s % count_dims for s, t in zip(source, target, strict=True)}
    rest = iter([n for n in range(count_dims) if n not in moved.values()])
    return Placement(view.source, [dims[moved[n] if n in moved else next(rest)] for n in range(count_dims)])


@rule("expand", "expand_as", "broadcast_to")
def expanded(lifter: Lifter, operation: Operation) -> Placement:
    view = lifter.view(first(operation))
    sizes = operation.output.sizes
    view = filled(view, len(sizes))
    dims: list[Dim] = []
    for dim, size in zip(view.dims, sizes, strict=True):
        mine = size_of(dim)
        dims.append(dim if mine == size else (*dim, Atom(COPIES, 1, size)))
    return Placement(view.source, dims)


@rule("repeat", "tile")
def repeated(lifter: Lifter, operation: Operation) -> Placement:
    view = lifter.view(first(operation))
    times: Any = operation.arguments.get("repeats", operation.arguments.get("dims"))
    view = filled(view, len(times))
    dims: list[Dim] = []
    for dim, n in zip(view.dims, times, strict=True):
        if n == 1:
            dims.append(dim)
        elif size_of(dim) == 1:
            dims.append((*dim, Atom(COPIES, 1, n)))
        else:
            dims.append((Atom(COPIES, 1, n), *dim))
    return Placement(view.source, dims)


@rule("repeat_interleave")
def interleaved(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    times, dim = given.get("repeats"), given.get("dim")
    if not isinstance(times, int) or dim is None:
        raise UnliftedError("numbers of copies that differ")
    view = lifter.view(first(operation))
    dims = list(view.dims)
    dims[dim] = (*dims[dim], Atom(COPIES, 1, times))
    return Placement(view.source, dims)


# Parts ------------------------------------------------------------------------------------------


@rule("select")
def select(lifter: Lifter, operation: Operation) -> Placement:
    given, value = operation.arguments, first(operation)
    highest = lifter.ends.get(value.index)
    if highest is not None and given["dim"] % len(value.sizes) == 0:
        index = given["index"] % value.sizes[0] - (value.sizes[0] - highest.sizes[0])
        if index >= 0:
            return chosen(lifter, highest, 0, index)
    return chosen(lifter, lifter.view(value), given["dim"], given["index"])


@rule("slice")
def sliced(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    view = lifter.view(first(operation))
    dim = given.get("dim", 0) % len(view.dims)
    size = view.sizes[dim]
    start = given.get("start") or 0
    start = max(0, start + size) if start < 0 else min(start, size)
    number = operation.output.sizes[dim]
    if number == 0:
        raise UnliftedError("an empty part")
    return narrowed(lifter, view, dim, start, number, given.get("step", 1))


@rule("narrow")
def narrow(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    return narrowed(lifter, lifter.view(first(operation)), given["dim"], given["start"], given["length"])


@rule("chunk", "split", "split_with_sizes", "tensor_split", "unsafe_chunk", "unsafe_split")
def chunks(lifter: Lifter, operation: Operation) -> list[Placement]:
    view = lifter.view(first(operation))
    dim = operation.arguments.get("dim", 0) % len(view.dims)
    found, start = [], 0
    for output in operation.outputs:
        found.append(narrowed(lifter, view, dim, start, output.sizes[dim]))
        start += output.sizes[dim]
    return found


@rule("unbind")
def unbind(lifter: Lifter, operation: Operation) -> list[Placement]:
    view = lifter.view(first(operation))
    dim = operation.arguments.get("dim", 0) % len(view.dims)
    return [chosen(lifter, view, dim, index) for index in range(len(operation.outputs))]


@rule("roll")
def roll(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    view = lifter.view(first(operation))
    shifts, dims = given["shifts"], given["dims"]
    shifts = list(shifts) if isinstance(shifts, (tuple, list)) else [shifts]
    dims = [d % len(view.dims) for d in (dims if isinstance(dims, (tuple, list)) else [dims])]
    by_axis: dict[int, int] = {}
    for shift, dim in zip(shifts, dims, strict=True):
        parts = without_batch(view.dims[dim])
        if not parts:
            continue
        if len(parts) != 1 or parts[0].axis < 0 or parts != view.whole(parts[0].axis):
            view = lifter.natural(view)[1]
            parts = without_batch(view.dims[dim])
        if parts[0].axis == len(view.shape) - 1:
            # Channels that are rolled are two parts of them, side by side.
            size = size_of(parts)
            front = shift % size
            if front:
                cuts = [(size - front, front), (0, size - front)]
                view = joined(lifter, [narrowed(lifter, view, dim, *cut) for cut in cuts], dim)
            continue
        by_axis[parts[0].axis] = by_axis.get(parts[0].axis, 0) + shift
    if not by_axis:
        return view
    layer = lifter.forced(view.source)
    last = len(layer.output) - 1
    made = lifter.layer("roll", [layer], shift=tuple([by_axis.get(axis, 0) for axis in range(last)]))
    return view.on(made)


@rule("flip")
def flip(lifter: Lifter, operation: Operation) -> Placement:
    view = lifter.view(first(operation))
    for dim in operation.arguments["dims"]:
        parts = without_batch(view.dims[dim % len(view.dims)])
        if not parts:
            continue
        if len(parts) != 1 or parts != view.whole(parts[0].axis):
            raise UnliftedError("a part of an axis that is flipped")
        layer = lifter.forced(view.source)
        view = view.on(lifter.layer("flip", [layer], axis=parts[0].axis))
    return view


@rule("index_select", "gather", "take_along_dim")
def gathered(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    value = first(operation)
    if not lifter.knows(value):
        raise UnliftedError("positions of a constant")
    layer, placed, axes = lifter.natural(lifter.view(value))
    dim = given["dim"] % len(value.sizes)
    if dim not in axes:
        raise UnliftedError("positions of the batch")
    axis = axes.index(dim)
    made = lifter.layer("gather", [layer], count=operation.output.sizes[dim], axis=axis)
    return laid(made, placed.dims, axes)


@rule("index")
def indexed(lifter: Lifter, operation: Operation) -> Placement:
    value = first(operation)
    indices = list(operation.arguments["indices"])
    places = [n for n, index in enumerate(indices) if index is not None]
    if lifter.knows(value) and places == [0, 1] and _one_of_each(lifter, value, indices):
        # One position of each element of the batch, such as the last word of a sentence.
        layer, placed, axes = lifter.natural(lifter.view(value))
        made = lifter.layer("gather", [layer], count=1, axis=axes.index(1))
        found = laid(made, placed.dims, axes)
        return Placement(found.source, [(*found.dims[0], *found.dims[1]), *found.dims[2:]])
    if not lifter.knows(value) or len(places) != 1 or len(indices[places[0]].sizes) != 1:
        raise UnliftedError("positions by several tensors")
    layer, placed, axes = lifter.natural(lifter.view(value))
    if places[0] not in axes:
        raise UnliftedError("positions of the batch")
    axis = axes.index(places[0])
    made = lifter.layer("gather", [layer], count=operation.output.sizes[places[0]], axis=axis)
    return laid(made, placed.dims, axes)


def _one_of_each(lifter: Lifter, value: Value, indices: Sequence[Value]) -> bool:
    """Whether the first index counts the elements of the batch, and the second says a position of each."""
    batch = lifter.view(value).dims[0]
    counts = not lifter.knows(indices[0]) and all(at.sizes == (1,) for at in indices[:2])
    return counts and has_batch(batch) and not without_batch(batch)
