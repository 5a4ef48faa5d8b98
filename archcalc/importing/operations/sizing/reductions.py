"""Sizes of what makes one value of many."""

from __future__ import annotations

from .pointwise import floating, promoted
from .tensors import OperationError, RuleArguments, Shaped, axis, broadcast, listed, sizes_of


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


@sizes_of("amax", "amin")
def extreme(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    return x.like(reduced(x, given))


@sizes_of("max", "min", "median", "mode")
def extreme_and_place(name: str, given: RuleArguments) -> Shaped | list[Shaped]:
    x: Shaped = given["self"]
    if "other" in given:
        return Shaped(broadcast([x.sizes, given["other"].sizes]), promoted([x, given["other"]]))
    found = x.like(reduced(x, given))
    return [found, found.like(dtype="int64")] if "dim" in given else found


@sizes_of("argmax", "argmin")
def place(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    if given["dim"] is None and given["keepdim"]:
        return x.like([1] * len(x.sizes), "int64")
    return x.like(reduced(x, given), "int64")


@sizes_of("any", "all")
def truth_of_all(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    return x.like(reduced(x, given), "uint8" if x.dtype == "uint8" else "bool")


@sizes_of("var_mean", "std_mean")
def variance_and_mean(name: str, given: RuleArguments) -> list[Shaped]:
    x: Shaped = given["self"]
    return [x.like(reduced(x, given))] * 2


@sizes_of("cumsum", "cumprod")
def running(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    axis(given["dim"], len(x.sizes))
    whole = "int64" if "float" not in x.dtype and "complex" not in x.dtype else x.dtype
    return x.like(dtype=given.get("dtype") or whole)


@sizes_of("topk")
def highest(name: str, given: RuleArguments) -> list[Shaped]:
    x: Shaped = given["self"]
    at, count = axis(given["dim"], len(x.sizes)), given["k"]
    present = x.sizes[at] if x.sizes else 1
    if not 0 <= count <= present:
        raise OperationError(f"{count} values are asked for, and there are {present}")
    sizes = (*x.sizes[:at], count, *x.sizes[at + 1 :]) if x.sizes else ()
    return [x.like(sizes), x.like(sizes, "int64")]


@sizes_of("sort")
def in_order(name: str, given: RuleArguments) -> list[Shaped]:
    x: Shaped = given["self"]
    axis(given["dim"], len(x.sizes))
    return [x.like(), x.like(dtype="int64")]


@sizes_of("cosine_similarity")
def alike(name: str, given: RuleArguments) -> Shaped:
    one, two = given["x1"], given["x2"]
    sizes = broadcast([one.sizes, two.sizes])
    at = axis(given["dim"], len(sizes))
    return Shaped((*sizes[:at], *sizes[at + 1 :]), promoted([one, two]))


@sizes_of("pairwise_distance")
def apart(name: str, given: RuleArguments) -> Shaped:
    one, two = given["x1"], given["x2"]
    sizes = broadcast([one.sizes, two.sizes])
    return Shaped((*sizes[:-1], *([1] if given["keepdim"] else [])), promoted([one, two]))
