"""The order in which Keras lists the layers of a model: by how many layers stand behind them.

Layers that are equally far from the end stand in the order in which a walk from the outputs back to the
inputs meets them first. A layer that is called several times stands where its first call needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .keras_rows import KerasRow, KerasTensor

_Node = tuple["KerasRow", int]


def in_order(rows: Sequence[KerasRow], outputs: Iterable[KerasTensor]) -> list[KerasRow]:
    """The rows of a model, as Keras orders them."""
    met: dict[KerasRow, int] = {}
    nodes = _walked(outputs, met)
    depths: dict[_Node, int] = {}
    behind: dict[KerasRow, int] = {}
    for node in reversed(nodes):
        row, use = node
        depths[node] = behind[row] = max(depths.get(node, 0), behind.get(row, 0))
        for source in row.uses[use]:
            before = source.row, source.use
            depths[before] = max(depths[node] + 1, depths.get(before, 0))
    # An input that nothing reads stands at the end.
    return sorted(rows, key=lambda row: (-behind.get(row, 0), met.get(row, -1)))


def _walked(outputs: Iterable[KerasTensor], met: dict[KerasRow, int]) -> list[_Node]:
    """The calls of layers in an order in which they can be computed; ``met`` is filled with the order in
    which the walk begins with each row."""
    nodes: list[_Node] = []
    seen: set[_Node] = set()
    for output in outputs:
        stack = [((output.row, output.use), False)]
        while stack:
            node, finished = stack.pop()
            if finished:
                nodes.append(node)
                continue
            if node in seen:
                continue
            seen.add(node)
            row, use = node
            met.setdefault(row, len(met))
            stack.append((node, True))
            stack += [((source.row, source.use), False) for source in reversed(row.uses[use])]
    return nodes
