"""Rims of negative infinity in front of max pools, as the padding of these pools."""

from __future__ import annotations

from math import inf
from typing import Any

from .recording import Operation, Value
from .rewriting import Rewriting


def find_pools(graph: Rewriting) -> None:
    """Put max pools with padding in the place of those that read a rim of negative infinity, and nothing
    else."""
    for operation in graph.recording.operations:
        if operation.name in ("constant_pad_nd", "pad") and operation.arguments.get("value") == -inf:
            _merge(graph, operation)


def _merge(graph: Rewriting, rim: Operation) -> None:
    """Give a rim to the pools that read it, if only pools do."""
    x, readers = rim.arguments.get("self"), list(graph.readers.get(rim.output, ()))
    sides = rim.arguments.get("pad")
    known = isinstance(x, Value) and isinstance(sides, (tuple, list)) and rim.output not in graph.outputs
    if not known or not readers or min(sides or (0,)) < 0:
        return
    made = [_padded(pool, rim, list(sides or ())) for pool in readers]
    if any(pool is None for pool in made):
        return
    for number, (pool, new) in enumerate(zip(readers, made, strict=True), 1):
        assert new is not None
        graph.replace([pool, rim] if number == len(made) else [pool], new, pool, [])


def _padded(pool: Operation, rim: Operation, sides: list[int]) -> Operation | None:
    """A pool of what has no rim, with the rim as its padding; None where it is none that can have it."""
    if not pool.name.startswith("max_pool") or pool.arguments.get("ceil_mode"):
        return None
    axes = int(pool.name[8])
    if len(sides) > 2 * axes:
        return None
    before: Any = pool.arguments["padding"]
    before = list(before) if isinstance(before, (tuple, list)) else [before]
    before = before * axes if len(before) == 1 else before
    pairs = [(sides[n], sides[n + 1]) for n in range(0, len(sides), 2)]  # of the last axis first
    pairs = [*pairs, *[(0, 0)] * (axes - len(pairs))][::-1]
    padding = [n + side for n, pair in zip(before, pairs, strict=True) for side in pair]
    arguments = {**pool.arguments, "self": rim.arguments["self"], "padding": tuple(padding)}
    return Operation(pool.target, pool.name, arguments, pool.call, pool.source)
