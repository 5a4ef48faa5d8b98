"""The record of figures that are reconciled with ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import headed

if TYPE_CHECKING:
    from ...reconciling.search import FigureExplanation, Reconciliation


def reconciliation_record(report: Reconciliation) -> dict[str, Any]:
    """`reconcile`: each printed figure with what gives it."""
    return headed(
        {
            "name": report.name,
            "figures": [
                {
                    "printed": figure.printed.text,
                    "explained": figure.explained,
                    "explanations": [explanation_record(one) for one in figure.explanations],
                    "nearest": None if figure.nearest is None else explanation_record(figure.nearest),
                }
                for figure in report.figures
            ],
        }
    )


def explanation_record(explanation: FigureExplanation) -> dict[str, Any]:
    """An explanation: what it assumes, the exact figure, and the terms that add up to it."""
    return {
        "assumptions": [
            {"kind": one.kind, "id": one.id, "words": one.words, "cost": one.cost}
            for one in explanation.assumptions
        ],
        "figure": explanation.value,
        "unit": explanation.unit,
        "terms": [{"what": term.what, "value": term.value} for term in explanation.terms],
        "believed": explanation.believed,
        "chance": str(explanation.chance),
        "sources": list(explanation.sources),
    }
