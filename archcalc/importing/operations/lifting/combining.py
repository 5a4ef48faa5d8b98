"""Operations on the values of several tensors one by one, and on a tensor and what depends on no input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....graph import Layer
from ..recording import PARAMETER, Operation, Value
from .arranging import laid
from .given import UnliftedError, count, fraction, leaves_of
from .lifter import Lifter, first, rule
from .placements import (
    BATCH,
    COPIES,
    Atom,
    Dim,
    Placement,
    filled,
    has_batch,
    parts_along,
    size_of,
    without_batch,
)
from .pointwise import each

# Functions of two, by the name of the operation: the name, and that of the same with the sides changed.
OF_TWO = {
    "sub": ("sub", "rsub"),
    "rsub": ("rsub", "sub"),
    "div": ("div", "rdiv"),
    "true_divide": ("div", "rdiv"),
    "floor_divide": ("floor_div", None),
    "pow": ("pow", "rpow"),
    "maximum": ("max", "max"),
    "minimum": ("min", "min"),
    "remainder": ("mod", None),
    "fmod": ("fmod", None),
    "atan2": ("atan2", None),
    "eq": ("eq", "eq"),
    "ne": ("ne", "ne"),
    "lt": ("lt", "gt"),
    "le": ("le", "ge"),
    "gt": ("gt", "lt"),
    "ge": ("ge", "le"),
    "logical_and": ("and", "and"),
    "logical_or": ("or", "or"),
    "logical_xor": ("xor", "xor"),
    "bitwise_and": ("and", "and"),
    "bitwise_or": ("or", "or"),
}

# Those whose sides may change places.
EITHER_WAY = frozenset(("add", "mul", "max", "min", "eq", "ne", "and", "or", "xor"))


def number_of(value: Any) -> int | float | None:
    """The number that an argument is; None for a tensor of which nothing is known."""
    if isinstance(value, Value):
        return value.number if count(value) == 1 and not leaves_of([value]) else None
    return None if isinstance(value, bool) else value


@rule("add", "mul", *OF_TWO)
def of_two(lifter: Lifter, operation: Operation) -> Placement:
    given = list(operation.arguments.values())
    one, two = given[0], given[1]
    alpha = operation.arguments.get("alpha", 1)
    rounding = operation.arguments.get("rounding_mode")
    name = operation.name
    if rounding is not None:
        if rounding != "floor":
            raise UnliftedError(f"a division that rounds ({rounding})")
        name = "floor_divide"
    if alpha != 1:
        if isinstance(two, Value) or not isinstance(alpha, (int, float)):
            raise UnliftedError("a sum with a factor")
        two = two * alpha
    function, swapped = (name, name) if name in ("add", "mul") else OF_TWO[name]
    if lifter.knows(one) and not lifter.knows(two):
        return _with(lifter, operation, one, two, function)
    if lifter.knows(two) and not lifter.knows(one) and swapped is not None:
        return _with(lifter, operation, two, one, swapped)
    return combined(lifter, operation, function, [one, two])


def _with(lifter: Lifter, operation: Operation, one: Value, other: Any, function: str) -> Placement:
    """A tensor that depends on an input, and what does not."""
    view = lifter.view(one)
    number = number_of(other)
    if number is not None and operation.output.sizes == one.sizes:
        exact = fraction(float(number)) if isinstance(number, float) else number
        if (function, exact) in (("add", 0), ("sub", 0), ("mul", 1), ("div", 1), ("pow", 1)):
            return view
        if function == "mul":
            return each(lifter, view, "times", factor=exact)
        return each(lifter, view, "map", function=function, a=exact)
    if not isinstance(other, Value):
        raise UnliftedError(f"{operation.target} with {other!r}")
    if operation.output.sizes == one.sizes and function in ("add", "sub", "mul", "div"):
        leaves = leaves_of([other])
        alone = len(leaves) == 1 and leaves[0].kind == PARAMETER and count(leaves[0]) == count(other)
        if not alone:
            return _computed(lifter, view, other, function)
        mark = lifter.mark()
        try:
            made = _learned(lifter, view, other, function) if function in ("add", "mul") else None
        except UnliftedError:
            lifter.back(mark)  # another layer has it, with other axes
            made = None
        if made is not None:
            return made
    sides = (
        [other, one] if function.startswith("r") and function[1:] in ("sub", "div", "pow") else [one, other]
    )
    return combined(lifter, operation, function[1:] if sides[0] is other else function, sides)


def _learned(lifter: Lifter, view: Placement, other: Value, function: str) -> Placement | None:
    """A learned vector of the channels, one value, or one per value."""
    word = "bias" if function == "add" else "scale"
    dims = [n for n, size in enumerate(_aligned(other, len(view.dims))) if size > 1]
    if not dims:
        layer, placed = _as_it_lies(lifter, view)
        return placed.on(lifter.layer(word, [layer], (other,), per="single"))
    if len(dims) == 1 and size_of(without_batch(view.dims[dims[0]])) == other.sizes[dims[0] - len(view.dims)]:
        channels = without_batch(view.dims[dims[0]])
        if channels == view.whole(len(view.shape) - 1) or len(view.shape) == 1 or function == "mul":
            layer, placed = lifter.with_channels(view, dims[0])
            return placed.on(lifter.layer(word, [layer], (other,)))
    everything = count(other) == view.shape.values and lifter.covers(view)
    if function == "add" and everything and len(view.shape) > 1:
        layer = lifter.forced(view.source)
        return view.on(lifter.layer("positions", [layer], (other,)))
    return None


def _computed(lifter: Lifter, view: Placement, other: Value, function: str) -> Placement:
    """A tensor that is computed, or taken from tables: what it is made of is the layer's."""
    layer, placed = _as_it_lies(lifter, view)
    word = "scale"
    if function in ("add", "sub"):
        word = "positions" if len(layer.output) > 1 else "bias"
    return placed.on(lifter.layer(word, [layer], (other,), fixed=True))


def _aligned(other: Value, dims: int) -> tuple[int, ...]:
    """The sizes of a tensor, with ones in front for the axes it lacks."""
    return (1,) * (dims - len(other.sizes)) + other.sizes


def _as_it_lies(lifter: Lifter, view: Placement) -> tuple[Layer, Placement]:
    """A layer with all values of a tensor, and the tensor over it."""
    if view.complete and lifter.covers(view):
        layer = lifter.forced(view.source)
        return layer, view.on(layer)
    layer, placed, _ = lifter.natural(view)
    return layer, placed


# Several tensors ----------------------------------------------------------------------------------


def combined(lifter: Lifter, operation: Operation, function: str, operands: Sequence[Any]) -> Placement:
    """A function of the tensors and numbers of an operation; see ``met``."""
    found = [lifter.view(v) if lifter.knows(v) else v for v in operands]
    return met(lifter, function, found, operation.output.sizes)


def met(lifter: Lifter, function: str, operands: Sequence[Any], sizes: Sequence[int]) -> Placement:
    """A function of several tensors, or of tensors and numbers, which meet by broadcasting.

    Where one of them has the shape of the output, all lie as that one does; otherwise all are brought into
    the order of the tensor's axes.
    """
    views = [filled(v, len(sizes)) if isinstance(v, Placement) else None for v in operands]
    sizes = tuple(sizes)
    for lead in views:
        if lead is None or lead.sizes != sizes or not lead.complete or not lifter.covers(lead):
            continue
        mark = lifter.mark()
        found = [_beside(lifter, lead, operand, view) for operand, view in zip(operands, views, strict=True)]
        if all(layer is not None for layer in found):
            layer = lifter.forced(lead.source)
            made = _met(lifter, function, [at for at in found if at is not None])
            if made.output == layer.output:
                return lead.on(made)
        lifter.back(mark)
    return _in_order(lifter, function, operands, views, sizes)


def _met(lifter: Lifter, function: str, layers: Sequence[Layer]) -> Layer:
    if function in ("add", "mul"):
        mark = lifter.mark()
        try:
            return lifter.layer(function, layers)
        except UnliftedError:
            lifter.back(mark)
    return lifter.layer("map", layers, function=function)


def _beside(lifter: Lifter, lead: Placement, operand: Any, view: Placement | None) -> Layer | None:
    """A layer of an operand that meets the layer of another by broadcasting; None if there is none."""
    if view is lead:
        return lifter.forced(lead.source)
    if view is not None:
        return _conformed(lifter, lead, view)
    shape = [1] * len(lead.shape)
    if isinstance(operand, Value):
        whole: dict[int, set[bool]] = {}
        for dim, size in zip(lead.dims, _aligned(operand, len(lead.dims)), strict=True):
            rest = without_batch(dim)
            if size not in (1, size_of(rest)):
                return None
            for atom in rest:
                whole.setdefault(atom.axis, set()).add(size > 1)
        if any(len(found) > 1 for found in whole.values()):
            return None
        shape = [size if True in whole.get(axis, ()) else 1 for axis, size in enumerate(lead.shape)]
        return lifter.constant(lifter.forced(lead.source), operand, shape)
    return lifter.plain_constant(lifter.forced(lead.source), shape)


def _conformed(lifter: Lifter, one: Placement, two: Placement) -> Layer | None:
    """A layer of the second that fits to that of the first by broadcasting over the axes of the first as they
    lie; None where there is no such."""
    shape = one.shape
    # Of the second: along each axis of the tensor all of it, or one position.
    mine: list[Dim] = []
    theirs: list[Dim] = []
    for a, b in zip(one.dims, two.dims, strict=True):
        a, b = without_batch(a), tuple([atom for atom in without_batch(b) if atom.axis != COPIES])
        if not b:
            continue
        if size_of(a) != size_of(b):
            return None
        mine.append(a)
        theirs.append(b)
    groups = parts_along(shape, mine, theirs)
    if groups is None:
        return None
    if size_of([a for g in groups for a in g]) != two.shape.values:
        return None
    while len(groups) > 1 and not groups[0] and len(two.shape) < len(groups):
        groups = groups[1:]
    return lifter.arranged(two, groups)


def _in_order(
    lifter: Lifter,
    function: str,
    operands: Sequence[Any],
    views: Sequence[Placement | None],
    sizes: Sequence[int],
) -> Placement:
    """All operands with the axes of the tensor in their order, ones where one of them has no positions."""
    known = [view for view in views if view is not None]
    batch = [any(has_batch(view.dims[n]) for view in known) for n in range(len(sizes))]
    axes = [n for n, size in enumerate(sizes) if size > 1 or not batch[n]]
    layers = []
    beside = lifter.forced(known[0].source)
    for operand, view in zip(operands, views, strict=True):
        if view is not None:
            groups = [_spread_out(view.dims[n]) for n in axes]
            layers.append(lifter.arranged(view, groups))
        elif isinstance(operand, Value):
            aligned = _aligned(operand, len(sizes))
            layers.append(lifter.constant(beside, operand, [aligned[n] for n in axes]))
        else:
            layers.append(lifter.plain_constant(beside, [1] * max(len(axes), 1)))
    made = _met(lifter, function, layers)
    return laid(made, [((Atom(BATCH, 1, 1),) if has else ()) for has in batch], axes)


def _spread_out(dim: Dim) -> Dim:
    """An axis without copies, where it is nothing but copies: it meets the others as one position."""
    rest = tuple([atom for atom in without_batch(dim) if atom.axis != COPIES])
    return rest if size_of(rest) == 1 else dim


@rule("where")
def where(lifter: Lifter, operation: Operation) -> Placement:
    return combined(lifter, operation, "where", list(operation.arguments.values())[:3])


@rule("masked_fill")
def masked_fill(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    return combined(lifter, operation, "where", [given["mask"], given["value"], first(operation)])


@rule("addcmul", "addcdiv")
def with_product(lifter: Lifter, operation: Operation) -> Placement:
    given = list(operation.arguments.values())
    if operation.arguments.get("value", 1) != 1:
        raise UnliftedError("a product with a factor that is added")
    return combined(lifter, operation, operation.name, given[:3])


@rule("hardtanh", "clamp", "clamp_min", "clamp_max")
def clamp(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    low: Any = given.get("min_val", given.get("min"))
    high: Any = given.get("max_val", given.get("max"))
    if isinstance(low, Value) and isinstance(high, Value):
        return combined(lifter, operation, "clamp", [first(operation), low, high])
    if isinstance(low, Value) or isinstance(high, Value):
        bound, function = (low, "max") if isinstance(low, Value) else (high, "min")
        return combined(lifter, operation, function, [first(operation), bound])
    view = lifter.view(first(operation))
    if (low, high) == (0, 6):
        return each(lifter, view, "relu6")
    if (low, high) == (0, None):
        return each(lifter, view, "relu")
    if low is None:
        return each(lifter, view, "map", function="min", a=fraction(float(high)))
    if high is None:
        return each(lifter, view, "map", function="max", a=fraction(float(low)))
    return each(lifter, view, "map", function="clamp", a=fraction(float(low)), b=fraction(float(high)))
