"""What works value by value: learned shifts and factors."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ChannelBias(nn.Module):
    """One learned bias per channel."""

    def __init__(self, channels: int):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias.view((-1,) + (1,) * (x.dim() - 2))


class Bias(nn.Module):
    """One learned bias per position, or per channel and position, or a single one."""

    def __init__(self, *sizes: int):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(sizes))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias


class Scale(nn.Module):
    """One learned factor per channel, and one learned shift behind it if asked for."""

    def __init__(self, channels: int, shift: bool = False):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels)) if shift else None

    def forward(self, x: Tensor) -> Tensor:
        each = (-1,) + (1,) * (x.dim() - 2)
        x = x * self.weight.view(each)
        return x if self.bias is None else x + self.bias.view(each)


class ScaleEach(nn.Module):
    """One learned factor per position, or per channel and position, or a single one; and one learned shift
    behind each if asked for."""

    def __init__(self, *sizes: int, shift: bool = False):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(sizes))
        self.bias = nn.Parameter(torch.zeros(sizes)) if shift else None

    def forward(self, x: Tensor) -> Tensor:
        x = x * self.weight
        return x if self.bias is None else x + self.bias
