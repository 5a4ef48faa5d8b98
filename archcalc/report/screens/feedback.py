"""What a student is told of a marked sheet, question by question, before it is laid out: for reports, and
for the feedback of learning platforms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from ...answers.classroom import Marked
from ...answers.quiz import Quiz
from ...answers.quiz_item import QuizItem
from ...answers.sheets import Fault
from ...answers.verdict import Verdict
from ..lines import clean, clean_line, plain
from ..sheet import PAGE
from .check_words import MarkedAnswers, format_answer, format_points

# Signs of an answer, or of a line that was not read, at most: who pastes a book sees its beginning.
LONGEST = 2_000
# The screen for which workings are set one above the other.
_WIDTH = 80


class AnswerFeedback(NamedTuple):
    """What there is to say of one answer.

    question  what is asked, in words
    answer    as it was written, on one line
    points    given for it, ``of`` as many
    open      points that a person has still to decide on
    sentence  the verdict with its reason, or a hint
    details   lines below it that stand as they are: both workings
    """

    id: str
    question: str
    answer: str
    points: Fraction
    of: Fraction
    open: Fraction
    verdict: Verdict
    sentence: str
    details: tuple[str, ...]

    @property
    def score(self) -> str:
        """``1 of 2 points``; ``2 points open``."""
        if self.open:
            return f"{_points(self.open)} open"
        return f"{format_points(self.points)} of {_points(self.of)}"


class Feedback:
    """What a student is told of a sheet.

    answers   a part for each question
    not_read  what nobody has read: where, the reason, the words
    """

    def __init__(self, quiz: Quiz, items: Sequence[QuizItem], sheet: Marked, hint: bool, taught: bool):
        self.sheet = sheet
        self.most = sum([item.points for item in items], Fraction(0))
        marked = MarkedAnswers(items, sheet.verdicts, quiz.conventions, hint, taught)
        self.answers = [_answer(quiz, marked, item) for item in items]
        submission = sheet.submission
        self.not_read: list[Fault] = [*submission.faults, *submission.aside]
        if submission.unreadable:
            self.not_read.insert(
                0, Fault(submission.source, f"the sheet was not read: {submission.unreadable}")
            )

    @property
    def student(self) -> str:
        """Whose sheet it is."""
        return clean_line(self.sheet.submission.student)

    @property
    def open(self) -> list[AnswerFeedback]:
        """Answers on which a person has still to decide."""
        return [answer for answer in self.answers if answer.open]

    @property
    def score(self) -> str:
        """``10.5 of 13 points``; with open points ``8 of 13 points so far``."""
        behind = " so far" if self.sheet.open else ""
        return f"{format_points(self.sheet.points)} of {_points(self.most)}{behind}"

    @property
    def summary(self) -> list[str]:
        """The points of the sheet, and how many of them are open and where."""
        lines = [f"{self.score}."]
        if self.open:
            verb = "is" if self.sheet.open == 1 else "are"
            where = ", ".join([answer.id for answer in self.open])
            lines.append(f"{_points(self.sheet.open)} {verb} open: a person has still to decide on {where}.")
        return lines

    @property
    def not_read_lines(self) -> Iterator[str]:
        """A line on each thing that was not read."""
        return map(format_fault, self.not_read)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def format_fault(fault: Fault) -> str:
    """A line on something that was not read, with its words where the message does not hold them."""
    words = _shortened(clean_line(fault.text))
    behind = f": {words}" if words and words not in fault.message else ""
    return f"{clean(fault.place)}: {clean(fault.message)}{behind}"


def _answer(quiz: Quiz, marked: MarkedAnswers, item: QuizItem) -> AnswerFeedback:
    verdict = marked.of(item)
    return AnswerFeedback(
        clean_line(item.id),
        clean_line(quiz.texts.get(item.id, item.asked.words)),
        _shortened(format_answer(verdict)),
        verdict.points,
        item.points,
        verdict.open,
        verdict,
        plain(marked.sentence(item, PAGE)),
        tuple([plain(line) for line in marked.details(item, PAGE.of(_WIDTH))]),
    )


def _points(points: Fraction) -> str:
    """``1 point``, ``2.5 points``."""
    return f"{format_points(points)} {'point' if points == 1 else 'points'}"
