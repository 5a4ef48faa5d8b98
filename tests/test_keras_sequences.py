"""Keras' layers of sequences beside Keras' own counts and sizes."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from forking import keras_process

from archcalc import load

pytestmark = pytest.mark.skipif(find_spec("keras") is None, reason="Keras is the witness")

# The input, and what stands behind it.
MODELS = {
    "lstm": ((10, 8), ["LSTM(4)"]),
    "lstm sequence": ((10, 8), ["LSTM(4, return_sequences=True, use_bias=False)", "LSTM(3)"]),
    "gru": ((10, 8), ["GRU(4)"]),
    "gru before": ((10, 8), ["GRU(4, reset_after=False, return_sequences=True)"]),
    "rnn": ((10, 8), ["SimpleRNN(5, activation='relu')"]),
    "both": (
        (10, 8),
        ["Bidirectional(layers.LSTM(4, return_sequences=True))", "Bidirectional(layers.GRU(3))"],
    ),
    "each step": ((10, 8), ["TimeDistributed(layers.Dense(3, activation='relu'))", "LSTM(2)"]),
    "embedding": ((10,), ["Embedding(50, 4)", "Bidirectional(layers.LSTM(4))", "Dense(1)"]),
    "frozen": ((10,), ["Embedding(50, 4, trainable=False)", "GRU(4, trainable=False)", "Dense(1)"]),
}
SCRIPT = """\
import json, math, sys
import keras
from keras import layers
found = {}
for name, (shape, code) in json.loads(sys.argv[1]).items():
    model = keras.Sequential([keras.Input(tuple(shape)), *[eval("layers." + one) for one in code]])
    counts = [sum(math.prod(w.shape) for w in ws) for ws in (model.trainable_weights, model.weights)]
    found[name] = [model.to_json(), counts, list(model.output_shape[1:])]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """What Keras says of each model: its configuration, counts and output."""
    folder = tmp_path_factory.mktemp("sequences")
    found: dict[str, list[object]] = keras_process().printed(SCRIPT, folder, json.dumps(MODELS))
    return found


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("way", ["file", "code"])
def test_models_of_sequences(name: str, way: str, witnessed: dict[str, list[object]], tmp_path: Path) -> None:
    """Defeats: one bias of a GRU where Keras has two, a direction that is left out, the whole sequence where
    its end is meant."""
    text, counts, output = witnessed[name]
    if way == "file":
        path = tmp_path / "model.json"
        path.write_text(str(text))
    else:
        path = tmp_path / "net.py"
        shape, code = MODELS[name]
        lines = ",\n    ".join([f"layers.{one}" for one in code])
        path.write_text(
            f"import keras\nfrom keras import layers\n"
            f"model = keras.Sequential([\n    keras.Input({shape!r}),\n    {lines},\n])\n"
        )
    network = load(str(path))
    totals = network.summary().totals
    assert [totals["trainable"], totals["params"] + totals["buffers"]] == counts
    assert list(network.graph.output.output) == output
