"""Receptive fields: exactly which input positions a unit can see, through every path.

Sources: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
Distill 2019, for chains and aligned merges; the rest follows from the definition. How the windows
along one axis are known stands in :mod:`~archcalc.analysis.field`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from ..graph import Graph, Layer
from ..ops.input_windows import InputWindows, WindowsByInput
from ..ops.window import EVERYTHING, NOTHING, Window
from ..periodic import LONGEST, PeriodTooLongError
from .field import WHOLE_AXIS, AffineWindows, IrregularWindows, PiecewiseWindows, Windows, constant, merge

# Values that the uneven fields of a graph may take together. Only a hostile spec comes near.
BUDGET = 1 << 20


class TensorField(NamedTuple):
    """How a tensor sees one input of the network.

    fields     the windows along each axis of the input
    whole      every unit sees all of it: fields do not matter
    gated      a gate that sees everything was left out of a product on the way
    normed     the statistics of a group or instance norm were left out on the way
    axes       for each axis of the input the one of the tensor along which its windows lie, None
               where the tensor has one position of it and no such axis; None: the same axes
    """

    fields: tuple[Windows, ...]
    whole: bool = False
    gated: bool = False
    normed: bool = False
    axes: tuple[int | None, ...] | None = None

    def along(self, axis: int) -> int | None:
        """The tensor's axis of an axis of the input."""
        return axis if self.axes is None else self.axes[axis]

    def regarded(self, axes: tuple[int | None, ...], count: int) -> TensorField:
        """The field of a tensor of ``count`` axes whose axes these have become: of the same values, laid out
        anew."""
        found = []
        for axis in range(len(self.fields)):
            at = self.along(axis)
            found.append(axes[at] if at is not None and at < len(axes) else None)
        same = not found or found == list(range(count))
        return TensorField(self.fields, self.whole, self.gated, self.normed, None if same else tuple(found))

    @property
    def fixed(self) -> bool:
        """Whether all units see the same, as of a position that was taken out of a map."""
        return bool(self.axes) and not any(at is not None for at in self.axes or ())

    @property
    def aligned(self) -> bool:
        """Whether all paths agree in stride and centre, on every axis."""
        return self.whole or all(field.aligned for field in self.fields)


# What a tensor sees, for each input of the network that it is computed from.
FieldsByInput = dict[Layer, TensorField]


class Fields:
    """The receptive fields of all tensors of a graph.

    ``seen_by[layer]`` maps the inputs of the network that a layer is computed from to its field in each;
    None where a layer has no rule, or where the fields would be beyond all bounds; those layers are
    ``too_long``.
    """

    def __init__(self, graph: Graph, layers: list[Layer] | None = None):
        self.graph = graph
        self.seen_by: dict[Layer, FieldsByInput | None] = {}
        self.too_long: list[Layer] = []
        # The steps of :mod:`~archcalc.analysis.recursion` that were worked out: many ways share them.
        self.steps: dict[tuple[Layer, Layer, int, bool], Any] = {}
        self._budget = BUDGET
        # The extents that were asked for last: a layer, its norm and its activation share them.
        self._last: tuple[FieldsByInput | None, object, dict[Layer, FieldExtent]] = None, (), {}
        for source in graph.inputs:
            axes = len(source.output) - 1
            self.seen_by[source] = {source: TensorField((WHOLE_AXIS,) * axes)}
        seen_by = self.seen_by
        for layer in graph.layers if layers is None else layers:
            if layer.facts.pointwise and len(layer.inputs) == 1:
                seen = seen_by[layer.inputs[0]]
                if seen is not None and graph.reads_map(layer):
                    seen = self._normed(seen)
                turned = layer.op.regards(layer.inputs[0].output)
                if seen is not None and turned is not None:
                    count = len(layer.output.spatial)
                    seen = {source: field.regarded(turned, count) for source, field in seen.items()}
                seen_by[layer] = seen
                continue
            try:
                seen_by[layer] = self._see(layer)
            except PeriodTooLongError:
                seen_by[layer] = None
                self.too_long.append(layer)
                self._budget -= LONGEST  # about what was looked at in vain

    def _normed(self, seen: FieldsByInput) -> FieldsByInput:
        """The fields behind a norm whose statistics are of the whole map."""
        whole = self.graph.whole_norms
        if all(tensor_field.whole or (tensor_field.normed and not whole) for tensor_field in seen.values()):
            return seen
        return {
            source: TensorField(
                tensor_field.fields,
                whole or tensor_field.whole,
                tensor_field.gated,
                not (whole or tensor_field.whole),
                tensor_field.axes,
            )
            for source, tensor_field in seen.items()
        }

    def _see(self, layer: Layer) -> FieldsByInput | None:
        facts = layer.facts
        windows = facts.windows
        known = [seen for source in layer.inputs if (seen := self.seen_by[source]) is not None]
        if windows == NOTHING:
            return {}
        if len(known) < len(layer.inputs):
            return self._reached(layer) if windows == EVERYTHING else None
        if windows is None and not all(field.whole for seen in known for field in seen.values()):
            return None
        if isinstance(windows, WindowsByInput):
            if windows.behind and shares_sources(known):
                joined = self._join(layer, known)
                return None if joined is None else _wholly(joined)
            count = len(layer.output.spatial)
            read = [self._read(seen, how, count) for seen, how in zip(known, windows.of, strict=True)]
            return read[0] if len(read) == 1 else self._join(layer, read)
        joined = known[0] if len(known) == 1 else self._join(layer, known)
        # Where there is no rule, whatever it reads of these sees everything.
        if facts.pointwise or joined is None or windows is None:
            return joined
        self._spend(len(joined) - 1)
        if windows == EVERYTHING:
            return _wholly(joined)
        assert not isinstance(windows, str)
        return {source: self._through(tensor_field, windows) for source, tensor_field in joined.items()}

    def _read(self, seen: FieldsByInput, how: InputWindows | str, count: int) -> FieldsByInput:
        """What is seen through one input of a layer of ``count`` axes, which it reads so."""
        if how == NOTHING:
            return {}
        if not isinstance(how, InputWindows):
            return _wholly(seen)
        self._spend(len(seen) - 1)
        return {source: self._laid_out(tensor_field, how, count) for source, tensor_field in seen.items()}

    def _laid_out(self, tensor_field: TensorField, how: InputWindows, count: int) -> TensorField:
        """The field seen through windows that move along other axes than those of the tensor."""
        if tensor_field.whole:
            return tensor_field
        fields: list[Windows] = []
        axes: list[int | None] = []
        for axis, field in enumerate(tensor_field.fields):
            at = tensor_field.along(axis)
            if at is None or at >= len(how.windows):
                fields.append(field)
                axes.append(None)
                continue
            window, along = how.windows[at], how.axes[at]
            through = field if window.pointwise else self._kept(field.through(window))
            fields.append(constant(through) if along is None else through)
            axes.append(along)
        same = not axes or axes == list(range(count))
        return TensorField(
            tuple(fields), False, tensor_field.gated, tensor_field.normed, None if same else tuple(axes)
        )

    def _reached(self, layer: Layer) -> FieldsByInput:
        """The field of a layer that reads everything behind one without a rule: all of each input from
        which there is a way."""
        found: FieldsByInput = {}
        stack, met = list(layer.inputs), set(layer.inputs)
        while stack:
            at = stack.pop()
            seen = self.seen_by[at]
            if seen is not None:
                for source, field in seen.items():
                    found[source] = TensorField(field.fields, True, field.gated)
                continue
            if at.facts.windows != NOTHING:
                new = [source for source in at.inputs if source not in met]
                met.update(new)
                stack += new
        return found

    def _kept(self, field: Windows) -> Windows:
        if isinstance(field, (PiecewiseWindows, IrregularWindows)):
            self._spend(field.weight())
        return field

    def _spend(self, budget: int) -> None:
        self._budget -= budget
        if self._budget < 0:
            raise PeriodTooLongError

    def _through(self, tensor_field: TensorField, windows: tuple[Window, ...]) -> TensorField:
        if tensor_field.axes is not None:
            windows = tuple([Window() if at is None else windows[at] for at in tensor_field.axes])
        if tensor_field.whole or len(windows) != len(tensor_field.fields):
            return tensor_field
        fields: list[Windows] = []
        before: tuple[Windows, Window] | None = None
        for field, window in zip(tensor_field.fields, windows, strict=True):
            # Height and width are usually alike.
            if before is not None and before[0] is field and window.reads_as(before[1]):
                fields.append(fields[-1])
                continue
            before = field, window
            # With no budget left, what would take some is not even worked out.
            if self._budget < 0 and not (type(window) is Window and isinstance(field, AffineWindows)):
                raise PeriodTooLongError
            fields.append(field if window.pointwise else self._kept(field.through(window)))
        return TensorField(tuple(fields), False, tensor_field.gated, tensor_field.normed, tensor_field.axes)

    def _join(self, layer: Layer, seen_by: list[FieldsByInput]) -> FieldsByInput | None:
        """The fields seen through several branches; None where a unit sees positions of an axis in two
        places, of which there is no window."""
        kept = branches_followed(layer, seen_by)
        gated = len(kept) < len(seen_by)
        if gated:
            seen_by = [seen_by[index] for index in kept]
        first = seen_by[0]
        if not gated and all(seen is first for seen in seen_by):
            return first
        result: FieldsByInput = {}
        for source in dict.fromkeys([s for seen in seen_by for s in seen]):
            tensor_fields = self._side_by_side([seen[source] for seen in seen_by if source in seen])
            if tensor_fields is None:
                return None
            result[source] = self._joined(
                tensor_fields, gated or any(tensor_field.gated for tensor_field in tensor_fields)
            )
        self._spend(len(result) - 1)
        return result

    def _side_by_side(self, tensor_fields: list[TensorField]) -> list[TensorField] | None:
        """The fields with windows along the same axes: what all units see alike is seen by each of them.
        None where the windows of one axis of the input move along two axes."""
        axes = tensor_fields[0].axes
        if all(each.axes == axes for each in tensor_fields) or any(each.whole for each in tensor_fields):
            return tensor_fields
        count = len(tensor_fields[0].fields)
        moving: list[int | None] = []
        for axis in range(count):
            along = {at for each in tensor_fields if (at := each.along(axis)) is not None}
            if len(along) > 1:
                return None
            moving.append(next(iter(along), None))
        same = None if moving == list(range(count)) else tuple(moving)
        found = []
        for each in tensor_fields:
            fields = tuple(
                [
                    constant(field) if each.along(axis) is None and at is not None else field
                    for axis, (field, at) in enumerate(zip(each.fields, moving, strict=True))
                ]
            )
            found.append(TensorField(fields, False, each.gated, each.normed, same))
        return found

    def _joined(self, tensor_fields: list[TensorField], gated: bool) -> TensorField:
        first = tensor_fields[0]
        whole = next((tensor_field for tensor_field in tensor_fields if tensor_field.whole), None)
        if whole is not None:
            return whole if whole.gated == gated else TensorField(whole.fields, True, gated)
        if all(tensor_field is first for tensor_field in tensor_fields):
            fields = first.fields
        else:
            merged: list[Windows] = []
            before: tuple[Windows, ...] = ()
            for axis in zip(*[tensor_field.fields for tensor_field in tensor_fields], strict=True):
                merged.append(merged[-1] if axis == before else self._kept(merge(axis)))
                before = axis
            fields = tuple(merged)
        normed = any(tensor_field.normed for tensor_field in tensor_fields)
        for tensor_field in tensor_fields:
            if (tensor_field.gated, tensor_field.normed, tensor_field.fields) == (gated, normed, fields):
                return tensor_field
        return TensorField(fields, False, gated, normed, first.axes)

    # What reports want ------------------------------------------------------------------------

    def of(self, layer: Layer) -> dict[Layer, FieldExtent] | None:
        """The receptive field of a layer in each input it sees; None if there is no rule."""
        seen = self.seen_by.get(layer)
        if seen is None:
            return None
        if not seen:  # learned alone: it sees nothing of the first input either
            first = self.graph.inputs[0]
            none = (None,) * len(first.output.spatial)
            return {first: FieldExtent((0,) * len(none), none, none, True, False, False)}
        last, units, found = self._last
        if last is not seen or units != layer.output[:-1]:
            found = {source: extent(tensor_field, source, layer) for source, tensor_field in seen.items()}
            self._last = seen, layer.output[:-1], found
        return found

    def main(self, layer: Layer) -> FieldExtent | None:
        """The receptive field of a layer in the network's first input that it sees."""
        found = self.of(layer)
        if not found:
            return None
        return next((found[source] for source in self.graph.inputs if source in found), None)

    def last_local(self) -> Layer | None:
        """The last layer on the way to the main output before everything is seen at once."""
        needed = self.graph.ancestors(self.graph.output)
        for layer in reversed(self.graph.layers):
            seen = self.seen_by.get(layer)
            if layer in needed and seen and not any(tensor_field.whole for tensor_field in seen.values()):
                return layer
        return None


def _wholly(seen: FieldsByInput) -> FieldsByInput:
    """Everything of all inputs that are seen."""
    return {
        source: tensor_field
        if tensor_field.whole or tensor_field.fixed
        else TensorField(tensor_field.fields, True, tensor_field.gated)
        for source, tensor_field in seen.items()
    }


def shares_sources(seen_by: list[FieldsByInput]) -> bool:
    """Whether two branches see the same input of the network: what a unit of one of them sees of it is then
    not followed where they stand one behind the other."""
    sources = [source for seen in seen_by for source in seen]
    return len(sources) > len(set(sources))


class FieldExtent(NamedTuple):
    """A receptive field as reports give it; lists have one entry per axis of the input.

    size     largest window, in input positions
    stride   distance between neighbouring windows: an int, a Fraction, or None
    start    low end of unit 0's window; None where it sees nothing
    aligned  all paths agree in stride and centre
    whole    it is the whole input (global)
    gated    a gate that sees everything is left out
    normed   the statistics of group and instance norm, which read the whole map, are left out
    """

    size: tuple[int, ...]
    stride: tuple[int | Fraction | None, ...]
    start: tuple[int | None, ...]
    aligned: bool
    whole: bool
    gated: bool
    normed: bool = False

    def to_dict(self) -> dict[str, object]:
        """The numbers, under their keys in the JSON."""
        return {
            "size": list(self.size),
            "stride": [None if s is None else plain(s) for s in self.stride],
            "start": list(self.start),
            "aligned": self.aligned,
            "global": self.whole,
            "gated": self.gated,
        }

    def marked(self) -> dict[str, object]:
        """The JSON: the numbers, and ``normed`` where it holds."""
        return {**self.to_dict(), "normed": True} if self.normed else self.to_dict()


def plain(number: int | Fraction) -> int | str:
    """An int where it is one, else ``"1/2"``."""
    return number.numerator if number.denominator == 1 else str(number)


def extent(tensor_field: TensorField, source: Layer, layer: Layer) -> FieldExtent:
    """A tensor's field in one input, in numbers for a report."""
    fields = tensor_field.fields
    axes = len(fields)
    if tensor_field.whole:
        size = tuple(source.output[:-1])
        return FieldExtent(size, (None,) * axes, (0,) * axes, True, True, tensor_field.gated)
    # An input that is a vector has no axes, though the layer may have.
    units = [1 if (at := tensor_field.along(axis)) is None else layer.output[at] for axis in range(axes)]
    return FieldExtent(
        tuple([field.size(count) for field, count in zip(fields, units, strict=True)]),
        tuple([field.stride for field in fields]),
        tuple([field.low(0) for field in fields]),
        tensor_field.aligned,
        False,
        tensor_field.gated,
        tensor_field.normed,
    )


# One unit ---------------------------------------------------------------------------------------

# First and last position read, an axis; None where nothing is.
ReadBlock = tuple[tuple[int, int] | None, ...]


def windows_of_unit(graph: Graph, layer: Layer, unit: tuple[int, ...]) -> dict[Layer, ReadBlock] | None:
    """Return what one unit reads of every tensor before it: first and last position per axis, unclipped.

    Inputs of the network are among the keys. None if a layer on the way has no rule; a tensor that
    is read whole, by any path, has its full extent, and so has all before it.
    """
    # Positions read, an axis. The two ends stand for all, unless there are windows of which they do
    # not tell enough.
    needs: dict[Layer, tuple[set[int], ...]] = {layer: tuple([{position} for position in unit])}
    whole: set[Layer] = set()
    fields = Fields(graph)
    needed = graph.ancestors(layer)
    above = [at for at in graph.layers if at in needed]
    if any(fields.seen_by[at] is None for at in above):
        return None
    every = any(
        window.irregular
        for at in above
        for index in range(len(at.inputs))
        if isinstance(how := reading_of(at, index), InputWindows)
        for window in how.windows
    )
    budget = BUDGET
    for at in reversed(above):
        if at not in needs:
            continue  # only a gate that was left out leads here
        seen_by = [seen for source in at.inputs if (seen := fields.seen_by[source]) is not None]
        windows = at.facts.windows
        mixed = isinstance(windows, WindowsByInput) and windows.behind and shares_sources(seen_by)
        for index in branches_followed(at, seen_by):
            how = EVERYTHING if mixed else reading_of(at, index)
            if how == NOTHING:
                continue
            source = at.inputs[index]
            # A vector has no positions: what it is made of is followed.
            if source.output.spatial and (at in whole or how in (EVERYTHING, None) or reads_all(graph, at)):
                whole.add(source)
            if source in whole or not source.output.spatial:
                needs[source] = tuple([{0, n - 1} for n in source.output.spatial])
                continue
            assert isinstance(how, InputWindows)
            known = needs.get(source)
            need = []
            for axis, (window, along) in enumerate(zip(how.windows, how.axes, strict=True)):
                units = {0} if along is None else needs[at][along]
                if every:
                    reads = [window.reads(position) for position in units]
                    budget -= sum([len(positions) for positions in reads])
                    if budget < 0:
                        return None
                    positions = set().union(*reads)
                else:
                    low, high = window.first(min(units)), window.last(max(units))
                    # A window that grows is still empty before unit 0, in the padding.
                    positions = {min(low, high), high}
                need.append(positions if known is None else positions | known[axis])
            needs[source] = tuple(need)
    return {
        at: tuple([(min(axis), max(axis)) if axis else None for axis in axes]) for at, axes in needs.items()
    }


def reading_of(layer: Layer, index: int) -> InputWindows | str | None:
    """What the units of a layer read of one of its inputs: windows and the axes along which they move,
    EVERYTHING or NOTHING; None where there is no rule."""
    windows = layer.facts.windows
    if isinstance(windows, WindowsByInput):
        return windows.of[index]
    if not isinstance(windows, tuple):
        return windows
    source = layer.inputs[index].output
    axes = layer.op.regards(source) if len(layer.inputs) == 1 else None
    if axes is None:  # a vector among maps has no positions
        return InputWindows(windows[: len(source) - 1])
    return InputWindows(windows[: len(axes)], axes)


def reads_all(graph: Graph, layer: Layer) -> bool:
    """Whether a layer's statistics count, so that each of its units reads the whole map."""
    return graph.whole_norms and graph.reads_map(layer)


def branches_followed(layer: Layer, seen_by: list[FieldsByInput]) -> list[int]:
    """The branches of a layer that its receptive field follows: all of them, but in a product with
    something local not the gates, which see everything (squeeze-and-excite)."""
    every = list(range(len(seen_by)))
    if not layer.op.gates:
        return every
    local = any(
        tensor_field.fields and not tensor_field.whole for seen in seen_by for tensor_field in seen.values()
    )
    if not local:
        return every
    return [i for i in every if not all(tensor_field.whole for tensor_field in seen_by[i].values())]
