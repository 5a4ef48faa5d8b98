"""What a person decided: read from a file, applied in every later run, and never silently lost."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import pytest
from calling import call

from archcalc.answers.classroom import Classroom, Marked
from archcalc.answers.decision import fingerprint
from archcalc.answers.decision_files import read_decisions
from archcalc.answers.quiz_reading import parse_quiz
from archcalc.answers.sheets import SheetAnswer, Submission
from archcalc.answers.tally import Tally
from archcalc.diagnostics import SpecError

QUIZ = """
target = "32x32x3 -> conv 5x5 10 pad=2 -> maxpool 2x2 -> conv 3x3 20 pad=1"
[[question]]
id = "Q1"
ask = "conv1.output"
[[question]]
id = "Q2"
ask = "conv1.params"
points = 2
[[question]]
id = "Q3"
ask = "conv2.params"
points = 2
"""


def sheet(student: str, *answers: str) -> Submission:
    entries = [SheetAnswer(f"Q{n}", text, f"line {n}") for n, text in enumerate(answers, 1)]
    return Submission(student, f"{student}.txt", tuple(entries))


def mark(tmp_path: Path, decisions: str, *sheets: Submission, name: str = "d.csv") -> list[Marked]:
    path = tmp_path / name
    path.write_text(decisions, encoding="utf-8")
    return list(Classroom(parse_quiz(QUIZ), read_decisions([str(path)])).mark(sheets))


def test_what_cannot_be_read_is_open():
    """Defeats: nought points for what nobody has read."""
    (marked,) = Classroom(parse_quiz(QUIZ)).mark([sheet("ann", "32x32x10", "760 or 750", "1.821")])
    assert marked.open == 4
    assert marked.points == 1
    assert [verdict.open for verdict in marked.verdicts.values()] == [0, 2, 2]


def test_points_and_readings_hold(tmp_path: Path):
    text = (
        "student,question,answer,points,reading,reason\n"
        "ann,Q2,760 or 750,1.5,,the first was meant\n"
        'ann,Q3,1.821,,1820,"thousands, as everywhere else"\n'
    )
    (marked,) = mark(tmp_path, text, sheet("ann", "32x32x10", "760 or 750", "1.821"))
    found = marked.verdicts
    assert marked.open == 0
    assert (found["Q2"].kind, found["Q2"].points) == ("decided", Fraction(3, 2))
    assert (found["Q3"].kind, found["Q3"].points) == ("right", 2)
    assert found["Q3"].written.text == "1.821"  # the student's own words stay


def test_a_reading_is_followed_through(tmp_path: Path):
    """A reading takes its part in the marking of all others. Defeats: one that is put in behind it."""
    quiz = parse_quiz(QUIZ.replace('"conv1.params"', '"maxpool1.output"').replace("Q3", "Q3"))
    path = tmp_path / "d.csv"
    path.write_text("student,question,answer,reading\nann,Q1,l,28x28x10\n")
    (marked,) = Classroom(quiz, read_decisions([str(path)])).mark([sheet("ann", "l", "14x14x10")])
    assert [verdict.kind for verdict in marked.verdicts.values()] == ["wrong", "follow-through", "blank"]


def test_other_words_are_open_again(tmp_path: Path):
    """Defeats: a decision that is carried over to what the student wrote afterwards."""
    text = "student,question,answer,points\nann,Q2,760 or 750,2\n"
    (marked,) = mark(tmp_path, text, sheet("ann", "32x32x10", "750", "1820"))
    assert (marked.open, marked.points) == (2, 3)
    assert "`760 or 750`" in marked.verdicts["Q2"].remark
    assert "`750`" in marked.verdicts["Q2"].remark


def test_everybody_who_wrote_the_same(tmp_path: Path):
    """One decision for equal answers, and a student's own one goes first."""
    text = "student,question,answer,points\n*,Q2,760  or 750,1\nbob,Q2,760 or 750,2\n"
    sheets = [
        sheet(name, "32x32x10", words) for name, words in (("ann", "760 or 750"), ("bob", "760 or 750"))
    ]
    ann, bob, cem = mark(tmp_path, text, *sheets, sheet("cem", "32x32x10", "760"))
    assert [one.verdicts["Q2"].points for one in (ann, bob, cem)] == [1, 2, 2]
    assert cem.open == 0  # what is said of others' words opens nothing


def test_nothing_is_deducted_where_a_person_decided(tmp_path: Path):
    """Biases forgotten at Q2 and Q3. Defeats: a mistake that is counted at a question where a person
    gave all points, and so nowhere."""
    answers = sheet("ann", "32x32x10", "750", "1800")
    (plain,) = Classroom(parse_quiz(QUIZ)).mark([answers])
    assert [verdict.points for verdict in plain.verdicts.values()] == [1, 0, 2]
    (marked,) = mark(tmp_path, "student,question,answer,points\nann,Q2,750,2\n", answers)
    assert [verdict.points for verdict in marked.verdicts.values()] == [1, 2, 0]


def test_one_students_decimal_sign(tmp_path: Path):
    text = "student,decimal\nann,comma\n"
    ann, bob = mark(tmp_path, text, sheet("ann", "", "", "1.821"), sheet("bob", "", "", "1.821"))
    assert ann.verdicts["Q3"].kind == "wrong"
    assert bob.open == 2


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("d.csv", "student,question,answer,points\nann,Q2,x,3\n", 2, "worth 2 points, and not 3"),
        ("d.csv", "student,question,answer,points\nann,Q2,x,many\n", 2, "`many` is no number"),
        ("d.csv", "student,question,answer,points\nann,Q2,x,-1\n", 2, "`-1` is no number"),
        ("d.csv", "student,question,answer,reading\n\nann,Q2,x,a b\n", 3, "cannot be read"),
        ("d.csv", "student,question,points\nann,Q2,1\n", 2, "which `answer`"),
        ("d.csv", "student,question,answer,points\nann,,x,1\n", 2, "which `question`"),
        ("d.csv", "student,question,answer,points\nann,Q2,x,1\nann,q2,x,2\n", 3, "decided twice"),
        ("d.csv", "student,qestion\n", 1, "no column `qestion`"),
        ("d.csv", "student,decimal\nann,dot\n", 2, "`decimal` is not `dot`"),
        ("d.csv", "student,question,answer,reason\nann,Q2,x,why\n", 2, "a reason alone"),
        ("d.toml", '[[decision]]\nstudent = "ann"\nquestion = "Q2"\nanswer = "x"\npoints = 9\n', 1, "not 9"),
        ("d.toml", '[[decision]]\nstudent = "ann"\npionts = 1\n', 3, "no key `pionts`"),
        ("d.toml", "[decision]\n", 1, "a table of its own"),
    ],
)
def test_faults_point_at_the_line(tmp_path: Path, name: str, text: str, line: int, message: str):
    with pytest.raises(SpecError) as caught:
        mark(tmp_path, text, sheet("ann"), name=name)
    first = caught.value.diagnostics[0]
    assert message in first.message
    assert first.span is not None
    assert first.span.position[0] == line


def test_a_question_or_a_student_that_vanished_is_reported(tmp_path: Path):
    quiz, sheets, decisions = tmp_path / "quiz.toml", tmp_path / "ann.txt", tmp_path / "d.csv"
    quiz.write_text(QUIZ)
    sheets.write_text("Q1: 32x32x10\nQ2: 760\nQ3: 1820\n")
    decisions.write_text("student,question,answer,points\nann,Q9,x,1\nzoe,Q2,x,1\n")
    record = json.loads(
        call("check", str(quiz), str(sheets), "--decisions", str(decisions), "--format", "json").out
    )
    reported = [(one["student"], one["reason"]) for one in record["unread"]]
    assert reported == [
        ("ann", "the quiz has no question `Q9`"),
        ("zoe", "no sheet has this answer of this student"),
    ]


@pytest.mark.parametrize("form", ["csv", "toml"])
def test_what_is_open_goes_out_and_comes_back(tmp_path: Path, form: str):
    """The list of what is open, filled in, leaves nothing open. Defeats: a list that only looks like the
    file that is read."""
    quiz, sheets, path = tmp_path / "quiz.toml", tmp_path / "class.csv", tmp_path / f"open.{form}"
    quiz.write_text(QUIZ)
    sheets.write_text('student,Q1,Q2,Q3\nann,32x32x10,"=1 or 2","1.821"\n"bob ""B""",32x32x10,760,"ü\x7f"\n')
    arguments = ["check", str(quiz), str(sheets), "--format", "nbgrader"]
    first = call(*arguments, "--open", str(path))
    assert [row["score"] for row in csv.DictReader(io.StringIO(first.out))] == ["", ""]  # and not 0
    assert read_decisions([str(path)]).made == ()  # nothing is filled in
    if form == "csv":
        rows = list(csv.DictReader(path.open(encoding="utf-8")))
        assert [row["fingerprint"] for row in rows[:2]] == [fingerprint("=1 or 2"), fingerprint("1.821")]
        for row in rows:
            row["points"] = "0,5"
            row["answer"] = row["answer"].replace(".", "")  # as a spreadsheet has it
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text(
            path.read_text(encoding="utf-8").replace('points = ""', "points = 0.5"), encoding="utf-8"
        )
    second = call(*arguments, "--decisions", str(path))
    assert [row["score"] for row in csv.DictReader(io.StringIO(second.out))] == ["2", "3.5"]
    refused = call(*arguments, "--open", str(path))
    assert refused.code == 2
    assert "is there already" in refused.err


def test_a_tally_counts_what_was_decided(tmp_path: Path):
    text = "student,question,answer,points\nann,Q2,760 or 750,1\n"
    (marked,) = mark(tmp_path, text, sheet("ann", "32x32x10", "760 or 750", "1820"))
    tally = Tally(Classroom(parse_quiz(QUIZ)).items)
    tally.add(marked)
    assert tally.verdicts["Q2"]["decided"] == 1
    assert tally.unread == []
