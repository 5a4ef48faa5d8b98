"""Random small modules as people write them: layers as modules, as functions and as subclasses of modules."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

# Channels of the maps that arrive.
START = 4


class OtherNorm(nn.LayerNorm):
    """Layer norm over the channels of a map, as torchvision's ConvNeXt has it: a subclass."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.permute(0, 2, 3, 1)
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps).permute(0, 3, 1, 2)


class OtherConv(nn.Conv2d):
    """A convolution by another name."""


class FunctionalConv(nn.Module):
    """A convolution written as a function."""

    def __init__(self, channels: int, filters: int, bias: bool):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(filters, channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(filters)) if bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, self.weight, self.bias, padding=1)


class Steps(nn.Module):
    """Modules and functions, one behind the other."""

    def __init__(self, steps: list[Any]):
        super().__init__()
        self.parts = nn.ModuleList([step for step in steps if isinstance(step, nn.Module)])
        self.steps = [None if isinstance(step, nn.Module) else step for step in steps]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        modules = iter(self.parts)
        for step in self.steps:
            x = next(modules)(x) if step is None else step(x)
        return x


class Attends(nn.Module):
    """Attention of a sequence to itself."""

    def __init__(self, channels: int, heads: int, bias: bool):
        super().__init__()
        self.attention = nn.MultiheadAttention(channels, heads, bias=bias, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.attention(x, x, x, need_weights=False)[0]


class States(nn.Module):
    """The states of a recurrent layer."""

    def __init__(self, layer: nn.Module):
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)[0]


MODULES: tuple[Callable[[], nn.Module], ...] = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.ELU,
    nn.SELU,
    nn.GELU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Tanh,
    nn.Softplus,
    nn.Hardswish,
    nn.Hardsigmoid,
    nn.PReLU,
    lambda: nn.Softmax(1),
    lambda: nn.Dropout(0.5),
    nn.Identity,
)
# Looked up when they are called: tools put their own functions in the place of PyTorch's.
FUNCTIONS: tuple[Callable[[Any], Any], ...] = (
    lambda x: F.relu(x),
    lambda x: F.elu(x),
    lambda x: F.gelu(x),
    lambda x: F.silu(x),
    lambda x: F.leaky_relu(x),
    lambda x: torch.sigmoid(x),
    lambda x: torch.tanh(x),
    lambda x: F.hardswish(x),
)


def map_steps(stream: random.Random, channels: int, size: int) -> list[Any]:
    """Steps on a map."""
    steps: list[Any] = []
    for _ in range(stream.randint(2, 6)):
        kind = stream.choice(
            ("conv", "other", "norm", "act", "function", "pool", "functional pool", "up", "tconv")
        )
        even = channels % 2 == 0
        if kind == "conv":
            filters, kernel = stream.choice((4, 6, 8)), stream.choice((1, 3, (1, 3)))
            groups = 2 if even and stream.random() < 0.3 else 1
            padding = stream.choice(("same", 0, 1)) if size > 3 else 1
            steps.append(
                nn.Conv2d(
                    channels, filters, kernel, padding=padding, groups=groups, bias=stream.random() < 0.5
                )
            )
        elif kind == "other":
            filters, bias = stream.choice((4, 6)), stream.random() < 0.5
            make = stream.choice((FunctionalConv, lambda c, f, b: OtherConv(c, f, 3, padding=1, bias=b)))
            steps.append(make(channels, filters, bias))
        elif kind == "tconv":
            filters, groups = stream.choice((4, 6)), 2 if even and stream.random() < 0.3 else 1
            steps.append(
                nn.ConvTranspose2d(channels, filters, 4, 2, 1, groups=groups, bias=stream.random() < 0.5)
            )
        elif kind == "norm":
            affine = stream.random() < 0.6
            steps.append(
                stream.choice(
                    (
                        nn.BatchNorm2d(channels, affine=affine),
                        nn.GroupNorm(2 if even else 1, channels, affine=affine),
                        nn.InstanceNorm2d(channels, affine=affine),
                        OtherNorm(channels),
                        nn.LocalResponseNorm(3),
                    )
                )
            )
        elif kind == "act":
            steps.append(stream.choice(MODULES)())
        elif kind == "function":
            steps.append(stream.choice(FUNCTIONS))
        elif kind == "pool":
            kernel = stream.choice((2, (2, 2), (1, 2)))
            steps.append(
                stream.choice(
                    (
                        nn.MaxPool2d(kernel),
                        nn.AvgPool2d(kernel),
                        nn.AdaptiveAvgPool2d(stream.randint(1, 5)),
                        nn.AdaptiveMaxPool2d(stream.randint(1, 5)),
                    )
                )
            )
        elif kind == "functional pool":
            steps.append(
                stream.choice(
                    (
                        lambda x: F.max_pool2d(x, 2),
                        lambda x: F.avg_pool2d(x, 2),
                        lambda x: F.adaptive_avg_pool2d(x, 3),
                    )
                )
            )
        else:
            mode = stream.choice(("nearest", "bilinear"))
            steps.append(nn.Upsample(scale_factor=2, mode=mode))
        probe = Steps(steps).eval()
        with torch.no_grad():
            try:
                shape = probe(torch.zeros(1, START, size, size)).shape
            except (RuntimeError, ValueError):
                steps.pop()
                continue
        if min(shape[2:]) < 2 or max(shape[2:]) > 40:
            steps.pop()
            continue
        channels = shape[1]
    return steps


def made_map(seed: int) -> tuple[nn.Module, torch.Tensor]:
    """A random module on maps, and an input for it. It always has a convolution."""
    stream = random.Random(f"map {seed}")
    size = stream.choice((8, 9, 12))
    steps = [nn.Conv2d(START, START, 1), *map_steps(stream, START, size)]
    if stream.random() < 0.5:
        steps.append(lambda x: x.mean((2, 3)))
    return Steps(steps).eval(), torch.zeros(1, START, size, size)


def made_sequence(seed: int) -> tuple[nn.Module, torch.Tensor]:
    """A random module on sequences, and an input for it."""
    stream = random.Random(f"sequence {seed}")
    channels, steps = stream.choice((8, 12)), stream.randint(3, 9)
    found: list[Any] = [nn.Linear(channels, channels, bias=stream.random() < 0.5)]
    width = channels
    for _ in range(stream.randint(1, 4)):
        kind = stream.choice(("linear", "norm", "act", "recurrent", "attention"))
        if kind == "linear":
            wide = stream.choice((8, 16))
            found.append(nn.Linear(width, wide, bias=stream.random() < 0.5))
            width = wide
        elif kind == "norm":
            found.append(nn.LayerNorm(width, elementwise_affine=stream.random() < 0.6))
        elif kind == "act":
            found.append(stream.choice((nn.ReLU(), nn.GELU(), *FUNCTIONS[:4], nn.Dropout(0.1))))
        elif kind == "attention":
            found.append(Attends(width, 4, stream.random() < 0.5))
        else:
            make = stream.choice((nn.LSTM, nn.GRU, nn.RNN))
            layers, both = stream.choice((1, 2)), stream.random() < 0.4
            units = stream.choice((4, 8))
            bias = stream.random() < 0.7
            found.append(States(make(width, units, layers, bias=bias, batch_first=True, bidirectional=both)))
            width = units * (2 if both else 1)
    return Steps(found).eval(), torch.zeros(1, steps, channels)


MAKERS = {"map": made_map, "sequence": made_sequence}
