"""Attention: queries, keys and values that lie on their layers in one of the ways that a layer has, or the
products that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose
from typing import Any

from ....graph import Layer
from ....ops.attributes import Size
from ..recording import Operation, Value
from .combining import met
from .dense import product, standing
from .given import UnliftedError, fraction, leaves_of
from .lifter import Lifter, rule
from .placements import BATCH, COPIES, Atom, Cut, Dim, Placement, has_batch, size_of, split, without_batch
from .pointwise import each


@rule(
    "scaled_dot_product_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_efficient_attention",
)
def attention(lifter: Lifter, operation: Operation) -> list[Placement | None]:
    given = operation.arguments
    values = [given[name] for name in ("query", "key", "value")]
    known = next((lifter.view(value) for value in values if lifter.knows(value)), None)
    if known is None:
        raise UnliftedError("attention of no input")
    views = [lifter.view(v) if lifter.knows(v) else standing(lifter, known, v) for v in values]
    extra: dict[str, Any] = {}
    mask = given.get("attn_mask", given.get("attn_bias"))
    masks = [m for m in (mask if isinstance(mask, (tuple, list)) else (mask,)) if m is not None]
    excluded = given.get("excluded")
    if any(lifter.knows(m) for m in masks) or lifter.knows(excluded):
        return [_products(lifter, operation, views, masks, excluded)]
    tensors = tuple(masks) if leaves_of(masks) else ()
    if masks:
        extra["bias"] = True
    if given.get("is_causal"):
        extra["causal"] = True
    scale, usual = given.get("scale"), views[0].sizes[-1] ** -0.5
    if scale == 1:
        extra["scale"] = False  # the scores are left as they are
    elif scale is not None and not isclose(scale, usual, rel_tol=1e-6):
        extra["factor"] = fraction(float(scale))
    mark = lifter.mark()
    try:
        found = _in_place(lifter, views) or _rearranged(lifter, views)
    except UnliftedError:
        lifter.back(mark)
        return [_products(lifter, operation, views, masks, excluded)]
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


def _products(
    lifter: Lifter, operation: Operation, views: Sequence[Placement], masks: Sequence[Value], excluded: Any
) -> Placement:
    """Attention as the products that it is made of."""
    query, key, value = views
    if operation.arguments.get("is_causal"):
        raise UnliftedError("causal attention of other heads")
    turned = Placement(key.source, (*key.dims[:-2], key.dims[-1], key.dims[-2]))
    scores = product(lifter, query, turned)
    scale = operation.arguments.get("scale")
    factor = query.sizes[-1] ** -0.5 if scale is None else scale
    if factor != 1:
        scores = each(lifter, scores, "times", factor=fraction(float(factor)))
    for mask in masks:
        scores = met(lifter, "add", [scores, lifter.view(mask) if lifter.knows(mask) else mask], scores.sizes)
    if excluded is not None:
        hidden = lifter.view(excluded) if lifter.knows(excluded) else excluded
        scores = met(lifter, "where", [hidden, 0, scores], scores.sizes)
    layer, placed = lifter.with_channels(scores, -1)
    return product(lifter, placed.on(lifter.layer("softmax", [layer])), value)


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
        if last < 1 or len(width) > 1 or len(mine) > 1 or any(a.axis in (last, COPIES) for a in tokens):
            return None
        if any(atom.axis == COPIES for dim in view.dims[-2:] for atom in dim):
            return None
        if not width or width[0].axis != last or width[0].step != 1:
            return None
        n = mine[0].size if mine else 1
        if n * width[0].size != view.shape.channels or (mine and mine[0].step != width[0].size):
            return None
        if copies and (view is views[0] or not _side_by_side(view)):
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


def _side_by_side(view: Placement) -> bool:
    """Whether the copies of a head stand side by side, as those that share it do, and not one for each row of
    heads."""
    last = len(view.shape) - 1
    return all(
        not (at.axis == COPIES and any(other.axis == last for other in dim[place:]))
        for dim in view.dims[:-2]
        for place, at in enumerate(dim)
    )


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
