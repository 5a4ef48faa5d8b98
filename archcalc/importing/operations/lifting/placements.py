"""How a tensor of PyTorch lies over the output of a layer: which of its axes is which.

A layer puts out a shape with the channels last and without the batch. PyTorch permutes, views, flattens and
splits the same values in many ways. None of that computes anything, so none of it is a layer: a
``Placement`` says of each axis of the tensor which parts of which axes of the layer it goes over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import NamedTuple

from ....graph import Layer
from ....shape import Shape

# Axes of a tensor that are none of the layer: the elements of a batch, and copies by ``expand``.
BATCH, COPIES = -1, -2


class Atom(NamedTuple):
    """A part of an axis: ``size`` places, ``step`` positions of the axis apart.

    A whole axis of 6 is ``Atom(axis, 1, 6)``; seen as 2 x 3 it is ``Atom(axis, 3, 2)`` and
    ``Atom(axis, 1, 3)``.
    """

    axis: int
    step: int
    size: int


Dim = tuple[Atom, ...]
ONE_BATCH = Atom(BATCH, 1, 1)


class Cut:
    """Part of an axis of a layer, of which nothing was asked yet: it is a layer when something is.

    Attributes:
        layer: The layer that is cut.
        axis: The axis of its output.
        start: The first position kept.
        count: The number of positions kept.
        output: The shape of what is kept.
    """

    __slots__ = ("layer", "axis", "start", "count", "output")

    def __init__(self, layer: Layer, axis: int, start: int, count: int):
        self.layer = layer
        self.axis = axis
        self.start = start
        self.count = count
        self.output = Shape([count if n == axis else size for n, size in enumerate(layer.output)])


class Placement:
    """A tensor over the output of a layer.

    Attributes:
        source: The layer, or a part of one.
        dims: For each axis of the tensor the parts of the layer's axes that it goes over, the outermost
            first; none where the axis has one position.
    """

    __slots__ = ("source", "dims")

    def __init__(self, source: Layer | Cut, dims: Iterable[Dim]):
        self.source = source
        self.dims = tuple([merged(dim) for dim in dims])

    @property
    def shape(self) -> Shape:
        """The shape of the layer below."""
        return self.source.output

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the tensor, with a batch of one."""
        return tuple([prod([atom.size for atom in dim]) for dim in self.dims])

    def on(self, source: Layer | Cut) -> Placement:
        """The same axes over another layer of the same shape."""
        return Placement(source, self.dims)

    def whole(self, axis: int) -> Dim:
        """All of an axis of the layer."""
        size = self.shape[axis]
        return (Atom(axis % len(self.shape), 1, size),) if size > 1 else ()

    @property
    def complete(self) -> bool:
        """Whether the tensor has no copies of values."""
        return all(atom.axis != COPIES for dim in self.dims for atom in dim)

    def __repr__(self) -> str:
        return f"<Placement of {self.source!r}: {self.dims}>"


def merged(dim: Iterable[Atom]) -> Dim:
    """Parts that follow one another within an axis as one part; parts of one position are left out."""
    found: list[Atom] = []
    for atom in dim:
        if atom.size == 1 and atom.axis != BATCH:
            continue
        last = found[-1] if found else None
        if last is not None and last.axis == atom.axis >= 0 and last.step == atom.step * atom.size:
            found[-1] = Atom(atom.axis, atom.step, last.size * atom.size)
        else:
            found.append(atom)
    return tuple(found)


def split(atom: Atom, outer: int) -> tuple[Atom, Atom]:
    """A part in two: ``outer`` places, and within each of them the rest."""
    inner = atom.size // outer
    return Atom(atom.axis, atom.step * inner, outer), Atom(atom.axis, atom.step, inner)


def regrouped(dims: Sequence[Dim], sizes: Sequence[int]) -> list[Dim] | None:
    """The same values in axes of other sizes, as ``view`` reads them; None where a part would have to be
    split unevenly."""
    left = [atom for dim in dims for atom in dim]
    found: list[Dim] = []
    for size in sizes:
        taken: list[Atom] = []
        need = size
        while left and left[0].axis == BATCH:
            # The batch is one here: it goes with the axis that comes next.
            taken.append(left.pop(0))
        while need > 1:
            if not left:
                return None
            atom = left.pop(0)
            if atom.axis == BATCH:
                taken.append(atom)
            elif need % atom.size == 0:
                taken.append(atom)
                need //= atom.size
            elif atom.size % need == 0:
                outer, inner = split(atom, need)
                taken.append(outer)
                left.insert(0, inner)
                need = 1
            else:
                return None
        found.append(merged(taken))
    if any(atom.size > 1 for atom in left) or (left and not found):
        return None
    if left:
        found[-1] = (*found[-1], *left)
    return found


def refined(dims: Sequence[Dim], others: Sequence[Dim]) -> tuple[list[Dim], list[Dim]] | None:
    """Two ways to lie over the same sizes, split until their parts have the same sizes one by one."""
    one, two = [], []
    for mine, theirs in zip(dims, others, strict=True):
        pair = _refined(mine, theirs)
        if pair is None:
            return None
        one.append(pair[0])
        two.append(pair[1])
    return one, two


def _refined(mine: Dim, theirs: Dim) -> tuple[Dim, Dim] | None:
    a, b = [x for x in mine if x.axis != BATCH], [x for x in theirs if x.axis != BATCH]
    one: list[Atom] = []
    two: list[Atom] = []
    while a and b:
        x, y = a.pop(0), b.pop(0)
        if x.size == y.size:
            pass
        elif x.size > y.size and x.size % y.size == 0:
            x, rest = split(x, y.size)
            a.insert(0, rest)
        elif y.size > x.size and y.size % x.size == 0:
            y, rest = split(y, x.size)
            b.insert(0, rest)
        else:
            return None
        one.append(x)
        two.append(y)
    if a or b:
        return None
    return tuple(one), tuple(two)


def has_batch(dim: Dim) -> bool:
    """Whether the elements of the batch stand along an axis."""
    return any(atom.axis == BATCH for atom in dim)


def without_batch(dim: Dim) -> Dim:
    """An axis without the batch."""
    return merged([atom for atom in dim if atom.axis != BATCH])


def size_of(dim: Iterable[Atom]) -> int:
    """How many positions an axis has."""
    return prod([atom.size for atom in dim])


def filled(view: Placement, dims: int) -> Placement:
    """A tensor with axes of one position in front, up to so many axes."""
    missing = dims - len(view.dims)
    return Placement(view.source, (*[()] * missing, *view.dims)) if missing else view


def parts_along(sizes: Sequence[int], mine: Sequence[Dim], theirs: Sequence[Dim]) -> list[Dim] | None:
    """For each axis of a layer the parts of another that lie along it, where two tensors have the same sizes.

    Args:
        sizes: The sizes of the layer's axes.
        mine: Axis by axis of the tensors the parts of this layer.
        theirs: The parts of the other.

    Returns:
        The parts of the other, none for an axis that these do not go along; None where they go along a part
        of one only.
    """
    pair = refined(mine, theirs)
    if pair is None:
        return None
    into = {a: b for ones, others in zip(*pair, strict=True) for a, b in zip(ones, others, strict=True)}
    groups: list[Dim] = []
    for axis, size in enumerate(sizes):
        parts = sorted([atom for atom in into if atom.axis == axis], key=lambda atom: -atom.step)
        rest = size
        for atom in parts:
            if atom.step * atom.size != rest:
                return None
            rest = atom.step
        if parts and rest != 1:
            return None
        groups.append(tuple([into[atom] for atom in parts]))
    return groups
