"""Published exam questions: the official answer is right, or right in the precision it has.

Defeats: an examiner whose own key differs from that of the people who set the question.
"""

from __future__ import annotations

import pytest
from exam import MORE, QUESTIONS, WRONG_KEYS, ExamQuestion, WrongKey

from archcalc import load
from archcalc.answers.conventions import Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.judging import judge
from archcalc.answers.question import Question, Subject
from archcalc.answers.verdict import RIGHT, ROUNDED, WRONG
from archcalc.answers.written import WrittenNumber, read


def test_all_of_the_collection_are_here():
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS) == 60
    assert len({question.id for question in MORE + WRONG_KEYS}) == len(MORE) + len(WRONG_KEYS) == 66


@pytest.mark.parametrize("question", QUESTIONS + MORE, ids=lambda question: question.id)
def test_the_official_answer_is_right(question: ExamQuestion):
    asked = Question.read(
        Subject(load(question.target).graph), question.ask, Conventions(dict(question.conventions))
    )
    diagnosis = Diagnosis(asked)
    written = read(question.answer, asked.quantity)
    found = judge(diagnosis, written)
    rounded = isinstance(written, WrittenNumber) and not written.exact
    assert found.kind == (ROUNDED if rounded else RIGHT), (diagnosis.value, found.kind)
    if asked.quantity != "connections":  # which are counted and have no method to change
        # The textbook's way gives what the analyses compute, so that there is a working to show.
        assert diagnosis.known
        assert diagnosis.working is not None


@pytest.mark.parametrize("key", WRONG_KEYS, ids=lambda key: key.id)
def test_a_key_that_is_wrong_in_print(key: WrongKey):
    """Defeats: an examiner who takes a key's word for it, and one who names some misconception
    whatever was printed."""
    asked = Question.read(Subject(load(key.target).graph), key.ask, Conventions({}))
    diagnosis = Diagnosis(asked)
    assert diagnosis.value == key.right
    found = judge(diagnosis, read(key.printed, asked.quantity))
    assert found.kind == WRONG
    names = [reading.words for reading in found.readings]
    assert any(key.reading in name for name in names) if key.reading else not names
