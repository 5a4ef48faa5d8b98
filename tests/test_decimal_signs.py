"""Which decimal sign a student writes is inferred from what can be read one way only."""

from __future__ import annotations

import pytest

from archcalc.answers.classroom import Classroom
from archcalc.answers.decimal_signs import decimal_sign
from archcalc.answers.quiz_reading import parse_quiz
from archcalc.answers.sheets import SheetAnswer, Submission
from archcalc.diagnostics import SpecError


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["3.576.960"], "comma"),
        (["3,58 Mio"], "comma"),
        (["0,442 Mio"], "comma"),
        (["27,0"], "comma"),
        (["1.234,5"], "comma"),
        (["1 234,5"], "comma"),
        (["1,234,567"], "point"),
        (["3.58M"], "point"),
        (["1,234.5"], "point"),
        (["13,83,57,544"], "point"),
        # One separator before three digits tells nothing, nor do noughts that a platform writes.
        (["34.944", "34,944"], "ask"),
        (["3528.0", "27"], "ask"),
        (["48,32,24", "(48, 32, 24)"], "ask"),
        # What is no number tells nothing: this is a scan of 294,912.
        (["294,9l2"], "ask"),
        # Both are written.
        (["3,58 Mio", "0.14 MB"], "ask"),
        ([], "ask"),
    ],
)
def test_the_sign_is_inferred(texts: list[str], sign: str) -> None:
    """Defeats: the first separator met taken for the sign; a volume's commas taken for decimals."""
    answers = [(text, "output" if text.strip("(").startswith("48") else "macs") for text in texts]
    assert decimal_sign(answers) == sign


QUIZ = """
target = "11x11x3 -> conv 5x5 10"
[students."Haas, Jürgen"]
decimal = "comma"
[[question]]
id = "1"
ask = "memory"
"""


def sign(student: str, *texts: str, details: tuple[tuple[str, str], ...] = (), quiz: str = QUIZ) -> str:
    entries = tuple([SheetAnswer("1", text, "line 1") for text in texts])
    return Classroom(parse_quiz(quiz)).decimal(Submission(student, "a.txt", entries, details=details))


def test_the_sign_is_stated_for_a_student() -> None:
    """Defeats: a statement that the student's own writing overrules."""
    assert sign("Haas, Jürgen", "1.96K") == "comma"
    assert sign("Ann", "1.96K") == "point"
    assert sign("Ann", "1.96K", details=(("Decimal", "comma"),)) == "comma"
    assert sign("Ann", "1,96 K", quiz=f'conventions.decimal = "point"\n{QUIZ}') == "point"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[students.Ann]\ndecimal = "both"', "`decimal` is"),
        ("[students]\nAnn = 1", "a student is a table"),
        ("[students.Ann]\nsign = 1", "there is no key `sign` here"),
    ],
)
def test_what_is_said_of_students_is_checked(table: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        parse_quiz(f'{table}\n[[question]]\nid = "1"\ntarget = "lenet5"\nask = "params"')
