"""What a format of quizzes cannot hold."""

from __future__ import annotations

from ...diagnostics import fail
from ...questions.posed import PosedQuestion


def refuse_figure(question: PosedQuestion, form: str) -> None:
    """Raise SpecError for a question with a picture, in a format that has none."""
    if question.figure:
        raise fail(
            "usage",
            f"--format {form} holds no pictures, and question {question.id} has one",
            "--format moodle, markdown hold them",
        )
