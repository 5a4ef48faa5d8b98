"""What is said of an answer."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .asked import Asked
    from .diagnosis import Diagnosis
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
    special   it is about an argument or a kind of layer that few have
    follows   it starts from an earlier answer of the student's
    """

    __slots__ = ("ids", "words", "value", "working", "hint", "slip", "special", "follows")

    def __init__(
        self, ids: tuple[str, ...], words: str, value: Any, working: Working | None,
        hint: str = "", slip: bool = False, special: bool = False,
    ):  # fmt: skip
        self.ids = ids
        self.words = words
        self.value = value
        self.working = working
        self.hint = hint
        self.slip = slip
        self.special = special
        self.follows = False


class Verdict:
    """What is said of one answer.

    kind         one of VERDICTS
    diagnosis    what is known of the question: ``asked``, the right ``value`` and its ``working``
    written      what was read
    convention   of ``convention``: under which it is right, in words
    readings     of ``wrong``: what it is consistent with, fewest assumptions first
    covers       of ``rounded``: readings that were rounded to the same figure
    follows      of ``follow-through``, and of wrong answers that start from an earlier one: the
                 id of that answer (the first slip on the way)
    other        the working under that convention
    own          of ``follow-through``: the working from the student's own earlier answers
    rows         that is the sum of their own rows
    remark       more to say, a sentence; empty
    points       given for it, of ``asked`` points
    """

    __slots__ = (
        "kind", "diagnosis", "written", "convention", "readings", "covers", "follows", "other",
        "own", "rows", "remark", "points",
    )  # fmt: skip

    def __init__(
        self, kind: str, diagnosis: Diagnosis, written: Written, *, convention: str = "",
        readings: tuple[Reading, ...] = (), covers: tuple[Reading, ...] = (), follows: str = "",
        other: Working | None = None, own: Working | None = None, rows: bool = False,
        remark: str = "", points: Fraction = Fraction(0),
    ):  # fmt: skip
        self.kind = kind
        self.diagnosis = diagnosis
        self.written = written
        self.convention = convention
        self.readings = readings
        self.covers = covers
        self.follows = follows
        self.other = other
        self.own = own
        self.rows = rows
        self.remark = remark
        self.points = points

    @property
    def asked(self) -> Asked:
        """The question."""
        return self.diagnosis.asked

    @property
    def value(self) -> Any:
        """The right value: an int, a Shape, a tuple of ints an axis, UNFIT."""
        return self.diagnosis.value

    @property
    def working(self) -> Working | None:
        """How the right value comes about; None where that is not known."""
        return self.diagnosis.working

    @property
    def right(self) -> bool:
        """Whether it is right, perhaps rounded or by another convention."""
        return self.kind in (RIGHT, ROUNDED, CONVENTION)
