"""The rule for values of every op, on random layers of every kind, against PyTorch in double precision and
the numpy reference of reference.py.

The layers are those that test_values.py draws, which names the wrong algorithms that they defeat. Here the
inputs are ints: where our result is exact, it is the number that both witnesses come near to.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from reference import evaluate
from test_values import FAMILIES, Draw

from archcalc.arrays.recorded import plain
from archcalc.diagnostics import SpecError
from archcalc.ops import registry
from archcalc.ops.base import Op
from archcalc.values import run

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
from values import fill, load, one_thread, random_inputs  # noqa: E402

from archcalc.witness.build import build  # noqa: E402

# Layers of sums and products, choices and moves: of ints and fractions they put out such.
RATIONAL = (
    "conv dwconv local tconv maxpool avgpool subsample gap gmp adaptive_avgpool adaptive_maxpool relu relu6 "
    "leaky_relu prelu hardswish hardsigmoid softsign softshrink hardshrink threshold rrelu dropout times "
    "identity flatten bias scale maxout channel_shuffle fc rbf linear take slice select flip repeat gather "
    "reflectpad replicatepad circularpad im2col col2im roll rearrange upsample pixel_shuffle pixel_unshuffle "
    "resize zeropad crop reshape add mul concat stack embedding embedding_bag matmul einsum parameter "
    "class_token positions cumsum sort argsort topk"
).split()


def witnessed(name: str, word: str, seed: int = 0) -> tuple[Any, Any, Any]:
    """The last output by our rules, by PyTorch and by the reference, from random ints."""
    draw, rng = Draw(f"{word} {name} {seed}"), np.random.default_rng(seed)
    while True:
        try:
            graph = load(FAMILIES[name][1](draw, name))
            built = build(graph, graph.select(with_heads=True)).double().eval()
            break
        except SpecError:  # a window larger than its input
            continue
    layers = graph.select(with_heads=True)
    tensors = {}
    for layer in layers:
        found = {t.name: rng.integers(-4, 5, tuple(t.shape)) for t in layer.facts.tensors or ()}
        for name in found:
            if name == "running_var":
                found[name] = abs(found[name]) + 1
        tensors[layer] = found
    indices = {at.inputs[-1] for at in layers if at.op.indices_below is not None}
    inputs = [np.round(x[0]).astype(int) for x in random_inputs(graph, rng)]
    if graph.output.op.name in ("argsort", "sort", "topk", "gather"):  # no two alike, as orders differ then
        inputs = [rng.permutation(x.size).reshape(x.shape) - x.size // 2 for x in inputs]
    ours = run(
        graph,
        {source.name: x for source, x in zip(graph.inputs, inputs, strict=True)},
        {layer.name: found for layer, found in tensors.items() if found},
    )
    floats = {layer: {n: v.astype(float) for n, v in found.items()} for layer, found in tensors.items()}
    with np.errstate(all="ignore"):
        expected = evaluate(graph, lambda layer: floats[layer], [x.astype(float) for x in inputs])
    for layer, found in floats.items():
        if found:
            fill(built, layer, found)
    outputs: dict[Any, Any] = {}
    with one_thread(), torch.no_grad():
        built(
            *[
                torch.from_numpy(
                    np.moveaxis(x, -1, 0)[None].astype(int if source in indices else float).copy()
                )
                for source, x in zip(graph.inputs, inputs, strict=True)
            ],
            seen=lambda layer, found: outputs.update({layer: np.moveaxis(found.numpy()[0], 0, -1)}),
        )
    return ours[-1], outputs[graph.output], expected[graph.output]


def seeds() -> list[tuple[str, int]]:
    return [(name, seed) for name in FAMILIES for seed in range(6)]


@pytest.mark.parametrize(("name", "seed"), seeds())
def test_values_are_those_of_both_witnesses(name: str, seed: int) -> None:
    ours, by_torch, by_reference = witnessed(name, "values", seed)
    floats = ours.output.astype(float)
    assert ours.output.shape == tuple(ours.layer.output)
    for theirs in (by_torch, by_reference):
        if np.isfinite(theirs).all():
            np.testing.assert_allclose(floats, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", sorted(set(RATIONAL)))
def test_ints_stay_exact(name: str) -> None:
    """Defeats: a float on the way of sums, products and choices."""
    ours, by_torch, _ = witnessed(name, "exact")
    finite = np.isfinite(by_torch)
    assert finite.any()
    assert all(not isinstance(value, float) for value in ours.output[finite].tolist()), ours
    if all(type(value) is int for value in ours.output.ravel().tolist()):
        assert ours.output.tolist() == by_torch.tolist()


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_steps_end_in_the_values(name: str) -> None:
    """Defeats: a cell that is worked out from another window than the layer's, or by another rule."""
    ours, _, _ = witnessed(name, "steps")
    for number, step in enumerate(ours.steps):
        if number < 40:
            value = ours.output[step.position]
            assert step.value == value or value != value
            assert plain(step.record) == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), step


def test_ops_without_a_rule_are_named() -> None:
    """Defeats: an op without a rule that nobody knows of."""
    silent = {name for name, op in registry().items() if op.evaluate is Op.evaluate and op.spellable}
    assert silent == {"opaque", "shortcut", "nms"}
