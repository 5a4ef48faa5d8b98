"""What people write around an answer, in many languages, and what a fair person says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archcalc.answers.classroom import Classroom
from archcalc.answers.quiz_reading import parse_quiz
from archcalc.answers.sheets import SheetAnswer, Submission

ROWS = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "answers_in_words.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
ASKED = {
    "Q1": ("conv1.output", ""),
    "Q2": ("conv1.params", ""),
    "Q3": ("maxpool1.output", ""),
    "Q4": ("conv2.macs", ""),
    "Q5": ("dwconv1.params", ""),
    "Q6": ("dwconv1.rf", ""),
    "Q7": ("conv3.macs", ""),
    "Q8": ("conv4.output", ""),
    "Q9": ("fc1.params", ""),
    "Q10": ("conv1.memory", "Memory of the output of c1, fp32, one image (in KiB)?"),
    "Q11": ("total.params", ""),
}
NET = (
    "96x64x3 -> conv 7x7 24 stride=2 pad=3 -> maxpool 3x3 stride=2 -> conv 3x3 48 pad=1"
    " -> dwconv 3x3 stride=2 pad=1 -> conv 1x1 96 -> conv 3x3 96 pad=2 dilation=2 -> avgpool 2x2"
    " -> fc 128 -> fc 12"
)
QUIZ = f'target = "{NET}"\n[conventions]\nbias = "no"\n' + "".join(
    [f'[[question]]\nid = "{id}"\nask = "{ask}"\ntext = "{text}"\n' for id, (ask, text) in ASKED.items()]
)


@pytest.fixture(scope="module")
def classroom() -> Classroom:
    return Classroom(parse_quiz(QUIZ))


@pytest.mark.parametrize(("question", "text", "kinds"), ROWS)
def test_what_a_fair_person_says(classroom: Classroom, question: str, text: str, kinds: str) -> None:
    """Defeats: a reader that drops what it does not know, and one that guesses."""
    (marked,) = classroom.mark([Submission("a", "a", (SheetAnswer(question, text, "line 1"),))])
    assert marked.verdicts[question].kind in kinds.split()
