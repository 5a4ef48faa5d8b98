"""Layer tables and listings as slides and tools print them: read, and what is not read said aloud.

The wrong ways to defeat: names of layers that are looked for in the first column alone; a column
``out`` of channels taken for wrong volumes; a listing of which the lines with two colons are lost;
one sentence that is said for each of 22 cells.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from calling import call

LECTURES = Path(__file__).resolve().parent.parent / "examples" / "lectures"


def marked(network: str, path: Path, *more: str) -> dict[str, Any]:
    found = call("check", network, str(path), "--format", "json", *more)
    assert found.code in (0, 1), found.err
    read = json.loads(found.out)
    return {"unread": read["unread"], **{a["question"]: a for a in read["answers"]}}


def written(folder: Path, text: str, network: str = "alexnet") -> dict[str, Any]:
    path = folder / "table.txt"
    path.write_text(text)
    return marked(network, path)


def test_a_listing_of_vgg16_with_memory_and_weights() -> None:
    found = marked("vgg16", LECTURES / "vgg16_listing.txt", "--convention", "memory=values")
    assert found.pop("unread") == ["line 24: `2` is not read: (only forward! ~*2 for bwd)"]
    assert len(found) == 68
    assert found["conv1_1.weights"]["answer"] == "(3*3*3)*64 = 1,728"
    assert found["conv1_1.output"]["answer"] == "[224x224x64]"
    assert found["total.memory"]["answer"] == "24M * 4 bytes ~= 93MB / image"
    off = {name for name, answer in found.items() if answer["verdict"] not in ("right", "rounded")}
    assert off == {"total.memory"}  # the column sums to 15.2M


def test_a_listing_of_alexnet_with_its_settings() -> None:
    found = marked("alexnet", LECTURES / "alexnet_listing.txt")
    assert found.pop("unread") == []
    assert {answer["verdict"] for answer in found.values()} == {"right"}
    assert len(found) == 14
    assert found["pool5.output"]["answer"] == "[6x6x256]"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[55x55x96] CONV1: 96 11x11 filters at stride 2, pad 0", "stride 2, where conv1 has 4"),
        ("[55x55x96] CONV1: 64 11x11 filters at stride 4", "filters 64, where conv1 has 96"),
        ("[55x55x96] CONV1: 96 5x5 filters", "kernel 5x5, where conv1 has 11"),
        ("[55x55x96] CONV1: 96 filters, 7 of them blue", "`7` is not read"),
        ("CONV1 has 34,944 of them", "it is no layer with its figures: CONV1 has 34,944 of them"),
        ("[55x55x96] FOO1", "`FOO1` is no layer of the network"),
    ],
)
def test_what_a_listing_says_besides_is_not_lost(tmp_path: Path, line: str, expected: str) -> None:
    found = written(tmp_path, f"[227x227x3] INPUT\n{line}\n")
    assert len(found["unread"]) == 1
    assert expected in found["unread"][0]


def test_columns_in_any_order_with_tabs_and_channels() -> None:
    path = LECTURES / "alexnet_columns.tsv"
    found = marked("alexnet", path)
    assert found.pop("unread") == []
    verdicts = [answer["verdict"] for answer in found.values()]
    assert (verdicts.count("convention"), verdicts.count("right")) == (8, 22)
    assert found["conv1.output"]["convention"] == "its channels alone"
    assert found["fc6.params"]["answer"] == "37752832"
    assert call("check", "alexnet", str(path)).code == 0


@pytest.mark.parametrize(
    "head", ["Layer\tout\t# of Param", "out\tLayer\t# of Param", "# of Param\tout\tLayer"]
)
def test_heads_in_any_order(tmp_path: Path, head: str) -> None:
    cells = {"Layer": "conv1", "out": "55x55x96", "# of Param": "34945"}
    row = "\t".join([cells[name] for name in head.split("\t")])
    found = written(tmp_path, f"AlexNet\n\n{head}\n{row}\n")
    assert found["conv1.output"]["verdict"] == "right"
    assert found["conv1.params"]["verdict"] == "wrong"


@pytest.mark.parametrize(
    "name",
    [
        "# of Param",
        "# of Params",
        "#Params",
        "Params #",
        "Param #",
        "No. of parameters",
        "number of parameters",
        "Number of learnable parameters",
        "Total params",
        "# parameters",
    ],
)
def test_ways_to_head_a_column_of_parameters(tmp_path: Path, name: str) -> None:
    found = written(tmp_path, f"layer,{name}\nconv1,34944\n")
    assert found["conv1.params"]["verdict"] == "right"


@pytest.mark.parametrize(
    ("settings", "unread"),
    [
        ("in,kernel,stride|3,11x11,4", 0),
        ("in,kernel,stride|227x227x3,11,4x4", 0),
        ("in,kernel,stride|4,11x11,4", 1),
        ("in,kernel,stride|3,7x7,2", 2),
        ("colour|red", 1),
    ],
)
def test_settings_are_held_against_the_network(tmp_path: Path, settings: str, unread: int) -> None:
    head, row = settings.split("|")
    found = written(tmp_path, f"layer,{head},params\nconv1,{row},34944\n")
    assert found["conv1.params"]["verdict"] == "right"
    assert len(found["unread"]) == unread


def test_channels_alone_are_one_convention_and_a_wrong_number_is_wrong() -> None:
    chain = "227x227x3 -> conv 11x11 96 stride=4"
    assert call("check", chain, "output=96").code == 0
    assert call("check", chain, "output=95").code == 1
    assert call("check", chain, "size=96").code == 1


KERAS = """Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 conv1 (Conv2D)              (None, 26, 26, 32)        320
 pool1 (MaxPooling2D)        (None, 13, 13, 32)        0
 fc1 (Dense)                 (None, 10)                54090
=================================================================
Total params: 54410
"""
DRAWN = """┌──────────────┬────────────────────┬─────────┐
│ Layer        │ Output Shape       │ Param # │
├──────────────┼────────────────────┼─────────┤
│ conv1        │ (None, 26, 26, 32) │     320 │
│ pool1        │ (None, 13, 13, 32) │       0 │
└──────────────┴────────────────────┴─────────┘
"""


@pytest.mark.parametrize(("text", "figures"), [(KERAS, 6), (DRAWN, 4)])
def test_tables_that_tools_print(tmp_path: Path, text: str, figures: int) -> None:
    """Defeats: columns that are looked for between commas and pipes alone."""
    chain = "28x28x1 -> conv 3x3 32 -> maxpool 2x2 -> flatten -> fc 10"
    found = written(tmp_path, text, chain)
    unread = found.pop("unread")
    assert len(found) == figures
    assert {answer["verdict"] for answer in found.values()} <= {"right", "wrong"}
    assert [name for name, answer in found.items() if answer["verdict"] == "wrong"] == []
    assert all("Total" in expected for expected in unread)


def test_what_is_the_same_of_many_cells_is_said_once() -> None:
    path = str(LECTURES / "vgg16_memory.md")
    found = call("check", "vgg16", path)
    assert "22 figures" in found.out
    assert found.out.count("memory is counted in values") == 1
    assert len(found.out.split("\n")) < 50
    assert found.out.count("as of INPUT memory") == 1
    every = call("check", "vgg16", path, "-v")
    assert every.out.count("memory is counted in values") == 22
    # Of two cells each has its note: a group of two saves nothing.
    hint = call("check", "vgg16", path, "--hint")
    assert hint.out.count("memory is counted in values") == 1


def test_a_column_that_does_not_go_with_every_row_spoils_no_other(tmp_path: Path) -> None:
    """Defeats: a column `depth`, which archcalc asks of whole networks, that ends the run."""
    text = "layer,depth,params,params\nconv1,96,34944,7\ntotal,8,62378344,8\n"
    found = written(tmp_path, text)
    assert found["conv1.params"]["verdict"] == found["total.depth"]["verdict"] == "right"
    assert found["unread"] == [
        "line 1: the column `params` is not read",
        "line 2, depth: depth is of a whole network: 96",
    ]
    rows = written(tmp_path, "layer,params\nconv1,34944\nconv1,7\n")
    assert rows["unread"] == ["line 3, params: conv1 parameters stands there twice: 7"]


def test_sizes_without_channels_in_a_column_of_sizes(tmp_path: Path) -> None:
    found = written(tmp_path, "layer,output size\nconv1,55\npool1,27x27\nconv2,27x27x256\nfc6,4096\n")
    assert found.pop("unread") == []
    assert list(found) == ["conv1.size", "pool1.size", "conv2.output", "fc6.output"]
    assert {answer["verdict"] for answer in found.values()} == {"right"}


SMALL = "28x28x1 -> conv 3x3 32 -> maxpool 2x2 -> flatten -> fc 10"


def test_a_name_as_wide_as_its_column_shifts_no_cell(tmp_path: Path) -> None:
    """Keras parts such a name from the next cell by one space. Cells that are counted from the
    left put the parameters below the outputs, and a right row is called wrong."""
    text = """\
Layer (type)                 Output Shape              Param #
=================================================================
conv2d (Conv2D)              (None, 26, 26, 32)        320
_________________________________________________________________
max_pooling2d (MaxPooling2D) (None, 13, 13, 32)        0
_________________________________________________________________
dense (Dense)                                          54090
=================================================================
"""
    found = written(tmp_path, text, SMALL)
    assert found.pop("unread") == []
    assert [answer["verdict"] for answer in found.values()].count("right") == 5
    assert found["maxpool1.output"]["answer"] == "(None, 13, 13, 32)"
    assert found["fc1.params"]["answer"] == "54090"


def test_cells_that_stand_below_no_head_are_listed_and_not_marked(tmp_path: Path) -> None:
    """Shifted to the left they would be answers to other questions."""
    text = "layer    output      params     macs\nconv1    26x26x32               5408   7   8\n"
    text += "conv1    26x26x32    320        194688\nx    y                  z\n"
    found = written(tmp_path, text, SMALL)
    assert [expected.split(":")[0] for expected in found.pop("unread")] == ["line 2", "line 4"]
    assert {answer["verdict"] for answer in found.values()} == {"right"}


@pytest.mark.parametrize("tool", ["keras", "torchinfo"])
def test_what_like_prints_is_read(tmp_path: Path, tool: str) -> None:
    """Rules between all rows are no heads of tables, and a tree before a name is none of it."""
    path = tmp_path / "table.txt"
    path.write_text(call("summary", SMALL, "--like", tool).out)
    found = marked(SMALL, path)
    found.pop("unread")
    assert {answer["verdict"] for answer in found.values()} <= {"right", "convention"}
    assert {"conv1.output", "conv1.params", "maxpool1.output", "fc1.params"} <= set(found)


def test_bars_of_a_screen_are_no_cells(tmp_path: Path) -> None:
    """Bars between the columns shifted the cells behind them."""
    path = tmp_path / "table.txt"
    path.write_text(call("summary", "lenet5_modern", "--width", "120").out)
    found = marked("lenet5_modern", path)
    found.pop("unread")
    verdicts = {name: a["verdict"] for name, a in found.items() if "memory" not in name}
    asked = [f"{at}.{quantity}" for at, quantity in _asked_of_lenet()]
    assert verdicts == dict.fromkeys(asked, "right")


def _asked_of_lenet() -> list[tuple[str, str]]:
    weighted = [
        (at, quantity)
        for at in ("conv1", "pool1", "conv2", "pool2", "fc3", "fc4", "fc5")
        for quantity in ("output", "params", "macs", "rf")
    ]
    totals = [("total", "params"), ("total", "macs")]
    return [("input", "output"), ("input", "rf"), *weighted, *totals]


@pytest.mark.parametrize("head", ["Size\tin\tout\tLayer\t# of Param", "Size\tin\toutput\tLayer\tparams"])
def test_sizes_beside_channels(tmp_path: Path, head: str) -> None:
    """Two columns of the output: the second was not read."""
    text = head + "\n55\t3\t96\tConv1\t34944\n27x27\t96\t95\tPool1\t0\n"
    found = written(tmp_path, text)
    assert found.pop("unread") == []
    assert [found[f"conv1.{q}"]["verdict"] for q in ("size", "output", "params")] == [
        "right",
        "convention",
        "right",
    ]
    assert found["pool1.size"]["verdict"] == "right"
    assert found["pool1.output"]["verdict"] == "wrong"


def test_the_first_rows_of_a_listing_alone(tmp_path: Path) -> None:
    """Names of VGG's tables hold kernel and filters, and POOL2 is a 2x2 pooling there, not the
    layer pool2: its right volume was called wrong, and the convolutions before it unknown."""
    text = """\
CONV3-64: [224x224x64] weights: (3*3*3)*64 = 1,728
CONV3-64: [224x224x64] weights: (3*3*64)*64 = 36,864
POOL2: [112x112x64] weights: 0
"""
    found = written(tmp_path, text, "vgg16")
    (unread,) = found.pop("unread")
    assert unread.startswith("line 3: `POOL2` could be pool1 or pool5")
    convs = ("conv1_1", "conv1_2")
    assert set(found) == {f"{at}.{q}" for at in convs for q in ("output", "weights")}
    assert {answer["verdict"] for answer in found.values()} == {"right"}
