"""Chains in letters: their formulas are those of textbooks, and give what the rules give for numbers."""

from __future__ import annotations

import json

import pytest
from calling import call as run

from archcalc.algebra.evaluation import evaluate
from archcalc.analysis.explained import explained
from archcalc.analysis.explanation import Explanation
from archcalc.diagnostics import SpecError
from archcalc.letters.explanation import LetterExplanation
from archcalc.letters.readings import numbers_of
from archcalc.loading import LoadedNetwork
from archcalc.loading.letters import LetteredChain
from archcalc.report.screens.letters import format_letters

CONV = "m x n x 3 -> conv f x f k stride=s pad=p"
# Chains, a quantity, and its formulas as textbooks and exam keys have them.
PUBLISHED = [
    (CONV, "output", ["⌊(m − f + 2·p) / s⌋ + 1", "⌊(n − f + 2·p) / s⌋ + 1", "k"]),
    (CONV, "params", ["(3·f·f + 1)·k = 3·f²·k + k"]),
    (CONV, "rf", ["f"]),
    ("m x m x c -> n x (conv k x k c pad=half)", "rf", ["1 + n·(k − 1) = n·k − n + 1"]),
    ("m x m x c -> n x (conv k x k c pad=half)", "params", ["n·c·(c·k² + 1) = c²·n·k² + c·n"]),
    ("m x m x c -> n x (conv 3x3 c)", "rf", ["1 + 2·n = 2·n + 1"]),
    ("m x m x c -> n x (conv 3x3 c)", "size", ["m − 2·n"]),
    ("n -> fc k -> fc l", "params", ["(n + 1)·k + (k + 1)·l = n·k + k·l + k + l"]),
    ("m x m x c -> tconv k l stride=s pad=p", "size", ["(m − 1)·s − 2·p + k = m·s + k − s − 2·p"]),
    ("m x m x c -> conv k l pad=same stride=s", "size", ["⌈m / s⌉"]),
    ("m x m x c -> conv k x k c -> conv l x l c", "rf", ["k + l − 1"]),
    ("m x m x c -> conv k x k c stride=s -> conv l x l c", "rf", ["s·l + k − s"]),
    ("t x d -> lstm h", "params", ["4·h·d + 4·h·h + 4·h = 4·h·(d + h + 1)"]),
]
# Chains of many kinds: their formulas are compared with the rules on numbers.
CHAINS = [
    CONV,
    "m x n x c -> conv f k -> relu -> maxpool g stride=t -> conv 3x3 l pad=1 -> fc u",
    "m x m x c -> dwconv k x k -> conv 1x1 d",
    "m x m x c -> n x (conv k x k c pad=half)",
    "m x n x c -> L x (conv k x k c)",
    "m x m x c -> concat | conv 1x1 a | conv 3x3 b pad=1 | conv 5x5 d pad=2",
    "m x m x c -> conv k l groups=g",
    "m x n x c -> conv f k dilation=d stride=s",
    "m x n x c -> maxpool 2 round=ceil -> bn",
    "t x d -> attention heads=h",
    "n -> fc k bias=no -> relu -> fc l",
]
QUANTITIES = ("output", "params", "weights", "macs", "rf", "memory", "peak", "stride", "additions")


def texts(chain: str, quantity: str) -> list[str]:
    """The formulas of a quantity, as the screen writes them."""
    found = LetteredChain.find(chain)
    assert found is not None
    (derivation,) = LetterExplanation(found, None, quantity).derivations
    return [" = ".join(map(format_letters, formula.forms)) for formula in derivation.formulas]


@pytest.mark.parametrize(("chain", "quantity", "wanted"), PUBLISHED)
def test_formulas_are_those_of_textbooks(chain: str, quantity: str, wanted: list[str]) -> None:
    """Floors stay where letters may leave a rest, 1 and 0 are left out, sizes are put into one another."""
    assert texts(chain, quantity) == wanted


@pytest.mark.parametrize("chain", CHAINS)
def test_formulas_give_what_the_rules_give(chain: str) -> None:
    """On numbers on which no formula was made or tried. Defeats a formula of one branch of a rule that is
    taken for all, a floor dropped because it came out even once, and sizes whose letters got lost."""
    found = LetteredChain.find(chain)
    assert found is not None
    samples = found.accepted(LoadedNetwork, 12, seed=977)
    seen = 0
    for quantity in QUANTITIES:
        try:
            (derivation, *_) = LetterExplanation(found, None, quantity).derivations
        except SpecError:
            continue
        for values, network in samples:
            (target, *_) = explained(Explanation, network.graph, None, quantity).derivations
            numbers = numbers_of(target)
            for formula in derivation.formulas:
                names = [formula.of] if formula.of in numbers else list(numbers)
                for made in formula.forms:
                    got = {evaluate(made, values)}
                    assert got == {numbers[name] for name in names}, (quantity, values)
                    seen += 1
    assert seen > 60


def test_a_choice_by_size_has_no_formula() -> None:
    """The peak of two layers of letters is the larger of two sums: saying the one that is larger for some
    numbers would be wrong for others."""
    found = LetteredChain.find("n -> fc k -> fc l")
    assert found is not None
    (derivation,) = LetterExplanation(found, None, "peak").derivations
    assert not derivation.formulas
    assert derivation.notes == ["peak has no one formula in these letters: give numbers"]


def test_letters_are_found_in_any_writing() -> None:
    """`×`, joined sizes, subscripts, upper case; words of the language stay words."""
    names = {
        "m×n×C_in → conv f×f k1 stride=s": ["m", "n", "C_in", "f", "k1", "s"],
        "mxnx3 -> conv fxf K": ["m", "n", "f", "K"],
        "32x32xc -> a: relu -> add | identity | @a": ["c"],
        "8x8xc -> exp -> conv 3x3 c pad=half": ["c"],
    }
    for chain, wanted in names.items():
        found = LetteredChain.find(chain)
        assert found is not None, chain
        assert found.names == wanted, chain
    for chain in ("32x32x3 -> conv 3x3 8", "vgg16", "?x?x3 -> conv 3x3 8", "32x32x3 -> relu -> 3 x (relu)"):
        assert LetteredChain.find(chain) is None, chain


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["explain", "m x n x 3 -> conv f k pad=x"],
            "`x` is the sign between sizes, and no letter for a value",
        ),
        (["explain", "m x n x 3 -> conv f k stride=stride"], "`stride` is no parameter"),
        (
            ["explain", "m x m x c -> a x (b x (conv 3x3 c pad=1))"],
            "a and b both count turns: one letter can do that",
        ),
        (["explain", "m x m x c -> n x (conv 3x3 c -> maxpool 2)"], "`n` cannot be a number of turns here"),
        (["summary", "m x n x 3 -> conv 3x3 8"], "numbers are needed for m, n"),
        (["explain", CONV, "--input", "3x3x3"], "--input does not go with letters"),
        (["explain", CONV, "conv9", "params"], "has no layer `conv9`"),
    ],
)
def test_what_letters_cannot_do_is_one_message(words: list[str], message: str) -> None:
    """And no traceback, and nothing on standard output."""
    found = run(*words)
    assert found.code == 2
    assert not found.out
    assert message in found.err


def test_every_format_writes_formulas() -> None:
    """The JSON's numbers are those of the example that its `letters` states."""
    record = json.loads(run("explain", CONV, "params", "--format", "json").out)
    (formula,) = record["derivations"][0]["formulas"]
    assert formula["formula"] == "(3*f*f + 1)*k"
    assert formula["expanded"] == ["3*f**2*k + k"]
    letters = record["letters"]
    assert formula["value"] == (3 * letters["f"] ** 2 + 1) * letters["k"]
    assert "3 \\cdot f^{2} \\cdot k + k" in run("explain", CONV, "params", "--format", "latex").out
    assert "(3·f·f + 1)·k" in run("explain", CONV, "params", "--format", "markdown").out
    assert "conv1,params,,(3*f*f + 1)*k" in run("explain", CONV, "params", "--format", "csv").out
