"""Every command on the same network as each kind of file holds it: it works, or says in one message why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from calling import call

import archcalc

DARKNET = """[net]
height=32
width=32
channels=3

[convolutional]
filters=8
size=3
stride=1
pad=1
activation=relu

[maxpool]
size=2
stride=2

[connected]
output=10
activation=linear
"""
CAFFE = """name: "net"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 32 dim: 32 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 8 kernel_size: 3 pad: 1 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1"
  pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "fc" type: "InnerProduct" bottom: "pool1" top: "fc" inner_product_param { num_output: 10 } }
"""
KERAS = """from tensorflow.keras import layers, models

model = models.Sequential([
    layers.Input((32, 32, 3)),
    layers.Conv2D(8, 3, padding="same", activation="relu", name="conv1"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
    layers.Dense(10, name="fc"),
])
"""
TORCH = """import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 16 * 16, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.conv1(x)), 2)
        return self.fc(torch.flatten(x, 1))
"""
LAYERS = [
    {"class_name": "InputLayer", "config": {"name": "image", "batch_input_shape": [None, 32, 32, 3]}},
    {
        "class_name": "Conv2D",
        "config": {"name": "conv1", "filters": 8, "kernel_size": 3, "padding": "same", "activation": "relu"},
    },
    {"class_name": "MaxPooling2D", "config": {"name": "pool1", "pool_size": 2, "strides": 2}},
    {"class_name": "Flatten", "config": {"name": "flatten"}},
    {"class_name": "Dense", "config": {"name": "fc", "units": 10}},
]
CONFIG = {"class_name": "Sequential", "config": {"name": "net", "layers": LAYERS}, "keras_version": "2.15.0"}
CHAIN = "32x32x3 -> conv 3x3 8 pad=1 -> relu -> maxpool 2x2 stride=2 -> fc 10"
PARAMS = 8 * (3 * 3 * 3 + 1) + 10 * (8 * 16 * 16 + 1)
DOORS = ("net.cfg", "net.prototxt", "net.json", "keras_net.py", "torch_net.py", "net.onnx")
COMMANDS = {
    "show": (),
    "summary": (),
    "rf": (),
    "time": ("--on", "cpu"),
    "explain": (),
    "compare": ("lenet5",),
    "reconcile": ("242K",),
    "draw": (),
    "check": (f"total.params={PARAMS}",),
    "quiz": ("--count", "2"),
    "export": (),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file for each door."""
    texts = (DARKNET, CAFFE, json.dumps(CONFIG), KERAS, TORCH)
    for name, text in zip(DOORS[:-1], texts, strict=True):
        (tmp_path / name).write_text(text)
    pytest.importorskip("onnx")
    (tmp_path / "net.onnx").write_bytes(archcalc.load(CHAIN).onnx())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def size_of(door: str) -> tuple[str, ...]:
    """The sizes of the input that the code of a module does not state."""
    return ("--input", "32x32x3") if door == "torch_net.py" else ()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_every_door(folder: Path, door: str, command: str) -> None:
    """Defeats: a command that only knows specs, an error of Python, and nothing on the screen."""
    sizes = size_of(door) if command != "quiz" else ()  # it takes none, and finds one that fits
    answer = call(command, door, *COMMANDS[command], *sizes)
    assert answer.code == 0, answer.err
    assert answer.out.strip()
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("door", DOORS)
def test_every_door_has_the_same_figures(folder: Path, door: str) -> None:
    """Defeats: a door with rules of its own."""
    found = json.loads(call("summary", door, *size_of(door), "--format", "json").out)["totals"]
    wanted = archcalc.load(CHAIN).summary().totals
    for word in ("params", "macs", "depth", "activation_bytes"):
        assert found[word] == wanted[word], word


@pytest.mark.parametrize("door", DOORS)
def test_a_path_is_a_target(folder: Path, door: str) -> None:
    """Defeats: a path that is taken for a module."""
    given: dict[str, Any] = {"input": (32, 32, 3)} if size_of(door) else {}
    assert archcalc.load(folder / door, **given).summary().totals["params"] == PARAMS


@pytest.mark.parametrize("door", DOORS)
def test_a_layer_that_is_not_there_is_one_message(folder: Path, door: str) -> None:
    """Defeats: an error of Python where a name is looked up in what was read."""
    answer = call("explain", door, "nowhere", "params", *size_of(door))
    assert answer.code == 2
    assert answer.err.count("error[") == 1


@pytest.mark.parametrize(
    ("door", "words"),
    [
        ("net.onnx", ("read from", "net.onnx · ONNX opset 21, by archcalc", "nothing was run")),
        ("torch_net.py", ("read from", "torch_net.py", "nothing was run")),
    ],
)
def test_the_foot_says_what_was_read(folder: Path, door: str, words: tuple[str, ...]) -> None:
    """Defeats: a file that is said to have been traced, and one whose version nobody sees."""
    shown = call("summary", door, *size_of(door), "--width", "100").out
    assert not [word for word in words if word not in shown]
    assert "traced" not in shown
    assert call("show", door, *size_of(door)).out.startswith("# Read from ")
