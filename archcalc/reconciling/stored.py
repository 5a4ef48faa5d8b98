"""Figures of parameters, memory and depth that a network may be given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from ..analysis.memory import Memory
from ..analysis.totals import Totals, depth, weighted
from ..graph import Graph, Layer
from .assumptions import CONVENTION, HEADS_COST, PART, PART_COST, FigureAssumption
from .candidates import FigureCandidate, FigureTerm, difference
from .variants import classifier_of

WITH_HEADS = FigureAssumption(PART, "heads", "side heads included", HEADS_COST)
WITHOUT_CLASSIFIER = FigureAssumption(PART, "classifier", "without the classifier", PART_COST)
CONVOLUTIONS = FigureAssumption(PART, "conv", "convolutions only", PART_COST)


class NetworkPart(Sequence[Layer]):
    """Some layers of a network, of which a figure may be.

    ends        the outputs of the network that they lead to; none where some layers are left out
    assumption  which layers; None for all that the main output needs
    """

    def __init__(
        self,
        graph: Graph,
        layers: Sequence[Layer],
        ends: tuple[Layer, ...] = (),
        assumption: FigureAssumption | None = None,
    ):
        self.graph = graph
        self.ends = ends
        self.assumption = assumption
        self._layers = layers

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self._layers[index]

    def __len__(self) -> int:
        return len(self._layers)

    @property
    def assumptions(self) -> tuple[FigureAssumption, ...]:
        """What has to be so for a figure of this part."""
        return () if self.assumption is None else (self.assumption,)

    @cached_property
    def macs(self) -> int:
        """The MACs of its layers."""
        return sum([layer.facts.macs or 0 for layer in self._layers])

    @cached_property
    def counts(self) -> Totals:
        """Sums over its layers."""
        return Totals(self.graph, self._layers)


def parts_of(graph: Graph, of: str = "") -> list[NetworkPart]:
    """The parts of a network that figures are given of, the whole of it first; or what a label stands for
    alone, nothing where there is no such label."""
    if of:
        label = graph.find(of)
        return [] if label is None else [NetworkPart(graph, graph.layers[label.first : label.last])]
    main = graph.main()
    parts = [NetworkPart(graph, main, (graph.output,))]
    if graph.heads:
        parts.append(
            NetworkPart(graph, graph.select(True), (graph.output, *graph.heads.values()), WITH_HEADS)
        )
    last = set(classifier_of(graph))
    if last and len(last) < len(main):
        parts.append(
            NetworkPart(graph, [layer for layer in main if layer not in last], (), WITHOUT_CLASSIFIER)
        )
    convolutions = [layer for layer in main if layer.op.is_convolution]
    if 0 < len(convolutions) < len(main):
        parts.append(NetworkPart(graph, convolutions, (), CONVOLUTIONS))
    return parts


def _convention(id: str, words: str, cost: int) -> FigureAssumption:
    return FigureAssumption(CONVENTION, id, words, cost)


WITH_BUFFERS = _convention("buffers", "with the buffers, as Keras' total", 2)
WITH_COUNTERS = _convention("counters", "with a batch counter for each batch norm, as in a state_dict", 3)
WITHOUT_BIASES = _convention("weights", "without biases", 4)
WITHOUT_NORMS = _convention("without-norms", "without the normalisations", 4)
SHARED_AGAIN = _convention("shared", "shared parameters once for each use", 3)
TRAINABLE = _convention("trainable", "those that are trained", 2)


def parameter_candidates(part: NetworkPart, ours: int, words: str) -> Iterator[FigureCandidate]:
    """The numbers of parameters of a part of a network. ``words`` says what makes it another network than
    ours, which has ``ours`` parameters."""
    counts = part.counts
    norms = [layer for layer in part if layer.op.is_norm]
    of_norms = sum([layer.facts.params or 0 for layer in norms if layer in counts.parameter_owners])
    again = sum([layer.facts.params or 0 for layer in part if layer not in counts.parameter_owners])
    counters = sum([1 for layer in norms if layer.facts.buffers and layer in counts.parameter_owners])
    base = part.assumptions

    def made(*changes: tuple[FigureAssumption, str, int]) -> FigureCandidate:
        value = counts.params + sum([change for _, _, change in changes])

        def parts() -> Sequence[FigureTerm]:
            more = [(what, change) for _, what, change in changes]
            return difference("our parameters", ours, (_whole(part, words), counts.params - ours), *more)

        assumed = tuple([assumption for assumption, _, _ in changes])
        return FigureCandidate(
            value, "parameters", (*base, *assumed), parts, documented=not (base or assumed)
        )

    buffers = (WITH_BUFFERS, "buffers", counts.buffers)
    yield made()
    if counts.buffers:
        yield made(buffers)
        yield made(buffers, (WITH_COUNTERS, "batch counters", counters))
    if counts.biases:
        yield made((WITHOUT_BIASES, "biases", -counts.biases))
    if of_norms:
        yield made((WITHOUT_NORMS, "normalisations", -of_norms))
    if again:
        yield made((SHARED_AGAIN, "shared parameters, again", again))
        if counts.buffers:
            yield made((SHARED_AGAIN, "shared parameters, again", again), buffers)
    if counts.trainable != counts.params:
        yield made((TRAINABLE, "parameters that are held fixed", counts.trainable - counts.params))


def _whole(part: NetworkPart, words: str) -> str:
    """What makes a part of a network another than ours."""
    of_part = [assumption.words for assumption in part.assumptions]
    return ", ".join([words, *of_part] if words else of_part)


def memory_candidates(part: NetworkPart, words: str) -> Iterator[FigureCandidate]:
    """The bytes that a part of a network may be said to take."""
    memory = Memory(part.graph, list(part), part.ends)
    outputs = sum([int(layer.output.values) for layer in part])
    of_weighted = sum([int(layer.output.values) for layer in part if layer.facts.params])
    images = sum([int(at.output.values) for at in part.graph.inputs])
    params, buffers = part.counts.params, part.counts.buffers
    stored = [("parameters", params)]
    held = [*stored, ("buffers", buffers)] if buffers else stored
    ways: list[tuple[str, int, list[tuple[str, int]]]] = [
        ("the parameters", 0, stored),
        ("parameters and buffers", 2, held),
        ("the peak of the activations", 2, [("activations at the peak", memory.peak)]),
        ("parameters, buffers and peak", 3, [*held, ("activations at the peak", memory.peak)]),
        ("new storages, the input with them", 2, [("activations", memory.activations)]),
        ("every layer's output", 3, [("outputs", outputs)]),
        ("every layer's output, and the input", 4, [("outputs", outputs), ("input", images)]),
        (
            "every layer's output, forward and backward: torchsummary",
            2,
            [("outputs", outputs), ("their gradients", outputs)],
        ),
        (
            "torchsummary's total",
            3,
            [("outputs", outputs), ("their gradients", outputs), ("input", images), *stored],
        ),
        (
            "outputs of the layers with parameters, forward and backward: torchinfo",
            2,
            [("outputs", of_weighted), ("their gradients", of_weighted)],
        ),
        (
            "torchinfo's total",
            3,
            [("outputs", of_weighted), ("their gradients", of_weighted), ("input", images), *stored],
        ),
    ]
    types = (("fp32", 4, 0), ("fp16", 2, 3), ("fp64", 8, 5), ("int8", 1, 4))
    # A spec may have an op without a rule for what backward keeps: then there is no such figure.
    if not memory.training.uncounted:
        yield from _saved(part, memory, words)
    for what, cost, terms in ways:
        for dtype, width, rarer in types:
            assumptions = [*part.assumptions]
            if cost:
                assumptions.append(_convention(f"memory:{what}", what, cost))
            if rarer:
                assumptions.append(_convention(f"dtype:{dtype}", f"{dtype}, {width} bytes a value", rarer))
            yield FigureCandidate(
                sum([number for _, number in terms]) * width,
                "bytes",
                tuple(assumptions),
                lambda terms=terms, width=width: [FigureTerm(what, n * width) for what, n in terms],  # type: ignore[misc]
                documented=not assumptions,
            )


def _saved(part: NetworkPart, memory: Memory, words: str) -> Iterator[FigureCandidate]:
    saved = memory.training.total(1, 4)
    assumption = _convention("memory:saved", "what training keeps for the backward pass", 2)
    yield FigureCandidate(
        saved, "bytes", (*part.assumptions, assumption), lambda: [FigureTerm("kept for backward", saved)]
    )


def depth_candidates(part: NetworkPart, words: str) -> Iterator[FigureCandidate]:
    """The numbers of layers that a network may be said to have."""
    graph, ends = part.graph, (part.graph.output,)
    ours = depth(graph, ends)
    products = sum([1 for layer in part if layer.op.counts_for_depth])
    norms = sum([1 for layer in part if layer.op.is_norm])
    ways: list[tuple[str, int, list[tuple[str, int]]]] = [
        ("", 0, []),
        (
            "pools counted too",
            3,
            [
                (
                    "pools on the way",
                    depth(graph, ends, lambda at: at.op.counts_for_depth or at.op.pools) - ours,
                )
            ],
        ),
        ("every layer with weights", 2, [("other layers with weights", depth(graph, ends, weighted) - ours)]),
        (
            "norms counted too",
            4,
            [
                (
                    "norms on the way",
                    depth(graph, ends, lambda at: at.op.counts_for_depth or at.op.is_norm) - ours,
                )
            ],
        ),
        (
            "all convolutions and fully connected layers, on shortcuts and side branches too",
            2,
            [("on shortcuts and side branches", products - ours)],
        ),
        (
            "all of them, and all norms",
            4,
            [("on shortcuts and side branches", products - ours), ("norms", norms)],
        ),
        (
            "every layer that learns",
            4,
            [("other layers that learn", sum([1 for at in part if at.facts.params]) - ours)],
        ),
        ("every row of the table", 3, [("layers without weights, side branches", len(part) - ours)]),
        (
            "every row of the table, and the input",
            4,
            [("layers without weights, side branches", len(part) - ours), ("inputs", len(graph.inputs))],
        ),
    ]
    for words_of, cost, terms in ways:
        assumptions = part.assumptions
        if cost:
            assumptions = (*assumptions, _convention(f"depth:{words_of}", words_of, cost))
        yield FigureCandidate(
            ours + sum([number for _, number in terms]),
            "layers",
            assumptions,
            lambda terms=terms: difference("our depth", ours, *terms),  # type: ignore[misc]
            documented=not assumptions,
        )
