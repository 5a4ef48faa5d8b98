"""The reference of layers and blocks: complete, true, and the same wherever it is printed."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.arithmetic import value_of
from archcalc.cli.ops import pages
from archcalc.language.library import Library
from archcalc.ops import registry
from archcalc.ops.tracing import trace
from archcalc.report.screens.op_rules import Sample

OPS = sorted(registry())
BLOCKS = sorted(Library().blocks)
PAGES = {page.name: page for page in pages()}
SCRIPT = Path(__file__).parent.parent / "docs" / "layers.py"


def lines_of(name: str, word: str) -> list[str]:
    """What a page says under a word."""
    return list(dict(PAGES[name].facts)[word])


# The file -----------------------------------------------------------------------------------------


def test_the_file_is_that_of_today() -> None:
    """`python docs/layers.py` writes it. Defeats a reference that the classes have outgrown."""
    assert subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False).returncode == 0


@pytest.mark.slow
def test_a_stale_file_is_found(tmp_path: Path) -> None:
    """Defeats a check that cannot fail."""
    script = tmp_path / SCRIPT.name
    for path in (SCRIPT, SCRIPT.with_name("generated.py")):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    run = [sys.executable, str(script)]
    assert subprocess.run([*run, "--check"], check=False, capture_output=True).returncode == 1
    assert subprocess.run(run, check=False).returncode == 0
    written = tmp_path / "layers.md"
    assert written.read_bytes() == SCRIPT.with_name("layers.md").read_bytes()
    assert subprocess.run([*run, "--check"], check=False).returncode == 0
    written.write_text(written.read_text(encoding="utf-8").replace("34,944", "34,949"), "utf-8")
    stale = subprocess.run([*run, "--check"], check=False, capture_output=True, text=True)
    assert (stale.returncode, "python docs/layers.py" in stale.stderr) == (1, True)


def test_the_file_is_what_the_command_prints(tmp_path: Path) -> None:
    path = tmp_path / "all.md"
    assert call("ops", "--format", "markdown", "--output", str(path)).code == 0
    assert path.read_bytes() == SCRIPT.with_name("layers.md").read_bytes()


@pytest.mark.parametrize("name", [*OPS, *BLOCKS])
def test_terminal_and_markdown_say_the_same(name: str) -> None:
    """Word by word, but for the signs of Markdown. Defeats a fact told in one of the two alone."""
    screen = call("ops", name, "--width", "200")
    page = call("ops", name, "--format", "markdown")
    assert (screen.code, page.code, screen.err, page.err) == (0, 0, "", "")
    shown = set(re.findall(r"[\w']+", screen.out))
    reported = set(re.findall(r"[\w']+", page.out.replace("\\", "")))
    frame = {
        "text",
        "arch",
        "argument",
        "letter",
        "type",
        "default",
        "meaning",
        "example",
        "result",
        PAGES[name].group,
        *PAGES[name].group.split(),
    }
    assert shown - frame == reported - frame
    assert page.out in SCRIPT.with_name("layers.md").read_text(encoding="utf-8").replace(
        f"### {name}\n", f"# {name}\n"
    )


# What every page has ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPS)
def test_pages_of_layers_are_complete(name: str) -> None:
    page = PAGES[name]
    words = [word for word, _ in page.facts]
    wanted = ["shapes", "parameters", "window", "counts", "storage", "backward", "source"]
    if registry()[name].expanded:  # others stand in its place
        wanted = ["shapes", "counts", "source"]
    assert [word for word in words if word in wanted] == wanted
    assert page.result
    assert all(argument.help and argument.type for argument in page.arguments)
    for other in registry()[name].elsewhere:
        assert other in lines_of(name, "elsewhere")[0]


@pytest.mark.parametrize("name", BLOCKS)
def test_pages_of_blocks_are_complete(name: str) -> None:
    """Text, paper, and an example that calls it."""
    page = PAGES[name]
    assert page.summary.endswith(".")
    assert "arXiv" not in page.summary
    assert re.match(r"arXiv:\d{4}\.\d{4,5}, \w", lines_of(name, "source")[0])
    assert re.search(rf"\b{name}\b", page.example)
    network = archcalc.load(page.example)
    assert not [d for d in network.diagnostics if d.severity != "note"]
    block = Library().block(name)
    assert block is not None
    assert [argument.name for argument in page.arguments] == [p.name for p in block.parameters]
    assert f"block {name}" in page.text
    totals = network.summary().totals
    assert f"{totals['params']:,} parameters, {totals['macs']:,} MACs" in page.result[0]
    assert page.result[0].startswith(f"{network.graph.output.output},")


@pytest.mark.parametrize("name", OPS)
def test_results_are_those_of_the_summary(name: str) -> None:
    """Defeats a result that was typed, or is that of another layer."""
    text = "\n".join(PAGES[name].result)
    rows = archcalc.load(registry()[name].example).summary().to_dict()["layers"]
    shown = [row for row in rows if row["op"] == name and name not in ("identity", "shortcut")]
    for row in shown or rows:
        output = "x".join(map(str, row["output"]))
        macs = "?" if row["macs"] is None else f"{row['macs']:,}"
        first = f"{row['name']}: {output}, {row['params']:,} parameters, {macs} MACs"
        assert re.search(rf"^{re.escape(first)}(,|$)", text, re.MULTILINE)
        for key, sizes in row["tensors"].items():
            assert f"{key} {'x'.join(map(str, sizes))}" in text
        for key, number in (row["operations"] or {}).items():
            assert not number or f"{key} {number:,}" in text


# Rules in symbols ---------------------------------------------------------------------------------


def worked_out(formula: str, numbers: dict[str, int]) -> int:
    """A formula of the reference, with the numbers put in; a quotient is exact until rounded."""
    text = re.sub(r"\b([A-Za-z]\w*)\b(?!\()", r"exact(\1)", formula)
    text = re.sub(r"(?<![\w.])(\d+)", r"exact(\1)", text)
    values = {"exact": Fraction, "min": min, "max": max, "ceil": lambda x: Fraction(math.ceil(x))}
    return int(eval(text, {"__builtins__": {}, **values}, dict(numbers)))


@pytest.mark.parametrize("name", ["conv", "dwconv", "maxpool", "lppool", "local", "tconv"])
def test_formulas_compute_the_output(name: str) -> None:
    """Each formula of the page against the rule it stands for, on the page's own letters.

    Defeats a rounding that was lost on the way from -(-a // b) to ceil(a / b).
    """
    op = registry()[name]
    sample = Sample.of(op, archcalc.load(op.example).graph)
    assert sample is not None
    axis, *formulas = lines_of(name, "output")[1].split(" = ", 1)
    assert axis == "H'"
    parts = formulas[0].split("; ")
    options = {part.partition(" with ")[2]: part.partition(" with ")[0] for part in parts}
    assert set(options) == {"", "pad=same"} | ({"round=ceil"} if name != "tconv" else set())
    variants: dict[str, Any] = {"": sample.op, **dict(sample.variants(paddings=True))}
    for option, formula in options.items():
        for pad in (0, 1):
            for stride in (1, 2, 3):
                values = {"stride": stride} if "pad=" in option else {"stride": stride, "pad": pad}
                changed = variants[option].with_attributes(**values)
                traced, _ = trace(changed, sample.inputs)
                letters = {
                    attribute.symbol or key: value_of(getattr(traced, key))
                    for key, attribute in op.attributes.items()
                    if isinstance(value_of(getattr(traced, key)), int)
                }
                letters["H"] = sample.inputs[0][0]
                assert worked_out(formula, letters) == changed.output(*sample.inputs)[0]


@pytest.mark.parametrize(
    ("name", "word", "says"),
    [
        ("conv", "output", "H' x W' x K"),
        ("conv", "output", "H' = (H + P + P - ((F - 1)*D + 1)) // S + 1; ceil(H / S) with pad=sa"),
        ("conv", "parameters", "weight K x C // G x F x F"),
        ("conv", "parameters", "bias K; not learned with stored=yes; none with fixed=yes; none with bias=no"),
        ("conv", "window", "F positions from i*S - P, D apart"),
        ("dwconv", "parameters", "weight C*M x 1 x F x F"),
        ("local", "parameters", "weight K x H' x W' x C x F x F"),
        ("tconv", "window", "the positions j with j*S - P + t*D = i, t below F"),
        ("bn", "parameters", "weight C; none with scale=no; not learned with frozen=yes"),
        ("bn", "parameters", "running_mean C, not learned"),
        ("bias", "parameters", "bias C; H x W with per=position; C x H x W with per=all"),
        ("scale", "parameters", "bias C with shift=yes"),
        ("prelu", "parameters", "weight C; 1 with shared=yes"),
        ("lrn", "window", "its own position; n positions from i - (n - 1) // 2 with across=posi"),
        ("lcn", "window", "2*n - 1 positions from i - 2*((n - 1) // 2)"),
        ("upsample", "window", "position i // R; the positions on both sides of (i + 1/2)/R - 1/2"),
        ("adaptive_avgpool", "window", "from position i*H/size, rounded down"),
        ("rnn", "window", "positions 0 to i; the whole input with returns=last"),
        ("rnn", "output", "W x K; K with returns=last"),
        ("lstm", "parameters", "weight_ih_l0 4*K x C"),
        ("class_token", "window", "position i - 1"),
        ("crop", "window", "position i + offset"),
        ("zeropad", "window", "position i - P"),
        ("fc", "parameters", "weight K x H*W*C"),
        ("fc", "window", "the whole input"),
        ("relu", "parameters", "none"),
        ("relu", "window", "its own position"),
        ("embedding", "window", "the whole vector"),
        ("concat", "output", "H1 x W1 x C1 + C2"),
    ],
)
def test_what_rules_say(name: str, word: str, says: str) -> None:
    assert any(line.startswith(says) for line in lines_of(name, word)), lines_of(name, word)


@pytest.mark.parametrize("name", OPS)
def test_where_there_is_no_rule_is_said_once(name: str) -> None:
    """Defeats an option that repeats what is already said of it."""
    assert " ".join(lines_of(name, "backward")).count("no rule") <= 1


@pytest.mark.parametrize("name", [op for op in OPS if not registry()[op].expanded])
def test_no_line_speaks_of_numbers_of_the_example(name: str) -> None:
    """Rules stand in letters. Defeats a number of the example that got past the letters."""
    for word in ("output", "parameters", "window"):
        for line in dict(PAGES[name].facts).get(word, []):
            numbers = {int(n) for n in re.findall(r"(?<![\w=])\d+", line)}
            assert numbers <= {0, 1, 2, 3, 4}, line


def test_a_layer_without_rules_has_a_page(mystery: str) -> None:
    """And says so. Defeats "none" for what is not known."""
    out = call("ops", mystery).out
    assert out.count("no rule\n") == 4  # parameters, window, operations, what is kept
    assert call("ops", mystery, "--format", "markdown").code == 0


# For programs -------------------------------------------------------------------------------------


def test_json() -> None:
    conv = json.loads(call("ops", "conv", "--format", "json").out)
    assert conv["facts"]["window"] == ["F positions from i*S - P, D apart"]
    assert conv["elsewhere"][0] == "conv1d"
    assert conv["result"][1] == "weight 96x3x11x11, bias 96"
    assert conv["attributes"][0]["letter"] == "F"
    block = json.loads(call("ops", "basic", "--format", "json").out)
    assert block["parameters"] == [
        {"name": "c", "default": None},
        {"name": "stride", "default": "1"},
        {"name": "kind", "default": "B"},
    ]
    assert block["facts"]["source"] == ["arXiv:1512.03385, Figure 5, left"]
    every = json.loads(call("ops", "--format", "json").out)
    assert {entry["name"] for entry in every} == set(OPS)


def test_plain_text_has_layers_alone() -> None:
    answer = call("ops", "basic", "--format", "csv")
    assert (answer.code, answer.out) == (2, "")
    assert "archcalc show basic" in answer.err
    assert call("ops", "relu", "--format", "plain").out.splitlines()[1].startswith("relu\t")


def test_an_unknown_word() -> None:
    answer = call("ops", "botleneck", "--format", "markdown")
    assert (answer.code, answer.out) == (2, "")
    assert "did you mean `bottleneck`?" in answer.err
