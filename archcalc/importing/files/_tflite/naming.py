"""Which layer of the model an operator is of: from the names that converters give to tensors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# Scopes that TensorFlow opens inside a layer; they are no layers.
_INSIDE = re.compile(
    r"(?:moments|batchnorm|Tensordot|einsum|Einsum|convolution|depthwise|conv_transpose|resize"
    r"|strided_slice|transpose|Softmax|PartitionedCall|ReadVariableOp|while|cond)(?:_?[0-9]{1,4})?"
)
# What the last part of a name is called of an operator that has weights.
_WEIGHTED = re.compile(
    r"(?i)(?:conv[0-9]?d?|convolution|depthwise\w{0,30}|conv\w{0,30}transpose|mat_?mul|dense|tensordot|einsum"
    r"|weights?|kernel)(?:_?[0-9]{1,4})?"
)
_DEEPEST = 24


def path_of(names: Iterable[str], weighted: bool) -> tuple[str, ...]:
    """Return the layer that names state, from the outermost scope on.

    Args:
        names: Names of tensors, the most telling first; a converter that puts operators together joins their
            names: ``conv1/Relu;conv1/BiasAdd;conv1/Conv2D``.
        weighted: Whether the operator has weights: of joined names that of the convolution is taken.

    Returns:
        ``("block1", "conv1")``; empty where no name states one.
    """
    for name in names:
        parts = [one for one in name.split(";") if "/" in one]
        if weighted:
            parts = [one for one in parts if _WEIGHTED.fullmatch(one.rpartition("/")[2])] or parts[-1:]
        if parts:
            return _scopes(parts[0])
    return ()


def _scopes(name: str) -> tuple[str, ...]:
    scopes = [one for one in name.split("/")[:-1] if one]
    if scopes[2:] and scopes[-1] == "separable_conv2d":
        scopes.pop()
    while scopes[2:] and _INSIDE.fullmatch(scopes[-1]):
        scopes.pop()
    return tuple([re.sub(r"\W", "_", one)[:80] for one in scopes[:_DEEPEST]])


def shared_scopes(paths: Sequence[tuple[str, ...]]) -> int:
    """Return how many scopes all layers stand in together: the name of the model.

    Args:
        paths: The layers; empty ones do not count.
    """
    named = [path for path in paths if path]
    deepest = max(map(len, named), default=0)
    same = 0
    while (
        same < deepest - 1
        and len({path[same : same + 1] or named[0][same : same + 1] for path in named}) == 1
    ):
        same += 1
    return same


def activation_of(name: str, path: tuple[str, ...], around: int) -> tuple[str, ...]:
    """Return the layer of the activation that an operator ends with, as its output is called.

    Args:
        name: The name, ``conv1_relu/Relu;conv1/Conv2D``.
        path: The layer of the operator, without the scopes around all.
        around: How many these are.

    Returns:
        ``("conv1_relu",)``; where it is a part of the operator's layer ``("conv1_Relu",)``.
    """
    first, several, _ = name.partition(";")
    word = first.rpartition("/")[2]
    if not path or "/" not in first or not re.fullmatch(r"(?:Relu|Tanh|clip)\w{0,20}", word):
        return path
    mine = _scopes(first)[around:]
    if mine == path or not several or not mine:
        return (*path[:-1], f"{path[-1]}_{word}")
    return mine


def kind_of(scope: str) -> str:
    """Return what a layer is called without its number: ``block_1`` and ``block_2`` are of one kind."""
    return scope.rstrip("_0123456789") or "Module"
