"""`summary --like keras` of what came from Keras: sign by sign what ``model.summary()`` prints."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from calling import call
from forking import keras_process
from keras_models import MODELS, OPTIONS
from test_keras_applications import ALL, QUICK

pytestmark = pytest.mark.skipif(find_spec("keras") is None, reason="Keras is the witness")


def keras(folder: Path, script: str, *words: str) -> str:
    """What a script prints that runs with Keras, whose table is as wide as it likes."""
    code = script if "\n" in script else f"import runpy\nrunpy.run_path({script!r}, run_name='__main__')\n"
    run = keras_process().run(code, folder, *words, COLUMNS="200")
    assert not run.returncode, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Keras says of each model."""
    folder = tmp_path_factory.mktemp("models")
    keras(folder, str(Path(__file__).parent / "keras_models.py"), str(folder), *MODELS)
    return folder


def compared(folder: Path, name: str) -> None:
    """Hold our screens against those of Keras."""
    printed = json.loads((folder / f"{name}.summaries").read_text("utf-8"))
    assert printed
    for theirs, (_, options) in zip(printed, OPTIONS, strict=False):
        answer = call("summary", str(folder / f"{name}.json"), "--like", "keras", *options)
        assert not answer.code, answer.err
        table, _, last = answer.out.removesuffix("\n").rpartition("\n")
        assert last == "as Keras 3.15.1 prints it"
        assert f"{table}\n" == theirs


@pytest.mark.parametrize("name", [*MODELS])
def test_models_of_many_forms(written: Path, name: str) -> None:
    """Defeats: a row for each of our own layers; the order of the text; an operation in a model within the
    model, and none in the whole; connections of a call that is not the model's; layers of one name in two
    models taken for one; parameters of side heads that count for nothing; all numbers of four bytes."""
    compared(written, name)


@pytest.mark.slow
def test_applications(tmp_path: Path) -> None:
    """Three of Keras' own."""
    keras(tmp_path, str(Path(__file__).parent / "keras_models.py"), str(tmp_path), *QUICK)
    for name in QUICK:
        compared(tmp_path, name)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_all_applications(part: int, tmp_path: Path) -> None:
    """All whose inputs have sizes."""
    names = [name for name in ALL if name not in (*QUICK, "MobileNetV3Large", "MobileNetV3Small")][part::8]
    keras(tmp_path, str(Path(__file__).parent / "keras_models.py"), str(tmp_path), *names)
    for name in names:
        compared(tmp_path, name)


LIVE = """\
import io, keras, archcalc
from keras import layers
model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(2)])
model.compile("adam", "mse")
for built in range(2):
    printed = []
    model.summary(print_fn=printed.append)
    mine = archcalc.load(model).summary().like("keras")
    table, _, last = mine.rstrip().rpartition("\\n")
    assert (table + "\\n") == printed[0], mine
    assert ("Optimizer" in mine) == bool(built)
    model.optimizer.build(model.trainable_variables)
assert "Optimizer params: " in archcalc.load(model).summary(optimizer="sgd").like("keras")
print("same")
"""


def test_a_compiled_model(tmp_path: Path) -> None:
    """What the optimizer holds is in the total once it holds it, and not before."""
    assert keras(tmp_path, LIVE) == "same\n"


PASTED = """\
import keras
from keras import layers

def block(x, filters):
    before = x
    x = layers.Conv2D(filters, 3, padding="same")(x)
    return layers.ReLU()(layers.BatchNormalization()(x) + before)

inputs = keras.Input(shape=(32, 32, 16))
x = inputs
for i in range(2):
    x = block(x, 16)
model = keras.Model(inputs, layers.Dense(3)(layers.Flatten()(x)))
model.summary()
"""


def test_pasted_code(tmp_path: Path) -> None:
    """Code that is read prints what it prints where it runs: the names that Keras gives, and its order."""
    theirs = keras(tmp_path, PASTED)
    answer = call("summary", "-", "--like", "keras", stdin=PASTED)
    assert answer.out == f"{theirs}as Keras 3.15.1 prints it\n"


def test_a_part_of_a_model(written: Path) -> None:
    """Defeats: the rows of the whole model for a network that was cut off."""
    answer = call("summary", str(written / "sequential.json"), "--like", "keras", "--until", "max_pooling2d")
    assert "dense" not in answer.out
    assert "Total params: 448 " in answer.out


def test_the_record_of_a_model(written: Path) -> None:
    """Rows in JSON: names and connections are Keras' own, sizes without the batch."""
    answer = call("summary", str(written / "operations_within.json"), "--like", "keras", "--format", "json")
    rows = {row["name"]: row for row in json.loads(answer.out)["layers"]}
    assert rows["enc"]["output"] == [[8, 8, 4], [4]]
    assert rows["dec"]["connected_to"] == ["enc[0][0]"]
