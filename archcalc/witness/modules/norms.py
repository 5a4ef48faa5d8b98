"""Normalisations that PyTorch lacks."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class BatchNorm(nn.Module):
    """Batch normalisation with a learned scale or a learned shift alone, or with the statistics of
    the batch (``of_batch``) beside running ones that are not used."""

    running_mean: Tensor | None
    running_var: Tensor | None

    def __init__(
        self,
        channels: int,
        scale: bool = True,
        shift: bool = True,
        running: bool = True,
        of_batch: bool = False,
    ):
        super().__init__()
        self.of_batch = of_batch or not running
        self.weight = nn.Parameter(torch.ones(channels)) if scale else None
        self.bias = nn.Parameter(torch.zeros(channels)) if shift else None
        self.register_buffer("running_mean", torch.zeros(channels) if running else None)
        self.register_buffer("running_var", torch.ones(channels) if running else None)

    def forward(self, x: Tensor) -> Tensor:
        batch_statistics = self.training or self.of_batch
        # Running statistics go along in training alone.
        kept = self.training or not self.of_batch
        mean, var = (self.running_mean, self.running_var) if kept else (None, None)
        return F.batch_norm(x, mean, var, self.weight, self.bias, batch_statistics)


class FrozenBatchNorm(nn.Module):
    """Batch normalisation by statistics, a scale and a shift that are never changed."""

    weight: Tensor | None
    bias: Tensor | None
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, scale: bool = True, shift: bool = True):
        super().__init__()
        self.register_buffer("weight", torch.ones(channels) if scale else None)
        self.register_buffer("bias", torch.zeros(channels) if shift else None)
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.rsqrt(self.running_var + 1e-5)
        if self.weight is not None:
            scale = scale * self.weight
        shift = -self.running_mean * scale
        if self.bias is not None:
            shift = shift + self.bias
        each = (-1,) + (1,) * (x.dim() - 2)
        return (x * scale.view(each)).add_(shift.view(each))


class LocalResponseNormWithin(nn.Module):
    """Local response normalisation over a square of positions of the same channel: divided by a
    power of ``k`` plus ``alpha`` times the mean of the squares."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0):
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Tensor) -> Tensor:
        axes = x.dim() - 2
        pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[axes - 1]
        around = [(self.size - 1) // 2, self.size // 2] * axes
        means = pool(F.pad(x * x, around), self.size, 1)
        return x / (self.k + self.alpha * means) ** self.beta


class LocalContrastNorm(nn.Module):
    """Local contrast normalisation: less the weighted mean of a square of positions and all
    channels, divided by the deviation there, or by ``least`` where that is smaller.

    The weights are a Gaussian whose deviation is a quarter of the side, as Torch7 has it.
    """

    def __init__(self, size: int, least: float = 1e-4):
        super().__init__()
        steps = [(i - (size - 1) / 2) / (size / 4) for i in range(size)]
        weights = [math.exp(-step * step / 2) for step in steps]
        self.weights = [weight / sum(weights) for weight in weights]
        self.least = least

    def mean(self, x: Tensor) -> Tensor:
        x = x.mean(1, keepdim=True)
        size = len(self.weights)
        for axis in range(2, x.dim()):
            around = [0] * (2 * (x.dim() - 1 - axis)) + [(size - 1) // 2, size // 2]
            rows = F.pad(x, around)
            x = torch.zeros_like(x)
            for i, weight in enumerate(self.weights):
                x = x + weight * rows.narrow(axis, i, x.shape[axis])
        return x

    def forward(self, x: Tensor) -> Tensor:
        x = x - self.mean(x)
        return x / self.mean(x * x).sqrt().clamp(min=self.least)
