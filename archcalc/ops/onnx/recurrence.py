"""Recurrent layers as nodes of ONNX, whose gates stand in another order than PyTorch's."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from ...arithmetic import Number, value_of
from ...shape import Shape
from .code import INT64, OnnxCode


class RecurrentOp(Protocol):
    """What is asked of a recurrent layer."""

    units: Any
    biases: Any
    bidirectional: Any
    layers: Any
    carried: ClassVar[tuple[str, ...]]
    module: ClassVar[str]

    def both(self, number: Number) -> Number: ...

    def of_maps(self, number: Number) -> Number: ...

    def onnx_options(self) -> dict[str, tuple[str, ...]]: ...


# Of each of ONNX's gates the number of PyTorch's: input, output, forget, cell; update, reset, hidden.
GATES = {"RNN": (0,), "LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2)}


def recurrent_layers(
    op: RecurrentOp, to: OnnxCode, steps: str, count: Number, *states: Shape, suffix: str = "_l{}"
) -> tuple[str, list[list[str]]]:
    """Write the layers on top of each other. Returns the states after all steps, as T, N, channels, and what
    each layer ends with: states, and of an LSTM cells, as directions, N, units; nothing where ONNX has no
    form of the layer."""
    carried = len(op.carried)
    rows = 2 if op.bidirectional else 1
    first = _first_states(op, to, states)
    ends: list[list[str]] = [[] for _ in range(carried)]
    for number in range(value_of(op.layers)):
        directions = ["", "_reverse"] if op.bidirectional else [""]
        names = [suffix.format(number) + end for end in directions]
        weights = [_stacked(op, to, kind, names) for kind in ("weight_ih", "weight_hh")]
        inputs = [steps, *weights, _biases(op, to, names), ""]
        given = [
            to.slice(one, [number * rows], [number * rows + rows], [0]) if value_of(op.layers) > 1 else one
            for one in first
        ]
        inputs += given
        while inputs[-1] == "":
            inputs.pop()
        options: dict[str, int | str] = {"hidden_size": value_of(op.units)}
        if op.bidirectional:
            options["direction"] = "bidirectional"
        if op.module == "GRU":
            # With one bias the state is reset before it is mapped, as in the paper.
            options["linear_before_reset"] = int(op.biases != "one")
        y, *last = to.several(op.module, inputs, 1 + carried, **options, **op.onnx_options())
        # T, directions, N, units: the directions side by side.
        if rows == 1:
            steps = to.squeeze(y, 1)
        else:
            aside = to.transpose(y, 0, 2, 1, 3)
            steps = to.node("Reshape", aside, to.ints(count, -1, op.both(op.units)))
        for found, one in zip(ends, last, strict=True):
            found.append(one)
    return steps, ends


def _stacked(op: RecurrentOp, to: OnnxCode, kind: str, names: list[str]) -> str:
    """The weights of all directions, their gates in ONNX's order."""
    parts = [to.unsqueeze(_in_order(op, to, to.tensor(kind + name)), 0) for name in names]
    return to.node("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]


def _biases(op: RecurrentOp, to: OnnxCode, names: list[str]) -> str:
    """The biases of input and state, of all directions; nothing where there are none."""
    if op.biases == "none":
        return ""
    rows = op.of_maps(op.units)
    parts = []
    for name in names:
        both = [_in_order(op, to, to.tensor(f"bias_ih{name}"))]
        two = op.biases == "two"
        both.append(_in_order(op, to, to.tensor(f"bias_hh{name}")) if two else to.full((rows,), 0))
        parts.append(to.unsqueeze(to.node("Concat", *both, axis=0), 0))
    return to.node("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]


def _in_order(op: RecurrentOp, to: OnnxCode, tensor: str) -> str:
    """A tensor with a row for each unit of each gate, its gates in ONNX's order."""
    order, units = GATES[op.module], value_of(op.units)
    if len(order) == 1:
        return tensor
    rows = [gate * units + unit for gate in order for unit in range(units)]
    return to.node("Gather", tensor, to.constant(INT64, (len(rows),), rows), axis=0)


def _first_states(op: RecurrentOp, to: OnnxCode, states: tuple[Shape, ...]) -> list[str]:
    """The states before the first step, as rows, N, units."""
    if not states:
        return []
    rows = 2 * op.layers if op.bidirectional else op.layers
    joined = len(states) < len(op.carried)
    found = []
    for name, shape in zip(to.xs[1:], states, strict=True):
        last = name if len(shape) == 1 else to.transpose(name, 0, 2, 1)
        of = rows * len(op.carried) if joined else rows
        found.append(to.transpose(to.reshape(last, of, op.units), 1, 0, 2))
    return to.several("Split", found, 2, axis=0, num_outputs=2) if joined else found
