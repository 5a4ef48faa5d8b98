"""The peak of CUDA's allocator, and the part of it that is not in tensors.

PyTorch's caching allocator counts twice: what was requested, and the blocks that were handed out
for it, which are rounded up (torch.cuda.memory_stats: requested_bytes, allocated_bytes). At its
highest stand tensors and what a library takes while it works: cuBLAS keeps its workspace, cuDNN
gives it back when the operation ends.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from ..graph import Layer
from .build import Built
from .measure import Peak, infer, owned, train

PassRunner = Callable[[Built, list[Tensor], "Callable[[Layer, Tensor], None] | None"], None]


class Level(NamedTuple):
    """Bytes that an allocator has handed out, and what was requested of them."""

    allocated: int
    requested: int


class Allocator(Protocol):
    """What this module needs of an allocator."""

    def settle(self) -> None:
        """Give back what nobody uses, and wait until all work is done."""

    def now(self) -> Level:
        """The bytes that are handed out now."""

    def highest(self) -> Level:
        """The most since ``forget``, of each."""

    def forget(self) -> None:
        """The most is what is handed out now."""


class Cuda:
    """PyTorch's own, of the current CUDA device."""

    def settle(self) -> None:
        """Garbage, cached blocks and cuBLAS' workspaces are given back."""
        gc.collect()
        torch.cuda.synchronize()
        # Public API has no name for it; without it cuBLAS' workspace would be in the first
        # network's figures alone.
        clear = getattr(torch._C, "_cuda_clearCublasWorkspaces", None)
        if clear is not None:
            clear()
        torch.cuda.empty_cache()

    def now(self) -> Level:
        """torch.cuda.memory_stats, current."""
        return self._level("current")

    def highest(self) -> Level:
        """torch.cuda.memory_stats, peak; the first is torch.cuda.max_memory_allocated."""
        return self._level("peak")

    def _level(self, which: str) -> Level:
        stats = torch.cuda.memory_stats()
        allocated = stats.get(f"allocated_bytes.all.{which}", 0)
        # CUDA's own allocator (backend:cudaMallocAsync) does not say what was requested.
        return Level(allocated, stats.get(f"requested_bytes.all.{which}", 0) or allocated)

    def forget(self) -> None:
        """torch.cuda.reset_peak_memory_stats."""
        torch.cuda.reset_peak_memory_stats()


class Highest(NamedTuple):
    """An allocator at its highest, in bytes above what was handed out before the network was there.

    measured   what was handed out, with parameters and buffers
    workspace  of it not in tensors: what libraries took
    rounding   of it never requested: blocks are rounded up
    others     how many more bytes stand in tensors then than at the peak of tensors that is
               predicted: what a layer makes on its way. Less than 0 where a workspace decides when
               the allocator is at its highest, and the tensors are at theirs at another time.
    """

    measured: int
    workspace: int
    rounding: int
    others: int


class _Workspaces(Peak):  # type: ignore[no-untyped-call]
    """Takes the allocator's highest of each operation, and what of it was in no tensor; beside it
    the peak of tensors."""

    def __init__(self, built: Built, before: int, allocator: Allocator):
        super().__init__(built)
        self.held = sum(owned(built).values())
        self.before = before
        self.allocator = allocator
        self.most = 0
        self.workspace = 0
        self.tensors = 0  # when the allocator is at its highest

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.allocator.forget()
        result = super().__torch_dispatch__(func, types, args, kwargs)
        # What the operation read and what it wrote are both there.
        most = self.allocator.highest().requested - self.before
        if most > self.most and self.counts(func):
            self.most = most
            self.workspace = max(most - self.held - self.live, 0)
            self.tensors = self.live
        return result


def highest(make: Callable[[], tuple[Built, list[Tensor]]], run: PassRunner, allocator: Allocator) -> Highest:
    """The allocator at its highest in a run of what ``make`` makes. It is made and run twice: once
    as anybody would, and once with an observer between the operations, who may change what lives
    when by a gradient or two."""
    allocator.settle()
    before = allocator.now()
    built, inputs = make()
    allocator.settle()
    allocator.forget()
    run(built, inputs, None)
    most = allocator.highest()
    del built, inputs
    allocator.settle()
    before_again = allocator.now().requested
    built, inputs = make()
    births = _Workspaces(built, before_again, allocator)
    births.watch(inputs)
    with births:
        run(built, inputs, births.seen)
    measured = most.allocated - before.allocated
    rounding = measured - (most.requested - before.requested)
    return Highest(measured, births.workspace, rounding, births.tensors - births.peak)


def inference(make: Callable[[], tuple[Built, list[Tensor]]], allocator: Allocator | None = None) -> Highest:
    """The peak of a forward pass without gradients."""
    return highest(make, infer, allocator or Cuda())


def step(make: Callable[[], tuple[Built, list[Tensor]]], allocator: Allocator | None = None) -> Highest:
    """The peak of a forward and a backward pass."""
    return highest(make, train, allocator or Cuda())


def place(device: str) -> str:
    """A device in words: ``cuda (NVIDIA H200)``."""
    if device != "cuda":
        return device
    return f"cuda ({torch.cuda.get_device_name()})"
