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


# Blocks in blocks, one of two outputs, one that is called twice with the same weights.
NESTED = """\
block unit c | x
  conv1: conv 3x3 c pad=same -> relu
  norm: bn
  act: leaky_relu

block cell c | cur prev
  first: unit c
  project: @prev -> conv 3x3 c pad=1
  join: add @first @project

net nested
  input 16x16x3
  conv0: conv 3x3 8 pad=same
  a: cell 8 @conv0 @input
  b: cell 8 @a @conv0
  again: cell 8 @b @a like=b
  sum: add @again @b @a.project
  gap: gap
  fc1: fc 10 -> softmax
"""
BRANCHES = """\
net branches
  input 28x28x16
  conv1: conv 3x3 8 pad=same
  one: @conv1 -> conv 1x1 4
  two: @conv1 -> conv 1x1 4 -> relu
  conv2: conv 3x3 8 pad=same -> relu
  three: @conv1 -> conv 1x1 2
  conv3: conv 3x3 4 pad=same
  norm3: bn
  conv4: conv 3x3 4 pad=same
  pool: @conv1 -> maxpool 3x3 stride=1 pad=same
  conv5: conv 1x1 4
  join: concat @one @conv2 @conv4 @conv5
  short: @conv1 -> conv 1x1 20
  sum: add @join @short
  gap: gap
  fc1: fc 10 -> softmax
"""
RECURRENT = """\
net recurrent
  input words: 20
  e: embedding 1000 64
  both: lstm 32 bidirectional
  stack: gru 24 layers=3 biases=two
  ends: lstm 16 bidirectional returns=last layers=2
  fc1: fc 10 -> softmax
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


@pytest.mark.parametrize(
    ("size", "how"),
    [
        ("nested", ["--width", "200"]),
        ("nested.80", ["--width", "80"]),
        ("nested.trainable", ["--width", "200", "--freeze", "a", "--show-trainable"]),
    ],
)
def test_models_within_the_model(size: str, how: list[str]) -> None:
    """What Keras 3.15.1 printed of nested models, ``a`` and ``conv0`` not trainable in the third.

    Defeats names with those of the blocks in front, connections inside, which Keras does not know, one output
    where two are read, a second model for a block that is called again, and its weights counted twice.
    """
    text = like("keras", NESTED, "--expand-nested", *how)
    assert keras_of(text) == (DATA / f"{size}.txt").read_text("utf-8")


def test_models_within_the_model_add_up() -> None:
    """Rows of data are of figures that no other row has. Defeats a model that holds those inside again."""
    found = json.loads(like("keras", NESTED, "--expand-nested", "--format", "json"))
    assert sum(row["params"] for row in found["layers"]) == found["totals"]["total_params"] == 2_354
    rows = {row["name"]: row for row in found["layers"]}
    assert [rows[name]["depth"] for name in ("a", "a.first", "a.first.conv1")] == [0, 1, 2]
    assert rows["a"]["output"] == [[16, 16, 8], [16, 16, 8]]
    assert rows["b"]["connected_to"] == ["a[0][0]", "conv0[0][0]", "b[0][0]", "a[0][0]"]
    assert rows["a.first"]["connected_to"] == ["a.input[0][0]"]
    flat = json.loads(like("keras", NESTED, "--format", "json"))
    assert flat["totals"] == found["totals"]
    assert {row["depth"] for row in flat["layers"]} == {0}


def test_a_layer_of_another_model() -> None:
    """A layer that shares with one of another block stands in both models, with its weights counted once.
    Defeats a connection of a layer to a tensor of another model."""
    spec = """\
block one c
  conv1: conv 1x1 c
  conv2: conv 3x3 c pad=same

net n
  input 8x8x4
  a: one 4
  b: one 4 like=a
  c: @a -> conv 1x1 4 like=a.conv1
"""
    found = json.loads(like("keras", spec, "--expand-nested", "--format", "json"))
    rows = {row["name"]: row for row in found["layers"]}
    assert "b" not in rows
    assert (rows["c"]["params"], rows["a.conv1"]["params"], rows["a"]["params"]) == (0, 20, 0)
    assert found["totals"]["total_params"] == 20 + 148


@pytest.mark.parametrize("spec", [BRANCHES, RECURRENT])
def test_order_and_directions_of_keras(spec: str) -> None:
    """What Keras 3.15.1 printed of the same layers: rows by how many layers stand behind them; a layer for
    each of several recurrent ones, a Bidirectional around both directions.

    Defeats the order of the text, and one row LSTM with the weights of all.
    """
    name = spec.split()[1]
    assert keras_of(like("keras", spec, "--width", "200")) == (DATA / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", ["inception_v3_keras", "xception"])
def test_order_of_keras_applications(name: str) -> None:
    """Row for row as in the model of keras.applications; it has no dropout. Defeats ties that are ordered
    otherwise than by a walk from the output."""
    theirs = json.loads((DATA / "order.json").read_text("utf-8"))[name]
    rows = json.loads(call("summary", name, "--like", "keras", "--format", "json").out)["layers"]
    ours = [[row["type"], row["output"], row["params"]] for row in rows if row["type"] != "Dropout"]
    assert ours == theirs


OPTIMIZERS = json.loads((DATA / "optimizers.json").read_text("utf-8"))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_an_optimizer_of_keras_holds(optimizer: str) -> None:
    """What Keras 3.15.1 printed of a compiled model whose optimizer was built, ``conv1`` not trainable.

    Defeats: no step counter or learning rate, moments of what is not trained, a total without them.
    """
    text = keras_of(like("keras", BRANCHES, "--freeze", "conv1", "--optimizer", optimizer))
    assert text.endswith("┘\n" + OPTIMIZERS[optimizer])
    found = json.loads(like("keras", BRANCHES, "--optimizer", optimizer, "--format", "json"))["totals"]
    weights = found["trainable_params"] + found["non_trainable_params"]
    assert found["total_params"] == weights + found["optimizer_params"]


def test_arguments_of_keras_alone() -> None:
    """Defeats an argument that torchinfo and our own summary pass over."""
    for tool in ([], ["--like", "torchinfo"]):
        for more in (["--show-trainable"], ["--line-length", "90"], ["--expand-nested"]):
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
    assert names == ["input", "flatten", "flatten_1", "flatten_2", "a", "b", "add1"]
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
        ["--mixed", "--optimizer", "adam", "--dtype", "fp16"],
        ["--fits", "1GiB"],
        ["--columns", "params"],
    ],
)
def test_what_does_not_go_together(more: list[str]) -> None:
    """Defeats: an option that is passed over in silence."""
    answer = call("summary", "lenet5", "--like", "keras", *more)
    assert (answer.code, answer.out) == (2, "")
    assert f"--like and {more[0]} do not go together" in answer.err


def test_an_optimizer_is_for_keras() -> None:
    for tool in ("torchinfo", "fvcore"):
        answer = call("summary", "lenet5", "--like", tool, "--optimizer", "adam")
        assert (answer.code, answer.out) == (2, "")
        assert "--like and --optimizer do not go together" in answer.err


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
