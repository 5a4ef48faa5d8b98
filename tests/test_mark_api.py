"""``archcalc.mark`` and ``archcalc.check``: what they take, what they give, and that it is what the command
line says."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from calling import call

import archcalc
from archcalc.answers.quiz_reading import parse_quiz
from archcalc.answers.quiz_sources import as_toml

FOLDER = Path(__file__).parent.parent / "examples" / "class"
CHAIN = "32x32x3 -> conv 5x5 10 pad=2"
TABLE = {
    "title": 'A "quiz"\n',
    "target": CHAIN,
    "conventions": {"bias": True},
    "marks": {"rounded": 0.25, "misconceptions": {"bias-forgotten": 0.5}},
    "question": [
        {"id": "1a", "ask": "output"},
        {"id": "1b", "ask": "params", "points": 2},
        {"id": 2, "ask": "macs", "points": 1.5},
    ],
}


@pytest.mark.parametrize("name", ["class.csv", pytest.param("sheets", marks=pytest.mark.slow)])
def test_the_class_is_that_of_the_command_line(name: str) -> None:
    """Defeats a second way to mark, which goes its own way."""
    words = ["check", str(FOLDER / "quiz.toml"), str(FOLDER / name), "--format"]
    found = archcalc.mark(FOLDER / "quiz.toml", FOLDER / name)
    record = found.to_dict()
    assert record == json.loads(call(*words, "json").out)
    assert json.loads(json.dumps(record)) == record
    assert found.to_csv() == call(*words, "csv").out
    assert found.to_html() == call(*words, "html").out
    assert len(found) == len(list(found)) == len(record["sheets"])


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("params", "750"),
        ("output", "28x28x10"),
        ("output", "32x32x10"),
        ("params", "7 or 8"),
        ("macs", "768K"),
    ],
)
def test_one_answer_is_that_of_the_command_line(question: str, answer: str) -> None:
    found = archcalc.check(CHAIN, question, answer)
    printed = call("check", CHAIN, f"{question}={answer}", "--format", "json")
    assert found.to_dict() == json.loads(printed.out)
    assert found.right == (printed.code == 0)
    hint = call("check", CHAIN, f"{question}={answer}", "--hint").out
    assert " ".join(found.hint.split()) in " ".join(hint.split())
    assert str(found.value) not in found.hint.split()
    assert "<table>" in found._repr_html_()


def test_what_an_answer_may_be() -> None:
    """Defeats numbers and tuples of Python that are read as something else than they are."""
    for answer in ("32x32x10", (32, 32, 10), [32, 32, 10]):
        assert archcalc.check(CHAIN, "output", answer).verdict == "right"
    for number in (760, 760.0, "760", Fraction(760)):
        assert archcalc.check(CHAIN, "params", number).verdict == "right"
    assert archcalc.check(CHAIN, "params", None).verdict == "blank"
    assert archcalc.check(CHAIN, "params", 750, conventions={"bias": False}).verdict == "right"
    assert archcalc.check(CHAIN, "output", "10x32x32").convention == "channels first"
    assert (
        archcalc.check("3x32x32 -> conv 5x5 10 pad=2", "output", "10x32x32", layout="chw").verdict == "right"
    )
    rounded = archcalc.check("vgg16", "total.params", "138M", digits=3, points=2)
    assert (rounded.verdict, rounded.points, rounded.of) == ("rounded", 2, 2)
    assert archcalc.check(archcalc.load("resnet18", classes=10), "params", "11.2M").right
    assert archcalc.check("lenet5", "c1.memory", "4704 values", conventions={"memory": "values"}).right


@pytest.mark.parametrize("form", ["path", "text", "table", "quiz"])
def test_a_quiz_in_every_form(form: str, tmp_path: Path) -> None:
    text = as_toml(TABLE)
    (tmp_path / "quiz.toml").write_text(text, "utf-8")
    quiz = {"path": tmp_path / "quiz.toml", "text": text, "table": TABLE, "quiz": parse_quiz(text)}[form]
    (sheet,) = archcalc.mark(quiz, {"1a": "32x32x10", "1b": "750", "2": "768K"}).sheets
    assert [answer.points for answer in sheet.answers.values()] == [1, 1, Fraction(3, 8)]
    assert sheet.of == Fraction(9, 2)
    assert sheet.answers["2"].verdict == "rounded"


def test_submissions_in_every_form(tmp_path: Path) -> None:
    """Defeats: two students of one name that become one; a question that there is not, lost in silence."""
    (tmp_path / "ann.txt").write_text("1a: 32x32x10\n")
    one = {"1a": "32x32x10", "zz": "7"}
    assert [s.student for s in archcalc.mark(TABLE, {"ann": one, "bob": {}})] == ["ann", "bob"]
    assert [s.student for s in archcalc.mark(TABLE, [one, one])] == ["1", "2"]
    assert [s.student for s in archcalc.mark(TABLE, tmp_path)] == ["ann"]
    found = archcalc.mark(TABLE, iter([("ann", one), tmp_path / "ann.txt", ("bob", {"1b": 760})]))
    assert [s.student for s in found] == ["ann", "ann (2)", "bob"]
    assert [float(s.points) for s in found] == [1, 1, 2]
    assert ("ann", "7") in [(unread.student, unread.text) for unread in found.unread]
    assert any("2 sheets" in unread.reason for unread in found.unread)
    assert found.sheets[0].unread[0].text == "7"
    assert len(archcalc.mark(TABLE, [])) == 0


def test_what_is_none() -> None:
    with pytest.raises(archcalc.SpecError, match="no quantity"):
        archcalc.mark({"target": CHAIN, "question": [{"id": "1", "ask": "parms"}]}, {})
    with pytest.raises(archcalc.SpecError, match="cannot read"):
        archcalc.mark("nowhere.toml", {})
    with pytest.raises(archcalc.SpecError, match="cannot read"):
        archcalc.mark(TABLE, "nowhere.csv")
    for quiz, handed_in in ((7, {}), (TABLE, 7), (TABLE, [7]), ({"title": None}, {}), (TABLE, b"x")):
        with pytest.raises(TypeError):
            archcalc.mark(quiz, handed_in)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="neither hwc nor chw"):
        archcalc.check(CHAIN, "params", "1", layout="abc")


def test_importing_is_light() -> None:
    """Defeats an API that every command waits for."""
    code = "import archcalc, sys; print(*[m for m in sys.modules if m.startswith('archcalc')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"archcalc", "archcalc._version"}
    code = "import archcalc, sys; archcalc.check('lenet5', 'c1.params', 156); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "torch", "rich", "matplotlib", "multiprocessing"} & set(done.stdout.split())


def test_the_page_about_it() -> None:
    """Defeats a page that the program has outgrown."""
    page = Path(__file__).parent.parent / "docs" / "marking_api.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (failed, tried > 12) == (0, True)


def test_numbers_of_other_libraries_are_numbers() -> None:
    """Defeats: ``[np.int64(32), …]`` read by its repr, in which 64 is a number; ``32.0`` in a list taken
    for no size; a number so long that Python does not write it, which ended in a traceback."""
    import numpy as np
    import torch

    chain = "32x32x3 -> conv 5x5 10 pad=2"
    for sizes in (
        [np.int64(32), np.int64(32), np.int64(10)],
        [32.0, 32.0, 10.0],
        np.array([32.0, 32, 10]),
        torch.tensor([32, 32, 10]),
        [torch.tensor(32), 32, np.float32(10)],
        (None, 32, 32, 10),
    ):
        assert archcalc.check(chain, "output", sizes).verdict == "right", sizes
    for number in (760, 760.0, np.int32(760), np.array(760), torch.tensor(760)):
        assert archcalc.check(chain, "params", number).verdict == "right", number
    assert archcalc.check(chain, "output", [32.5, 32, 10]).verdict == "unreadable"
    for wrong in (10**5000, np.zeros((2, 2)), float("inf"), [float("inf"), 3]):
        assert archcalc.check(chain, "params", wrong).verdict == "unreadable"


def test_points_are_exact_and_not_negative() -> None:
    """Defeats: a tenth of a point taken for the binary fraction next to it; -1 points for a right answer;
    an answer of no digits at all that is enough."""
    assert archcalc.check("lenet5", "c1.params", 156, points=0.1).points == Fraction(1, 10)
    with pytest.raises(ValueError, match="points are a number from 0"):
        archcalc.check("lenet5", "c1.params", 156, points=-1)
    with pytest.raises(ValueError, match="digits are a whole number from 1"):
        archcalc.check("lenet5", "c1.params", "0.2K", digits=0)
