"""From recorded operations to layers: what archcalc knows of each, and the roles of the axes.

Every tensor carries over which layer it lies, and how (``placements``). What only permutes, views or splits
values makes no layer; what computes becomes one of archcalc's ops (``windows``, ``norms``, ``pointwise``,
``dense``, ``reductions``, ``moves`` …). What has no rule, or whose tensors do not come out as PyTorch has
them, becomes an ``opaque`` layer with the figures that are known (``unknown``).
"""

from __future__ import annotations

from collections import Counter

from ....diagnostics import fail
from ....graph import Graph, Layer, Metadata, Traced
from ..free_names import FreeNames
from ..grouping import grouped, labels_of
from ..patterns import simplified
from ..reaching import help_of
from ..recording import Recording, Value
from . import (
    attention,
    combining,
    dense,
    folding,
    joining,
    moves,
    norms,
    pointwise,
    recurrent,
    reductions,
    resizing,
    rims,
    sampling,
    similarity,
    windows,
)
from .given import UnliftedError
from .lifter import LiftedLayer, Lifter
from .module_runs import module_run
from .placements import Placement
from .running import run
from .tensor_parts import TensorPart

__all__ = [
    "attention",
    "combining",
    "dense",
    "folding",
    "joining",
    "lift",
    "moves",
    "norms",
    "pointwise",
    "recurrent",
    "reductions",
    "resizing",
    "rims",
    "sampling",
    "similarity",
    "windows",
]


def lift(recording: Recording, name: str = "") -> Graph:
    """Make the graph of what a module did.

    Args:
        recording: What it did.
        name: What the network is called; the target by default.

    Returns:
        The graph, with the module tree as its groups.

    Raises:
        SpecError: Where no output is a tensor that depends on an input.
    """
    return graph_of(lifted(recording), name)


def lifted(recording: Recording) -> Lifter:
    """Make the layers of what a module did, with what it wrote out taken for what it is."""
    lifter = Lifter(simplified(recording))
    for operation in lifter.recording.operations:
        run(lifter, operation)
    return lifter


def graph_of(lifter: Lifter, name: str = "") -> Graph:
    """Make the graph of the layers that were made. Raises SpecError where no output depends on an input."""
    recording = lifter.recording
    ends: list[tuple[str, Layer]] = []
    for label, value in recording.outputs:
        if not lifter.knows(value):
            continue
        view = lifter.placements[value.index]
        ends.append((label, _end(lifter, value, view)))
    if not ends:
        raise fail(
            "module", f"no output of {recording.target} depends on its input", *help_of(recording.calls)
        )
    layers = named(lifter, [layer for _, layer in ends])
    output = ends[0][1]
    heads: dict[str, Layer] = {}
    for label, layer in ends[1:]:
        if layer is not output and layer not in heads.values():
            heads[label if label not in heads else f"{label}_{len(heads)}"] = layer
    metadata = Metadata(name or recording.target)
    metadata.traced = Traced(
        recording.target,
        recording.rung,
        recording.why,
        recording.training,
        tuple([(value.name, value.sizes) for value in _unused(lifter)]),
        tuple(recording.notes),
        lifter.mixed,
        recording.until,
    )
    if not recording.until and not recording.stopped:
        metadata.traced.run = module_run(recording, lifter.made)
    calls = [(made.layer, made.operation.call) for made in lifter.made]
    tree, labels = grouped(calls, recording), labels_of(calls)
    graph = Graph(metadata, tuple(lifter.inputs), tuple(layers), output, heads, tree, labels)
    for layer in graph.layers:
        if layer.shared:
            layer.text += f" like={layer.owner.name}"
    return graph


def _end(lifter: Lifter, value: Value, view: Placement) -> Layer:
    """The layer that an output lies over. Copies are values of the output, so a layer makes them."""
    if view.complete:
        return lifter.forced(view.source)
    mark, now = lifter.mark(), lifter.operation
    lifter.operation = value.operation or now
    try:
        return lifter.natural(view)[0]
    except UnliftedError:
        lifter.back(mark)
        return lifter.forced(view.source)
    finally:
        lifter.operation = now


def _unused(lifter: Lifter) -> list[Value]:
    """The parameters that no layer has: those that no output needs, and those of outputs that depend on no
    input."""
    if lifter.recording.until:
        return list(lifter.recording.unused)  # what comes behind the cut is not unused
    leaves = [leaf for made in lifter.made for leaf in made.leaves]
    held = {leaf.whole.index if isinstance(leaf, TensorPart) else leaf.index for leaf in leaves}
    registered = lifter.recording.parameters()
    known = {value.index for value in lifter.recording.unused}
    unused = [value for value in registered if value.index in known or value.index not in held]
    return unused + lifter.parts.rests(leaves)


def named(lifter: Lifter, ends: list[Layer]) -> list[Layer]:
    """The layers that the outputs need, with their names: the module's where it made one layer, else the
    module's and the op's."""
    needed = Graph.ancestors(*ends)
    kept = [made for made in lifter.made if made.layer in needed]
    lifter.made = kept
    by_place: dict[tuple[str, int], list[LiftedLayer]] = {}
    for made in kept:
        assert made.layer.origin is not None
        by_place.setdefault((made.layer.origin.module, made.operation.call.number), []).append(made)
    parents = {
        call.parent.path
        for call in lifter.recording.calls
        # What computes a weight anew at each use makes no layer of its own.
        if call.parent is not None and "parametrizations" not in call.path.split(".")
    }
    # The names of modules that layers stand below are those of all these layers together.
    whole = {path[:at] for path, _ in by_place for at in range(len(path)) if path[at] == "."}
    names = FreeNames([layer.name for layer in lifter.inputs])
    for (path, number), group in by_place.items():
        single = [made for made in group if made.layer.facts.tensors] if len(group) > 1 else group
        single = single if path not in parents or len(group) > 1 else []
        stem = f"{path}#{number}" if number > 1 and path else path
        alike = Counter([made.layer.op.name for made in group])
        before: Counter[str] = Counter()
        for made in group:
            op = made.layer.op.name
            before[op] += 1
            if (
                path
                and len(single) == 1
                and made is single[0]
                and path not in whole
                and (path not in parents or made.layer.facts.tensors)
            ):
                name = stem
            else:
                place = str(before[op]) if alike[op] > 1 or not path else ""
                name = f"{stem}.{op}{place}" if stem else f"{op}{place}"
            made.layer.name = names.take(name)
    return [made.layer for made in kept]
