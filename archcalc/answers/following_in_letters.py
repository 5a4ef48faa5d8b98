"""Formulas that are right from a student's own earlier formulas.

For each set of numbers the answers become numbers, and the examiner marks these as it does those of a
sheet. A formula follows from an earlier one where it does so for every set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .in_letters import LetterQuestion
from .letter_readings import LEAST
from .question import Question, Subject
from .quiz_item import QuizItem
from .verdict import FOLLOWS, RIGHT, Verdict
from .written import Written

# Sets of numbers, of those that the layers accept, for which the earlier formulas give sizes that there are.
USABLE = 12


# Marks numbers: the verdict on each answer, by the id of its question.
MarkNumbers = Callable[[Sequence[QuizItem], Mapping[str, Written]], Mapping[str, Verdict]]


class StatedFormula(NamedTuple):
    """An answer in letters: what its question is called, the question, and what was written."""

    id: str
    question: LetterQuestion
    text: str


def start_of(answer: StatedFormula, earlier: Sequence[StatedFormula], mark: MarkNumbers) -> str:
    """Return the id of the earlier answer that an answer follows from; empty where it follows from none.

    Args:
        answer: An answer that is wrong as it stands.
        earlier: The other answers, in any order; those about another chain do not count.
        mark: The examiner.
    """
    question = answer.question
    alike = [one for one in earlier if one.question.goes_with(question) and one.question is not question]
    formulas = [(one, one.question.formulas(one.text)) for one in alike]
    read = [(one, made) for one, made in formulas if made]
    mine = question.formulas(answer.text)
    if not read or not mine:
        return ""
    found: Counter[str] = Counter()
    usable = 0
    for values, diagnosis in question.asked_for:
        subject = diagnosis.asked.subject
        written: dict[str, Written] = {}
        for one, made in [*read, (answer, mine)]:
            numbers = one.question.numbers(made, values)
            if numbers is None or (one.question.sizes and min(numbers) < 1):
                break
            written[one.id] = one.question.as_written(one.text, numbers)
        else:
            usable += 1
            items = [_item(one, subject) for one in (*[one for one, _ in read], answer)]
            verdict = mark(items, written)[answer.id]
            if verdict.kind not in (RIGHT, FOLLOWS):
                return ""
            if verdict.kind == FOLLOWS:
                found[verdict.follows] += 1
    if usable < USABLE or sum(found.values()) < LEAST:
        return ""
    return found.most_common(1)[0][0]


def _item(answer: StatedFormula, subject: Subject) -> QuizItem:
    asked = Question.read(subject, answer.question.ask, answer.question.conventions)
    return QuizItem(answer.id, asked)
