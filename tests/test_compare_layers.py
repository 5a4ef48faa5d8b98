"""`archcalc compare A B --layers`: which layers belong together, what changed, and what it costs."""

from __future__ import annotations

import csv
import io
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from calling import call
from random_networks import network_of

import archcalc
from archcalc.analysis import alignment
from archcalc.analysis.difference import COSTS, NetworkDiff
from archcalc.diagnostics import SpecError
from archcalc.report.screens.compare_layers import COLUMNS, signed
from archcalc.report.screens.folded_pairs import LEVELS, every_pair, pair_rows

PAIRS = [
    ("resnet50", "resnet50_v1"),
    ("vgg16", "vgg16_bn"),
    ("resnet18", "resnet34_a"),
    ("resnet18", "resnet50"),
    ("alexnet", "vgg11"),
    ("mobilenet_v2", "mobilenet_v3_small"),
    ("lenet5", "lenet5"),
]


def compared(one: str, other: str, *words: str, stdin: str = "") -> dict[str, Any]:
    """The record of a diff."""
    answer = call("compare", one, other, "--layers", *words, "--format", "json", stdin=stdin)
    assert answer.code == 0, answer.err
    return dict(json.loads(answer.out))


def diff_of(one: str, other: str) -> NetworkDiff:
    return archcalc.compare(one, other).layers()


def changes(record: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What is not alike: kind, names, and what changed."""
    return [
        (
            pair["kind"],
            pair["first"] and pair["first"]["name"],
            pair["second"] and pair["second"]["name"],
            *[f"{c['what']} {c['first']} {c['second']}" for c in pair["changes"]],
        )
        for pair in record["layers"]
        if pair["kind"] not in ("alike", "resized")
    ]


# Sums --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_the_columns_sum_to_the_difference_of_the_totals(one: str, other: str) -> None:
    """The totals are those of two summaries, which know nothing of pairs. Defeats a diff that leaves the
    input out, counts shared parameters twice, or drops what is behind the last pair."""
    record = compared(one, other)
    summaries = [json.loads(call("summary", name, "--format", "json").out) for name in (one, other)]
    for cost in COSTS:
        totals = [summary["totals"][cost] for summary in summaries]
        for side, total in zip(("first", "second"), totals, strict=True):
            assert sum(pair[cost][side] for pair in record["layers"]) == total
        assert sum(pair[cost]["delta"] for pair in record["layers"]) == totals[1] - totals[0]
        assert record["totals"][cost]["delta"] == totals[1] - totals[0]
    for side, summary in zip(("first", "second"), summaries, strict=True):
        names = [pair[side]["name"] for pair in record["layers"] if pair[side] is not None]
        assert names[-len(summary["layers"]) :] == [layer["name"] for layer in summary["layers"]]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(("one", "other"), PAIRS)
@pytest.mark.parametrize("depth", [None, *range(1, LEVELS + 1)])
def test_the_rows_of_every_depth_are_all_pairs(one: str, other: str, depth: int | None) -> None:
    """Each pair stands in one closed row, and in order inside of it. Defeats a fold that loses what is
    between changes that repeat, or counts it twice."""
    diff = diff_of(one, other)
    rows, _ = pair_rows(diff, depth)
    held = [pair for row in rows if not row.opened for pair in row.pairs]
    assert len(held) == len(diff.pairs)
    assert {id(pair) for pair in held} == {id(pair) for pair in diff.pairs}
    place = {id(pair): at for at, pair in enumerate(diff.pairs)}
    for row in rows:
        order = [place[id(pair)] for pair in row.pairs]
        assert order == sorted(order)
    for cost in COSTS:
        closed = [row.delta(cost) for row in rows if not row.opened]
        assert sum(number or 0 for number in closed) == diff.delta(cost)
    for at, row in enumerate(rows):
        if row.opened:
            inside = []
            for part in rows[at + 1 :]:
                if not part.indent:
                    break
                inside.append(part)
            assert {id(pair) for part in inside for pair in part.pairs} == {id(pair) for pair in row.pairs}
    assert len(every_pair(diff)) == len(diff.pairs)


@pytest.mark.parametrize("seed", range(12))
def test_random_networks(seed: int) -> None:
    """Two networks that have little in common, with several inputs, branches and heads. Defeats rows that
    leave out what stands in no group of the spec, as an input does that one of them alone has."""
    specs = [network_of(2 * seed + turn, 10) for turn in (0, 1)]
    first, second = [archcalc.Network.of("-", stdin=spec).summary() for spec in specs]
    diff = NetworkDiff(first, second)
    for side, summary in enumerate((first, second)):
        sides = [pair.rows[side] for pair in diff.pairs]
        held = [row.layer for row in sides if row is not None]
        assert held == [*summary.graph.inputs, *summary.layers]
    for depth in range(1, LEVELS + 1):
        rows, _ = pair_rows(diff, depth)
        closed = [id(pair) for row in rows if not row.opened for pair in row.pairs]
        assert sorted(closed) == sorted(map(id, diff.pairs))
    for cost in COSTS:
        deltas = [pair.costs[cost].delta for pair in diff.pairs]
        if None not in deltas:
            assert (
                sum(number or 0 for number in deltas)
                == diff.delta(cost)
                == diff.totals[cost].second - diff.totals[cost].first
            )


def test_the_screen_adds_up() -> None:
    """Read off the Markdown: the figures as they are printed. Defeats a cell with another sum than its
    row."""
    text = call("compare", "resnet18", "resnet34_a", "--layers", "--format", "markdown").out
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip().strip("*") for cell in line.split("|")[1:-1]] for line in lines]
    heads = cells[0]
    at = heads.index("parameters")
    numbers = [int(row[at].replace(",", "").replace("−", "-")) for row in cells[2:]]
    first, second, difference = numbers[-3:]
    assert sum(numbers[:-3]) == difference == second - first == 21_623_848 - 11_689_512


def test_parameters_of_others_are_counted_once() -> None:
    """Defeats a diff that takes `like=` for a layer of its own."""
    text = "net {}\n  input 8x8x4\n  one: conv 3x3 4 pad=1\n  two: conv 3x3 4 pad=1{}\n"
    for mark, params, change in (
        ("", 148, []),
        (" like=one", 0, [("changed", "two", "two", "parameters its own one")]),
    ):
        found = _of_text(text.format("a", "") + text.format("b", mark), "a", "b")
        assert changes(found) == change
        assert found["layers"][-1]["params"]["second"] == params


def _of_text(text: str, one: str, other: str) -> dict[str, Any]:
    """The diff of two networks of one file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nets.arch"
        path.write_text(text, encoding="utf-8")
        return compared(f"{path}:{one}", f"{path}:{other}")


# What belongs together ---------------------------------------------------------------------------


def test_the_stride_of_resnet50() -> None:
    """v1.5 against the paper: the stride moves, three times. Defeats an alignment by position alone,
    which is as good here, and one by attributes alone, which takes the layers for exchanged."""
    expected = []
    for stage in (3, 4, 5):
        for conv, first, second in (("conv1", 1, 2), ("conv2", 2, 1)):
            name = f"conv{stage}_1.{conv}"
            expected.append(("changed", name, name, f"stride {first} {second}"))
    assert changes(compared("resnet50", "resnet50_v1")) == expected


def test_batch_norms_that_are_inserted() -> None:
    """Defeats a diff by position, to which all behind the first one has changed."""
    found = changes(compared("vgg16", "vgg16_bn"))
    assert [kind for kind, *_ in found] == ["inserted"] * 13
    assert [name.rpartition(".")[2] for _, _, name in found] == ["bn"] * 13


def test_units_that_are_inserted() -> None:
    """Exactly the layers that resnet34 has and resnet18 has not, by name. Defeats gaps that cost nothing,
    with which parts of a unit are paired with those of the next."""
    found = changes(compared("resnet18", "resnet34"))
    names = [{layer.name for layer in archcalc.load(name).graph.layers} for name in ("resnet18", "resnet34")]
    assert {kind for kind, *_ in found} == {"inserted"}
    assert {name for _, _, name in found} == names[1] - names[0]


def test_a_changed_stride() -> None:
    one = "32x32x3 -> conv 3x3 8 pad=1 -> relu -> conv 3x3 16 pad=1 -> gap -> fc 10"
    other = one.replace("8 pad=1", "8 pad=1 stride=2")
    found = compared(one, other)
    assert changes(found) == [("changed", "conv1", "conv1", "stride 1 2")]
    assert [pair["kind"] for pair in found["layers"]] == [
        *("alike", "changed", "resized", "resized", "alike", "alike")
    ]
    # 32·32 against 16·16 positions: a quarter of the MACs of both convolutions.
    assert found["totals"]["macs"]["delta"] == -(32 * 32 - 16 * 16) * (27 * 8 + 72 * 16)


@pytest.mark.parametrize("seed", range(60))
def test_an_edit_that_was_made_is_the_one_that_is_found(seed: int) -> None:
    """Chains whose layers are numbered, so that names move with an edit. Defeats an alignment that trusts
    such names, and one that finds other changes beside the one that was made."""
    draw = random.Random(seed)
    layers = [
        draw.choice([f"conv {k}x{k} {f} pad=half", "relu", "bn", "maxpool 3x3 stride=1 pad=1", "sigmoid"])
        for k, f in [(draw.choice([1, 3, 5]), draw.randint(2, 9)) for _ in range(draw.randint(4, 24))]
    ]
    at = draw.randrange(len(layers))
    edited = list(layers)
    kind = draw.choice(["inserted", "removed", "changed"])
    if kind == "inserted":
        edited.insert(at, "dwconv 7x7 pad=half")
    elif kind == "removed":
        layers.insert(at, "lrn 5")
    else:
        layers[at], edited[at] = "conv 3x3 11 pad=half", "conv 3x3 11 pad=half bias=no"
    found = compared(*["16x16x3 -> " + " -> ".join(chain) for chain in (layers, edited)])
    assert [kind for kind, *_ in changes(found)] == [kind]
    if kind == "changed":
        assert changes(found)[0][3:] == ("bias yes no",)
        assert found["totals"]["params"]["delta"] == -11


def test_names_do_not_make_a_change() -> None:
    """The same layers under other labels. Defeats an alignment by name."""
    text = (
        "net a\n  input 8x8x3\n  stem: conv 3x3 4 -> relu\n  mid: conv 3x3 5\n  fc 10\n"
        "net b\n  input 8x8x3\n  c1: conv 3x3 4 -> relu\n  c2: conv 3x3 5\n  last: fc 10\n"
    )
    found = _of_text(text, "a", "b")
    assert changes(found) == []
    assert [(pair["first"]["name"], pair["second"]["name"]) for pair in found["layers"]][1] == ("stem", "c1")


def test_a_layer_that_reads_another_tensor() -> None:
    """Defeats a diff that looks at layers alone and not at what they read; and one to which everything
    behind an inserted layer reads something else."""
    body = "  input 8x8x4\n  a: conv 3x3 4 pad=1\n  b: conv 3x3 4 pad=1\n  c: add @{} @b\n"
    text = f"net one\n{body.format('a')}net two\n{body.format('x')}".replace("  input", "  input x:")
    assert changes(_of_text(text, "one", "two")) == [("changed", "c", "c", "input a x")]
    chains = "8x8x4 -> conv 3x3 4 -> relu -> fc 3", "8x8x4 -> conv 3x3 4 -> bn -> relu -> fc 3"
    assert changes(compared(*chains)) == [("inserted", None, "bn1")]


def test_the_same_window_in_other_words_is_no_change() -> None:
    """Defeats a diff of what is written instead of what is meant: a traced module has numbers where a spec
    says half."""
    chains = [
        f"8x8x4 -> conv 3x3 4 pad={pad} -> maxpool {pool}"
        for pad, pool in (("half", "2x2"), ("1", "2x2 stride=2"))
    ]
    assert changes(compared(*chains)) == []
    assert changes(compared(chains[0], "8x8x4 -> conv 3x3 4 pad=0 -> maxpool 2x2"))[0][3] == "pad half 0"


def test_another_op_of_the_same_kind_is_a_change() -> None:
    """Defeats one removed and one inserted for an activation that was replaced; and a pair of things that
    have nothing to do with each other."""
    assert changes(compared("8x8x4 -> conv 3x3 4 -> relu", "8x8x4 -> conv 3x3 4 -> silu")) == [
        ("changed", "relu1", "silu1", "op relu silu")
    ]
    found = changes(compared("8x8x4 -> conv 3x3 4 pad=1 -> gap", "8x8x4 -> conv 3x3 4 pad=1 -> fc 4"))
    assert [kind for kind, *_ in found] == ["removed", "inserted"]


def test_too_many_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is alike at both ends is not weighed, however long it is. Defeats minutes of work on networks
    that have one changed layer among thousands."""
    monkeypatch.setattr(alignment, "MOST_PAIRS", 4)
    chains = ["8x8x4 -> " + "relu -> " * 50 + f"conv 3x3 {n} -> " + "relu -> " * 50 + "fc 4" for n in (4, 5)]
    assert len(changes(compared(*chains))) == 1
    with pytest.raises(SpecError, match="differ in too many to be aligned"):
        archcalc.compare("8x8x4 -> relu -> relu6 -> silu", "8x8x4 -> tanh -> sigmoid -> gelu").layers()


# What is not known -------------------------------------------------------------------------------


def test_what_has_no_rule_has_no_difference(mystery: str) -> None:
    """Defeats a difference that takes what is not counted for nothing."""
    text = "net a\n  input 8x8x3\n  conv 3x3 4\n  what: {}\n  conv 1x1 5\n"
    found = _of_text(text.format("relu") + text.replace("net a", "net b").format(mystery), "a", "b")
    lone = [pair for pair in found["layers"] if (pair["second"] or {}).get("name") == "what"]
    assert [pair["macs"]["delta"] for pair in lone] == [None]
    for cost in ("params", "macs"):
        assert found["totals"][cost]["delta"] is None
        assert found["totals"][cost]["at_least"] == ["second"]
    assert found["totals"]["activation_bytes"]["delta"] is not None


def test_signed() -> None:
    assert [signed(n) for n in (None, 0, 1234, -1234)] == ["?", "0", "+1,234", "−1,234"]
    assert signed(-77_070_336, short=True) == "−77.1M"


# Screens -----------------------------------------------------------------------------------------


def test_rows_that_are_folded() -> None:
    vgg = call("compare", "vgg16", "vgg16_bn", "--layers").out
    assert "conv1_1.bn..conv5_3.bn     13 x bn " in vgg
    resnet = call("compare", "resnet18", "resnet34", "--layers").out
    (units,) = [line for line in resnet.splitlines() if "2 x basic 128" in line]
    assert units.startswith("+ conv3_3..4 ")
    assert "19 layers alike" in resnet
    moved = call("compare", "resnet50", "resnet50_v1", "--layers").out
    (head,) = [line for line in moved.splitlines() if " 3 x " in line]
    assert head.startswith("~ conv3_1.conv1..conv5_1.conv2 ")
    assert moved.count("stride 1 → 2") == 1
    assert (
        call("compare", "resnet50", "resnet50_v1", "--layers", "--depth", "3").out.count("stride 1 → 2") == 3
    )
    widths = call(
        "compare", "mobilenet_v2", "mobilenet_v2", "--set", "2:width=0.5", "--layers", "--depth", "1"
    ).out
    assert "34 x filters 32 → 16 … 320 → 160 " in widths
    opened = call("compare", "resnet18", "resnet34", "--layers", "--depth", "4").out
    assert "conv3_3.conv1" in opened
    assert "layers alike" in opened
    every = call("compare", "resnet18", "resnet34", "--layers", "--all").out
    assert "layers alike" not in every.partition("layers  ")[0]


def test_a_width_keeps_what_changed() -> None:
    """Defeats a narrow screen without its most important column."""
    for width in (40, 60, 80):
        text = call("compare", "resnet50", "resnet50_v1", "--layers", "--width", str(width)).out
        assert "stride" in text
        table = [line for line in text.splitlines() if line.startswith("─")]
        assert width < 60 or len(table[0]) <= width
    columns = {column.name: column for column in COLUMNS}
    assert all(step.to != "gone" for name in ("layer", "change") for step in columns[name].yields)


def test_settings_of_one_of_the_targets() -> None:
    """Defeats a width that is set for both."""
    found = compared("mobilenet_v2", "mobilenet_v2", "--set", "2:width=0.5", "--set", "classes=10")
    half = json.loads(
        call("summary", "mobilenet_v2", "--set", "width=0.5", "--set", "classes=10", "--format", "json").out
    )
    assert found["totals"]["params"]["second"] == half["totals"]["params"]
    assert [network["name"] for network in found["networks"]] == [
        "mobilenet_v2 width=1",
        "mobilenet_v2 width=0.5",
    ]
    answer = call("compare", "mobilenet_v2", "mobilenet_v2", "--set", "3:width=1")
    assert (answer.code, "is for target 3, and there are 2" in answer.err) == (2, True)


def test_inputs_of_one_of_the_targets() -> None:
    """Defeats an input of one that becomes that of both, and an input of positions that is taken for one of
    a target."""
    found = compared("lenet5", "lenet5", "--input", "2:36x36x1")
    assert found["layers"][0]["changes"] == [{"what": "size", "first": "32x32x1", "second": "36x36x1"}]
    assert call("compare", "lenet5", "lenet5", "--input", "36x36x1", "--input", "1:32x32x1").code == 0
    answer = call("compare", "lenet5", "lenet5", "--set", "classes=3", "--set", "classes=4")
    assert (answer.code, "set twice" in answer.err) == (2, True)


MODULE = """
from torch import nn


class Net(nn.Module):
    def __init__(self, width=8, act="relu"):
        super().__init__()
        last = nn.ReLU() if act == "relu" else nn.SiLU()
        self.body = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), last)
        self.head = nn.Linear(width, 10)

    def forward(self, image):
        return self.head(self.body(image).mean((2, 3)))
"""


def test_a_module_against_a_chain(tmp_path: Path) -> None:
    """The same network as a module and as a chain, whose names have nothing in common; then one thing is
    changed. Defeats a diff of what is written, to which padding 1 and half differ."""
    pytest.importorskip("torch")
    path = tmp_path / "mymodels.py"
    path.write_text(MODULE)
    chain = "32x32x3 -> conv 3x3 8 pad=half -> bn -> relu -> gap -> fc 10"
    found = compared(chain, f"{path}:Net", "--input", "2:32x32x3")
    assert changes(found) == []
    other = compared(
        chain, f"{path}:Net", "--input", "2:32x32x3", "--set", "2:act=silu", "--set", "2:width=9"
    )
    kinds = changes(other)
    assert [kind for kind, *_ in kinds] == ["changed", "changed"]
    assert [change for *_, change in kinds] == ["filters 8 9", "op relu silu"]


def test_the_table_has_a_record_per_pair() -> None:
    out = call("compare", "vgg16", "vgg16_bn", "--layers", "--format", "csv").out
    records = list(csv.DictReader(io.StringIO(out)))
    assert sum(int(record["params_delta"]) for record in records) == 8448
    assert [record["kind"] for record in records].count("inserted") == 13
    few = call(
        "compare", "vgg16", "vgg16_bn", "--layers", "--format", "csv", "--columns", "second,macs_delta"
    )
    assert few.out.splitlines()[0] == "second,macs_delta"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("lenet5 vgg16 alexnet --layers", "--layers sets two networks beside each other, and these are 3"),
        ("lenet5 --layers", "two TARGETs or more are needed"),
        ("lenet5 vgg16 --depth 2", "--depth goes with --layers"),
        ("lenet5 vgg16 --all", "--all goes with --layers"),
        ("lenet5 vgg16 --layers --plot", "--layers and --plot do not go together"),
        ("lenet5 vgg16 --layers --format svg", "--layers does not go with --format svg"),
        ("lenet5 vgg16 --layers --all --depth 2", "--all and --depth do not go together"),
    ],
)
def test_what_does_not_go(words: str, message: str) -> None:
    answer = call("compare", *words.split())
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_from_python() -> None:
    diff = archcalc.compare("vgg16", "vgg16_bn").layers()
    assert diff.to_dict()["totals"]["params"]["delta"] == 8448
    assert "13 x bn" in str(diff)
    assert diff.to_csv().startswith("kind,first,second,op,")
    with pytest.raises(ValueError, match="these are 3"):
        archcalc.compare("vgg16", "vgg16_bn", "lenet5").layers()
