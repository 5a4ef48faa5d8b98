"""Answers for programs: the JSON contract, plain text and CSV."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.analysis import receptive
from archcalc.report.flat import rf_table
from archcalc.report.formats.csv import csv_lines
from archcalc.report.formats.plain import plain_lines
from archcalc.report.screens.list import ZooEntry, list_table
from archcalc.shape import Shape

pytestmark = pytest.mark.usefixtures("zoo_kept")

TWO_INPUTS = """\
net two
  input image: 64x48x3
  input depth: 64x48x1
  a: @image -> conv 3x3 16 pad=1 -> bn -> relu
  b: @depth -> conv 5x5 16 pad=2 -> relu
  both: add @a @b
  half: maxpool 2x2
  gap
  fc 10
"""
OPERATIONS = {"mul_add", "mul", "add", "compare", "div", "special", "outputs"}
LAYER = {
    "name": str,
    "op": str,
    "path": list,
    "inputs": list,
    "output": list,
    "params": int,
    "trainable": int,
    "buffers": int,
    "tensors": dict,
    "macs": int,
    "operations": dict,
    "output_bytes": int,
    "activation_bytes": int,
    "saved_bytes": int,
    "rf": dict,
}
TOTALS = {
    "params": int,
    "trainable": int,
    "buffers": int,
    "macs": int,
    "flops": int,
    "operations": dict,
    "param_bytes": int,
    "activation_bytes": int,
    "peak_bytes": int,
    "peak_at": str,
    "peak_live": dict,
    "saved_bytes": int,
    "depth": int,
    "units": int,
    "connections": int,
}
FIELD = {"size": list, "stride": list, "start": list, "aligned": bool, "global": bool, "gated": bool}
REPORT = {
    "quantity",
    "of",
    "printed",
    "computed",
    "agrees",
    "how",
    "convention",
    "counter",
    "wrong",
    "source",
}


def answer(*words: str, stdin: str = "") -> Any:
    """The JSON that a call gives."""
    found = call(*words, "--format", "json", stdin=stdin)
    assert found.code == 0, found.err
    return json.loads(found.out)


def has(record: dict[str, Any], contract: dict[str, type]) -> None:
    """All keys are there, of these types exactly: no float passes for an int, no bool either."""
    for key, kind in contract.items():
        assert type(record[key]) is kind, (key, record[key])


def no_floats(value: Any) -> None:
    assert not isinstance(value, float)
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            no_floats(item)


def check_layer(layer: dict[str, Any]) -> None:
    has(layer, LAYER)
    assert set(layer["operations"]) == OPERATIONS
    assert all(type(n) is int for n in (*layer["operations"].values(), *layer["output"]))
    for step in layer["path"]:
        block, label = step
        assert isinstance(block, str)
        assert label is None or isinstance(label, str)
    for shape in layer["tensors"].values():
        assert all(type(n) is int for n in shape)


def check_field(field: dict[str, Any], axes: int) -> None:
    has(field, FIELD)
    assert set(field) == set(FIELD)
    for key in ("size", "start"):
        assert [type(n) for n in field[key]] == [int] * axes
    for step in field["stride"]:
        assert step is None or type(step) is int or "/" in step
    if field["global"]:
        assert set(field["stride"]) <= {None}
        assert set(field["start"]) <= {0}


@pytest.mark.parametrize("name", ["lenet5", "vgg16", "googlenet", "resnet50", "nasnet_mobile"])
def test_summary(name: str) -> None:
    found = answer("summary", name)
    assert list(found) == [
        "archcalc",
        "schema",
        "name",
        "title",
        "layout",
        "batch",
        "dtype",
        "input",
        "layers",
        "totals",
        "outputs",
        "reports",
        "uncounted",
    ]
    assert found["archcalc"] == archcalc.__version__
    assert (found["name"], found["layout"], found["batch"], found["dtype"]) == (name, "hwc", 1, "fp32")
    assert [type(n) for n in found["input"]] == [int, int, int]
    no_floats(found)
    known = {"input"}
    for layer in found["layers"]:
        check_layer(layer)
        check_field(layer["rf"], 2)
        assert set(layer["inputs"]) <= known, "layers come after what they read"
        known.add(layer["name"])
    totals = found["totals"]
    has(totals, TOTALS)
    for key in ("params", "trainable", "buffers", "macs"):
        assert totals[key] == sum(layer[key] for layer in found["layers"])
    for key in OPERATIONS:
        assert totals["operations"][key] == sum(at["operations"][key] for at in found["layers"])
    assert totals["flops"] == 2 * totals["macs"]
    assert totals["param_bytes"] == 4 * totals["params"]
    inputs = 4 * math.prod(found["input"])
    made = sum(layer["activation_bytes"] for layer in found["layers"])
    assert totals["activation_bytes"] == inputs + made
    assert totals["saved_bytes"] == sum(layer["saved_bytes"] for layer in found["layers"])
    assert totals["peak_bytes"] == sum(totals["peak_live"].values())
    assert totals["peak_at"] in totals["peak_live"]
    assert found["outputs"]["main"] == {"shape": found["layers"][-1]["output"]}
    assert found["uncounted"] == []
    assert "at_least" not in totals
    for report in found["reports"]:
        assert set(report) == REPORT
        if report["agrees"] is not None:
            assert report["agrees"] == (report["wrong"] is None)


def test_the_example_of_the_contract() -> None:
    found = answer("summary", "resnet50")
    first = found["layers"][0]
    contract = {
        "name": "conv1",
        "op": "conv",
        "path": [["resnet", None], ["conv_bn", None]],
        "inputs": ["input"],
        "output": [112, 112, 64],
        "params": 9408,
        "trainable": 9408,
        "buffers": 0,
        "tensors": {"weight": [64, 3, 7, 7]},
        "macs": 118013952,
        "operations": {
            "mul_add": 118013952,
            "mul": 0,
            "add": 0,
            "compare": 0,
            "div": 0,
            "special": 0,
            "outputs": 802816,
        },
        # It is the first to keep the image.
        "output_bytes": 3211264,
        "activation_bytes": 3211264,
        "saved_bytes": 602112,
        "rf": {
            "size": [7, 7],
            "stride": [2, 2],
            "start": [-3, -3],
            "aligned": True,
            "global": False,
            "gated": False,
        },
    }
    assert {key: first[key] for key in contract} == contract, "keys are only ever added"
    totals = found["totals"]
    assert (totals["params"], totals["trainable"], totals["buffers"]) == (25557032, 25557032, 53120)
    assert (totals["macs"], totals["flops"], totals["depth"]) == (4089184256, 8178368512, 50)
    assert totals["peak_bytes"] == 9633792
    wrong = next(report for report in found["reports"] if report["printed"] == "3.8G")
    assert wrong["quantity"] == "macs"
    assert wrong["computed"] == 4089184256
    assert wrong["agrees"] is False
    assert wrong["source"] == "Table 1"
    assert "stride" in wrong["wrong"]


def test_text_is_the_dict() -> None:
    for name in ("lenet5", "googlenet"):
        network = archcalc.load(name)
        assert answer("summary", name) == network.summary().to_dict()
        assert answer("rf", name) == network.receptive_field().to_dict()
    heads = network.summary(batch=3, dtype="bf16", with_heads=True, layout="chw")
    options = ["--batch", "3", "--dtype", "bf16", "--with-heads", "--layout", "chw"]
    assert answer("summary", "googlenet", *options) == heads.to_dict()
    one = network.receptive_field("inception_3a").to_dict()
    assert answer("rf", "googlenet", "inception_3a") == one
    assert [layer["name"] for layer in one["layers"]] == ["inception_3a.concat"]


def test_batch_dtype_layout() -> None:
    one = answer("summary", "alexnet")
    many = answer("summary", "alexnet", "--batch", "8", "--dtype", "fp16", "--layout", "chw")
    assert (many["batch"], many["dtype"], many["layout"]) == (8, "fp16", "chw")
    assert many["input"] == [3, 227, 227]
    for a, b in zip(one["layers"], many["layers"], strict=True):
        assert b["output"] == [a["output"][-1], *a["output"][:-1]]
        assert b["macs"] == 8 * a["macs"]
        assert b["operations"] == {key: 8 * n for key, n in a["operations"].items()}
        assert b["output_bytes"] == 4 * a["output_bytes"]
        assert (b["params"], b["rf"]) == (a["params"], a["rf"])
    assert many["totals"]["macs"] == 8 * one["totals"]["macs"]
    assert many["totals"]["params"] == one["totals"]["params"]
    assert many["totals"]["param_bytes"] == one["totals"]["param_bytes"] // 2


def test_heads() -> None:
    bare = answer("summary", "googlenet")
    heads = answer("summary", "googlenet", "--with-heads")
    assert bare["totals"]["params"] == 6_998_552
    assert heads["totals"]["params"] == 13_378_280
    for found in (bare, heads):
        extra = found["outputs"]
        assert list(extra) == ["main", "aux1", "aux2"]
        assert extra["aux1"]["shape"] == [1000]
        assert 6_998_552 + extra["aux1"]["params"] + extra["aux2"]["params"] == 13_378_280
        assert type(extra["aux1"]["macs"]) is int
    assert not any(layer["name"].startswith("aux") for layer in bare["layers"])
    for found in (bare, heads):
        assert sum(layer["params"] for layer in found["layers"]) == found["totals"]["params"]


def test_several_inputs() -> None:
    found = answer("summary", "-", stdin=TWO_INPUTS)
    assert found["input"] == {"image": [64, 48, 3], "depth": [64, 48, 1]}
    fields = {layer["name"]: layer["rf"] for layer in found["layers"]}
    assert list(fields["a"]) == ["image"]
    assert list(fields["b"]) == ["depth"]
    assert list(fields["both"]) == ["image", "depth"]
    check_field(fields["both"]["image"], 2)
    assert fields["both"]["depth"]["size"] == [5, 5]
    chw = answer("rf", "-", "--layout", "chw", stdin=TWO_INPUTS)
    assert chw["input"] == {"image": [3, 64, 48], "depth": [1, 64, 48]}
    plain = call("rf", "-", "--format", "plain", stdin=TWO_INPUTS).out
    assert "image=3,3;depth=5,5" in plain


def test_vectors_signals_and_volumes() -> None:
    for chain, axes in (("3072 -> fc 10", 0), ("160x1 -> conv 3 4", 1), ("8x9x10x2 -> conv 3x3x3 4", 3)):
        found = answer("summary", chain)
        assert found["name"] == chain
        (layer,) = found["layers"]
        check_layer(layer)
        check_field(layer["rf"], axes)


def test_shared_and_frozen() -> None:
    text = "net a\n  input 8x8x4\n  one: conv 3x3 4 pad=1\n"
    text += "  two: conv 3x3 4 pad=1 like=one\n  three: bn\n"
    one, two, three = answer("summary", "-", "--freeze", "two", stdin=text)["layers"]
    assert (one["params"], one["trainable"]) == (148, 0)
    assert (two["params"], two["tensors"], two["like"]) == (0, {}, "one")
    assert two["macs"] == one["macs"]
    assert (three["trainable"], three["buffers"]) == (8, 8)
    assert three["buffer_tensors"] == {"running_mean": [4], "running_var": [4]}


def test_uncounted(mystery: str) -> None:
    text = f"net odd\n  input 8x8x3\n  conv 3x3 4\n  what: {mystery}\n  conv 1x1 5\n"
    found = answer("summary", "-", stdin=text)
    layer = found["layers"][1]
    for key in ("params", "trainable", "buffers", "macs", "operations", "rf"):
        assert layer[key] is None
    assert layer["tensors"] == {}
    assert found["layers"][2]["rf"] is None, "what is behind the unknown is unknown"
    listed = [(record["layer"], record["quantity"]) for record in found["uncounted"]]
    assert ("what", "params") in listed
    assert ("what", "macs") in listed
    assert ("what", "rf") in listed
    totals = found["totals"]
    assert {"params", "trainable", "macs", "flops", "operations"} <= set(totals["at_least"])
    assert totals["params"] == 112 + 25
    screen = call("summary", "-", stdin=text).out
    row = next(line for line in screen.split("\n") if line.startswith("what"))
    assert row.split()[-3:] == ["│", "?", "?"] or row.split().count("?") == 3
    assert "≥ 137" in screen
    assert "? no rule for the parameters of what" in screen
    assert "? no rule for the operations of what" in screen
    assert "? no rule for the receptive field of what, conv2" in screen
    plain = call("summary", "-", "--format", "plain", stdin=text).out.split("\n")
    assert plain[3].split("\t")[3:7] == ["?", "?", "?", "?"]
    ascii = call("summary", "-", "--width", "80", stdin=text, encoding="ascii").out
    assert ">= 137" in ascii
    lines = ascii.split("\n")
    assert len({len(line) for line in lines if line.startswith("---")}) == 1


# List -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_list() -> None:
    found = answer("list")
    assert {entry["name"] for entry in found} >= {"lenet5", "vgg16", "nasnet_mobile"}
    for entry in found:
        assert isinstance(entry["family"], str)
        assert type(entry["year"]) is int or entry["name"] in ("linear_cifar10", "mlp_400")
        inputs = entry["input"]
        several = isinstance(inputs, dict)
        assert all(type(n) is int for sizes in (inputs.values() if several else [inputs]) for n in sizes)
        has(entry["totals"], TOTALS)
        if entry["rf"] is None:  # every layer sees everything
            assert entry["name"] in ("mlp_mnist", "mlp_400", "linear_cifar10")
        elif not several:
            check_field(entry["rf"], len(inputs) - 1)
    vgg = next(entry for entry in found if entry["name"] == "vgg16")
    assert vgg["totals"] == answer("summary", "vgg16")["totals"]
    assert vgg["rf"]["size"] == [212, 212]
    some = answer("list", "--family", "resnet")
    assert {entry["family"] for entry in some} == {"ResNet"}
    header, *rows = call("list", "--format", "plain").out.rstrip("\n").split("\n")
    assert header.startswith("name\tfamily\tyear\tinput\tparams\ttrainable\tbuffers\tmacs")
    assert len(rows) == len(found)


def test_rf_of_a_unit() -> None:
    found = answer("rf", "vgg16", "pool5", "--at", "3,3")
    assert (found["name"], found["layer"], found["unit"]) == ("vgg16", "pool5", [3, 3])
    assert found["layers"][0] == {"name": "input", "op": "input", "first": [6, 6], "last": [217, 217]}


# Plain and CSV ----------------------------------------------------------------------------------

PLAIN = [
    "name",
    "op",
    "output",
    "params",
    "trainable",
    "buffers",
    "macs",
    "output_bytes",
    "rf_size",
    "rf_stride",
    "rf_start",
]


def test_plain_is_the_design() -> None:
    lines = call("summary", "vgg16", "--format", "plain").out.split("\n")
    assert lines[0].split("\t")[: len(PLAIN)] == PLAIN
    assert lines[1].startswith(
        "\t".join(["input", "input", "224x224x3", "0", "0", "0", "0", "602112", "1,1", "1,1", "0,0\t"])
    )
    assert lines[2].startswith(
        "\t".join(
            [
                "conv1_1",
                "conv",
                "224x224x64",
                "1792",
                "1792",
                "0",
                "86704128",
                "12845056",
                "3,3",
                "1,1",
                "-1,-1\t",
            ]
        )
    )
    assert len(lines) == 2 + 1 + len(answer("summary", "vgg16")["layers"])
    # Every column always, whatever the terminal and the depth.
    for options in (["--width", "40"], ["--depth", "1"], ["--all"]):
        again = call("summary", "vgg16", "--format", "plain", *options).out
        assert again.split("\n") == lines


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["summary", "googlenet"],
        ["rf", "resnet18"],
        ["list"],
        ["ops"],
        ["rf", "vgg16", "pool5", "--at", "1,1"],
    ],
)
def test_csv_is_plain(command: list[str]) -> None:
    plain = call(*command, "--format", "plain").out
    rows = [line.split("\t") for line in plain.rstrip("\n").split("\n")]
    assert list(csv.reader(io.StringIO(call(*command, "--format", "csv").out))) == rows
    assert len({len(row) for row in rows}) == 1
    columns = [rows[0][2], rows[0][0]]
    some = call(*command, "--format", "plain", "--columns", ",".join(columns)).out
    assert [line.split("\t") for line in some.rstrip("\n").split("\n")] == [[row[2], row[0]] for row in rows]


def test_plain_agrees_with_json() -> None:
    layers = answer("summary", "nasnet_mobile")["layers"]
    lines = call("summary", "nasnet_mobile", "--format", "plain").out.rstrip("\n").split("\n")
    header = lines[0].split("\t")
    for layer, line in zip(layers, lines[2:], strict=True):
        record = dict(zip(header, line.split("\t"), strict=True))
        assert record["name"] == layer["name"]
        assert record["output"] == str(Shape(layer["output"]))
        for key in ("params", "trainable", "buffers", "macs", "output_bytes"):
            assert record[key] == str(layer[key])
        field = layer["rf"]
        assert record["rf_size"] == ",".join(map(str, field["size"]))
        assert record["rf_start"] == ",".join(map(str, field["start"]))
        assert record["rf_global"] == ("yes" if field["global"] else "no")
        known = None not in field["stride"]
        assert record["rf_stride"] == (",".join(map(str, field["stride"])) if known else "")


# Spreadsheets -----------------------------------------------------------------------------------

FORMULAS = ["=1+1", "=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-3,-3"]


@pytest.mark.parametrize("evil", FORMULAS)
def test_no_text_of_a_csv_is_a_formula(evil: str) -> None:
    """A stranger's words, at a cell's start and behind what parts cells elsewhere. Defeats an
    apostrophe that only some columns get."""
    network = archcalc.load("8x8x3 -> conv 3x3 4 -> relu")
    network.graph.layers[0].name = evil
    network.graph.layers[1].name = f"a;{evil}"
    network.graph.inputs[0].name = evil
    network.graph.metadata.name = network.graph.metadata.family = evil
    network.graph.metadata.title = f"x;{evil},{evil}"
    texts = [network.summary().to_csv(), network.receptive_field().to_csv()]
    texts.append("".join(csv_lines(list_table([ZooEntry.of(network.summary())]))))
    for text in texts:
        rows = list(csv.reader(io.StringIO(text)))
        assert len({len(row) for row in rows}) == 1
        shown = evil.replace("\t", "�").replace("\r", "�")
        guard = "" if shown.startswith("�") else "'"
        assert rows[1][0] == guard + shown
        assert f"a;{guard}{shown}" in rows[-1] or f"x;{guard}{shown},{shown}" in rows[-1]
        for row in rows:
            for cell in row:
                ours = re.fullmatch(r"-?\d+(,-?\d+)*", cell)
                for part in cell.split(";"):
                    assert ours or part[:1] not in ("=", "+", "-", "@", "\t", "\r"), cell
    # Fields of several inputs begin with the inputs' names.
    two = archcalc.load("-", stdin=TWO_INPUTS)
    two.graph.inputs[0].name = evil
    field = next(csv.DictReader(io.StringIO(two.summary().to_csv())))["rf_start"]
    assert field == f"{guard}{shown}=0,0"
    # Plain text is pasted into spreadsheets too.
    plain = "".join(plain_lines(rf_table(network.receptive_field())))
    assert f"\n{guard}{shown}\tconv" in plain


def test_numbers_of_a_csv_stay_numbers() -> None:
    """Defeats an apostrophe before what was computed."""
    text = call("rf", "vgg16", "conv1_1", "--format", "csv").out
    row = next(csv.DictReader(io.StringIO(text)))
    assert row["rf_start"] == "-1,-1"
    at = call("rf", "vgg16", "conv1_1", "--at", "0,0", "--format", "csv").out
    assert 'input,input,"-1,-1","1,1"' in at
    two = "net a\n  input left: 8x8x3\n  input right: 8x8x3\n  a: @left -> conv 3x3 4 pad=1\n"
    two += "  b: @right -> conv 3x3 4 pad=1\n  add @a @b\n"
    last = call("rf", "-", "--format", "csv", stdin=two).out.split("\n")[-2]
    assert '"left=-1,-1;right=-1,-1"' in last


# Growth -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="says no peak of memory")
def test_many_layers_in_little_memory() -> None:
    """Defeats: several objects per cell, held until all cells are written."""
    text = "net long\n  input 8x8x4\n  20000 x (conv 1x1 4 -> relu)\n  gap\n"
    script = (
        "import sys, time\nfrom archcalc.cli import main\n"
        "try: main(sys.argv[1:])\nfinally:\n"
        " most = open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]\n"
        " print(most, time.process_time(), file=sys.stderr)"
    )
    for options in (["--format", "json"], ["--format", "csv"], [], ["--all"]):
        done = subprocess.run(
            [sys.executable, "-c", script, "summary", "-", "--budget", "200000", *options],
            input=text,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        kilobytes, seconds = done.stderr.split()
        assert int(kilobytes) < 160_000
        assert float(seconds) < 8
    folded = call("summary", "-", "--budget", "200000", stdin=text).out
    assert "20000 x (conv 1x1 4, relu)" in folded


@pytest.mark.parametrize(
    ("suffix", "form"),
    [
        ("json", "json"),
        ("csv", "csv"),
        ("md", "markdown"),
        ("TEX", "latex"),
        ("txt", "table"),
        ("svg", "table"),  # which `summary` does not write
    ],
)
def test_the_suffix_of_a_file_says_the_format(tmp_path: Path, suffix: str, form: str) -> None:
    """Defeats a table of boxes in a file called .csv, and a suffix that overrules --format."""
    file = tmp_path / f"lenet.{suffix}"
    assert call("summary", "lenet5", "-o", str(file), ARCHCALC_FORMAT="plain").code == 0
    usual = form if form != "table" else "plain"
    assert file.read_bytes() == call("summary", "lenet5", "--format", usual).bytes
    assert call("summary", "lenet5", "-o", str(file), "--format", "table").code == 0
    assert file.read_bytes() == call("summary", "lenet5", "--format", "table").bytes


def test_the_suffix_says_nothing_of_errors(tmp_path: Path) -> None:
    """They go to the terminal. Defeats JSON there that nobody asked for."""
    answer = call("summary", "lenet5", "-o", str(tmp_path / "absent" / "lenet.json"))
    assert answer.code == 2
    assert answer.err.startswith("error[file]: cannot write ")
    warned = "net a\n  input 8x8x3\n  conv 3x3 4 stride=2\n"
    for command in ("summary", "rf", "draw", "export"):
        answer = call(command, "-", "-v", "-o", str(tmp_path / f"a-{command}.json"), stdin=warned)
        assert answer.code == 0
        assert answer.err.startswith("note[fit]: "), command


@pytest.mark.parametrize("words", [[command] for command in ("summary", "explain", "draw", "export")])
def test_errors_are_a_screen_where_no_format_is_asked_for(words: list[str]) -> None:
    """Defeats diagnostics behind tabs where ``plain`` is the usual form of an answer, as of a source."""
    wrong = "8x8x3 -> cnov 3x3 4"
    assert call(*words, wrong).err.startswith("error[name]: no layer or block is called `cnov`\n --> ")
    assert call(*words, wrong, "--format", "plain").err.startswith("<command line>:1:10\terror[name]\t")
    assert call(*words, wrong, "--format", "json").err.startswith('{"diagnostics": ')


def test_a_field_that_is_not_followed_is_not_one_without_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats one reason for every `?`: a convolution has a rule, but its windows differ too much."""
    monkeypatch.setattr(receptive, "BUDGET", 2)
    chain = "17x17x3 -> conv 3x3 4 -> resize 31x31 mode=bilinear align_corners=yes -> conv 3x3 4"
    screen = call("summary", chain).out
    words = " ".join(screen.split())
    assert "differ from unit to unit, and repeat too late to be followed: the receptive field is not" in words
    assert "no rule" not in words
