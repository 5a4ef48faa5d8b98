"""HTML of a question inside of other formats."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ...questions.posed import PosedQuestion
from ..platform_answers import right_words
from ..posed_questions import solution_lines


def question_html(parts: Iterable[tuple[str, bool]]) -> str:
    """The text of a question, on one line; what stood between backticks is code."""
    made = [(escape(text, quote=False), code) for text, code in parts]
    return "".join([f"<code>{text}</code>" if code else text for text, code in made])


def solution_html(question: PosedQuestion) -> str:
    """The right value, and how it comes about as `archcalc explain` shows it."""
    lines = "\n".join([escape(line, quote=False) for line in solution_lines(question)])
    return f"<p>{escape(right_words(question), quote=False)}</p><pre>{lines}</pre>"
