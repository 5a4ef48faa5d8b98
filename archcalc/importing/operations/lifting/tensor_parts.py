"""Parts of parameters and buffers, each the tensor of a layer of its own, as rows of the one matrix that
queries, keys and values of an attention share."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from math import prod
from typing import Any

from ..recording import BUFFER, PARAMETER, Operation, Value

# The range of places along each axis of a parameter.
Ranges = tuple[tuple[int, int], ...]
# Operations that give the values that they are given, in the axes that they are given.
_SAME = frozenset("detach alias contiguous clone to _to_copy type_as lift_fresh".split())


class TensorPart(Value):
    """A part of a parameter or buffer.

    Attributes:
        whole: The parameter or buffer.
        box: The range of places along each of its axes.
    """

    __slots__ = ("whole", "box")

    def __init__(self, whole: Value, box: Ranges, index: int):
        sizes = tuple([stop - start for start, stop in box])
        super().__init__(index, sizes, whole.dtype, whole.kind, whole.name, None, whole.storage, whole.frozen)
        self.whole = whole
        self.box = box

    def of(self, tensor: Any) -> Any:
        return tensor[tuple([slice(start, stop) for start, stop in self.box])]


class TensorParts:
    """The parts that layers have of parameters and buffers; each is made once."""

    def __init__(self) -> None:
        self._made: dict[int, dict[Ranges, TensorPart]] = {}
        self._count = 0

    def part(self, value: Value) -> Value | None:
        """The parameter or buffer that a tensor is, or the part of one; None where it is made in another
        way."""
        if value.kind in (PARAMETER, BUFFER):
            return value
        found = _box(value)
        if found is None:
            return None
        whole, _, box = found
        if all(stop - start == size for (start, stop), size in zip(box, whole.sizes, strict=True)):
            return whole
        parts = self._made.setdefault(whole.index, {})
        if box not in parts:
            self._count += 1
            parts[box] = TensorPart(whole, box, -self._count)
        return parts[box]

    def leaves(self, tensors: Iterable[Value | None]) -> list[Value]:
        """The parameters and buffers that tensors are, or are made of, or the parts of these; each once."""
        found: dict[int, Value] = {}
        waiting = [tensor for tensor in tensors if tensor is not None][::-1]
        met: set[Value] = set()
        while waiting:
            value = waiting.pop()
            if value in met or value.depends:
                continue
            met.add(value)
            part = self.part(value)
            if part is not None:
                found.setdefault(part.index, part)
            elif value.operation is not None:
                waiting += list(value.operation.inputs)[::-1]
        return list(found.values())

    def overlaps(self, leaf: Value, held: Container[int]) -> bool:
        """Whether a layer has some values of a parameter or part already, but not just these.

        Args:
            leaf: The parameter or part.
            held: What layers have, by ``Value.index``.
        """
        whole = leaf.whole if isinstance(leaf, TensorPart) else leaf
        parts = [part for part in self._made.get(whole.index, {}).values() if part.index in held]
        if not isinstance(leaf, TensorPart):
            return bool(parts)
        if whole.index in held:
            return True
        return any(part is not leaf and _meet(part.box, leaf.box) for part in parts)

    def rests(self, held: Iterable[Value]) -> list[Value]:
        """What no layer has of the parameters of which layers have parts.

        Args:
            held: The parameters, buffers and parts that layers have.
        """
        parts: dict[int, dict[int, TensorPart]] = {}
        for leaf in held:
            if isinstance(leaf, TensorPart) and leaf.kind == PARAMETER:
                parts.setdefault(leaf.whole.index, {})[leaf.index] = leaf
        found: list[Value] = []
        for group in parts.values():
            whole = next(iter(group.values())).whole
            left = prod(whole.sizes) - sum([prod(part.sizes) for part in group.values()])
            if left:
                rest = Value(whole.index, (left,), whole.dtype, PARAMETER, f"{whole.name} (rest)")
                rest.frozen = whole.frozen
                found.append(rest)
        return found


def _meet(one: Ranges, other: Ranges) -> bool:
    return all(max(a, c) < min(b, d) for (a, b), (c, d) in zip(one, other, strict=True))


# Of a tensor the parameter, for each axis that of the parameter (None for a new one), and the ranges.
_Found = tuple[Value, Sequence["int | None"], Ranges]


def _box(value: Value) -> _Found | None:
    """Which part of which parameter a tensor is; None where it is none."""
    if value.kind in (PARAMETER, BUFFER):
        return value, list(range(len(value.sizes))), tuple([(0, size) for size in value.sizes])
    operation = value.operation
    if operation is None or value.depends or value not in operation.outputs:
        return None
    given = next(iter(operation.arguments.values()), None)
    before = _box(given) if isinstance(given, Value) else None
    if before is None:
        return None
    assert isinstance(given, Value)
    return _after(operation, given, value, *before)


def _after(
    operation: Operation, given: Value, value: Value, whole: Value, axes: Sequence[int | None], box: Ranges
) -> _Found | None:
    """The part that an operation leaves of the part that it is given."""
    name, arguments = operation.name, operation.arguments
    axes = list(axes)
    if name in _SAME:
        return whole, axes, box
    count = len(axes)
    if name in ("t", "transpose", "permute"):
        if name == "permute":
            order = [n % count for n in arguments["dims"]]
        else:
            order = list(range(count))
            one, two = (arguments["dim0"] % count, arguments["dim1"] % count) if name != "t" else (0, -1)
            order[one], order[two] = order[two], order[one]
        return whole, [axes[n] for n in order], box
    if name == "unsqueeze":
        axes.insert(arguments["dim"] % (count + 1), None)
        return whole, axes, box
    if name in ("view", "reshape", "_unsafe_view", "squeeze"):
        # Axes of one position come and go; the others stay as they are.
        if [n for n in given.sizes if n != 1] != [n for n in value.sizes if n != 1]:
            return None
        kept = iter([axis for axis, size in zip(axes, given.sizes, strict=True) if size != 1])
        return whole, [None if size == 1 else next(kept) for size in value.sizes], box
    dim = arguments.get("dim", 0)
    if name not in _START or not isinstance(dim, int):
        return None
    dim %= count
    axis = axes[dim]
    if axis is None or arguments.get("step", 1) != 1:
        return None
    start = _START[name](operation, given, value, dim)
    if start is None:
        return None
    number = 1 if name in ("select", "unbind") else value.sizes[dim]
    low = box[axis][0] + start
    ranges = (*box[:axis], (low, low + number), *box[axis + 1 :])
    if name in ("select", "unbind"):
        del axes[dim]
    return whole, axes, ranges


def _stated(name: str) -> Any:
    def start(operation: Operation, given: Value, value: Value, dim: int) -> int | None:
        del value
        found = operation.arguments.get(name) or 0
        if not isinstance(found, int):
            return None
        size: int = given.sizes[dim]
        return max(0, found + size) if found < 0 else min(found, size)

    return start


def _counted(operation: Operation, given: Value, value: Value, dim: int) -> int:
    """Where the part begins that is one of several, side by side."""
    del given
    before = operation.outputs[: operation.outputs.index(value)]
    if operation.name == "unbind":
        return len(before)
    total: int = sum([output.sizes[dim] for output in before])
    return total


_START = {
    "slice": _stated("start"),
    "narrow": _stated("start"),
    "select": _stated("index"),
    **dict.fromkeys(
        ("split", "split_with_sizes", "chunk", "tensor_split", "unsafe_chunk", "unsafe_split", "unbind"),
        _counted,
    ),
}
