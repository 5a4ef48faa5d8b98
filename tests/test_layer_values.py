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


def test_a_step_is_what_the_layer_computed() -> None:
    """A window at the rim, by hand. Defeats: padding left out of the products, a bias that is a product,
    rows for columns, a window of the wrong unit."""
    graph = archcalc.load("3x3x1 -> conv 2x2 1 pad=1x0x1x0 -> relu -> maxpool 2x2").graph
    image = np.arange(1, 10).reshape(3, 3, 1)
    conv, relu, pool = run(graph, image, {"": [[1, 2], [3, -40]]}, {"": 5})
    step = conv.steps.at((0, 1))
    assert step.text == "0·1 + 0·2 + 1·3 + 2·(−40) + 5 = −72"
    assert [term.place for term in step.terms] == [None, None, (0, 0, 0), (0, 1, 0)]
    assert (step.kind, step.constant, step.value) == ("sum", 5, -72)
    assert relu.steps.at((0, 1)).text == "max(−72, 0) = 0"
    assert pool.steps.at((0, 0, 0)).text == "max(0, 0, 0, 0) = 0"


@pytest.mark.parametrize("seed", range(10))
def test_every_step_ends_in_the_value_of_its_cell(seed: int) -> None:
    """Defeats: a step worked out by another rule than the layer's."""
    rng = np.random.default_rng(seed)
    text = f"6x5x2 -> conv 3x2 4 groups=2 stride={seed % 2 + 1} pad=same -> relu -> maxpool 2x2 pad=1"
    graph = archcalc.load(text).graph
    kernel = rng.integers(-3, 4, (4, 1, 3, 2))
    for values in run(graph, rng.integers(-9, 10, (6, 5, 2)), {"conv1": kernel}, {"conv1": [1, 2, 3, 4]}):
        for step in values.steps:
            assert step.value == values.output[step.position]
