"""Differences, quotients and percentages of quantities: explained, marked, in a quiz.

The witnesses are plain Python on the figures of `summary`.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc import SpecError
from archcalc.analysis.proportions import Proportion, decimal
from archcalc.answers.ratios import read_share
from archcalc.answers.written import Ambiguous, Unreadable, WrittenNumber, read

FULL = "14x14x16 -> conv 3x3 32 bias=no"
SEPARABLE = "14x14x16 -> dwconv 3x3 bias=no -> conv 1x1 32 bias=no"
NET = "32x32x3 -> conv 5x5 10 pad=2 -> conv 3x3 20 -> fc 10"


def figures(target: str) -> dict[str, dict[str, int]]:
    """Parameters and MACs of each layer and of the total, as `summary` has them."""
    summary = json.loads(call("summary", target, "--format", "json").out)
    rows = {layer["name"]: layer for layer in summary["layers"]}
    return {**rows, "total": summary["totals"]}


def value(*words: str) -> Fraction:
    """What `explain` says that an expression comes to."""
    answer = call("explain", *words, "--format", "json")
    assert (answer.code, answer.err) == (0, "")
    (found,) = json.loads(answer.out)["calculations"]
    return Fraction(found["value"])


def verdict(*words: str) -> dict[str, Any]:
    """The marked answer that stands last."""
    return json.loads(call("check", *words, "--format", "json").out)["answers"][-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("params(conv1) - params(conv2)", lambda p, m: p("conv1") - p("conv2")),
        ("conv2.params - conv1.params - 1", lambda p, m: p("conv2") - p("conv1") - 1),
        ("params(conv1) - (params(conv2) - 1)", lambda p, m: p("conv1") - (p("conv2") - 1)),
        ("macs(conv1) / macs(total)", lambda p, m: Fraction(m("conv1"), m("total"))),
        ("macs(conv1) / macs", lambda p, m: Fraction(m("conv1"), m("total"))),
        ("percent(params(fc1) / params(total))", lambda p, m: Fraction(p("fc1"), p("total"))),
        ("100 * params(fc1) / params", lambda p, m: Fraction(p("fc1"), p("total"))),
        ("100 * (params(fc1) / params)", lambda p, m: Fraction(p("fc1"), p("total"))),
        ("1 - params(conv1)/params(conv2)", lambda p, m: 1 - Fraction(p("conv1"), p("conv2"))),
        ("params(conv1) + 2 * params(conv2)", lambda p, m: p("conv1") + 2 * p("conv2")),
        ("(-params(conv1)) / -params(conv2)", lambda p, m: Fraction(p("conv1"), p("conv2"))),
    ],
)
def test_an_expression_is_exact(text: str, expected: Any) -> None:
    """Defeats: floats, a minus that takes in all that follows, 100 · a/b without its hundred."""
    rows = figures(NET)
    right = expected(lambda name: rows[name]["params"], lambda name: rows[name]["macs"])
    assert value(NET, text) == right


def test_two_networks_have_letters_and_names() -> None:
    a, b = figures("vgg16")["total"]["params"], figures("alexnet")["total"]["params"]
    for text in ("params(A)/params(B)", "A.params / b.params", "params(vgg16) / alexnet.params"):
        assert value("vgg16", "alexnet", text) == Fraction(a, b)
    assert value("vgg16", "alexnet", "params(A.conv1_1) - params(conv1_1)") == 0  # only VGG has one


def test_a_quantity_of_two_networks_is_compared() -> None:
    """How many are saved, how many times fewer, and what share."""
    answer = call("explain", FULL, SEPARABLE, "params", "--format", "json")
    found = json.loads(answer.out)
    assert [Fraction(one["value"]) for one in found["calculations"]] == [
        4608 - 656,
        Fraction(4608, 656),
        1 - Fraction(656, 4608),
    ]
    assert [one["shown"] for one in found["calculations"]] == ["3,952", "7.024", "85.76 %"]


def test_both_sides_show_their_working() -> None:
    text = call("explain", FULL, SEPARABLE, "params(A) - params(B)").out
    for part in ("3 · 3 · 16 · 32", "4,608", "656", "params(A) − params(B)", "3,952"):
        assert part in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((NET, "params(conv1) / 0"), "divides by zero"),
        ((NET, "params(conv1) / (params(conv1) - params(conv1))"), "divides by zero"),
        ((NET, "params(conv9) - 1"), "no layer `conv9`"),
        ((NET, "colour(conv1) - 1"), "`colour`"),
        ((NET, "params(conv1 - 1"), "expected `)`"),
        ((NET, "params(conv1) -"), "the expression ends"),
        ((NET, "output(conv1) - 1"), "no one number"),
        ((NET, "1 - 2"), "names no quantity"),
        ((NET, "(" * 200 + "params" + ")" * 200), "nested"),
        ((NET, "params(conv1) < 2 - 1"), "no number"),
        (("vgg16", "alexnet", "params - 1"), "of which network"),
        (("vgg16", "alexnet", "params(conv1_1) - params(C)"), "`C`"),
    ],
)
def test_what_is_no_expression_gets_one_message(words: tuple[str, ...], message: str) -> None:
    answer = call("explain", *words)
    assert answer.code == 2
    assert answer.out == ""
    assert message in answer.err
    assert "Traceback" not in answer.err


RATIO = "params(B)/params(A)"  # 656/4,608 = 0.14236…


@pytest.mark.parametrize(
    ("ask", "answer", "kind"),
    [
        ("params(A) - params(B)", "3952", "right"),
        ("params(A) - params(B)", "3,952 parameters", "right"),
        ("params(A) - params(B)", "4608 - 656", "right"),
        ("params(A) - params(B)", "3.95K", "rounded"),
        (RATIO, "41/288", "right"),
        (RATIO, "656/4608", "right"),
        (RATIO, "41:288", "right"),
        (RATIO, "0.142", "rounded"),
        (RATIO, "14.2 %", "rounded"),
        (RATIO, "14 per cent", "rounded"),
        (RATIO, "15 %", "wrong"),
        (RATIO, "14.3 %", "wrong"),
        (RATIO, "1/7", "wrong"),
        (RATIO, "7.02x fewer", "rounded"),
        (RATIO, "7x fewer", "rounded"),
        (RATIO, "8x fewer", "unreadable"),
        (RATIO, "14.2", "convention"),
        ("params(A)/params(B)", "7.02 times", "rounded"),
        ("percent(1 - params(B)/params(A))", "85.8", "rounded"),
        ("percent(1 - params(B)/params(A))", "86 % fewer", "rounded"),
        ("percent(1 - params(B)/params(A))", "0.858", "rounded"),
        ("percent(1 - params(B)/params(A))", "85.7 %", "wrong"),
        ("memory(A) / memory(A)", "1", "right"),
        ("A.total.memory - B.total.memory", "-9 KiB", "right"),
        ("A.total.memory - B.total.memory", "-8 kB", "wrong"),
    ],
)
def test_an_answer_is_right_in_its_own_precision(ask: str, answer: str, kind: str) -> None:
    """Defeats: a whole per cent taken for exact, 14.3 % for 14.24 %, a quotient read as two answers."""
    assert verdict(FULL, SEPARABLE, f"{ask}={answer}")["verdict"] == kind


@pytest.mark.parametrize(
    ("ask", "answer", "ids"),
    [
        ("params(A) - params(B)", "-3952", ["difference-turned"]),
        ("params(A) - params(B)", "4608", ["one-number-alone"]),
        ("params(A) - params(B)", "5264", ["added-for-difference"]),
        (RATIO, "7.02", ["quotient-turned"]),
        ("percent(1 - params(B)/params(A))", "602 %", ["wrong-base"]),
        ("percent(1 - params(B)/params(A))", "14.2 %", ["left-for-saved"]),
        ("percent(1 - params(B)/params(A))", "0.858 %", ["hundred-twice"]),
        (RATIO, "85.8 %", ["saved-for-left"]),
    ],
)
def test_a_wrong_answer_gets_its_reading(ask: str, answer: str, ids: list[str]) -> None:
    found = verdict(FULL, SEPARABLE, f"{ask}={answer}")
    assert found["verdict"] == "wrong"
    assert found["readings"][0]["ids"] == ids


@pytest.mark.parametrize("answer", ["about 7/8", "7/8", "1", "0.9"])
def test_a_share_without_a_sign_has_no_wrong_sign(answer: str) -> None:
    """Of 85.8 %. Defeats the misconception that per cent were put behind a share, of an answer without per
    cent, which rounds to a whole per cent so coarsely that nearly anything does."""
    found = verdict(FULL, SEPARABLE, f"percent(1 - params(B)/params(A))={answer}")
    assert "hundred-twice" not in [id for reading in found.get("readings", ()) for id in reading["ids"]]


def test_what_is_believed_of_one_side_is_carried_through() -> None:
    """Biases forgotten in both, in one alone: 1,820 and 760 parameters are 1,800 and 750 then."""
    both = verdict(NET, "params(conv2) - params(conv1)=1050")["readings"]
    assert both[0]["words"] == "bias forgotten"
    one = verdict(NET, "params(conv2) - params(conv1)=1040")["readings"]
    assert "bias forgotten in params(conv2) alone" in [reading["words"] for reading in one]


def test_a_quiz_asks_for_what_is_computed(tmp_path: Path) -> None:
    """A difference follows from the student's own numbers. Defeats: one slip charged twice."""
    quiz, sheets = tmp_path / "quiz.toml", tmp_path / "class.csv"
    quiz.write_text(
        f"""\
title = "Savings"
target = "{FULL}"
[[question]]
id = "a"
ask = "params"
[[question]]
id = "b"
target = "{SEPARABLE}"
ask = "params"
[[question]]
id = "saved"
second = "{SEPARABLE}"
ask = "params(A) - params(B)"
[[question]]
id = "share"
second = "{SEPARABLE}"
ask = "percent(params(B) / params(A))"
key = "14.2 %"
"""
    )
    sheets.write_text("student,a,b,saved,share\nann,4608,656,3952,14.2%\nben,4600,656,3944,86 %\n")
    found = json.loads(call("check", str(quiz), str(sheets), "--format", "json").out)
    kinds = [[answer["verdict"] for answer in sheet["answers"]] for sheet in found["sheets"]]
    assert kinds == [["right", "right", "right", "rounded"], ["wrong", "right", "follow-through", "wrong"]]
    audit = json.loads(call("check", str(quiz), "--audit", "--format", "json").out)
    assert [one["wrong"] for one in audit["questions"]] == [False] * 4


def test_a_condition_names_layers_in_the_same_way() -> None:
    """One formulation: a budget reads what an expression reads."""
    assert call("check", NET, "--where", "params(conv1) / params(total) < 1/100").code == 0
    assert call("check", NET, "--where", "percent(params(fc1)/params) < 90").code == 1


def test_shares_are_written_short_and_kept_exact() -> None:
    assert str(Proportion.of(Fraction(1, 8), True)) == "12.5 %"
    assert str(Proportion.of(Fraction(2, 3), True)) == "66.67 %"
    assert str(Proportion.of(Fraction(656, 4608), False)) == "0.1424"
    assert Proportion.of(Fraction(1, 3), True) == Fraction(1, 3)
    assert decimal(Fraction(-(10**30), 3)) == f"-{10**30 // 3:,}"
    assert decimal(Fraction(999_999, 10**6)) == "1"


def test_shares_are_read_in_every_way() -> None:
    def one(text: str) -> Any:
        return read(text, "ratio")

    assert one("1/8") == one("1 : 8")._replace(text="1/8")
    assert (one("33 %").low, one("33 %").high) == (Fraction(65, 200), Fraction(67, 200))
    assert one("about 12.5 percent").approximate
    assert isinstance(one("8 times fewer"), Ambiguous)
    assert isinstance(one("12 % of it"), WrittenNumber)
    assert isinstance(one("12 % blue"), Unreadable)
    assert isinstance(one("1/0"), Unreadable)
    assert isinstance(one("yes"), Unreadable)
    assert read_share("x", lambda text: Unreadable(text, "no")) == Unreadable("x", "no")


def test_from_python() -> None:
    answer = archcalc.check(NET, "params(conv2) - params(conv1)", 1060)
    assert answer.right
    with pytest.raises(SpecError, match="divides by zero"):
        archcalc.check(NET, "params(conv2) / 0", 1)


def test_a_chain_without_a_size() -> None:
    """What does not depend on the size is answered, what does is refused."""
    chain = "?x?x3 -> conv 3x3 8 -> conv 3x3 8"
    assert value(chain, "params(conv2) - params(conv1)") == 584 - 224
    refused = call("explain", chain, "macs(conv2) - macs(conv1)")
    assert (refused.code, "depends on the size" in refused.err) == (2, True)
