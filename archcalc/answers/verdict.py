"""The verdict on an answer."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from .assumptions import FACTOR, MISCONCEPTION, PUBLISHED, Reading

if TYPE_CHECKING:
    from .decision import Decision
    from .diagnosis import Diagnosis
    from .matrices.value import CellPosition
    from .question import Question
    from .working import Working
    from .written import Written

RIGHT, ROUNDED, CONVENTION, FOLLOWS = "right", "rounded", "convention", "follow-through"
WRONG, UNREADABLE, BLANK = "wrong", "unreadable", "blank"
DECIDED = "decided"  # by a person
# Questions that lead on at most, and the one after a slip of the pen.
MOST_HINTS = 3
COPIED = "Has every digit been copied as it was?"
# The words for it everywhere, in the order of reports.
VERDICTS = (RIGHT, ROUNDED, CONVENTION, FOLLOWS, WRONG, DECIDED, UNREADABLE, BLANK)


class MarkedCells(NamedTuple):
    """The cells of a matrix.

    right   how many are right, ``of`` as many
    wrong   the positions of the others: channel, row, column, counted from 0
    digits  significant digits in which rounded cells are written, the fewest; 0 where none is
    """

    right: int
    of: int
    wrong: tuple[CellPosition, ...] = ()
    digits: int = 0


@dataclass(eq=False)
class Verdict:
    """The verdict on one answer.

    kind         one of VERDICTS
    diagnosis    what is known of the question: ``asked``, the right ``value`` and its ``working``
    written      what was read
    convention   of ``convention``: under which it is right, in words
    convention_ids  their ids in a quiz's ``[marks.conventions]``
    readings     of ``wrong``: what it is consistent with, fewest assumptions first
    covers       of ``rounded``: readings that were rounded to the same figure
    follows      of ``follow-through``, and of wrong answers that start from an earlier one: the
                 id of that answer (the first slip on the way)
    other        the working under that convention
    follow_through  of ``follow-through``: the working from the student's own earlier answers
    rows         that is the sum of their own rows
    remark       one more sentence; empty
    known_reason  why it is not simply right, where no reading says it
    points       given for it, of ``asked`` points
    counted      the question at which what is behind it was charged before; empty for none
    open         points of it that a person has still to decide upon
    decision     what a person decided; None for nothing. Where points are open, of other words
    cells        of a matrix in the right size: which cells are right; None of others
    """

    kind: str
    diagnosis: Diagnosis
    written: Written
    _: KW_ONLY
    convention: str = ""
    convention_ids: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    covers: tuple[Reading, ...] = ()
    follows: str = ""
    other: Working | None = None
    follow_through: Working | None = None
    rows: bool = False
    remark: str = ""
    known_reason: str = ""
    points: Fraction = Fraction(0)
    counted: str = ""
    open: Fraction = Fraction(0)
    decision: Decision | None = None
    cells: MarkedCells | None = None

    @property
    def asked(self) -> Question:
        """The question."""
        return self.diagnosis.asked

    @property
    def value(self) -> Any:
        """The right value: an int, a Shape, a tuple with one int per axis, UNFIT."""
        return self.diagnosis.value

    @property
    def working(self) -> Working | None:
        """How the right value comes about; None where that is not known."""
        return self.diagnosis.working

    @property
    def explained(self) -> str:
        """The kind of explanation: ``slip``, ``misconception``, ``convention``, ``cut-off`` or
        ``factor``; empty where nothing does or nothing has to."""
        if self.kind == CONVENTION:
            return CONVENTION
        if self.kind != WRONG or not self.readings or self.readings[0].kind == PUBLISHED:
            return ""
        return self.readings[0].kind

    @property
    def reason(self) -> str:
        """Why it is not simply right, in sentences: what there is to know of the first reading or
        of the convention, or why it was not read. Empty where nothing is known."""
        if self.kind == WRONG and self.readings:
            return self.readings[0].explanation
        return self.known_reason or (self.remark if self.kind == UNREADABLE else "")

    @property
    def hints(self) -> list[str]:
        """Questions that lead on from a wrong answer, and give nothing away. Where several things lead to
        the answer, no one of them is taken for granted."""
        if self.kind != WRONG:
            return []
        # What was worked out decides; a number that a rule leads to is hardly a slip of the pen.
        worked = [reading for reading in self.readings if reading.worked]
        rules = [reading for reading in self.readings if reading.kind in (MISCONCEPTION, FACTOR)]
        first = self.readings[:1]
        alike = rules if first and first[0] in rules else first
        hints = [reading.hint or (COPIED if reading.slip else "") for reading in worked or alike]
        return list(dict.fromkeys([hint for hint in hints if hint]))[:MOST_HINTS]

    @property
    def right(self) -> bool:
        """Whether it is right, perhaps rounded or by another convention."""
        return self.kind in (RIGHT, ROUNDED, CONVENTION)
