"""Published exam questions: the official answer is right, or right in the precision it has.

Defeats: an examiner whose own key differs from that of the people who set the question.
"""

from __future__ import annotations

import json

import pytest
from calling import call
from exam import _DQN as DQN
from exam import _UNET, MORE, QUESTIONS, WRONG_KEYS, ExamQuestion, WrongKey

from archcalc import load
from archcalc.answers.conventions import Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.judging import judge
from archcalc.answers.question import Question, Subject
from archcalc.answers.verdict import RIGHT, ROUNDED, WRONG
from archcalc.answers.written import WrittenNumber, read

ANY_UNET = _UNET.replace("572x572", "?x?")
ENCODER, TEN = "16x512 -> attention 8 bias=no -> linear 2048 -> linear 512", "224x224x3 -> conv 3x3 64 pad=1"
LSTM, BIDIRECTIONAL = "20x15 -> lstm 256", "20x15 -> lstm 256 bidirectional=yes"


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


# The questions of the collection that name no quantity of a layer, each in one call.
OTHERS = (
    ("x003", ("explain", DQN, "connections(conv1) / neurons(conv1)"), "= 257"),
    ("x044", ("explain", LSTM, BIDIRECTIONAL, "params(B) - params(A)"), "= 278,528"),
    (
        "x055",
        ("explain", "16x512 -> attention 8 bias=no -> linear 2048 -> linear 512", "params"),
        "3,148,288",
    ),
    ("x119", ("explain", "64x224x224x3 -> relu", "neurons"), "9,633,792"),
    ("x120", ("explain", "8x8x8x3 -> conv 3x3x3 1", "8x8x3 -> conv 3x3 1", "weights(A) / weights(B)"), "= 3"),
    ("x140", ("explain", TEN, "multiplications", "--batch", "10"), "867,041,280"),
    ("x141", ("explain", TEN, "additions", "--batch", "10"), "867,041,280"),
    ("x149", ("explain", _UNET, "size(input) - size"), "= 184"),
    ("x150", ("solve", ANY_UNET, "--where", "input > 500", "--even", "--up-to", "530"), "508"),
)


@pytest.mark.parametrize(("id", "words", "answer"), OTHERS, ids=[id for id, *_ in OTHERS])
def test_a_question_takes_one_call(id: str, words: tuple[str, ...], answer: str) -> None:
    found = call(*words)
    assert (found.code, answer in found.out) == (0, True), found.out


@pytest.mark.parametrize(
    ("answer", "reading"),
    [("0", "taken-for-equal"), ("557056", "one-number-alone"), ("835584", "added-for-difference")],
)
def test_the_options_of_a_difference_get_their_reading(answer: str, reading: str) -> None:
    """The printed options of x044: the whole layer, and three times what one direction has."""
    found = call("check", LSTM, BIDIRECTIONAL, f"params(B) - params(A)={answer}", "--format", "json")
    (marked,) = json.loads(found.out)["answers"]
    assert [reading] in [one["ids"] for one in marked["readings"]]
