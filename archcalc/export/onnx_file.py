"""A network as the bytes of an ONNX file."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from .._version import __version__
from ..arithmetic import value_of
from ..diagnostics import fail
from ..graph import Graph
from ..ops.onnx.code import FLOAT, INT64, OnnxConstant, WrittenNode
from ..packages import needed
from .onnx_graph import LEAST_OPSET, USUAL_OPSET, NamedTensor, OnnxGraph, OnnxWeight

# What stands for the size of the batch where no number does.
BATCH = "N"
# A file of protocol buffers has no more bytes than this.
LARGEST_FILE = 2**31 - 1

WEIGHTS = ("none", "random")


def onnx_file(
    graph: Graph,
    *,
    weights: str = "none",
    batch: int | None = None,
    opset: int | None = None,
    with_heads: bool = False,
) -> bytes:
    """Write a network as an ONNX file.

    Args:
        graph: The network.
        weights: ``none``: the file holds their names and sizes, and a number that each of them is full of;
            ``random``: normal values, always the same ones.
        batch: Elements of a batch; None for any number of them, called ``N``.
        opset: The version of ONNX's operators; None for the usual one.
        with_heads: Whether side heads are put out too.

    Returns:
        The bytes of the file.

    Raises:
        SpecError: For layers that ONNX has no operators for, a version that is not written, a file that would
            be too large, or where the onnx package is missing.
    """
    onnx = needed("onnx", "an ONNX file", "onnx")
    opset = USUAL_OPSET if opset is None else opset
    newest = min(onnx.defs.onnx_opset_version(), 26)
    if not LEAST_OPSET <= opset <= newest:
        raise fail(
            "onnx",
            f"opset {opset} is not written",
            f"--opset {LEAST_OPSET} to {newest}, {USUAL_OPSET} by default",
        )
    made = OnnxGraph(graph, with_heads, opset)
    if weights == "random":
        size = 4 * sum(prod(map(value_of, weight.tensor.shape)) for weight in made.weights)
        if size + 2**20 > LARGEST_FILE:
            raise fail(
                "onnx",
                f"its weights are {size:,} bytes, and an ONNX file has {LARGEST_FILE:,} at most",
                "--weights none writes their names and sizes",
            )
    model = _model(onnx, made, weights == "random", batch)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _model(onnx: Any, made: OnnxGraph, random: bool, batch: int | None) -> Any:
    helper, graph = onnx.helper, made.graph
    first: Any = BATCH if batch is None else batch

    def described(tensor: NamedTensor) -> Any:
        kind = INT64 if tensor.whole else FLOAT
        *spatial, channels = map(value_of, tensor.shape)
        return helper.make_tensor_value_info(tensor.name, kind, [first, channels, *spatial])

    nodes, initializers = [], []
    for number, weight in enumerate(made.weights):
        if random:
            initializers.append(_random(onnx, weight, number))
        else:
            nodes += [_node(helper, node) for node in _filled(weight)]
    nodes += [_node(helper, node) for node in made.nodes]
    built = helper.make_graph(
        nodes,
        graph.metadata.name[:200],
        [described(tensor) for tensor in made.inputs],
        [described(tensor) for tensor in made.outputs],
        initializers,
        value_info=[described(tensor) for tensor in made.between],
    )
    opsets = [helper.make_opsetid("", made.opset)]
    model = helper.make_model(
        built,
        producer_name="archcalc",
        producer_version=__version__,
        opset_imports=opsets,
        ir_version=helper.find_min_ir_version_for(opsets),
        doc_string=graph.metadata.title or "",
    )
    helper.set_model_props(model, _properties(graph, random))
    return model


def _properties(graph: Graph, random: bool) -> dict[str, str]:
    """Return what the file tells of the network: where it is from, and what its weights are."""
    data = graph.metadata
    found = {"network": data.name, "family": data.family, "papers": ", ".join(data.papers)}
    found["year"] = None if data.year is None else str(data.year)
    found["parameters"] = " ".join([f"{name}={value}" for name, value in data.parameters.items()])
    found["weights"] = "random" if random else "none: each tensor is full of one number"
    return {name: value for name, value in found.items() if value}


def _node(helper: Any, node: WrittenNode) -> Any:
    attributes = {
        name: _tensor(helper, value) if isinstance(value, OnnxConstant) else value
        for name, value in node.attributes.items()
    }
    return helper.make_node(node.kind, node.inputs, node.outputs, node.name, **attributes)


def _tensor(helper: Any, constant: OnnxConstant) -> Any:
    read = float if constant.kind == FLOAT else int
    return helper.make_tensor("value", constant.kind, constant.sizes, [read(n) for n in constant.numbers])


# Weights ---------------------------------------------------------------------------------------


def _start(weight: OnnxWeight) -> tuple[float, float]:
    """Return mean and deviation of the values with which a tensor begins: weights keep the size of what they
    read, a norm changes nothing."""
    name = weight.name.rpartition(".")[2]
    if weight.fan_in:
        return 0.0, (2 / weight.fan_in) ** 0.5
    if "bias" in name or name == "running_mean":
        return 0.0, 0.0
    if name in ("weight", "running_var") and len(weight.tensor.shape) == 1:
        return 1.0, 0.0
    return 0.0, 0.02 if name == "pos_embedding" else 1.0


def _filled(weight: OnnxWeight) -> Iterator[WrittenNode]:
    """Yield the nodes that make a tensor full of one number, as small as its sizes are long."""
    sizes = tuple(map(value_of, weight.tensor.shape))
    mean, deviation = _start(weight)
    # Half of the square of the deviation: products of positive values keep their size.
    number = deviation**2 / 2 if weight.fan_in else mean
    path = f"/{weight.name.replace('.', '/')}"
    shape = OnnxConstant(INT64, (len(sizes),), sizes)
    yield WrittenNode("Constant", f"{path}/Constant", (), (f"{path}/sizes",), {"value": shape})
    value = OnnxConstant(FLOAT, (1,), (number,))
    yield WrittenNode(
        "ConstantOfShape", f"{path}/ConstantOfShape", (f"{path}/sizes",), (weight.name,), {"value": value}
    )


def _random(onnx: Any, weight: OnnxWeight, number: int) -> Any:
    import numpy as np

    sizes = tuple(map(value_of, weight.tensor.shape))
    mean, deviation = _start(weight)
    draw = np.random.default_rng(number)
    if deviation:
        values = draw.standard_normal(sizes, dtype=np.float32)
        values *= np.float32(deviation)
    else:
        values = np.full(sizes, mean, dtype=np.float32)
    return onnx.numpy_helper.from_array(values, weight.name)
