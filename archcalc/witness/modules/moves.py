"""What moves positions and channels, chooses among them, or measures distances."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Unblock(nn.Module):
    """Channels to positions, as nn.PixelShuffle on maps: along each axis of a sequence or volume
    there are ``factor`` times as many positions."""

    def __init__(self, factor: int):
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        sizes = x.shape[2:]
        axes = len(sizes)
        x = x.reshape(len(x), -1, *[self.factor] * axes, *sizes)
        # N, C, one factor per axis, one size per axis: each factor goes behind its size.
        order = [n for axis in range(axes) for n in (2 + axes + axis, 2 + axis)]
        x = x.permute(0, 1, *order).clone(memory_format=torch.contiguous_format)
        return x.view(len(x), -1, *[size * self.factor for size in sizes])


class Block(nn.Module):
    """Positions to channels, as nn.PixelUnshuffle on maps: along each axis of a sequence or volume
    ``factor`` positions become one."""

    def __init__(self, factor: int):
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        sizes = [size // self.factor for size in x.shape[2:]]
        axes = len(sizes)
        x = x.reshape(*x.shape[:2], *[n for size in sizes for n in (size, self.factor)])
        # N, C, one size and one factor per axis: the factors go behind the channels.
        order = [3 + 2 * axis for axis in range(axes)] + [2 + 2 * axis for axis in range(axes)]
        x = x.permute(0, 1, *order).clone(memory_format=torch.contiguous_format)
        return x.view(len(x), -1, *sizes)


class RadialBasis(nn.Module):
    """Squared distances from fixed codes of -1 and 1."""

    codes: Tensor

    def __init__(self, size: int, units: int):
        super().__init__()
        self.register_buffer("codes", torch.randint(2, (units, size)) * 2.0 - 1)

    def forward(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(1) - self.codes).pow(2).sum(2)


def chosen(x: Tensor, dim: int, count: int, index: Tensor | None = None) -> Tensor:
    """Positions of one axis: those with the largest sums, or those that an index names, whole numbers; one
    that there is not is counted round the end."""
    size = x.shape[dim]
    turns = torch.arange(count, device=x.device)
    if index is None:
        places = (
            x.detach()
            .movedim(dim, 1)
            .reshape(len(x), size, -1)
            .sum(2)
            .argsort(1, descending=True)[:, turns % size]
        )
    else:
        values = index.flatten(1)
        places = values[:, turns % values.shape[1]].long() % size
    shape = [-1 if at == dim else 1 for at in range(x.dim())]
    shape[0] = len(x)
    sizes = [count if at == dim else n for at, n in enumerate(x.shape)]
    return x.gather(dim, places.view(shape).expand(sizes))
