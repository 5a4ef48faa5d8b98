"""`summary --like`: the tables of Keras and torchinfo, against what those print themselves."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from calling import call
from published import facts

import archcalc

DATA = Path(__file__).parent / "data" / "keras"
CHAIN = """\
net chain
  input 28x28x1
  conv1: conv 3x3 32 pad=same -> relu
  norm1: bn
  act1: leaky_relu
  pool1: maxpool 2x2
  drop1: dropout 0.25
  depthwise: dwconv 3x3 stride=2 pad=same bias=no
  pointwise: conv 1x1 64
  fc1: fc 100 -> relu
  fc2: fc 10 -> softmax
"""
GRAPH = """\
net graph
  input 224x224x3
  conv1: conv 7x7 64 stride=2 pad=3 bias=no
  norm1: bn
  act1: relu
  pool1: maxpool 3x3 stride=2 pad=1
  shared_by_both_branches: conv 3x3 64 pad=1 -> relu
  again: conv 3x3 64 pad=1 like=shared_by_both_branches -> relu
  sum: add @again @pool1
  joined_at_the_end: concat @sum @shared_by_both_branches
  gap: gap
  fc1: fc 1000
"""


def keras_of(text: str) -> str:
    """What Keras itself would have printed of a screen: all but the line that names its version."""
    table, _, last = text.removesuffix("\n").rpartition("\n")
    assert last == "as Keras 3.15.1 prints it"
    return f"{table}\n"


def like(tool: str, spec: str, *how: str) -> str:
    """The screen for a spec."""
    answer = call("summary", "-", "--like", tool, *how, stdin=spec)
    assert answer.code == 0, answer.err
    return answer.out


# Keras ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["", ".80"])
@pytest.mark.parametrize("name", ["chain", "graph"])
def test_the_screen_of_keras(name: str, size: str) -> None:
    """What Keras 3.15.1 printed of the same layers, sign by sign, on its own width and on a
    terminal of 80 columns; those up to norm1 were not trainable in the graph.

    Defeats: statistics that are trained or not counted, activations, flattening and padding that
    are told otherwise, a second row for a layer that is used again, units of 1000.
    """
    spec, how = (CHAIN, []) if name == "chain" else (GRAPH, ["--freeze", "norm1"])
    if size:
        how += ["--width", size[1:]]
    assert keras_of(like("keras", spec, *how)) == (DATA / f"{name}{size}.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("size", "how"),
    [
        ("trainable", ["--show-trainable"]),
        ("narrow", ["--show-trainable", "--line-length", "70"]),
        ("wide", ["--line-length", "130"]),
    ],
)
@pytest.mark.parametrize("name", ["chain", "graph"])
def test_the_arguments_of_keras(name: str, size: str, how: list[str]) -> None:
    """What Keras 3.15.1 printed of the same layers, those up to norm1 not trainable, with the same arguments.

    Defeats: Y for a layer without weights, a column beside the others in place of a share of them, and a
    heading that is cut where Keras has room for it.
    """
    text = like("keras", CHAIN if name == "chain" else GRAPH, "--freeze", "norm1", *how)
    assert keras_of(text) == (DATA / f"{name}.{size}.txt").read_text("utf-8")


def test_arguments_of_keras_alone() -> None:
    """Defeats an argument that torchinfo and our own summary pass over."""
    for tool in ([], ["--like", "torchinfo"]):
        for more in (["--show-trainable"], ["--line-length", "90"]):
            answer = call("summary", "lenet5", *tool, *more)
            assert (answer.code, answer.out) == (2, "")
            assert more[0] in answer.err


# Rows that Keras has and we have not, and the other way round: it pads by hand where SAME or the
# layer itself would do, has a 1x1 convolution for a classifier; ours drop out.
THEIRS_ALONE = {
    "resnet50_v2": {"ZeroPadding2D"},
    "nasnet_mobile": {"ZeroPadding2D"},
    "mobilenet": {"ZeroPadding2D", "GlobalAveragePooling2D", "Dropout", "Conv2D", "Reshape", "Activation"},
}
OURS_ALONE = {
    "vgg16": {"Dropout"},
    "inception_v3_keras": {"Dropout"},
    "mobilenet": {"GlobalAveragePooling2D", "Dropout", "Dense"},
}
LAYERS = facts("keras_layers.json")


@pytest.mark.parametrize("name", LAYERS)
def test_rows_of_keras_applications(name: str) -> None:
    """The same rows, whatever their order: class, output, parameters with statistics.

    Defeats: an activation of a convolution on a row of its own in VGG or without one in ResNet, a
    depthwise and a pointwise convolution that Keras has as one.
    """
    theirs = Counter({(kind, tuple(output), params): times for kind, output, params, times in LAYERS[name]})
    answer = json.loads(call("summary", name, "--like", "keras", "--format", "json").out)
    ours = Counter((r["type"], tuple(r["output"]), r["params"]) for r in answer["layers"])
    assert {kind for kind, _, _ in theirs - ours} == THEIRS_ALONE.get(name, set())
    assert {kind for kind, _, _ in ours - theirs} == OURS_ALONE.get(name, set())
    assert (theirs - ours).total() <= 20
    assert answer["totals"]["total_params"] == sum(row[2] * row[3] for row in LAYERS[name])


def test_keras_with_channels_first() -> None:
    """Defeats a layout that is passed over."""
    text = like("keras", CHAIN, "--layout", "chw")
    assert "(None, 32, 28, 28)" in text
    assert "(None, 3136)" in text
    assert "(None, 28, 28, 32)" not in text


def test_keras_names_no_row_twice() -> None:
    """Defeats: the row of a flattening that is called like a layer of the spec."""
    spec = "net n\n  input 4x4x2\n  flatten: conv 1x1 2\n  a: fc 3\n  b: @flatten -> fc 3\n"
    spec += "  add @a @b"
    answer = json.loads(like("keras", spec, "--format", "json"))
    names = [row["name"] for row in answer["layers"]]
    assert names == ["input", "flatten", "flatten_1", "a", "flatten_2", "b", "add1"]
    assert answer["layers"][-1]["connected_to"] == ["a[0][0]", "b[0][0]"]
    assert answer["layers"][5]["connected_to"] == ["flatten_2[0][0]"]


# Formats, options, Python -------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["keras", "torchinfo"])
def test_formats_say_the_same(tool: str) -> None:
    """Defeats: a format that has other numbers, or the usual summary's."""
    found: dict[str, Any] = json.loads(like(tool, CHAIN, "--format", "json"))
    assert found["like"] == tool
    rows = [row for row in found["layers"] if row["params"]]
    assert sum(row["params"] for row in rows) == found["totals"]["total_params"]
    for form, sign in (("csv", ","), ("plain", "\t")):
        lines = like(tool, CHAIN, "--format", form).rstrip("\n").split("\n")
        assert lines[0].split(sign) == list(found["layers"][0])
        assert len(lines) == 1 + len(found["layers"])
        at = lines[0].split(sign).index("params")
        assert [int(line.split(sign)[at]) for line in lines[1:]] == [row["params"] for row in found["layers"]]
    for form in ("markdown", "latex"):
        text = like(tool, CHAIN, "--format", form).replace("{,}", ",")
        assert f"{found['totals']['trainable_params']:,}" in text
        assert all(f"{row['params']:,}" in text for row in rows)


def test_torchinfo_adds_up() -> None:
    """Its rows give its totals."""
    found = json.loads(like("torchinfo", CHAIN, "--format", "json"))
    assert sum(row["mult_adds"] for row in found["layers"]) == found["totals"]["mult_adds"]
    trained = sum(row["trainable"] for row in found["layers"])
    assert trained == found["totals"]["trainable_params"]


def test_bytes_follow_the_dtype() -> None:
    assert "(620.23 KB)" in like("keras", CHAIN, "--dtype", "fp16")
    assert re.search(r"Params size \(MB\): 0\.63\n", like("torchinfo", CHAIN, "--dtype", "fp16"))


@pytest.mark.parametrize(
    "more",
    [
        ["--chart"],
        ["--all"],
        ["--depth", "2"],
        ["--optimizer", "adam"],
        ["--fits", "1GiB"],
        ["--columns", "params"],
    ],
)
def test_what_does_not_go_together(more: list[str]) -> None:
    """Defeats: an option that is passed over in silence."""
    answer = call("summary", "lenet5", "--like", "keras", *more)
    assert (answer.code, answer.out) == (2, "")
    assert f"--like and {more[0]} do not go together" in answer.err


def test_columns_of_the_flat_forms() -> None:
    text = like("torchinfo", CHAIN, "--format", "csv", "--columns", "type,params")
    assert text.split("\n")[:3] == ["type,params", "Chain,0", "Conv2d,320"]


def test_from_python() -> None:
    """The same screen. Defeats a name that is taken for the other tool."""
    summary = archcalc.load("-", stdin=CHAIN).summary()
    assert keras_of(summary.like("keras") + "\n") == (DATA / "chain.txt").read_text("utf-8")
    assert summary.like("torchinfo") + "\n" == like("torchinfo", CHAIN)
    with pytest.raises(ValueError, match="no tool 'tf'; there are fvcore, keras, torchinfo, torchinfo-main"):
        summary.like("tf")


# Sequences and transposed convolutions ------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "macs", "printed"),
    [("lstm", 251_210, "0.25"), ("gru", 188_490, "0.19"), ("rnn", 63_050, "0.06")],
)
def test_torchinfo_sees_all_that_a_recurrent_module_puts_out(kind: str, macs: int, printed: str) -> None:
    """As torchinfo 1.8.0 printed of the exported module. Defeats the row of a module of which the
    network takes the last state, and multiply-adds of its units in place of its steps."""
    spec = f"20x64 -> {kind} 32 biases=two returns=last -> fc 10"
    text = like("torchinfo", spec)
    assert "[1, 20, 32]" in text
    assert f"Total mult-adds (M): {printed}" in text
    assert "Forward/backward pass size (MB): 0.01" in text
    known = json.loads(call("summary", spec, "--like", "torchinfo", "--format", "json").out)
    assert known["totals"]["mult_adds"] == macs
    assert known["totals"]["forward_backward_bytes"] == 5_200
    assert known["layers"][0]["output"] == [1, 10]


@pytest.mark.parametrize(
    ("spec", "theirs"),
    [
        ("4x4x3 -> tconv 1x1 2 stride=2", "8x8x2"),
        ("4x4x3 -> tconv 2x2 2 stride=3", "12x12x2"),
        ("8x8x1 -> tconv 1x1 1 stride=2 pad=valid", "16x16x1"),
        ("4x5x3 -> tconv 3x1 2 stride=2", "9x10x2"),
    ],
)
def test_where_keras_puts_out_another_shape(spec: str, theirs: str) -> None:
    """As compute_output_shape of Keras 3.15.1. Defeats a shape of PyTorch's under Keras' name
    without a word."""
    text = " ".join(like("keras", spec).split())
    assert f"Keras' own layer puts out {theirs} here" in text
    assert theirs in call("summary", spec, "--like", "keras", "--format", "markdown").out
    (note,) = json.loads(call("summary", spec, "--like", "keras", "--format", "json").out)["notes"]
    assert theirs in note
    for same in (
        "4x4x3 -> tconv 3x3 2 stride=2",
        "4x4x3 -> tconv 1x1 2 stride=2 pad=same",
        "4x4x3 -> tconv 2x2 2 stride=2",
    ):
        assert "Keras' own" not in like("keras", same)


def test_keras_keeps_a_tied_layer_apart(tmp_path: Path) -> None:
    """A layer that is called again has one row; an output layer that takes an embedding's table,
    or a convolution that leaves the bias, is another layer. Defeats one row with the shape of the
    last that has its parameters: an embedding of 1000 channels."""
    path = tmp_path / "tied.arch"
    path.write_text(
        "net tied\n  input words: 20\n  e: embedding 1000 64\n  linear 64\n"
        "  linear 1000 bias=no like=e -> bias\n"
        "net twin\n  input 16x16x3\n  a: conv 3x3 3 pad=1\n  conv 3x3 3 pad=1 like=a\n"
        "  conv 3x3 3 pad=1 bias=no like=a\n",
        encoding="utf-8",
    )

    def keras(net: str, *how: str) -> str:
        return call("summary", f"{path}:{net}", "--like", "keras", *how).out

    rows = {line.split(",")[0]: line for line in keras("tied", "--format", "csv").splitlines()}
    assert "20x64,64000" in rows["e"]
    assert "20x1000,0" in rows["linear2"]
    assert "linear2: takes its weights from e" in " ".join(keras("tied").split())
    shared = keras("twin", "--format", "csv")
    assert "conv1" not in shared  # the same layer, called again
    assert "\nconv2," in shared
