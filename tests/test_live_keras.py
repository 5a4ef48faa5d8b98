"""Models of Keras that are there as objects: their configuration, with a backend that needs no PyTorch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MODELS = """\
import keras
from keras import layers

class Net(keras.Model):
    def __init__(self, width=8):
        super().__init__()
        self.conv = layers.Conv2D(width, 3)
        self.pool = layers.GlobalAveragePooling2D()
        self.fc = layers.Dense(10)

    def call(self, x):
        return self.fc(self.pool(keras.ops.relu(self.conv(x))))

class Chain(keras.Sequential):
    pass

model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.Flatten()])
chain = Chain([keras.Input((3,)), layers.Dense(2)])
called = Net()
called(keras.ops.zeros((1, 8, 8, 3)))

def make(width=3):
    return keras.Sequential([keras.Input((width,)), layers.Dense(2)])

def passed_on():
    return make(5)

def no_model():
    return 3
"""
SCRIPT = """\
import json, sys
from archcalc.diagnostics import SpecError
from archcalc.importing.live_keras import configuration, live_model
from archcalc.importing.torch.targets import ModuleTarget
found = {}
for target, sizes in json.loads(sys.argv[1]):
    try:
        model = live_model(ModuleTarget.read(target))
        found[target] = None if model is None else json.loads(configuration(model, target, sizes))
    except SpecError as error:
        found[target] = str(error)
print(json.dumps([found, "torch" in sys.modules]))
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the targets came to, in a process that has Keras with NumPy and no PyTorch."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "models.py").write_text(MODELS, encoding="utf-8")
    targets = [
        ("models.py:model", None),
        ("models.py:chain", None),
        ("models.py:called", None),
        ("models.py:Net(width=4)", [8, 8, 3]),
        ("models.py:Net", None),
        ("models.py:make(7)", None),
        ("models.py:passed_on", None),
        ("models.py:no_model", None),
        ("models.py:lacking", None),
        ("fractions:Fraction", None),
    ]
    path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(targets)],
        cwd=folder,
        env={**os.environ, "KERAS_BACKEND": "numpy", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    found, torch = json.loads(run.stdout)
    assert not torch, "PyTorch was imported"
    return dict(found)


def layers_of(found: object) -> list[str]:
    """The classes of the layers of a configuration."""
    assert isinstance(found, dict), found
    return [layer["class_name"] for layer in found["config"]["layers"]]


def test_a_model_that_is_there(read: dict[str, object]) -> None:
    """Defeats: a model that is called as if it made one, since models can be called."""
    assert layers_of(read["models.py:model"]) == ["InputLayer", "Conv2D", "Flatten"]


def test_a_class_derived_from_sequential(read: dict[str, object]) -> None:
    """Its configuration is that of a Sequential: nobody has to know the class."""
    found = read["models.py:chain"]
    assert layers_of(found) == ["InputLayer", "Dense"]
    assert isinstance(found, dict)
    assert found["class_name"] == "Sequential"


@pytest.mark.parametrize("target", ["models.py:called", "models.py:Net(width=4)"])
def test_a_class_of_ones_own_is_called_on_symbols(read: dict[str, object], target: str) -> None:
    """Of such a model the configuration holds no layers: the call shows them, with the size that it was built
    for, or the one given."""
    names = layers_of(read[target])
    assert [name for name in names if name in ("InputLayer", "Conv2D", "Dense")] == [
        "InputLayer",
        "Conv2D",
        "Dense",
    ]


def test_a_class_of_ones_own_without_a_size(read: dict[str, object]) -> None:
    """The message names the option that gives it."""
    assert "--input gives its size" in str(read["models.py:Net"])


def test_functions_make_models(read: dict[str, object]) -> None:
    """One that speaks of Keras, and one that calls it."""
    made = read["models.py:make(7)"]
    assert isinstance(made, dict)
    assert made["config"]["layers"][0]["config"]["batch_shape"] == [None, 7]
    assert layers_of(read["models.py:passed_on"]) == ["InputLayer", "Dense"]


def test_what_is_no_model(read: dict[str, object]) -> None:
    """It is left to whoever reads other targets."""
    assert read["models.py:no_model"] is None
    assert read["fractions:Fraction"] is None
    assert "has no `lacking`" in str(read["models.py:lacking"])
