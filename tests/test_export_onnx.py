"""`archcalc export --to onnx`: files that the onnx package finds valid and onnxruntime runs, with PyTorch's
values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from calling import call
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_ops import COMPUTING, layers

import archcalc
from archcalc.arithmetic import value_of
from archcalc.diagnostics import SpecError
from archcalc.export.onnx_graph import LEAST_OPSET, OnnxGraph
from archcalc.graph import Graph
from archcalc.language.library import Library
from archcalc.ops import registry
from archcalc.shape import Shape

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
torch = pytest.importorskip("torch", reason="PyTorch is not installed")

ZOO = sorted(Library().zoo)
# Ops without a form in ONNX: what they read or compute is in no tensor of a spec, or ONNX has no operator.
WITHOUT = {"nms", "roi_pool", "roi_align", "opaque", "max_unpool", "gather"}
# The types of inputs in onnxruntime.
KINDS = {"tensor(float)": "float32", "tensor(int64)": "int64"}


def model_of(graph: Graph, **options: Any) -> Any:
    """The model, which is valid, sizes that are stated and those that follow included."""
    from archcalc.export.onnx_file import onnx_file

    model = onnx.load_from_string(onnx_file(graph, **options))
    onnx.checker.check_model(model, full_check=True)
    return model


def run(model: Any, inputs: list[Any]) -> list[Any]:
    onnxruntime.set_default_logger_severity(3)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = session.get_inputs()
    feeds = {one.name: x.numpy().astype(KINDS[one.type]) for one, x in zip(given, inputs, strict=True)}
    found: list[Any] = session.run(None, feeds)
    return found


def assert_same_values(graph: Graph, model: Any = None, batch: int = 2) -> None:
    """With the weights of archcalc's own module, copied by name, onnxruntime's output is PyTorch's.

    Defeats: gates, axes or padding in another order than PyTorch's, which sizes alone do not show.
    """
    from archcalc.witness.build import build, random_inputs

    model = model or model_of(graph, weights="random")
    torch.manual_seed(1)
    inputs = random_inputs(graph, batch)
    module = build(graph)
    state = module.state_dict()
    for name, values in state.items():
        if name.endswith("running_var"):
            values.uniform_(0.5, 1.5)
        elif name.endswith("running_mean"):
            values.normal_(std=0.1)
    for tensor in model.graph.initializer:
        # A constant of the code is in no state: it stands in the module as a plain tensor.
        layer, _, name = tensor.name.rpartition(".")
        values = state.get(tensor.name)
        if values is None:
            values = getattr(module._modules[layer], name).detach()
        assert tuple(tensor.dims) == tuple(values.shape), tensor.name
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.numpy(), tensor.name))
    # The module may write over its inputs.
    (found,) = run(model, inputs)
    with torch.no_grad():
        wanted = module.eval()(*inputs)["main"]
    # The largest value of a window on the rim alone is minus infinity, or the least number that there is.
    least = torch.finfo(wanted.dtype).min
    wanted, got = wanted.clamp(min=least), torch.from_numpy(found).clamp(min=least)
    torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-4, equal_nan=True)


def sizes_of(graph: Graph, batch: int) -> tuple[int, ...]:
    *spatial, channels = map(value_of, graph.output.output)
    return (batch, channels, *spatial)


def values_kept(graph: Graph, model: Any) -> int:
    """Values of the parameters and buffers, all of which are initializers once each."""
    owners = {layer.owner for layer in graph.main()}
    held = sum(value_of(owner.facts.params) + value_of(owner.facts.buffers) for owner in owners)
    assert held == sum(onnx.numpy_helper.to_array(tensor).size for tensor in model.graph.initializer)
    return int(held)


# Networks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["lenet5", "squeezenet1_1", "shufflenet_v2", "neuraltalk_caption", "resnet20_cifar"]
)
def test_networks(name: str) -> None:
    """A handful, one with two inputs of which one holds word indices.

    Defeats: weights that two layers share written twice, statistics left out, word indices as fractions.
    """
    graph = archcalc.load(name).graph
    model = model_of(graph, weights="random")
    assert values_kept(graph, model) > 0
    assert_same_values(graph, model)


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_the_zoo(name: str) -> None:
    """Without weights each file is valid, and small; of networks that are not too large the values too."""
    graph = archcalc.load(name).graph
    if any(layer.op.name in WITHOUT for layer in graph.main()):
        with pytest.raises(SpecError, match="ONNX has no form of"):
            model_of(graph)
        return
    model = model_of(graph)
    assert model.ByteSize() < 1_000_000
    assert not model.graph.initializer
    inferred = onnx.shape_inference.infer_shapes(_without_sizes(model), strict_mode=True, data_prop=True)
    (output,) = inferred.graph.output
    _, *sizes = [size.dim_value for size in output.type.tensor_type.shape.dim]
    assert sizes == list(sizes_of(graph, 1)[1:])
    cost = sum(value_of(layer.facts.macs or 0) for layer in graph.main())
    if sum(value_of(layer.facts.params) for layer in graph.main()) < 30_000_000 and cost < 3_000_000_000:
        model = model_of(graph, weights="random")
        values_kept(graph, model)
        assert_same_values(graph, model)


def _without_sizes(model: Any) -> Any:
    """The model without what archcalc states of sizes between: onnx works them out of the nodes alone."""
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    del bare.graph.value_info[:]
    for output in bare.graph.output:
        output.type.tensor_type.ClearField("shape")
    return bare


def test_names() -> None:
    """Layers name tensors, blocks are prefixes of nodes, and a batch has any size.

    Defeats: numbered names, as PyTorch's exporter writes them.
    """
    graph = archcalc.load("resnet18").graph
    model = model_of(graph)
    names = [node.name for node in model.graph.node]
    assert "/conv2_1/conv1/Conv" in names
    outputs = {name for node in model.graph.node for name in node.output}
    assert {layer.name for layer in graph.main()} | {"conv2_1.conv1.weight", "conv1.weight"} <= outputs
    (given,) = model.graph.input
    assert given.name == graph.inputs[0].name
    dims = given.type.tensor_type.shape.dim
    assert (dims[0].dim_param, [dim.dim_value for dim in dims[1:]]) == ("N", [3, 224, 224])
    assert (model.producer_name, model.doc_string) == ("archcalc", graph.metadata.title)
    props = {prop.key: prop.value for prop in model.metadata_props}
    assert (props["network"], props["weights"][:4]) == ("resnet18", "none")


def test_a_batch_of_a_stated_size() -> None:
    model = model_of(archcalc.load("8x8x3 -> conv 3x3 4 -> fc 5").graph, batch=7)
    for tensor in (*model.graph.input, *model.graph.output):
        assert tensor.type.tensor_type.shape.dim[0].dim_value == 7


@pytest.mark.parametrize("opset", [18, 19, 20, 21, 23])
def test_versions(opset: int) -> None:
    """Operators that a version lacks are written with others, and mean the same."""
    graph = archcalc.load("8x8x8 -> conv 3x3 8 pad=1 -> gelu -> groupnorm 4 -> gelu approximate=tanh").graph
    model = model_of(graph, weights="random", opset=opset)
    kinds = {node.op_type for node in model.graph.node}
    assert ("Gelu" in kinds, "GroupNormalization" in kinds) == (opset >= 20, opset >= 21)
    assert_same_values(graph, model)


def test_side_heads() -> None:
    graph = archcalc.load("googlenet").graph
    model = model_of(graph, with_heads=True)
    assert len(model.graph.output) == 1 + len(graph.heads) > 1


# The command ------------------------------------------------------------------------------------


def test_the_command(tmp_path: Path) -> None:
    """The name of the file says what is written, and nothing is written of what is refused."""
    path = tmp_path / "net.onnx"
    assert call("export", "vgg16", "-o", str(path)).code == 0
    assert path.stat().st_size < 20_000
    model = onnx.load(path)
    x = torch.ones(1, 3, 224, 224)
    (output,) = run(model, [x])
    assert output.shape == (1, 1000)
    refused = tmp_path / "refused.onnx"
    answer = call("export", "faster_rcnn_vgg16", "-o", str(refused))
    assert (answer.code, answer.out, refused.exists()) == (2, "", False)
    assert answer.err.count("ONNX has no form of") == 3  # all of them, not the first


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--weights", "none"], "--weights is for --to onnx"),
        (["--to", "onnx", "--format", "json"], "--format is for source"),
        (["--to", "onnx", "--opset", "3"], "opset 3 is not written"),
    ],
)
def test_options_that_do_not_go_together(words: list[str], message: str) -> None:
    answer = call("export", "lenet5", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "onnx", None)
    answer = call("export", "lenet5", "--to", "onnx")
    assert answer.code == 2
    assert "an ONNX file needs onnx: " in answer.err
    assert "pip install onnx" in answer.err


# Every op ---------------------------------------------------------------------------------------


def alone(op: Any, inputs: tuple[Shape, ...]) -> Graph:
    """A network of one layer."""
    from archcalc.graph import Group, Layer, Metadata
    from archcalc.ops.rearranging import Input

    sources = []
    for number, shape in enumerate(inputs):
        given = Input(shape)
        sources.append(Layer(f"input{number}", given, (), given.facts(())))
    layer = Layer("layer", op, tuple(sources), op.facts(inputs))
    tree = Group.__new__(Group)
    return Graph(Metadata("alone"), tuple(sources), (layer,), layer, {}, tree, {})


def test_every_op_has_a_form_or_a_place_in_the_list() -> None:
    """Defeats an op that nobody wrote for ONNX, and that nobody would miss."""
    for name, op in registry().items():
        if name in WITHOUT or not op.example:
            continue
        first, _, rest = op.example.partition(" -> ")
        body = "\n".join([f"  {line}" for line in rest.splitlines()])
        graph = archcalc.load("-", stdin=f"net n\n  input {first}\n{body}").graph
        assert OnnxGraph(graph).nodes, name


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(COMPUTING) - WITHOUT))
@given(st.data())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
def test_every_op_with_all_attributes(name: str, data: st.DataObject) -> None:
    """Defeats: padding that ONNX's pools count otherwise, an axis counted from another end, a window that
    hangs over, an option that no node has."""
    op, inputs = data.draw(layers(COMPUTING[name]))
    facts = op.facts(inputs)
    large = facts.output.values >= 1 << 14 or sum(x.values for x in inputs) >= 1 << 14
    refused = name == "celu" and not op.alpha  # by PyTorch
    # Nothing times minus infinity, of what is hidden, is no number to one of the two.
    refused |= name == "sdpa" and op.factor == 0
    if large or refused or op.torch_code(*inputs) is None:
        return
    graph = alone(op, inputs)
    try:
        OnnxGraph(graph, opset=LEAST_OPSET)
        model = model_of(graph, weights="random")
    except SpecError as error:
        if "ONNX has no form of" not in str(error):
            raise
        return
    assert_same_values(graph, model)
