"""Hints never contradict each other, nor the verdicts: none sends a student back to a right answer."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from lanes import slow_but
from test_marking_random import exam, spoilt

from archcalc.answers.classroom import Classroom
from archcalc.answers.conventions import Conventions
from archcalc.answers.marking import Examiner
from archcalc.answers.marks import Marks
from archcalc.answers.quiz_item import QuizItem
from archcalc.answers.quiz_reading import read_quiz
from archcalc.answers.sheets.folder import stack
from archcalc.answers.verdict import CONVENTION, FOLLOWS, WRONG, Verdict
from archcalc.answers.written import read
from archcalc.report.lines import plain
from archcalc.report.screens.check_words import MarkedAnswers, earlier, format_value
from archcalc.report.sheet import PAGE

EXAMPLE = Path(__file__).parent.parent / "examples" / "class"


def contradictions(items: Sequence[QuizItem], found: Mapping[str, Verdict]) -> Iterator[str]:
    """What is wrong with the hints on a sheet, each with the question."""
    marked = MarkedAnswers(items, found, Conventions(), hint=True)
    again = set()
    for item in items:
        verdict, hint = found[item.id], plain(marked.sentence(item, PAGE))
        if verdict.follows:
            place = found.get(verdict.follows)
            if place is None:
                yield f"{item.id} starts from {verdict.follows}, which there is not"
            elif place.kind in ("right", "rounded", "blank", "unreadable"):
                yield f"{item.id} starts from {verdict.follows}, which is {place.kind}"
            elif verdict.kind == FOLLOWS and "look there again" in hint:
                again.add(earlier(verdict.follows))
                if place.right:
                    yield f"{item.id} sends back to {verdict.follows}, which is {place.kind}"
        if verdict.right and not hint.startswith("right"):
            yield f"{item.id} is {verdict.kind}, and the hint is: {hint}"
        if verdict.kind == WRONG and not hint.startswith("not yet"):
            yield f"{item.id} is wrong, and the hint is: {hint}"
        key = format_value(item.diagnosis.value, item.asked.conventions["layout"])
        shown = re.findall(r"\d[\d,x]*", hint)
        if verdict.kind in (WRONG, FOLLOWS) and len(key) > 2 and key in shown:
            yield f"{item.id} is given away: {hint}"


def test_the_sheets_of_the_example() -> None:
    quiz = read_quiz(str(EXAMPLE / "quiz.toml"))
    classroom = Classroom(quiz)
    sheets = stack(str(EXAMPLE / "sheets"), [question.id for question in quiz.questions]).submissions
    found = {
        f"{marked.submission.student} {words}"
        for marked in classroom.mark(sheets)
        for words in contradictions(classroom.items, marked.verdicts)
    }
    assert found == set()


@pytest.mark.parametrize("seed", slow_but(range(25), 6))
def test_random_sheets(seed: int) -> None:
    """Defeats: the earliest wrong answer named that an answer does not start from, and the student's own
    convention called a place to look at again."""
    items, conventions = exam(seed)
    chance = random.Random(seed)
    examiner = Examiner(items)
    found: set[str] = set()
    for _ in range(4):
        written = {}
        for item in items:
            text = format_value(item.diagnosis.value, conventions["layout"]).replace(",", "")
            text = spoilt(item.diagnosis.value, chance) if chance.random() < 0.3 else text
            written[item.id] = read(text, item.asked.quantity, conventions["decimal"])
        found |= set(contradictions(items, examiner.mark(written)))
    assert found == set()


def test_a_right_answer_by_another_convention_is_not_to_be_looked_at_again() -> None:
    """A window that hangs over the end is right as Caffe has it, and what follows from it is too."""
    from test_marking import mark

    marks = Marks({CONVENTION: Fraction(1, 2)})
    net = "24x24x3 -> maxpool 3x3 stride=2 -> conv 3x3 4 pad=1"
    found = mark(net, {"maxpool1.output": "12x12x3", "conv1.macs": "15552"}, marks)
    assert [verdict.kind for verdict in found.values()] == ["convention", "follow-through"]
    items = [QuizItem(name, verdict.asked) for name, verdict in found.items()]
    assert list(contradictions(items, found)) == []
    marked = MarkedAnswers(items, found, Conventions(), hint=True)
    assert "look there again" not in plain(marked.sentence(items[1], PAGE))
