"""How deep a network is."""

from __future__ import annotations

from ...analysis.totals import depth
from ...graph import Graph, Layer
from ..working import Working, WorkingLine, lifted
from .base import Method

CONV, FC, POOL = "convolution", "fully connected layer", "pooling layer"


class Depth(Method):
    """The most layers of some kinds on a path from an input to an output.

    kinds  those that count
    more   what is added, or taken off: the input, or the output layer
    """

    def __init__(self, graph: Graph):
        self.graph = graph
        self.kinds = (CONV, FC)
        self.more = 0

    @property
    def value(self) -> int:
        return depth(self.graph, (self.graph.output,), self._counts) + self.more

    @property
    def working(self) -> Working:
        return Working([WorkingLine("", lifted(self.value))], self.value)

    def _counts(self, layer: Layer) -> bool:
        op = layer.op
        if op.counts_for_depth:
            return (CONV if op.is_convolution else FC) in self.kinds
        return op.pools and POOL in self.kinds
