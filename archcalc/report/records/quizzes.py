"""The record of a quiz that is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..posed_questions import solution_lines
from . import headed
from .verdicts import plain_points, plain_value

if TYPE_CHECKING:
    from ...questions.posed import PosedQuestion, PosedQuiz


def quiz_record(quiz: PosedQuiz, solutions: bool) -> dict[str, Any]:
    """`quiz`: the variants with their questions, right values and options."""
    return headed(
        {
            "title": quiz.title,
            "seed": quiz.seed,
            "conventions": dict(quiz.quiz.conventions),
            "variants": [
                {
                    "variant": variant.name,
                    "seed": variant.seed,
                    "points": plain_points(variant.points),
                    "questions": [_question(question, solutions) for question in variant.questions],
                }
                for variant in quiz.variants
            ],
        }
    )


def _question(question: PosedQuestion, solutions: bool) -> dict[str, Any]:
    asked = question.item.asked
    layout = asked.conventions["layout"]
    return {
        "question": question.id,
        "text": question.text,
        "target": question.question.target,
        "asks": asked.name,
        "points": plain_points(question.points),
        "right": plain_value(question.value, layout),
        "unit": question.question.unit or asked.unit or None,
        "digits": question.question.digits,
        "figure": question.figure,
        "options": [
            {
                "text": choice.text,
                "right": choice.right,
                "ids": list(choice.reading.ids) if choice.reading else [],
                "words": choice.reading.words if choice.reading else None,
                "reason": (choice.reading.explanation or None) if choice.reading else None,
            }
            for choice in question.choices
        ],
        "solution": solution_lines(question) if solutions else None,
    }
