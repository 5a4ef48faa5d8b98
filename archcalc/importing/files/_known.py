"""What tensors of a file hold that are sizes and indices, with a batch of one and with a batch of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..operations.builder import TwoSizes

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# So many values of a tensor are computed with; tables and masks that are larger stay tensors.
MOST_VALUES = 1 << 14


class KnownValues:
    """What a tensor holds, with a batch of one and with a batch of two.

    Attributes:
        one: Its values with a batch of one, an array of numpy.
        two: Its values with a batch of two.
    """

    __slots__ = ("one", "two")

    def __init__(self, one: Array, two: Array | None = None):
        self.one = one
        self.two = one if two is None else two

    @property
    def fixed(self) -> bool:
        """Whether it is the same for every batch."""
        return self.one is self.two or (
            self.one.shape == self.two.shape and bool((self.one == self.two).all())
        )

    def integers(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Its values as whole numbers, in order, with each of both batches."""
        both = [tuple([int(n) for n in array.reshape(-1)]) for array in (self.one, self.two)]
        return both[0], both[1]

    def scalar(self) -> float | None:
        """The one number that it holds, the same for every batch; None where it holds more."""
        if self.one.size != 1 or not self.fixed:
            return None
        return self.one.reshape(-1)[0].item()  # type: ignore[no-any-return]


def pairs(one: tuple[int, ...], two: tuple[int, ...]) -> tuple[int, ...]:
    """Return numbers for a batch of one and for a batch of two as arguments of the builder."""
    if len(one) != len(two):
        return one
    return tuple([a if a == b else TwoSizes(a, b) for a, b in zip(one, two, strict=True)])


def product(sizes: tuple[int, ...]) -> int:
    """Return how many values sizes stand for."""
    found = 1
    for size in sizes:
        found *= size
    return found


def for_batch(target: list[int], sizes: tuple[int, ...], batch: int) -> list[int]:
    """Return a shape that states the batch of the file, for the batch that there is now.

    Args:
        target: The shape; -1 for the size that is left.
        sizes: The sizes of what gets it, with the batch that there is now.
        batch: The batch of the file.
    """
    total = product(sizes)
    known = product(tuple([n for n in target if n != -1]))
    if not target or target[0] < 1 or not known or not total:
        return target
    if -1 not in target:
        first = target[0] * total
        return [first // known, *target[1:]] if known != total and first % known == 0 else target
    if target[0] == batch and sizes and sizes[0] != target[0] and total % max(known, 1):
        return [sizes[0], *target[1:]]
    # The shape of one element stands in it: with more of them the first number grows.
    return [sizes[0], *target[1:]] if target[0] == batch and sizes and sizes[0] in (1, 2) else target
