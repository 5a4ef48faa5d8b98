"""Operations on each value by itself, and on the values of two tensors one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....graph import Layer
from ..recording import PARAMETER, Operation, Value
from .lifter import Lifter, UnliftedError, count, first, fraction, laid, leaves_of, rule
from .placements import COPIES, Dim, Placement, filled, has_batch, refined, size_of, without_batch

# Operations that a layer of the same word is.
SAME = {
    "relu": "relu",
    "relu6": "relu6",
    "selu": "selu",
    "silu": "silu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "hardswish": "hardswish",
    "hardsigmoid": "hardsigmoid",
    "mish": "mish",
    "log_sigmoid": "logsigmoid",
    "softsign": "softsign",
}

# Functions of `map`, by the name of the operation.
FUNCTIONS = {
    **{name: name for name in ("neg", "abs", "exp", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "sin")},
    **{
        name: name for name in ("cos", "tan", "erf", "floor", "ceil", "round", "sign", "reciprocal", "square")
    },
    **{name: name for name in ("expm1", "exp2", "asin", "acos", "atan", "sinh", "cosh", "trunc", "frac")},
    **{name: name for name in ("logical_not", "isnan", "isinf", "sinc", "erfinv", "lgamma")},
}
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
    "fmod": ("mod", None),
    "atan2": ("atan2", None),
    "eq": ("eq", "eq"),
    "ne": ("ne", "ne"),
    "lt": ("lt", "gt"),
    "le": ("le", "ge"),
    "gt": ("gt", "lt"),
    "ge": ("ge", "le"),
    "logical_and": ("and", "and"),
    "logical_or": ("or", "or"),
    "bitwise_and": ("and", "and"),
    "bitwise_or": ("or", "or"),
}


def each(lifter: Lifter, view: Placement, name: str, **attributes: Any) -> Placement:
    """A layer that treats every value by itself."""
    if not view.complete or not lifter.covers(view):
        layer, placed, _ = lifter.in_order(view)
        return placed.on(lifter.layer(name, [layer], **attributes))
    layer = lifter.forced(view.source)
    return view.on(lifter.layer(name, [layer], **attributes))


@rule(*SAME)
def same(lifter: Lifter, operation: Operation) -> Placement:
    return each(lifter, lifter.view(first(operation)), SAME[operation.name])


@rule(*FUNCTIONS)
def function(lifter: Lifter, operation: Operation) -> Placement:
    return each(lifter, lifter.view(first(operation)), "map", function=FUNCTIONS[operation.name])


@rule("gelu")
def gelu(lifter: Lifter, operation: Operation) -> Placement:
    approximate = operation.arguments.get("approximate", "none")
    extra = {} if approximate == "none" else {"approximate": approximate}
    return each(lifter, lifter.view(first(operation)), "gelu", **extra)


@rule("leaky_relu")
def leaky_relu(lifter: Lifter, operation: Operation) -> Placement:
    slope = fraction(float(operation.arguments["negative_slope"]))
    return each(lifter, lifter.view(first(operation)), "leaky_relu", slope=slope)


@rule("elu")
def elu(lifter: Lifter, operation: Operation) -> Placement:
    if operation.arguments.get("scale", 1) != 1:
        raise UnliftedError("a scaled ELU")
    return each(
        lifter, lifter.view(first(operation)), "elu", alpha=fraction(float(operation.arguments["alpha"]))
    )


@rule("celu")
def celu(lifter: Lifter, operation: Operation) -> Placement:
    return each(
        lifter, lifter.view(first(operation)), "celu", alpha=fraction(float(operation.arguments["alpha"]))
    )


@rule("hardtanh", "clamp", "clamp_min", "clamp_max")
def clamp(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    low: Any = given.get("min_val", given.get("min"))
    high: Any = given.get("max_val", given.get("max"))
    if isinstance(low, Value) or isinstance(high, Value):
        raise UnliftedError("bounds that are tensors")
    view = lifter.view(first(operation))
    if (low, high) == (0, 6):
        return each(lifter, view, "relu6")
    if (low, high) == (0, None):
        return each(lifter, view, "relu")
    if operation.name == "hardtanh" and (low, high) == (-1, 1):
        return each(lifter, view, "hardtanh")
    if low is None:
        return each(lifter, view, "map", function="min", number=fraction(float(high)))
    if high is None:
        return each(lifter, view, "map", function="max", number=fraction(float(low)))
    return each(lifter, view, "map", function="clamp", number=fraction(float(low)), to=fraction(float(high)))


@rule("softplus")
def softplus(lifter: Lifter, operation: Operation) -> Placement:
    return each(lifter, lifter.view(first(operation)), "softplus")


@rule("dropout", "feature_dropout", "alpha_dropout", "native_dropout")
def dropout(lifter: Lifter, operation: Operation) -> list[Placement]:
    view = lifter.view(first(operation))
    p = fraction(float(operation.arguments["p"]))
    if not p or p >= 1:
        return [view] * len(operation.outputs)
    return [each(lifter, view, "dropout", p=p)] * len(operation.outputs)


@rule("prelu", "_prelu_kernel")
def prelu(lifter: Lifter, operation: Operation) -> Placement:
    weight: Value = operation.arguments["weight"]
    view = lifter.view(first(operation))
    if count(weight) == 1:
        layer, placed = (
            (view.source, view) if lifter.covers(view) and view.complete else lifter.in_order(view)[:2]
        )
        layer = lifter.forced(layer)
        return placed.on(lifter.layer("prelu", [layer], (weight,), shared=True))
    layer, placed = lifter.with_channels(view, 1)
    return placed.on(lifter.layer("prelu", [layer], (weight,)))


@rule("softmax", "_softmax", "log_softmax", "_log_softmax")
def softmax(lifter: Lifter, operation: Operation) -> Placement:
    layer, placed = lifter.with_channels(lifter.view(first(operation)), operation.arguments["dim"])
    return placed.on(lifter.layer("log_softmax" if "log" in operation.name else "softmax", [layer]))


@rule("glu")
def glu(lifter: Lifter, operation: Operation) -> Placement:
    dim = operation.arguments["dim"]
    layer, placed = lifter.with_channels(lifter.view(first(operation)), dim)
    made = lifter.layer("glu", [layer])
    dims = list(placed.dims)
    dims[dim] = Placement(made, ()).whole(len(made.output) - 1)
    return Placement(made, dims)


# Two tensors --------------------------------------------------------------------------------------


def number_of(value: Any) -> int | float | None:
    """The number that an argument is; None for a tensor of which nothing is known."""
    if isinstance(value, Value):
        return value.number if count(value) == 1 and not leaves_of([value]) else None
    return None if isinstance(value, bool) else value


@rule("add", "sub", "rsub", "mul", "div", *OF_TWO)
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
    if not lifter.knows(one):
        swapped = name if name in ("add", "mul") else (OF_TWO[name][1])
        if swapped is None or not lifter.knows(two):
            raise UnliftedError(f"{operation.target} of no input")
        return _with(lifter, operation, two, one, swapped if name in ("add", "mul") else f"={swapped}")
    if lifter.knows(two):
        return _of_tensors(lifter, lifter.view(one), lifter.view(two), name)
    return _with(lifter, operation, one, two, name if name in ("add", "mul") else f"={OF_TWO[name][0]}")


def _with(lifter: Lifter, operation: Operation, one: Value, other: Any, name: str) -> Placement:
    """A tensor that depends on an input, and what does not."""
    view = lifter.view(one)
    number = number_of(other)
    function = name.lstrip("=")
    if number is not None:
        exact = fraction(float(number)) if isinstance(number, float) else number
        if (function, exact) in (("add", 0), ("sub", 0), ("mul", 1), ("div", 1), ("pow", 1)):
            return view
        if function == "mul":
            return each(lifter, view, "times", factor=exact)
        return each(lifter, view, "map", function=function, number=exact)
    if not isinstance(other, Value):
        raise UnliftedError(f"{operation.target} with {other!r}")
    leaves = leaves_of([other])
    if operation.output.sizes != one.sizes:
        raise UnliftedError("a constant that is larger than what it meets")
    learned = [leaf for leaf in leaves if leaf.kind == PARAMETER]
    if len(leaves) == 1 and learned and function in ("add", "mul") and count(learned[0]) == count(other):
        made = _learned(lifter, view, other, function)
        if made is not None:
            return made
    return _constant(lifter, view, other, function)


def _learned(lifter: Lifter, view: Placement, other: Value, function: str) -> Placement | None:
    """A learned vector of the channels, one value, or one per value."""
    dims = [n for n, size in enumerate(_aligned(other, view)) if size > 1]
    if not dims:
        layer, placed = _plain(lifter, view)
        per = {"add": "bias", "mul": "scale"}[function]
        return placed.on(lifter.layer(per, [layer], (other,), per="single"))
    if len(dims) == 1 and size_of(without_batch(view.dims[dims[0]])) == other.sizes[dims[0] - len(view.dims)]:
        channels = without_batch(view.dims[dims[0]])
        if channels == view.whole(len(view.shape) - 1) or len(view.shape) == 1 or function == "mul":
            layer, placed = lifter.with_channels(view, dims[0])
            return placed.on(lifter.layer("bias" if function == "add" else "scale", [layer], (other,)))
    if (
        function == "add"
        and count(other) == view.shape.values
        and lifter.covers(view)
        and len(view.shape) > 1
    ):
        layer = lifter.forced(view.source)
        return view.on(lifter.layer("positions", [layer], (other,)))
    return None


def _constant(lifter: Lifter, view: Placement, other: Value, function: str) -> Placement:
    """A tensor that depends on no input as a layer of its own, which meets the other by broadcasting."""
    layer, placed, axes = lifter.in_order(view)
    sizes = _aligned(other, view)
    shape = [sizes[n] for n in axes]
    stated = leaves_of([other])
    if function in ("add", "sub", "mul", "div") and (len(stated) != 1 or count(stated[0]) != count(other)):
        # Computed, or taken from tables: what it is made of is the layer's.
        spread = len(layer.output) > 1 and function in ("add", "sub")
        word = "positions" if spread else "bias" if function in ("add", "sub") else "scale"
        return placed.on(lifter.layer(word, [layer], (other,), fixed=True))
    if not stated and function not in ("max", "min", "eq", "ne", "lt", "le", "gt", "ge", "and", "or"):
        return placed.on(lifter.layer("map", [layer], function=function, constant=True))
    learned = any(leaf.kind == PARAMETER for leaf in stated)
    if not learned and function in ("add", "sub", "mul", "div"):
        word = "positions" if len(layer.output) > 1 and function in ("add", "sub") else "scale"
        return placed.on(lifter.layer(word, [layer], (other,), fixed=True))
    constant = lifter.constant(layer, other, shape)
    return placed.on(_met(lifter, function, [layer, constant]))


def _met(lifter: Lifter, function: str, layers: Sequence[Layer]) -> Layer:
    if function in ("add", "mul"):
        return lifter.layer(function, layers)
    return lifter.layer("map", layers, function=function)


def _aligned(other: Value, view: Placement) -> tuple[int, ...]:
    """The sizes of a tensor, with ones in front for the axes it lacks."""
    missing = len(view.dims) - len(other.sizes)
    return (1,) * missing + other.sizes


def _plain(lifter: Lifter, view: Placement) -> tuple[Layer, Placement]:
    if view.complete and lifter.covers(view):
        layer = lifter.forced(view.source)
        return layer, view.on(layer)
    layer, placed, _ = lifter.in_order(view)
    return layer, placed


def _of_tensors(lifter: Lifter, one: Placement, two: Placement, name: str) -> Placement:
    """Two tensors that depend on inputs."""
    count_dims = max(len(one.dims), len(two.dims))
    one, two = filled(one, count_dims), filled(two, count_dims)
    function = name if name in ("add", "mul") else OF_TWO[name][0]
    swap = False
    if (
        one.sizes != two.sizes
        and size_of([a for d in two.dims for a in d]) > size_of([a for d in one.dims for a in d])
    ) or (not one.complete and two.complete):
        one, two, swap = two, one, True
    if swap and function not in ("add", "mul", "max", "min", "eq", "ne", "and", "or"):
        other = next((v[1] for v in OF_TWO.values() if v[0] == function), None)
        if other is None:
            raise UnliftedError(f"{function} with its sides changed")
        function = other
    found = _conformed(lifter, one, two)
    if found is not None:
        layer, placed, second = found
        layers = [second, layer] if swap and len(second.output) == len(layer.output) else [layer, second]
        if function in ("add", "mul"):
            return placed.on(lifter.layer(function, layers))
        return placed.on(lifter.layer("map", [layer, second], function=function))
    first_layer, second_layer, dims = _ordered(lifter, one, two)
    made = _met(lifter, function, [first_layer, second_layer])
    return laid(made, dims[0], dims[1])


def _conformed(lifter: Lifter, one: Placement, two: Placement) -> tuple[Layer, Placement, Layer] | None:
    """The layer of the first, the tensor over it, and a layer of the second that fits to it by broadcasting
    over the axes of the first as they lie; None where there is no such."""
    if not one.complete or not lifter.covers(one):
        return None
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
    pair = refined(mine, theirs)
    if pair is None:
        return None
    into = {
        atom: other
        for ones, others in zip(*pair, strict=True)
        for atom, other in zip(ones, others, strict=True)
    }
    groups: list[Dim] = []
    for axis, size in enumerate(shape):
        parts = sorted([atom for atom in into if atom.axis == axis], key=lambda atom: -atom.step)
        rest = size
        for atom in parts:
            if atom.step * atom.size != rest:
                return None
            rest = atom.step
        if parts and rest != 1:
            return None
        groups.append(tuple([into[atom] for atom in parts]))
    if size_of([a for g in groups for a in g]) != two.shape.values:
        return None
    layer = lifter.forced(one.source)
    while len(groups) > 1 and not groups[0] and len(two.shape) < len(groups):
        groups = groups[1:]
    second = lifter.arranged(two, groups)
    return layer, one.on(layer), second


def _ordered(
    lifter: Lifter, one: Placement, two: Placement
) -> tuple[Layer, Layer, tuple[list[Dim], list[int]]]:
    """Both in the order of the tensors' axes, ones where one of them has no positions."""
    dims: list[Dim] = []
    axes = []
    for n, (a, b) in enumerate(zip(one.dims, two.dims, strict=True)):
        larger = a if size_of(a) >= size_of(b) else b
        batch = has_batch(a) or has_batch(b)
        rest = without_batch(larger)
        if rest or not batch:
            axes.append(n)
        dims.append((*[x for x in (*a, *b) if x.axis == -1][:1], *rest))
    first_layer = lifter.arranged(one, [one.dims[n] for n in axes])
    second_layer = lifter.arranged(two, [two.dims[n] for n in axes])
    return first_layer, second_layer, (dims, axes)


@rule("where")
def where(lifter: Lifter, operation: Operation) -> Placement:
    return _chosen(lifter, operation)


def _chosen(lifter: Lifter, operation: Operation) -> Placement:
    given = list(operation.arguments.values())
    known = [value for value in given if lifter.knows(value)]
    views = [lifter.view(value) for value in known]
    largest = max(views, key=lambda v: size_of([a for d in v.dims for a in d]))
    if largest.sizes != operation.output.sizes:
        raise UnliftedError("a choice that broadcasts")
    if any(leaves_of([value]) for value in given if isinstance(value, Value) and not lifter.knows(value)):
        raise UnliftedError("a choice of parameters")
    if len(views) == 1:
        return each(lifter, largest, "map", function="where", constant=True)
    layers = []
    placed = largest
    for view in views:
        found = _conformed(lifter, largest, filled(view, len(largest.dims)))
        if found is None:
            raise UnliftedError("a choice between tensors that lie in different ways")
        layers.append(found[2])
        placed = found[1]
    return placed.on(lifter.layer("map", layers, function="where"))


@rule("masked_fill")
def masked_fill(lifter: Lifter, operation: Operation) -> Placement:
    view = lifter.view(first(operation))
    if lifter.knows(operation.arguments["mask"]):
        return _chosen(lifter, operation)
    return each(lifter, view, "map", function="where", constant=True)


@rule(
    "to",
    "_to_copy",
    "clone",
    "contiguous",
    "alias",
    "detach",
    "lift_fresh",
    "type_as",
    "float",
    "_to_cpu",
    "positive",
    "resolve_conj",
    "resolve_neg",
    "identity",
    "real",
)
def unchanged(lifter: Lifter, operation: Operation) -> Placement:
    return lifter.view(first(operation))


@rule("copy")
def copied(lifter: Lifter, operation: Operation) -> Placement:
    """What is written over a tensor as a whole: from then on it is the other one."""
    source: Value = operation.arguments["src"]
    view = lifter.view(source)
    if source.sizes != operation.output.sizes:
        raise UnliftedError("a copy that broadcasts")
    return view


@rule("ones_like", "zeros_like", "full_like", "empty_like", "new_zeros", "new_ones")
def made_alike(lifter: Lifter, operation: Operation) -> Placement:
    raise UnliftedError("a new tensor of an input's size")
