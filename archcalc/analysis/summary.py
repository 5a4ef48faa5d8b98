"""The summary of a network: one record per layer, totals, published figures.

docs/schema/summary.json is its JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from ..graph import Graph, Layer
from ..quantities import KEYED, QUANTITIES
from .published_figures import Checked, check
from .scope import Row, Scope, laid_out
from .totals import DTYPES, Totals
from .training import MASTER, OPTIMIZERS, TrainingShare, breakdown, largest_batch

__all__ = ["BELOW", "ReceptiveField", "Row", "Summary", "laid_out"]

# Keys of the totals that leave out the layers without a rule, by what ``uncounted`` calls it.
BELOW = {
    lacks: [
        q.key or q.name
        for q in QUANTITIES.values()
        if q.lacks and q.lacks in (lacks, also) and (q.key or q.name == "operations")
    ]
    + more
    for lacks, also, more in (
        ("params", "", ["units"]),
        ("macs", "backward", []),  # nothing is known of the gradients either
        ("backward", "", []),
        ("saved", "", []),
    )
}


class Summary(Scope):
    """The summary of a network: everything that is computed of it.

    Args:
        graph: The network.
        batch: Elements of the batch.
        dtype: The type of the values, a key of DTYPES.
        with_heads: Whether the layers that only side heads need are counted too.
        layout: The order of the axes in shapes, ``hwc`` or ``chw``.
        optimizer: A key of OPTIMIZERS, where the memory of training is wanted.
        mixed: Whether training is in mixed precision.
        memory_limit: Bytes of memory, where the largest batch that fits is wanted.

    Raises:
        ValueError: For an unknown dtype, layout or optimizer, a batch below 1, or mixed precision that
            mixes nothing.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        batch: int = 1,
        dtype: str = "fp32",
        with_heads: bool = False,
        layout: str = "hwc",
        optimizer: str | None = None,
        mixed: bool = False,
        memory_limit: int | None = None,
    ):
        if dtype not in DTYPES:
            raise ValueError(f"no dtype {dtype!r}; there are {', '.join(DTYPES)}")
        if layout not in ("hwc", "chw"):
            raise ValueError(f"no layout {layout!r}; there are hwc and chw")
        if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
            raise ValueError(f"a batch is a whole number from 1, not {batch!r}")
        if optimizer is not None and optimizer not in OPTIMIZERS:
            raise ValueError(f"no optimizer {optimizer!r}; there are {', '.join(OPTIMIZERS)}")
        if optimizer is not None and "int" in dtype:
            raise ValueError(f"values of {dtype} are not trained")
        if mixed and (optimizer is None or DTYPES[dtype] >= DTYPES[MASTER]):
            raise ValueError(
                f"mixed precision is training in less than {MASTER}: give an optimizer, and fp16 "
                "or bf16 as dtype"
            )
        ends = (graph.output, *graph.heads.values()) if with_heads else (graph.output,)
        super().__init__(graph, graph.select(with_heads), ends, batch=batch, dtype=dtype, layout=layout)
        self.optimizer = optimizer
        self.mixed = mixed
        self.memory_limit = memory_limit
        self.with_heads = with_heads

    @cached_property
    def published_figures(self) -> list[Checked]:
        """What was published, beside what is computed. It is looked at where somebody asks for it: a figure
        that a tool printed has the tool's profile read."""
        return check(self.graph, self.fields, None if self.with_heads else self.counts)

    @property
    def step_bytes(self) -> int:
        """The most bytes that live at a time in a forward and a backward pass, gradients of the
        parameters included; parameters, buffers and the library's workspace apart."""
        return self.memory.training.step(self.batch, DTYPES[self.dtype])

    def breakdown(self, batch: int | None = None) -> list[TrainingShare]:
        """The memory of training with the optimizer, line by line; for another batch if one is given.
        Empty without an optimizer."""
        if self.optimizer is None:
            return []
        counts = self.counts
        saved = self.memory.training.total(batch or self.batch, DTYPES[self.dtype])
        return breakdown(
            self.optimizer, self.dtype, self.mixed, counts.params, counts.trainable, counts.buffers, saved
        )

    def training_bytes(self, batch: int | None = None) -> int:
        """The sum of the breakdown."""
        return sum([share.bytes for share in self.breakdown(batch)])

    @property
    def training_at_least(self) -> bool:
        """Whether what training holds is a lower bound: a layer has no rule for what it keeps or
        for its parameters, or no gradient goes back through the outputs."""
        return self.memory.training.at_least or "params" in self._unknown

    @property
    def _unknown(self) -> set[str]:
        """The quantities for which some layer has no rule."""
        return {record["quantity"] for record in self.uncounted}

    def passing_bytes(self, batch: int | None = None) -> int:
        """The breakdown with the peak of the activations in place of what is kept: what lives on the
        way forward, which is more where little is kept, as behind frozen layers."""
        batch = batch or self.batch
        saved = self.memory.training.total(batch, DTYPES[self.dtype])
        peak = batch * self.memory.peak * DTYPES[self.dtype]
        return self.training_bytes(batch) - saved + peak

    def needs(self) -> dict[str, list[Callable[[int], int]]]:
        """The memory that is needed at one time or another, in bytes for a batch, in inference
        and with an optimizer in training."""
        found: dict[str, list[Callable[[int], int]]] = {"inference": [self.inference_bytes]}
        if self.optimizer is not None:
            found["training"] = [self.training_bytes, self.passing_bytes]
        return found

    @property
    def fits(self) -> dict[str, int | None] | None:
        """The largest batches that fit into ``memory_limit``: 0 if none does, None if any does. The one in
        training is given where there is an optimizer."""
        if self.memory_limit is None:
            return None
        found: dict[str, int | None] = {"bytes": self.memory_limit}
        for what, needs in self.needs().items():
            batches = [largest_batch(self.memory_limit, need(1), need(2)) for need in needs]
            found[what] = min([batch for batch in batches if batch is not None], default=None)
        return found

    def at_most(self, what: str) -> bool:
        """Whether the largest batch in ``inference`` or ``training`` is an upper bound."""
        return self.training_at_least if what == "training" else "params" in self._unknown

    @property
    def uncounted(self) -> list[dict[str, str]]:
        """Layers without a rule for a quantity."""
        return self.missing(saved=True)

    def missing(self, saved: bool) -> list[dict[str, str]]:
        """Layers without a rule for a quantity; ``saved``: what is kept for backward too."""
        found = [(layer, quantity) for layer, quantity in self.counts.uncounted]
        found += [(layer, "rf") for layer in self.layers if self.fields.seen_by[layer] is None]
        if saved:
            forward = set(self.without_rule("macs"))
            found += [(layer, "backward") for layer in self.without_rule("backward") if layer not in forward]
            found += [(layer, "saved") for layer in self.memory.training.uncounted]
        return [{"layer": layer.name, "quantity": quantity} for layer, quantity in found]

    @property
    def totals(self) -> dict[str, Any]:
        """All totals, under their keys in the JSON."""
        counts, batch, memory = self.counts, self.batch, self.memory
        totals: dict[str, Any] = {
            "params": counts.params,
            "trainable": counts.trainable,
            "buffers": counts.buffers,
            "macs": counts.batched_macs(batch),
            "flops": 2 * counts.batched_macs(batch),
            "operations": counts.operations.to_dict(batch),
            "param_bytes": self.param_bytes,
            "activation_bytes": self.scaled(memory.activations),
            "peak_bytes": self.scaled(memory.peak),
            "peak_at": memory.at.name if memory.at is not None else None,
            "peak_live": {at.name: self.scaled(memory.new[at]) for at in memory.alive()},
            "saved_bytes": self.saved_bytes,
            "depth": counts.depth,
            "units": counts.units,
            "connections": counts.connections,
        }
        for quantity in KEYED:
            totals.setdefault(quantity.key, quantity.of(self))
        if self.graph.counter is not None and self.counter is not None:
            totals["counter"] = self.graph.counter.to_dict(self.counter)
        unknown = self._unknown & set(BELOW)
        if unknown:
            # The sums that leave out a layer are lower bounds, and say so.
            below = [name for key in BELOW if key in unknown for name in BELOW[key]]
            totals["at_least"] = list(dict.fromkeys(below))
        return totals

    @property
    def outputs(self) -> dict[str, Any]:
        """The main output and the side heads, each with what only it needs."""
        graph = self.graph
        found: dict[str, Any] = {"main": {"shape": laid_out(graph.output.output, self.layout)}}
        main = graph.main()
        # The one head that needs a layer; None where the main output needs it, or several heads do.
        alone: dict[Layer, str | None] = dict.fromkeys(main)
        for name, layer in graph.heads.items():
            alone[layer] = None if layer in alone else name
        for layer in reversed(graph.layers):
            if layer in alone:
                for source in layer.inputs:
                    same = alone.get(source, alone[layer]) == alone[layer]
                    alone[source] = alone[layer] if same else None
        extras: dict[str, list[Layer]] = {name: [] for name in graph.heads}
        sharing: dict[Layer, list[Layer]] = {}
        for layer in graph.layers:
            if layer in alone:
                sharing.setdefault(layer.owner, []).append(layer)
                if (only := alone[layer]) is not None:
                    extras[only].append(layer)
        for name, layer in graph.heads.items():
            extra = extras[name]
            # Others that share parameters with these.
            others = [
                next((at for at in sharing[owner] if alone[at] != name), None)
                for owner in {at.owner for at in extra}
            ]
            counts = Totals(graph, extra, counted=filter(None, others))
            found[name] = {
                "shape": laid_out(layer.output, self.layout),
                "params": counts.params,
                "macs": counts.batched_macs(self.batch),
            }
        return found

    @property
    def input(self) -> Any:
        """The input's shape, or the inputs' by name."""
        graph = self.graph
        if len(graph.inputs) == 1:
            return laid_out(graph.inputs[0].output, self.layout)
        return {source.name: laid_out(source.output, self.layout) for source in graph.inputs}


class ReceptiveField:
    """The receptive field of every layer, or of one. docs/schema/rf.json is its JSON."""

    def __init__(self, graph: Graph, layer: Layer | None = None, *, layout: str = "hwc"):
        self.summary = Summary(graph, with_heads=layer is not None, layout=layout)
        self.graph = graph
        self.layer = layer

    @property
    def rows(self) -> list[Row]:
        """One row per layer; only the layer asked for, if one was."""
        if self.layer is None:
            return self.summary.rows
        return [Row(self.layer, self.summary)]

    @property
    def shown(self) -> list[Layer]:
        """The layers that a screen shows: all, or those that the one asked for needs."""
        if self.layer is None:
            return self.summary.layers
        needed = self.graph.ancestors(self.layer)
        return [layer for layer in self.summary.layers if layer in needed]

    @property
    def totals(self) -> dict[str, Any]:
        """The receptive field of the last layer before everything is seen at once."""
        last = self.summary.fields.last_local()
        extent = self.summary.fields.main(last) if last is not None else None
        return {
            "layer": last.name if last is not None else None,
            "rf": extent.marked() if extent is not None else None,
        }
