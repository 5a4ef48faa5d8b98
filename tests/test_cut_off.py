"""Figures that were cut off where they are to be rounded: a kind of their own, with its own share.

Also what explains an answer, in a column of its own: a slip, a misconception, a convention, a
figure that was cut off.
"""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from calling import call

CUT = "cut off where it is to be rounded"
CONV = "32x32x3 -> conv 5x5 10 pad=2"


def record(*words: str) -> dict[str, Any]:
    """The JSON of one answer."""
    found: dict[str, Any] = json.loads(call("check", *words, "--format", "json").out)
    return found["answers"][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("target", "answer", "expected"),
    [
        # Defeats: "biases not counted", which comes to 25.5M and 86M when it is rounded.
        ("resnet50", "params=25.5M", "25,557,032 rounds to 25.6M"),
        ("vit_b_16", "params=86M", "86,567,656 rounds to 87M"),
        ("vgg16", "params=138.3M", "138,357,544 rounds to 138.4M"),
        ("alexnet", "params=62.3M", "62,378,344 rounds to 62.4M"),
        ("vgg16", "macs=15.4G", "15,470,264,320 rounds to 15.5G"),
        ("227x227x3 -> conv 11x11 96 stride=4", "params=34K", "34,944 rounds to 35K"),
        ("227x227x3 -> conv 11x11 96 stride=4", "params=3.4e4", "34,944 rounds to 35,000"),
        ("vgg16", "total.memory=60.9MB", "60,950,432 rounds to 61.0MB"),
    ],
)
def test_a_cut_off_figure(target: str, answer: str, expected: str) -> None:
    found = call("check", target, answer)
    assert f"wrong, {CUT} ({expected})" in " ".join(found.out.split())
    assert found.code == 1
    answered = record(target, answer)
    assert (answered["verdict"], answered["kind"]) == ("wrong", "cut-off")
    assert answered["reason"] == expected
    assert answered["points"] == 0


def test_a_convention_that_comes_near_is_said_beside_it() -> None:
    out = " ".join(call("check", "resnet50", "params=25.5M").out.split())
    assert "or another convention: biases not counted" in out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "answer"),
    [
        # MACs called FLOPs, and cut off besides. Defeats: a bare "wrong".
        ("vgg16", "flops=15.4G"),
        ("resnet50", "flops=4.0G"),
        ("32x32x3 -> conv 3x3 8", "macs=388K"),
    ],
)
def test_the_figure_of_a_convention_cut_off(target: str, answer: str) -> None:
    answered = record(target, answer)
    assert (answered["verdict"], answered["kind"]) == ("wrong", "cut-off")
    assert answered["readings"][0]["words"].startswith(f"{CUT}, and a multiply and an add as ")


@pytest.mark.parametrize(
    ("target", "answer", "verdict"),
    [
        # What is right when it is rounded was not cut off, whatever its digits are.
        ("227x227x3 -> conv 11x11 96 stride=4", "params=34.9K", "rounded"),
        ("vgg16", "params=138M", "rounded"),
        # A megabyte of 2^20 bytes is nearer at hand: 58.13 of them.
        ("vgg16", "total.memory=58.1MB", "convention"),
        # A whole number states every digit.
        ("resnet50", "params=25500000", "wrong"),
    ],
)
def test_what_was_not_cut_off(target: str, answer: str, verdict: str) -> None:
    answered = record(target, answer)
    assert answered["verdict"] == verdict
    assert answered["kind"] != "cut-off"


def test_published_figures_are_named_alike() -> None:
    """Defeats: one word in `summary -v` and another one in `check`."""
    assert (
        "62.3M parameters (lecture slides)  ✓ agrees, cut off"
        in call("summary", "alexnet", "-v", "--width", "200").out
    )
    assert CUT in " ".join(call("check", "alexnet", "params=62.3M").out.split())


def quiz(tmp_path: Path, marks: str) -> Path:
    path = tmp_path / "quiz.toml"
    path.write_text(
        f'target = "resnet50"\n{marks}\n[[question]]\nid = "a"\nask = "params"\npoints = 2\n'
        '[[question]]\nid = "b"\nask = "conv1.params"\n'
    )
    return path


@pytest.mark.parametrize(
    ("marks", "points"), [("", 0), ("[marks]\ncut_off = 0.5", 1), ("[marks]\ncut_off = 1\nwrong = 0.25", 2)]
)
def test_its_share_of_the_points(tmp_path: Path, marks: str, points: int) -> None:
    """Nothing unless it is set, and then its own share. Defeats: the share of wrong answers."""
    sheet = tmp_path / "ann.txt"
    sheet.write_text("a: 25.5M\nb: 9,408\n")
    found = call("check", str(quiz(tmp_path, marks)), str(sheet), "--format", "json")
    (answered, other) = json.loads(found.out)["sheets"][0]["answers"]
    assert (answered["verdict"], answered["kind"]) == ("wrong", "cut-off")
    assert Fraction(str(answered["points"])) == points
    assert other["kind"] is None
    assert found.code == 1


def test_a_class_counts_it_by_its_words(tmp_path: Path) -> None:
    """Defeats: counted among the slips of the pen."""
    sheets = tmp_path / "class.csv"
    sheets.write_text("student,a,b\nann,25.5M,9408\nbob,25.5M,9480\n")
    out = call("check", str(quiz(tmp_path, "")), str(sheets)).out
    assert f"✗ {CUT}" in out
    assert "perhaps a slip of the pen" in out


def test_columns_of_their_own() -> None:
    """Of each answer what explains it, why, and what is counted. Defeats: a kind that has to be
    guessed from the words of the reading."""
    for answer, kind, reason in (
        ("760", "", ""),
        ("750", "misconception", "Every filter adds one number of its own"),
        ("670", "slip", ""),
        ("123", "", ""),
    ):
        out = call("check", CONV, f"params={answer}", "--format", "csv").out
        (row,) = csv.DictReader(io.StringIO(out))
        assert (row["kind"], row["unit"]) == (kind, "parameters"), answer
        assert row["reason"].startswith(reason)
    out = call("check", CONV, "macs=1536000", "--format", "csv").out
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["verdict"], row["kind"], row["unit"]) == ("convention", "convention", "MACs")
    assert row["reason"] == "As MACs, a multiply and the add that takes it up are one."


def test_columns_of_a_class(tmp_path: Path) -> None:
    """Behind those that were there; a reading keeps its kind in the JSON too."""
    sheets = tmp_path / "class.csv"
    sheets.write_text("student,a,b\nann,25.5M,9472\nbob,25583592,many\n")
    out = call("check", str(quiz(tmp_path, "")), str(sheets), "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0])[:10] == [
        "student",
        "question",
        "quantity",
        "answer",
        "verdict",
        "key",
        "reading",
        "points",
        "of",
        "place",
    ]
    assert [row["kind"] for row in rows] == ["cut-off", "misconception", "misconception", ""]
    assert rows[3]["reason"]
    out = call("check", str(quiz(tmp_path, "")), str(sheets), "--format", "json").out
    first = json.loads(out)["sheets"][0]["answers"][0]["readings"]
    assert [reading["kind"] for reading in first] == ["cut-off", "convention"]


def test_what_is_widened_is_no_wider_when_cut_off(tmp_path: Path) -> None:
    """Where a teacher allows ~ a unit on both sides, 25.5M is right and 25.3M is not cut off.
    Defeats: digits dropped in a unit that is three times as large."""
    path = quiz(tmp_path, "[marks]\napproximate = true")
    for answer, verdict in (("~25.5M", "rounded"), ("~25.3M", "wrong")):
        sheet = tmp_path / "ann.txt"
        sheet.write_text(f"a: {answer}\nb: 9,408\n")
        found = call("check", str(path), str(sheet), "--format", "json")
        (answered, _) = json.loads(found.out)["sheets"][0]["answers"]
        assert answered["verdict"] == verdict
        assert answered["kind"] != "cut-off"
