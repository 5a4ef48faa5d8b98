"""How far a unit sees, by the recursion of a textbook: r = 1 + Σ (k - 1)·d·J."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from math import ceil
from typing import Any, NamedTuple

from ...analysis.receptive import Fields
from ...analysis.recursion import FieldStep, steps
from ...arithmetic import Number, minimum, product, total, value_of
from ...graph import Layer
from ...ops.pooling import Pool
from ...ops.transposed import TransposedConv
from ..working import Named, Working, WorkingLine, lifted, unnamed
from .base import Method

# How the steps are joined.
GROWN, ADDED, MULTIPLIED, LAST = "grown", "added", "multiplied", "last"


class Reach(NamedTuple):
    """What one layer adds.

    kernel, stride, dilation   of its window
    pools    whether it pools
    own      its own stride counts among those before it
    finer    of an enlargement: its stride, by which the distance of neighbours is divided
    reads    of an enlargement: the positions that one unit reads; ``kernel`` is what it writes, 1
             where it has none
    """

    kernel: Number
    stride: Number
    dilation: Number
    pools: bool
    own: bool = False
    finer: Number = 1
    reads: Number | None = None

    @property
    def wide(self) -> Number:
        """Positions along which it sees, holes not counted."""
        return self.kernel if self.reads is None else self.reads

    @property
    def enlarges(self) -> bool:
        """Whether it puts out more positions than arrive."""
        return self.reads is not None

    @property
    def slides(self) -> bool:
        """Whether it has a window."""
        return not self.enlarges or value_of(self.kernel) != 1


class Path(Method):
    """The layers on the way along one axis, and how their windows are joined.

    start, jump  field and stride that the first one reads through
    image, size  sides of the network's input and of the layer's output
    limit        the field is cut off at the size of the image; None where it is not
    """

    __slots__ = ("steps", "how", "start", "jump", "image", "limit", "size")

    def __init__(
        self, steps: Sequence[Reach], image: int, start: Number = 1, jump: Number = 1, size: int = 0
    ):
        self.steps = tuple(steps)
        self.how = GROWN
        self.start = start
        self.jump = jump
        self.image = image
        self.limit = False
        self.size = size

    @property
    def windows(self) -> list[Number]:
        """The kernels on the way."""
        return [step.kernel for step in self.steps if step.slides]

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
            own = jump * (value_of(step.stride) if step.own else 1)
            if value_of(step.wide) != 1:
                term = step.wide - 1
                if value_of(step.dilation) != 1 and not step.enlarges:
                    term = term * step.dilation
                terms.append(term * (int(own) if own.denominator == 1 else own))
            jump = jump * value_of(step.stride) / value_of(step.finer)
        return total(terms)

    @property
    def working(self) -> Working:
        made = lifted(self._made())
        if self.limit and value_of(made) > self.image:
            made = lifted(minimum(made, self.image))
        return Working([WorkingLine("", made)], self.value)


class Field(Method):
    """The receptive field along all axes.

    area      positions that are seen, in the place of the side
    narrower  the same along the narrowest branch, where paths meet for so many times before the
              layer; None where they do not
    """

    __slots__ = ("paths", "area", "narrower")

    def __init__(self, paths: Sequence[Path], narrower: Callable[[int], Field | None] | None = None):
        self.paths = tuple(paths)
        self.area = False
        self.narrower = narrower

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
    ``narrow``: where paths meet for so many times before the layer, the narrowest is followed and
    not the widest."""
    paths = []
    meet = False
    for axis in range(len(source.output) - 1):
        way = steps(fields, layer, source, axis, narrow)
        reaches = [_reach(step, named) for step in way if not step.idle]
        if any(reach is None for reach in reaches):
            return None
        meet = meet or any(step.branches > 1 for step in way)
        size = layer.output[axis] if len(layer.output) == len(source.output) else 0
        known = [reach for reach in reaches if reach is not None]
        paths.append(Path(known, source.output[axis], size=size))
    if not paths:
        return None
    other = partial(field_of, fields, layer, source, named) if meet and not narrow else None
    return Field(paths, other)


def _reach(step: FieldStep, named: Named) -> Reach | None:
    """What a step adds; None where it is no step of the recursion."""
    before, jump = step.before
    if step.kernel is None or step.stride is None or jump is None:
        return None
    slope = Fraction(step.stride)
    dilation = named("D", step.dilation) if step.dilation != 1 else 1
    if 1 not in (slope.numerator, slope.denominator):
        return None
    if slope >= 1:
        return Reach(
            named("F", step.kernel), named("S", int(slope)), dilation, isinstance(step.layer.op, Pool)
        )
    reads = 1 + ceil((step.size - before) / jump)
    kernel = named("F", step.kernel) if isinstance(step.layer.op, TransposedConv) else 1
    return Reach(kernel, 1, dilation, False, False, named("S", slope.denominator), named("reads", reads))
