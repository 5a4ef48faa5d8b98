"""Chains whose input has no size: what does not depend on it is answered, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calling import call

CHAIN = "?x?x64 -> conv 3x3 128"


def test_parameters_need_no_size() -> None:
    answer = call("explain", CHAIN, "params")
    assert (answer.code, answer.err) == (0, "")
    assert "= 73,856" in answer.out
    assert "?x?x64 -> ?x?x128" in answer.out
    found = json.loads(call("explain", CHAIN, "--format", "json").out)
    assert [one["quantity"] for one in found["derivations"]] == ["params", "rf"]
    assert found["name"] == CHAIN


@pytest.mark.parametrize(
    ("target", "answers", "code"),
    [
        (CHAIN, ["params=73856", "weights=73728", "rf=3", "stride=1"], 0),
        (CHAIN, ["params=73857"], 1),
        ("?x16 -> lstm 32", ["params=6272"], 0),
        ("?x?x3 -> conv 3x3 8 -> bn -> conv 1x1 4", ["params=276", "total.depth=2"], 0),
        ("?x?x?x3 -> conv 3x3x3 8", ["params=656"], 0),
        ("?x1024x3 -> conv 3x3 8", ["params=224"], 0),
        ("?x?x64 -> gap -> fc 10", ["params=650", "output=10"], 0),
    ],
)
def test_answers_are_marked(target: str, answers: list[str], code: int) -> None:
    answer = call("check", target, *answers)
    assert (answer.code, answer.err) == (code, "")


@pytest.mark.parametrize(
    "words",
    [
        ["explain", CHAIN, "macs"],
        ["explain", CHAIN, "output"],
        ["check", CHAIN, "output=9x9x128"],
        ["check", "?x?x64 -> fc 10", "params=650"],
        ["explain", "?x?x64 -> fc 10", "params"],
        ["check", CHAIN, "params=73856", "macs=1"],
    ],
)
def test_what_depends_on_a_size_is_refused(words: list[str]) -> None:
    """Defeats the number of a size that nobody wrote, and half of an answer."""
    answer = call(*words)
    assert (answer.code, answer.out) == (2, "")
    assert "depends on the size of the input" in answer.err
    assert "as in 224x256x64" in answer.err


@pytest.mark.parametrize("command", ["summary", "rf", "draw", "show"])
def test_other_commands_need_one(command: str) -> None:
    answer = call(command, CHAIN)
    assert (answer.code, answer.out) == (2, "")
    assert "the input has no size" in answer.err
    assert call(command, "?x?x? -> conv 3x3 8").code == 2


def test_a_fault_behind_the_input_is_reported() -> None:
    answer = call("explain", "?x?x64 -> conv 3x3 128 -> [7x7x1] -> conv 3x3 1", "params")
    assert (answer.code, answer.out) == (2, "")
    assert "the `?` of the input stood for a size" in answer.err
    assert call("explain", "?x?x64 -> convv 3x3 128", "params").code == 2


def test_quizzes_ask_without_a_size(tmp_path: Path) -> None:
    """The same of a quiz's questions; one that depends on a size is a fault of the quiz."""
    quiz, sheet = tmp_path / "quiz.toml", tmp_path / "ann.txt"
    question = f'[[question]]\nid = "1"\ntarget = "{CHAIN}"\nask = "%s"\n'
    sheet.write_text("1: 73856\n")
    quiz.write_text(question % "params")
    assert call("check", str(quiz), str(sheet)).code == 0
    quiz.write_text(question % "macs")
    answer = call("check", str(quiz), str(sheet))
    assert (answer.code, answer.out) == (2, "")
    assert "depends on the size of the input" in answer.err
    assert "quiz.toml:4:1" in answer.err
