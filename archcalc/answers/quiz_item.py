"""A question that a sheet answers, with all there is to know of it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from .diagnosed import diagnosed
from .question import Question

if TYPE_CHECKING:
    from .answer_marker import AnswerMarker
    from .in_letters import LetterQuestion


class QuizItem:
    """A question of a quiz.

    id      what the sheets call it
    asked   the question itself
    points  for a right answer
    digits  significant digits to which an answer may be rounded; None: see ``marks``
    least_digits  digits to which it is to be rounded at least; None: as ``marks`` says
    options  the options of a multiple choice, in the order of the sheet
    varies   a class has variants of the question, with other right values
    letters  the question in letters; None for one in numbers
    marker   marks the answers of a question that reads them by itself; None of others
    """

    __slots__ = (
        "id",
        "asked",
        "points",
        "digits",
        "least_digits",
        "diagnosis",
        "options",
        "varies",
        "letters",
        "marker",
        "__weakref__",
    )

    def __init__(
        self,
        id: str,
        asked: Question,
        points: Fraction = Fraction(1),
        digits: int | None = None,
        least_digits: int | None = None,
    ):
        """Raises SpecError for a question that archcalc cannot answer."""
        self.id = id
        self.asked = asked
        self.points = points
        self.digits = digits
        self.least_digits = least_digits
        self.options: tuple[str, ...] = ()
        self.varies = False
        self.letters: LetterQuestion | None = None
        self.marker: AnswerMarker | None = None
        self.diagnosis = diagnosed(asked)
