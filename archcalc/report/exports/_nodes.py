"""The nodes of a graph that another tool shows: inputs and layers, each with its figures."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...analysis.summary import Summary, laid_out
from ...graph import Graph, Layer
from ..flat import summary_table, text_of
from ..lines import clean
from . import ToolSettings

# Marks of a receptive field, and what they usually are: then they are left out.
_USUAL_MARKS = {"rf_aligned": "yes", "rf_global": "no", "rf_gated": "no", "rf_normed": "no"}


class FiguredNode(NamedTuple):
    """An input or a layer.

    Attributes:
        layer: The layer.
        what: What the spec says, ``conv 3x3 64``; of an input nothing.
        shape: The sizes of its output, with the batch in front.
        figures: Its figures, by the names that they have in `summary --format csv`.
        about: Where it is from, and which output of the network it is, by the names of the JSON.
    """

    layer: Layer
    what: str
    shape: tuple[int, ...]
    figures: dict[str, Any]
    about: dict[str, str]

    def texts(self) -> dict[str, str]:
        """All that is known of it, as texts: ``?`` is a figure without a rule."""
        texts = {"op": self.layer.op.name, "what": self.what, **self.about}
        texts |= {name: text_of(value) for name, value in self.figures.items()}
        return {name: text for name, text in texts.items() if text and text != _USUAL_MARKS.get(name)}


def scope_of(graph: Graph, settings: ToolSettings) -> Summary:
    """What is computed of the network, in a batch of one element unless another is given."""
    batch = 1 if settings.batch is None else settings.batch
    return Summary(graph, batch=batch, with_heads=settings.with_heads, layout=settings.layout)


def figured_nodes(summary: Summary) -> list[FiguredNode]:
    """The inputs, then the layers in an order in which they can be computed."""
    graph = summary.graph
    ends: dict[Layer, list[str]] = {graph.output: ["main"]}
    if summary.with_heads:
        for name, layer in graph.heads.items():
            ends.setdefault(layer, []).append(name)
    header, records = summary_table(summary)
    nodes = []
    for layer, record in zip([*graph.inputs, *summary.layers], records, strict=True):
        figures = dict(zip(header, record, strict=True))
        about = {"network_output": ", ".join(ends.get(layer, []))}
        if layer.origin is not None:
            about |= {"module": layer.origin.module, "class": layer.origin.kind}
            if layer.origin.source is not None:
                about["source"] = "{}:{}".format(*layer.origin.source)
        for name in ("name", "op", "output"):
            del figures[name]
        nodes.append(
            FiguredNode(
                layer,
                clean(layer.text or ""),
                (summary.batch, *map(int, laid_out(layer.output, summary.layout))),
                figures,
                {name: clean(text) for name, text in about.items()},
            )
        )
    return nodes
