"""Receptive fields: exactly which input positions a unit can see, through every path.

Along an axis, the low end of a unit's window is a function of the unit's index, and so is the high
end. A window that slides makes it affine; an enlargement makes it periodic; where paths of
different strides meet it is the least (or greatest) of several. :class:`Periodic` is closed under
all of these, so every unit's window is known exactly without visiting a unit.

Sources: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
Distill 2019, for chains and aligned merges; the rest follows from the definition.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..graph import Graph, Layer
from ..ops.base import EVERYTHING, Window
from ..periodic import Periodic, TooLong, affine, common_period

IDENTITY = affine(1, 0)

# What a graph's fields may hold beyond the two functions a tensor, an axis and an input: positions
# of periods, functions of other strides. Only a hostile spec comes near.
ROOM = 1 << 20


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
        return min([f(unit) for f in self.lows])

    def high(self, unit: int) -> int:
        """The last input position that a unit sees; may lie behind the image."""
        return max([f(unit) for f in self.highs])

    @property
    def affine(self) -> bool:
        """Whether all windows are one window, moved on by a whole stride."""
        lows, highs = self.lows, self.highs
        return (
            len(lows) == len(highs) == 1
            and len(lows[0].offsets) == len(highs[0].offsets) == 1
        )

    @property
    def stride(self) -> int | Fraction | None:
        """Distance between the windows of neighbouring units; None where strides differ."""
        # There is a low for each slope, and a high for each of the same slopes.
        return self.lows[0].slope if len(self.lows) == 1 else None

    def size(self, units: int) -> int:
        """The largest window. Where there is a stride, over one period; otherwise over all
        ``units`` of the layer: from period to period the width is convex, so it is largest in the
        first or in the last."""
        period = common_period([*self.lows, *self.highs])
        if len(self.lows) == 1:
            where = set(range(period))
        else:
            where = {*range(min(period, units)), *range(max(0, units - period), units)}
        return max([self.high(i) - self.low(i) + 1 for i in where])

    def through(self, window: Window) -> Field:
        """The field of a layer that reads this tensor through a window. Raises TooLong."""
        first, last = window.first, window.last
        return Field(
            tuple([f.after(first) for f in self.lows]),
            tuple([f.after(last) for f in self.highs]),
            self.aligned,
        )

    def weight(self) -> int:
        """What it takes beyond two affine functions to keep it, and to find its size. Raises
        TooLong."""
        functions = [*self.lows, *self.highs]
        return common_period(functions) * len(functions) - 2


WHOLE_AXIS = Field((IDENTITY,), (IDENTITY,))


def merge(fields: list[Field]) -> Field:
    """The field of a layer that reads several tensors, unit by unit. Raises TooLong."""
    first = fields[0]
    step = first.lows[0].step
    for field in fields:
        if not field.affine or field.lows[0].step != step:
            break
    else:
        # What nearly all merges are: every branch is one window moved by the same stride.
        ends = [(field.lows[0].offsets[0], field.highs[0].offsets[0]) for field in fields]
        low, high = min([low for low, _ in ends]), max([high for _, high in ends])
        aligned = len({low + high for low, high in ends}) == 1 and all(f.aligned for f in fields)
        for field, end in zip(fields, ends, strict=True):
            if end == (low, high) and field.aligned == aligned:
                return field
        return Field((affine(step, low),), (affine(step, high),), aligned)
    return Field(
        _least([f for field in fields for f in field.lows], min),
        _least([f for field in fields for f in field.highs], max),
        all(field.aligned for field in fields) and _same_centres(fields),
    )


def _least(
    functions: list[Periodic], choose: Callable[[tuple[int, ...]], int]
) -> tuple[Periodic, ...]:
    """The functions that a minimum or maximum of all needs: one a slope, in a fixed order."""
    groups: dict[int | Fraction, list[Periodic]] = {}
    for f in functions:
        groups.setdefault(f.slope, []).append(f)
    result = []
    for slope in sorted(groups):
        group = groups[slope]
        period = common_period(group)
        columns = zip(*[f.over(period) for f in group], strict=True)
        offsets = tuple([choose(column) for column in columns])
        result.append(Periodic(offsets, int(slope * period)))
    return tuple(result)


def _same_centres(fields: list[Field]) -> bool:
    """Whether fields of one stride each have the same stride and, unit by unit, the same centre."""
    if len({field.stride for field in fields}) > 1 or fields[0].stride is None:
        return False
    period = common_period([f for field in fields for f in (*field.lows, *field.highs)])
    doubled = {
        tuple([field.low(i) + field.high(i) for i in range(period)]) for field in fields
    }
    return len(doubled) == 1


class View:
    """How a tensor sees one input of the network.

    fields     one an axis of the input
    whole      every unit sees all of it: fields do not matter
    gated      a gate that sees everything was left out of a product on the way
    """

    __slots__ = ("fields", "whole", "gated", "_extent")

    def __init__(self, fields: tuple[Field, ...], whole: bool = False, gated: bool = False):
        self.fields = fields
        self.whole = whole
        self.gated = gated
        # What reports print of it; the many layers that share a view share this too.
        self._extent: tuple[object, Extent] | None = None

    @property
    def aligned(self) -> bool:
        """Whether all paths agree in stride and centre, on every axis."""
        return self.whole or all(field.aligned for field in self.fields)


# What a tensor sees, for each input of the network that it is computed from.
Sight = dict[Layer, View]


class Fields:
    """The receptive fields of all tensors of a graph.

    ``sights[layer]`` maps the inputs of the network that a layer is computed from to views;
    None where a layer has no rule, or where the fields would be beyond all bounds.
    """

    def __init__(self, graph: Graph, layers: list[Layer] | None = None):
        self.graph = graph
        self.sights: dict[Layer, Sight | None] = {}
        self._memo: dict[object, Field] = {}
        self._room = ROOM
        for source in graph.inputs:
            axes = len(source.output) - 1
            self.sights[source] = {source: View((WHOLE_AXIS,) * axes)}
        sights = self.sights
        for layer in graph.layers if layers is None else layers:
            if layer.facts.pointwise and len(layer.inputs) == 1:
                sights[layer] = sights[layer.inputs[0]]
                continue
            try:
                sights[layer] = self._see(layer)
            except TooLong:
                sights[layer] = None

    def _see(self, layer: Layer) -> Sight | None:
        facts = layer.facts
        windows = facts.windows
        known = [sight for source in layer.inputs if (sight := self.sights[source]) is not None]
        if windows is None or len(known) < len(layer.inputs):
            return None
        joined = known[0] if len(known) == 1 else self._join(layer, known)
        if facts.pointwise:
            return joined
        self._spend(len(joined) - 1)
        if windows == EVERYTHING:
            return {
                source: view if view.whole else View(view.fields, True, view.gated)
                for source, view in joined.items()
            }
        assert not isinstance(windows, str)
        return {source: self._through(view, windows) for source, view in joined.items()}

    def _kept(self, field: Field) -> Field:
        if not field.affine:
            self._spend(field.weight())
        return field

    def _spend(self, room: int) -> None:
        self._room -= room
        if self._room < 0:
            raise TooLong

    def _through(self, view: View, windows: tuple[Window, ...]) -> View:
        if view.whole or len(windows) != len(view.fields):
            return view
        fields = []
        memo = self._memo
        for field, window in zip(view.fields, windows, strict=True):
            if window.pointwise:
                fields.append(field)
                continue
            # Height and width are usually alike, and so are branches of a block.
            key = (field, window.first, window.last)
            found = memo.get(key)
            if found is None:
                found = memo[key] = self._kept(field.through(window))
            fields.append(found)
        return View(tuple(fields), False, view.gated)

    def _join(self, layer: Layer, sights: list[Sight]) -> Sight:
        """What is seen through several branches."""
        kept = branches_followed(layer, sights)
        gated = len(kept) < len(sights)
        if gated:
            sights = [sights[index] for index in kept]
        first = sights[0]
        if not gated and all(sight is first for sight in sights):
            return first
        result: Sight = {}
        for source in dict.fromkeys([s for sight in sights for s in sight]):
            views = [sight[source] for sight in sights if source in sight]
            result[source] = self._joined(views, gated or any(view.gated for view in views))
        self._spend(len(result) - 1)
        return result

    def _joined(self, views: list[View], gated: bool) -> View:
        first = views[0]
        whole = next((view for view in views if view.whole), None)
        if whole is not None:
            return whole if whole.gated == gated else View(whole.fields, True, gated)
        if all(view is first for view in views):
            fields = first.fields
        else:
            axes = zip(*[view.fields for view in views], strict=True)
            fields = tuple([self._merge(axis) for axis in axes])
        for view in views:
            if view.gated == gated and view.fields == fields:
                return view
        return View(fields, False, gated)

    def _merge(self, fields: tuple[Field, ...]) -> Field:
        found = self._memo.get(fields)
        if found is None:
            found = self._memo[fields] = self._kept(merge(list(fields)))
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
        stride: tuple[int | Fraction | None, ...],
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


def plain(number: int | Fraction) -> int | str:
    """An int where it is one, else ``"1/2"``."""
    return number.numerator if number.denominator == 1 else str(number)


def extent(view: View, source: Layer, layer: Layer) -> Extent:
    """The numbers of a view."""
    found = view._extent
    spatial = layer.output[:-1]
    if found is not None and (found[0] is None or found[0] == spatial):
        return found[1]
    fields = view.fields
    axes = len(fields)
    if view.whole:
        result = Extent(
            tuple(source.output[:-1]), (None,) * axes, (0,) * axes, True, True, view.gated
        )
        view._extent = None, result
        return result
    strides = tuple([field.stride for field in fields])
    # Where strides have met, the largest window depends on how many units there are.
    units = spatial if None in strides and len(spatial) == axes else (1,) * axes
    result = Extent(
        tuple([field.size(count) for field, count in zip(fields, units, strict=True)]),
        strides,
        tuple([field.low(0) for field in fields]),
        view.aligned,
        False,
        view.gated,
    )
    view._extent = (spatial if None in strides else None), result
    return result


# One unit ---------------------------------------------------------------------------------------

# First and last position read, an axis.
Block = tuple[tuple[int, int], ...]


def windows_of_unit(
    graph: Graph, layer: Layer, unit: tuple[int, ...]
) -> dict[Layer, Block] | None:
    """What one unit reads of every tensor before it: first and last position an axis, unclipped.

    Inputs of the network are among the keys. None if a layer on the way has no rule; a tensor that
    is read whole, by any path, has its full extent, and so has all before it.
    """
    needs: dict[Layer, Block] = {layer: tuple([(position, position) for position in unit])}
    whole: set[Layer] = set()
    fields = Fields(graph)
    needed = graph.ancestors(layer)
    for at in reversed([at for at in graph.layers if at in needed]):
        if at not in needs:
            continue  # only a gate that was left out leads here
        if fields.sights[at] is None:
            return None
        windows = at.facts.windows
        sights = [sight for source in at.inputs if (sight := fields.sights[source]) is not None]
        for index in branches_followed(at, sights):
            source = at.inputs[index]
            if at in whole or windows == EVERYTHING:
                whole.add(source)
            if source in whole:
                needs[source] = tuple([(0, n - 1) for n in source.output.spatial])
                continue
            assert isinstance(windows, tuple)
            # A vector among maps has no positions.
            need = tuple(
                [
                    (window.first(low), window.last(high))
                    for (low, high), window, _ in zip(
                        needs[at], windows, source.output.spatial, strict=False
                    )
                ]
            )
            if source in needs:
                need = tuple(
                    [
                        (min(low, other), max(high, another))
                        for (low, high), (other, another) in zip(needs[source], need, strict=True)
                    ]
                )
            needs[source] = need
    return needs


def branches_followed(layer: Layer, sights: list[Sight]) -> list[int]:
    """The branches of a layer that its receptive field follows: all of them, but in a product with
    something local not the gates, which see everything (squeeze-and-excite)."""
    every = list(range(len(sights)))
    if not layer.op.gates:
        return every
    local = any(view.fields and not view.whole for sight in sights for view in sight.values())
    if not local:
        return every
    return [i for i in every if not all(view.whole for view in sights[i].values())]
