"""Explanations: every number is the summary's, every formula comes to it, and says what it is."""

from __future__ import annotations

import json
import re
from math import ceil, floor, gcd
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from calling import call
from test_latex import check_latex, needs_tex, typeset

import archcalc
from archcalc.analysis.derivation import QUANTITIES
from archcalc.analysis.derive_counts import LayerDerivations
from archcalc.analysis.notation import FIELD, written
from archcalc.analysis.recursion import step_of
from archcalc.graph import Layer
from archcalc.language.library import Library
from archcalc.report.screens.explain import explain_lines
from archcalc.report.sheet import PAGE

ZOO = sorted(Library().zoo)


def plain_sum(found: Any) -> dict[str, int]:
    return {formula.of: formula.value for formula in found.formulas}


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_every_value_is_the_summary_s(name: str) -> None:
    """All layers of the zoo, all quantities; layers of the same facts have the same formulas.

    Defeats: a textbook form where it does not hold (groups, one-sided padding, dilation, ceil), a
    letter for another size, a recursion that misses a layer.
    """
    network = archcalc.load(name)
    summary = network.summary(with_heads=True)
    known: set[tuple[int, int]] = set()
    for row in summary.rows:
        layer, facts = row.layer, row.layer.facts
        work = LayerDerivations(summary, layer)
        record = row.to_dict()
        check_field(summary, layer)
        key = id(facts), len(layer.inputs)
        if key in known:
            continue
        known.add(key)
        found = {quantity: work.derive(quantity)[0] for quantity in QUANTITIES if quantity != "rf"}
        for quantity in ("output", "params", "macs", "operations"):
            assert found[quantity].value == record[quantity], (layer, quantity)
        assert found["memory"].value == record["output_bytes"]
        # The formulas come to it.
        if found["output"].formulas:
            check_output(found["output"], layer)
        for quantity, value in (
            ("params", facts.params),
            ("macs", facts.macs),
            ("memory", record["output_bytes"]),
        ):
            results = [formula.value for formula in found[quantity].formulas]
            assert results == ([value] if value else []) or results == [value], (layer, quantity)
        counts = plain_sum(found["operations"])
        assert counts == {n: v for n, v in (record["operations"] or {}).items() if v}, layer


def check_output(found: Any, layer: Layer) -> None:
    letters = {3: ["Ho", "Wo", "Co"], 2: ["Wo", "Co"], 1: ["Co"], 4: ["To", "Ho", "Wo", "Co"]}
    named = dict(zip(letters[len(layer.output)], layer.output, strict=True))
    for formula in found.formulas:
        for letter in formula.of.split(", "):
            assert named[letter] == formula.value, (layer, formula.made)


def check_field(summary: Any, layer: Layer) -> None:
    """The layer's step ends with the field that the summary has, and begins with that of the layer
    it is reached from; what the recursion does not give is marked, and happens nowhere else."""
    for source, extent in (summary.fields.of(layer) or {}).items():
        for axis, size in enumerate(extent.size):
            step = step_of(summary.fields, layer, source, axis)
            assert step is not None
            assert step.above in layer.inputs
            above = summary.fields.of(step.above)[source]
            assert (step.size, step.before[0]) == (size, above.size[axis])
            made = step.formula
            assert made is None or made.value == size
            if made is None and step.kernel is not None:
                # Only where paths meet, or behind an enlargement.
                strides = step.stride, step.before[1]
                assert step.branches > 1 or not extent.aligned or {*map(type, strides)} != {int}


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "inception_v3", "fcn8s", "vit_b_16"])
def test_ways_lead_from_the_input_to_the_layer(name: str) -> None:
    """Each step begins where the one before ends, and the last is the layer."""
    network = archcalc.load(name)
    for layer in network.graph.layers[:: max(1, len(network.graph.layers) // 12)]:
        (found,) = network.explain(layer.name, "rf").derivations
        assert found.value == network.receptive_field(layer.name).rows[0].rf_dict()
        for way in found.ways:
            before, above = 1, way.source
            for step in way.steps:
                assert (step.before[0], step.above) == (before, above)
                before, above = step.size, step.layer
            assert way.steps[-1].kernel is None or above is layer


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_sums_are_the_totals(name: str) -> None:
    """Of the whole zoo, side heads with them where there are any."""
    network = archcalc.load(name)
    heads = bool(network.graph.heads)
    totals = network.summary(with_heads=heads).totals
    found = {d.quantity: d for d in network.explain("total", with_heads=heads).derivations}
    for quantity, key in (
        ("params", "params"),
        ("macs", "macs"),
        ("memory", "activation_bytes"),
        ("peak", "peak_bytes"),
    ):
        assert found[quantity].value == totals[key]
        assert sum(term.value for term in found[quantity].terms) == totals[key]
        assert found[quantity].formulas[0].value == totals[key]
    assert found["operations"].value == totals["operations"]
    field, reported = network.receptive_field().totals["rf"], found["rf"].value
    if field is None:  # nothing before everything is seen
        assert reported["global"] or reported["size"] == []
    else:
        assert reported == field or list(reported.values()) == [field]


# What a user sees -------------------------------------------------------------------------------

# Questions of exams and worked examples, and the answer that stands on the screen.
QUESTIONS = {
    ("227x227x3 -> conv 11x11 96 stride=4", "output"): "= 55, so 55x55x96",
    ("227x227x3 -> local 11x11 96 stride=4", "params"): "= 105,705,600",
    ("11x11x4 -> conv 5x5 1 stride=2", "output"): "= 4, so 4x4x1",
    ("32x32x3 -> fc 10", "params"): "= 30,730",
    ("64x64x64x3 -> conv 4x4x4 16 stride=2", "output"): "= 31, so 31x31x31x16",
    ("28x28x192 -> conv 5x5 32 pad=2", "macs"): "= 120,422,400",
    ("32x32x3 -> conv 8x8 20 stride=2 pad=1", "params"): "= 3,860",
    ("2x2x3 -> tconv 3x3 2", "output"): "= 4, so 4x4x2",
    ("20x20x6 -> fc 800 bias=no", "params"): "= 1,920,000",
    ("4096 -> lstm 256", "params"): "= 4,457,472",
    ("14x14x16 -> dwconv 3x3 bias=no", "params"): "= 144",
    ("99x99x1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1", "rf"): "= 9",
    (
        "7x7x1 -> conv 3x3 1 stride=3",
        "output",
    ): "4 / 3 + 1 = 2.33: it does not fit; round=floor says 2, round=ceil 3",
    ("7x7x1 -> maxpool 2x2 stride=2 round=ceil", "output"): "⌈(7 − 2 + 2·0) / 2⌉ + 1",
    ("200x300x3 -> conv 3x3 100 stride=2 pad=same", "output"): "Wo = ⌈  W / S⌉",
    ("28x28x256 -> conv 3x3 64 pad=half", "output"): "pad=half: P = ⌊3/2⌋ = 1",
    ("32x32x3 -> conv 5x5 10", "output"): "⌊(32 − 5 + 2·0) / 1⌋ + 1",
}


@pytest.mark.parametrize(("chain", "quantity"), QUESTIONS)
def test_answers_questions(chain: str, quantity: str) -> None:
    """One call, and the answer is on the screen with its formula."""
    answer = call("explain", chain, quantity, "--width", "80")
    assert answer.code == 0, answer.err
    expected = re.sub(r"\s*\n {12}(?=\S)", " ", answer.out)
    assert QUESTIONS[chain, quantity] in expected.replace("  = ", " = "), answer.out


def test_a_total_of_a_chain() -> None:
    """170 parameters of an MLP: the word `total`, since a chain alone means its last layer."""
    assert "170" in call("explain", "10 -> fc 5 -> fc 10 -> fc 5", "total", "params").out
    assert "= 55" in call("explain", "10 -> fc 5 -> fc 10 -> fc 5", "params").out


def value_of_tree(node: dict[str, Any]) -> Any:
    """What the expression of the JSON comes to."""
    if "op" not in node:
        return node["value"] if "symbol" in node else node["number"]
    first, *rest = [value_of_tree(part) for part in node["args"]]
    for other in rest:
        first = {
            "+": lambda a, b: a + b,
            "-": lambda a, b: a - b,
            "*": lambda a, b: a * b,
            "//": lambda a, b: a // b,
            "/": lambda a, b: a // b,
            "ceil_div": lambda a, b: -(-a // b),
            "max": max,
            "min": min,
            "gcd": gcd,
        }[node["op"]](first, other)
    return first


CALLS = [
    "alexnet conv1",
    "vgg16",
    "vgg16 fc6",
    "lenet5 c3",
    "googlenet inception_3b.concat",
    "resnet50 conv3_1",
    "mobilenet_v2 conv1.bn",
    "vit_b_16 output",
    "fcn8s upscore8 rf",
    "resnet50 input",
]


@pytest.mark.parametrize("words", CALLS)
def test_json_holds_expression_trees(words: str) -> None:
    """Trees, formulas and numbers come to the value that stands beside them."""
    found = json.loads(call("explain", *words.split(), "--format", "json").out)
    for derivation in found["derivations"]:
        for formula in derivation["formulas"]:
            assert value_of_tree(formula["expression"]) == formula["value"]
            text = (
                formula["numbers"].replace(" / ", " // ")
                if "floor" not in formula["numbers"]
                else formula["numbers"]
            )
            names = {"floor": floor, "ceil": ceil, "gcd": gcd, "max": max, "min": min}
            if "." not in text:
                assert eval(text, {"__builtins__": {}}, names) == formula["value"]
            for name in re.findall(r"[A-Za-z_]\w*", "" if found.get("op") is None else formula["formula"]):
                assert name in found["symbols"] or name in names or name == "k"


@pytest.mark.parametrize("words", CALLS)
def test_every_format_and_width(words: str) -> None:
    """Within 80 columns, without a space at the end; in ASCII where that is all there is."""
    for encoding in ("utf-8", "ascii"):
        answer = call("explain", *words.split(), "--width", "80", encoding=encoding)
        assert answer.code == 0, answer.err
        for line in answer.out.splitlines():
            assert len(line) <= 80 or "=" in line, line  # a formula is never broken
            assert line == line.rstrip()
            assert line.isprintable()
    plain = call("explain", *words.split(), "--format", "plain").out.splitlines()
    assert len({line.count("\t") for line in plain}) == 1
    assert call("explain", *words.split(), "--format", "csv").code == 0
    markdown = call("explain", *words.split(), "--format", "markdown").out
    assert markdown.count("```") % 2 == 0


def test_symbols_stand_above_their_numbers() -> None:
    """Defeats a formula whose numbers have slid out from under their letters."""
    lines = call("explain", "alexnet", "conv1").out.splitlines()
    below_all = [at for at, line in enumerate(lines) if line.startswith(" " * 10 + "=")]
    pairs = [(lines[at - 1], lines[at]) for at in below_all]
    assert len(pairs) == 5
    for above, below in pairs:
        for letter in re.finditer(r"\b[A-Z][a-z]?\b(?= [·−+/)]| */|\))", above[12:]):
            end = 12 + letter.end()
            assert below[end - 1].isdigit(), (above, below)
            assert not below[end : end + 1].isdigit()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["vgg16", "conv1_3"], "did you mean `conv5_3`?"),
        (["vgg16", "conv1_1", "parms"], "did you mean `params`?"),
        (["vgg16", "parms"], "did you mean the quantity `params`?"),
        (["vgg16", "conv1_1", "zzz"], "there are output, size, params, weights, biases"),
        (["vgg16", "conv1_1", "params", "more"], "one word too many"),
    ],
)
def test_errors(words: list[str], expected: str) -> None:
    answer = call("explain", *words)
    assert (answer.code, answer.out) == (2, "")
    assert expected in answer.err


def test_a_quantity_without_a_rule_says_so() -> None:
    """Defeats 0 for what nobody knows."""
    chain = "38x50x512 -> roi_pool 7x7 proposals=300"
    answer = call("explain", chain, "macs")
    assert "no rule for macs of `roi_pool`" in answer.out
    assert answer.out.splitlines()[2].split() == ["macs", "?"]
    total = call("explain", chain, "total", "macs").out
    assert "at least: no rule for macs of `roi_pool1`" in total


def test_python() -> None:
    network = archcalc.load("alexnet")
    (found,) = network.explain("conv1", "params").to_dict()["derivations"]
    assert (found["value"], found["formulas"][0]["formula"]) == (34944, "(F*F*C + 1)*K")
    batched = network.explain("conv1", "macs", batch=8).derivations[0]
    assert batched.value == batched.formulas[0].value == 8 * 105_415_200
    with pytest.raises(archcalc.SpecError, match="no quantity"):
        network.explain("conv1", "wight")
    with pytest.raises(ValueError, match="batch"):
        network.explain("conv1", batch=0)


@pytest.mark.parametrize("words", CALLS)
def test_latex_structure(words: str) -> None:
    check_latex(call("explain", *words.split(), "--format", "latex").out)


@needs_tex
def test_latex_is_set(tmp_path: Path) -> None:
    """Defeats a sign outside of mathematics, a brace too many, a package that is not named."""
    parts = [call("explain", *words.split(), "--format", "latex").out for words in CALLS]
    typeset(parts, tmp_path)


def test_axes_that_differ_are_told_apart() -> None:
    """Defeats the width's window for the height's, in formulas, notes and tables."""
    chain = "20x30x3 -> conv 3x5 8 pad=1x2x0x1 stride=2x1 dilation=2"
    answer = call("explain", chain, "rf").out
    assert "rh = r + (F − 1) · D · j" in answer
    assert "height: neighbours are 2 apart, unit 0's window starts at -1" in answer
    assert "width: neighbours are 1 apart, unit 0's window starts at 0" in answer
    volume = call("explain", "16x112x112x3 -> conv 3x3x3 64 -> maxpool 1x2x2", "rf").out
    assert "rh, rw = " in volume
    assert "layer (height, width)" in volume


def test_a_vector_has_no_positions() -> None:
    """Defeats a field of 1 for what has none."""
    answer = call("explain", "10 -> fc 5", "rf").out
    assert "all of it" in answer
    assert "an input that is a vector has no positions" in answer
    assert "words no positions" in call("explain", "neuraltalk_caption", "rf").out


def test_a_letter_alone_is_said_once() -> None:
    """Defeats `= 1,000 = 1,000, so 1000`."""
    lines = call("explain", "vgg16", "fc8", "output").out.splitlines()
    assert [line.split() for line in lines[2:4]][1] == ["=", "1000"]
    linear = call("explain", "196x768 -> linear 3072", "output").out
    assert "= 3,072, so 196x3072" in linear


def test_equal_terms_stand_together() -> None:
    """`5 x 2,359,808` is one row, and the rows still come to the total; of a peak each tensor is
    named. Defeats a list of equal rows that hides the rest of the network."""
    answer = call("explain", "vgg16", "params").out
    (row,) = [line.split() for line in answer.splitlines() if line.startswith("conv4_2, …")]
    assert row[-5:] == ["5", "x", "2,359,808", "11,799,040", "8.5%"]
    assert "others" not in answer
    values = [line.split()[-2] for line in answer.splitlines() if line.endswith("%")]
    assert sum([int(value.replace(",", "")) for value in values]) == 138_357_544
    peak = call("explain", "vgg16", "memory").out.partition("peak")[2]
    assert [line.split()[0] for line in peak.splitlines() if line.endswith("%")] == ["conv1_1", "conv1_2"]
    # Equal values of different layers: what they are is told of the first, and that there are more.
    assert re.search(
        r"conv2_1.conv2, … +conv 3x3 64, … +16 x 115,605,504 +1,849,688,064",
        call("explain", "resnet50", "macs").out,
    )


def test_side_heads_are_in_the_totals_if_asked_for() -> None:
    """GoogLeNet: 6,998,552 main, 13,378,280 with heads. Defeats heads left out silently."""
    main = call("explain", "googlenet", "params").out
    both = call("explain", "googlenet", "params", "--with-heads").out
    assert main.splitlines()[2].split() == ["params", "6,998,552"]
    assert "what only the side heads need (aux1, aux2) is left out" in main
    assert both.splitlines()[2].split() == ["params", "13,378,280"]
    assert "left out" not in both
    network = archcalc.load("inception_v3")
    totals = network.summary(with_heads=True).totals
    found = {d.quantity: d.value for d in network.explain(with_heads=True).derivations}
    assert (found["params"], found["macs"]) == (totals["params"], totals["macs"])
    assert (found["memory"], found["peak"]) == (totals["activation_bytes"], totals["peak_bytes"])


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("resnet18 conv3_1.add rf", "conv3_1.conv2"),
        ("resnet18 rf", "conv5_2.conv2"),
        ("googlenet inception_3a.concat rf", "inception_3a.conv5"),
        ("vgg16 conv1_2.relu rf", "conv1_2"),
    ],
)
def test_a_layer_that_keeps_the_field_says_whose_it_is(words: str, made: str) -> None:
    """Defeats `435 + (1 − 1) · 32 = 435` for the field of a whole network. A 1x1 convolution shows
    that it adds nothing: its window is a question of its own."""
    answer = call("explain", *words.split())
    assert f"that of `{made}`; what follows keeps it" in answer.out
    assert "(1 − 1)" not in answer.out.partition("layer ")[0]
    pointwise = call("explain", "28x28x192 -> conv 1x1 16", "rf").out
    assert "= 1 + (1 − 1) · 1  = 1" in pointwise


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        # The neurons of a volume, and what a fully connected layer behind it reads.
        (["alexnet", "conv1", "output"], "55·55·96 = 290,400 values"),
        (["400x400x3 -> relu", "output"], "400·400·3 = 480,000 values"),
        (["mlp_400", "input", "output"], "400·400·3 = 480,000 values"),
        # As Keras counts.
        (["resnet50_keras", "params"], "as Keras counts, 25,636,712"),
        (["8x8x4 -> bn", "params"], "8 more are stored but not learned; with them, as Keras counts, 16"),
        # As Goodfellow's book counts: n - 1 additions for n products. A bias is the nth.
        (["320x280x1 -> conv 2x1 1 bias=no", "macs"], "counted so, 267,960"),
        # Two layers that follow each other, and the parameters.
        (
            [
                "200x300x3 -> conv 3x3 100 stride=2 pad=same -> conv 3x3 200 stride=2 pad=same -> conv "
                "3x3 400 stride=2 pad=same",
                "total",
                "memory",
            ],
            "with the 3,613,600 bytes of the parameters 12,613,600",
        ),
        # What rounding up does not do, and what no window reads.
        (
            ["resnet50", "conv3_1.shortcut", "output"],
            "windows 1 wide are 2 apart: what is between is never read 55 / 2 + 1 = 28.50: it does "
            "not fit; round=floor says 28, round=ceil 28 (one more would begin outside), round=exact",
        ),
        (["9x9x1 -> conv 1x1 1 stride=2", "output"], "8 / 2 = 4: fits exactly 5·5·1"),
        (["20x20x16 -> adaptive_avgpool 7x7", "output"], "= 7, so 7x7x16"),
    ],
)
def test_conventions_are_shown(words: list[str], expected: str) -> None:
    """What another tool, book or lecturer would answer stands beside the answer."""
    assert expected in " ".join(call("explain", *words).out.split())


def test_a_bias_is_the_last_addition_of_a_sum() -> None:
    """With one, n products take n additions: twice the MACs, and no other convention."""
    assert "n − 1" not in call("explain", "32x32x3 -> conv 5x5 10", "macs").out


def test_the_legend_is_of_what_is_shown() -> None:
    """Defeats letters explained that stand nowhere on the screen."""
    assert call("explain", "32x32x3 -> gap", "output").out.splitlines()[-1] == "C channels in"
    screen = call("explain", "32x32x3 -> lrn 5").out
    assert "n size" not in screen
    symbols = json.loads(call("explain", "32x32x3 -> lrn 5", "--format", "json").out)["symbols"]
    assert symbols["n"] == "size"


@pytest.mark.parametrize("name", ["densenet264", "inception_resnet_v2", "nasnet_large"])
def test_a_deep_layer_is_explained_in_a_moment(name: str) -> None:
    """Loaded, explained and laid out in 0.3 s of this process, at the end of the longest ways.
    Defeats work on each layer of a way that is done again for each other, or for what is hidden."""
    last = archcalc.load(name).graph.layers[-2].name
    taken = []
    for _ in range(3):
        begun = process_time()
        list(explain_lines(archcalc.load(name).explain(last), PAGE.of(80)))
        taken.append(process_time() - begun)
    assert min(taken) < 0.3


@pytest.mark.parametrize(
    ("chain", "shown"),
    [
        ("8x8x1 -> upsample 2 -> conv 3x3 1", "= 1 + (3 − 1) · 1/2  = 2"),
        ("4x4x4x2 -> tconv 2 4 stride=2 -> conv 3 4 pad=1", "= 1 + (3 − 1) · 1/2  = 2"),
        ("24x16 -> pixel_shuffle 2 -> conv 3 2", "= 1 + (3 − 1) · 1/2  = 2"),
        ("9x9x1 -> upsample 3 -> conv 4x4 1", "= 1 + (4 − 1) · 1/3  = 2"),
        ("9x9x1 -> conv 3x3 1 stride=3 -> upsample 2 -> conv 3x3 1", "= 3 + (3 − 1) · 3/2  = 6"),
    ],
)
def test_a_field_that_grows_by_a_fraction(chain: str, shown: str) -> None:
    """Defeats: a result that is written as an int, while the strides behind an enlargement are
    fractions."""
    assert shown in call("explain", chain, "rf").out
    assert call("explain", chain).code == 0
    for form in ("markdown", "latex", "plain", "csv", "json"):
        found = call("explain", chain, "rf", "--format", form)
        assert (found.code, found.err) == (0, "")
    assert shown.split()[-1] in call("explain", chain, "rf", "--format", "markdown").out
    checked = call("check", chain, "rf=99", "--solution")
    assert checked.code == 1
    assert shown in checked.out
    assert call("check", f"{chain} -> fc 2", "rf=99", "--solution").code == 1


@pytest.mark.parametrize(
    ("target", "label", "arrives", "goes"),
    [
        ("densenet121", "dense1_6", [56, 56, 224], [56, 56, 256]),
        ("googlenet", "inception_3a", [28, 28, 192], [28, 28, 256]),
        ("resnet18", "conv3_1", [56, 56, 64], [28, 28, 128]),
    ],
)
def test_a_block_shows_what_arrives_at_it(target, label, arrives, goes):
    """Defeats: what a block puts out as the one volume in sight, where it is asked what arrives."""
    expected = call("explain", target, label, "output").out.splitlines()[0]
    assert expected.endswith(f"{'x'.join(map(str, arrives))} -> {'x'.join(map(str, goes))}")
    found = json.loads(call("explain", target, label, "output", "--format", "json").out)
    assert (found["inputs"], found["output"]) == ([arrives], goes)


def test_terms_of_a_sum_stand_together_by_kind_of_layer():
    """Twelve attentions and twelve linear layers that count alike. Defeats: rows by value alone,
    which call a linear layer an attention."""
    expected = call("explain", "vit_b_16", "total", "params").out
    assert "attention 12     12 x 2,362,368  28,348,416" in expected
    assert "linear 3072      12 x 2,362,368  28,348,416" in expected
    assert "24 x 2,362,368" not in expected
    memory = call("explain", "vgg16", "total", "memory").out
    assert not re.search(r"^pool\S+ .*maxpool.*4 x", memory, re.MULTILINE)  # no convolution


@pytest.mark.parametrize("layer", ["parameter1", "linear1", "total", None])
def test_the_field_of_what_sees_nothing(layer: str | None) -> None:
    """A parameter depends on nothing, and what is behind it sees nothing of the input. Defeats
    following the recursion from there up to the input, which it does not lead to."""
    chain = "16x16x3 -> parameter 10x64 -> linear 3"
    expected = call("explain", chain, *([layer] if layer else []), "rf")
    assert expected.code == 0, expected.err
    assert "sees nothing of the input" in expected.out
    assert "vector" not in expected.out
    joined = call("explain", "16x16x3 -> (add | conv 3x3 4 pad=1 | parameter 16x16x4)", "rf")
    assert "1 + (3 − 1) · 1  = 3" in joined.out


LONG_FORMULAS = (
    ("20x64 -> attention 4 causal=yes kv=2", "params"),
    ("20x64 -> attention 4 key=8 value=16", "operations"),
    ("20x64 -> lstm 32 bidirectional=yes proj=16 biases=two", "macs"),
    ("28x28x1 -> conv 3x3 8 stride=2 pad=1", None),
    ("lenet5", "operations"),
)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize(("name", "quantity"), LONG_FORMULAS)
def test_a_long_formula_is_broken_between_its_terms(name: str, quantity: str | None, width: int) -> None:
    """Defeats formulas written on one line however long, and a break that loses a piece: put
    together again, without spaces, they are what a wide screen has."""
    explanation = archcalc.load(name).explain(None, quantity)
    lines = ["".join(text for text, _ in line) for line in explain_lines(explanation, PAGE.of(width))]
    assert max(map(len, lines)) <= width
    reported = "".join("".join(lines).split())
    for derivation in explanation.derivations:
        if derivation.terms or (derivation.quantity == "operations" and quantity is None):
            continue
        for formula in derivation.formulas:
            of = f"{formula.of}=" if derivation.quantity == "operations" else ""
            for numbers in (False, True):
                whole = "".join(written(formula.made, numbers, FIELD).split())
                assert (of if not numbers else "=" if of else "") + whole in reported, whole


@pytest.mark.parametrize("width", [60, 80])
def test_long_names_are_cut(tmp_path: Path, width: int) -> None:
    """Tables of terms and of windows keep their figures. Defeats a name kept whole beside them."""
    path = tmp_path / "long.arch"
    name = "_".join(["a_layer_with_a_long_name"] * 3)
    path.write_text(
        f"net long\n  input 28x28x1\n  {name}: conv 3x3 8\n  b{name}: conv 3x3 8\n", encoding="utf-8"
    )
    for quantity, figure in (("params", "584"), ("macs", "331,776"), ("rf", "3 + (3 − 1) · 1")):
        lines = call("explain", str(path), quantity, "--width", str(width)).out.splitlines()
        assert max(map(len, lines)) <= width, quantity
        assert any(figure in line and "…" in line for line in lines), quantity
