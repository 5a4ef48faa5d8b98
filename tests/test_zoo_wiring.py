"""The zoo against the layers that Keras and torchvision build, one by one.

Each docstring says which wrong algorithm its test defeats.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from published import Row, facts, summary

WIRING = facts("wiring.json")

OPS = {
    "Conv2d": "conv",
    "Conv2D": "conv",
    "Linear": "fc",
    "Dense": "fc",
    "BatchNorm2d": "bn",
    "BatchNormalization": "bn",
    "SeparableConv2D": "separable",
    "Conv2d, depthwise": "dwconv",
    "DepthwiseConv2D": "dwconv",
    "LayerNorm": "layernorm",
    "LayerNorm2d": "layernorm",
    "layer_scale": "scale",
}


def as_written(layer: list[Any]) -> tuple[str, list[int], int, int]:
    """Op, output, learned values and buffers of a layer, as the specs write it.

    One position is none: a convolution of it, in a gate or at the end of Keras' MobileNet, is the
    matrix of the paper. A matrix at each position is `linear`.
    """
    _, kind, output, params, buffers = layer
    op = OPS[kind]
    if output[:-1] == [1, 1]:
        op, output = "fc" if op == "conv" else op, output[-1:]
    elif op == "fc" and len(output) == 3:
        op = "linear"
    return op, output, params, buffers


NASNET_NAME = re.compile(
    r"""(?: (?:reduction|normal) _ (?P<own>conv|bn) _ 1
          | adjust _ (?P<adjust>conv_1|conv_2|conv_projection|bn)
          | separable_conv _ (?P<turn>[12]) (?P<bn>_bn)? _
            (?:reduction|normal) _ (?P<side>left|right) (?P<block>[1-5])
        ) _ (?P<cell>stem_[12]|reduce_\d+|\d+)""",
    re.VERBOSE,
)


def nasnet_place(name: str) -> tuple[int, ...]:
    """Where a layer of a Keras NASNet stands inside its cell, in the order of paper and spec.

    Keras lists a cell's layers by their distance from the input, so that parallel branches
    interleave; its names say which layer each of them is: h, then p, then the blocks 1 to 5, each
    left then right, each convolution twice, normalisation behind it.
    """
    found = NASNET_NAME.fullmatch(name)
    assert found, name
    if found["own"]:
        return 0, ["conv", "bn"].index(found["own"])
    if found["adjust"]:
        return 1, ["conv_1", "conv_projection", "conv_2", "bn"].index(found["adjust"])
    side = ["left", "right"].index(found["side"])
    return 1 + int(found["block"]), side, int(found["turn"]), bool(found["bn"])


def in_text_order(layers: list[list[Any]]) -> list[int]:
    """Where Keras lists each layer, in the order of the spec: cells as they come, then by place.

    So a NASNet is compared layer by layer, not the layers of a cell as a multiset: every layer has
    one place, and is compared with the one that stands there.
    """
    cells: dict[str, list[int]] = {}
    stem, classifier = [0, 1], [len(layers) - 1]
    for i, layer in enumerate(layers[2:-1], 2):
        found = NASNET_NAME.fullmatch(layer[0])
        assert found, layer
        cells.setdefault(found["cell"], []).append(i)
    for cell in cells.values():
        cell.sort(key=lambda i: nasnet_place(layers[i][0]))
    return stem + [i for cell in cells.values() for i in cell] + classifier


def shortcut_last(layers: list[list[Any]]) -> list[int]:
    """Where each layer of a residual net is listed, in the order of the spec.

    Keras lists the projection of a unit, `convS_blockU_0`, between the layers of its last
    convolution, torchvision's RegNet `proj` in front; the paper and the spec put it behind them.
    """
    units: dict[str, list[int]] = {}
    for i, (name, *_) in enumerate(layers):
        found = re.match(r"conv\d_block\d+|trunk_output\.\w+\.\w+-\d+|\w+", name)
        assert found, name
        units.setdefault(found[0], []).append(i)
    for unit in units.values():
        unit.sort(key=lambda i: bool(re.search(r"_0_|\.proj\.", layers[i][0])))
    return [i for unit in units.values() for i in unit]


def as_made(layers: list[list[Any]]) -> list[int]:
    """Where Keras lists each layer of an Inception, in the order of the spec.

    Keras lists the branches of a module abreast, but numbers convolutions and norms as the code
    makes them: branch by branch, each convolution with its norm. Layers that the code names (the
    last convolution of a residual) stand behind all that they read.
    """
    order: list[int] = []
    abreast: list[tuple[int, bool, int]] = []
    for i, (name, *_) in enumerate(layers):
        if found := re.fullmatch(r"(batch_normalization|conv2d)(?:_(\d+))?", name):
            abreast.append((int(found[2] or 0), found[1] != "conv2d", i))
        else:
            order += [place for *_, place in sorted(abreast)] + [i]
            abreast = []
    return order


IN_ORDER = {
    "keras NASNetMobile": in_text_order,
    "keras ResNet50": shortcut_last,
    "keras ResNet50V2": shortcut_last,
    "keras ResNeXt50": shortcut_last,
    "torchvision regnet_y_400mf": shortcut_last,
    "keras InceptionV3": as_made,
    "keras InceptionResNetV2": as_made,
}


def order_of(model: str) -> list[int]:
    """The places of the layers of a model in the order of the spec."""
    layers = WIRING[model]["layers"]
    return IN_ORDER[model](layers) if model in IN_ORDER else list(range(len(layers)))


class Weighted(NamedTuple):
    """A layer that holds values; depthwise and the 1x1 right behind it are one, as in Keras."""

    op: str
    output: list[int]
    params: int
    buffers: int


def weighted(rows: list[Row]) -> tuple[list[Weighted], list[set[int]]]:
    """The layers that hold values, and for each the places of the nearest of them upstream."""
    layers: list[Weighted] = []
    sources: list[set[int]] = []
    upstream: dict[str, set[int]] = {}
    depthwise: Row | None = None
    separable = {
        row["name"]
        for row, behind in pairwise(rows)
        if row["op"] == "dwconv" and behind["op"] == "conv" and behind["inputs"] == [row["name"]]
    }
    for row in rows:
        reads = set().union(*(upstream.get(name, set()) for name in row["inputs"]))
        upstream[row["name"]] = reads
        if not row["params"] + row["buffers"]:
            continue
        op, params = row["op"], row["params"]
        if row["name"] in separable:
            depthwise = row
            continue
        if depthwise is not None:
            assert row["output"][:2] == depthwise["output"][:2]
            op, params, depthwise = "separable", params + depthwise["params"], None
        upstream[row["name"]] = {len(layers)}
        layers.append(Weighted(op, row["output"], params, row["buffers"]))
        sources.append(reads)
    return layers, sources


@pytest.mark.parametrize("model", WIRING)
def test_parameterised_layers_agree_in_order(model: str) -> None:
    """Each layer with weights, one by one, in order: class, output, learned values, buffers.

    Defeats: errors that cancel in a total (a stride moved from one layer to the next, widths
    swapped between branches, a projection in the wrong unit), biases in front of batch norm,
    buffers counted as parameters.
    """
    known = WIRING[model]
    layers = known["layers"]
    order = order_of(model)
    expected = [Weighted(*as_written(layers[i])) for i in order]
    report = summary(known["net"])
    assert report["input"] == known["input"]
    assert weighted(report["layers"])[0] == expected


@pytest.mark.parametrize("model", [model for model, known in WIRING.items() if "sources" in known])
def test_layers_read_what_they_read_in_keras(model: str) -> None:
    """Defeats: the two inputs of a NASNet cell exchanged, which changes no count and no shape."""
    known = WIRING[model]
    order = order_of(model)
    place = {i: at for at, i in enumerate(order)}
    expected = [{place[source] for source in known["sources"][i]} for i in order]
    assert weighted(summary(known["net"])["layers"])[1] == expected
