"""Pictures of networks beside questions, and texts of several lines, in every format of quizzes.

The wrong ways to defeat: a picture on which the answer stands; a link to a file that is not there; a format
that leaves a picture out without a word; a matrix whose lines run into each other.
"""

from __future__ import annotations

import base64
import io
import re
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from calling import call

from archcalc.questions.network import posed_network
from archcalc.report.posed_questions import figure_svg, figure_tikz, text_blocks

DOT = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz' dot is not on PATH")
CHAIN = "32x32x3 -> conv 5x5 10 stride=2 -> relu -> maxpool 2x2 -> conv 3x3 8"
QUIZ = f"""
title = "Pictures"
[[question]]
id = "c"
target = "{CHAIN}"
ask = "conv1.params"
figure = true
"""
MATRIX = '''
[[question]]
id = "m"
target = "3x3x1 -> maxpool 2x2 stride=1"
ask = "output"
text = """
A matrix goes into `maxpool 2x2`
with stride 1:

     1  2 <b>
    -4  5  6
     7  8  `9

What is the size of the output?
"""
'''
LINES = [" 1  2 <b>", "-4  5  6", " 7  8  `9"]


def set_quiz(folder: Path, form: str, text: str) -> bytes:
    """What a format writes of a quiz."""
    source, made = folder / "quiz.toml", folder / "made"
    source.write_text(text, encoding="utf-8")
    found = call("quiz", str(source), "--format", form, "--force", "-o", str(made.with_suffix(".bin")))
    assert found.code == 0, found.err
    return made.with_suffix(".bin").read_bytes()


@DOT
def test_a_picture_shows_what_is_given_and_no_figure() -> None:
    """Defeats a picture with counts of parameters in its boxes and volumes beside its arrows: it has the
    answer on it."""
    (question,) = posed_network(CHAIN, 1).variants[0].questions
    for text in (figure_svg(question), figure_tikz(question)):
        assert "conv 3x3 8" in text
        assert "32x32x3" in text
        for figure in ("760", "728", "parameters", "14x14x10", "7x7x10", "5x5x8"):
            assert figure not in text


@DOT
@pytest.mark.parametrize("form", ["gift", "html", "markdown"])
def test_pictures_stand_in_the_text(form: str, tmp_path: Path) -> None:
    """Defeats a link that leads to another machine."""
    text = set_quiz(tmp_path, form, QUIZ).decode()
    (data,) = re.findall(r"data(?:\\)?:image/svg\+xml;base64,([A-Za-z0-9+/\\=]+)", text)
    root = ElementTree.fromstring(base64.b64decode(data.replace("\\", "")))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


@DOT
def test_a_picture_of_canvas_is_a_file_of_the_course(tmp_path: Path) -> None:
    """Defeats a link to a file that is not in the zip, or not in its manifest."""
    with zipfile.ZipFile(io.BytesIO(set_quiz(tmp_path, "canvas", QUIZ))) as archive:
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        listed = [one.attrib["href"] for one in manifest.iter() if one.tag.endswith("}file")]
        assert sorted([*listed, "imsmanifest.xml"]) == sorted(archive.namelist())
        (quiz,) = [name for name in listed if name.endswith(".xml")]
        shown = re.findall(r"\$IMS-CC-FILEBASE\$/([^&\"]+)", archive.read(quiz).decode())
        (svg,) = [name for name in listed if name.endswith(".svg")]
        assert [f"web_resources/{name}" for name in shown] == [svg]
        assert ElementTree.fromstring(archive.read(svg)).tag.endswith("}svg")


@DOT
def test_tikz_draws_what_graphviz_lays_out() -> None:
    """A command for each box, arrow and text; all is ASCII. Defeats an arrow without its head."""
    (question,) = posed_network(CHAIN, 1).variants[0].questions
    text = figure_tikz(question)
    assert text.isascii()
    assert text.count(" .. controls ") >= 4
    for words in ("conv1", "maxpool 2x2", "input", "output"):
        assert re.search(rf"\\node\[.*\] at \(.*\) {{{words}", text)
    assert text.count("\\draw") == 4


def test_without_graphviz_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a question about a picture that nobody sees."""
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "quiz.toml"
    path.write_text(QUIZ)
    for form in ("moodle", "gift", "exam", "markdown"):
        found = call("quiz", str(path), "--format", form)
        assert (found.code, found.out) == (2, "")
        assert found.err.count("error[") == 1
        assert "install Graphviz" in " ".join(found.err.split())


def test_a_text_in_blocks() -> None:
    """Lines that stand in by four spaces stay as they are; others are paragraphs. Defeats a matrix on one
    line, and a backtick in it that makes the rest of the text code."""
    from archcalc.questions.templates import QuizTemplate
    from archcalc.questions.variants import posed_variants

    (question,) = posed_variants(QuizTemplate.of(MATRIX, "m.toml"), 1, 1).variants[0].questions
    first, matrix, last = text_blocks(question)
    assert first.parts == [("A matrix goes into ", False), ("maxpool 2x2", True), (" with stride 1:", False)]
    assert matrix.lines == LINES
    assert last.parts == [("What is the size of the output?", False)]


def test_a_matrix_keeps_its_lines_in_every_format(tmp_path: Path) -> None:
    """Defeats spaces that run together, and a `<b>` that is read as a tag."""
    html = "<pre> 1  2 &lt;b&gt;\n-4  5  6\n 7  8  `9</pre>"
    assert html in set_quiz(tmp_path, "moodle", MATRIX).decode()
    assert html.replace("\n", "\\n") in set_quiz(tmp_path, "gift", MATRIX).decode()
    assert "".join([f"    {line}\n" for line in LINES]) in set_quiz(tmp_path, "markdown", MATRIX).decode()
    table = call("quiz", str(tmp_path / "quiz.toml")).out
    assert "".join([f"     {line}\n" for line in LINES]) in table
    tex = set_quiz(tmp_path, "exam", MATRIX).decode()
    assert "\\mbox{}-4~~5~~6\\\\\n" in tex
    with zipfile.ZipFile(io.BytesIO(set_quiz(tmp_path, "canvas", MATRIX))) as archive:
        (name,) = [one for one in archive.namelist() if one != "imsmanifest.xml"]
        words = [one.text or "" for one in ElementTree.fromstring(archive.read(name)).iter()]
    assert any(html in one for one in words)
