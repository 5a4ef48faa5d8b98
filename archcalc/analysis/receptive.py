"""Receptive fields: exactly which input positions a unit can see, through every path.

Along an axis, the low end of a unit's window is a function of the unit's index, and so is the high
end. A window that slides makes it affine; an enlargement makes it periodic; where paths of
different strides meet it is the least (or greatest) of several. :class:`Periodic` is closed under
all of these, so every unit's window is known exactly without visiting a unit.

Sources: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
Distill 2019, for chains and aligned merges; the rest follows from the definition.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from ..graph import Graph, Layer
from ..ops.base import EVERYTHING, Window
from ..periodic import Periodic, affine


IDENTITY = affine(1, 0)


class Field:
    """The windows of a tensor's units along one input axis.

    lows, highs  the ends of the window: the least of ``lows`` and the greatest of ``highs``, one
                 function for each slope
    aligned      no paths of different strides or centres have met
    """

    __slots__ = ("lows", "highs", "aligned")

    def __init__(
        self, lows: tuple[Periodic, ...], highs: tuple[Periodic, ...], aligned: bool = True
    ):
        self.lows = lows
        self.highs = highs
        self.aligned = aligned

    def low(self, unit: int) -> int:
        """The first input position that a unit sees; may lie before the image."""
        return min(f(unit) for f in self.lows)

    def high(self, unit: int) -> int:
        """The last input position that a unit sees; may lie behind the image."""
        return max(f(unit) for f in self.highs)

    @property
    def stride(self) -> Fraction | None:
        """Distance between the windows of neighbouring units; None where strides differ."""
        slopes = {f.slope for f in (*self.lows, *self.highs)}
        return slopes.pop() if len(slopes) == 1 else None

    def size(self, units: int) -> int:
        """The largest window. Where there is a stride, over one period; otherwise over all
        ``units`` of the layer, which has its maximum at an end since the width is convex."""
        period = 1
        for f in (*self.lows, *self.highs):
            period = period * len(f.offsets) // gcd(period, len(f.offsets))
        if self.stride is not None:
            where: range | list[int] = range(period)
        else:
            where = sorted({*range(min(period, units)), *range(max(0, units - period), units)})
        return max(self.high(i) - self.low(i) + 1 for i in where)

    def through(self, window: Window) -> Field:
        """The field of a layer that reads this tensor through a window."""
        if window.pointwise:
            return self
        return Field(
            tuple([f.after(window.first) for f in self.lows]),
            tuple([f.after(window.last) for f in self.highs]),
            self.aligned,
        )


WHOLE_AXIS = Field((IDENTITY,), (IDENTITY,))


def _least(functions: list[Periodic], sign: int) -> tuple[Periodic, ...]:
    """The functions that the minimum (sign 1) or maximum (sign -1) needs: one a slope."""
    groups: dict[Fraction, list[Periodic]] = {}
    for f in functions:
        groups.setdefault(f.slope, []).append(f)
    result = []
    for slope, group in groups.items():
        period = 1
        for f in group:
            period = period * len(f.offsets) // gcd(period, len(f.offsets))
        columns = zip(*(f.over(period) for f in group), strict=True)
        offsets = tuple(sign * min(sign * v for v in column) for column in columns)
        result.append(Periodic(offsets, int(slope * period)))
    return tuple(result)


def merge(fields: list[Field]) -> Field:
    """The field of a layer that reads several tensors, unit by unit."""
    first = fields[0]
    if all(field is first for field in fields):
        return first
    same = all(
        len(f.lows) == len(f.highs) == 1
        and f.lows[0].offsets == first.lows[0].offsets
        and f.highs[0].offsets == first.highs[0].offsets
        and f.lows[0].step == first.lows[0].step
        for f in fields
    )
    if same and all(f.aligned == first.aligned for f in fields):
        return first
    lows = _least([f for field in fields for f in field.lows], 1)
    highs = _least([f for field in fields for f in field.highs], -1)
    aligned = all(field.aligned for field in fields) and len({_centre(f) for f in fields}) == 1
    return Field(lows, highs, aligned)


def _centre(field: Field) -> object:
    """Twice the centre of the window, as a function of the unit, in a form that compares."""
    if len(field.lows) > 1 or len(field.highs) > 1:
        return field  # never aligned; equal to itself alone
    low, high = field.lows[0], field.highs[0]
    period = len(low.offsets) * len(high.offsets) // gcd(len(low.offsets), len(high.offsets))
    sums = [a + b for a, b in zip(low.over(period), high.over(period), strict=True)]
    if all(a - sums[0] == (low.slope + high.slope) * i for i, a in enumerate(sums)):
        return (low.slope + high.slope, sums[0])
    return (low.slope + high.slope, tuple(sums))


class View:
    """How a tensor sees one input of the network.

    fields     one an axis of the input
    whole      every unit sees all of it: fields do not matter
    gated      a gate that sees everything was left out of a product on the way
    """

    __slots__ = ("fields", "whole", "gated")

    def __init__(self, fields: tuple[Field, ...], whole: bool = False, gated: bool = False):
        self.fields = fields
        self.whole = whole
        self.gated = gated

    @property
    def aligned(self) -> bool:
        """Whether all paths agree in stride and centre, on every axis."""
        return self.whole or all(field.aligned for field in self.fields)


# What a tensor sees, for each input of the network that it is computed from; None if some layer
# on the way has no rule.
Sight = dict[Layer, View]


class Fields:
    """The receptive fields of all tensors of a graph.

    ``sights[layer]`` maps the inputs of the network that a layer is computed from to views;
    None where a layer has no rule.
    """

    def __init__(self, graph: Graph, layers: list[Layer] | None = None):
        self.graph = graph
        self.sights: dict[Layer, Sight | None] = {}
        self._memo: dict[object, Field] = {}
        for source in graph.inputs:
            axes = len(source.output) - 1
            self.sights[source] = {source: View((WHOLE_AXIS,) * axes)}
        for layer in graph.layers if layers is None else layers:
            self.sights[layer] = self._see(layer)

    def _see(self, layer: Layer) -> Sight | None:
        sights = [self.sights.get(source) for source in layer.inputs]
        windows = layer.facts.windows
        if windows is None or any(sight is None for sight in sights):
            return None
        known = [sight for sight in sights if sight is not None]
        if len(known) == 1:
            joined = known[0]
        else:
            joined = self._join(known, layer.op.gates)
        if windows == EVERYTHING:
            return {source: self._whole(view) for source, view in joined.items()}
        assert not isinstance(windows, str)
        for window in windows:
            if not window.pointwise:
                break
        else:
            return joined
        return {source: self._through(view, windows) for source, view in joined.items()}

    @staticmethod
    def _whole(view: View) -> View:
        return view if view.whole else View(view.fields, True, view.gated)

    def _through(self, view: View, windows: tuple[Window, ...]) -> View:
        if view.whole or len(windows) != len(view.fields):
            return view
        fields = []
        for field, window in zip(view.fields, windows, strict=True):
            # Height and width are usually alike, and so are the blocks of a stage.
            key = (field, window.first.offsets, window.first.step, window.last.offsets)
            found = self._memo.get(key)
            if found is None:
                found = self._memo[key] = field.through(window)
            fields.append(found)
        return View(tuple(fields), False, view.gated)

    def _join(self, sights: list[Sight], gates: bool) -> Sight:
        gated = False
        if gates:
            local = [s for s in sights if not all(view.whole for view in s.values())]
            if local and len(local) < len(sights):
                sights, gated = local, True
        result: Sight = {}
        for source in dict.fromkeys(s for sight in sights for s in sight):
            views = [sight[source] for sight in sights if source in sight]
            marked = gated or any(view.gated for view in views)
            whole = next((view for view in views if view.whole), None)
            if whole is not None:
                result[source] = View(whole.fields, True, marked)
                continue
            axes = range(len(views[0].fields))
            fields = tuple([self._merge([view.fields[axis] for view in views]) for axis in axes])
            if fields == views[0].fields and marked == views[0].gated:
                result[source] = views[0]
            else:
                result[source] = View(fields, False, marked)
        return result

    def _merge(self, fields: list[Field]) -> Field:
        key = tuple(fields)
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = merge(fields)
        return found

    # What reports want ------------------------------------------------------------------------

    def of(self, layer: Layer) -> dict[Layer, Extent] | None:
        """The receptive field of a layer in each input it sees; None if there is no rule."""
        sight = self.sights.get(layer)
        if sight is None:
            return None
        return {source: extent(view, source, layer) for source, view in sight.items()}

    def main(self, layer: Layer) -> Extent | None:
        """The receptive field of a layer in the network's first input that it sees."""
        found = self.of(layer)
        if not found:
            return None
        return next((found[source] for source in self.graph.inputs if source in found), None)

    def last_local(self) -> Layer | None:
        """The last layer on the way to the main output before everything is seen at once."""
        needed = self.graph.ancestors(self.graph.output)
        for layer in reversed(self.graph.layers):
            sight = self.sights.get(layer)
            if layer in needed and sight and not any(view.whole for view in sight.values()):
                return layer
        return None


class Extent:
    """A receptive field as reports give it; lists have one entry an input axis.

    size     largest window, in input positions
    stride   distance between neighbouring windows: an int, a Fraction, or None
    start    low end of unit 0's window
    aligned, whole (global), gated as cli.md defines them
    """

    __slots__ = ("size", "stride", "start", "aligned", "whole", "gated")

    def __init__(
        self,
        size: tuple[int, ...],
        stride: tuple[Fraction | None, ...],
        start: tuple[int, ...],
        aligned: bool,
        whole: bool,
        gated: bool,
    ):
        self.size = size
        self.stride = stride
        self.start = start
        self.aligned = aligned
        self.whole = whole
        self.gated = gated

    def to_dict(self) -> dict[str, object]:
        """The JSON of the contract."""
        return {
            "size": list(self.size),
            "stride": [None if s is None else plain(s) for s in self.stride],
            "start": list(self.start),
            "aligned": self.aligned,
            "global": self.whole,
            "gated": self.gated,
        }


def plain(number: Fraction) -> int | str:
    """An int where it is one, else ``"1/2"``."""
    return number.numerator if number.denominator == 1 else str(number)


def extent(view: View, source: Layer, layer: Layer) -> Extent:
    """The numbers of a view."""
    axes = len(view.fields)
    if view.whole:
        return Extent(
            tuple(source.output.spatial), (None,) * axes, (0,) * axes, True, True, view.gated
        )
    sizes, strides, starts = [], [], []
    done: dict[int, tuple[int, Fraction | None, int]] = {}
    for axis, field in enumerate(view.fields):
        found = done.get(id(field))
        stride = field.stride if found is None else found[1]
        if found is None or stride is None:
            units = layer.output[axis] if axes == len(layer.output) - 1 else 1
            found = (field.size(units), stride, field.low(0))
            done[id(field)] = found
        sizes.append(found[0])
        strides.append(found[1])
        starts.append(found[2])
    return Extent(tuple(sizes), tuple(strides), tuple(starts), view.aligned, False, view.gated)


# One unit ---------------------------------------------------------------------------------------


def windows_of_unit(
    graph: Graph, layer: Layer, unit: tuple[int, ...]
) -> dict[Layer, tuple[tuple[int, int], ...]] | None:
    """What one unit reads of every tensor before it: first and last position an axis, unclipped.

    Inputs of the network are among the keys. None if a layer on the way has no rule; a tensor that
    is read whole has its full extent.
    """
    needs: dict[Layer, tuple[tuple[int, int], ...]] = {
        layer: tuple((position, position) for position in unit)
    }
    fields = Fields(graph)
    order = [at for at in graph.layers if at in graph.ancestors(layer)]
    for at in reversed(order):
        if at not in needs:
            continue  # only a gate that was left out leads here
        windows = at.facts.windows
        if windows is None:
            return None
        gate = None
        if at.op.gates:
            whole = [_sees_all(fields, source) for source in at.inputs]
            gate = [all_ for all_ in whole] if any(whole) and not all(whole) else None
        for index, source in enumerate(at.inputs):
            if gate is not None and gate[index]:
                continue
            spatial = source.output.spatial
            if windows == EVERYTHING or len(windows) != len(spatial) or len(needs[at]) != len(spatial):
                need = tuple((0, n - 1) for n in spatial)
            else:
                assert not isinstance(windows, str)
                need = tuple(
                    (w.first(low), w.last(high))
                    for (low, high), w in zip(needs[at], windows, strict=True)
                )
            if source in needs:
                need = tuple(
                    (min(a, c), max(b, d)) for (a, b), (c, d) in zip(needs[source], need, strict=True)
                )
            needs[source] = need
    return needs


def _sees_all(fields: Fields, layer: Layer) -> bool:
    sight = fields.sights.get(layer)
    return bool(sight) and all(view.whole for view in sight.values())
