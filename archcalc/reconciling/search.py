"""The search: for each printed figure the explanations that need the fewest assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import TYPE_CHECKING, Any, NamedTuple

from ..analysis.published_figures import figure_value
from ..diagnostics import did_you_mean, fail
from ..graph import Layer
from ..loading import LoadedNetwork
from .assumptions import (
    BINARY_COST,
    CONVENTION,
    CONVENTION_COST,
    CUT_OFF_COST,
    FLOPS_COST,
    MISPRINT_COST,
    PRINTING,
    FigureAssumption,
)
from .candidates import FigureCandidate, FigureTerm
from .evidence import BELIEVED, NearFigures
from .operations import FLOPS, MACS, OperationFigures
from .printed import DEPTH, MEMORY, OPERATIONS, PARAMETERS, PrintedFigure, placed, read_figure
from .stored import NetworkPart, depth_candidates, memory_candidates, parameter_candidates, parts_of
from .variants import NetworkVariant, Variants, classifier_of

if TYPE_CHECKING:
    from ..witness.tools import ToolRun

# How many explanations of a figure are given, and the most figures of a call.
MOST, MOST_FIGURES = 4, 200
# Digits from which one of them may be a misprint: shorter numbers differ in one for every reason.
DIGITS_OF_A_MISPRINT = 3
# Networks that are read for a figure: of those with another input or parameter, of so few digits that they
# could only be a guess, and of the family.
MOST_LOOKED_AT, FEW_LOOKED_AT, MOST_RELATIVES = 6, 2, 12

# How far from a figure of a label what is expected of it may lie: it need not grow as the network does.
SLACK_OF_LABELS = Fraction(1, 20)

TWO_FLOPS = FigureAssumption(CONVENTION, "flops", "two FLOPs a MAC", FLOPS_COST)
CALLED_FLOPS = FigureAssumption(CONVENTION, "macs-as-flops", "MACs called FLOPs", FLOPS_COST)
CALLED_MACS = FigureAssumption(CONVENTION, "flops-as-macs", "FLOPs called MACs", FLOPS_COST + 2)
CUT_OFF = FigureAssumption(PRINTING, "cut-off", "cut off, not rounded", CUT_OFF_COST)
BINARY = FigureAssumption(PRINTING, "binary", "K, M and G as powers of 1,024", BINARY_COST)
BINARY_BYTES = FigureAssumption(PRINTING, "binary-bytes", "1 MB taken for 2^20 bytes", 2)


class FigureExplanation(NamedTuple):
    """Why a figure is what it is, if it is for this reason.

    assumptions  what has to be so
    value        the exact value
    unit         of what it is a number: ``MACs``, ``FLOPs``, ``parameters``, ``bytes``, ``layers``
    terms        its parts, the first of them ours; they add up to it
    chance       the share of figures as long as this one and near it that would be explained as cheaply
    sources      where the figure is printed of this network
    believed     whether it is more than a guess
    documented   whether it is ours, or what a tool prints of this very network: no guess at all
    title        what the network is, in words, where it is another of the zoo
    """

    assumptions: tuple[FigureAssumption, ...]
    value: int
    unit: str
    terms: tuple[FigureTerm, ...]
    chance: Fraction
    sources: tuple[str, ...] = ()
    believed: bool = False
    documented: bool = False
    title: str = ""

    @property
    def cost(self) -> int:
        """How rare what is assumed is, in powers of two."""
        return sum([assumption.cost for assumption in self.assumptions])


class ReconciledFigure(NamedTuple):
    """A printed figure with its explanations, the one of the fewest assumptions first; or, where there is
    none, what comes nearest. Where a publication prints it and the spec holds it to be wrong, ``wrong`` says
    where and why."""

    printed: PrintedFigure
    explanations: tuple[FigureExplanation, ...]
    nearest: FigureExplanation | None = None
    wrong: str = ""

    @property
    def explained(self) -> bool:
        """Whether it has an explanation that is more than a guess."""
        return any(explanation.believed for explanation in self.explanations)


class Reconciliation:
    """Printed figures of a network, reconciled with ours.

    Args:
        network: The network.
        figures: The figures as they are printed.
        target: What the network was called, so that it can be read with other sizes; None where it cannot.
        input: The sizes of its input that were asked for.
        parameters: The values of its parameters that were asked for.
        by_records: Whether the published figures that specs report may be consulted.
        of: The label that the figures are about, where they do not say; empty for the whole network.

    Raises:
        SpecError: For what is no figure, and for a label that there is not.
    """

    def __init__(
        self,
        network: LoadedNetwork,
        figures: Iterable[str],
        target: str | None = None,
        input: Any = None,
        parameters: Mapping[str, Any] | None = None,
        by_records: bool = True,
        of: str = "",
    ):
        texts = list(figures)
        if not texts and not of:
            raise fail("usage", "a FIGURE is missing", "as in archcalc reconcile resnet50 4.11G 25.6M")
        if len(texts) > MOST_FIGURES:
            raise fail("limit", f"{len(texts):,} figures, more than {MOST_FIGURES}")
        printed = [read_figure(text) for text in texts]
        self.network = network
        self._by_records = by_records
        self._of = of
        self._given = target, input, parameters
        self._variants = Variants(network, target, input, parameters)
        self._counted: dict[NetworkVariant, OperationFigures] = {}
        # What tools printed that were run.
        self.runs: tuple[ToolRun, ...] = ()
        self._of_labels: dict[str, Reconciliation] = {}
        self.figures = [self._of_label(figure)._placed(figure) for figure in printed]

    @property
    def name(self) -> str:
        """The name of the network."""
        return self.network.graph.metadata.name

    @property
    def explained(self) -> bool:
        """Whether all figures are explained."""
        return all(figure.explained for figure in self.figures)

    @cached_property
    def ours(self) -> dict[str, int]:
        """Our figures by their families."""
        whole = self._parts[0]
        if self._of:
            return {OPERATIONS: whole.macs, PARAMETERS: whole.counts.params}
        depth = next(depth_candidates(whole, "")).value
        return {
            OPERATIONS: whole.macs,
            PARAMETERS: whole.counts.params,
            MEMORY: 4 * whole.counts.params,
            DEPTH: depth,
        }

    # ---------------------------------------------------------------------------------------------

    @cached_property
    def _parts(self) -> list[NetworkPart]:
        return parts_of(self.network.graph, self._of)

    def _of_label(self, figure: PrintedFigure) -> Reconciliation:
        """What reconciles the figures of a label: the same for what it stands for alone. Raises SpecError."""
        of = self.network.graph.called(figure.of) if figure.of else ""
        if of == self._of:
            return self
        if self.network.graph.find(of) is None:
            known = did_you_mean(of, self.network.graph.names())
            raise fail("argument", f"`{figure.text}`: nothing is called `{of}` in {self.name}", *known)
        if of not in self._of_labels:
            target, input, parameters = self._given
            self._of_labels[of] = Reconciliation(
                self.network, (), target, input, parameters, self._by_records, of
            )
        return self._of_labels[of]

    def _placed(self, figure: PrintedFigure) -> ReconciledFigure:
        """The explanations of a figure as what it is likely to be one of. By a fault a tool may print
        operations as few as there are parameters: what is explained by nothing else may be that."""
        likely = placed(figure, self.ours)
        found = self._reconciled(likely)
        if not (found.explained or figure.families or OPERATIONS in likely.families):
            other = self._reconciled(likely._replace(families=(OPERATIONS,)))
            found = other if other.explained else found
        return found if found.explained else found._replace(wrong=self._wrong(likely))

    def _wrong(self, figure: PrintedFigure) -> str:
        """Where a figure is printed that the spec holds to be wrong, and why; empty where it is none."""
        quantities = {OPERATIONS: ("macs", "flops"), PARAMETERS: ("params", "total")}
        asked = [quantity for family in figure.families for quantity in quantities.get(family, ())]
        for one in self.network.graph.published_figures if self._by_records else ():
            same = one.of == (self._of or None) and one.quantity in asked
            if same and one.wrong and figure_value(one.printed) == figure.number.value:
                printed = f"printed in {one.source}, and wrong" if one.source else "wrong"
                return f"{printed} by the spec: {one.wrong}"
        return ""

    def _reconciled(self, figure: PrintedFigure) -> ReconciledFigure:
        """The explanations of a figure: stage after stage, until one is more than a guess."""
        neighbours = NearFigures(figure)
        found: list[tuple[FigureCandidate, NetworkVariant]] = []
        nearest: FigureCandidate | None = None
        for number, stage in enumerate(self._stages(figure, neighbours)):
            for variant, candidate in stage:
                for meant in _in_unit(candidate, figure):
                    neighbours.add(meant)
                    found += [(one, variant) for one in _printed_as(meant, figure)]
                    if nearest is None or _distance(meant, figure) < _distance(nearest, figure):
                        nearest = meant
            explanations = self._explanations(found, figure, neighbours)
            if any(one.believed for one in explanations):
                return ReconciledFigure(figure, explanations)
            if explanations and number > 2 and not neighbours.bears_a_guess:
                break  # what is rarer could only be a guess too
        if not found and neighbours.closest is not None:
            # Of the networks that were not read the one that is likely to come nearest.
            nearby = neighbours.closest[1]
            seen = nearby if self._of else nearby.sketch or nearby
            for _, candidate in self._of_network(seen, figure, 0):
                for meant in _in_unit(candidate, figure):
                    if nearest is None or _distance(meant, figure) < _distance(nearest, figure):
                        nearest = meant
        if found or nearest is None:
            return ReconciledFigure(figure, self._explanations(found, figure, neighbours))
        return ReconciledFigure(
            figure, (), self._explanation(nearest, self._variants.named, figure, neighbours)
        )

    def _explanations(
        self,
        found: Sequence[tuple[FigureCandidate, NetworkVariant]],
        figure: PrintedFigure,
        neighbours: NearFigures,
    ) -> tuple[FigureExplanation, ...]:
        """The explanations of a figure, those of the fewest assumptions first, each value once."""
        seen: list[tuple[int, frozenset[str]]] = []
        made = []
        for candidate, variant in sorted(found, key=lambda one: (one[0].cost, len(one[0].assumptions))):
            assumed = frozenset([one.id for one in candidate.assumptions])
            if not any(candidate.value == value and known <= assumed for value, known in seen):
                seen.append((candidate.value, assumed))
                made.append(self._explanation(candidate, variant, figure, neighbours))
        made.sort(key=lambda one: (not one.believed, not one.sources))
        if made and made[0].believed:
            made = [one for one in made if one.believed and one.cost <= made[0].cost + 1]
        return tuple(made[:MOST])

    def _explanation(
        self,
        candidate: FigureCandidate,
        variant: NetworkVariant,
        figure: PrintedFigure,
        neighbours: NearFigures,
    ) -> FigureExplanation:
        chance = neighbours.chance(candidate.cost)
        sources = self._sources(variant, candidate, figure)
        # That a figure is printed says what it is of, and not what was counted beside, or left out.
        documented = bool(sources) and not any(
            one.kind == CONVENTION and one.cost >= CONVENTION_COST for one in candidate.assumptions
        )
        return FigureExplanation(
            candidate.assumptions,
            candidate.value,
            candidate.unit,
            tuple(candidate.parts()),
            chance,
            sources,
            candidate.documented or documented or chance <= BELIEVED,
            candidate.documented or documented,
            self._title(variant),
        )

    def _title(self, variant: NetworkVariant) -> str:
        """What another network is."""
        if variant.network is None or not any(one.id.startswith("network:") for one in variant.assumptions):
            return ""
        return variant.network.graph.metadata.title or ""

    def _sources(
        self, variant: NetworkVariant, candidate: FigureCandidate, figure: PrintedFigure
    ) -> tuple[str, ...]:
        """Where the figure is printed of a network, in its own unit."""
        if not self._by_records or variant.network is None:
            return ()
        of_unit = {MACS: ("macs",), FLOPS: ("flops",), "parameters": ("params", "total")}
        quantities = of_unit.get(candidate.unit, ())
        by = next(
            (one.id.partition(":")[2] for one in candidate.assumptions if one.id.startswith("counter:")), None
        )
        found = []
        for one in variant.network.graph.published_figures:
            of_it = one.counter == by if one.counter else one.quantity in quantities
            same = one.of == (self._of or None) and of_it and not one.wrong
            if same and figure_value(one.printed) == figure.number.value and one.source:
                papers = variant.network.graph.metadata.papers
                inside = one.source.startswith(("Table", "section", "Figure", "abstract", "main text"))
                paper = papers[0].partition(",")[0] if papers and inside else ""
                found.append(f"{paper}, {one.source}" if paper else one.source)
        return tuple(dict.fromkeys(found))

    # The stages -----------------------------------------------------------------------------------

    def _stages(
        self, figure: PrintedFigure, neighbours: NearFigures
    ) -> Iterator[Iterable[tuple[NetworkVariant, FigureCandidate]]]:
        """What a figure may be, the more likely first."""
        variants = self._variants
        if OPERATIONS in figure.families:
            counted = self._figures(variants.named)
            yield ((variants.named, one) for one in counted.counted_ourselves(counted.parts[0]))
        yield self._of_network(variants.named, figure, 0)
        yield self._of_network(variants.named, figure, 1)
        yield self._of_networks(variants.built_otherwise(), figure)
        inputs = variants.inputs(lambda ratio: self._worth(ratio, figure))
        for others in (inputs, variants.parameters()):
            yield self._of_networks(self._likely(others, figure, neighbours), figure)
        relatives = variants.relatives(lambda value: _alike(value, figure))
        yield self._of_networks(relatives[:MOST_RELATIVES], figure)
        yield self._misprinted(figure)

    def _misprinted(self, figure: PrintedFigure) -> Iterator[tuple[NetworkVariant, FigureCandidate]]:
        """Our figures of which one digit is another."""
        written = str(int(figure.number.value / figure.step))
        if len(written) < DIGITS_OF_A_MISPRINT:
            return
        for variant, candidate in self._of_network(self._variants.named, figure, 0):
            right = str(floor(candidate.value / figure.step + Fraction(1, 2)))
            other = [place for place, digit in enumerate(right) if written[place : place + 1] != digit]
            if (
                candidate.documented
                and not candidate.assumptions
                and len(right) == len(written)
                and len(other) == 1
            ):
                words = f"a misprint: {written[other[0]]} for {right[other[0]]}"
                assumed = FigureAssumption(PRINTING, "misprint", words, MISPRINT_COST)
                yield variant, candidate.assuming(assumed)

    def _likely(
        self, variants: Iterable[NetworkVariant], figure: PrintedFigure, neighbours: NearFigures
    ) -> Iterator[NetworkVariant]:
        """The networks that may have a figure: most need not be read for that. What the others are likely
        to have is noted: it would be found of other figures."""
        target = figure.number.value
        known = [
            meant
            for _, candidate in self._of_network(self._variants.named, figure, 0)
            for meant in _in_unit(candidate, figure)
        ]
        likely: list[tuple[int, Fraction, int, NetworkVariant]] = []
        for variant in variants:
            cost = sum([assumption.cost for assumption in variant.assumptions])
            slack = max(figure.step, target * (SLACK_OF_LABELS if self._of else variant.slack))
            reached: tuple[int, Fraction] | None = None
            for candidate in known:
                value = self._expected(candidate, variant)
                if value is not None:
                    neighbours.note(value, candidate.cost + cost)
                # Where nobody knows what to expect, only a look can tell.
                off = Fraction(-1) if value is None else abs(value - target)
                if value is not None and (neighbours.closest is None or off < neighbours.closest[0]):
                    neighbours.closest = off, variant
                if off <= slack and (reached is None or (candidate.cost + cost, off) < reached):
                    reached = candidate.cost + cost, off
            if reached is not None:
                likely.append((*reached, len(likely), variant))
        most = MOST_LOOKED_AT if neighbours.bears_a_guess else FEW_LOOKED_AT
        likely.sort(key=lambda one: (one[1] >= 0, *one[:3]))
        for *_, variant in likely[:most]:
            yield variant

    def _expected(self, candidate: FigureCandidate, variant: NetworkVariant) -> int | Fraction | None:
        """What a variant is likely to have where the named network has a value; None if nobody knows."""
        if variant.ratio is not None and candidate.unit in (MACS, FLOPS):
            return candidate.value * variant.ratio
        last = self._classifier
        if variant.classes is None or last is None or self._of:
            return None
        change = (variant.classes - last.output.channels) * int(last.inputs[0].output.values)
        if candidate.unit == "parameters":
            change += variant.classes - last.output.channels
        factor = {FLOPS: 2, "bytes": 4, "layers": 0}.get(candidate.unit, 1)
        return int(candidate.value + factor * change)

    @cached_property
    def _classifier(self) -> Layer | None:
        """The fully connected layer that has a unit for each class; None where there is no such."""
        found = classifier_of(self.network.graph)
        classes = self.network.graph.metadata.parameters.get("classes")
        last = found[-1] if found else None
        return last if last is not None and str(last.output.channels) == classes else None

    def _of_networks(
        self, variants: Iterable[NetworkVariant], figure: PrintedFigure
    ) -> Iterator[tuple[NetworkVariant, FigureCandidate]]:
        """What a figure may be of other networks. One is read only where its sketch has the figure."""
        for variant in variants:
            sketch = None if self._of else variant.sketch
            if sketch is not None and sketch.network is not None:
                found = [*self._of_network(sketch, figure, 0), *self._of_network(sketch, figure, 1, few=True)]
                if not any(_gives(candidate, figure) for _, candidate in found):
                    yield from found
                    continue
            if variant.network is not None:
                yield from self._of_network(variant, figure, 0)
                yield from self._of_network(variant, figure, 1, few=True)

    def _of_network(
        self, variant: NetworkVariant, figure: PrintedFigure, stage: int, few: bool = False
    ) -> Iterator[tuple[NetworkVariant, FigureCandidate]]:
        """What a figure may be of one network: its counts as they are, and then in other ways."""
        if variant.network is None:
            return
        parts = self._parts if variant is self._variants.named else self._figures(variant).parts
        if not parts:  # it has no such label
            return
        chosen = parts[:1] if stage == 0 else parts[1:]
        if OPERATIONS in figure.families:
            for candidate in self._operations(variant, figure, stage, few):
                yield variant, candidate
        if PARAMETERS in figure.families and not (few and stage):
            ours = self.ours[PARAMETERS]
            for part in chosen if stage else parts[:1]:
                for candidate in parameter_candidates(part, ours, variant.words):
                    yield (
                        variant,
                        candidate.assuming(*variant.assumptions) if variant.assumptions else candidate,
                    )
        if MEMORY in figure.families and not few:
            for part in [part for part in chosen if part.ends]:
                for candidate in memory_candidates(part, variant.words):
                    yield (
                        variant,
                        candidate.assuming(*variant.assumptions) if variant.assumptions else candidate,
                    )
        if DEPTH in figure.families and not few and stage == 0:
            for candidate in depth_candidates(parts[0], variant.words):
                yield variant, candidate.assuming(*variant.assumptions) if variant.assumptions else candidate

    def _operations(
        self, variant: NetworkVariant, figure: PrintedFigure, stage: int, few: bool
    ) -> Iterator[FigureCandidate]:
        counted = self._figures(variant)
        whole, *others = counted.parts
        if stage == 0:
            yield from counted.counted_ourselves(whole)
            if variant.assumptions:
                yield from counted.counted_by_tools(whole, self._tools_near(counted, figure))
            else:
                yield from counted.counted_by_tools(whole, writings=True)
            return
        for part in others:
            yield from counted.counted_ourselves(part)
            if not few:
                yield from counted.counted_by_tools(part)
        if few:
            return
        yield from counted.counted_in_other_units(whole)
        yield from counted.counted_without_faults(whole)
        yield from counted.counted_by_convention(whole)

    def _figures(self, variant: NetworkVariant) -> OperationFigures:
        found = self._counted.get(variant)
        if found is None:
            assert variant.network is not None
            found = self._counted[variant] = OperationFigures(
                variant.network,
                self.ours[OPERATIONS],
                variant.words,
                variant.assumptions,
                self._figures(self._variants.named) if variant.same_code else None,
                self._of,
            )
        return found

    def _tools_near(self, counted: OperationFigures, figure: PrintedFigure) -> set[str]:
        """The tools that are likely to print a figure of a network, as they print that of the named one."""
        macs, ours = counted.parts[0].macs, self.ours[OPERATIONS]
        target = figure.number.value
        slack = max(2 * figure.step, target / 200)
        named = self._figures(self._variants.named)
        return {
            name
            for name, value in named.printed_by_tools.items()
            if not ours or abs(Fraction(value * macs, ours) - target) <= slack
        }

    def _worth(self, ratio: Fraction, figure: PrintedFigure) -> bool:
        """Whether an input that is so many times larger may have a figure."""
        if OPERATIONS not in figure.families:
            return False
        asked = figure.number.value / self.ours[OPERATIONS] if self.ours[OPERATIONS] else Fraction(0)
        return any(abs(ratio * factor - asked) * 6 <= asked for factor in (1, 2))


def _in_unit(candidate: FigureCandidate, figure: PrintedFigure) -> Iterator[FigureCandidate]:
    """A candidate for a figure that says of what it is a number, or does not."""
    by_tool = any(one.id.startswith("counter:") for one in candidate.assumptions)
    if candidate.unit == MACS and figure.quantity == "flops":
        yield candidate.assuming(CALLED_FLOPS)._replace(documented=candidate.documented)
    elif candidate.unit == FLOPS and figure.quantity == "macs":
        yield candidate.assuming(CALLED_MACS)
    elif candidate.unit == FLOPS and not figure.quantity and not by_tool:
        yield candidate.assuming(TWO_FLOPS)._replace(documented=candidate.documented)
    else:
        yield candidate


def _printed_as(candidate: FigureCandidate, figure: PrintedFigure) -> Iterator[FigureCandidate]:
    """The ways in which a value is printed as a figure."""
    number, value = figure.number, candidate.value
    if number.covers(value) or any(one.id == "misprint" for one in candidate.assumptions):
        yield candidate
        return
    if not number.exact and number.value <= value < number.value + figure.step:
        yield candidate.assuming(CUT_OFF)
    binary = figure.binary()
    plain = candidate.unit == "bytes" or not candidate.assumptions
    if binary is not None and plain and binary.number.covers(value):
        if candidate.unit == "bytes":  # MB is said of either as often
            yield candidate.assuming(BINARY_BYTES)._replace(documented=candidate.documented)
        else:
            yield candidate.assuming(BINARY)


def _gives(candidate: FigureCandidate, figure: PrintedFigure) -> bool:
    """Whether a value is printed as a figure in some way."""
    return any(True for meant in _in_unit(candidate, figure) for _ in _printed_as(meant, figure))


def _distance(candidate: FigureCandidate, figure: PrintedFigure) -> Fraction:
    return abs(candidate.value - figure.number.value)


def _alike(value: Fraction, figure: PrintedFigure) -> bool:
    """Whether a network of which a value is reported may have a figure, in MACs or in FLOPs."""
    target = figure.number.value
    return any(abs(value * factor - target) * 5 <= target for factor in (Fraction(1, 2), 1, 2))
