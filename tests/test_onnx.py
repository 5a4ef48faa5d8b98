"""ONNX files: figures against onnx's own shape inference and traced modules; broken and large files."""

from __future__ import annotations

import random
import subprocess
import sys
from math import prod
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc.diagnostics import SpecError
from archcalc.importing.files._onnx.wire import Limits, WireError, lean

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper  # noqa: E402

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
# Parameters as published, or as counted from the files by their nodes (``counted``).
PARAMETERS = {
    "bvlc_alexnet": 60_965_224,
    "densenet121": 8_062_504,
    "inception_v1": 6_998_552,
    "inception_v2": 11_214_888,
    "resnet50": 25_557_032,
    "shufflenet": 1_393_320,
    "squeezenet": 1_235_496,
    "vgg19": 143_667_240,
    "zfnet512": 87_250_536,
}


def made(
    nodes: list[Any], inputs: dict[str, Any], outputs: list[str], held: dict[str, Any], opset: int = 18
) -> Any:
    """A model; tensors that it holds are given by their sizes, or as a list of whole numbers."""
    values = []
    for name, what in held.items():
        if isinstance(what, tuple):
            values.append(helper.make_tensor(name, TensorProto.FLOAT, what, [0.5] * prod(what)))
        else:
            values.append(helper.make_tensor(name, TensorProto.INT64, [len(what)], what))
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes) for name, sizes in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        values,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def load(tmp_path: Path, model: Any, **given: Any) -> Any:
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString())
    return archcalc.load(str(path), **given)


def counted(model: Any) -> tuple[int, int]:
    """Parameters and multiply-adds of a file, from the shapes that onnx infers, node by node."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    sizes = {one.name: tuple(one.dims) for one in inferred.initializer}
    for one in (*inferred.value_info, *inferred.input, *inferred.output):
        sizes.setdefault(one.name, tuple([dim.dim_value for dim in one.type.tensor_type.shape.dim]))
    weights: set[str] = set()
    macs = 0
    filled = {node.output[0] for node in model.graph.node if node.op_type == "ConstantOfShape"}
    filled |= {one.name for one in model.graph.initializer}
    for node in model.graph.node:
        kept = node.input[3:5] if node.op_type == "BatchNormalization" else ()
        if node.op_type in ("Conv", "Gemm", "BatchNormalization", "Mul", "Add", "Unsqueeze", "Reshape"):
            read = node.input[:1] if node.op_type == "Reshape" else node.input
            weights |= {name for name in read if name in filled and name not in kept}
        if node.op_type == "Conv":
            macs += prod(sizes[node.output[0]]) * prod(sizes[node.input[1]][1:])
        if node.op_type == "Gemm":
            macs += prod(sizes[node.input[1]]) * sizes[node.output[0]][0]
    return sum(prod(sizes[name]) for name in weights), macs


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_light_models_of_the_wheel(name: str) -> None:
    """Their weights are computed by nodes: a reader that counts initializers finds none of them."""
    path = LIGHT / f"light_{name}.onnx"
    totals = archcalc.load(str(path)).summary().totals
    params, macs = counted(onnx.load(path))
    assert totals["params"] == params == PARAMETERS[name]
    assert totals["macs"] == macs


def test_no_parameter_twice(tmp_path: Path) -> None:
    """A weight that two nodes read is one."""
    matrix = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "w"], ["c"]),
        helper.make_node("Add", ["c", "bias"], ["y"]),
    ]
    model = made(matrix, {"x": [1, 8]}, ["y"], {"w": (8, 8), "bias": (8,)})
    assert load(tmp_path, model).summary().totals["params"] == 8 * 8 + 8


WINDOWS: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("SAME_UPPER", {"auto_pad": "SAME_UPPER", "strides": [2, 2]}, (4, 6, 4)),
    ("SAME_LOWER", {"auto_pad": "SAME_LOWER", "strides": [2, 2]}, (4, 6, 4)),
    ("VALID", {"auto_pad": "VALID", "strides": [1, 1]}, (5, 8, 4)),
    ("one side", {"pads": [0, 0, 1, 2]}, (6, 10, 4)),
    ("dilated", {"dilations": [2, 1]}, (3, 8, 4)),
]


@pytest.mark.parametrize(
    ("attributes", "output"), [case[1:] for case in WINDOWS], ids=[case[0] for case in WINDOWS]
)
def test_padding_of_convolutions(tmp_path: Path, attributes: dict[str, Any], output: tuple[int, ...]) -> None:
    """Not padded on both sides alike, and not by PyTorch's `same`, which knows no stride."""
    nodes = [helper.make_node("Conv", ["x", "w"], ["y"], **attributes)]
    model = made(nodes, {"x": [1, 3, 7, 11]}, ["y"], {"w": (4, 3, 3, 4)})
    inferred = onnx.shape_inference.infer_shapes(model).graph.output[0].type.tensor_type.shape.dim
    channels, *places = [dim.dim_value for dim in inferred[1:]]
    assert load(tmp_path, model).graph.output.output == output == (*places, channels)


def test_a_chain_of_shapes_is_computed(tmp_path: Path) -> None:
    """The target of a reshape is computed from the batch: with a constant in its place there would be one
    element alone."""
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "zero"], ["batch"], axis=0),
        helper.make_node("Concat", ["batch", "rest"], ["target"], axis=0),
        helper.make_node("Reshape", ["x", "target"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w", "b"], ["y"], transB=1),
    ]
    held = {"zero": [0], "rest": [-1], "w": (5, 48), "b": (5,)}
    found = load(tmp_path, made(nodes, {"x": ["N", 3, 4, 4]}, ["y"], held))
    totals = found.summary().totals
    assert (totals["params"], totals["macs"], found.graph.output.output) == (245, 240, (5,))
    assert not found.graph.metadata.traced.mixed


def test_a_static_batch_is_the_batch(tmp_path: Path) -> None:
    """A file for batches of eight has the figures of one element."""
    nodes = [
        helper.make_node("Reshape", ["x", "target"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w"], ["y"], transB=1),
    ]
    model = made(nodes, {"x": [8, 3, 4, 4]}, ["y"], {"target": [8, 48], "w": (5, 48)})
    assert load(tmp_path, model).summary().totals["macs"] == 240


def test_sizes_that_the_file_leaves_open(tmp_path: Path) -> None:
    """They are asked for, in the layout of the caller, and not taken to be one."""
    nodes = [helper.make_node("Conv", ["x", "w"], ["y"], name="first")]
    model = made(nodes, {"x": ["N", 3, "height", "width"]}, ["y"], {"w": (4, 3, 3, 3)})
    with pytest.raises(SpecError) as refused:
        load(tmp_path, model)
    first = refused.value.diagnostics[0]
    assert "height" in first.message
    assert "--input x=224x224x3" in first.help[0]
    assert load(tmp_path, model, input="10x12x3").graph.output.output == (8, 10, 4)
    assert load(tmp_path, model, input="3x10x12", layout="chw").graph.output.output == (8, 10, 4)
    assert load(tmp_path, model, input="x=10x12x3").graph.output.output == (8, 10, 4)


def test_an_operator_without_a_rule_is_unknown_and_not_free(tmp_path: Path) -> None:
    """Zero operations would be a figure."""
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"]),
        helper.make_node("Mystery", ["a"], ["b"], domain="some.where", name="odd"),
        helper.make_node("Relu", ["b"], ["y"]),
    ]
    model = made(nodes, {"x": [1, 3, 8, 8]}, ["y"], {"w": (4, 3, 3, 3)})
    with pytest.raises(SpecError, match="odd"):
        load(tmp_path, model)
    model.graph.value_info.append(helper.make_tensor_value_info("b", TensorProto.FLOAT, [1, 4, 6, 6]))
    found = load(tmp_path, model)
    assert found.summary().to_dict()["layers"][1]["macs"] is None


def test_the_names_of_modules_are_those_of_the_exporter(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Conv", ["x", "onnx::Conv_1"], ["a"], name="/features/features.0/conv/Conv"),
        helper.make_node("Relu", ["a"], ["b"], name="/features/features.0/act/Relu"),
        helper.make_node("Conv", ["b", "onnx::Conv_2"], ["y"], name="/features/features.1/conv/Conv"),
    ]
    held = {"onnx::Conv_1": (4, 3, 3, 3), "onnx::Conv_2": (4, 4, 3, 3)}
    found = load(tmp_path, made(nodes, {"x": [1, 3, 8, 8]}, ["y"], held))
    names = [layer.name for layer in found.graph.layers]
    assert names == ["features.0.conv", "features.0.act", "features.1.conv"]


def test_a_file_shown_as_a_spec_loads_to_the_same_figures() -> None:
    loaded = archcalc.load(str(LIGHT / "light_squeezenet.onnx"))
    again = archcalc.load("-", stdin=loaded.as_spec())
    assert again.summary().totals == loaded.summary().totals


def small_model() -> bytes:
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["a"], name="/c/Conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Reshape", ["p", "target"], ["f"]),
        helper.make_node("Gemm", ["f", "v"], ["y"], transB=1),
    ]
    held = {"w": (4, 3, 3, 3), "b": (4,), "target": [0, -1], "v": (5, 64)}
    data: bytes = made(nodes, {"x": ["N", 3, 8, 8]}, ["y"], held).SerializeToString()
    return data


@pytest.mark.parametrize("seed", range(12))
def test_mutated_files_end_in_one_message(tmp_path: Path, seed: int) -> None:
    """Whatever a byte says, an error is one that names the file."""
    whole = small_model()
    rng = random.Random(seed)
    path = tmp_path / "net.onnx"
    messages = set()
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(data))
            match rng.randrange(4):
                case 0:
                    data[place] = rng.randrange(256)
                case 1:
                    del data[place : place + rng.randint(1, 9)]
                case 2:
                    data[place:place] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 9)))
                case _:
                    del data[place:]
            if not data:
                break
        path.write_bytes(bytes(data))
        try:
            archcalc.load(str(path)).summary()
        except SpecError as error:
            messages.add(error.diagnostics[0].message)
    assert all("net.onnx" in message for message in messages)


def test_values_that_are_left_out_leave_the_rest_as_it_is() -> None:
    """Lengths of all messages around are written anew."""
    whole = made([helper.make_node("Gemm", ["x", "w"], ["y"])], {"x": [1, 300]}, ["y"], {"w": (300, 300)})
    left = onnx.ModelProto.FromString(lean(whole.SerializeToString(), Limits()))
    assert list(left.graph.initializer[0].dims) == [300, 300]
    del whole.graph.initializer[0].float_data[:]
    assert left == whole


@pytest.mark.parametrize(
    ("limits", "why"),
    [(Limits(bytes=10), "bytes"), (Limits(messages=3), "messages"), (Limits(depth=2), "deep")],
)
def test_limits(limits: Limits, why: str) -> None:
    with pytest.raises(WireError, match=why):
        lean(small_model(), limits)


def test_graphs_in_graphs_without_end() -> None:
    """A recursion of Python would end in no message."""
    node = b""
    for _ in range(400):
        graph = b"\x0a" + _length(node) + node
        attribute = b"\x32" + _length(graph) + graph
        node = b"\x2a" + _length(attribute) + attribute
    model = b"\x3a" + _length(graph) + graph
    with pytest.raises(WireError, match="deep"):
        lean(model, Limits())


def _length(data: bytes) -> bytes:
    size, found = len(data), bytearray()
    while size > 127:
        found.append(size & 127 | 128)
        size >>= 7
    return bytes([*found, size])


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read from /proc")
@pytest.mark.parametrize("external", [False, True])
def test_half_a_gigabyte_of_weights_is_not_read(tmp_path: Path, external: bool) -> None:
    """Not in memory, and not in the time that it takes to read them."""
    nodes = [helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)]
    model = made(nodes, {"x": ["N", 12_500]}, ["y"], {})
    weight = model.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=[10_000, 12_500])
    path = tmp_path / "net.onnx"
    data = tmp_path / "net.data"
    if external:
        weight.data_location = TensorProto.EXTERNAL
        for key, value in {"location": "net.data", "length": "500000000"}.items():
            weight.external_data.add(key=key, value=value)
        with open(data, "wb") as file:
            file.truncate(500_000_000)
    else:
        weight.raw_data = bytes(500_000_000)
    path.write_bytes(model.SerializeToString())
    code = (
        "import archcalc, sys, time\n"
        "start = time.perf_counter()\n"
        "assert archcalc.load(sys.argv[1]).summary().totals['params'] == 125_000_000\n"
        "most = [line for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
        "print(time.perf_counter() - start, most[0].split()[1])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    seconds, most = printed.stdout.split()
    assert float(seconds) < 4
    assert int(most) * 1024 < 200 * 2**20
