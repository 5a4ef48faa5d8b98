"""Recurrent layers. ONNX has one layer to a node, its directions along an axis of weights and states."""

from __future__ import annotations

from typing import Any

from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
FUNCTIONS = {"LSTM": ("sigmoid", "tanh", "tanh"), "GRU": ("sigmoid", "tanh"), "RNN": ("tanh",)}
LENGTHS, STATE, CELL, PEEPHOLES = 4, 5, 6, 7


@rule("LSTM", "GRU", "RNN")
def recurrent(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, weight, back = node.value(0), node.weight(1), node.weight(2)
    bias = node.weight(3)
    word, direction = node.operator, node.text("direction", "forward").lower()
    ways = 2 if direction == "bidirectional" else 1
    units = node.int("hidden_size") or (back.sizes[-1] if back is not None and back.sizes else 0)
    if weight is None or back is None:
        node.refuse("it has no weights")
    rows = GATES[word] * units
    if (
        len(x.sizes) != 3
        or weight.sizes != (ways, rows, x.sizes[2])
        or back.sizes != (ways, rows, units)
        or (bias is not None and bias.sizes != (ways, 2 * rows))
        or not units
    ):
        node.refuse(
            f"its weights {weight.sizes} and {back.sizes} are none of {units} units, {ways} "
            f"direction{'s' * (ways - 1)} and an input of {x.sizes}"
        )
    operation = _operation(node, ways, x.sizes[1 if node.int("layout") else 0])
    first = bool(node.int("layout"))
    if operation is None:
        return _without_layer(reader, node, ways, units)
    if direction == "reverse":
        x = reader.do("flip", x, (1 if first else 0,))
    states = [
        _state(reader, node, at, (ways, reader.builder.size(x, 0 if first else 1), units))
        for at in ((STATE, CELL) if word == "LSTM" else (STATE,))
    ]
    params: list[Value] = []
    for way in range(ways):
        params += [reader.do("select", matrix, 0, way) for matrix in (weight, back)]
        if bias is not None:
            both = reader.do("select", bias, 0, way)
            params += [reader.do("slice", both, 0, start, start + rows) for start in (0, rows)]
    made, *ends = reader.do(
        operation,
        x,
        tuple(states) if word == "LSTM" else states[0],
        tuple(params),
        bias is not None,
        1,
        0.0,
        False,
        ways == 2,
        first,
    )
    if direction == "reverse":
        made = reader.do("flip", made, (1 if first else 0,))
    if first:
        ends = [reader.do("transpose", end, 0, 1) for end in ends]
    return (_by_direction(reader, made, ways, units, first), *ends)[: len(node.outputs)]


def _without_layer(reader: OnnxReader, node: OnnxNode, ways: int, units: int) -> Outputs:
    """A recurrence that no layer is, with the sizes that it has all the same."""
    x = node.value(0)
    if node.int("layout"):
        batch, steps = reader.builder.size(x, 0), reader.builder.size(x, 1)
        whole, end = (batch, steps, ways, units), (batch, ways, units)
    else:
        steps, batch = reader.builder.size(x, 0), reader.builder.size(x, 1)
        whole, end = (steps, ways, batch, units), (ways, batch, units)
    kinds = [(whole, x.dtype), (end, x.dtype), (end, x.dtype)][: len(node.outputs)]
    given = [node.learned(at) for at in range(len(node.inputs)) if node.has(at)]
    return reader.builder.stated(f"onnx.{node.operator}", given, kinds)


def _operation(node: OnnxNode, ways: int, steps: int) -> str | None:
    """What PyTorch calls such a layer; None where it has none of that kind."""
    word = node.operator
    functions = tuple([name.lower() for name in node.texts("activations")]) or FUNCTIONS[word] * ways
    lengths = node.known(LENGTHS)
    if node.has(LENGTHS) and (lengths is None or any(n != steps for n in lengths.integers()[0])):
        return None  # how many steps there are is data
    if node.has(PEEPHOLES) or node.says("clip") or node.int("input_forget"):
        return None
    if word == "GRU" and not node.int("linear_before_reset"):
        return None  # the reset gate meets the state, and not what is made of it
    if word == "RNN" and functions == ("relu",) * ways:
        return "rnn_relu"
    if functions != FUNCTIONS[word] * ways:
        return None
    return "rnn_tanh" if word == "RNN" else word.lower()


def _state(reader: OnnxReader, node: OnnxNode, at: int, sizes: tuple[int, ...]) -> Any:
    """The states before the first step; zeros are no parameters, however the file writes them."""
    if not node.has(at) or node.tensor(at).zeros:
        return reader.builder.constant(sizes)
    value = node.value(at)
    return reader.do("transpose", value, 0, 1) if node.int("layout") else value


def _by_direction(reader: OnnxReader, made: Value, ways: int, units: int, first: bool) -> Any:
    """The states of all steps with an axis for the directions, as ONNX has them."""
    if ways == 1:
        return reader.do("unsqueeze", made, 2 if first else 1)
    apart = reader.do("unflatten", made, 2, (ways, units))
    return apart if first else reader.do("permute", apart, (0, 2, 1, 3))
