"""Merges: what they join."""

from __future__ import annotations

from ..diagnostics import fault
from ..graph import Layer
from ..source import Span
from .frames import Here
from .layer_calls import LayerCall


def check_merge(plan: LayerCall) -> None:
    """Raise PlacedError where a merge has nothing to join, or two kinds of inputs."""
    call = plan.call
    given = len(call.branches) + len(plan.references) + plan.op.takes_arriving
    if given >= 2 and not (call.branches and plan.references):
        return
    if call.branches and plan.references:
        message = f"`{call.name}` has branches and named tensors: give one or the other"
    elif given:
        message = f"`{call.name}` joins two or more, and gets one"
    else:
        message = f"`{call.name}` has nothing to join"
    help = f"write branches indented below, each behind `|`, or name tensors: `{call.name} @a @b`"
    raise fault("syntax", message, call.name_span, help)


def merge_inputs(plan: LayerCall, here: Here, current: Layer | None) -> tuple[list[Layer | None], list[Span]]:
    """Return the tensors that a merge names, behind the one that arrives if it takes that; and where they
    stand. Raises PlacedError."""
    tensors = [here.frame.tensor(reference) for reference in plan.references]
    spans = [reference.span for reference in plan.references]
    if plan.op.takes_arriving:
        return [current, *tensors], [plan.call.name_span, *spans]
    return tensors, spans
