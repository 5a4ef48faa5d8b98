"""`check --audit` reads and marks a key as marking does a student's answer, with the same options."""

from __future__ import annotations

import json
from pathlib import Path

from calling import call

QUIZ = """
title = "Audit"
target = "32x32x3 -> conv 5x5 10 pad=2"
batch = 2
[[question]]
id = "1"
ask = "params"
key = "750"
[[question]]
id = "2"
ask = "memory"
key = "40960 B"
batch = 1
[[question]]
id = "3"
ask = "memory"
unit = "KiB"
key = "40"
dtype = "fp16"
[[question]]
id = "4"
ask = "output"
key = "10x32x32"
[[question]]
id = "5"
ask = "macs"
key = "7"
"""


def audit(folder: Path, *words: str) -> dict[str, dict[str, object]]:
    """The findings by question."""
    (folder / "quiz.toml").write_text(QUIZ)
    found = json.loads(call("check", "--audit", str(folder / "quiz.toml"), "--format", "json", *words).out)
    return {one["question"]: one for one in found["questions"]}


def test_batch_dtype_and_unit_of_each_question(tmp_path: Path) -> None:
    """Defeats keys that are held against one image in fp32, and plain bytes."""
    found = audit(tmp_path)
    assert [(one["batch"], one["dtype"], one["wrong"]) for one in found.values()] == [
        (2, "fp32", True),
        (1, "fp32", False),
        (2, "fp16", False),
        (2, "fp32", True),
        (2, "fp32", True),
    ]
    screen = call("check", "--audit", str(tmp_path / "quiz.toml")).out
    assert "conv1.memory (batch 1, fp32)" in screen
    assert "conv1.memory (batch 2, fp16)" in screen


def test_keys_that_are_right_by_a_convention(tmp_path: Path) -> None:
    """Defeats a key that is told from a right one by its colour alone."""
    found = audit(tmp_path)
    assert [one["by_convention"] for one in found.values()] == [False, False, False, True, False]
    screen = call("check", "--audit", str(tmp_path / "quiz.toml")).out
    rows = screen.partition("cannot detect")[0].splitlines()
    assert [line.split()[0] for line in rows if line.endswith("32x32x10") and "◑" in line] == ["4"]
    assert sum("◑" in line for line in rows) == 2  # in the table, and where it is explained
    assert "1 of these is right by a convention" in screen


def test_the_conventions_of_the_call(tmp_path: Path) -> None:
    """Defeats --convention and --layout that marking honours and the audit ignores."""
    found = audit(tmp_path, "--convention", "bias=no", "--layout", "chw")
    assert [one["wrong"] for one in found.values()] == [False, False, False, False, True]
    none = call("check", "--audit", str(tmp_path / "quiz.toml"), "--batch", "3")
    assert none.code == 2


def test_a_key_is_worth_what_a_student_would_get_for_it(tmp_path: Path) -> None:
    """Defeats: no points for any key, right ones included."""
    found = audit(tmp_path)
    keys = [one["key"] for one in found.values()]
    assert [(key["verdict"], key["points"]) for key in keys] == [
        (key["verdict"], key["of"] if key["verdict"] in ("right", "convention") else 0) for key in keys
    ]
    halved = QUIZ.replace("[[question]]", "[marks]\nconvention = 0.5\n[[question]]", 1)
    (tmp_path / "half.toml").write_text(halved)
    half = json.loads(call("check", "--audit", str(tmp_path / "half.toml"), "--format", "json").out)
    assert [one["key"]["points"] for one in half["questions"] if one["by_convention"]] == [0.5]
