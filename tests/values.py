"""A graph's forward pass on both sides: its PyTorch module and the numpy reference, compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from reference import Tensors, evaluate

import archcalc
from archcalc.graph import Graph, Layer
from archcalc.witness.build import build

BATCH = 2  # elements that differ: what mixes them up is found out
TOLERANCE = 1e-9


@contextmanager
def one_thread() -> Iterator[None]:
    """Several are slower for tensors as small as these."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def load(text: str, **options: Any) -> Graph:
    """The graph of a spec or a one-liner."""
    if "\n" in text:
        return archcalc.load("-", stdin=text, **options).graph
    return archcalc.load(text, **options).graph


def random_tensors(layer: Layer, rng: Any) -> Tensors:
    """Values for a layer's tensors, of a size that keeps outputs near 1; variances are positive."""
    found = {}
    for tensor in layer.facts.tensors:
        values = rng.standard_normal(tuple(tensor.shape))
        if tensor.name.endswith("weight") and len(tensor.shape) > 1:
            values /= np.sqrt(np.prod(tensor.shape[1:]))
        found[tensor.name] = abs(values) + 0.1 if tensor.name == "running_var" else values
    return found


def random_inputs(graph: Graph, rng: Any) -> list[Any]:
    """Channels last, the batch in front; word indices for what an embedding reads."""
    found = []
    for source in graph.inputs:
        sizes = (BATCH, *source.output)
        tables = [at.op for at in graph.layers if source in at.inputs and at.op.indices_below is not None]
        if tables:
            found.append(rng.integers(0, tables[0].vocabulary, sizes))  # type: ignore[attr-defined]
        else:
            found.append(2 * rng.standard_normal(sizes))
    return found


def fill(built: Any, layer: Layer, tensors: Tensors) -> None:
    """Put values into a layer's module, under the names that its op states."""
    state = built.module_of(layer).state_dict()
    for name, values in tensors.items():
        assert tuple(state[name].shape) == values.shape, (layer, name)
        state[name].copy_(torch.from_numpy(values))


def check(graph: Graph, seed: int) -> bool:
    """Compare all layers of a graph; false where the reference has no finite value to compare."""
    rng = np.random.default_rng(seed)
    layers = graph.select(with_heads=True)
    owners = {layer.owner: random_tensors(layer.owner, rng) for layer in layers}
    inputs = random_inputs(graph, rng)
    with np.errstate(all="ignore"):
        expected = [
            evaluate(graph, lambda layer: owners[layer.owner], [x[element] for x in inputs])
            for element in range(BATCH)
        ]
    if not all(np.isfinite(values).all() for each in expected for values in each.values()):
        return False
    for training in (False, True):
        built = build(graph, layers, training=training).double().eval()
        for layer, tensors in owners.items():
            if tensors:
                fill(built, layer, tensors)
        seen: set[Layer] = set()

        def compare(layer: Layer, found: Any, seen: set[Layer] = seen) -> None:
            seen.add(layer)
            ours = np.stack([each[layer] for each in expected])
            theirs = np.moveaxis(found.numpy(), 1, -1)
            assert theirs.shape == ours.shape, (layer, theirs.shape, ours.shape)
            np.testing.assert_allclose(
                theirs, ours, rtol=TOLERANCE, atol=TOLERANCE, err_msg=f"{layer.name}: {layer.text}"
            )

        with one_thread(), torch.no_grad():
            built(*[torch.from_numpy(np.moveaxis(x, -1, 1).copy()) for x in inputs], seen=compare)
        assert seen == set(layers)
    return True
