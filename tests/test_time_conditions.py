"""Conditions on what a device adds: `time`, `traffic`, `intensity` in `check --where`, `list --where` and
Python."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction

import pytest
from calling import call

import archcalc
from archcalc.analysis.roofline import Device

pytestmark = pytest.mark.usefixtures("zoo_kept")
# A byte takes 100 picoseconds, an operation one.
BOARD = Device("x", "x", 10**10, {"fp32": 10**12})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        # 10 + 220 + 20 values of four bytes: 1,000 bytes, 100,000 picoseconds; 420 operations.
        ("time = 100_000", True),
        ("time <= 100ns", True),
        ("time < 0.1us", False),
        ("latency < 0.11µs", True),
        ("traffic = 1000", True),
        ("traffic < 1KiB", True),
        ("intensity = 0.42", True),
        ("fc1.time = 100ns and fc1.traffic = total.traffic", True),
        ("2 * time = 200ns", True),
        ("time + 5ns < 104ns", False),
        ("1s > time", True),
        ("total.time / total.time = 1", True),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:
    """Defeats milliseconds that are read as another unit, and a share that is rounded."""
    assert archcalc.load("10 -> fc 20").summary(on=BOARD).check(condition).holds is holds


def test_of_a_place_and_of_its_sum() -> None:
    """The stages of ResNet-18 add up; an input takes no time."""
    summary = archcalc.load("resnet18").summary(on="t4", batch=2)
    assert summary.check("conv2_1.time + conv2_2.time < total.time", "input.time = 0").holds
    whole = archcalc.load("resnet18").time("t4", batch=2)
    rows = [row for row in whole.rows if row.name.startswith("conv2_1.")]
    assert summary.check(f"conv2_1.time = {sum(row.time or 0 for row in rows)}").holds


def test_a_side_head_has_a_time() -> None:
    """Defeats a layer that the main output does not need, and that takes no time."""
    net = archcalc.load("googlenet")
    main = {row.name for row in net.time("t4").rows}
    head = max(net.time("t4", with_heads=True).rows, key=lambda row: (row.name not in main, row.time or 0))
    assert head.name not in main
    assert net.summary(on="t4").check(f"{head.name}.time = {head.time}").holds


def test_on_the_command_line() -> None:
    words = ["check", "resnet50", "--dtype", "fp16", "--batch", "4", "--on", "t4"]
    assert call(*words, "--where", "time < 5ms").code == 0
    answer = call(*words, "--where", "time < 1ms")
    assert answer.code == 1
    assert "2.27 ms" in answer.out
    assert "on NVIDIA T4" in answer.out
    (found,) = json.loads(call(*words, "--where", "intensity > 1", "--format", "json").out)["conditions"]
    assert (
        Fraction(found["comparisons"][0]["value"])
        == archcalc.load("resnet50").time("t4", dtype="fp16", batch=4).totals.intensity
    )


@pytest.mark.parametrize("condition", ["time < 5ms", "conv1.time < 5ms", "intensity > 2", "traffic < 1M"])
def test_without_a_device(condition: str) -> None:
    """Defeats a time that is nothing, and so below every limit."""
    answer = call("check", "resnet50", "--where", condition)
    assert (answer.code, answer.out) == (2, "")
    assert "is of a network on a device" in answer.err
    assert "--on h100" in answer.err


def test_what_has_no_rule_is_a_lower_bound() -> None:
    torch = pytest.importorskip("torch")

    class Odd(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: object) -> object:
            return torch.linalg.svdvals(torch.nn.functional.relu(x))

    summary = archcalc.trace(Odd(), torch.zeros(1, 3, 64, 64)).summary(on=BOARD)
    assert summary.check("time < 1s").holds is None
    assert summary.check("time < 1ps").holds is False
    assert summary.check("intensity < 1").holds is None


@pytest.mark.slow
def test_list() -> None:
    """Every time is that of `archcalc time`. Defeats figures of another batch, and of the cache."""
    words = ["list", "vgg", "--on", "t4", "--dtype", "fp16", "--batch", "2"]
    found = {at["name"]: at["on"] for at in json.loads(call(*words, "--format", "json").out)}
    for name, figures in found.items():
        totals = archcalc.load(name).time("t4", dtype="fp16", batch=2).totals
        assert figures == {"time": totals.time, "traffic": totals.bytes, "intensity": str(totals.intensity)}
    limit = sorted(figures["time"] for figures in found.values())[len(found) // 2]
    records = list(
        csv.DictReader(
            io.StringIO(call(*words, "--where", f"time < {limit}ps", "--sort=-time", "--format", "csv").out)
        )
    )
    times = [int(record["time"]) for record in records]
    assert times == sorted([at["time"] for at in found.values() if at["time"] < limit], reverse=True)
    screen = call(*words, "--width", "120").out
    assert "time: at least, on NVIDIA T4, fp16, batch 2" in screen
    assert " ms" in screen or " µs" in screen


def test_compare() -> None:
    """Times of the networks, and their ratio to the first. Defeats the ratio the other way round."""
    words = ["compare", "resnet18", "mobilenet_v2", "--on", "t4", "--dtype", "fp16", "--batch", "2"]
    first, second = json.loads(call(*words, "--format", "json").out)["networks"]
    times = [
        archcalc.load(at["name"]).time("t4", dtype="fp16", batch=2).totals.time for at in (first, second)
    ]
    assert [at["on"]["time"] for at in (first, second)] == times
    assert Fraction(second["ratios"]["time"]) == Fraction(times[1], times[0])
    screen = call(*words, "--width", "160").out
    assert "time: at least, in " in screen
    assert ", on NVIDIA T4, fp16" in screen
    _, record = csv.DictReader(io.StringIO(call(*words, "--format", "csv").out))
    assert float(record["time_ratio"]) == pytest.approx(times[1] / times[0], rel=1e-5)
    assert "time" not in call(*words[:3], "--format", "csv").out
    for more in (["--layers"], ["--quantity", "params"]):
        answer = call(*words, *more)
        assert answer.code == 2
        assert "do not go together" in answer.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--batch", "2"], "go with --on"),
        (["--dtype", "fp16"], "go with --on"),
        (["--sort", "time"], "no quantity is called `time`"),
        (["--on", "t4", "--dtype", "bf16"], "t4 has no figure for bf16"),
        (["--on", "nothing"], "no device `nothing`"),
    ],
)
def test_what_list_refuses(words: list[str], message: str) -> None:
    answer = call("list", "lenet", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_bad_devices_of_a_summary() -> None:
    with pytest.raises(ValueError, match="no figure for bf16"):
        archcalc.load("lenet5").summary(dtype="bf16", on="t4")
