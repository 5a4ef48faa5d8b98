"""A spec beside somebody else's module: the layers with tensors or products, one by one, and the sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from ..analysis.summary import Summary
from ..graph import Graph
from .compare import Check, Difference
from .foreign import Foreign, run
from .inputs import inputs_of
from .paired_layers import LayersPair, PairedLayers, text_of

EAGER = (
    "the rule says what the network needs; PyTorch's eager mode keeps what the module's code and "
    "its caller hold"
)


class Comparison:
    """A network beside a module of somebody else's.

    other       what was found of the module where it was run already, as in another process;
                without it, it is run in this one
    given       what its forward is given beside the inputs of the network
    checks      the sequence of layers with tensors, their outputs and MACs, and the sums
    reordered   the same layers come in another order
    """

    batch = 1
    device = "meta"

    def __init__(
        self,
        graph: Graph,
        target: str,
        *,
        with_heads: bool = False,
        other: Foreign | None = None,
        given: Mapping[str, Any] | None = None,
    ):
        self.graph = graph
        self.target = target
        self.torch = torch.__version__
        self.layers = graph.select(with_heads)
        summary = Summary(graph, with_heads=with_heads)
        self.other = run(target, given, inputs_of(graph), with_heads=with_heads) if other is None else other
        paired = PairedLayers(self.layers, self.other.records)
        self.reordered = paired.reordered
        self.checks: list[Check] = [
            self._sequence(paired.pairs, paired.missing, paired.extra),
            self._outputs(paired.pairs),
            self._macs(paired.pairs, paired.missing, paired.extra),
            *self._sums(summary),
        ]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return all(check.agrees for check in self.checks)

    @property
    def sides(self) -> str:
        """Who stands against whom."""
        return f"the spec against {self.target}, PyTorch {self.torch}"

    def _sequence(
        self, pairs: Sequence[LayersPair], missing: Sequence[LayersPair], extra: Sequence[LayersPair]
    ) -> Check:
        check = Check("layers with tensors")
        for pair in pairs:
            if pair.has_tensors:
                mine, theirs = text_of(pair.layer_tensors), text_of(pair.record_tensors)
                differs = [Difference(pair.name, pair.record_name, mine or None, theirs or None)]
                check.layer(differs if mine != theirs else [])
        for alone in missing:
            if alone.has_tensors:
                check.layer([Difference(alone.name, None, text_of(alone.layer_tensors), None)])
        for alone in extra:
            if alone.has_tensors:
                check.layer([Difference(alone.name, alone.kind, None, text_of(alone.record_tensors))])
        return check

    def _outputs(self, pairs: Sequence[LayersPair]) -> Check:
        check = Check("output shapes")
        for pair in pairs:
            differs = [Difference(pair.name, pair.record_name, pair.layer_output, pair.record_output)]
            check.layer([] if pair.outputs_alike else differs)
        return check

    def _macs(
        self, pairs: Sequence[LayersPair], missing: Sequence[LayersPair], extra: Sequence[LayersPair]
    ) -> Check:
        check = Check("MACs by layer")
        for pair in pairs:
            for remark in pair.remarks:
                check.unseen.append((pair.name, remark))
            predicted, measured = pair.layer_macs, pair.record_macs
            if predicted is None or measured is None:
                check.unseen.append((pair.name, "no rule"))
                continue
            differs = [Difference(pair.name, pair.record_name, predicted, measured)]
            check.layer(differs if predicted != measured else [])
        # Those with tensors are told of as such.
        for alone in missing:
            if not alone.has_tensors and alone.layer_macs:
                check.layer([Difference(alone.name, None, alone.layer_macs, None)])
        for alone in extra:
            if not alone.has_tensors and alone.record_macs:
                check.layer([Difference(alone.name, alone.kind, None, alone.record_macs)])
        return check

    def _sums(self, summary: Summary) -> list[Check]:
        counts = summary.counts
        found = []
        for quantity, predicted, measured in (
            ("parameters", counts.params, self.other.params),
            ("buffers", counts.buffers, self.other.buffers),
        ):
            check = Check(quantity)
            check.of = None
            check.total(predicted, measured)
            if quantity == "parameters":
                check.unseen = [(name, "no output needs them") for name in self.other.idle]
            found.append(check)
        macs = Check("MACs")
        macs.of = None
        unknown = [layer.name for layer in self.layers if layer.facts.macs is None] + self.other.unknown
        if unknown:
            macs.predicted, macs.measured = counts.macs, self.other.macs
            macs.unseen = [(name, "no rule") for name in dict.fromkeys(unknown)]
        else:
            macs.total(counts.macs, self.other.macs)
        found.append(macs)
        # The rule's peak is what the network needs; code may keep more alive, or write over less.
        peak = Check("peak of inference")
        peak.of = None
        if self.other.peak is None:
            peak.unseen = [("the module", "it cannot be watched")]
        else:
            peak.predicted = summary.scaled(summary.memory.peak)
            peak.measured = self.other.peak
            if peak.measured != peak.predicted:
                peak.unseen = [("the module", EAGER)]
        found.append(peak)
        return found
