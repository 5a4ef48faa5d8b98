"""LeNet-5, as published, partial C3 table.

Written by archcalc from its spec of lenet5.
After Proc. IEEE 86(11), 1998, section II.B.

Takes N x 1 x 32 x 32; gives N x 10.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RadialBasis(nn.Module):
    """Squared distances from fixed codes of -1 and 1."""

    codes: Tensor

    def __init__(self, size: int, units: int):
        super().__init__()
        self.register_buffer("codes", torch.randint(2, (units, size)) * 2.0 - 1)

    def forward(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(1) - self.codes).pow(2).sum(2)


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


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.s2 = Subsample(6, [2, 2], [2, 2])
        self.c3 = ConnectedConv(
            (
                "1000111001111011 1100011100111101 1110001110010111 0111001111001011 "
                "0011100111101101 0001110011110111"
            ),
            [5, 5],
        )
        self.s4 = Subsample(16, [2, 2], [2, 2])
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = nn.Linear(120, 84)
        self.output = RadialBasis(84, 10)

    def forward(self, x):
        x = torch.tanh(self.c1(x))
        x = torch.tanh(self.s2(x))
        x = torch.tanh(self.c3(x))
        x = torch.tanh(self.s4(x))
        x = torch.tanh(self.c5(x))
        x = torch.tanh(self.f6(torch.flatten(x, 1)))
        return self.output(x)


if __name__ == "__main__":
    net = LeNet5().eval()
    with torch.no_grad():
        output = net(torch.zeros(1, 1, 32, 32))
    print(tuple(output.shape))
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters")
