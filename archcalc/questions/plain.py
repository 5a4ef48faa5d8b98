"""A quiz as it is: every question as its file has it."""

from __future__ import annotations

from ..answers.quiz import Quiz
from .posed import PosedQuestion, PosedQuiz, QuizVariant
from .wording import question_text


def posed_as_is(quiz: Quiz, seed: int = 1) -> PosedQuiz:
    """One variant, which holds the questions of the quiz in their order.

    Raises:
        SpecError: With all faults of the quiz.
    """
    questions = tuple(
        [
            PosedQuestion(question, question_text(question, item), item)
            for question, item in zip(quiz.questions, quiz.items(), strict=True)
        ]
    )
    return PosedQuiz(quiz, seed, (QuizVariant(1, "A", seed, questions),))
