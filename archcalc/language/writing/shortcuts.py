"""Branches that are what ``shortcut`` comes to."""

from __future__ import annotations

from typing import Any

from ...ops.attributes import Size
from .items import ShortcutItem
from .nodes import BodyPart


def shortcut(merge: BodyPart, branch: list[BodyPart]) -> ShortcutItem | None:
    """``shortcut`` where its rule gives the layers of a branch; else None."""
    layers = [part.layer for part in branch if part.layer is not None]
    assert merge.layer is not None
    first = layers[0]
    if first.op.name == "shortcut":
        return ShortcutItem("shortcut kind=A", True)
    if len(merge.branches) != 2 or any(layer.shared or layer.frozen for layer in layers):
        return None
    sibling = next((b for b in merge.branches if b is not branch), [])
    if not sibling or merge.start is None:
        return None
    op: Any = first.op
    axes = len(first.output) - 1
    stride = op.stride if isinstance(op.stride, tuple) else (op.stride,) * axes
    path = sibling[-1].end
    slope: list[Any] = [1] * axes
    while path.index >= merge.start.index + 1 and path is not merge.start and path.inputs:
        windows = path.facts.windows
        if isinstance(windows, tuple) and len(windows) == axes:
            slope = [s * w.slope for s, w in zip(slope, windows, strict=True)]
        path = path.inputs[0]
    plain = type(op)(
        kernel=Size((1,) * axes), filters=first.output.channels, stride=Size(stride), bias=op.bias
    )
    if tuple(slope) != tuple(stride) or merge.start.output == sibling[-1].end.output:
        return None
    if any(_spread(op.argument(n), axes) != _spread(plain.argument(n), axes) for n in op.attributes):
        return None
    words = "shortcut"
    if len(layers) == 1:
        words += " norm=no"
    elif any(layers[1].op.argument(n) != a.default for n, a in layers[1].op.attributes.items()):
        return None
    if op.bias:
        words += " bias=yes"
    return ShortcutItem(words, True)


def _spread(value: Any, axes: int) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,) * axes
    if value == "half" or value == "valid":
        return (0,) * axes  # of a kernel of one
    return tuple(value) if isinstance(value, tuple) else value
