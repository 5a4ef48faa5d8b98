"""Letters in Python: formulas of `archcalc.explain`, answers marked by `archcalc.check` and `archcalc.mark`;
and formulas that follow from a student's own earlier ones."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from calling import call

import archcalc
from archcalc.api.explaining import FormulaReport

CONV = "m x n x 3 -> conv f x f k stride=s pad=p"
TWO = "m x n x c -> conv f x f k -> conv f x f j"


@pytest.mark.parametrize(
    ("question", "answer", "verdict", "ids"),
    [
        ("params", "k(3f^2 + 1)", "right", ()),
        ("params", "3f²k", "wrong", ("bias-forgotten",)),
        ("output", ["(m-f+2p)/s + 1", "(n-f+2p)/s + 1", "k"], "right", ()),
        ("output", "⌊(m-f+p)/s⌋+1 x ⌊(n-f+p)/s⌋+1 x k", "wrong", ("pad-once",)),
        ("params", "k(3q^2 + 1)", "unreadable", ()),
        ("params", None, "blank", ()),
        ("rf", "f", "right", ()),
    ],
)
def test_one_answer(question: str, answer: object, verdict: str, ids: tuple[str, ...]) -> None:
    """The same verdict as the command's. Defeats a check by one set of numbers."""
    found = archcalc.check(CONV, question, answer)
    assert found.verdict == verdict
    assert found.right == (verdict == "right")
    assert ids in [reading.ids for reading in found.readings] or not ids
    text = answer if isinstance(answer, str) else ""
    if text:
        command = json.loads(call("check", CONV, f"{question}={text}", "--format", "json").out)
        assert found.to_dict() == command
        assert str(found).split() == call("check", CONV, f"{question}={text}").out.split()


def test_conventions_and_points() -> None:
    found = archcalc.check(CONV, "params", "3f²k", conventions={"bias": False}, points=2)
    assert (found.verdict, found.points) == ("right", 2)
    assert archcalc.check("3 x m x n -> conv f x f k", "output", "k x (m-f+1) x (n-f+1)", layout="chw").right
    words = ["check", "3 x m x n -> conv f x f k", "output=k x (m-f+1) x (n-f+1)", "--layout", "chw"]
    assert json.loads(call(*words, "--format", "json").out)["answers"][0]["exact"]
    assert call("check", words[1], "output=k x (m-f+1) x (n-f+1)").code == 1


def test_formulas() -> None:
    """The formulas agree with the network in numbers for which they were not made."""
    report = archcalc.explain(CONV)
    assert isinstance(report, FormulaReport)
    assert report.formulas["params"] == {"": "(3·f·f + 1)·k"}
    numbers = {"m": 101, "n": 64, "f": 7, "k": 12, "s": 3, "p": 2}
    network = archcalc.load("101x64x3 -> conv 7x7 12 stride=3 pad=2")
    assert list(report.numbers("output", **numbers).values()) == list(network.graph.output.output)
    totals = network.summary().totals
    assert report.numbers("parameters", **numbers) == {"": totals["params"]}
    assert report.numbers("macs", **numbers) == {"": totals["macs"]}
    command = call("explain", CONV, "--format", "json")
    assert report.to_dict() == json.loads(command.out)


@pytest.mark.parametrize(
    ("quantity", "letters", "message"),
    [
        ("peak", {"m": 8, "f": 3, "k": 4}, "no formula of 'peak'"),
        ("params", {"m": 8, "f": 3}, "'k' has no number"),
        ("params", {"m": 8, "f": 3, "k": 4, "z": 1}, "'z' is no letter"),
    ],
)
def test_numbers_that_are_none(quantity: str, letters: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        archcalc.explain("m x m x 3 -> conv f x f k").numbers(quantity, **letters)  # type: ignore[union-attr]


def test_explain_as_the_command_does() -> None:
    """Numbers, what is computed of them, and two networks: one function as one command."""
    assert archcalc.explain("lenet5", "params", "c1").derivations[0].value == 156  # type: ignore[union-attr]
    share = archcalc.explain("vgg16", "params(fc6) / params")
    assert share.questions[0].plain == Fraction(102_764_544, 138_357_544)  # type: ignore[union-attr]
    two = archcalc.explain("vgg16", "rf(A) - rf(B)", second=archcalc.load("alexnet"))
    assert two.questions[0].plain == 17  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="quantity"):
        archcalc.explain("vgg16", second="alexnet")


def test_load_names_what_takes_letters() -> None:
    with pytest.raises(archcalc.SpecError, match="numbers are needed for m, n, f, k"):
        archcalc.load("m x n x 3 -> conv f x f k")


# Follow-through -----------------------------------------------------------------------------------

QUIZ = {
    "target": TWO,
    "question": [
        {"id": "a", "ask": "conv1.output"},
        {"id": "b", "ask": "conv2.output"},
        {"id": "c", "ask": "conv2.macs"},
        {"id": "d", "ask": "conv1.params"},
        {"id": "e", "ask": "total.params"},
    ],
}
OFF = "(m-f) x (n-f) x k"


def marked(**answers: str) -> dict[str, tuple[str, str]]:
    (sheet,) = archcalc.mark(QUIZ, answers)
    return {id: (one.verdict, one._verdict.follows) for id, one in sheet.answers.items() if one.answer}


def test_a_formula_follows_from_an_earlier_one() -> None:
    """Worked by hand: with m − f behind the first layer, m − 2f + 1 stand behind the second. Defeats
    follow-through that takes any wrong answer behind a wrong one."""
    found = marked(a=OFF, b="(m-2f+1) x (n-2f+1) x j", c="f²kj(m-2f+1)(n-2f+1)")
    assert found == {"a": ("wrong", ""), "b": ("follow-through", "a"), "c": ("follow-through", "a")}
    found = marked(a=OFF, b="(m-2f) x (n-2f) x j", c="f²kj(m-2f+3)(n-2f+3)")
    assert [kind for kind, _ in found.values()] == ["wrong", "wrong", "wrong"]


def test_it_follows_through_a_right_one_before() -> None:
    """Behind a right answer nothing follows, whatever other answer is wrong."""
    found = marked(a="(m-f+1) x (n-f+1) x k", b="(m-2f+1) x (n-2f+1) x j", d="c·f²·k")
    assert [kind for kind, _ in found.values()] == ["right", "wrong", "wrong"]


def test_a_total_of_own_rows() -> None:
    """The sum of one's own rows, one of which lacks its bias, follows from that one."""
    found = marked(d="c·f²·k", e="c·f²·k + f²·k·j + j")
    assert found == {"d": ("wrong", ""), "e": ("follow-through", "d")}


def test_unread_and_impossible_earlier_formulas() -> None:
    """A formula that gives no sizes, or cannot be read, is no start. Defeats sizes of 0 and below."""
    for first in ("q x n x k", "(f-m) x (f-n) x k", "1/(m-m) x 2 x k", ""):
        found = marked(a=first, b="(m-2f+1) x (n-2f+1) x j")
        assert found["b"][0] == "wrong", first


def test_the_command_follows_too() -> None:
    words = ["check", TWO, f"conv1.output={OFF}", "conv2.output=(m-2f+1) x (n-2f+1) x j"]
    screen = call(*words).out
    assert "↳  conv2.output" in screen
    assert "follows from your conv1" in screen
    assert screen.rstrip().endswith("0 of 2 right, 1 follow, 1 wrong")
    record = json.loads(call(*words, "--format", "json").out)["answers"][1]
    assert (record["verdict"], record["follows"], record["points"]) == ("follow-through", "conv1.output", 1)
    assert "look there again" in call(*words, "--hint").out
