"""Networks as courses write them in Keras, read from code that is never run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from calling import call

from archcalc import SpecError, load

LECTURES = {
    "classroom": (
        93_322,
        """\
from keras import layers, models

model = models.Sequential()
model.add(layers.Conv2D(32, (3, 3), activation='relu', input_shape=(28, 28, 1)))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(64, (3, 3), activation='relu'))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(64, (3, 3), activation='relu'))
model.add(layers.Flatten())
model.add(layers.Dense(64, activation='relu'))
model.add(layers.Dense(10, activation='softmax'))
""",
    ),
    "no_pool": (
        55_744,
        """\
from keras import layers, models

net = models.Sequential([
    layers.Conv2D(32, (3, 3), activation='relu', input_shape=(28, 28, 1)),
    layers.Conv2D(64, (3, 3), activation='relu'),
    layers.Conv2D(64, (3, 3), activation='relu'),
])
""",
    ),
    "dropout": (
        3_453_121,
        """\
from tensorflow.keras import layers, models, optimizers

model = models.Sequential()
model.add(layers.Conv2D(32, (3, 3), activation='relu', input_shape=(150, 150, 3)))
for filters in (64, 128, 128):
    model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Conv2D(filters, (3, 3), activation='relu'))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Flatten())
model.add(layers.Dropout(0.5))
model.add(layers.Dense(512, activation='relu'))
model.add(layers.Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer=optimizers.RMSprop(learning_rate=1e-4), metrics=['acc'])
model.summary()
""",
    ),
    "functional_mlp": (
        55_050,
        """\
from keras.layers import Input, Dense
from keras.models import Model

inputs = Input(shape=(784,))
x = Dense(64, activation='relu')(inputs)
x = Dense(64, activation='relu')(x)
predictions = Dense(10, activation='softmax')(x)
model = Model(inputs=inputs, outputs=predictions)
""",
    ),
    "residual_loop": (
        74_858,
        """\
import keras
from keras import layers

inputs = keras.Input((32, 32, 3))
x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
for _ in range(16):
    y = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    y = layers.Conv2D(16, 3, padding="same")(y)
    x = layers.Activation("relu")(layers.add([x, y]))
x = layers.GlobalAveragePooling2D()(x)
outputs = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inputs, outputs)
""",
    ),
    "very_deep": (
        433_290,
        """\
from keras.models import *
from keras.layers import *

model = Sequential()
model.add(Conv2D(filters = 16, kernel_size = 5, activation = 'relu', input_shape = (28, 28, 1)))
for i in range(1000):
    model.add(Conv2D(filters = 4, kernel_size = 5, activation = 'relu', padding = 'same'))
model.add(Conv2D(filters = 16, kernel_size = 5, activation = 'relu'))
model.add(MaxPooling2D(pool_size = 2, strides = 2))
model.add(Flatten())
model.add(Dense(units = 16, activation = 'relu'))
model.add(Dense(units = 16, activation = 'relu'))
model.add(Dense(units = 10, activation = 'softmax'))
print(model.summary())
""",
    ),
}


@pytest.mark.parametrize("name", LECTURES)
@pytest.mark.parametrize("way", ["file", "stdin"])
def test_listings_of_lectures(name: str, way: str, tmp_path: Path) -> None:
    """Defeats a reader that unrolls a loop once, that puts what stands behind it into it, or that counts a
    layer of ``add`` twice."""
    expected, code = LECTURES[name]
    path = tmp_path / f"{name}.py"
    path.write_text(code)
    answer = call(
        "summary",
        *([str(path)] if way == "file" else ["-"]),
        "--format",
        "json",
        stdin="" if way == "file" else code,
    )
    assert answer.code == 0, answer.err
    found = re.search(r'"totals": \{"params": (\d+)', answer.out)
    assert found is not None, answer.out[-800:]
    assert int(found[1]) == expected


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("from keras import models\nmodel = models.Sequential()\nmodel.add(Mystery(3))\n", ":3:"),
        (
            "from keras import layers, models\nmodel = models.Sequential()\n"
            "while True:\n    model.add(layers.Dense(3))\n",
            ":",
        ),
        ("from keras import layers\nx = layers.Dense(9**9**9)\n", ":2:"),
        (  # the layers before the one that is lost are no network of their own
            "import other\nfrom keras import Input, layers\nx = layers.Conv2D(4, 3)(Input((8, 8, 3)))\n"
            "x = other.attention(x)\nx = layers.Dense(10)(x)\n",
            ":5:",
        ),
        (
            "import keras, other\nx = keras.Input((8,))\ny = keras.layers.Dense(3)(other.f(x))\n"
            "model = keras.Model(x, keras.layers.Dense(2)(y))\n",
            ":3:",
        ),
        ("from keras import layers\ndef f(n): return f(n)\nf(1)\n", ":"),
        ("import keras\nmodel = keras.Sequential([keras.Input((8,)), keras.layers.Dense('a')])\n", "net.py"),
    ],
)
def test_code_that_cannot_be_read_is_one_message(code: str, words: str, tmp_path: Path) -> None:
    """Defeats a reader that runs code, loops for ever, or raises what it should not."""
    path = tmp_path / "net.py"
    path.write_text(code)
    with pytest.raises(SpecError) as caught:
        load(str(path))
    assert words in str(caught.value) or words in str(caught.value.diagnostics[0].span)


def test_what_only_a_notebook_knows_is_passed_over(tmp_path: Path) -> None:
    """Defeats a reader that takes `?model` and `files = !ls` for Python, or a cell of another language."""
    code = LECTURES["no_pool"][1]
    cells = [
        "?net",
        "files = !ls *.png\nout = %timeit -o 3",
        "%%bash\nls | wc",
        "%%time\n" + code,
        "net.summary?",
    ]
    notebook = {"cells": [{"cell_type": "code", "source": cell, "outputs": []} for cell in cells]}
    path = tmp_path / "net.ipynb"
    path.write_text(json.dumps(notebook))
    answer = call("summary", str(path))
    assert answer.code == 0, answer.err
    assert "55,744" in answer.out
    joined = tmp_path / "net.py"
    joined.write_text("files = !ls *.png\n" + code)
    assert call("summary", str(joined)).out.count("55,744") > 0
