"""Each type of layer of Caffe, by sizes and parameters that its source states; and what is not read."""

from __future__ import annotations

from pathlib import Path

import pytest
from calling import call
from setting_fuzz import pointless_messages

from archcalc import SpecError, load
from archcalc.importing.files._caffe.vocabulary import layer_types


def given(name: str, *sizes: int) -> str:
    """An input at the head of a file."""
    dims = " ".join(f"dim: {size}" for size in sizes)
    return f'input: "{name}"\ninput_shape {{ {dims} }}\n'


def layer(name: str, type: str, bottom: str, top: str, more: str = "") -> str:
    bottoms = "".join(f' bottom: "{one}"' for one in bottom.split())
    tops = "".join(f' top: "{one}"' for one in top.split())
    return f'layer {{ name: "{name}" type: "{type}"{bottoms}{tops} {more} }}\n'


def one(type: str, settings: str = "", *more: str) -> str:
    """A layer `a` that reads the map `x`, 6 channels of 8 x 10."""
    return given("x", 2, 6, 8, 10) + layer("a", type, "x", "a", settings) + "".join(more)


def written(folder: Path, text: str) -> str:
    path = folder / "net.prototxt"
    path.write_text(text, encoding="utf-8")
    return str(path)


SECOND = given("y", 2, 6, 5, 6)
STEPS = given("x", 20, 4, 30) + given("cont", 20, 4)
# What a layer puts out, channels last, and how many parameters it has. Each figure is by Caffe's own source.
LAYERS = [
    ("Power", one("Power", "power_param { power: 2 scale: -0.5 shift: 1e-1 }"), (8, 10, 6), 0),
    ("Exp", one("Exp", "exp_param { base: 2 shift: 1 }"), (8, 10, 6), 0),
    ("Log", one("Log", "log_param { base: 3 }"), (8, 10, 6), 0),
    ("AbsVal", one("AbsVal"), (8, 10, 6), 0),
    ("BNLL", one("BNLL"), (8, 10, 6), 0),
    ("Threshold", one("Threshold", "threshold_param { threshold: .5 }"), (8, 10, 6), 0),
    ("ELU", one("ELU", "elu_param { alpha: 0.3 }"), (8, 10, 6), 0),
    ("Clip", one("Clip", "clip_param { min: -1 max: 1 }"), (8, 10, 6), 0),
    ("Swish", one("Swish", "swish_param { beta: 2 }"), (8, 10, 6), 0),
    ("ReLU6", one("ReLU6"), (8, 10, 6), 0),
    ("PReLU of channels", one("PReLU"), (8, 10, 6), 6),
    ("PReLU of all", one("PReLU", "prelu_param { channel_shared: true }"), (8, 10, 6), 1),
    ("MVN of channels", one("MVN"), (8, 10, 6), 0),
    ("MVN of all", one("MVN", "mvn_param { across_channels: true }"), (8, 10, 6), 0),
    ("MVN of means", one("MVN", "mvn_param { normalize_variance: false }"), (8, 10, 6), 0),
    ("Normalize of all", one("Normalize"), (8, 10, 6), 1),
    (
        "Normalize by position",
        one("Normalize", "norm_param { across_spatial: false channel_shared: false }"),
        (8, 10, 6),
        6,
    ),
    ("BN of forks", one("BN"), (8, 10, 6), 12),
    ("BatchNorm of a fork", one("BatchNorm", "batch_norm_param { scale_bias: true }"), (8, 10, 6), 12),
    ("Scale of all values", one("Scale", "scale_param { num_axes: -1 }"), (8, 10, 6), 480),
    ("Scale of one value", one("Scale", "scale_param { num_axes: 0 bias_term: true }"), (8, 10, 6), 2),
    ("Scale of rows", one("Scale", "scale_param { axis: 2 }"), (6, 10, 8), 8),
    ("Bias of positions", one("Bias", "bias_param { axis: 2 num_axes: 2 }"), (8, 10, 6), 80),
    ("Bias of channels", one("Bias"), (8, 10, 6), 6),
    ("Reduction of positions", one("Reduction", "reduction_param { operation: MEAN axis: 2 }"), (6,), 0),
    (
        "Reduction of all",
        one("Reduction", "reduction_param { operation: SUMSQ axis: 1 coeff: 0.5 }"),
        (1,),
        0,
    ),
    ("ArgMax of channels", one("ArgMax", "argmax_param { axis: 1 }"), (8, 10, 1), 0),
    ("ArgMax of all", one("ArgMax", "argmax_param { top_k: 5 }"), (5,), 0),
    (
        "Pooling by chance",
        one("Pooling", "pooling_param { pool: STOCHASTIC kernel_size: 3 stride: 2 }"),
        (4, 5, 6),
        0,
    ),
    (
        "Pooling down",
        one("Pooling", "pooling_param { kernel_size: 3 stride: 2 round_mode: FLOOR }"),
        (3, 4, 6),
        0,
    ),
    (
        "Pooling by axis",
        one("Pooling", "pooling_param { kernel_h: 1 kernel_w: 2 stride_w: 2 stride_h: 1 }"),
        (8, 5, 6),
        0,
    ),
    ("SPP", one("SPP", "spp_param { pyramid_height: 3 }"), (6 * (1 + 4 + 16),), 0),
    ("Im2col", one("Im2col", "convolution_param { kernel_size: 3 pad: 1 }"), (8, 10, 54), 0),
    (
        "Convolution by repeated sizes",
        one("Convolution", "convolution_param { num_output: 2 kernel_size: 1 kernel_size: 3 pad: [0, 1] }"),
        (8, 10, 2),
        38,
    ),
    (
        "Deconvolution",
        one(
            "Deconvolution",
            "convolution_param { num_output: 6 kernel_size: 4 stride: 2 pad: 1 group: 3 dilation: 2 "
            "bias_term: false }",
        ),
        (19, 23, 6),
        192,
    ),
    (
        "ConvolutionDepthwise",
        one("ConvolutionDepthwise", "convolution_param { num_output: 6 kernel_size: 3 pad: 1 }"),
        (8, 10, 6),
        60,
    ),
    ("Tile of channels", one("Tile", "tile_param { tiles: 3 }"), (8, 10, 18), 0),
    ("Tile of rows", one("Tile", "tile_param { tiles: 2 axis: -2 }"), (16, 10, 6), 0),
    (
        "InnerProduct of columns",
        one("InnerProduct", "inner_product_param { num_output: 7 axis: -1 }"),
        (6, 8, 7),
        77,
    ),
    (
        "InnerProduct of positions",
        one("InnerProduct", "inner_product_param { num_output: 7 axis: 2 bias_term: false }"),
        (6, 7),
        560,
    ),
    (
        "InnerProduct turned",
        one("InnerProduct", "inner_product_param { num_output: 7 transpose: true }"),
        (7,),
        3367,
    ),
    ("Flatten of positions", one("Flatten", "flatten_param { axis: 2 }"), (6, 80), 0),
    ("Flatten to an axis", one("Flatten", "flatten_param { axis: 1 end_axis: 2 }"), (48, 10), 0),
    ("Reshape by 0 and -1", one("Reshape", "reshape_param { shape { dim: 0 dim: 0 dim: -1 } }"), (6, 80), 0),
    (
        "Reshape of a part",
        one("Reshape", "reshape_param { shape { dim: 20 dim: -1 } axis: 2 num_axes: 2 }"),
        (6, 20, 4),
        0,
    ),
    ("Reshape with the batch", one("Reshape", "reshape_param { shape { dim: 2 dim: 480 } }"), (480,), 0),
    (
        "Reshape that leaves the batch open",
        one("Reshape", "reshape_param { shape { dim: -1 dim: 480 } }"),
        (480,),
        0,
    ),
    (
        "Permute, and back into a convolution",
        one(
            "Permute",
            "permute_param { order: 0 order: 2 order: 3 order: 1 }",
            layer("b", "Convolution", "a", "b", "convolution_param { num_output: 4 kernel_size: 3 }"),
        ),
        (8, 4, 4),
        4 * 9 * 8 + 4,
    ),
    (
        "channels shuffled by Reshape and Permute",
        one(
            "Reshape",
            "reshape_param { shape { dim: 0 dim: 2 dim: 3 dim: 8 dim: -1 } }",
            layer("b", "Permute", "a", "b", "permute_param { order: 0 order: 2 order: 1 }"),
            layer("c", "Reshape", "b", "c", "reshape_param { shape { dim: 2 dim: 6 dim: 8 dim: 10 } }"),
            layer("d", "Convolution", "c", "d", "convolution_param { num_output: 4 kernel_size: 3 }"),
        ),
        (6, 8, 4),
        220,
    ),
    (
        "a vector as a map",
        given("x", 1, 100)
        + layer("a", "Reshape", "x", "a", "reshape_param { shape { dim: 0 dim: 4 dim: 5 dim: 5 } }")
        + layer("b", "Convolution", "a", "b", "convolution_param { num_output: 3 kernel_size: 2 }"),
        (4, 4, 3),
        51,
    ),
    (
        "Crop of positions",
        SECOND + one("Split") + layer("b", "Crop", "a y", "b", "crop_param { offset: 1 offset: 2 }"),
        (5, 6, 6),
        0,
    ),
    (
        "Crop of columns",
        given("y", 2, 6, 8, 6) + one("Split") + layer("b", "Crop", "a y", "b", "crop_param { axis: 3 }"),
        (8, 6, 6),
        0,
    ),
    (
        "Crop of channels",
        given("y", 2, 3, 5, 6)
        + one("Split")
        + layer("b", "Crop", "a y", "b", "crop_param { axis: 1 offset: 1 }"),
        (5, 6, 3),
        0,
    ),
    (
        "Slice and Concat of rows",
        one("Split")
        + layer("b", "Slice", "a", "p q", "slice_param { axis: 2 slice_point: 3 }")
        + layer("c", "Concat", "q p q", "c", "concat_param { axis: 2 }"),
        (13, 10, 6),
        0,
    ),
    (
        "Slice and Concat from behind",
        one("Split")
        + layer("b", "Slice", "a", "p q", "slice_param { axis: -1 }")
        + layer("c", "Concat", "q p", "c", "concat_param { axis: -3 }"),
        (8, 5, 12),
        0,
    ),
    (
        "Eltwise of differences",
        one("Split") + layer("b", "Eltwise", "a x", "b", "eltwise_param { coeff: 1 coeff: -1 }"),
        (8, 10, 6),
        0,
    ),
    (
        "Eltwise with factors",
        one("Split") + layer("b", "Eltwise", "a x a", "b", "eltwise_param { coeff: 1 coeff: 0.5 coeff: 2 }"),
        (8, 10, 6),
        0,
    ),
    (
        "the largest of three",
        one("TanH") + layer("b", "Eltwise", "a x a", "b", "eltwise_param { operation: MAX }"),
        (8, 10, 6),
        0,
    ),
    ("Interp by a factor", one("Interp", "interp_param { zoom_factor: 8 }"), (57, 73, 6), 0),
    ("Interp down", one("Interp", "interp_param { shrink_factor: 2 }"), (4, 5, 6), 0),
    ("Interp to a size", one("Interp", "interp_param { height: 33 width: 65 }"), (33, 65, 6), 0),
    ("Interp inside", one("Interp", "interp_param { height: 9 width: 9 pad_beg: -1 }"), (9, 9, 6), 0),
    ("Upsample", one("Upsample", "upsample_param { scale: 3 }"), (24, 30, 6), 0),
    ("Reorg", one("Reorg", "reorg_param { stride: 2 }"), (4, 5, 24), 0),
    ("ShuffleChannel", one("ShuffleChannel", "shuffle_channel_param { group: 3 }"), (8, 10, 6), 0),
    (
        "SegNet's pool and its places",
        given("x", 1, 3, 45, 60)
        + layer("a", "Pooling", "x", "a places", "pooling_param { kernel_size: 2 stride: 2 }")
        + layer(
            "b", "Upsample", "a places", "b", "upsample_param { scale: 2 upsample_w: 60 upsample_h: 45 }"
        ),
        (45, 60, 3),
        0,
    ),
    (
        "SENet's gate",
        one("Pooling", "pooling_param { pool: AVE global_pooling: true }")
        + layer("b", "Convolution", "a", "b", "convolution_param { num_output: 6 kernel_size: 1 }")
        + layer("c", "Axpy", "b x x", "c"),
        (8, 10, 6),
        42,
    ),
    (
        "a gate by Scale",
        one("InnerProduct", "inner_product_param { num_output: 6 }")
        + layer("b", "Scale", "x a", "b", "scale_param { axis: 0 }"),
        (8, 10, 6),
        480 * 6 + 6,
    ),
    (
        "LSTM",  # four maps of input and state, and one bias each: 4 * 16 * (30 + 16 + 1)
        STEPS + layer("a", "LSTM", "x cont", "a", "recurrent_param { num_output: 16 }"),
        (20, 16),
        3008,
    ),
    (
        "RNN, with the map behind its state",
        STEPS + layer("a", "RNN", "x cont", "a", "recurrent_param { num_output: 16 }"),
        (20, 16),
        16 * (30 + 16 + 1) + 16 * 17,
    ),
    (
        "sentences: table, LSTM and words",
        given("x", 20, 4)
        + given("cont", 20, 4)
        + layer("e", "Embed", "x", "e", "embed_param { input_dim: 100 num_output: 16 bias_term: false }")
        + layer("a", "LSTM", "e cont", "a", "recurrent_param { num_output: 16 }")
        + layer("b", "InnerProduct", "a", "b", "inner_product_param { num_output: 9 axis: 2 }")
        + layer("c", "Softmax", "b", "c", "softmax_param { axis: 2 }"),
        (20, 9),
        1600 + 4 * 16 * 33 + 153,
    ),
    (
        "Embed with its bias",
        given("x", 4, 20) + layer("a", "Embed", "x", "a", "embed_param { input_dim: 100 num_output: 16 }"),
        (20, 16),
        1616,
    ),
    (
        "a volume",
        given("x", 1, 3, 16, 32, 32)
        + layer("a", "Convolution", "x", "a", "convolution_param { num_output: 4 kernel_size: 3 pad: 1 }"),
        (16, 32, 32, 4),
        4 * 81 + 4,
    ),
]


@pytest.mark.parametrize(("name", "text", "output", "params"), LAYERS, ids=[name for name, *_ in LAYERS])
def test_layers(name: str, text: str, output: tuple[int, ...], params: int, tmp_path: Path) -> None:
    """Defeats axes of Caffe that are taken for those of a spec, and settings that are passed over or
    exchanged."""
    network = load(written(tmp_path, text))
    assert tuple(network.graph.output.output) == output
    assert network.summary().totals["params"] == params


def test_every_type_is_tried() -> None:
    """Each type that can be read is one of the table, or of the other tests of Caffe."""
    elsewhere = (Path(__file__).parent / "test_caffe.py").read_text("utf-8")
    here = Path(__file__).read_text("utf-8")
    networks = (Path(__file__).parent / "test_caffe_networks.py").read_text("utf-8")
    aliases = {
        "ConvolutionDepthWise",
        "DepthwiseConvolution",
        "DeconvolutionDepthwise",
        "SpatialDropout",
        "Padding",
    }
    untried = {name for name in layer_types() if f'"{name}"' not in here + elsewhere + networks}
    assert untried <= aliases


FIRST = """name: "old"
input: "data"
input_dim: 1 input_dim: 3 input_dim: 28 input_dim: 28
layers { layer { name: "rim" type: "padding" pad: 1 } bottom: "data" top: "rim" }
layers { layer { name: "c" type: "conv" num_output: 4 kernelsize: 5 biasterm: false } bottom: "rim" top: "c" }
layers { layer { name: "r" type: "relu" } bottom: "c" top: "c" }
layers { layer { name: "p" type: "pool" pool: MAX kernelsize: 2 stride: 2 } bottom: "c" top: "p" }
layers { layer { name: "n" type: "lrn" local_size: 5 alpha: 0.0001 beta: 0.75 } bottom: "p" top: "n" }
layers { layer { name: "i" type: "innerproduct" num_output: 10 } bottom: "n" top: "i" }
layers { layer { name: "prob" type: "softmax" } bottom: "i" top: "prob" }
"""


def test_the_first_form(tmp_path: Path) -> None:
    """Files of 2013, in which a layer stands in its connection. Defeats a reader of two forms."""
    summary = load(written(tmp_path, FIRST)).summary()
    assert [row.name for row in summary.rows] == ["rim", "c", "r", "p", "n", "i", "prob"]
    assert summary.totals["params"] == 300 + 13 * 13 * 4 * 10 + 10


STAGES = """
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TRAIN }
  transform_param { crop_size: 16 } }
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TEST not_stage: "deploy" }
  transform_param { crop_size: 12 force_gray: true } }
layer { name: "data" type: "Input" top: "data" include { stage: "deploy" }
  input_param { shape { dim: 1 dim: 3 dim: 20 dim: 20 } } }
layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
  inner_product_param { num_output: 2 bias_term: false } }
layer { name: "more" type: "InnerProduct" bottom: "ip" top: "ip" include { min_level: 1 max_level: 2 }
  inner_product_param { num_output: 3 bias_term: false } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss"
  exclude { stage: "deploy" } }
layer { name: "prob" type: "Softmax" bottom: "ip" top: "prob" include { stage: "deploy" } }
"""


def test_the_states_of_a_network(tmp_path: Path) -> None:
    """Several networks stand in one file: by phase, stage and level. Defeats rules of which one decides."""
    path = written(tmp_path, STAGES)

    def params(*settings: str) -> int:
        answer = load(path, **dict(one.split("=") for one in settings))
        return int(answer.summary().totals["params"])

    assert params() == 12 * 12 * 2
    assert params("phase=TRAIN") == 16 * 16 * 3 * 2
    assert params("stage=deploy") == 20 * 20 * 3 * 2
    assert params("level=2") == 12 * 12 * 2 + 6
    assert params("level=3") == 12 * 12 * 2
    answer = call("summary", path, "--set", "phase=REST")
    assert (answer.code, "a phase of Caffe is TRAIN or TEST" in answer.err) == (2, True)


DATA = [
    ('"Data" %s transform_param { crop_size: 9 }', (9, 9, 3)),
    ('"Data" %s data_param { crop_size: 9 }', (9, 9, 3)),
    ('"ImageData" %s image_data_param { new_height: 7 new_width: 8 is_color: false }', (7, 8, 1)),
    ('"WindowData" %s window_data_param { crop_size: 6 }', (6, 6, 3)),
    ('"MemoryData" %s memory_data_param { batch_size: 5 channels: 2 height: 3 width: 4 }', (3, 4, 2)),
    ('"DummyData" %s dummy_data_param { shape { dim: 5 dim: 2 dim: 3 dim: 4 } }', (3, 4, 2)),
    ('"DummyData" %s dummy_data_param { num: 5 channels: 2 height: 3 width: 4 }', (3, 4, 2)),
    ('"Input" %s input_param { shape { dim: 5 dim: 7 } }', (7,)),
]


@pytest.mark.parametrize(("data", "sizes"), DATA)
def test_data_that_states_its_sizes(data: str, sizes: tuple[int, ...], tmp_path: Path) -> None:
    """Defeats three channels of every image, and sizes in the order of another layer."""
    text = f'layer {{ name: "d" type: {data % chr(10)} top: "x" }}\n' + layer("a", "Sigmoid", "x", "a")
    assert tuple(load(written(tmp_path, text)).graph.inputs[0].output) == sizes


def test_data_that_does_not_state_its_sizes(tmp_path: Path) -> None:
    """LeNet's training file has no sizes: the caller says them. Defeats a size that is made up."""
    text = 'layer { name: "mnist" type: "Data" top: "data" top: "label" }\n'
    text += layer("ip", "InnerProduct", "data", "ip", "inner_product_param { num_output: 10 }")
    path = written(tmp_path, text)
    answer = call("summary", path)
    assert answer.code == 2
    assert "how large its input data is" in answer.err
    assert "--input" in answer.err
    assert load(path, "28x28x1").summary().totals["params"] == 7850


def test_what_training_alone_needs_is_listed(tmp_path: Path) -> None:
    """Defeats losses that are layers, and layers behind them that stop the reader."""
    text = 'layer { name: "d" type: "Data" top: "data" top: "label" transform_param { crop_size: 8 } }\n'
    text += layer("labels", "Slice", "label", "one two")
    text += layer("ip", "InnerProduct", "data", "ip", "inner_product_param { num_output: 2 }")
    text += layer("loss", "SigmoidCrossEntropyLoss", "ip one", "loss", "loss_weight: 0.3")
    text += layer("weighted", "Power", "loss", "weighted", "power_param { scale: 2 }")
    text += layer("quiet", "Silence", "two", "")
    network = load(written(tmp_path, text))
    assert [row.name for row in network.summary().rows] == ["ip"]
    notes = " ".join(note.message for note in network.diagnostics)
    for name in ("labels", "loss", "weighted", "quiet"):
        assert f"{name}: " in notes


def test_parameters_that_are_not_trained(tmp_path: Path) -> None:
    """A rate of 0 for all parameters of a layer, as FCN's enlarging layers have. Defeats one rate for all."""
    fixed = "param { lr_mult: 0 } convolution_param { num_output: 6 kernel_size: 4 bias_term: false }"
    half = "param { lr_mult: 0 } convolution_param { num_output: 6 kernel_size: 3 }"
    text = one("Deconvolution", fixed) + layer("b", "Convolution", "a", "b", half)
    rows = {row.name: row for row in load(written(tmp_path, text)).summary().rows}
    assert (rows["a"].params, rows["a"].trainable) == (6 * 6 * 16, 0)
    assert (rows["b"].params, rows["b"].trainable) == (6 * 6 * 9 + 6, 6 * 6 * 9 + 6)


def test_a_field_that_is_misspelled_is_noted(tmp_path: Path) -> None:
    """Caffe refuses it. Defeats a step of 1 without a word, and notes on fillers."""
    filler = 'weight_filler { type: "xavier" } bias_filler { type: "constant" }'
    settings = f"convolution_param {{ num_output: 2 kernel_size: 3 strid: 2 {filler} engine: CAFFE }}"
    network = load(written(tmp_path, one("Convolution", settings)))
    (note,) = network.diagnostics
    assert (note.message, note.help) == ("a: `strid` is not read", ("did you mean `stride`?",))


def test_a_blob_that_is_read_twice_by_one_layer(tmp_path: Path) -> None:
    """A convolution of two blobs has one set of weights. Defeats two sets, and one output."""
    conv = "convolution_param { num_output: 4 kernel_size: 3 }"
    text = one("TanH") + layer("c", "Convolution", "x a", "p q", conv) + layer("s", "Eltwise", "p q", "s")
    network = load(written(tmp_path, text))
    assert network.summary().totals["params"] == 6 * 9 * 4 + 4
    assert tuple(network.graph.output.output) == (6, 8, 4)


TWO = given("y", 2, 6, 5, 6)
NAMED = 'param { name: "w" } convolution_param { num_output: 6 kernel_size: 1 } '
REFUSED = [
    (one("Python", 'python_param { module: "rpn.proposal" layer: "Proposals" }'), "`rpn.proposal.Proposals`"),
    (one("TanH") + layer("b", "Upsample", "a a x", "b"), "it reads one blob or two, and 3 arrive"),
    (one("ROIPooling"), "the regions of an image are a batch of their own"),
    (one("Filter"), "depends on their values"),
    (one("Reduction"), "adds up the images of a batch"),
    (one("Concat", "concat_param { axis: 0 }"), "the axis of the batch"),
    (one("Slice", "slice_param { axis: 4 }"), "there is no axis 4 of N 6 8 10"),
    (one("Slice", "slice_param { slice_point: 7 }"), "have the slice points [7]"),
    (one("Flatten", "flatten_param { axis: 0 }"), "the batch is put together"),
    (one("Flatten", "flatten_param { axis: 3 end_axis: 2 }"), "lies before"),
    (one("Reshape", "reshape_param { shape { dim: 4 dim: -1 } }"), "without taking the batch apart"),
    (one("Reshape", "reshape_param { shape { dim: 0 dim: -1 dim: -1 } }"), "more than one size"),
    (one("Reshape", "reshape_param { shape { dim: 0 dim: 7 dim: -1 } }"), "no whole number of 7"),
    (one("Reshape", "reshape_param { shape { dim: 0 dim: 481 } }"), "480 values cannot take"),
    (one("Reshape"), "it has no shape"),
    (one("Permute", "permute_param { order: 1 order: 1 }"), "is no order of the axes"),
    (
        one("Permute", "permute_param { order: 1 order: 0 }") + layer("b", "BatchNorm", "a", "b"),
        "the batch is not the first axis",
    ),
    (one("Tile"), "it has no tiles"),
    (one("SPP", "spp_param { pyramid_height: 99 }"), "not between 1 and 12"),
    (one("LRN", "lrn_param { local_size: 4 }"), "`local_size` is odd"),
    (one("Pooling", "pooling_param { kernel_size: 1 stride: 3 }"), "holds nothing"),
    (
        one("Pooling", "pooling_param { kernel_size: 2 global_pooling: true }"),
        "a global pool has no kernel_size",
    ),
    (
        one("Convolution", "convolution_param { kernel_size: 1 kernel_h: 2 kernel_w: 2 num_output: 1 }"),
        "it has `kernel_size` and `kernel_h`",
    ),
    (one("Convolution", "convolution_param { num_output: 1 kernel_h: 2 }"), "it has no `kernel_w`"),
    (one("Convolution", "convolution_param { num_output: 1 kernel_size: [1, 2, 3] }"), "stands 3 times"),
    (one("Convolution", "convolution_param { num_output: 1 kernel_size: 1 group: 4 }"), "a: "),
    (
        one("Convolution", "convolution_param { num_output: 1 kernel_size: 1 axis: 2 }"),
        "an axis other than 1",
    ),
    (one("Interp"), "it needs `height` and `width`"),
    (one("Exp", "exp_param { base: 0 }"), "larger than 0"),
    (one("Power", "power_param { scale: x }"), "`scale` is no number"),
    (one("Dropout", "dropout_param { dropout_ratio: 2 }"), "between 0 and 1"),
    (one("LSTM", "recurrent_param { num_output: 3 }"), "it reads blobs of steps, sequences and values"),
    (one("Embed", "embed_param { num_output: 3 }"), "it has no input_dim"),
    (one("Split") + TWO + layer("b", "Eltwise", "a y", "b"), "blobs of several sizes"),
    (
        one("Split") + TWO + layer("b", "Eltwise", "a a", "b", "eltwise_param { coeff: 1 }"),
        "2 blobs have 1 factors",
    ),
    (
        one("Split") + TWO + layer("b", "Crop", "y a", "b"),
        "8 of 5 positions of axis 2 from 0 on are not there",
    ),
    (
        given("x", 2, 6, 8, 10)
        + layer("p", "Pooling", "x", "a m", "pooling_param { kernel_size: 2 }")
        + layer("b", "ReLU", "m", "b"),
        "which only unpooling reads",
    ),
    (
        one("Convolution", NAMED + 'param { name: "b" }') + layer("b", "Convolution", "a", "b", NAMED),
        "shares some of its parameters",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_cannot_be_read_is_one_message(text: str, message: str, tmp_path: Path) -> None:
    """Defeats a traceback, a figure for what was not understood, and a message that names no layer."""
    with pytest.raises(SpecError) as caught:
        load(written(tmp_path, text))
    (error,) = caught.value.diagnostics
    assert message in error.message
    assert error.span is not None


@pytest.mark.parametrize("seed", range(4))
def test_changed_settings_end_in_one_message_or_a_network(seed: int, tmp_path: Path) -> None:
    """A fuzzer of settings. Defeats a traceback for a number of another sign or size, and a message without
    a place."""
    texts = [text for _, text, *_ in LAYERS]
    assert pointless_messages(seed, texts, lambda text: written(tmp_path, text)) == []


# Those whose axes are in another order here, or that come to several layers.
VERIFIED = (
    *("MVN of all", "Normalize by position", "Scale of rows", "Reduction of all", "SPP", "Deconvolution"),
    *("InnerProduct of columns", "Permute, and back into a convolution", "Crop of channels", "SENet's gate"),
    *("a vector as a map", "sentences: table, LSTM and words"),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", VERIFIED)
def test_pytorch_agrees(name: str, tmp_path: Path) -> None:
    """PyTorch builds the network and measures it. Defeats a spec that is read, and cannot be computed."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    (text,) = [one for known, one, *_ in LAYERS if known == name]
    answer = call("verify", written(tmp_path, text))
    assert answer.code == 0, answer.out + answer.err
