"""Explanations: derivations, the meanings of their symbols, and the JSON of both."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..graph import Graph, Layer
from .derivation import QUANTITIES, SIDES, Derivation, Formula
from .derive_counts import LayerDerivations
from .derive_sum import SumDerivations
from .formula import symbols
from .notation import written
from .summary import Summary

_OUTPUT = {"To": "output depth", "Ho": "output height", "Wo": "output width", "Co": "channels out"}
_OTHERS = {
    "b": "bytes a value",
    "N": "images of the batch",
    "r": "field before",
    "j": "stride before",
    "k": "kernel",
    "d": "dilation",
    "F": "kernel",
    "D": "dilation",
}


def _beside(last: Layer, found: Derivation) -> str:
    """A note on the last layer beside a sum."""
    made = [written(formula.made, numbers=True) for formula in found.formulas]
    value = f"{found.value:,}"
    steps = [*(made if len(made) == 1 and made != [value] else []), value]
    note = f"that of the last layer alone, `{last.name}`: {' = '.join(steps)}"
    biases = last.facts.biases
    if found.quantity == "params" and biases and found.value:
        note += f"; without its biases {found.value - biases:,}"
    return note


class Explanation:
    """An explanation: derivations of a layer's quantities, or of sums over layers.

    layer   the layer; the last one, where it is about several
    layers  those that are added up; empty for one layer
    label   what was asked for: a layer, a label, or empty for the whole network

    ``with_heads``: sums over all layers have those of the side heads too. ``last``: the layer whose
    part in a sum is said beside it. ``summary``: where there is one already, that of many explanations.
    """

    def __init__(
        self,
        graph: Graph,
        layer: Layer | None = None,
        layers: Sequence[Layer] | None = None,
        label: str = "",
        quantities: Sequence[str] = QUANTITIES,
        *,
        batch: int = 1,
        dtype: str = "fp32",
        with_heads: bool = False,
        layout: str = "hwc",
        last: Layer | None = None,
        summary: Summary | None = None,
    ):
        if summary is None:
            heads = with_heads or (layer is not None and layer not in graph.ancestors(graph.output))
            summary = Summary(graph, batch=batch, dtype=dtype, layout=layout, with_heads=heads)
        self.summary = summary
        self.graph = graph
        self.label = label or (layer.name if layer is not None else "")
        if layer is not None and layers is None:
            self.layer, self.layers = layer, []
            work: LayerDerivations | SumDerivations = LayerDerivations(self.summary, layer)
        else:
            self.layers = list(layers) if layers is not None else self.summary.layers
            self.layer = layer or graph.output
            work = SumDerivations(self.summary, self.layers, self.layer, whole=layers is None)
        self.derivations = [derivation for quantity in quantities for derivation in work.derive(quantity)]
        if last is not None:
            (found,) = LayerDerivations(self.summary, last).derive(quantities[0])
            self.derivations[0].notes.append(_beside(last, found))

    @property
    def arriving(self) -> list[Layer]:
        """The tensors that arrive from outside: at the layer, or at those that are added up."""
        if not self.layers:
            return list(self.layer.inputs)
        inside = set(self.layers)
        reached = [above for layer in self.layers for above in layer.inputs if above not in inside]
        return list(dict.fromkeys(reached))

    def alike(self, other: Explanation) -> None:
        """Keep what is the same in another explanation."""
        self.derivations = [
            one
            for one, two in zip(self.derivations, other.derivations, strict=True)
            if one.to_dict() == two.to_dict()
        ]

    def legend(self, shown: Sequence[Formula] | None = None) -> dict[str, str]:
        """The meanings of the symbols of formulas, in the order of their first use; all of them by
        default."""
        op = self.layer.op
        words = {**SIDES, **_OUTPUT, **_OTHERS}
        for name, attribute in op.attributes.items():
            words[attribute.symbol or name] = name
        found: dict[str, str] = {}
        for derivation in self.derivations:
            # The symbols of a sum are its layers.
            if self.layers and derivation.quantity not in ("output", "rf"):
                continue
            for formula in derivation.formulas:
                if shown is not None and formula not in shown:
                    continue
                for name in symbols(formula.made):
                    base = re.sub(r"(?<=[A-Za-z])([hwtblr]|\d+)$", "", name)
                    means = words.get(name) or words.get(base)
                    if means is not None and means != name:
                        found[name] = means
        return found
