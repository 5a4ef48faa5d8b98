"""A class: every sheet marked by one quiz, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from .marking import Examiner
from .quiz import Quiz
from .sheets import SheetAnswer, Submission
from .verdict import UNREADABLE, Verdict
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
    def undecided(self) -> bool:
        """Whether a person has something to decide before the points are final."""
        return any(verdict.kind == UNREADABLE for verdict in self.verdicts.values())


class Classroom:
    """A quiz that is worked out once, and any number of sheets marked by it."""

    def __init__(self, quiz: Quiz):
        """Raises SpecError, with all faults of the quiz."""
        self.quiz = quiz
        self.items = quiz.items()
        self.examiner = Examiner(self.items, quiz.marks)
        self._asked = {item.id: item.asked.quantity for item in self.items}

    def mark(self, submissions: Iterable[Submission]) -> Iterator[Marked]:
        """Sheets marked one after the other; nothing of one stays behind for the next."""
        for submission in submissions:
            yield Marked(submission, self.examiner.mark(self.written(submission)))

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
        decimal = self.quiz.conventions["decimal"]
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
