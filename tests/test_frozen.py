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
