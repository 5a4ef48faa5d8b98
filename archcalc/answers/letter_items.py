"""Questions in letters as those of a quiz, and single ones marked as a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .following_in_letters import StatedFormula, start_of
from .in_letters import LetterDiagnosis, LetterQuestion, LetterVerdict
from .marking import mark_numbers
from .quiz_item import QuizItem
from .verdict import CONVENTION, FOLLOWS, WRONG


def letter_item(id: str, letters: LetterQuestion, points: Fraction) -> QuizItem:
    """A question in letters as one of a quiz."""
    item = QuizItem(id, letters.asked, points)
    item.letters = item.marker = letters
    item.diagnosis = LetterDiagnosis(letters)
    return item


def mark_following(questions: Sequence[LetterQuestion], verdicts: Sequence[LetterVerdict]) -> None:
    """Change the verdicts on wrong answers that follow from others of the same student.

    Args:
        questions: The questions; none twice.
        verdicts: The verdict on the answer to each.
    """
    pairs = list(zip(questions, verdicts, strict=True))
    off = [StatedFormula(q.name, q, v.text) for q, v in pairs if v.kind in (WRONG, CONVENTION)]
    for question, verdict in pairs:
        if verdict.kind == WRONG:
            follows = start_of(StatedFormula(question.name, question, verdict.text), off, mark_numbers)
            if follows:
                verdict.kind, verdict.follows, verdict.readings = FOLLOWS, follows, ()
                verdict.example, verdict.remark = None, ""
