"""How a network's code may be written where a tool counted it: tools that see modules count a function
not at all, or the other way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ..code_form import FUNCTION, MODULE, SUBCLASS, CodeForm
from ..counters.modules import as_module
from ..graph import Graph, Layer
from ..ops import registry
from ..ops.attributes import Size
from .assumptions import WRITING, FigureAssumption
from .variants import classifier_of

Forms = Mapping[Layer, CodeForm]


class WrittenCode(NamedTuple):
    """A way of writing a network's code.

    assumptions  what has to be so; none for the code that `archcalc export` writes
    forms        how each layer is written; a layer without a form is not in the code
    added        layers that the code has and the network has not: they change nothing
    """

    assumptions: tuple[FigureAssumption, ...]
    forms: Forms
    added: tuple[tuple[Layer, CodeForm], ...] = ()


def writings_of(graph: Graph, seen: Forms) -> list[WrittenCode]:
    """The ways of writing the code of layers, the likeliest first: of a traced module as it was seen, else
    with a module for each layer.

    Args:
        graph: The network.
        seen: How its layers were seen in a traced module, or how `archcalc export` writes them.
    """
    traced = graph.metadata.traced is not None
    modules = _changed(seen, _as_module)
    ways = [
        (seen, "" if traced else "exported", "written as archcalc export does", 2),
        (modules, "modules" if traced else "", "activations, pools and attention as modules", 2),
        (_changed(seen, _as_function), "functions", "activations and pools as functions", 2),
    ]
    ways.sort(key=lambda way: bool(way[1]))
    found: list[WrittenCode] = []
    last = _softmax(graph)
    pool = _idle_pool(graph)
    for forms, id, words, cost in ways:
        if found and forms == found[0].forms:
            continue
        base = (FigureAssumption(WRITING, id, words, cost),) if id else ()
        found.append(WrittenCode(base, forms))
        bare = {layer: form for layer, form in forms.items() if layer is not last}
        if last is not None:
            found.append(WrittenCode((*base, _NO_SOFTMAX), bare))
        if pool is not None and id != "functions":
            added = ((pool, CodeForm(MODULE, "AdaptiveAvgPool2d", settings={"output_size": (1, 1)})),)
            found.append(WrittenCode((*base, *[_NO_SOFTMAX] * (last is not None), _IDLE_POOL), bare, added))
    subclassed = {
        layer: form._replace(form=SUBCLASS) if form.name == "LayerNorm" else form
        for layer, form in modules.items()
    }
    if subclassed != modules:
        found.append(WrittenCode((_SUBCLASS,), subclassed))
    gates = set(_gates(graph))
    if gates:
        as_convolutions = {
            layer: CodeForm(MODULE, "Conv2d", settings={"kernel_size": 1}) if layer in gates else form
            for layer, form in modules.items()
        }
        found.append(WrittenCode((_GATES,), as_convolutions))
    return found


_NO_SOFTMAX = FigureAssumption(WRITING, "no-softmax", "no softmax", 1)
_IDLE_POOL = FigureAssumption(WRITING, "idle-pool", "an adaptive pool that changes nothing", 1)
_SUBCLASS = FigureAssumption(WRITING, "norm-subclass", "layer norms as a subclass", 2)
_GATES = FigureAssumption(WRITING, "gates", "gates as 1x1 convolutions", 2)


def _changed(forms: Forms, change: Callable[[Layer, CodeForm], CodeForm]) -> Forms:
    """Other forms for activations and pools. Forms that are alike are one object, as they were."""
    known: dict[tuple[int, str, int], CodeForm] = {}
    found = {}
    for layer, form in forms.items():
        if not (layer.op.pools or layer.op.group == "activation" or layer.op.name == "attention"):
            found[layer] = form
            continue
        axes = len(layer.inputs[0].output) - 1
        key = id(form), layer.op.name, axes
        if key not in known:
            known[key] = change(layer, form)
        found[layer] = known[key]
    return found


def _as_module(layer: Layer, form: CodeForm) -> CodeForm:
    return (as_module(layer) or form) if form.form == FUNCTION else form


def _as_function(layer: Layer, form: CodeForm) -> CodeForm:
    module = _as_module(layer, form)
    if layer.op.name == "attention":
        return form
    if module.form != MODULE or not module.name:
        return form
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[a-z])(?=Pool)", "_", module.name).lower()
    return CodeForm(FUNCTION, {"re_lu": "relu", "re_lu6": "relu6"}.get(name, name), within="Module")


def _softmax(graph: Graph) -> Layer | None:
    """The softmax with which a network ends."""
    return graph.output if graph.output.op.name in ("softmax", "log_softmax") else None


def _idle_pool(graph: Graph) -> Layer | None:
    """A pool that would change nothing, where a map is made a vector for the first fully connected layer."""
    for layer in graph.main():
        source = layer.inputs[0]
        if not layer.op.flattens:
            continue
        while len(source.output) == 1 and source.inputs and source.op.inline:
            source = source.inputs[0]
        if len(source.output) == 3 and source.output.positions > 1:
            op = registry()["adaptive_avgpool"](size=Size(map(int, source.output.spatial)))
            return Layer("adaptive pool", op, (source,), op.facts((source.output,)))
        return None
    return None


def _gates(graph: Graph) -> Iterable[Layer]:
    """Fully connected layers whose outputs are factors of a map: those of squeeze-and-excite."""
    layers = graph.main()
    last = set(classifier_of(graph))
    candidates = [layer for layer in layers if layer.op.flattens and layer not in last]
    if not candidates or not any(layer.op.name == "mul" for layer in layers):
        return
    readers: dict[Layer, list[Layer]] = {}
    for layer in layers:
        for source in layer.inputs:
            readers.setdefault(source, []).append(layer)
    for layer in candidates:
        at = layer
        while len(readers.get(at, ())) == 1 and at.op.name != "mul":
            at = readers[at][0]
        if at.op.name == "mul":
            yield layer
