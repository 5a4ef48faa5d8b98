"""The figures of the rules beside those of PyTorch, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

from ..analysis.memory import Memory
from ..analysis.receptive import Fields
from ..analysis.summary import Summary
from ..analysis.totals import DTYPES
from ..diagnostics import SpecError, fail
from ..graph import Graph, Layer
from . import allocator, measure, reach
from .build import Built, build, random_inputs, torch_code_of

# Networks are built in fp32.
WIDTH = DTYPES["fp32"]
# How far from what was predicted peaks may be that depend on more than the network: in a training
# step on what a backward kernel makes in passing and on the order in which gradients come together,
# and the allocator's on its blocks. All of that matters little in large networks, and only there.
STEP_PERCENT = 5
INFERENCE_PERCENT = 2
LEAST = 256 * 2**20


class Difference(NamedTuple):
    """Something on which rules and PyTorch differ: ``part`` of a layer, or the layer."""

    layer: str
    part: str | None
    predicted: object
    measured: object

    def to_dict(self) -> dict[str, Any]:
        """The JSON: numbers and texts as they are, shapes as lists."""

        def plain(value: object) -> object:
            return list(value) if isinstance(value, tuple) else value

        return {
            "layer": self.layer,
            "part": self.part,
            "predicted": plain(self.predicted),
            "measured": plain(self.measured),
        }


class Check:
    """One quantity of a network.

    quantity     in words
    of           layers compared, of which ``agree`` agree; None where only a total is
    predicted    the total by the rules, and ``measured`` PyTorch's; None where there is none
    explained    what stands in ``measured`` beside what was predicted, with its reason
    differences  layer by layer, or one for a total
    unseen       layers that PyTorch's counter does not see, or that have no rule, with the reason
    """

    def __init__(self, quantity: str):
        self.quantity = quantity
        self.of: int | None = 0
        self.agree = 0
        self.predicted: int | None = None
        self.measured: int | None = None
        self.explained: list[tuple[str, int]] = []
        self.differences: list[Difference] = []
        self.unseen: list[tuple[str, str]] = []

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    @property
    def exact(self) -> bool:
        """Whether the two totals are the same, what is explained apart."""
        if self.predicted is None or self.measured is None:
            return self.agrees
        return self.predicted + sum([size for _, size in self.explained]) == self.measured

    def layer(self, differences: Sequence[Difference]) -> None:
        """Take in a layer: it agrees if it has no differences."""
        assert self.of is not None
        self.of += 1
        self.agree += not differences
        self.differences += differences

    def total(self, predicted: int, measured: int, place: str = "total") -> None:
        """Take in two totals; layers that differ have been taken in before."""
        self.predicted, self.measured = predicted, measured
        if predicted != measured and not self.differences:
            self.differences.append(Difference(place, None, predicted, measured))

    def sum(self, predicted: int, measured: int, place: str = "total") -> None:
        """Take in two totals that agree if what is explained makes up the difference, to the byte."""
        self.predicted, self.measured = predicted, measured
        if not self.exact:
            self.differences.append(Difference(place, None, predicted, measured))

    def approximately(self, predicted: int, measured: int, percent: int, least: int = 0) -> None:
        """Take in two totals that agree if what is not explained is at most ``percent`` per cent of
        what was measured; below ``least`` they always do."""
        self.predicted, self.measured = predicted, measured
        rest = measured - predicted - sum([size for _, size in self.explained])
        if measured >= least and 100 * abs(rest) > percent * measured:
            self.differences.append(Difference("total", None, predicted, measured))

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        return {
            "quantity": self.quantity,
            "agrees": self.agrees,
            "layers": self.of,
            "layers_agree": None if self.of is None else self.agree,
            "predicted": self.predicted,
            "measured": self.measured,
            "explained": [{"reason": reason, "bytes": size} for reason, size in self.explained],
            "differences": [difference.to_dict() for difference in self.differences],
            "unseen": [{"layer": layer, "reason": reason} for layer, reason in self.unseen],
        }


class Verification:
    """The checks of a network. Raises SpecError where a layer has no counterpart in PyTorch."""

    def __init__(self, graph: Graph, *, device: str = "cpu", with_heads: bool = False, fields: bool = True):
        self.graph = graph
        self.device = device
        self.torch = torch.__version__
        self.layers = graph.select(with_heads)
        single = [at for at in self.layers if at.op.needs_batch(*[x.output for x in at.inputs])]
        self.batch = 2 if single else 1
        self.summary = Summary(graph, batch=self.batch, with_heads=with_heads)
        self.checks: list[Check] = []
        self._built: tuple[str, bool, Built] | None = None
        self._inference: measure.Inference | None = None
        self._take("output shapes", self._layers)
        self._take("kept for backward", self._saved)
        self._take("peak of inference", self._peak)
        self._take("peak of a training step", self._step)
        self._built = None
        if device == "cuda":
            self._take("allocator in inference", lambda: self._allocator(False))
            self._take("allocator in a training step", lambda: self._allocator(True))
        # Units of maps whose sizes differ cannot be told apart.
        if fields and self.checks[0].agrees:
            self._take(
                "receptive fields", lambda: [receptive_fields(graph, self.summary.fields, self.layers)]
            )

    def _take(self, quantity: str, checks: Callable[[], list[Check]]) -> None:
        """Take in checks. Where PyTorch refuses to run what the rules say, that is the difference.
        Raises SpecError where the device has too little memory."""
        try:
            self.checks += checks()
        except SpecError:
            raise
        except torch.OutOfMemoryError:
            raise fail(
                "torch",
                f"the network does not fit into the memory of {self.device}",
                "--device meta takes none: it has shapes and storages but no values",
            ) from None
        except Exception as error:
            check = Check(quantity)
            check.of = None
            message = str(error).strip().split("\n")[0]
            check.differences.append(
                Difference("total", quantity, None, f"{type(error).__name__}: {message}")
            )
            self.checks.append(check)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return all(check.agrees for check in self.checks)

    # Layers come in the order of the spec.
    reordered = False

    @property
    def sides(self) -> str:
        """Who stands against whom."""
        return f"rules against PyTorch {self.torch} on {self.device}"

    def _build(self, device: str, training: bool) -> Built:
        """The network as a module."""
        return build(self.graph, self.layers, ends=self.summary.ends, device=device, training=training)

    def _shared(self, device: str, training: bool = False) -> Built:
        """The network as a module that measurements share which follow each other; one is held at a time."""
        if self._built is None or self._built[:2] != (device, training):
            self._built = None  # before another takes memory
            self._built = device, training, self._build(device, training)
        return self._built[2]

    def _infer(self, device: str) -> measure.Inference:
        return measure.inference(self._shared(device), random_inputs(self.graph, self.batch, device))

    def _layers(self) -> list[Check]:
        """Shapes, tensors and MACs, a layer at a time."""
        on_meta = self._infer("meta")
        self._inference = on_meta if self.device == "meta" else self._infer(self.device)
        built = self._shared(self.device)
        found, products = self._inference.shapes, on_meta.products
        shapes, params = Check("output shapes"), Check("parameters")
        trainable, buffers, macs = Check("trainable"), Check("buffers"), Check("MACs")
        sums = dict.fromkeys((params, trainable, buffers), 0)
        met: set[Layer] = set()
        seen: list[Layer] = []
        for layer in self.layers:
            shape, measured = found[layer], products[layer]
            differs = (
                []
                if shape == layer.output
                else [Difference(layer.name, None, tuple(layer.output), tuple(shape))]
            )
            shapes.layer(differs)
            if layer.facts.macs is None:
                macs.unseen.append((layer.name, "no rule"))
            elif torch_code_of(layer).no_flops_reason:
                macs.unseen.append((layer.name, torch_code_of(layer).no_flops_reason))
            elif layer.facts.macs and not measured:
                macs.unseen.append((layer.name, f"FlopCounterMode does not see {layer.op.name}"))
            else:
                if stated_macs(layer):
                    macs.unseen.append((layer.name, "those that `extra_macs` states are not done here"))
                seen.append(layer)
                predicted = batched_macs(layer, self.batch) - stated_macs(layer)
                macs.layer(
                    [] if predicted == measured else [Difference(layer.name, None, predicted, measured)]
                )
            if layer.owner not in met:
                # The owner itself need not be among the layers.
                met.add(layer.owner)
                self._tensors(layer, measure.tensors(built, layer), sums)
        counts = self.summary.counts
        for check, predicted in (
            (params, counts.params),
            (trainable, counts.trainable),
            (buffers, counts.buffers),
        ):
            check.total(predicted, sums[check])
        macs.total(
            sum([batched_macs(layer, self.batch) - stated_macs(layer) for layer in seen]),
            sum([products[layer] for layer in seen]),
        )
        return [shapes, params, trainable, buffers, macs]

    def _tensors(
        self, layer: Layer, found: dict[str, tuple[tuple[int, ...], str]], sums: dict[Check, int]
    ) -> None:
        """The named tensors of a layer."""
        params, trainable, buffers = sums
        if layer.facts.tensors is None:
            for check in sums:
                check.unseen.append((layer.name, "no rule"))
            return
        fixed = layer.owner.op.frozen_names
        predicted = {
            t.name: (
                tuple(map(int, t.shape)),
                "buffer" if not t.learned else "frozen" if layer.held or t.name in fixed else "learned",
            )
            for t in layer.facts.tensors
        }
        kinds = {params: ("learned", "frozen"), trainable: ("learned",), buffers: ("buffer",)}
        for check, kind in kinds.items():
            mine = {name: shape for name, (shape, what) in predicted.items() if what in kind}
            theirs = {name: shape for name, (shape, what) in found.items() if what in kind}
            check.layer(
                [
                    Difference(layer.name, name, mine.get(name), theirs.get(name))
                    for name in dict.fromkeys((*mine, *theirs))
                    if mine.get(name) != theirs.get(name)
                ]
            )
            for shape in theirs.values():
                size = 1
                for n in shape:
                    size *= n
                sums[check] += size

    def _saved(self) -> list[Check]:
        """Bytes kept for the backward pass, a layer at a time."""
        check = Check("kept for backward")
        cuda = self.device == "cuda"
        built = self._shared(self.device, training=True)
        training = self.summary.memory.training
        check.unseen = [(layer.name, layer.op.no_saved_rule or "no rule") for layer in training.uncounted]
        inputs = random_inputs(self.graph, self.batch, self.device)
        found = measure.saved(built, inputs)
        if self.device != "cpu":
            check.unseen += [
                (layer.name, layer.op.saved_by_device) for layer in self.layers if layer.op.saved_by_device
            ]
        names = {name for name, _ in check.unseen}
        unknown = [layer for layer in self.layers if layer.name in names]
        # Who is the first to keep what these read and put out is not known either.
        doubtful = {*unknown, *[source for layer in unknown for source in layer.inputs]}
        for layer in self.layers:
            if layer in doubtful or doubtful.intersection(layer.inputs):
                continue
            predicted, measured = training.saved(layer, self.batch, WIDTH, cuda), found[layer]
            check.layer([] if predicted == measured else [Difference(layer.name, None, predicted, measured)])
        total = training.total(self.batch, WIDTH, cuda)
        if unknown:
            check.predicted, check.measured = total, sum(found.values())
        else:
            check.total(total, sum(found.values()))
        return [check]

    def _shared_peak(self) -> int:
        """Values that live at a time in inference at most, where views take no storage."""
        return Memory(self.graph, self.layers, self.summary.ends, views=True).peak

    def _peak(self) -> list[Check]:
        """The most bytes that live at a time in inference."""
        check = Check("peak of inference")
        check.of = None
        inference = self._inference or self._infer(self.device)
        summary = self.summary
        predicted = summary.scaled(summary.memory.peak)
        # The rule lays out anew what is viewed and read elsewhere too, so that each may be written
        # over; PyTorch's views share it.
        shared = self._shared_peak()
        if shared != summary.memory.peak:
            less = summary.scaled(shared) - predicted
            check.explained = [("views share what others read too", less)]
        check.sum(predicted, inference.peak, inference.at or "total")
        return [check]

    def _step(self) -> list[Check]:
        """The most bytes that live at a time in a training step."""
        check = Check("peak of a training step")
        check.of = None
        training = self.summary.memory.training
        check.unseen = self._unstepped()
        built = self._shared(self.device, training=True)
        measured = measure.step_bytes(built, random_inputs(self.graph, self.batch, self.device))
        predicted = training.step(self.batch, WIDTH, self.device == "cuda")
        if check.unseen:
            check.predicted, check.measured = predicted, measured
        else:
            check.approximately(predicted, measured, STEP_PERCENT, LEAST)
        return [check]

    def _unstepped(self) -> list[tuple[str, str]]:
        """The layers of which a backward pass makes what no rule knows, with the reason."""
        uncounted = self.summary.memory.training.uncounted
        found = [(layer.name, layer.op.no_saved_rule or "no rule") for layer in uncounted]
        return found + [
            (at.name, at.op.backward_temporaries) for at in self.layers if at.op.backward_temporaries
        ]

    def _allocator(self, training: bool) -> list[Check]:
        """CUDA's allocator at its highest in inference or in a training step, parameters and
        buffers included."""
        counts, memory = self.summary.counts, self.summary.memory
        held = (counts.params + counts.buffers) * WIDTH
        if training:
            peak = memory.training.step(self.batch, WIDTH, cuda=True)
        else:
            peak = self._shared_peak() * self.batch * WIDTH
        check = Check(f"allocator in {'a training step' if training else 'inference'}")
        check.of = None

        def make() -> tuple[Built, list[torch.Tensor]]:
            return self._build(self.device, training), random_inputs(self.graph, self.batch, self.device)

        highest = (allocator.step if training else allocator.inference)(make)
        check.explained = [
            ("library workspace", highest.workspace),
            ("blocks rounded up", highest.rounding),
            ("other tensors then", highest.others),
        ]
        check.unseen = self._unstepped() if training else []
        if check.unseen:
            check.predicted, check.measured = held + peak, highest.measured
        else:
            percent = STEP_PERCENT if training else INFERENCE_PERCENT
            check.approximately(held + peak, highest.measured, percent, LEAST)
        return [check]


def receptive_fields(graph: Graph, fields: Fields, layers: Sequence[Layer]) -> Check:
    """Compare what units at the ends of stages read, by the rules and by gradients."""
    check = Check("receptive fields")
    differ: dict[Layer, list[Difference]] = {}
    for layer in layers:
        if not graph.reads_map(layer):
            continue
        if not reach.reads_map(layer):
            differ[layer] = [Difference(layer.name, "statistics", "of the whole map", "of less")]
        elif not graph.whole_norms:
            check.unseen.append(
                (layer.name, "its statistics over the whole map are left out; --whole-norms counts them")
            )
    for layer, unit, predicted, found in reach.fields(graph, fields, layers):
        mine = differ.setdefault(layer, [])
        # A layer need not see all inputs.
        for source in dict.fromkeys((*predicted, *found)):
            one, other = predicted.get(source), found.get(source)
            if one is None or not one.allows(other):
                place = "unit " + ",".join(map(str, unit))
                block = None if one is None else one.block
                mine.append(Difference(layer.name, place, block, other))
    for differences in differ.values():
        check.layer(differences)
    return check


def batched_macs(layer: Layer, batch: int) -> int:
    """The MACs of a layer for a batch; 0 where there is no rule."""
    facts = layer.facts
    once = facts.operations.once if facts.operations is not None else 0
    return (facts.macs or 0) * batch - int(once) * (batch - 1)


def stated_macs(layer: Layer) -> int:
    """The MACs on parameters alone that a layer states, which its counterpart does not do."""
    return int(layer.op.__dict__.get("extra_macs") or 0)
