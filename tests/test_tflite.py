"""Files of TensorFlow Lite: figures against Keras, sizes against numpy; broken and large files."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calling import call
from imported import figures

from archcalc import load
from archcalc.diagnostics import SpecError
from archcalc.network import Network

pytest.importorskip("tflite")
from tflite_files import ModelFile

FILES = Path(__file__).parent / "tflite"
STATED = json.loads((FILES / "keras.json").read_text(encoding="utf-8"))
SAME, VALID = 0, 1


def totals(network: Network) -> dict[str, Any]:
    return network.summary().totals


def read(tmp_path: Path, model: ModelFile, inputs: Any, outputs: Any, **given: Any) -> Network:
    path = tmp_path / "net.tflite"
    path.write_bytes(model.data(inputs, outputs))
    return load(str(path), **given)


def refusal(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "net.tflite"
    path.write_bytes(data)
    with pytest.raises(SpecError) as error:
        load(str(path))
    return str(error.value)


# Real files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(STATED))
def test_parameters_are_those_of_keras_with_its_norms_folded(name: str) -> None:
    """A folded norm leaves a bias for each channel of its four vectors. Defeats a reader that counts a merged
    bias once, a scale or zero point as a parameter, or a state before the first step."""
    stated = STATED[name]
    network = load(str(FILES / f"{name}.tflite"))
    wanted = stated["params"] - stated["norms"] + stated["channels"]
    assert totals(network)["params"] == wanted
    assert [*network.graph.output.output] == stated["output"]
    assert not [layer for layer in network.graph.layers if layer.op.name == "opaque"]
    assert not network.graph.metadata.traced.notes  # no tensor has other sizes than the file states


@pytest.mark.parametrize("name", sorted(STATED))
def test_the_spec_of_a_file_has_its_figures(name: str, tmp_path: Path) -> None:
    """Defeats a layer that the spec states in other words than the graph."""
    file, spec = str(FILES / f"{name}.tflite"), tmp_path / "net.arch"
    written = call("show", file, "-o", str(spec))
    assert written.code == 0, written.err
    first, again = figures(load(file)), figures(load(str(spec)))
    for record in (first, again):  # a spec names some layers in its own way
        peak = record["totals"].pop("peak_live")
        record["totals"] |= {"peak_at": "", "peak_live": sorted(peak.values())}
    assert again["totals"] == first["totals"]
    assert [one["output"] for one in again["layers"]] == [one["output"] for one in first["layers"]]


def test_whole_numbers_stand_for_the_network_with_real_ones() -> None:
    """Defeats a reader that takes weights of whole numbers for indices, and images of bytes for none."""
    plain, whole = (load(str(FILES / f"{name}.tflite")) for name in ("mobile", "mobile_int8"))
    ops = [(layer.op.name, tuple(layer.output), layer.op.describe([])) for layer in plain.graph.layers]
    assert [(x.op.name, tuple(x.output), x.op.describe([])) for x in whole.graph.layers] == ops
    assert any("quantised" in one.message for one in whole.diagnostics)


def test_layers_have_the_names_of_the_file() -> None:
    names = [layer.name for layer in load(str(FILES / "unet.tflite")).graph.layers]
    assert names[0].startswith("conv2d")
    assert not any("unet" in name for name in names)  # the name of the model stands around all of them
    assert any(name.startswith("conv2d_transpose") for name in names)


def test_a_dilated_convolution_is_one_layer() -> None:
    """Defeats one that reads the positions in the batch as more elements of it."""
    convolutions = [x for x in load(str(FILES / "dilated.tflite")).graph.layers if x.op.name == "conv"]
    rates = {layer.op.argument("dilation") for layer in convolutions}
    assert {1, 2, 4} <= rates or {(1,), (2,), (4,)} <= rates, rates


def test_what_is_written_out_is_one_layer() -> None:
    """Norms as TensorFlow writes them, attention, and biases that are added behind a product. Defeats a table
    in which a norm has ten rows."""
    ops = [layer.op.name for layer in load(str(FILES / "transformer.tflite")).graph.layers]
    assert ops.count("layernorm") == 2
    assert ops.count("sdpa") == 1
    assert not {"bias", "reduce", "mul"} & {*ops}


# Operators ----------------------------------------------------------------------------------------


def window_model(word: str, kind: str, rng: random.Random) -> tuple[ModelFile, Any, Any, int, int]:
    """A convolution or pool of random attributes: the model, sizes of its output, parameters, operations."""
    height, width, channels, filters = (rng.randint(a, b) for a, b in ((9, 20), (9, 20), (1, 6), (1, 6)))
    kernel = rng.randint(1, 4), rng.randint(1, 4)
    stride = rng.randint(1, 3), rng.randint(1, 3)
    same = rng.choice((SAME, VALID))
    pool = word.endswith("POOL_2D")
    dilation = (1, 1) if pool or max(stride) > 1 else (rng.randint(1, 2), rng.randint(1, 2))
    sizes = [
        -(-n // s) if same == SAME else -(-(n - (k - 1) * d) // s)
        for n, k, s, d in zip((height, width), kernel, stride, dilation, strict=True)
    ]
    model = ModelFile()
    x = model.tensor((1, height, width, channels), name="x")
    options = {"Padding": same, "StrideH": stride[0], "StrideW": stride[1]}
    inputs, params, each = [x], 0, 0
    if pool:
        filters = channels
        options |= {"FilterHeight": kernel[0], "FilterWidth": kernel[1]}
    else:
        options |= {"DilationHFactor": dilation[0], "DilationWFactor": dilation[1]}
        if word == "DEPTHWISE_CONV_2D":
            options["DepthMultiplier"] = multiplier = rng.randint(1, 3)
            filters = channels * multiplier
            shape, each = (1, *kernel, filters), prod(kernel)
        else:
            shape, each = (filters, *kernel, channels), prod(kernel) * channels
        inputs += [model.tensor(shape, stored=True), model.tensor((filters,), stored=True)]
        params = prod(shape) + filters
    y = model.tensor((1, *sizes, filters))
    model.operator(word, inputs, [y], kind, **options)
    return model, ([x], [y]), (*sizes, filters), params, prod(sizes) * filters * each


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("CONV_2D", "Conv2DOptions"),
        ("DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions"),
        ("MAX_POOL_2D", "Pool2DOptions"),
        ("AVERAGE_POOL_2D", "Pool2DOptions"),
    ],
)
def test_windows(word: str, kind: str, seed: int, tmp_path: Path) -> None:
    """Sizes are ⌈n/s⌉ with padding and ⌈(n − (k−1)d)/s⌉ without. Defeats swapped axes, and a padding that is
    divided up in another way than its sum."""
    model, ends, output, params, macs = window_model(word, kind, random.Random(f"{word} {seed}"))
    network = read(tmp_path, model, *ends)
    assert tuple(network.graph.output.output) == output
    assert totals(network)["params"] == params
    if params:
        assert totals(network)["macs"] == macs
    assert not network.graph.metadata.traced.notes


@pytest.mark.parametrize("seed", range(8))
def test_transposed_convolutions_make_the_size_that_they_state(seed: int, tmp_path: Path) -> None:
    """Defeats a reader that works the size out from the padding alone."""
    rng = random.Random(seed)
    n, s, k, channels, filters = (rng.randint(a, b) for a, b in ((3, 9), (1, 3), (1, 4), (1, 5), (1, 5)))
    same = rng.choice((SAME, VALID))
    size = n * s if same == SAME else n * s + max(k - s, 0)
    model = ModelFile()
    x, shape = model.tensor((1, n, n, channels)), model.numbers(1, size, size, filters)
    weight = model.tensor((filters, k, k, channels), stored=True)
    y = model.tensor((1, size, size, filters))
    options = {"Padding": same, "StrideH": s, "StrideW": s}
    model.operator("TRANSPOSE_CONV", [shape, weight, x], [y], "TransposeConvOptions", **options)
    network = read(tmp_path, model, [x], [y])
    assert tuple(network.graph.output.output) == (size, size, filters)
    assert totals(network)["params"] == filters * k * k * channels


def test_the_transposed_convolution_of_mediapipe(tmp_path: Path) -> None:
    """Its steps stand in options of its own, the width first. Defeats a step that is taken for the other."""
    model = ModelFile()
    x, y = model.tensor((1, 4, 5, 6)), model.tensor((1, 12, 10, 2))
    inputs = [x, model.tensor((2, 3, 2, 6), stored=True), model.tensor((2,), stored=True)]
    options = b"".join([n.to_bytes(4, "little") for n in (1, 2, 3)])
    model.operator("CUSTOM:Convolution2DTransposeBias", inputs, [y], "", custom=options)
    network = read(tmp_path, model, [x], [y])
    assert tuple(network.graph.output.output) == (12, 10, 2)
    assert totals(network)["params"] == 2 * 3 * 2 * 6 + 2
    assert totals(network)["macs"] == 4 * 5 * 6 * 3 * 2 * 2
    model.operators[0]["options"]["custom"] = b"?"
    assert "opaque" in {one.op.name for one in read(tmp_path, model, [x], [y]).graph.layers}


def test_a_loop_of_many_turns_is_opaque_with_its_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats one that writes out whatever a file says, and weights that are 0 since nothing is known of the
    loop."""
    monkeypatch.setattr("archcalc.importing.files._tflite.operators.control.MOST_WRITTEN_OUT", 40)
    network = load(str(FILES / "lstm.tflite"))
    assert "tflite.WHILE" in {
        x.op.argument("operation") for x in network.graph.layers if x.op.name == "opaque"
    }
    assert totals(network)["params"] == STATED["lstm"]["params"]


def test_side_heads_are_noted(tmp_path: Path) -> None:
    """Defeats totals without layers of which nothing is said."""
    model = ModelFile()
    x, y, z = (model.tensor((1, 6)) for _ in range(3))
    model.operator("RELU", [x], [y])
    model.operator("FULLY_CONNECTED", [x, model.tensor((6, 6), stored=True)], [z], "FullyConnectedOptions")
    network = read(tmp_path, model, [x], [y, z])
    assert [one.help for one in network.diagnostics] == [
        ("--with-heads counts the layers that only those need",)
    ]
    found = call("summary", str(tmp_path / "net.tflite"), "--with-heads")
    assert "36" in found.out


def one_tensor(
    tmp_path: Path, word: str, sizes: Any, wanted: Any, extra: Any = (), kind: str = "", **options: Any
) -> Any:
    """A model of one operator on a tensor and on lists of numbers."""
    model = ModelFile()
    x, y = model.tensor(sizes), model.tensor(wanted)
    model.operator(word, [x, *[model.numbers(*numbers) for numbers in extra]], [y], kind, **options)
    network = read(tmp_path, model, [x], [y])
    assert prod(network.graph.output.output) == prod(wanted)
    assert not network.graph.metadata.traced.notes  # each tensor has the size that is stated
    return network


@pytest.mark.parametrize(
    "word",
    [
        *(
            "ABS",
            "CEIL",
            "COS",
            "ELU",
            "EXP",
            "FLOOR",
            "HARD_SWISH",
            "LOGISTIC",
            "LOG",
            "NEG",
            "RELU",
            "RELU6",
        ),
        *("RELU_N1_TO_1", "RELU_0_TO_1", "ROUND", "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "TANH", "GELU"),
        *("SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION", "LEAKY_RELU", "QUANTIZE", "DEQUANTIZE"),
    ],
)
def test_functions_of_each_value_are_known(word: str, tmp_path: Path) -> None:
    """Defeats a reader for which an activation is unknown, or changes a size."""
    network = one_tensor(tmp_path, word, (1, 4, 5, 6), (1, 4, 5, 6))
    assert not [layer for layer in network.graph.layers if layer.op.name == "opaque"]


@pytest.mark.parametrize(
    "word", ["ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "POW"]
)
@pytest.mark.parametrize("other", [(1, 4, 5, 6), (1, 1, 1, 6), (6,), (), (1, 4, 1, 1)])
@pytest.mark.parametrize("first", [True, False])
def test_two_tensors_meet_by_broadcasting(word: str, other: Any, first: bool, tmp_path: Path) -> None:
    """Several stored numbers are a parameter, one is a number of the code. Defeats a reader that takes sides
    for granted."""
    model = ModelFile()
    x, y = model.tensor((1, 4, 5, 6)), model.tensor((1, 4, 5, 6))
    stored = model.tensor(other, np.full(other, 2.0))
    model.operator(word, [x, stored] if first else [stored, x], [y])
    network = read(tmp_path, model, [x], [y])
    assert sorted(network.graph.output.output) == [4, 5, 6]
    assert totals(network)["params"] == (prod(other) if prod(other) > 1 else 0)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_an_operator_ends_with_its_activation(number: int, tmp_path: Path) -> None:
    model = ModelFile()
    x, other, y = (model.tensor((1, 4, 5, 6)) for _ in range(3))
    model.operator("ADD", [x, other], [y], "AddOptions", FusedActivationFunction=number)
    network = read(tmp_path, model, [x, other], [y])
    assert len(network.graph.layers) == 2


ARRANGED: list[tuple[str, Any, Any, Any, str, dict[str, Any]]] = [
    ("RESHAPE", (1, 4, 6), (1, 24), ((1, 24),), "", {}),
    ("RESHAPE", (1, 4, 6), (1, 8, 3), ((-1, 8, 3),), "", {}),
    ("RESHAPE", (1, 4, 6), (1, 2, 12), (), "ReshapeOptions", {"NewShape": [1, 2, 12]}),
    ("TRANSPOSE", (1, 4, 6), (1, 6, 4), ((0, 2, 1),), "", {}),
    ("SQUEEZE", (1, 1, 1, 6), (1, 6), (), "SqueezeOptions", {"SqueezeDims": [1, 2]}),
    ("SQUEEZE", (1, 4, 1, 6), (1, 4, 6), (), "", {}),
    ("EXPAND_DIMS", (1, 4, 6), (1, 1, 4, 6), ((1,),), "", {}),
    ("PAD", (1, 4, 5, 6), (1, 7, 5, 6), ((0, 0, 1, 2, 0, 0, 0, 0),), "", {}),
    ("PAD", (1, 4, 5, 6), (1, 4, 5, 9), ((0, 0, 0, 0, 0, 0, 1, 2),), "", {}),
    ("MIRROR_PAD", (1, 4, 5, 6), (1, 6, 7, 6), ((0, 0, 1, 1, 1, 1, 0, 0),), "MirrorPadOptions", {"Mode": 0}),
    ("MEAN", (1, 4, 5, 6), (1, 6), ((1, 2),), "", {}),
    ("MEAN", (1, 4, 5, 6), (1, 1, 1, 6), ((1, 2),), "ReducerOptions", {"KeepDims": True}),
    ("SUM", (1, 4, 5, 6), (1, 4, 6), ((2,),), "", {}),
    ("REDUCE_MAX", (1, 4, 5, 6), (1, 4, 5), ((-1,),), "", {}),
    ("REDUCE_MIN", (1, 4, 5, 6), (1, 4, 5, 1), ((3,),), "ReducerOptions", {"KeepDims": True}),
    ("REDUCE_PROD", (1, 4, 6), (1, 6), ((1,),), "", {}),
    ("ARG_MAX", (1, 4, 6), (1, 4), ((2,),), "", {}),
    ("SPACE_TO_DEPTH", (1, 4, 6, 3), (1, 2, 3, 12), (), "SpaceToDepthOptions", {"BlockSize": 2}),
    ("DEPTH_TO_SPACE", (1, 4, 6, 12), (1, 8, 12, 3), (), "DepthToSpaceOptions", {"BlockSize": 2}),
    (
        "RESIZE_BILINEAR",
        (1, 4, 6, 3),
        (1, 9, 7, 3),
        ((9, 7),),
        "ResizeBilinearOptions",
        {"HalfPixelCenters": True},
    ),
    (
        "RESIZE_BILINEAR",
        (1, 4, 6, 3),
        (1, 9, 7, 3),
        ((9, 7),),
        "ResizeBilinearOptions",
        {"AlignCorners": True},
    ),
    ("RESIZE_NEAREST_NEIGHBOR", (1, 4, 6, 3), (1, 8, 12, 3), ((8, 12),), "", {}),
    (
        "RESIZE_NEAREST_NEIGHBOR",
        (1, 4, 6, 3),
        (1, 9, 7, 3),
        ((9, 7),),
        "ResizeNearestNeighborOptions",
        {"HalfPixelCenters": True},
    ),
    ("SLICE", (1, 4, 6), (1, 2, 6), ((0, 1, 0), (-1, 2, -1)), "", {}),
    ("GATHER", (1, 4, 6), (1, 2, 6), ((1, 2),), "GatherOptions", {"Axis": 1}),
    ("GATHER", (1, 4, 6), (1, 2, 6), ((3, 0),), "GatherOptions", {"Axis": 1}),
    ("TILE", (1, 4, 6), (1, 8, 6), ((1, 2, 1),), "", {}),
    ("BROADCAST_TO", (1, 1, 6), (1, 4, 6), ((1, 4, 6),), "", {}),
    ("REVERSE_V2", (1, 4, 6), (1, 4, 6), ((1,),), "", {}),
    ("CUMSUM", (1, 4, 6), (1, 4, 6), ((1,),), "CumsumOptions", {}),
    (
        "LOCAL_RESPONSE_NORMALIZATION",
        (1, 4, 5, 6),
        (1, 4, 5, 6),
        (),
        "LocalResponseNormalizationOptions",
        {"Radius": 2},
    ),
    (
        "L2_POOL_2D",
        (1, 4, 6, 3),
        (1, 2, 3, 3),
        (),
        "Pool2DOptions",
        {"Padding": 1, "StrideH": 2, "StrideW": 2, "FilterHeight": 2, "FilterWidth": 2},
    ),
]


@pytest.mark.parametrize("case", ARRANGED, ids=lambda case: f"{case[0]}-{case[2]}")
def test_operators_of_one_tensor(case: Any, tmp_path: Path) -> None:
    """Sizes are those of numpy or of the format's own words. Defeats a reader that takes the channels for the
    first axis, or moves the batch."""
    word, sizes, wanted, extra, kind, options = case
    network = one_tensor(tmp_path, word, sizes, wanted, extra, kind, **options)
    assert not [layer for layer in network.graph.layers if layer.op.name == "opaque"]


@pytest.mark.parametrize("seed", range(30))
def test_strided_slices_are_those_of_numpy(seed: int, tmp_path: Path) -> None:
    """Defeats a reader that confuses the masks: of starts, ends, new axes, axes that go, and the rest."""
    rng = random.Random(seed)
    sizes = (1, rng.randint(2, 6), rng.randint(2, 6), rng.randint(2, 6))
    index: list[Any] = [slice(None)]
    begin, end, steps = [0], [0], [1]
    masks = {"BeginMask": 1, "EndMask": 1, "ShrinkAxisMask": 0, "NewAxisMask": 0, "EllipsisMask": 0}
    if rng.random() < 0.3:
        masks["NewAxisMask"] |= 2
        index.append(None)
        begin, end, steps = [*begin, 0], [*end, 0], [*steps, 1]
    if rng.random() < 0.3:
        masks["EllipsisMask"] |= 1 << len(begin)
        index.append(Ellipsis)
        begin, end, steps = [*begin, 0], [*end, 0], [*steps, 1]
        left = sizes[rng.randint(2, 4) :]
    else:
        left = sizes[1:]
    for size in left:
        bit = 1 << len(begin)
        kind = rng.choice(("part", "open", "alone", "step"))
        start = rng.randint(0, size - 1)
        stop, step = rng.randint(start + 1, size), rng.randint(2, 3) if kind == "step" else 1
        if kind == "alone":
            masks["ShrinkAxisMask"] |= bit
            index.append(start)
        elif kind == "open":
            masks["BeginMask"] |= bit
            masks["EndMask"] |= bit
            index.append(slice(None))
        else:
            index.append(slice(start, stop, step))
        begin.append(start - size if rng.random() < 0.3 else start)
        end.append(stop)
        steps.append(step)
    wanted = np.zeros(sizes)[tuple(index)].shape
    model = ModelFile()
    x, y = model.tensor(sizes), model.tensor(wanted)
    lists = [model.numbers(*one) for one in (begin, end, steps)]
    model.operator("STRIDED_SLICE", [x, *lists], [y], "StridedSliceOptions", **masks)
    network = read(tmp_path, model, [x], [y])
    assert not network.graph.metadata.traced.notes
    assert prod(network.graph.output.output) == prod(wanted)


def test_joins_and_parts(tmp_path: Path) -> None:
    """Defeats a reader that splits by counts where sizes are stated, or stacks where it should join."""
    model = ModelFile()
    x = model.tensor((1, 4, 6))
    parts = [model.tensor((1, 4, n)) for n in (1, 3, 2)]
    model.operator(
        "SPLIT_V", [x, model.numbers(1, -1, 2), model.tensor((), 2, dtype="int32")], parts, "SplitVOptions"
    )
    halves = [model.tensor((1, 2, 6)) for _ in range(2)]
    model.operator("SPLIT", [model.tensor((), 1, dtype="int32"), x], halves, "SplitOptions", NumSplits=2)
    rows = [model.tensor((1, 6)) for _ in range(2)]
    model.operator("UNPACK", [halves[0]], rows, "UnpackOptions", Axis=1, Num=2)
    stacked, joined, end = model.tensor((1, 2, 6)), model.tensor((1, 4, 6)), model.tensor((1, 4, 12))
    model.operator("PACK", rows, [stacked], "PackOptions", Axis=1, ValuesCount=2)
    model.operator("CONCATENATION", [stacked, halves[1]], [joined], "ConcatenationOptions", Axis=1)
    model.operator("CONCATENATION", [joined, *parts], [end], "ConcatenationOptions", Axis=-1)
    network = read(tmp_path, model, [x], [end])
    assert tuple(network.graph.output.output) == (4, 12)
    assert not network.graph.metadata.traced.notes


@pytest.mark.parametrize(
    ("sizes", "keep", "wanted"),
    [
        ((1, 24), False, (1, 5)),
        ((1, 2, 3, 4), False, (1, 5)),
        ((1, 7, 24), True, (1, 7, 5)),
        ((1, 7, 24), False, (7, 5)),
    ],
)
def test_fully_connected(sizes: Any, keep: bool, wanted: Any, tmp_path: Path) -> None:
    """Axes stay with keep_num_dims, and are rows without. Defeats one that flattens all positions."""
    model = ModelFile()
    x, y = model.tensor(sizes), model.tensor(wanted)
    weight, bias = model.tensor((5, 24), stored=True), model.tensor((5,), stored=True)
    model.operator("FULLY_CONNECTED", [x, weight, bias], [y], "FullyConnectedOptions", KeepNumDims=keep)
    network = read(tmp_path, model, [x], [y])
    rows = prod(wanted) // 5
    assert (totals(network)["params"], totals(network)["macs"]) == (5 * 24 + 5, rows * 24 * 5)
    assert prod(network.graph.output.output) == prod(wanted)


@pytest.mark.parametrize(("x", "y"), [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("stored", [True, False])
def test_products_of_matrices(x: bool, y: bool, stored: bool, tmp_path: Path) -> None:
    """Defeats one that transposes a factor that is not to be, or not one that is."""
    model = ModelFile()
    left = model.tensor((1, 3, 6, 4) if x else (1, 3, 4, 6))
    sizes = (5, 6) if y else (6, 5)
    right = model.tensor(sizes, stored=True) if stored else model.tensor((1, 3, *sizes))
    made = model.tensor((1, 3, 4, 5))
    model.operator("BATCH_MATMUL", [left, right], [made], "BatchMatMulOptions", AdjX=x, AdjY=y)
    network = read(tmp_path, model, [left] if stored else [left, right], [made])
    assert tuple(network.graph.output.output) == (3, 4, 5)
    assert totals(network)["macs"] == 3 * 4 * 6 * 5
    assert totals(network)["params"] == 30 * stored


def test_a_recurrent_layer_is_the_layer_lstm(tmp_path: Path) -> None:
    """Four gates, each with a weight for what arrives, one for the state, and one bias. Defeats one that
    counts PyTorch's second bias."""
    model = ModelFile()
    x, y = model.tensor((1, 7, 5)), model.tensor((1, 7, 3))
    inputs = [x, *[model.tensor((3, 5), stored=True) for _ in range(4)]]
    inputs += [*[model.tensor((3, 3), stored=True) for _ in range(4)], -1, -1, -1]
    inputs += [*[model.tensor((3,), stored=True) for _ in range(4)], -1, -1]
    inputs += [model.tensor((1, 3)), model.tensor((1, 3)), -1, -1, -1, -1]
    kind = "UnidirectionalSequenceLSTMOptions"
    model.tensors[inputs[18]]["data"] = model.tensors[inputs[19]]["data"] = np.zeros(3, np.float32).tobytes()
    model.operator("UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, [y], kind, FusedActivationFunction=4)
    network = read(tmp_path, model, [x], [y])
    assert [layer.op.name for layer in network.graph.layers] == ["lstm"]
    assert totals(network)["params"] == 4 * 3 * (5 + 3 + 1)
    assert tuple(network.graph.output.output) == (7, 3)


def test_sizes_that_are_computed_are_computed(tmp_path: Path) -> None:
    """The batch of what arrives and a number. Defeats one that takes the shape for data."""
    model = ModelFile()
    x = model.tensor((1, 4, 5, 6), signature=(-1, 4, 5, 6))
    shape, batch = model.tensor((4,), dtype="int32"), model.tensor((), dtype="int32")
    target, y = model.tensor((2,), dtype="int32"), model.tensor((1, 120), signature=(-1, 120))
    model.operator("SHAPE", [x], [shape])
    lists = [model.numbers(0), model.numbers(1), model.numbers(1)]
    model.operator("STRIDED_SLICE", [shape, *lists], [batch], "StridedSliceOptions", ShrinkAxisMask=1)
    model.operator(
        "PACK", [batch, model.tensor((), 120, dtype="int32")], [target], "PackOptions", ValuesCount=2
    )
    model.operator("RESHAPE", [x, target], [y])
    network = read(tmp_path, model, [x], [y])
    assert prod(network.graph.output.output) == 120
    assert not network.graph.metadata.traced.notes


def test_a_tensor_of_another_size_than_stated_is_noted(tmp_path: Path) -> None:
    """Defeats a file that is believed, and a difference that is not said."""
    model = ModelFile()
    x, y = model.tensor((1, 4, 5, 6)), model.tensor((1, 4, 5, 7))
    model.operator("RELU", [x], [y])
    (note,) = read(tmp_path, model, [x], [y]).graph.metadata.traced.notes
    assert note == "what operator 0 (RELU, t1) puts out is 1x4x5x6, not 1x4x5x7 as stated"


def test_sizes_that_the_file_leaves_open_are_given(tmp_path: Path) -> None:
    """Defeats one that takes the 1 that stands for an open size for the size."""
    model = ModelFile()
    x, y = model.tensor((1, 1, 1, 3), name="image", signature=(-1, -1, -1, 3)), model.tensor((1, 1, 1, 4))
    weight = model.tensor((4, 3, 3, 3), stored=True)
    model.operator("CONV_2D", [x, weight], [y], "Conv2DOptions", Padding=VALID, StrideH=1, StrideW=1)
    with pytest.raises(SpecError, match=r"--input image=224x224x3"):
        read(tmp_path, model, [x], [y])
    assert tuple(read(tmp_path, model, [x], [y], input="10x12x3").graph.output.output) == (8, 10, 4)
    chosen = read(tmp_path, model, [x], [y], input={"image": (3, 10, 12)}, layout="chw")
    assert tuple(chosen.graph.output.output) == (8, 10, 4)


def test_what_is_not_known_is_opaque_and_not_free(tmp_path: Path) -> None:
    """Its weights count, its operations are unknown. Defeats silence that is 0."""
    model = ModelFile()
    x, y = model.tensor((1, 4, 6)), model.tensor((1, 9))
    model.operator("CUSTOM:Mystery", [x, model.tensor((6, 7), stored=True)], [y])
    network = read(tmp_path, model, [x], [y])
    assert totals(network)["params"] == 42
    assert tuple(network.graph.output.output) == (9,)
    assert "tflite.Mystery" in network.graph.layers[0].text
    assert (
        network.graph.layers[0].facts.macs is None if hasattr(network.graph.layers[0].facts, "macs") else True
    )
    assert "no rule for the operations" in call("summary", str(tmp_path / "net.tflite")).out


# Broken files -------------------------------------------------------------------------------------


def small() -> tuple[ModelFile, int, int]:
    model = ModelFile()
    x, y = model.tensor((1, 8, 8, 3)), model.tensor((1, 8, 8, 4))
    inputs = [x, model.tensor((4, 3, 3, 3), stored=True), model.tensor((4,), stored=True)]
    model.operator("CONV_2D", inputs, [y], "Conv2DOptions", StrideH=1, StrideW=1)
    return model, x, y


def test_a_number_of_a_tensor_that_is_none(tmp_path: Path) -> None:
    model, x, y = small()
    model.operators[0]["inputs"][1] = 99
    assert "it has no tensor 99" in refusal(tmp_path, model.data([x], [y]))


def test_an_operator_that_reads_what_it_makes(tmp_path: Path) -> None:
    """Defeats one that follows tensors back for ever."""
    model, x, y = small()
    z = model.tensor((1, 8, 8, 4))
    model.operator("ADD", [y, z], [z])
    assert "nothing puts out the tensor t4 before operator 1 (ADD" in refusal(tmp_path, model.data([x], [z]))


def test_operators_in_another_order(tmp_path: Path) -> None:
    model, x, y = small()
    z = model.tensor((1, 8, 8, 4))
    model.operator("RELU", [y], [z])
    model.operators.reverse()
    assert "nothing puts out the tensor t1" in refusal(tmp_path, model.data([x], [z]))


def test_values_that_do_not_fill_their_tensor(tmp_path: Path) -> None:
    model, x, y = small()
    model.tensors[2]["data"] = bytes(12)
    assert "has 108 values (float32) in 12 bytes" in refusal(tmp_path, model.data([x], [y]))


def test_options_of_another_operator(tmp_path: Path) -> None:
    model, x, y = small()
    model.operators[0] |= {"kind": "Pool2DOptions", "options": {"StrideH": 1}}
    assert "its options are none of Conv2DOptions" in refusal(tmp_path, model.data([x], [y]))


def test_more_axes_than_there_are(tmp_path: Path) -> None:
    model, x, y = small()
    model.tensors[y]["sizes"] = [1] * 3000
    assert "3,000 axes" in refusal(tmp_path, model.data([x], [y]))


@pytest.mark.parametrize("stride", [0, -1])
def test_a_step_below_one(stride: int, tmp_path: Path) -> None:
    """Defeats a division by zero."""
    model, x, y = small()
    model.operators[0]["options"]["StrideH"] = stride
    assert "a size or step of its window is below 1" in refusal(tmp_path, model.data([x], [y]))


def test_weights_of_another_network(tmp_path: Path) -> None:
    model, x, y = small()
    model.tensors[2] |= {"sizes": [4, 3, 3, 5], "data": bytes(4 * 180)}
    assert "its weight reads 5 channels, and 3 arrive" in refusal(tmp_path, model.data([x], [y]))


@pytest.mark.parametrize("name", ["mobile", "lstm", "dilated"])
def test_files_that_are_cut_off(name: str, tmp_path: Path) -> None:
    """Defeats one that reads behind the end."""
    data = (FILES / f"{name}.tflite").read_bytes()
    for length in range(0, len(data), max(1, len(data) // 40)):
        message = refusal(tmp_path, data[:length])
        assert len(message) < 2000


@pytest.mark.parametrize("name", ["mobile", "lstm", "dilated", "transformer", "mobile_int8"])
@pytest.mark.parametrize("seed", range(4))
def test_mutated_files_end_in_one_message_or_a_network(name: str, seed: int, tmp_path: Path) -> None:
    """Defeats tracebacks of every kind, and work that grows with a number that the file states."""
    rng = random.Random(f"{name} {seed}")
    whole = (FILES / f"{name}.tflite").read_bytes()
    path = tmp_path / "net.tflite"
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            at = rng.randrange(len(data))
            word = rng.choice((b"\xff" * 4, b"\x00" * 4, rng.randbytes(4), bytes([rng.randrange(256)])))
            data[at : at + len(word)] = word
        path.write_bytes(data)
        start = time.monotonic()
        with suppress(SpecError):
            load(str(path))
        assert time.monotonic() - start < 20


def test_a_broken_file_ends_a_call_with_one_message(tmp_path: Path) -> None:
    path = tmp_path / "net.tflite"
    path.write_bytes(b"\x1c\x00\x00\x00TFL3" + b"\xff" * 60)
    found = call("summary", str(path))
    assert found.code == 2
    assert "is no model of TensorFlow Lite that can be read" in found.err
    assert not found.out


def test_the_package_is_named_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tflite", None)
    with pytest.raises(SpecError, match=r"needs tflite: .* -m pip install tflite"):
        load(str(FILES / "unet.tflite"))


def test_a_file_is_known_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes((FILES / "unet.tflite").read_bytes())
    assert totals(load(str(path)))["params"] == STATED["unet"]["params"]


@pytest.mark.parametrize("inside", [True, False])
def test_a_saved_model_is_refused_with_the_way_out(inside: bool, tmp_path: Path) -> None:
    """Its file begins as one of ONNX does. Defeats a message about that, or about a folder."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"\x08\x01\x12\xe6\x10\x0a")
    found = call("summary", str(folder / "saved_model.pb" if inside else folder))
    assert found.code == 2
    assert "is a SavedModel of TensorFlow, which is not read" in found.err
    assert "TFLiteConverter.from_saved_model" in found.err


def test_a_network_of_several_is_chosen_by_its_name() -> None:
    """Defeats a reader that takes the first whatever is wanted, or says nothing of the others."""
    file = str(FILES / "two.tflite")
    first, other = load(file), load(file, net="encode")
    assert (tuple(first.graph.output.output), tuple(other.graph.output.output)) == ((6,), (4,))
    assert "of 2 networks in the file decode is read" in [one.message for one in first.diagnostics]
    with pytest.raises(SpecError, match="has no graph `third`"):
        load(file, net="third")


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="Linux says how much memory was used")
def test_weights_are_not_read(tmp_path: Path) -> None:
    """A file of 200 MB. Defeats one that reads the file, or copies a weight."""
    model = ModelFile()
    x, y = model.tensor((1, 5000)), model.tensor((1, 10_000))
    weight = model.tensor((10_000, 5000), stored=True)
    model.operator("FULLY_CONNECTED", [x, weight], [y], "FullyConnectedOptions")
    path = tmp_path / "net.tflite"
    path.write_bytes(model.data([x], [y]))
    code = (
        "import archcalc, sys; print(archcalc.load(sys.argv[1]).summary().totals['params'], "
        "int(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]) // 1024)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=100
    )
    params, megabytes = map(int, found.stdout.split())
    assert params == 50_000_000
    assert megabytes < 150
