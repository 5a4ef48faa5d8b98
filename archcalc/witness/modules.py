"""The modules that PyTorch lacks, written to be read: an exported network carries their source.

Tensors are batch first and channels first: ``N, C, H, W``. Sizes are given along each axis of
positions, so that one class does for sequences, maps and volumes. Classes that others here call
come before them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

# Convolutions and pools --------------------------------------------------------------------------


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


# Normalisations ----------------------------------------------------------------------------------


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


# Value by value ----------------------------------------------------------------------------------


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


# Positions and vectors ---------------------------------------------------------------------------


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


# Sequences ---------------------------------------------------------------------------------------


class OneBiasRNN(nn.Module):
    """nn.RNN(batch_first=True) with one bias, as in the papers."""

    maps = 1

    def __init__(
        self,
        channels: int,
        units: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        proj_size: int = 0,
        nonlinearity: str = "tanh",
    ):
        super().__init__()
        bound, rows = 1 / math.sqrt(units), self.maps * units
        self.units, self.num_layers, self.nonlinearity = units, num_layers, nonlinearity
        self.ends = ("", "_reverse") if bidirectional else ("",)
        for number in range(num_layers):
            shapes = {
                "weight_ih": (rows, (proj_size or units) * len(self.ends) if number else channels),
                "weight_hh": (rows, proj_size or units),
                "bias_ih": (rows,),
            }
            if proj_size:
                shapes["weight_hr"] = (proj_size, units)
            for end in self.ends:
                for name, shape in shapes.items():
                    values = torch.empty(shape).uniform_(-bound, bound)
                    self.register_parameter(f"{name}_l{number}{end}", nn.Parameter(values))

    def forward(self, x: Tensor, given: Any = None) -> tuple[Tensor, Any]:
        last: list[Any] = []
        given = (given,) if isinstance(given, Tensor) else given
        for number in range(self.num_layers):
            found = []
            for end in self.ends:
                first = None if given is None else [state[len(last)] for state in given]
                of: Any = {
                    name: getattr(self, f"{name}_l{number}{end}", None)
                    for name in ("weight_ih", "weight_hh", "bias_ih", "weight_hr")
                }
                steps = F.linear(x, of["weight_ih"], of["bias_ih"]).unbind(1)
                states, *carried = self.run(steps[::-1] if end else steps, of, first)
                found.append(torch.stack(states[::-1] if end else states, 1))
                last.append((states[-1], *carried))
            x = torch.cat(found, 2) if len(found) > 1 else found[0]
        kept = [torch.stack(one) for one in zip(*last, strict=True)]
        return x, kept[0] if len(kept) == 1 else tuple(kept)

    def run(self, steps: Any, of: Any, first: Any) -> Any:
        """The states behind all steps, and what else is carried from one to the next."""
        state = first[0] if first else steps[0].new_zeros(len(steps[0]), self.units)
        states = []
        for mapped in steps:
            read = mapped + F.linear(state, of["weight_hh"])
            state = torch.relu(read) if self.nonlinearity == "relu" else torch.tanh(read)
            states.append(state)
        return (states,)


class OneBiasLSTM(OneBiasRNN):
    """nn.LSTM(batch_first=True) with one bias, as in the papers."""

    maps = 4

    def run(self, steps: Any, of: Any, first: Any) -> Any:
        state = cell = steps[0].new_zeros(len(steps[0]), self.units)
        if of["weight_hr"] is not None:
            state = steps[0].new_zeros(len(steps[0]), len(of["weight_hr"]))
        if first:
            state, cell = first
        states = []
        for mapped in steps:
            mapped = mapped + F.linear(state, of["weight_hh"])
            write, keep, new, show = mapped.chunk(4, 1)
            cell = torch.sigmoid(keep) * cell + torch.sigmoid(write) * torch.tanh(new)
            state = torch.sigmoid(show) * torch.tanh(cell)
            if of["weight_hr"] is not None:
                state = F.linear(state, of["weight_hr"])
            states.append(state)
        return states, cell


class OneBiasGRU(OneBiasRNN):
    """nn.GRU(batch_first=True) with one bias, and with the paper's candidate, which reads the state
    behind the reset gate."""

    maps = 3

    def run(self, steps: Any, of: Any, first: Any) -> Any:
        state = first[0] if first else steps[0].new_zeros(len(steps[0]), self.units)
        of_gates, of_new = of["weight_hh"][: 2 * self.units], of["weight_hh"][2 * self.units :]
        states = []
        for mapped in steps:
            gates, new = mapped[:, : 2 * self.units], mapped[:, 2 * self.units :]
            reset, keep = torch.sigmoid(gates + F.linear(state, of_gates)).chunk(2, 1)
            new = torch.tanh(new + F.linear(reset * state, of_new))
            state = (1 - keep) * new + keep * state
            states.append(state)
        return (states,)


class OneBiasRNNCell(nn.Module):
    """nn.RNNCell with one bias, as in the papers."""

    maps = 1

    def __init__(self, channels: int, units: int, nonlinearity: str = "tanh"):
        super().__init__()
        bound, rows = 1 / math.sqrt(units), self.maps * units
        self.units, self.nonlinearity = units, nonlinearity
        self.weight_ih = nn.Parameter(torch.empty(rows, channels).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(rows, units).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.empty(rows).uniform_(-bound, bound))

    def forward(self, x: Tensor, state: Any = None) -> Any:
        if state is None:
            state = x.new_zeros(len(x), self.units)
        return self.step(F.linear(x, self.weight_ih, self.bias_ih), state)

    def step(self, mapped: Tensor, state: Any) -> Any:
        """The state behind the step."""
        read = mapped + F.linear(state, self.weight_hh)
        return torch.relu(read) if self.nonlinearity == "relu" else torch.tanh(read)


class OneBiasLSTMCell(OneBiasRNNCell):
    """nn.LSTMCell with one bias, as in the papers: gives state and cell."""

    maps = 4

    def step(self, mapped: Tensor, state: Any) -> Any:
        state, cell = (state, state) if isinstance(state, Tensor) else state
        write, keep, new, show = (mapped + F.linear(state, self.weight_hh)).chunk(4, 1)
        cell = torch.sigmoid(keep) * cell + torch.sigmoid(write) * torch.tanh(new)
        return torch.sigmoid(show) * torch.tanh(cell), cell


class OneBiasGRUCell(OneBiasRNNCell):
    """nn.GRUCell with one bias, and with the paper's candidate, which reads the state behind the reset
    gate."""

    maps = 3

    def step(self, mapped: Tensor, state: Any) -> Any:
        of_gates, of_new = self.weight_hh[: 2 * self.units], self.weight_hh[2 * self.units :]
        gates, new = mapped[:, : 2 * self.units], mapped[:, 2 * self.units :]
        reset, keep = torch.sigmoid(gates + F.linear(state, of_gates)).chunk(2, 1)
        new = torch.tanh(new + F.linear(reset * state, of_new))
        return (1 - keep) * new + keep * state


class SelfAttention(nn.Module):
    """Multi-head self-attention over all positions, with nn.MultiheadAttention's parameters."""

    def __init__(self, channels: int, heads: int, bias: bool = True, causal: bool = False):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.in_proj_weight = nn.Parameter(torch.empty(3 * channels, channels))
        nn.init.xavier_uniform_(self.in_proj_weight)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * channels)) if bias else None
        self.out_proj = nn.Linear(channels, channels, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(2).transpose(1, 2)
        mapped = F.linear(tokens, self.in_proj_weight, self.in_proj_bias)
        # N, T, three times heads times channels of a head: the heads go in front of the tokens.
        q, k, v = mapped.view(*tokens.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        found: Tensor = self.out_proj(heads.transpose(1, 2).flatten(2))
        return found.transpose(1, 2).reshape(x.shape)


class Attention(nn.Module):
    """Multi-head attention to the positions of a tensor, with fewer heads of keys and values, and
    lengths of their own."""

    def __init__(
        self,
        channels: int,
        read: int,
        heads: int,
        kv: int,
        key: int,
        value: int,
        bias: bool = True,
        causal: bool = False,
    ):
        super().__init__()
        self.heads, self.kv, self.causal = heads, kv, causal
        self.q_proj_weight = nn.Parameter(torch.empty(heads * key, channels))
        self.k_proj_weight = nn.Parameter(torch.empty(kv * key, read))
        self.v_proj_weight = nn.Parameter(torch.empty(kv * value, read))
        for weight in (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            nn.init.xavier_uniform_(weight)
        self.sizes = [heads * key, kv * key, kv * value]
        self.in_proj_bias = nn.Parameter(torch.zeros(sum(self.sizes))) if bias else None
        self.out_proj = nn.Linear(heads * value, channels, bias=bias)

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        biases: Any = [None] * 3
        if self.in_proj_bias is not None:
            biases = torch.split(self.in_proj_bias, self.sizes)
        parts: list[Tensor] = []
        for tensor, weight, bias, heads in (
            (x, self.q_proj_weight, biases[0], self.heads),
            (other, self.k_proj_weight, biases[1], self.kv),
            (other, self.v_proj_weight, biases[2], self.kv),
        ):
            tokens = tensor.flatten(2).transpose(1, 2)
            mapped = F.linear(tokens, weight, bias)
            mapped = mapped.view(*mapped.shape[:2], heads, -1).transpose(1, 2)
            parts.append(mapped.repeat_interleave(self.heads // heads, 1))
        q, k, v = parts
        joined = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        found: Tensor = self.out_proj(joined.transpose(1, 2).flatten(2))
        return found.transpose(1, 2).reshape(x.shape)


class ClassToken(nn.Module):
    """A learned token in front of a sequence."""

    def __init__(self, channels: int):
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, channels))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.class_token.t().expand(len(x), -1, -1), x], 2)


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


class Positions(nn.Module):
    """One vector per position, learned or a buffer, added to what stands there. Sizes are channels
    last."""

    pos_embedding: Tensor

    def __init__(self, *sizes: int, learned: bool = True):
        super().__init__()
        values = torch.empty(sizes).normal_(std=0.02)
        if learned:
            self.pos_embedding = nn.Parameter(values)
        else:
            self.register_buffer("pos_embedding", values)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.pos_embedding.movedim(-1, 0)


def matmul_last(tensors: Any, transpose: bool = False) -> Any:
    """The matrix product of two tensors, whose last axes are their positions' last and their channels."""
    a, b = [x.movedim(1, -1) for x in tensors]
    if max(a.dim(), b.dim()) > 3:
        while a.dim() != b.dim():  # axes in front, behind the batch
            a, b = (a.unsqueeze(1), b) if a.dim() < b.dim() else (a, b.unsqueeze(1))
        if not (a.is_contiguous() and b.is_contiguous()):
            a, b = (
                a.clone(memory_format=torch.contiguous_format),
                b.clone(memory_format=torch.contiguous_format),
            )
    return torch.matmul(a, b.transpose(-1, -2) if transpose else b).movedim(-1, 1)


class ScaledAttention(nn.Module):
    """softmax(Q K^T / sqrt(d)) V in each head: over all positions, or within windows or grids of them.

    Queries, keys and values are three tensors, or lie side by side in the channels of two or one.
    ``window`` and ``grid`` have a size, or one per axis. ``bias`` adds zeros, in the place of a mask.
    """

    def __init__(
        self,
        heads: int,
        kv: int | None = None,
        window: int | tuple[int, ...] | None = None,
        grid: int | tuple[int, ...] | None = None,
        causal: bool = False,
        bias: bool = False,
        scale: bool = True,
    ):
        super().__init__()
        self.heads, self.kv = heads, kv or heads
        self.window, self.grid = window, grid
        self.causal, self.bias, self.scale = causal, bias, scale

    def forward(self, *tensors: Tensor) -> Tensor:
        q, k, v = self.parts(tensors)
        sizes = q.shape[2:]
        if self.window is None and self.grid is None:
            tokens = [x.flatten(2).transpose(1, 2) for x in (q, k, v)]
            if not all(x.stride(-1) == 1 for x in tokens):
                tokens = [x.contiguous() for x in tokens]
        else:
            tokens = [self.blocks(x) for x in (q, k, v)]
        parts: Any = zip(tokens, (self.heads, self.kv, self.kv), strict=True)
        q, k, v = (x.unflatten(2, (heads, -1)).transpose(1, 2) for x, heads in parts)
        if self.kv < self.heads:
            k, v = (x.repeat_interleave(self.heads // self.kv, 1) for x in (k, v))
        mask = q.new_zeros(q.shape[2], k.shape[2]) if self.bias else None
        hides = self.causal and mask is None
        if self.causal and mask is not None:
            mask = mask.masked_fill(torch.ones_like(mask).triu(1) > 0, -torch.inf)
        y: Any = F.scaled_dot_product_attention(
            q, k, v, mask, is_causal=hides, scale=None if self.scale else 1.0
        )
        y = y.transpose(1, 2).flatten(2)
        if self.window is None and self.grid is None:
            y = y.transpose(1, 2).unflatten(2, sizes)
        else:
            y = self.joined(y, sizes)
        found: Tensor = y
        return found

    def parts(self, tensors: Any) -> Any:
        """Queries, keys and values."""
        if len(tensors) == 3:
            return tensors
        if len(tensors) == 2:
            keys = tensors[0].shape[1] // self.heads * self.kv
            return tensors[0], tensors[1][:, :keys], tensors[1][:, keys:]
        length = tensors[0].shape[1] // (self.heads + 2 * self.kv)
        return torch.split(tensors[0], [self.heads * length, self.kv * length, self.kv * length], 1)

    def sides(self, sizes: Any) -> list[tuple[int, int]]:
        """How each axis is parted in two: blocks and positions of a block, or, of a grid, the reverse."""
        given: Any = self.window or self.grid
        each = [given] * len(sizes) if isinstance(given, int) else given
        both = zip(sizes, each, strict=True)
        return [(n // size, size) if self.window else (size, n // size) for n, size in both]

    def order(self, axes: int) -> list[int]:
        """Of axes that are each parted in two behind batch and channels: those of the blocks in front,
        then those within a block, the channels last."""
        outer, inner = [2 + 2 * axis for axis in range(axes)], [3 + 2 * axis for axis in range(axes)]
        return [0, *outer, *inner, 1] if self.window else [0, *inner, *outer, 1]

    def blocks(self, x: Any) -> Any:
        """The tokens of each block, the blocks beside the batch."""
        sizes = x.shape[2:]
        for axis, parts in reversed(list(enumerate(self.sides(sizes)))):
            x = x.unflatten(2 + axis, parts)
        x = x.permute(self.order(len(sizes))).clone(memory_format=torch.contiguous_format)
        return x.flatten(0, len(sizes)).flatten(1, -2)

    def joined(self, y: Any, sizes: Any) -> Any:
        """The tokens back in their places."""
        parts = [part for both in self.sides(sizes) for part in both]
        order = self.order(len(sizes))
        whole = [-1, y.shape[-1], *parts]
        y = y.reshape([whole[at] for at in order])
        y = y.permute([order.index(at) for at in range(len(order))])
        y = y.movedim(1, -1).clone(memory_format=torch.contiguous_format).movedim(-1, 1)
        return y.flatten(2).unflatten(2, sizes)


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
