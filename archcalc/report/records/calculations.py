"""Records of what is computed of quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...analysis.notation import written
from . import headed
from .networks import explanation_record
from .verdicts import plain_value

if TYPE_CHECKING:
    from ...answers.calculated import CalculatedQuestion
    from ...answers.calculations import Calculations


def calculation_record(report: Calculations) -> dict[str, Any]:
    """`explain` of an expression: what it comes to, and how each quantity of it comes about."""
    return headed(
        {
            "networks": [graph.metadata.name for graph in report.graphs],
            "calculations": [_calculation(question) for question in report.questions],
            "quantities": [
                {"name": words, **explanation_record(explanation)}
                for words, explanation in report.explanations.items()
            ],
        }
    )


def _calculation(question: CalculatedQuestion) -> dict[str, Any]:
    made = question.formula
    return {
        "expression": question.text,
        "kind": question.quantity,
        "value": plain_value(question.plain),
        "shown": question.shown,
        "unit": question.unit or None,
        "formula": written(made),
        "numbers": written(made, numbers=True),
        "quantities": {
            question.written[key]: plain_value(side.plain) for key, side in question.sides.items()
        },
    }
