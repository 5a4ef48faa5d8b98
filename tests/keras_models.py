"""Models of Keras of many forms. Run with Keras, this file writes what Keras itself says of them.

``python keras_models.py FOLDER NAME …`` writes of each model its configuration, ``NAME.json``, and what
``model.summary()`` prints with each set of options, ``NAME.summaries``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Options of ``model.summary()``, and how our command has them.
OPTIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"show_trainable": True}, ["--show-trainable"]),
    ({"expand_nested": True}, ["--expand-nested"]),
    ({"line_length": 70}, ["--line-length", "70"]),
    (
        {"expand_nested": True, "show_trainable": True, "line_length": 130},
        ["--expand-nested", "--show-trainable", "--line-length", "130"],
    ),
]

MODELS: dict[str, Callable[[Any, Any], Any]] = {}


def model(make: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Take a model in under the name of what makes it."""
    MODELS[make.__name__] = make
    return make


@model
def sequential(keras: Any, layers: Any) -> Any:
    parts = [layers.Conv2D(32, 3, activation="relu"), layers.BatchNormalization(), layers.MaxPooling2D()]
    head = [layers.Flatten(), layers.Dropout(0.5), layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.Input((28, 28, 1)), *parts, *head], name="my_net")


@model
def frozen(keras: Any, layers: Any) -> Any:
    made = sequential(keras, layers)
    made.layers[0].trainable = False
    return made


@model
def called_twice_within(keras: Any, layers: Any) -> Any:
    inner = keras.Sequential([keras.Input((16,)), layers.Dense(8), layers.BatchNormalization()], name="inner")
    a = keras.Input((16,))
    first = inner(layers.Dense(16)(a))
    return keras.Model(a, layers.Add()([first, inner(a)]))


@model
def operations_within(keras: Any, layers: Any) -> Any:
    picture = keras.Input((8, 8, 3), name="pic")
    x = layers.ReLU()(layers.Conv2D(4, 3, padding="same")(picture) + 1.0)
    encoder = keras.Model(picture, [x, layers.GlobalAveragePooling2D()(x)], name="enc")
    code = keras.Input((8, 8, 4))
    decoder = keras.Model(code, layers.Flatten()(code * 2), name="dec")
    given = keras.Input((8, 8, 3))
    features, pooled = encoder(given)
    return keras.Model(given, layers.Concatenate()([decoder(features), pooled]), name="whole")


@model
def shared(keras: Any, layers: Any) -> Any:
    a, b = keras.Input((10,), name="left"), keras.Input((10,), name="right")
    tower = layers.Dense(4, name="tower")
    return keras.Model([a, b], layers.Dense(1)(layers.Concatenate(name="both")([tower(a), tower(b)])))


@model
def several_outputs(keras: Any, layers: Any) -> Any:
    a, b = keras.Input((12,), name="a"), keras.Input((5,), name="b")
    x, y = layers.Dense(8, activation="relu")(a), layers.Dense(8)(b)
    both = layers.Multiply()([x, y])
    ends = {"cls": layers.Dense(3, name="cls")(both), "reg": layers.Dense(1, name="reg")(x)}
    return keras.Model({"a": a, "b": b}, ends)


@model
def chain_of_two_outputs(keras: Any, layers: Any) -> Any:
    a = keras.Input((4,))
    x = layers.Dense(3)(a)
    return keras.Model(a, [x, layers.Dense(2)(x)])


@model
def input_behind(keras: Any, layers: Any) -> Any:
    a, b = keras.Input((6,), name="a"), keras.Input((6,), name="b")
    x = layers.Concatenate()([layers.Dense(6)(layers.Dense(6)(a)), b])
    return keras.Model([a, b], [layers.Dense(2)(x), layers.Dense(3)(b)])


@model
def residual(keras: Any, layers: Any) -> Any:
    a = keras.Input((16, 16, 8))
    x = layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same")(a))
    return keras.Model(a, layers.GlobalAveragePooling2D()(layers.Activation("relu")(x) + a))


@model
def long_names(keras: Any, layers: Any) -> Any:
    a = keras.Input((16, 16, 8))
    name = "a_very_long_name_of_a_layer_that_is_wider_than_its_column_everywhere"
    x = layers.Conv2D(8, 3, padding="same", name=name)(a)
    return keras.Model(a, layers.Concatenate(name="x" * 70)([x, a, x]))


@model
def channels_first(keras: Any, layers: Any) -> Any:
    first = {"data_format": "channels_first"}
    parts = [layers.Conv2D(8, 3, **first), layers.MaxPooling2D(**first), layers.Flatten(), layers.Dense(2)]
    return keras.Sequential([keras.Input((3, 32, 32)), *parts])


@model
def stated_batch(keras: Any, layers: Any) -> Any:
    parts = [layers.Conv1D(8, 3), layers.GlobalMaxPooling1D(), layers.Dense(2)]
    return keras.Sequential([layers.InputLayer(batch_shape=(8, 32, 16)), *parts])


@model
def types_of_numbers(keras: Any, layers: Any) -> Any:
    types = ["float16", "mixed_float16", "float64"]
    return keras.Sequential([keras.Input((8,)), *[layers.Dense(3, dtype=name) for name in types]])


@model
def recurrent(keras: Any, layers: Any) -> Any:
    both = layers.Bidirectional(layers.LSTM(6, return_sequences=True))
    parts = [layers.Embedding(100, 8), both, layers.GRU(5), layers.Dense(1)]
    return keras.Sequential([keras.Input((20,)), *parts])


@model
def norms(keras: Any, layers: Any) -> Any:
    parts = [layers.Normalization(), layers.Dense(2, use_bias=False)]
    return keras.Sequential([keras.Input((8,)), *parts, layers.BatchNormalization(center=False, scale=False)])


@model
def convolutions(keras: Any, layers: Any) -> Any:
    parts = [layers.SeparableConv2D(8, 3, activation="relu"), layers.DepthwiseConv2D(3)]
    more = [layers.Conv2DTranspose(4, 2, 2), layers.LayerNormalization()]
    return keras.Sequential([keras.Input((32, 32, 3)), *parts, *more])


@model
def chains_in_a_chain(keras: Any, layers: Any) -> Any:
    stem = keras.Sequential([layers.Conv2D(4, 3), layers.ReLU()], name="stem")
    top = keras.Sequential([layers.Flatten(), layers.Dense(3)], name="top")
    return keras.Sequential([keras.Input((8, 8, 3)), stem, top])


@model
def same_layer_three_times(keras: Any, layers: Any) -> Any:
    a = x = keras.Input((6,))
    again = layers.Dense(6, name="again")
    for _ in range(3):
        x = again(x)
    return keras.Model(a, x)


@model
def same_names_within(keras: Any, layers: Any) -> Any:
    def inner(name: str, width: int) -> Any:
        return keras.Sequential([keras.Input((6,)), layers.Dense(width, name="same")], name=name)

    a = keras.Input((6,))
    return keras.Model(a, layers.Dense(2, name="same")(inner("two", 3)(inner("one", 6)(a))))


@model
def inputs_that_change_places(keras: Any, layers: Any) -> Any:
    a, b, c, d = [keras.Input((6,)) for _ in range(4)]
    inner = keras.Model([a, b], layers.Dense(3)(layers.Subtract()([a, b])), name="inner")
    return keras.Model([c, d], layers.Average()([inner([c, d]), inner([d, c])]))


@model
def frozen_within(keras: Any, layers: Any) -> Any:
    inner = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(4, 3), layers.BatchNormalization()])
    inner.trainable = False
    a = keras.Input((16, 16, 3))
    x = layers.GlobalAveragePooling2D()(inner(layers.Rescaling(1 / 255)(a), training=False))
    return keras.Model(a, layers.Dense(5)(layers.Dropout(0.2)(x)))


def write(folder: Path, names: list[str]) -> None:
    """Write what Keras says of models, those of this file or its applications."""
    import keras

    zeros = lambda self, shape, dtype=None: keras.ops.zeros(shape)  # noqa: E731
    keras.initializers.VarianceScaling.__call__ = zeros  # random numbers take long, and nobody sees them
    for name in names:
        keras.backend.clear_session()
        if name in MODELS:
            made = MODELS[name](keras, keras.layers)
        else:
            made = getattr(keras.applications, name)(weights=None)
        (folder / f"{name}.json").write_text(made.to_json(), encoding="utf-8")
        printed: list[str] = []
        for options, _ in OPTIONS if name in MODELS else OPTIONS[:1]:
            made.summary(print_fn=printed.append, **options)
        (folder / f"{name}.summaries").write_text(json.dumps(printed), encoding="utf-8")


if __name__ == "__main__":
    os.environ["COLUMNS"] = "200"
    write(Path(sys.argv[1]), sys.argv[2:])
