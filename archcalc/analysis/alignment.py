"""Which layers of two networks belong together: the alignment of two sequences that scores best.

A pair of layers scores by what they have in common: the op, which counts most where it has weights, its
attributes, the name, the place among the blocks, the shape of the output, and where the inputs come from.
Layers of ops that have nothing to do with each other make no pair. Each stretch that only one of the
networks has costs something, so that what was inserted stays together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..diagnostics import fail
from ..graph import Layer

# What a pair scores, point by point.
_SAME_OP, _SAME_SMALL, _SAME_GROUP = 10, 4, 2
_OUTPUT, _CHANNELS, _WIRING = 3, 1, 2
_LABEL, _NUMBERED, _PLACE, _WHOLE_NAME = 5, 1, 2, 6
# What each attribute costs in which they differ.
_ATTRIBUTE = 4
# What a stretch costs that only one of the networks has.
_GAP = 5
# The most pairs of layers that are weighed.
MOST_PAIRS = 9_000_000

_NONE = -(10**9)
# How the best alignment came to a place: by a pair, by a layer of the first, by one of the second.
_PAIR, _FIRST, _SECOND = 0, 1, 2

Pairs = list[tuple[Layer | None, Layer | None]]


def attributes(layer: Layer) -> dict[str, object]:
    """The arguments of a layer's op by name."""
    return {name: layer.op.argument(name) for name in layer.op.attributes}


def aligned(first: Sequence[Layer], second: Sequence[Layer]) -> Pairs:
    """Pair the layers of two networks, each in the order of its text.

    Args:
        first: The layers of one network.
        second: Those of the other.

    Returns:
        Every layer once, in order: in a pair, or alone beside None.

    Raises:
        SpecError: For networks that differ in so many layers that the pairs are too many to weigh.

    Example:
        >>> from archcalc.analysis.alignment import aligned
        >>> chains = "8x8x3 -> conv 3x3 4 -> fc 10", "8x8x3 -> conv 3x3 4 -> relu -> fc 10"
        >>> one, other = (archcalc.load(chain).graph.layers for chain in chains)
        >>> [(a and a.name, b and b.name) for a, b in aligned(one, other)]
        [('conv1', 'conv1'), (None, 'relu1'), ('fc1', 'fc1')]
    """
    marks: dict[tuple[object, ...], int] = {}
    a, b = ([_Marked(layer, marks) for layer in layers] for layers in (first, second))
    front = back = 0
    for named in (True, False):
        front, back = _ends_alike(a, b, named)
        if (len(a) - front - back) * (len(b) - front - back) <= MOST_PAIRS:
            break
    else:
        raise fail(
            "limit",
            f"networks of {len(a):,} and {len(b):,} layers differ in too many to be aligned",
            f"at most {MOST_PAIRS:,} pairs of layers are weighed",
        )
    middle = _best(a[front : len(a) - back], b[front : len(b) - back])
    pairs: Pairs = list(zip(first[:front], second[:front], strict=True))
    pairs += middle
    pairs += zip(first[len(a) - back :], second[len(b) - back :], strict=True)
    return pairs


class _Marked:
    """A layer with what it is weighed by.

    mark    a number for its op, arguments and output: the same for layers that have these in common
    label   the last part of its name; ``numbered``, that is its op and a number
    place   the parts of the name before that
    wiring  how far above it, in the text, its inputs stand
    """

    __slots__ = ("layer", "mark", "label", "numbered", "place", "wiring")

    def __init__(self, layer: Layer, marks: dict[tuple[object, ...], int]):
        self.layer = layer
        key = (layer.op.name, layer.output, *map(str, attributes(layer).values()))
        self.mark = marks.setdefault(key, len(marks))
        self.place, _, self.label = layer.name.rpartition(".")
        self.numbered = re.fullmatch(rf"{re.escape(layer.op.name)}\d*", self.label) is not None
        self.wiring = tuple([layer.index - source.index for source in layer.inputs])

    def named_alike(self, other: _Marked) -> int:
        """The points for what the names have in common."""
        same_label = self.label == other.label
        if self.place and self.place == other.place:
            return _WHOLE_NAME if same_label else _PLACE
        if not same_label:
            return 0
        return _NUMBERED if self.numbered else _LABEL


def _ends_alike(a: Sequence[_Marked], b: Sequence[_Marked], named: bool) -> tuple[int, int]:
    """How many layers are alike at the front and at the back; with ``named`` in names and sizes too."""

    def alike(one: _Marked, other: _Marked) -> bool:
        if one.wiring != other.wiring:
            return False
        if named:
            return one.mark == other.mark and one.layer.name == other.layer.name
        return one.layer.op.name == other.layer.op.name and attributes(one.layer) == attributes(other.layer)

    most = min(len(a), len(b))
    front = 0
    while front < most and alike(a[front], b[front]):
        front += 1
    back = 0
    while back < most - front and alike(a[-1 - back], b[-1 - back]):
        back += 1
    return front, back


def _weight(one: Layer, other: Layer) -> int:
    """The points of a pair for all but names and wiring."""
    if one.op.name != other.op.name:
        if not one.op.group or one.op.group != other.op.group:
            return _NONE
        points = _SAME_GROUP
    else:
        mine, its = attributes(one), attributes(other)
        points = _SAME_OP if one.op.weighted and not one.op.is_norm else _SAME_SMALL
        points -= _ATTRIBUTE * sum([mine[name] != its.get(name) for name in mine])
    if one.output == other.output:
        points += _OUTPUT
    elif one.output.channels == other.output.channels:
        points += _CHANNELS
    return points


def _best(a: Sequence[_Marked], b: Sequence[_Marked]) -> Pairs:
    """The alignment of the highest score, with gaps that cost as much however long they are (Gotoh)."""
    columns = len(b)
    weights: dict[int, dict[int, int]] = {}
    ways: list[bytearray] = []
    # The best score that ends at a place with a pair, a layer of the first, a layer of the second.
    pair = [0] + [_NONE] * columns
    one = [_NONE] * (columns + 1)
    two = [_NONE] + [-_GAP] * columns
    marks = [at.mark for at in b]
    for row, above in enumerate(a):
        known = weights.setdefault(above.mark, {})
        way = bytearray(columns + 1)
        new_pair, new_one, new_two = [_NONE], [-_GAP], [_NONE]
        way[0] = (_FIRST if row else _PAIR) << 2
        left_pair, left_one, left_two = _NONE, -_GAP, _NONE
        for column in range(columns):
            mark = marks[column]
            other = b[column]
            points = known.get(mark)
            if points is None:
                points = known[mark] = _weight(above.layer, other.layer)
            # A pair, behind the best of what ends just before.
            best, came = pair[column], _PAIR
            if one[column] > best:
                best, came = one[column], _FIRST
            if two[column] > best:
                best, came = two[column], _SECOND
            if points != _NONE:
                best += points + above.named_alike(other)
                if above.wiring == other.wiring:
                    best += _WIRING
            else:
                best = _NONE
            step = came
            # A layer of the first, which opens a gap or goes on with one.
            opened, longer = pair[column + 1] - _GAP, one[column + 1]
            if opened > longer:
                alone = opened
            else:
                alone = longer
                step |= _FIRST << 2
            # A layer of the second; it may stand behind those of the first.
            opened, turned = left_pair - _GAP, left_one - _GAP
            also = left_two
            from_where = _SECOND
            if opened > also:
                also, from_where = opened, _PAIR
            if turned > also:
                also, from_where = turned, _FIRST
            step |= from_where << 4
            way[column + 1] = step
            new_pair.append(best)
            new_one.append(alone)
            new_two.append(also)
            left_pair, left_one, left_two = best, alone, also
        ways.append(way)
        pair, one, two = new_pair, new_one, new_two
    return _traced(a, b, ways, max((_PAIR, _FIRST, _SECOND), key=lambda end: (pair, one, two)[end][columns]))


def _traced(a: Sequence[_Marked], b: Sequence[_Marked], ways: list[bytearray], end: int) -> Pairs:
    """The alignment that the ways tell, from its end."""
    found: Pairs = []
    row, column = len(a), len(b)
    while row or column:
        if not row:
            end = _SECOND
        elif not column:
            end = _FIRST
        way = ways[row - 1][column] if row else 0
        if end == _PAIR:
            found.append((a[row - 1].layer, b[column - 1].layer))
            end = way & 3
            row, column = row - 1, column - 1
        elif end == _FIRST:
            found.append((a[row - 1].layer, None))
            end = way >> 2 & 3
            row -= 1
        else:
            found.append((None, b[column - 1].layer))
            end = way >> 4 & 3
            column -= 1
    return found[::-1]
