"""What operations read besides tensors of the model: numbers, and tensors of literal values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from typing import Any

from ....ops.attributes import Size
from .calls import Call, Value, per_axis, values_in
from .description import ConstantTensor
from .settings import shown


def operand(call: Call, value: Any, rank: int | None = None) -> Value | Fraction:
    """Return what an operation reads: a tensor with its axes as in Keras, or a number.

    Args:
        call: The call.
        value: What it is given.
        rank: How many axes the other tensors have, the batch among them; where that is known a literal
            tensor may have an axis of the batch.

    Raises:
        SpecError: For what is neither.
    """
    if isinstance(value, Value):
        return call.in_order(value)
    if isinstance(value, ConstantTensor) and value.value is not None:
        value = value.value
    if isinstance(value, (int, float, Fraction)) and isfinite(value):
        return Fraction(repr(value)) if isinstance(value, float) else Fraction(int(value))
    sizes = literal_sizes(value)
    if sizes and rank == len(sizes) and sizes[0] == 1:
        sizes = sizes[1:]
    if not sizes or (rank is not None and len(sizes) >= rank):
        raise call.refused(f"{shown(value)} is no tensor and no number that goes together with the others")
    return literal(call, sizes)


def literal_sizes(value: Any) -> tuple[int, ...]:
    """The sizes of literal values; none for what holds none."""
    if isinstance(value, ConstantTensor):
        return value.sizes
    sizes: list[int] = []
    while isinstance(value, (list, tuple)) and value and len(sizes) < 8:
        sizes.append(len(value))
        value = value[0]
    return tuple(sizes) if isinstance(value, (int, float)) else ()


def literal(call: Call, sizes: Sequence[int]) -> Value:
    """Write a tensor of literal values, which is neither learned nor stored. Raises SpecError."""
    arriving = [*values_in((call.positional, call.keywords))][:1]
    if not arriving:
        raise call.refused("no tensor arrives here")
    return call.op(
        "parameter", *arriving, part="literal", channels_first=False, shape=per_axis(sizes), fixed=True
    )


def tensor(call: Call, value: Any, rank: int | None = None) -> Value:
    """Return a tensor; a number is one of one value. Raises SpecError."""
    found = operand(call, value, rank)
    return found if isinstance(found, Value) else literal(call, (1,))


def permuted(call: Call, x: Value, order: Sequence[int], part: str = "") -> Value:
    """Write a tensor with its axes in another order, each counted from 0 without the batch."""
    if [*order] == [*range(len(x.shape))]:
        return x
    letters = "abcdefghijk"[: len(x.shape)]
    pattern = f"{' '.join(letters)} -> {' '.join([letters[at] for at in order])}"
    return call.op("rearrange", x, part=part, pattern=pattern)


def reshaped(call: Call, x: Value, sizes: Sequence[int], part: str = "") -> Value:
    """Write a tensor with other sizes; where none is left it is one value."""
    found = tuple(sizes) or (1,)
    if found == tuple(x.shape):
        return x
    if len(found) == 1:
        return call.op("flatten", x, part=part)
    return call.op("reshape", x, part=part, shape=Size(found))
