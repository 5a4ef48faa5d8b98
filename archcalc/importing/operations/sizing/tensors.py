"""What a rule of sizes is given and gives: tensors that are sizes, a type and the way they lie in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, TypeVar

# The most positions along an axis, and the most values of a tensor.
MOST_POSITIONS = 2**40
MOST_VALUES = 2**62
# The most axes of a tensor.
MOST_AXES = 16


class OperationError(Exception):
    """An operation that cannot be done with what it is given.

    Attributes:
        reason: What is wrong, in plain words, as a sentence without its point.
        name: The name of the operation; empty where that is not known yet.
        help: Ways out.

    Example:
        >>> from archcalc.importing.operations.sizing import OperationError
        >>> print(OperationError("the stride is 0", "conv2d"))
        conv2d: the stride is 0
    """

    def __init__(self, reason: str, name: str = "", *help: str):
        super().__init__(reason)
        self.reason = reason
        self.name = name
        self.help = help

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}" if self.name else self.reason


class Shaped:
    """A tensor as the rules of sizes know it.

    Attributes:
        sizes: Its sizes.
        dtype: Its type, ``float32``.
        strides: How far its neighbours along each axis lie apart in memory.
        viewed: Whether it shares the memory of the first tensor that the operation was given.
        number: What a constant of one value holds, where that is known.
    """

    __slots__ = ("sizes", "dtype", "strides", "viewed", "number")

    def __init__(
        self,
        sizes: Sequence[int],
        dtype: str,
        strides: Sequence[int] | None = None,
        viewed: bool = False,
        number: int | float | bool | None = None,
    ):
        self.sizes = tuple(sizes)
        self.dtype = dtype
        self.strides = strides_of(self.sizes) if strides is None else tuple(strides)
        self.viewed = viewed
        self.number = number

    @property
    def contiguous(self) -> bool:
        """Whether its values lie in memory in the order of its axes, without gaps."""
        expected = 1
        for size, stride in zip(self.sizes[::-1], self.strides[::-1], strict=True):
            if size != 1:
                if stride != expected:
                    return not all(self.sizes)
                expected *= size
        return True

    @property
    def values(self) -> int:
        """How many values it has."""
        return prod(self.sizes)

    def seen(self, sizes: Sequence[int], strides: Sequence[int]) -> Shaped:
        """A view of it."""
        return Shaped(sizes, self.dtype, strides, True)

    def like(self, sizes: Sequence[int] | None = None, dtype: str = "") -> Shaped:
        """A new tensor of its type."""
        return Shaped(self.sizes if sizes is None else sizes, dtype or self.dtype)

    def __repr__(self) -> str:
        return f"<Shaped {written(self.sizes)} {self.dtype}>"


RuleArguments = dict[str, Any]
OutputRule = Callable[[str, RuleArguments], "Shaped | Sequence[Shaped]"]
SIZE_RULES: dict[str, OutputRule] = {}
R = TypeVar("R", bound=OutputRule)


def sizes_of(*names: str) -> Callable[[R], R]:
    """Make a function the rule of the sizes that the operations of these names give.

    It is given the name of the operation and its arguments, tensors as ``Shaped``.
    """

    def enter(function: R) -> R:
        for name in names:
            SIZE_RULES[name] = function
        return function

    return enter


def strides_of(sizes: Sequence[int]) -> tuple[int, ...]:
    """How far neighbours along each axis lie apart in a tensor that lies in its order."""
    found, apart = [], 1
    for size in reversed(sizes):
        found.append(apart)
        apart *= max(size, 1)
    return tuple(found[::-1])


def written(sizes: Sequence[int]) -> str:
    """Sizes as messages have them: ``1x3x224x224``; of a single value ``one value``."""
    return "x".join(map(str, sizes)) or "one value"


def axis(dim: Any, count: int, what: str = "axis") -> int:
    """An axis counted from the front. Raises OperationError where a tensor of so many axes has none such."""
    count = max(count, 1)
    if not isinstance(dim, int) or isinstance(dim, bool) or not -count <= dim < count:
        axes = "one axis" if count == 1 else f"{count} axes"
        raise OperationError(f"there is no {what} {dim}: the tensor has {axes}")
    return dim % count


def listed(value: Any) -> list[Any]:
    """The parts of a list; of anything else the thing itself."""
    return list(value) if isinstance(value, (tuple, list)) else [value]


def each_axis(value: Any, axes: int, what: str) -> list[int]:
    """One number for each axis, of a list that has one for each, or one for all. Raises OperationError."""
    found = listed(value)
    if len(found) == 1:
        found = found * axes
    if len(found) != axes:
        raise OperationError(f"the {what} has {len(found)} numbers for {axes} axes")
    return found


def both_sides(value: Any, axes: int) -> list[tuple[int, int]]:
    """The padding before and behind each axis, of a list that has both for each axis, or one for both. Raises
    OperationError."""
    found = listed(value)
    if len(found) == 2 * axes > axes:
        return [(found[2 * n], found[2 * n + 1]) for n in range(axes)]
    return [(n, n) for n in each_axis(found, axes, "padding")]


def broadcast(shapes: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The sizes of tensors that meet: along each axis, counted from the last, all have as many positions, or
    one. Raises OperationError.

    Example:
        >>> from archcalc.importing.operations.sizing.tensors import broadcast
        >>> broadcast([(1, 64, 56, 56), (64, 1, 1)])
        (1, 64, 56, 56)
    """
    most = max(map(len, shapes), default=0)
    found = [1] * most
    for shape in shapes:
        for place, size in enumerate(shape, most - len(shape)):
            if size == 1 or size == found[place]:
                continue
            if found[place] != 1:
                both = " and ".join(written(shape) for shape in shapes)
                back = place - most
                raise OperationError(
                    f"{both} do not go together: along axis {back}, counted from the last, there are "
                    f"{found[place]} and {size} positions"
                )
            found[place] = size
    return tuple(found)


def checked(x: Shaped) -> Shaped:
    """A tensor, if it is one that PyTorch could make. Raises OperationError."""
    if any(size < 0 for size in x.sizes):
        raise OperationError(f"{written(x.sizes)} are no sizes")
    if len(x.sizes) > MOST_AXES:
        raise OperationError(f"a tensor of {len(x.sizes)} axes has more than {MOST_AXES}")
    if max(x.sizes, default=0) > MOST_POSITIONS or x.values > MOST_VALUES:
        raise OperationError(f"a tensor of {written(x.sizes)} is too large")
    return x
