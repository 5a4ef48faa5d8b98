"""Recurrent layers: the weights of each gate stand in a tensor of their own."""

from __future__ import annotations

from collections.abc import Sequence

from ....operations.recording import Value
from ..nodes import TfliteOperator
from ..reader import TfliteReader
from ..rules import OperatorOutputs, rule

_INPUT, _STATE, _PEEPHOLES, _BIASES, _PROJECTION = (
    range(1, 5),
    range(5, 9),
    range(9, 12),
    range(12, 16),
    (16, 17),
)
_NORMS = range(20, 24)
_STATES = (18, 19)
_TANH = 4


@rule("UNIDIRECTIONAL_SEQUENCE_LSTM")
def lstm(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    options = node.options("UnidirectionalSequenceLSTMOptions")
    x = node.value(0)
    gates = [_sizes(node, group) for group in (_INPUT, _STATE, _BIASES)]
    special = any(node.has(at) for at in (*_PEEPHOLES, *_PROJECTION, *_NORMS))
    plain = len(x.sizes) == 3 and not special and all(len(group) == 4 for group in gates)
    if not plain or options.FusedActivationFunction() != _TANH or options.CellClip():
        return node.unknown()
    inputs, states, biases = gates
    units, width = (*inputs[0], 0)[:2]
    if {*inputs} != {(units, x.sizes[-1])} or {*states} != {(units, units)} or {*biases} != {(units,)}:
        node.refuse(f"the weights of its gates are none of {units} units that read {width} values")
    params = [
        reader.parameter("weight_ih", (4 * units, width)),
        reader.parameter("weight_hh", (4 * units, units)),
        reader.parameter("bias", (4 * units,)),
    ]
    first = not options.TimeMajor()
    sizes = (*[reader.builder.size(x, n) for n in range(2)], units)
    made = reader.builder.stated(
        "tflite.UNIDIRECTIONAL_SEQUENCE_LSTM",
        [x, *params],
        [(sizes, x.dtype)],
        batch_first=first,
        units=units,
    )
    return made


def _sizes(node: TfliteOperator, places: Sequence[int]) -> list[tuple[int, ...]]:
    """The sizes of those tensors that are there and depend on no input."""
    return [node.tensor(at).sizes for at in places if node.has(at) and not node.tensor(at).depends]


@rule("READ_VARIABLE")
def variable(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    """What another graph of the file has put in: a parameter."""
    stated = reader.graph.tensors[node.outputs[0]]
    if any(size < 0 for size in stated.signature):
        node.refuse("the file does not state the shape of the variable that it reads")
    return reader.parameter("variable", stated.sizes)


@rule("VAR_HANDLE")
def handle(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    return reader.builder.constant((1,), None, "int64")


@rule("CALL_ONCE", "ASSIGN_VARIABLE")
def prepared(reader: TfliteReader, node: TfliteOperator) -> OperatorOutputs:
    """What is done before the network runs puts nothing out."""
    found: list[Value] = []
    return found
