"""Points for verdicts, and the examiner: every question once, then any number of sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from .verdict import BLANK, CONVENTION, FOLLOWS, RIGHT, ROUNDED, UNREADABLE, WRONG, Verdict

if TYPE_CHECKING:
    from .asked import Asked
    from .written import Written


class Marks:
    """What share of a question's points a verdict gives.

    shares          by verdict
    misconceptions  of a wrong answer whose first reading is this entry of the catalogue
    """

    __slots__ = ("shares", "misconceptions")

    USUAL = {
        RIGHT: Fraction(1), ROUNDED: Fraction(1, 2), CONVENTION: Fraction(1),
        FOLLOWS: Fraction(1), WRONG: Fraction(0), UNREADABLE: Fraction(0), BLANK: Fraction(0),
    }  # fmt: skip

    def __init__(
        self,
        shares: Mapping[str, Fraction] | None = None,
        misconceptions: Mapping[str, Fraction] | None = None,
    ):
        self.shares = {**self.USUAL, **(shares or {})}
        self.misconceptions = dict(misconceptions or {})


class Item:
    """A question of a quiz.

    id      what the sheets call it
    asked   the question itself
    points  for a right answer
    digits  significant digits to which an answer may be rounded; None: see ``marks``
    """

    __slots__ = ("id", "asked", "points", "digits")

    def __init__(
        self, id: str, asked: Asked, points: Fraction = Fraction(1), digits: int | None = None
    ):
        self.id = id
        self.asked = asked
        self.points = points
        self.digits = digits


class Examiner:
    """Marks sheets. What a question needs is worked out once, when it is first answered wrong."""

    def __init__(self, items: Sequence[Item], marks: Marks | None = None):
        self.items = list(items)
        self.marks = marks or Marks()

    def mark(self, answers: Mapping[str, Written]) -> dict[str, Verdict]:
        """A verdict for every item, by its id. An item without an answer is blank."""
        raise NotImplementedError
