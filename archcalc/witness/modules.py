"""The modules that PyTorch lacks, written to be read: an exported network carries their source.

Tensors are batch first and channels first: ``N, C, H, W``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Scale(nn.Module):
    """A learned factor a channel, and a learned shift behind it if asked for."""

    def __init__(self, channels: int, shift: bool = False):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels)) if shift else None

    def forward(self, x: Tensor) -> Tensor:
        each = (-1,) + (1,) * (x.dim() - 2)
        x = x * self.weight.view(each)
        return x if self.bias is None else x + self.bias.view(each)
