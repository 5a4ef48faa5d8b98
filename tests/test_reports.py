"""A report per student, and the autograder, read and run by something else than archcalc.

The wrong ways to defeat: a name that leads out of the folder, or under which two students share a file;
markup in an answer that a browser runs; a loss of points without its reason; an autograder that needs what is
not in its zip.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from calling import Answer, call

from archcalc.report import autograder
from archcalc.report.autograder import shell_quoted
from archcalc.report.file_names import LONGEST, FileNames

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / "examples" / "course"
QUIZ = str(COURSE / "quiz.toml")
MOODLE = str(COURSE / "moodle.csv")
VOID = ("meta", "br", "link")


def run(*arguments: str) -> Answer:
    found = call("check", *arguments)
    assert "Traceback" not in found.err
    return found


class Page(HTMLParser):
    """A page: its tables as rows of texts, its links, and its style."""

    def __init__(self, text: str):
        super().__init__()
        self.inside: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.links: list[str] = []
        self.style = self.text = ""
        self.seen: set[str] = set()
        self.feed(text)
        self.close()
        assert self.inside == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in VOID:
            self.inside.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        assert self.inside.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.inside:
            self.style += data
            return
        self.text += data
        if "td" in self.inside or "th" in self.inside:
            self.tables[-1][-1][-1] += data


def test_reports_of_a_class_as_pages(tmp_path: Path) -> None:
    out = tmp_path / "reports"
    found = run(QUIZ, MOODLE, "--format", "html", "-o", str(out))
    assert found.code == 1
    pages = {path.name: Page(path.read_text(encoding="utf-8")) for path in out.iterdir()}
    assert len(pages) == 5
    index = pages.pop("index.html")
    assert sorted(index.links) == sorted(pages)
    rows = {row[0]: row for row in index.tables[0][1:]}
    (bo,) = [row for row in rows.values() if row[5] in pages and "Bo Tanaka" in pages[row[5]].text]
    assert bo[1:4] == ["7", "", ""]
    (ceren,) = [row for row in rows.values() if "Ceren Acar" in pages[row[5]].text]
    assert ceren[1:4] == ["5", "2", ""]
    answers = pages[bo[5]].tables[0]
    assert answers[0][1:] == ["question", "asks", "answer", "points", "of", "verdict"]
    assert answers[2][1:4] == ["Q2", "How many parameters does c1 have?", "600"]
    assert answers[2][4:6] == ["1", "2"]
    assert "bias forgotten" in answers[2][6]  # the reason for the loss
    assert "608" in pages[bo[5]].text
    # The points of the questions sum to those of the sheet.
    assert sum(float(row[4]) for row in answers[1:-1]) == float(answers[-1][4]) == 7
    assert "2 points are open" in pages[ceren[5]].text
    assert [row[4] for row in pages[ceren[5]].tables[0]][5] == "open"
    for page in pages.values():
        assert "script" not in page.seen
        assert "@page" in page.style
        assert "@media print" in page.style
    hints = tmp_path / "hints"
    run(QUIZ, MOODLE, "--format", "html", "-o", str(hints), "--hint")
    hinted = Page((hints / bo[5]).read_text(encoding="utf-8"))
    assert "608" not in hinted.text
    assert "not yet" in hinted.text


def test_reports_in_markdown(tmp_path: Path) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    out = tmp_path / "reports"
    run(QUIZ, MOODLE, "--format", "markdown", "-o", str(out), "--solution")
    files = sorted(path.name for path in out.iterdir())
    assert len(files) == 5
    (bo,) = [
        p for p in out.iterdir() if p.name != "index.md" and "Bo Tanaka" in p.read_text(encoding="utf-8")
    ]
    parser = markdown_it.MarkdownIt("commonmark").enable("table")
    page = Page(parser.render(bo.read_text(encoding="utf-8").partition("-->")[2]))
    assert page.tables[0][2][1:6] == ["Q2", "How many parameters does c1 have?", "600", "1", "2"]
    assert "608" in page.text
    assert "(5·5·3 + 1)·8 = 608" in page.text  # how it comes about
    index = Page(parser.render((out / "index.md").read_text(encoding="utf-8").partition("-->")[2]))
    assert sorted(index.links) == sorted(set(files) - {"index.md"})


def test_what_was_not_read_stands_in_the_report(tmp_path: Path) -> None:
    sheets = tmp_path / "sheets"
    sheets.mkdir()
    (sheets / "ann.txt").write_text("Q1: 20x14x8\nQ9: <img src=x onerror=alert(1)>\nI did my best\n")
    out = tmp_path / "out"
    run(QUIZ, str(sheets), "--format", "html", "-o", str(out))
    page = Page((out / "ann.html").read_text(encoding="utf-8"))
    texts = [cell for table in page.tables for row in table for cell in row]
    assert any("I did my best" in text for text in texts)
    assert any("onerror" in text for text in texts)
    assert "img" not in page.seen
    # It stands in every other document, too: the only student's, and that of the class.
    alone = tmp_path / "alone.html"
    run(QUIZ, str(sheets), "-o", str(alone))
    assert "I did my best" in Page(alone.read_text(encoding="utf-8")).text
    (sheets / "bob.txt").write_text("Q1: 20x14x8\n")
    whole = tmp_path / "class.html"
    run(QUIZ, str(sheets), "-o", str(whole))
    assert "I did my best" in Page(whole.read_text(encoding="utf-8")).text


def test_names_of_files_cannot_leave_the_folder() -> None:
    given = [
        "../../etc/passwd",
        "C:\\evil",
        "CON",
        "lpt1.txt",
        "index",
        "INDEX",
        "Ann",
        "ann",
        "ann",
        "ann-2",
        "é" * 500,
        "e" * 500,
        "a" * 79 + "/..",
        "",
        "\u202e",
        "-rf",
        "\ud800",
        "...",
    ]
    names = FileNames(["index"])
    made = [names.name(student) for student in given]
    assert len({name.lower() for name in made}) == len(made)
    for name in made:
        assert re.fullmatch(r"[A-Za-z0-9_@+][A-Za-z0-9_.@+-]*", name)
        assert len(name) <= LONGEST + 8
        assert name.lower() != "index"
        assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name.lower())
    many = FileNames()
    assert len({many.name("x") for _ in range(3_000)}) == 3_000


def test_a_folder_of_reports_is_replaced_by_force_alone(tmp_path: Path) -> None:
    """Defeats: a report of who has left the class beside the new ones; a teacher's own file that is gone."""
    out = tmp_path / "out"
    path = tmp_path / "class.csv"
    path.write_text("student,Q2\nann,608\nbob,1\n")
    for form, suffix in (("html", "html"), ("markdown", "md")):
        path.write_text("student,Q2\nann,608\nbob,1\n")
        run(QUIZ, str(path), "--format", form, "-o", str(out), *(["--force"] if out.exists() else []))
        (out / f"mine.{suffix}").write_text("archcalc said so")
        path.write_text("student,Q2\nann,600\ncay,1\n")
        again = run(QUIZ, str(path), "--format", form, "-o", str(out))
        assert again.code == 2
        assert "--force" in again.err
        assert run(QUIZ, str(path), "--format", form, "-o", str(out), "--force").code == 1
        files = {name for name in os.listdir(out) if name.endswith(suffix)}
        assert files == {f"ann.{suffix}", f"cay.{suffix}", f"index.{suffix}", f"mine.{suffix}"}
        assert "600" in (out / f"ann.{suffix}").read_text(encoding="utf-8")


def test_letters_that_unicode_takes_for_no_others_have_names_too() -> None:
    """Defeats: `Bj_rn__degard`, since a stroke through a letter is no mark on it."""
    names = FileNames()
    found = [names.name(student) for student in ("Bjørn Ødegård", "Łukasz Weiß", "Þóra Æsir", "Đặng", "Işık")]
    assert found == ["Bjorn_Odegard", "Lukasz_Weiss", "Thora_AEsir", "Dang", "Isik"]


def test_a_name_with_an_ending_is_a_file(tmp_path: Path) -> None:
    out = tmp_path / "class.html"
    run(QUIZ, MOODLE, "-o", str(out))
    assert out.is_file()


# ---------------------------------------------------------------------------------------------
# The autograder


def made_up(tmp_path: Path, *words: str) -> Path:
    """An /autograder as Gradescope lays it out (https://gradescope-autograders.readthedocs.io/en/latest/specs/),
    with the zip in source/. In the place of the Python that setup.sh installs is the one that runs here."""
    folder = tmp_path / "made"
    found = run(QUIZ, "--autograder", str(folder), *words)
    assert found.code == 0, found.err
    assert "autograder.zip" in found.out
    root = tmp_path / "autograder"
    with zipfile.ZipFile(folder / "autograder.zip") as archive:
        for member in archive.infolist():
            mode = member.external_attr >> 16
            assert (mode == 0o755) == (member.filename in ("setup.sh", "run_autograder"))
        archive.extractall(root / "source")
    assert {path.name for path in folder.iterdir()} - {"autograder.zip"} == {
        path.name for path in (root / "source").iterdir()
    }
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    (root / "submission").mkdir()
    python = root / "archcalc-python" / "bin"
    python.mkdir(parents=True)
    (python / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (python / "python").chmod(0o755)
    return root


def graded(root: Path) -> dict[str, object]:
    done = subprocess.run(["bash", str(root / "run_autograder")], cwd="/", capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    return found


needs_bash = pytest.mark.skipif(os.name == "nt", reason="Gradescope runs on Linux")


@needs_bash
def test_the_autograder_marks_what_was_handed_in(tmp_path: Path) -> None:
    root = made_up(tmp_path)
    sheet = root / "submission" / "my answers (2).txt"
    sheet.write_text("Q1: 20x14x8\nQ2: 600\nQ3: 10x7x8\nQ4: 80640\nQ5: 12,986\n")
    found = graded(root)
    assert found["score"] == 7
    tests = found["tests"]
    assert isinstance(tests, list)
    assert [test["score"] for test in tests] == [1, 1, 1, 2, 2]
    assert "608" not in tests[1]["output"]
    # Handed in again; then with a second sheet, between which a person has to choose.
    sheet.write_text("Q2: 608\n")
    assert graded(root)["score"] == 2
    (root / "submission" / "other.txt").write_text("Q2: 600\n")
    assert graded(root)["score"] == 0
    assert "open" in str(graded(root)["output"])


@needs_bash
def test_the_autograder_keeps_to_its_options_and_says_when_it_fails(tmp_path: Path) -> None:
    root = made_up(tmp_path, "--solution", "--convention", "bias=no", "--visibility", "after_published")
    (root / "submission" / "answers.txt").write_text("Q2: 608\nQ1: 7\n")
    tests = graded(root)["tests"]
    assert isinstance(tests, list)
    assert {test["visibility"] for test in tests} == {"after_published"}
    assert "20" in tests[0]["output"]
    assert tests[1]["extra_data"]["verdict"] == "convention"
    (root / "source" / "quiz" / "nets.arch").unlink()
    assert "autograder failed" in str(graded(root)["output"])


@needs_bash
@pytest.mark.slow
def test_setup_installs_archcalc_from_the_zip_alone(tmp_path: Path) -> None:
    """Defeats: a wheel that pip refuses, or that leaves out the zoo; the libraries come from here."""
    root = made_up(tmp_path)
    (root / "archcalc-python" / "bin" / "python").unlink()
    needed = [import_module(name).__file__ or "" for name in ("click", "numpy", "rich")]
    sites = {str(Path(path).parent.parent) for path in needed}
    base = {
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", str(root / "source" / "setup.sh")],
        env={**os.environ, **base},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    code = "import archcalc, archcalc_specs, sys; print(archcalc.__file__, archcalc_specs.__file__)"
    python = str(root / "archcalc-python" / "bin" / "python")
    # The libraries that it needs stand behind what was installed.
    installed = next((root / "archcalc-python").rglob("site-packages"))
    (installed / "libraries.pth").write_text("\n".join(sorted(sites)) + "\n")
    where = subprocess.run(
        [python, "-c", code], cwd="/", capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert where.count(str(installed)) == 2
    done = subprocess.run(
        [python, "-m", "archcalc", "summary", "vgg16"], cwd="/", capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (root / "submission" / "answers.txt").write_text("Q2: 608\n")
    assert graded(root)["score"] == 2


def test_setup_installs_the_readers_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: an autograder that reads no Word file, because the extra with the readers was left out."""
    monkeypatch.setattr(
        autograder, "Wheel", lambda: SimpleNamespace(name="a.whl", extras=["course"], data=b"")
    )
    setup = autograder.autograder_files("quiz.toml", {})["setup.sh"].decode()
    assert 'pip install "$here/a.whl[course]"' in setup


def test_a_spec_from_elsewhere_cannot_go_along(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "nets.arch").write_text((COURSE / "nets.arch").read_text())
    quiz = tmp_path / "inner" / "quiz.toml"
    quiz.write_text('[[question]]\nid = "1"\ntarget = "../nets.arch:pebble"\nask = "total.params"\n')
    found = run(str(quiz), "--autograder", str(tmp_path / "out"))
    assert found.code == 2
    assert "folder of the quiz" in found.err
    assert not (tmp_path / "out").exists()


def test_paths_in_the_script_are_quoted() -> None:
    assert shell_quoted('a"b$(c)`d`\\') == '\\"'.join(["a", "b\\$(c)\\`d\\`\\\\"])
