"""Records of the networks of the zoo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..words import counted_besides
from . import numbered

if TYPE_CHECKING:
    from ...analysis.roofline import RooflineTotals
    from ...analysis.summary import Summary

# Published accuracies that an entry holds.
ACCURACIES = ("top1", "top5")


def zoo_record(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """`list`: one record per network."""
    return [numbered(entry) for entry in entries]


def device_figures(totals: RooflineTotals) -> dict[str, Any]:
    """What a device adds to a network; null where a layer has no rule."""
    intensity = None if totals.intensity is None else str(totals.intensity)
    figures = {"time": totals.time, "traffic": totals.bytes, "intensity": intensity}
    return dict.fromkeys(figures) if totals.at_least else figures


def entry_record(summary: Summary) -> dict[str, Any]:
    """A network of the zoo with its totals. Accuracies are those that `compare` takes, in per cent
    of right answers: as texts, which keep their digits, and as numbers."""
    from ...analysis.comparison import accuracy
    from ...analysis.scope import Row

    about = summary.graph.metadata
    known = {quantity: accuracy(summary, quantity) for quantity in ACCURACIES}
    last = summary.fields.last_local()
    field = summary.fields.main(last) if last is not None else None
    return {
        "name": about.name,
        "title": about.title,
        "family": about.family,
        "year": about.year,
        "papers": list(about.papers),
        "parameters": about.parameters,
        "input": summary.input,
        "size": list(Row(summary.graph.output, summary).size),
        "totals": summary.totals,
        "macs_besides": counted_besides(summary.layers),
        "rf": field.to_dict() if field is not None else None,
        **{quantity: found and found.text for quantity, found in known.items()},
        "accuracies": {quantity: found and float(found.value) for quantity, found in known.items()},
    }
