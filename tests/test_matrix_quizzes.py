"""Quizzes that give matrices to layers: read, marked on sheets and class lists, audited, drawn."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from calling import call

import archcalc
from archcalc.answers.quiz_reading import parse_quiz
from archcalc.diagnostics import SpecError
from archcalc.questions.keys import variant_key
from archcalc.questions.templates import QuizTemplate
from archcalc.questions.variants import posed_variants

QUIZ = """
title = "By hand"
target = "conv 3x3 -> relu -> maxpool 2x2 stride=1"
matrix = "2 1 3 0 1;1 4 2 1 0;3 1 5 2 1;0 2 1 4 3;1 0 3 1 2"
kernel = "-1 0 1;-2 0 2;-1 0 1"

[[question]]
id = "1a"
ask = "conv1.values"
points = 9
key = "[[5,-6,2],[8,0,-4],[-2,6,1]]"

[[question]]
id = "1b"
ask = "relu1.values"

[[question]]
id = "1c"
ask = "values"

[[question]]
id = "1d"
ask = "conv1.values[1,2]"

[[question]]
id = "2"
target = "avgpool 2x2"
matrix = [[2, 2, 7, 3], [9, 4, 6, 1], [8, 5, 2, 4], [3, 1, 2, 6]]
ask = "values"

[[question]]
id = "3"
target = "softmax"
matrix = "1 2 3"
ask = "values"
digits = 2
"""
RIGHT = {
    "1a": "5 -6 -10; 6 1 -8; 6 6 -1",
    "1b": "[[5,0,0],[6,1,0],[6,6,0]]",
    "1c": "6 1; 6 6",
    "1d": "-8",
    "2": "4.25 4.25; 4.25 3.5",
    "3": "0.090 0.24 0.67",
}
CELLS = QUIZ.replace("[[question]]", "[marks]\ncells = true\n\n[[question]]", 1)


def verdicts(quiz: str, answers: object) -> dict[str, tuple[str, Fraction]]:
    (sheet,) = archcalc.mark(quiz, answers).sheets
    return {id: (one.verdict, one.points) for id, one in sheet.answers.items()}


def test_right_answers_have_full_marks() -> None:
    (sheet,) = archcalc.mark(QUIZ, RIGHT).sheets
    assert sheet.points == sheet.of == 14
    assert {id: one.verdict for id, one in sheet.answers.items()} == {
        **dict.fromkeys(RIGHT, "right"),
        "3": "rounded",
    }


def test_cells_are_worth_something_where_a_quiz_says_so() -> None:
    """Eight of nine cells are 8 points of 9, and without the key of the quiz none."""
    answers = {**RIGHT, "1a": "5 -6 -10; 6 1 -8; 6 6 9"}
    assert verdicts(QUIZ, answers)["1a"] == ("wrong", 0)
    assert verdicts(CELLS, answers)["1a"] == ("wrong", 8)


def test_later_layers_follow_from_own_values() -> None:
    answers = {**RIGHT, "1a": "5 -6 -10; 6 1 -8; 6 6 9", "1b": "5 0 0; 6 1 0; 6 6 9", "1c": "6 1; 6 9"}
    found = verdicts(QUIZ, answers)
    assert [found[id][0] for id in ("1a", "1b", "1c")] == ["wrong", "follow-through", "follow-through"]
    assert found["1c"][1] == 1


@pytest.mark.parametrize(
    "matrix",
    [
        "5 -6 -10; 6 1 -8; 6 6 -1",
        "5 -6 -10\n6 1 -8\n6 6 -1",
        "\n5 -6 -10\n6 1 -8\n6 6 -1\n",
        "\n5, -6, -10\n6, 1, -8\n6, 6, -1\nThat was hard.",
        "My result is\n[[ 5  -6 -10]\n [ 6   1  -8]\n [ 6   6  -1]]",
        "\n5\t-6\t-10\n6\t1\t-8\n6\t6\t-1",
        "array([[  5.,  -6., -10.],\n       [  6.,   1.,  -8.],\n       [  6.,   6.,  -1.]])",
        r"\begin{bmatrix} 5 & -6 & -10 \\ 6 & 1 & -8 \\ 6 & 6 & -1 \end{bmatrix}",
        "\n\\begin{bmatrix}\n5 & -6 & -10 \\\\\n6 & 1 & -8 \\\\\n6 & 6 & -1\n\\end{bmatrix}",
        "\n| 5 | -6 | -10 |\n|---|---|---|\n| 6 | 1 | -8 |\n| 6 | 6 | -1 |",
    ],
)
def test_a_matrix_on_a_sheet(matrix: str, tmp_path: Path) -> None:
    """Several lines below a label are one answer. Defeats a row that is read as the answer to question 5."""
    (tmp_path / "quiz.toml").write_text(QUIZ, encoding="utf-8")
    sheet = tmp_path / "ann.txt"
    sheet.write_text(f"1a: {matrix}\n\n1b: 5 0 0; 6 1 0; 6 6 0\n1d: -8\n", encoding="utf-8")
    result = call("check", str(tmp_path / "quiz.toml"), str(sheet), "--format", "json")
    answers = {one["question"]: one for one in json.loads(result.out)["sheets"][0]["answers"]}
    assert (answers["1a"]["verdict"], answers["1a"]["cells"]["right"]) == ("right", 9)
    assert [answers[id]["verdict"] for id in ("1b", "1d", "1c")] == ["right", "right", "blank"]


def test_a_class_list(tmp_path: Path) -> None:
    """Cells of a CSV hold matrices, with line breaks too; platforms get points and feedback."""
    (tmp_path / "quiz.toml").write_text(CELLS, encoding="utf-8")
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["student", *RIGHT])
    rows.writerow(["bob", *RIGHT.values()])
    turned = "-5 6 10; -6 -1 8; -6 -6 1"
    rows.writerow(["eve", turned, "[[5,0,0]\n[6,1,0],[6,6,0]]", "6 6; 1 6", "8", "4,25 4,25; 4,25 3,5", "x"])
    (tmp_path / "class.csv").write_text(text.getvalue(), encoding="utf-8")
    quiz, sheets = str(tmp_path / "quiz.toml"), str(tmp_path / "class.csv")
    found = json.loads(call("check", quiz, sheets, "--format", "json").out)
    bob, eve = [{one["question"]: one for one in sheet["answers"]} for sheet in found["sheets"]]
    assert {one["verdict"] for one in bob.values()} == {"right", "rounded"}
    assert [eve[id]["verdict"] for id in RIGHT] == ["wrong", "right", "wrong", "wrong", "right", "unreadable"]
    assert eve["1a"]["readings"][0]["ids"] == ["kernel-turned"]
    assert eve["1c"]["readings"][0]["ids"] == ["result-transposed"]
    assert eve["1c"]["points"] == 0.5
    assert found["questions"][0]["right"] == [[5, -6, -10], [6, 1, -8], [6, 6, -1]]
    plain = call("check", quiz, sheets, "--format", "csv").out
    assert "5 -6 -10; 6 1 -8; 6 6 -1" in plain
    for form, names in (("moodle", ["moodle"]), ("gradescope", ["bob", "eve"]), ("nbgrader", ["nbgrader"])):
        out = tmp_path / f"{names[0]}-{form}"
        result = call("check", quiz, sheets, "--format", form, "-o", str(out))
        assert result.code in (0, 1), result.err
        assert out.exists()


def test_the_audit_names_the_wrong_cells_of_a_key(tmp_path: Path) -> None:
    """Six of nine cells of a printed key are wrong."""
    (tmp_path / "quiz.toml").write_text(QUIZ, encoding="utf-8")
    result = call("check", str(tmp_path / "quiz.toml"), "--audit", "--format", "json")
    first = json.loads(result.out)["questions"][0]
    assert first["wrong"] is True
    assert first["key"]["cells"]["right"] == 3
    assert len(first["key"]["cells"]["wrong"]) == 6
    assert (
        "6 of 9 cells are wrong: (0, 2), (1, 0)" in call("check", str(tmp_path / "quiz.toml"), "--audit").out
    )


def test_what_a_question_cannot_show() -> None:
    """A kernel that is the same turned round proves nothing about turning."""
    quiz = 'target = "conv 3x3"\nmatrix = "1 2 3;4 5 6;7 8 9"\nkernel = "1 0 1;0 2 0;1 0 1"\n'
    (finding,) = archcalc.answers.audit.audit(parse_quiz(f'{quiz}[[question]]\nid = "1"\nask = "values"\n'))
    assert {"kernel-turned", "kernel-transposed"} <= {blind.belief.id for blind in finding.blind}


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ('target = "conv 3x3"\nask = "values"', "there is no `matrix`"),
        ('target = "conv 2x2"\nask = "values"\nmatrix = "1 2;3 4"', "needs its weight"),
        ('target = "maxpool 2x2"\nask = "values"\nmatrix = "1 2;3"', "row 2 of matrix has 1"),
        ('target = "maxpool 2x2"\nask = "values"\nmatrix = "/etc/passwd"', "no number"),
        ('target = "maxpool 2x2"\nask = "values"\nmatrix = "-"', "no number"),
        ('target = "maxpool 2x2"\nask = "values"\nmatrix = true', "is a matrix"),
        ('target = "maxpool 2x2"\nask = "pool9.values"\nmatrix = "1 2;3 4"', "no layer is called"),
        ('target = "maxpool 2x2"\nask = "values[2,2]"\nmatrix = "1 2;3 4"', "outside 1x1"),
        ('target = "maxpool 2x2"\nask = "values"\nmatrix = "1 2;3 4"\nflip = 3', "true or false"),
    ],
)
def test_faults_of_a_quiz(keys: str, says: str) -> None:
    """One message that points at the file. Defeats a quiz that reads files of the teacher's machine."""
    with pytest.raises(SpecError) as error:
        parse_quiz(f'[[question]]\nid = "1"\n{keys}\n', "quiz.toml").items()
    assert says in str(error.value)
    assert all(one.span is None or one.span.source.name == "quiz.toml" for one in error.value.diagnostics)


TEMPLATE = """
title = "Drawn"
[[question]]
id = "1"
target = "conv 2x2 stride={s}"
matrix = "{m}"
kernel = "{k}"
ask = "values"
distinguishable = ["kernel-turned", "result-transposed"]
[question.values]
m = "4x4 of 0..9"
k = "2x2 of -2..3"
s = [1, 2]

[[question]]
id = "2"
target = "maxpool 2x2"
matrix = "{a} {b} 3 1; 4 {a} 2 {b}"
ask = "values"
kind = "choice"
[question.values]
a = "0..9"
b = [5, 6, 7]
"""


def test_drawn_matrices_go_back_with_full_marks() -> None:
    """Variants differ, the same seed gives the same, and each key marks its own answers right."""
    posed = posed_variants(QuizTemplate.of(TEMPLATE, "t.toml"), 5, 6)
    keys = [variant_key(posed, variant) for variant in posed.variants]
    again = posed_variants(QuizTemplate.of(TEMPLATE, "t.toml"), 5, 6)
    assert keys == [variant_key(again, variant) for variant in again.variants]
    assert len(set(keys)) > 3
    for key, variant in zip(keys, posed.variants, strict=True):
        first, second = variant.questions
        assert first.question.given is not None
        lines = {" ".join(line.split()) for line in first.text.splitlines() if line.startswith("    ")}
        rows = f"{first.question.given.matrix}; {first.question.given.kernels[0]}".split("; ")
        assert lines == set(rows)
        letter = "abcd"[[choice.right for choice in second.choices].index(True)]
        (sheet,) = archcalc.mark(key, {"1": str(first.value), "2": letter}).sheets
        assert sheet.points == sheet.of == 2
        wrong = next(choice for choice in second.choices if not choice.right)
        assert wrong.reading is not None
        assert (
            archcalc.mark(key, {"2": wrong.text}).sheets[0].answers["2"].readings[0].ids == wrong.reading.ids
        )


@pytest.mark.parametrize("given", ["0x2 of 1..3", "2x99 of 1..3", "2x2 of 3..1", "2x2 of 0..999"])
def test_matrices_that_cannot_be_drawn(given: str) -> None:
    with pytest.raises(SpecError):
        QuizTemplate.of(TEMPLATE.replace("4x4 of 0..9", given), "t.toml")


def test_the_python_api() -> None:
    image = np.arange(16).reshape(4, 4) ** 2 % 11
    kernel = np.array([[1, -2], [3, 0]])
    sums = [[int((image[i : i + 2, j : j + 2] * kernel).sum()) for j in range(3)] for i in range(3)]
    right = archcalc.check("conv 2x2", "values", np.array(sums), on=image, kernels=kernel)
    assert right.right
    turned = archcalc.check("conv 2x2", "values", sums, on=image.tolist(), kernels=kernel, flip=True)
    assert turned.readings[0].words == "the kernel not turned round"
    two = archcalc.check("conv 2x2", "values[0,0,1]", 0, on="1 2;3 4", kernels=["1 0;0 0", "0 0;0 0"])
    assert two.right
    with pytest.raises(TypeError):
        archcalc.check(3, "values", sums, on=image)


def test_a_text_of_the_teacher_shows_each_matrix_once() -> None:
    """Defeats a question whose matrix nobody sees, and one that stands there twice."""
    shown = TEMPLATE.replace('ask = "values"\ndist', 'ask = "values"\ntext = "Apply `{m}`."\ndist')
    (variant,) = posed_variants(QuizTemplate.of(shown, "t.toml"), 5, 1).variants
    text = variant.questions[0].text
    assert "The input" not in text
    assert "The kernel:" in text
