"""Somebody else's module: traced as every target that is one, and told layer by layer as it was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from ..diagnostics import Diagnostic
from ..graph import Layer
from ..importing.operations.lifting.lifter import LiftedLayer
from ..importing.operations.recording import PARAMETER, Recording
from ..importing.torch import Trace, trace_network
from ..importing.torch.isolation import Isolated, printed
from ..importing.torch.sizes import GivenTensor
from ..importing.torch.stored import StoredModule
from ..importing.torch.targets import ModuleTarget
from .call_products import CallProducts, matched, products_by_call
from .watched import OwnModule, own_module


class LayerRecord:
    """A layer of the graph of a module.

    name      of the layer
    path      of the module that it stands in
    kind      the class of the module, or the word of the layer
    learned   the sizes of its learned tensors, those of another layer before it left out
    buffers   those of its other tensors
    output    its shape
    macs      its multiply-adds, as measured; None where nobody knows them
    remark    how they were found, where the counter does not see them
    """

    __slots__ = ("name", "path", "kind", "learned", "buffers", "output", "macs", "remark")

    def __init__(
        self,
        name: str,
        path: str,
        kind: str,
        learned: Sequence[Sequence[int]],
        buffers: Sequence[Sequence[int]],
        output: Sequence[int],
        macs: int | None,
        remark: str = "",
    ):
        self.name = name
        self.path = path
        self.kind = kind
        self.learned = [tuple(sizes) for sizes in learned]
        self.buffers = [tuple(sizes) for sizes in buffers]
        self.output = tuple(output)
        self.macs = macs
        self.remark = remark

    def to_dict(self) -> dict[str, Any]:
        """The JSON, of which ``LayerRecord(**…)`` makes the same again."""
        return {name: getattr(self, name) for name in self.__slots__}


class Foreign:
    """A module of somebody else's.

    records   the layers of its graph, in order
    params    learned values of these layers, each tensor once; ``buffers`` the others, without batch counters
    idle      the outermost modules of which no output needs a parameter, as of side heads in inference, and
              single parameters
    macs      multiply-adds of one run, those of layers apart of which nobody knows them
    peak      the most bytes that lived between its operations, parameters and buffers apart; None where it
              could not be measured
    remarks   what was noticed of it: what it printed, how sizes were read
    """

    def __init__(
        self,
        records: Sequence[LayerRecord],
        idle: Sequence[str],
        peak: int | None,
        remarks: Sequence[Diagnostic] = (),
    ):
        self.records = list(records)
        self.idle = list(idle)
        self.peak = peak
        self.remarks = list(remarks)
        self.params = sum([prod(sizes) for record in records for sizes in record.learned])
        self.buffers = sum([prod(sizes) for record in records for sizes in record.buffers])
        self.macs = sum([record.macs or 0 for record in records])

    @property
    def unknown(self) -> list[str]:
        """The layers whose multiply-adds nobody knows."""
        return [record.name for record in self.records if record.macs is None]

    def to_dict(self) -> dict[str, Any]:
        """The JSON, of which ``of`` makes the same again."""
        return {
            "records": [record.to_dict() for record in self.records],
            "idle": self.idle,
            "peak": self.peak,
            "remarks": [
                {name: getattr(remark, name) for name in ("code", "severity", "message", "notes", "help")}
                for remark in self.remarks
            ],
        }

    @classmethod
    def of(cls, found: dict[str, Any]) -> Foreign:
        """Read what ``to_dict`` wrote."""
        records = [LayerRecord(**record) for record in found["records"]]
        remarks = [
            Diagnostic(
                one["code"],
                one["message"],
                severity=one["severity"],
                notes=one["notes"],
                help=tuple(one["help"]),
            )
            for one in found["remarks"]
        ]
        return cls(records, found["idle"], found["peak"], remarks)


def run(
    target: str,
    given: Any = None,
    others: Mapping[str, GivenTensor] | None = None,
    *,
    layout: str = "hwc",
    training: bool = False,
    with_heads: bool = False,
) -> Foreign:
    """Trace the module that ``target`` names, and measure it.

    Args:
        target: What names it.
        given: What its ``forward`` is given; see ``archcalc.importing.torch.inputs.arguments``.
        others: The inputs of the network that it stands beside, for what is not given.
        layout: The order of the axes in sizes: ``hwc``, channels last, or ``chw``.
        training: Whether it runs in training mode.
        with_heads: Whether the layers count that its first output does not need.

    Raises:
        SpecError: There is no such module, or it fails on the inputs however sequences are laid out; it
            holds what was raised first.
    """
    found = StoredModule.find(target) or ModuleTarget.read(target)
    trace = trace_network(found, given, layout=layout, training=training, others=others)
    return foreign(trace, with_heads)


def foreign(trace: Trace, with_heads: bool = False) -> Foreign:
    """Measure a module that was traced."""
    chosen = set(trace.graph.select(with_heads))
    made = [one for one in trace.lifter.made if one.layer in chosen]
    peak = None
    products: dict[Layer, tuple[int | None, str]] = {}
    kept = Isolated()
    with kept:
        module = own_module(trace, "meta")
        products = _products(trace, module, made)
        try:
            peak = module.peak()
        except Exception:  # it runs where it is recorded, and not where it is watched so
            peak = None
    remarks = {(remark.message, *remark.notes): remark for remark in trace.diagnostics}
    if kept.lines:
        remark = printed(trace.recording.target, kept.lines)
        remarks.setdefault((remark.message, *remark.notes), remark)
    records = _records(trace, made, products)
    return Foreign(records, _idle(trace.recording), peak, list(remarks.values()))


def _products(
    trace: Trace, module: OwnModule, made: Sequence[LiftedLayer]
) -> dict[Layer, tuple[int | None, str]]:
    """The multiply-adds of each layer, and what is to be said of them."""
    try:
        pairs = matched(trace, module.log())
    except Exception as error:
        reason = f"its module cannot be watched ({type(error).__name__}): the rule of its graph stands for it"
        return {one.layer: (one.layer.facts.macs, reason) for one in made}
    found: dict[Layer, tuple[int | None, str]] = {}
    for call in products_by_call(made, pairs):
        found |= {one.layer: _of_layer(one, call) for one in call.layers}
    return found


def _of_layer(one: LiftedLayer, call: CallProducts) -> tuple[int | None, str]:
    rule = one.layer.facts.macs
    if not rule or call.stated:
        return rule, ""
    seen = call.seen[one.layer]
    remark = next(iter(call.remarks), "") if call.blind and not seen else ""
    if remark:
        return rule, f"{remark}: the rule of its graph stands for it"
    if call.unknown or call.measured == call.predicted:
        return rule, ""
    alone = sum([1 for other in call.layers if other.layer.facts.macs]) == 1
    return (call.measured if alone else rule if seen is None else seen), ""


def _records(
    trace: Trace, made: Sequence[LiftedLayer], products: Mapping[Layer, tuple[int | None, str]]
) -> list[LayerRecord]:
    """The layers that have tensors or multiply-adds, or of which nobody knows whether they have any."""
    met: set[int] = set()
    found = []
    for one in made:
        layer = one.layer
        fresh = [leaf for leaf in one.leaves if leaf.index not in met]
        met.update([leaf.index for leaf in fresh])
        macs, remark = products.get(layer, (layer.facts.macs, ""))
        learned = [leaf.sizes for leaf in fresh if leaf.kind == PARAMETER]
        buffers = [leaf.sizes for leaf in fresh if leaf.kind != PARAMETER]
        if not (learned or buffers or macs or macs is None):
            continue
        path = layer.origin.module if layer.origin is not None else ""
        info = trace.recording.modules.get(path)
        kind = info.kind if info is not None and path and one.leaves else layer.op.name
        found.append(LayerRecord(layer.name, path, kind, learned, buffers, layer.output, macs, remark))
    return found


def _idle(recording: Recording) -> list[str]:
    """The outermost modules of which no output needs a parameter; and of others the single parameters."""
    unused = {value.index for value in recording.unused}
    below: dict[str, list[int]] = {}
    for path, info in recording.modules.items():
        steps = path.split(".") if path else []
        for depth in range(1, len(steps) + 1):
            below.setdefault(".".join(steps[:depth]), []).extend(
                [value.index for value in info.parameters.values()]
            )
    found: list[str] = []
    for path, indices in sorted(below.items(), key=lambda item: item[0].count(".")):
        inside = any(path.startswith(f"{other}.") for other in found)
        if indices and unused.issuperset(indices) and not inside:
            found.append(path)
    names = [value.name for value in recording.unused]
    found += [name for name in names if not any(name.startswith(f"{path}.") for path in found)]
    return found
