"""The inputs of a network, in numbers alone: sizes as PyTorch has them, and which inputs hold
word indices."""

from __future__ import annotations

from ..graph import Graph
from ..ops.recurrent import Embedding
from ..shape import Shape

# Sizes of a tensor, and below what its values are where they are word indices.
Plan = tuple[tuple[int, ...], "int | None"]


def channels_first(shape: Shape, batch: int) -> tuple[int, ...]:
    """PyTorch's sizes of a shape: ``N, C, H, W``."""
    return (batch, shape[-1], *shape[:-1])


def input_plan(graph: Graph, batch: int) -> list[Plan]:
    """For each input its sizes; word indices for what only word tables read."""
    found: list[Plan] = []
    for source in graph.inputs:
        words = [at.op for at in graph.layers if source in at.inputs]
        tables = [op.vocabulary for op in words if isinstance(op, Embedding)]
        below = int(min(tables)) if tables and len(tables) == len(words) else None
        found.append((channels_first(source.output, batch), below))
    return found
