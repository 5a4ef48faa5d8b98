"""The shape of a tensor, without the batch."""

from __future__ import annotations

from .arithmetic import Number, product


class Shape(tuple):  # type: ignore[type-arg]
    """Spatial sizes and channels, channels last: ``(height, width, channels)``.

    An image has two spatial axes, a signal one, a volume three, a vector none.
    """

    __slots__ = ()

    @property
    def spatial(self) -> tuple[Number, ...]:
        """The sizes of the spatial axes, in the order they are written."""
        return self[:-1]

    @property
    def channels(self) -> Number:
        """Channels of a map, or the length of a vector."""
        return self[-1]

    @property
    def positions(self) -> Number:
        """Number of spatial positions; 1 for a vector."""
        return product(self[:-1])

    @property
    def values(self) -> Number:
        """Number of values in the tensor."""
        return product(self)

    def __str__(self) -> str:
        return "x".join(map(str, self))
