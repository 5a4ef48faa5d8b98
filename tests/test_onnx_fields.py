"""Files of ONNX that are messages of protobuf, and say what makes no sense: each ends in one message."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc.diagnostics import SpecError

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed")
from onnx import TensorProto, defs, helper  # noqa: E402

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"
KINDS = ("pytorch-converted", "pytorch-operator", "simple")
WHOLE = [
    -1, 0, 1, 2, 3, 7, 10**6, 2**31, 2**40, 2**63 - 1, -(2**63),
]  # fmt: skip
REAL = [float("nan"), float("inf"), -1.0, 0.0, 1e38, 1e-40]
TEXTS = [b"", b"\xff\xfe", b"x" * 1000, b"SAME_UPPER", b"linear"]
PLACES = ["../../../etc/passwd", "/etc/passwd", "none.bin", "", "/dev/zero", ".", "a" * 300]
# Seconds that one file may take.
MOST_SECONDS = 2

Change = Callable[[Any, random.Random], None]
CHANGES: list[Change] = []


def change(function: Change) -> Change:
    """Enter a way to change a graph; what there is nothing of is left as it is."""
    CHANGES.append(function)
    return function


def graphs(model: Any) -> list[Any]:
    """All graphs of a model, those inside of nodes too."""
    found = [model.graph]
    for graph in found:
        found += [one.g for node in graph.node for one in node.attribute if one.HasField("g")]
    return found


def some(parts: Any, rng: random.Random) -> list[Any]:
    """One of several, or none where there are none."""
    return [rng.choice(list(parts))] if len(parts) else []


@change
def type_of_an_attribute(graph: Any, rng: random.Random) -> None:
    for node in some(graph.node, rng):
        for attribute in some(node.attribute, rng):
            attribute.type = rng.randrange(15)


@change
def value_of_an_attribute(graph: Any, rng: random.Random) -> None:
    for node in some(graph.node, rng):
        for attribute in some(node.attribute, rng):
            if attribute.ints:
                attribute.ints[rng.randrange(len(attribute.ints))] = rng.choice(WHOLE)
            elif attribute.HasField("i"):
                attribute.i = rng.choice(WHOLE)
            elif attribute.HasField("f"):
                attribute.f = rng.choice(REAL)
            elif attribute.HasField("s"):
                attribute.s = rng.choice(TEXTS)


@change
def numbers_of_an_attribute(graph: Any, rng: random.Random) -> None:
    for node in some(graph.node, rng):
        for attribute in some(node.attribute, rng):
            if rng.random() < 0.5:
                attribute.ints.extend([rng.choice(WHOLE)] * rng.randint(1, 5))
            else:
                node.attribute.remove(attribute)


@change
def name_of_an_input(graph: Any, rng: random.Random) -> None:
    for node in some(graph.node, rng):
        if node.input:
            names = ["", "missing", *node.output, *node.input]
            node.input[rng.randrange(len(node.input))] = rng.choice(names)


@change
def fewer_ends(graph: Any, rng: random.Random) -> None:
    for node in some(graph.node, rng):
        ends = node.input if rng.random() < 0.5 else node.output
        if ends:
            ends.pop()


@change
def name_of_an_output(graph: Any, rng: random.Random) -> None:
    for node in some(graph.node, rng):
        if node.output:
            node.output[0] = rng.choice(["", *node.input, *[one.name for one in graph.output]])


@change
def operator(graph: Any, rng: random.Random) -> None:
    for node in some(graph.node, rng):
        node.op_type = rng.choice(defs.get_all_schemas()).name


@change
def order_of_nodes(graph: Any, rng: random.Random) -> None:
    nodes = [type(node).FromString(node.SerializeToString()) for node in graph.node]
    rng.shuffle(nodes)
    del graph.node[:]
    graph.node.extend(nodes + nodes[: rng.randrange(2)])


@change
def sizes_of_a_tensor(graph: Any, rng: random.Random) -> None:
    for tensor in some(graph.initializer, rng):
        if tensor.dims and rng.random() < 0.7:
            tensor.dims[rng.randrange(len(tensor.dims))] = rng.choice(WHOLE)
        else:
            tensor.dims.append(rng.choice(WHOLE))


@change
def type_of_a_tensor(graph: Any, rng: random.Random) -> None:
    for tensor in some(graph.initializer, rng):
        tensor.data_type = rng.randrange(40)


@change
def values_of_a_tensor(graph: Any, rng: random.Random) -> None:
    for tensor in some(graph.initializer, rng):
        if tensor.int64_data:
            tensor.int64_data[0] = rng.choice(WHOLE)
        elif tensor.raw_data and tensor.data_type == TensorProto.INT64:
            each = rng.choice(WHOLE).to_bytes(8, "little", signed=True)
            tensor.raw_data = each * (len(tensor.raw_data) // 8)
        else:
            tensor.raw_data = bytes(rng.randrange(9))


@change
def place_of_a_tensor(graph: Any, rng: random.Random) -> None:
    for tensor in some(graph.initializer, rng):
        tensor.data_location = TensorProto.EXTERNAL
        lengths = ["100", "-1", "9" * 30, "abc", ""]
        for key, value in (("location", rng.choice(PLACES)), ("length", rng.choice(lengths))):
            tensor.external_data.add(key=key, value=value)


@change
def sizes_of_an_input(graph: Any, rng: random.Random) -> None:
    for given in some(graph.input, rng):
        dims = given.type.tensor_type.shape.dim
        if dims and rng.random() < 0.7:
            dims[rng.randrange(len(dims))].dim_value = rng.choice(WHOLE)
        else:
            dims.add().dim_value = rng.choice(WHOLE)


@change
def type_of_an_input(graph: Any, rng: random.Random) -> None:
    for given in some(graph.input, rng):
        given.type.tensor_type.elem_type = rng.randrange(60)


@change
def graph_inside(graph: Any, rng: random.Random) -> None:
    for node in some(graph.node, rng):
        copied = type(graph).FromString(graph.SerializeToString())
        node.op_type, word = rng.choice([("Loop", "body"), ("Scan", "body"), ("If", "then_branch")])
        node.attribute.append(helper.make_attribute(word, copied))


def seeds() -> list[tuple[str, bytes]]:
    found = [path for kind in KINDS for path in sorted((DATA / kind).glob("*/model.onnx"))]
    return [(path.parent.name, path.read_bytes()) for path in found]


@pytest.mark.parametrize("seed", range(8))
def test_changed_fields_end_in_one_message(seed: int, tmp_path: Path) -> None:
    """The models of the wheel, each changed in one to three places. Defeats: an error of Python where a field
    is of another type, is missing or has a huge number in it, and a reader that allocates what a file
    claims to hold."""
    rng = random.Random(seed)
    models = seeds()
    path = tmp_path / "changed.onnx"
    for _ in range(120):
        name, data = rng.choice(models)
        model = onnx.ModelProto.FromString(data)
        changes = [rng.choice(CHANGES) for _ in range(rng.randint(1, 3))]
        for each in changes:
            each(rng.choice(graphs(model)), rng)
        try:
            path.write_bytes(model.SerializeToString())
        except ValueError:  # protobuf does not write such a text
            continue
        start = time.perf_counter()
        try:
            archcalc.load(str(path)).summary()
            messages = []
        except SpecError as error:
            messages = [one.message for one in error.diagnostics]
        where = (name, [each.__name__ for each in changes], messages)
        assert time.perf_counter() - start < MOST_SECONDS, where
        assert len(messages) <= 1, where
        assert all("changed.onnx" in one and "fault of archcalc" not in one for one in messages), where


# Single faults, each with what its message says ------------------------------------------------------


def model(*nodes: Any, opset: int = 18, inside: Any = (), functions: Any = ()) -> Any:
    """A model from ``x`` to ``y``, maps of three channels."""
    x, y = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 3, 8, 8]) for n in "xy"]
    graph = helper.make_graph(list(nodes), "net", [x], [y], list(inside))
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=opsets, functions=list(functions))


def node(*args: Any, **more: Any) -> Any:
    return helper.make_node(*args, name="n", **more)


def weight(dims: list[int], location: str = "") -> Any:
    """A tensor that claims to be of some sizes, and holds nothing."""
    found = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=dims)
    if location:
        found.data_location = TensorProto.EXTERNAL
        found.external_data.add(key="location", value=location)
    return found


def indices(location: str) -> Any:
    found = TensorProto(name="s", data_type=TensorProto.INT64, dims=[4], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("length", "32")):
        found.external_data.add(key=key, value=value)
    return found


def nested(depth: int) -> Any:
    """Branches inside of each other."""
    ends = [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["z"])], "g", [], ends)
    for _ in range(depth):
        held = [helper.make_tensor("c", TensorProto.BOOL, [], [True])]
        inner = helper.make_node("If", ["c"], ["z"], then_branch=graph, else_branch=graph)
        graph = helper.make_graph([inner], "g", [], ends, held)
        del inner.attribute[1:]
        graph.node[0].CopyFrom(inner)
    return graph


def without_nodes() -> Any:
    found = model(node("Relu", ["x"], ["y"]))
    del found.graph.node[:]
    return found


def growing(size: int) -> Any:
    """A tensor without values for a batch of one, and of so many for one of two."""
    held = [helper.make_tensor(n, TensorProto.INT64, [1], [v]) for n, v in (("one", 1), ("size", size))]
    zero = helper.make_tensor("value", TensorProto.INT64, [1], [0])
    return model(
        helper.make_node("Shape", ["x"], ["all"], end=1),
        helper.make_node("Sub", ["all", "one"], ["less"]),
        helper.make_node("Mul", ["less", "size"], ["many"]),
        helper.make_node("ConstantOfShape", ["many"], ["filled"], value=zero),
        node("Reshape", ["x", "filled"], ["y"]),
        inside=held,
    )


CALLS_ITSELF = helper.make_function(
    "own", "Again", ["a"], ["b"],
    [helper.make_node("Again", [a], [b], domain="own") for a, b in ("at", "tb")],
    [helper.make_opsetid("own", 1)],
)  # fmt: skip
TURNS = helper.make_tensor("turns", TensorProto.INT64, [], [10**9])
BODY = helper.make_graph(
    [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Relu", ["v"], ["w"])], "body",
    [helper.make_tensor_value_info(n, k, s) for n, k, s in (
        ("turn", TensorProto.INT64, []), ("go", TensorProto.BOOL, []), ("v", TensorProto.FLOAT, None))],
    [helper.make_tensor_value_info(n, k, s) for n, k, s in (
        ("on", TensorProto.BOOL, []), ("w", TensorProto.FLOAT, None))],
)  # fmt: skip
FAULTS: dict[str, tuple[Callable[[], Any], str]] = {
    "no nodes": (without_nodes, "it holds no nodes"),
    "a version before the first": (lambda: model(node("Relu", ["x"], ["y"]), opset=0), "version 0 of ONNX"),
    "a name that nothing puts out": (lambda: model(node("Relu", ["q"], ["y"])), "nothing puts out"),
    "a circle": (
        lambda: model(node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])),
        "nothing puts out the tensor b",
    ),
    "an output that nothing puts out": (lambda: model(node("Relu", ["x"], ["z"])), "tensor y"),
    "one name twice": (
        lambda: model(node("Relu", ["x"], ["y"]), node("Tanh", ["x"], ["y"])), "y is put out twice"),
    "over an input": (lambda: model(node("Relu", ["x"], ["x"]), node("Relu", ["x"], ["y"])), "is an input"),
    "a text where a number is": (
        lambda: model(node("Concat", ["x", "x"], ["y"], axis="one")), "axis has another type"),
    "an axis that there is not": (lambda: model(node("Concat", ["x", "x"], ["y"], axis=9)), "no axis 9"),
    "a huge kernel": (
        lambda: model(node("MaxPool", ["x"], ["y"], kernel_shape=[2**62, 1])), "node n"),
    "a negative stride": (
        lambda: model(node("MaxPool", ["x"], ["y"], kernel_shape=[1, 1], strides=[-1, 1])), "below 1"),
    "a tensor of a hundred axes": (
        lambda: model(node("ConstantOfShape", ["s"], ["c"]), node("Expand", ["x", "c"], ["y"]),
                      inside=[helper.make_tensor("s", TensorProto.INT64, [100], [1] * 100)]), "node n"),
    "a tensor that is huge with two of the batch": (lambda: growing(2 * 10**8), "node n"),
    "a weight of a negative size": (
        lambda: model(node("Conv", ["x", "w"], ["y"]), inside=[weight([4, 3, -3, 3])]), "negative size"),
    "a weight larger than all memory": (
        lambda: model(node("Conv", ["x", "w"], ["y"]), inside=[weight([2**40, 3, 2**30, 9])]), "too large"),
    "a shape beside the folder": (
        lambda: model(node("Reshape", ["x", "s"], ["y"]), inside=[indices("../outside")]), "is not known"),
    "a function that calls itself": (
        lambda: model(node("Again", ["x"], ["y"], domain="own"), functions=[CALLS_ITSELF]), "deep"),
    "a loop of a billion turns": (
        lambda: model(node("Loop", ["turns", "", "x"], ["z"], body=BODY), node("Relu", ["z"], ["y"]),
                      inside=[TURNS]), "does not state the shape"),
    "branches in branches": (
        lambda: model(node("If", ["c"], ["y"], then_branch=nested(20)),
                      inside=[helper.make_tensor("c", TensorProto.BOOL, [], [True])]), "deep"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_makes_no_sense_says_what_and_where(name: str, tmp_path: Path) -> None:
    """Defeats: the later of two tensors of one name, a version that is read as the newest, a file beside the
    folder that is read, and a recursion that ends in an error of Python."""
    (tmp_path / "outside").write_bytes(bytes(32))
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / "net.onnx"
    made, words = FAULTS[name]
    path.write_bytes(made().SerializeToString())
    start = time.perf_counter()
    with pytest.raises(SpecError) as refused:
        archcalc.load(str(path)).summary()
    assert time.perf_counter() - start < MOST_SECONDS
    (message,) = [one.message for one in refused.value.diagnostics]
    assert str(path) in message
    assert words in message


def test_a_version_of_the_future_is_noted(tmp_path: Path) -> None:
    """Defeats: silence about operators that may mean something else by then."""
    path = tmp_path / "net.onnx"
    path.write_bytes(model(node("Relu", ["x"], ["y"]), opset=9999).SerializeToString())
    assert "version 9999" in str(archcalc.load(str(path)).summary())
