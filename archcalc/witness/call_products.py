"""The multiply-adds of each call of a module: by the rules of its layers, and as FlopCounterMode has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from ..graph import Layer
from ..importing.operations.lifting.lifter import LiftedLayer
from ..importing.torch import Trace
from .build import NAMES, reads_several, torch_code_of
from .compare import stated_macs
from .inputs import channels_first
from .watched import CallKey, OperationLog, SeenOperation, call_key, paired

# The operations of each call that were recorded, each with the one that was seen for it.
Matched = dict[CallKey, list[tuple[Any, "SeenOperation | None"]]]


def matched(trace: Trace, log: OperationLog) -> Matched:
    """Pair what was recorded of a module with what was seen of it when it ran again, call by call."""
    placements = trace.lifter.placements
    by_call: dict[CallKey, list[Any]] = {}
    for operation in trace.recording.operations:
        by_call.setdefault(call_key(operation.call), []).append(operation)

    def expected(operation: Any) -> Any:
        placement = placements.get(operation.outputs[0].index)
        return ((placement.sizes if placement is not None else operation.outputs[0].sizes),)

    return {
        key: list(zip(operations, paired(operations, log.calls.get(key, []), expected), strict=True))
        for key, operations in by_call.items()
    }


class CallProducts:
    """The multiply-adds of the layers that one call of a module came to, those of modules inside it apart.

    name       of the module, or of its first layer
    layers     the layers
    unknown    those of them that have no rule
    stated     whether some state multiply-adds on parameters alone, which no counter sees by themselves
    predicted  by the rules
    measured   as the counter has them, with those of the counterpart where it does not see an operation
    blind      whether it does not see one, and no counterpart stands for it
    seen       by layer what the counter has of the operation that it was made for; None where it sees nothing
    remarks    what the counter does not see
    """

    def __init__(self, key: CallKey, layers: Sequence[LiftedLayer], pairs: Matched):
        self.name = key[0] or layers[0].layer.name
        self.layers = layers
        self.unknown = [made.layer for made in layers if made.layer.facts.macs is None]
        self.stated = any(stated_macs(made.layer) for made in layers)
        self.predicted = sum([(made.layer.facts.macs or 0) - stated_macs(made.layer) for made in layers])
        self.measured = sum([seen.macs or 0 for _, seen in pairs.get(key, []) if seen is not None])
        self.blind = False
        self.seen: dict[Layer, int | None] = {}
        self.remarks: list[str] = []
        seen_for = {
            value.index: (operation, seen)
            for operation, seen in pairs.get(key, [])
            for value in operation.outputs
        }
        for made in layers:
            operation, seen = seen_for.get(made.operation.output.index, (made.operation, None))
            found = seen.macs if seen is not None and seen.macs else None
            self.seen[made.layer] = found
            if not made.layer.facts.macs or found:
                continue
            counted = products_of(made.layer)
            reason = f"FlopCounterMode does not see {operation.target}"
            self.blind |= not counted
            self.measured += counted or 0
            self.seen[made.layer] = counted
            self.remarks.append(f"{reason}: its counterpart's stand for it" if counted else reason)


def products_by_call(made: Sequence[LiftedLayer], pairs: Matched) -> Iterator[CallProducts]:
    """Yield the multiply-adds of each call that layers came of, in order."""
    by_call: dict[CallKey, list[LiftedLayer]] = {}
    for one in made:
        by_call.setdefault(call_key(one.operation.call), []).append(one)
    for key, layers in by_call.items():
        yield CallProducts(key, layers, pairs)


def products_of(layer: Layer) -> int | None:
    """The multiply-adds of a layer's counterpart by itself, as FlopCounterMode counts them; None where there
    is none."""
    try:
        code = torch_code_of(layer)
        with torch.device("meta"):
            module = None if code.module is None else eval(code.module, NAMES).eval()
        what = "xs" if reads_several(layer) else "x"
        apply = eval(f"lambda m, {what}: {code.apply}", NAMES)
        xs = [torch.empty(channels_first(source.output, 1), device="meta") for source in layer.inputs]
        counter = FlopCounterMode(display=False)
        with torch.inference_mode(False), torch.no_grad(), counter:
            apply(module, xs if what == "xs" else xs[0])
        return counter.get_total_flops() // 2
    except Exception:
        return None
