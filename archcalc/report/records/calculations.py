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
    from ...answers.compared_quantities import ComparedQuantities


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


def quantities_record(compared: ComparedQuantities) -> dict[str, Any]:
    """`compare --quantity`: each quantity of each network, beside the first; quotients as exact fractions."""
    first = compared.summaries[0]
    return headed(
        {
            "layout": first.layout,
            "batch": first.batch,
            "dtype": first.dtype,
            "networks": [summary.graph.metadata.name for summary in compared.summaries],
            "quantities": [
                {
                    "expression": one.text,
                    "unit": one.unit or None,
                    "values": [
                        {
                            "network": value.name,
                            "value": plain_value(value.value),
                            "at_least": value.at_least,
                            "difference": plain_value(value.difference),
                            "ratio": None if value.ratio is None else str(value.ratio),
                            "percent": None if value.change is None else str(100 * value.change),
                        }
                        for value in one.values
                    ],
                }
                for one in compared.quantities
            ],
        }
    )
