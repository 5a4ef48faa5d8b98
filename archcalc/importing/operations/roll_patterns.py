"""Maps whose two parts change places, ``cat([x[3:], x[:3]])``, as the roll that they are."""

from __future__ import annotations

from typing import Any

from .recording import Operation, Value
from .rewriting import Rewriting


def find_rolls(graph: Rewriting) -> None:
    """Put ``roll`` in the place of what joins the two parts of a tensor the other way round; of rolls along
    several axes, one after the other, one."""
    for operation in graph.recording.operations:
        if operation.name in ("cat", "concat", "concatenate") and operation not in graph.gone:
            _put(graph, operation)


def _put(graph: Rewriting, joined: Operation) -> None:
    tensors = joined.arguments.get("tensors")
    if not isinstance(tensors, tuple) or len(tensors) != 2:
        return
    cuts = [graph.maker(value) for value in tensors]
    if any(cut is None or cut.name != "slice" or graph.only_reader(cut.output) is None for cut in cuts):
        return
    behind, front = [cut for cut in cuts if cut is not None]
    x, other = [cut.arguments.get("self") for cut in (behind, front)]
    if not isinstance(x, Value) or x != other:
        return
    rank = len(x.sizes)
    dim = int(joined.arguments.get("dim") or 0) % rank
    size = x.sizes[dim]
    (start, end), (first, last) = [_ends(cut, rank, dim, size) for cut in (behind, front)]
    if (end, first) != (size, 0) or start != last or not 0 < start < size:
        return
    gone, shifts, dims, given_to = [joined, behind, front], [-start], [dim], x
    before = graph.maker(x)
    if before is not None and before.name == "roll" and graph.read_by_only(x, (behind, front)):
        earlier = before.arguments
        if dim not in earlier["dims"]:
            gone.append(before)
            shifts, dims = [*earlier["shifts"], *shifts], [*earlier["dims"], *dims]
            given_to = earlier["self"]
    given: dict[str, Any] = {"self": given_to, "shifts": tuple(shifts), "dims": tuple(dims)}
    made = Operation("aten.roll.default", "roll", given, joined.call, joined.source)
    graph.replace(gone, made, joined, [])


def _ends(cut: Operation, rank: int, dim: int, size: int) -> tuple[int, int]:
    """The positions of an axis from which on and up to which a part goes; two that fit nothing for a part of
    another axis, or with steps."""
    given = cut.arguments
    start, end = given.get("start"), given.get("end")
    start, end = 0 if start is None else start, size if end is None else end
    if not isinstance(start, int) or not isinstance(end, int):
        return -1, -1
    if int(given.get("dim") or 0) % rank != dim or given.get("step", 1) != 1:
        return -1, -1
    low, high = (n + size if n < 0 else n for n in (start, end))
    return max(low, 0), min(high, size)
