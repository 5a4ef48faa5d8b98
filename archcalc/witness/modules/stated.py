"""Tensors that a layer states besides, parameters that are held fixed, and values that are computed."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def hold(module: nn.Module, *names: str) -> nn.Module:
    """The module with some of its parameters held fixed."""
    for name in names:
        module.get_parameter(name).requires_grad_(False)
    return module


def part_for(module: nn.Module, name: str) -> nn.Module:
    """The part of a module that registers a tensor of a dotted name; parts that are missing are made."""
    for step in name.split(".")[:-1]:
        if step not in module._modules:
            module.add_module(step, nn.Module())
        module = module.get_submodule(step)
    return module


def with_parameter(module: nn.Module, name: str, *sizes: int) -> nn.Module:
    """The module with a learned tensor besides, which its forward does not read: a part of which its weights
    are made, or a table of which it uses some."""
    part_for(module, name).register_parameter(name.rpartition(".")[2], nn.Parameter(torch.zeros(sizes)))
    return module


def with_buffer(module: nn.Module, name: str, *sizes: int) -> nn.Module:
    """The module with a stored tensor besides, which is not learned and its forward does not read."""
    part_for(module, name).register_buffer(name.rpartition(".")[2], torch.zeros(sizes))
    return module


def as_buffers(module: nn.Module) -> nn.Module:
    """The module with its parameters as buffers: stored, and not learned."""
    for name, value in list(module.named_parameters(recurse=False)):
        delattr(module, name)
        module.register_buffer(name, value.data)
    return module


def as_constants(module: nn.Module) -> nn.Module:
    """The module with its parameters as plain tensors: neither learned nor stored."""
    for name, value in list(module.named_parameters(recurse=False)):
        delattr(module, name)
        setattr(module, name, value.data)
    return module


class FixedBias(nn.Module):
    """Adds values that are computed, or taken from tables. A spec has none of them: 0.5 stands for each."""

    def forward(self, x: Tensor) -> Tensor:
        return x + 0.5


class FixedScale(nn.Module):
    """Multiplies by values that are computed, or taken from tables. A spec has none of them: 1.5 stands for
    each."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 1.5


class FixedValues(nn.Module):
    """Values that are computed, or taken from tables, the channels last. A spec has none of them: 1 stands
    for each."""

    def __init__(self, *sizes: int):
        super().__init__()
        self.sizes = (sizes[-1], *sizes[:-1])

    def forward(self, x: Tensor) -> Tensor:
        return x.new_ones(x.shape[0], *self.sizes)


class Values(nn.Module):
    """A tensor, learned or a buffer, once for each element of the batch. Sizes are channels last."""

    values: Tensor

    def __init__(self, *sizes: int, learned: bool = True):
        super().__init__()
        values = torch.empty(sizes).normal_(std=0.02)
        if learned:
            self.values = nn.Parameter(values)
        else:
            self.register_buffer("values", values)

    def forward(self, x: Tensor) -> Tensor:
        values = self.values.movedim(-1, 0)
        return values.repeat(len(x), *[1] * values.dim())
