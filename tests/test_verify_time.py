"""`archcalc verify --time`: a measured run beside the bound."""

from __future__ import annotations

import csv
import io
import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.analysis.roofline import Device

torch = pytest.importorskip("torch")

from archcalc.witness import timing  # noqa: E402

SCHEMA = Path(__file__).parent.parent / "docs" / "schema" / "verify-time.json"
NET = "8x8x3 -> conv 3x3 4 pad=1 -> relu -> flatten -> dropout 0.5 -> fc 10"


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "ENOUGH", 0.2)


def test_its_json() -> None:
    """Every layer has a time, what is a view too, and the whole has one."""
    jsonschema = pytest.importorskip("jsonschema")
    found = json.loads(call("verify", NET, "--time", "--on", "cpu", "--batch", "3", "--format", "json").out)
    jsonschema.validate(found, json.loads(SCHEMA.read_text()))
    assert found["batch"] == 3
    assert all(layer["measured"] >= 0 for layer in found["layers"])
    assert found["measured"]["time"] > 0
    assert found["run"]["repeats"] >= timing.FEWEST
    bound = archcalc.load(NET).time("cpu", batch=3).totals
    assert found["totals"]["time"] == bound.time


def test_its_screen_and_table() -> None:
    answer = call("verify", NET, "--time", "--on", "cpu", "--dtype", "fp64")
    assert answer.code == 0, answer.err
    assert "measured on cpu" in answer.out
    assert "bound / measured" in answer.out
    assert "after a warm-up" in answer.out
    records = list(
        csv.DictReader(io.StringIO(call("verify", NET, "--time", "--on", "cpu", "--format", "csv").out))
    )
    assert len(records) == 5
    assert all(record["measured"].isdigit() for record in records)
    # Without a measured run the column is there, and empty.
    plain = list(csv.DictReader(io.StringIO(call("time", NET, "--on", "cpu", "--format", "csv").out)))
    assert [record["measured"] for record in plain] == [""] * 5


def test_the_median_after_the_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a mean, which one slow pass moves, and first passes that count."""
    passes = count()

    def clock(built: Any, inputs: Any, layers: Any) -> Any:
        number = next(passes)
        if number < timing.WARM_UP:
            return [(None, 10**15)]
        slow = 1000 if number % 5 == 0 else 1
        if layers is None:
            return [(None, 70 * slow)]
        return [(layer, (at + 1) * slow) for at, layer in enumerate(layers)]

    monkeypatch.setattr(timing, "_seconds", clock)
    graph = archcalc.load(NET).graph
    found = timing.timed(graph, graph.layers, device="cpu", batch=1, dtype="fp32")
    assert found.whole == 70
    assert list(found.layers.values()) == [1, 2, 3, 4, 5]


def test_a_slow_layer_is_slow() -> None:
    """Defeats times that are attributed to the layer behind."""
    graph = archcalc.load(
        "64x64x64 -> conv 1x1 1 -> conv 5x5 64 pad=2 -> conv 5x5 64 pad=2 -> conv 1x1 1"
    ).graph
    found = timing.timed(graph, graph.layers, device="cpu", batch=2, dtype="fp32")
    assert found.layers[graph.layers[2]] > 3 * found.layers[graph.layers[3]]
    assert found.whole > found.layers[graph.layers[2]] // 3


@pytest.mark.parametrize("dtype", ["fp32", "tf32"])
def test_the_digits_of_products_are_those_of_the_dtype(dtype: str) -> None:
    """PyTorch rounds the products of convolutions in fp32 to tf32 by itself, on devices that can."""
    flags = torch.backends.cuda.matmul, torch.backends.cudnn
    before = [flag.allow_tf32 for flag in flags]
    with timing._digits(dtype):
        assert [flag.allow_tf32 for flag in flags] == [dtype == "tf32"] * 2
    assert [flag.allow_tf32 for flag in flags] == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--time"], "--time goes with --on"),
        (["--on", "cpu"], "--on goes with --time"),
        (["--batch", "2"], "--batch goes with --time"),
        (["--dtype", "fp16"], "--dtype goes with --time"),
        (["--time", "--on", "cpu", "--device", "meta"], "nothing is computed on meta"),
        (["--time", "--on", "pi5", "--dtype", "int8"], "PyTorch runs no network in int8"),
        (["--time", "--on", "cpu", "--dtype", "bf16"], "cpu has no figure for bf16"),
        (["--time", "--on", "cpu", "--against", "a:b"], "do not go together"),
        (["--time", "--on", "nothing"], "no device `nothing`"),
        (["--time", "--on", "cpu", "--batch", "1000000000"], "are free"),
    ],
)
def test_what_is_refused(words: list[str], message: str) -> None:
    answer = call("verify", "lenet5", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_gpu() -> None:
    answer = call("verify", "lenet5", "--device", "cuda", "--time", "--on", "h200")
    assert answer.code == 2
    assert "sees no CUDA device" in answer.err


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no CUDA device here")
@pytest.mark.parametrize("dtype", ["fp32", "tf32", "fp16"])
def test_on_a_gpu(dtype: str) -> None:
    """On a device that is faster than any: what is measured is above the bound. Defeats the time of a launch
    for that of a kernel."""
    device = Device("any", "any", 10**16, {dtype: 10**19})
    network = archcalc.load("vgg16")
    report = network.time(device, batch=32, dtype=dtype)
    found = timing.timed(network.graph, report.scope.layers, device="cuda", batch=32, dtype=dtype)
    assert found.whole > report.totals.overlapped
    assert found.device.startswith(torch.cuda.get_device_name()[:4])
    # A convolution of 119 G operations on a batch of 32 takes longer than a launch.
    conv = next(layer for layer in network.graph.layers if layer.name == "conv1_2")
    assert found.layers[conv] > 50 * 10**6
