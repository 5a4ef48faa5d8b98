"""A network as nodes of ONNX, which each op writes for its layer. Nothing here needs the onnx package."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import NamedTuple

from ..arithmetic import Number, value_of
from ..diagnostics import Diagnostic, SpecError, fail
from ..graph import Graph, Layer
from ..ops.dot_products import DotProducts
from ..ops.facts import Tensor
from ..ops.onnx.code import OnnxCode, WrittenNode
from ..shape import Shape

# The first version of ONNX's operators in which all that are written mean what is written, and the one that
# is written where nothing else is wanted: that of onnx 1.16 and onnxruntime 1.18.
LEAST_OPSET, USUAL_OPSET = 18, 21


class NamedTensor(NamedTuple):
    """A tensor that is put in or out: its name, its sizes, channels last and without the batch, and whether
    it holds whole numbers."""

    name: str
    shape: Shape
    whole: bool = False


class OnnxWeight(NamedTuple):
    """A tensor of a layer: its name, its sizes as PyTorch has them, and how many values each value that it
    makes is a sum of."""

    name: str
    tensor: Tensor
    fan_in: int


class OnnxGraph:
    """A network as nodes of ONNX.

    Tensors have the names of the layers that put them out, weights those of the layer that has them,
    ``conv1.weight``, and nodes those of the blocks that they stand in: ``/conv2_1/conv1/Conv``.

    Args:
        graph: The network.
        with_heads: Whether side heads are put out too.
        opset: The version of ONNX's operators.

    Attributes:
        nodes: The nodes in an order in which they can be computed.
        weights: The tensors that the layers have.
        inputs: What is put in.
        outputs: What is put out: the main output first.
        between: What the other layers put out.

    Raises:
        SpecError: For layers that ONNX has no operators for; all of them are named.

    Example:
        >>> from archcalc.export.onnx_graph import OnnxGraph
        >>> made = OnnxGraph(archcalc.load("8x8x3 -> conv 3x3 4 -> relu").graph)
        >>> [node.name for node in made.nodes], [weight.name for weight in made.weights]
        (['/conv1/Conv', '/relu1/Relu'], ['conv1.weight', 'conv1.bias'])
    """

    def __init__(self, graph: Graph, with_heads: bool = False, opset: int = USUAL_OPSET):
        self.graph = graph
        self.opset = opset
        layers = graph.select(with_heads)
        ends = [graph.output, *graph.heads.values()] if with_heads else [graph.output]
        whole = {source for source in graph.inputs if _only_looked_up(graph, source)}
        self.inputs = [NamedTensor(source.name, source.output, source in whole) for source in graph.inputs]
        self.nodes: list[WrittenNode] = []
        weights: dict[str, OnnxWeight] = {}
        refused: list[Diagnostic] = []
        for layer in layers:
            try:
                code = self._code(layer, whole)
            except SpecError as error:
                refused += error.diagnostics
                continue
            self.nodes += code.nodes
            for name, tensor in code.read.items():
                weights[code.prefix + name] = OnnxWeight(code.prefix + name, tensor, _fan_in(layer, tensor))
        if refused:
            raise SpecError(refused)
        self.weights = list(weights.values())
        # An input that goes out as it is, and an output that goes out twice, need a node of their own.
        self.outputs: list[NamedTensor] = []
        for end in ends:
            name = end.name
            if end in graph.inputs or any(name == known.name for known in self.outputs):
                name = f"{end.name}.output{len(self.outputs)}"
                self.nodes.append(WrittenNode("Identity", f"/{name}/Identity", (end.name,), (name,), {}))
            self.outputs.append(NamedTensor(name, end.output, end in whole))
        out = {known.name for known in self.outputs}
        self.between = [NamedTensor(one.name, one.output) for one in layers if one.name not in out]

    def _code(self, layer: Layer, whole: set[Layer]) -> OnnxCode:
        """Write the nodes of a layer. Raises SpecError."""
        inputs = [source.output for source in layer.inputs]
        to = OnnxCode(
            _path(layer.name),
            f"{layer.owner.name}.",
            [source.name for source in layer.inputs],
            dict(_tensors(layer)),
            self.opset,
            [source in whole for source in layer.inputs],
        )
        made = layer.op.onnx_code(to, *inputs)
        if made is None:
            why = layer.op.no_onnx_reason
            raise fail(
                "onnx",
                f"{layer.name}: ONNX has no form of `{layer.op.name}`{': ' if why else ''}{why}",
                "--until takes the part before it",
            )
        if not to.nodes or made in to.xs:
            made = to.node("Identity", made)
        to.nodes = [_renamed(node, made, layer.name) for node in to.nodes]
        return to


def _only_looked_up(graph: Graph, source: Layer) -> bool:
    """Whether an input holds word indices: whether nothing but word tables reads it."""
    limits = [at.op.indices_below for at in graph.layers if source in at.inputs]
    return bool(limits) and None not in limits


def _tensors(layer: Layer) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors that a layer reads, by name: its owner's, and those that something else computes."""
    owner, inputs = layer.owner, [source.output for source in layer.owner.inputs]
    if isinstance(owner.op, DotProducts) and owner.op.fixed:
        # Constants of the code, which are none of the layer's own tensors.
        op = copy(owner.op)
        op.__dict__.update(fixed=False, stored=True)
        yield from ((tensor.name, tensor) for tensor in op.tensors(*inputs) or ())
    for tensor in (*(owner.facts.tensors or ()), *owner.op.computed(*inputs)):
        yield tensor.name, tensor


def _fan_in(layer: Layer, tensor: Tensor) -> int:
    """Return of how many products a value is a sum that a weight makes; 0 for what is no such weight."""
    sizes: list[Number] = [value_of(n) for n in tensor.shape]
    if not layer.op.matrix_product or len(sizes) < 2 or tensor.is_bias:
        return 0
    size: Number = 1
    for n in sizes[1:]:
        size = size * n
    return int(size)


def _path(name: str) -> str:
    """Return a layer's name as the path of its nodes: a number stays beside the name in front of it."""
    parts: list[str] = []
    for part in name.split("."):
        if part.isdigit() and parts:
            parts[-1] += f".{part}"
        else:
            parts.append(part)
    return "/" + "/".join(parts)


def _renamed(node: WrittenNode, old: str, new: str) -> WrittenNode:
    """Return a node in which a tensor has another name."""
    inputs = tuple([new if name == old else name for name in node.inputs])
    outputs = tuple([new if name == old else name for name in node.outputs])
    return node._replace(inputs=inputs, outputs=outputs)
