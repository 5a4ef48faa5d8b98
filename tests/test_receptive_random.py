"""Receptive fields of random networks: every unit of every layer, against brute force."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from oracle import WHOLE, Oracle, ends
from random_networks import network_of, networks

import archcalc
from archcalc.analysis.receptive import Fields, windows_of_unit
from archcalc.graph import Graph, Layer
from archcalc.language.library import Library
from archcalc.network import Network
from archcalc.ops import registry

# Graphs of LAYERS layers in the test run, by seed; the first SEEN are looked at for what occurs.
GRAPHS, LAYERS, SEEN = 300, 200, 90
# Ops whose units may read further back than the one before.
IRREGULAR = {"tconv", "col2im", "flip", "repeat", "rearrange", "gather"}
relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def load(text: str) -> Network:
    return archcalc.load("-", stdin=text)


def behind(layer: Layer, of: Callable[[Layer], bool], known: dict[Layer, bool]) -> bool:
    """Whether a layer of some kind stands before a layer, or is it."""
    found = known.get(layer)
    if found is None:
        found = of(layer) or any(behind(at, of, known) for at in layer.inputs)
        known[layer] = found
    return found


def leaves_holes(layer: Layer) -> bool:
    """Whether the ends of what units read do not tell all."""
    op: Any = layer.op
    return op.name in IRREGULAR or (op.name == "sdpa" and op.grid is not None)


class Comparison:
    """Fields beside brute force, layer by layer."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.fields, self.oracle = Fields(graph), Oracle(graph)
        self._recurrent: dict[Layer, bool] = {}
        self._transposed: dict[Layer, bool] = {}

    def unknown(self, layer: Layer) -> bool:
        """Whether nothing is said of a layer, which may be where windows that grow come together with the
        holes that a transposed convolution leaves, or a grid."""
        if self.fields.seen_by[layer] is not None:
            return False
        assert behind(layer, Oracle.grows, self._recurrent), layer
        assert behind(layer, leaves_holes, self._transposed), layer
        return True

    def forward(self, layer: Layer) -> None:
        """The numbers that reports print, and the ends of each unit's window."""
        found, seen = self.fields.of(layer), self.fields.seen_by[layer]
        assert found is not None
        assert seen is not None
        expected = self.oracle.extent(layer)
        assert {source: extent.to_dict() for source, extent in found.items()} == expected, layer
        for source, tensor_field in seen.items():
            if tensor_field.whole:
                continue
            for axis, field in enumerate(tensor_field.fields):
                # A vector has one unit, that of its place.
                count = layer.output[axis] if len(layer.output) == len(source.output) else 1
                for unit in range(count):
                    reach = ends(self.oracle.reach(layer, source, axis, unit))
                    assert (field.low(unit), field.high(unit)) == reach, (layer, unit)

    def backward(self, layer: Layer, unit: tuple[int, ...]) -> None:
        """The window found backwards equals the fields at the inputs, and is None where they
        are."""
        found, seen = windows_of_unit(self.graph, layer, unit), self.fields.seen_by[layer]
        assert found is not None
        assert seen is not None
        assert {at for at in found if at in self.graph.inputs} == set(seen)
        for source, tensor_field in seen.items():
            # What sees all has no unit numbers.
            along = [tensor_field.along(axis) for axis in range(len(tensor_field.fields))]
            local = [0 if at is None or at >= len(unit) else unit[at] for at in along]
            both = [
                (field.low(i), field.high(i)) for field, i in zip(tensor_field.fields, local, strict=True)
            ]
            pairs = tuple(None if None in pair else pair for pair in both)
            whole = tuple((0, n - 1) for n in source.output.spatial)
            assert found[source] == (whole if tensor_field.whole else pairs), (layer, unit)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(GRAPHS))
def test_graphs_of_200_layers(seed: int) -> None:
    """Every unit of every layer of random graphs of all ops; some units backwards too.

    The seed makes the graph: ``print(network_of(seed, 200))``. Defeats any shortcut that holds only
    for chains, only for unit 0, only for equal strides, only for two axes, or only for one input,
    and what only shows behind a hundred layers.
    """
    graph = load(network_of(seed, LAYERS)).graph
    assert len(graph.layers) >= LAYERS
    compare = Comparison(graph)
    for number, layer in enumerate(graph.layers):
        if compare.unknown(layer):
            continue
        compare.forward(layer)
        if number % 50 == seed % 50:
            compare.backward(layer, tuple(n // 2 for n in layer.output.spatial))


@pytest.mark.slow
@given(networks())
@settings(relaxed, max_examples=300)
def test_every_unit_of_small_graphs(text: str) -> None:
    """The same of small graphs, which shrink to the smallest that fails."""
    compare = Comparison(load(text).graph)
    for layer in compare.graph.layers:
        if not compare.unknown(layer):
            compare.forward(layer)


@pytest.mark.slow
@given(networks())
@settings(relaxed, max_examples=200)
def test_the_window_of_one_unit_found_backwards(text: str) -> None:
    """`rf --at` walks from the unit to the input; it must arrive where the fields say.

    Defeats: a gate followed backwards, padding added instead of taken off, the ends of a window
    exchanged, a tensor read twice whose second reader is forgotten.
    """
    compare = Comparison(load(text).graph)
    for layer in compare.graph.layers:
        if compare.unknown(layer):
            continue
        sizes = layer.output.spatial
        for unit in {(0,) * len(sizes), tuple(n - 1 for n in sizes), tuple(n // 2 for n in sizes)}:
            compare.backward(layer, unit)


# What the graphs are made of ----------------------------------------------------------------------


@cache
def sample() -> tuple[list[str], list[Graph]]:
    """The first graphs, and their text."""
    texts = [network_of(seed, LAYERS) for seed in range(SEEN)]
    return texts, [load(text).graph for text in texts]


@pytest.mark.slow
def test_every_op_occurs() -> None:
    """As many times as it takes to meet others; those with a window where it is seen that they
    have one.

    Defeats a new op of which no random graph knows.
    """
    texts, graphs = sample()
    found: Counter[str] = Counter()
    local: Counter[str] = Counter()
    for graph in graphs:
        fields = Fields(graph)
        for layer in graph.layers:
            found[layer.op.name] += 1
            seen = fields.seen_by[layer]
            local[layer.op.name] += seen is not None and not all(v.whole for v in seen.values())
    for name, op in registry().items():
        if op.transparent:  # it leaves no layer
            assert sum(f"-> {name}" in text for text in texts) >= 5, name
            continue
        if name == "max_unpool":  # its windows are those of tconv: see test_max_unpool
            continue
        if name == "parameter":  # it reads nothing: see test_what_depends_on_nothing
            continue
        assert found[name] >= 5, name
        windows = (layer.facts.windows for g in graphs for layer in g.layers if layer.op.name == name)
        if name in WHOLE:  # its units see everything there is
            continue
        assert local[name] >= 5 or all(isinstance(window, str) for window in windows), name


@pytest.mark.slow
def test_every_block_occurs() -> None:
    texts, _ = sample()
    for name in Library().blocks:
        assert sum(len(re.findall(rf"-> {name}\b", text)) for text in texts) >= 3, name


@pytest.mark.parametrize(
    "form",
    [
        r"conv .*stride=[23].* pad=same",
        r"pool .*stride=[23].* pad=same",
        r"pad=half",
        r"maxpool .*dilation=[23]",
        r"conv .*dilation=\S*[23].* pad=same",
        r"round=ceil",
        r"pad=\d+x\d+x\d+x\d+",
        r"pad=\dx\d ",
        r"pad=\d+x\d+x\d+x\d+x\d+x\d+",
        r"groups=2",
        r'connect="',
        r"multiplier=2",
        r"lrn \d across=positions",
        r"mode=bilinear",
        r"mode=nearest",
        r"pixel_shuffle [23]",
        r"tconv .*pad=same",
        r"tconv .*pad=half",
        r"tconv \S*1\S* .*stride=\S*[34]",
        r"tconv .*dilation=\S*[23]",
        r"crop @n",
        r"crop \d.*offset",
        r"zeropad",
        r"returns=last",
        r"biases=two",
        r"shortcut kind=A",
        r"shortcut kind=B",
        r"shortcut kind=C norm=no",
        r"mul @n\d+ @n\d+\n",
        r"input y",
        r"input words",
        r"roi_align",
        r"reshape",
    ],
)
def test_every_form_occurs(form: str) -> None:
    """Defeats a generator that has lost a corner on the way."""
    texts, _ = sample()
    assert sum(len(re.findall(form, text)) for text in texts) >= 5


def test_what_is_seen_differs() -> None:
    """Most layers see less than all; there are paths that meet with other strides and centres,
    gates, windows of no stride and of a broken one, units that see nothing, and paths of a hundred
    layers."""
    _, graphs = sample()
    seen: Counter[str] = Counter()
    deepest = 0
    for graph in graphs:
        fields = Fields(graph)
        depth: dict[Layer, int] = {}
        for layer in graph.layers:
            depth[layer] = 1 + max(depth.get(at, 0) for at in layer.inputs)
            found = fields.of(layer)
            for extent in (found or {}).values():
                seen["layers"] += 1
                seen["local"] += not extent.whole
                seen["misaligned"] += not extent.aligned
                seen["gated"] += extent.gated and not extent.whole
                seen["nothing"] += None in extent.start
                seen["no stride"] += None in extent.stride and not extent.whole
                seen["broken"] += any(s is not None and s % 1 for s in extent.stride)
                seen["wide"] += any(size > 100 for size in extent.size)
        deepest = max(deepest, *depth.values())
    assert seen["local"] > 0.6 * seen["layers"]
    for kind in ("misaligned", "gated", "nothing", "no stride", "broken", "wide"):
        assert seen[kind] >= 50, kind
    assert deepest >= 40


# The zoo ------------------------------------------------------------------------------------------


def sampled(layers: list[Layer]) -> list[Layer]:
    """Some layers from all depths."""
    return layers[:: max(1, len(layers) // 8)]


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "nasnet_mobile"])
def test_units_of_the_zoo(name: str) -> None:
    """Forward, backward and brute force, on some units of networks as they are.

    Defeats: what only shows at depth, or behind hundreds of merges.
    """
    graph = archcalc.load(name).graph
    compare = Comparison(graph)
    (source,) = graph.inputs
    for layer in sampled([at for at in graph.layers if not compare.oracle.whole(at)[source]]):
        field: Any
        seen = compare.fields.seen_by[layer]
        assert seen is not None
        height, width = layer.output.spatial
        for unit in (0, height // 3 + 1):
            compare.backward(layer, (unit, min(unit, width - 1)))
            field = seen[source].fields[0]
            reach = ends(compare.oracle.reach(layer, source, 0, unit))
            assert (field.low(unit), field.high(unit)) == reach, layer


def test_what_depends_on_nothing() -> None:
    """Defeats: a free parameter that is taken to see what stands in front of it, or that makes a
    sum with a map see everything."""
    text = "net n\n  input 16x16x3\n  a: conv 3x3 4\n  p: @a -> parameter 14x14x4\n  add @a @p\n"
    fields = Fields(load(text).graph)
    sizes = {
        layer.name: [extent.to_dict()["size"] for extent in (fields.of(layer) or {}).values()]
        for layer in fields.seen_by
    }
    assert sizes["p"] == [[0, 0]]
    assert sizes["add1"] == sizes["a"] == [[3, 3]]
