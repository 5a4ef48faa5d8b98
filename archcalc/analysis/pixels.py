"""Which positions of every tensor one unit really reads: the pixels, and no padding.

A window (:func:`~archcalc.analysis.receptive.windows_of_unit`) is the smallest interval around all
paths, wherever they lead. What a path finds in a rim of zeros of some map in between comes from no
pixel, and between the positions that are read may lie others that are not. Here every path is
followed position by position, and what lies beyond a map is dropped there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..graph import Graph, Layer
from ..ops.input_windows import InputWindows
from ..ops.window import EVERYTHING, NOTHING, Window
from .receptive import Fields, ReadBlock, branches_followed, reading_of, reads_all, windows_of_unit

# Positions along each axis, a byte for each, the first one lowest: 1 where it is read. What is read
# are all their combinations.
PixelBox = tuple[int, ...]

# Boxes of one tensor, and positions looked at, at most: only a hostile spec comes near.
MOST_BOXES = 256
MOST_WORK = 1 << 24


class _BeyondLimitError(Exception):
    """More boxes or positions than are followed."""


class Seen(NamedTuple):
    """The part of a tensor that a unit sees, first and last position per axis; None where that is nothing.

    window  with the rim that it meets there: beyond the tensor the window goes on. On it, both ends
            are positions that are read.
    pixels  what is read of the tensor
    """

    window: ReadBlock
    pixels: ReadBlock


def seen_by_unit(graph: Graph, layer: Layer, unit: tuple[int, ...]) -> dict[Layer, Seen] | None:
    """Return what one unit sees of every tensor before it. None if a layer on the way has no rule."""
    windows = windows_of_unit(graph, layer, unit)
    pixels = Pixels(graph).of_unit(layer, unit)
    if windows is None or pixels is None:
        return None
    return {
        at: Seen(_met(window, pixels[at], at.output.spatial), pixels[at])
        for at, window in windows.items()
        if at in pixels
    }


def _met(window: ReadBlock, pixels: ReadBlock, sizes: Sequence[int]) -> ReadBlock:
    """A window whose ends on the tensor are those of the pixels."""
    found: list[tuple[int, int] | None] = []
    for ends, read, size in zip(window, pixels, sizes, strict=True):
        if ends is None or read is None:
            found.append(None)
            continue
        low, high = ends
        cut = max(low, 0), min(high, size - 1)
        found.append((low if cut[0] == read[0] else read[0], high if cut[1] == read[1] else read[1]))
    if None in pixels and None not in window:
        ends_sizes = zip(window, sizes, strict=True)
        if any(ends is not None and (ends[1] < 0 or ends[0] >= n) for ends, n in ends_sizes):
            return window  # it lies beyond the tensor, so that there is nothing to correct
    return tuple(found)


class Pixels:
    """The positions that units of a graph read, tensor by tensor."""

    def __init__(self, graph: Graph, fields: Fields | None = None):
        self.graph = graph
        self.fields = fields or Fields(graph)
        self._work = 0

    def of_unit(self, layer: Layer, unit: tuple[int, ...]) -> dict[Layer, ReadBlock] | None:
        """First and last position, an axis, that a unit reads of every tensor before it; None where
        it reads nothing. None instead of all if a layer on the way has no rule."""
        self._work = 0
        try:
            needs = self._follow(layer, tuple([1 << 8 * position for position in unit]))
        except _BeyondLimitError:
            return None
        return None if needs is None else {at: _ends(boxes, at) for at, boxes in needs.items()}

    def _follow(self, layer: Layer, box: PixelBox) -> dict[Layer, list[PixelBox]] | None:
        needs: dict[Layer, list[PixelBox]] = {layer: [box]}
        needed = self.graph.ancestors(layer)
        above = [at for at in self.graph.layers if at in needed]
        seen_by = self.fields.seen_by
        if any(seen_by[at] is None for at in above):
            return None
        for at in reversed(above):
            if at not in needs:
                continue  # only a gate that was left out leads here
            known = [seen for source in at.inputs if (seen := seen_by[source]) is not None]
            for index in branches_followed(at, known):
                source = at.inputs[index]
                boxes = needs.setdefault(source, [])
                for found in self._read(at, index, needs[at]):
                    _put(boxes, found)
        return needs

    def _read(self, layer: Layer, index: int, boxes: list[PixelBox]) -> Iterator[PixelBox]:
        """Yield what these units of a layer read of one of its inputs."""
        how = reading_of(layer, index)
        sizes = layer.inputs[index].output.spatial
        if how == NOTHING:
            return
        if how == EVERYTHING or reads_all(self.graph, layer):
            if boxes:
                yield tuple([int.from_bytes(b"\1" * n, "little") for n in sizes])
            return
        assert isinstance(how, InputWindows)
        counts = [1 if at is None else layer.output[at] for at in how.axes]
        for box in boxes:
            if how.place is not None and not box[how.place[0]] >> 8 * how.place[1] & 1:
                continue
            units = [1 if at is None else box[at] for at in how.axes]
            axes = zip(units, how.windows, counts, sizes, strict=False)
            found = tuple([self._through(*axis) for axis in axes])
            if all(found):
                yield found

    def _through(self, units: int, window: Window, count: int, size: int) -> int:
        """The positions, of ``size``, that some of ``count`` units read through a window."""
        if window.pointwise:
            # A rim behind the map alone leaves all where it is.
            return units & ((1 << 8 * size) - 1) if count > size else units
        asked = units.to_bytes(count, "little")
        found = bytearray(size)
        unit = asked.find(1)
        while unit >= 0:
            self._work += 1
            for inside in window.positions(unit, size):
                self._work += len(inside) // 64  # a run is written at once
                found[inside.start : inside.stop : inside.step] = b"\1" * len(inside)
            if self._work > MOST_WORK:
                raise _BeyondLimitError
            unit = asked.find(1, unit + 1)
        return int.from_bytes(found, "little")


def _put(boxes: list[PixelBox], box: PixelBox) -> None:
    """Take in a box; one that lies in another is left out."""
    if any(_within(box, other) for other in boxes):
        return
    boxes[:] = [other for other in boxes if not _within(other, box)]
    boxes.append(box)
    if len(boxes) > MOST_BOXES:
        raise _BeyondLimitError


def _within(one: PixelBox, other: PixelBox) -> bool:
    return all(a | b == b for a, b in zip(one, other, strict=True))


def _ends(boxes: Iterable[PixelBox], layer: Layer) -> ReadBlock:
    """First and last position per axis."""
    read = [0] * len(layer.output.spatial)
    for box in boxes:
        read = [a | b for a, b in zip(read, box, strict=True)]
    return tuple([((n & -n).bit_length() // 8, n.bit_length() // 8) if n else None for n in read])
