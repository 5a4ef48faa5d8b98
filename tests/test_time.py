"""`archcalc time`: bytes, operations, bounds and where they turn, worked out with pencil and paper and by
brute force; the devices and their files."""

from __future__ import annotations

import csv
import io
import json
import random
from fractions import Fraction
from typing import Any

import pytest
from calling import call
from hypothesis import given
from hypothesis import strategies as st

import archcalc
from archcalc.analysis.roofline import COMPUTE, MEMORY, SECOND, Device, Roofline
from archcalc.devices import device
from archcalc.language.library import Library

# 10 GB/s and a tera-operation a second: in balance at 100 operations per byte.
BOARD = Device("board", "a board", 10**10, {"fp32": 10**12, "int8": 4 * 10**12})


def row(report: Any, name: str) -> Any:
    return next(at for at in report.rows if at.name == name)


# ---------------------------------------------------------------------------------------------
# With pencil and paper


def test_fc6_of_alexnet() -> None:
    """6x6x256 = 9,216 values go in, 4,096 come out; 9,216 * 4,096 weights and 4,096 biases, of four bytes
    each. Defeats: parameters that are not read, biases left out, a multiply-add as one operation."""
    fc6 = row(archcalc.load("alexnet").time("h100"), "fc6")
    weights = 9216 * 4096
    assert fc6.traffic.inputs == 4 * 9216
    assert fc6.traffic.params == 4 * (weights + 4096)
    assert fc6.traffic.outputs == 4 * 4096
    assert fc6.bytes == 151_064_576
    assert fc6.operations == 2 * weights + 4096 == 75_501_568
    assert fc6.bound == MEMORY
    # 151,064,576 bytes at 3.35 TB/s: 45.09 microseconds; the operations at 66.9 TFLOPS take 1.13.
    assert fc6.time == fc6.memory == 151_064_576 * 10**12 // 3_350_000_000_000 == 45_093_903
    assert fc6.compute == 1_128_573
    assert float(fc6.intensity) == pytest.approx(0.4998, abs=1e-4)


def test_where_fc6_turns() -> None:
    """b images: 53,248 b + 151,011,328 bytes and 75,501,568 b operations; they meet at 20 operations per
    byte, 66.9 / 3.35, a little above b = 40. Defeats a turn that forgets the input, or rounds down."""
    report = archcalc.load("alexnet").time("h100")
    fc6 = row(report, "fc6")
    exact = Fraction(151_011_328) / (Fraction(75_501_568 * 335, 6690) - 53_248)
    assert 40 < exact < 41
    assert fc6.compute_from == 41
    for batch, bound in ((40, MEMORY), (41, COMPUTE)):
        assert row(archcalc.load("alexnet").time("h100", batch=batch), "fc6").bound == bound


def test_a_relu_reads_and_writes() -> None:
    """Defeats an activation that is written over its input and so moves nothing: the values are read and
    written all the same."""
    report = archcalc.load("4x4x2 -> conv 1x1 3 -> relu -> flatten -> dropout 0.5").time(BOARD)
    relu = row(report, "relu1")
    assert relu.traffic[:3] == (4 * 48, 0, 4 * 48)
    for name, why in (("flatten1", "a view"), ("dropout1", "does nothing")):
        assert row(report, name).bytes == row(report, name).time == 0
        assert row(report, name).traffic.free.startswith(why)
        assert row(report, name).bound == ""
        assert row(report, name).compute_from is None
        assert row(report, name).intensity is None


def test_a_sum_reads_all_its_branches() -> None:
    """Defeats a merge that reads its first branch alone, and one that reads the same tensor twice."""
    text = "net a\n  input 4x4x2\n  add\n    | conv 1x1 2\n    | conv 3x3 2 pad=1\n"
    assert archcalc.load("-", stdin=text).time(BOARD).rows[-1].traffic[:3] == (4 * 2 * 32, 0, 4 * 32)
    text = "net a\n  input 4x4x2\n  x: conv 1x1 2\n  add @x @x\n"
    assert archcalc.load("-", stdin=text).time(BOARD).rows[-1].traffic.inputs == 4 * 32


def test_a_word_table_reads_the_rows_that_are_looked_up() -> None:
    """Defeats a bound above the truth: of 10,000 rows a sentence of 20 words reads 20, and no batch more than
    all of them."""
    net = archcalc.load("20 -> embedding 10000 256")
    assert net.time(BOARD).rows[0].traffic.params == 4 * 20 * 256
    assert net.time(BOARD, batch=500).rows[0].traffic.params == 4 * 10_000 * 256
    assert net.time(BOARD, batch=501).rows[0].traffic.params == 4 * 10_000 * 256


def test_batch_norm_reads_its_running_statistics() -> None:
    """Four vectors: scale, shift, mean, variance. Defeats buffers that are not read."""
    net = archcalc.load("8x8x16 -> bn").time(BOARD)
    assert net.rows[0].traffic.params == 4 * 4 * 16
    assert net.rows[0].operations == 2 * 8 * 8 * 16


def test_parameters_that_are_shared_are_read_by_each_layer() -> None:
    """Defeats a second reader that finds the weights in a cache."""
    text = "net a\n  input 10\n  one: fc 10\n  two: fc 10 like=one\n"
    one, two = archcalc.load("-", stdin=text).time(BOARD).rows
    assert one.traffic.params == two.traffic.params == 4 * 110


def test_a_batch_reads_its_parameters_once() -> None:
    """Defeats parameters that are multiplied by the batch."""
    net = archcalc.load("10 -> fc 20")
    assert net.time(BOARD, batch=7).rows[0].traffic[:4] == (4 * 70, 4 * 220, 4 * 140, 7 * (2 * 200 + 20))


def test_fused() -> None:
    """conv, bn and relu in one go: the input is read, the weights are, and what relu puts out is written. The
    norm is folded, relu's comparisons are the convolution's. Defeats a norm that is still read, and one
    behind a tensor that somebody else reads."""
    chain = "8x8x4 -> conv 3x3 6 pad=1 -> bn -> relu -> maxpool 2x2 -> relu"
    report = archcalc.load(chain).time(BOARD, fused=True)
    conv, bn, relu, pool, last = report.rows
    assert conv.traffic[:3] == (4 * 256, 4 * 6 * 37, 4 * 384)
    assert conv.operations == 2 * 384 * 36 + 384 + 384
    assert [at.time for at in (bn, relu)] == [0, 0]
    assert bn.traffic.free == "computed together with conv1"
    assert pool.bytes == 4 * (384 + 96)
    # Behind a pool there is no product to compute it with.
    assert last.bytes == 4 * (96 + 96)
    read = "net a\n  input 8x8x4\n  c: conv 1x1 4\n  r: @c -> relu\n  add @c @r\n"
    assert all(at.bytes for at in archcalc.load("-", stdin=read).time(BOARD, fused=True).rows)


def test_heads() -> None:
    """Defeats side heads that are counted without being asked for."""
    net = archcalc.load("googlenet")
    assert net.time(BOARD, with_heads=True).totals.bytes > net.time(BOARD).totals.bytes


def test_what_has_no_rule_is_left_out_and_named() -> None:
    """Defeats an unknown layer that takes no time."""
    torch = pytest.importorskip("torch")

    class Odd(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return torch.linalg.svdvals(torch.nn.functional.relu(x))

    net = archcalc.trace(Odd(), torch.zeros(1, 3, 8, 8))
    report = net.time(BOARD)
    assert report.totals.at_least
    odd = next(at for at in report.rows if at.time is None)
    assert odd.bound == ""
    assert odd.compute_from is None
    assert [at.name for at in report.totals.uncounted] == [odd.name]
    assert "without a rule" in str(report)
    assert "≥" in str(report)


# ---------------------------------------------------------------------------------------------
# Of all networks

NETWORKS = ("lenet5", "alexnet", "googlenet", "resnet18", "mobilenet_v2", "squeezenet1_0", "densenet121")


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_columns_add_up(name: str, fused: bool) -> None:
    """Every total is the sum of its column; one after the other takes longer than all at once, and neither is
    shorter than moving or computing alone. Defeats a total that is worked out another way."""
    report = archcalc.load(name).time("t4", batch=3, fused=fused)
    totals = report.totals
    for key in ("bytes", "operations", "time"):
        assert getattr(totals, key) == sum(getattr(at, key) for at in report.rows)
    assert totals.time == sum(totals.by_bound.values())
    assert totals.overlapped <= totals.time + len(report.rows)
    assert totals.overlapped == max(totals.memory, totals.compute)
    for at in report.rows:
        assert at.time == max(at.memory, at.compute)
        assert at.bound in ((MEMORY, COMPUTE) if at.bytes else ("",))
        if at.intensity is not None:
            assert (at.intensity >= report.device.balance("fp32")) == (at.bound == COMPUTE)
    assert report.totals.operations >= 2 * report.scope.counts.batched_macs(3)


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_fused_takes_no_longer(name: str) -> None:
    """Defeats operations that are counted twice."""
    net = archcalc.load(name)
    plain, fused = net.time("t4").totals, net.time("t4", fused=True).totals
    assert fused.time <= plain.time
    assert fused.operations <= plain.operations
    assert fused.bytes < plain.bytes


@pytest.mark.parametrize("name", ["lenet5", "alexnet", "mobilenet_v2", "neuraltalk_caption"])
def test_turns_by_brute_force(name: str) -> None:
    """Defeats a closed form that is off by one: every batch up to 60 is looked at."""
    report = archcalc.load(name).time("t4")
    bounds = {
        batch: {at.name: at.bound for at in archcalc.load(name).time("t4", batch=batch).rows}
        for batch in range(1, 61)
    }
    for at in report.rows:
        first = next((batch for batch in bounds if bounds[batch][at.name] == COMPUTE), None)
        assert first == (at.compute_from if (at.compute_from or 61) <= 60 else None)
    whole = [report.of_batch(batch).bound for batch in bounds]
    first = next((batch for batch, bound in enumerate(whole, 1) if bound == COMPUTE), None)
    assert first == (report.turn_of_all if (report.turn_of_all or 61) <= 60 else None)


@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 10**6), st.integers(1, 10**6))
def test_turns_of_random_layers(inputs: int, units: int, bandwidth: int, peak: int) -> None:
    """On a device of any balance the turn is the first batch, and none before it. Defeats division of
    floats."""
    small = Device("x", "x", bandwidth, {"fp32": peak})
    net = archcalc.load(f"{inputs} -> fc {units}")
    at = net.time(small).rows[0]
    moved, done = 4 * (inputs + units), units * (2 * inputs + 1)
    params = 4 * units * (inputs + 1)
    turn = at.compute_from
    if turn is None:
        assert done * bandwidth <= moved * peak
    else:
        assert turn * done * bandwidth >= (turn * moved + params) * peak
        assert turn == 1 or (turn - 1) * done * bandwidth < ((turn - 1) * moved + params) * peak


@given(st.integers(1, 10**9), st.integers(1, 1000))
def test_more_images_take_longer_and_each_no_longer(batch: int, more: int) -> None:
    """Defeats a time that falls with the batch, and one of each image that rises."""
    report = archcalc.load("lenet5").time("h100", dtype="fp16")
    few, many = report.of_batch(batch), report.of_batch(batch + more)
    assert few.time <= many.time
    assert few.bytes < many.bytes
    # Rounding down may take a picosecond of each layer.
    assert many.time * batch <= (few.time + len(report.rows)) * (batch + more)


def test_random_networks_against_the_slow_way() -> None:
    """Bytes and operations of random chains, from shapes and tensors one by one."""
    dice = random.Random(7)
    for _ in range(30):
        parts = ["16x16x3"]
        for _ in range(dice.randint(1, 6)):
            parts.append(
                dice.choice(
                    [
                        "conv 3x3 8 pad=1",
                        "conv 1x1 4",
                        "relu",
                        "bn",
                        "maxpool 3x3 pad=1 stride=1",
                        "dwconv 3x3 pad=1",
                    ]
                )
            )
        net, batch = archcalc.load(" -> ".join(parts)), dice.randint(1, 9)
        report = net.time(BOARD, batch=batch, dtype="int8")
        whole = 0
        for layer in net.graph.layers:
            counts = layer.facts.operations
            whole += batch * (
                2 * counts.mul_add + counts.mul + counts.add + counts.compare + counts.div + counts.special
            )
        assert report.totals.operations == whole
        moved = sum(
            batch * (layer.inputs[0].output.values + layer.output.values)
            + sum(t.size for t in layer.facts.tensors)
            for layer in net.graph.layers
        )
        assert report.totals.bytes == moved


def test_a_measured_run() -> None:
    report = archcalc.load("10 -> fc 20").time(BOARD, measured=10**6)
    assert report.totals.bytes == 4 * (10 + 220 + 20)
    assert report.totals.time == 1000 * SECOND // 10**10 == 100_000
    assert report.utilisation == report.bandwidth_share == Fraction(1, 10)
    assert report.peak_share == Fraction(420, 10**6)


@pytest.mark.slow
@pytest.mark.parametrize("name", Library().zoo)
def test_the_whole_zoo(name: str) -> None:
    """Defeats a layer whose traffic is below what it must move, or that ends in an error."""
    for fused in (False, True):
        report = Roofline(archcalc.load(name).summary(), device("t4"), fused=fused)
        for at in report.rows:
            assert at.time is None or at.time == max(at.memory or 0, at.compute or 0)
            assert (at.bytes == 0) == bool(at.traffic.free)
        assert report.totals.time >= report.totals.compute - len(report.rows)


# ---------------------------------------------------------------------------------------------
# The command line


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lenet5"], "--on DEVICE is missing"),
        (["lenet5", "--on", "h1000"], "no device `h1000`"),
        (["lenet5", "--on", "nothere.toml"], "there is no file nothere.toml"),
        (["lenet5", "--on", "."], "no device `.`"),
        (
            ["lenet5", "--on", "v100", "--dtype", "bf16"],
            "v100 has no figure for bf16; it has fp64, fp32, fp16",
        ),
        (["lenet5", "--on", "cpu", "--batch", "0"], "not within"),
        (["lenet5", "--on", "cpu", "--batch", "4..2"], "runs backwards"),
        (["lenet5", "--on", "cpu", "--batch", "1..9:0"], "not within"),
        (["lenet5", "--on", "cpu", "--batch", "1..1000000:2"], "500,000 batches"),
        (["lenet5", "--on", "cpu", "--batch", "x"], "no batch"),
        (["lenet5", "--on", "cpu", "--batch", "1:2"], "no batch"),
        (["lenet5", "--on", "cpu", "--batch", "²"], "no batch"),
        (["lenet5", "--on", "cpu", "--measured", "4.2"], "no duration"),
        (["lenet5", "--on", "cpu", "--measured", "0ms"], "no duration"),
        (["lenet5", "--on", "cpu", "--measured", "9" * 99 + "s"], "too many digits"),
        (
            ["lenet5", "--on", "cpu", "--batch", "1..8", "--measured", "1s"],
            "does not go with several batches",
        ),
        (["lenet5", "--on", "cpu", "--batch", "1..8", "--all"], "does not go with several batches"),
    ],
)
def test_what_is_refused(words: list[str], message: str) -> None:
    answer = call("time", *words)
    assert answer.code == 2
    assert answer.out == ""
    assert message in answer.err


def test_batches() -> None:
    """1..256 doubles, and its last is there; a step is a step."""
    for text, batches in (
        ("1..256", [1, 2, 4, 8, 16, 32, 64, 128, 256]),
        ("3..10", [3, 6, 10]),
        ("1..9:4", [1, 5, 9]),
    ):
        found = json.loads(call("time", "lenet5", "--on", "cpu", "--batch", text, "--format", "json").out)
        assert [at["batch"] for at in found["batches"]] == batches
        for at in found["batches"]:
            one = call("time", "lenet5", "--on", "cpu", "--batch", str(at["batch"]), "--format", "json")
            totals = json.loads(one.out)["totals"]
            assert totals.pop("compute_from") == found["compute_from"]
            assert totals == {key: value for key, value in at.items() if key != "batch"}


def test_times_as_they_are_written() -> None:
    for text in ("1.5ms", "1500us", "1500 µs", "0.0015s", "1_500_000ns"):
        found = json.loads(call("time", "lenet5", "--on", "cpu", "--measured", text, "--format", "json").out)
        assert found["measured"]["time"] == 1_500_000_000


def test_a_run_below_the_bound_says_so() -> None:
    assert "below the bound" in call("time", "vgg16", "--on", "cpu", "--measured", "1us").out
    assert "below the bound" not in call("time", "vgg16", "--on", "cpu", "--measured", "10s").out


def test_the_table_has_the_layers_of_the_json() -> None:
    words = ["time", "resnet18", "--on", "t4", "--dtype", "fp16"]
    found = json.loads(call(*words, "--format", "json").out)
    records = list(csv.DictReader(io.StringIO(call(*words, "--format", "csv").out)))
    assert [at["name"] for at in records] == [at["name"] for at in found["layers"]]
    assert sum(int(at["time"]) for at in records) == found["totals"]["time"]


def test_python() -> None:
    report = archcalc.load("lenet5").time("cpu", batch=2)
    assert report.to_dict()["totals"]["time"] == report.totals.time
    assert len(report.to_csv().splitlines()) == 1 + len(report.rows)
    assert report._repr_html_().startswith("<table>")
    with pytest.raises(ValueError, match="no figure for bf16"):
        archcalc.load("lenet5").time("v100", dtype="bf16")
    with pytest.raises(ValueError, match="a batch is"):
        archcalc.load("lenet5").time("v100", batch=0)
    with pytest.raises(ValueError, match="above 0"):
        archcalc.load("lenet5").time("v100", measured=0)
