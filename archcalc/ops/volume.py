"""What a layer puts out: a window along each axis, and channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..arithmetic import Number, product
from ..shape import Shape
from .input_windows import WindowsByInput
from .window import EVERYTHING, Window, unchanged_axes

V = TypeVar("V", bound="Volume")


class Volume:
    """The output of a layer. Immutable: ``but`` gives a changed copy.

    Args:
        windows: One for each axis of the output.
        channels: Channels of the output.
        arriving: Channels of the input.
        filters: What makes the channels: filters, units. None where they are those that arrive.
        reads: What a unit reads where these windows do not say it: EVERYTHING, NOTHING, windows along
            the axes of the input, or ``WindowsByInput``, one for each input.
        lost: Windows of the axes that are taken away, as by a global pooling.
        flat: What is multiplied into the channels, where all values become one vector.
        joined: Channels of the tensors that meet.
        adds: Whether these are added value by value, and not laid side by side.

    Example:
        >>> from archcalc.ops.volume import Volume
        >>> from archcalc.ops.window import Window, fitting
        >>> along = Window(32, 5, rule=fitting)
        >>> print(Volume([along, along], 10, 3, 10).shape)
        28x28x10
    """

    def __init__(
        self,
        windows: Sequence[Window],
        channels: Number,
        arriving: Number,
        filters: Number | None = None,
        *,
        reads: tuple[Window, ...] | WindowsByInput | str | None = None,
        lost: tuple[Window, ...] = (),
        flat: tuple[Number, ...] = (),
        joined: tuple[Number, ...] = (),
        adds: bool = False,
    ):
        self.windows = tuple(windows)
        self.channels = channels
        self.arriving = arriving
        self.filters = filters
        self.reads = reads
        self.lost = lost
        self.flat = flat
        self.joined = joined
        self.adds = adds

    def but(self: V, **changes: Any) -> V:
        """A copy with other values of some fields."""
        if not all(hasattr(self, name) for name in changes):
            raise TypeError(f"a volume has not all of {', '.join(changes)}")
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.__dict__.update(changes)
        return copy

    def mapped(self: V, change: Callable[[Window], Window]) -> V:
        """A copy in which every window is changed."""
        return self.but(windows=tuple(map(change, self.windows)))

    def each(self: V, **changes: Any) -> V:
        """A copy in which these fields of every window are changed."""
        return self.mapped(lambda window: window.but(**changes))

    @property
    def sizes(self) -> list[Number]:
        """Positions of the output along each axis."""
        return [window.output for window in self.windows]

    @property
    def shape(self) -> Shape:
        """The output."""
        return Shape([*[window.output for window in self.windows], self.channels])

    @property
    def slides(self) -> bool:
        """Whether a window moves along every axis."""
        return bool(self.windows) and all(window.slides for window in self.windows)

    @property
    def read(self) -> tuple[Window, ...] | WindowsByInput | str:
        """What a unit reads."""
        return self.windows if self.reads is None else self.reads


def vector(units: Number, x: Shape) -> Volume:
    """A vector of values, each of which reads everything that arrives."""
    return Volume((), units, x.channels, units, reads=EVERYTHING)


def flattened(x: Shape) -> Volume:
    """All values as one vector."""
    return Volume((), product(x), x.channels, reads=EVERYTHING if len(x) > 1 else None, flat=x)


def pooled(x: Shape) -> Volume:
    """The channels that arrive, of all positions one value."""
    return Volume((), x.channels, x.channels, reads=EVERYTHING, lost=unchanged_axes(x.spatial))
