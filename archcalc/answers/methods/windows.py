"""How far a unit sees, by the recursion of a textbook: r = 1 + Σ (k - 1)·d·J."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...analysis.receptive import Fields
from ...analysis.recursion import steps
from ...arithmetic import Number, minimum, product, total, value_of
from ...graph import Layer
from ...ops.pooling import Pool
from ..working import Line, Named, Working, lifted, unnamed
from .base import Method

# How the steps are joined.
GROWN, ADDED, MULTIPLIED, LAST = "grown", "added", "multiplied", "last"


class Reach(NamedTuple):
    """What one layer adds: kernel, stride, dilation, and whether it pools. ``own`` counts its own
    stride among those before it."""

    kernel: Number
    stride: Number
    dilation: Number
    pools: bool
    own: bool = False


class Path(Method):
    """The layers on the way along one axis, and how their windows are joined.

    start, jump  field and stride that the first one reads through
    image, size  sides of the network's input and of the layer's output
    limit        the field is cut off at the size of the image; None where it is not
    """

    __slots__ = ("steps", "how", "start", "jump", "image", "limit", "size")

    def __init__(
        self, steps: Sequence[Reach], image: int, start: Number = 1, jump: Number = 1,
        size: int = 0,
    ):  # fmt: skip
        self.steps = tuple(steps)
        self.how = GROWN
        self.start = start
        self.jump = jump
        self.image = image
        self.limit = False
        self.size = size

    @property
    def value(self) -> int | None:
        if not self.steps and self.how != GROWN:
            return None
        found = int(value_of(self._made()))
        return min(found, self.image) if self.limit else found

    def _made(self) -> Number:
        if self.how == LAST:
            return self.steps[-1].kernel
        if self.how == ADDED:
            return total([step.kernel for step in self.steps])
        if self.how == MULTIPLIED:
            return product([step.kernel for step in self.steps])
        jump = value_of(self.jump)
        terms: list[Number] = [self.start]
        for step in self.steps:
            own = jump * (value_of(step.stride) if step.own else 1)
            if value_of(step.kernel) != 1:
                term = step.kernel - 1
                if value_of(step.dilation) != 1:
                    term = term * step.dilation
                terms.append(term * own)
            jump = jump * value_of(step.stride)
        return total(terms)

    @property
    def working(self) -> Working:
        made = lifted(self._made())
        if self.limit and value_of(made) > self.image:
            made = lifted(minimum(made, self.image))
        return Working([Line("", made)], self.value)


class Field(Method):
    """The receptive field along all axes."""

    __slots__ = ("paths",)

    def __init__(self, paths: Sequence[Path]):
        self.paths = tuple(paths)

    def each(self, change: Any) -> Field | None:
        """Every path changed; None where one cannot be."""
        paths = [change(path) for path in self.paths]
        return None if any(path is None for path in paths) else Field(paths)

    @property
    def value(self) -> Any:
        values = [path.value for path in self.paths]
        if not values or any(value is None for value in values):
            return None
        return values[0] if len(set(values)) == 1 else tuple(values)

    @property
    def working(self) -> Working:
        lines = [path.working.lines[0] for path in self.paths]
        if len({line.made.numbers for line in lines}) == 1:
            lines = lines[:1]
        return Working(lines, self.value)


def field_of(fields: Fields, layer: Layer, source: Layer, named: Named = unnamed) -> Field | None:
    """The method for the receptive field of a layer; None where the recursion does not give it."""
    paths = []
    for axis in range(len(source.output) - 1):
        way = steps(fields, layer, source, axis)
        if any(step.kernel is None or step.exact or _broken(step.stride) for step in way):
            return None
        reaches = [
            Reach(
                named("F", step.kernel), named("S", int(step.stride)),  # type: ignore[arg-type]
                named("D", step.dilation) if step.dilation != 1 else 1,
                isinstance(step.layer.op, Pool),
            )
            for step in way if not step.idle
        ]  # fmt: skip
        size = layer.output[axis] if len(layer.output) == len(source.output) else 0
        paths.append(Path(reaches, source.output[axis], size=size))
    return Field(paths) if paths else None


def _broken(stride: Any) -> bool:
    return stride is None or stride != int(stride)
