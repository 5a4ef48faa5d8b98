"""Random modules: functional calls, modules called again, views, writes into them, branches.

What a module does follows from a seed and from sizes alone, so it does the same with and without values.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

# What a step does with a tensor: it gives a tensor, several, or None where it does not fit.
Step = Callable[["RandomModule", Random, Tensor, list[Tensor]], Any]
STEPS: list[Step] = []

# Tensors with more elements are left out.
MOST = 2000


def step(function: Step) -> Step:
    """Take a step in."""
    STEPS.append(function)
    return function


class RandomModule(nn.Module):
    """A module that does random steps, the same ones in every run."""

    def __init__(self, seed: int, steps: int = 12):
        super().__init__()
        self.seed = seed
        self.steps = steps
        self.linear = nn.Linear(4, 4)
        self.conv = nn.Conv1d(4, 4, 3, padding=1)
        self.norm = nn.LayerNorm(4)
        self.batch = nn.BatchNorm1d(4)
        self.block = nn.Sequential(nn.Linear(4, 8), nn.ReLU(inplace=True), nn.Linear(8, 4))
        self.scale = nn.Parameter(torch.rand(4) + 0.5)
        self.register_buffer("shift", torch.rand(4))
        self.bare = [torch.rand(4)]

    def forward(self, x: Tensor, y: Tensor) -> list[Tensor]:
        rng = Random(self.seed)
        pool = [x, y]
        for _ in range(self.steps):
            made = rng.choice(STEPS)(self, rng, rng.choice(pool[-6:]), pool)
            made = [made] if isinstance(made, Tensor) else list(made or ())
            pool += [tensor for tensor in made if 0 < tensor.numel() <= MOST]
        return rng.sample(pool, min(3, len(pool)))


def writable(x: Tensor) -> bool:
    """Whether every element of a tensor has memory of its own."""
    return all(stride > 0 or size == 1 for size, stride in zip(x.shape, x.stride(), strict=True))


def other(rng: Random, x: Tensor, pool: list[Tensor]) -> Tensor:
    """A tensor of the same sizes, if there is one: else the same."""
    return rng.choice([t for t in pool if t.shape == x.shape] or [x])


@step
def elementwise(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    return rng.choice([torch.relu, torch.tanh, torch.sin, functional.gelu, torch.neg, torch.square])(x)


@step
def two(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    act = rng.choice([torch.add, torch.sub, torch.mul, torch.maximum])
    return act(x, other(rng, x, pool)) if rng.random() < 0.8 else x * 0.5 + 1


@step
def joined(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    act = rng.choice([torch.cat, torch.stack])
    return act([x, other(rng, x, pool)], rng.randrange(x.dim())) if x.dim() else None


@step
def product(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    return x @ other(rng, x, pool).transpose(-1, -2) if x.dim() > 1 else None


@step
def reduced(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    act = rng.choice([torch.sum, torch.mean, torch.amax])
    return act(x, rng.randrange(x.dim()), rng.random() < 0.5) if x.dim() > 1 else None


@step
def layer(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    if x.dim() == 3 and x.shape[1] == 4 and rng.random() < 0.5:
        return rng.choice([module.conv, module.batch])(x)
    if x.dim() and x.shape[-1] == 4:
        return rng.choice([module.linear, module.norm, module.block])(x)
    return None


@step
def weighted(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    if not x.dim() or x.shape[-1] != 4:
        return None
    weight = rng.choice([module.scale, module.shift, module.bare[0], module.scale * module.shift])
    return rng.choice([torch.add, torch.mul])(x, weight)


@step
def checkpointed(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    fits = x.dim() and x.shape[-1] == 4
    return checkpoint(module.block, x, use_reentrant=False) if fits else None


@step
def constant(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    size = tuple(x.shape)
    made = rng.choice([torch.zeros(size), torch.full(size, 2.0), torch.ones_like(x), x.new_zeros(size)])
    if made.dim() and rng.random() < 0.5:
        made += torch.arange(size[-1])
    return made


@step
def viewed(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    if not x.dim():
        return [x.view(1), x.detach()]
    d = rng.randrange(x.dim())
    choices: list[Callable[[], Any]] = [
        lambda: x[..., 0],
        lambda: x[rng.randrange(x.shape[0]) :],
        lambda: x.narrow(d, 0, (x.shape[d] + 1) // 2),
        lambda: x.transpose(d, -1),
        lambda: x.permute(*rng.sample(range(x.dim()), x.dim())),
        lambda: x.unsqueeze(d),
        lambda: x.squeeze(),
        lambda: x.chunk(2, d),
        lambda: x.unbind(d),
        lambda: x.tensor_split(2, d),
        lambda: x.split(1, d)[:2],
        lambda: x.detach(),
        lambda: x.data,
        lambda: x.view_as(x),
        lambda: x.unsqueeze(0).expand(2, *x.shape),
        lambda: x[..., ::2],
        lambda: x.diagonal(0, 0, 1) if x.dim() > 1 else x,
        lambda: x.unfold(d, 2, 1) if x.shape[d] > 1 else x,
        lambda: x.movedim(d, 0),
    ]
    return rng.choice(choices)()


@step
def perhaps_viewed(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    return rng.choice([x.flatten, x.contiguous, lambda: x.reshape(-1), lambda: x.to(x.dtype), x.ravel])()


@step
def written(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    if not writable(x):
        return None
    source = other(rng, x, pool).tanh()
    choices: list[Callable[[], Any]] = [
        lambda: x.add_(1),
        lambda: x.mul_(0.5),
        lambda: x.relu_(),
        lambda: x.copy_(source),
        lambda: x.sub_(source),
        lambda: x.zero_(),
        lambda: x.fill_(0.25),
        lambda: x.clamp_(-1, 1),
        lambda: functional.relu(x, inplace=True),
        lambda: torch.sin(source, out=x) if x.is_contiguous() else None,
    ]
    rng.choice(choices)()
    return None


@step
def assigned(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    if not writable(x) or not x.dim():
        return None
    choice = rng.randrange(5)
    if choice == 0:
        x[..., 0] = 1.5
    elif choice == 1:
        x[:1] += 2
    elif choice == 2:
        x[...] = other(rng, x, pool) * 2
    elif choice == 3:
        x[torch.tensor([0])] = 0.5
    else:
        x.masked_fill_(torch.ones(x.shape, dtype=torch.bool).triu() if x.dim() > 1 else x > 0, 0.1)
    return None


@step
def indexed(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    if not x.dim():
        return None
    return rng.choice([lambda: x.flip(0), lambda: x[torch.arange(x.shape[0])], lambda: x.roll(1, 0)])()


@step
def normalised(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    if not x.dim():
        return None
    mask = torch.ones(x.shape[-1], dtype=torch.bool)
    return rng.choice([lambda: x.softmax(-1), lambda: torch.where(mask, x, 0.0).softmax(-1)])()


@step
def branched(module: RandomModule, rng: Random, x: Tensor, pool: list[Tensor]) -> Any:
    return x.exp().clamp(max=9) if x.numel() % 2 else (x, x.abs())
