"""How the values of a tensor lie in memory, where that decides what PyTorch copies.

A tensor is ``N, C, H, W``, whatever lies where. One element of the batch is looked at; a copy that
only a batch of several needs is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..arithmetic import value_of
from ..shape import Shape

# Channel after channel, as a convolution puts its output; position after position, the channels of
# each together, as a linear map of the channels does; or neither: some of the channels of each position.
FIRST, LAST, PART = "channels first", "channels last", "a part of the channels"


def lies(arrangement: str, wanted: str, x: Shape) -> bool:
    """Whether a tensor lies as FIRST or LAST have it; of one channel or one position both do."""
    if arrangement == PART:
        return False
    return arrangement == wanted or value_of(x.positions) == 1 or value_of(x.channels) == 1


def strides_of(arrangement: str, x: Shape) -> list[int]:
    """How far apart neighbours lie along each axis of a tensor, its channels last; of PART as of half of
    the channels."""
    sizes = [value_of(n) for n in x]
    if arrangement == FIRST:
        channels, *spatial = _packed([sizes[-1], *sizes[:-1]])
        return [*spatial, channels]
    return _packed(sizes if arrangement == LAST else [*sizes[:-1], 2 * sizes[-1]])


def _packed(sizes: Sequence[int]) -> list[int]:
    """Strides of a tensor whose values lie one behind the other."""
    found = [1]
    for size in reversed(sizes[1:]):
        found.append(found[-1] * size)
    return found[::-1]


def arrangement_of(strides: Sequence[int], sizes: Sequence[int]) -> str:
    """How a tensor lies, by the strides of its axes, channels last."""
    first = _packed([sizes[-1], *sizes[:-1]])
    for kind, packed in ((FIRST, [*first[1:], first[0]]), (LAST, _packed(sizes))):
        if all(n == 1 or a == b for n, a, b in zip(sizes, strides, packed, strict=True)):
            return kind
    return PART


def merged_stride(strides: Sequence[int], sizes: Sequence[int]) -> int | None:
    """The stride of the axis that these become together, the last one fastest; None where there is none, so
    that they have to be laid out anew."""
    found, reach = 1, None
    for stride, size in zip(reversed(strides), reversed(sizes), strict=True):
        if size == 1:
            continue
        if reach is None:
            found = stride
        elif stride != reach:
            return None
        reach = stride * size
    return found
