"""`archcalc quiz`: questions that are set, their keys, and the way back through `archcalc check`.

The wrong ways to defeat: a key that is not what `check` takes for right; a text of a question that is lost; a
format that leaves a question out; a second call that writes other bytes.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calling import Answer, call

from archcalc.answers.quiz_reading import read_quiz

ROOT = Path(__file__).resolve().parent.parent
QUIZ = str(ROOT / "examples" / "class" / "quiz.toml")


def set_quiz(*arguments: str) -> Answer:
    """A call that is to be fine."""
    found = call("quiz", *arguments)
    assert found.code == 0, found.err
    return found


def record(*arguments: str) -> dict:
    """The JSON of a call."""
    made: dict = json.loads(set_quiz(*arguments, "--format", "json").out)
    return made


def test_a_quiz_as_it_is_keeps_its_questions() -> None:
    """Defeats a generator that renumbers questions, or loses their points."""
    quiz = read_quiz(QUIZ)
    (variant,) = record(QUIZ)["variants"]
    assert [one["question"] for one in variant["questions"]] == [one.id for one in quiz.questions]
    assert [one["points"] for one in variant["questions"]] == [one.points for one in quiz.questions]
    assert variant["points"] == quiz.points


def test_the_key_of_a_quiz_is_a_quiz_that_check_takes(tmp_path: Path) -> None:
    """Each right value of the JSON gets full marks by the key in TOML, and the key agrees with itself.
    Defeats a key whose texts are not read back as what they mean."""
    key = tmp_path / "key.toml"
    set_quiz(QUIZ, "-o", str(key))
    audit = call("check", "--audit", str(key))
    assert audit.code == 0, audit.out + audit.err
    assert "0 of 10 keys are not what is computed" in audit.out
    (variant,) = record(QUIZ)["variants"]
    rights = {one["question"]: one["right"] for one in variant["questions"]}
    lines = [f"{id}: {'x'.join(map(str, v)) if isinstance(v, list) else v}" for id, v in rights.items()]
    sheet = tmp_path / "ann.txt"
    sheet.write_text("\n".join(lines))
    marked = call("check", str(key), str(sheet), "--format", "csv")
    assert marked.code == 0, marked.out
    assert marked.out.count(",right,") == len(rights)


def test_markdown_holds_every_question_and_no_answer() -> None:
    """Defeats a sheet for students on which the right values stand."""
    text = set_quiz(QUIZ, "--format", "markdown").out
    assert text.count("\n## ") == 10 == text.count("\nAnswer:\n")
    assert "12,810" not in text
    assert "12,810" in set_quiz(QUIZ, "--format", "markdown", "--solutions").out


def test_the_same_call_writes_the_same_bytes() -> None:
    """Defeats an order that depends on a hash."""
    for form in ("json", "markdown", "toml", "csv", "html"):
        one, two = (set_quiz(QUIZ, "--format", form, "--seed", "3").bytes for _ in range(2))
        assert one == two


def test_files_are_written_over_only_by_force(tmp_path: Path) -> None:
    """Defeats a second call that destroys what a teacher has edited."""
    path = tmp_path / "quiz.md"
    set_quiz(QUIZ, "-o", str(path))
    again = call("quiz", QUIZ, "-o", str(path))
    assert (again.code, again.out) == (2, "")
    assert "is there already" in again.err
    set_quiz(QUIZ, "-o", str(path), "--force")
    folder = tmp_path / "keys"
    set_quiz(QUIZ, "--format", "toml", "-o", f"{folder}/")
    assert sorted(one.name for one in folder.iterdir()) == ["A.toml", "roster.csv"]


def test_a_question_of_two_networks_names_both(tmp_path: Path) -> None:
    """What is computed of quantities has no text of its own. Defeats words for one quantity alone, and a key
    without the second network."""
    quiz = tmp_path / "quiz.toml"
    quiz.write_text(
        '[[question]]\nid = "1"\ntarget = "alexnet"\nsecond = "lenet5"\nask = "params(A) - params(B)"\n'
        '[[question]]\nid = "2"\ntarget = "lenet5"\nask = "percent(params(c5) / params(total))"\n'
    )
    (variant,) = record(str(quiz))["variants"]
    assert "A, `alexnet`, and B, `lenet5`" in variant["questions"][0]["text"]
    key = tmp_path / "key.toml"
    set_quiz(str(quiz), "-o", str(key))
    assert call("check", "--audit", str(key)).code == 0
    sheet = tmp_path / "ann.txt"
    sheet.write_text("1: 62,318,344\n2: 80.2 %\n")
    assert call("check", str(key), str(sheet)).code == 0


def test_a_solution_on_a_narrow_screen_is_laid_out_for_it(tmp_path: Path) -> None:
    """Defeats a drawing of the width of a page whose lines are cut, and words on a wrong value in a column of
    three letters."""
    path = tmp_path / "quiz.toml"
    path.write_text(
        """[[question]]
id = "3"
target = "conv 3x3"
matrix = "3 9 4 3 6; 3 4 4 6 6; 8 4 4 3 6; 5 3 0 3 8; 8 3 1 0 9"
kernel = "0 0 -2; 0 1 0; 1 2 0"
ask = "values"
""",
        encoding="utf-8",
    )
    found = call("quiz", str(path), "--solutions", "--width", "40")
    assert found.code == 0, found.err
    lines = found.out.splitlines()
    assert max(map(len, lines)) <= 40
    assert lines[lines.index("   ┌─────────┐") + 1] == "   │ 3  9  4 │  3  6"
    at = lines.index("   10 7 10; 6 12 21; -1 5 13")
    assert lines[at + 1] == "     the kernel turned round"


def test_a_right_value_is_told_in_the_unit_that_is_asked_for(tmp_path: Path) -> None:
    """Defeats bytes as the solution of a question for megabytes."""
    path = tmp_path / "quiz.toml"
    path.write_text(
        '[[question]]\nid = "6"\ntarget = "vgg16"\nask = "total.activation_bytes"\nunit = "MB"\n',
        encoding="utf-8",
    )
    for form in ("table", "markdown", "html", "exam", "moodle"):
        found = call("quiz", str(path), "--solutions", "--format", form)
        assert "60,950,432, which is 60.950432 MB" in found.out, form


TRANSPOSED = "8x8x16 -> tconv 4x4 8 stride=2 pad=1 -> conv 3x3 4"


@pytest.mark.parametrize(
    ("options", "key"),
    [(("--counter", "thop"), "524288"), (("--counter", "thop", "--without-faults"), "131072")],
)
def test_operations_as_a_tool_means_to_count_them(options: tuple[str, ...], key: str) -> None:
    """Defeats: --without-faults that is taken and forgotten: thop counts a transposed convolution by its
    output, four times what it means to."""
    asked = ("quiz", TRANSPOSED, "--count", "10", *options, "--format", "toml")
    answer = call(*asked)
    assert (answer.code, answer.err) == (0, "")
    questions = [part for part in answer.out.split("[[question]]") if 'ask = "tconv1.macs"' in part]
    assert [f'key = "{key}"' in part for part in questions] == [True]


def test_without_faults_goes_with_a_counter() -> None:
    """Defeats: an option that does nothing and says nothing."""
    answer = call("quiz", TRANSPOSED, "--without-faults")
    assert (answer.code, "--without-faults goes with --counter" in answer.err) == (2, True)
