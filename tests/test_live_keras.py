"""Models of Keras that are there as objects: their configuration, with a backend that needs no PyTorch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from forking import ARCHCALC, keras_process

from archcalc.importing.opened import speaks_of
from archcalc.importing.torch.targets import ModuleTarget

MODELS = """\
import keras
with open("runs", "a") as file:
    file.write("run ")
from keras import layers

class Net(keras.Model):
    def __init__(self, width=8):
        super().__init__()
        self.conv = layers.Conv2D(width, 3)
        self.relu = layers.ReLU()
        self.pool = layers.GlobalAveragePooling2D()
        self.fc = layers.Dense(10)

    def call(self, x):
        return self.fc(self.pool(self.relu(self.conv(x))))

class Two(keras.Model):
    def __init__(self):
        super().__init__()
        self.one, self.two = layers.Dense(2), layers.Dense(2)

    def call(self, left, right):
        return self.one(left) + self.two(right)

class OwnWeight(keras.Model):
    def __init__(self):
        super().__init__()
        self.scale = self.add_weight(shape=(3,), name="scale")
        self.fc = layers.Dense(2)

    def call(self, x):
        return self.fc(x * 2)

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

class Block(layers.Layer):
    def __init__(self, width):
        super().__init__()
        self.first = layers.Conv2D(width, 3, padding="same")
        self.norm = layers.BatchNormalization()

    def call(self, x, training=False):
        return layers.ReLU()(self.norm(self.first(x), training=training)) + x

class Scale(layers.Layer):
    def build(self, shape):
        self.weight = self.add_weight(shape=(shape[-1],))

    def call(self, x):
        return x * self.weight

class Blocks(keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = [Block(3) for _ in range(2)]
        self.fc = layers.Dense(2)

    def call(self, x, training=False):
        for block in self.blocks:
            x = block(x, training=training)
        return self.fc(x)

def within():
    given = keras.Input((8, 8, 3))
    return keras.Model(given, layers.Flatten()(Block(3)(given)))

def in_a_chain():
    return keras.Sequential([keras.Input((8, 8, 3)), Block(3), layers.Flatten()])

def scaled():
    given = keras.Input((4,))
    return keras.Model(given, Scale()(given))

own = OwnWeight()
own(keras.ops.zeros((1, 3)))
frozen = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.BatchNormalization(),
                           layers.Flatten(), layers.Dense(5)])
frozen.layers[0].trainable = False
"""
SCRIPT = """\
import json, sys
from archcalc.diagnostics import SpecError
from archcalc.importing.live_keras import configuration
from archcalc.importing.opened import Opened
from archcalc.importing.torch.targets import ModuleTarget
found = {}
for target, sizes in json.loads(sys.argv[1]):
    try:
        with Opened(ModuleTarget.read(target)) as opened:
            model = opened.model
            found[target] = None if model is None else json.loads(configuration(model, target, sizes))
    except SpecError as error:
        found[target] = str(error)
print(json.dumps([found, "torch" in sys.modules]))
"""


pytestmark = pytest.mark.skipif(find_spec("keras") is None, reason="Keras is the witness")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models, and with one that is made in another file than its target."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "models.py").write_text(MODELS, encoding="utf-8")
    (folder / "others.py").write_text("from models import make\nmodel = make(4)\n", encoding="utf-8")
    return folder


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What a command comes to in the folder."""
    (folder / "runs").write_text("")
    return keras_process().run(ARCHCALC, folder, *words)


@pytest.fixture(scope="module")
def read(folder: Path) -> dict[str, object]:
    """What the targets came to, in a process that has Keras with NumPy and no PyTorch."""
    targets = [
        ("models.py:model", None),
        ("models.py:chain", None),
        ("models.py:called", None),
        ("models.py:Net(width=4)", [8, 8, 3]),
        ("models.py:Net", None),
        ("models.py:Two", {"left": "3", "right": (4,)}),
        ("models.py:own", None),
        ("models.py:make(7)", None),
        ("models.py:passed_on", None),
        ("models.py:no_model", None),
        ("models.py:lacking", None),
        ("fractions:Fraction", None),
    ]
    run = keras_process().run(SCRIPT, folder, json.dumps(targets))
    assert not run.returncode, run.stderr
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


def test_several_inputs_by_name(read: dict[str, object]) -> None:
    """They are the arguments of ``call``."""
    assert layers_of(read["models.py:Two"]).count("InputLayer") == 2


def test_a_weight_that_no_layer_holds(read: dict[str, object]) -> None:
    """Defeats: a network whose parameters are fewer than the model's, without a word."""
    assert "store 8 numbers, and the model 11" in str(read["models.py:own"])


@pytest.mark.parametrize("target", ["models.py:model", "models.py:make", "others.py:model"])
def test_a_summary_of_a_live_model(folder: Path, target: str) -> None:
    """Defeats: a file that is run once to tell what it holds, and once more to read it; a search for the word
    Keras in the file of the target alone."""
    run = command(folder, "summary", target, "--format", "json")
    assert not run.returncode, run.stderr
    record = json.loads(run.stdout)
    assert record["layers"][0]["class"] in ("Conv2D", "Dense")
    assert (folder / "runs").read_text() == "run "


def test_arguments_of_what_makes_a_model(folder: Path) -> None:
    """Those of ``--set`` come to the function, and a model that is there takes none."""
    run = command(folder, "summary", "models.py:make", "--set", "width=9", "--format", "csv")
    assert ",fc,2,20,20," in run.stdout
    run = command(folder, "summary", "models.py:model", "--set", "width=9")
    assert run.returncode == 2
    assert "takes no arguments" in run.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--train",), "training mode is that of PyTorch modules"), (("--tensor", "x=1x8x8x3"), "no input `x`")],
)
def test_options_of_pytorch(folder: Path, options: tuple[str, ...], words: str) -> None:
    """Each is one message."""
    run = command(folder, "summary", "models.py:model", *options)
    assert run.returncode == 2
    assert words in run.stderr
    assert run.stderr.count("error") == 1


@pytest.mark.skipif(find_spec("tensorflow") is not None, reason="TensorFlow is there")
def test_a_missing_backend(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras computes with TensorFlow by itself: the message says what stands in front of the command."""
    monkeypatch.setenv("KERAS_HOME", str(folder))
    path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    environment.pop("KERAS_BACKEND", None)
    words = [sys.executable, "-m", "archcalc", "summary", "models.py:model"]
    run = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    assert run.returncode == 2
    assert "KERAS_BACKEND=numpy" in run.stderr
    assert run.stderr.count("error") == 1


def test_a_model_of_this_process(folder: Path) -> None:
    """``archcalc.load`` takes the object; PyTorch is not imported."""
    script = """\
import sys, keras, archcalc
from keras import layers
model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.Flatten()], name="n")
net = archcalc.load(model)
assert "torch" not in sys.modules
print(net.name, net.summary().totals["params"], net.graph.layers[0].origin.kind)
try:
    archcalc.load(model, classes=3)
except archcalc.SpecError as error:
    print(error)
"""
    run = keras_process().run(script, folder)
    assert not run.returncode, run.stderr
    first, second = run.stdout.splitlines()
    assert first == "n 112 Conv2D"
    assert "nothing takes classes" in second


def test_verify_stands_beside_keras(folder: Path) -> None:
    """Parameters and outputs of each layer are the model's own; batch norm stores what is not trained."""
    run = command(folder, "verify", "models.py:frozen", "--device", "meta", "--format", "json")
    assert not run.returncode, run.stderr
    checks = {check["quantity"]: check for check in json.loads(run.stdout)["checks"]}
    trained, held = checks["Keras: trainable"], checks["Keras: not trainable"]
    assert (trained["predicted"], trained["measured"]) == (8 + 725, 8 + 725)
    assert (held["predicted"], held["measured"]) == (112 + 8, 112 + 8)
    assert checks["Keras: outputs"]["layers"] == 4
    assert (folder / "runs").read_text() == "run "


def test_verify_shows_a_difference() -> None:
    """Defeats: a comparison that compares nothing: other figures of a layer are a difference."""
    pytest.importorskip("torch")
    from archcalc import load
    from archcalc.importing.live_keras import LayerFigures
    from archcalc.witness.live_keras import keras_checks

    dense = {"class_name": "Dense", "config": {"name": "d", "units": 2}}
    config = {"name": "n", "layers": [dense], "build_input_shape": [None, 3]}
    text = json.dumps({"class_name": "Sequential", "config": config})
    graph = load("-", stdin=text).graph
    figures = LayerFigures("d", 8, 0, (2,), False)
    assert all(check.agrees for check in keras_checks(graph, [figures]))
    others = [figures._replace(trainable=9), figures._replace(held=1), figures._replace(output=(3,))]
    for number, other in enumerate(others):
        found = keras_checks(graph, [other])
        assert [check.agrees for check in found] == [at != number for at in range(3)]


def test_which_files_speak_of_keras(tmp_path: Path) -> None:
    """Of a file, of one beside it that it imports, and of none that it does not."""
    (tmp_path / "a.py").write_text("from b import model", encoding="utf-8")
    (tmp_path / "b.py").write_text("import c.d", encoding="utf-8")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "d.py").write_text("from a import model\nimport keras", encoding="utf-8")
    (tmp_path / "e.py").write_text("import torch", encoding="utf-8")
    assert speaks_of(ModuleTarget.read(f"{tmp_path}/a.py:model"), "keras")
    assert not speaks_of(ModuleTarget.read(f"{tmp_path}/e.py:model"), "keras")
    assert speaks_of(ModuleTarget.read("keras.applications:VGG16"), "keras")


@pytest.mark.parametrize(
    ("target", "params", "options"),
    [
        ("models.py:within", 84 + 6, ()),
        ("models.py:in_a_chain", 84 + 6, ()),
        ("models.py:Blocks", 2 * (84 + 6) + 8, ("--input", "8x8x3")),
    ],
)
def test_layers_of_ones_own_class_are_opened(
    folder: Path, target: str, params: int, options: tuple[str, ...]
) -> None:
    """What they call are layers of Keras. Defeats: a refusal of every block that is a class of its own."""
    run = command(folder, "summary", target, *options, "--format", "json")
    assert not run.returncode, run.stderr
    assert json.loads(run.stdout)["totals"]["params"] == params


def test_a_layer_of_ones_own_with_weights_of_its_own(folder: Path) -> None:
    """Defeats: a product with a weight that counts as one with a number, and stores nothing."""
    run = command(folder, "summary", "models.py:scaled")
    assert run.returncode == 2
    assert run.stderr.count("error") == 1
    assert "store 0 numbers, and the model 4" in run.stderr


def test_classes_are_as_before(folder: Path) -> None:
    """A model of this process can be called as before."""
    script = """\
import keras, archcalc
from models import Block, in_a_chain
model = in_a_chain()
assert archcalc.load(model).summary().totals["params"] == 90
assert "__call__" not in vars(Block)
assert [layer.__class__.__name__ for layer in model.layers] == ["Block", "Flatten"]
assert model(keras.ops.zeros((1, 8, 8, 3))).shape == (1, 192)
"""
    run = keras_process().run(script, folder)
    assert not run.returncode, run.stderr
