"""Sizes of what moves values: other axes, parts, tensors side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from .tensors import OperationError, RuleArguments, Shaped, axis, listed, sizes_of, strides_of, written


def wanted_sizes(x: Shaped, sizes: Sequence[int]) -> tuple[int, ...]:
    """Sizes of which one may be -1, which is what is left. Raises OperationError where they do not hold what
    there is."""
    sizes = list(sizes)
    free = [place for place, size in enumerate(sizes) if size == -1]
    if len(free) > 1 or any(size < -1 for size in sizes):
        raise OperationError(f"{written(sizes)} are no sizes: one of them may be -1, and the others count")
    rest = prod([size for size in sizes if size != -1])
    if free:
        if not rest or x.values % rest:
            raise OperationError(f"{x.values:,} values ({written(x.sizes)}) are not divided by {rest:,}")
        sizes[free[0]] = x.values // rest
    elif rest != x.values:
        raise OperationError(
            f"{written(x.sizes)} holds {x.values:,} values, and {written(sizes)} would hold {rest:,}"
        )
    return tuple(sizes)


def view_strides(x: Shaped, sizes: Sequence[int]) -> tuple[int, ...] | None:
    """How other axes of the same values lie in the same memory; None where they do not."""
    if not x.values:
        return x.strides if tuple(sizes) == x.sizes else strides_of(sizes)
    if x.contiguous and not sizes:
        return ()
    found: list[int] = []
    place = len(sizes) - 1
    apart = x.strides[-1] if x.strides else 1
    held = reached = 1
    for n in range(len(x.sizes) - 1, -1, -1):
        held *= x.sizes[n]
        if n == 0 or (x.sizes[n - 1] != 1 and x.strides[n - 1] != held * apart):
            while place >= 0 and (reached < held or sizes[place] == 1):
                found.append(reached * apart)
                reached *= sizes[place]
                place -= 1
            if reached != held:
                return None
            if n > 0:
                apart = x.strides[n - 1]
                held = reached = 1
    if not x.sizes:
        found = [1] * len(sizes)
        place = -1
    return tuple(found[::-1]) if place == -1 else None


def regrouped(x: Shaped, sizes: Sequence[int]) -> Shaped:
    """The same values in other axes: a view where the memory allows it, else a copy."""
    strides = view_strides(x, sizes)
    return x.like(sizes) if strides is None else x.seen(sizes, strides)


@sizes_of("view", "reshape", "_unsafe_view", "_reshape_alias")
def reshaped(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    sizes = wanted_sizes(x, listed(given["size"] if "size" in given else given["shape"]))
    found = regrouped(x, sizes)
    if name == "view" and not found.viewed:
        raise OperationError(
            "its values do not lie in memory in this order: .reshape(…) copies them, .view(…) does not"
        )
    return x.like(sizes) if name == "_unsafe_view" else found


@sizes_of("view_as", "reshape_as")
def reshaped_as(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    return regrouped(x, wanted_sizes(x, given["other"].sizes))


@sizes_of("ravel")
def ravelled(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    return regrouped(x, (x.values,))


@sizes_of("flatten")
def flattened(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    if not x.sizes:
        return regrouped(x, (1,))
    start, end = (axis(given[word], len(x.sizes)) for word in ("start_dim", "end_dim"))
    if start > end:
        raise OperationError(f"the axes from {start} to {end} are none")
    if start == end:
        return x.seen(x.sizes, x.strides)
    return regrouped(x, (*x.sizes[:start], prod(x.sizes[start : end + 1]), *x.sizes[end + 1 :]))


@sizes_of("unflatten")
def unflattened(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    at = axis(given["dim"], len(x.sizes))
    inner = wanted_sizes(Shaped((x.sizes[at],), x.dtype), listed(given["sizes"]))
    return regrouped(x, (*x.sizes[:at], *inner, *x.sizes[at + 1 :]))


@sizes_of("squeeze")
def squeezed(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    count = len(x.sizes)
    asked = [axis(n, count) for n in listed(given["dim"])] if "dim" in given else list(range(count))
    left = [n for n in range(count) if n not in asked or x.sizes[n] != 1]
    return x.seen([x.sizes[n] for n in left], [x.strides[n] for n in left])


@sizes_of("unsqueeze")
def unsqueezed(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    at = axis(given["dim"], len(x.sizes) + 1)
    apart = x.sizes[at] * x.strides[at] if at < len(x.sizes) else 1
    return x.seen((*x.sizes[:at], 1, *x.sizes[at:]), (*x.strides[:at], apart, *x.strides[at:]))


@sizes_of("permute")
def permuted(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    order = [axis(n, len(x.sizes)) for n in listed(given["dims"])]
    return _ordered(x, order)


def _ordered(x: Shaped, order: Sequence[int]) -> Shaped:
    if sorted(order) != list(range(len(x.sizes))):
        raise OperationError(
            f"{', '.join(map(str, order))} is no order of the {len(x.sizes)} axes of {written(x.sizes)}"
        )
    return x.seen([x.sizes[n] for n in order], [x.strides[n] for n in order])


@sizes_of("transpose", "swapaxes", "t", "adjoint", "mT", "numpy_T", "swapdims")
def transposed(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    count = len(x.sizes)
    order = list(range(count))
    if name == "numpy_T":
        return _ordered(x, order[::-1])
    if name == "t":
        if count > 2:
            raise OperationError(f"it turns matrices, and is given {written(x.sizes)}")
        return _ordered(x, order[::-1])
    pair = [value for key, value in given.items() if key != "self"] or [-2, -1]
    one, two = (axis(n, count) for n in pair)
    if order:
        order[one], order[two] = order[two], order[one]
    return _ordered(x, order)


@sizes_of("movedim", "moveaxis")
def moved(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["self"]
    count = len(x.sizes)
    source = [axis(n, count) for n in listed(given["source"])]
    target = [axis(n, count) for n in listed(given["destination"])]
    if len(source) != len(target):
        raise OperationError(f"{len(source)} axes do not go to {len(target)} places")
    places = dict(zip(target, source, strict=True))
    rest = iter([n for n in range(count) if n not in source])
    return _ordered(x, [places[n] if n in places else next(rest, -1) for n in range(count)])


@sizes_of(
    *("to", "_to_copy", "clone", "contiguous", "alias", "detach", "lift_fresh", "type_as", "float"),
    *("positive", "resolve_conj", "resolve_neg", "identity", "real"),
)
def unchanged(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = next(iter(given.values()))
    dtype = given.get("dtype") or x.dtype
    if name == "type_as" or (name == "to" and isinstance(given.get("other"), Shaped)):
        dtype = given["other"].dtype
    if name == "float":
        dtype = "float32"
    dtype = dtype if isinstance(dtype, str) else x.dtype
    copies = dtype != x.dtype or name in ("clone", "_to_copy") or given.get("copy")
    if name == "contiguous" and not x.contiguous:
        copies = True
    if not copies:
        return x.seen(x.sizes, x.strides)
    return Shaped(x.sizes, dtype, None if name == "contiguous" else _kept(x))


def _kept(x: Shaped) -> tuple[int, ...] | None:
    """How a copy lies that keeps the order in memory: where the values lie without gaps, as they do."""
    order = sorted(range(len(x.sizes)), key=lambda n: (-x.strides[n], n))
    turned = Shaped([x.sizes[n] for n in order], x.dtype, [x.strides[n] for n in order])
    return x.strides if turned.contiguous else None
