"""Questions about layers that are given a matrix, ready to be marked."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..conventions import Conventions
from ..question import Question, Subject
from ..quiz_item import QuizItem
from .asking import asks_values
from .judging import MatrixMarker
from .question import MatrixDiagnosis, MatrixQuestion

if TYPE_CHECKING:
    from ...loading.applying import Applied


def matrix_item(
    subject: Subject,
    applied: Applied,
    ask: str,
    conventions: Conventions,
    flip: bool = False,
    id: str = "",
    points: Fraction = Fraction(1),
    digits: int | None = None,
    least_digits: int | None = None,
) -> QuizItem:
    """A question about values, or about another quantity of the same layers.

    Args:
        subject: The layers.
        applied: They, run on what is given.
        ask: What is asked: ``values``, ``pool1.values``, ``values[1,2]``, ``output``.
        conventions: How something is counted.
        flip: Whether kernels are turned round.
        id: What sheets call it; by default what is asked.
        points: What a right answer is worth.
        digits: Significant digits to which an answer may be rounded.
        least_digits: Digits to which it is to be rounded at least.

    Raises:
        SpecError: For a question that there is not.
    """
    if not asks_values(ask):
        asked = Question.read(subject, ask, conventions)
        return QuizItem(id or asked.name, asked, points, digits, least_digits)
    question = MatrixQuestion.of(subject, applied, ask, conventions, flip)
    item = QuizItem(id or question.name, question, points, digits, least_digits)
    item.marker, item.diagnosis = MatrixMarker(question), MatrixDiagnosis(question)
    return item
