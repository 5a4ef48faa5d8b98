"""Figures of operations that a network may be given: ours, those of tools, and those of conventions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import combinations
from typing import NamedTuple

from ..code_form import CodeForm
from ..counters import CountedLayer, Profile, count_layer, profile, profiles
from ..counters.counting import CountedTerm, written_forms
from ..diagnostics import SpecError
from ..graph import Layer
from ..loading import LoadedNetwork
from .assumptions import (
    BUILT_OTHERWISE_COST,
    CONVENTION,
    CONVENTION_COST,
    COUNTER_COST,
    COUNTER_HALVED_COST,
    FAULTLESS_COST,
    FigureAssumption,
)
from .candidates import FigureCandidate, FigureTerm, difference
from .stored import NetworkPart, parts_of
from .writings import WrittenCode, writings_of

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


@cache
def tool_profiles() -> tuple[Profile, ...]:
    """The profiles of all tools, read once."""
    return tuple([profile(name) for name in profiles()])


class ToolSum(NamedTuple):
    """What a tool counts of a part of a network: layers that are alike stand once, with their number."""

    profile: Profile
    writing: WrittenCode
    figure: int
    layers: Sequence[tuple[Layer, CountedLayer, int]]


class OperationFigures:
    """What the layers of a network count by each convention, counted once a layer.

    Args:
        network: The network.
        ours: MACs of the network that was named.
        words: What makes this network another one; empty where it is that one.
        assumptions: The same, as it is to be assumed.
        like: A network whose layers have the same names and the same code, if there is one.
        of: The label that figures are about; empty for the whole network.
    """

    def __init__(
        self,
        network: LoadedNetwork,
        ours: int,
        words: str = "",
        assumptions: tuple[FigureAssumption, ...] = (),
        like: OperationFigures | None = None,
        of: str = "",
    ):
        self.network = network
        self.parts = parts_of(network.graph, of)
        self._ours = ours
        self._words = words
        self._assumptions = assumptions
        self._like = like
        self._sums: dict[tuple[str, int, int], ToolSum | None] = {}
        self._layers: dict[tuple[str, int, int], CountedLayer] = {}
        self._alike: dict[tuple[int, int], list[tuple[Layer, CodeForm, int]]] = {}

    def counted_ourselves(self, part: NetworkPart) -> Iterator[FigureCandidate]:
        """MACs, and two FLOPs each."""
        # That the same network built otherwise takes so many is known, and no guess.
        named = not part.assumptions and all(one.cost == BUILT_OTHERWISE_COST for one in self._assumptions)
        for unit, factor in FACTORS.items():
            yield FigureCandidate(
                factor * part.macs,
                unit,
                (*self._assumptions, *part.assumptions),
                lambda unit=unit: self._terms(part, unit),  # type: ignore[misc]
                documented=named,
            )

    def printed(self, by: Profile, writing: WrittenCode) -> ToolSum | None:
        """What a tool prints of the whole network, its code written in a way; None where it cannot."""
        return self._sum(by, writing, self.parts[0])

    @cached_property
    def printed_by_tools(self) -> dict[str, int]:
        """What the tools print of the whole network, by their names."""
        found = {}
        for by in tool_profiles():
            counted = self._sum(by, self._writings[0], self.parts[0])
            if counted is not None:
                found[by.name] = counted.figure
        return found

    def counted_by_tools(
        self, part: NetworkPart, names: Collection[str] | None = None, writings: bool = False
    ) -> Iterator[FigureCandidate]:
        """What the tools, or those of these ``names``, print of the network as it is usually written, and
        written otherwise too with ``writings``."""
        if names is not None and not names:
            return
        seen = set()
        for writing in self._writings if writings else self._writings[:1]:
            for by in tool_profiles():
                if names is not None and by.name not in names:
                    continue
                counted = self._sum(by, writing, part)
                if counted is not None and (by.name, counted.figure) not in seen:
                    seen.add((by.name, counted.figure))
                    yield self._of_tool(part, counted)

    def counted_in_other_units(self, part: NetworkPart) -> Iterator[FigureCandidate]:
        """Half of the FLOPs that tools print, and twice their MACs."""
        for by in tool_profiles():
            counted = self._sum(by, self._writings[0], part)
            if counted is not None and by.version:
                yield self._in_other_unit(part, counted)

    def counted_without_faults(self, part: NetworkPart) -> Iterator[FigureCandidate]:
        """What the tools' rules come to where their known faults are put right."""
        for by in tool_profiles():
            counted = self._sum(by, self._writings[0], part)
            if counted is None:
                continue
            by_faults = sum(
                [number * t.value for _, its, number in counted.layers for t in its.terms if t.fault]
            )
            if by_faults:
                yield self._faultless(part, counted, by_faults)

    def _faultless(self, part: NetworkPart, counted: ToolSum, by_faults: int) -> FigureCandidate:
        assumed = FigureAssumption(
            CONVENTION, f"faultless:{counted.profile.name}", "without its faults", FAULTLESS_COST
        )
        found = self._of_tool(part, counted).assuming(assumed)
        return found._replace(
            value=found.value - by_faults,
            parts=lambda: [*self._terms_of_tool(part, counted), FigureTerm("without its faults", -by_faults)],
        )

    def counted_by_convention(self, part: NetworkPart) -> Iterator[FigureCandidate]:
        """MACs or FLOPs with one or two kinds of other operations, or without one kind of layers."""
        for unit, factor in FACTORS.items():
            base = factor * part.macs
            for number in (1, 2):
                for kinds in combinations(_COUNTED_BESIDE, number):
                    more = [(kind, self._beside[kind]) for kind in kinds]
                    if all(value for _, value in more):
                        assumed = tuple(
                            [
                                FigureAssumption(
                                    CONVENTION, f"with:{kind}", f"{kind} counted too", CONVENTION_COST
                                )
                                for kind in kinds
                            ]
                        )
                        yield self._changed(part, unit, base, assumed, more)

    # ---------------------------------------------------------------------------------------------

    def _changed(
        self,
        part: NetworkPart,
        unit: str,
        base: int,
        assumed: tuple[FigureAssumption, ...],
        more: Sequence[tuple[str, int]],
    ) -> FigureCandidate:
        value = base + sum([number for _, number in more])
        return FigureCandidate(
            value,
            unit,
            (*self._assumptions, *part.assumptions, *assumed),
            lambda: [*self._terms(part, unit), *[FigureTerm(*one) for one in more]],
        )

    def _of_tool(self, part: NetworkPart, counted: ToolSum) -> FigureCandidate:
        by, writing = counted.profile, counted.writing
        tool = FigureAssumption(CONVENTION, f"counter:{by.name}", by.name, COUNTER_COST)
        return FigureCandidate(
            counted.figure,
            by.unit,
            (*self._assumptions, *part.assumptions, *writing.assumptions, tool),
            lambda: self._terms_of_tool(part, counted),
            documented=not (self._assumptions or part.assumptions),
        )

    def _in_other_unit(self, part: NetworkPart, counted: ToolSum) -> FigureCandidate:
        by, figure = counted.profile, counted.figure
        unit, value, how = (FLOPS, 2 * figure, "twice") if by.unit == MACS else (MACS, figure // 2, "half of")
        words = f"{how} what {by.name} prints"
        tool = FigureAssumption(CONVENTION, f"counter:{by.name}:other", words, COUNTER_HALVED_COST)
        return FigureCandidate(
            value,
            unit,
            (*self._assumptions, *part.assumptions, *counted.writing.assumptions, tool),
            lambda: [*self._terms_of_tool(part, counted), FigureTerm(words, value - figure)],
        )

    @cached_property
    def forms(self) -> Mapping[Layer, CodeForm]:
        """How the layers are written where the network is exported, or as it was traced."""
        layers = self.network.graph.select(with_heads=True)
        if self._like is None:
            return written_forms(self.network.graph, layers)
        known = {layer.name: form for layer, form in self._like.forms.items()}
        return {layer: known.get(layer.name, CodeForm()) for layer in layers}

    @cached_property
    def _writings(self) -> list[WrittenCode]:
        """How the code may be written, the usual way first."""
        return writings_of(self.network.graph, self.forms)

    def _sum(self, by: Profile, writing: WrittenCode, part: NetworkPart) -> ToolSum | None:
        """What a tool counts of a part; None where it cannot."""
        key = by.name, id(writing), id(part)
        if key not in self._sums:
            try:
                self._sums[key] = self._counted(by, writing, part)
            except SpecError:
                self._sums[key] = None
        return self._sums[key]

    def _counted(self, by: Profile, writing: WrittenCode, part: NetworkPart) -> ToolSum:
        groups = []
        figure = 0
        for layer, form, number in self._groups(writing, part):
            kind = by.name, id(layer.facts), id(form)
            counted = self._layers.get(kind)
            if counted is None:
                counted = self._layers[kind] = count_layer(by, layer, form)
            figure += number * counted.figure
            groups.append((layer, counted, number))
        return ToolSum(by, writing, figure, groups)

    def _groups(self, writing: WrittenCode, part: NetworkPart) -> list[tuple[Layer, CodeForm, int]]:
        """The layers of a part that are alike, one of them with how many there are."""
        key = id(writing), id(part)
        if key not in self._alike:
            alike: list[tuple[Layer, CodeForm, int]] = []
            numbers: dict[tuple[int, int], int] = {}
            for layer in part:
                form = writing.forms.get(layer)
                if form is None:
                    continue
                kind = id(layer.facts), id(form)
                if kind in numbers:
                    numbers[kind] += 1
                else:
                    numbers[kind] = 1
                    alike.append((layer, form, 0))
            alike = [(layer, form, numbers[id(layer.facts), id(form)]) for layer, form, _ in alike]
            if part.assumption is None and part.ends:
                alike += [(layer, form, 1) for layer, form in writing.added]
            self._alike[key] = alike
        return self._alike[key]

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

    def _terms(self, part: NetworkPart, unit: str) -> list[FigureTerm]:
        """Our count of a part, as what it differs from that of the network that was named."""
        factor = FACTORS[unit]
        whole = ", ".join(
            [self._words] * bool(self._words) + [assumption.words for assumption in part.assumptions]
        )
        return difference(f"our {unit}", factor * self._ours, (whole, factor * (part.macs - self._ours)))

    def _terms_of_tool(self, part: NetworkPart, counted: ToolSum) -> list[FigureTerm]:
        """A tool's count of a part, by the kinds of layers in which it differs from ours."""
        unit = counted.profile.unit
        first, *whole = self._terms(part, unit)
        more = [
            (what, number * value)
            for layer, its, number in counted.layers
            for what, value in _difference(its, layer, FACTORS[unit])
        ]
        return difference(*first, *whole, *more)


def _difference(counted: CountedLayer, layer: Layer, factor: int) -> list[tuple[str, int]]:
    """How a tool's count of a layer differs from ours, in words."""
    ours = factor * (layer.facts.macs or 0)
    if not layer.op.matrix_product:
        kind = KINDS.get(layer.op.group, layer.op.group)
        return [(kind, counted.figure - ours)]
    main = max(counted.terms, key=lambda term: term.value, default=None)
    if main is None:
        return [(f"{layer.op.name} left out", -ours)]
    rest = [(_besides(term, layer), term.value) for term in counted.terms if term is not main]
    return [(f"{main.what} of {layer.op.name}", main.value - ours), *rest]


def _besides(term: CountedTerm, layer: Layer) -> str:
    """What is counted of a layer beside its products, in words."""
    return f"the fault `{term.what}` in {layer.op.name}" if term.fault else term.what
