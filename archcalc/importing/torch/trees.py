"""Tensors inside lists, tuples, dictionaries and data classes: found by name, and replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import fields, is_dataclass
from typing import Any

import torch


def tensors_in(tree: Any, name: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the tensors of a tree, each with its name: places and keys, joined by dots."""
    if isinstance(tree, torch.Tensor):
        yield name, tree
        return
    for key, part in parts(tree):
        yield from tensors_in(part, f"{name}.{key}" if name else key)


def parts(tree: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a container holds, each part with its name there; nothing of what is no container."""
    if isinstance(tree, Mapping):
        for key, part in tree.items():
            yield str(key), part
    elif isinstance(tree, tuple) and hasattr(tree, "_fields"):
        yield from zip(tree._fields, tree, strict=True)
    elif isinstance(tree, (list, tuple)):
        for place, part in enumerate(tree):
            yield str(place), part
    elif is_dataclass(tree) and not isinstance(tree, type):
        for field in fields(tree):
            yield field.name, getattr(tree, field.name, None)


def replaced(tree: Any, act: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """Return a tree with other tensors; containers are new ones, other things the same."""
    if isinstance(tree, torch.Tensor):
        return act(tree)
    if isinstance(tree, dict):
        found: Any = copy(tree)
        for key, part in tree.items():
            found[key] = replaced(part, act)
        return found
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*[replaced(part, act) for part in tree])
    if isinstance(tree, (list, tuple)):
        return type(tree)([replaced(part, act) for part in tree])
    if is_dataclass(tree) and not isinstance(tree, type):
        other: Any = copy(tree)
        for field in fields(tree):
            object.__setattr__(other, field.name, replaced(getattr(tree, field.name), act))
        return other
    return tree
