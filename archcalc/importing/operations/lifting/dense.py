"""Products: linear maps, tables of words, matrix products, attention."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from ....graph import Layer
from ..recording import Operation, Value
from .arranging import laid
from .given import UnliftedError, are_constants, count, leaves_of
from .lifter import Lifter, rule
from .placements import (
    BATCH,
    ONE_BATCH,
    Atom,
    Dim,
    Placement,
    filled,
    has_batch,
    size_of,
    split,
    without_batch,
)
from .windows import over_new_channels


@rule("linear")
def linear(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    return mapped(lifter, lifter.view(given["input"]), given["weight"], given.get("bias"), 0)


@rule("addmm")
def addmm(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    bias, one, two = list(given.values())[:3]
    if not lifter.knows(one) or lifter.knows(two) or given.get("beta", 1) != 1 or given.get("alpha", 1) != 1:
        raise UnliftedError("a product that is added to")
    return mapped(lifter, lifter.view(one), two, bias, 1)


def mapped(lifter: Lifter, view: Placement, weight: Value, bias: Value | None, axis: int) -> Placement:
    """A linear map of the last axis; the units are axis ``axis`` of the weight."""
    if lifter.knows(weight) or lifter.knows(bias):
        raise UnliftedError("a weight that depends on an input")
    if not leaves_of([weight]) and not are_constants([weight, bias]):
        raise UnliftedError("a weight that is stored nowhere")
    units = weight.sizes[axis] if len(weight.sizes) > 1 else 1
    rest = [dim for dim in view.dims[:-1] if without_batch(dim)]
    if not rest and view.complete and lifter.covers(view) and not has_batch(view.dims[-1]):
        layer = lifter.forced(view.source)
        made = _linear(lifter, "fc", layer, weight, bias, units)
        return Placement(
            made,
            (
                *[tuple([a for a in d if a.axis == BATCH]) for d in view.dims[:-1]],
                Placement(made, ()).whole(0),
            ),
        )
    layer, placed = lifter.with_channels(view, -1)
    word = "fc" if len(layer.output) == 1 else "linear"
    made = _linear(lifter, word, layer, weight, bias, units)
    return over_new_channels(made, placed, len(placed.dims) - 1)


def _linear(lifter: Lifter, word: str, layer: Layer, weight: Value, bias: Value | None, units: int) -> Layer:
    """A linear map of the channels of a layer."""
    if bias is not None and lifter.is_used(weight) and not lifter.is_used(bias):
        # The weight is another layer's, the bias its own: two layers, then.
        made = lifter.layer(word, [layer], (weight,), units=units, bias=False)
        return lifter.layer("bias", [made], (bias,))
    has_bias = plain_bias(bias) or (bias is not None and are_constants([weight, bias]))
    return lifter.layer(word, [layer], (weight, bias), units=units, bias=has_bias)


def plain_bias(bias: Value | None) -> bool:
    """Whether there is a bias that is one tensor: one put together of several is stated tensor by tensor."""
    return bias is not None and len(leaves_of([bias])) == 1


@rule("matmul", "mm", "bmm", "mv")
def matmul(lifter: Lifter, operation: Operation) -> Placement:
    one, two = list(operation.arguments.values())[:2]
    if not lifter.knows(two) and len(two.sizes) <= 2 and leaves_of([two]):
        return mapped(lifter, lifter.view(one), two, None, len(two.sizes) - 1)
    a, b = _factors(lifter, one, two)
    return product(lifter, a, b)


def product(lifter: Lifter, a: Placement, b: Placement) -> Placement:
    """The matrix product along the last two axes of two tensors."""
    dims = max(len(a.dims), len(b.dims))
    if min(len(a.dims), len(b.dims)) < 2:
        raise UnliftedError("a product with a vector")
    a, b = filled(a, dims), filled(b, dims)
    axes = [n for n in range(dims - 2) if without_batch(a.dims[n]) or without_batch(b.dims[n])]
    order = [*axes, dims - 2, dims - 1]
    left = lifter.arranged(a, [a.dims[n] for n in order])
    right, flipped = _second(lifter, b, axes)
    made = lifter.layer("matmul", [left, right], **({"transpose": True} if flipped else {}))
    batch = [tuple([x for x in (*m, *n) if x.axis == BATCH][:1]) for m, n in zip(a.dims, b.dims, strict=True)]
    return laid(made, batch, order)


def _second(lifter: Lifter, view: Placement, axes: list[int]) -> tuple[Layer, bool]:
    """The second factor, as it lies or transposed: whichever is a layer already."""
    last = len(view.dims) - 1
    plain = [view.dims[n] for n in (*axes, last - 1, last)]
    turned = [view.dims[n] for n in (*axes, last, last - 1)]
    from .patterns import in_order

    if not in_order(view.shape, plain) and in_order(view.shape, turned) and view.complete:
        return lifter.arranged(view, turned), True
    return lifter.arranged(view, plain), False


def _factors(lifter: Lifter, one: Value, two: Value) -> list[Placement]:
    """Both factors; one that depends on no input is a layer of its own."""
    known = lifter.view(one if lifter.knows(one) else two)
    return [lifter.view(v) if lifter.knows(v) else standing(lifter, known, v) for v in (one, two)]


def standing(lifter: Lifter, beside: Placement, value: Value) -> Placement:
    """A tensor that depends on no input, over a layer of its own; an axis of one position in front may stand
    for the batch."""
    batch = len(value.sizes) == len(beside.dims) and value.sizes[0] == 1 and has_batch(beside.dims[0])
    shape = value.sizes[1:] if batch else value.sizes
    layer = lifter.constant(lifter.forced(beside.source), value, shape)
    below = Placement(layer, ())
    dims = [below.whole(axis) for axis in range(len(layer.output))] if shape else []
    return Placement(layer, [(ONE_BATCH,), *dims] if batch else dims)


@rule("embedding")
def embedding(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    weight: Value = given["weight"]
    view = lifter.view(given["indices"])
    vocabulary, size = weight.sizes
    groups: Dim = tuple([atom for dim in view.dims for atom in without_batch(dim)])
    layer = lifter.arranged(view, [groups])
    made = lifter.layer("embedding", [layer], (weight,), vocabulary=vocabulary, size=size)
    below = Placement(made, ())
    # The words stand along one axis now, split as their indices were.
    left = list(below.whole(0))
    dims: list[Dim] = []
    for dim in view.dims:
        n = size_of(without_batch(dim))
        batch = tuple([a for a in dim if a.axis == BATCH])
        if n == 1:
            dims.append(batch)
            continue
        outer, inner = split(left.pop(), n)
        left.append(inner)
        dims.append((*batch, outer))
    return Placement(made, [*dims, below.whole(1)])


def lettered(equation: str, axes: Sequence[int]) -> str:
    """An equation of einsum with a letter for each axis, those behind the arrow too.

    Args:
        equation: The equation as it was written.
        axes: How many axes each tensor has.

    Example:
        >>> from archcalc.importing.operations.lifting.dense import lettered
        >>> lettered("...ij, jk", [4, 2])
        'ABij,jk->ABik'
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    words = left.split(",")
    most = max([n - len(word) + 3 for word, n in zip(words, axes, strict=True) if "..." in word], default=0)
    free = iter([letter for letter in ascii_uppercase + ascii_lowercase if letter not in equation])
    more = "".join([next(free) for _ in range(most)])
    found = []
    for word, n in zip(words, axes, strict=True):
        mine = n - len(word) + 3
        found.append(word.replace("...", more[len(more) - mine :] if mine else ""))
    if not arrow:
        every = "".join(found)
        right = more + "".join(sorted(x for x in set(every) if every.count(x) == 1 and x not in more))
    return f"{','.join(found)}->{right.replace('...', more)}"


@rule("einsum")
def einsum(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    tensors = given["tensors"]
    equation = lettered(given["equation"], [len(tensor.sizes) for tensor in tensors])
    if not all(lifter.knows(t) for t in tensors):
        mark = lifter.mark()
        try:
            return _einsum_with_weight(lifter, equation, tensors)
        except UnliftedError:
            lifter.back(mark)
    known = next(lifter.view(t) for t in tensors if lifter.knows(t))
    views = [lifter.view(t) if lifter.knows(t) else standing(lifter, known, t) for t in tensors]
    left, _, right = equation.partition("->")
    words = left.split(",")
    if any(len(set(word)) < len(word) for word in words):
        raise UnliftedError(f"a diagonal ({equation})")
    batches = {
        word[n]
        for word, view in zip(words, views, strict=True)
        for n, dim in enumerate(view.dims)
        if has_batch(dim) and not without_batch(dim)
    }
    if len(batches) > 1:
        raise UnliftedError("an einsum over the batch")
    layers, terms = [], []
    for word, view in zip(words, views, strict=True):
        kept = [n for n, letter in enumerate(word) if letter not in batches]
        layers.append(lifter.arranged(view, [view.dims[n] for n in kept]))
        terms.append("".join(word[n] for n in kept))
    out = [n for n, letter in enumerate(right) if letter not in batches]
    pattern = f"{','.join(terms)}->{''.join(right[n] for n in out)}"
    made = lifter.layer("einsum", layers, equation=pattern)
    return laid(made, [((Atom(BATCH, 1, 1),) if letter in batches else ()) for letter in right], out)


def _einsum_with_weight(lifter: Lifter, equation: str, tensors: Any) -> Placement:
    """A linear map that is written as an einsum: one letter is summed, others are new."""
    known = [n for n, t in enumerate(tensors) if lifter.knows(t)]
    if len(tensors) != 2 or len(known) != 1:
        raise UnliftedError(f"an einsum of constants ({equation})")
    left, _, right = equation.partition("->")
    words = left.split(",")
    mine, theirs = words[known[0]], words[1 - known[0]]
    weight = tensors[1 - known[0]]
    summed = [letter for letter in mine if letter in theirs and letter not in right]
    new = [letter for letter in theirs if letter not in mine]
    if any(letter in right for letter in mine if letter in theirs):
        raise UnliftedError(f"an einsum that goes along an axis of its weight ({equation})")
    view = lifter.view(tensors[known[0]])
    rest = [n for n, letter in enumerate(mine) if letter not in summed]
    inner: Dim = tuple([a for letter in summed for a in view.dims[mine.index(letter)]])
    joined = Placement(view.source, [*[view.dims[n] for n in rest], inner])
    layer, placed = lifter.with_channels(joined, -1)
    units = 1
    for letter in new:
        units *= weight.sizes[theirs.index(letter)]
    if count(weight) != units * size_of(inner):
        raise UnliftedError(f"an einsum of another form ({equation})")
    made = lifter.layer(
        "linear" if len(layer.output) > 1 else "fc", [layer], (weight,), units=units, bias=False
    )
    parts = list(Placement(made, ()).whole(len(made.output) - 1))
    dims: dict[str, Dim] = {mine[n]: placed.dims[place] for place, n in enumerate(rest)}
    for letter in new:
        size = weight.sizes[theirs.index(letter)]
        if size == 1:
            dims[letter] = ()
            continue
        outer, more = split(parts.pop(), size)
        parts.append(more)
        dims[letter] = (outer,)
    return Placement(made, [dims[letter] for letter in right])
