"""Networks of the zoo, layer by layer.

Each docstring says which wrong algorithm its test defeats.
"""

from __future__ import annotations

import math
import re

import pytest
from published import FIGURES, inside, summary, weights

import archcalc


def test_lenet5_layer_by_layer() -> None:
    """Defeats: C3 connected in full (2,416), pools without weights (0), codes learned (850)."""
    report = summary("lenet5")
    expected = {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48_120, "f6": 10_164, "output": 0}
    found = {r["name"]: r["params"] for r in report["layers"]}
    assert {name: found[name] for name in expected} == expected
    assert {n: p for n, p in found.items() if n not in expected and p} == {}
    assert report["totals"]["connections"] == 340_908


def test_lenet5_modern_layer_by_layer() -> None:
    """Defeats: a flattening that forgets the channels, a pool with parameters."""
    found = {r["name"]: (r["output"], r["params"]) for r in summary("lenet5_modern")["layers"]}
    expected = {
        "conv1": ([28, 28, 6], 156),
        "pool1": ([14, 14, 6], 0),
        "conv2": ([10, 10, 16], 2416),
        "pool2": ([5, 5, 16], 0),
        "fc3": ([120], 48_120),
        "fc4": ([84], 10_164),
        "fc5": ([10], 850),
    }
    assert {name: found[name] for name in expected} == expected


def test_neocognitron_layer_by_layer() -> None:
    """Sizes of the paper's section 5, and the cells and synapses that follow.

    Defeats: planes that do not share, C-cells that learn or read other planes than their own.
    """
    rows = summary("neocognitron")["layers"]
    found = [(r["output"], r["params"]) for r in rows if r["op"] not in ("relu", "crop")]
    assert found == [
        ([16, 16, 24], 600),
        ([12, 12, 24], 0),
        ([8, 8, 24], 14_400),
        ([6, 6, 24], 0),
        ([2, 2, 24], 14_400),
        ([1, 1, 24], 0),
    ]
    cells = [math.prod(r["output"]) for r in rows if r["name"] in ("us1", "us2", "uc2", "us3", "uc3")]
    assert sum(cells) + math.prod(inside(rows, "uc1")[-1]["output"]) == 11_064
    assert [r["macs"] for r in rows if r["op"] == "conv"] == [153_600, 921_600, 57_600]


def test_harleys_net_has_the_table_of_lenet5() -> None:
    """Defeats: a layer connected in full, 2,416 parameters."""
    found = {r["name"]: r["params"] for r in summary("mnist_harley")["layers"] if r["params"]}
    assert found == {"conv1": 156, "conv2": 1516, "fc3": 48_120, "fc4": 12_100, "fc5": 1010}


MAXOUT = {
    "maxout_cifar10": ([33, 16, 15, 7, 9, 5], [37_056, 2_359_680, 1_843_584, 12_002_500, 5_010]),
    "maxout_mnist_conv": ([21, 10, 9, 4, 6, 3], [6_144 + 42_336, 294_912 + 7_776, 115_200 + 3_456, 2_170]),
}


@pytest.mark.parametrize("name", MAXOUT)
def test_maxout_layer_by_layer(name: str) -> None:
    """Defeats: pools rounded down, one bias a channel where each value has its own."""
    rows = summary(name)["layers"]
    stages = [inside(rows, label) for label in ("h0", "pool0", "h1", "pool1", "h2", "pool2")]
    ends = [stage[-1]["output"] for stage in stages]
    sizes, params = MAXOUT[name]
    assert [end[:2] for end in ends] == [[n, n] for n in sizes]
    rest = [label for label in ("h3", "y") if any(r["name"] == label for r in rows)]
    held = [stages[0], stages[2], stages[4], *(inside(rows, label) for label in rest)]
    assert [sum(r["params"] for r in part) for part in held] == params


ALEXNET = {
    "conv1": ([55, 55, 96], 34_944, 105_415_200),
    "pool1": ([27, 27, 96], 0, 0),
    "norm1": ([27, 27, 96], 0, 0),
    "conv2": ([27, 27, 256], 614_656, 447_897_600),
    "pool2": ([13, 13, 256], 0, 0),
    "norm2": ([13, 13, 256], 0, 0),
    "conv3": ([13, 13, 384], 885_120, 149_520_384),
    "conv4": ([13, 13, 384], 1_327_488, 224_280_576),
    "conv5": ([13, 13, 256], 884_992, 149_520_384),
    "pool5": ([6, 6, 256], 0, 0),
    "fc6": ([4096], 37_752_832, 37_748_736),
    "fc7": ([4096], 16_781_312, 16_777_216),
    "fc8": ([1000], 4_097_000, 4_096_000),
}


def test_alexnet_layer_by_layer() -> None:
    """Defeats: division after the + 1 (54 for 55), biases counted as multiply-adds."""
    found = {r["name"]: (r["output"], r["params"], r["macs"]) for r in summary("alexnet")["layers"]}
    assert {name: found[name] for name in ALEXNET} == ALEXNET


def test_alexnet_in_two_groups() -> None:
    """Defeats: groups ignored, groups that divide filters too, groups that divide biases."""
    found = {r["name"]: (r["params"], r["macs"]) for r in summary("alexnet_grouped")["layers"]}
    assert found["conv2"] == (307_456, 223_948_800)
    assert found["conv3"] == (885_120, 149_520_384)
    assert found["conv4"] == (663_936, 112_140_288)
    assert found["conv5"] == (442_624, 74_760_192)


@pytest.mark.parametrize("name", ["alexnet", "alexnet_grouped"])
def test_alexnet_has_650_000_neurons(name: str) -> None:
    """Defeats: pools, norms and activations counted as units."""
    assert summary(name)["totals"]["units"] == 659_272


def test_zfnet_layer_by_layer() -> None:
    """Defeats: pools rounded down (54 and 12), convolutions rounded up with them (111)."""
    found = {r["name"]: (r["output"], r["params"]) for r in summary("zfnet")["layers"]}
    expected = {
        "conv1": ([110, 110, 96], 14_208),
        "pool1": ([55, 55, 96], 0),
        "conv2": ([26, 26, 256], 614_656),
        "pool2": ([13, 13, 256], 0),
        "conv3": ([13, 13, 384], 885_120),
        "conv4": ([13, 13, 384], 1_327_488),
        "conv5": ([13, 13, 256], 884_992),
        "pool5": ([6, 6, 256], 0),
        "fc6": ([4096], 37_752_832),
        "fc7": ([4096], 16_781_312),
        "fc8": ([1000], 4_097_000),
    }
    assert {name: found[name] for name in expected} == expected


def test_vgg16_without_biases_and_without_fc() -> None:
    """The two other counts in circulation.

    Defeats: `weight` and `bias` not kept apart, fc counted as conv.
    """
    rows = summary("vgg16")["layers"]
    assert weights(rows) == 138_344_128
    assert sum(r["macs"] for r in rows if r["op"] == "conv") == 15_346_630_656
    assert sum(r["macs"] for r in summary("vgg19")["layers"] if r["op"] == "conv") == 19_508_428_800


# weights and multiply-adds of each module: what its filters hold, not what the paper's table prints
GOOGLENET = {
    "conv1": (9_408, 118_013_952),
    "conv2": (114_688, 359_661_568),
    "inception_3a": (163_328, 128_049_152),
    "inception_3b": (388_096, 304_267_264),
    "inception_4a": (375_552, 73_608_192),
    "inception_4b": (448_512, 87_908_352),
    "inception_4c": (509_440, 99_850_240),
    "inception_4d": (604_672, 118_515_712),
    "inception_4e": (867_328, 169_996_288),
    "inception_5a": (1_042_432, 51_079_168),
    "inception_5b": (1_442_816, 70_697_984),
    "loss3": (1_024_000, 1_024_000),
}


def test_googlenet_module_by_module() -> None:
    """Defeats: a branch that reads its neighbour and not the module's input, a branch left out."""
    rows = summary("googlenet")["layers"]
    found = {}
    for name in GOOGLENET:
        part = inside(rows, name)
        found[name] = weights(part), sum(r["macs"] for r in part)
    assert found == GOOGLENET
    assert sum(macs for _, macs in GOOGLENET.values()) == FIGURES["googlenet"].macs


def test_googlenet_with_both_heads() -> None:
    """Defeats: heads that the main path goes through, that are counted unasked or share layers."""
    alone, both = summary("googlenet"), summary("googlenet", with_heads=True)
    assert (both["totals"]["params"], both["totals"]["macs"]) == (13_378_280, 1_591_044_096)
    assert alone["outputs"]["main"]["shape"] == [1000]
    for head, reduction in [("aux1", 65_664), ("aux2", 67_712)]:
        out = alone["outputs"][head]
        assert out["shape"] == [1000]
        assert out["params"] == reduction + 2_098_176 + 1_025_000
        assert out["macs"] == 16 * (reduction - 128) + 2_097_152 + 1_024_000
        assert [r["params"] for r in inside(both["layers"], head) if r["params"]] == [
            reduction,
            2_098_176,
            1_025_000,
        ]
        assert not any(r["name"].startswith(head) for r in alone["layers"])


def test_inception_v2_has_the_sizes_of_its_table() -> None:
    """The column "input size" of arXiv:1512.00567, Table 1, and what the last row puts out.

    Defeats: a third of the 35x35 modules or a fifth of the 17x17 ones left out, conv6 not padded.
    """
    table = [
        ("conv1", [299, 299, 3]),
        ("conv2", [149, 149, 32]),
        ("conv3", [147, 147, 32]),
        ("pool3", [147, 147, 64]),
        ("conv4", [73, 73, 64]),
        ("conv5", [71, 71, 80]),
        ("conv6", [35, 35, 192]),
        *[(f"inception_a_{turn}", [35, 35, 288]) for turn in range(1, 4)],
        *[(f"inception_b_{turn}", [17, 17, 768]) for turn in range(1, 6)],
        ("inception_c_1", [8, 8, 1280]),
        ("pool", [8, 8, 2048]),
        ("fc", [2048]),
    ]
    report = summary("inception_v2")
    outputs = {"input": report["input"]} | {r["name"]: r["output"] for r in report["layers"]}
    for name, size in table:
        first = inside(report["layers"], name)[0]
        assert [outputs[source] for source in first["inputs"]] == [size], name
    modules = {r["name"].partition(".")[0] for r in report["layers"]}
    assert not modules & {"inception_a_4", "inception_b_6", "inception_c_3"}


def test_inception_modules_are_those_of_v3() -> None:
    """Defeats: two specs of one module that part."""
    v2, v3 = summary("inception_v2")["layers"], summary("inception_v3")["layers"]
    pairs = {
        "inception_a_1": "Mixed_5d",
        "reduction_a": "Mixed_6a",
        "inception_b_1": "Mixed_6b",
        "inception_b_2": "Mixed_6c",
        "inception_b_5": "Mixed_6e",
        "reduction_b": "Mixed_7a",
        "inception_c_1": "Mixed_7b",
        "inception_c_2": "Mixed_7c",
    }
    for ours, theirs in pairs.items():
        found = [
            [(r["op"], r["output"], r["macs"]) for r in inside(rows, label)]
            for rows, label in ((v2, ours), (v3, theirs))
        ]
        assert found[0] == found[1], ours


def without_scales(name: str) -> int:
    """Parameters if norms learn shifts alone, as in TF-slim's Inceptions."""
    scales = sum(r["params"] // 2 for r in summary(name)["layers"] if r["op"] == "bn")
    return int(summary(name)["totals"]["params"]) - scales


def test_inceptions_without_scales() -> None:
    """The counts of TF-slim's Inception-v4 and of Keras' Inception-ResNet-v2.

    Defeats: a norm behind the last convolution of a residual, which has a bias instead.
    """
    assert without_scales("inception_v4") == 42_648_232
    assert without_scales("inception_resnet_v2") == FIGURES["inception_resnet_v2_keras"].params


def test_inception_resnet_v1_is_that_of_the_ports() -> None:
    """osmr/imgclsmob counts 23,995,624 with a sixth block8 and a layer of 512 before the last.

    Defeats: units that are a little wider or narrower than those of the paper's figures.
    """
    report = summary("inception_resnet_v1")
    block8 = sum(r["params"] for r in inside(report["layers"], "block8_5"))
    paper = report["totals"]["params"] - (1792 + 1) * 1000
    assert paper + block8 + 1792 * 512 + 2 * 512 + (512 + 1) * 1000 == 23_995_624


@pytest.mark.parametrize("name", ["inception_resnet_v1", "inception_resnet_v2_paper"])
def test_sizes_of_inception_resnets(name: str) -> None:
    """arXiv:1602.07261, Figure 15, but for the sums that Figures 17 and 19 cannot make.

    Defeats: a reduction whose filters are those of the other net, Table 1.
    """
    rows = summary(name)["layers"]
    ends = [
        inside(rows, label)[-1]["output"]
        for label in ("block35_5", "reduction_a", "block17_10", "reduction_b", "block8_5")
    ]
    a, b, c = (256, 896, 1792) if name == "inception_resnet_v1" else (384, 1152, 2144)
    assert ends == [[35, 35, a], [17, 17, b], [17, 17, b], [8, 8, c], [8, 8, c]]


def test_convnetjs_layer_by_layer() -> None:
    """Volumes as the Readme of ConvNetJS states them.

    Defeats: pools that keep the size, a softmax layer without its matrix.
    """
    found = {r["name"]: (r["output"], r["params"]) for r in summary("convnetjs_cifar10")["layers"]}
    expected = {
        "conv1": ([32, 32, 16], 1216),
        "pool1": ([16, 16, 16], 0),
        "conv2": ([16, 16, 20], 8020),
        "pool2": ([8, 8, 20], 0),
        "conv3": ([8, 8, 20], 10_020),
        "pool3": ([4, 4, 20], 0),
        "fc4": ([10], 3210),
    }
    assert {name: found[name] for name in expected} == expected


def test_mobilenet_by_type_of_layer() -> None:
    """Percent of all multiply-adds and weights: arXiv:1704.04861, Table 2.

    It prints 1.19 for the 3x3 convolution, with which its column adds up to 99.29.

    Defeats: depthwise layers counted as full convolutions.
    """
    rows = [r for r in summary("mobilenet")["layers"] if r["op"] in ("conv", "dwconv", "fc")]
    kinds = {
        "Conv 1x1": [r for r in rows if r["name"].endswith(".pw")],
        "Conv DW 3x3": [r for r in rows if r["op"] == "dwconv"],
        "Conv 3x3": [r for r in rows if r["name"] == "conv1"],
        "Fully Connected": [r for r in rows if r["op"] == "fc"],
    }
    macs, held = sum(r["macs"] for r in rows), weights(rows)
    found = {
        kind: (round(100 * sum(r["macs"] for r in part) / macs, 2), round(100 * weights(part) / held, 2))
        for kind, part in kinds.items()
    }
    assert found == {
        "Conv 1x1": (94.86, 74.59),
        "Conv DW 3x3": (3.06, 1.06),
        "Conv 3x3": (1.91, 0.02),
        "Fully Connected": (0.18, 24.33),
    }


def test_efficientnet_b0_has_the_sizes_of_its_table() -> None:
    """arXiv:1905.11946, Table 1: channels and layers of the stages, and the sizes they end with.

    Defeats: a stage that starts with the stride of its neighbour, which costs but learns the same.
    """
    rows = summary("efficientnet_b0")["layers"]
    table = {
        1: (112, 32),
        2: (112, 16),
        3: (56, 24),
        4: (28, 40),
        5: (14, 80),
        6: (14, 112),
        7: (7, 192),
        8: (7, 320),
        9: (7, 1280),
    }
    for stage, (size, channels) in table.items():
        part = [r for r in rows if re.match(rf"stage{stage}(?!\d)", r["name"])]
        assert part[-1]["output"] == [size, size, channels]
        turns = {r["name"].partition(".")[0] for r in part}
        assert len(turns) == {3: 2, 4: 2, 5: 3, 6: 3, 7: 4}.get(stage, 1)


def test_squeezenet_at_227() -> None:
    """The sizes of arXiv:1602.07360, Table 1, which its 224x224 does not give.

    The 1.72 GFLOPS of forresti/SqueezeNet count conv10 on 15x15 positions, with a rim of zeros.
    Defeats: pools rounded down, padding around the first convolution.
    """
    report = archcalc.load("squeezenet1_0", input="227x227x3").summary().to_dict()
    rows = {r["name"]: r for r in report["layers"]}
    sizes = {
        "conv1": [111, 111, 96],
        "pool1": [55, 55, 96],
        "fire4.concat": [55, 55, 256],
        "pool4": [27, 27, 256],
        "pool8": [13, 13, 512],
        "conv10": [13, 13, 1000],
    }
    assert {name: rows[name]["output"] for name in sizes} == sizes
    rim = (15 * 15 - 13 * 13) * rows["conv10"]["macs"] // (13 * 13)
    assert round(2 * (report["totals"]["macs"] + rim) / 1e9, 2) == 1.72
