"""Readings of every quantity, and not of the parameters and MACs alone.

The wrong ways to defeat: a table of readings by the name of the quantity, in which bytes of the
parameters, trainable parameters and biases have none; two bias vectors a gate that are known as
parameters and not as operations; a flattening said of what is a vector already.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from calling import call

CONV = "32x32x3 -> conv 3x3 8"
LSTM = "16x32 -> lstm 8"


def answered(target: str, answer: str) -> dict[str, Any]:
    found = json.loads(call("check", target, answer, "--format", "json").out)["answers"][0]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("target", "answer", "words"),
    [
        (CONV, "param_bytes=448", "2 bytes per value, as in half precision"),
        (CONV, "param_bytes=1792", "8 bytes per value, as in double precision"),
        (CONV, "param_bytes=864", "bias forgotten"),
        (CONV, "activation_bytes=14400", "2 bytes per value, as in half precision"),
        (CONV, "trainable=216", "bias forgotten"),
        (CONV, "biases=216", "weights in the place of the biases"),
        (CONV, "biases=1", "one bias for the whole layer"),
        ("vgg16", "param_bytes=276715088", "2 bytes per value, as in half precision"),
        ("vgg16", "trainable=19961024", None),
        ("alexnet", "depth=5", "convolutions only"),
        ("alexnet", "depth=11", "pooling layers counted"),
        ("alexnet", "depth=7", "as printed in lecture slides"),  # before what it also comes to
        ("alexnet", "depth=9", "the input counted as a layer"),
        (f"{CONV} -> maxpool 2x2 -> conv 3x3 4 -> fc 10", "depth=2", "convolutions only"),
        (LSTM, "params=288", "weights of the input forgotten"),
        ("28x28x4 -> maxpool 2x2", "macs=3136", "a multiply-add for every value of a pooling window"),
        ("28x28x4 -> maxpool 2x2", "flops=3136", "an operation for every value of a pooling window"),
        ("28x28x4 -> avgpool 2x2", "macs=12544", "pooling layer counted as a convolution"),
        # A class token is a vector: nothing is flattened.
        ("vit_b_16", "params=85.8M", "head left out of the sum"),
    ],
)
def test_wrong(target: str, answer: str, words: str | None) -> None:
    found = answered(target, answer)
    assert found["verdict"] == "wrong"
    shown = [reading["words"] for reading in found["readings"]]
    assert shown[:1] == ([words] if words else []), shown


@pytest.mark.parametrize(
    ("target", "answer", "words"),
    [
        (CONV, "param_bytes=224", "memory is counted in values"),
        (CONV, "activation_bytes=7200", "memory is counted in values"),
        (
            "8x8x4 -> layernorm",
            "params=512",
            "a scale and a shift for each value, as nn.LayerNorm([C, H, W]) has them",
        ),
        (LSTM, "macs=21504", "additions of the biases counted too, two a gate"),
        (f"{LSTM} biases=two", "macs=20992", "additions of the biases counted too, one a gate"),
        (
            LSTM,
            "flops=21504",
            "a multiply and an add as one operation: MACs, and additions of the "
            "biases counted too, two a gate",
        ),
    ],
)
def test_right_by_another_convention(target: str, answer: str, words: str) -> None:
    found = answered(target, answer)
    assert (found["verdict"], found["convention"]) == ("convention", words)


@pytest.mark.parametrize(
    "macs",
    [
        16 * 8 * (4 * 40 + 12),  # three bias vectors a gate
        16 * 8 * (4 * 40 + 16),  # both conventions of biases on top of each other
    ],
)
def test_biases_are_counted_by_one_convention_at_a_time(macs: int) -> None:
    assert answered(LSTM, f"macs={macs}")["verdict"] == "wrong"


def test_convolutions_only_where_there_is_one() -> None:
    """An LSTM is no convolution: its MACs alone are a layer left out."""
    assert answered(f"{LSTM} -> fc 4", "total.macs=20480")["verdict"] == "wrong"
    net = "8x8x3 -> conv 3x3 4 -> fc 10"
    assert answered(net, f"total.macs={36 * 27 * 4}")["verdict"] == "convention"


def test_bytes_of_parameters_have_their_working() -> None:
    found = answered(CONV, "param_bytes=5")
    assert found["working"][0]["numbers"] == "3*3*3*8*4 + 8*4"


def test_a_layer_norm_of_a_sequence_is_over_its_channels() -> None:
    """nn.LayerNorm([C, H, W]) is of images."""
    assert answered("10x16 -> layernorm", "params=320")["verdict"] == "wrong"


def test_a_depth_is_no_count_of_things() -> None:
    found = call("check", "vgg16", "depth=19").out
    assert "depth 19" in found
    assert "19 depth" not in found
