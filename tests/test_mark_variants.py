"""`archcalc.mark` with a folder of keys: each sheet by the key of its own variant, as the command does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from calling import call

import archcalc

TEMPLATE = """
title = "Volumes"
distinct = true

[values]
n = "28..60:4"
k = [3, 5, 7]
c = [8, 16, 24]

[[question]]
id = "1"
target = "{n}x{n}x3 -> conv {k}x{k} {c}"
ask = "params"

[[question]]
id = "2"
target = "{n}x{n}x3 -> conv {k}x{k} {c}"
ask = "output"
"""
NUMBER = 4


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    (tmp_path / "quiz.toml").write_text(TEMPLATE)
    words = ["--variants", str(NUMBER), "--seed", "3", "--format", "toml", "-o", f"{tmp_path}/keys/"]
    assert call("quiz", str(tmp_path / "quiz.toml"), *words).code == 0
    return tmp_path / "keys"


def right_answers(keys: Path) -> dict[str, dict[str, str]]:
    """The key of each variant, read by a parser of TOML alone."""
    import sys

    if sys.version_info < (3, 11):
        import tomli as toml
    else:
        import tomllib as toml
    found = {}
    for path in sorted(keys.glob("*.toml")):
        quiz = toml.loads(path.read_text())
        found[str(quiz["variant"])] = {one["id"]: str(one["key"]) for one in quiz["question"]}
    return found


def test_each_sheet_by_its_own_key(keys: Path) -> None:
    """A class with mixed variants, everybody right. Defeats the first key for all."""
    right = right_answers(keys)
    assert len(right) == NUMBER
    assert len({tuple(answers.values()) for answers in right.values()}) == NUMBER
    found = archcalc.mark(
        keys, [(f"s{name}", {**answers, "variant": name}) for name, answers in right.items()]
    )
    assert [float(sheet.points) for sheet in found] == [2.0] * NUMBER
    assert found.unread == ()
    first = next(iter(right.values()))
    found = archcalc.mark(str(keys), [(f"s{name}", {**first, "Variant": name}) for name in right])
    assert [float(sheet.points) for sheet in found] == [2.0] + [0.0] * (NUMBER - 1)
    values = [sheet.answers["1"].value for sheet in found]
    assert [str(value) for value in values] == [answers["1"] for answers in right.values()]


def test_as_the_command_marks_it(keys: Path, tmp_path: Path) -> None:
    right = right_answers(keys)
    folder = tmp_path / "sheets"
    folder.mkdir()
    for name, answers in right.items():
        text = "\n".join([f"variant: {name}", f"1: {answers['1']}", "2: 1x1x1"])
        (folder / f"student{name}.txt").write_text(text)
    found = archcalc.mark(keys, folder)
    command = call("check", str(keys), str(folder), "--format", "json")
    assert found.to_dict() == json.loads(command.out)
    assert [float(sheet.points) for sheet in found] == [1.0] * NUMBER
    paths: list[Any] = sorted(folder.iterdir())
    assert [float(sheet.points) for sheet in archcalc.mark(keys, paths)] == [1.0] * NUMBER


def test_a_roster_says_which(keys: Path) -> None:
    right = right_answers(keys)
    names = list(right)
    (keys / "roster.csv").write_text(f"student,variant\nann,{names[1]}\nbob,{names[2]}\n")
    found = archcalc.mark(keys, [("ann", right[names[1]]), ("bob", right[names[1]])])
    assert [float(sheet.points) for sheet in found] == [2.0, 0.0]


def test_a_sheet_of_no_known_variant(keys: Path, tmp_path: Path) -> None:
    """It is for a person, and not marked by the first key."""
    first = next(iter(right_answers(keys).values()))
    for answers in (first, {**first, "variant": "99"}):
        (sheet,) = archcalc.mark(keys, answers)
        assert not sheet.points
        assert {answer.verdict for answer in sheet.answers.values()} <= {"unreadable", "blank"}
    (tmp_path / "none").mkdir()
    with pytest.raises(archcalc.SpecError):
        archcalc.mark(tmp_path / "none", first)
