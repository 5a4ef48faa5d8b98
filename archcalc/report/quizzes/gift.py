"""GIFT: text that Moodle and other platforms import as questions.

The format is documented at https://docs.moodle.org/en/GIFT_format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ...questions.posed import PosedQuestion, PosedQuiz, QuizVariant
from ..lines import clean_line
from ..platform_answers import PlatformAnswer, feedback_text, platform_answers
from ..posed_questions import points_text
from . import QuizFile, QuizSettings
from ._html import figure_html, question_html, solution_html
from .moodle import category

_SIGNS = re.compile(r"[\\~=#{}:]")


class Format(QuizFile):
    """``--format gift``: a category for each variant, in it its questions. There is no place for points
    but a comment; pictures stand in the text."""

    suffixes = (".gift",)
    solutions = True

    def pieces(
        self, quiz: PosedQuiz, variants: Sequence[QuizVariant], settings: QuizSettings
    ) -> Iterable[str]:
        """A file for the question bank. Raises SpecError for what the format cannot hold."""
        for variant in variants:
            # The backslash alone is read as an escape here.
            path = category(quiz, variant).replace("\\", "\\\\")
            yield f"$CATEGORY: {path}\n\n"
            for question in variant.questions:
                yield from _question(question)


def _question(question: PosedQuestion) -> Iterator[str]:
    yield f"// {points_text(question)}\n"
    text = question_html(question) + figure_html(question)
    yield f"::{_escaped(clean_line(question.id))}::[html]{_escaped(text)}"
    answers = [] if question.choices else platform_answers(question)
    yield "{#\n" if answers and answers[0].number else "{\n"
    for choice in question.choices:
        given = escape(choice.text, quote=False)
        yield _line("=" if choice.right else "~", given, feedback_text(choice.reading))
    for answer in answers:
        yield from _answers(answer)
    yield f"####{_escaped(solution_html(question))}\n}}\n\n"


def _answers(answer: PlatformAnswer) -> Iterator[str]:
    worth = "=" if answer.right else "=%0%"
    if answer.number:
        feedback = _feedback(answer.feedback)
        yield f"{worth}{answer.number}:{answer.tolerance}{feedback}\n"
        return
    for text in answer.texts:
        # A star stands for any text in Moodle, and the backslash before it is itself escaped.
        yield _line(worth, text.replace("*", "\\*"), answer.feedback)


def _line(sign: str, given: str, feedback: str) -> str:
    return f"{sign}{_escaped(given)}{_feedback(feedback)}\n"


def _feedback(text: str) -> str:
    return f"#{_escaped(escape(text, quote=False))}" if text else ""


def _escaped(text: str) -> str:
    """A text in which no sign of the format is one; it is on one line."""
    return _SIGNS.sub(r"\\\g<0>", text).replace("\n", "\\n")
