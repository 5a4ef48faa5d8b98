"""Every student of a class and every row of a table is marked, or listed as not read.

The wrong ways to defeat: Python's csv reader, in which one quotation that is not closed swallows
the rows below it, and one long cell refuses the whole file; a list that is none because a student
is called like a question; a table that ends at a blank line; ``34,944`` without quotes that is
believed as 34 and 944; of two files of one student two records.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from calling import call
from hypothesis import given
from hypothesis import strategies as st

from archcalc.answers.sheets.classes import class_list
from archcalc.answers.sheets.folder import sheet, stack
from archcalc.answers.sheets.names import by_name
from archcalc.answers.sheets.tables import csv_rows

CHAIN = "227x227x3 -> conv 5x5 10 pad=2"


def quiz(folder: Path, *ids: str) -> str:
    asks = ("params", "weights", "output")
    questions = [f'[[question]]\nid = "{id}"\nask = "{ask}"\n' for id, ask in zip(ids, asks, strict=False)]
    (folder / "quiz.toml").write_text(f'target = "{CHAIN}"\n' + "\n".join(questions))
    return str(folder / "quiz.toml")


def marked(folder: Path, name: str, text: str, *ids: str) -> dict[tuple[str, str], str]:
    """The verdict by student and question."""
    (folder / name).write_text(text)
    found = call("check", quiz(folder, *ids), str(folder / name), "--format", "csv")
    assert found.code in (0, 1), found.err
    rows = csv.DictReader(io.StringIO(found.out))
    return {(row["student"], row["question"]): row["verdict"] for row in rows if row["question"]}


@pytest.mark.parametrize("question", ["1", "1a", "Q1"])
def test_a_student_may_be_called_like_a_question(tmp_path: Path, question: str) -> None:
    text = f"student,{question}\n1,760\n2,260\n3,760\n"
    found = marked(tmp_path, "class.csv", text, question)
    assert found == {("1", question): "right", ("2", question): "wrong", ("3", question): "right"}
    # A list of questions and answers without a head is none.
    ids = by_name(["1", "2"])
    assert class_list("1,2\n2,750\n", ids, "s.csv") is None
    assert len(sheet("1,760\n2,750\n", "s.csv", "ann", ids).entries) == 2


QUOTED = [
    'student,1a,section\nann,760,A\nbob,760,"B\ncay,5,A\ndan,5,A\n',
    'student,1a,section\nann,760,A\nbob,"760,B\ncay,5,"A"\ndan,5,A\n',
    'student,1a,section\nann,760,A\nbob,760,"B\ncay,5,A\ndan,5,B"\n',  # closed two rows below
    'student,1a,section\nann,760,A\nbob,760,"B" and C\ncay,5,A\ndan,5,A\n',
    'student,1a,section\nann,760,A\nbob,"760",""\ncay,5,"\ndan,5,""\n',
    'student;1a;section\nann;760;A\nbob;"760;B\ncay;5;A\ndan;5;A\n',
]


@pytest.mark.parametrize("text", QUOTED)
def test_a_quotation_that_is_not_closed_swallows_nobody(tmp_path: Path, text: str) -> None:
    found = marked(tmp_path, "class.csv", text, "1a")
    assert [student for student, _ in found] == ["ann", "bob", "cay", "dan"]
    assert found["ann", "1a"] == "right"
    assert found["cay", "1a"] == found["dan", "1a"] == "wrong"
    assert found["bob", "1a"] in ("right", "unreadable")


def test_cells_behind_an_open_quotation_are_not_believed(tmp_path: Path) -> None:
    """Defeats: `"34,848` split at its comma, so that 1b is 848."""
    text = 'student,1a,1b,section\nann,760,"34,848\n'
    found = marked(tmp_path, "class.csv", text, "1a", "1b")
    assert found == {("ann", "1a"): "right", ("ann", "1b"): "unreadable"}


def test_an_answer_of_several_lines_stays_one(tmp_path: Path) -> None:
    text = 'student,1a,section\nann,"5*5*3*10\n+ 10, so\n760",A\nbob,760,B\n'
    found = marked(tmp_path, "class.csv", text, "1a")
    assert [student for student, _ in found] == ["ann", "bob"]


@pytest.mark.parametrize(
    "cell", ['"| a | b |\n|---|---|\n| 1 | 2 |"', "|-|", "9" * 140_000, '"' + "9" * 140_000 + '"', "a|b"]
)
def test_no_cell_makes_a_list_none(tmp_path: Path, cell: str) -> None:
    text = f"student,1a\nann,760\nbob,{cell}\ncay,760\n"
    found = marked(tmp_path, "class.csv", text, "1a")
    assert [*found.values()] == ["right", "unreadable", "right"]


def test_a_blank_line_does_not_end_a_table(tmp_path: Path) -> None:
    text = (
        "# Group 1\n\n| student | 1a |\n|---|---|\n| ann | 760 |\n\n| bob | 260 |\n"
        "cay 760\n| dan | 760 |\n\n| student | 1a |\n|---|---|\n| eve | 760 |\n"
    )
    found = marked(tmp_path, "class.md", text, "1a")
    assert [student for student, _ in found] == ["ann", "bob", "dan", "eve"]
    reported = stack(str(tmp_path / "class.md"), ["1a"]).faults
    assert [(fault.place, fault.text) for fault in reported] == [("line 8", "cay 760")]


def test_rows_of_a_layer_table_behind_a_blank_line(tmp_path: Path) -> None:
    path = tmp_path / "table.md"
    path.write_text("| layer | params |\n|---|---|\n| conv1_1 | 1,792 |\n\n| conv1_2 | 36,929 |\n")
    found = json.loads(call("check", "vgg16", str(path), "--format", "json").out)
    assert [answer["verdict"] for answer in found["answers"]] == ["right", "wrong"]


def test_a_title_may_stand_above_the_head(tmp_path: Path) -> None:
    found = marked(tmp_path, "class.csv", "Week 3\n\nstudent;1a\nann;760\n", "1a")
    assert found == {("ann", "1a"): "right"}


@pytest.mark.parametrize("row", ["ann,34,944,", "ann,34,944,5,6", "ann,34,944"])
def test_a_comma_without_quotes_is_not_believed(tmp_path: Path, row: str) -> None:
    """Defeats: 34 and 944, where an empty cell hides that there is one too many, or where the
    blanks behind were left out."""
    head = "student,1a,1b" if row != "ann,34,944" else "student,1a,1b,2"
    blank = "," if "2" in head else ""
    text = f"{head}\n{row}\nbob,760,750{blank}\ncay,760,750{blank}\n"
    found = marked(tmp_path, "class.csv", text, *head.split(",")[1:])
    assert {verdict for (student, _), verdict in found.items() if student == "ann"} == {"unreadable"}
    assert found["bob", "1a"] == found["bob", "1b"] == "right"


def test_a_comma_without_quotes_on_a_students_sheet() -> None:
    for text in (
        "1a,34,944\n1b,760\n",
        "question,answer\n1a,34,944\n1b,760\n",
        "question,answer,remark\n1a,34,944\n1b,760,so\n",
    ):
        found = sheet(text, "ann.csv", "ann", by_name(["1a", "1b"]))
        assert [bool(entry.doubt) for entry in found.entries] == [True, False]
        assert found.entries[1].text == "760"


def test_a_student_is_one_record(tmp_path: Path) -> None:
    folder = tmp_path / "sheets"
    for name in (
        "ann.txt",
        "ann.md",
        "bob.txt",
        "bob.zip",
        "cay/a.txt",
        "cay/photo.png",
        "dan.txt",
        "dan/sheet.txt",
        ".eve.txt",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("1a: 760")
    found = stack(str(folder), ["1a"])
    students = {one.student: one for one in found.submissions}
    assert list(students) == ["ann", "bob", "cay", "dan"]
    assert "several sheets, read together: ann.md, ann.txt" in students["ann"].faults[0].message
    assert "dan/sheet.txt, dan.txt" in students["dan"].faults[0].message
    assert [fault.place for fault in students["bob"].faults] == ["bob.zip"]
    assert [fault.place for fault in students["cay"].faults] == ["photo.png"]
    assert all(students[name].entries for name in ("ann", "bob", "cay", "dan"))
    assert [fault.place for fault in found.faults] == [".eve.txt"]


def test_an_export_in_a_folder_of_students_is_no_student(tmp_path: Path) -> None:
    """Defeats: all students of an export read together as one, who has answered everything many times;
    a notebook deep in a student's own folder taken for a tree of many."""
    folder = tmp_path / "sheets"
    for name, text in {
        "ann.txt": "1a: 760",
        "class.csv": "name,1a\nbob,760\ncay,750",
        "gradescope/submission_metadata.yml": "---\n",
        "gradescope/submission_1/a.txt": "1a: 760",
        "gradescope/submission_2/a.txt": "1a: 750",
        "nbgrader/dan/week5/a.ipynb": "{}",
        "nbgrader/eve/week5/a.ipynb": "{}",
        "fay/own/week5/a.ipynb": "{}",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    students = {one.student: one for one in stack(str(folder), ["1a"]).submissions}
    for name in ("class", "gradescope", "nbgrader"):
        assert "no student's" in students[name].unreadable, name
        assert students[name].unreadable.endswith("name it by itself")
    assert "name it by itself" not in students["fay"].unreadable
    assert students["ann"].entries
    assert [one.student for one in stack(str(folder / "class.csv"), ["1a"]).submissions] == ["bob", "cay"]


def test_the_same_student_from_two_places(tmp_path: Path) -> None:
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "ann.txt").write_text("1a: 760")
    found = call("check", quiz(tmp_path, "1a"), str(tmp_path / "a"), str(tmp_path / "b"), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(found.out)))
    assert [row["student"] for row in rows if row["question"]] == ["ann", "ann (2)"]
    assert "ann has 2 sheets" in found.err


def test_json_that_answers_twice_is_reported() -> None:
    found = sheet('{"1a": 5, "1a": 6}', "s.json", "ann", by_name(["1a"]))
    assert [entry.text for entry in found.entries] == ["5", "6"]


SHEETS = {
    "a.md": "# Week 3\nName: Ann\n1a: 760\nbecause of the bias\n\n9z: 5\n",
    "b.csv": "question,answer,remark\n1a,760,sure\n9z,5,\n",
    "c.md": "| question | answer | remark |\n|---|---|---|\n| 1a | 760 | sure |\n\nbye\n",
    "d.json": '{"1a": 760, "9z": "bye"}',
}
LEFT = {
    "a.md": ["9z: 5", "because of the bias"],
    "b.csv": ["sure", "9z, 5"],
    "c.md": ["sure", "bye"],
    "d.json": ["bye"],
}


@pytest.mark.parametrize("name", SHEETS)
def test_what_was_not_read_is_handed_on(name: str) -> None:
    found = sheet(SHEETS[name], name, "ann", by_name(["1a"]))
    assert [entry.text for entry in found.entries] == ["760"]
    left = [fault.text for fault in (*found.faults, *found.aside)]
    assert all(text in left for text in LEFT[name]), left
    assert found.ids == ((("name", "Ann"),) if name == "a.md" else ())


def test_it_stands_in_the_json_and_on_the_screen(tmp_path: Path) -> None:
    for name in ("ann", "bob"):
        (tmp_path / f"{name}.md").write_text("My answers\n1a: 760\n1b: 750\n")
    paths = [str(tmp_path / "ann.md"), str(tmp_path / "bob.md")]
    words = ["check", quiz(tmp_path, "1a", "1b"), *paths]
    found = json.loads(call(*words, "--format", "json").out)
    assert [one["not_read"][0]["text"] for one in found["sheets"]] == ["My answers"] * 2
    assert "2 lines and cells of 2 sheets answer no question" in call(*words).out
    assert "My answers" in call(*words, "-v").out
    assert call(*words).code == 0  # they are no faults
    assert "My answers" in call(*words[:-1]).out  # a student's report


@given(st.lists(st.text('a1,;|"\n- ', max_size=12), max_size=8))
def test_every_row_that_says_who_is_a_submission(rows: list[str]) -> None:
    """Each line that is the row of a student, whatever stands on the lines between."""
    lines = ["student,1a", *[line for i, row in enumerate(rows) for line in (f"s{i},5", row)]]
    lines += [f"s{len(rows)},5"]
    found = class_list("\n".join(lines), by_name(["1a"]), "c.csv")
    assert found is not None
    shown = [one.student for one in found.submissions()]
    quoted = sum(row.count('"') for row in rows)
    if not quoted:
        assert all(f"s{i}" in shown for i in range(len(rows) + 1))
    text = "\n".join(lines)
    # Nothing of the text is lost but what sets cells apart.
    cells = "".join(cell for row in csv_rows(text, ",") for cell in row.cells)
    bare = str.maketrans("", "", '", \t\n')
    assert cells.translate(bare) == text.translate(bare)


def test_a_class_with_a_column_a_student_is_no_sheet_of_one(tmp_path: Path) -> None:
    """The second column was taken for the answers of one student, and the others' were lost."""
    text = "question,ann,bob\n1a,760,5\n1b,750,7\n"
    verdicts = marked(tmp_path, "class.csv", text, "1a", "1b")
    assert set(verdicts.values()) == {"unreadable"}
    found = call("check", quiz(tmp_path, "1a", "1b"), str(tmp_path / "class.csv"))
    assert "several columns may be the answers: ann, bob" in " ".join(found.out.split())


@pytest.mark.parametrize(
    "head", ["question,answer,points", "question,my answer,checked", "question,760?,working"]
)
def test_columns_beside_the_answers_are_no_students(tmp_path: Path, head: str) -> None:
    verdicts = marked(tmp_path, "one.csv", f"{head}\n1a,760,5\n1b,750,7\n", "1a", "1b")
    assert verdicts == {("one", "1a"): "right", ("one", "1b"): "right"}


def test_students_of_one_first_name_are_several(tmp_path: Path) -> None:
    """Where no column says who but those of two names: both are who."""
    text = "First name,Last name,1a\nann,bee,760\nann,cee,5\n"
    verdicts = marked(tmp_path, "class.csv", text, "1a")
    assert verdicts == {("ann bee", "1a"): "right", ("ann cee", "1a"): "wrong"}


@pytest.mark.parametrize("heading", ["Exercise 1", "Question 1:", "## 1.", "**Problem 1**"])
def test_parts_below_the_heading_of_their_exercise(tmp_path: Path, heading: str) -> None:
    """Labels of one letter were no labels, and their answers blank."""
    text = f"Ann, a tutor\n{heading}\na) 760\nb: 750\nExercise 2\na) 5\n"
    verdicts = marked(tmp_path, "ann.txt", text, "1a", "1b", "2a")
    assert verdicts == {("ann", "1a"): "right", ("ann", "1b"): "right", ("ann", "2a"): "wrong"}


def test_prose_below_a_heading_is_no_answer(tmp_path: Path) -> None:
    text = "Exercise 1\na 760\nb is the bias: 7\nc) 5\n1b) 750\n"
    verdicts = marked(tmp_path, "ann.txt", text, "1a", "1b")
    assert verdicts == {("ann", "1a"): "blank", ("ann", "1b"): "right"}
