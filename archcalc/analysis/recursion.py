"""How a receptive field grows, layer by layer: r <- r + (k - 1)*d*j, then j <- j*s.

Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
Distill 2019. Where paths meet, the widest is followed, axis by axis. What a step comes to is
compared with the exact field (:mod:`~archcalc.analysis.receptive`): where it is another one, as
behind an enlargement, or where a window around two paths is wider than either, the step says so.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..arithmetic import Expression, Number, symbol
from ..graph import Layer
from ..ops.input_windows import InputWindows
from ..ops.window import EVERYTHING, NOTHING, Window
from .receptive import Fields, FieldsByInput, TensorField, branches_followed, reading_of

SOURCE = "Araujo et al., Distill 2019"


class FieldStep:
    """One layer on the way, along one axis.

    above                      which of its inputs it is reached from
    window                     its window; None for a layer that reads everything
    before                     size and stride of the field that it reads through
    size, start, jump          the field behind it: its size, unit 0's low end, and the distance
                               between neighbours, None where that is not one
    branches                   how many paths meet here; 1 for none
    exact                      the recursion does not give the size: it is that of the exact windows
    """

    __slots__ = ("layer", "above", "window", "before", "size", "start", "jump", "branches", "exact", "_key")

    def __init__(
        self,
        layer: Layer,
        above: Layer,
        window: Window | None,
        before: tuple[int, int | Fraction | None],
        size: int,
        start: int | None,
        jump: int | Fraction | None,
        branches: int,
    ):
        self.layer = layer
        self.above = above
        self.window = window
        self.before = before
        self.size = size
        self.start = start
        self.jump = jump
        self.branches = branches
        r, j = before
        # In plain numbers: there are many steps, and few are shown.
        self.exact = window is None or j is None or (r + (window.kernel - 1) * window.dilation * j != size)
        self._key: tuple[Any, ...] = ()

    @property
    def kernel(self) -> Number:
        """Positions that a unit reads of what is before it; None for everything."""
        return None if self.window is None else self.window.kernel

    @property
    def stride(self) -> Number:
        """Distance between the windows of neighbouring units there; None behind everything."""
        return None if self.window is None else self.window.slope

    @property
    def dilation(self) -> Number:
        """Distance between the positions of a window."""
        return 1 if self.window is None else self.window.dilation

    @property
    def formula(self) -> Expression | None:
        """``r + (k - 1)*j``; None where the size does not come from it."""
        r, j = self.before
        if self.exact or self.window is None or j is None:
            return None
        known = self.layer.op.attributes
        letter = known["kernel"].symbol if "kernel" in known else "k"
        made = symbol(letter, self.window.kernel) - 1
        if self.dilation != 1:
            made = made * symbol("D", self.dilation)
        result: Expression = symbol("r", r) + made * symbol("j", j)
        return result

    @property
    def idle(self) -> bool:
        """Whether the field is the one before."""
        return not self.exact and self.kernel == 1 and self.stride == 1

    def alike(self, other: FieldStep) -> bool:
        """Whether it is the same on another axis."""
        return self.key == other.key

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from a step on another axis, made once: long ways are compared step by step."""
        if not self._key:
            names = ("kernel", "stride", "dilation", "before", "size", "start", "jump")
            self._key = (id(self.layer), *[getattr(self, name) for name in names])
        return self._key

    def to_dict(self) -> dict[str, Any]:
        """The JSON of a step."""

        def as_json(value: Any) -> Any:
            whole = value is None or value.denominator == 1
            return value if value is None else int(value) if whole else str(value)

        return {
            "layer": self.layer.name,
            "kernel": self.kernel,
            "stride": as_json(self.stride),
            "dilation": self.dilation,
            "before": {"size": self.before[0], "stride": as_json(self.before[1])},
            "size": self.size,
            "stride_so_far": as_json(self.jump),
            "start": self.start,
            "branches": self.branches,
            "exact": self.exact,
        }


def steps(fields: Fields, layer: Layer, source: Layer, axis: int, narrow: int = 0) -> list[FieldStep]:
    """The layers from an input of the network up to a layer, along the widest path. At the
    last ``narrow`` places where paths meet, the narrowest is followed. A layer that reads
    everything ends it. Empty where there is no rule, nothing between, or nothing is seen."""
    seen = fields.seen_by[layer]
    if seen is None or source not in seen:
        return []
    way: list[FieldStep] = []
    at = layer
    while at is not source:
        step = step_of(fields, at, source, axis, narrow > 0)
        if step is None:
            return []
        narrow -= step.branches > 1
        way.append(step)
        at = step.above
    way.reverse()
    whole = next((place for place, step in enumerate(way) if step.kernel is None), len(way))
    return way[: whole + 1]


def step_of(fields: Fields, layer: Layer, source: Layer, axis: int, narrow: bool = False) -> FieldStep | None:
    """Return the step of a layer: what it adds to the field of the input that it sees most through, or
    least; None where there is no rule."""
    if fields.seen_by.get(layer) is None:
        return None
    place = layer, source, axis, narrow
    if place not in fields.steps:
        found = _sources_followed(fields, layer, source, axis, narrow)
        fields.steps[place] = None if found is None else _step(fields, layer, *found, source, axis)
    step: FieldStep | None = fields.steps[place]
    return step


def _sources_followed(
    fields: Fields, layer: Layer, source: Layer, axis: int, narrow: bool
) -> tuple[Layer, int] | None:
    """Which of its inputs a layer sees most through, or least, and how many there were to choose
    from."""
    seen_by: list[FieldsByInput] = []
    for above in layer.inputs:
        seen = fields.seen_by.get(above)
        if seen is None:
            return None
        seen_by.append(seen)
    kept = branches_followed(layer, seen_by)
    choices = [layer.inputs[i] for i in kept if source in seen_by[i] and reading_of(layer, i) != NOTHING]
    if not choices:
        return None
    different = list(dict.fromkeys(choices))
    if len(different) == 1:
        return different[0], 1
    pick = min if narrow else max
    return pick(different, key=lambda above: _size(fields, above, source, axis)), len(different)


def _size(fields: Fields, layer: Layer, source: Layer, axis: int) -> int:
    seen = fields.seen_by[layer]
    assert seen is not None
    tensor_field = seen[source]
    if tensor_field.whole:
        size: int = source.output[axis]
        return size
    return tensor_field.fields[axis].size(_units(layer, tensor_field, axis))


def _units(layer: Layer, tensor_field: TensorField, axis: int) -> int:
    at = tensor_field.along(axis)
    return layer.output[at] if at is not None and at < len(layer.output) - 1 else 1


def _step(fields: Fields, layer: Layer, above: Layer, branches: int, source: Layer, axis: int) -> FieldStep:
    seen_by = fields.seen_by[above], fields.seen_by[layer]
    assert seen_by[0] is not None
    assert seen_by[1] is not None
    old, new = seen_by[0][source], seen_by[1][source]
    jump = None if old.whole else old.fields[axis].stride
    before = _size(fields, above, source, axis), jump
    how = reading_of(layer, layer.inputs.index(above))
    if new.whole or how == EVERYTHING:
        return FieldStep(layer, above, None, before, source.output[axis], 0, None, branches)
    field = new.fields[axis]
    # A layer with other axes, as a sum with a vector, takes each position as it is.
    at = old.along(axis)
    window = Window()
    if isinstance(how, InputWindows) and at is not None and at < len(how.windows):
        window = how.windows[at]
    size = field.size(_units(layer, new, axis))
    return FieldStep(layer, above, window, before, size, field.low(0), field.stride, branches)
