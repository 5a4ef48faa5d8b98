"""What the units of each layer read, as functions that a page can follow without knowing an op."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...analysis.receptive import branches_followed, reading_of, reads_all, shares_sources
from ...ops.input_windows import InputWindows, WindowsByInput
from ...ops.window import EVERYTHING, NOTHING

if TYPE_CHECKING:
    from ...analysis.summary import Summary
    from ...graph import Layer

# A longer period is not written into a page: the unit is then shown by `archcalc rf --at` alone.
LONGEST = 4096


class WindowTable:
    """The windows of a network's layers. ``windows`` holds each once.

    A window is a list with an entry an axis: the axis of the output along which it moves (None where all
    units read what unit 0 reads), and the functions of the unit that give the first and the last position
    that it reads: ``[offsets, step]``, as :class:`~archcalc.periodic.Periodic` has it.
    """

    def __init__(self, summary: Summary, number: Mapping[Layer, int]):
        self._graph = summary.graph
        self._fields = summary.fields
        self._number = number
        self._known: dict[str, int] = {}

    @property
    def windows(self) -> list[Any]:
        """The windows, in the order of their numbers."""
        return [json.loads(text) for text in self._known]

    def of(self, layer: Layer) -> list[Any] | None:
        """What a layer reads: for each branch that is followed its number, and the window's; the window is
        None where everything is read. None instead of all where that cannot be followed unit by unit."""
        seen_by = self._fields.seen_by
        if layer.index < 0:
            return []
        if seen_by[layer] is None:
            return None
        known = [seen for source in layer.inputs if (seen := seen_by[source]) is not None]
        if len(known) < len(layer.inputs):
            return None
        windows = layer.facts.windows
        mixed = isinstance(windows, WindowsByInput) and windows.behind and shares_sources(known)
        found: list[Any] = []
        for index in branches_followed(layer, known):
            source = layer.inputs[index]
            how = EVERYTHING if mixed else reading_of(layer, index)
            if how == NOTHING:
                continue
            if not source.output.spatial or how in (EVERYTHING, None) or reads_all(self._graph, layer):
                found.append([self._number[source], None])
                continue
            assert isinstance(how, InputWindows)
            if any(window.irregular for window in how.windows):
                return None
            ends = [(window.first, window.last) for window in how.windows]
            if any(len(function.offsets) > LONGEST for pair in ends for function in pair):
                return None
            axes = [
                [along, [first.offsets, first.step], [last.offsets, last.step]]
                for (first, last), along in zip(ends, how.axes, strict=True)
            ]
            text = json.dumps(axes)
            found.append([self._number[source], self._known.setdefault(text, len(self._known))])
        return found
