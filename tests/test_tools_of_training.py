"""`explain TARGET step_macs --tools`: a training step by several ways of counting, against FlopCounterMode
that runs on a forward and a backward pass without values."""

from __future__ import annotations

import json

import pytest
from calling import call

import archcalc
from archcalc.analysis.tools_of_training import TrainingFigures

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from archcalc.witness.build import build, random_inputs  # noqa: E402


def printed(network: archcalc.Network) -> tuple[int, int]:
    """FLOPs of the forward pass and of the backward pass, as FlopCounterMode counts them on meta."""
    module = build(network.graph, training=True).to("meta")
    inputs = [tensor.to("meta") for tensor in random_inputs(network.graph, 1)]
    with FlopCounterMode(display=False) as counter:
        output = module(*inputs)
    forward = counter.get_total_flops()
    loss = sum([tensor.sum() for tensor in output.values()])
    with FlopCounterMode(display=False) as counter:
        loss.backward()
    return int(forward), int(counter.get_total_flops())


TARGETS = [
    "12x12x3 -> conv 3x3 4 -> relu -> conv 3x3 6 stride=2 pad=1 -> fc 7 -> fc 3",
    "12x12x4 -> conv 3x3 8 groups=2 -> conv 3x3 8 groups=4 -> gap -> fc 3",
    "12x12x4 -> conv 1x1 6 -> dwconv 3x3 -> conv 1x1 8",
    "9x9x4 -> conv 1x1 4 -> tconv 3x3 6 stride=2 groups=2",
    "9x9x4 -> tconv 3x3 6 stride=2 groups=2 -> conv 1x1 2",
    "20x8 -> conv 3 4 groups=4 -> linear 6 -> gap -> fc 2",
    "20x8 -> linear 8 -> attention 4",
    '9x9x3 -> conv 1x1 3 -> conv 3x3 4 connect="1011 1111 0110" -> conv 1x1 2',
    "resnet18",
    "mobilenet_v2",
]


@pytest.mark.parametrize("freeze", [False, True])
@pytest.mark.parametrize("target", TARGETS)
def test_flop_counter_mode_on_a_step(target: str, freeze: bool) -> None:
    """Defeats a fault that is counted once for all groups, for the gradient of the input too, or for
    frozen weights, a transposed convolution that has none, and connections for a kernel that is whole."""
    network = archcalc.load(target)
    if freeze:
        network = network.freeze(network.graph.layers[len(network.graph.layers) // 2 - 1].name)
    row = next(row for row in TrainingFigures(network.graph).rows if row.counter == "flopcounter-meta")
    assert (row.forward, row.backward) == printed(network)


def test_the_rows() -> None:
    """Defeats three times the forward pass for all, and MACs among FLOPs."""
    totals = archcalc.load("mobilenet_v2").summary().totals
    found = json.loads(call("explain", "mobilenet_v2", "step_macs", "--tools", "--format", "json").out)
    rows = {row["counter"]: row for row in found["training"]}
    exact = rows["archcalc"]
    assert exact["forward"] == 2 * totals["macs"]
    assert exact["backward"] == 2 * totals["backward_macs"]
    assert exact["step"] == 2 * totals["step_macs"]
    assert rows["2:1"]["backward"] == 2 * exact["forward"] > exact["backward"]
    assert rows["deepspeed"]["backward"] == 2 * rows["deepspeed"]["forward"]
    assert rows["flopcounter-meta"]["backward"] - exact["backward"] == rows["flopcounter-meta"]["fault"] > 0
    assert found["saved_by_freezing"] == 0


def test_what_freezing_saves() -> None:
    """Defeats a saving in weights alone, where the gradient does not go on either, and what is lost of the
    first layer whose input has no gradient now."""
    whole = archcalc.load("vgg16")
    part = whole.freeze("pool4")
    found = TrainingFigures(part.graph)
    less = whole.summary().totals["backward_macs"] - part.summary().totals["backward_macs"]
    assert found.saved == 2 * less > 0
    text = call("explain", "vgg16", "step_macs", "--tools", "--freeze", "pool4").out
    assert f"freezing saves {2 * less:,} FLOPs" in " ".join(text.split())


@pytest.mark.parametrize("form", ["csv", "plain", "markdown", "latex"])
def test_every_format(form: str) -> None:
    answer = call("explain", "resnet18", "backward_macs", "--tools", "--format", form)
    assert answer.code == 0
    digits = "".join([c for c in answer.out if c.isdigit()])
    assert str(2 * archcalc.load("resnet18").summary().totals["step_macs"]) in digits
