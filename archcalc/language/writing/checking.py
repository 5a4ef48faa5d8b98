"""Whether a text gives the graph that it was written from."""

from __future__ import annotations

from ...diagnostics import Collector, SpecError
from ...graph import Graph, Layer
from ...ops.attributes import Axes, Padding
from ..expand import Expansion
from ..library import Library

# More than any network that is traced; a text that is larger would have been refused as a graph.
_BUDGET = 10**7


def gives(text: str, graph: Graph) -> bool:
    """Whether a text, loaded, is the same graph: the same ops on the same tensors."""
    library = Library()
    try:
        file = library.text("written.arch", text)
        (net,) = file.nets.values()
        read = Expansion(library, Collector(), _BUDGET).network(net)
    except SpecError:
        return False
    if len(read.layers) != len(graph.layers) or read.output.index != graph.output.index:
        return False
    if {layer.index for layer in read.heads.values()} != {layer.index for layer in graph.heads.values()}:
        return False
    return all(_same(*pair) for pair in zip(graph.layers, read.layers, strict=True))


def _same(one: Layer, other: Layer) -> bool:
    if type(one.op) is not type(other.op) or one.output != other.output:
        return False
    if [source.index for source in one.inputs] != [source.index for source in other.inputs]:
        return False
    if one.owner.index != other.owner.index or one.trainable != other.trainable:
        return False
    for name, attribute in one.op.attributes.items():
        values = [layer.op.argument(name) for layer in (one, other)]
        if isinstance(attribute, Axes):
            values = [v[0] if isinstance(v, tuple) and len(set(v)) == 1 else v for v in values]
        # Paddings may be spelt otherwise; frozen may be the layer's.
        if name != "frozen" and not isinstance(attribute, Padding) and values[0] != values[1]:
            return False
    # What the paddings come to.
    windows = [layer.facts.windows for layer in (one, other)]
    if isinstance(windows[0], tuple) and isinstance(windows[1], tuple):
        return all(
            (a.low, a.high, a.kernel, a.stride) == (b.low, b.high, b.kernel, b.stride)
            for a, b in zip(*windows, strict=True)
        )
    return type(windows[0]) is type(windows[1])
