"""How right values come about, as `archcalc explain` shows it."""

from __future__ import annotations

from ...analysis.explained import explained
from ...analysis.explanation import Explanation
from ...answers.question import Question
from ..sheet import Sheet, Space
from .explain import explain_sheets


def solution_sheets(asked: Question, space: Space) -> list[Sheet]:
    """How the right value of a question comes about."""
    summary = asked.summary
    how = {"batch": summary.batch, "dtype": summary.dtype, "layout": asked.conventions["layout"]}
    found = explained(Explanation, asked.graph, asked.where, asked.quantity, **how)
    return explain_sheets(found, space)
