"""A graph of Model Explorer: JSON with nodes, the blocks in which they stand, and figures on both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...analysis.summary import Summary
from ...graph import Graph, Layer
from ..flat import text_of
from ..pictures.graph import Box, Cluster, Picture
from . import ExportFormat, ToolSettings
from ._nodes import FiguredNode, figured_nodes, scope_of

# The figures of a block that are sums over its layers.
SUMS = ("params", "trainable", "buffers", "macs", "activation_bytes", "saved_bytes")


class Format(ExportFormat):
    """``--to model-explorer``: JSON for Model Explorer."""

    what = "JSON for Model Explorer"
    suffixes = (".model-explorer.json",)
    inside = ".json"
    settings = ("batch",)

    def content(self, graph: Graph, settings: ToolSettings) -> str:
        """The text of the file."""
        return json.dumps(collection(scope_of(graph, settings)), indent=1, ensure_ascii=True) + "\n"


def collection(summary: Summary) -> dict[str, Any]:
    """A collection of one graph. The id of a node is the name of its layer."""
    nodes = figured_nodes(summary)
    picture = Picture(summary.graph, all_layers=True, with_heads=summary.with_heads)
    blocks = dict(_blocks(picture.root, ""))
    home = {layer: block for block, (_, layers) in blocks.items() for layer in layers}
    known = {node.layer: node for node in nodes}
    name, title = picture.title
    graph = {
        "id": name,
        "nodes": [_node(node, home.get(node.layer, "")) for node in nodes],
        "groupNodeAttributes": {
            "": {**({"title": title} if title else {}), **_whole(summary)},
            **{
                block: {"what": text, **_sums([known[layer] for layer in inside])}
                for block, text, inside in _nested(blocks)
            },
        },
    }
    return {"label": name, "graphs": [graph]}


def _blocks(cluster: Cluster, path: str) -> Iterator[tuple[str, tuple[str, list[Layer]]]]:
    """Opened items by their paths, each with its words and the layers that stand in it and in no item inside.

    Two of one name beside each other have different paths.
    """
    taken: dict[str, int] = {}
    for member in cluster.members:
        if isinstance(member, Box):
            continue
        name = (member.lines or ["block"])[0].replace("/", "\u2215")
        taken[name] = taken.get(name, 0) + 1
        inner = f"{path}{name}" if taken[name] == 1 else f"{path}{name} ({taken[name]})"
        direct = [layer for box in member.members if isinstance(box, Box) for layer in box.layers]
        yield inner, (" ".join(member.lines[1:]), direct)
        yield from _blocks(member, f"{inner}/")


def _nested(blocks: Mapping[str, tuple[str, list[Layer]]]) -> Iterator[tuple[str, str, list[Layer]]]:
    """Blocks with all layers inside them, those of blocks inside too. A block stands before those in it."""
    inside: dict[str, list[Layer]] = {block: [] for block in blocks}
    for block, (_, direct) in blocks.items():
        parts = block.split("/")
        for depth in range(1, len(parts) + 1):
            inside["/".join(parts[:depth])] += direct
    for block, (text, _) in blocks.items():
        yield block, text, inside[block]


def _sums(nodes: Iterable[FiguredNode]) -> dict[str, str]:
    """The sums of a block; with a layer that has no rule they are lower bounds."""
    nodes = list(nodes)
    sums = {}
    for name in SUMS:
        values = [node.figures[name] for node in nodes]
        least = ">= " if None in values else ""
        sums[name] = f"{least}{sum([value or 0 for value in values])}"
    return sums


def _whole(summary: Summary) -> dict[str, str]:
    """The sums of the network, by the names of the JSON."""
    totals = summary.totals
    lower = set(totals.get("at_least", ()))
    keys = ("params", "trainable", "buffers", "macs", "activation_bytes", "peak_bytes", "peak_at", "depth")
    found = {key: text_of(totals[key]) for key in keys if totals[key] is not None}
    found = {key: f">= {text}" if key in lower else text for key, text in found.items()}
    return {**found, "batch": str(summary.batch), "dtype": summary.dtype}


def _pairs(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": name, "value": text} for name, text in texts.items()]


def _node(node: FiguredNode, block: str) -> dict[str, Any]:
    layer = node.layer
    shape = "x".join(map(str, node.shape))
    short = layer.name.rpartition(".")[2]
    return {
        "id": layer.name,
        "label": short if node.what in ("", short) else f"{short}: {node.what}",
        "namespace": block,
        "attrs": _pairs({"name": layer.name, **node.texts()}),
        "incomingEdges": [
            {"sourceNodeId": source.name, "sourceNodeOutputId": "0", "targetNodeInputId": str(at)}
            for at, source in enumerate(layer.inputs)
        ],
        "outputsMetadata": [{"id": "0", "attrs": _pairs({"__tensor_tag": layer.name, "shape": shape})}],
    }
