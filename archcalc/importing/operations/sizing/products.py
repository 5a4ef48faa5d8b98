"""Sizes of products: linear maps, matrix products."""

from __future__ import annotations

from .pointwise import promoted
from .tensors import OperationError, RuleArguments, Shaped, broadcast, sizes_of, written


@sizes_of("linear")
def linear(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["input"]
    weight, bias = given["weight"], given.get("bias")
    if len(weight.sizes) not in (1, 2):
        raise OperationError(f"its weight has the sizes {written(weight.sizes)}")
    if not x.sizes:
        raise OperationError("it is given one value without an axis")
    units, arriving = weight.sizes if len(weight.sizes) == 2 else (None, *weight.sizes)
    if x.sizes[-1] != arriving:
        raise OperationError(
            f"it is made for {arriving} features, and is given {written(x.sizes)}, whose last axis has "
            f"{x.sizes[-1]}"
        )
    if bias is not None and bias.sizes not in ((units,), ()):
        raise OperationError(f"there are {units} units, and its bias has the sizes {written(bias.sizes)}")
    return x.like(x.sizes[:-1] if units is None else (*x.sizes[:-1], units))


def _factors(one: Shaped, two: Shaped) -> None:
    if one.sizes[-1] != two.sizes[-2 if len(two.sizes) > 1 else -1]:
        rows = two.sizes[-2 if len(two.sizes) > 1 else -1]
        raise OperationError(
            f"{written(one.sizes)} and {written(two.sizes)} have no product: the first has {one.sizes[-1]} "
            f"columns, the second {rows} rows"
        )


def product(one: Shaped, two: Shaped) -> tuple[int, ...]:
    """The sizes of a matrix product along the last two axes, the others meeting by broadcasting. Raises
    OperationError."""
    if not one.sizes or not two.sizes:
        raise OperationError("a product of matrices needs tensors with axes")
    _factors(one, two)
    if len(two.sizes) == 1:
        return one.sizes[:-1]
    if len(one.sizes) == 1:
        return (*two.sizes[:-2], two.sizes[-1])
    return (*broadcast([one.sizes[:-2], two.sizes[:-2]]), one.sizes[-2], two.sizes[-1])


_AXES = {"mm": (2, 2), "bmm": (3, 3), "mv": (2, 1), "dot": (1, 1)}


@sizes_of("matmul", "mm", "bmm", "mv", "dot")
def matmul(name: str, given: RuleArguments) -> Shaped:
    one, two = list(given.values())[:2]
    axes = _AXES.get(name)
    if axes is not None and (len(one.sizes), len(two.sizes)) != axes:
        raise OperationError(
            f"{written(one.sizes)} and {written(two.sizes)} have not {axes[0]} and {axes[1]} axes"
        )
    if name == "bmm" and one.sizes[0] != two.sizes[0]:
        raise OperationError(f"there are {one.sizes[0]} and {two.sizes[0]} matrices")
    return Shaped(product(one, two), promoted([one, two]))


@sizes_of("addmm", "baddbmm", "addmv")
def added_product(name: str, given: RuleArguments) -> Shaped:
    beside, one, two = list(given.values())[:3]
    sizes = product(one, two)
    if broadcast([beside.sizes, sizes]) != sizes:
        raise OperationError(f"{written(beside.sizes)} cannot be added to {written(sizes)}")
    return Shaped(sizes, promoted([one, two]))
