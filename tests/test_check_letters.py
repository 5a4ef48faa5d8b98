"""Answers in letters are marked by value, by form and by the catalogue's changed rules."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random

import pytest
from calling import call

from archcalc.algebra.evaluation import evaluate
from archcalc.algebra.polynomials import form_of
from archcalc.algebra.reading import LetterFormulaReader, UnreadFormulaError
from archcalc.answers.conventions import Conventions
from archcalc.answers.in_letters import LetterQuestion
from archcalc.arithmetic import Expression
from archcalc.loading.letters import LetteredChain

CONV = "m x n x 3 -> conv f x f k stride=s pad=p"
LAYERS = "m x m x c -> n x (conv k x k c pad=half)"
SQUARE = "n x n x 3 -> conv f x f k"
STRIDED = "n x n x 3 -> conv f x f k pad=p stride=s"
LETTERS = ["m", "n", "f", "k", "s", "p", "k1", "C_in"]
# Ways in which people write one formula.
WRITTEN = [
    "k(3f^2+1)",
    "f²·3·k + k",
    "3f^2k+k",
    "(f*f*3+1)*k",
    "k(3f²+1)",
    r"\left(3 f^{2} + 1\right) \cdot k",
    "params = (3·F·F + 1)·K",
    "3 × f × f × k + k",
    "(fxfx3 + 1)k",
    "[3f**2 + 1] k",
    "k + 3kff",
    r"$\frac{6f^2 k + 2k}{2}$",
]
RIGHT = [
    (CONV, "output", r"\lfloor\frac{m-f+2p}{s}\rfloor + 1 × ⌊(n−f+2p)/s⌋+1 × k"),
    (CONV, "output", "(floor((m-f+2p)/s)+1, floor((n-f+2*p)/s)+1, k)"),
    (CONV, "output", "floor((m-f+2p+s)/s) x floor((n-f+2p+s)/s) x k"),
    (CONV, "output", "((m-f+2p)/s+1) x ((n-f+2p)/s+1) x k"),
    (CONV, "macs", "3f²k(⌊(m-f+2p)/s⌋+1)(⌊(n-f+2p)/s⌋+1)"),
    (CONV, "rf", "f"),
    (LAYERS, "rf", "1 + n(k - 1)"),
    (LAYERS, "rf", "nk - n + 1"),
    (LAYERS, "total.params", "n(k²c + 1)c"),
    (LAYERS, "size", "m"),
    # As papers write equal sides.
    (SQUARE, "output", "(n-f+1)² × k"),
    (SQUARE, "output", "(n-f+1)^2 x k"),
]
# Wrong answers, and the belief of the catalogue that they come from; empty for none.
WRONG = [
    (CONV, "params", "3f²k", "bias-forgotten"),
    (CONV, "params", "(f² + 1)k", "channels-forgotten"),
    (CONV, "params", "(3f + 1)k", "kernel-not-squared"),
    (CONV, "output", "⌊(m-f+p)/s⌋+1 x ⌊(n-f+p)/s⌋+1 x k", "pad-once"),
    (CONV, "output", "((m-f+p)/s+1) x ((n-f+p)/s+1) x k", "pad-once"),
    (CONV, "output", "⌊(m-f+2p)/s⌋ x ⌊(n-f+2p)/s⌋ x k", "one-forgotten"),
    (CONV, "output", "(m-f+2p+1) x (n-f+2p+1) x k", "stride-ignored"),
    (CONV, "output", "⌊(m-f)/s⌋+1 x ⌊(n-f)/s⌋+1 x k", "pad-ignored"),
    (CONV, "output", "⌈(m-f+2p)/s⌉+1 x ⌈(n-f+2p)/s⌉+1 x k", ""),
    (CONV, "output", "m x n x k", "stride-ignored same-size"),
    (CONV, "params", "k(3f²+1) + 1/2", ""),
    (CONV, "params", "k(3f²+1) + (s-1)/s", ""),
    (CONV, "params", "k(3f²+1) + (f-1)(f-2)(f-3)(f-4)(f-5)(f-6)(f-7)(f-8)(f-9)(f-10)(f-11)", ""),
    (LAYERS, "rf", "n(k-1)", ""),
    # Sets with a kernel that fills its input, a stride of 1 or kernels of 1x1 leave some rules nothing to
    # change: those must not hide a reading that all others have.
    (LAYERS, "rf", "nk", "kernels-added"),
    (SQUARE, "output", "(n-f) x (n-f) x k", "one-forgotten"),
    (SQUARE, "neurons", "(n-f)²k", "one-forgotten"),
    (STRIDED, "size", "(n-f+2p)/s", "one-forgotten"),
    (STRIDED, "size", "n/s", "stride-only"),
    # Nor must sets on which it is right count for a rule that gives something else there.
    (STRIDED, "size", "(n-f+2p+1)/s", "one-before"),
    (SQUARE, "output", "(n-f)² x k", "one-forgotten"),
]


@cache
def question(chain: str, ask: str) -> LetterQuestion:
    found = LetteredChain.find(chain)
    assert found is not None
    return LetterQuestion(found, ask, Conventions({}))


@pytest.mark.parametrize("text", WRITTEN)
def test_a_formula_is_read_however_it_is_written(text: str) -> None:
    """And is exact: whatever the letters stand for."""
    verdict = question(CONV, "params").mark(text)
    assert (verdict.kind, verdict.exact) == ("right", True), verdict


@pytest.mark.parametrize(("chain", "ask", "text"), RIGHT)
def test_right_formulas_are_right(chain: str, ask: str, text: str) -> None:
    """A missing sign of rounding is remarked upon, no more."""
    verdict = question(chain, ask).mark(text)
    assert verdict.kind == "right", verdict
    assert bool(verdict.remark) == ("/" in text and not any(sign in text for sign in ("⌊", "floor")))


@pytest.mark.parametrize(("chain", "ask", "text", "id"), WRONG)
def test_wrong_formulas_get_their_reading(chain: str, ask: str, text: str, id: str) -> None:
    """Defeats a comparison on sizes on which stride 1, an exact fit or a root of a polynomial hides the
    difference."""
    verdict = question(chain, ask).mark(text)
    assert verdict.kind == "wrong", verdict
    assert [" ".join(reading.ids) for reading in verdict.readings] == ([id] if id else [])
    assert verdict.example is not None
    _, given, right = verdict.example
    assert given != right


def test_another_order_and_no_biases_are_conventions() -> None:
    assert question(CONV, "output").mark("k x ((m-f+2p)/s+1) x ((n-f+2p)/s+1)").convention == "channels first"
    assert question(LAYERS, "total.params").mark("n k² c²").convention_ids == ("biases-not-counted",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("W", "what does `W` stand for?"),
        ("3f^k", "a power is a whole number here"),
        ("k^99", "its power is too high"),
        ("((k^9)^9)^9", "its power is too high"),
        ("(" * 40 + "k" + ")" * 40, "it is nested too deeply"),
        ("k" * 500, "it is longer than"),
        ("__import__('os')", "is no part of a formula"),
        ("k; rm", "is no part of a formula"),
        ("(k", "`)` is missing"),
        ("3 +", "something is missing at its end"),
        ("k1 k2", "what does `k2` stand for?"),
        ("99999999999999999999999999", "is too large"),
    ],
)
def test_what_is_no_formula_is_not_wrong(text: str, why: str) -> None:
    """It is asked about, in one sentence, and hostile text costs no time."""
    with pytest.raises(UnreadFormulaError, match=re.escape(why)):
        LetterFormulaReader(LETTERS).read(text)
    assert question(CONV, "params").mark("W·k").kind == "unreadable"


def rewritten(made: Expression, random: Random) -> str:
    """The text of an equal formula: sums and products in another order, brackets multiplied out, 0 added,
    factors of 1."""
    operator, parts = made.operator, list(made.arguments)
    if operator == "symbol":
        return made.name if random.random() < 0.9 else f"({made.name} + {made.name})/2"
    if operator == "number":
        return str(made.value) if random.random() < 0.8 else f"({made.value - 1} + 1)"
    if operator == "^":
        return f"{rewritten(parts[0], random)}*{rewritten(parts[0], random)}"
    texts = [rewritten(part, random) for part in parts]
    if operator in ("+", "*"):
        if operator == "*" and parts[0].operator == "+" and random.random() < 0.7:
            first, second = (rewritten(part, random) for part in parts[0].arguments)
            return f"(({first})*({texts[1]}) + ({second})*({texts[1]}))"
        random.shuffle(texts)
        sign = operator if operator == "+" else random.choice(("*", "·", ""))
        return f"(({texts[0]}){sign}({texts[1]}))"
    raise AssertionError(operator)


@pytest.mark.parametrize(("seed", "times"), [(5, 25), pytest.param(6, 150, marks=pytest.mark.slow)])
def test_a_rewritten_formula_is_never_wrong_and_a_changed_one_never_right(seed: int, times: int) -> None:
    """Defeats forms that depend on order or brackets, and a comparison that too few numbers decide."""
    asked = question(CONV, "params")
    reader = LetterFormulaReader(asked.chain.names)
    right = reader.read("(3*f^2 + 1)*k")
    random = Random(seed)
    for _ in range(times):
        text = rewritten(right, random)
        if len(text) > 380:
            continue
        assert asked.mark(text).kind == "right", text
        change = random.choice(
            ("+ 1", "- k", "+ f - s", "+ (k - 1)(f - 1)", "* 2", "+ p", "+ p(s - 1)(k - 3)", "- 1/2")
        )
        assert asked.mark(f"({text}) {change}").kind != "right", (text, change)


def test_forms_and_values_agree() -> None:
    """The one form of a random formula has the value that the formula has. Defeats a floor pulled apart."""
    random = Random(11)
    reader = LetterFormulaReader(["a", "b", "c"])

    def formula(depth: int) -> str:
        if depth == 0:
            return random.choice(("a", "b", "c", "1", "2", "3"))
        one, two = formula(depth - 1), formula(depth - 1)
        return random.choice(
            (f"({one} + {two})", f"({one} - {two})", f"({one} * {two})", f"⌊({one} + {two})/b⌋", f"⌈{one}/2⌉")
        )

    from archcalc.algebra.polynomials import FormWriter

    writer = FormWriter({"a": 5, "b": 3, "c": 7})
    for _ in range(300):
        made = reader.read(formula(3))
        form = form_of(made)
        for _ in range(5):
            values = {"a": random.randint(1, 30), "b": random.randint(1, 9), "c": random.randint(1, 30)}
            wanted: Fraction = evaluate(made, values)
            assert evaluate(writer.expanded(form), values) == wanted
            assert evaluate(writer.factored(form), values) == wanted


def test_the_call_says_why() -> None:
    """A wrong formula, numbers for which it is wrong, the right one; a hint without either."""
    found = call("check", CONV, "params=3f²k", "--width", "100")
    assert found.code == 1
    assert "wrong, consistent with bias forgotten" in found.out
    assert "right   (3·f·f + 1)·k = 3·f²·k + k" in found.out
    hinted = call("check", CONV, "params=3f²k", "--hint")
    assert "Is there anything in a filter" in hinted.out
    assert "3·f" not in hinted.out
    assert call("check", CONV, "params=k(3f^2+1)").code == 0
    assert call("check", CONV, "params").code == 2
    for form in ("json", "csv", "markdown", "latex", "html", "plain"):
        assert "3f" in call("check", CONV, "params=3f^2k", "--format", form).out, form


QUIZ = """\
title = "Letters"
target = "m x n x 3 -> conv f x f k stride=s pad=p"

[[question]]
id = "a"
ask = "params"
key = "k(3f^2 + 1)"
points = 2

[[question]]
id = "b"
ask = "output"

[[question]]
id = "c"
target = "32x32x3 -> conv 5x5 10"
ask = "params"
"""
CLASS = """\
student,a,b,c
Ann,3f²k+k,((m-f+2p)/s+1) x ((n-f+2p)/s+1) x k,760
Bob,3f²k,⌊(m-f+p)/s⌋+1 x ⌊(n-f+p)/s⌋+1 x k,750
Cy,W,,760
Di,k(3f+7),k x ((m-f+2p)/s+1) x ((n-f+2p)/s+1),760
"""


def test_a_quiz_may_ask_in_letters(tmp_path: Path) -> None:
    """Beside questions in numbers, with points, readings, questions to a person, an audited key. Defeats a
    right value that is that of some numbers."""
    quiz, sheet = tmp_path / "quiz.toml", tmp_path / "class.csv"
    quiz.write_text(QUIZ, encoding="utf-8")
    sheet.write_text(CLASS, encoding="utf-8")
    record = json.loads(call("check", str(quiz), str(sheet), "--format", "json").out)
    students = {one["student"]: one for one in record["sheets"]}
    kinds = {name: [answer["verdict"] for answer in one["answers"]] for name, one in students.items()}
    assert kinds == {
        "Ann": ["right", "right", "right"],
        "Bob": ["wrong", "wrong", "wrong"],
        "Cy": ["unreadable", "blank", "right"],
        "Di": ["wrong", "convention", "right"],
    }
    assert students["Ann"]["points"] == 4
    assert students["Cy"]["open"] == 2
    bob = [[reading["ids"] for reading in answer["readings"]] for answer in students["Bob"]["answers"]]
    assert bob == [[["bias-forgotten"]], [["pad-once"]], [["bias-forgotten"]]]
    assert students["Di"]["answers"][0]["right"] == "(3·f·f + 1)·k"
    assert "it gives" in students["Di"]["answers"][0]["remark"]
    assert "k(3f^2 + 1) ✓" in call("check", "--audit", str(quiz)).out
    posed = call("quiz", str(quiz), "--solutions").out
    assert "(3·f·f + 1)·k" in posed
    assert "1,220" not in posed
    wrong = QUIZ.replace("k(3f^2 + 1)", "3f^2 k")
    quiz.write_text(wrong, encoding="utf-8")
    assert call("check", "--audit", str(quiz)).code == 1


def test_a_person_decides_how_a_formula_is_read(tmp_path: Path) -> None:
    quiz, sheet, decisions = tmp_path / "quiz.toml", tmp_path / "class.csv", tmp_path / "decisions.csv"
    quiz.write_text(QUIZ, encoding="utf-8")
    sheet.write_text(CLASS.replace("Cy,W", "Cy,K(3F2+1)"), encoding="utf-8")
    decisions.write_text("student,question,answer,reading\nCy,a,K(3F2+1),k(3f^2+1)\n", encoding="utf-8")
    out = call("check", str(quiz), str(sheet), "--decisions", str(decisions), "--format", "json").out
    (cy,) = [one for one in json.loads(out)["sheets"] if one["student"] == "Cy"]
    assert cy["answers"][0]["verdict"] == "right"
    assert cy["answers"][0]["answer"] == "K(3F2+1)"


@pytest.mark.parametrize("text", ["idk", "I don't know", "no idea", "?", "weiß nicht"])
def test_who_does_not_know_gives_no_answer(text: str) -> None:
    """Defeats a person who is asked what the letters of `idk` stand for, where nobody meant them."""
    assert question(SQUARE, "params").mark(text).kind == "blank"
    assert question("i x d x 3 -> conv 3x3 k", "params").mark("idk").kind == "wrong"


@pytest.mark.parametrize(
    "words",
    [
        (
            "explain",
            "n x n x m -> conv k x k p",
            "n x n x m -> dwconv k x k -> conv 1x1 p",
            "macs(A) / macs(B)",
        ),
        ("explain", "n x n x m -> conv k x k p -> conv k x k p", "params(conv2) / params(conv1)"),
        ("check", "n x n x m -> conv k x k p -> conv k x k p", "params(conv2) - params(conv1)=p"),
        ("check", "n x n x m -> conv k x k p", "n x n x m -> conv 1x1 p", "macs(A) / macs(B)=k^2"),
    ],
)
def test_calculations_in_letters_are_refused_in_words(words: tuple[str, ...]) -> None:
    """Defeats a list of all quantities for what is none, with numbers that nobody wrote."""
    found = call(*words)
    assert (found.code, found.out) == (2, "")
    assert "in letters one quantity of one chain is asked for" in found.err


def test_a_calculation_without_brackets_is_told_how() -> None:
    """As textbooks write a padding."""
    found = call("explain", "n x n x 3 -> conv f x f k pad=(f-1)/2", "output")
    assert "a calculation stands in brackets of its own, as in `pad=((f-1)/2)`" in found.err
    assert call("explain", "n x n x 3 -> conv f x f k pad=((f-1)/2)", "output").code == 0
