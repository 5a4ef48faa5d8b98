"""Receptive fields of the zoo against those measured and published.

Each docstring says which wrong algorithm its test defeats.
"""

from __future__ import annotations

import re
from itertools import takewhile

import pytest
from published import FIGURES, TEST_SPECS, Row, facts, field, fields, inside, square

FIELDS_TORCHVISION = facts("receptive_field_torchvision.json")
FIELDS_SLIM = facts("receptive_field_slim.json")


@pytest.mark.parametrize("name", [name for name, figures in FIGURES.items() if figures.rf])
def test_receptive_field_of_the_features(name: str) -> None:
    """Defeats: a global pool that widens the field, the shorter path of a residual unit taken."""
    last = [r for r in fields(name) if not r["rf"]["global"]][-1]
    assert last["rf"]["size"] == [FIGURES[name].rf, FIGURES[name].rf]


def before_flattening(rows: list[Row]) -> list[Row]:
    return list(takewhile(lambda r: not r["rf"]["global"] and r["op"] != "adaptive_avgpool", rows))


# labels of torchvision that are others here
SAME = {"maxpool": "pool1", "conv0": "conv1", "pool0": "pool1"}


def torchvision_points(name: str) -> dict[str, Row]:
    """For each module of torchvision's model that was measured, the row of archcalc that it is.

    A sequential net is matched by order alone, all convolutions and pools (AlexNet: activations
    too). In a ResNet `layerS.U` is the last layer of unit `conv(S+1)_(U+1)`; in GoogLeNet the
    modules have the same names, the end of a branch is its last activation, the end of a module its
    concatenation. In a DenseNet a dense layer ends with its concatenation. In MobileNetV2
    `features.N` is unit N of all stages; a convolution stands before and behind them.
    """
    rows = fields(name)
    modules = [point[0] for point in FIELDS_TORCHVISION[name]]
    if name in ("alexnet_torchvision", "vgg16"):
        ops = {"conv", "maxpool", "relu"} if name == "alexnet_torchvision" else {"conv", "maxpool"}
        features = [r for r in before_flattening(rows) if r["op"] in ops]
        return dict(zip(modules, features, strict=True))
    if name == "mobilenet_v2":
        units = {r["name"].partition(".")[0]: r for r in before_flattening(rows)}
        return dict(zip(modules, units.values(), strict=True))
    points = {}
    for module in modules:
        if unit := re.fullmatch(r"layer(\d)\.(\d+)", module):
            points[module] = inside(rows, f"conv{int(unit[1]) + 1}_{int(unit[2]) + 1}")[-1]
        elif branch := re.fullmatch(r"(inception\w+)\.branch(\d)", module):
            ends = [r for r in inside(rows, branch[1]) if r["op"] == "relu"]
            assert len(ends) == 6
            points[module] = ends[{"1": 0, "2": 2, "3": 4, "4": 5}[branch[2]]]
        elif dense := re.fullmatch(r"features\.denseblock(\d)(?:\.denselayer(\d+))?", module):
            place = f"dense{dense[1]}_" + (f"{dense[2]}." if dense[2] else "")
            points[module] = [r for r in rows if r["name"].startswith(place)][-1]
            assert points[module]["op"] == "concat"
        else:
            label = module.removeprefix("features.")
            points[module] = inside(rows, SAME.get(label, label))[-1]
    return points


@pytest.mark.parametrize("name", FIELDS_TORCHVISION)
def test_receptive_fields_of_torchvision(name: str) -> None:
    """Size, stride and start of every measured point.

    Defeats: the last path instead of the widest one at a merge, padding that shrinks the field, the
    stride of a layer applied to its own window, ceil mode that moves the windows, a 5x5 branch
    where torchvision has 3x3.
    """
    points = torchvision_points(name)
    known = FIELDS_TORCHVISION[name]
    expected = {module: square(size, stride, start) for module, size, stride, start, _ in known}
    assert {module: field(row) for module, row in points.items()} == expected


SLIM_NETS = {
    "vgg_16": "vgg16",
    "alexnet_v2": str(TEST_SPECS / "alexnet_v2.arch"),
    "inception_v3": "inception_v3_keras",
    "mobilenet_v1": "mobilenet",
}


# end points of slim that are called as torchvision calls them
POOLS = {"MaxPool_3a_3x3": "maxpool1", "MaxPool_5a_3x3": "maxpool2"}


def slim_label(point: str) -> str:
    """The label that an end point of slim has here: MobileNet's five equal layers are one line."""
    label = point.split("/")[-1]
    if not (found := re.fullmatch(r"Conv2d_(\d+)(_pointwise)?", label)):
        return POOLS.get(label, label)
    number = int(found[1])
    if number == 0:
        return "conv1"
    return f"sep7_{number - 6}.pw" if 7 <= number <= 11 else f"sep{number}.pw"


@pytest.mark.parametrize("resolution", [None, 224, 321])
@pytest.mark.parametrize("model", SLIM_NETS)
def test_receptive_fields_of_slim(model: str, resolution: int | None) -> None:
    """The published table at each of its resolutions; null is "undefined", so the spec's own input.

    Defeats: 1x7 and 7x1 counted on both axes, SAME padding that depends on the resolution where the
    stride is 1.
    """
    rows = fields(SLIM_NETS[model], resolution and f"{resolution}x{resolution}x3")
    known = [point for point in FIELDS_SLIM[model] if point[1] == resolution]
    counts = {"vgg_16": 13, "alexnet_v2": 7, "inception_v3": 18, "mobilenet_v1": 14}
    assert len(known) == counts[model]
    for point, _, size, stride, padding in known:
        found = field(inside(rows, slim_label(point))[-1])
        start = found[2][0] if padding is None else -padding
        assert found == square(size, stride, start), point


@pytest.mark.parametrize("resolution", [None, 224, 321])
def test_receptive_fields_of_slim_resnet_v1_50(resolution: int | None) -> None:
    """Sizes at the ends of the stages, where slim's ResNet has taken the next stage's stride.

    So its stride is twice ours until the last stage. At 321, where its SAME padding is symmetric as
    ours always is, the starts agree too. Defeats: the stride of v1 on the 3x3 (427 for 483).
    """
    ends = {"block1": "conv2_3", "block2": "conv3_4", "block3": "conv4_6", "block4": "conv5_3"}
    rows = fields("resnet50_v1", resolution and f"{resolution}x{resolution}x3")
    known = [point for point in FIELDS_SLIM["resnet_v1_50"] if point[1] == resolution]
    assert len(known) == 4
    for point, _, size, stride, padding in known:
        block = point.split("/")[-1]
        found = inside(rows, ends[block])[-1]["rf"]
        assert found["size"] == [size, size]
        assert found["stride"] == [stride if block == "block4" else stride // 2] * 2
        if resolution == 321:
            assert found["start"] == [-padding, -padding]
