"""The key of a variant: a quiz in TOML, by which `archcalc check` marks its sheets."""

from __future__ import annotations

from typing import Any

from ..answers.quiz_sources import as_toml
from ..toml_text import read_toml
from .posed import PosedQuestion, PosedQuiz, QuizVariant
from .value_texts import value_text

# What stands in a quiz above its questions.
_HEAD = ("title", "batch", "dtype", "on", "conventions", "marks", "students")
# What a question says for those who set it, and not for those who mark it.
_SET = ("kind", "choices", "figure")


def variant_key(quiz: PosedQuiz, variant: QuizVariant) -> str:
    """The quiz of one variant as TOML. Its `key` is the right value, so that a reader has it at hand."""
    given = read_toml(quiz.quiz.places.source)
    table = {key: given[key] for key in _HEAD if key in given}
    table = {"title": quiz.title, "variant": variant.name, "seed": variant.seed, **table}
    table["question"] = [_question(question) for question in variant.questions]
    return as_toml(table)


def _question(question: PosedQuestion) -> dict[str, Any]:
    """The table of a question: that of its file, with what has been drawn in it."""
    asked = question.question
    points = int(asked.points) if asked.points.denominator == 1 else asked.points
    given = {"id": asked.id, "target": asked.target, "ask": asked.ask, **question.table}
    table = {key: value for key, value in given.items() if key not in _SET}
    table |= {"text": question.text, "points": points, "key": key_text(question)}
    if question.choices:
        table["options"] = [choice.text for choice in question.choices]
    return table


def key_text(question: PosedQuestion) -> str:
    """The right value as a student would write it: ``55x55x96``, ``34944``."""
    return value_text(question.value, question.item.asked.conventions["layout"], grouped=False)
