"""The inputs of a network, in numbers alone: sizes as PyTorch has them, and which inputs hold
word indices."""

from __future__ import annotations

from ..graph import Graph
from ..importing.torch.sizes import GivenTensor
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
        limits = [at.op.indices_below for at in graph.layers if source in at.inputs]
        tables = [int(limit) for limit in limits if limit is not None]
        below = min(tables) if tables and len(tables) == len(limits) else None
        found.append((channels_first(source.output, batch), below))
    return found


def inputs_of(graph: Graph, layout: str = "hwc") -> dict[str, GivenTensor]:
    """The inputs of a network by name, as somebody says them for a module in this layout."""
    found: dict[str, GivenTensor] = {}
    for source, (_, below) in zip(graph.inputs, input_plan(graph, 1), strict=True):
        sizes = tuple(map(int, source.output))
        if layout == "chw":
            sizes = (sizes[-1], *sizes[:-1])
        found[source.name] = GivenTensor(sizes, "" if below is None else "int64")
    return found
