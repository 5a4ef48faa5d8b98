"""An op on letters: rules that are run on symbols record their derivation."""

from __future__ import annotations

from collections.abc import Callable

from ..arithmetic import Number, symbol
from ..shape import Shape
from .attributes import Size
from .base import Op

# Letters for the spatial axes of an input, by their number; T is the time or depth of a volume.
AXES = {1: ("W",), 2: ("H", "W"), 3: ("T", "H", "W")}


def trace(
    op: Op, inputs: tuple[Shape, ...], named: Callable[[str, int], Number] = symbol
) -> tuple[Op, tuple[Shape, ...]]:
    """The op and its inputs with every number replaced by a named symbol of the same value, or by what
    ``named`` makes of a name and a value.

    Running a rule on what is returned records its derivation. Names are the op's own symbols
    (``F``, ``K``, ``S``, ``P`` …, numbered where there is one per axis) and ``H``, ``W``, ``C`` of
    the input (``H1``, ``H2`` … where there are several inputs). Yes and no, words and strings stay
    what they are: rules may branch on them.
    """

    def lift(name: str, value: object) -> object:
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, Size):
            return Size(named(f"{name}{axis}", number) for axis, number in enumerate(value, 1))
        return named(name, value)  # type: ignore[arg-type]

    values = {
        name: lift(attribute.symbol or name, op.argument(name)) for name, attribute in op.attributes.items()
    }
    shapes = []
    for number, shape in enumerate(inputs, 1):
        mark = str(number) if len(inputs) > 1 else ""
        count = len(shape) - 1
        names = AXES.get(count, [f"N{axis}_" for axis in range(1, count + 1)])
        letters = [*names, "C"]
        shapes.append(Shape([named(n + mark, v) for n, v in zip(letters, shape, strict=True)]))
    return op.with_attributes(**values), tuple(shapes)
