"""Normalisations of convolutional networks."""

from __future__ import annotations

from ....operations.recording import Value
from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule
from ..tensors import pairs


@rule("BatchNormalization")
def batch_norm(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, weight, bias = node.value(0), node.weight(1), node.weight(2)
    mean, variance = node.buffer(3), node.buffer(4)
    epsilon, momentum = node.float("epsilon", 1e-5), 1 - node.float("momentum", 0.9)
    training = bool(node.int("training_mode"))
    found = reader.do("batch_norm", x, weight, bias, mean, variance, training, momentum, epsilon, False)
    if not training:
        return [found, *[None] * (len(node.outputs) - 1)]
    # The mean and the variance that a step of the training goes on with.
    return [found, node.tensor(3), node.tensor(4)][: max(len(node.outputs), 1)]


@rule("InstanceNormalization")
def instance_norm(reader: OnnxReader, node: OnnxNode) -> Outputs:
    x, epsilon = node.value(0), node.float("epsilon", 1e-5)
    # The operator has to have both: exporters give ones and zeros to a norm that has none. A norm over groups
    # is one of these, and what is learned is multiplied and added behind it.
    if _is_everywhere(node, 1, 1) and _is_everywhere(node, 2, 0):
        whole = _split_into_groups(x)
        if whole is not None:
            found = reader.do("group_norm", whole, x.sizes[1], None, None, epsilon, False)
            return reader.do("reshape", found, pairs(x.sizes, x.at_two or x.sizes))
        if not node.tensor(1).stated and not node.tensor(2).stated:
            return reader.do("instance_norm", x, None, None, None, None, True, 0.1, epsilon, False)
    weight, bias = node.weight(1), node.weight(2)
    return reader.do("instance_norm", x, weight, bias, None, None, True, 0.1, epsilon, False)


def _is_everywhere(node: OnnxNode, at: int, number: int) -> bool:
    """Whether an input holds one number everywhere."""
    known = node.known(at)
    return known is not None and bool((known.one == number).all())


def _split_into_groups(x: Value) -> Value | None:
    """The map whose channels were split into groups, each of which is a channel of a tensor then; None where
    a tensor is no such map."""
    if x.operation is None or x.operation.name not in ("reshape", "view") or len(x.sizes) != 3:
        return None
    whole = next(iter(x.operation.arguments.values()))
    if not isinstance(whole, Value) or len(whole.sizes) < 3 or whole.sizes[0] != x.sizes[0]:
        return None
    return whole if whole.sizes[1] % x.sizes[1] == 0 else None
