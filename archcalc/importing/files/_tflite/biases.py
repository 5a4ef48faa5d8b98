"""Biases that an operator of their own adds, behind the one that has the weights."""

from __future__ import annotations

from ...operations.recording import Value
from .nodes import TfliteOperator
from .reader import TfliteReader


def bias_behind(
    reader: TfliteReader, node: TfliteOperator, output: int, units: int, heads: bool = False
) -> Value | None:
    """Return the bias that the operator behind another adds, which then has nothing left to do.

    Args:
        reader: Who reads the file.
        node: The operator, its weight at its second place; it ends with no activation.
        output: The tensor with what it makes.
        units: How many units it has.
        heads: Whether a ``RESHAPE`` may stand between, which splits the units into heads.

    Returns:
        The bias; None where something else reads the tensor.
    """
    graph = reader.graph
    wanted: tuple[int, ...] = (units,)
    behind = graph.only_reader(output)
    if heads and behind is not None and behind.word == "RESHAPE" and behind.outputs:
        output = behind.outputs[0]
        sizes = graph.tensors[output].sizes
        wanted = sizes[-1:] if sizes[-1:] == (units,) else sizes[-2:]
        behind = graph.only_reader(output)
    if behind is None or behind.word != "ADD" or len(behind.inputs) != 2 or output not in behind.inputs:
        return None
    (other,) = [number for number in behind.inputs if number != output] or (output,)
    bias = reader.tensors.get(other)
    if bias is None or not bias.stated.is_weight or bias.value is not None or bias.stated.count != units:
        return None
    front = len(bias.stated.sizes) - len(wanted)
    if bias.stated.sizes[front:] != wanted:
        return None
    reader.biased.add(behind)
    return reader.bias(node.tensor(1), bias)
