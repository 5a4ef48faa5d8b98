"""Questions about what a device adds: the least time, the bytes moved, operations per byte."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from .. import quantities
from ..analysis.durations import Duration
from ..analysis.roofline import LayerTime, Roofline, RooflineTotals
from ..analysis.totals import DTYPES
from ..diagnostics import did_you_mean, fail
from ..graph import Layer
from .conventions import Conventions
from .methods import AssumedShapes, Method
from .methods.rooflines import INPUTS, OUTPUTS, PARAMETERS, LayerMoves, RooflineMethod, per_byte
from .question import TOTAL, Question, Subject
from .working import Named, unnamed

# The units of right values, by the form of a quantity.
_UNITS = {quantities.BYTES: "bytes", quantities.DURATION: "ps"}


class DeviceQuestion(Question):
    """A quantity of ``quantities.ON_DEVICE``, of a layer, a block or a whole network."""

    solved_by_method = True

    @classmethod
    def of(cls, subject: Subject, ask: str, conventions: Conventions) -> DeviceQuestion:
        """``fc6.traffic``, ``total.time``; without a layer that of the whole network. Raises SpecError."""
        before, dot, word = ask.rpartition(".")
        quantity = quantities.on_device(word)
        assert quantity is not None
        device, graph = subject.device, subject.graph
        if device is None:
            raise fail(
                "question",
                f"`{quantity.name}` is of a device, and none is named",
                'name one: --on t4, or on = "t4" in a quiz',
            )
        if subject.summary.dtype not in device.peaks:
            raise fail(
                "device",
                f"{device.name} has no figure for {subject.summary.dtype}",
                f"it has {', '.join(device.peaks)}",
            )
        called = graph.called(before) if dot else ""
        layer: Layer | None = None
        block = ""
        if dot and called.lower() not in TOTAL:
            layer = graph.layer(called)
            if layer is None:
                name = graph.metadata.name or "the network"
                raise fail("name", f"{name} has no layer `{before}`", *did_you_mean(before, graph.names()))
            if layer.name != called:
                place = graph.labels[called]
                block = called if place.last - place.first > 1 else ""
        asked = cls(subject, layer, quantity.name, conventions, block)
        if layer is not None and called != layer.name and not block:
            asked.called = called
        if quantity.form == quantities.QUOTIENT and not asked.uncounted and asked.totals.intensity is None:
            raise fail("question", f"{asked.name} is not there: no bytes are moved")
        return asked

    @cached_property
    def roofline(self) -> Roofline:
        """The bounds of the network in which the layer stands."""
        scope = self.summary if self.layer is None else self.subject.around(self.layer)
        assert self.subject.device is not None
        return Roofline(scope, self.subject.device)

    @property
    def rows(self) -> list[LayerTime]:
        """The bounds of the layers that are asked about."""
        return [self.roofline.of(layer) for layer in self.layers]

    @cached_property
    def totals(self) -> RooflineTotals:
        """Their sums."""
        return RooflineTotals(self.roofline, self.rows)

    @property
    def plain(self) -> Any:
        totals = self.totals
        if self.quantity == "traffic":
            return totals.bytes
        if self.quantity == "intensity":
            return None if totals.intensity is None else per_byte(totals.intensity)
        return Duration(totals.time)

    def method(self, assumed_shapes: AssumedShapes, named: Named = unnamed) -> Method | None:
        if not assumed_shapes.right:
            return None
        roofline = self.roofline
        batch = roofline.batch
        assert self.subject.device is not None
        return RooflineMethod(
            self.quantity,
            self._moves(batch),
            self._moves(1) if batch > 1 else None,
            batch,
            DTYPES[roofline.dtype],
            self.subject.device.bandwidth,
            roofline.peak,
        )

    def _moves(self, batch: int) -> list[LayerMoves]:
        width = DTYPES[self.roofline.dtype]
        found = []
        for layer in self.layers:
            if not layer.inputs:
                continue
            traffic = self.roofline.traffic.of(layer, batch, width)
            moved = {INPUTS: traffic.inputs, PARAMETERS: traffic.params or 0, OUTPUTS: traffic.outputs}
            operations = traffic.operations or 0
            counts = layer.facts.operations
            macs = int(counts.batched(batch)) if counts is not None and operations else 0
            found.append(LayerMoves(layer.name, moved, operations, macs))
        return found

    @property
    def uncounted(self) -> list[Layer]:
        return [row.layer for row in self.totals.uncounted]

    @property
    def addends(self) -> list[Layer]:
        return [row.layer for row in self.rows if row.bytes]

    @property
    def with_heads(self) -> int | None:
        return None

    @property
    def other_numbers(self) -> list[tuple[Any, str]]:
        return []

    @property
    def label(self) -> str:
        return quantities.ON_DEVICE[self.quantity].words

    @property
    def unit(self) -> str:
        """``bytes``, and of a time ``ps``; empty for a quotient."""
        return _UNITS.get(quantities.ON_DEVICE[self.quantity].form, "")
