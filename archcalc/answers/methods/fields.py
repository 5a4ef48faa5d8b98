"""How far a unit sees, by the recursion of a textbook: r = 1 + Σ (k - 1)·d·J."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import ceil
from typing import Any, NamedTuple

from ...analysis.receptive import Fields
from ...analysis.recursion import FieldStep, steps
from ...arithmetic import Number, minimum, product, total, value_of
from ...graph import Layer
from ...ops.window import Window
from ..working import Named, Working, WorkingLine, lifted, unnamed
from .base import Method

# How the steps are joined.
GROWN, ADDED, MULTIPLIED, LAST = "grown", "added", "multiplied", "last"


class PathStep(NamedTuple):
    """One step of the recursion: what one layer adds to the field.

    window      of the layer; its stride is that of the output where the layer enlarges, and the
                distance of neighbours is divided by it
    reads       of a layer that enlarges, the positions that one unit reads; else None
    pools       whether the layer is a pool
    own_stride  whether its own stride counts among those before it
    """

    window: Window
    reads: Number | None = None
    pools: bool = False
    own_stride: bool = False

    def but(self, **changes: Any) -> PathStep:
        """The step with other numbers of the window."""
        return self._replace(window=self.window.but(**changes))

    @property
    def enlarges(self) -> bool:
        """Whether it puts out more positions than arrive."""
        return self.reads is not None

    @property
    def has_kernel(self) -> bool:
        """Whether it has a kernel, which an enlargement may have or not."""
        return not self.enlarges or value_of(self.window.kernel) != 1

    @property
    def strides(self) -> bool:
        """Whether it moves by more than one position."""
        return not self.enlarges and value_of(self.window.stride) != 1


@dataclass(eq=False)
class Path(Method):
    """The layers on the way along one axis, and how their windows are joined.

    start, jump  field and stride that the first one reads through
    image, size  sides of the network's input and of the layer's output
    limit        the field is cut off at the size of the image; None where it is not
    """

    steps: tuple[PathStep, ...]
    image: int
    size: int = 0
    how: str = GROWN
    start: Number = 1
    jump: Number = 1
    limit: bool = False

    @property
    def windows(self) -> list[Number]:
        """The kernels on the way."""
        return [step.window.kernel for step in self.steps if step.has_kernel]

    @property
    def value(self) -> int | None:
        if not self.steps and self.how != GROWN:
            return None
        found: int = ceil(value_of(self._made()))
        return min(found, self.image) if self.limit else found

    def _made(self) -> Number:
        windows = self.windows
        if self.how == LAST:
            return windows[-1] if windows else 1
        if self.how == ADDED:
            return total(windows)
        if self.how == MULTIPLIED:
            return product(windows)
        jump = Fraction(value_of(self.jump))
        terms: list[Number] = [self.start]
        for step in self.steps:
            window, stride = step.window, value_of(step.window.stride)
            after = jump / stride if step.enlarges else jump * stride
            apart = after if step.own_stride else jump
            wide = window.kernel if step.reads is None else step.reads
            if value_of(wide) != 1:
                term = wide - 1
                if value_of(window.dilation) != 1 and not step.enlarges:
                    term = term * window.dilation
                terms.append(term * (int(apart) if apart.denominator == 1 else apart))
            jump = after
        return total(terms)

    @property
    def working(self) -> Working:
        made = lifted(self._made())
        if self.limit and value_of(made) > self.image:
            made = lifted(minimum(made, self.image))
        return Working([WorkingLine("", made)], self.value)


@dataclass(eq=False)
class Field(Method):
    """The receptive field along all axes.

    area      positions that are seen, in the place of the side
    narrower  the field along the narrowest branch at the last places before the layer where paths
              meet; None where they do not
    """

    paths: tuple[Path, ...]
    narrower: Callable[[int], Field | None] | None = None
    area: bool = False

    def each(self, change: Any) -> Field | None:
        """Every path changed; None where one cannot be."""
        paths = [change(path) for path in self.paths]
        return None if any(path is None for path in paths) else self.but(paths=tuple(paths))

    @property
    def value(self) -> Any:
        values = [path.value for path in self.paths]
        if not values or any(value is None for value in values):
            return None
        if self.area:
            return product(values)
        return values[0] if len(set(values)) == 1 else tuple(values)

    @property
    def working(self) -> Working:
        lines = [path.working.lines[0] for path in self.paths]
        if self.area:
            return Working([WorkingLine("", lifted(product([line.made for line in lines])))], self.value)
        if len({line.made.numbers for line in lines}) == 1:
            lines = lines[:1]
        return Working(lines, self.value)


def field_of(
    fields: Fields, layer: Layer, source: Layer, named: Named = unnamed, narrow: int = 0
) -> Field | None:
    """The method for the receptive field of a layer; None where the recursion does not give it.
    ``narrow``: at the last ``narrow`` places before the layer where paths meet, the narrowest is
    followed and not the widest."""
    paths = []
    meet = False
    for axis in range(len(source.output) - 1):
        way = steps(fields, layer, source, axis, narrow)
        crossed = [_crossed(step, named) for step in way if not step.idle]
        known = [step for step in crossed if step is not None]
        if len(known) < len(crossed):
            return None
        meet = meet or any(step.branches > 1 for step in way)
        size = layer.output[axis] if len(layer.output) == len(source.output) else 0
        paths.append(Path(tuple(known), source.output[axis], size))
    if not paths:
        return None
    other = partial(field_of, fields, layer, source, named) if meet and not narrow else None
    return Field(tuple(paths), other)


def _crossed(step: FieldStep, named: Named) -> PathStep | None:
    """Return what a step adds to the field; None where it is no step of the recursion."""
    before, jump = step.before
    if step.window is None or jump is None:
        return None
    window, slope = step.window, Fraction(step.window.slope)
    if 1 not in (slope.numerator, slope.denominator):
        return None
    dilation = named("D", window.dilation) if window.dilation != 1 else 1
    if slope >= 1:
        made = Window(0, named("F", window.kernel), named("S", slope.numerator), dilation=dilation)
        return PathStep(made, None, step.layer.op.pools)
    kernel = named("F", window.kernel) if window.has_kernel else 1
    made = Window(0, kernel, named("S", slope.denominator), dilation=dilation)
    return PathStep(made, named("reads", 1 + ceil((step.size - before) / jump)))
