"""Caffe's networks: published figures, both forms, what is shared, and messages that point into the file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from calling import call
from imported import figures

from archcalc import SpecError, load

SAMPLES = Path(__file__).parent / "caffe"
INPUT = """layer { name: "data" type: "Input" top: "data"
  input_param { shape: { dim: 1 dim: 6 dim: 15 dim: 15 } } }
"""


def written(folder: Path, text: str) -> str:
    path = folder / "net.prototxt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def pool(settings: str) -> str:
    return layer("a", "Pooling", "data", "a", f"pooling_param {{ {settings} }}")


def conv(settings: str) -> str:
    return layer("a", "Convolution", "data", "a", f"convolution_param {{ {settings} }}")


def layer(name: str, type: str, bottom: str, top: str, more: str = "") -> str:
    bottoms = "".join(f' bottom: "{one}"' for one in bottom.split())
    tops = "".join(f' top: "{one}"' for one in top.split())
    return f'layer {{ name: "{name}" type: "{type}"{bottoms}{tops} {more} }}\n'


PUBLISHED = [
    ("bvlc_alexnet.prototxt", 60_965_224, (1000,)),
    ("bvlc_reference_caffenet.prototxt", 60_965_224, (1000,)),
    ("bvlc_googlenet.prototxt", 6_998_552, (1000,)),
    ("lenet.prototxt", 431_080, (10,)),
    ("mnist_siamese.prototxt", 431_102, (2,)),
]


@pytest.mark.parametrize(("name", "params", "output"), PUBLISHED)
def test_published_figures(name: str, params: int, output: tuple[int, ...]) -> None:
    """Defeats groups that are forgotten, pools that round down, and layers that write over their bottom."""
    network = load(str(SAMPLES / name))
    assert network.summary().totals["params"] == params
    assert network.graph.output.output == output


def test_the_zoo_has_the_same_networks() -> None:
    """A second hand: the specs of the papers, written without these files."""
    theirs = load(str(SAMPLES / "bvlc_googlenet.prototxt")).summary().totals
    ours = load("googlenet").summary().totals
    assert (theirs["params"], theirs["macs"]) == (ours["params"], ours["macs"])


def test_a_text_without_a_name_is_known_by_its_form() -> None:
    """On standard input. Defeats a reader of names alone."""
    text = (SAMPLES / "lenet.prototxt").read_text(encoding="utf-8")
    assert load("-", stdin=text).summary().totals["params"] == 431_080


def test_pools_round_up(tmp_path: Path) -> None:
    """Caffe takes in the last window, which begins on the map. Defeats the floor of every other tool."""
    text = INPUT + pool("kernel_size: 2 stride: 2")
    assert load(written(tmp_path, text)).graph.output.output == (8, 8, 6)
    text = INPUT + layer(
        "a", "Pooling", "data", "a", "pooling_param { pool: AVE kernel_size: 4 stride: 3 pad: 1 }"
    )
    assert load(written(tmp_path, text)).graph.output.output == (6, 6, 6)
    text = INPUT + pool("pool: AVE global_pooling: true")
    assert load(written(tmp_path, text)).graph.output.output == (1, 1, 6)
    text = INPUT + pool("kernel_size: 3")
    assert load(written(tmp_path, text)).graph.output.output == (13, 13, 6)  # the usual stride is 1


def test_the_old_form(tmp_path: Path) -> None:
    """``layers`` with types in capitals, and an input by its dimensions. Defeats a reader of one form."""
    text = """name: "old" # a comment
input: "data"
input_dim: 1 input_dim: 3
input_dim: 28 input_dim: 28
layers { bottom: "data" top: "conv1" name: "conv1" type: CONVOLUTION
  convolution_param { num_output: 4 kernel_size: 5 weight_filler { type: "xavier" } } }
layers { bottom: "conv1" top: "conv1" name: "relu1" type: RELU }
layers { bottom: "conv1" top: "ip" name: "ip" type: INNER_PRODUCT inner_product_param { num_output: 10 } }
layers { bottom: "ip" top: "prob" name: "prob" type: SOFTMAX }
"""
    network = load(written(tmp_path, text))
    assert [row.name for row in network.summary().rows] == ["conv1", "relu1", "ip", "prob"]
    assert network.summary().totals["params"] == 4 * 76 + 24 * 24 * 4 * 10 + 10


def test_training_and_test_phases(tmp_path: Path) -> None:
    """Defeats two data layers, a second top that is taken for an image, and a loss that is a layer."""
    data = 'layer { name: "data" type: "Data" top: "data" top: "label" include { phase: %s } %s }\n'
    text = data % ("TRAIN", "transform_param { crop_size: 16 }")
    text += data % ("TEST", "transform_param { crop_size: 12 }")
    text += layer("ip", "InnerProduct", "data", "ip", "inner_product_param { num_output: 2 }")
    text += layer("drop", "Dropout", "ip", "ip", "include { phase: TRAIN }")
    text += layer("accuracy", "Accuracy", "ip label", "accuracy", "include { phase: TEST }")
    text += layer("loss", "SoftmaxWithLoss", "ip label", "loss")
    network = load(written(tmp_path, text))
    assert [row.name for row in network.summary().rows] == ["ip"]
    assert network.summary().totals["params"] == 12 * 12 * 3 * 2 + 2
    messages = " ".join(note.message for note in network.diagnostics)
    for word in ("12x12 of 3 channels", "Accuracy is of training", "SoftmaxWithLoss is of training"):
        assert word in messages


def test_parameters_with_a_name_are_shared(tmp_path: Path) -> None:
    """Two branches of a siamese network learn one set. Defeats both being counted."""
    param = 'param { name: "w" } param { name: "b" } convolution_param { num_output: 4 kernel_size: 3 }'
    text = (
        INPUT + layer("a", "Convolution", "data", "a", param) + layer("b", "Convolution", "data", "b", param)
    )
    text += layer("sum", "Eltwise", "a b", "sum", "eltwise_param { operation: SUM }")
    assert load(written(tmp_path, text)).summary().totals["params"] == 6 * 9 * 4 + 4


def test_layers_of_several_blobs(tmp_path: Path) -> None:
    """Slices, sums, products, the largest and channels side by side, with a pair of batch norm and scale.
    Defeats batch norm with a scale of its own, which Caffe's has not."""
    text = INPUT + layer("s", "Slice", "data", "x y z", "slice_param { slice_point: [1, 3] }")
    text += layer("c", "Concat", "z x", "c") + layer("n", "BatchNorm", "c", "c")
    text += layer("m", "Scale", "c", "c", "scale_param { bias_term: true }")
    text += layer("d", "Split", "c", "d e") + layer(
        "p", "Eltwise", "d e", "p", "eltwise_param { operation: PROD }"
    )
    text += layer("q", "Eltwise", "p c", "q", "eltwise_param { operation: MAX }")
    text += layer("r", "Concat", "q y", "r")
    totals = load(written(tmp_path, text)).summary().totals
    assert (totals["params"], totals["buffers"]) == (8, 8)
    assert load(written(tmp_path, text)).graph.output.output == (15, 15, 6)


def test_windows_by_axis(tmp_path: Path) -> None:
    """Height and width of their own, groups, dilation, no bias, a transposed convolution with groups."""
    text = INPUT + layer(
        "a",
        "Convolution",
        "data",
        "a",
        "convolution_param { num_output: 4 kernel_h: 1 kernel_w: 7 pad_h: 0 pad_w: 3 stride_h: 2 stride_w: 1"
        " group: 2 bias_term: false }",
    )
    text += layer(
        "b",
        "Deconvolution",
        "a",
        "b",
        "convolution_param { num_output: 4 kernel_size: 4 stride: 2 pad: 1 group: 4 }",
    )
    network = load(written(tmp_path, text))
    assert network.layer("a").output == (8, 15, 4)
    assert network.layer("a").facts.params == 7 * 3 * 4
    assert network.layer("b").output == (16, 30, 4)
    assert network.layer("b").facts.params == 16 * 4 + 4


WRONG = [
    ("", "there are no layers"),
    ("name: 3 {", "a field has a name"),
    ("layer {", "has no closing brace"),
    ('layer { name: "a }', "a string that does not end"),
    ("layer { name }", "`name` has no value"),
    ("layer: 3", "`layer` is a message in braces"),
    ("layer { dim: [1, 2", "has no end"),
    ("a { " * 60, "too deep"),
    (INPUT, "no layers besides"),
    (INPUT + layer("a", "Convolutionn", "data", "a"), "did you mean Convolution?"),
    (INPUT + layer("a", "Python", "data", "a"), "a layer Python of Caffe is not read"),
    (INPUT + layer("a", "ReLU", "date", "a"), "nothing before a writes `date`"),
    (INPUT + layer("a", "ReLU", "", "a"), "a has no bottom"),
    (INPUT + layer("a", "Convolution", "data", "a"), "a: it has no num_output"),
    (INPUT + conv("num_output: 2"), "a: it has no kernel_size"),
    (INPUT + pool("kernel_size: 0"), "`kernel_size` is 0"),
    (INPUT + pool("kernel_size: x"), "is no whole number"),
    (INPUT + pool("pool: MEDIAN kernel_size: 2"), "`pool` is one of MAX, AVE, STOCHASTIC, and not `MEDIAN`"),
    (INPUT + layer("a", "Slice", "data", "x y z q"), "make no 4 equal parts"),
    ('layer { name: "d" type: "Data" top: "d" }' + layer("a", "ReLU", "d", "a"), "how large its input d is"),
]


def test_a_blob_of_another_phase_has_a_way_out(tmp_path: Path) -> None:
    """Defeats: a blob that nothing writes, without a word on the layer that writes it in training."""
    data = 'layer { name: "d" type: "Data" top: "data" include { phase: TRAIN } }'
    path = written(tmp_path, data + layer("a", "ReLU", "data", "a"))
    answer = call("summary", path)
    assert answer.code == 2
    assert "d writes it, in another phase or stage: --set phase=TRAIN" in answer.err
    assert call("summary", path, "--set", "phase=TRAIN", "--input", "8x8x3").code == 0
    near = call("summary", written(tmp_path, INPUT + layer("a", "ReLU", "date", "a")))
    assert "did you mean `data`?" in near.err


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_cannot_be_read_is_one_message(text: str, message: str, tmp_path: Path) -> None:
    """Defeats a traceback, a default in the place of what is wrong, and half a network."""
    answer = call("summary", written(tmp_path, text))
    assert answer.code == 2
    assert message in answer.err
    assert answer.out == ""


def test_a_message_points_into_the_file(tmp_path: Path) -> None:
    """Defeats lines of the spec that was written, which nobody has seen."""
    path = written(tmp_path, INPUT + conv("num_output: 2 kernel_size: 99"))
    with pytest.raises(SpecError) as caught:
        load(path)
    (error,) = caught.value.diagnostics
    assert str(error.span) == f"{path}:3:1"
    assert error.message == "a: the window 99x99 is larger than the input 15x15"


@pytest.mark.parametrize("name", [name for name, *_ in PUBLISHED])
def test_the_spec_that_is_shown_is_the_network(name: str, tmp_path: Path) -> None:
    """The round trip of file, text and graph. Defeats a spec that loses a layer's settings."""
    answer = call("show", str(SAMPLES / name), "-o", str(tmp_path / "net.arch"))
    assert answer.code == 0, answer.err
    first = figures(load(str(SAMPLES / name)))
    again = figures(load(str(tmp_path / "net.arch")))
    assert first == again


PIECES = [
    "",
    "\0",
    "{",
    "}",
    ":",
    "-1",
    "0",
    "9" * 30,
    "é",
    "\n",
    "layer {",
    "a" * 50,
    " ",
    '"',
    "#",
    "[",
    "]",
]


def test_every_mutation_ends_in_one_message_or_a_network(tmp_path: Path) -> None:
    """A fuzzer. Defeats tracebacks of every kind."""
    source = random.Random(7)
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.prototxt"))]
    read = 0
    for _ in range(200):
        text = source.choice(texts)
        text = text[: 1500 if source.random() < 0.3 else 4000]
        end = text.rfind("\nlayer {")
        text = text[:end] if source.random() < 0.8 else text
        for _ in range(source.randint(1, 4)):
            at = source.randrange(len(text))
            text = text[:at] + source.choice(PIECES) + text[at + source.randint(0, 4) :]
        try:
            load(written(tmp_path, text)).summary()
            read += 1
        except SpecError:
            continue
    assert 5 < read < 195
