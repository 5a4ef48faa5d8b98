"""Quizzes in every format, and back: what a file takes for right gets full marks from `archcalc check`, what
it takes for wrong is wrong there for the same reason, and the same seed writes the same bytes.

The wrong ways to defeat: a key of another variant; a tolerance, a spelling or points that are lost on the
way; words on a wrong answer that belong to another one; a date in a zip; a sign of a format in a text that is
read as one.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from calling import call
from lanes import slow_but
from quiz_files import (
    ReadAnswer,
    ReadQuestion,
    read_cloze,
    read_numbas,
    read_page,
    read_prairielearn,
    read_qti,
    table,
    words,
)
from test_quiz_platforms import HOSTILE, QTI, Read, Words, read_canvas, read_gift, read_moodle, scored

from archcalc.report.quizzes import QuizFile, named, names

HARD = HOSTILE + r" {{mustache}} {var} \var{x} \begin{end} [[0]] &amp; &lt;b&gt; {1:SA:=x} ${y}$ _^ </script>"
QUIZ = rf"""
title = '{HARD}'
[marks]
rounded = 1
[values]
n = "28..64:4"
c = [8, 16, 24]
k = [3, 5, 7]
[[question]]
id = "1a"
target = "{{n}}x{{n}}x3 -> conv {{k}}x{{k}} {{c}} stride=2"
ask = "conv1.output"
points = 2
text = '{HARD.replace("{", "{{").replace("}", "}}")} `{HARD.replace("{", "{{").replace("}", "}}")}` {{n}}'
[[question]]
id = "1b"
target = "{{n}}x{{n}}x3 -> conv {{k}}x{{k}} {{c}} stride=2"
ask = "params"
kind = "choice"
[[question]]
id = "1c"
target = "{{n}}x{{n}}x3 -> conv {{k}}x{{k}} {{c}} stride=2"
ask = "conv1.macs"
digits = 3
[[question]]
id = "2"
target = "{{n}}x{{n}}x3 -> conv {{k}}x{{k}} {{c}} -> conv 3x3 4"
ask = "percent(params(conv2) / params(total))"
points = 2.5
[[question]]
id = "3"
target = "m x m x 3 -> conv {{k}}x{{k}} f pad={{k}}"
ask = "params"
[[question]]
id = "4"
target = "{{n}}x{{n}}x3 -> conv {{k}}x{{k}} {{c}}"
ask = "conv1.memory"
unit = "KiB"
"""
IDS = ["1a", "1b", "1c", "2", "3", "4"]
POINTS = [2, 1, 1, Fraction(5, 2), 1, 1]
KINDS = ["shortanswer", "multichoice", "numerical", "numerical", "shortanswer", "numerical"]
SEEDS = ["1", "7", "2026"]


class Written:
    """A quiz written in a format, a file for each variant, and its keys."""

    def __init__(self, form: str, out: Path, keys: Path):
        self.form, self.out, self.keys = form, out, keys

    def variants(self) -> dict[str, list[ReadQuestion]]:
        """The questions of each variant, read back."""
        if self.form == "prairielearn":
            found = read_prairielearn(self.out)
            assert [title.rpartition(", ")[0] for title in found] == [HARD] * 3
            return {title.rpartition(", ")[2]: questions for title, questions in found.items()}
        files = {path.stem: path.read_bytes() for path in sorted(self.out.iterdir())}
        return {name: READERS[self.form](data) for name, data in files.items()}


def write(folder: Path, form: str, seed: str, text: str = QUIZ) -> Path:
    """The folder that a format writes."""
    source = folder / f"{form}.toml"
    source.write_text(text, encoding="utf-8")
    out = folder / form
    where = (str(source), "--variants", "3", "--seed", seed)
    found = call("quiz", *where, "--format", form, "-o", f"{out}/")
    assert found.code == 0, found.err
    return out


class WrittenOnce:
    """Quizzes that were written once for all tests."""

    def __init__(self, folders: pytest.TempPathFactory):
        self.folders = folders
        self.found: dict[tuple[str, str], Path] = {}

    def folder(self, form: str, seed: str) -> Path:
        """The folder that a format writes."""
        if (form, seed) not in self.found:
            self.found[form, seed] = write(self.folders.mktemp(form), form, seed)
        return self.found[form, seed]

    def written(self, form: str, seed: str) -> Written:
        """A quiz in a format, with its keys."""
        return Written(form, self.folder(form, seed), self.folder("toml", seed))


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> WrittenOnce:
    """Quizzes that were written once."""
    return WrittenOnce(tmp_path_factory)


def plain_read(read: Read) -> ReadQuestion:
    """A question of Moodle or GIFT, as of the others."""
    answers = [
        (one.worth, ReadAnswer(one.text, one.tolerance or Fraction(0), one.feedback)) for one in read.answers
    ]
    right = [answer for worth, answer in answers if worth == 100]
    wrong = [answer for worth, answer in answers if worth == 0]
    return ReadQuestion(
        read.name, read.kind, words(read.text), right, wrong, Fraction(-1), words(read.feedback)
    )


def moodle_questions(data: bytes) -> list[ReadQuestion]:
    """The questions of Moodle XML; fields of one question as questions."""
    from xml.etree import ElementTree

    root = ElementTree.fromstring(data)
    found: list[ReadQuestion] = []
    for question in list(root):
        if question.attrib["type"] == "cloze":
            solution = words(question.findtext("generalfeedback/text") or "")
            parts = read_cloze(question.findtext("questiontext/text") or "")
            assert {one.id[:-1] for one in parts} == {question.findtext("name/text")}
            found += [part._replace(solution=solution) for part in parts]
            root.remove(question)
    grades = [
        Fraction(one.findtext("defaultgrade") or "-1") for one in root if one.attrib["type"] != "category"
    ]
    (category,), others = read_moodle(ElementTree.tostring(root, encoding="unicode"))
    assert category.startswith("$course$/top/" + HARD.replace("/", "//"))
    return found + [plain_read(one)._replace(points=at) for one, at in zip(others, grades, strict=True)]


def gift_questions(data: bytes) -> list[ReadQuestion]:
    """The questions of GIFT; points stand in comments."""
    text = data.decode()
    points = [Fraction(one) for one in re.findall(r"^// ([\d.]+) points?$", text, re.MULTILINE)]
    _, questions = read_gift(text)
    return [plain_read(one)._replace(points=at) for one, at in zip(questions, points, strict=True)]


def canvas_questions(data: bytes) -> list[ReadQuestion]:
    """The questions of a zip of Canvas."""
    ((_, items),) = read_canvas(data).items()
    found = []
    for item in items:
        kind, points = [one.text for one in item.iter(f"{QTI}fieldentry")]
        labels = {
            one.attrib["ident"]: one.findtext(f".//{QTI}mattext") for one in item.iter(f"{QTI}response_label")
        }
        feedback = {
            one.attrib["ident"]: Words(one.findtext(f".//{QTI}mattext")).text
            for one in item.iter(f"{QTI}itemfeedback")
        }
        rights = [one.text or "" for one in scored(item).iter(f"{QTI}varequal")]
        ends = [scored(item).findtext(f".//{QTI}{end}") for end in ("vargte", "varlte")]
        off = (Fraction(ends[1]) - Fraction(ends[0])) / 2 if ends[0] else Fraction(0)
        choice = kind == "multiple_choice_question"
        right = [ReadAnswer(labels[one] if choice else one, off) for one in rights]
        wrong = [
            ReadAnswer(text or "", Fraction(0), feedback[f"{ident}_fb"])
            for ident, text in labels.items()
            if choice and ident not in rights
        ]
        kinds = {"multiple_choice": "multichoice", "short_answer": "shortanswer", "numerical": "numerical"}
        text = Words(item.findtext(f".//{QTI}mattext")).text
        name = kinds[(kind or "").removesuffix("_question")]
        found.append(
            ReadQuestion(
                item.attrib["title"], name, text, right, wrong, Fraction(points or 0), feedback["general_fb"]
            )
        )
    return found


def numbas_questions(data: bytes) -> list[ReadQuestion]:
    """The questions of an exam of Numbas."""
    name, questions = read_numbas(data.decode())
    assert name.startswith(HARD)
    return questions


def qti_questions(data: bytes) -> list[ReadQuestion]:
    """The questions of a package of QTI 2.1."""
    ((title, questions),) = read_qti(data).items()
    assert title.startswith(HARD)
    return questions


READERS = {
    "moodle": moodle_questions,
    "gift": gift_questions,
    "canvas": canvas_questions,
    "qti": qti_questions,
    "numbas": numbas_questions,
}
FORMS = [*READERS, "prairielearn"]


def verdicts(keys: Path, sheets: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of `check` by the student."""
    found = call("check", str(keys), str(sheets), "--format", "csv")
    assert found.code in (0, 1), found.err
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(found.out)):
        rows.setdefault(row["student"], []).append(row)
    return rows


@pytest.mark.parametrize("seed", slow_but(SEEDS, 1))
@pytest.mark.parametrize("form", FORMS)
def test_a_class_of_mixed_variants_is_marked_as_the_file_says(
    form: str, seed: str, once: WrittenOnce, tmp_path: Path
) -> None:
    """For each variant a student who gives what the file takes for right, and one who gives a wrong answer of
    the file: full marks, and the reason that the file tells."""
    quiz = once.written(form, seed)
    variants = quiz.variants()
    sheets = tmp_path / "sheets"
    sheets.mkdir()
    reasons: dict[tuple[str, str], str] = {}
    for name, questions in variants.items():
        assert [one.id for one in questions] == IDS
        assert [one.kind for one in questions] == KINDS
        assert [one.points for one in questions] == POINTS
        right = [f"{one.id}: {one.right[-1].text}" for one in questions]
        (sheets / f"ann{name}-variant-{name}.txt").write_text("\n".join(right), encoding="utf-8")
        wrong = []
        for one in questions:
            given = one.wrong[0] if one.wrong else one.right[0]
            wrong.append(f"{one.id}: {given.text}")
            reasons[f"bob{name}", one.id] = given.feedback
        (sheets / f"bob{name}-variant-{name}.txt").write_text("\n".join(wrong), encoding="utf-8")
    rows = verdicts(quiz.keys, sheets)
    assert len(rows) == 6
    for name in "ABC":
        (ann,) = [rows[one] for one in rows if one.startswith(f"ann{name}")]
        assert [row["verdict"] for row in ann] == ["right", "right", "right", "rounded", "right", "right"]
        assert [Fraction(row["points"]) for row in ann] == POINTS
        (bob,) = [rows[one] for one in rows if one.startswith(f"bob{name}")]
        for row in bob:
            feedback = reasons[f"bob{name}", row["question"]]
            assert (row["verdict"] == "wrong") == bool(feedback), (row, feedback)
            if feedback:
                assert feedback.startswith(row["reading"].partition(";")[0]), (row, feedback)
        assert sum(row["verdict"] == "wrong" for row in bob) >= (1 if form == "canvas" else 4)


def one_student(
    key: Path, path: Path, questions: list[ReadQuestion], given: list[str]
) -> list[dict[str, str]]:
    """The rows of a student in a class list."""
    path.write_text(table([["student", *[one.id for one in questions]], ["ann", *given]]), encoding="utf-8")
    (rows,) = verdicts(key, path).values()
    return rows


MATRICES = """
[[question]]
id = "1"
target = "conv 2x2 1"
ask = "values"
matrix = "1 2 3 0; 4 5 6 1; 7 8 9 2"
kernel = "1 0; -1 2"
[[question]]
id = "2"
target = "maxpool 2x2"
ask = "values"
matrix = "1 2 3 0; 4 5 6 1; 7 8 9 2; 0 1 0 1"
"""


@pytest.mark.parametrize("form", FORMS)
def test_matrices_are_marked_as_the_file_says(form: str, tmp_path: Path) -> None:
    """Defeats a matrix that is no text of one line, and words on another wrong answer."""
    text = f"title = '{HARD}'\n{MATRICES}"
    quiz = Written(form, write(tmp_path, form, "1", text), write(tmp_path, "toml", "1", text))
    questions = quiz.variants()["A"]
    assert [one.kind for one in questions] == ["shortanswer"] * 2
    spellings = {answer.text for answer in questions[1].right}
    assert "5 6; 8 9" in spellings
    assert "56; 89" not in spellings
    for which in range(max(len(one.right) for one in questions)):
        given = [one.right[which % len(one.right)].text for one in questions]
        rows = one_student(quiz.keys / "A.toml", tmp_path / "class.csv", questions, given)
        assert [row["verdict"] for row in rows] == ["right"] * 2, given
    if form == "canvas":
        return
    given = [one.wrong[0].text for one in questions]
    rows = one_student(quiz.keys / "A.toml", tmp_path / "class.csv", questions, given)
    assert [row["verdict"] for row in rows] == ["wrong"] * 2
    for row, one in zip(rows, questions, strict=True):
        assert one.wrong[0].feedback.startswith(row["reading"].partition(";")[0])


def test_spaces_part_the_numbers_of_a_matrix(tmp_path: Path) -> None:
    """Defeats a server of PrairieLearn that leaves all spaces out: 56 for 5 6."""
    write(tmp_path, "prairielearn", "1", MATRICES)
    (server,) = tmp_path.glob("prairielearn/questions/*/A/2/server.py")
    code: dict[str, Any] = {}
    exec(server.read_text(), code)
    for given, right in (("5 6; 8 9", True), ("5  6 ;8 9", True), ("56; 89", False), ("5 68 9", False)):
        data: dict[str, Any] = {"raw_submitted_answers": {"answer": given}, "submitted_answers": {}}
        code["parse"](data)
        assert bool(data["submitted_answers"]) == right, given


@pytest.mark.parametrize("form", FORMS)
def test_hostile_texts_stay_texts(form: str, once: WrittenOnce) -> None:
    """Title and question say what they say. Defeats a tag, a field, a value to put in and an entity that are
    made of a text."""
    variants = once.written(form, "7").variants()
    for questions in variants.values():
        text = " ".join(questions[0].text.split())
        assert text.startswith(" ".join(f"{HARD} {HARD}".split())), text


def test_tolerances_are_those_of_the_quiz(once: WrittenOnce) -> None:
    """Half a unit of the third digit; of a whole number none. Defeats a format that rounds them away."""
    expected: dict[str, list[tuple[str, Fraction]]] = {}
    for form in FORMS:
        for name, questions in once.written(form, "7").variants().items():
            found = [
                (one.right[0].text, one.right[0].tolerance) for one in questions if one.kind == "numerical"
            ]
            assert expected.setdefault(name, found) == found, form
    for (macs, off), (_, share), (_, size) in expected.values():
        assert off == Fraction(10 ** (len(macs) - 3), 2)
        assert 0 < share < 1
        assert size >= 0


@pytest.mark.parametrize("form", names())
def test_the_same_seed_writes_the_same_bytes(form: str, once: WrittenOnce, tmp_path: Path) -> None:
    """And another seed writes others. Defeats a date, an order of a set, a number that is drawn anew."""

    def files(folder: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }

    one, again = files(once.folder(form, "7")), files(write(tmp_path, form, "7"))
    assert one == again
    assert one != files(once.folder(form, "1"))
    assert one


def test_json_of_a_seed_is_the_same() -> None:
    """The record of a quiz has all variants, with their right values and options."""
    texts = [
        call("quiz", "lenet5", "--seed", "4", "--variants", "3", "--choices", "3", "--format", "json").out
        for _ in range(2)
    ]
    assert texts[0] == texts[1]
    assert texts[0].count('"right"') > 20


def test_moodles_report_of_responses_is_marked(once: WrittenOnce, tmp_path: Path) -> None:
    """Parts of a question stand in one cell of Moodle's report, each behind its number. Defeats an answer to
    the second question that is taken for one to the second part."""
    written = once.written("moodle", "7")
    for name, questions in written.variants().items():
        one, two = (
            [question.right[0].text for question in questions],
            [(question.wrong or question.right)[0].text for question in questions],
        )
        for part in ("part", "Teil", "partie"):
            head = [
                "Last name",
                "First name",
                "ID number",
                "Status",
                "Grade/8.50",
                *[f"Response {n}" for n in range(1, 5)],
            ]
            rows = [head]
            for who, given in (("Ann", one), ("Bob", two), ("Cas", ["-"] * 6)):
                space = " " if part == "partie" else ""
                cell = "; ".join([f"{part} {n}{space}: {text}" for n, text in enumerate(given[:3], 1)])
                rows.append(
                    ["Bee", who, who, "Finished", "1.0", "-" if given[0] == "-" else cell, *given[3:]]
                )
            (tmp_path / "responses.csv").write_text(table(rows), encoding="utf-8")
            found = verdicts(written.keys / f"{name}.toml", tmp_path / "responses.csv")
            ann, bob, cas = (found[f"{who} Bee"] for who in ("Ann", "Bob", "Cas"))
            assert [row["answer"] for row in ann] == one
            assert [row["verdict"] for row in ann] == ["right", "right", "right", "rounded", "right", "right"]
            expected = ["wrong" if question.wrong else "right" for question in questions]
            assert [row["verdict"] for row in bob] == expected
            assert [row["verdict"] for row in cas] == ["blank"] * 6


def test_canvas_student_analysis_is_marked(tmp_path: Path) -> None:
    """Columns of points are no answers. Defeats a text with hostile signs that no column has."""
    text = QUIZ.replace(HARD, "Week 4")
    written = Written("canvas", write(tmp_path, "canvas", "7", text), write(tmp_path, "toml", "7", text))
    for path in sorted(written.out.iterdir()):
        ((_, _),) = read_canvas(path.read_bytes()).items()
        questions = canvas_questions(path.read_bytes())
        head = ["name", "id", "sis_id", "section", "submitted", "attempt"]
        row = ["Ann Bee", "501", "S1", "A", "2026", "1"]
        for number, question in enumerate(questions):
            head += [f"{88000 + number}: {question.text}", str(float(question.points))]
            row += [question.right[0].text, "0.0"]
        (tmp_path / "analysis.csv").write_text(
            table([[*head, "n correct", "score"], [*row, "0", "0"]]), encoding="utf-8"
        )
        (rows,) = verdicts(written.keys / f"{path.stem}.toml", tmp_path / "analysis.csv").values()
        assert [one["verdict"] for one in rows] == ["right", "right", "right", "rounded", "right", "right"]


def test_a_page_holds_every_variant_and_its_key(tmp_path: Path) -> None:
    """Each answer of the page with the keys gets full marks. Defeats a page on which students see them."""
    (tmp_path / "quiz.toml").write_text(QUIZ, encoding="utf-8")
    where = ("quiz", str(tmp_path / "quiz.toml"), "--variants", "3", "--seed", "7")
    bare = call(*where, "--format", "html").out
    text = call(*where, "--format", "html", "--solutions").out
    assert call(*where, "--format", "toml", "-o", f"{tmp_path}/keys/").code == 0
    questions, keys = read_page(text)
    assert questions == dict.fromkeys("ABC", IDS)
    assert read_page(bare) == (questions, {})
    for name, key in keys.items():
        assert [Fraction(points) for _, points in key.values()] == POINTS
        sheet = tmp_path / f"{name}.txt"
        sheet.write_text("\n".join([f"{id}: {answer}" for id, (answer, _) in key.items()]), encoding="utf-8")
        (rows,) = verdicts(tmp_path / "keys" / f"{name}.toml", sheet).values()
        assert [row["points"] for row in rows] == [row["of"] for row in rows]
    page = Words(text)
    assert not page.elements & {"script", "b", "link", "iframe"}
    assert re.findall(r"(?:src|href)=\"(?!data:)", text) == []
    assert f"{HARD} {HARD}" in page.text
    assert "Right answer" not in bare
    assert '<details class="hint">' in bare


def test_a_page_is_well_formed(tmp_path: Path) -> None:
    """Every element ends where it should. Defeats a tag that a text has opened."""
    (tmp_path / "quiz.toml").write_text(QUIZ, encoding="utf-8")
    text = call("quiz", str(tmp_path / "quiz.toml"), "--format", "html", "--solutions").out

    class Balance(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "img", "br"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    reader = Balance()
    reader.feed(text)
    reader.close()
    assert reader.open == []


def test_every_format_is_read_back_here() -> None:
    """Defeats a format that is added and that nobody reads back."""
    assert set(names()) == {*FORMS, "html", "exam", "markdown", "toml"}
    assert all(isinstance(named(form), QuizFile) or form == "prairielearn" for form in names())


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not on PATH")
def test_latex_typesets_hostile_texts(tmp_path: Path) -> None:
    """TeX takes each variant, with and without solutions, and no line runs over the edge by more than a
    letter."""
    import subprocess

    (tmp_path / "quiz.toml").write_text(QUIZ, encoding="utf-8")
    for options in ((), ("--solutions",)):
        found = call("quiz", str(tmp_path / "quiz.toml"), "--variants", "2", "--format", "exam", *options)
        assert found.code == 0, found.err
        (tmp_path / "exam.tex").write_text(found.out)
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "exam.tex"]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, check=False, text=True, errors="replace"
        )
        assert done.returncode == 0, done.stdout[-3000:]
        widths = [float(one) for one in re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout)]
        assert max(widths, default=0) < 10, done.stdout
