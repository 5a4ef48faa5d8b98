"""The figures of a traced module beside what the module itself does when it is run and watched."""

from __future__ import annotations

from math import prod
from typing import Any

import torch

from ..analysis.summary import Summary
from ..diagnostics import SpecError
from ..graph import Layer
from ..importing.operations.recording import BUFFER, PARAMETER, Value
from ..importing.torch import Trace
from ..importing.torch.isolation import Isolated
from .build import build
from .call_products import Matched, matched, products_by_call
from .compare import Check, Difference, Verification
from .loaded import laid_out, load_values, run_layers
from .watched import own_module

# How far outputs in single precision may be apart.
TOLERANCE = 1e-4
# What the counterpart of the graph is measured for, where the module itself cannot be.
COUNTERPART = ("peak of a training step", "receptive fields", "allocator in inference")
EAGER = "the rule says what the network needs; the module's own code and kernels may hold more, or less"


class OwnVerification:
    """A traced module beside itself: its graph says what it does, and a run that is watched shows it.

    checks   sizes, tensors, multiply-adds, memory and outputs of the module itself, then what is measured of
             the counterpart of its graph
    lines    what the module printed
    by_counterpart  the quantities that are measured of the counterpart
    """

    reordered = False

    def __init__(self, trace: Trace, *, device: str = "meta", with_heads: bool = False):
        self.trace = trace
        self.graph = trace.graph
        self.torch = torch.__version__
        self.batch = 1
        self.layers = self.graph.select(with_heads)
        self.summary = Summary(self.graph, with_heads=with_heads)
        chosen = set(self.layers)
        self.made = [made for made in trace.lifter.made if made.layer in chosen]
        self.opaque = [layer.name for layer in self.layers if layer.op.name == "opaque"]
        self.checks: list[Check] = []
        self.by_counterpart: list[str] = []
        kept = Isolated()
        with kept:
            self.watched = own_module(trace, device)
            self.device = self.watched.device.type
            self._products: Check | None = None
            self._take("output shapes", self._run)
            self._take("parameters", self._tensors)
            if self._products is not None:
                self.checks.append(self._products)
            if self.watched.values:
                self._take("outputs", self._outputs)
            self._take("peak of inference", self._memory)
            self._counterpart(with_heads)
        self.lines = kept.lines

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return all(check.agrees for check in self.checks)

    @property
    def sides(self) -> str:
        """Who stands against whom."""
        return f"rules against the module itself, PyTorch {self.torch} on {self.device}"

    def _take(self, quantity: str, measured: Any) -> None:
        """Take in checks. What the module cannot be measured for is said, and is no difference."""
        try:
            self.checks += measured()
        except SpecError:
            raise
        except Exception as error:
            check = Check(quantity)
            check.of = None
            line = str(error).strip().split("\n")[0]
            check.unseen.append((self.trace.recording.target, f"{type(error).__name__}: {line}"))
            self.checks.append(check)

    # Sizes and multiply-adds ------------------------------------------------------------------

    def _run(self) -> list[Check]:
        shapes = Check("output shapes")
        differ: dict[Layer, list[Difference]] = {}
        chosen = {made.layer for made in self.made}
        pairs = matched(self.trace, self.watched.log())
        for operation, seen in [pair for found in pairs.values() for pair in found]:
            for value, sizes in zip(operation.outputs, seen.sizes if seen else (), strict=False):
                self._size(value, sizes, chosen, differ)
        for layer in self.layers:
            if layer.op.name == "opaque":
                shapes.unseen.append((layer.name, "its shape is the one that PyTorch gave, and no rule's"))
            elif layer in differ:
                shapes.layer(differ[layer])
        self._products = self._macs(pairs)
        return [shapes]

    def _size(
        self, value: Value, sizes: tuple[int, ...], chosen: set[Layer], differ: dict[Layer, list[Difference]]
    ) -> None:
        placement = self.trace.lifter.placements.get(value.index)
        if placement is None:
            return
        source = placement.source
        layer = source if isinstance(source, Layer) else source.layer
        if layer not in chosen:
            return
        found = differ.setdefault(layer, [])
        if placement.sizes != sizes:
            found.append(Difference(layer.name, None, placement.sizes, sizes))

    def _macs(self, pairs: Matched) -> Check:
        """The multiply-adds of each module by itself, modules inside it apart."""
        check = Check("MACs")
        sums = [0, 0]
        for call in products_by_call(self.made, pairs):
            check.unseen += [(layer.name, "no rule") for layer in call.unknown]
            if call.unknown:
                continue
            if call.stated:
                check.unseen.append((call.name, "those that `extra_macs` states are not compared"))
            check.unseen += [(call.name, remark) for remark in call.remarks]
            if (call.predicted or call.measured) and not call.blind:
                differs = [Difference(call.name, "MACs", call.predicted, call.measured)]
                check.layer(differs if call.predicted != call.measured else [])
                sums[0] += call.predicted
                sums[1] += call.measured
        check.total(sums[0], sums[1])
        return check

    # Tensors ----------------------------------------------------------------------------------

    def _tensors(self) -> list[Check]:
        module = self.watched.module
        named = dict(module.named_parameters(remove_duplicate=False))
        stored = dict(module.named_buffers(remove_duplicate=False))
        params, trainable, buffers = Check("parameters"), Check("trainable"), Check("buffers")
        met: set[int] = set()
        held = 0
        for made in self.made:
            facts = made.layer.facts
            if made.layer.owner is not made.layer or not made.leaves:
                continue
            leaves = [leaf for leaf in made.leaves if leaf.index not in met]
            met.update([leaf.index for leaf in leaves])
            mine = [
                leaf.of(named[leaf.name]) for leaf in leaves if leaf.kind == PARAMETER and leaf.name in named
            ]
            learned = sum([tensor.numel() for tensor in mine])
            loose = [leaf for leaf in leaves if leaf.kind == PARAMETER and leaf.name not in named]
            if loose:
                params.unseen.append((made.layer.name, "no module registers it"))
                continue
            trained = sum([tensor.numel() for tensor in mine if tensor.requires_grad])
            held_here = [leaf for leaf in leaves if leaf.kind == BUFFER and leaf.name in stored]
            kept = [leaf.of(stored[leaf.name]) for leaf in held_here]
            held += sum([tensor.numel() for tensor in kept])
            _compare(params, made.layer, facts.params, learned)
            _compare(trainable, made.layer, made.layer.trainable, trained)
            _compare(buffers, made.layer, facts.buffers, sum([tensor.numel() for tensor in kept]))
        unused = self._unused(params)
        counts = self.summary.counts
        # What side heads alone need is in neither total, unless they are asked for.
        used = {leaf.index for made in self.made for leaf in made.leaves}
        leaves_by_index = {leaf.index: leaf for made in self.trace.lifter.made for leaf in made.leaves}
        beside = [
            t.of(named[t.name]) for n, t in leaves_by_index.items() if n not in used and t.name in named
        ]
        total = sum([tensor.numel() for tensor in module.parameters()])
        total -= sum([tensor.numel() for tensor in beside])
        rests = self.trace.lifter.parts.rests(
            [leaf for made in self.trace.lifter.made for leaf in made.leaves]
        )
        total -= sum([prod(rest.sizes) for rest in rests])
        params.total(counts.params, total - (unused.measured or 0))
        free = [tensor for tensor in module.parameters() if tensor.requires_grad]
        spent = [v for v in self.trace.recording.unused if v.name in named and named[v.name].requires_grad]
        trained = sum([t.numel() for t in free]) - sum([t.numel() for t in beside if t.requires_grad])
        spent += [rest for rest in rests if not rest.frozen]
        trainable.total(counts.trainable, trained - sum([prod(v.sizes) for v in spent]))
        buffers.total(counts.buffers, held)
        return [params, *([unused] if unused.predicted or unused.measured else []), trainable, buffers]

    def _unused(self, params: Check) -> Check:
        """The parameters that no output needs, beside those that gradients of the outputs do not reach."""
        check = Check("unused parameters")
        check.of = None
        unused = {value.name: prod(value.sizes) for value in self.trace.recording.unused}
        check.predicted = check.measured = sum(unused.values())
        try:
            reached = self.watched.reached()
        except Exception as error:
            check.unseen.append((self.trace.recording.target, f"no gradients: {type(error).__name__}"))
            return check
        for name in sorted(reached & unused.keys()):
            check.differences.append(Difference(name, "unused", unused[name], 0))
            check.measured -= unused[name]
        return check

    # Outputs and memory -----------------------------------------------------------------------

    def _outputs(self) -> list[Check]:
        """The outputs of the counterpart with the module's values, beside the module's."""
        check = Check("outputs")
        fixed = [layer.name for layer in self.layers if layer.op.__dict__.get("fixed")]
        stated = [made.layer.name for made in self.made if made.layer.op.__dict__.get("extra")]
        reasons = (
            (self.opaque, "no rule"),
            (fixed, "its values are computed"),
            (stated, "its weights are made of others"),
        )
        for names, reason in reasons:
            check.unseen += [(name, f"{reason}: no outputs behind it are compared") for name in names]
        if check.unseen:
            return [check]
        module = self.watched.module
        values = {
            **dict(module.named_parameters(remove_duplicate=False)),
            **dict(module.named_buffers(remove_duplicate=False)),
        }
        built = build(self.graph, self.graph.select(with_heads=True), device=str(self.watched.device))
        load_values(built, self.trace.lifter, values)
        args, kwargs, given = self.watched.arguments()
        given = [tensor.clone() for tensor in given]
        wanted = self.watched.run(args, kwargs)
        found = run_layers(built.eval(), self.trace.lifter, given)
        for (name, value), tensor in zip(self.trace.recording.outputs, wanted, strict=True):
            placement = self.trace.lifter.placements.get(value.index)
            layer = None if placement is None else self.trace.lifter.forced(placement.source)
            if placement is None or layer not in found:
                continue
            made = laid_out(found[layer], placement)
            same = made.shape == tensor.shape and torch.allclose(
                made.float(), tensor.float(), atol=TOLERANCE, rtol=TOLERANCE, equal_nan=True
            )
            apart = (
                f"up to {(made - tensor).abs().max():.3g} apart" if made.shape == tensor.shape else "others"
            )
            check.layer([] if same else [Difference(layer.name, f"output {name}", "the same values", apart)])
        return [check]

    def _memory(self) -> list[Check]:
        memory = self.summary.memory
        peak = Check("peak of inference")
        peak.of = None
        peak.predicted, peak.measured = self.summary.scaled(memory.peak), self.watched.peak()
        found = [peak]
        unknown = [layer.name for layer in memory.training.uncounted]
        kept = Check("kept for backward")
        kept.of = None
        if unknown:
            kept.unseen += [(name, "no rule") for name in unknown]
        else:
            kept.predicted, kept.measured = int(self.summary.totals["saved_bytes"]), self._kept()
        found.append(kept)
        for check in found:
            if check.predicted != check.measured:
                check.unseen.append(("the module", EAGER))
        return found

    def _kept(self) -> int:
        module, mode = self.watched.module, self.trace.recording.training
        module.train()
        try:
            return self.watched.kept()
        finally:
            module.train(mode)

    def _counterpart(self, with_heads: bool) -> None:
        """What is measured of the counterpart of the graph."""
        try:
            found = Verification(self.graph, device=self.device, with_heads=with_heads)
        except SpecError as error:
            check = Check("the graph's counterpart")
            check.of = None
            check.unseen.append((self.trace.recording.target, error.diagnostics[0].message))
            self.checks.append(check)
            return
        measured = [check for check in found.checks if check.quantity.startswith(COUNTERPART)]
        self.by_counterpart = [check.quantity for check in measured]
        self.checks += measured


def _compare(check: Check, layer: Layer, predicted: int | None, measured: int) -> None:
    """Take in a layer that has any of them."""
    if predicted is None:
        check.unseen.append((layer.name, "no rule"))
    elif predicted or measured:
        check.layer([] if predicted == measured else [Difference(layer.name, None, predicted, measured)])
