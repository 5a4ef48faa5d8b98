"""Which tensors share memory, and what each of them holds after one of them was written to.

A piece of memory has a root, the first tensor that was seen in it; every other is a view, with the operations
that lead from the root to it. Where a view is written to, the root becomes newer by an operation ``write``;
where a view is read after another tensor of its memory was written to, its operations are done again on the
root as it is then. So every value stays what it was, and the recording needs no memory.
"""

from __future__ import annotations

import torch

from ..operations.recording import Operation, Value

# A view operation, the number of its output that leads on, and the argument that it is a view of.
ViewStep = tuple[Operation, int, str]


class TensorMemory:
    """A piece of memory.

    Attributes:
        number: A number of its own.
        root: The first tensor that was seen in it.
        version: How often it was written to.
        spoiled: Whether something without values was written to it, so that what stands in it is wrong.
    """

    __slots__ = ("number", "root", "version", "spoiled")

    def __init__(self, number: int):
        self.number = number
        self.root: LiveTensor | None = None
        self.version = 0
        self.spoiled = False


class LiveTensor:
    """A tensor of the run, kept alive, with the value that it holds.

    Attributes:
        tensor: The tensor.
        value: Its newest value; where ``version`` is older than that of the memory, the value of then.
        memory: The memory that it is in.
        chain: The view operations that lead from the root of the memory to it.
        version: How often the memory had been written to when ``value`` was right.
    """

    __slots__ = ("tensor", "value", "memory", "chain", "version")

    def __init__(
        self, tensor: torch.Tensor, value: Value, memory: TensorMemory, chain: tuple[ViewStep, ...] = ()
    ):
        self.tensor = tensor
        self.value = value
        self.memory = memory
        self.chain = chain
        self.version = memory.version
        if memory.root is None:
            memory.root = self


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
