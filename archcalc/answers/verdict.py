"""The verdict on an answer, and what explains it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .diagnosis import Diagnosis
    from .question import Question
    from .working import Working
    from .written import Written

RIGHT, ROUNDED, CONVENTION, FOLLOWS, WRONG, UNREADABLE, BLANK = (
    "right",
    "rounded",
    "convention",
    "follow-through",
    "wrong",
    "unreadable",
    "blank",
)
# The words for it everywhere, in the order of reports.
VERDICTS = (RIGHT, ROUNDED, CONVENTION, FOLLOWS, WRONG, UNREADABLE, BLANK)
# What explains an answer that is not simply right. A convention is one of them; PUBLISHED is the
# figure of a paper or a lecture, which may be wrong for any reason.
SLIP, MISCONCEPTION, CUT_OFF, FACTOR, PUBLISHED = ("slip", "misconception", "cut-off", "factor", "published")


@dataclass(eq=False)
class Reading:
    """A way in which a wrong answer may have come about.

    ids       the beliefs of the catalogue that are assumed, one or two
    words     the beliefs for a reader: ``bias forgotten``
    value     what comes of it, exactly: it is inside of what was written
    working   how; None where there is nothing to show
    hint      one step for the student that does not give the answer away
    kind      SLIP (of the pen), MISCONCEPTION, CUT_OFF, FACTOR, PUBLISHED, or CONVENTION, where a
              convention explains it as well as the kind of the verdict does
    reason    why the answer is not right, a sentence; empty where the catalogue has it by the ids
    special   it is about an argument or a kind of layer that few have
    worked    the answer was worked out in its numbers
    follows   it starts from an earlier answer of the student's
    """

    ids: tuple[str, ...]
    words: str
    value: Any
    working: Working | None
    hint: str = ""
    kind: str = MISCONCEPTION
    reason: str = ""
    special: bool = False
    worked: bool = False
    follows: bool = False

    @property
    def explanation(self) -> str:
        """Why it is wrong, in sentences for a student; empty where nothing is known."""
        from .misconceptions import explanations

        return self.reason or " ".join(explanations(self.ids))

    @property
    def slip(self) -> bool:
        """Whether it is a slip of the pen, and no misconception."""
        return self.kind == SLIP


@dataclass(eq=False)
class Verdict:
    """The verdict on one answer.

    kind         one of VERDICTS
    diagnosis    what is known of the question: ``asked``, the right ``value`` and its ``working``
    written      what was read
    convention   of ``convention``: under which it is right, in words
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
    """

    kind: str
    diagnosis: Diagnosis
    written: Written
    _: KW_ONLY
    convention: str = ""
    readings: tuple[Reading, ...] = ()
    covers: tuple[Reading, ...] = ()
    follows: str = ""
    other: Working | None = None
    follow_through: Working | None = None
    rows: bool = False
    remark: str = ""
    known_reason: str = ""
    points: Fraction = Fraction(0)

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
    def right(self) -> bool:
        """Whether it is right, perhaps rounded or by another convention."""
        return self.kind in (RIGHT, ROUNDED, CONVENTION)
