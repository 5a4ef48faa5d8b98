"""How alike two tensors are, or how far apart."""

from __future__ import annotations

from ..recording import Operation
from .combining import met
from .given import UnliftedError, fraction
from .lifter import Lifter, rule
from .placements import Placement
from .pointwise import each
from .reductions import along


@rule("cosine_similarity")
def cosine(lifter: Lifter, operation: Operation) -> Placement:
    """The product of two vectors over that of their lengths, each at least a small number."""
    given = operation.arguments
    views = _two(lifter, operation, "x1", "x2")
    dim = given.get("dim", 1) % len(views[0].sizes)
    product = along(lifter, met(lifter, "mul", views, _sizes(views)), "sum", [dim])
    least = fraction(float(given.get("eps", 1e-8)))
    lengths = [along(lifter, view, "norm", [dim]) for view in views]
    lengths = [each(lifter, length, "map", function="max", a=least) for length in lengths]
    divisor = met(lifter, "mul", lengths, product.sizes)
    return met(lifter, "div", [product, divisor], product.sizes)


@rule("pairwise_distance")
def distance(lifter: Lifter, operation: Operation) -> Placement:
    """The length of a difference, to which a small number is added."""
    given = operation.arguments
    views = _two(lifter, operation, "x1", "x2")
    apart = met(lifter, "sub", views, _sizes(views))
    moved = each(lifter, apart, "map", function="add", a=fraction(float(given.get("eps", 1e-6))))
    p = fraction(float(given.get("p", 2)))
    extra = {"p": p} if p != 2 else {}
    return along(lifter, moved, "norm", [len(moved.dims) - 1], bool(given.get("keepdim")), **extra)


def _two(lifter: Lifter, operation: Operation, *names: str) -> list[Placement]:
    return [lifter.view(operation.arguments[name]) for name in names]


def _sizes(views: list[Placement]) -> list[int]:
    if len(views[0].sizes) != len(views[1].sizes):
        raise UnliftedError("tensors of different numbers of axes")
    return [max(pair) for pair in zip(views[0].sizes, views[1].sizes, strict=True)]
