"""Values of layers on literal numbers, against PyTorch in double precision."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import archcalc
from archcalc.values import run

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
from archcalc.witness.build import build  # noqa: E402


def both(text: str, seed: int) -> tuple[Any, Any]:
    """The last output of our rules and of the PyTorch module, for random ints."""
    rng = np.random.default_rng(seed)
    graph = archcalc.load(text).graph
    draw = lambda shape: rng.integers(-9, 10, tuple(shape))  # noqa: E731
    x = draw(graph.inputs[0].output)
    tensors = {at: {t.name: draw(t.shape) for t in at.facts.tensors or ()} for at in graph.layers}
    ours = run(graph, x, {at.name: found for at, found in tensors.items() if found})
    built = build(graph, list(graph.layers)).double().eval()
    for layer, found in tensors.items():
        for name, values in found.items():
            built.module_of(layer).state_dict()[name].copy_(torch.from_numpy(values))
    outputs: dict[Any, Any] = {}
    with torch.no_grad():
        built(
            torch.from_numpy(np.moveaxis(x, -1, 0)[None].astype(float)),
            seen=lambda layer, found: outputs.update({layer: np.moveaxis(found.numpy()[0], 0, -1)}),
        )
    return ours[-1].output, outputs[graph.output]


@pytest.mark.parametrize("seed", range(30))
def test_convolutions_and_pools_are_those_of_pytorch(seed: int) -> None:
    """Defeats: a flipped kernel, rows for columns, groups that overlap, padding on the wrong side."""
    draw = random.Random(seed)
    groups = draw.choice([1, 1, 2])
    pad = draw.choice(["0", "1", "half", "same", "0x1", "1x0x2x1"])
    mode = draw.choice(["zeros", "reflect", "replicate", "circular"])
    text = (
        f"{draw.randint(5, 8)}x{draw.randint(5, 8)}x{groups * draw.randint(1, 2)} -> "
        f"conv {draw.randint(1, 3)}x{draw.randint(1, 3)} {groups * draw.randint(1, 2)} groups={groups} "
        f"stride={draw.randint(1, 2)} pad={pad} pad_mode={mode} -> relu -> maxpool 2x2 stride=1 pad=1"
    )
    ours, theirs = both(text, seed)
    assert ours.dtype == object
    assert all(type(value) is int for value in ours.ravel())
    assert ours.tolist() == theirs.tolist(), text
