"""What two networks differ in, layer by layer: what changed, what is in one of them alone, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..graph import Layer
from ..ops.attributes import show
from ..quantities import QUANTITIES
from .alignment import Pairs, aligned, attributes
from .receptive import FieldExtent
from .scope import Row, laid_out
from .summary import Summary

# What became of a layer. RESIZED: it is the same, on other sizes or in another storage.
ALIKE, RESIZED, CHANGED, INSERTED, REMOVED = "alike", "resized", "changed", "inserted", "removed"
# The quantities that add up over layers to the totals, by their names in the table of quantities.
COSTS = ("params", "macs", "activation_bytes")
# Attributes that say together what a window is.
_OF_WINDOW = frozenset(("kernel", "stride", "pad", "dilation", "round"))


class LayerChange(NamedTuple):
    """One thing in which the two layers of a pair differ: its name, and what each has, as specs write it."""

    what: str
    first: str
    second: str

    @property
    def text(self) -> str:
        """``stride 1 → 2``; of an op without its name."""
        arrow = f"{self.first} → {self.second}"
        return arrow if self.what == "op" else f"{self.what} {arrow}"


class Cost(NamedTuple):
    """A quantity on both sides. A number is None where there is no rule for it."""

    first: int | None
    second: int | None

    @property
    def delta(self) -> int | None:
        """What the second has more than the first; None where one of them is not known."""
        return None if self.first is None or self.second is None else self.second - self.first

    def to_dict(self) -> dict[str, int | None]:
        """The JSON: both sides and the difference."""
        return {"first": self.first, "second": self.second, "delta": self.delta}


class LayerPair:
    """A layer of the first network and the one of the second that it belongs to; one of them may be
    missing.

    first, second  rows of the two summaries
    kind           ALIKE, RESIZED, CHANGED, INSERTED or REMOVED
    changes        in what they differ
    costs          COSTS on both sides; what is missing costs 0
    """

    __slots__ = ("first", "second", "kind", "changes", "costs")

    def __init__(self, first: Row | None, second: Row | None, changes: tuple[LayerChange, ...] = ()):
        self.first = first
        self.second = second
        self.changes = changes
        self.costs = {name: Cost(_cost(first, name), _cost(second, name)) for name in COSTS}
        if first is None or second is None:
            self.kind = INSERTED if first is None else REMOVED
        elif changes:
            self.kind = CHANGED
        else:
            same = all(cost.first == cost.second for cost in self.costs.values())
            self.kind = ALIKE if same and first.output == second.output else RESIZED

    @property
    def rows(self) -> tuple[Row | None, Row | None]:
        """Both sides."""
        return self.first, self.second

    @property
    def only(self) -> Row:
        """The row of the second network, and where there is none that of the first."""
        row = self.second or self.first
        assert row is not None
        return row

    def to_dict(self) -> dict[str, Any]:
        """The JSON record of the pair."""
        return {
            "kind": self.kind,
            "first": _side(self.first),
            "second": _side(self.second),
            "changes": [change._asdict() for change in self.changes],
            **{name: cost.to_dict() for name, cost in self.costs.items()},
        }


class NetworkDiff:
    """Two networks, layer by layer.

    Args:
        first: The summary of one network.
        second: That of the other, in the same batch, dtype and layout.

    Raises:
        ValueError: If batch, dtype or layout differ.
        SpecError: If they differ in so many layers that they cannot be aligned.

    Example:
        >>> from archcalc.analysis.difference import NetworkDiff
        >>> chains = "8x8x3 -> conv 3x3 4 -> fc 10", "8x8x3 -> conv 3x3 4 stride=2 -> fc 10"
        >>> diff = NetworkDiff(*[archcalc.load(chain).summary() for chain in chains])
        >>> [(pair.kind, [change.text for change in pair.changes]) for pair in diff.pairs]
        [('alike', []), ('changed', ['stride 1 → 2']), ('resized', [])]
    """

    def __init__(self, first: Summary, second: Summary):
        if (first.batch, first.dtype, first.layout) != (second.batch, second.dtype, second.layout):
            raise ValueError("batch, dtype and layout are one for both networks")
        self.first = first
        self.second = second
        sides = [[*summary.graph.inputs, *summary.layers] for summary in (first, second)]
        found = aligned(*sides)
        changes = _Changes(found, first.layout)
        self.pairs: list[LayerPair] = [
            LayerPair(
                None if one is None else Row(one, first),
                None if other is None else Row(other, second),
                () if one is None or other is None else tuple(changes.between(one, other)),
            )
            for one, other in found
        ]
        self.totals = {name: Cost(*[_total(name, side) for side in (first, second)]) for name in COSTS}
        # Sums that leave out layers without a rule: of these there is no difference.
        self.at_least = {
            name: tuple([_lower_bound(name, side) for side in (first, second)]) for name in COSTS
        }

    @property
    def names(self) -> tuple[str, str]:
        """What the networks are called; with the parameters in which they differ where the names do
        not."""
        both = self.first.graph.metadata, self.second.graph.metadata
        one, other = [" ".join(about.name.split()) for about in both]
        if one != other:
            return one, other
        given = [about.parameters for about in both]
        keys = [key for key in given[0] if key in given[1] and given[0][key] != given[1][key]]
        if not keys:
            return one, other
        one, other = [" ".join([one, *[f"{key}={values[key]}" for key in keys]]) for values in given]
        return one, other

    def delta(self, name: str) -> int | None:
        """The difference of a total; None where one of the totals is a lower bound."""
        return None if any(self.at_least[name]) else self.totals[name].delta


def extent(row: Row | None) -> FieldExtent | None:
    """The receptive field of a side; None where it is missing or has no rule."""
    return None if row is None else row.extent


def _cost(row: Row | None, name: str) -> int | None:
    if row is None:
        return 0
    rule = QUANTITIES[name].layer
    assert rule is not None
    return rule(row)  # type: ignore[no-any-return]


def _total(name: str, summary: Summary) -> int:
    return int(QUANTITIES[name].of(summary))


def _lower_bound(name: str, summary: Summary) -> bool:
    lacks = QUANTITIES[name].lacks
    return bool(lacks) and summary.lacks(lacks)


def _side(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "name": row.name,
        "op": row.op,
        "text": row.layer.text or row.op,
        "inputs": [source.name for source in row.layer.inputs],
        "output": laid_out(row.output, row.summary.layout),
        "rf": row.rf_dict(),
    }


class _Changes:
    """What pairs of an alignment differ in."""

    def __init__(self, pairs: Pairs, layout: str):
        self.layout = layout
        self.partner: dict[Layer, Layer] = {}
        for one, other in pairs:
            if one is not None and other is not None:
                self.partner[one] = other
                self.partner[other] = one

    def between(self, one: Layer, other: Layer) -> Iterator[LayerChange]:
        """The changes from a layer to the one of the other network."""
        if one.op.name != other.op.name:
            yield LayerChange("op", one.text or one.op.name, other.text or other.op.name)
        else:
            yield from self._attributes(one, other)
        if not one.inputs and one.output != other.output:
            first, second = ["x".join(map(str, laid_out(at.output, self.layout))) for at in (one, other)]
            yield LayerChange("size", first, second)
        if len(one.inputs) != len(other.inputs):
            yield LayerChange("inputs", str(len(one.inputs)), str(len(other.inputs)))
        else:
            for mine, its in zip(one.inputs, other.inputs, strict=True):
                reached = {self.partner[at] for at in self._paired(mine)}
                if reached and not reached & self._paired(its):
                    yield LayerChange("input", mine.name, its.name)
        if one.shared != other.shared:
            owners = [at.owner.name if at.shared else "its own" for at in (one, other)]
            yield LayerChange("parameters", *owners)
        if (
            one.held != other.held
            and one.facts.params
            and attributes(one).get("frozen") == attributes(other).get("frozen")
        ):
            yield LayerChange("frozen", show(one.held), show(other.held))

    def _attributes(self, one: Layer, other: Layer) -> Iterator[LayerChange]:
        mine, its = attributes(one), attributes(other)
        names = [name for name in mine if name in its and mine[name] != its[name]]
        if _OF_WINDOW & set(names) and _same_windows(one, other):
            # The same window in other words: `pad=half` of 3x3 is `pad=1`.
            names = [name for name in names if name not in _OF_WINDOW]
        for name in names:
            yield LayerChange(name, _shown(mine[name]), _shown(its[name]))

    def _paired(self, layer: Layer) -> set[Layer]:
        """The layer itself, or where it has no partner the nearest above it that have one."""
        found: set[Layer] = set()
        seen = {layer}
        stack = [layer]
        while stack:
            at = stack.pop()
            if at in self.partner:
                found.add(at)
                continue
            for source in at.inputs:
                if source not in seen:
                    seen.add(source)
                    stack.append(source)
        return found


def _shown(value: object) -> str:
    return "none" if value is None else show(value)


def _same_windows(one: Layer, other: Layer) -> bool:
    """Whether the windows of two layers are the same, however they are written."""
    volumes = one.facts.volume, other.facts.volume
    numbers = [
        None
        if volume is None or not volume.slides
        else [(w.kernel, w.stride, w.low, w.high, w.dilation, w.rounding) for w in volume.windows]
        for volume in volumes
    ]
    return numbers[0] is not None and numbers[0] == numbers[1]
