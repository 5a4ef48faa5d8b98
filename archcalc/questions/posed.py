"""What is set: a quiz, its variants, their questions, and the options of a multiple choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ..answers.assumptions import Reading
from ..answers.quiz import Quiz, QuizQuestion
from ..answers.quiz_item import QuizItem


class QuizChoice(NamedTuple):
    """An option of a multiple choice.

    text     as a student reads it: ``34,944``, ``55x55x96``
    right    whether it is the right one
    reading  the misconception whose value it is, which holds the feedback: its ``words``, its
             ``explanation`` and its ``hint``; None of the right option
    """

    text: str
    right: bool
    reading: Reading | None = None


class PosedQuestion(NamedTuple):
    """A question as a student gets it, with all that a teacher has to know.

    question  as a quiz writes it: its id, target, ask, unit and digits
    text      what is asked, in words; plain text
    item      the question worked out: ``item.diagnosis.value`` is the right value
    choices   the options of a multiple choice in their order; empty for an answer that is written
    figure    whether a picture of the network belongs to it
    table     as the file of a quiz has it, its values filled in; empty where no file has it
    """

    question: QuizQuestion
    text: str
    item: QuizItem
    choices: tuple[QuizChoice, ...] = ()
    figure: bool = False
    table: Mapping[str, Any] = {}

    @property
    def id(self) -> str:
        """As the sheets call it."""
        return self.question.id

    @property
    def points(self) -> Fraction:
        """What a right answer is worth."""
        return self.question.points

    @property
    def value(self) -> Any:
        """The right value: an int, a Shape, a tuple with one int per axis, UNFIT, a Fraction."""
        return self.item.diagnosis.value

    @property
    def readings(self) -> dict[Any, Reading]:
        """Wrong values that one misconception gives, each with its first reading."""
        diagnosis = self.item.diagnosis
        return {
            value: diagnosis.reading(hypotheses[0], value) for value, hypotheses in diagnosis.singles.items()
        }


class QuizVariant(NamedTuple):
    """A variant of a quiz.

    number     counted from 1
    name       as it stands on its sheets: ``A``, or ``007`` where there are many
    seed       what its values are drawn from: the same seed draws the same questions
    questions  in their order
    """

    number: int
    name: str
    seed: int
    questions: tuple[PosedQuestion, ...]

    @property
    def points(self) -> Fraction:
        """Points of all questions together."""
        return sum([question.points for question in self.questions], Fraction(0))


class PosedQuiz(NamedTuple):
    """A quiz that is set.

    quiz      its title, conventions and marks; its questions are those of the first variant
    seed      what all its variants are drawn from
    variants  one or more, all with the same ids of questions
    """

    quiz: Quiz
    seed: int
    variants: tuple[QuizVariant, ...]

    @property
    def title(self) -> str:
        """The title; never empty."""
        return self.quiz.title or "Quiz"


def variant_names(count: int) -> Sequence[str]:
    """The names of so many variants: letters as long as there are some, else numbers of one length."""
    if count <= 26:
        return [chr(ord("A") + number) for number in range(count)]
    return [f"{number:0{len(str(count))}}" for number in range(1, count + 1)]
