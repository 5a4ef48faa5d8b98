"""Configurations of Keras as files hold them: those of Keras 1 and 2, names that are words of our language,
JSON that is no model, and configurations that somebody has changed."""

from __future__ import annotations

import copy
import json
import random
import time
from typing import Any

import pytest

import archcalc
from archcalc.diagnostics import ERROR, SpecError
from archcalc.language.statements import HEADS
from archcalc.ops.attributes import RESERVED


def read(config: Any, **settings: Any) -> archcalc.Network:
    """The network of a configuration."""
    return archcalc.load("-", stdin=json.dumps(config), file_format="keras", **settings)


def stored(config: Any) -> int:
    """All that a model stores, as Keras counts, side heads too."""
    totals = read(config).summary(with_heads=True).totals
    return int(totals["params"]) + int(totals["buffers"])


def layer(kind: str, name: str, *calls: Any, **config: Any) -> dict[str, Any]:
    """A layer as a functional model of Keras 1 and 2 has it."""
    return {
        "class_name": kind,
        "name": name,
        "inbound_nodes": list(calls),
        "config": {"name": name, **config},
    }


def functional(
    layers: list[dict[str, Any]], outputs: list[Any], name: str = "model", first: str = "given"
) -> dict[str, Any]:
    """A functional model of Keras 1 and 2 with one input."""
    config = {"name": name, "layers": layers, "input_layers": [[first, 0, 0]], "output_layers": outputs}
    return {"class_name": "Functional", "config": config}


def sequential(*layers: tuple[str, dict[str, Any]], version: str = "1.0.7") -> dict[str, Any]:
    """A sequential model of Keras 1: its configuration is the list of its layers."""
    parts = [
        {"class_name": kind, "config": {"name": f"{kind.lower()}_{number}", **config}}
        for number, (kind, config) in enumerate(layers)
    ]
    return {"class_name": "Sequential", "keras_version": version, "config": parts}


def convolution(filters: int, order: str = "tf", **more: Any) -> tuple[str, dict[str, Any]]:
    """A convolution of Keras 1."""
    names = {"nb_filter": filters, "nb_row": 3, "nb_col": 3, "subsample": [1, 1], "border_mode": "valid"}
    return "Convolution2D", {**names, "dim_ordering": order, "bias": True, "init": "glorot_uniform", **more}


def dense(units: int) -> tuple[str, dict[str, Any]]:
    """A linear layer of Keras 1."""
    return "Dense", {"output_dim": units, "input_dim": None, "bias": True, "activation": "linear"}


def recurrent(kind: str, units: int) -> tuple[str, dict[str, Any]]:
    """A recurrent layer of Keras 1 that reads 20 vectors of 99 numbers."""
    words = {"inner_activation": "hard_sigmoid", "inner_init": "orthogonal", "consume_less": "cpu"}
    shape = {"batch_input_shape": [None, 20, 99], "input_length": None, "input_dim": 99}
    return kind, {**words, **shape, "output_dim": units, "activation": "tanh", "return_sequences": False}


POOL = {"pool_size": [2, 2], "strides": [2, 2], "border_mode": "valid"}


def test_a_classifier_of_keras_1() -> None:
    """The network of digits of Keras' examples: 600,810 parameters, by rows and columns of its kernels."""
    parts = [convolution(32, batch_input_shape=[None, 28, 28, 1]), convolution(32)]
    parts += [("MaxPooling2D", {**POOL, "dim_ordering": "tf"}), ("Dropout", {"p": 0.25}), ("Flatten", {})]
    assert stored(sequential(*parts, dense(128), dense(10))) == 600_810


def test_channels_in_front_in_keras_1() -> None:
    """Defeats: 28 channels and one row, where ``th`` is not known. 320 + (13*13*32*10 + 10)."""
    first = convolution(32, "th", batch_input_shape=[None, 1, 28, 28])
    pool = ("MaxPooling2D", {**POOL, "dim_ordering": "th"})
    assert stored(sequential(first, pool, ("Flatten", {}), dense(10))) == 320 + 54_090


def test_a_gru_before_files_say_reset_after() -> None:
    """Defeats: two biases for each gate, which Keras 3 has by itself. 3*256*(256 + 99 + 1)."""
    assert stored(sequential(recurrent("GRU", 256))) == 273_408
    assert stored(sequential(recurrent("LSTM", 256))) == 364_544


@pytest.mark.parametrize(
    ("mode", "channels"), [("sum", 4), ("mul", 4), ("max", 4), ("ave", 4), ("concat", 8)]
)
def test_merges_of_keras_1(mode: str, channels: int) -> None:
    """One class with a mode for all of them. 3*3*3*4 + 4, and 16 of the batch norm."""
    given = layer("InputLayer", "given", batch_input_shape=[None, 8, 8, 3])
    conv = layer("Convolution2D", "c", [["given", 0, 0]], **convolution(4)[1])
    norm = layer("BatchNormalization", "bn", [["c", 0, 0]], mode=0, axis=-1)
    merge = layer("Merge", "m", [["bn", 0, 0], ["c", 0, 0]], mode=mode, concat_axis=-1, dot_axes=-1)
    config = functional([given, conv, norm, merge], [["m", 0, 0]])
    assert stored(config) == 112 + 16
    assert read(config).graph.output.output == (6, 6, channels)


def nested() -> dict[str, Any]:
    """A model of Keras 2 within another, which is called twice: its calls have the numbers 1 and 2."""
    x = layer("InputLayer", "x", batch_input_shape=[None, 6])
    inner = functional([x, layer("Dense", "y", [["x", 0, 0, {}]], units=6)], [["y", 0, 0]], "inner", "x")
    calls = [[["given", 0, 0, {}]], [["first", 0, 0, {}]]]
    parts = [
        layer("InputLayer", "given", batch_input_shape=[None, 6]),
        layer("Dense", "first", [["given", 0, 0, {}]], units=6),
        {**inner, "name": "inner", "inbound_nodes": calls},
        layer("Subtract", "less", [["inner", 1, 0, {}], ["inner", 2, 0, {}]]),
    ]
    return functional(parts, [["less", 0, 0], ["inner", 2, 0]])


def test_calls_of_a_model_within_count_from_one() -> None:
    """Defeats: the second call for the first, and none for the second; parameters that count twice."""
    network = read(nested())
    assert stored(nested()) == 42 + 42
    difference = network.layer("less")
    assert [source.inputs[0].name for source in difference.inputs] == ["given", "first"]


def test_calls_of_a_model_within_count_from_zero() -> None:
    """Keras 3 counts from 0, and so is read the same network."""
    text = (
        json.dumps(nested()).replace('["inner", 1,', '["inner", 0,').replace('["inner", 2,', '["inner", 1,')
    )
    difference = read(json.loads(text)).layer("less")
    assert [source.inputs[0].name for source in difference.inputs] == ["given", "first"]


def test_a_file_of_tensorflow_js() -> None:
    """It holds the configuration within its own."""
    config = sequential(("Dense", {"units": 2, "batch_input_shape": [None, 6]}), version="2.15.0")
    assert stored({"format": "layers-model", "modelTopology": {"model_config": config}}) == 14
    assert stored({"format": "layers-model", "modelTopology": config}) == 14


@pytest.mark.parametrize("word", sorted({*RESERVED, *HEADS, "net", "block", "default", "shortcut", "conv"}))
@pytest.mark.parametrize("place", ["model", "given", "d"])
def test_names_that_are_words_of_the_language(word: str, place: str) -> None:
    """Many a last layer is called ``out``. The round trip by way of a spec keeps the network."""
    name, first, inner = [word if place == one else one for one in ("model", "given", "d")]
    parts = [
        layer("InputLayer", first, batch_input_shape=[None, 6]),
        layer("Dense", inner, [[first, 0, 0, {}]], units=6, activation="relu"),
        layer("Add", "e", [[inner, 0, 0, {}], [first, 0, 0, {}]]),
    ]
    network = read(functional(parts, [["e", 0, 0]], name, first))
    assert network.summary().totals["params"] == 42
    assert network.graph.layers[0].origin is not None
    assert network.graph.layers[0].origin.module == inner


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "x", "version": "1.0.0", "dependencies": {}}, "it has `name`, `version`, `dependencies`"),
        ({"images": [], "annotations": [], "a": 1, "b": 2, "c": 3, "d": 4}, "it has `images`, "),
        ({}, "it is empty"),
        ([1, 2, 3], "is a dictionary"),
        (3, "is a dictionary"),
        ("text", "is a dictionary"),
        (None, "is a dictionary"),
        ({"class_name": "Adam", "config": {"name": "Adam"}}, "`Adam` is code"),
        ({"class_name": "Dense", "config": {"units": 3}}, "is a layer of Keras (Dense) and no model"),
    ],
)
def test_json_that_is_no_model(given: Any, words: str) -> None:
    """Each is one message that says what the JSON is."""
    with pytest.raises(SpecError) as raised:
        read(given)
    (first,) = raised.value.diagnostics
    assert words in first.message


# Values that stand in the place of others.
VALUES: list[Any] = [
    *(None, True, False, -1, 0, 1, 2, 3, 10**30, -(10**30), 1e308, 0.5, float("nan"), float("inf")),
    *(
        "",
        "x" * 1000,
        "same",
        "valid",
        "Conv2D",
        "Sequential",
        "Functional",
        "é\n\x00\u202e",
        "channels_first",
    ),
    *([], {}, [[]], [None], [1] * 5, ["given", 0, 0], [["given", 0, 0]], [None, None, None, 3]),
    *([None, 10**9, 10**9, 3], [None, 0, 3], 10**7, {"class_name": "Dense", "config": {}}),
    *({"class_name": "__tuple__", "items": [1, 2]}, {"class_name": "function", "config": "relu"}),
    {"class_name": "__keras_tensor__", "config": {"keras_history": ["given", 0, -(10**30)]}},
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Each place in a JSON value: what holds it, and its key there."""
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            found.append((one, key))
            waiting.append(one[key])
    return found


def mutated(config: Any, chance: random.Random) -> Any:
    """A configuration in which keys, values, references and depths are other ones."""
    config = copy.deepcopy(config)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        holder, key = chance.choice(places(config))
        other, its = chance.choice(places(config))
        kind = chance.random()
        if kind < 0.15:
            del holder[key]
        elif kind < 0.6:
            holder[key] = copy.deepcopy(chance.choice(VALUES))
        elif kind < 0.75:
            holder[key] = copy.deepcopy(other[its])
        elif kind < 0.85 and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif kind < 0.95 and isinstance(holder, dict):
            holder[str(its)] = holder.pop(key)
        else:
            for _ in range(chance.choice([3, 100])):
                around: list[Any] = [[holder[key]], {"class_name": "Sequential", "config": [holder[key]]}]
                holder[key] = chance.choice(around)
        if not places(config):
            break
    return config


def corpus() -> list[Any]:
    """Configurations of each kind."""
    given = layer("InputLayer", "given", batch_shape=[None, 8, 8, 3])

    def tensor(name: str, shape: list[Any]) -> dict[str, Any]:
        return {"class_name": "__keras_tensor__", "config": {"shape": shape, "keras_history": [name, 0, 0]}}

    def node(*names: str) -> dict[str, Any]:
        read = [tensor(name, [None, 8, 8, 3]) for name in names]
        return {"args": read if len(read) == 1 else [read], "kwargs": {}}

    conv = layer(
        "Conv2D", "c", node("given"), filters=3, kernel_size=[3, 3], padding="same", activation="relu"
    )
    norm = layer("BatchNormalization", "bn", node("c"), axis=-1)
    add = layer("Add", "a", node("bn", "given"))
    keras_3 = functional([given, conv, norm, add], [["a", 0, 0]])
    keras_1 = sequential(convolution(4, batch_input_shape=[None, 8, 8, 1]), ("Flatten", {}), dense(3))
    cell = {"class_name": "LSTM", "config": {"name": "f", "units": 3, "return_sequences": True}}
    words = ("Embedding", {"input_dim": 9, "output_dim": 4, "batch_shape": [None, 7]})
    return [keras_3, nested(), keras_1, sequential(words, ("Bidirectional", {"layer": cell}), dense(2))]


@pytest.mark.parametrize("part", range(4))
def test_changed_configurations_end_in_one_message(part: int) -> None:
    """Or are read. Defeats: a cycle that is followed for ever, an index of a list that is no such index, a
    number of many digits, names that stand in each other's places."""
    configs = corpus()
    refused = 0
    for seed in range(part * 300, part * 300 + 300):
        chance = random.Random(seed)
        config = mutated(chance.choice(configs), chance)
        start = time.monotonic()
        try:
            read(config).summary().like("keras")
        except SpecError as error:
            refused += 1
            first, *others = [one for one in error.diagnostics if one.severity == ERROR]
            assert not others, seed
            assert len(first.message) < 500, seed
        assert time.monotonic() - start < 5, seed
    assert 60 < refused < 270


def modern(kind: str, name: str, *reads: str, **config: Any) -> dict[str, Any]:
    """A layer as a functional model of Keras 3 has it in an HDF5 file, which says no modules."""
    tensors = [
        {"class_name": "__keras_tensor__", "config": {"shape": [None, 8], "keras_history": [read, 0, 0]}}
        for read in reads
    ]
    calls = [{"args": tensors, "kwargs": {}}] if reads else []
    return {"class_name": kind, "name": name, "inbound_nodes": calls, "config": {"name": name, **config}}


def of_inputs(*shapes: list[int | None]) -> dict[str, Any]:
    """A model that joins inputs of these shapes."""
    names = [f"in{number}" for number in range(len(shapes))]
    layers = [
        modern("InputLayer", name, batch_shape=shape) for name, shape in zip(names, shapes, strict=True)
    ]
    layers += [modern("Flatten", f"f_{name}", name) for name in names]
    found = functional(layers, [[f"f_{names[0]}", 0, 0]], first=names[0])
    found["config"]["input_layers"] = [[name, 0, 0] for name in names]
    return found


@pytest.mark.parametrize(
    ("shapes", "help"),
    [
        ([[None, None]], "--input 100"),
        ([[None, None, 71]], "--input 100x71"),
        ([[None, None, None, 3]], "--input 224x224x3"),
        ([[None, 64, None, None]], "--input 64x224x3"),
        ([[None, None], [None, 12], [None, None, 5]], "--input in0=100 --input in2=100x5"),
    ],
)
def test_the_way_out_of_an_open_size_can_be_taken(shapes: list[list[int | None]], help: str) -> None:
    """Defeats: 224x224x3 as the way out for a sequence, and `for the only one` where there are three."""
    config = of_inputs(*shapes)
    with pytest.raises(SpecError) as raised:
        read(config)
    assert raised.value.diagnostics[0].help == (f"give its size, for example `{help}`",)
    words = help.replace("--input ", "").split()
    sizes: Any = dict(word.split("=") for word in words) if "=" in help else words[0]
    assert read(config, input=sizes).graph.layers


def test_operations_that_do_not_say_their_module() -> None:
    """Defeats: an operation in an HDF5 file that is refused as an unknown layer (Keras refuses it)."""
    layers = [
        modern("InputLayer", "given", batch_shape=[None, 8]),
        modern("Dense", "dense", "given", units=8),
        modern("Relu", "relu", "dense"),
        modern("Absolute", "absolute", "relu"),
    ]
    network = read(functional(layers, [["absolute", 0, 0]]))
    assert [one.op.name for one in network.graph.layers] == ["fc", "relu", "map"]
    assert network.summary().totals["params"] == 8 * 8 + 8


def test_weights_beside_those_of_a_layer_are_noted() -> None:
    """Defeats: an adapter or scales that Keras counts (736 and 576 here) and that are left out in silence."""
    policy = {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"}}
    layers = [
        modern("InputLayer", "given", batch_shape=[None, 16]),
        modern("Dense", "adapted", "given", units=32, lora_rank=4, lora_alpha=4),
        modern("Dense", "whole", "adapted", units=16, dtype=policy),
    ]
    network = read(functional(layers, [["whole", 0, 0]]))
    assert network.summary().totals["params"] == 16 * 32 + 32 + 32 * 16 + 16
    adapter, scales = [one.message for one in network.diagnostics]
    assert "adapters of LoRA are not counted (adapted)" in adapter
    assert "int8 (whole)" in scales


def test_a_text_in_the_place_of_a_number_is_shown_as_one() -> None:
    """Defeats: `units` is a whole number, and not 32."""
    layers = [
        modern("InputLayer", "given", batch_shape=[None, 8]),
        modern("Dense", "dense", "given", units="32"),
    ]
    with pytest.raises(SpecError, match='a whole number, and not "32"'):
        read(functional(layers, [["dense", 0, 0]]))


def test_a_class_of_ones_own_has_a_way_out() -> None:
    """Defeats: a dead end, where the live model would be opened."""
    layers = [modern("InputLayer", "given", batch_shape=[None, 8]), modern("Sampling", "z", "given")]
    with pytest.raises(SpecError) as raised:
        read(functional(layers, [["z", 0, 0]]))
    assert any("mymodels.py:model" in help for help in raised.value.diagnostics[0].help)
