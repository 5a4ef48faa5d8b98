"""How right values come about, for the reports of `archcalc check`."""

from __future__ import annotations

from ...analysis.explained import explained
from ...analysis.explanation import Explanation
from ...answers.question import Question
from ...answers.quiz import Quiz
from ...answers.quiz_item import QuizItem
from ...loading import LoadedNetwork
from ..sheet import Sheet, Space
from .explain import explain_sheets


def solution_sheets(
    network: LoadedNetwork, asked: Question, space: Space, batch: int, dtype: str, layout: str
) -> list[Sheet]:
    """How the right value comes about, as `archcalc explain` says it."""
    how = {"batch": batch, "dtype": dtype, "layout": layout}
    found = explained(Explanation, network.graph, asked.where, asked.quantity, **how)
    return explain_sheets(found, space)


def item_solution(quiz: Quiz, item: QuizItem, space: Space) -> list[Sheet]:
    """How the right value of a question of a quiz comes about."""
    target = next(question.target for question in quiz.questions if question.id == item.id)
    layout = quiz.conventions["layout"]
    return solution_sheets(quiz.network(target), item.asked, space, quiz.batch, quiz.dtype, layout)
