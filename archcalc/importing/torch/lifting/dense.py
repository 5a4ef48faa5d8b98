"""Products: linear maps, tables of words, matrix products, attention."""

from __future__ import annotations

from typing import Any

from ....graph import Layer
from ....ops.attributes import Size
from ..recording import Operation, Value
from .lifter import Lifter, UnliftedError, count, laid, leaves_of, rule
from .placements import (
    BATCH,
    COPIES,
    ONE_BATCH,
    Atom,
    Cut,
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
    if not leaves_of([weight]):
        raise UnliftedError("a weight that is no parameter")
    units = weight.sizes[axis] if len(weight.sizes) > 1 else 1
    rest = [dim for dim in view.dims[:-1] if without_batch(dim)]
    tensors = (weight, bias)
    if not rest and view.complete and lifter.covers(view) and not has_batch(view.dims[-1]):
        layer = lifter.forced(view.source)
        made = lifter.layer("fc", [layer], tensors, units=units, bias=plain_bias(bias))
        return Placement(
            made,
            (
                *[tuple([a for a in d if a.axis == BATCH]) for d in view.dims[:-1]],
                Placement(made, ()).whole(0),
            ),
        )
    layer, placed = lifter.with_channels(view, -1)
    word = "fc" if len(layer.output) == 1 else "linear"
    if bias is not None and lifter.is_used(weight) and not lifter.is_used(bias):
        # The weight is another layer's, the bias its own: two layers, then.
        made = lifter.layer(word, [layer], (weight,), units=units, bias=False)
        made = lifter.layer("bias", [made], (bias,))
    else:
        made = lifter.layer(word, [layer], tensors, units=units, bias=plain_bias(bias))
    return over_new_channels(made, placed, len(placed.dims) - 1)


def plain_bias(bias: Value | None) -> bool:
    """Whether there is a bias that is one tensor: one put together of several is stated tensor by tensor."""
    return bias is not None and len(leaves_of([bias])) == 1


@rule("matmul", "mm", "bmm", "mv")
def matmul(lifter: Lifter, operation: Operation) -> Placement:
    one, two = list(operation.arguments.values())[:2]
    if not lifter.knows(two) and len(two.sizes) <= 2 and leaves_of([two]):
        return mapped(lifter, lifter.view(one), two, None, len(two.sizes) - 1)
    a, b = _factors(lifter, one, two)
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


# Attention --------------------------------------------------------------------------------------


@rule(
    "scaled_dot_product_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_efficient_attention",
)
def attention(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    values = [given[name] for name in ("query", "key", "value")]
    views = [lifter.view(value) for value in values]
    extra: dict[str, Any] = {}
    mask = given.get("attn_mask", given.get("attn_bias"))
    masks = [m for m in (mask if isinstance(mask, (tuple, list)) else (mask,)) if m is not None]
    if any(lifter.knows(m) for m in masks):
        raise UnliftedError("attention whose mask depends on an input")
    tensors = tuple(masks) if leaves_of(masks) else ()
    if masks:
        extra["bias"] = True
    if given.get("is_causal"):
        extra["causal"] = True
    found = _in_place(lifter, views) or _rearranged(lifter, views)
    layers, placed, heads, groups, window = found
    if groups != heads:
        extra["kv"] = groups
    extra.update(window)
    sources = _packed(lifter, layers, groups == heads)
    made = lifter.layer("sdpa", sources, tensors, heads=heads, **extra)
    last = len(made.output) - 1
    width = made.output.channels // heads
    new = {"h": Atom(last, width, heads), "d": Atom(last, 1, width)}
    dims = [tuple([new["h"] if atom.axis == -7 else atom for atom in dim]) for dim in placed[:-1]]
    view = Placement(made, [*dims, (new["d"],)])
    return [view, *[None] * (len(operation.outputs) - 1)]


HEADS = Atom(-7, 1, 1)  # stands for the axis of the heads until the width of the output is known


def _in_place(
    lifter: Lifter, views: list[Placement]
) -> tuple[list[Layer | Cut], list[Dim], int, int, dict[str, Any]] | None:
    """Attention over tokens as they lie on their layers; None where they lie in another way."""
    heads: list[int] = []
    windows: list[dict[str, Any]] = []
    placed: list[Dim] = []
    for view in views:
        last = len(view.shape) - 1
        width = view.dims[-1]
        before = [atom for dim in view.dims[:-2] for atom in dim]
        copies = [atom for atom in before if atom.axis == COPIES]
        mine = [atom for atom in before if atom.axis == last]
        tokens = without_batch(view.dims[-2])
        if len(width) > 1 or len(mine) > 1 or any(a.axis in (last, COPIES) for a in tokens):
            return None
        if any(atom.axis == COPIES for dim in view.dims[-2:] for atom in dim):
            return None
        if not width or width[0].axis != last or width[0].step != 1:
            return None
        n = mine[0].size if mine else 1
        if n * width[0].size != view.shape.channels or (mine and mine[0].step != width[0].size):
            return None
        if copies and view is views[0]:
            return None
        if not mine and len(view.dims) == 4 and size_of(without_batch(view.dims[1])) > 1 and not copies:
            return None  # the heads are an axis of their own
        rest = [atom for atom in before if 0 <= atom.axis < last]
        window = _window(view, tokens, rest)
        if window is None:
            return None
        heads.append(n)
        windows.append(window)
        if view is views[0]:
            placed = [
                tuple([HEADS._replace(size=a.size) if a.axis == last else a for a in dim])
                for dim in view.dims[:-2]
            ]
            placed = [*placed, view.dims[-2], ()]
    if heads[1] != heads[2] or heads[0] % heads[1] or windows[1] != windows[2]:
        return None
    if windows[0] and windows[0] != windows[1]:
        return None
    if not windows[0] and windows[1]:
        return None
    return [view.source for view in views], placed, heads[0], heads[1], windows[0]


def _window(view: Placement, tokens: Dim, rest: list[Atom]) -> dict[str, Any] | None:
    """Within which windows of the map a token reads; empty where it reads everything."""
    spatial = view.shape.spatial
    if not rest:
        return {} if size_of(tokens) == view.shape.positions else None
    sizes: dict[int, int] = {}
    kinds = set()
    for axis, size in enumerate(spatial):
        inside = [atom for atom in tokens if atom.axis == axis]
        outside = [atom for atom in rest if atom.axis == axis]
        if len(inside) > 1 or len(outside) > 1:
            return None
        n = inside[0].size if inside else 1
        m = outside[0].size if outside else 1
        if n * m != size:
            return None
        sizes[axis] = n
        if inside and outside:
            kinds.add("window" if inside[0].step == 1 else "grid")
    if len(kinds) > 1:
        return None
    found = [sizes[axis] for axis in range(len(spatial))]
    return {kinds.pop() if kinds else "window": found[0] if len(found) == 1 else Size(found)}


def _rearranged(
    lifter: Lifter, views: list[Placement]
) -> tuple[list[Layer | Cut], list[Dim], int, int, dict[str, Any]]:
    """Attention over tokens that are brought into one axis, and the heads of each side by side."""
    layers: list[Layer | Cut] = []
    heads: list[int] = []
    fronts: list[int] = []
    placed: list[Dim] = []
    for number, view in enumerate(views):
        last = len(view.shape) - 1
        place = _heads_of(view, last)
        n = (
            size_of([a for a in view.dims[place] if a.axis == last or not has_batch(view.dims[place])])
            if place is not None
            else 1
        )
        front: list[Atom] = []
        mine: list[Atom] = []
        for position, dim in enumerate(view.dims[:-2]):
            for atom in without_batch(dim):
                (mine if position == place and (atom.axis == last or not has_batch(dim)) else front).append(
                    atom
                )
        groups = [tuple(front), view.dims[-2], (*mine, *view.dims[-1])]
        if not front:
            groups = groups[1:]
        layers.append(lifter.arranged(view, groups))
        heads.append(n)
        fronts.append(size_of(front))
        if number == 0:
            below = Placement(layers[0], ())
            left = list(below.whole(0)) if front else []
            for position, dim in enumerate(view.dims[:-2]):
                batch = tuple([a for a in dim if a.axis == BATCH])
                made: list[Atom] = []
                for atom in without_batch(dim):
                    if atom in mine and position == place:
                        if not any(a.axis == -7 for a in made):
                            made.append(HEADS._replace(size=n))
                        continue
                    outer, inner = split(left.pop(), atom.size)
                    left.append(inner)
                    made.append(outer)
                placed.append((*batch, *made))
            placed = [*placed, below.whole(1 if front else 0), ()]
    if heads[1] != heads[2] or heads[0] % heads[1] or len(set(fronts)) > 1:
        raise UnliftedError("attention of other heads")
    window = {"window": Size([1, views[0].sizes[-2]])} if fronts[0] > 1 else {}
    if window and views[1].sizes[-2] != views[0].sizes[-2]:
        raise UnliftedError("cross-attention inside windows")
    return layers, placed, heads[0], heads[1], window


def _heads_of(view: Placement, last: int) -> int | None:
    """The axis of the tensor that the heads stand along."""
    for position, dim in enumerate(view.dims[:-2]):
        if any(atom.axis == last for atom in dim):
            return position
    if len(view.dims) == 4 and size_of(without_batch(view.dims[1])) > 1 and not has_batch(view.dims[1]):
        return 1
    return None


def _packed(lifter: Lifter, layers: list[Layer | Cut], equal: bool) -> list[Layer]:
    """One layer where queries, keys and values are thirds of its channels, else the three."""
    if equal and all(isinstance(layer, Cut) for layer in layers):
        q, k, v = layers
        assert isinstance(q, Cut)
        assert isinstance(k, Cut)
        assert isinstance(v, Cut)
        last = len(q.layer.output) - 1
        third = q.count
        if (
            q.layer is k.layer is v.layer
            and q.axis == k.axis == v.axis == last
            and (q.start, k.start, v.start) == (0, third, 2 * third)
            and q.count == k.count == v.count
            and q.layer.output.channels == 3 * third
        ):
            return [q.layer]
    return [lifter.forced(layer) for layer in layers]


@rule("einsum")
def einsum(lifter: Lifter, operation: Operation) -> Placement:
    given = operation.arguments
    equation: str = given["equation"].replace(" ", "")
    tensors = given["tensors"]
    if "." in equation:
        raise UnliftedError(f"an einsum with an ellipsis ({equation})")
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
    if len(tensors) != 2 or len(known) != 1 or "." in equation:
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
