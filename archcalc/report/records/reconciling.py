"""The record of figures that are reconciled with ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import headed

if TYPE_CHECKING:
    from ...analysis.tools_of_training import TrainingFigures
    from ...reconciling.search import FigureExplanation, Reconciliation
    from ...reconciling.tools import CountsByTools


def reconciliation_record(report: Reconciliation) -> dict[str, Any]:
    """`reconcile`: each printed figure with what gives it."""
    ran = [
        {
            "counter": run.counter,
            "version": run.version,
            "figure": run.figure,
            "by_profile": run.by_profile,
            "layers": run.layers,
            "differing": [
                {"name": name, "figure": figure, "by_profile": by_profile}
                for name, figure, by_profile in run.differing
            ],
        }
        for run in report.runs
    ]
    return headed(
        {
            "name": report.name,
            **({"with": ran} if ran else {}),
            "figures": [
                {
                    "printed": figure.printed.text,
                    "explained": figure.explained,
                    "explanations": [explanation_record(one) for one in figure.explanations],
                    "nearest": None if figure.nearest is None else explanation_record(figure.nearest),
                    "wrong": figure.wrong or None,
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
        "title": explanation.title or None,
    }


def tools_record(figures: CountsByTools) -> dict[str, Any]:
    """`explain --tools`: every tool's figure, and how it differs from ours."""
    return headed(
        {
            "name": figures.name,
            "macs": figures.macs,
            "tools": [
                {
                    "counter": row.profile.name,
                    "tool": row.profile.tool,
                    "version": row.profile.version,
                    "figure": row.figure,
                    "unit": row.profile.unit,
                    "with_modules": row.with_modules,
                    "differences": row.differences,
                    "faults": [
                        {"fault": fault.fault, "reason": fault.reason, "amount": fault.amount}
                        for fault in row.faults
                    ],
                }
                for row in figures.rows
            ],
            "uncounted": figures.uncounted,
        }
    )


def training_record(figures: TrainingFigures) -> dict[str, Any]:
    """`explain TARGET step_macs --tools`: a training step, counted in several ways, in FLOPs."""
    return headed(
        {
            "name": figures.graph.metadata.name,
            "training": [
                {
                    "counter": row.counter,
                    "rule": row.rule,
                    "forward": row.forward,
                    "backward": row.backward,
                    "step": row.step,
                    "fault": row.fault,
                    "reason": row.reason or None,
                }
                for row in figures.rows
            ],
            "saved_by_freezing": figures.saved,
            "uncounted": figures.uncounted,
        }
    )
