"""The JSON of `archcalc sweep`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...ops.attributes import plain_value
from ...sweeping.swept import flat, reason
from . import headed

if TYPE_CHECKING:
    from ...sweeping.findings import RefusedKind
    from ...sweeping.plan import SweepPlan
    from ...sweeping.swept import Swept, SweptDesign


def sweep_record(swept: Swept) -> dict[str, Any]:
    """`sweep`: what was asked for, how far it came, and the designs, one after the other."""
    plan, found, request = swept.plan, swept.found, swept.plan.call.request
    call = plan.call
    return headed(
        {
            "target": request.target,
            "axes": [
                {"name": axis.name, "values": [flat(value) for value in axis.values]}
                for axis in plan.space.axes
            ],
            "where": request.where,
            "pareto": [str(goal) for goal in plan.selection.pareto],
            "sort": [str(goal) for goal in plan.selection.sort],
            "top": call.top,
            "batch": request.batch,
            "dtype": request.dtype,
            "space": plan.space.size,
            "seed": call.seed if plan.designs.sampled else None,
            "wanted": plan.designs.size,
            "computed": found.designs,
            "complete": swept.course.complete,
            "networks": found.networks,
            "met": found.met,
            "unknown": found.unknown,
            "refused": [refusal_record(plan, one) for one in found.refused.values()],
            "designs": _designs(swept),
        }
    )


def refusal_record(plan: SweepPlan, one: RefusedKind) -> dict[str, Any]:
    """A reason for which designs are no networks."""
    return {
        "code": one.refusal.code,
        "message": one.refusal.message,
        "designs": one.designs,
        "example": _values(plan, one.refusal.example),
    }


def design_record(plan: SweepPlan, design: SweptDesign) -> dict[str, Any]:
    """A design: its number, its values, its output and its quantities."""
    record = {
        "number": design.number,
        "values": {name: flat(value) for name, value in design.values.items()},
        "output": list(design.output),
        "quantities": {name: plain_value(value) for name, value in design.quantities.items()},
    }
    return {**record, "alike": design.alike} if plan.selection.pareto else record


def refused_record(plan: SweepPlan, design: SweptDesign) -> dict[str, Any]:
    """A design that is no network, and why."""
    return {
        "number": design.number,
        "values": {name: flat(value) for name, value in design.values.items()},
        "reason": reason(plan, design.number),
    }


def _designs(swept: Swept) -> list[dict[str, Any]]:
    if swept.plan.selection.refused:
        return [refused_record(swept.plan, design) for design in swept.rows]
    return [design_record(swept.plan, design) for design in swept.rows]


def _values(plan: SweepPlan, number: int) -> dict[str, Any]:
    return {name: flat(value) for name, value in plan.space.design(number).items()}
