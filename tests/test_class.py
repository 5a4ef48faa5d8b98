"""A class run from the files to every output.

The wrong ways to defeat: one broken sheet that ends the run, or is dropped without a word; student
names as paths; answers as spreadsheet formulas or terminal commands; half a folder after an error;
a second run that writes over the first; output that differs from run to run.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import runpy
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from calling import Answer, call, plain_signals

from archcalc.answers.quiz_reading import read_quiz
from archcalc.cli.whole_folder import into_folder
from archcalc.diagnostics import SpecError, fail
from archcalc.report.file_names import FileNames
from archcalc.report.lines import clean
from archcalc.report.terminal import width_of
from archcalc.report.wrapping import shortened

ROOT = Path(__file__).resolve().parent.parent
CLASS = ROOT / "examples" / "class"
QUIZ = str(CLASS / "quiz.toml")
SHEETS = str(CLASS / "sheets")
LIST = str(CLASS / "class.csv")
# What a terminal obeys, but for the ends of lines.
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def run(*arguments: str) -> Answer:
    found = call("check", *arguments)
    assert "Traceback" not in found.err
    assert not CONTROL.search(found.out.replace("\t", " "))
    assert not CONTROL.search(found.err.replace("\t", " "))
    return found


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_class_in_the_repository_is_the_one_that_is_made(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(CLASS / "make.py"), str(tmp_path)], check=True)
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert len({path.parts[1] for path in made if path.parts[0] == "sheets"}) == 30
    for path, data in made.items():
        assert (CLASS / path).read_bytes() == data


def test_the_key_of_the_class_is_right() -> None:
    right = runpy.run_path(str(CLASS / "make.py"))["RIGHT"]
    for item in read_quiz(QUIZ).items():
        value = item.diagnosis.value
        text = "x".join(map(str, value)) if isinstance(value, tuple) else f"{value:,}"
        assert right[item.id] == text


def test_the_screen_begins_with_what_nobody_read() -> None:
    found = run(QUIZ, SHEETS)
    assert found.code == 1
    head, _, rest = found.out.partition("\n1a  ")
    assert "30 sheets, 10 questions, 13 points" in head
    for name in ("s24.docx", "s25.txt", "s27.md", "s28.json", "s29.csv", "answered twice", "two answers"):
        assert name in head
    assert "padding ignored" in rest
    assert re.search(r"2 ━.*✗ bias forgotten", rest)
    assert "points  mean" in rest
    # The conventions are echoed.
    assert "a window that does not fit is no layer" in rest
    # As many answers under each question as there are sheets.
    for block in re.split(r"\n\n\d\w  ", "\n\n" + found.out[len(head) + 1 :])[1:]:
        rows = re.findall(r"^ +(\d+) [━╸╴ ]", block.partition("\n\npoints")[0], re.MULTILINE)
        assert sum(map(int, rows)) == 30


def test_the_csv_has_a_record_an_answer_and_no_formula() -> None:
    found = run(QUIZ, SHEETS, "--format", "csv")
    every = records(found.out)
    rows = [row for row in every if row["question"]]
    assert len(rows) == 300
    # What is of no question was not read, and stands there with its words and the reason.
    beside = [row for row in every if not row["question"]]
    assert {row["verdict"] for row in beside} == {"unreadable"}
    assert all(row["reason"] and not row["points"] for row in beside)
    (stranger,) = [row for row in beside if row["student"] == "s30"]
    assert "9z" in stranger["reason"]
    assert {row["verdict"] for row in rows} == {
        "right",
        "rounded",
        "convention",
        "follow-through",
        "wrong",
        "unreadable",
        "blank",
    }
    for row in rows:
        assert not any(cell[:1] in "=+@" and cell for cell in row.values())
    of = {(row["student"], row["question"]): row for row in rows}
    assert of["s02", "1b"]["reading"] == "bias forgotten"
    assert of["s02", "1b"]["points"] == "1"  # half of two, as [marks.misconceptions] says
    assert of["s22", "2b"]["answer"].startswith("'=")
    assert of["s24", "1a"]["verdict"] == "unreadable"  # not wrong, and not blank
    assert of["s26", "1a"]["verdict"] == "blank"
    assert "not read" in found.err


def test_a_class_list_says_the_same_as_the_sheets() -> None:
    sheets = {(r["student"], r["question"]): r for r in records(run(QUIZ, SHEETS, "--format", "csv").out)}
    listed = [row for row in records(run(QUIZ, LIST, "--format", "csv").out) if row["question"]]
    assert len(listed) == 240
    for row in listed:
        if row["student"] != "s24":  # its row has a comma without quotes
            other = sheets[row["student"], row["question"]]
            assert (row["verdict"], row["points"]) == (other["verdict"], other["points"])
        else:
            assert row["verdict"] == "unreadable"


def test_nbgraders_grade_book() -> None:
    rows = records(run(QUIZ, LIST, "--format", "nbgrader").out)
    assert list(rows[0]) == [
        "assignment",
        "duedate",
        "timestamp",
        "student_id",
        "last_name",
        "first_name",
        "email",
        "raw_score",
        "late_submission_penalty",
        "score",
        "max_score",
    ]
    assert rows[0]["score"] == "13"
    assert rows[0]["max_score"] == "13"
    assert rows[1]["email"] == "s02@example.org"
    answers = records(run(QUIZ, LIST, "--format", "csv").out)
    for row in rows:
        answered = [a for a in answers if a["student"] == row["student_id"]]
        if any(a["verdict"] == "unreadable" and a["question"] for a in answered):
            assert row["score"] == row["raw_score"] == ""  # a person has still to decide
        else:
            points = [float(a["points"]) for a in answered if a["question"]]
            assert sum(points) == pytest.approx(float(row["score"]))
    assert {row["score"] for row in rows} > {"", "13"}


def test_gradescope(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(QUIZ, SHEETS, "--format", "gradescope", "-o", str(out)).code == 1
    folders = sorted(path.name for path in out.iterdir())
    assert len(folders) == 30
    for folder in out.iterdir():
        found = json.loads((folder / "results.json").read_text())
        assert len(found["tests"]) == 10
        assert found["score"] == pytest.approx(sum(test.get("score", 0) for test in found["tests"]))
        for test in found["tests"]:
            if test["extra_data"]["open"]:
                assert "score" not in test
                assert "open" in test["output"]
                continue
            assert 0 <= test["score"] <= test["max_score"]
            assert test["status"] == ("passed" if test["score"] == test["max_score"] else "failed")
        assert not CONTROL.search(json.dumps(found, ensure_ascii=False))
    # Students can hand in again, so nothing gives the answer away.
    hinted = json.loads((out / "s02" / "results.json").read_text())["tests"][1]
    assert hinted["output"].startswith("750  not yet")
    assert "760" not in hinted["output"]
    assert hinted["visibility"] == "visible"
    run(QUIZ, SHEETS, "--format", "gradescope", "-o", str(tmp_path / "full"), "--solution")
    full = json.loads((tmp_path / "full" / "s02" / "results.json").read_text())["tests"][1]
    assert "bias forgotten" in full["output"]
    assert "(5·5·3 + 1)·10 = 760" in full["output"]
    assert full["visibility"] == "after_due_date"
    words = ["--solution", "--visibility", "hidden"]
    run(QUIZ, SHEETS, "--format", "gradescope", "-o", str(tmp_path / "hidden"), *words)
    hidden = json.loads((tmp_path / "hidden" / "s02" / "results.json").read_text())["tests"]
    assert {test["visibility"] for test in hidden} == {"hidden"}


def test_gradescope_of_one_sheet_is_one_file(tmp_path: Path) -> None:
    sheet, out = str(CLASS / "sheets" / "s02.txt"), tmp_path / "results.json"
    run(QUIZ, sheet, "--format", "gradescope", "-o", str(out))
    assert json.loads(out.read_text())["tests"]
    found = run(QUIZ, SHEETS, "--format", "gradescope", "-o", str(tmp_path / "all.json"))
    assert found.code == 2
    assert not (tmp_path / "all.json").exists()


def test_json_holds_all_of_it() -> None:
    found = json.loads(run(QUIZ, SHEETS, "--format", "json").out)
    assert len(found["sheets"]) == 30
    assert found["conventions"]["rounding"] == "strict"
    for question in found["questions"]:
        assert sum(question["verdicts"].values()) == 30
        assert sum(question["readings"].values()) == question["verdicts"]["wrong"]
    assert {"student", "place", "text", "reason"} == set(found["unread"][0])


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for form in ("table", "plain", "csv", "json", "nbgrader"):
        assert run(QUIZ, SHEETS, "--format", form).bytes == run(QUIZ, SHEETS, "--format", form).bytes
    for name in ("a", "b"):
        run(QUIZ, SHEETS, "--format", "gradescope", "-o", str(tmp_path / name))
    for path in (tmp_path / "a").rglob("*.json"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_nothing_is_written_over_without_force(tmp_path: Path) -> None:
    for form in ("table", "csv", "json", "nbgrader"):
        path = tmp_path / f"{form}.out"
        path.write_text("precious")
        found = run(QUIZ, SHEETS, "--format", form, "-o", str(path))
        assert found.code == 2
        assert "--force" in found.err
        assert path.read_text() == "precious"
        assert run(QUIZ, SHEETS, "--format", form, "-o", str(path), "--force").code == 1
        assert path.read_text() != "precious"
    out = tmp_path / "out"
    (out / "s01").mkdir(parents=True)
    (out / "notes.txt").write_text("precious")
    assert run(QUIZ, SHEETS, "--format", "gradescope", "-o", str(out)).code == 2
    assert sorted(os.listdir(out)) == ["notes.txt", "s01"]
    assert run(QUIZ, SHEETS, "--format", "gradescope", "-o", str(out), "--force").code == 1
    assert (out / "notes.txt").read_text() == "precious"
    assert (out / "s30" / "results.json").exists()


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def files() -> object:
        yield "a/results.json", ["{}"]
        raise fail("x", "y")

    with pytest.raises(SpecError):
        into_folder(str(tmp_path / "out"), files())  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_closed_stays_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: an empty read-only folder that an open one silently takes the place of."""
    out = tmp_path / "out"
    out.mkdir(mode=0o750)
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK or Path(path) != out)
    found = run(QUIZ, SHEETS, "--format", "gradescope", "-o", str(out))
    assert found.code == 2
    assert found.err == f"error[file]: cannot write {out}: permission denied\n"
    assert os.listdir(tmp_path) == ["out"]
    assert os.listdir(out) == []
    monkeypatch.undo()
    out.chmod(0o710)
    assert run(QUIZ, SHEETS, "--format", "gradescope", "-o", str(out)).code == 1
    assert out.stat().st_mode & 0o777 == 0o710
    assert len(os.listdir(out)) == 30


class Terminal:
    """A run whose standard error is a terminal, and whose standard output is none."""

    def __init__(self, folder: Path, *arguments: str):
        import pty

        self._here, terminal_end = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "archcalc", "check", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=terminal_end,
            stdin=subprocess.DEVNULL,
            preexec_fn=plain_signals,
        )
        os.close(terminal_end)

    def expected(self) -> bytes:
        """What stands on the terminal next; nothing at the end."""
        try:
            return os.read(self._here, 65536)
        except OSError:  # how Linux says that nobody writes any more
            return b""

    def end(self) -> tuple[bytes, bytes, int]:
        """The rest of what the terminal shows, standard output, the exit code."""
        with ThreadPoolExecutor(1) as pool:  # a terminal that nobody reads is full at some time
            rest = pool.submit(lambda: b"".join(iter(self.expected, b"")))
            out = self.process.communicate(timeout=60)[0]
            shown = rest.result()
        os.close(self._here)
        return shown, out, self.process.returncode


def _long_class(folder: Path, sheets: int) -> list[str]:
    """A class that takes more than a second: no two answers are alike."""
    rows = [f"s{i},{i}x32x10,{10**6 + i},{10**7 + i}" for i in range(sheets)]
    (folder / "class.csv").write_text("\n".join(["student,1a,1b,1c", *rows, ""]))
    return [QUIZ, str(folder / "class.csv")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_progress_is_for_a_terminal_alone(tmp_path: Path) -> None:
    """Defeats: a long run that shows nothing; a count in a file, or that is left behind."""
    words = [*_long_class(tmp_path, 300), "--format", "csv"]
    shown, out, code = Terminal(tmp_path, *words).end()
    counts = re.findall(rb"([\d,]+) sheets", shown)
    assert counts
    assert b"sheets" not in shown.rpartition(b"\x1b[2K")[2]  # the line is erased
    plain = run(*words)
    assert "sheets" not in plain.err
    assert (out.decode(), code) == (plain.out, plain.code)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize("form", ["csv", "gradescope", "json"])
def test_an_interrupted_run_leaves_everything_as_it_was(tmp_path: Path, form: str) -> None:
    """Defeats: half a file, a file that is gone, a temporary one that stays."""
    words = _long_class(tmp_path, 100_000)
    old = tmp_path / "out"
    if form == "gradescope":
        old.mkdir()
        (old / "notes.txt").write_text("precious")
    else:
        old.write_text("precious")
    before = sorted(os.listdir(tmp_path))
    terminal = Terminal(tmp_path, *words, "--format", form, "-o", "out", "--force")
    try:
        shown = b""
        while b"sheets" not in shown:  # it is in the midst of it
            shown += terminal.expected()
            assert terminal.process.poll() is None
        terminal.process.send_signal(signal.SIGINT)
        shown, out, code = terminal.end()
    finally:
        terminal.process.kill()
    assert code == 130
    assert b"Traceback" not in shown
    assert out == b""
    assert sorted(os.listdir(tmp_path)) == before
    kept = old / "notes.txt" if form == "gradescope" else old
    assert kept.read_text() == "precious"
    assert form != "gradescope" or os.listdir(old) == ["notes.txt"]


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "out").mkdir()
    os.symlink(elsewhere, tmp_path / "out" / "s01")
    found = run(QUIZ, SHEETS, "--format", "gradescope", "-o", str(tmp_path / "out"), "--force")
    assert found.code == 2
    assert os.listdir(elsewhere) == []
    assert os.listdir(tmp_path / "out") == ["s01"]


def test_names_never_leave_the_folder() -> None:
    names = FileNames()
    given = [
        "../../etc/passwd",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a/b",
        "a\\b",
        "con",
        "NUL.txt",
        "a\0b",
        "s1",
        "S1",
        "s1",
        "ä" * 300,
        "C:evil",
        "~root",
        "\x1b[2J",
        "s1 (2)",
    ]
    made = [names.name(student) for student in given]
    assert len({name.lower() for name in made}) == len(made)
    for name in made:
        assert re.fullmatch(r"[A-Za-z0-9_@+-][\w.@+-]*", name, re.ASCII)
        assert len(name) < 100
        assert name.lower() not in ("con", "nul.txt")


def test_a_stranger_in_a_class_list(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text('student,1a\n../../x,1\n"=cmd()",2\n"\x1b[2J",3\nos:system,4\n')
    run(QUIZ, str(path), "--format", "gradescope", "-o", str(tmp_path / "deep" / ".." / "out"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["class.csv", "out"]
    rows = records(run(QUIZ, str(path), "--format", "csv").out)
    assert {row["student"][:2] for row in rows} == {"..", "'=", "�[", "os", ""}


def test_a_students_report() -> None:
    sheet = str(CLASS / "sheets" / "s02.txt")
    plain = run(QUIZ, sheet)
    assert "consistent with bias forgotten" in plain.out
    assert "(5·5·3 + 1)·10 = 760" in plain.out
    assert "of 13" in plain.out
    hint = run(QUIZ, sheet, "--hint")
    assert "consistent with" not in hint.out
    assert "760" not in hint.out
    solution = run(QUIZ, sheet, "--solution")
    assert "arXiv:1603.07285" in solution.out  # what explain says


def test_regrading_under_another_convention_says_what_changes() -> None:
    found = run(QUIZ, SHEETS, "--convention", "bias=no")
    assert "under bias=no" in found.out
    assert re.search(r"s02  1b  wrong +-> right +\+1", found.out)
    assert "marked differently" not in run(QUIZ, LIST, "--convention", "bias=yes").out
    assert run(QUIZ, SHEETS, "--convention", "bais=no").code == 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([QUIZ], "no sheets"),
        ([QUIZ, "nowhere.csv"], "cannot read"),
        ([QUIZ, SHEETS, "--input", "8x8x3"], "--input"),
        ([QUIZ, SHEETS, "--batch", "2"], "--batch"),
        ([QUIZ, SHEETS, "--format", "gradescope"], "--output"),
        (["nowhere.toml", SHEETS], "cannot"),
        ([QUIZ, SHEETS, "--columns", "student"], "--columns"),
        ([QUIZ, SHEETS, "--hint"], "one student"),
        ([QUIZ, SHEETS, "--solution"], "one student"),
        ([QUIZ, SHEETS, "--hint", "--format", "csv"], "no place"),
        ([QUIZ, SHEETS, "--hint", "--solution"], "two ends"),
        ([QUIZ, SHEETS, "-o", SHEETS], "folder"),
    ],
)
def test_calls_that_are_wrong(arguments: list[str], expected: str) -> None:
    found = run(*arguments)
    assert found.code == 2
    assert expected in found.err
    assert not found.out


def test_columns_of_a_csv() -> None:
    found = run(QUIZ, LIST, "--format", "plain", "--columns", "student,question,verdict")
    assert found.out.split("\n")[0] == "student\tquestion\tverdict"
    assert found.out.split("\n")[1] == "s01\t1a\tright"


def test_an_answer_of_any_length_is_shortened_at_once():
    """Defeats: cutting a stranger's answer sign by sign, measured each time: hours for a class."""
    for text in ("|" * 200_000, "1+" * 100_000, "1 " * 100_000, "\x1b" * 200_000, "é" * 200_000):
        shown = shortened(clean(text), 20)
        assert width_of(shown) <= 20
        assert shown.endswith("…")
    assert clean("1\u202f168\u2009m") == "1 168 m"


def test_a_folder_of_results_is_replaced_whole(tmp_path: Path) -> None:
    """Defeats: new marks beside old ones, and the marks of who has left the class."""
    path, out = tmp_path / "class.csv", tmp_path / "out"
    path.write_text("student,1b\nann,760\nbob,750\ncay,5\n")
    assert run(QUIZ, str(path), "--format", "gradescope", "-o", str(out)).code == 1
    (out / "notes.txt").write_text("precious")
    (out / "bob" / "letter.txt").write_text("precious")
    (out / "ours").mkdir()
    (out / "ours" / "results.json").write_text('{"of": "another program"}')
    path.write_text("student,1b\nann,750\ndan,760\n")
    assert run(QUIZ, str(path), "--format", "gradescope", "-o", str(out), "--force").code == 1
    assert sorted(os.listdir(tmp_path)) == ["class.csv", "out"]
    assert sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()) == [
        "ann/results.json",
        "bob/letter.txt",
        "dan/results.json",
        "notes.txt",
        "ours/results.json",
    ]
    assert '"answer":"750"' in (out / "ann" / "results.json").read_text().replace(" ", "")


@pytest.mark.parametrize("call_that_fails", [1, 2, 3])
def test_a_swap_that_fails_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call_that_fails: int
) -> None:
    out = tmp_path / "out"
    assert run(QUIZ, LIST, "--format", "gradescope", "-o", str(out)).code == 1
    (out / "notes.txt").write_text("precious")
    rename, calls = os.rename, [0]

    def failing(old: str, new: str) -> None:
        calls[0] += 1
        if calls[0] == call_that_fails:
            raise OSError(16, os.strerror(16))
        rename(old, new)

    monkeypatch.setattr(os, "rename", failing)
    found = run(QUIZ, LIST, "--format", "gradescope", "-o", str(out), "--force")
    assert found.code == 2
    kept = list(tmp_path.rglob("notes.txt"))
    assert [path.read_text() for path in kept] == ["precious"]
    assert len(list(out.rglob("results.json"))) == 24  # the old or the new, and never both
    assert call_that_fails < 3 or str(kept[0].parent) in found.err


def test_names_of_every_script_stand_in_the_file(tmp_path: Path) -> None:
    """Defeats: `student`, `student-2` of whom nobody knows who it is; folders called -rf."""
    names = [
        "\u5f20\u4f1f",
        "\u041e\u043b\u044c\u0433\u0430",
        "\u738b\u82b3",
        "Jos\u00e9",
        "--help",
        "-rf",
        "..",
        "ann",
        "ANN",
    ]
    path, out = tmp_path / "class.csv", tmp_path / "out"
    path.write_text("student,1b\n" + "".join([f"{name},760\n" for name in names]))
    run(QUIZ, str(path), "--format", "gradescope", "-o", str(out))
    found = {
        p.parent.name: json.loads(p.read_text())["extra_data"]["student"] for p in out.rglob("results.json")
    }
    assert sorted(found.values()) == sorted(names)
    assert len({name.lower() for name in found}) == len(names)
    assert found["Jose"] == "Jos\u00e9"
    for name in found:
        assert re.fullmatch(r"[A-Za-z0-9_@+][\w.@+-]*", name, re.ASCII)
    # Whoever else is in the class, the folder of a student is the same.
    assert FileNames().name(names[1]) in found
