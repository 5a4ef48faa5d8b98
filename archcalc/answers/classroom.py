"""A class: every sheet marked by one quiz, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from .decimal_signs import SIGNS, sign_of
from .decisions import Decisions, Settled
from .marking import Examiner
from .options import LETTER_AND_VALUE, option_written
from .quiz import Quiz
from .quiz_item import QuizItem
from .sheets import SheetAnswer, Submission
from .verdict import Verdict
from .written import Unreadable, Written, WrittenNumber, read
from .written_kinds import WrittenFormula

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


def written_answer(item: QuizItem, text: str, decimal: str) -> Written:
    """Read an answer: the letter of an option, a value, or what the question reads by itself."""
    chosen = option_written(text, item.options) if item.options else None
    if chosen == "":
        return Unreadable(text, LETTER_AND_VALUE)
    if item.marker is not None:
        return WrittenFormula(text, chosen or "")
    if chosen is not None:
        made = _chosen(item, _read(chosen, item.asked.quantity, "point"))
        return made._replace(text=f"{text.strip()} = {chosen}")
    return _read(text, item.asked.quantity, decimal)


def _chosen(item: QuizItem, option: Written) -> Written:
    """The value of an option that was chosen: of a quotient that is the right one, rounded, the right one."""
    right = item.diagnosis.value
    if isinstance(option, WrittenNumber) and isinstance(right, Fraction) and option.covers(right):
        return option._replace(value=Fraction(right), low=Fraction(right), high=Fraction(right))
    return option


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
            verdicts = self.examiner.mark(settled.answered, settled.decided)
            yield Marked(submission, settled.settle(verdicts, self._by_id))

    def written(self, submission: Submission) -> dict[str, Written]:
        """Read the answers of a sheet, by question."""
        if submission.unreadable:
            words = {entry.question: entry.text for entry in submission.entries}
            return {item.id: Unreadable(words.get(item.id, ""), submission.unreadable) for item in self.items}
        found: dict[str, SheetAnswer] = {}
        twice: dict[str, Written] = {}
        for entry in submission.entries:
            first = found.setdefault(entry.question, entry)
            if first is not entry and first.text != entry.text:
                why = f"answered twice: {first.place} and {entry.place}"
                twice[entry.question] = Unreadable(f"{first.text} / {entry.text}", why)
        decimal = self.decisions.decimal(submission) or self.decimal(submission)
        answers: dict[str, Written] = {}
        for question, entry in found.items():
            item = self._by_id[question]
            answers[question] = (
                Unreadable(entry.text, entry.doubt)
                if entry.doubt
                else written_answer(item, entry.text, decimal)
            )
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
        plain = [one for one in submission.entries if self._by_id[one.question].marker is None]
        return sign_of(given, [(entry.text, self._asked[entry.question]) for entry in plain])
