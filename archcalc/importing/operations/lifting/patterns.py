"""Patterns of `rearrange`: from the axes of a layer to other axes made of their parts."""

from __future__ import annotations

from collections.abc import Sequence

from ....shape import Shape
from .placements import Atom, Dim, merged, size_of

# What the axes of a shape are called, by their number.
NAMES = {1: ("c",), 2: ("t", "c"), 3: ("h", "w", "c"), 4: ("t", "h", "w", "c")}


def names_of(count: int) -> tuple[str, ...]:
    """A name for each axis, the channels last."""
    return NAMES.get(count) or (*[f"a{number}" for number in range(1, count)], "c")


def parts_of(shape: Shape, groups: Sequence[Dim]) -> list[list[Atom]] | None:
    """The parts of each axis of a shape, the outermost first, as the groups have them; None where they are
    not all of the axis."""
    parts: list[list[Atom]] = [[] for _ in shape]
    for group in groups:
        for atom in group:
            if atom.axis < 0:
                return None
            parts[atom.axis].append(atom)
    for axis, found in enumerate(parts):
        found.sort(key=lambda atom: -atom.step)
        rest = shape[axis]
        for atom in found:
            if atom.step * atom.size != rest:
                return None
            rest = atom.step
        if rest != 1:
            return None
    return parts


def written(shape: Shape, groups: Sequence[Dim]) -> str | None:
    """The pattern that makes of a shape another with an axis for each group; None if there is none.

    Example:
        >>> from archcalc.shape import Shape
        >>> from archcalc.importing.operations.lifting.placements import Atom
        >>> from archcalc.importing.operations.lifting.patterns import written
        >>> h, w, c = Atom(0, 1, 14), Atom(1, 1, 14), Atom(2, 1, 768)
        >>> written(Shape([14, 14, 768]), [(h, w), (c,)])
        'h w c -> (h w) c'
    """
    parts = parts_of(shape, groups)
    if parts is None:
        return None
    names = names_of(len(shape))
    called: dict[Atom, str] = {}
    left = []
    for axis, found in enumerate(parts):
        if not found:
            left.append("1")
        elif len(found) == 1:
            called[found[0]] = names[axis]
            left.append(names[axis])
        else:
            words = []
            for number, atom in enumerate(found, 1):
                called[atom] = f"{names[axis]}{number}"
                words.append(called[atom] if number == 1 else f"{called[atom]}={atom.size}")
            left.append(f"({' '.join(words)})")
    right = []
    for group in groups:
        words = [called[atom] for atom in group]
        right.append("1" if not words else words[0] if len(words) == 1 else f"({' '.join(words)})")
    return f"{' '.join(left)} -> {' '.join(right)}"


def in_order(shape: Shape, groups: Sequence[Dim]) -> bool:
    """Whether the groups have all values in the order of the shape: it is a reshape, then."""
    place = (-1, 0)
    for group in groups:
        for atom in group:
            here = (atom.axis, -atom.step)
            if here <= place:
                return False
            place = here
    return parts_of(shape, groups) is not None


def channels_first(shape: Shape, group: Dim) -> bool:
    """Whether a group has all values in the order in which `flatten` takes them: channel by channel."""
    order = [len(shape) - 1, *range(len(shape) - 1)]
    return merged(group) == tuple([Atom(axis, 1, shape[axis]) for axis in order if shape[axis] > 1])


def shuffled(shape: Shape, groups: Sequence[Dim]) -> int | None:
    """The groups of `channel_shuffle`, where that is what the groups come to; else None."""
    if len(groups) != len(shape) or size_of(groups[-1]) != shape.channels or len(groups[-1]) != 2:
        return None
    inner, outer = groups[-1]
    last = len(shape) - 1
    same = all(
        group == ((Atom(axis, 1, size),) if size > 1 else ())
        for axis, (group, size) in enumerate(zip(groups[:-1], shape[:-1], strict=True))
    )
    if same and inner.axis == outer.axis == last and inner.step == 1 and outer.step == inner.size:
        return outer.size
    return None
