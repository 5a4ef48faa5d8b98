"""Figures of operations that a network may be given: ours, those of tools, and those of conventions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations

from ..counters import Counted, CountedLayer, Profile, count, profile, profiles
from ..graph import Layer
from ..loading import LoadedNetwork
from .assumptions import (
    CONVENTION,
    CONVENTION_COST,
    COUNTER_COST,
    COUNTER_HALVED_COST,
    FAULTLESS_COST,
    Assumption,
)
from .candidates import Candidate, FigureTerm, difference
from .stored import Part, parts_of

MACS, FLOPS = "MACs", "FLOPs"
# FLOPs of a MAC.
FACTORS = {MACS: 1, FLOPS: 2}
# What the layers of a chapter of the reference are called in a sum.
KINDS = {
    "normalisation": "norms",
    "activation": "activations",
    "pooling": "pooling",
    "merge": "additions and products of branches",
    "bias and scale": "scales",
    "enlarging": "enlarging",
    "sequence": "sequences",
    "functions": "functions",
}
# Kinds of operations that somebody may count beside the MACs: how many of them a layer has.
_COUNTED_BESIDE = ("biases", "norms", "activations", "pooling")


class OperationFigures:
    """What the layers of a network count by each convention, counted once a layer.

    Args:
        network: The network.
        ours: MACs of the network that was named.
        words: What makes this network another one; empty where it is that one.
        assumptions: The same, as it is to be assumed.
    """

    def __init__(
        self, network: LoadedNetwork, ours: int, words: str = "", assumptions: tuple[Assumption, ...] = ()
    ):
        self.network = network
        self.parts = parts_of(network.graph)
        self._ours = ours
        self._words = words
        self._assumptions = assumptions
        self._counted: dict[tuple[str, bool], Counted | None] = {}

    def counted_ourselves(self, part: Part) -> Iterator[Candidate]:
        """MACs, and two FLOPs each."""
        named = not (self._assumptions or part.assumptions)
        for unit, factor in FACTORS.items():
            yield Candidate(
                factor * part.counts.macs,
                unit,
                (*self._assumptions, *part.assumptions),
                lambda unit=unit: self._terms(part, unit),  # type: ignore[misc]
                documented=named,
            )

    def counted_by_tools(self, part: Part, other_units: bool = False) -> Iterator[Candidate]:
        """What the tools print; with ``other_units`` half of their FLOPs and twice their MACs."""
        for name in profiles():
            by = profile(name)
            counted = self._of(by, True)
            if counted is None:
                continue
            yield from self._of_tool(part, by, counted, (), other_units)

    def counted_without_faults(self, part: Part) -> Iterator[Candidate]:
        """What the tools' rules come to where their known faults are put right."""
        for name in profiles():
            by = profile(name)
            faulty, counted = self._of(by, True), self._of(by, False)
            if faulty is None or counted is None or faulty.figure == counted.figure:
                continue
            assumed = Assumption(CONVENTION, f"faultless:{name}", "without its faults", FAULTLESS_COST)
            yield from self._of_tool(part, by, counted, (assumed,), False)

    def counted_by_convention(self, part: Part) -> Iterator[Candidate]:
        """MACs or FLOPs with one or two kinds of other operations, or without one kind of layers."""
        for unit, factor in FACTORS.items():
            base = factor * part.counts.macs
            for number in (1, 2):
                for kinds in combinations(_COUNTED_BESIDE, number):
                    more = [(kind, self._beside[kind]) for kind in kinds]
                    if all(value for _, value in more):
                        assumed = tuple(
                            [
                                Assumption(CONVENTION, f"with:{kind}", f"{kind} counted too", CONVENTION_COST)
                                for kind in kinds
                            ]
                        )
                        yield self._changed(part, unit, base, assumed, more)

    # ---------------------------------------------------------------------------------------------

    def _changed(
        self,
        part: Part,
        unit: str,
        base: int,
        assumed: tuple[Assumption, ...],
        more: Sequence[tuple[str, int]],
    ) -> Candidate:
        value = base + sum([number for _, number in more])
        return Candidate(
            value,
            unit,
            (*self._assumptions, *part.assumptions, *assumed),
            lambda: [*self._terms(part, unit), *[FigureTerm(*one) for one in more]],
        )

    def _of_tool(
        self, part: Part, by: Profile, counted: Counted, assumed: tuple[Assumption, ...], other_unit: bool
    ) -> Iterator[Candidate]:
        figure = self._over(part, counted)
        named = not (self._assumptions or part.assumptions or assumed)
        unit = by.unit
        if not other_unit:
            tool = Assumption(CONVENTION, f"counter:{by.name}", by.name, COUNTER_COST)
            yield Candidate(
                figure,
                unit,
                (*self._assumptions, *part.assumptions, tool, *assumed),
                lambda: self._terms_of_tool(part, counted, unit),
                documented=named,
            )
            return
        # FLOPs taken for two operations a MAC, or MACs for one of two: half of it, or twice as much.
        other = FLOPS if unit == MACS else MACS
        value = 2 * figure if unit == MACS else figure // 2
        words = f"twice what {by.name} prints" if unit == MACS else f"half of what {by.name} prints"
        tool = Assumption(CONVENTION, f"counter:{by.name}:other", words, COUNTER_HALVED_COST)
        change = value - figure
        yield Candidate(
            value,
            other,
            (*self._assumptions, *part.assumptions, tool, *assumed),
            lambda: [*self._terms_of_tool(part, counted, unit), FigureTerm(words, change)],
        )

    def _over(self, part: Part, counted: Counted) -> int:
        """The sum over the layers of a part."""
        if part.assumption is None:
            return counted.figure
        names = {layer.name for layer in part}
        return sum([layer.figure for layer in counted.layers if layer.name in names])

    def _of(self, by: Profile, faults: bool) -> Counted | None:
        """The count of a tool; None where it has no rule for a layer."""
        key = by.name, faults
        if key not in self._counted:
            self._counted[key] = count(by, self.network, faults=faults)
        return self._counted[key]

    @cached_property
    def _beside(self) -> dict[str, int]:
        """How many operations of each kind there are, one for each value or each operation of a window."""
        sums = dict.fromkeys(_COUNTED_BESIDE, 0)
        for layer in self.parts[0]:
            operations = layer.facts.operations
            if operations is None:
                continue
            if layer.op.matrix_product:
                sums["biases"] += int(operations.biases)
            elif layer.op.is_norm:
                sums["norms"] += 2 * int(layer.output.values)
            elif layer.op.group == "activation":
                sums["activations"] += int(layer.output.values)
            elif layer.op.pools:
                sums["pooling"] += int(operations.compare + operations.add + operations.div)
        return sums

    def _terms(self, part: Part, unit: str) -> list[FigureTerm]:
        """Our count of a part, as what it differs from that of the network that was named."""
        factor = FACTORS[unit]
        whole = ", ".join(
            [self._words] * bool(self._words) + [assumption.words for assumption in part.assumptions]
        )
        return difference(
            f"our {unit}", factor * self._ours, (whole, factor * (part.counts.macs - self._ours))
        )

    def _terms_of_tool(self, part: Part, counted: Counted, unit: str) -> list[FigureTerm]:
        """A tool's count of a part, by the kinds of layers in which it differs from ours."""
        first, *whole = self._terms(part, unit)
        layers = {layer.name: layer for layer in part}
        more = [
            term
            for layer in counted.layers
            if layer.name in layers
            for term in _difference(layer, layers[layer.name], FACTORS[unit])
        ]
        return difference(*first, *whole, *more)


def _difference(counted: CountedLayer, layer: Layer, factor: int) -> list[tuple[str, int]]:
    """How a tool's count of a layer differs from ours, in words."""
    ours = factor * (layer.facts.macs or 0)
    if not layer.op.matrix_product:
        kind = KINDS.get(layer.op.group, layer.op.group)
        return [(layer.op.plural if hasattr(layer.op, "plural") else kind, counted.figure - ours)]
    largest = max(counted.terms, key=lambda term: term.value, default=None)
    if largest is None:
        return [(f"{layer.op.name} not counted", -ours)]
    rest = [(term.what, term.value) for term in counted.terms if term is not largest]
    return [(f"{layer.op.name}, {largest.what}", largest.value - ours), *rest]
