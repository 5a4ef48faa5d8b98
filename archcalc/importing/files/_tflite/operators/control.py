"""Operators that run other graphs of the file: branches of which one is known, loops that are written out."""

from __future__ import annotations

from ..nodes import TfliteOperator
from ..reader import TfliteReader, TfliteTensor, dtype_of
from ..rules import OperatorOutputs, rule

# Turns of a loop that are written out, and its operators in all of them; one with more is a layer without a
# rule.
MOST_TURNS = 1000
MOST_WRITTEN_OUT = 3000


@rule("WHILE")
def loop(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    options = node.options("WhileOptions")
    condition, body = options.CondSubgraphIndex(), options.BodySubgraphIndex()
    inner = reader.graph_of(body)
    carried = [
        node.tensor(at)
        if inner.outputs[at : at + 1] == inner.inputs[at : at + 1]
        else _state(reader, node, at)
        for at in range(len(node.inputs))
    ]
    begun = carried
    turns = min(MOST_TURNS, MOST_WRITTEN_OUT // max(1, len(inner.operators)))
    for _ in range(turns + 1):
        (goes_on,) = reader.inside(condition, carried)
        if goes_on.known is None or goes_on.known.scalar() is None:
            break  # how often it runs depends on values
        if not goes_on.known.scalar():
            return carried
        carried = reader.inside(body, carried)
        if len(carried) != len(node.inputs):
            node.refuse("its body does not put out what it is given")
    return node.unknown((condition, body), [reader.value(one) for one in begun])


def _state(reader: TfliteReader, node: TfliteOperator, at: int) -> TfliteTensor:
    """What a loop begins with and changes: one that the file holds is a state before the first step, and is
    not learned."""
    found = node.tensor(at)
    if not found.stated.is_weight or found.value is not None:
        return found
    value = reader.builder.constant(found.sizes, None, dtype_of(found.stated))
    return TfliteTensor(found.stated, None, value)


@rule("IF")
def branch(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    options = node.options("IfOptions")
    both = options.ThenSubgraphIndex(), options.ElseSubgraphIndex()
    condition = node.number(0)
    if condition is None:
        return node.unknown(both)
    return reader.inside(both[0 if condition else 1], [node.tensor(at) for at in range(1, len(node.inputs))])


@rule("CALL")
def call(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    graph = node.options("CallOptions").Subgraph()
    return reader.inside(graph, [node.tensor(at) for at in range(len(node.inputs))])


@rule("STABLEHLO_COMPOSITE")
def composite(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    """A function with a name: what it does stands in a graph of the file."""
    graph = node.newer_options("StableHLOCompositeOptions").DecompositionSubgraphIndex()
    return reader.inside(graph, [node.tensor(at) for at in range(len(node.inputs))])


@rule("DYNAMIC_UPDATE_SLICE")
def written(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    """A part of a tensor is written over: along one axis, at a place that is known."""
    x, part = node.value(0), node.value(1)
    starts = node.numbers(2) if node.known(2) is not None else ()
    axes = [n for n, (a, b) in enumerate(zip(x.sizes, part.sizes, strict=True)) if a != b]
    if not axes:
        return part
    if len(axes) > 1 or len(starts) != len(x.sizes):
        return node.unknown()
    axis = axes[0]
    size, count = x.sizes[axis], part.sizes[axis]
    start = min(max(starts[axis], 0), size - count)
    around = [(0, start), (start + count, size)]
    parts = [reader.do("slice", x, axis, low, high, 1) if low < high else None for low, high in around]
    values = [one for one in (parts[0], part, parts[1]) if one is not None]
    return reader.do("cat", values, axis)
