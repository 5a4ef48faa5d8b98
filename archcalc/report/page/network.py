"""What a page knows of a network: layers and their figures, boxes and edges, derivations, windows.

docs/schema has no schema of it: it is between this file and the scripts of the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..._version import __version__
from ...analysis.scope import Row
from ...quantities import BYTES, COUNT, COUNTER, TABLE, Quantity
from ..lines import clean
from ..pictures.graph import Box, Cluster, Picture
from ..published import figure_lines
from ..screens.summary_foot import conventions, facts
from ..sheet import PAGE
from ..words import field_size, unit_for, volume
from .derivations import Derivations
from .windows import WindowTable

if TYPE_CHECKING:
    from ...analysis.published_figures import Checked
    from ...analysis.summary import Summary
    from ...graph import Layer

# Deeper than any network nests.
DEEPEST = 10_000
# The largest whole number up to which a script has each.
LARGEST = 2**53 - 1


def page_record(summary: Summary, derived: bool = True) -> dict[str, Any]:
    """The record of a page. With ``derived`` it holds all derivations; else who shows it asks for each."""
    graph = summary.graph
    about = graph.metadata
    picture = Picture(graph, DEEPEST, False, summary.with_heads, summary.layout, False, False)
    layers = [*graph.inputs, *summary.layers]
    number = {layer: at for at, layer in enumerate(layers)}
    quantities = shown_quantities(summary)
    derivations = Derivations(summary, quantities)
    windows = WindowTable(summary, number)
    shown: list[dict[str, Any]] = [
        {
            "name": clean(layer.name),
            "op": layer.op.name,
            "text": clean(layer.text or layer.op.name),
            "inputs": [number[source] for source in layer.inputs],
            "shape": volume(layer.output, summary.layout),
            "sizes": list(layer.output.spatial),
            "channels": layer.output[-1],
            "figures": _figures(layer, summary, quantities),
            "field": field_size(summary.fields.main(layer)),
            "derivations": derivations.of(layer) if derived and layer.index >= 0 else [],
            "reads": windows.of(layer),
        }
        for layer in layers
    ]
    record = {
        "archcalc": __version__,
        "name": clean(about.name),
        "title": clean(about.title or ""),
        "papers": [clean(paper) for paper in about.papers],
        "layout": summary.layout,
        "batch": summary.batch,
        "dtype": summary.dtype,
        "unit": unit_for(summary.scaled(summary.memory.activations)),
        "inputs": len(graph.inputs),
        "output": number[graph.output],
        "quantities": [
            {
                "name": quantity.name,
                "words": quantity.words,
                "means": quantity.means,
                "kind": _kind(quantity),
                "bytes": quantity.form == BYTES,
                "summed": quantity.summed,
                "over": _added(quantities, at),
            }
            for at, quantity in enumerate(quantities)
        ],
        "layers": shown,
        "members": _members(picture.root, number, {edge.target: edge.tensor for edge in picture.edges}),
        "totals": _totals(summary, quantities),
        "sums": derivations.of(None) if derived else [],
        "texts": derivations.texts if derived else None,
        "windows": windows.windows,
        "memory": _memory(summary, number),
        "facts": _facts(summary),
        "published": [[*_figure(checked), _verdict(checked)] for checked in summary.published_figures],
        "conventions": conventions(
            summary, {"macs", "memory", "rf", "what", "output"}, [layer["field"] for layer in shown], True
        ),
    }
    return _with_large_numbers(record)


def _with_large_numbers(record: dict[str, Any]) -> dict[str, Any]:
    """The record. Its figures are text where one of them, or a sum of them, is beyond the whole numbers of
    which a script has all digits: ``large`` says so."""
    columns = zip(*[layer["figures"] for layer in record["layers"]], strict=True)
    sums = [sum([figure or 0 for figure in column]) for column in columns]
    memory = record["memory"]
    largest = max([*sums, *[total or 0 for total in record["totals"]], memory["peak"]])
    record["large"] = largest > LARGEST
    if not record["large"]:
        return record

    def written(figures: Iterable[int | None]) -> list[str | None]:
        return [None if figure is None else str(figure) for figure in figures]

    for layer in record["layers"]:
        layer["figures"] = written(layer["figures"])
    record["totals"] = written(record["totals"])
    record["memory"] = {
        "peak": str(memory["peak"]),
        "at": memory["at"],
        "alive": [[at, str(size)] for at, size in memory["alive"]],
        "live": written(memory["live"]),
    }
    return record


def shown_quantities(summary: Summary) -> list[Quantity]:
    """The quantities that the page shows: those of a layer that are one number."""
    found = [q for q in TABLE if q.layer is not None and q.form in (COUNT, BYTES)]
    return found if summary.graph.counter is None else [*found, COUNTER]


def _added(quantities: list[Quantity], at: int) -> int:
    """The place of the quantity of layers that adds up to this one. An output that is written over another
    one needs no memory, so what several layers need is the sum of their new storage."""
    if quantities[at].name != "memory":
        return at
    return next(place for place, each in enumerate(quantities) if each.name == "activation_bytes")


def _kind(quantity: Quantity) -> str:
    """In which column a quantity is shown."""
    if quantity.form == BYTES:
        return "memory"
    return "parameters" if quantity.lacks == "params" and quantity.name != "neurons" else "operations"


def _figure(checked: Checked) -> tuple[str, str]:
    """A published figure, and what there is to say of it: on a page both stand on one line."""
    (words, _), _, *verdict = next(figure_lines(checked, PAGE))
    return words, _text(verdict)


def _verdict(checked: Checked) -> str:
    """Whether a published figure agrees, as a class of the page."""
    return "" if checked.agrees is None else "good" if checked.agrees else "bad"


def _figures(layer: Layer, summary: Summary, quantities: Iterable[Quantity]) -> list[int | None]:
    """The figures of a layer; of an input those of its tensor alone."""
    row = Row(layer, summary)
    found: list[int | None] = []
    for quantity in quantities:
        assert quantity.layer is not None
        if layer.index < 0 and quantity.form != BYTES:
            found.append(0)
        else:
            value = quantity.layer(row)
            found.append(None if value is None else int(value))
    return found


def _totals(summary: Summary, quantities: Iterable[Quantity]) -> list[int | None]:
    return [None if (value := quantity.of(summary)) is None else int(value) for quantity in quantities]


def _members(cluster: Cluster, number: dict[Layer, int], arriving: dict[Box, Layer]) -> list[dict[str, Any]]:
    """Boxes and opened items as they nest. The end of an output stands for no layer: it has the tensor that
    arrives there."""
    found: list[dict[str, Any]] = []
    for member in cluster.members:
        if isinstance(member, Box):
            found.append(
                {
                    "kind": member.kind,
                    "lines": member.lines,
                    "layers": [number[layer] for layer in member.layers],
                    **({} if member.layers else {"reads": number[arriving[member]]}),
                }
            )
        else:
            name, text, *_ = [*member.lines, "", ""]
            found.append({"name": name, "text": text, "members": _members(member, number, arriving)})
    return found


def _memory(summary: Summary, number: dict[Layer, int]) -> dict[str, Any]:
    """What lives after each layer, and what lives at the peak, in bytes."""
    memory = summary.memory
    return {
        "peak": summary.scaled(memory.peak),
        "at": None if memory.at is None else number[memory.at],
        "alive": [[number[at], summary.scaled(memory.new[at])] for at in memory.alive()],
        "live": [summary.scaled(values) for values in memory.live],
    }


def _facts(summary: Summary) -> list[list[str]]:
    """What is known of the whole, a line each; published figures stand by themselves."""
    found, about = [], ""
    for word, line in facts(summary, PAGE, True, True):
        about = word or about
        if about != "published":
            found.append([word, _text(line)])
    return found


def _text(line: Iterable[tuple[str, str]]) -> str:
    return "".join([text for text, _ in line])
