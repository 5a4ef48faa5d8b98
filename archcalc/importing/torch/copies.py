"""Copies of modules and tensors on which a run leaves no trace: without memory, or with values."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

Copied = Callable[[torch.Tensor], torch.Tensor]


def without_memory(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor of the same sizes, strides and type on no device."""
    if tensor.layout != torch.strided:
        return torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")


def with_values(tensor: torch.Tensor, name: str = "") -> torch.Tensor:
    """Return a tensor in memory: a copy, or random values where it has none. Whole numbers are 0, which every
    table has; masks let all through."""
    if not tensor.is_meta:
        return tensor.detach().clone()
    if tensor.is_floating_point() or tensor.is_complex():
        return torch.randn(tensor.shape, dtype=tensor.dtype, device="cpu")
    lets_through = tensor.dtype == torch.bool or "mask" in name
    return torch.full(tensor.shape, 1 if lets_through else 0, dtype=tensor.dtype, device="cpu")


def _weights(tensor: torch.Tensor) -> torch.Tensor:
    """Values for a weight that has none: small ones, above zero, so that variances among them are right."""
    if not tensor.is_meta:
        return tensor.detach().clone()
    if tensor.is_floating_point():
        return torch.rand(tensor.shape, dtype=tensor.dtype, device="cpu").mul_(0.1).add_(0.01)
    return torch.zeros(tensor.shape, dtype=tensor.dtype, device="cpu")


@contextmanager
def _tensors_copied_by(act: Copied) -> Iterator[None]:
    """Let ``deepcopy`` copy tensors by a function, until the block ends."""

    def copied(self: Any, memo: dict[int, Any]) -> Any:
        found = memo.get(id(self))
        if found is None and is_lazy(self):
            device = act(torch.empty(0)).device
            kind: Any = type(self)
            found = memo[id(self)] = kind(self.requires_grad, device, self.data.dtype)
        if found is None:
            found = act(self).requires_grad_(self.requires_grad)
            if isinstance(self, nn.Parameter):
                found = nn.Parameter(found, self.requires_grad)
            for name, attribute in vars(self).items():
                setattr(found, name, attribute)  # such as marks that an optimizer reads
            memo[id(self)] = found
        return found

    kinds: tuple[Any, ...] = (torch.Tensor, nn.Parameter, nn.UninitializedParameter)
    olds = [(kind, kind.__dict__["__deepcopy__"]) for kind in kinds]
    try:
        for kind, _ in olds:
            kind.__deepcopy__ = copied
        yield
    finally:
        for kind, old in olds:
            kind.__deepcopy__ = old


def copied_without_memory(module: nn.Module) -> nn.Module:
    """Return a copy of a module whose tensors have no memory."""
    return _copied(module, without_memory)


def copied_with_values(module: nn.Module) -> nn.Module:
    """Return a copy of a module whose tensors have values; where it has none, small random ones."""
    return _copied(module, _weights)


def _copied(module: nn.Module, act: Copied) -> nn.Module:
    with torch.no_grad(), _tensors_copied_by(act):
        copied = deepcopy(module)
    for new, old in zip(copied.parameters(), module.parameters(), strict=True):
        if new.requires_grad != old.requires_grad:  # scripts copy themselves, and what is trained is lost
            new.requires_grad_(old.requires_grad)
    return copied


def has_lazy_tensors(module: nn.Module) -> bool:
    """Whether a module takes the sizes of some of its weights from its first input."""
    return any(is_lazy(tensor) for tensor in (*module.parameters(), *module.buffers()))


@contextmanager
def tensors_exchanged(module: nn.Module, act: Copied) -> Iterator[None]:
    """Put other tensors in place of all parameters and buffers of a module, until the block ends: for
    modules that refuse to be copied."""
    olds: list[tuple[dict[str, Any], dict[str, Any]]] = []
    news: dict[int, Any] = {}
    try:
        for part in module.modules():
            for registered in (part._parameters, part._buffers):
                olds.append((registered, dict(registered)))
                for name, tensor in registered.items():
                    if tensor is None:
                        continue
                    if id(tensor) not in news:
                        with torch.no_grad():
                            new = act(tensor)
                        if isinstance(tensor, nn.Parameter):
                            new = nn.Parameter(new, tensor.requires_grad)
                        news[id(tensor)] = new
                    registered[name] = news[id(tensor)]
        yield
    finally:
        for registered, old in olds:
            registered.clear()
            registered.update(old)


@contextmanager
def attributes_kept(module: nn.Module) -> Iterator[None]:
    """Put back what a run sets in a module and in its lists and dictionaries, when the block ends: a second
    run then does what the first one did, and fills its caches anew."""
    olds: list[tuple[dict[str, Any], dict[str, Any]]] = []
    contents: list[tuple[Any, Any]] = []
    for part in module.modules():
        attributes = vars(part)
        olds.append((attributes, dict(attributes)))
        for value in attributes.values():
            if type(value) in _CONTAINERS:
                contents.append((value, value.copy() if value else ()))  # most hold no hooks
    try:
        yield
    finally:
        for attributes, old in olds:
            attributes.clear()
            attributes.update(old)
        for container, content in contents:
            if isinstance(container, list):
                container[:] = content
            else:
                container.clear()
                container.update(content)


_CONTAINERS = (list, dict, set, OrderedDict)
