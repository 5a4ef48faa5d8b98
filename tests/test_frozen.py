"""Layers that are held fixed: what training holds of them, and rows that stand for several."""

from __future__ import annotations

import json
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.analysis.training import OPTIMIZERS

TURNS = """block unit c
  add
    | conv 3x3 c pad=1 -> prelu -> conv 3x3 c pad=1
    | identity
  prelu

net turns
  input 16x16x8
  s: 4 x unit 8
  fc 10
"""
CONV, SLOPES, FC = 3 * 3 * 8 * 8 + 8, 8, 16 * 16 * 8 * 10 + 10
UNIT = 2 * (CONV + SLOPES)


def training(*options: str) -> dict[str, Any]:
    answer = call("summary", "-", *options, "--format", "json", stdin=TURNS)
    found: dict[str, Any] = json.loads(answer.out)
    return found


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("frozen", "held"), [("s_1", UNIT), ("s_3", 3 * UNIT), ("fc1", None)])
def test_mixed_precision_with_frozen_layers(optimizer: str, frozen: str, held: int | None) -> None:
    """Frozen parameters stand in half precision once: no master copy, no gradient, no state.
    Defeats: a master copy of all parameters; states of what is never stepped; gradients of
    what is held fixed."""
    whole = 4 * UNIT + FC
    trained = 0 if held is None else whole - held
    found = training("--freeze", frozen, "--optimizer", optimizer, "--mixed", "--dtype", "fp16")
    values = {entry["what"]: entry["values"] for entry in found["training"]["ledger"]}
    assert values["parameters"] == whole
    for what in ("master copy", "gradients", *OPTIMIZERS[optimizer].state):
        assert values.get(what, 0) == trained, what
    state = 4 * len(OPTIMIZERS[optimizer].state)
    kept = found["totals"]["saved_bytes"]
    assert found["training"]["bytes"] == 2 * whole + (4 + 2 + state) * trained + kept
    # Without mixed precision there is one width and no copy.
    plain = training("--freeze", frozen, "--optimizer", optimizer)
    widths = 4 * (1 + len(OPTIMIZERS[optimizer].state))
    assert plain["training"]["bytes"] == (4 * whole + widths * trained + plain["totals"]["saved_bytes"])


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_rows_that_stand_for_several_do_not_hide_what_is_frozen(turns: int) -> None:
    """Turns that are held fixed and turns that are trained make rows of their own. Defeats: `the
    same` of layers that are not trained alike."""
    network = archcalc.load("-", stdin=TURNS).freeze(f"s_{turns}")
    screen = network.summary()
    rows = call("summary", "-", "--freeze", f"s_{turns}", stdin=TURNS).out
    trained = [row for row in screen.rows if row.trainable]
    assert len(trained) == 4 * (4 - turns) + 1
    assert f"s_{turns}..{turns + 1}" not in rows
    runs = [line.split()[0] for line in rows.splitlines() if "the same" in line]
    for run in runs:
        first, _, last = run.removeprefix("s_").partition("..")
        numbers = range(int(first), int(last or first) + 1)
        # A row says `the same` as the turn above it.
        assert len({number > turns for number in (int(first) - 1, *numbers)}) == 1


def test_an_inline_layer_that_is_trained_parts_a_run() -> None:
    """The cut goes through a unit: its convolutions are held fixed, the activation that rides on
    its sum is not. Defeats: turns compared by what has rows of its own."""
    rows = call("summary", "-", "--freeze", "s_2.add", stdin=TURNS).out
    for line in rows.splitlines():
        if "the same" in line:
            assert line.split()[0] not in ("s_2", "s_1..2", "s_2..3", "s_2..4")


def test_frozen_layers_of_a_chain() -> None:
    """Parameters in bfloat16, all else of what is trained alone. Defeats: copies of all."""
    found = json.loads(
        call(
            "summary",
            "8x8x3 -> conv 3x3 4 -> fc 5",
            "--freeze",
            "conv1",
            "--optimizer",
            "adam",
            "--mixed",
            "--dtype",
            "bf16",
            "--format",
            "json",
        ).out
    )
    values = {entry["what"]: entry["values"] for entry in found["training"]["ledger"]}
    assert values["parameters"] == 112 + 725
    assert values["master copy"] == values["gradients"] == values["first moment"] == 725


# Some tensors of a layer ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chain", "layer", "trained"),
    [
        ("8x8x4 -> conv 3x3 5 frozen=weight", "conv1", 5),
        ("8x8x4 -> conv 3x3 5 frozen=bias", "conv1", 180),
        ('8x8x4 -> conv 3x3 5 frozen="weight bias"', "conv1", 0),
        ("8x8x4 -> bn frozen=weight", "bn1", 4),
        ("8x8x4 -> bn frozen=no", "bn1", 8),
        ("9x6 -> lstm 4 layers=2 frozen=weight_hh_l1", "lstm1", 16 * 11 + 16 * 5),
        ("9x8 -> attention 2 frozen=in_proj_weight", "attention1", 24 + 64 + 8),
    ],
)
def test_some_tensors_are_frozen(chain: str, layer: str, trained: int) -> None:
    """Counted by hand; parameters stay parameters. Defeats a flag that freezes all or nothing, and
    frozen parameters of a norm that become buffers."""
    network = archcalc.load(chain)
    at = network.layer(layer)
    assert at.trainable == trained
    assert at.facts.params == archcalc.load(chain.partition(" frozen")[0]).layer(layer).facts.params
    totals = network.summary().totals
    assert totals["trainable"] == trained
    found = json.loads(call("explain", chain, layer, "--format", "json").out)
    assert str(trained) in json.dumps(found) or not trained


@pytest.mark.parametrize(
    "chain",
    [
        "8x8x4 -> conv 3x3 5 frozen=weight -> bn frozen=weight -> fc 3 frozen=bias",
        "8x4 -> linear 5 frozen=bias -> linear 6 frozen=weight -> layernorm frozen=bias -> linear 2",
        "8x4 -> linear 5 frozen=weight -> scale shift=yes frozen=weight -> gru 3 frozen=bias_ih_l0",
        '7 -> fc 5 -> fc 4 frozen="weight bias" -> fc 3',
    ],
)
def test_pytorch_agrees_where_some_are_frozen(chain: str) -> None:
    """Tensor by tensor, and what is kept and computed for backward. Defeats inputs that are kept for a
    weight that takes no gradient."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    answer = call("verify", chain)
    assert (answer.code, answer.err) == (0, "")
    assert "✗" not in answer.out
    assert "agree" in answer.out


def test_weights_that_are_trained_in_part() -> None:
    """Of several weights in one layer no rule tells what each needs: it is said, and not counted as if
    all were trained. Defeats a silent upper bound."""
    found = json.loads(call("summary", "9x6 -> lstm 4 layers=2 frozen=weight_hh_l1", "--format", "json").out)
    assert {"layer": "lstm1", "quantity": "saved"} in found["uncounted"]


def test_a_tensor_that_is_not_there() -> None:
    """Defeats a name that freezes nothing, unnoticed."""
    answer = call("summary", "9x6 -> lstm 4 frozen=wieght")
    assert (answer.code, answer.out) == (2, "")
    assert "`lstm` has no tensor `wieght`" in answer.err
    answer = call("summary", "-", stdin="net a\n  input 4\n  a: fc 4\n  fc 4 like=a frozen=bias\n")
    assert answer.code == 2
    assert "what shares its parameters cannot be frozen" in answer.err


def test_a_module_that_is_trained_in_part() -> None:
    """What requires no gradient in a module of one's own. Defeats a layer that is taken for trained where
    one of its tensors is, and norms whose frozen parameters become buffers."""
    nn = pytest.importorskip("torch", reason="PyTorch is not installed").nn
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(2), nn.LSTM(36, 5, 2))
    module[0].weight.requires_grad_(False)
    module[1].requires_grad_(False)
    module[3].weight_hh_l1.requires_grad_(False)
    totals = archcalc.load(module, input="8x8x3").summary().totals
    parameters = list(module.parameters())
    assert totals["params"] == sum(p.numel() for p in parameters)
    assert totals["trainable"] == sum(p.numel() for p in parameters if p.requires_grad)
    assert totals["buffers"] == 16


def test_a_sum_over_what_is_trained_in_part_is_a_lower_bound() -> None:
    """Of a layer that is trained in part nobody knows the gradients' MACs. Defeats: a sum without it that
    is taken for all, and a norm that is counted so though it has no MACs."""
    partly = archcalc.load('6x8 -> linear 8 -> attention 2 frozen="in_proj_weight" -> linear 3').summary()
    (row,) = [row for row in partly.rows if row.op == "attention"]
    assert row.backward_macs is None
    assert "backward_macs" in partly.totals["at_least"]
    assert "macs" not in partly.totals["at_least"]
    assert {"layer": row.name, "quantity": "backward"} in partly.uncounted
    norm = archcalc.load('8x8x4 -> conv 3x3 5 -> bn frozen="weight" -> conv 1x1 2').summary()
    assert "at_least" not in norm.totals or "backward_macs" not in norm.totals["at_least"]
