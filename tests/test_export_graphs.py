"""`archcalc export --to tensorboard` and `--to model-explorer`: files that the tools' own readers open, with
the graph and the figures of the summary."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from calling import call
from random_networks import network_of

import archcalc
from archcalc.graph import Graph
from archcalc.language.library import Library
from archcalc.report.exports import ToolSettings, named, names, of_file

ROOT = Path(__file__).resolve().parent.parent
ZOO = sorted(Library().zoo)
# Branches; several inputs; shared parameters; a layer twice in one sum; side heads; a layer without a rule.
SOME = ["resnet18", "googlenet", "neuraltalk_caption", "vit_b_16"]
OPAQUE = '8x8x3 -> conv 3x3 4 -> opaque "x.warp" 8x8x4 -> 2 x (conv 1x1 4 -> bn) -> gap'
# Two blocks of one name beside each other, a slash in the words of one, and a name that is also a scope.
NAMES = """\
block unit c
  conv 3x3 c pad=1 -> bn
net names
  input 8x8x3
  a: unit 4 -> unit 4
  a_b: conv 1x1 4
  3 x (unit 4 -> relu)
"""


def graph_of(target: str) -> Graph:
    return archcalc.load("-", stdin=target).graph if "\n" in target else archcalc.load(target).graph


# The formats --------------------------------------------------------------------------------------


def test_formats_are_found_where_they_are_defined() -> None:
    """Defeats a list of them beside the folder."""
    assert names() == ["torch", "model-explorer", "onnx", "tensorboard"]
    assert [
        of_file(name) for name in (None, "a", "a.py", "A.ONNX", "runs/a.tfevents", "a.json", "a.onnx.txt")
    ] == ["torch", "torch", "torch", "onnx", "tensorboard", "torch", "torch"]
    assert of_file("net.model-explorer.json") == "model-explorer"


def test_a_new_format_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of CONTRIBUTING.md is written by the command, by the end of a file's name, and from Python."""
    from archcalc.report import exports

    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("This file is `edge_list.py`")[2]
    (tmp_path / "edge_list.py").write_text(text.partition("```python\n")[2].partition("```\n")[0])
    monkeypatch.setattr(exports, "__path__", [*exports.__path__, str(tmp_path)])
    # The command reads the formats where it is imported, as it is in every process anew.
    monkeypatch.delitem(sys.modules, "archcalc.cli.export", raising=False)
    chain = "8x8x3 -> conv 3x3 4 -> relu"
    edges = "input conv1\nconv1 relu1\n"
    assert "edge-list" in names()
    assert call("export", chain, "-o", f"{tmp_path}/a.edges").code == 0
    assert (tmp_path / "a.edges").read_text() == edges
    assert call("export", chain, "--to", "edge-list").out == edges
    assert archcalc.load(chain).export("edge-list") == edges
    answer = call("export", chain, "--to", "edge-list", "--opset", "21")
    assert (answer.code, answer.out) == (2, "")
    assert "--opset is for --to onnx" in answer.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--to", "tensorboard", "-o", "a.log"], "`tfevents` in its name"),
        (["--to", "model-explorer", "-o", "a.txt"], "`.json` in its name"),
        (["--to", "model-explorer", "--weights", "none"], "--weights is for --to onnx"),
        (["--batch", "2"], "--batch is for --to model-explorer or onnx or tensorboard"),
        (["--to", "tensorboard", "--format", "json"], "--format is for source"),
    ],
)
def test_options_that_do_not_go_together(words: list[str], message: str, tmp_path: Path) -> None:
    """Defeats a file that the tool silently leaves out."""
    words = [f"{tmp_path}/{word}" if word.startswith("a.") else word for word in words]
    answer = call("export", "lenet5", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert not list(tmp_path.iterdir())


def test_from_python() -> None:
    net = archcalc.load("8x8x3 -> conv 3x3 4 -> relu")
    assert net.export("onnx", batch=3) == net.onnx(batch=3)
    assert net.export("torch") == net.export()
    assert json.loads(net.export("model-explorer"))["label"] == net.name
    for wrong in ({"to": "keras"}, {"batch": 2}, {"to": "model_explorer"}):
        with pytest.raises(ValueError, match=r"is not torch|is for any batch"):
            net.export(**wrong)


# Model Explorer -----------------------------------------------------------------------------------


def explored(graph: Graph, **settings: Any) -> dict[str, Any]:
    """The graph of the file, which has the keys of the tool's own classes and no others."""
    text = named("model-explorer").content(graph, ToolSettings(**settings))
    assert isinstance(text, str)
    assert text == named("model-explorer").content(graph, ToolSettings(**settings))
    found = json.loads(text)
    assert set(found) == {"label", "graphs"}
    (made,) = found["graphs"]
    assert set(made) == {"id", "nodes", "groupNodeAttributes"}
    return dict(made)


def pairs(listed: list[dict[str, str]]) -> dict[str, str]:
    """Keys and values, all of which are texts."""
    for pair in listed:
        assert set(pair) == {"key", "value"}
        assert isinstance(pair["value"], str)
    found = {pair["key"]: pair["value"] for pair in listed}
    assert len(found) == len(listed)
    return found


def assert_explored(graph: Graph, **settings: Any) -> None:
    """Nodes are layers under their names, edges read what layers read, and blocks sum to the network."""
    made = explored(graph, **settings)
    net = archcalc.Network.__new__(archcalc.Network)
    net.graph = graph
    summary = net.summary(batch=settings.get("batch") or 1, with_heads=settings.get("with_heads", False))
    rows = {row.name: row for row in summary.rows}
    nodes = {node["id"]: node for node in made["nodes"]}
    assert list(nodes) == [layer.name for layer in (*graph.inputs, *summary.layers)]
    seen: set[str] = set()
    sums: dict[str, list[int | None]] = {}
    for name, node in nodes.items():
        attrs = pairs(node["attrs"])
        read = [edge["sourceNodeId"] for edge in node["incomingEdges"]]
        assert read == [source.name for source in graph.named[name].inputs]
        places = [edge["targetNodeInputId"] for edge in node["incomingEdges"]]
        assert places == [str(at) for at in range(len(read))]
        assert set(read) <= seen, name
        seen.add(name)
        parts = node["namespace"].split("/") if node["namespace"] else []
        macs = None if attrs["macs"] == "?" else int(attrs["macs"])
        for depth in range(len(parts) + 1):
            sums.setdefault("/".join(parts[:depth]), []).append(macs)
        (output,) = node["outputsMetadata"]
        row = rows.get(name)
        if row is not None:
            shape = pairs(output["attrs"])["shape"]
            assert shape == "x".join(map(str, [summary.batch, *row.output]))
            assert (attrs["params"], macs) == ("?" if row.params is None else str(row.params), row.macs)
            assert attrs["output_bytes"] == str(row.output_bytes)
            if row.extent is not None and len(graph.inputs) == 1:
                assert attrs.get("rf_size", "") == ",".join(map(str, row.extent.size))
    assert set(sums) == set(made["groupNodeAttributes"])
    for block, figures in sums.items():
        least = ">= " if None in figures else ""
        total = sum(figure or 0 for figure in figures)
        assert made["groupNodeAttributes"][block]["macs"] == f"{least}{total}", block
    whole = made["groupNodeAttributes"][""]
    assert whole["params"].removeprefix(">= ") == str(summary.totals["params"])
    assert whole["macs"].removeprefix(">= ") == str(summary.totals["macs"])


@pytest.mark.parametrize("target", [*SOME, OPAQUE, NAMES])
def test_model_explorer(target: str) -> None:
    """Defeats sums that count shared parameters twice, a `?` that becomes 0, two blocks that become one."""
    assert_explored(graph_of(target))


def test_model_explorer_with_heads_and_a_batch() -> None:
    graph = graph_of("googlenet")
    assert_explored(graph, with_heads=True, batch=3)
    outputs = {
        pairs(node["attrs"])["network_output"]: node["id"]
        for node in explored(graph, with_heads=True)["nodes"]
        if any(pair["key"] == "network_output" for pair in node["attrs"])
    }
    assert outputs == {"main": graph.output.name, **{n: layer.name for n, layer in graph.heads.items()}}


def test_channels_first() -> None:
    """``--layout chw`` is the order in which sizes are read, and shown on the edges."""
    text = call("export", "3x8x6 -> conv 3x3 4", "--layout", "chw", "--to", "model-explorer").out
    shapes = [
        pairs(n["outputsMetadata"][0]["attrs"])["shape"] for n in json.loads(text)["graphs"][0]["nodes"]
    ]
    assert shapes == ["1x3x8x6", "1x4x6x4"]


def test_the_classes_of_model_explorer() -> None:
    """The tool's own classes take the file."""
    builder = pytest.importorskip(
        "model_explorer.graph_builder", reason="ai-edge-model-explorer is not installed"
    )
    made = explored(graph_of("googlenet"))
    nodes = [
        builder.GraphNode(
            **{
                **node,
                "attrs": [builder.KeyValue(**pair) for pair in node["attrs"]],
                "incomingEdges": [builder.IncomingEdge(**edge) for edge in node["incomingEdges"]],
                "outputsMetadata": [builder.MetadataItem(**item) for item in node["outputsMetadata"]],
            }
        )
        for node in made["nodes"]
    ]
    assert len(builder.Graph(**{**made, "nodes": nodes}).nodes) == len(made["nodes"])


# TensorBoard --------------------------------------------------------------------------------------


def logged(graph: Graph, tmp_path: Path, **settings: Any) -> tuple[Any, Any]:
    """The graph and the statistics, as TensorBoard's reader and its page of graphs have them."""
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    from tensorboard.backend import process_graph
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.compat.proto import config_pb2, graph_pb2

    data = named("tensorboard").content(graph, ToolSettings(**settings))
    assert data == named("tensorboard").content(graph, ToolSettings(**settings))
    path = tmp_path / "a.tfevents"
    assert isinstance(data, bytes)
    path.write_bytes(data)
    found, memory = graph_pb2.GraphDef(), config_pb2.RunMetadata()
    for event in EventFileLoader(str(path)).Load():
        for value in event.summary.value:
            content = value.tensor.string_val[0]
            (found if value.metadata.plugin_data.plugin_name == "graphs" else memory).ParseFromString(content)
    before = found.SerializeToString()
    process_graph.prepare_graph_for_ui(found, limit_attr_size=1024, large_attrs_key="_too_large_attrs")
    assert found.SerializeToString() == before
    return found, memory


def assert_logged(graph: Graph, tmp_path: Path, **settings: Any) -> None:
    """Nodes are layers under their names, in scopes, with shapes; edges read what layers read."""
    found, memory = logged(graph, tmp_path, **settings)
    summary = archcalc.analysis.summary.Summary(graph, batch=settings.get("batch", 1))
    nodes = {node.name.replace("/", "."): node for node in found.node}
    assert list(nodes) == [layer.name for layer in (*graph.inputs, *summary.layers)]
    for row in summary.rows:
        node = nodes[row.name]
        assert [name.replace("/", ".") for name in node.input] == [source.name for source in row.layer.inputs]
        (sizes,) = node.attr["_output_shapes"].list.shape
        assert [size.size for size in sizes.dim] == [summary.batch, *row.output]
        for name in ("params", "macs", "output_bytes", "saved_bytes"):
            value = getattr(row, name)
            if value is None:
                assert node.attr[name].s == b"?"
            else:
                assert (node.attr[name].WhichOneof("value"), node.attr[name].i) == ("i", value)
        if row.extent is not None and len(graph.inputs) == 1:
            assert node.attr["rf_size"].s.decode() == ",".join(map(str, row.extent.size))
    (device,) = memory.step_stats.dev_stats
    assert re.search(r"/device:([^:]+:[0-9]+)$", device.device)  # TensorBoard shows no other one
    held = {stats.node_name.replace("/", "."): stats.memory[0].total_bytes for stats in device.node_stats}
    assert sum(held.values()) == summary.scaled(summary.memory.activations)


@pytest.mark.parametrize("target", [*SOME, OPAQUE, NAMES])
def test_tensorboard(target: str, tmp_path: Path) -> None:
    """Defeats a graph whose edges name no nodes, a `?` that becomes 0, and figures that are rounded."""
    assert_logged(graph_of(target), tmp_path)


def test_tensorboard_serves_it(tmp_path: Path) -> None:
    """TensorBoard itself: the command writes a file that its page of graphs finds as a run."""
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    from tensorboard import context
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
    from tensorboard.plugins import base_plugin
    from tensorboard.plugins.graph import graphs_plugin

    run = tmp_path / "vgg16"
    run.mkdir()
    assert call("export", "vgg16", "-o", str(run / "net.tfevents"), "--batch", "2").code == 0
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(tmp_path))
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(tmp_path))
    plugin = graphs_plugin.GraphsPlugin(base_plugin.TBContext(data_provider=provider))
    asked = context.RequestContext()
    info = plugin.info_impl(asked, "")
    assert info["vgg16"]["run_graph"] is True
    assert list(info["vgg16"]["tags"]) == ["memory of outputs"]
    body, _ = plugin.graph_impl(asked, "vgg16", None, False, "")
    assert 'name: "conv1_1"' in body
    body, _ = plugin.run_metadata_impl(asked, "", "vgg16", "memory of outputs")
    assert 'node_name: "conv1_1"' in body


def test_sizes_beyond_what_a_buffer_holds(tmp_path: Path) -> None:
    """Numbers of a protocol buffer end at 2^63: a figure beyond it is a text, and exact."""
    graph = graph_of("99999999x99999999x3 -> conv 3x3 4 pad=1 -> conv 3x3 4000 pad=1")
    summary = archcalc.analysis.summary.Summary(graph)
    macs = summary.rows[1].macs
    assert macs is not None
    assert macs > 2**63
    found, _ = logged(graph, tmp_path)
    assert found.node[2].attr["macs"].s == str(macs).encode()


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "tensorboard", None)
    answer = call("export", "lenet5", "--to", "tensorboard")
    assert answer.code == 2
    assert "a log of TensorBoard needs TensorBoard: " in answer.err
    assert "archcalc[tensorboard]" in answer.err


# Both ---------------------------------------------------------------------------------------------


def test_strangers_text_is_text(tmp_path: Path) -> None:
    """Names and titles of a file: no sign of them makes a scope, a node or a line that is not there."""
    spec = "net evil '</script> & / ☃'\n  input 8x8x3\n  conv 3x3 4\n".replace("'", '"')
    graph = graph_of(spec)
    graph.layers[0].text = 'conv "a/b"\n</b>\u0007☃'
    (node,) = [node for node in explored(graph)["nodes"] if node["id"] == "conv1"]
    assert "\u0007" not in json.dumps(node, ensure_ascii=False)
    assert node["namespace"] == ""
    found, _ = logged(graph, tmp_path)
    assert [each.name for each in found.node] == ["input", "conv1"]
    assert b"\x07" not in found.node[1].attr["what"].s


@pytest.mark.parametrize("seed", range(12))
def test_random_networks(seed: int, tmp_path: Path) -> None:
    """Repeats in repeats, blocks without labels, branches, shared parameters. Defeats a layer in no block, or
    in two, and a path that two blocks have."""
    graph = graph_of(network_of(seed, 30))
    assert_explored(graph)
    assert_logged(graph, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_the_zoo(name: str, tmp_path: Path) -> None:
    graph = graph_of(name)
    assert_explored(graph)
    assert_logged(graph, tmp_path)
