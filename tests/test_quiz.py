"""A quiz's faults point at the file and the key, all of them at once.

The wrong ways to defeat: a KeyError, a fault without a place, `points = 0.1` as a float that three
of do not make 0.3, ids that a sheet could not tell apart, a target in a quiz that runs Python.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.answers.quiz_reading import parse_quiz, read_quiz
from archcalc.diagnostics import SpecError

GOOD = """
title = "Week 3"
target = "227x227x3 -> conv1: conv 11x11 96 stride=4"
batch = 2

[conventions]
bias = true
layout = "chw"

[marks]
rounded = 0.5
follow-through = 0.75
[marks.misconceptions]
bias-forgotten = 0.1

[[question]]
id = "1a"
ask = "output"

[[question]]
id = 1.10          # a number, as it is written
target = "vgg16"
ask = "total.params"
points = 0.1
key = 138_357_544
digits = 3
text = "How many?"
"""


def faults(text: str, build: bool = False) -> dict[str, str]:
    """Messages of a quiz by the words of the file that they point at."""
    with pytest.raises(SpecError) as caught:
        _read(text, build)
    found = {}
    for one in caught.value.diagnostics:
        assert one.span is not None
        assert one.span.source.name == "quiz.toml"
        found[one.span.text] = one.message
    return found


def _read(text: str, build: bool) -> None:
    quiz = parse_quiz(text, "quiz.toml")
    if build:
        quiz.items()


def question(text: str) -> str:
    return f'[[question]]\nid = "1"\ntarget = "vgg16"\nask = "total.params"\n{text}\n'


def test_a_quiz() -> None:
    quiz = parse_quiz(GOOD)
    assert (quiz.title, quiz.batch, quiz.dtype) == ("Week 3", 2, "fp32")
    assert quiz.conventions["layout"] == "chw"
    assert quiz.marks.shares["follow-through"] == Fraction(3, 4)
    assert quiz.marks.misconceptions == {"bias-forgotten": Fraction(1, 10)}
    first, second = quiz.questions
    assert first.target == second.target or second.target == "vgg16"
    assert (second.id, second.key, second.digits) == ("1.10", "138_357_544", 3)
    assert quiz.points == Fraction(11, 10)
    assert [item.asked.name for item in quiz.items()] == ["conv1.output", "total.params"]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (question("poinst = 2"), "poinst = 2", "no key `poinst`"),
        (question("points = -1"), "points = -1", "0 or more"),
        (question("points = 'two'"), "points = 'two'", "0 or more"),
        (question("points = nan"), "points = nan", ""),
        (question("points = true"), "points = true", "0 or more"),
        (question("digits = 0"), "digits = 0", "1 or more"),
        (question("digits = 2.5"), "digits = 2.5", "1 or more"),
        (question("key = [1]"), "key = [1]", "is a text"),
        ("[conventions]\nbais = 1\n" + question(""), "bais = 1", "no convention `bais`"),
        ("[conventions]\nbias = 'maybe'\n" + question(""), "bias = 'maybe'", "`bias`"),
        ("conventions = 3\n" + question(""), "conventions = 3", "a table"),
        ("[marks]\nrounded = 2\n" + question(""), "rounded = 2", "0 to 1"),
        ("[marks]\napproximate = 1\n" + question(""), "approximate = 1", "true or false"),
        ("[marks]\nrounded = '1'\n" + question(""), "rounded = '1'", "0 to 1"),
        ("[marks.misconceptions]\nbias-forgotten = -1\n" + question(""), "bias-forgotten = -1", "0 to"),
        ("title = 3\n" + question(""), "title = 3", "is a text"),
        ("batch = 0\n" + question(""), "batch = 0", "1 or more"),
        ("dtype = 'fp23'\n" + question(""), "dtype = 'fp23'", "no dtype"),
        ("question = 3", "question = 3", "[[question]]"),
        ("title = 'x'", "title = 'x'", "no questions"),
        ("[[question]]\nid = '1'", "[[question]]", "has no"),
        (question("") + question("").replace('"1"', '"(1)"'), 'id = "(1)"', "same name"),
        (question("").replace('"1"', '"?!"'), 'id = "?!"', "no name"),
    ],
)
def test_faults_point_at_the_key(text: str, place: str, message: str) -> None:
    found = faults(text)
    assert place in found or place == "points = nan"
    assert message in found.get(place, "")


def test_what_is_no_toml_is_pointed_at() -> None:
    for text in ("a = ", "a = 1\na = 2", "x = " + "[" * 5000, "\0", "title = 'x"):
        with pytest.raises(SpecError) as caught:
            parse_quiz(text, "quiz.toml")
        assert caught.value.diagnostics[0].span is not None


def test_targets_and_asks_are_pointed_at() -> None:
    found = faults(question("").replace("vgg16", "vgg61"), build=True)
    assert 'target = "vgg61"' in found
    found = faults(question("").replace("total.params", "conv9.params"), build=True)
    assert "conv9" in found['ask = "conv9.params"']
    found = faults(question("").replace("total.params", "parms"), build=True)
    assert 'ask = "parms"' in found


def test_a_fault_of_the_common_target_is_told_once_and_at_its_key() -> None:
    without_target = question("").replace('target = "vgg16"\n', "")
    found = faults('target = "vgg61"\n' + without_target + without_target.replace('"1"', '"2"'), build=True)
    assert list(found) == ['target = "vgg61"']


def test_a_target_never_imports_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evil.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    for target in ("evil:net", "os:system", "-"):
        assert faults(question("").replace("vgg16", target), build=True)


def test_a_file_is_looked_for_beside_the_quiz(tmp_path: Path) -> None:
    (tmp_path / "nets.arch").write_text("net tiny\n  input 8x8x3\n  conv 3x3 4\n")
    path = tmp_path / "quiz.toml"
    path.write_bytes(b"\xef\xbb\xbf" + question("").replace("vgg16", "nets.arch:tiny").encode())
    assert read_quiz(str(path)).items()[0].asked.plain == 112


@given(st.text(max_size=200))
def test_any_text_is_a_quiz_or_refused(text: str) -> None:
    with suppress(SpecError):
        parse_quiz(text)


@given(st.lists(st.sampled_from(GOOD.split("\n")), max_size=20))
def test_any_lines_are_a_quiz_or_refused(lines: list[str]) -> None:
    with suppress(SpecError):
        parse_quiz("\n".join(lines))
