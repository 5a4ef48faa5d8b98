"""Layers of a network in a batch and a type of values, and a row for each: what quantities are read
off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ..diagnostics import fail
from ..graph import CountedFigure, Graph, Layer
from ..ops.facts import OperationCounts
from ..quantities import KEYED
from ..shape import Shape
from .memory import Memory
from .receptive import FieldExtent, Fields
from .totals import DTYPES, Totals


def laid_out(shape: Shape, layout: str) -> list[int]:
    """A shape as a list in the layout asked for, ``hwc`` or ``chw``."""
    return list(shape) if layout == "hwc" else [shape[-1], *shape[:-1]]


class DeviceBounds(Protocol):
    """The bounds of a network on a device: a ``roofline.Roofline``."""

    @property
    def title(self) -> str:
        """What the device is."""

    @property
    def totals(self) -> Any:
        """The sums over the layers."""

    def of(self, layer: Layer) -> Any:
        """The bounds of a layer."""

    def of_scope(self, scope: Scope) -> DeviceBounds:
        """The bounds of other layers on the same device."""


class Row:
    """One layer of a summary; numbers are for the whole batch where they depend on it.

    alone  its parameters are counted with it, though another layer shares them
    """

    __slots__ = ("layer", "summary", "alone")

    def __init__(self, layer: Layer, summary: Scope, alone: bool = False):
        self.layer = layer
        self.summary = summary
        self.alone = alone

    @property
    def name(self) -> str:
        return self.layer.name

    @property
    def op(self) -> str:
        return self.layer.op.name

    @property
    def output(self) -> Shape:
        """Shape, channels last, without the batch."""
        return self.layer.output

    @property
    def size(self) -> tuple[int, ...]:
        """Height and width (length) without the channels; of a vector its length."""
        return self.output.spatial or tuple(self.output)

    @property
    def pad(self) -> tuple[int, ...] | None:
        """The padding of the window on each side, per axis; None where there is no such number."""
        volume = self.layer.facts.volume
        if volume is None or not volume.slides or any(w.low != w.high for w in volume.windows):
            return None
        return tuple([window.low for window in volume.windows])

    @property
    def owns_parameters(self) -> bool:
        """Whether its parameters are counted here, and not with another layer that shares them."""
        return self.alone or self.layer in self.summary.counts.parameter_owners

    @property
    def params(self) -> int | None:
        """Learned values that it adds to the network; None if there is no rule."""
        return self.layer.facts.params if self.owns_parameters or self.layer.facts.params is None else 0

    @property
    def weights(self) -> int | None:
        """The parameters that are multiplied: all but the biases."""
        biases = self.biases
        return None if biases is None else (self.params or 0) - biases

    @property
    def biases(self) -> int | None:
        """The parameters that are added, shifts of norms included."""
        if self.layer.facts.tensors is None:
            return None
        return self.layer.facts.biases if self.owns_parameters else 0

    @property
    def trainable(self) -> int | None:
        """The parameters that are not held fixed."""
        return self.layer.trainable if self.owns_parameters or self.params is None else 0

    @property
    def buffers(self) -> int | None:
        """Values stored but not learned."""
        return self.layer.facts.buffers if self.owns_parameters or self.params is None else 0

    @property
    def macs(self) -> int | None:
        facts, batch = self.layer.facts, self.summary.batch
        once: int = facts.operations.once if batch > 1 and facts.operations is not None else 0
        return None if facts.macs is None else facts.macs * batch - once * (batch - 1)

    @property
    def flops(self) -> int | None:
        """Two operations a MAC."""
        return None if self.macs is None else 2 * self.macs

    @property
    def backward_macs(self) -> int | None:
        """MACs of the backward pass."""
        macs = self.summary.counts.backward.macs(self.layer)
        return None if macs is None else macs * self.summary.batch

    @property
    def step_macs(self) -> int | None:
        """MACs of a training step: forward and backward."""
        back = self.backward_macs
        return None if back is None else (self.macs or 0) + back

    @property
    def connections(self) -> int | None:
        """Connections as LeNet's paper counts them; None if there is no rule."""
        return None if self.layer.facts.operations is None else self.layer.facts.connections

    @property
    def param_bytes(self) -> int | None:
        """Bytes of ``params``."""
        params = self.params
        return None if params is None else params * DTYPES[self.summary.dtype]

    @property
    def operations(self) -> OperationCounts | None:
        """The operations of the whole batch."""
        operations, batch = self.layer.facts.operations, self.summary.batch
        return operations if operations is None or batch == 1 else operations.times(batch)

    @property
    def multiplications(self) -> int | None:
        """All multiplications."""
        operations = self.operations
        found: int | None = None if operations is None else operations.multiplications
        return found

    @property
    def additions(self) -> int | None:
        """All additions: those of dot products, of biases, and others."""
        operations = self.operations
        found: int | None = None if operations is None else operations.additions
        return found

    @property
    def output_bytes(self) -> int:
        return self.summary.bytes_of(self.layer.output)

    @property
    def activation_bytes(self) -> int | None:
        """Bytes of the storage that it makes; 0 where it uses its input's, None where no output of
        the network needs it."""
        made = self.summary.memory.new.get(self.layer)
        return None if made is None else self.summary.scaled(made)

    @property
    def saved_bytes(self) -> int | None:
        """Bytes that it is the first to keep for the backward pass; None if there is no rule."""
        return self.summary.saved(self.layer)

    @property
    def counter(self) -> int | None:
        """Its operations as the graph's counter counts them; None where there is no counter."""
        figures = self.summary.counter_figures
        if figures is None:
            return None
        found = figures.get(self.layer)
        if found is None and self.layer not in self.summary.graph.inputs:  # one of a side head alone
            graph = self.summary.graph
            assert graph.counter is not None
            found = graph.counter.figures(graph, graph.layers).get(self.layer)
        return 0 if found is None else found.figure * self.summary.batch

    @property
    def bounds(self) -> Any:
        """Its bounds on the device of the summary, which has one."""
        roofline = self.summary.roofline
        assert roofline is not None
        return roofline.of(self.layer)

    @property
    def extent(self) -> FieldExtent | None:
        """Receptive field in the network's first input that it sees; None if there is no rule."""
        return self.summary.fields.main(self.layer)

    @property
    def rf(self) -> dict[Layer, FieldExtent] | None:
        """Receptive field in each input of the network; None if there is no rule."""
        return self.summary.fields.of(self.layer)

    def rf_dict(self) -> dict[str, Any] | None:
        """The JSON of the receptive field: one entry per input where there are several."""
        found = self.rf
        if found is None:
            return None
        if len(self.summary.graph.inputs) == 1:
            return next(iter(found.values())).marked()
        return {source.name: extent.marked() for source, extent in found.items()}

    def to_dict(self) -> dict[str, Any]:
        """The JSON record of the row."""
        layer, summary = self.layer, self.summary
        tensors = layer.facts.tensors or () if self.owns_parameters else ()
        operations = self.operations
        record: dict[str, Any] = {
            "name": layer.name,
            "op": layer.op.name,
            "path": [list(step) for step in layer.path],
            "inputs": [source.name for source in layer.inputs],
            "output": laid_out(layer.output, summary.layout),
            "params": self.params,
            "trainable": self.trainable,
            "buffers": self.buffers,
            "tensors": {t.name: list(t.shape) for t in tensors if t.learned},
            "macs": self.macs,
            "operations": None if operations is None else operations.to_dict(),
            "output_bytes": self.output_bytes,
            "activation_bytes": self.activation_bytes,
            "saved_bytes": self.saved_bytes,
            "rf": self.rf_dict(),
        }
        if any(not t.learned for t in tensors):
            record["buffer_tensors"] = {t.name: list(t.shape) for t in tensors if not t.learned}
        if layer.shared:
            record["like"] = layer.owner.name
        if layer.origin is not None:
            record |= layer.origin.to_dict()
        record["attributes"] = layer.op.to_dict()
        if summary.counter_figures is not None:
            record["counter"] = self.counter
        for quantity in KEYED:
            if quantity.layer is not None and quantity.key not in record:
                record[quantity.key] = quantity.layer(self)
        return record


class Scope:
    """Layers of a network, and what is worked out of them: in a batch of ``batch`` elements of a dtype.
    ``ends`` are the layers whose outputs a caller keeps; ``layout`` is the order of the axes in
    shapes. ``fields`` and ``counts`` are taken where they are worked out already."""

    graph: Graph
    layers: list[Layer]
    batch: int
    dtype: str
    roofline: DeviceBounds | None = None

    def __init__(
        self,
        graph: Graph,
        layers: Sequence[Layer],
        ends: Iterable[Layer],
        *,
        batch: int = 1,
        dtype: str = "fp32",
        layout: str = "hwc",
        fields: Fields | None = None,
        counts: Totals | None = None,
    ):
        traced = graph.metadata.traced
        if batch > 1 and traced is not None and traced.mixed:
            raise fail(
                "argument",
                f"{traced.target} counts for a batch of one alone: {traced.mixed} works across the batch",
                "without --batch",
            )
        self.graph = graph
        self.layers = list(layers)
        self.batch = batch
        self.dtype = dtype
        self.layout = layout
        self.ends = tuple(ends)
        self._fields = fields
        self._counts = counts
        self._memory: Memory | None = None
        self._counter_figures: Mapping[Layer, CountedFigure] | None = None

    @property
    def fields(self) -> Fields:
        """The receptive fields of all layers."""
        if self._fields is None:
            self._fields = Fields(self.graph)
        return self._fields

    @property
    def counts(self) -> Totals:
        """The sums over the layers."""
        if self._counts is None:
            self._counts = Totals(self.graph, self.layers, self.ends)
        return self._counts

    @property
    def counter_figures(self) -> Mapping[Layer, CountedFigure] | None:
        """What the graph's counter counts of each layer, for one element of the batch; None where there is
        no counter."""
        if self._counter_figures is None and self.graph.counter is not None:
            self._counter_figures = self.graph.counter.figures(self.graph, self.layers)
        return self._counter_figures

    @property
    def counter(self) -> int | None:
        """The operations as the graph's counter counts them; None where there is no counter."""
        figures = self.counter_figures
        return None if figures is None else self.batch * sum([found.figure for found in figures.values()])

    @property
    def local(self) -> Row | None:
        """The last layer before everything is seen at once; None where there is none."""
        last = self.fields.last_local()
        return Row(last, self) if last is not None else None

    @property
    def blind(self) -> bool:
        """Whether a layer has no rule for its receptive field."""
        return any(self.fields.seen_by[layer] is None for layer in self.layers)

    @property
    def rows(self) -> list[Row]:
        """One row per layer."""
        return [Row(layer, self) for layer in self.layers]

    def params_of(self, layer: Layer) -> int | None:
        """Learned values that a layer adds to the network; None if there is no rule."""
        params = layer.facts.params
        return params if params is None or layer in self.counts.parameter_owners else 0

    def lacks(self, rule: str) -> bool:
        """Whether a layer has no rule for ``params``, ``macs``, ``backward``, or for what is ``saved``."""
        return bool(self.without_rule(rule))

    def without_rule(self, rule: str) -> list[Layer]:
        """The layers without a rule for ``params``, ``macs``, ``backward``, or for what is ``saved``."""
        if rule == "saved":
            return list(self.memory.training.uncounted)
        if rule == "backward":
            return [layer for layer in self.counts.layers if self.counts.backward.macs(layer) is None]
        return [layer for layer, quantity in self.counts.uncounted if quantity == rule]

    @property
    def memory(self) -> Memory:
        """Storages, what lives when, and what training keeps."""
        if self._memory is None:
            self._memory = Memory(self.graph, self.layers, self.ends)
        return self._memory

    @property
    def width(self) -> int:
        """Bytes of a value."""
        return DTYPES[self.dtype]

    def scaled(self, values: int) -> int:
        """Bytes of ``values`` values per element, for the whole batch."""
        return self.batch * values * DTYPES[self.dtype]

    def bytes_of(self, shape: Shape) -> int:
        """Bytes of a tensor for the whole batch."""
        return self.scaled(shape.values)

    def saved(self, layer: Layer) -> int | None:
        """Bytes that a layer is the first to keep for the backward pass; None: no rule."""
        return self.memory.training.saved(layer, self.batch, DTYPES[self.dtype])

    @property
    def saved_bytes(self) -> int:
        """Bytes that all layers with a rule keep for the backward pass."""
        return self.memory.training.total(self.batch, DTYPES[self.dtype])

    @property
    def param_bytes(self) -> int:
        """Bytes of the learned values, buffers apart."""
        return self.counts.params * DTYPES[self.dtype]

    def inference_bytes(self, batch: int | None = None) -> int:
        """Parameters, buffers and the peak of the activations."""
        stored = self.counts.params + self.counts.buffers
        return (stored + self.memory.peak * (batch or self.batch)) * DTYPES[self.dtype]
