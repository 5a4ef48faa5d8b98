"""Windows that are laid out as channels, and put back into their places."""

from __future__ import annotations

from ....ops.attributes import Size
from ..recording import Operation, Value
from .given import UnliftedError
from .lifter import Lifter, first, rule
from .placements import BATCH, Atom, Dim, Placement, size_of, without_batch
from .windows import in_front, moved, numbers


@rule("im2col")
def im2col(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    layer, placed = lifter.as_map(lifter.view(first(operation)), 2)
    made = lifter.layer(
        "im2col",
        [layer],
        kernel=tuple(given["kernel_size"]),
        stride=tuple(given["stride"]),
        pad=tuple(given["padding"]),
        dilation=tuple(given["dilation"]),
    )
    # PyTorch has the windows in one axis, behind the values of a window.
    below = Placement(made, ())
    last = len(made.output) - 1
    windows = [atom for axis in range(last) for atom in below.whole(axis)]
    return Placement(made, [placed.dims[0], below.whole(last), tuple(windows)])


@rule("unfold")
def unfolded(lifter: Lifter, operation: Operation) -> Placement:
    """Windows along one axis, whose values stand along a new axis behind all others."""
    given = operation.arguments
    view = lifter.view(first(operation))
    dim, size, step = given["dimension"] % len(view.dims), given["size"], given["step"]
    if not without_batch(view.dims[dim]):
        raise UnliftedError("windows along an axis of one position")
    last = len(view.shape) - 1
    inside = [n for n, at in enumerate(view.dims) if n != dim and any(atom.axis == last for atom in at)]
    inside.sort(key=lambda n: -max(atom.step for atom in view.dims[n]))
    axes = [n for n, at in enumerate(view.dims) if n not in inside and (without_batch(at) or n == dim)]
    channels = [without_batch(view.dims[n]) for n in inside]
    layer = lifter.arranged(view, [*[view.dims[n] for n in axes], tuple([a for at in channels for a in at])])
    kernel = [size if n == dim else 1 for n in axes]
    stride = [step if n == dim else 1 for n in axes]
    made = lifter.layer("im2col", [layer], kernel=tuple(kernel), stride=tuple(stride))
    below = Placement(made, ())
    # The values of a window stand behind one another for each channel.
    end = len(axes)
    dims: list[Dim] = [tuple([atom for atom in at if atom.axis == BATCH]) for at in view.dims]
    for place, n in enumerate(axes):
        dims[n] = (*dims[n], *below.whole(place))
    behind = size
    for n, at in reversed(list(zip(inside, channels, strict=True))):
        dims[n] = (*dims[n], Atom(end, behind, size_of(at)))
        behind *= size_of(at)
    return Placement(made, [*dims, (Atom(end, 1, size),)])


@rule("col2im")
def col2im(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    view = lifter.view(first(operation))
    size, kernel, stride, rim, dilation = (
        numbers(given[name], 2) for name in ("output_size", "kernel_size", "stride", "padding", "dilation")
    )
    places = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size, kernel, stride, rim, dilation, strict=True)
    ]
    windows = lifter.reshaped(view, [*view.sizes[:-1], *places])
    layer, placed = lifter.as_map(windows, 2)
    made = lifter.layer(
        "col2im", [layer], size=Size(size), kernel=kernel, stride=stride, pad=rim, dilation=dilation
    )
    return moved(made, placed, 2)


@rule("max_unpool2d", "max_unpool3d")
def max_unpool(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    axes = int(operation.name[10])
    indices: Value = given["indices"]
    pool = indices.operation
    if pool is None or not pool.name.startswith("max_pool"):
        raise UnliftedError("places that are from no pool")
    layer, placed = lifter.as_map(lifter.view(first(operation)), axes)
    total = len(layer.output)
    kernel = numbers(pool.arguments["kernel_size"], axes)
    stride = numbers(pool.arguments["stride"], axes) if pool.arguments.get("stride") else kernel
    made = lifter.layer(
        "max_unpool",
        [layer],
        kernel=in_front(total, axes, 1, kernel),
        stride=in_front(total, axes, 1, stride),
        pad=in_front(total, axes, 0, numbers(pool.arguments["padding"], axes)),
        size=(*layer.output[: total - 1 - axes], *numbers(given["output_size"], axes)),
    )
    return moved(made, placed, axes)
