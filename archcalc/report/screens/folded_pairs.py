"""From the pairs of two networks to the rows of a table: what is alike is one row, so are the layers of a
block that only one of them has, and changes that repeat.

Depths: 1 folds changes that are of one kind (``filters 32 → 16`` and ``64 → 32``), 2 those that are the same,
3 shows each change, and 4 opens blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ...analysis.difference import ALIKE, CHANGED, INSERTED, RESIZED, LayerPair, NetworkDiff
from ...graph import Group, Layer
from .folding import FEW, span

LEVELS = 4
# The most changes that repeat as one.
_LONGEST_PERIOD = 12
# Words of a row that stands for layers side by side.
_MOST_WORDS = 4


class PairRow:
    """A row: one pair, or several.

    kind    that of its pairs; RESIZED where some of what is alike has other sizes
    pairs   all that it stands for, in order
    text    what it says, without how often
    label   the name of the block that it stands for; empty where it has none
    times   how often it stands there
    indent  how deep it stands
    opened  the rows below it are its parts
    """

    __slots__ = ("kind", "pairs", "text", "label", "times", "indent", "opened")

    def __init__(self, kind: str, pairs: Sequence[LayerPair], text: str, times: int = 1, label: str = ""):
        self.kind = kind
        self.pairs = list(pairs)
        self.text = text
        self.label = label
        self.times = times
        self.indent = 0
        self.opened = False

    @property
    def what(self) -> str:
        """Its words, and how often where it is more than once."""
        if self.times == 1 or self.indent or self.kind in (ALIKE, RESIZED):
            return self.text
        if not self.text:
            return f"{self.times} x"
        return f"{self.times} x ({self.text})" if "," in self.text else f"{self.times} x {self.text}"

    @property
    def name(self) -> str:
        """What the layers are called: on both sides, where that differs."""
        if self.label:
            return self.label
        sides = []
        for side in (0, 1):
            names = [row.name for pair in self.pairs if (row := pair.rows[side]) is not None]
            if names:
                sides.append(span(names[0], names[-1]))
        return " → ".join(dict.fromkeys(sides))

    @property
    def last(self) -> LayerPair:
        """The pair whose output is the row's."""
        return self.pairs[-1]

    def delta(self, name: str) -> int | None:
        """What it costs more in the second network; None where that is not known."""
        found = [pair.costs[name].delta for pair in self.pairs]
        return None if None in found else sum([number or 0 for number in found])


def pair_rows(diff: NetworkDiff, depth: int | None = None) -> tuple[list[PairRow], int]:
    """The rows at a depth, and the depth: where none is asked for 2, or 1 where that has few rows and 2
    has not."""
    if depth is not None:
        at = min(max(depth, 1), LEVELS)
        return _rows(diff, at), at
    rows = _rows(diff, 2)
    if len(rows) <= FEW:
        return rows, 2
    fewer = _rows(diff, 1)
    return (fewer, 1) if len(fewer) < len(rows) else (rows, 2)


def every_pair(diff: NetworkDiff) -> list[PairRow]:
    """A row for each pair."""
    return [_single(pair) for pair in diff.pairs]


def alike_text(pairs: Sequence[LayerPair]) -> str:
    """``12 layers alike``, and how many of them have other sizes."""
    resized = sum([pair.kind == RESIZED for pair in pairs])
    layers = "1 layer" if len(pairs) == 1 else f"{len(pairs):,} layers"
    if not resized:
        return f"{layers} alike"
    if resized == len(pairs):
        return f"{layers} alike but for sizes"
    return f"{layers} alike, {resized:,} but for sizes"


def _is_alike(pair: LayerPair) -> bool:
    return pair.kind in (ALIKE, RESIZED)


def _single(pair: LayerPair) -> PairRow:
    if _is_alike(pair):
        return PairRow(pair.kind, [pair], _words(pair))
    if pair.kind == CHANGED:
        return PairRow(pair.kind, [pair], ", ".join([change.text for change in pair.changes]))
    return PairRow(pair.kind, [pair], _words(pair))


def _words(pair: LayerPair) -> str:
    layer = pair.only.layer
    return layer.text or layer.op.name


def _stretch(pairs: Sequence[LayerPair], between: bool = False) -> PairRow:
    kind = RESIZED if any(pair.kind == RESIZED for pair in pairs) else ALIKE
    text = alike_text(pairs)
    return PairRow(kind, pairs, f"between them {text}" if between else text)


def _rows(diff: NetworkDiff, depth: int) -> list[PairRow]:
    # Changes side by side, and what is alike between them: before the first and behind each.
    changes: list[list[PairRow]] = []
    alike: list[list[LayerPair]] = [[]]
    for same, pairs in groupby(diff.pairs, _is_alike):
        if same:
            alike[-1] = list(pairs)
        else:
            changes.append(list(_changed(diff, list(pairs), depth)))
            alike.append([])
    found = [_stretch(alike[0])] if alike[0] else []
    marks = [tuple([_mark(row, depth) for row in part]) for part in changes]
    at = 0
    while at < len(changes):
        period, times = _period(marks, at) if depth <= 2 else (1, 1)
        if times > 1:
            end = at + period * times
            # What is alike behind the last of them is not between them.
            found += _repeated(changes[at:end], alike[at + 1 : end], period, times)
            at = end
        else:
            found += changes[at]
            at += 1
        if alike[at]:
            found.append(_stretch(alike[at]))
    return found


def _mark(row: PairRow, depth: int) -> tuple[object, ...]:
    """Equal for rows that are the same change; at depth 1 for changes of the same kind."""
    if depth > 1:
        return row.kind, row.text
    if row.kind == CHANGED:
        return row.kind, *[c.text if c.what == "op" else c.what for c in row.pairs[0].changes]
    return row.kind, *[pair.only.op for pair in row.pairs]


def _period(marks: Sequence[object], at: int) -> tuple[int, int]:
    """How many changes repeat from here, and how often: what covers most, and of that the shortest."""
    best = 1, 1
    for period in range(1, min(_LONGEST_PERIOD, (len(marks) - at) // 2) + 1):
        times = 1
        while marks[at : at + period] == marks[at + period * times : at + period * (times + 1)]:
            times += 1
        if times > 1 and period * times > (best[0] * best[1] if best[1] > 1 else 1):
            best = period, times
    return best


def _repeated(
    changes: Sequence[list[PairRow]], alike: Sequence[list[LayerPair]], period: int, times: int
) -> Iterator[PairRow]:
    """The rows of changes that repeat, ``alike`` behind each but the last."""
    rows: list[PairRow] = []
    for turn in range(period):
        parts = changes[turn::period]
        for number, row in enumerate(parts[0]):
            same = [part[number] for part in parts]
            pairs = [pair for one in same for pair in one.pairs]
            text = _first_to_last(row.text, same[-1].text)
            label = span(row.label, same[-1].label) if row.label and same[-1].label else ""
            rows.append(PairRow(row.kind, pairs, text, times, label))
        between = [pair for part in alike[turn::period] for pair in part]
        if between:
            rows.append(_stretch(between, between=True))
    if all(_is_alike(row.pairs[0]) for row in rows[1:]):
        yield from rows
        return
    every = []
    for number, part in enumerate(changes):
        every += [pair for row in part for pair in row.pairs]
        every += alike[number] if number < len(alike) else []
    head = PairRow(CHANGED, every, "", times)
    head.opened = True
    yield head
    for row in rows:
        row.indent = 1
        yield row


def _first_to_last(first: str, last: str) -> str:
    """``filters 32 → 16 … 320 → 160``: what changes have in common is said once."""
    if first == last:
        return first
    words = last.split(" ")
    for one, other in zip(first.split(" "), last.split(" "), strict=False):
        if one != other:
            break
        del words[0]
    return f"{first} … {' '.join(words)}"


# Blocks that only one of the networks has ---------------------------------------------------------


def _changed(diff: NetworkDiff, pairs: Sequence[LayerPair], depth: int) -> Iterator[PairRow]:
    """The rows of pairs side by side that are not alike."""
    for kind, run in groupby(pairs, lambda pair: pair.kind):
        if kind == CHANGED or depth >= LEVELS:
            yield from [_single(pair) for pair in run]
            continue
        side = 1 if kind == INSERTED else 0
        summary = (diff.first, diff.second)[side]
        by_layer = {}
        for pair in run:
            if pair.only.layer.inputs:
                by_layer[pair.only.layer] = pair
            else:
                yield _single(pair)  # an input of the network stands in no group
        yield from _closed(kind, by_layer, list(_covering(summary.graph.tree, by_layer)))


def _covering(group: Group, layers: dict[Layer, LayerPair]) -> Iterator[Group | Layer]:
    """The largest groups that are among some layers, and the layers that are in none."""
    for member in group.members:
        if isinstance(member, Layer):
            if member in layers:
                yield member
            continue
        inside = list(member.layers())
        if not any(layer in layers for layer in inside):
            continue
        called = member.kind in ("block", "use", "turn") and member.text
        if called and len(inside) > 1 and all(layer in layers for layer in inside):
            yield member
        else:
            yield from _covering(member, layers)


def _closed(kind: str, layers: dict[Layer, LayerPair], parts: Sequence[Group | Layer]) -> Iterator[PairRow]:
    """A row for each block, equal ones in one; layers side by side are one row."""

    def key(part: Group | Layer) -> str:
        return part.text if isinstance(part, Group) else ""

    for text, same in groupby(parts, key):
        run = list(same)
        pairs = [layers[layer] for part in run for layer in _layers(part)]
        label = ""
        if not text:
            words = [_words(pair) for pair in pairs]
            if len(words) > _MOST_WORDS:
                words = [*words[: _MOST_WORDS - 1], f"… {len(words) - _MOST_WORDS + 1} more"]
            text = ", ".join(words)
        else:
            ends = [part.name or "" for part in (run[0], run[-1]) if isinstance(part, Group)]
            label = span(ends[0], ends[1]) if all(ends) else ""
            text = f"{len(run)} x {text}" if len(run) > 1 else text
        yield PairRow(kind, pairs, text, label=label)


def _layers(part: Group | Layer) -> Iterator[Layer]:
    if isinstance(part, Group):
        yield from part.layers()
    else:
        yield part
