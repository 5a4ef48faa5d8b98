"""A question that a sheet answers, with all there is to know of it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..diagnostics import fail
from .diagnosis import Diagnosis
from .question import Question

if TYPE_CHECKING:
    from .in_letters import LetterQuestion

# The most layers without a rule that are named.
MOST_NAMES = 5


class QuizItem:
    """A question of a quiz.

    id      what the sheets call it
    asked   the question itself
    points  for a right answer
    digits  significant digits to which an answer may be rounded; None: see ``marks``
    least_digits  digits to which it is to be rounded at least; None: as ``marks`` says
    options  the options of a multiple choice, in the order of the sheet
    varies   a class has variants of the question, with other right values
    letters  the question in letters, which marks its answers by itself; None for one in numbers
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
        uncounted = asked.uncounted
        if uncounted:
            names = [layer.name for layer in uncounted[:MOST_NAMES]]
            if len(uncounted) > MOST_NAMES:
                names.append(f"{len(uncounted) - MOST_NAMES:,} more")
            raise fail(
                "question",
                f"there is no one right answer for {asked.name}: what archcalc counts is a lower bound",
                f"it has no rule for {', '.join(names)}",
            )
        self.diagnosis = Diagnosis(asked)
        if self.diagnosis.value is None:
            inputs = asked.graph.inputs
            if asked.quantity in ("rf", "stride", "start") and not any(len(at.output) > 1 for at in inputs):
                raise fail("question", f"{asked.name} is of positions of the input, and a vector has none")
            what = asked.layer.op.name if asked.layer is not None else "some layers"
            raise fail("question", f"there is no rule for {asked.name}: {what}")
