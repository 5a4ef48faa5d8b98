"""A profile as the counter of a network: what summaries, tables and derivations read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .counting import count, formulas, written_forms
from .profile import Profile, profile

if TYPE_CHECKING:
    from ..arithmetic import Expression
    from ..graph import CountedFigure, Graph, Layer


class NetworkCounter:
    """How a tool counts a network, for ``Graph.counter``.

    Args:
        name: A profile, its name, or the path of a TOML file.
        faults: Whether to count what the tool counts by its faults.

    Raises:
        SpecError: See ``archcalc.counters.profile``.

    Example:
        >>> from archcalc.counters import NetworkCounter
        >>> NetworkCounter("fvcore").label
        'fvcore MACs'
    """

    def __init__(self, name: str | Profile, faults: bool = True):
        self.profile = profile(name) if isinstance(name, str) else name
        self.faults = faults
        self.unit = self.profile.unit
        self.label = f"{self.profile.name} {self.unit}"

    def figures(self, graph: Graph, layers: Sequence[Layer]) -> Mapping[Layer, CountedFigure]:
        """Count layers, for one element of the batch.

        Args:
            graph: The network.
            layers: Those of its layers that are counted.

        Raises:
            SpecError: See ``archcalc.counters.count``.
        """
        counted = count(self.profile, graph, self.faults, layers=layers)
        return dict(zip(layers, counted.layers, strict=True))

    def formulas(self, graph: Graph, layer: Layer) -> list[tuple[str, Expression]]:
        """Give how the figure of a layer is made.

        Args:
            graph: The network.
            layer: The layer.

        Returns:
            What each term counts, and its formula with the numbers in it.
        """
        form = written_forms(graph, graph.layers).get(layer) if layer not in graph.inputs else None
        training = graph.metadata.traced is not None and graph.metadata.traced.training
        return [] if form is None else formulas(self.profile, layer, form, self.faults, training)

    def to_dict(self, figure: int) -> dict[str, object]:
        """Give the JSON of a network's figure.

        Args:
            figure: The figure.
        """
        its = self.profile
        found: dict[str, object] = {"name": its.name, "version": its.version or None}
        return {**found, "figure": figure, "unit": its.unit, "faults": self.faults}

    def sentences(self, figures: Iterable[CountedFigure]) -> list[str]:
        """Say what is counted, and what of it by a fault of the tool.

        Args:
            figures: What was counted of the layers.
        """
        its = self.profile
        version = f" {its.version}" if its.version else ""
        called = f", which it calls {its.prints}" if its.prints != its.unit else ""
        found = [f"{its.tool}{version} counts {its.title}; in {its.unit}{called}"]
        amounts: dict[str, int] = {}
        for figure in figures:
            for term in figure.terms:
                if term.fault is not None:
                    amounts[term.fault] = amounts.get(term.fault, 0) + term.value
        for fault, amount in amounts.items():
            found.append(f"{amount:+,} of it by a fault: {its.faults[fault]}".replace("-", "−", 1))
        if not self.faults and its.faults:
            found.append("without the faults of the tool")
        return found
