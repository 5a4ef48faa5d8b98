"""The profiles of tools that cannot be run here, beside figures that were published with them.

- `tf-profiler`: google-research/receptive_field, RECEPTIVE_FIELD_TABLE.md, cumulative up to each end point.
- `burden`: albanie/convnet-burden, README.md and reports/*.md; the reports are for a batch of 128.
- `darknet`: pjreddie.com/darknet: what it prints of Darknet-19, its tables; the YOLOv2 paper, section 3.2.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import archcalc
from archcalc.counters import count, profile
from archcalc.graph import Layer

PUBLISHED = json.loads((Path(__file__).parent / "data" / "receptive_field_flops.json").read_text("utf-8"))
ROWS = [(net, *row) for net, rows in PUBLISHED["models"].items() for row in rows]

ALEXNET_V2 = (
    "conv 11x11 64 stride=4 -> relu -> maxpool 3x3 stride=2 -> conv 5x5 192 pad=2 -> relu"
    " -> maxpool 3x3 stride=2 -> conv 3x3 384 pad=1 -> relu -> conv 3x3 384 pad=1 -> relu"
    " -> conv 3x3 256 pad=1 -> relu -> maxpool 3x3 stride=2"
)
# The AlexNet of MatConvNet: two groups, and no normalisation.
ALEXNET_MCN = (
    "conv 11x11 96 stride=4 -> relu -> maxpool 3x3 stride=2 -> conv 5x5 256 pad=2 groups=2 -> relu"
    " -> maxpool 3x3 stride=2 -> conv 3x3 384 pad=1 -> relu -> conv 3x3 384 pad=1 groups=2 -> relu"
    " -> conv 3x3 256 pad=1 groups=2 -> relu -> maxpool 3x3 stride=2"
)
HEAD = " -> fc 4096 -> relu -> fc 4096 -> relu -> fc 1000"
# Layer by layer: filters, and the BFLOPs that darknet prints; 0 is a pool.
DARKNET_19 = (
    *((32, 0.113), (0, 0), (64, 0.604), (0, 0), (128, 0.604), (-64, 0.067), (128, 0.604), (0, 0)),
    *((256, 0.604), (-128, 0.067), (256, 0.604), (0, 0), (512, 0.604), (-256, 0.067), (512, 0.604)),
    *((-256, 0.067), (512, 0.604), (0, 0), (1024, 0.604), (-512, 0.067), (1024, 0.604), (-512, 0.067)),
    (1024, 0.604),
)


def end_of(net: str, end: str, layers: list[Layer]) -> int:
    """How many layers stand up to an end point of TF-Slim, by the names that the zoo has for them."""
    if net == "alexnet_v2":
        end = {"pool1": "maxpool1", "pool2": "maxpool2", "pool5": "maxpool3"}.get(end, end)
    elif net == "inception_v3":
        end = {"MaxPool_3a_3x3": "maxpool1", "MaxPool_5a_3x3": "maxpool2"}.get(end, end)
    elif net == "mobilenet_v1":
        number = int(re.findall(r"Conv2d_(\d+)", end)[0])
        block = f"sep7_{number - 6}" if 7 <= number <= 11 else f"sep{number}"
        end = f"{block}.pw" if number else "conv1"
    places = [n for n, layer in enumerate(layers, 1) if f"{layer.name}.".startswith(f"{end}.")]
    return places[-1]


@pytest.mark.parametrize(("net", "end", "side", "gflops"), ROWS)
def test_the_profiler_of_tensorflow(net: str, end: str, side: int, gflops: float) -> None:
    """Defeats: biases, batch norms or pools left out, and a pool counted by its input: each shows in the
    third digit of some end point."""
    sizes = f"{side}x{side}x3"
    zoo = {"inception_v3": "inception_v3_keras", "mobilenet_v1": "mobilenet"}
    if net == "alexnet_v2":
        graph = archcalc.load(f"{sizes} -> {ALEXNET_V2}").graph
    elif net == "vgg_16":
        graph = archcalc.load("vgg16", input=sizes, until="pool5").graph
    else:
        graph = archcalc.load(zoo[net], input=sizes).graph
    layers = list(graph.main())
    found = count(profile("tf-profiler"), graph, layers=layers[: end_of(net, end, layers)]).figure
    assert abs(found - round(gflops * 10**9)) <= 510_000


@pytest.mark.parametrize(
    ("target", "side", "end", "gflops"),
    [
        *[(ALEXNET_MCN, side, "", n) for side, n in ((114, 15), (227, 86), (341, 200))],
        *[(ALEXNET_MCN, side, "", n) for side, n in ((454, 361), (568, 572), (681, 829))],
        *[("squeezenet1_0", side, "fire9", n) for side, n in ((112, 22), (224, 96), (336, 221))],
        *[("squeezenet1_0", side, "fire9", n) for side, n in ((448, 398), (560, 626), (672, 906))],
        *[("squeezenet1_1", side, "fire9", n) for side, n in ((336, 81), (448, 146), (560, 230), (672, 333))],
        *[("resnet18", side, "conv5_2", n) for side, n in ((112, 62), (224, 233), (336, 536), (448, 932))],
        *[("resnet34", side, "conv5_3", n) for side, n in ((112, 124), (224, 470))],
        *[("resnet50_v1", side, "conv5_3", n) for side, n in ((112, 131), (224, 497))],
        *[("resnext50", side, "conv5_3", n) for side, n in ((112, 143), (224, 545))],
        ("vgg16", 112, "pool5", 493),
    ],
)
def test_reports_of_convnet_burden(target: str, side: int, end: str, gflops: int) -> None:
    """Defeats: a ReLU that counts once, a pool by its window instead of its step, batch norms that count."""
    sizes = f"{side}x{side}x3"
    if target is ALEXNET_MCN:
        graph = archcalc.load(f"{sizes} -> {target}").graph
    elif target == "vgg16":
        graph = archcalc.load(target, input=sizes, until=end).graph
    else:
        graph = archcalc.load(target, input=sizes).graph
    layers = list(graph.main())
    if end:
        places = [n for n, layer in enumerate(layers, 1) if f"{layer.name}.".startswith(f"{end}.")]
        layers = layers[: places[-1]]
    found = 128 * count(profile("burden"), graph, layers=layers).figure
    assert round(found / 10**9) == gflops


@pytest.mark.parametrize(
    ("target", "mflops"),
    [(f"227x227x3 -> {ALEXNET_MCN}{HEAD}", 727), ("squeezenet1_0", 837), ("squeezenet1_1", 360)],
)
def test_table_of_convnet_burden(target: str, mflops: int) -> None:
    """Defeats: a global pool that counts nothing: SqueezeNet would have 836 MFLOPs."""
    assert round(archcalc.load(target).count("burden").figure / 10**6) == mflops


def test_layers_of_darknet() -> None:
    """Defeats: biases, norms or activations that count: the third digit of the first layer shows them."""
    steps = []
    for filters, _ in DARKNET_19:
        kernel = "3x3" if filters > 0 else "1x1"
        conv = f"conv {kernel} {abs(filters)} pad=same -> leaky_relu"
        steps.append(conv if filters else "maxpool 2x2")
    counted = archcalc.load("256x256x3 -> " + " -> ".join(steps)).count("darknet")
    found = [round(layer.figure / 10**9, 3) for layer in counted.layers if layer.op == "conv"]
    assert found == [figure for filters, figure in DARKNET_19 if filters]


@pytest.mark.parametrize(
    ("target", "options", "billions"),
    [("alexnet", {}, 2.27), ("yolo_v1_darknet", {"B": 3}, 40.19), ("vgg16", {"until": "pool5"}, 30.69)],
)
def test_tables_of_darknet(target: str, options: dict[str, object], billions: float) -> None:
    """Defeats: one operation per MAC, and YOLO's locally connected layer counted as a convolution."""
    assert round(archcalc.load(target, **options).count("darknet").figure / 10**9, 2) == billions  # type: ignore[arg-type]
