"""Normalisations of convolutional networks."""

from __future__ import annotations

from ..nodes import OnnxNode
from ..reader import OnnxReader
from ..rules import Outputs, rule


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
    x, weight, bias = node.value(0), node.weight(1), node.weight(2)
    epsilon = node.float("epsilon", 1e-5)
    return reader.do("instance_norm", x, weight, bias, None, None, True, 0.1, epsilon, False)
