"""Sizes of what makes one value of many."""

from __future__ import annotations

from .pointwise import floating
from .tensors import RuleArguments, Shaped, axis, listed, sizes_of


def reduced(x: Shaped, given: RuleArguments) -> tuple[int, ...]:
    """The sizes that are left of a tensor. Raises OperationError where it has no such axis."""
    dim = given.get("dim")
    count = len(x.sizes)
    if dim is None or dim == ():
        dims = set(range(count))
    else:
        dims = {axis(n, count) for n in listed(dim)}
    if given.get("keepdim"):
        return tuple([1 if n in dims else size for n, size in enumerate(x.sizes)])
    return tuple([size for n, size in enumerate(x.sizes) if n not in dims])


@sizes_of("mean", "var", "std", "norm", "linalg_vector_norm", "logsumexp", "nanmean")
def mean(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    return Shaped(reduced(x, given), given.get("dtype") or floating(x.dtype))


@sizes_of("sum", "prod", "nansum")
def total(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    whole = "int64" if "float" not in x.dtype and "complex" not in x.dtype else x.dtype
    return Shaped(reduced(x, given), given.get("dtype") or whole)
