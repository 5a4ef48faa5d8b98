"""The zoo against the totals that were published and that the frameworks count.

Each docstring says which wrong algorithm its test defeats.
"""

from __future__ import annotations

import pytest
from published import FIGURES, facts, summary, weights

import archcalc

TORCHVISION = facts("torchvision_totals.json")
KERAS_TOTALS = {
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "nasnet_mobile": 5_326_716,
    "resnet50_keras": 25_636_712,
    "resnet101_keras": 44_707_176,
    "resnet152_keras": 60_419_944,
    "densenet121": 8_062_504,
    "densenet169": 14_307_880,
    "densenet201": 20_242_984,
    "densenet264": 33_736_232,
    "mobilenet": 4_253_864,
    "mobilenet_v2": 3_538_984,
    "xception": 22_910_480,
    "resnext50": 25_097_128,
    "resnext101": 44_315_560,
    "resnet50_v2": 25_613_800,
    "resnet101_v2": 44_675_560,
    "resnet152_v2": 60_380_648,
    "mobilenet_v3_large": 5_507_432,
    "mobilenet_v3_small": 2_554_968,
    "convnext_tiny": 28_589_128,
    "convnext_small": 50_223_688,
    "convnext_base": 88_591_464,
    "convnext_large": 197_767_336,
    "nasnet_large": 88_949_818,
    "nasnet_cifar": 3_383_786,
    "inception_v3_keras": 23_851_784,
    "inception_resnet_v2_keras": 55_873_736,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_totals(name: str) -> None:
    """Defeats: floats, a forgotten bias or group, moving statistics counted, side heads counted."""
    totals = summary(name)["totals"]
    assert (totals["params"], totals["macs"]) == (FIGURES[name].params, FIGURES[name].macs)
    assert totals["trainable"] == totals["params"] - FIGURES[name].frozen
    assert totals["flops"] == 2 * totals["macs"]


@pytest.mark.parametrize("name", KERAS_TOTALS)
def test_keras_totals(name: str) -> None:
    """Keras' total is params + buffers.

    Defeats: one moving statistic a channel, or the batch counter, stored.
    """
    totals = summary(name)["totals"]
    assert totals["params"] + totals["buffers"] == KERAS_TOTALS[name]


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvision_totals(name: str) -> None:
    """Defeats: strides and paddings that are wrong, which parameters alone do not show."""
    expected = TORCHVISION[name]
    totals = summary(name)["totals"]
    assert (totals["params"], totals["macs"]) == (expected["params"], expected["macs"])
    assert round(totals["macs"] / 1e9, 3) == expected["gmacs_published"]
    if heads := expected.get("with_heads"):
        totals = summary(name, with_heads=True)["totals"]
        assert (totals["params"], totals["macs"]) == (heads["params"], heads["macs"])


OUTPUTS = {
    "fcn32s": [500, 500, 21],
    "fcn16s": [500, 500, 21],
    "fcn8s": [500, 500, 21],
    "fcn_alexnet": [500, 500, 21],
    "yolo_v1": [7, 7, 30],
    "yolo_v1_darknet": [7, 7, 30],
    "colorization": [56, 56, 313],
    "deeppose": [28],
    "alphago_policy": [361],
    "rcnn_caffenet": [200],
    "faster_rcnn_vgg16": [100, 4],
    "faster_rcnn_resnet50_fpn": [100, 4],
    "mask_rcnn_resnet50_fpn": [100, 28, 28, 91],
    "neuraltalk_caption": [20, 10_000],
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_that_are_no_vector_of_classes(name: str) -> None:
    """Defeats: crops at another size, boxes that are not laid out on the grid."""
    assert summary(name)["outputs"]["main"]["shape"] == OUTPUTS[name]


@pytest.mark.slow
@pytest.mark.parametrize("with_heads", [False, True])
@pytest.mark.parametrize("name", FIGURES)
def test_columns_sum_to_the_totals(name: str, with_heads: bool) -> None:
    """Defeats: totals computed beside the rows, heads shown but not counted or the reverse."""
    report = summary(name, with_heads)
    unknown = {(r["layer"], r["quantity"]) for r in report["uncounted"]}
    for quantity in ("params", "trainable", "buffers", "macs"):
        column = {r["name"]: r[quantity] for r in report["layers"]}
        assert sum(value or 0 for value in column.values()) == report["totals"][quantity], quantity
        for name, value in column.items():
            assert value is not None or (name, quantity) in unknown


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("alexnet", 8),
        ("alexnet_grouped", 8),
        ("alexnet_torchvision", 8),
        ("caffenet", 8),
        ("zfnet", 8),
        ("vgg11", 11),
        ("vgg13", 13),
        ("vgg16", 16),
        ("vgg19", 19),
        ("vgg11_bn", 11),
        ("vgg13_bn", 13),
        ("vgg16_bn", 16),
        ("vgg19_bn", 19),
        ("googlenet", 22),
        ("googlenet_torchvision", 22),
        ("resnet18", 18),
        ("resnet34", 34),
        ("plain34", 34),
        ("resnet50", 50),
        ("resnet101", 101),
        ("resnet152", 152),
        ("resnet50_v1", 50),
        ("resnet101_v1", 101),
        ("resnet152_v1", 152),
        ("resnet50_keras", 50),
        ("resnet101_keras", 101),
        ("resnet152_keras", 152),
        ("resnet50_v2", 50),
        ("resnet101_v2", 101),
        ("resnet152_v2", 152),
        ("resnet34_a", 34),
        ("plain18", 18),
        ("resnet20_cifar", 20),
        ("resnet32_cifar", 32),
        ("resnet44_cifar", 44),
        ("resnet56_cifar", 56),
        ("resnet110_cifar", 110),
        ("plain20_cifar", 20),
        ("plain56_cifar", 56),
        ("resnext50", 50),
        ("resnext101", 101),
        ("densenet121", 121),
        ("densenet161", 161),
        ("densenet169", 169),
        ("densenet201", 201),
    ],
)
def test_depth_is_the_number_in_the_name(name: str, depth: int) -> None:
    """Defeats: projections and parallel branches counted, not only the layers of one path."""
    assert summary(name)["totals"]["depth"] == depth


def test_classes_can_be_set() -> None:
    """Defeats: a parameter of the net that does not reach the block that uses it."""
    features = {"vgg16": 4096, "resnet50": 2048, "googlenet": 1024, "nasnet_mobile": 1056}
    features |= {"densenet121": 1024, "densenet264": 2688}
    for name, last in features.items():
        totals = archcalc.load(name, classes=10).summary().to_dict()["totals"]
        assert totals["params"] == FIGURES[name].params - 990 * (last + 1)


def test_growth_rate_can_be_set() -> None:
    """The authors' wide DenseNet-264, and DenseNet-161 from its own rate.

    Defeats: a bottleneck or a stem that stays at 128 and 64 channels.
    """
    wide = archcalc.load("densenet264", k=48).summary().to_dict()["totals"]
    assert wide["params"] == 72_686_632
    narrow = archcalc.load("densenet161", k=32).summary().to_dict()["layers"]
    assert next(r for r in narrow if r["name"] == "conv1")["output"] == [112, 112, 64]
    assert narrow[-1]["output"] == [1000]


@pytest.mark.parametrize(
    ("width", "size", "macs", "params"),
    [
        (1, 224, 569, 4.2),
        ("0.75", 224, 325, 2.6),
        ("0.5", 224, 149, 1.3),
        ("0.25", 224, 41, 0.5),
        (1, 192, 418, 4.2),
        (1, 160, 290, 4.2),
        (1, 128, 186, 4.2),
    ],
)
def test_mobilenets_of_other_width_and_resolution(
    width: str | int, size: int, macs: int, params: float
) -> None:
    """arXiv:1704.04861, Tables 6 and 7: millions, rounded or cut off.

    Defeats: a width that leaves out the first convolution, an input of fixed size.
    """
    net = archcalc.load("mobilenet", width=width, input=f"{size}x{size}x3")
    totals = net.summary().to_dict()["totals"]
    assert macs in (round(totals["macs"] / 1e6), totals["macs"] // 10**6)
    assert round(totals["params"] / 1e6, 1) == params


# tensorflow/models, research/slim/nets/mobilenet, README.md: width, millions of weights of
# convolutions and classifier, millions of multiply-adds at each size, cut off
MOBILENET_V2 = {
    "1.4": (6.06, {224: 582}),
    "1.3": (5.34, {224: 509}),
    "1.0": (3.47, {224: 300, 192: 221, 160: 154, 128: 99, 96: 56}),
    "0.75": (2.61, {224: 209, 192: 153, 160: 107, 128: 69, 96: 39}),
    "0.5": (1.95, {224: 97, 192: 71, 160: 50, 128: 32, 96: 18}),
    "0.35": (1.66, {224: 59, 192: 43, 160: 30, 128: 20, 96: 11}),
}


@pytest.mark.parametrize("width", MOBILENET_V2)
def test_mobilenets_v2_of_other_width_and_resolution(width: str) -> None:
    """Defeats: widths rounded down, widened before rounding, a last convolution that shrinks."""
    params, sizes = MOBILENET_V2[width]
    for size, macs in sizes.items():
        net = archcalc.load("mobilenet_v2", width=width, input=f"{size}x{size}x3")
        report = net.summary().to_dict()
        assert report["totals"]["macs"] // 10**6 == macs
        held = weights([r for r in report["layers"] if r["op"] != "bn"])
        assert round(held / 1e6, 2) == params


# Keras' totals but for the 7 values of its input normalisation
EFFICIENTNETS = [5_330_564, 7_856_232, 9_177_562, 12_320_528, 19_466_816, 30_562_520, 43_265_136, 66_658_680]


@pytest.mark.parametrize("number", range(8))
def test_totals_of_keras_efficientnets(number: int) -> None:
    """Defeats: widths rounded down, depths rounded to the nearest, gates sized by wide layers."""
    totals = summary(f"efficientnet_b{number}")["totals"]
    assert totals["params"] + totals["buffers"] == EFFICIENTNETS[number]


def test_an_efficientnet_is_b0_scaled() -> None:
    """Defeats: variants that are specs of their own."""
    b0 = archcalc.load("efficientnet_b0", width=2, depth="3.1", input="600x600x3")
    assert b0.summary().to_dict()["totals"] == summary("efficientnet_b7")["totals"]


def test_efficientnet_b2_at_the_size_of_the_paper() -> None:
    """arXiv:1905.11946, Table 2: 1.0B. Defeats: a gate whose cost grows with the image."""
    totals = archcalc.load("efficientnet_b2", input="260x260x3").summary().to_dict()["totals"]
    assert round(totals["macs"] / 1e9, 1) == 1.0


def test_cardinality_can_be_set() -> None:
    """arXiv:1611.05431, Table 3: ResNet-50 is 1 x 64d. One group with its width is ResNet's unit.

    Defeats: groups that do not follow the cardinality, widths that do not follow d.
    """
    totals = archcalc.load("resnext50", C=1, d=64).summary().to_dict()["totals"]
    assert totals == summary("resnet50")["totals"]


def test_cifar_resnets_of_any_depth() -> None:
    """arXiv:1512.03385, Table 6: n = 200 has 1202 layers and 19.4M parameters.

    Defeats: a depth that is fixed by the name, option B in place of A.
    """
    totals = archcalc.load("resnet20_cifar", n=200).summary().to_dict()["totals"]
    assert totals["depth"] == 1202
    assert round(totals["params"] / 1e6, 1) == 19.4


@pytest.mark.parametrize(("name", "macs"), [("fcn32s", "124.88"), ("fcn16s", "124.94"), ("fcn8s", "125.00")])
def test_fcn_at_384(name: str, macs: str) -> None:
    """albanie/convnet-burden measures FCNs at 384x384: 125 G each.

    Defeats: an interpolation counted at each position that it writes, not each that it reads.
    """
    totals = archcalc.load(name, input="384x384x3").summary().to_dict()["totals"]
    assert f"{totals['macs'] / 1e9:.2f}" == macs


@pytest.mark.parametrize(
    ("k", "params", "macs"),
    [
        (128, 1_777_641, 641_043_584),
        (192, 3_882_793, 1_400_726_208),
        (256, 6_798_953, 2_453_182_720),
        (384, 15_064_297, 5_436_417_408),
    ],
)
def test_alphago_of_other_widths(k: int, params: int, macs: int) -> None:
    """The paper's four widths. Defeats: one bias for all points, or one more before them."""
    totals = archcalc.load("alphago_policy", k=k).summary().to_dict()["totals"]
    assert (totals["params"], totals["macs"]) == (params, macs)


def test_yolo_of_three_boxes() -> None:
    """cfg/yolov1.cfg of pjreddie/darknet: 197,328,243 floats, moving statistics included.

    Defeats: a last layer that does not follow the boxes, a local layer that shares its weights.
    """
    totals = archcalc.load("yolo_v1_darknet", B=3).summary().to_dict()["totals"]
    assert totals["params"] + totals["buffers"] == 197_328_243
    rows = {r["name"]: r for r in summary("yolo_v1_darknet")["layers"]}
    assert rows["local25"]["params"] == 115_618_048


@pytest.mark.parametrize(
    ("name", "values", "total"),
    [
        # printed by the notebooks of the course, moving statistics included
        ("very_deep", {"n": 8}, 32_522),
        ("very_deep", {"n": 16}, 35_754),
        ("very_deep", {"n": 16, "norm": True}, 36_058),
        ("very_deep", {"n": 64, "norm": True}, 56_218),
        ("residual_study", {"skip": False}, 250_986),
        ("residual_study", {"n": 32}, 353_642),
        ("residual_study", {"n": 128, "norm": True}, 977_770),
        # a unit for each value of the image; the lecture forgets the 480,000 of the output
        ("mlp_400", {"hidden": 480_000}, 230_400_960_001),
    ],
)
def test_lessons_with_other_numbers(name: str, values: dict[str, int], total: int) -> None:
    """Defeats: depths fixed in the spec, norms that stand behind the convolution or for ever."""
    totals = archcalc.load(name, **values).summary().to_dict()["totals"]
    assert totals["params"] + totals["buffers"] == total


def test_ends_behind_convolutions_without_a_pool() -> None:
    """Defeats: a flattening that takes channels and forgets positions."""
    heads = summary("keras_no_pool")["outputs"]
    assert (heads["dense1"]["params"], heads["dense100"]["params"]) == (30_977, 3_097_801)


def test_heads_on_one_vector() -> None:
    """4096 to 1000 classes, to a box, to 14 joints.

    Defeats: heads one behind the other, a head without biases.
    """
    net = summary("alexnet_localization", with_heads=True)
    found = {r["name"]: r["params"] for r in net["layers"]}
    assert (found["scores"], found["box"]) == (4_097_000, 16_388)
    assert net["outputs"]["box"] == {"shape": [4], "params": 16_388, "macs": 16_384}
    assert [r["params"] for r in summary("deeppose")["layers"]][-1] == 114_716


def test_colorization_with_its_decoding() -> None:
    """Defeats: batch norms that learn, a fixed layer that is trained or not counted."""
    totals = summary("colorization", with_heads=True)["totals"]
    assert (totals["params"], totals["macs"]) == (32_231_021, 31_983_744_128)
    assert totals["params"] - totals["trainable"] == 313 * 2 + 2
    # the released file holds one more number for each of seven norms
    assert 4 * (totals["params"] + totals["buffers"] + 7) == 128_944_080


def test_faster_rcnn_on_vgg16() -> None:
    """rbgirshick/py-faster-rcnn: 12 anchors and 81 classes for COCO; arXiv:1506.01497, 3.1.1:
    ~2,400 positions, ~20k anchors, output layers of 2.8e4 parameters.

    Defeats: pools rounded down (37x62), a head on all proposals at once, heads left out.
    """
    coco = archcalc.load("faster_rcnn_vgg16", anchors=12, classes=81).summary().to_dict()
    assert coco["totals"]["params"] == 138_316_573
    one = archcalc.load("faster_rcnn_vgg16", proposals=1).summary().to_dict()
    assert one["totals"]["macs"] == 189_703_575_552
    rows = {r["name"]: r for r in summary("faster_rcnn_vgg16")["layers"]}
    assert rows["conv5_3"]["output"] == [38, 63, 512]
    heads = ["rpn.cls_score", "rpn.bbox_pred", "cls_score", "bbox_pred"]
    assert [rows[name]["params"] for name in heads] == [9_234, 18_468, 86_037, 344_148]
    assert weights([rows[name] for name in heads[:2]]) == 27_648


def test_mask_rcnn_by_part() -> None:
    """torchvision's parts: backbone with pyramid, proposals, heads.

    Defeats: a proposal head for each of five levels, frozen norms among the parameters.
    """
    net = summary("mask_rcnn_resnet50_fpn")
    rows = net["layers"]
    of_rpn = {level: [r for r in rows if r["name"].startswith(f"rpn{level}.")] for level in "23456"}
    sums = {level: sum(r["params"] for r in part) for level, part in of_rpn.items()}
    assert sums == {"2": 593_935, "3": 0, "4": 0, "5": 0, "6": 0}
    names = [r["name"] for r in rows]
    heads = sum(r["params"] for r in rows[names.index("box_pool") :])
    assert heads == 17_008_162
    scales_and_shifts = sum(r["buffers"] for r in rows) // 2
    assert scales_and_shifts == 53_120
    assert net["totals"]["params"] - heads - 593_935 + scales_and_shifts == 26_852_416
    assert {r["layer"] for r in net["uncounted"]} == {"rois", "detections"}
