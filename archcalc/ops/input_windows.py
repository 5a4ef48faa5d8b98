"""What the units of a layer read of each of its inputs, where these differ or their axes move."""

from __future__ import annotations

from collections.abc import Iterable

from ..arithmetic import Number
from ..periodic import Periodic, affine
from ..shape import Shape
from .window import EVERYTHING, NOTHING, Window, stated, unchanged_axes, worked_out


class InputWindows:
    """What the units of a layer read of one input, axis by axis.

    Args:
        windows: The window along each axis of positions that the input has.
        axes: For each of these the axis of the output along which its windows move; None where the output
            has no such axis, and all units read what unit 0 reads. The same axes where it is left out.
        place: Where only the units at one position of an axis of the output read it: the axis, and the
            position.

    Example:
        >>> from archcalc.ops.input_windows import InputWindows
        >>> from archcalc.ops.window import Window
        >>> InputWindows([Window(7), Window(9)], (1, 0)).words
        'its own position'
    """

    __slots__ = ("windows", "axes", "place")

    def __init__(
        self,
        windows: Iterable[Window],
        axes: Iterable[int | None] | None = None,
        place: tuple[int, int] | None = None,
    ):
        self.place = place
        self.windows = tuple(windows)
        self.axes = tuple(range(len(self.windows))) if axes is None else tuple(axes)

    @property
    def words(self) -> str:
        """What unit i reads, for a reader."""
        found = [window.words for window in self.windows]
        if not found:
            return "the whole vector, which has no positions"
        return found[0] if len(set(found)) == 1 else " x ".join(found)


class WindowsByInput:
    """What the units of a layer read, for each of its inputs: a ``InputWindows``, EVERYTHING or NOTHING.

    Args:
        of: What they read of each.
        behind: Whether the inputs stand one behind the other, so that a unit is one of one input.

    Example:
        >>> from archcalc.ops.input_windows import InputWindows, WindowsByInput
        >>> from archcalc.ops.window import EVERYTHING, Window
        >>> WindowsByInput([InputWindows([Window(7)]), EVERYTHING]).words
        'of the first input its own position, of the second the whole input'
    """

    __slots__ = ("of", "behind")

    def __init__(self, of: Iterable[InputWindows | str], behind: bool = False):
        self.of = tuple(of)
        self.behind = behind

    @property
    def words(self) -> str:
        """What unit i reads, for a reader."""
        found = [_words(each) for each in self.of]
        if len(found) == 1:
            return found[0]
        names = ("the first input", "the second", "the third")
        parts = zip([*names, *["the next"] * (len(found) - len(names))], found, strict=False)
        return ", ".join([f"of {name} {words}" for name, words in parts])


def _words(reading: InputWindows | str) -> str:
    if isinstance(reading, InputWindows):
        return reading.words
    return {EVERYTHING: "the whole input", NOTHING: "nothing"}[reading]


def own_position(x: Shape) -> InputWindows:
    """Each unit reads its own position."""
    return InputWindows(unchanged_axes(x.spatial))


class WholeAxisWindow(Window):
    """Every unit reads all positions of the axis, of which there are as many as before."""

    def __init__(self, size: Number):
        super().__init__(size, size)

    @property
    def words(self) -> str:
        return "all positions of the axis"

    @worked_out
    def first(self) -> Periodic:
        return affine(0, 0)

    @worked_out
    def last(self) -> Periodic:
        return affine(0, self.size - 1)

    @property
    def slope(self) -> Number:
        return 0

    @property
    def pointwise(self) -> bool:
        return False


class FirstPositionWindow(Window):
    """Every unit reads position 0: an axis of one position, spread over ``target`` of them."""

    def __init__(self, size: Number, target: Number):
        super().__init__(size, rule=stated, target=target)

    @property
    def words(self) -> str:
        return "position 0"

    @worked_out
    def first(self) -> Periodic:
        return affine(0, 0)

    @worked_out
    def last(self) -> Periodic:
        return affine(0, 0)

    @property
    def slope(self) -> Number:
        return 0

    @property
    def pointwise(self) -> bool:
        return False


def reduced_axis(size: Number) -> Window:
    """The window of an axis of which one position is left, that reads all of it."""
    return Window(size, size, size, rule=stated, target=1)
