"""A class run: every sheet marked, one after the other, and what the class as a whole did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from .decimal_signs import ASK, SIGNS, decimal_sign
from .decisions import Decisions, Settled, Unheld
from .forms import SIZES
from .marking import Examiner
from .quiz import Quiz
from .quiz_item import QuizItem
from .sheets import Fault, SheetAnswer, Submission
from .verdict import UNREADABLE, VERDICTS, WRONG, Verdict
from .written import Unreadable, Written, WrittenNumber, read

# Many of a class write the same.
_read = lru_cache(maxsize=1 << 14)(read)


class Marked(NamedTuple):
    """A marked sheet: a verdict for every question, by its id, in the order of the quiz."""

    submission: Submission
    verdicts: dict[str, Verdict]

    @property
    def points(self) -> Fraction:
        """Points of the whole sheet."""
        return sum([verdict.points for verdict in self.verdicts.values()], Fraction(0))

    @property
    def open(self) -> Fraction:
        """Points that a person has still to decide upon: until then, the sheet has no grade."""
        return sum([verdict.open for verdict in self.verdicts.values()], Fraction(0))


class Tally:
    """The answers of a class, counted by question while the sheets are read.

    verdicts  how often each verdict was given, by question
    readings  of wrong answers, how often each first reading was met, by question: its words,
              SLIP for slips of the pen, or NO_READING
    unread    what a person has to look at: student, place, why, and the words where there are any
    aside     lines and cells that are neither answers nor headings, of whom, and where
    points    of every sheet, in their order
    """

    def __init__(self, items: Iterable[QuizItem]):
        self.items = list(items)
        self.verdicts = {item.id: dict.fromkeys(VERDICTS, 0) for item in self.items}
        self.readings: dict[str, Counter[str]] = {item.id: Counter() for item in self.items}
        self.unread: list[Unread] = []
        self.aside: list[Unread] = []
        self.points: list[Fraction] = []

    @property
    def sheets(self) -> int:
        """Sheets so far."""
        return len(self.points)

    def add(self, marked: Marked) -> None:
        """Count a sheet in."""
        self.points.append(marked.points)
        submission = marked.submission
        if submission.unreadable:
            self.unread.append(Unread(submission.student, submission.source, "", submission.unreadable))
        self.unread += unread_of(submission.faults, submission.student)
        self.aside += unread_of(submission.aside, submission.student)
        for question, verdict in marked.verdicts.items():
            self.verdicts[question][verdict.kind] += 1
            if verdict.kind == WRONG:
                self.readings[question][_counted(verdict)] += 1
            elif verdict.kind == UNREADABLE and not submission.unreadable:
                self.unread.append(Unread(submission.student, question, verdict.written.text, verdict.remark))

    def undecided(self, *found: Iterable[Unheld]) -> None:
        """Count in the decisions that hold for no answer, each once."""
        seen: set[int] = set()
        for decision, reason in chain(*found):
            if id(decision) not in seen:
                seen.add(id(decision))
                text = f"{decision.question}: {decision.answer}"
                self.unread.append(Unread(decision.student, decision.location, text, reason))


NO_READING = "no reading is known"
SLIP = "perhaps a slip of the pen"


def _counted(verdict: Verdict) -> str:
    """Under which words a wrong answer is counted: every slip is a slip of its own."""
    if not verdict.readings:
        return NO_READING
    first = verdict.readings[0]
    return SLIP if first.slip else first.words


class Unread(NamedTuple):
    """Something that a person has to look at: the student, the place, the words, and the reason."""

    student: str
    place: str
    text: str
    reason: str


class Classroom:
    """A quiz that is worked out once, and any number of sheets marked by it.

    unheld  decisions about questions that the quiz has not
    """

    def __init__(self, quiz: Quiz, decisions: Decisions | None = None):
        """Raises SpecError, with all faults of the quiz, or of what a person decided."""
        self.quiz = quiz
        self.items = quiz.items()
        self.decisions = decisions or Decisions()
        self.unheld = self.decisions.checked(self.items)
        self._by_id = {item.id: item for item in self.items}
        self.examiner = Examiner(self.items, quiz.marks)
        self._asked = {item.id: item.asked.quantity for item in self.items}

    def mark(self, submissions: Iterable[Submission]) -> Iterator[Marked]:
        """Sheets marked one after the other; nothing of one stays behind for the next."""
        for submission in submissions:
            settled = Settled(self.decisions, self._by_id, submission, self.written(submission))
            verdicts = self.examiner.mark(settled.answered)
            yield Marked(submission, settled.settle(verdicts, self._by_id))

    def written(self, submission: Submission) -> dict[str, Written]:
        """Read the answers of a sheet, by question."""
        if submission.unreadable:
            return {item.id: Unreadable("", submission.unreadable) for item in self.items}
        found: dict[str, SheetAnswer] = {}
        twice: dict[str, Written] = {}
        for entry in submission.entries:
            first = found.setdefault(entry.question, entry)
            if first is not entry and first.text != entry.text:
                why = f"answered twice: {first.place} and {entry.place}"
                twice[entry.question] = Unreadable(f"{first.text} / {entry.text}", why)
        decimal = self.decisions.decimal(submission) or self.decimal(submission)
        answers = {
            question: Unreadable(entry.text, entry.doubt)
            if entry.doubt
            else _read(entry.text, self._asked[question], decimal)
            for question, entry in found.items()
        }
        if self.quiz.approximate:
            answers = {
                question: answer.widened() if isinstance(answer, WrittenNumber) else answer
                for question, answer in answers.items()
            }
        return {**answers, **twice}

    def decimal(self, submission: Submission) -> str:
        """The decimal sign of a student: as the quiz or the class list says of them, as the quiz says of
        all, else as their answers tell."""
        given = self.quiz.decimal_of(submission.student, *[text for _, text in submission.ids])
        listed = {name.lower().strip(): text.lower().strip() for name, text in submission.details}
        given = given or SIGNS.get(listed.get("decimal", ""), "") or self.quiz.conventions["decimal"]
        if given != ASK:
            return given
        asked = self._asked
        return decimal_sign([(entry.text, asked[entry.question] in SIZES) for entry in submission.entries])


def unread_of(faults: Iterable[Fault], student: str = "") -> list[Unread]:
    """Faults of a sheet, or of a class list as a whole, for the list of what was not read."""
    return [Unread(student, fault.place, fault.text, fault.message) for fault in faults]
