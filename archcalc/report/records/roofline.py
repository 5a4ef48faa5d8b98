"""Records of how long networks take at least."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...analysis.roofline import Device, LayerTime, Roofline, RooflineTotals
from ...analysis.scope import laid_out
from . import headed

if TYPE_CHECKING:
    from ...witness.timing import Timing


def device_record(device: Device) -> dict[str, Any]:
    """A device; figures are of one second."""
    return {
        "name": device.name,
        "title": device.title,
        "year": device.year,
        "bandwidth": device.bandwidth,
        "peaks": dict(device.peaks),
        "source": device.source,
        "note": device.note or None,
    }


def _head(roofline: Roofline) -> dict[str, Any]:
    scope = roofline.scope
    inputs = {at.name: laid_out(at.output, scope.layout) for at in scope.graph.inputs}
    about = scope.graph.metadata
    return {
        "name": about.name,
        "title": about.title,
        "layout": scope.layout,
        "dtype": scope.dtype,
        "fused": roofline.fused,
        "input": next(iter(inputs.values())) if len(inputs) == 1 else inputs,
        "device": device_record(roofline.device),
    }


def time_record(roofline: Roofline) -> dict[str, Any]:
    """`time`: bytes, operations and bounds of every layer, and of all. Times are in picoseconds."""
    measured = None
    if roofline.measured is not None:
        measured = {
            "time": roofline.measured,
            "utilisation": _exact(roofline.utilisation),
            "peak_share": _exact(roofline.peak_share),
            "bandwidth_share": _exact(roofline.bandwidth_share),
        }
    return headed(
        {
            **_head(roofline),
            "batch": roofline.batch,
            "layers": [_layer(row, roofline) for row in roofline.rows],
            "totals": totals_record(roofline.totals),
            "measured": measured,
            "uncounted": [row.name for row in roofline.totals.uncounted],
        }
    )


def _layer(row: LayerTime, roofline: Roofline) -> dict[str, Any]:
    traffic = row.traffic
    head = roofline.traffic.head.get(row.layer)
    return {
        "name": row.name,
        "op": row.layer.op.name,
        "output": laid_out(row.layer.output, roofline.scope.layout),
        "input_bytes": traffic.inputs,
        "param_bytes": traffic.params,
        "output_bytes": traffic.outputs,
        "bytes": row.bytes,
        "operations": row.operations,
        "intensity": _exact(row.intensity),
        "memory": row.memory,
        "compute": row.compute,
        "time": row.time,
        "bound": row.bound or None,
        "compute_from": row.compute_from,
        "measured": row.measured,
        "free": traffic.free or None,
        "with": None if head is None else head.name,
    }


def totals_record(totals: RooflineTotals) -> dict[str, Any]:
    """The sums over the layers."""
    return {
        "bytes": totals.bytes,
        "operations": totals.operations,
        "intensity": _exact(totals.intensity),
        "memory": totals.memory,
        "compute": totals.compute,
        "time": totals.time,
        "overlapped": totals.overlapped,
        "bound": totals.bound or None,
        "time_by_bound": dict(totals.by_bound),
        "layers_by_bound": dict(totals.layers_by_bound),
        "compute_from": totals.roofline.turn_of_all,
        "at_least": totals.at_least,
    }


def measured_record(roofline: Roofline, device: str, timing: Timing) -> dict[str, Any]:
    """`verify --time`: the record of `time`, and how it was measured."""
    where = {"torch": timing.torch, "device": device, "name": timing.device, "repeats": timing.repeats}
    return {**time_record(roofline), "run": where}


def batches_record(roofline: Roofline, batches: Sequence[int]) -> dict[str, Any]:
    """`time --batch A..B`: the sums for each batch, and where each layer turns."""
    found = []
    for batch in batches:
        record = totals_record(roofline.of_batch(batch))
        del record["compute_from"]
        found.append({"batch": batch, **record})
    return headed(
        {
            **_head(roofline),
            "batches": found,
            "compute_from": roofline.turn_of_all,
            "layers": [
                {"name": row.name, "op": row.layer.op.name, "compute_from": row.compute_from}
                for row in roofline.rows
            ],
            "uncounted": [row.name for row in roofline.totals.uncounted],
        }
    )


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
