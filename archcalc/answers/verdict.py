"""What is said of an answer."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .asked import Asked
    from .working import Working
    from .written import Written

RIGHT, ROUNDED, CONVENTION, FOLLOWS, WRONG, UNREADABLE, BLANK = (
    "right", "rounded", "convention", "follow-through", "wrong", "unreadable", "blank",
)  # fmt: skip
# The words for it everywhere, in the order of reports.
VERDICTS = (RIGHT, ROUNDED, CONVENTION, FOLLOWS, WRONG, UNREADABLE, BLANK)


class Reading:
    """What a wrong answer is consistent with.

    ids       the entries of the catalogue that are assumed, one or two
    words     the same for a reader: ``bias forgotten``
    value     what comes of it, exactly: it is inside of what was written
    working   how; None where there is nothing to show
    hint      one step for the student that does not give the answer away
    slip      a slip of the pen, and no misconception
    """

    __slots__ = ("ids", "words", "value", "working", "hint", "slip")

    def __init__(
        self, ids: tuple[str, ...], words: str, value: Any, working: Working | None,
        hint: str = "", slip: bool = False,
    ):  # fmt: skip
        self.ids = ids
        self.words = words
        self.value = value
        self.working = working
        self.hint = hint
        self.slip = slip


class Verdict:
    """What is said of one answer.

    kind         one of VERDICTS
    asked        the question
    written      what was read
    value        the right value: a number, a Shape, or None where the layer does not fit
    working      how the right value comes about; None where that is not known
    convention   of ``convention``: under which it is right, in words
    readings     of ``wrong``: what it is consistent with, fewest assumptions first
    covers       of ``rounded``: readings that were rounded to the same figure
    follows      of ``follow-through``, and of wrong answers that start from an earlier one: the
                 id of that answer (the first slip on the way)
    own          the value and its working that follow from the student's own earlier answers
    remark       more to say, a sentence; empty
    points       given for it, of ``asked`` points
    """

    __slots__ = (
        "kind", "asked", "written", "value", "working", "convention", "readings", "covers",
        "follows", "own", "remark", "points",
    )  # fmt: skip

    def __init__(
        self, kind: str, asked: Asked, written: Written, *, value: Any = None,
        working: Working | None = None, convention: str = "", readings: tuple[Reading, ...] = (),
        covers: tuple[Reading, ...] = (), follows: str = "", own: Working | None = None,
        remark: str = "", points: Fraction = Fraction(0),
    ):  # fmt: skip
        self.kind = kind
        self.asked = asked
        self.written = written
        self.value = value
        self.working = working
        self.convention = convention
        self.readings = readings
        self.covers = covers
        self.follows = follows
        self.own = own
        self.remark = remark
        self.points = points
