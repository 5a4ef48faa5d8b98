"""Receptive fields of random networks: every unit of every layer, against brute force."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from oracle import Oracle
from random_networks import networks

import archcalc
from archcalc.analysis.receptive import Fields, windows_of_unit
from archcalc.graph import Graph, Layer
from archcalc.network import Network

relaxed = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def load(text: str) -> Network:
    return archcalc.load("-", stdin=text)


def units(layer: Layer, source: Layer, axis: int) -> range:
    """All units along an axis; one where the layer is a vector."""
    return range(layer.output[axis] if len(layer.output) == len(source.output) else 1)


@given(networks())
@settings(relaxed, max_examples=1000)
def test_every_unit_of_every_layer(text: str) -> None:
    """The ends of each unit's window, and the numbers that reports print.

    Defeats any shortcut that holds only for chains, only for unit 0, only for equal strides, only
    for two axes, or only for one input.
    """
    graph = load(text).graph
    fields, oracle = Fields(graph), Oracle(graph)
    for layer in graph.layers:
        found = fields.of(layer)
        assert found is not None
        expected = oracle.extent(layer)
        assert {source: extent.to_dict() for source, extent in found.items()} == expected, layer
        sight = fields.sights[layer]
        assert sight is not None
        for source, view in sight.items():
            if view.whole:
                continue
            for axis, field in enumerate(view.fields):
                for unit in units(layer, source, axis):
                    reach = oracle.reach(layer, source, axis, unit)
                    ends = min(reach, default=None), max(reach, default=None)
                    assert (field.low(unit), field.high(unit)) == ends, layer


@given(networks())
@settings(relaxed, max_examples=300)
def test_the_window_of_one_unit_found_backwards(text: str) -> None:
    """`rf --at` walks from the unit to the input; it must arrive where the fields say.

    Defeats: a gate followed backwards, padding added instead of taken off, the ends of a window
    exchanged, a tensor read twice whose second reader is forgotten.
    """
    graph = load(text).graph
    fields = Fields(graph)
    for layer in graph.layers:
        sizes = layer.output.spatial
        for unit in {(0,) * len(sizes), tuple(n - 1 for n in sizes), tuple(n // 2 for n in sizes)}:
            assert_backwards(graph, fields, layer, unit)


def assert_backwards(graph: Graph, fields: Fields, layer: Layer, unit: tuple[int, ...]) -> None:
    """The window found backwards equals the fields at the inputs, and is None where they are."""
    found = windows_of_unit(graph, layer, unit)
    sight = fields.sights[layer]
    assert found is not None
    assert sight is not None
    assert {at for at in found if at in graph.inputs} == set(sight)
    for source, view in sight.items():
        local = zip(view.fields, unit, strict=False)  # a vector that sees all has no unit numbers
        both = [(field.low(i), field.high(i)) for field, i in local]
        ends = tuple(None if None in pair else pair for pair in both)
        whole = tuple((0, n - 1) for n in source.output.spatial)
        assert found[source] == (whole if view.whole else ends), (layer, unit)


def sampled(layers: list[Layer]) -> list[Layer]:
    """Some layers from all depths."""
    return layers[:: max(1, len(layers) // 8)]


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "nasnet_mobile"])
def test_units_of_the_zoo(name: str) -> None:
    """Forward, backward and brute force, on some units of networks as they are.

    Defeats: what only shows at depth, or behind hundreds of merges.
    """
    graph = archcalc.load(name).graph
    fields, oracle = Fields(graph), Oracle(graph)
    (source,) = graph.inputs
    for layer in sampled([at for at in graph.layers if not oracle.whole(at)[source]]):
        field: Any
        sight = fields.sights[layer]
        assert sight is not None
        height, width = layer.output.spatial
        for unit in (0, height // 3 + 1):
            assert_backwards(graph, fields, layer, (unit, min(unit, width - 1)))
            field = sight[source].fields[0]
            reach = oracle.reach(layer, source, 0, unit)
            assert (field.low(unit), field.high(unit)) == (min(reach), max(reach)), layer
