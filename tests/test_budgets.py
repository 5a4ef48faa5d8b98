"""`archcalc check TARGET --where CONDITION`: what holds, what does not, and what cannot be decided."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from calling import call
from lanes import slow_but

import archcalc
from archcalc.diagnostics import SpecError
from archcalc.language.bounds import Bounds, all_hold, both, either, negated
from archcalc.quantities import COMPARED, measured
from archcalc.solving.budgets import Budgets

# Behind an op without rules: nothing is known of its operations and of what is seen through it.
OPAQUE = '8x8x3 -> conv 3x3 4 -> opaque "aten.foo" 8x8x4 -> conv 3x3 4'


def checked(target: str, *conditions: str, code: int | None = None) -> dict[str, Any]:
    """The record of a check."""
    words = [word for text in conditions for word in ("--where", text)]
    answer = call("check", target, *words, "--format", "json")
    assert answer.code in (0, 1), answer.err
    if code is not None:
        assert answer.code == code
    return dict(json.loads(answer.out))


def holds(target: str, condition: str) -> bool | None:
    record = checked(target, condition)
    assert call("check", target, "--where", condition).code == (0 if record["holds"] else 1)
    return record["holds"]  # type: ignore[no-any-return]


# What holds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("macs < 4.2G and params < 26M and rf >= 300", True),
        ("macs < 4G", False),
        ("params <= 25_557_032", True),
        ("params < 25_557_032", False),
        ("25M < params <= 26M", True),
        ("peak <= 9.1875MiB", True),
        ("peak < 9_633_792", False),
        ("not macs > 5G", True),
        ("macs < 1G or depth = 50", True),
        ("flops = 2 * macs", True),
        ("conv1.params = 9408 and conv3.params > 1M", True),
        ("total.params = params", True),
        ("conv2_1.conv2.rf = 19", True),
        ("mult_adds < 4.2G", True),
    ],
)
def test_what_holds(condition: str, expected: bool) -> None:
    assert holds("resnet50", condition) is expected


def test_it_says_which_and_by_how_much() -> None:
    """Defeats an exit code without a reason."""
    record = checked("resnet50", "macs < 4G and rf >= 300", "params < 26M", code=1)
    first, second = record["conditions"]
    assert (record["holds"], first["holds"], second["holds"]) == (False, False, True)
    macs, rf = first["comparisons"]
    assert (macs["text"], macs["holds"], macs["value"], macs["limit"]) == (
        "macs < 4G",
        False,
        4089184256,
        4 * 10**9,
    )
    assert macs["difference"] == 89_184_256
    assert (rf["holds"], rf["value"], rf["difference"]) == (True, 427, 127)
    text = call("check", "resnet50", "--where", "macs < 4G and rf >= 300").out
    rows = [line.split() for line in text.splitlines()]
    assert ["✗", "macs", "<", "4G", "4,089,184,256", "4,000,000,000", "+89,184,256"] in rows
    assert ["✓", "rf", ">=", "300", "427", "300", "+127"] in rows
    assert "✗ does not hold: macs < 4G and rf >= 300" in text


def test_bytes_are_written_as_bytes() -> None:
    """Defeats a limit in a unit that nobody has written."""
    text = call("check", "resnet50", "--where", "peak < 24MiB").out
    assert "✓ peak < 24MiB  9.2 MiB  24.0 MiB   −14.8 MiB" in text
    record = checked("resnet50", "peak + param_bytes < 1GiB", "peak * 2 < 1GiB")
    one, two = [budget["comparisons"][0] for budget in record["conditions"]]
    assert (one["bytes"], two["bytes"]) == (True, False)


def test_a_place_is_a_layer_or_a_block() -> None:
    """A block is the sum of its layers, a layer itself alone. Defeats the last layer for the block, and the
    activation behind a layer for the layer."""
    layers = {
        layer["name"]: layer
        for layer in json.loads(call("summary", "vgg16", "--format", "json").out)["layers"]
    }
    assert holds("vgg16", f"conv1_1.params = {layers['conv1_1']['params']}") is True
    rows = json.loads(call("summary", "googlenet", "--format", "json").out)["layers"]
    inside = [row for row in rows if row["name"].startswith("inception_3a.")]
    for quantity in ("params", "macs", "activation_bytes"):
        assert holds("googlenet", f"inception_3a.{quantity} = {sum(row[quantity] for row in inside)}") is True


def test_a_place_may_be_a_part_of_a_name() -> None:
    """As modules of a network that was imported are, of which there are no labels. Defeats a sum of the
    layers whose names only begin alike."""
    names = ["body.0", "body.1", "bodywork"]
    graph = archcalc.load("8x8x3 -> conv 3x3 4 -> conv 3x3 5 -> conv 3x3 6").graph
    for layer, name in zip(graph.layers, names, strict=True):
        layer.name = name
    graph.labels.clear()
    graph._named = None
    summary = archcalc.Network(graph).summary()
    budgets = Budgets(summary, [f"body.params = {3 * 36 + 4 + 36 * 5 + 5}", "body.rf = 5"])
    assert [budget.holds for budget in budgets.conditions] == [True, True]


def test_it_knows_the_quantities_of_every_command() -> None:
    """One vocabulary. Defeats a table of its own, and figures of another kind than `list --where`."""
    summary = archcalc.load("alexnet").summary()
    for name in COMPARED:
        value = measured(name, summary)
        assert value is not None, name
        text = f"{name} = {value}" if value >= 0 else f"{name} = -{-value}"
        assert Budgets(summary, [text]).holds is True, name


def test_the_batch_counts() -> None:
    answer = call("check", "lenet5", "--where", "macs = 3_256_800", "--batch", "10")
    assert answer.code == 0


# What is not known -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("macs < 1G", None),  # the known part is below: the rest may be anything
        ("macs < 1K", False),  # the known part is above already
        ("macs > 1K", True),
        ("macs >= 1G", None),
        ("macs = 9072", None),
        ("macs != 1", True),
        ("flops < 3K", False),
        ("macs < 1G or params = 260", True),
        ("macs < 1G and params = 261", False),
        ("not macs < 1G", None),
        ("not macs < 1K", True),
        ("macs / params > 30", True),
        ("macs - params < 1G", None),
        ("2 * macs > 18K", True),
        ("conv1.macs < 1M", True),
        ("opaque1.macs = 0", None),
        ("rf < 1000", None),
        ("rf >= 1", None),
        ("conv1.rf = 3", True),
        ("conv2.rf > 0", None),
    ],
)
def test_what_is_not_counted_is_never_nothing(condition: str, expected: bool | None) -> None:
    """By hand: conv1 has 6·6·108 MACs and conv2 6·6·144. Defeats zero for what has no rule, a budget that
    holds of the part that is known, and a contradiction that is not seen for the part that is not."""
    assert 6 * 6 * (27 * 4 + 36 * 4) == 9072
    assert holds(OPAQUE, condition) is expected


def test_it_says_why_it_cannot_be_decided() -> None:
    record = checked(OPAQUE, "macs < 1G", code=1)
    (comparison,) = record["conditions"][0]["comparisons"]
    assert (comparison["value"], comparison["at_least"]) == (9072, True)
    assert comparison["reason"] == "no rule for the operations of opaque1"
    text = call("check", OPAQUE, "--where", "macs < 1G").out
    assert "? macs < 1G  ≥ 9,072" in text
    assert "? cannot be decided: macs < 1G" in text
    assert "not known  no rule for the operations of opaque1" in text
    assert record["uncounted"]


def test_a_network_without_any_window() -> None:
    """Defeats `rf < 10` of a network that sees everything."""
    record = checked("100 -> fc 10", "rf < 10", code=1)
    assert record["holds"] is None
    assert "every layer sees everything" in record["conditions"][0]["comparisons"][0]["reason"]


def test_unknown_parameters_make_memory_unknown(mystery: str) -> None:
    """Defeats a sum of bytes that leaves out what it does not know."""
    target = f"8x8x3 -> conv 3x3 4 -> {mystery}"
    for quantity in ("params", "inference", "param_bytes"):
        assert holds(target, f"{quantity} < 1G") is None
    assert holds(target, "params < 100") is False


def _value(number: Fraction, sign: str, other: Fraction) -> Fraction | None:
    if sign == "/":
        return number / other if other else None
    return {"+": number + other, "-": number - other, "*": number * other}[sign]


@pytest.mark.parametrize("seed", slow_but(range(12), 3))
def test_bounds_hold_of_every_number_inside(seed: int) -> None:
    """Brute force: numbers inside of two bounds, combined and compared, agree with what was decided. Defeats
    ends that change places, and a decision that some number inside of them contradicts."""
    draw = random.Random(seed)
    for _ in range(200):
        sides: list[tuple[Bounds, list[Fraction]]] = []
        for _ in range(2):
            low = draw.choice([None, draw.randint(-4, 6)])
            high = draw.choice([None, (low or 0) + draw.choice([0, 0, 1, 5])])
            inside = range(-9 if low is None else low, (14 if high is None else high) + 1)
            sides.append((Bounds(low, high), [Fraction(number) for number in inside]))
        (one, mine), (other, its) = sides
        for sign in "+-*/":
            found = one.combined(sign, other)
            for a, b in product(mine, its):
                value = _value(a, sign, b)
                if value is None:
                    assert found == Bounds()
                    continue
                assert found.low is None or found.low <= value
                assert found.high is None or value <= found.high
        for sign in ("<", "<=", "=", "!=", ">=", ">"):
            truth = one.compared(sign, other)
            seen = {Bounds.exactly(a).compared(sign, Bounds.exactly(b)) for a, b in product(mine, its)}
            assert truth is None or seen == {truth}
            if one.exact is not None and other.exact is not None:
                assert truth is not None


def test_what_is_undecided_is_joined() -> None:
    """The tables of three values. Defeats `and` that is wrong as soon as something is not known."""
    assert [both(a, b) for a, b in product((True, None, False), repeat=2)] == [
        *(True, None, False),
        *(None, None, False),
        *(False, False, False),
    ]
    assert [either(a, b) for a, b in product((True, None, False), repeat=2)] == [
        *(True, True, True),
        *(True, None, None),
        *(True, None, False),
    ]
    assert [negated(a) for a in (True, None, False)] == [False, None, True]
    assert all_hold([]) is True
    assert all_hold([None, False]) is False


# Messages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--where", "pramas < 3"], "did you mean `params`?"),
        (["--where", "conv1_1.pramas < 3"], "did you mean `params`?"),
        (["--where", "conv9.params < 3"], "vgg16 has no layer `conv9`"),
        (["--where", "conv1_1.depth < 3"], "depth is of a whole network"),
        (["--where", "params"], "`params` is a number, and no condition"),
        (["--where", "params < 3 &"], "conditions are joined by `and`"),
        (["--where", ""], "expected a quantity or a number"),
        (
            ["params=3", "--where", "params < 3"],
            "--where is about a network, and `params=3` is no part of that",
        ),
        (["--where", "params < 3", "--hint"], "--where and --hint do not go together"),
        (["--where", "params < 3", "--convention", "bias=no"], "--where and --convention do not go together"),
        (["--where", "params < 3", "--format", "gradescope"], "--where does not go with --format gradescope"),
    ],
)
def test_what_does_not_go(words: list[str], message: str) -> None:
    """One message, exit code 2 and no part of an answer: 1 says that a budget is exceeded."""
    answer = call("check", "vgg16", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_the_message_points_at_the_place() -> None:
    with pytest.raises(SpecError) as error:
        Budgets(archcalc.load("lenet5").summary(), ["macs < 1G and conv9.params < 3"])
    span = error.value.diagnostics[0].span
    assert span is not None
    assert span.text == "conv9.params"


def test_a_size_that_is_not_given() -> None:
    """Defeats a budget of an input that was made up."""
    assert call("check", "?x?x3 -> conv 3x3 4 pad=1", "--where", "params < 1K").code == 0
    answer = call("check", "?x?x3 -> conv 3x3 4 pad=1", "--where", "macs < 1K")
    assert (answer.code, "depends on the size of the input" in answer.err) == (2, True)


def test_other_conditions_know_no_places(zoo_kept: None) -> None:
    """`list --where` is about many networks."""
    answer = call("list", "--where", "conv1.params < 3")
    assert answer.code == 2
    assert "no quantity is called `conv1.params`" in answer.err


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_every_width(width: int, encoding: str) -> None:
    """Defeats a narrow screen without the condition, the value or the verdict."""
    words = ["--where", "macs < 4G and params < 26M", "--where", "peak < 24MiB"]
    answer = call("check", "resnet50", *words, "--width", str(width), encoding=encoding)
    assert answer.code == 1
    for text in ("macs < 4G", "4,089,184,256", "does not hold"):
        assert text in answer.out
    assert encoding != "ascii" or answer.out.isascii()
    assert max(map(len, answer.out.splitlines())) <= width
