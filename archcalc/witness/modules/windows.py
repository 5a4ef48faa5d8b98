"""Convolutions and pools that PyTorch lacks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class ConnectedConv(nn.Module):
    """A convolution whose filters read some of the maps only.

    ``table`` has one string per input map, with a 1 for each filter that reads it and a 0 for all
    others. The weight has a kernel for each 1: first those of the first filter, in the order of the
    maps.
    """

    def __init__(
        self,
        table: str,
        kernel: Sequence[int],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        dilation: int | tuple[int, ...] = 1,
        bias: bool = True,
    ):
        super().__init__()
        columns = zip(*table.split(), strict=True)
        self.reads = [[digit == "1" for digit in column] for column in columns]
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self.convolve = (F.conv1d, F.conv2d, F.conv3d)[len(kernel) - 1]
        filters, kernels = len(self.reads), sum(map(sum, self.reads))
        bound = math.sqrt(filters / (kernels * math.prod(kernel)))
        self.weight = nn.Parameter(torch.empty(kernels, *kernel).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(filters).uniform_(-bound, bound)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        kernels = iter(self.weight)
        none = torch.zeros_like(self.weight[0])
        weight = torch.stack(
            [torch.stack([next(kernels) if read else none for read in row]) for row in self.reads]
        )
        return self.convolve(x, weight, self.bias, self.stride, self.padding, self.dilation)


class LocallyConnected(nn.Module):
    """A convolution with kernels and biases of its own at each of ``positions`` of the output."""

    def __init__(
        self,
        channels: int,
        filters: int,
        positions: Sequence[int],
        kernel: Sequence[int],
        stride: int | tuple[int, ...] = 1,
        dilation: int | tuple[int, ...] = 1,
        bias: bool = True,
    ):
        super().__init__()
        axes = len(kernel)
        self.positions, self.kernel = positions, kernel
        self.strides = (stride,) * axes if isinstance(stride, int) else stride
        self.dilations = (dilation,) * axes if isinstance(dilation, int) else dilation
        bound = 1 / math.sqrt(channels * math.prod(kernel))
        weight = torch.empty(filters, *positions, channels, *kernel)
        self.weight = nn.Parameter(weight.uniform_(-bound, bound))
        self.bias = None
        if bias:
            self.bias = nn.Parameter(torch.empty(filters, *positions).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        axes = len(self.kernel)
        for axis in range(axes):
            dilation = self.dilations[axis]
            reach = (self.kernel[axis] - 1) * dilation + 1
            x = x.unfold(axis + 2, reach, self.strides[axis])[..., ::dilation]
        # A product of matrices a position: of N, C times kernel and of C times kernel, filters.
        windows = x.movedim((0, 1), (axes, axes + 1)).clone(memory_format=torch.contiguous_format)
        weight = self.weight.flatten(1, axes).flatten(2).permute(1, 2, 0)
        x = torch.bmm(windows.flatten(0, axes - 1).flatten(2), weight)
        x = x.permute(1, 2, 0).reshape(x.shape[1], -1, *self.positions)
        return x if self.bias is None else x + self.bias


def bilinear(conv: nn.Module) -> nn.Module:
    """A transposed convolution whose weights interpolate between the positions of each channel,
    without mixing channels."""
    assert isinstance(conv, (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d))
    kernel = torch.ones(())
    for size in conv.kernel_size:
        factor = (size + 1) // 2
        centre = (size - 1) / 2 if size % 2 == 1 else factor - 0.5
        share = 1 - (torch.arange(size) - centre).abs() / factor
        kernel = kernel.unsqueeze(-1) * share
    width = conv.out_channels // conv.groups
    with torch.no_grad():
        conv.weight.zero_()
        for channel in range(min(conv.in_channels, conv.out_channels)):
            conv.weight[channel, channel % width] = kernel
        if conv.bias is not None:
            conv.bias.zero_()
    return conv


class Subsample(nn.Module):
    """LeNet-5's subsampling: the sum of a window, times a learned factor, plus a learned shift."""

    def __init__(
        self,
        channels: int,
        kernel: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int] | None = None,
        ceil_mode: bool = False,
    ):
        super().__init__()
        # A sequence is a map of a single row.
        row = [1] * (len(kernel) == 1)
        padding = padding or [0] * len(kernel)
        self.window = [*row, *kernel], [*row, *stride], [*([0] * len(row)), *padding], ceil_mode
        self.weight = nn.Parameter(torch.full((channels,), 1 / math.prod(kernel)))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        pool = F.avg_pool3d if x.dim() == 5 else F.avg_pool2d
        maps = x.unsqueeze(2) if x.dim() == 3 else x
        sums = pool(maps, *self.window, divisor_override=1)
        if x.dim() == 3:
            sums = sums.squeeze(2)
        each = (-1,) + (1,) * (x.dim() - 2)
        return sums * self.weight.view(each) + self.bias.view(each)
