"""One table of quantities: every command knows the same names, and gives the same value."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc import quantities
from archcalc.analysis.scope import Row
from archcalc.answers.conventions import Conventions
from archcalc.answers.question import Question, Subject

pytestmark = pytest.mark.usefixtures("zoo_kept")

DQN = "84x84x4 -> conv 8x8 16 stride=4"
CHAIN = "28x28x1 -> conv 3x3 8 -> fc 10 -> softmax"
KERAS = (
    "28x28x1 -> conv 3x3 32 -> maxpool 2x2 -> conv 3x3 64 -> maxpool 2x2 -> conv 3x3 64 -> "
    "flatten -> fc 64 -> fc 10 -> softmax"
)


def verdicts(*words: str) -> dict[str, Any]:
    """The verdicts of `check` by what was asked."""
    found = json.loads(call("check", *words, "--format", "json").out)
    return {one["question"]: one for one in found["answers"]}


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("connections", "1644800"),
        ("weights", "4096"),
        ("biases", "16"),
        ("trainable", "4112"),
        ("buffers", "0"),
        ("units", "6400"),
        ("neurons", "6400"),
        ("multiplications", "1638400"),
        ("additions", "1638400"),
        ("mul_add", "1638400"),
        ("add", "6400"),
        ("outputs", "6400"),
        ("backward_macs", "1638400"),
        ("step_macs", "3276800"),
        ("param_bytes", "16448"),
        ("memory", "25600"),
        ("output_bytes", "25600"),
        ("activation_bytes", "25600"),
        ("saved", "112896"),
        ("peak", "138496"),
        ("peak_bytes", "138496"),
        ("inference", "154944"),
        ("size", "20x20"),
        ("rf", "8"),
        ("stride", "4"),
        ("start", "0"),
        ("depth", "1"),
        ("operations", "3276800"),
        ("pad", "0"),
    ],
)
def test_every_quantity_can_be_checked(asked: str, value: str) -> None:
    """Defeats a list of quantities of the examiner's own. The layer: 8·8·4·16 weights at 20x20
    positions; its input takes no gradient, so the backward pass has those of the weights alone."""
    assert call("check", DQN, f"{asked}={value}").code == 0
    wrong = "9x7" if asked == "size" else "7"
    assert call("check", DQN, f"{asked}={wrong}").code == 1


@pytest.mark.parametrize("target", ["alexnet", "lenet5", "resnet18", "vit_b_16", CHAIN, KERAS])
def test_sums_are_the_layers_and_the_json(target: str) -> None:
    """Defeats a quantity that is worked out once for layers and otherwise for a network."""
    summary = archcalc.load(target).summary(batch=3, dtype="fp16")
    for quantity in quantities.TABLE:
        if quantity.summed:
            assert quantity.layer is not None
            parts = [quantity.layer(Row(layer, summary)) for layer in summary.layers]
            inputs = 0
            if quantity.name == "activation_bytes":
                inputs = sum([summary.bytes_of(at.output) for at in summary.graph.inputs])
            assert sum(parts) + inputs == quantity.of(summary), quantity.name
        if quantity.key:
            assert summary.totals[quantity.key] == quantity.of(summary)
            if quantity.layer is not None:
                found = [row[quantity.key] for row in summary.to_dict()["layers"]]
                assert found == [quantity.layer(row) for row in summary.rows]


def test_names_mean_one_thing() -> None:
    """Defeats a synonym that two quantities have, of which the later would win."""
    words = [word for q in quantities.TABLE for word in (q.name, *q.called)]
    assert sorted(words) == sorted(set(words))
    assert all(quantities.called(word.upper().replace("_", "-")) for word in words)


def test_a_chain_is_asked_about_as_a_whole() -> None:
    """Defeats the last layer taken for the chain: softmax has no parameters."""
    assert call("check", KERAS, "params=93322").code == 0
    assert call("check", CHAIN, "params=54170").code == 0
    assert call("check", "10 -> fc 5 -> fc 10 -> fc 5", "params=170").code == 0
    one = verdicts("32x32x3 -> conv 5x5 10 pad=2 -> maxpool 2x2", "params=760", "macs=768000")
    assert [found["verdict"] for found in one.values()] == ["right", "right"]
    assert {found["layer"] for found in one.values()} == {"conv1"}, "the one that has any"
    none = verdicts("55x55x96 -> maxpool 3x3 stride=2 -> relu", "params=0")
    assert [found["verdict"] for found in none.values()] == ["right"]


def test_neurons_of_a_chain_are_all_of_them() -> None:
    """26*26*8 + 10, as of a network. Defeats the last layer's ten, as if it were no sum; of a chain
    with one layer that has parameters the output is meant, as before."""
    chain = "28x28x1 -> conv 3x3 8 -> relu -> fc 10"
    asked = verdicts(chain, "neurons=5418")["total.neurons"]
    assert (asked["verdict"], asked["kind"]) == ("right", None)
    last = verdicts(chain, "neurons=10")["total.neurons"]
    assert last["verdict"] == "convention"
    shown = call("explain", chain, "neurons").out
    assert "5,418" in shown
    assert "`fc1`: 10\n" in shown  # and not `10 = 10`
    pooled = verdicts("28x28x1 -> conv 3x3 8 -> maxpool 2", "neurons=1352")
    assert pooled["maxpool1.neurons"]["verdict"] == "right"


def test_of_a_chain_the_last_layer_s_is_named() -> None:
    """Both readings of a question that names no layer, and which of them it was."""
    (found,) = verdicts("10 -> fc 5 -> fc 10 -> fc 5", "params=55").values()
    assert found["verdict"] == "convention"
    assert "last layer alone, fc3" in found["convention"]
    assert found["right"] == 170
    assert verdicts("10 -> fc 5 -> fc 10", "fc1.params=115")["fc1.params"]["verdict"] == "wrong"


def test_fields_behind_an_enlargement() -> None:
    """Defeats strides taken for whole numbers."""
    found = verdicts("8x8x3 -> upsample 2 -> conv 3x3 4 pad=1", "stride=1/2", "start=-1", "rf=2")
    assert [one["verdict"] for one in found.values()] == ["right"] * 3
    subject = Subject(archcalc.load("8x8x3 -> upsample 2").graph)
    asked = Question.read(subject, "stride", Conventions())
    assert asked.plain == Fraction(1, 2)


def test_heads_of_layer_tables_are_no_quantities_of_the_breakdown(tmp_path: Any) -> None:
    """Defeats a column `stride` of settings marked as the stride of the field."""
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "step,layer,operation,output,stride,params,trainable\n"
        "1,conv1,conv,55x55x96,4,34944,Y\n2,pool1,pool,27x27x96,2,0,Y\n"
    )
    answer = call("check", "alexnet", str(sheet))
    for head in ("step", "operation", "trainable"):
        assert f"the column `{head}` is not read" in answer.out
    assert "4 right of 4" in answer.out


def test_reports_take_every_quantity() -> None:
    """A spec's figures in every name of the table, of the network and of a label."""
    spec = "\n".join(
        [
            "net n",
            "  input 84x84x4",
            "  report connections 1_644_800",
            "  report units 6_400",
            "  report neurons 6_400",
            "  report weights 4_096",
            "  report additions 1_638_400",
            "  report step_macs 3_276_800",
            "  report peak 138_496",
            "  report memory 138_496",
            "  report stride of c 4",
            "  report size of c 20x20",
            "  report output of c 20x20x16",
            "  report parameters 4_112",
            "  report memory of c 25_600",
            "  report biases of c 16",
            "  report depth 1",
            "  c: conv 8x8 16 stride=4",
        ]
    )
    summary = archcalc.load("-", stdin=spec).summary()
    assert len(summary.published_figures) == 15
    assert [c.figure.quantity for c in summary.published_figures if not c.agrees] == []
    assert [c.how for c in summary.published_figures] == ["exact"] * 15


def test_conditions_take_every_quantity() -> None:
    """`solve` by quantities, their synonyms and the keys of the JSON."""
    for where in (
        "connections <= 10K",
        "additions <= 9216",
        "neurons <= 1024",
        "units <= 1024",
        "step_macs < 20K",
        "peak <= 7K",
        "peak_bytes <= 7K",
        "parameters < 11",
        "mul_add < 10K",
        "stride >= 2",
    ):
        solution = archcalc.solve("34x34x1 -> conv 3x3 1 stride=?", where)
        assert solution.answers, where
        for design in solution.answers[:3]:
            name = solution.quantities[-1]
            assert design.record[name] is not None
    meets = archcalc.solve("34x34x1 -> conv 3x3 1 stride=?", "stride = 2").answers
    assert [design.values["stride"] for design in meets] == [2]


# explain -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        CHAIN,
        pytest.param(DQN, marks=pytest.mark.slow),
        "20x8 -> attention 2 -> linear 4",
        pytest.param("30x6 -> lstm 5 returns=last -> fc 2", marks=pytest.mark.slow),
        "12x12x4 -> dwconv 3x3 -> bn -> relu -> tconv 2x2 3 stride=2 -> groupnorm 1 -> prelu",
    ],
)
def test_every_quantity_is_explained(target: str) -> None:
    """The value is that of the table, and what a formula comes to is the value. Defeats a working
    that computes something else than it says."""
    network = archcalc.load(target)
    summary = network.summary(batch=2)
    for quantity in quantities.TABLE:
        for layer in network.graph.layers if quantity.layer is not None else ():
            assert quantity.layer is not None
            (found,) = network.explain(layer.name, quantity.name, batch=2).derivations
            right = quantity.layer(Row(layer, summary))
            assert found.quantity == quantity.name
            if quantity.form == quantities.COUNT or quantity.form == quantities.BYTES:
                assert found.value == right, (layer.name, quantity.name)
                for formula in found.formulas:
                    assert formula.value == right, (layer.name, quantity.name, formula.value)
        if quantity.of_network:
            found = network.explain("total", quantity.name, batch=2).derivations[0]
            if quantity.form in (quantities.COUNT, quantities.BYTES):
                assert found.value == quantity.of(summary), quantity.name
        for form in ("table", "plain", "json", "csv", "markdown", "latex"):
            answer = call(
                "explain",
                target,
                "total" if quantity.of_network else layer.name,
                quantity.name,
                "--format",
                form,
            )
            assert answer.code == 0, answer.err


def test_explained_without_a_layer() -> None:
    """Quantities of a network and of its layers, alone and behind a layer."""
    assert "659,272" in call("explain", "alexnet", "neurons").out
    depth = call("explain", "alexnet", "depth").out
    assert depth.split()[depth.split().index("depth") + 1] == "8"
    assert "`fc8`" in depth
    biases = call("explain", "alexnet", "conv1", "biases").out
    assert "= 96" in biases
    weights = call("explain", "alexnet", "conv1", "weights").out
    assert "= 11 · 11 · 3 · 96  = 34,848" in weights
    assert "34,944" not in weights
    for words in (["conv1", "depth"], ["total", "pad"], ["conv1", "peak"]):
        answer = call("explain", "alexnet", *words)
        assert (answer.code, answer.out) == (2, "")
        assert " is of a " in answer.err


def test_a_chain_is_explained_as_a_whole() -> None:
    """The total, and beside it the last layer by name."""
    found = call("explain", CHAIN, "params").out
    assert "54,170" in found
    assert re.search("the last layer alone, `fc1`: .* = 54,090", " ".join(found.split()))
    assert "54,170" in call("explain", CHAIN).out
    one = call("explain", "32x32x3 -> conv 5x5 10 pad=2 -> relu", "params").out
    assert one.startswith("conv1"), "the one layer that has any is explained with its formula"


def test_additions_of_dot_products() -> None:
    """2K - 1 operations a dot product of K terms, 2K with its bias; the ledger has both apart."""
    for bias, additions in (("yes", 27), ("no", 26)):
        chain = f"3x3x3 -> conv 3x3 1 bias={bias}"
        shown = " ".join(call("explain", chain, "operations").out.split())
        assert f"27 multiplications and {additions} additions" in shown
        assert str(additions) in call("explain", chain, "additions").out
    recurrent = archcalc.load("1x3 -> rnn 1").summary().rows[0]
    # 3 + 1 products are added up by 3 additions, and a bias by one.
    assert (recurrent.multiplications, recurrent.additions) == (4, 4)


# Columns, lists, comparisons ----------------------------------------------------------------------


def test_columns_of_a_summary() -> None:
    """A quantity is a column where it is asked for, on the screen and in flat tables."""
    names = [q.name for q in quantities.TABLE if q.layer is not None]
    names.remove("operations")
    summary = archcalc.load("alexnet").summary()
    words = ",".join(names)
    plain = call("summary", "alexnet", "--format", "plain", "--columns", f"name,{words}").out
    header, *lines = [line.split("\t") for line in plain.splitlines()]
    assert header == ["name", *names]
    records = {line[0]: dict(zip(header, line, strict=True)) for line in lines}
    for row in summary.rows:
        for quantity in (quantities.QUANTITIES[name] for name in names):
            assert quantity.layer is not None
            if quantity.form in (quantities.COUNT, quantities.BYTES):
                assert records[row.name][quantity.name] == str(quantity.layer(row))
    for column in ("flops", "step-macs", "units", "Multiplications", "saved", "stride", "size"):
        screen = call("summary", "alexnet", "--columns", column, "--all", "--width", "100")
        assert screen.code == 0, screen.err
        meant = quantities.called(column)
        assert meant is not None
        head = next(line for line in screen.out.splitlines() if line.startswith("layer"))
        assert head.split(maxsplit=1)[1] == meant.name.replace("_", " ")
        if meant.of_network and meant.form == quantities.COUNT:
            total = next(ln for ln in screen.out.splitlines() if ln.startswith("total"))
            assert total.split()[1] == f"{meant.of(summary):,}"


@pytest.mark.slow
def test_list_and_compare() -> None:
    """Networks are chosen, sorted and compared by any of them."""
    csv = call(
        "compare",
        "lenet5",
        "alexnet",
        "--format",
        "csv",
        "--columns",
        "name,connections,step_macs,additions,neurons,stride",
    ).out.splitlines()
    assert csv[1] == "lenet5,340908,859440,333654,8084,4"
    listed = call(
        "list",
        "--format",
        "json",
        "--where",
        "connections >= 340_908 and connections <= 340_908 and units = 8084",
    ).out
    assert [one["name"] for one in json.loads(listed)] == ["lenet5"]
    order = call("list", "--sort=neurons", "--format", "csv", "--columns", "name,neurons").out
    figures = [int(line.split(",")[1]) for line in order.splitlines()[1:]]
    assert figures == sorted(figures)
    for name in quantities.COMPARED:
        assert call("list", f"--sort={name}", "--family", "lenet").code == 0, name


def test_the_page_is_that_of_today() -> None:
    """docs/quantities.md is written from the table: ``python docs/quantities.py``."""
    script = Path(__file__).parent.parent / "docs" / "quantities.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = script.with_suffix(".md").read_text(encoding="utf-8")
    assert [q.name for q in quantities.TABLE if f"| `{q.name}` |" not in page] == []


def test_the_memory_of_a_chain() -> None:
    """28*28 + 26*26*8 + 10 values of 4 bytes are the chain's, as its summary has it; the last
    layer's are meant, and both are right. Defeats the chain's own figure marked wrong."""
    chain = "28x28x1 -> conv 3x3 8 -> fc 10"
    (last,) = verdicts(chain, "memory=40").values()
    assert last["verdict"] == "right"
    for answer in ("24808", "24.2 KiB"):
        (whole,) = verdicts(chain, f"memory={answer}").values()
        assert whole["verdict"] == "convention"
        assert "the whole chain" in whole["convention"]
    for asked in ("memory=24809", "memory=21632", "fc1.memory=24808"):
        (wrong,) = verdicts(chain, asked).values()
        assert wrong["verdict"] == "wrong", asked
