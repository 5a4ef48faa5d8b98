"""MACs of the backward pass and of a training step, against PyTorch's own counter.

`FlopCounterMode` counts two operations a MAC of what is really called. For a grouped convolution it
takes the gradient of the weights groups times too often, for LSTM on the CPU it counts nothing, and
the gradient of the first state, zero, which a recurrent layer is counted with here, is not computed
there.
"""

from __future__ import annotations

import random

import pytest
from random_networks import network_of

import archcalc
from archcalc import SpecError
from archcalc.ops.base import Op

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from archcalc.witness.build import build as built  # noqa: E402
from archcalc.witness.build import random_inputs  # noqa: E402
from archcalc.witness.measure import train  # noqa: E402


def counted(network: archcalc.Network, batch: int = 1) -> int:
    """MACs of a forward and a backward pass, as PyTorch calls them."""
    module = built(network.graph, training=True)
    inputs = random_inputs(network.graph, batch)
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        train(module, inputs)
    flops = counter.get_total_flops()
    assert flops % 2 == 0
    return int(flops) // 2


CHAINS = [
    # The first layer has no gradient of its input; a conv in front is what saves it.
    "12x12x3 -> conv 3x3 4 -> relu -> conv 3x3 5 stride=2 pad=1 -> fc 7 -> fc 3",
    "12x12x3 -> conv 3x3 4 frozen=yes -> relu -> conv 3x3 5 frozen=yes -> conv 3x3 2 -> fc 3",
    "12x12x3 -> bn -> conv 3x3 4 frozen=yes -> fc 3",
    "12x12x3 -> conv 3x3 4 frozen=yes -> relu",
    "9x9x3 -> tconv 3x3 4 stride=2 -> conv 1x1 2 dilation=1",
    "9x9x3 -> conv 1x1 2 -> tconv 3x3 4 stride=2 pad=1",
    "6x6x6x2 -> conv 3x3x3 4 -> conv 1x1x1 2",
    "20x8 -> conv 3 4 -> linear 6 -> gap -> fc 2",
    "20x8 -> attention 2 -> linear 4",
    "20x8 -> linear 8 -> attention 4",
    "20x8 -> positions -> attention 2",
    "12 -> fc 3",
    "2x5 -> class_token -> linear 3",
    "20x8 -> linear 8 -> attention 4 kv=2",
    "20x8 -> attention 2 key=3 value=5",
    "20x8 -> linear 8 -> attention 2 causal=yes",
    "20x8 -> linear 8 frozen=yes -> attention 2",
    "20x8 -> linear 8 -> attention 2 frozen=yes",
    # Nothing comes back through positions that are chosen.
    "20x8 -> linear 6 -> (add | linear 5 -> argsort axis=0 | linear 5) -> linear 3",
]


@pytest.mark.parametrize("chain", CHAINS)
def test_a_step_is_what_pytorch_computes(chain: str) -> None:
    """Defeats three times the forward pass, and a first or a frozen layer counted like the rest."""
    network = archcalc.load(chain)
    for batch in (1, 3):
        totals = network.summary(batch=batch).totals
        if totals["trainable"]:
            assert totals["step_macs"] == counted(network, batch)
        else:
            assert totals["backward_macs"] == 0
        assert totals["step_macs"] == totals["macs"] + totals["backward_macs"]


@pytest.mark.parametrize("layer", ["rnn 4", "gru 4 biases=two", "rnn 5 returns=last"])
def test_recurrent_layers(layer: str) -> None:
    """Twice the forward pass where a gradient goes on, less that of the input where none does."""
    for front in ("", "linear 6 -> "):
        network = archcalc.load(f"7x6 -> {front}{layer}")
        summary = network.summary()
        (unit,) = [row for row in summary.rows if row.op in ("rnn", "gru")]
        units, maps = unit.layer.op.units, 3 if unit.op == "gru" else 1
        first = maps * units * units  # the gradient of the first state
        assert summary.totals["step_macs"] == counted(network) + first
        if front:
            assert unit.backward_macs == 2 * (unit.macs or 0)
        else:
            assert unit.backward_macs == 2 * (unit.macs or 0) - 7 * maps * units * 6
    lstm = archcalc.load("7x6 -> linear 6 -> lstm 4").summary().rows[-1]
    assert lstm.backward_macs == 2 * (lstm.macs or 0)


def test_frozen_from_outside() -> None:
    """What --freeze holds fixed takes no gradient, and passes none on."""
    network = archcalc.load("12x12x3 -> conv 3x3 4 -> conv 3x3 5 -> fc 7 -> fc 3")
    whole = network.summary().totals["backward_macs"]
    for layer in ("conv1", "conv2", "fc1"):
        frozen = network.freeze(layer)
        totals = frozen.summary().totals
        assert totals["step_macs"] == counted(frozen)
        assert totals["backward_macs"] < whole
    resnet = archcalc.load("resnet18", input="64x64x3", classes=10).freeze("conv1")
    assert resnet.summary().totals["step_macs"] == counted(resnet)


def not_as_called(op: Op) -> bool:
    """Whether the counter counts another number for an op than it takes: groups, a table of
    connections that is a mask there, and what is called as products of matrices though it is no
    layer of them."""
    if op.name in ("lstm", "gru", "rnn", "local", "dwconv", "lcn", "rbf", "subsample", "scale"):
        return True
    return getattr(op, "groups", 1) != 1 or getattr(op, "connect", None) is not None


@pytest.mark.parametrize("seed", range(60))
def test_random_networks(seed: int) -> None:
    """Merges, shared layers, enlargements. Networks with what the counter does not count as it is
    called are passed over."""
    network = archcalc.load("-", stdin=network_of(seed, random.Random(seed).randint(4, 14)))
    if any(not_as_called(layer.op) for layer in network.graph.layers):
        pytest.skip("the counter does not count this as it is called")
    if any(layer.op.needs_batch(*[at.output for at in layer.inputs]) for layer in network.graph.layers):
        pytest.skip("PyTorch does not train this on a single value per channel")
    totals = network.summary().totals
    try:
        found = counted(network)
    except SpecError:
        pytest.skip("no counterpart in PyTorch")
    if network.summary().memory.training.blocked:
        pytest.skip("no gradient comes back from the output")
    if totals["trainable"]:
        assert totals["step_macs"] == found


def test_groups_are_counted_too_often_there() -> None:
    """Why grouped convolutions are not held against the counter: it takes the gradient of their
    weights as that of an ordinary convolution."""
    network = archcalc.load("8x8x4 -> conv 1x1 4 -> conv 3x3 8 groups=2")
    grouped = network.summary().rows[1]
    assert grouped.backward_macs == 2 * (grouped.macs or 0)
    assert counted(network) - network.summary().totals["step_macs"] == grouped.macs
