"""Operations on each value by itself, and on the values of two tensors one by one."""

from __future__ import annotations

from typing import Any

from ..recording import Operation, Value
from .given import UnliftedError, count, fraction
from .lifter import Lifter, first, rule
from .placements import Placement

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
    **{name: name for name in ("isnan", "isinf", "sinc", "erfinv", "lgamma", "asinh", "acosh", "atanh")},
    "logical_not": "not",
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


@rule("threshold")
def threshold(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    above, otherwise = [fraction(float(given[name])) for name in ("threshold", "value")]
    return each(lifter, lifter.view(first(operation)), "threshold", above=above, otherwise=otherwise)


@rule("hardshrink", "softshrink")
def shrinkage(lifter: Lifter, operation: Operation) -> Placement:
    around = fraction(float(operation.arguments["lambd"]))
    return each(lifter, lifter.view(first(operation)), operation.name, **{"lambda": around})


@rule("softplus")
def softplus(lifter: Lifter, operation: Operation) -> Placement:
    beta, threshold = operation.arguments.get("beta", 1), operation.arguments.get("threshold", 20)
    view = lifter.view(first(operation))
    if threshold != 20:
        raise UnliftedError(f"a softplus that is linear from {threshold} on")
    if beta == 1:
        return each(lifter, view, "softplus")
    steeper = each(lifter, view, "times", factor=fraction(float(beta)))
    return each(lifter, each(lifter, steeper, "softplus"), "times", factor=fraction(1 / float(beta)))


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
