"""What marking writes for learning platforms, read back by something else than archcalc: the csv module, and
the rules that each platform documents, written down here once more.

The wrong ways to defeat: a 0 for an answer that nobody has decided on; a row that gives a grade to
another student; a cell that a spreadsheet runs; a number from a title that Canvas takes for the id of an
assignment.
"""

from __future__ import annotations

import csv
import io
import json
import re
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest
from calling import Answer, call

from archcalc.answers.classroom import Classroom
from archcalc.answers.quiz_reading import read_quiz
from archcalc.answers.sheets.folder import stack
from archcalc.report import courses
from archcalc.report.courses import decimal, tame

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / "examples" / "course"
QUIZ = str(COURSE / "quiz.toml")
# A sheet of which a person has to decide on a question of two points.
OPEN = "Ceren"


def run(*arguments: str) -> Answer:
    found = call("check", *arguments)
    assert "Traceback" not in found.err
    return found


def class_list(tmp_path: Path, *rows: str, head: str = "Name,ID,Email,Q2") -> str:
    path = tmp_path / "class.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return str(path)


class Fragment(HTMLParser):
    """The text of a piece of HTML; every tag that is opened is closed, and none is unknown to Moodle."""

    KNOWN = ("p", "ul", "li", "strong", "code", "pre", "br")

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.KNOWN
        assert not attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


# ---------------------------------------------------------------------------------------------
# Moodle


class MoodleImport:
    """A grade import of Moodle (https://docs.moodle.org/en/Grade_import), as grade/import/csv does it: one
    column says who, another is the grade, another the feedback. `-` and an empty cell are no grade in a
    column that is there; in a new column an empty cell is a 0. An unknown student ends the import, and a
    blank one is the student of the row above."""

    def __init__(self, text: str, by: str, students: set[str]):
        header, *rows = csv.reader(io.StringIO(text))
        assert len(set(header)) == len(header)
        assert all(len(row) == len(header) for row in rows)
        who = header.index(by)
        (feedback,) = [at for at, name in enumerate(header) if name.endswith(" (Feedback)")]
        grade = header.index(header[feedback].removesuffix(" (Feedback)"))
        self.grades: dict[str, Fraction | None] = {}
        self.feedback: dict[str, str] = {}
        self.points: dict[str, list[str]] = {}
        for row in rows:
            assert row[who] in students, "Moodle ends the import"
            assert row[who] not in self.grades, "Moodle keeps the last"
            assert row[grade] != "", "a new column would have a 0"
            self.grades[row[who]] = None if row[grade] == "-" else Fraction(row[grade])
            assert "\n" not in row[feedback], "Moodle makes a break of it"
            self.feedback[row[who]] = Fragment(row[feedback]).text
            self.points[row[who]] = row[feedback + 1 :]


ADDRESSES = {f"{name}@college.example" for name in ("a.lind", "b.tanaka", "c.acar", "d.ozols")}


def test_moodle_takes_the_grades_with_feedback() -> None:
    """One student has no ID number, so that column would give a grade to the student above."""
    found = run(QUIZ, str(COURSE / "moodle.csv"), "--format", "moodle")
    assert found.code == 1
    header = next(csv.reader(io.StringIO(found.out)))
    assert header[:3] == ["Email address", "First name", "Last name"]
    grades = MoodleImport(found.out, "Email address", ADDRESSES)
    assert grades.grades == {
        "a.lind@college.example": 8,
        "b.tanaka@college.example": 7,
        "c.acar@college.example": None,  # two points are open
        "d.ozols@college.example": 2,
    }
    assert grades.points["b.tanaka@college.example"] == ["1", "1", "1", "2", "2"]
    assert grades.points["c.acar@college.example"] == ["0", "2", "1", "2", "-"]
    assert "bias forgotten" in grades.feedback["b.tanaka@college.example"]
    assert "608" in grades.feedback["b.tanaka@college.example"]
    assert "2 points are open" in grades.feedback["c.acar@college.example"]
    hints = MoodleImport(
        run(QUIZ, str(COURSE / "moodle.csv"), "--format", "moodle", "--hint").out, "Email address", ADDRESSES
    )
    assert hints.grades == grades.grades
    assert "608" not in hints.feedback["b.tanaka@college.example"]
    assert "not yet" in hints.feedback["b.tanaka@college.example"]


def test_moodle_has_the_id_number_where_everybody_has_one(tmp_path: Path) -> None:
    path = class_list(tmp_path, "Ann,1001,,608", "Bob,1002,,600", "Ann,1003,,7")
    found = run(QUIZ, path, "--format", "moodle")
    assert MoodleImport(found.out, "ID number", {"1001", "1002", "1003"}).grades["1002"] == 1
    assert "Email address" not in found.out


def test_moodle_leaves_out_whom_it_could_not_find_and_says_so(tmp_path: Path) -> None:
    path = class_list(tmp_path, "Ann,1001,,608", "Bob,,b@x.example,600", "Cay,1003,,7")
    found = run(QUIZ, path, "--format", "moodle")
    assert found.code == 1
    assert set(MoodleImport(found.out, "ID number", {"1001", "1003"}).grades) == {"1001", "1003"}
    assert "b@x.example has no ID number" in found.err


def test_a_student_with_two_rows_gets_one_grade(tmp_path: Path) -> None:
    path = class_list(tmp_path, "Ann,1001,,608", "Ann,1001,,600")
    for form, by in (("moodle", "ID number"), ("canvas", "SIS User ID"), ("nbgrader", "student_id")):
        found = run(QUIZ, path, "--format", form)
        rows = [row for row in csv.DictReader(io.StringIO(found.out)) if row[by]]
        assert len(rows) == 1
        assert "two sheets" in found.err
        assert found.code == 1


def test_no_cell_of_a_gradebook_is_a_formula(tmp_path: Path) -> None:
    """Defeats: =HYPERLINK in a name or an answer that a spreadsheet runs; an apostrophe in front of a name
    of an account, under which no platform finds it."""
    path = class_list(
        tmp_path,
        '"=HYPERLINK(""http://x.example"";""click"")",+1001,-ann@x.example,"=1+1;=cmd|\'/c calc\'!A1"',
        '"x;=1+1",@2,"a;=2+3",<b>608</b>',
    )
    for form in ("moodle", "canvas", "nbgrader", "csv"):
        found = run(QUIZ, path, "--format", form)
        rows = list(csv.reader(io.StringIO(found.out)))
        assert len(rows) > 2
        for row in rows:
            for cell in row:
                if not re.fullmatch(r"[+@-]?[\w.@-]*", cell):
                    assert not re.search(r"(^|;)[=+@-]", cell), (form, cell)
    canvas = list(csv.DictReader(io.StringIO(run(QUIZ, path, "--format", "canvas").out)))
    assert canvas[1]["SIS User ID"] == "+1001"
    assert canvas[1]["SIS Login ID"] == "-ann@x.example"


def test_a_book_in_an_answer_leaves_the_feedback_readable(tmp_path: Path) -> None:
    """A cell of a spreadsheet takes 32,767 signs."""
    path = class_list(tmp_path, f"Ann,1001,,{'word ' * 10_000}", "Bob,1002,,608")
    grades = MoodleImport(run(QUIZ, path, "--format", "moodle").out, "ID number", {"1001", "1002"})
    assert 1_000 < len(grades.feedback["1001"]) < 10_000
    assert "word …" in grades.feedback["1001"] or "word…" in grades.feedback["1001"].replace(" …", "…")
    assert grades.grades["1001"] is None


def test_markup_in_an_answer_is_text_to_moodle(tmp_path: Path) -> None:
    path = class_list(tmp_path, 'Ann,1001,,"<script>alert(1)</script>"', 'Bob,1002,,"</ul><h1>608"')
    found = run(QUIZ, path, "--format", "moodle")
    text = MoodleImport(found.out, "ID number", {"1001", "1002"}).feedback["1001"]
    assert "<script>alert(1)</script>" in text.replace("\n", "")


# ---------------------------------------------------------------------------------------------
# Canvas


class CanvasImport:
    """A gradebook as Canvas imports it (https://community.canvaslms.com, "How do I import grades in the
    Gradebook?"; lib/gradebook_importer.rb): the head, a row of points possible, then the students, of whom it
    takes the first that it knows by id, SIS id, login, or name."""

    TOTALS = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")

    def __init__(self, text: str):
        header, *rows = csv.reader(io.StringIO(text))
        assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        (self.assignment,) = [name for name in header[5:] if not self.TOTALS.search(name)]
        number = re.search(r" \((\d+)\)$", self.assignment)
        self.id = int(number[1]) if number else None
        self.possible = None
        self.students: list[dict[str, str]] = []
        for row in rows:
            assert len(row) == len(header)
            if "Points Possible" in row[0]:
                assert self.possible is None, "a student is taken for the row of points"
                self.possible = Fraction(row[5])
                continue
            assert re.fullmatch(r"\d*", row[1]), "Canvas takes the digits at its start for an id"
            assert any(row[:4])
            self.students.append(dict(zip(header, row, strict=True)))

    @property
    def grades(self) -> dict[str, Fraction | None]:
        return {
            one["Student"]: Fraction(one[self.assignment]) if one[self.assignment] else None
            for one in self.students
        }


def test_canvas_takes_the_grades() -> None:
    found = run(QUIZ, str(COURSE / "canvas.csv"), "--format", "canvas")
    book = CanvasImport(found.out)
    assert book.assignment == "Week 2: Pebble"
    assert book.possible == 8
    assert book.grades == {"Amara Lind": 8, "Bo Tanaka": 7, "Ceren Acar": None}
    assert [one["ID"] for one in book.students] == ["9001", "9002", "9003"]
    assert [one["SIS User ID"] for one in book.students] == ["S410001", "S410002", "S410003"]
    assert book.students[2]["Section"] == "CV-B"


def test_canvas_names_the_assignment() -> None:
    sheets = [QUIZ, str(COURSE / "canvas.csv"), "--format", "canvas"]
    assert CanvasImport(run(*sheets, "--assignment", "Quiz 2 (4711)").out).id == 4711
    for name in ("Final Grade", "Override Score of Ann", "Section"):
        found = run(*sheets, "--assignment", name)
        assert found.code == 2
        assert not found.out
        assert "Canvas reads no grades" in found.err


def test_a_number_in_a_title_is_no_assignment_of_canvas(tmp_path: Path) -> None:
    quiz = tmp_path / "quiz.toml"
    quiz.write_text(
        'title = "Week 2 (2026)"\ntarget = "lenet5"\n[[question]]\nid = "Q2"\nask = "total.params"\n'
    )
    found = run(
        str(quiz), class_list(tmp_path, "Points Possible,7,,61706", "Ann,12abc,,1"), "--format", "canvas"
    )
    book = CanvasImport(found.out)
    assert book.id is None
    assert [one["Student"] for one in book.students] == ["points possible", "Ann"]
    # Only Canvas's own export knows its numbers: another's would be another student.
    assert [one["ID"] for one in book.students] == ["", ""]
    assert [one["SIS User ID"] for one in book.students] == ["7", "12abc"]


# ---------------------------------------------------------------------------------------------
# Gradescope, nbgrader, and all


def test_gradescope_has_what_it_documents(tmp_path: Path) -> None:
    """https://gradescope-autograders.readthedocs.io/en/latest/specs/, "Output format", field by field."""
    jsonschema = pytest.importorskip("jsonschema")
    text, number = {"type": "string"}, {"type": "number"}
    visibility = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
    form = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
    test = {
        "score": number,
        "max_score": number,
        "status": {"enum": ["passed", "failed"]},
        "name": text,
        "name_format": form,
        "number": text,
        "output": text,
        "output_format": form,
        "tags": {"type": "array", "items": text},
        "visibility": visibility,
        "extra_data": {"type": "object"},
    }
    results = {
        "score": number,
        "execution_time": number,
        "output": text,
        "output_format": form,
        "test_output_format": form,
        "test_name_format": form,
        "visibility": visibility,
        "stdout_visibility": visibility,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {"type": "object", "properties": test, "additionalProperties": False},
        },
        "leaderboard": {"type": "array"},
    }
    schema = {
        "type": "object",
        "properties": results,
        "additionalProperties": False,
        "required": ["score", "tests"],
    }
    out = tmp_path / "out"
    run(QUIZ, str(COURSE / "moodle.csv"), "--format", "gradescope", "-o", str(out))
    found = [json.loads(path.read_text(encoding="utf-8")) for path in out.glob("*/results.json")]
    assert len(found) == 4
    for one in found:
        jsonschema.validate(one, schema)
    (ceren,) = [one for one in found if OPEN in one["extra_data"]["student"]]
    assert "2 points are open" in ceren["output"]
    assert [test["number"] for test in ceren["tests"] if "score" not in test] == ["Q5"]
    assert "608" not in json.dumps(
        [test["output"] for one in found for test in one["tests"] if test.get("score") == 0]
    )


def test_nbgrader_leaves_open_grades_blank() -> None:
    found = run(QUIZ, str(COURSE / "moodle.csv"), "--format", "nbgrader")
    rows = {row["email"]: row for row in csv.DictReader(io.StringIO(found.out))}
    assert rows["c.acar@college.example"]["score"] == rows["c.acar@college.example"]["raw_score"] == ""
    assert rows["b.tanaka@college.example"]["score"] == "7"
    assert rows["b.tanaka@college.example"]["last_name"] == "Tanaka"


@pytest.mark.parametrize(
    "form", ["table", "plain", "csv", "json", "html", "markdown", "latex", *courses.names()]
)
@pytest.mark.parametrize("export", ["moodle.csv", "canvas.csv", "gradescope"])
def test_every_export_goes_into_every_output(export: str, form: str, tmp_path: Path) -> None:
    """Each student of each export stands in each output, with the answer that nobody could read."""
    one_file = form in ("table", "plain", "csv", "json", "moodle", "canvas", "nbgrader")
    out = tmp_path / ("out.txt" if one_file else "out")
    found = run(
        QUIZ, str(COURSE / export), "--format", form, "-o", str(out), *(["-v"] if form == "table" else [])
    )
    assert found.code == 1
    files = [out] if one_file else [path for path in out.rglob("*") if path.is_file()]
    text = "".join([path.read_text(encoding="utf-8") for path in files]) + found.err
    if export != "gradescope":
        assert "two answers" in text
    if form == "table":
        return  # the class as a whole
    for name in ("Amara", "Bo", *([] if export == "gradescope" else ["Ceren"])):
        known = {"Amara": "410001", "Bo": "410002", "Ceren": "410003"}[name]
        assert name in text or known in text or f"{name[0].lower()}." in text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--format", "canvas", "--hint"], "no place for hints"),
        (["--format", "csv", "--assignment", "x"], "--assignment"),
        (["--format", "moodle", "--visibility", "hidden"], "--visibility"),
        (["--autograder", "x"], "reads no sheets"),
    ],
)
def test_calls_that_are_wrong(words: list[str], expected: str) -> None:
    found = run(QUIZ, str(COURSE / "moodle.csv"), *words)
    assert found.code == 2
    assert expected in found.err
    assert not found.out


def test_a_platform_is_a_file() -> None:
    assert courses.names() == sorted(["canvas", "gradescope", "moodle", "nbgrader"])
    for name in courses.names():
        assert isinstance(courses.named(name), courses.Platform)


def test_the_example_of_a_new_platform_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """CONTRIBUTING shows a whole platform: found by being there, it writes what it says."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Add a platform", 1)[1]
    (tmp_path / "percent.py").write_text(
        re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8"
    )
    monkeypatch.setattr(courses, "__path__", [*courses.__path__, str(tmp_path)])
    assert "percent" in courses.names()
    platform = courses.named("percent")
    assert isinstance(platform, courses.Gradebook)
    quiz = read_quiz(QUIZ)
    ids = [question.id for question in quiz.questions]
    classroom = Classroom(quiz)
    marked = classroom.mark(stack(str(COURSE / "canvas.csv"), ids, quiz.texts).submissions)
    settings = courses.ExportSettings()
    rows = [platform.row(classroom, sheet, settings) for sheet in marked]
    lines = "".join(platform.pieces(classroom, rows, settings)).splitlines()
    assert lines == ["student,Week 2: Pebble", "Amara Lind,100", "Bo Tanaka,87.5", "Ceren Acar,"]


def test_grades_are_exact_decimals() -> None:
    """Defeats: 1/3 as 0.333333333333333314829616256247, 10.875 as 10.88."""
    given = {"10.875": "10.875", "1/3": "0.33333", "2/3": "0.66667", "0": "0", "-1/2": "-0.5", "100": "100"}
    assert {text: decimal(Fraction(text)) for text in given} == given
    assert decimal(None) == ""
    assert tame("-") == "-"
    assert tame("=1+1") == "'=1+1"
