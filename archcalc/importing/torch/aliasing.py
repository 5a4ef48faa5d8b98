"""Tensors of PyTorch in memory and without it."""

from __future__ import annotations

import torch


def memory_key(tensor: torch.Tensor) -> int | None:
    """Return what all tensors in one piece of memory have in common; None of those without memory."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):
        return None


def without_values_like(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor without memory that has the sizes, strides, type and place of another."""
    if tensor.layout != torch.strided:
        return torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
    sizes, strides, start = tensor.shape, tensor.stride(), tensor.storage_offset()
    extent = start + 1 + sum([(size - 1) * stride for size, stride in zip(sizes, strides, strict=True)])
    memory = torch.empty(max(0, extent), dtype=tensor.dtype, device="meta")
    return memory.as_strided(sizes, strides, start)
