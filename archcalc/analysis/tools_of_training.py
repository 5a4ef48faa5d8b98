"""Operations of a training step, as several tools and a rule of thumb have them, beside the exact count."""

from __future__ import annotations

from typing import NamedTuple

from ..counters import count, profile
from ..graph import Graph, Layer
from .backward import Backward

# What a rule of thumb takes for the backward pass, in forward passes; DeepSpeed prints the same.
TWO = 2
GROUPS = (
    "the gradient of the weights of a grouped convolution is counted as if every filter read all channels: "
    "groups times too much"
)


class TrainingFigure(NamedTuple):
    """The operations of a training step by one way of counting, in FLOPs, two per MAC.

    Attributes:
        counter: ``archcalc``, ``2:1``, or the name of a profile.
        rule: How the backward pass is counted.
        forward: FLOPs of the forward pass.
        backward: Those of the backward pass.
        fault: How many of these are counted by a fault.
        reason: Why it is one; empty where there is none.
    """

    counter: str
    rule: str
    forward: int
    backward: int
    fault: int = 0
    reason: str = ""

    @property
    def step(self) -> int:
        """FLOPs of both passes."""
        return self.forward + self.backward


class TrainingFigures:
    """A training step of a network, counted in several ways, for one element of the batch.

    Args:
        graph: The network.

    Attributes:
        rows: The ways, the exact one first.
        saved: FLOPs of the backward pass that what is frozen saves.
        recurrent: Recurrent layers, whose first state has a gradient in the exact count alone.
        uncounted: Layers whose backward pass has no rule.

    Example:
        >>> from archcalc.analysis.tools_of_training import TrainingFigures
        >>> figures = TrainingFigures(archcalc.load("32x32x4 -> conv 3x3 4 -> conv 3x3 8 groups=2").graph)
        >>> [(row.counter, row.backward) for row in figures.rows]
        [('archcalc', 710784), ('2:1', 969984), ('flopcounter-meta', 936576), ('deepspeed', 989728)]
    """

    def __init__(self, graph: Graph):
        self.graph = graph
        layers = graph.main()
        backward = Backward(graph, layers, [graph.output])
        self.uncounted = [layer.name for layer in layers if backward.macs(layer) is None]
        forward = 2 * sum([layer.facts.macs or 0 for layer in layers])
        exact = 2 * backward.total
        fault = 2 * sum([_again(layer, backward) for layer in layers])
        meta = count(profile("flopcounter-meta"), graph)
        # What the code multiplies beyond the layer's products, it multiplies for each gradient too.
        more = 0
        for layer, counted in zip(layers, meta.layers, strict=True):
            beyond = counted.figure - 2 * int(layer.facts.macs or 0)
            if beyond > 0:
                trained, goes_on = backward.parts(layer)
                more += beyond * (trained + goes_on)
        deepspeed = count(profile("deepspeed"), graph).figure
        self.rows = (
            TrainingFigure("archcalc", "the gradients that are computed", forward, exact),
            TrainingFigure("2:1", "two forward passes, a rule of thumb", forward, TWO * forward),
            TrainingFigure(
                "flopcounter-meta",
                "the products that autograd calls",
                meta.figure,
                exact + fault + more,
                fault,
                GROUPS if fault else "",
            ),
            TrainingFigure("deepspeed", "two forward passes, by its count", deepspeed, TWO * deepspeed),
        )
        self.recurrent = [layer.name for layer in layers if layer.op.holds_states and backward.macs(layer)]
        thawed = _thawed(graph)
        self.saved = 2 * Backward(thawed, thawed.main(), [thawed.output]).total - exact


def _again(layer: Layer, backward: Backward) -> int:
    """MACs that FlopCounterMode counts too much of a layer: its formula for the gradient of the weights of a
    convolution takes all channels that arrive for each filter."""
    groups = layer.op.weight_groups(*[source.output for source in layer.inputs])
    trained, _ = backward.parts(layer)
    if groups == 1 or not trained or backward.macs(layer) is None:
        return 0
    none = (False,) * len(layer.inputs)
    return int(groups - 1) * int(
        layer.op.backward_of(True, none, *[source.output for source in layer.inputs])
    )


def _thawed(graph: Graph) -> Graph:
    """A copy in which nothing is frozen but what the spec holds fixed."""
    copy = graph.frozen(0)
    for layer in copy.layers:
        layer.frozen = False
    return copy
