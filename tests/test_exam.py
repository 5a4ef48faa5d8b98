"""Published exam questions: the official answer is right, or right in the precision it has.

Defeats: an examiner whose own key differs from that of the people who set the question.
"""

from __future__ import annotations

import pytest
from exam import QUESTIONS, Question

from archcalc import load
from archcalc.answers.asked import Asked, Subject
from archcalc.answers.conventions import Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.judging import judge
from archcalc.answers.verdict import RIGHT, ROUNDED
from archcalc.answers.written import Number, read


def test_all_of_the_collection_are_here():
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS) == 60


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.id for question in QUESTIONS])
def test_the_official_answer_is_right(question: Question):
    asked = Asked.read(
        Subject(load(question.target).graph), question.ask, Conventions(dict(question.conventions))
    )
    diagnosis = Diagnosis(asked)
    written = read(question.answer, asked.quantity)
    found = judge(diagnosis, written)
    rounded = isinstance(written, Number) and not written.exact
    assert found.kind == (ROUNDED if rounded else RIGHT), (diagnosis.value, found.kind)
    # The textbook's way gives what the analyses compute, so that there is a working to show.
    assert diagnosis.known
    assert diagnosis.working is not None
