"""What a class did, counted while its sheets are marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from .assumptions import MISCONCEPTION
from .marking import Change, Graded
from .misconceptions import CATALOGUE
from .quiz_item import QuizItem
from .sheets import Fault
from .verdict import BLANK, CONVENTION, FOLLOWS, UNREADABLE, VERDICTS, WRONG, Verdict

if TYPE_CHECKING:
    from .classroom import Marked
    from .decisions import Unheld

NO_READING = "no reading is known"
SLIP = "perhaps a slip of the pen"


class Unread(NamedTuple):
    """Something that a person has to look at: the student, the place, the words, and the reason."""

    student: str
    place: str
    text: str
    reason: str


class AnswerCount(NamedTuple):
    """What is counted of one answer.

    kind    the verdict
    points  given for it
    words   of a wrong answer, under which words it is counted: those of its first reading, SLIP or
            NO_READING; of one that is right by another convention those of the convention
    ids     the misconceptions of the first reading of a wrong answer
    """

    kind: str
    points: Fraction
    words: str = ""
    ids: tuple[str, ...] = ()


class SheetCount(NamedTuple):
    """What a class counts of a marked sheet: plain values, which another process or machine can send.

    student  whose it is
    answers  in the order of the quiz
    open     whether a person has something to decide
    unread   what a person has to look at
    aside    lines and cells that are neither answers nor headings
    changed  answers that another marking changes
    held     the numbers of the decisions that hold for it
    """

    student: str
    answers: tuple[AnswerCount, ...]
    open: bool
    unread: tuple[Unread, ...] = ()
    aside: tuple[Unread, ...] = ()
    changed: tuple[Change, ...] = ()
    held: tuple[int, ...] = ()

    @classmethod
    def of(cls, marked: Marked, changed: Iterable[Change] = (), held: Iterable[int] = ()) -> SheetCount:
        """What is counted of a sheet."""
        submission = marked.submission
        student = submission.student
        unread = []
        if submission.unreadable:
            unread.append(Unread(student, submission.source, "", submission.unreadable))
        unread += unread_of(submission.faults, student)
        if not submission.unreadable:
            unread += [
                Unread(student, question, verdict.written.text, verdict.remark)
                for question, verdict in marked.verdicts.items()
                if verdict.kind == UNREADABLE
            ]
        answers = tuple([_counted(verdict) for verdict in marked.verdicts.values()])
        aside = tuple(unread_of(submission.aside, student))
        return cls(student, answers, bool(marked.open), tuple(unread), aside, tuple(changed), tuple(held))

    def plain(self) -> list[Any]:
        """Lists, texts and numbers alone, as JSON takes them."""
        return [
            self.student,
            [[one.kind, str(one.points), one.words, list(one.ids)] for one in self.answers],
            self.open,
            [list(one) for one in self.unread],
            [list(one) for one in self.aside],
            [
                [change.id, *[part for side in change[1:] for part in (side.kind, str(side.points))]]
                for change in self.changed
            ],
            list(self.held),
        ]

    @classmethod
    def of_plain(cls, found: Sequence[Any]) -> SheetCount:
        """What ``plain`` gave."""
        student, answers, undecided, unread, aside, changed, held = found
        return cls(
            student,
            tuple([AnswerCount(k, Fraction(points), words, tuple(ids)) for k, points, words, ids in answers]),
            undecided,
            tuple([Unread(*one) for one in unread]),
            tuple([Unread(*one) for one in aside]),
            tuple([Change(id, Graded(a, Fraction(b)), Graded(c, Fraction(d))) for id, a, b, c, d in changed]),
            tuple(held),
        )


def _counted(verdict: Verdict) -> AnswerCount:
    """What is counted of an answer: every slip is a slip of its own, and has no words of its own."""
    if verdict.kind == CONVENTION:
        return AnswerCount(verdict.kind, verdict.points, verdict.convention)
    if verdict.kind != WRONG:
        return AnswerCount(verdict.kind, verdict.points)
    if not verdict.readings:
        return AnswerCount(verdict.kind, verdict.points, NO_READING)
    first = verdict.readings[0]
    if first.slip:
        return AnswerCount(verdict.kind, verdict.points, SLIP)
    ids = tuple([id for id in first.ids if id in CATALOGUE]) if first.kind == MISCONCEPTION else ()
    return AnswerCount(verdict.kind, verdict.points, first.words, ids)


class Tally:
    """The answers of a class, counted by question while the sheets are read.

    sheets       how many there are so far
    verdicts     how often each verdict was given, by question
    readings     of wrong answers, how often each first reading was met, by question: its words,
                 SLIP for slips of the pen, or NO_READING
    conventions  of answers that are right by another convention, how often each was met, by question
    beliefs      how many answers each misconception explains, by question and id
    unread       what a person has to look at: student, place, why, and the words where there are any
    aside        lines and cells that are neither answers nor headings, of whom, and where
    changed      what another marking changes, and of which student
    held         the numbers of the decisions that hold for an answer
    totals       how many sheets have how many points
    scored       of sheets on which nothing is open: by the points of the whole, how many, and the points
                 of each question added up
    given        of these sheets, how often each number of points was given, by question
    """

    def __init__(self, items: Iterable[QuizItem]):
        self.items = list(items)
        self.sheets = 0
        ids = [item.id for item in self.items]
        self.verdicts = {id: dict.fromkeys(VERDICTS, 0) for id in ids}
        self.readings: dict[str, Counter[str]] = {id: Counter() for id in ids}
        self.conventions: dict[str, Counter[str]] = {id: Counter() for id in ids}
        self.beliefs: dict[str, Counter[str]] = {id: Counter() for id in ids}
        self.unread: list[Unread] = []
        self.aside: list[Unread] = []
        self.changed: list[tuple[str, Change]] = []
        self.held: set[int] = set()
        self.totals: Counter[Fraction] = Counter()
        self.scored: dict[Fraction, tuple[int, list[Fraction]]] = {}
        self.given: dict[str, Counter[Fraction]] = {id: Counter() for id in ids}

    def count(self, sheet: SheetCount) -> None:
        """Count a sheet in."""
        self.sheets += 1
        self.unread += sheet.unread
        self.aside += sheet.aside
        self.changed += [(sheet.student, change) for change in sheet.changed]
        self.held.update(sheet.held)
        points = [answer.points for answer in sheet.answers]
        total = sum(points, Fraction(0))
        self.totals[total] += 1
        for item, answer in zip(self.items, sheet.answers, strict=True):
            self.verdicts[item.id][answer.kind] += 1
            if answer.kind == WRONG:
                self.readings[item.id][answer.words] += 1
                self.beliefs[item.id].update(answer.ids)
            elif answer.kind == CONVENTION:
                self.conventions[item.id][answer.words] += 1
        if sheet.open:
            return
        number, sums = self.scored.get(total, (0, [Fraction(0)] * len(points)))
        self.scored[total] = number + 1, [one + more for one, more in zip(sums, points, strict=True)]
        for item, one in zip(self.items, points, strict=True):
            self.given[item.id][one] += 1

    def add(self, marked: Marked) -> None:
        """Count a marked sheet in."""
        self.count(SheetCount.of(marked))

    def undecided(self, *found: Iterable[Unheld]) -> None:
        """Count in the decisions that hold for no answer, each once."""
        seen: set[int] = set()
        for decision, reason in chain(*found):
            if id(decision) not in seen:
                seen.add(id(decision))
                text = f"{decision.question}: {decision.answer}"
                self.unread.append(Unread(decision.student, decision.location, text, reason))

    @property
    def wrong(self) -> bool:
        """Whether an answer is not right, or something was not read."""
        wrong = (WRONG, UNREADABLE, BLANK, FOLLOWS)
        return bool(self.unread) or any(
            number and kind in wrong for found in self.verdicts.values() for kind, number in found.items()
        )


def unread_of(faults: Iterable[Fault], student: str = "") -> list[Unread]:
    """Faults of a sheet, or of a class list as a whole, for the list of what was not read."""
    return [Unread(student, fault.place, fault.text, fault.message) for fault in faults]
