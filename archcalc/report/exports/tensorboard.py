"""A log of TensorBoard that holds a graph, and the memory of each node."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from ...graph import Graph, Layer
from ...packages import needed
from . import ExportFormat, ToolSettings
from ._nodes import FiguredNode, figured_nodes, scope_of

# What a whole number of a protocol buffer holds.
_WHOLE = 2**63
# The name of the statistics of memory in TensorBoard's list, and what stands for a device: TensorBoard shows
# what belongs to a name of this form.
MEMORY, DEVICE = "memory of outputs", "/device:archcalc:0"


class Format(ExportFormat):
    """``--to tensorboard``: a log of TensorBoard with the graph."""

    what = "a log of TensorBoard"
    suffixes = (".tfevents",)
    inside = "tfevents"
    settings = ("batch",)

    def content(self, graph: Graph, settings: ToolSettings) -> bytes:
        """The bytes of the file. Raises SpecError where the tensorboard package is missing."""
        protos = {
            name: needed(f"tensorboard.compat.proto.{name}_pb2", self.what)
            for name in ("event", "graph", "config", "types")
        }
        writing = needed("tensorboard.summary.writer.record_writer", self.what)
        nodes = figured_nodes(scope_of(graph, settings))
        event = protos["event"]
        statistics = event.TaggedRunMetadata(
            tag=MEMORY, run_metadata=_written(_memory(protos["config"].RunMetadata(), nodes))
        )
        data = BytesIO()
        log = writing.RecordWriter(data)
        for part in (
            event.Event(file_version="brain.Event:2"),
            event.Event(graph_def=_written(_graph(protos, nodes))),
            event.Event(tagged_run_metadata=statistics),
        ):
            log.write(_written(part))
        return data.getvalue()


def node_name(layer: Layer) -> str:
    """The name of a node: blocks are scopes, ``conv2_1/conv1``."""
    return layer.name.replace(".", "/")


def _written(message: Any) -> bytes:
    """A message as bytes, the same ones at every call."""
    data: bytes = message.SerializeToString(deterministic=True)
    return data


def _graph(protos: dict[str, Any], nodes: list[FiguredNode]) -> Any:
    graph = protos["graph"].GraphDef()
    for node in nodes:
        made = graph.node.add(name=node_name(node.layer), op=node.layer.op.name)
        made.input.extend([node_name(source) for source in node.layer.inputs])
        sizes = made.attr["_output_shapes"].list.shape.add()
        for size in node.shape:
            sizes.dim.add(size=min(size, _WHOLE - 1))
        for name, text in node.texts().items():
            value = node.figures.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and value < _WHOLE:
                made.attr[name].i = value
            else:
                made.attr[name].s = text.encode()
    return graph


def _memory(metadata: Any, nodes: list[FiguredNode]) -> Any:
    """How much memory the output of each node takes anew, by which TensorBoard colours nodes."""
    device = metadata.step_stats.dev_stats.add(device=DEVICE)
    for node in nodes:
        values = node.figures["activation_bytes"]
        if values is not None and values < _WHOLE:
            stats = device.node_stats.add(node_name=node_name(node.layer))
            stats.memory.add(allocator_name=DEVICE, total_bytes=values)
    return metadata
