"""Quizzes: what is asked, how it is counted, what an answer is worth."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from .conventions import Conventions
from .marking import Marks


class Question(NamedTuple):
    """A question of a quiz.

    id      as the sheets name it
    target  the network, as text
    ask     ``[LAYER.]QUANTITY``: ``output``, ``conv1.params``, ``total.macs``
    points  what it is worth
    key     the teacher's own answer, as written; empty for none
    digits  significant digits that are enough; None where nothing is said
    """

    id: str
    target: str
    ask: str
    points: Fraction = Fraction(1)
    key: str = ""
    digits: int | None = None


class Quiz(NamedTuple):
    """A quiz: its title, conventions and marks, and the questions in their order."""

    title: str
    conventions: Conventions
    marks: Marks
    questions: tuple[Question, ...]
